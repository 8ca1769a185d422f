//! The tree that is worked on, and the consumer that follows it by the reported changes.

use std::collections::BTreeMap;
use std::ffi::{CString, OsStr};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs, io};

use inotify_core::engine::Options;
use inotify_core::model::{Change, ChangeType};
use inotify_core::watcher::{Query, Watcher};

use super::operations::{Ground, Names, Operation, PLAIN, perform};

/// What a consumer knows of a path: `None` for a directory, else what it read there.
type Known = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

pub(crate) struct Scene {
    base: PathBuf,
    pub(crate) ground: Ground,
    /// The roots, as they are watched. One that was inside of another when that began is no root of its own.
    roots: Vec<PathBuf>,
    watcher: Watcher,
    known: Known,
    reported: Vec<Change>,
    serial: u32,
}

static NUMBER: AtomicU64 = AtomicU64::new(0);

/// In place of the content of a file that may not be read.
const UNREAD: &[u8] = b"unread";

/// In milliseconds.
const LIMIT: i32 = 60_000;

/// How a scene is made.
pub(crate) struct Setting<'a> {
    pub(crate) debounce: Duration,
    pub(crate) names: Names,
    /// Relative to where the tree lies; a symbolic link `link` leads to `tree/c` there.
    pub(crate) roots: &'a [&'a str],
    pub(crate) before: &'a [Operation],
}

impl Default for Setting<'_> {
    fn default() -> Self {
        Self { debounce: Duration::from_millis(1), names: PLAIN, roots: &["tree"], before: &[] }
    }
}

impl Scene {
    pub(crate) fn new(debounce: Duration) -> Self {
        Self::set(&Setting { debounce, ..Setting::default() })
    }

    pub(crate) fn set(setting: &Setting<'_>) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let base = env::temp_dir().join(format!("inotify_rs-model-{}-{number}", std::process::id()));
        let ground = Ground { root: base.join("tree"), outside: base.join("outside"), names: setting.names };
        fs::create_dir_all(&ground.root).unwrap();
        fs::create_dir_all(&ground.outside).unwrap();
        std::os::unix::fs::symlink("tree/c", base.join("link")).unwrap();
        let mut serial = 0;
        for operation in setting.before {
            serial += 1;
            drop(perform(&ground, operation, serial));
        }
        let mut roots: Vec<PathBuf> = setting.roots.iter().map(|root| base.join(root)).collect();
        let mut options = Options::new(true);
        for root in &roots {
            options.add(root.as_os_str().as_bytes()).unwrap();
        }
        let given = roots.clone();
        roots.retain(|root| !given.iter().any(|outer| outer != root && is_part(outer, root)));
        let watcher = Watcher::start(&options, setting.debounce).unwrap();
        assert!(wait(watcher.ready().fd(), LIMIT), "not ready in time");
        let mut scene = Self { base, ground, roots, watcher, known: Known::new(), reported: Vec::new(), serial };
        scene.known = scene.walk();
        scene
    }

    pub(crate) fn perform(&mut self, operation: &Operation) {
        self.serial += 1;
        // What can't be done in this tree is left undone.
        drop(perform(&self.ground, operation, self.serial));
    }

    /// Performs operations, and takes what there is now and then.
    pub(crate) fn perform_and_consume(&mut self, operations: &[Operation]) {
        for (number, operation) in operations.iter().enumerate() {
            self.perform(operation);
            if number % 9 == 0 {
                self.consume();
            }
        }
    }

    /// Performs several lists of operations at a time, and takes what there is meanwhile.
    pub(crate) fn perform_at_once(&mut self, lists: &[Vec<Operation>]) {
        let ground = self.ground.clone();
        thread::scope(|scope| {
            let writers: Vec<_> = lists
                .iter()
                .enumerate()
                .map(|(number, list)| {
                    let first = u32::try_from(number + 1).unwrap() * 1_000_000;
                    let ground = &ground;
                    scope.spawn(move || (first..).zip(list).for_each(|(it, serial)| drop(perform(ground, serial, it))))
                })
                .collect();
            while writers.iter().any(|writer| !writer.is_finished()) {
                self.consume();
            }
        });
    }

    /// Lets the directories that can't be read or entered be so again. The others are left alone: a change of theirs
    /// could hide a fault.
    pub(crate) fn permit_all(&self) {
        use std::os::unix::fs::PermissionsExt;
        let mut open = vec![self.ground.root.clone(), self.ground.outside.clone()];
        while let Some(path) = open.pop() {
            if fs::symlink_metadata(&path).is_ok_and(|it| it.is_dir()) {
                if !is_permitted(&path) {
                    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
                }
                open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            }
        }
    }

    /// Takes what there is now.
    pub(crate) fn consume(&mut self) {
        let failure = self.watcher.take_failure();
        assert!(failure.is_none(), "{failure:?}");
        for change in self.watcher.take() {
            self.follow(&change);
            self.reported.push(change);
        }
        drop(self.watcher.take_errors());
    }

    /// Waits until all that happened is reported.
    pub(crate) fn finish(&mut self) {
        let request = self.watcher.request(Query::Sync).unwrap();
        assert!(wait(request.fd(), LIMIT), "no reply in time");
        self.consume();
        let request = self.watcher.request(Query::Sync).unwrap();
        assert!(wait(request.fd(), LIMIT), "no reply in time");
        self.consume();
    }

    /// Settles until the consumer is right: what could not be watched is retried from time to time.
    pub(crate) fn settle_within(&mut self, limit: Duration) {
        let end = Instant::now() + limit;
        while self.difference().is_some() && Instant::now() < end {
            wait(self.watcher.fd(), 100);
            self.finish();
        }
    }

    /// How deep below the tree the known paths are.
    pub(crate) fn depths(&self) -> Vec<usize> {
        let slashes = |path: &[u8]| path.iter().filter(|byte| **byte == b'/').count();
        let top = slashes(self.ground.root.as_os_str().as_bytes());
        let mut depths: Vec<usize> = self.known.keys().map(|path| slashes(path) - top).filter(|it| *it > 0).collect();
        depths.sort_unstable();
        depths
    }

    fn follow(&mut self, change: &Change) {
        let path = &change.path.to_bytes();
        match change.change_type {
            ChangeType::Deleted => {
                self.known.remove(path);
            }
            ChangeType::Renamed => {
                let from = change.from.as_ref().unwrap().to_bytes();
                if let Some(known) = self.known.remove(&from) {
                    self.insert_renamed(path.clone(), known);
                }
                if change.directory {
                    let prefix = [from.as_slice(), b"/"].concat();
                    let below: Vec<_> = self.known.keys().filter(|key| key.starts_with(&prefix)).cloned().collect();
                    for old in below {
                        let known = self.known.remove(&old).unwrap();
                        self.insert_renamed([path, &old[from.len()..]].concat(), known);
                    }
                    self.known.insert(path.clone(), None);
                }
            }
            ChangeType::Created | ChangeType::Modified => {
                let content = if change.directory { None } else { Some(self.content(path)) };
                self.known.insert(path.clone(), content);
            }
            ChangeType::Attributes if change.directory => self.read_unread_below(path),
            ChangeType::Attributes | ChangeType::Closed => {}
        }
    }

    /// What was not found at its old path is read at the new one.
    fn insert_renamed(&mut self, path: Vec<u8>, known: Option<Vec<u8>>) {
        let missing = known.as_ref().is_some_and(Vec::is_empty);
        let known = if missing { Some(self.content(&path)) } else { known };
        self.known.insert(path, known);
    }

    /// Who was denied a file tries again when the permissions of a directory above have changed.
    fn read_unread_below(&mut self, dir: &[u8]) {
        let prefix = [dir, b"/"].concat();
        let unread = self.known.iter().filter(|(path, it)| path.starts_with(&prefix) && it.as_deref() == Some(UNREAD));
        for path in unread.map(|(path, _)| path.clone()).collect::<Vec<_>>() {
            let content = self.content(&path);
            self.known.insert(path, Some(content));
        }
    }

    /// A link is followed where it is a root.
    fn content(&self, path: &[u8]) -> Vec<u8> {
        let path = Path::new(OsStr::from_bytes(path));
        let root = self.roots.iter().any(|root| root == path);
        let found = if root { fs::metadata(path) } else { fs::symlink_metadata(path) };
        read(path, found)
    }

    fn walk(&self) -> Known {
        let mut known = Known::new();
        for root in &self.roots {
            let bytes = root.as_os_str().as_bytes();
            match fs::metadata(root) {
                Ok(it) if it.is_dir() => {
                    known.insert(bytes.to_vec(), None);
                    let entries = fs::read_dir(root).into_iter().flatten();
                    entries.for_each(|entry| walk(&entry.unwrap(), &mut known));
                }
                Ok(_) => drop(known.insert(bytes.to_vec(), Some(self.content(bytes)))),
                Err(_) => {}
            }
        }
        known
    }

    /// What the consumer has wrong, and the changes it got.
    pub(crate) fn difference(&self) -> Option<String> {
        let real = self.walk();
        let mut text = String::new();
        for (path, content) in &real {
            match self.known.get(path) {
                None => text += &format!("not known: {}\n", show(path)),
                Some(known) if known != content => {
                    text += &format!("not reported of its last change: {}\n", show(path))
                }
                Some(_) => {}
            }
        }
        for path in self.known.keys().filter(|path| !real.contains_key(*path)) {
            text += &format!("not there: {}\n", show(path));
        }
        if text.is_empty() {
            return None;
        }
        text += "reported:\n";
        for change in &self.reported {
            let from = change.from.as_ref().map(|from| show(&from.to_bytes())).unwrap_or_default();
            text += &format!("  {:?} {} {from}\n", change.change_type, show(&change.path.to_bytes()));
        }
        Some(text)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.watcher.close();
        self.permit_all();
        drop(fs::remove_dir_all(&self.base));
    }
}

/// Whether a path is inside of a directory, not behind a link.
fn is_part(dir: &Path, path: &Path) -> bool {
    let links = || path.ancestors().take_while(|it| *it != dir).filter(|it| it.is_symlink());
    path.starts_with(dir) && links().next().is_none()
}

/// Whether a directory may be listed, written and entered.
fn is_permitted(dir: &Path) -> bool {
    let path = CString::new(dir.as_os_str().as_bytes()).unwrap();
    // SAFETY: a path with a NUL.
    unsafe { libc::access(path.as_ptr(), libc::R_OK | libc::W_OK | libc::X_OK) == 0 }
}

fn show(path: &[u8]) -> String {
    let text = path.escape_ascii().to_string();
    text.rsplit_once("inotify_rs-model-").map_or(text.clone(), |(_, rest)| rest.to_owned())
}

/// Waits until `fd` is readable, for `limit` milliseconds at most.
fn wait(fd: BorrowedFd<'_>, limit: i32) -> bool {
    let mut polled = libc::pollfd { fd: fd.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one pollfd, as the count says.
    unsafe { libc::poll(&raw mut polled, 1, limit) == 1 }
}

/// An entry of a directory, and what is below it.
fn walk(entry: &fs::DirEntry, known: &mut Known) {
    let path = entry.path();
    let Ok(kind) = entry.file_type() else { return };
    let bytes = path.as_os_str().as_bytes().to_vec();
    if kind.is_dir() {
        known.insert(bytes, None);
        fs::read_dir(&path).into_iter().flatten().for_each(|below| walk(&below.unwrap(), known));
    } else {
        let content = read(&path, fs::symlink_metadata(&path));
        known.insert(bytes, Some(content));
    }
}

/// What a file contains. Nothing for what is none, or not there.
fn read(path: &Path, found: io::Result<fs::Metadata>) -> Vec<u8> {
    let denied = |error: &io::Error| error.kind() == io::ErrorKind::PermissionDenied;
    match found.and_then(|it| if it.is_file() { fs::read(path) } else { Ok(Vec::new()) }) {
        Err(error) if denied(&error) => UNREAD.to_vec(),
        content => content.unwrap_or_default(),
    }
}
