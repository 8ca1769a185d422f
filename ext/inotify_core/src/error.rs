//! The one error of this crate: the operation, its path, and the kernel's errno.

use std::ffi::{CStr, CString};
use std::fmt;
use std::io;

use crate::limits::{Limit, Sysctl};

/// The operation that failed with an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// inotify_init1(2).
    Init,
    /// inotify_add_watch(2).
    AddWatch,
    /// inotify_rm_watch(2).
    RmWatch,
    /// read(2) of an inotify descriptor.
    Read,
    /// close(2) of an inotify descriptor.
    Close,
    /// Starting the thread of a watcher: pthread_create(3).
    Thread,
    /// Finding the working directory, for a relative path: getcwd(3).
    WorkingDirectory,
    /// An audit of a watcher.
    Audit,
    /// Reading or writing a checkpoint.
    Checkpoint,
}

impl Operation {
    fn verb(self) -> &'static str {
        match self {
            Self::Init => "inotify_init1",
            Self::AddWatch => "inotify_add_watch",
            Self::RmWatch => "inotify_rm_watch",
            Self::Read => "read",
            Self::Close => "close",
            Self::Thread => "pthread_create",
            Self::WorkingDirectory => "getcwd",
            Self::Audit => "audit",
            Self::Checkpoint => "checkpoint",
        }
    }
}

/// The kind of an [`Error`], for callers that treat some of them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A system call failed with [`Error::errno`].
    Os,
    /// No further inotify instance for this user: `fs.inotify.max_user_instances` is reached.
    InstanceLimit,
    /// No further watch for this user: `fs.inotify.max_user_watches` is reached.
    WatchLimit,
    /// A checkpoint that cannot be used.
    Checkpoint,
    /// A file system that others change unseen.
    RemoteFileSystem,
    /// The mounts cannot be read.
    MountsUnseen,
}

/// A failed operation. Its text names the operation, its path or number, and a remedy.
#[derive(Debug)]
pub struct Error {
    operation: Operation,
    kind: ErrorKind,
    errno: i32,
    path: Option<CString>,
    remark: Option<String>,
}

impl Error {
    /// An error with the errno the kernel gave.
    pub(crate) fn os(operation: Operation, error: &io::Error) -> Self {
        let errno = errno(error);
        let remark = match errno {
            libc::EMFILE => Some("this process has no descriptor left; raise the limit with `ulimit -n`".to_owned()),
            libc::ENFILE => Some("the system has no descriptor left; raise the limit fs.file-max".to_owned()),
            _ => None,
        };
        Self { operation, kind: ErrorKind::Os, errno, path: None, remark }
    }

    /// The limit `sysctl` is reached.
    pub(crate) fn limit(operation: Operation, errno: i32, limit: Limit) -> Self {
        let kind = match limit.sysctl {
            Sysctl::Instances => ErrorKind::InstanceLimit,
            Sysctl::Watches => ErrorKind::WatchLimit,
        };
        Self { operation, kind, errno, path: None, remark: Some(limit.to_string()) }
    }

    /// A checkpoint cannot be used, for this reason.
    pub(crate) fn checkpoint(why: &str) -> Self {
        let kind = ErrorKind::Checkpoint;
        Self { operation: Operation::Checkpoint, kind, errno: libc::EINVAL, path: None, remark: Some(why.to_owned()) }
    }

    /// A sentence says it all.
    pub(crate) fn sentence(kind: ErrorKind, operation: Operation, errno: i32, sentence: String) -> Self {
        Self { operation, kind, errno, path: None, remark: Some(sentence) }
    }

    /// The same error about `path`.
    pub(crate) fn at(mut self, path: &CStr) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// The same error with a sentence that says more than the errno.
    pub(crate) fn remarking(mut self, remark: impl Into<String>) -> Self {
        self.remark = Some(remark.into());
        self
    }

    /// The same error with a further sentence.
    pub(crate) fn remarking_more(mut self, more: &str) -> Self {
        self.remark = Some(self.remark.map_or_else(|| more.to_owned(), |remark| format!("{remark}; {more}")));
        self
    }

    /// The operation.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The kind of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The kernel's errno.
    #[must_use]
    pub fn errno(&self) -> i32 {
        self.errno
    }

    /// The path it was done to, where there is one.
    #[must_use]
    pub fn path(&self) -> Option<&CStr> {
        self.path.as_deref()
    }
}

impl fmt::Display for Error {
    /// Without the errno's own text: every caller has its own way to say it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, &self.remark) {
            (ErrorKind::RemoteFileSystem | ErrorKind::MountsUnseen, Some(sentence)) => return f.write_str(sentence),
            _ => f.write_str(self.operation.verb())?,
        }
        if let Some(path) = &self.path {
            f.write_str(" ")?;
            write_path(f, path)?;
        }
        match &self.remark {
            Some(remark) => write!(f, ": {remark}"),
            None => Ok(()),
        }
    }
}

/// Writes a path as it is, and bytes of it that are no UTF-8 as `\xff`.
fn write_path(f: &mut fmt::Formatter<'_>, path: &CStr) -> fmt::Result {
    for chunk in path.to_bytes().utf8_chunks() {
        f.write_str(chunk.valid())?;
        write!(f, "{}", chunk.invalid().escape_ascii())?;
    }
    Ok(())
}

impl std::error::Error for Error {}

/// The errno of an error of a system call.
pub(crate) fn errno(error: &io::Error) -> i32 {
    error.raw_os_error().unwrap_or(libc::EIO)
}
