//! The Ruby extension: converts arguments, makes objects, yields. What inotify does is in `inotify_core`, what waits
//! and decides is in `lib/`.
#![allow(missing_docs, reason = "nothing here is public but the init function that magnus writes")]

mod branches;
mod buffer;
mod calls;
mod change;
mod descriptor;
mod errors;
mod event;
mod instance;
mod moment;
mod mounts;
mod ruby;
mod sys;
mod uses;
mod watch;
mod watch_table;
mod watcher;

use magnus::{Error, Ruby};

#[magnus::init]
fn init(ruby: &Ruby) -> Result<(), Error> {
    ruby::declare_ractor_safe();
    let inotify = ruby.define_module("Inotify")?;
    sys::init(ruby, inotify)?;
    calls::init(inotify)?;
    event::init(ruby, inotify)?;
    watch::init(ruby, inotify)?;
    watch_table::init(ruby, inotify)?;
    instance::init(ruby, inotify)?;
    buffer::init(ruby, inotify)?;
    branches::init(ruby, inotify)?;
    mounts::init(ruby, inotify)?;
    moment::init(ruby, inotify)?;
    change::init(ruby, inotify)?;
    watcher::init(ruby, inotify)?;
    uses::init(ruby, inotify)
}
