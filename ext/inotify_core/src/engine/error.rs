//! The errors of an engine.

use std::ffi::CString;
use std::io;
use std::time::Duration;

use crate::error::Error;
use crate::inotify;

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

/// The remark about a directory that is polled until it can be watched.
fn polled(interval: Duration) -> String {
    format!("it is scanned every {} s until it can be watched", interval.as_secs_f64())
}

/// The remark about a root that is gone.
const VANISHED: &str = "it is watched again as soon as it exists";

impl WatchError {
    /// The error of a path that cannot be watched.
    #[must_use]
    pub fn failed(errno: i32, path: &[u8]) -> Error {
        let error = inotify::watch_failed(&io::Error::from_raw_os_error(errno));
        error.at(&CString::new(path).unwrap_or_default())
    }

    /// The error to be raised, if it is one of a path.
    #[must_use]
    pub fn error(&self) -> Option<Error> {
        match self {
            Self::Denied(path, errno, needed) => {
                let error = Self::failed(*errno, path);
                let error = match needed {
                    Some(needed) => error.remarking_more(&format!("it needs {needed} more")),
                    None => error,
                };
                Some(error.remarking_more(DENIED))
            }
            Self::Vanished(path) => Some(Self::failed(libc::ENOENT, path).remarking_more(VANISHED)),
            Self::Polled(path, needed, interval) => {
                let error = Self::failed(libc::ENOSPC, path).remarking_more(&format!("it needs {needed} more"));
                Some(error.remarking_more(&polled(*interval)))
            }
            Self::Remote(..) | Self::MountsUnreadable(_) => None,
        }
    }
}
