//! Directories that are kept open, and opened by their place: from the nearest open one above, over no symbolic link that
//! is not followed. The wd proves that a directory is the one that is meant.

use std::io;

use hashbrown::HashMap;

use rustix::fs::OFlags;

use crate::directory::{FOLLOWED, PASSED};
use crate::error::errno;
use crate::flags::Mask;
use crate::invariant::must;
use crate::model::{NodeId, is_polled};
use crate::system::{Symlinks, System};

use super::access::{Obstacle, watch};

/// How many directories are kept open: mostly parents whose children are being scanned.
const OPEN: usize = 64;

/// Where directories are, and which.
pub(crate) trait Places {
    /// The directory that one is in, and its name there; `None` for a root, and for one that is nowhere.
    fn place(&self, node: NodeId) -> Option<(NodeId, &[u8])>;

    /// The watch of a directory.
    fn wd(&self, node: NodeId) -> Option<i32>;

    /// Whether it was entered through a symbolic link.
    fn is_link(&self, node: NodeId) -> bool;

    /// Whether anything needs a watch.
    fn knows(&self, wd: i32) -> bool;

    /// The device and inode of a directory that is polled, and has this number in the place of a wd.
    fn identity(&self, _number: i32) -> Option<(u32, u32, u64)> {
        None
    }
}

/// A directory that is kept open. It is known by its node, too: one directory may be bind-mounted in several places,
/// even inside itself, and the mounts in it differ from place to place.
#[derive(Debug)]
struct Open<D> {
    node: NodeId,
    wd: i32,
    dir: D,
}

/// See the module's description.
#[derive(Debug)]
pub(crate) struct OpenDirs<S: System> {
    /// The absolute paths of the roots.
    pub(crate) roots: HashMap<NodeId, Vec<u8>>,
    /// The one used last is at the end.
    open: Vec<Open<S::File>>,
    /// How a directory is opened that is not open.
    flags: OFlags,
    /// The mask that is added to a directory's watch to learn its wd.
    mask: Mask,
}

impl<S: System> OpenDirs<S> {
    pub(crate) fn new(flags: OFlags, mask: Mask) -> Self {
        Self { roots: HashMap::new(), open: Vec::new(), flags, mask }
    }

    /// Opens an entry of a directory, which is opened if it is not open.
    pub(crate) fn open_in(
        &mut self,
        system: &S,
        places: &impl Places,
        parent: NodeId,
        name: &[u8],
        flags: OFlags,
    ) -> Result<S::File, Obstacle> {
        let dir = self.dir(system, places, parent)?;
        match system.open(Some(dir), name, flags) {
            Err(error) if is_out_of_descriptors(&error) => {
                self.open.retain(|open| open.node == parent);
                let open = must(self.open.first(), "the parent is kept open").ok_or(Obstacle::Stale)?;
                Ok(system.open(Some(&open.dir), name, flags)?)
            }
            other => Ok(other?),
        }
    }

    /// The directory of a node. The wd proves that it is the one: the path may lead to another directory by now.
    pub(crate) fn dir(&mut self, system: &S, places: &impl Places, node: NodeId) -> Result<&S::File, Obstacle> {
        let wd = places.wd(node).filter(|_| self.is_somewhere(places, node)).ok_or(Obstacle::Stale)?;
        let dir = match self.open.iter().position(|open| open.node == node && open.wd == wd) {
            Some(index) => self.open.remove(index).dir,
            None => self.open_known(system, places, node, wd)?,
        };
        self.keep(node, wd, dir);
        must(self.open.last(), "it is kept open").map(|open| &open.dir).ok_or(Obstacle::Stale)
    }

    fn open_known(&mut self, system: &S, places: &impl Places, node: NodeId, wd: i32) -> Result<S::File, Obstacle> {
        let dir = match self.open(system, places, node) {
            Err(error) if is_out_of_descriptors(&error) => {
                self.open.clear();
                self.open(system, places, node)
            }
            other => other,
        };
        let dir = dir.map_err(|error| match error.raw_os_error() {
            Some(libc::ENOENT | libc::ENOTDIR | libc::ELOOP) => Obstacle::Stale,
            _ => Obstacle::Denied(errno(&error)),
        })?;
        if is_polled(wd) {
            let found = system.stat(Some(&dir), b"", Symlinks::Kept)?.stamp.identity;
            return if places.identity(wd) == Some(found) { Ok(dir) } else { Err(Obstacle::Stale) };
        }
        let found = watch(system, &dir, self.mask.union(Mask::MASK_ADD))?;
        if found != wd {
            if !places.knows(found) {
                system.unwatch(found);
            }
            return Err(Obstacle::Stale);
        }
        Ok(dir)
    }

    /// The wd and the directory of a node, which is not kept open any more.
    pub(crate) fn take(&mut self, system: &S, places: &impl Places, node: NodeId) -> Result<(i32, S::File), Obstacle> {
        self.dir(system, places, node)?;
        must(self.open.pop(), "it is kept open").map(|open| (open.wd, open.dir)).ok_or(Obstacle::Stale)
    }

    /// Whether a node is below a root, and not between two places.
    fn is_somewhere(&self, places: &impl Places, node: NodeId) -> bool {
        let mut at = node;
        while !self.roots.contains_key(&at) {
            match places.place(at) {
                Some((parent, _)) => at = parent,
                None => return false,
            }
        }
        true
    }

    /// Opens the directory at the place of a node: from the nearest open one above it, or from its root. Of the symbolic
    /// links below the root, only followed ones are followed.
    pub(crate) fn open(&self, system: &S, places: &impl Places, node: NodeId) -> io::Result<S::File> {
        let root: S::File;
        let mut names = Vec::new();
        let mut at = node;
        let base = loop {
            let wd = places.wd(at).filter(|_| !names.is_empty());
            if let Some(open) = self.open.iter().find(|open| open.node == at && Some(open.wd) == wd) {
                break &open.dir;
            }
            if let Some(path) = self.roots.get(&at) {
                if names.is_empty() {
                    return system.open(None, path, self.flags & !OFlags::NOFOLLOW);
                }
                root = system.open(None, path, FOLLOWED)?;
                break &root;
            }
            let Some((parent, name)) = places.place(at) else { return Err(nowhere()) };
            names.push((name, places.is_link(at)));
            at = parent;
        };
        let mut passed: Option<S::File> = None;
        let mut path = Vec::new();
        while let Some((name, link)) = names.pop() {
            path.extend_from_slice(name);
            let (from, last) = (passed.as_ref().unwrap_or(base), names.is_empty());
            let flags = if last { self.flags } else { PASSED };
            let next = match (link, last) {
                (true, _) => open_link_beneath(system, from, &path, flags)?,
                (false, true) => system.open_beneath(from, &path, flags)?,
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

    /// Keeps a directory open for the next scans.
    pub(crate) fn keep(&mut self, node: NodeId, wd: i32, dir: S::File) {
        self.open.retain(|open| open.node != node);
        if self.open.len() >= OPEN {
            self.open.remove(0);
        }
        self.open.push(Open { node, wd, dir });
    }

    /// Closes all directories: an open directory delays the event of its removal.
    pub(crate) fn close(&mut self) {
        self.open.clear();
    }
}

fn is_out_of_descriptors(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE))
}

/// Opens a relative path below a directory. Only the last name may be a symbolic link.
fn open_link_beneath<S: System>(system: &S, dir: &S::File, path: &[u8], flags: OFlags) -> io::Result<S::File> {
    let passed: S::File;
    let (dir, name) = match path.iter().rposition(|byte| *byte == b'/').and_then(|slash| path.split_at_checked(slash)) {
        Some((parent, name)) => {
            passed = system.open_beneath(dir, parent, PASSED)?;
            (&passed, name.strip_prefix(b"/").unwrap_or(name))
        }
        None => (dir, path),
    };
    system.open(Some(dir), name, flags & !OFlags::NOFOLLOW)
}

fn nowhere() -> io::Error {
    io::Error::from_raw_os_error(libc::ENOENT)
}
