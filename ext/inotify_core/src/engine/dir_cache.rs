//! Opens, watches and lists directories, and makes sure that they are the ones that are meant.

use std::collections::HashMap;
use std::ffi::{CString, OsStr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::{fs, io};

use libc::c_int;

use crate::directory::{self, FOLLOWED, LISTED, PASSED};
use crate::filter::{DOT_GIT, GITIGNORE};
use crate::flags::Mask;
use crate::git::{self, Links};
use crate::moment::Since;
use crate::sys;
use crate::tree::{Kind, Listing, NodeId, Tree};

use super::resolver::Start;

/// What is asked of every directory in a tree. Nothing that reading it or its files would cause.
pub(crate) const TREE_MASK: Mask = Mask::MODIFY
    .union(Mask::CLOSE_WRITE)
    .union(Mask::ATTRIB)
    .union(Mask::CREATE)
    .union(Mask::DELETE)
    .union(Mask::MOVED_FROM)
    .union(Mask::MOVED_TO)
    .union(Mask::DELETE_SELF)
    .union(Mask::MOVE_SELF)
    .union(Mask::EXCL_UNLINK)
    .union(Mask::ONLYDIR);

/// What is asked of a mounted file.
pub(crate) const FILE_MASK: Mask = Mask::MODIFY.union(Mask::CLOSE_WRITE).union(Mask::ATTRIB);

/// Directories kept open: parents, mostly, whose children are being looked at.
const OPEN: usize = 64;

/// Why a directory could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    Nothing,
    File,
    Astray,
    Refused(c_int),
}

impl From<io::Error> for Obstacle {
    fn from(error: io::Error) -> Self {
        match error.raw_os_error() {
            Some(libc::ENOENT) => Self::Nothing,
            Some(libc::ENOTDIR | libc::ELOOP) => Self::File,
            errno => Self::Refused(errno.unwrap_or(libc::EIO)),
        }
    }
}

/// A directory that is kept open. By its node, too: the same directory may be bind-mounted in several places, even inside
/// itself, and what is mounted in it differs from place to place.
#[derive(Debug)]
struct Open {
    node: NodeId,
    wd: i32,
    dir: OwnedFd,
}

/// What of git is in a directory.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// The text of its .gitignore file.
    pub(crate) gitignore: Option<Vec<u8>>,
    /// Whether it may be the top of a work tree.
    pub(crate) dot_git: bool,
}

/// See the module's description.
#[derive(Debug)]
pub(crate) struct DirCache {
    inotify: RawFd,
    /// Whether the working directory is this thread's own.
    wanders: bool,
    /// The absolute paths of the roots.
    pub(crate) roots: HashMap<NodeId, Vec<u8>>,
    /// The one used last at the end.
    open: Vec<Open>,
    entries: Vec<u8>,
    pub(crate) follows_links: bool,
    pub(crate) listing: Listing,
    /// Whether what was listed, or what a root led to, may be files that need a watch of their own and do not have it yet.
    pub(crate) entered: bool,
    /// What git's files say of the directory listed last.
    pub(crate) rules: Rules,
    /// During a repair: from when on a file counts as changed.
    pub(crate) changed_since: Option<Since>,
}

impl DirCache {
    pub(crate) fn new(inotify: RawFd) -> Self {
        Self {
            inotify,
            wanders: false,
            roots: HashMap::new(),
            open: Vec::new(),
            entries: vec![0; 32 << 10],
            follows_links: false,
            listing: Listing::default(),
            entered: true,
            rules: Rules::default(),
            changed_since: None,
        }
    }

    /// Makes this thread's working directory its own, so that directories can be watched from where they are.
    pub(crate) fn wander(&mut self) {
        self.wanders = sys::own_working_directory().is_ok();
    }

    /// Watches an open directory. By its descriptor: what is watched is what will be listed. Going there and watching `.`
    /// takes three quarters of the time of the way over /proc, which is for directories that can't be entered.
    pub(crate) fn watch(&self, dir: BorrowedFd<'_>, mask: Mask) -> Result<i32, Obstacle> {
        let watched = if self.wanders && sys::fchdir(dir).is_ok() {
            sys::inotify_add_watch(self.inotify, c".", mask.bits())
        } else {
            directory::watch(self.inotify, dir, mask)
        };
        watched.map_err(|error| Obstacle::Refused(error.raw_os_error().unwrap_or(libc::EIO)))
    }

    pub(crate) fn unwatch(&self, wd: i32) {
        // It fails where the kernel was faster.
        sys::inotify_rm_watch(self.inotify, wd).ok();
    }

    /// Watches a single file by its real path.
    pub(crate) fn watch_file(&self, path: &[u8]) -> Result<i32, Obstacle> {
        Ok(directory::watch(self.inotify, open_file(path)?.as_fd(), FILE_MASK)?)
    }

    /// Looks at a directory below a root: watches it, and lists it if the tree wants that. Answers its wd, and whether it
    /// was listed.
    pub(crate) fn look(&mut self, tree: &Tree, node: NodeId) -> Result<(i32, bool), Obstacle> {
        let (parent, name) = tree.place(node).ok_or(Obstacle::Astray)?;
        let name = CString::new(name).map_err(|_| Obstacle::Nothing)?;
        let parent = self.dir(tree, parent)?;
        let dir = self.open_in(parent, &name)?;
        self.enter(tree, node, dir)
    }

    /// Watches an open directory, which is at the node's place, and lists it if the tree wants that.
    pub(crate) fn enter(&mut self, tree: &Tree, node: NodeId, dir: OwnedFd) -> Result<(i32, bool), Obstacle> {
        let wd = self.watch(dir.as_fd(), TREE_MASK)?;
        let listed = tree.wants_listing(node, wd);
        if listed {
            self.entered = true;
            self.list(tree, node, dir.as_fd())?;
            self.rules = Rules::default();
            if tree.honours_gitignore() {
                let has = |name| self.listing.iter().any(|(other, _, _)| other == name);
                let gitignore = if has(GITIGNORE) { read_gitignore(dir.as_fd()) } else { None };
                self.rules = Rules { gitignore, dot_git: has(DOT_GIT) };
            }
        }
        if !listed || self.listing.has_directories() {
            self.keep(node, wd, dir);
        }
        Ok((wd, listed))
    }

    /// What git's files say of a directory.
    pub(crate) fn rules_of(&mut self, tree: &Tree, node: NodeId) -> Result<Rules, Obstacle> {
        let index = self.dir(tree, node)?;
        let Some(Open { dir, .. }) = self.open.get(index) else { return Err(Obstacle::Astray) };
        let dot_git = CString::new(DOT_GIT).is_ok_and(|name| sys::lstatat(dir.as_fd(), &name).is_ok());
        Ok(Rules { gitignore: read_gitignore(dir.as_fd()), dot_git })
    }

    /// Lists the directory of a node, whether the tree wants that or not.
    pub(crate) fn list_again(&mut self, tree: &Tree, node: NodeId) -> Result<(), Obstacle> {
        let index = self.dir(tree, node)?;
        let Open { wd, dir, .. } = self.open.remove(index);
        self.changed_since = None;
        // Its offset is at the end of the last listing.
        let listed = sys::rewind(dir.as_fd()).map_err(Obstacle::from).and_then(|()| self.list(tree, node, dir.as_fd()));
        self.keep(node, wd, dir);
        listed
    }

    /// Whether there is an entry, and what it is.
    pub(crate) fn check(&mut self, tree: &Tree, dir: NodeId, name: &[u8]) -> Result<Option<Kind>, Obstacle> {
        let name = CString::new(name).map_err(|_| Obstacle::Nothing)?;
        let index = self.dir(tree, dir)?;
        let Some(Open { dir, .. }) = self.open.get(index) else { return Err(Obstacle::Astray) };
        match sys::lstatat(dir.as_fd(), &name) {
            Ok(stat) => Ok(Some(self.kind(stat.format))),
            Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// When a file, or the one a link leads to, was changed last, in seconds and nanoseconds; `None`: that can't be found
    /// out. A root that is a file has no name.
    pub(crate) fn stamp(&mut self, tree: &Tree, dir: NodeId, name: &[u8]) -> Option<(i64, i64)> {
        if name.is_empty() {
            let path = self.roots.get(&dir)?;
            let entry = fs::metadata(OsStr::from_bytes(path)).ok()?;
            return Some((entry.ctime(), entry.ctime_nsec()));
        }
        let link = tree.kind(dir, name) == Some(Kind::Link);
        let name = CString::new(name).ok()?;
        let index = self.dir(tree, dir).ok()?;
        let Open { dir, .. } = self.open.get(index)?;
        let stat = if link { sys::statat(dir.as_fd(), &name) } else { sys::lstatat(dir.as_fd(), &name) };
        stat.ok().map(|stat| stat.changed)
    }

    /// The symbolic link at a path: its name, and the wd of the directory it is in.
    pub(crate) fn link_at(&self, path: &[u8]) -> Result<(i32, Vec<u8>), Obstacle> {
        let slash = path.iter().rposition(|byte| *byte == b'/').ok_or(Obstacle::Nothing)?;
        let (dir, name) = path.split_at(slash + 1);
        let dir = directory::open(dir, FOLLOWED)?;
        let c_name = CString::new(name).map_err(|_| Obstacle::Nothing)?;
        if sys::lstatat(dir.as_fd(), &c_name)?.format != libc::S_IFLNK {
            return Err(Obstacle::Nothing);
        }
        Ok((self.watch(dir.as_fd(), TREE_MASK.union(Mask::MASK_ADD))?, name.to_vec()))
    }

    /// Where the ways of the symbolic links in a directory begin.
    pub(crate) fn start(&mut self, tree: &Tree, node: NodeId) -> Result<Start, Obstacle> {
        let path = self.path(tree, node).ok_or(Obstacle::Astray)?;
        let index = self.dir(tree, node)?;
        let Some(Open { dir, .. }) = self.open.get(index) else { return Err(Obstacle::Astray) };
        let real = if tree.is_behind_link(node) { fs::canonicalize(OsStr::from_bytes(&path)).ok() } else { None };
        let path = real.map_or(path, |real| real.into_os_string().into_vec());
        let dir = sys::openat(Some(dir.as_fd()), c".", libc::O_PATH | libc::O_DIRECTORY)?;
        Ok(Start { dir, path, seen: true })
    }

    fn open_in(&mut self, parent: usize, name: &CString) -> Result<OwnedFd, Obstacle> {
        let Some(Open { node, dir, .. }) = self.open.get(parent) else { return Err(Obstacle::Astray) };
        match sys::openat(Some(dir.as_fd()), name, LISTED) {
            Err(error) if matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)) => {
                let node = *node;
                self.open.retain(|open| open.node == node);
                let Some(Open { dir, .. }) = self.open.first() else { return Err(Obstacle::Astray) };
                Ok(sys::openat(Some(dir.as_fd()), name, LISTED)?)
            }
            other => Ok(other?),
        }
    }

    /// The index in `open` of a node's directory. Its wd makes sure that it is the one: a path may lead elsewhere by now.
    fn dir(&mut self, tree: &Tree, node: NodeId) -> Result<usize, Obstacle> {
        let wd = tree.wd(node).ok_or(Obstacle::Astray)?;
        if let Some(index) = self.open.iter().position(|open| open.node == node && open.wd == wd) {
            let entry = self.open.remove(index);
            self.open.push(entry);
            return Ok(self.open.len() - 1);
        }
        let dir = match self.open(tree, node) {
            Err(error) if matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)) => {
                self.open.clear();
                self.open(tree, node)
            }
            other => other,
        };
        let dir = dir.map_err(|error| match error.raw_os_error() {
            Some(libc::ENOENT | libc::ENOTDIR | libc::ELOOP) => Obstacle::Astray,
            errno => Obstacle::Refused(errno.unwrap_or(libc::EIO)),
        })?;
        let found = self.watch(dir.as_fd(), TREE_MASK.union(Mask::MASK_ADD))?;
        if found != wd {
            if !tree.knows(found) {
                self.unwatch(found);
            }
            return Err(Obstacle::Astray);
        }
        self.keep(node, wd, dir);
        Ok(self.open.len() - 1)
    }

    /// Opens the directory where the tree believes that of a node: from the nearest one above that is open, or from its
    /// root. Of the symbolic links below the root, only those that are followed are.
    fn open(&self, tree: &Tree, node: NodeId) -> io::Result<OwnedFd> {
        let root: OwnedFd;
        let mut names = Vec::new();
        let mut at = node;
        let base = loop {
            let wd = tree.wd(at).filter(|_| !names.is_empty());
            if let Some(open) = self.open.iter().find(|open| open.node == at && Some(open.wd) == wd) {
                break open.dir.as_fd();
            }
            if let Some(path) = self.roots.get(&at) {
                if names.is_empty() {
                    return directory::open(path, LISTED & !libc::O_NOFOLLOW);
                }
                root = directory::open(path, FOLLOWED)?;
                break root.as_fd();
            }
            let Some((parent, name)) = tree.place(at) else { return Err(nowhere()) };
            names.push((name, tree.is_link(at)));
            at = parent;
        };
        let mut passed: Option<OwnedFd> = None;
        let mut path = Vec::new();
        while let Some((name, link)) = names.pop() {
            path.extend_from_slice(name);
            let (from, last) = (passed.as_ref().map_or(base, AsFd::as_fd), names.is_empty());
            let flags = if last { LISTED } else { PASSED };
            let next = match (link, last) {
                (true, _) => directory::open_link_beneath(from, &path, flags)?,
                (false, true) => directory::open_beneath(from, &path, flags)?,
                (false, false) => {
                    path.push(b'/');
                    continue;
                }
            };
            if last {
                return Ok(next);
            }
            passed = Some(next);
            path.clear();
        }
        Err(nowhere())
    }

    /// How many directories there are where the tree believes one, with all below it.
    pub(crate) fn count_directories(&self, tree: &Tree, node: NodeId) -> u64 {
        let mut count = 1;
        let mut entries = vec![0; 32 << 10];
        let Ok(top) = self.open(tree, node) else { return count };
        let mut paths: Vec<Vec<u8>> = Vec::new();
        add_directories(top.as_fd(), b"", &mut entries, &mut paths);
        while let Some(path) = paths.pop() {
            count += 1;
            if let Ok(dir) = directory::open_beneath(top.as_fd(), &path, LISTED) {
                add_directories(dir.as_fd(), &[path.as_slice(), b"/"].concat(), &mut entries, &mut paths);
            }
        }
        count
    }

    /// Keeps a directory open for the looks that will follow.
    fn keep(&mut self, node: NodeId, wd: i32, dir: OwnedFd) {
        self.open.retain(|open| open.node != node);
        if self.open.len() >= OPEN {
            self.open.remove(0);
        }
        self.open.push(Open { node, wd, dir });
    }

    /// Closes what is kept open, and leaves where it is: an open directory delays what its removal tells.
    pub(crate) fn close(&mut self) {
        self.open.clear();
        if self.wanders {
            // There always is such a directory.
            sys::chdir_top().ok();
        }
    }

    /// The path of a directory, below the absolute one of its root.
    pub(crate) fn path(&self, tree: &Tree, node: NodeId) -> Option<Vec<u8>> {
        let mut names = Vec::new();
        let mut at = node;
        let mut path = loop {
            if let Some(path) = self.roots.get(&at) {
                break path.clone();
            }
            let (parent, name) = tree.place(at)?;
            names.push(name);
            at = parent;
        };
        for name in names.into_iter().rev() {
            path.push(b'/');
            path.extend_from_slice(name);
        }
        Some(path)
    }

    /// Lists an open directory, that of the node, into `listing`.
    fn list(&mut self, tree: &Tree, node: NodeId, dir: BorrowedFd<'_>) -> Result<(), Obstacle> {
        self.listing.clear();
        if let Some(since) = self.changed_since {
            // A rename sets the time stamp of what is renamed.
            if sys::fstat(dir).map_or(true, |stat| since.includes(stat.changed)) {
                self.listing.set_moved();
            }
        }
        let mut entries = std::mem::take(&mut self.entries);
        let listed = directory::each_entry(dir, &mut entries, |entry_type, name| {
            // A file that is to be told of anyhow needs no second reason.
            let may_be_news = self.changed_since.is_some() && !tree.is_to_be_told(node, name);
            self.list_entry(tree, node, dir, entry_type, name, may_be_news);
        });
        self.entries = entries;
        Ok(listed?)
    }

    /// What an entry of this format is. A symbolic link is one only where they are followed.
    fn kind(&self, format: libc::mode_t) -> Kind {
        match format {
            libc::S_IFDIR => Kind::Dir,
            libc::S_IFLNK if self.follows_links => Kind::Link,
            _ => Kind::File,
        }
    }

    /// `may_be_news`: whether it counts when the entry was changed.
    fn list_entry(
        &mut self,
        tree: &Tree,
        node: NodeId,
        dir: BorrowedFd<'_>,
        entry_type: u8,
        name: &[u8],
        may_be_news: bool,
    ) {
        if entry_type == libc::DT_DIR {
            self.listing.add(name, Kind::Dir, false);
            return;
        }
        if entry_type != libc::DT_UNKNOWN && !may_be_news {
            let link = entry_type == libc::DT_LNK && self.follows_links;
            self.listing.add(name, if link { Kind::Link } else { Kind::File }, false);
            return;
        }
        let Ok(c_name) = CString::new(name) else { return };
        match sys::lstatat(dir, &c_name) {
            Ok(stat) => {
                let changed = self.changed_since.is_some_and(|since| since.includes(stat.changed));
                let kind = self.kind(stat.format);
                self.listing.add(name, kind, changed);
            }
            Err(error) => match error.raw_os_error() {
                // Removed since it was listed, which an event reports.
                Some(libc::ENOENT) => {}
                errno => {
                    // The directory may be listed and not searched. What its type leaves open is as it was.
                    let known = match entry_type {
                        libc::DT_UNKNOWN => tree.kind(node, name),
                        libc::DT_LNK if self.follows_links => Some(Kind::Link),
                        _ => None,
                    };
                    self.listing.add(name, known.unwrap_or(Kind::File), false);
                    self.listing.deny(errno.unwrap_or(libc::EIO));
                }
            },
        }
    }
}

/// Whether there is a file at a real path that has several names.
pub(crate) fn has_several_names(path: &[u8]) -> bool {
    open_file(path).and_then(|file| sys::fstat(file.as_fd())).is_ok_and(|stat| stat.names > 1)
}

/// Opens a single file by its real path, for neither reading nor writing.
fn open_file(path: &[u8]) -> io::Result<OwnedFd> {
    let top = directory::open(b"/", FOLLOWED)?;
    let path = path.strip_prefix(b"/").unwrap_or(path);
    directory::open_beneath(top.as_fd(), path, libc::O_PATH | libc::O_NOFOLLOW)
}

fn nowhere() -> io::Error {
    io::Error::from_raw_os_error(libc::ENOENT)
}

/// Adds the paths of the directories in one, `prefix` before their names.
fn add_directories(dir: BorrowedFd<'_>, prefix: &[u8], entries: &mut [u8], paths: &mut Vec<Vec<u8>>) {
    let is_directory = |entry_type, name: &[u8]| match entry_type {
        libc::DT_UNKNOWN => {
            let name = CString::new(name).unwrap_or_default();
            sys::lstatat(dir, &name).is_ok_and(|stat| stat.format == libc::S_IFDIR)
        }
        _ => entry_type == libc::DT_DIR,
    };
    let listed = directory::each_entry(dir, entries, |entry_type, name| {
        if is_directory(entry_type, name) {
            paths.push([prefix, name].concat());
        }
    });
    // What can't be listed is counted as far as it could be.
    listed.ok();
}

/// Reads the .gitignore file of an open directory. What can't be read is as if it were not there, as for git, and so is a
/// symbolic link: it may lead to what whoever made it must not read.
fn read_gitignore(dir: BorrowedFd<'_>) -> Option<Vec<u8>> {
    git::read(Some(dir), Path::new(OsStr::from_bytes(GITIGNORE)), Links::Refused)
}
