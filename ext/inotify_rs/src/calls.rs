//! `Inotify.init`: the one of the calls that is not written in Ruby.
//!
//! Where a call ends, interrupts are let in, and its result is lost: here, a descriptor that nobody could close.

use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd};

use inotify_core::{InitFlags, inotify};
use magnus::scan_args::scan_args;
use magnus::value::ReprValue;
use magnus::{Error, Module, Object, RClass, RHash, RModule, Ruby, Value, method};

use crate::errors;

fn init1(ruby: &Ruby, _rb_self: RModule, arguments: &[Value]) -> Result<i32, Error> {
    let arguments = scan_args::<(), (Option<i32>,), (), (), (), ()>(arguments)?;
    let flags = InitFlags::from_bits_retain(arguments.optional.0.unwrap_or_default());
    let ractor: Value = ruby.class_object().const_get::<_, RClass>("Ractor")?.funcall("current", ())?;
    let readers: Option<RHash> = ractor.funcall("[]", (ruby.to_symbol("inotify_rs_readers"),))?;
    let opened = match open(ruby, flags)? {
        // What was dropped without being closed is closed now, as Ruby's own files are.
        Err(error) if error.errno() == libc::EMFILE => {
            ruby.gc_start();
            open(ruby, flags)?
        }
        opened => opened,
    };
    let fd = opened.map_err(|error| errors::raise(ruby, &error))?;
    // What was read of an earlier descriptor of this number is dropped.
    if let Some(readers) = readers {
        readers.delete::<_, Value>(fd.as_raw_fd())?;
    }
    Ok(fd.into_raw_fd())
}

/// Lets interrupts in before: other threads can send none until the program has the descriptor.
fn open(ruby: &Ruby, flags: InitFlags) -> Result<Result<OwnedFd, inotify_core::Error>, Error> {
    ruby.thread_check_ints()?;
    Ok(inotify::init(flags))
}

pub(crate) fn init(inotify: RModule) -> Result<(), Error> {
    inotify.define_singleton_method("init", method!(init1, -1))
}
