//! What is asked of trees: to be watched, and scanned where events say so.

use std::collections::HashMap;
use std::ffi::CString;
use std::os::fd::RawFd;
use std::{io, mem};

use super::walk::{Step, Walk, Way, is_gone};
use super::{Asked, Branches, NONE};
use crate::error::Error;
use crate::flags::Mask;
use crate::inotify;
use crate::moment::Since;
use crate::sys;

/// What a scan reports, beside directories that were not watched so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tell {
    /// Nothing.
    New,
    /// All there is.
    All,
}

impl Branches {
    /// Takes a new tree, whose root is watched as `wd`, and watches all below. Returns its number.
    ///
    /// # Errors
    /// [`ErrorKind::WatchLimit`](crate::ErrorKind::WatchLimit): then nothing below the root is watched that was not
    /// before.
    pub fn plant(&mut self, fd: RawFd, wd: i32, asked: Asked) -> Result<u32, Error> {
        self.told.remove(&wd);
        let root = self.roots.iter().position(Option::is_none).unwrap_or(self.roots.len());
        let number = u32::try_from(root).unwrap_or(NONE);
        let path = asked.path.clone();
        match self.roots.get_mut(root) {
            Some(slot) => *slot = Some(asked),
            None => self.roots.push(Some(asked)),
        }
        match self.by_wd.get(&wd).copied() {
            Some(known) => self.relocate(known, NONE, number, b""),
            None => drop(self.create(NONE, number, b"", wd)),
        }
        let mut walk = Walk { planting: true, ..Walk::default() };
        walk.steps.push(Step { parent: NONE, root: number, name: Box::default(), link: true, tell: false });
        if let Err(errno) = self.walk(fd, &mut walk) {
            for wd in walk.made {
                sys::inotify_rm_watch(fd, wd).ok();
                self.forget(wd);
            }
            self.forget(wd);
            return Err(
                inotify::watch_failed(&io::Error::from_raw_os_error(errno)).at(&CString::new(path).unwrap_or_default())
            );
        }
        self.find_mounted_files(fd);
        Ok(number)
    }

    /// Scans `name` in the directory `wd`, and all below. Returns what is to be reported, as records; `None` if it is
    /// not there, or the directory is not where it was: then events that are still to come lead here again.
    pub fn look(&mut self, fd: RawFd, wd: i32, name: &[u8], tell: Tell) -> Option<Vec<u8>> {
        let parent = *self.by_wd.get(&wd)?;
        let root = self.node(parent)?.root;
        if !self.is_in_place(fd, wd) {
            return None;
        }
        let mut walk = Walk::default();
        walk.steps.push(Step { parent, root, name: name.into(), link: false, tell: tell == Tell::All });
        self.walk(fd, &mut walk).ok();
        (!walk.visited.is_empty()).then_some(walk.records)
    }

    /// What was `name` in a directory is `to_name` in another, wherever that is.
    pub fn rename(&mut self, wd: i32, name: &[u8], to_wd: i32, to_name: &[u8]) {
        let places = (self.by_wd.get(&wd).copied(), self.by_wd.get(&to_wd).copied());
        let (Some(parent), Some(to)) = places else { return };
        let known = self.by_wd.values().copied().find(|id| self.is_at(*id, parent, name));
        let root = self.node(to).map_or(NONE, |node| node.root);
        if let Some(known) = known.filter(|known| !self.is_in(to, *known)) {
            self.relocate(known, to, root, to_name);
        }
    }

    /// `name` has left the directory `wd`, for elsewhere. Ends its watches, unless it is there again. Returns which.
    pub fn depart(&mut self, fd: RawFd, wd: i32, name: &[u8]) -> Vec<i32> {
        let Some(parent) = self.by_wd.get(&wd).copied() else { return Vec::new() };
        let mut there: Vec<u32> = self.by_wd.values().copied().filter(|id| self.is_at(*id, parent, name)).collect();
        there.retain(|id| !self.node(*id).is_some_and(|node| self.is_in_place(fd, node.wd)));
        there.into_iter().flat_map(|id| self.cut(fd, id)).collect()
    }

    /// Whether the path of a directory leads to it. A rename that was not reported yet may have put another in its
    /// place.
    pub(super) fn is_in_place(&self, fd: RawFd, wd: i32) -> bool {
        let asked = self.by_wd.get(&wd).and_then(|id| self.asked(*id));
        let Some(way) = self.path(wd).zip(asked).map(|(path, asked)| Way::new(path, asked)) else { return false };
        match way.watch(fd, Mask::CREATE | Mask::MASK_CREATE | Mask::ONLYDIR) {
            Ok(new) => {
                sys::inotify_rm_watch(fd, new).ok();
                false
            }
            Err(error) if error.raw_os_error() == Some(libc::EEXIST) => {
                way.watch(fd, Mask::CREATE | Mask::MASK_ADD).is_ok_and(|there| there == wd)
            }
            // No room for a watch, or a path that is too long: it may be.
            Err(error) => !is_gone(&error),
        }
    }

    /// After an overflow: scans everything. Returns what has changed since, as records, and which watches have
    /// ended.
    pub fn look_again(&mut self, fd: RawFd, since: Since) -> (Vec<u8>, Vec<i32>) {
        let mut walk = Walk { since: Some(since), ..Walk::default() };
        let roots: Vec<u32> = self.by_wd.values().copied().filter(|id| self.is_root(*id)).collect();
        self.told = HashMap::new();
        for id in roots {
            let root = self.node(id).map_or(NONE, |node| node.root);
            walk.steps.push(Step { parent: NONE, root, name: Box::default(), link: true, tell: false });
        }
        self.walk(fd, &mut walk).ok();
        let unvisited = self.by_wd.values().copied().filter(|id| !walk.visited.contains(id));
        let gone: Vec<u32> = unvisited.filter(|id| !self.may_be_there(*id, &walk)).collect();
        // What is gone is reported before what is there: another directory may be in its place.
        let mut found = mem::take(&mut walk.records);
        let ended = gone.into_iter().filter_map(|id| self.lose(fd, id, &mut walk)).collect();
        walk.records.append(&mut found);
        (walk.records, ended)
    }

    /// Reports all that is in the directories that were reported, or moved, since the queue was empty. For when events
    /// of that time have reported other changes of them.
    pub fn tell_again(&mut self, fd: RawFd) -> Vec<u8> {
        let ids = self.touched.iter().filter_map(|wd| self.by_wd.get(wd)).copied().collect();
        self.tell_directories(fd, ids)
    }

    /// Reports directories that were reported to be deleted, while scans were ahead of events, but are there, and of
    /// all that is in them. For an empty queue.
    pub fn tell_deleted_again(&mut self, fd: RawFd) -> Vec<u8> {
        let deleted = mem::take(&mut self.deleted);
        let is_deleted = |id: &u32| {
            let node = self.node(*id)?;
            Some(deleted.contains(&(self.node(node.parent)?.wd, node.name.clone())))
        };
        let ids = self.by_wd.values().copied().filter(|id| is_deleted(id) == Some(true)).collect();
        self.tell_directories(fd, ids)
    }

    fn tell_directories(&mut self, fd: RawFd, ids: Vec<u32>) -> Vec<u8> {
        let mut walk = Walk::default();
        for id in ids {
            let Some(node) = self.node(id) else { continue };
            if let Some(parent) = self.node(node.parent) {
                self.tell(id, Mask::CREATE | Mask::ISDIR, parent.wd, &node.name, &mut walk.records);
            }
            let (parent, root, name) = (node.parent, node.root, node.name.clone());
            walk.steps.push(Step { parent, root, name, link: parent == NONE, tell: true });
        }
        self.walk(fd, &mut walk).ok();
        walk.records
    }

    /// A directory that was not found again: ends its watch, and returns which that was. The end of a root is the
    /// kernel's to report.
    fn lose(&mut self, fd: RawFd, id: u32, walk: &mut Walk) -> Option<i32> {
        let node = self.node(id).filter(|node| node.parent != NONE)?;
        let wd = node.wd;
        if let Some(parent) = self.node(node.parent).filter(|parent| parent.wd >= 0) {
            self.tell(id, Mask::DELETE | Mask::ISDIR, parent.wd, &node.name, &mut walk.records);
        }
        sys::inotify_rm_watch(fd, wd).ok();
        self.forget(wd);
        Some(wd)
    }
}
