//! Helpers of the tests: records as the kernel would write them, and real directories and instances.

use std::ffi::CString;
use std::fs::{self, File};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, process};

use inotify_core::{Error, Event, EventBuffer, InitFlags, Malformed, Mask, inotify};

/// A record whose name part is `padded` as it is: NULs and all.
pub(crate) fn record(wd: i32, mask: u32, cookie: u32, padded: &[u8]) -> Vec<u8> {
    let len = u32::try_from(padded.len()).unwrap();
    let fields = [wd.to_ne_bytes(), mask.to_ne_bytes(), cookie.to_ne_bytes(), len.to_ne_bytes()];
    [fields.concat(), padded.to_vec()].concat()
}

/// A name as the kernel pads it: to the next multiple of 16, with one NUL at least.
pub(crate) fn padded(name: &[u8]) -> Vec<u8> {
    let mut padded = name.to_vec();
    padded.resize((name.len() / 16 + 1) * 16, 0);
    padded
}

/// A directory that goes with its test.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("inotify_core-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn touch(&self, name: impl AsRef<Path>) -> PathBuf {
        let path = self.join(name);
        File::create(&path).unwrap();
        path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// An instance that goes with its test.
pub(crate) struct Instance(pub RawFd, #[allow(dead_code, reason = "it is open as long as this")] OwnedFd);

impl Instance {
    pub(crate) fn new(flags: InitFlags) -> Self {
        let fd = inotify::init(flags).unwrap();
        Self(fd.as_raw_fd(), fd)
    }

    pub(crate) fn watching(path: &Path, mask: Mask) -> Self {
        let instance = Self::new(InitFlags::empty());
        instance.watch(path, mask);
        instance
    }

    pub(crate) fn watch(&self, path: &Path, mask: Mask) -> i32 {
        inotify::add_watch(self.0, &c_path(path), mask).unwrap()
    }
}

/// Closes a descriptor, which fails in all cases here.
#[allow(unsafe_code, reason = "it fails, and closes nothing")]
pub(crate) fn close(fd: RawFd) -> Result<(), Error> {
    // SAFETY: it is no inotify descriptor, so that it stays open.
    unsafe { inotify::close(fd) }
}

pub(crate) fn c_path(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).unwrap()
}

/// An event that owns its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owned {
    pub(crate) wd: i32,
    pub(crate) mask: Mask,
    pub(crate) cookie: u32,
    pub(crate) len: u32,
    pub(crate) name: Vec<u8>,
}

impl From<Event<'_>> for Owned {
    fn from(event: Event<'_>) -> Self {
        let Event { wd, mask, cookie, len, name, .. } = event;
        Self { wd, mask, cookie, len, name: name.to_vec() }
    }
}

/// The events of `bytes` in order; ends after the first malformed one.
pub(crate) fn events(bytes: &[u8]) -> impl Iterator<Item = Result<Event<'_>, Malformed>> {
    let mut left = bytes;
    std::iter::from_fn(move || {
        let next = Event::split_first(std::mem::take(&mut left)).transpose()?;
        Some(next.map(|(event, rest)| {
            left = rest;
            event
        }))
    })
}

/// The rest of the batch in `buffer`.
pub(crate) fn rest_of(buffer: &mut EventBuffer) -> Vec<Owned> {
    let read = buffer.pending_records().flat_map(|record| events(record.bytes)).map(|event| event.unwrap().into());
    let read = read.collect();
    buffer.advance(buffer.pending_len());
    read
}

/// All that is queued.
pub(crate) fn all_events(fd: RawFd) -> Vec<Owned> {
    let mut buffer = EventBuffer::new();
    let mut events = Vec::new();
    while buffer.fill(fd).unwrap() {
        events.extend(rest_of(&mut buffer));
    }
    events
}
