//! The border where errors of the core become Ruby exceptions. The classes are written in `lib/inotify_rs/errors.rb`.

use std::os::fd::RawFd;

use inotify_core::ErrorKind;
use magnus::value::ReprValue;
use magnus::{Class, Error, Exception, ExceptionClass, Module, RModule, Ruby, TryConvert, Value};

/// The exception for `error`: a class of ours for a reached limit, else the `Errno` class of its errno.
pub(crate) fn raise(ruby: &Ruby, error: &inotify_core::Error) -> Error {
    exception(ruby, error).map_or_else(|failure| failure, Error::from)
}

/// The same, not to be raised.
pub(crate) fn exception(ruby: &Ruby, error: &inotify_core::Error) -> Result<Exception, Error> {
    // Bytes that are no character stay readable: Ruby shows such a message as it is.
    let message = error.to_string();
    let class = match error.kind() {
        ErrorKind::InstanceLimit => ours(ruby, "InstanceLimitReached")?,
        ErrorKind::WatchLimit => ours(ruby, "WatchLimitReached")?,
        ErrorKind::Checkpoint => ours(ruby, "CheckpointError")?,
        ErrorKind::RemoteFileSystem => ours(ruby, "RemoteFileSystem")?,
        ErrorKind::MountsUnseen => ours(ruby, "MountsUnseen")?,
        _ => return ruby.exception_system_call_error().new_instance((message, error.errno())),
    };
    class.new_instance((message,))
}

/// The exception of an errno alone.
pub(crate) fn errno(ruby: &Ruby, errno: i32) -> Result<Exception, Error> {
    ruby.exception_system_call_error().new_instance((ruby.qnil(), errno))
}

/// The kernel's queue was full, for users of rb-inotify's interface.
pub(crate) fn overflow(ruby: &Ruby) -> Result<Exception, Error> {
    let inotify: RModule = ruby.class_object().const_get("INotify")?;
    inotify.const_get::<_, ExceptionClass>("QueueOverflowError")?.new_instance(())
}

fn ours(ruby: &Ruby, name: &str) -> Result<ExceptionClass, Error> {
    let inotify: RModule = ruby.class_object().const_get("Inotify")?;
    ExceptionClass::try_convert(inotify.const_get::<_, magnus::Value>(name)?.as_value())
}

/// A failed call that is not one of inotify's.
pub(crate) fn io(ruby: &Ruby, what: &str, error: &std::io::Error) -> Error {
    let class = ruby.exception_system_call_error();
    let made = class.new_instance((what, error.raw_os_error().unwrap_or(0)));
    made.map_or_else(|failure: Error| failure, Error::from)
}

/// Bytes that no kernel sends.
pub(crate) fn malformed(ruby: &Ruby, error: inotify_core::Malformed) -> Error {
    Error::new(ruby.exception_io_error(), error.to_string())
}

/// An instance or watcher that belongs to the process it was copied from by fork(2).
pub(crate) fn foreign(ruby: &Ruby, what: &str, pid: u32) -> Error {
    let message = format!("this {what} belongs to process {pid}; open a new one after fork");
    Error::new(ruby.exception_io_error(), message)
}

/// An instance or watcher that was closed.
pub(crate) fn closed(ruby: &Ruby, what: &str) -> Error {
    Error::new(ruby.exception_io_error(), format!("closed {what}"))
}

/// A descriptor of the program that was closed while it was waited for.
pub(crate) fn closed_number(ruby: &Ruby, fd: RawFd) -> Error {
    let error = std::io::Error::from_raw_os_error(libc::EBADF);
    io(ruby, &format!("fd {fd} was closed during the wait"), &error)
}

/// Whether an error says that no watch is free.
pub(crate) fn is_watch_limit(ruby: &Ruby, error: &Error) -> bool {
    ours(ruby, "WatchLimitReached").is_ok_and(|class| error.is_kind_of(class))
}

/// Whether an error says that an IO is closed.
pub(crate) fn is_closed(ruby: &Ruby, error: &Error) -> bool {
    let errno = |error: Value| error.funcall::<_, _, i32>("errno", ()).is_ok_and(|errno| errno == libc::EBADF);
    error.is_kind_of(ruby.exception_io_error())
        || (error.is_kind_of(ruby.exception_system_call_error()) && error.value().is_some_and(errno))
}
