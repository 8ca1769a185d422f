//! The tree that is worked on, and the consumer that follows it by what it is told.

use std::collections::BTreeMap;
use std::ffi::{CString, OsStr};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{fmt, fs, io};

use inotify_core::tree::{Change, ChangeType};
use inotify_core::watcher::{Options, Watcher};
use proptest::prelude::*;

/// A place in or outside of the tree: directories of up to four levels, and a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot(u8, u8, u8, u8);

impl Spot {
    fn path(self, root: &Path, outside: &Path) -> PathBuf {
        let Self(first, second, third, fourth) = self;
        let mut path = if first == 9 { outside.to_owned() } else { root.to_owned() };
        for part in [first, second, third, fourth] {
            if part > 0 && part < 9 {
                path.push(["", "a", "b", "c", "d"][usize::from(part % 5)]);
            }
        }
        path
    }
}

impl fmt::Debug for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path(Path::new("tree"), Path::new("outside")).display())
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Mkdir(Spot),
    Write(Spot, u8),
    Append(Spot),
    Remove(Spot),
    RemoveAll(Spot),
    Rename(Spot, Spot),
    Exchange(Spot, Spot),
    Save(Spot),
    Link(Spot, Spot),
    Symlink(Spot),
    Chmod(Spot),
    Replace(Spot),
    Deep(Spot),
    RemoveRoot,
    RenameRoot,
}

fn spot() -> impl Strategy<Value = Spot> {
    let first = prop_oneof![6 => 1..=3_u8, 1 => Just(9)];
    (first, 0..=3_u8, 0..=3_u8, 0..=2_u8).prop_map(|(a, b, c, d)| Spot(a, b, c, d))
}

pub(crate) fn operations(most: usize) -> impl Strategy<Value = Vec<Operation>> {
    let operation = prop_oneof![
        12 => spot().prop_map(Operation::Mkdir),
        12 => (spot(), any::<u8>()).prop_map(|(at, byte)| Operation::Write(at, byte)),
        6 => spot().prop_map(Operation::Append),
        6 => spot().prop_map(Operation::Remove),
        4 => spot().prop_map(Operation::RemoveAll),
        14 => (spot(), spot()).prop_map(|(from, to)| Operation::Rename(from, to)),
        4 => (spot(), spot()).prop_map(|(from, to)| Operation::Exchange(from, to)),
        4 => spot().prop_map(Operation::Save),
        2 => (spot(), spot()).prop_map(|(from, to)| Operation::Link(from, to)),
        2 => spot().prop_map(Operation::Symlink),
        1 => spot().prop_map(Operation::Chmod),
        3 => spot().prop_map(Operation::Replace),
        4 => spot().prop_map(Operation::Deep),
        1 => Just(Operation::RemoveRoot),
        1 => Just(Operation::RenameRoot),
    ];
    prop::collection::vec(operation, 1..most)
}

/// What a consumer knows of a path: `None` for a directory, else what it read there.
type Known = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

pub(crate) struct Scene {
    base: PathBuf,
    root: PathBuf,
    outside: PathBuf,
    watcher: Watcher,
    known: Known,
    told: Vec<Change>,
    serial: u32,
}

static NUMBER: AtomicU64 = AtomicU64::new(0);

impl Scene {
    pub(crate) fn new(debounce: Duration) -> Self {
        Self::prepared(debounce, &[])
    }

    pub(crate) fn prepared(debounce: Duration, before: &[Operation]) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let base = std::env::temp_dir().join(format!("inotify_rs-model-{}-{number}", std::process::id()));
        let root = base.join("tree");
        let outside = base.join("outside");
        fs::create_dir_all(&root).unwrap();
        fs::create_dir_all(&outside).unwrap();
        let mut serial = 0;
        for operation in before {
            serial += 1;
            drop(perform(&root, &outside, operation, serial));
        }
        let mut options = Options::new(true, debounce);
        options.add(root.as_os_str().as_bytes()).unwrap();
        let watcher = Watcher::start(&options).unwrap();
        assert!(wait(watcher.ready().fd(), 10_000), "not ready after 10 s");
        let known = walk(&root);
        Self { base, root, outside, watcher, known, told: Vec::new(), serial }
    }

    pub(crate) fn perform(&mut self, operation: &Operation) {
        self.serial += 1;
        // What can't be done in this tree is left undone.
        drop(perform(&self.root, &self.outside, operation, self.serial));
    }

    /// Takes what there is now.
    pub(crate) fn consume(&mut self) {
        let failure = self.watcher.take_failure();
        assert!(failure.is_none(), "{failure:?}");
        for change in self.watcher.take() {
            self.follow(&change);
            self.told.push(change);
        }
    }

    /// Waits until all that happened is told.
    pub(crate) fn settle(&mut self) {
        let request = self.watcher.sync().unwrap();
        assert!(wait(request.fd(), 10_000), "no answer after 10 s");
        self.consume();
        let request = self.watcher.sync().unwrap();
        assert!(wait(request.fd(), 10_000), "no answer after 10 s");
        self.consume();
    }

    fn follow(&mut self, change: &Change) {
        let path = &change.path;
        match change.change_type {
            ChangeType::Deleted => {
                self.known.remove(path);
            }
            ChangeType::Renamed => {
                let from = change.from.clone().unwrap();
                if let Some(known) = self.known.remove(&from) {
                    self.known.insert(path.clone(), known);
                }
                if change.directory {
                    let prefix = [from.as_slice(), b"/"].concat();
                    let below: Vec<_> = self.known.keys().filter(|key| key.starts_with(&prefix)).cloned().collect();
                    for old in below {
                        let known = self.known.remove(&old).unwrap();
                        self.known.insert([path, &old[from.len()..]].concat(), known);
                    }
                    self.known.insert(path.clone(), None);
                }
            }
            ChangeType::Created | ChangeType::Modified => {
                let content = if change.directory { None } else { Some(content(path)) };
                self.known.insert(path.clone(), content);
            }
            ChangeType::Attributes => {}
        }
    }

    /// What the consumer has wrong, and what it was told.
    pub(crate) fn difference(&self) -> Option<String> {
        let real = walk(&self.root);
        if real == self.known {
            return None;
        }
        let mut text = String::new();
        for (path, content) in &real {
            match self.known.get(path) {
                None => text += &format!("not known: {}\n", show(path)),
                Some(known) if known != content => text += &format!("not told of its last change: {}\n", show(path)),
                Some(_) => {}
            }
        }
        for path in self.known.keys().filter(|path| !real.contains_key(*path)) {
            text += &format!("not there: {}\n", show(path));
        }
        text += "told:\n";
        for change in &self.told {
            let from = change.from.as_deref().map(show).unwrap_or_default();
            text += &format!("  {:?} {} {from}\n", change.change_type, show(&change.path));
        }
        Some(text)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.watcher.close();
        drop(fs::remove_dir_all(&self.base));
    }
}

fn show(path: &[u8]) -> String {
    let text = String::from_utf8_lossy(path).into_owned();
    text.split_once("/tree").map_or(text.clone(), |(_, rest)| format!("tree{rest}"))
}

/// Waits until `fd` is readable, for `limit` milliseconds at most.
fn wait(fd: BorrowedFd<'_>, limit: i32) -> bool {
    let mut polled = libc::pollfd { fd: fd.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one pollfd, as the count says.
    unsafe { libc::poll(&raw mut polled, 1, limit) == 1 }
}

fn content(path: &[u8]) -> Vec<u8> {
    let path = Path::new(OsStr::from_bytes(path));
    match fs::symlink_metadata(path) {
        Ok(it) if it.is_file() => fs::read(path).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn walk(root: &Path) -> Known {
    let mut known = Known::new();
    let mut open = vec![root.to_owned()];
    while let Some(path) = open.pop() {
        let Ok(it) = fs::symlink_metadata(&path) else { continue };
        let bytes = path.as_os_str().as_bytes().to_vec();
        if it.is_dir() {
            known.insert(bytes, None);
            open.extend(fs::read_dir(&path).into_iter().flatten().map(|entry| entry.unwrap().path()));
        } else {
            known.insert(bytes.clone(), Some(content(&bytes)));
        }
    }
    known
}

fn perform(root: &Path, outside: &Path, operation: &Operation, serial: u32) -> io::Result<()> {
    let at = |spot: &Spot| spot.path(root, outside);
    match operation {
        Operation::Mkdir(spot) => fs::create_dir(at(spot)),
        Operation::Write(spot, byte) => fs::write(at(spot), format!("{byte}-{serial}")),
        Operation::Append(spot) => {
            use io::Write;
            let mut file = fs::OpenOptions::new().append(true).open(at(spot))?;
            file.write_all(format!("+{serial}").as_bytes())
        }
        Operation::Remove(spot) => fs::remove_file(at(spot)).or_else(|_| fs::remove_dir(at(spot))),
        Operation::RemoveAll(spot) => fs::remove_dir_all(at(spot)),
        Operation::Rename(from, to) => fs::rename(at(from), at(to)),
        Operation::Exchange(one, other) => exchange(&at(one), &at(other)),
        Operation::Save(spot) => {
            let path = at(spot);
            let temporary = path.with_extension("tmp");
            fs::write(&temporary, format!("saved-{serial}"))?;
            fs::rename(temporary, path)
        }
        Operation::Link(from, to) => fs::hard_link(at(from), at(to)),
        Operation::Symlink(spot) => std::os::unix::fs::symlink("..", at(spot)),
        Operation::Chmod(spot) => {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(at(spot), fs::Permissions::from_mode(0o700 + serial % 8))
        }
        Operation::Replace(spot) => {
            let path = at(spot);
            fs::remove_dir_all(&path)?;
            fs::create_dir(&path)?;
            fs::write(path.join("a"), format!("again-{serial}"))
        }
        Operation::Deep(spot) => {
            let path = at(spot).join("a/b/c");
            fs::create_dir_all(&path)?;
            fs::write(path.join("d"), format!("deep-{serial}"))
        }
        Operation::RemoveRoot => {
            fs::remove_dir_all(root)?;
            fs::create_dir(root)
        }
        Operation::RenameRoot => {
            let away = outside.join(format!("root-{serial}"));
            fs::rename(root, &away)?;
            fs::create_dir(root)?;
            fs::write(root.join("a"), format!("new-{serial}"))
        }
    }
}

fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    let one = CString::new(one.as_os_str().as_bytes())?;
    let other = CString::new(other.as_os_str().as_bytes())?;
    // SAFETY: both paths are NUL-terminated and live through the call.
    let result =
        unsafe { libc::renameat2(libc::AT_FDCWD, one.as_ptr(), libc::AT_FDCWD, other.as_ptr(), libc::RENAME_EXCHANGE) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
