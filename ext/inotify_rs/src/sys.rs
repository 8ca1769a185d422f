//! `Inotify::Sys`: the calls with checked arguments, for `lib/` alone.

use std::ffi::CString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use inotify_core::{Mask, fdinfo, inotify};
use magnus::value::ReprValue;
use magnus::{Error, Module, Object, RModule, Ruby, Value, function};

use crate::{errors, ruby};

/// `PathBuf` converts as `File.open` does: `to_path`, then `to_str`; `TypeError` or, for a NUL, `ArgumentError`.
fn add_watch(ruby: &Ruby, fd: i32, path: PathBuf, mask: u32) -> Result<i32, Error> {
    let path = CString::new(path.into_os_string().into_vec())
        .map_err(|_| Error::new(ruby.exception_arg_error(), "path contains a NUL byte"))?;
    inotify::add_watch(fd, &path, Mask::from_bits_retain(mask)).map_err(|error| errors::raise(ruby, &error))
}

fn rm_watch(ruby: &Ruby, fd: i32, wd: i32) -> Result<i32, Error> {
    inotify::rm_watch(fd, wd).map_err(|error| errors::raise(ruby, &error))?;
    Ok(0)
}

fn check(ruby: &Ruby, fd: i32) -> Result<i32, Error> {
    inotify::check(fd).map_err(|error| errors::raise(ruby, &error))?;
    Ok(fd)
}

fn nonblocking(ruby: &Ruby, fd: i32) -> Result<bool, Error> {
    inotify::is_nonblocking(fd).map_err(|error| errors::raise(ruby, &error))
}

fn readable(ruby: &Ruby, fd: i32) -> Result<bool, Error> {
    inotify::is_readable(fd).map_err(|error| errors::raise(ruby, &error))
}

fn watched(fd: i32) -> bool {
    fdinfo::any(fd)
}

/// Waits until `io` is readable or `timeout` seconds (nil: no limit) have passed. Other threads run, or other fibers
/// where a scheduler is set; signals, `Thread#kill` and `Thread#raise` end it.
fn wait_readable(io: Value, timeout: Value) -> Result<(), Error> {
    ruby::wait_readable(io, timeout)
}

pub(crate) fn init(ruby: &Ruby, inotify: RModule) -> Result<(), Error> {
    let sys = inotify.define_module("Sys")?;
    inotify.funcall::<_, _, Value>("private_constant", (ruby.to_symbol("Sys"),))?;
    sys.define_singleton_method("add_watch", function!(add_watch, 3))?;
    sys.define_singleton_method("rm_watch", function!(rm_watch, 2))?;
    sys.define_singleton_method("check", function!(check, 1))?;
    sys.define_singleton_method("nonblocking?", function!(nonblocking, 1))?;
    sys.define_singleton_method("readable?", function!(readable, 1))?;
    sys.define_singleton_method("watched?", function!(watched, 1))?;
    sys.define_singleton_method("wait_readable", function!(wait_readable, 2))
}
