//! `Inotify::Internal::Sys`: the calls with checked arguments.

use std::ffi::CString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use inotify_core::{Mask, inotify};
use magnus::{Error, Module, Object, RModule, Ruby, function};

use crate::{errors, ruby};

/// `PathBuf` converts as `File.open` does: `to_path`, then `to_str`; `TypeError` or, for a NUL, `ArgumentError`.
fn add_watch(ruby: &Ruby, fd: i32, path: PathBuf, mask: u32) -> Result<i32, Error> {
    let path = CString::new(path.into_os_string().into_vec())
        .map_err(|_| Error::new(ruby.exception_arg_error(), "path contains a NUL byte"))?;
    let mask = Mask::from_bits_retain(mask);
    ruby::stat_first(&path, !mask.contains(Mask::DONT_FOLLOW))?;
    inotify::add_watch(fd, &path, mask).map_err(|error| errors::raise(ruby, &error))
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

pub(crate) fn init(internal: RModule) -> Result<(), Error> {
    let sys = internal.define_module("Sys")?;
    sys.define_singleton_method("add_watch", function!(add_watch, 3))?;
    sys.define_singleton_method("rm_watch", function!(rm_watch, 2))?;
    sys.define_singleton_method("check", function!(check, 1))?;
    sys.define_singleton_method("nonblocking?", function!(nonblocking, 1))
}
