//! The errors of an engine.

use std::ffi::CString;
use std::io;
use std::time::Duration;

use crate::error::{Error, ErrorKind, Operation};
use crate::invariant::must;
use crate::{inotify, mountinfo};

/// An error of an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WatchError {
    /// The directory cannot be watched or read, for this errno; how many watches it needs with all below it, if that
    /// was counted.
    Denied(Vec<u8>, i32, Option<u64>),
    /// The root at this path is gone.
    Vanished(Vec<u8>),
    /// A file system of this type is mounted at this path: inotify does not report what other hosts change there. It is
    /// polled at this interval, if there is one.
    Remote(Vec<u8>, Vec<u8>, Option<Duration>),
    /// There are no more watches for this directory: how many it needs with all below it. It is polled at this interval.
    Polled(Vec<u8>, u64, Duration),
    /// The mounts cannot be read, for this errno.
    MountsUnreadable(i32),
}

/// The remark about a directory that cannot be watched.
const DENIED: &str = "changes in it are not reported until it can be watched, which is retried about once a second";

/// The remark about a root that is gone.
const VANISHED: &str = "it is watched again as soon as it exists";

impl WatchError {
    /// The error of a path that cannot be watched.
    #[must_use]
    pub fn failed(errno: i32, path: &[u8]) -> Error {
        let error = inotify::watch_failed(&io::Error::from_raw_os_error(errno));
        error.at(&must(CString::new(path).ok(), "a path has no NUL byte").unwrap_or_default())
    }

    /// The error that says it.
    #[must_use]
    pub fn error(&self) -> Error {
        match self {
            Self::Denied(path, errno, needed) => {
                let error = Self::failed(*errno, path);
                let error = match needed {
                    Some(needed) => error.remarking_more(&format!("it needs {needed} more")),
                    None => error,
                };
                error.remarking_more(DENIED)
            }
            Self::Vanished(path) => Self::failed(libc::ENOENT, path).remarking_more(VANISHED),
            Self::Polled(path, needed, interval) => {
                let error = Self::failed(libc::ENOSPC, path).remarking_more(&format!("it needs {needed} more"));
                error.remarking_more(&format!(
                    "it is scanned every {} s until it can be watched",
                    interval.as_secs_f64()
                ))
            }
            Self::Remote(path, kind, interval) => {
                let (path, kind) = (String::from_utf8_lossy(path), String::from_utf8_lossy(kind));
                let scanned = interval.map(|it| format!("; it is scanned every {} s instead", it.as_secs_f64()));
                let sentence = format!(
                    "{path} is on a file system of type {kind}: inotify does not report changes by others there{}",
                    scanned.unwrap_or_default()
                );
                Error::sentence(ErrorKind::RemoteFileSystem, Operation::AddWatch, libc::EREMOTE, sentence)
            }
            Self::MountsUnreadable(errno) => {
                let reason = io::Error::from_raw_os_error(*errno);
                let sentence = format!(
                    "{}: {reason}: mounts and unmounts are not noticed until it can be read, which is retried",
                    mountinfo::PATH
                );
                Error::sentence(ErrorKind::MountsUnseen, Operation::Read, *errno, sentence)
            }
        }
    }
}
