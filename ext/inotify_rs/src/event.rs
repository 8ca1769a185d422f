//! `Inotify::Event`: its fields. What can be said in Ruby about them is in `lib/inotify_rs/event.rb`.

use magnus::{Class, Error, Module, RModule, Ruby};

use crate::ruby;

pub(crate) fn init(ruby: &Ruby, inotify: RModule) -> Result<(), Error> {
    let event = inotify.define_class("Event", ruby.class_object())?;
    event.undef_default_alloc_func();
    ruby::define_event_methods(event);
    Ok(())
}
