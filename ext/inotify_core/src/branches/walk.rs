//! Looking at directories: each is watched first and listed then, so that nothing is made unseen in between.

use std::collections::HashSet;
use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, OwnedFd, RawFd};

use libc::c_int;
use rustix::fs::OFlags;

use super::{Asked, Branches, NONE, records};
use crate::directory::{self, FOLLOWED, PASSED};
use crate::flags::Mask;
use crate::moment::Since;
use crate::paths::push;
use crate::sys;

const DIRECTORY: OFlags = OFlags::DIRECTORY.union(OFlags::NONBLOCK);

/// What scanning would cause itself, in the directory and in the one above.
const NOISE: Mask = Mask::ACCESS.union(Mask::OPEN).union(Mask::CLOSE_NOWRITE);

/// A directory to be scanned.
pub(super) struct Step {
    /// [`NONE`]: it is a root.
    pub(super) parent: u32,
    pub(super) root: u32,
    pub(super) name: Box<[u8]>,
    pub(super) link: bool,
    pub(super) tell: bool,
}

/// A name in a directory, or a root.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum Place {
    Root(u32),
    Entry(u32, Box<[u8]>),
}

impl Place {
    fn new(parent: u32, root: u32, name: &[u8]) -> Self {
        if parent == NONE { Self::Root(root) } else { Self::Entry(parent, name.into()) }
    }
}

/// One scan, at a directory and all below.
#[derive(Default)]
pub(super) struct Walk {
    pub(super) steps: Vec<Step>,
    pub(super) visited: HashSet<u32>,
    /// Where nothing can be known: what was there still may be.
    pub(super) denied: HashSet<Place>,
    pub(super) records: Vec<u8>,
    /// A tree is being planted: nothing is reported, directories of other trees are taken, no room for watches ends it.
    pub(super) planting: bool,
    /// What is mounted is scanned: a directory that is where it was as well is not taken from there.
    pub(super) mounts: bool,
    /// After a loss: what changed since is reported.
    pub(super) since: Option<Since>,
    /// The watches that were made.
    pub(super) made: Vec<i32>,
    /// Directories that are to be watched for noise as well, after the scan.
    pub(super) silenced: Vec<u32>,
}

impl Branches {
    /// Scans the steps and all that they lead to.
    ///
    /// `Err`: there is no room for a watch, and a tree is being planted.
    pub(super) fn walk(&mut self, fd: RawFd, walk: &mut Walk) -> Result<(), c_int> {
        while let Some(step) = walk.steps.pop() {
            match self.enter(fd, &step, walk) {
                Ok(None) => {}
                Ok(Some((id, fresh, dir))) => {
                    if walk.visited.insert(id) {
                        let tell = step.tell || (fresh && !walk.planting);
                        self.touch(id, tell);
                        if let Err(error) = self.list(id, dir.as_fd(), tell, walk) {
                            self.refuse(&step, &error, walk);
                        }
                    }
                }
                Err(error) if walk.planting && error.raw_os_error() == Some(libc::ENOSPC) => return Err(libc::ENOSPC),
                Err(error) => self.refuse(&step, &error, walk),
            }
        }
        self.listen_for_noise(fd, walk);
        Ok(())
    }

    fn listen_for_noise(&self, fd: RawFd, walk: &Walk) {
        for id in &walk.silenced {
            let (Some(node), Some(asked)) = (self.node(*id), self.asked(*id)) else { continue };
            let Some(path) = self.path_of(*id) else { continue };
            let mask = asked.mask | Mask::ONLYDIR | Mask::MASK_ADD;
            match Way::new(path, asked).watch(fd, mask) {
                // Another directory has taken the place meanwhile: it is scanned when that is reported.
                Ok(wd) if wd != node.wd && !self.by_wd.contains_key(&wd) => {
                    sys::inotify_rm_watch(fd, wd).ok();
                }
                _ => {}
            }
        }
    }

    pub(super) fn touch(&mut self, id: u32, told: bool) {
        if let Some(wd) = self.node(id).map(|node| node.wd).filter(|_| told) {
            self.touched.insert(wd);
        }
    }

    /// Names that vanished meanwhile are no errors.
    pub(super) fn refuse(&mut self, step: &Step, error: &io::Error, walk: &mut Walk) {
        if is_gone(error) {
            return;
        }
        walk.denied.insert(Place::new(step.parent, step.root, &step.name));
        if let Some(path) = self.path_to(step).filter(|_| self.refused.is_none()) {
            self.refused = Some((path, error.raw_os_error().unwrap_or(libc::EIO)));
        }
    }

    /// An entry cannot be examined, though its directory is listed.
    pub(super) fn deny(&mut self, dir: u32, name: &[u8], error: &io::Error, walk: &mut Walk) {
        if is_gone(error) {
            return;
        }
        walk.denied.insert(Place::Entry(dir, name.into()));
        if let Some(path) = self.path_of(dir).filter(|_| self.refused.is_none()) {
            self.refused = Some((path, error.raw_os_error().unwrap_or(libc::EIO)));
        }
    }

    /// Whether a directory may still be where it was, though it was not found there.
    pub(super) fn may_be_there(&self, id: u32, walk: &Walk) -> bool {
        let mut at = id;
        while let Some(node) = self.node(at) {
            if walk.denied.contains(&Place::new(node.parent, node.root, &node.name)) {
                return true;
            }
            at = node.parent;
        }
        false
    }

    pub(super) fn path_to(&self, step: &Step) -> Option<Vec<u8>> {
        if step.parent == NONE {
            return self.roots.get(step.root as usize)?.as_ref().map(|asked| asked.path.clone());
        }
        let mut path = self.path_of(step.parent)?;
        push(&mut path, &step.name);
        Some(path)
    }

    /// Opens and watches a directory. Returns its node, and whether it was not watched so far; `None` for what is no
    /// directory, or is scanned elsewhere.
    pub(super) fn enter(
        &mut self,
        fd: RawFd,
        step: &Step,
        walk: &mut Walk,
    ) -> io::Result<Option<(u32, bool, OwnedFd)>> {
        let Some(path) = self.path_to(step) else { return Ok(None) };
        let Some(Some(asked)) = self.roots.get(step.root as usize) else { return Ok(None) };
        let way = Way::new(path, asked);
        // A link to /proc/self/fd, which differs from scan to scan.
        if way.path == b"/dev/fd" {
            return Ok(None);
        }
        let noisy = asked.mask.intersects(NOISE);
        let mut mask = asked.mask.difference(NOISE) | Mask::ONLYDIR;
        if !walk.planting {
            mask |= Mask::MASK_ADD;
        }
        let (wd, dir) = way.watch_and_open(fd, mask, step.link)?;
        let found = match self.by_wd.get(&wd).copied() {
            Some(known) if walk.mounts && !self.is_step(known, step) && self.is_in_place(fd, wd) => None,
            Some(known) => self.rebind(known, step, walk),
            None if step.parent != NONE => Some(self.take_new(step, wd, walk)),
            None if walk.mounts => self.replace_root(step.root, wd),
            None => {
                // Another directory in the place of a root: whoever watches that has lost it.
                sys::inotify_rm_watch(fd, wd).ok();
                None
            }
        };
        if let Some((id, _)) = found.filter(|_| step.link) {
            self.led_to(id, dir.as_fd());
        }
        if let Some((id, _)) = found.filter(|(_, fresh)| noisy && (*fresh || walk.planting)) {
            walk.silenced.push(id);
        }
        Ok(found.map(|(id, fresh)| (id, fresh, dir)))
    }

    fn take_new(&mut self, step: &Step, wd: i32, walk: &mut Walk) -> (u32, bool) {
        walk.made.push(wd);
        let id = self.create(step.parent, step.root, &step.name, wd);
        self.tell_found(id, step, walk);
        (id, true)
    }

    /// A directory that has a watch already: it is at its place, has moved, or has several names.
    fn rebind(&mut self, known: u32, step: &Step, walk: &mut Walk) -> Option<(u32, bool)> {
        let ours = self.node(known)?.root == step.root;
        if step.parent == NONE {
            return (ours && self.is_root(known)).then_some((known, false));
        }
        if ours && self.is_at(known, step.parent, &step.name) {
            return Some((known, false));
        }
        // A link is another name. What is above itself is a loop. What is in another tree stays there, but for a new
        // tree.
        if step.link || self.is_in(step.parent, known) || !(ours || walk.planting) {
            return None;
        }
        self.relocate(known, step.parent, step.root, &step.name);
        self.tell_found(known, step, walk);
        Some((known, walk.since.is_some()))
    }

    /// After a loss, a directory at a new place is reported, with all that is in it.
    fn tell_found(&self, id: u32, step: &Step, walk: &mut Walk) {
        if let Some(parent) = self.node(step.parent).filter(|_| walk.since.is_some()) {
            self.tell(id, Mask::CREATE | Mask::ISDIR, parent.wd, &step.name, &mut walk.records);
        }
    }

    /// Adds a record, if the tree wants that of its directories reported.
    pub(super) fn tell(&self, id: u32, mask: Mask, wd: i32, name: &[u8], records: &mut Vec<u8>) {
        if self.asked(id).is_some_and(|asked| asked.wanted.intersects(mask.difference(Mask::ISDIR))) {
            records::push(records, wd, mask, name);
        }
    }
}

/// Whether an error says that nothing is there, or no directory.
pub(super) fn is_gone(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ENOTDIR | libc::ELOOP))
}

/// The way to a directory of a tree.
pub(super) struct Way {
    path: Vec<u8>,
    /// Where symbolic links are not followed: how much of the path is the root's, which may lead over some.
    root: Option<usize>,
}

impl Way {
    pub(super) fn new(path: Vec<u8>, asked: &Asked) -> Self {
        Self { path, root: (!asked.follows_links).then_some(asked.path.len()) }
    }

    /// Opens and watches what is there.
    fn watch_and_open(&self, fd: RawFd, mask: Mask, follow: bool) -> io::Result<(i32, OwnedFd)> {
        let flags = if follow { DIRECTORY } else { DIRECTORY | OFlags::NOFOLLOW };
        // Opened before it is watched: the kernel then has nothing to report about that.
        let dir = self.open(flags)?;
        let wd = match self.c_path() {
            // Another directory may take the place between the two: then the events of the one above lead here again.
            Some(path) => {
                let mask = if follow { mask } else { mask | Mask::DONT_FOLLOW };
                sys::inotify_add_watch(fd, &path, mask.bits())?
            }
            None => directory::watch(fd, dir.as_fd(), mask)?,
        };
        Ok((wd, dir))
    }

    /// Watches what is there.
    pub(super) fn watch(&self, fd: RawFd, mask: Mask) -> io::Result<i32> {
        match self.c_path() {
            Some(path) => sys::inotify_add_watch(fd, &path, mask.bits()),
            None => directory::watch(fd, self.open(PASSED)?.as_fd(), mask),
        }
    }

    /// The path, where that can be given to the kernel: it is not too long, and may lead over symbolic links.
    fn c_path(&self) -> Option<CString> {
        let short = self.path.len() < libc::PATH_MAX.unsigned_abs() as usize;
        let path = Some(&self.path).filter(|_| short && self.root.is_none())?;
        CString::new(path.as_slice()).ok()
    }

    pub(super) fn open(&self, flags: OFlags) -> io::Result<OwnedFd> {
        let Some((root, below)) = self.root.and_then(|root| self.path.split_at_checked(root)) else {
            return directory::open(&self.path, flags);
        };
        match below.strip_prefix(b"/").unwrap_or(below) {
            b"" => directory::open(root, flags),
            below => directory::open_beneath(directory::open(root, FOLLOWED)?.as_fd(), below, flags),
        }
    }
}
