//! What is mounted in trees. A mount over `app/models` covers the directory that is watched there; one over the file
//! `app/config.yml` makes what is written to it be reported by another directory, so that the file itself is watched.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd, RawFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{self, Path};
use std::{fs, io, mem};

use rustix::fs::OFlags;

use super::walk::{Step, Walk, Way, is_gone};
use super::{Branches, Entry, NONE};
use crate::directory::{self, FOLLOWED};
use crate::flags::Mask;
use crate::mountinfo::{Mounts, Source, Table};
use crate::paths::{is_within, part_below};
use crate::sys;

/// What can be reported about a file.
const OF_FILES: Mask = Mask::ACCESS
    .union(Mask::MODIFY)
    .union(Mask::ATTRIB)
    .union(Mask::CLOSE_WRITE)
    .union(Mask::CLOSE_NOWRITE)
    .union(Mask::OPEN);

/// In which is reported that another file is at a path.
const REPLACED: [Mask; 3] = [Mask::MODIFY, Mask::ATTRIB, Mask::CLOSE_WRITE];

/// What a scan of the mounts found.
#[derive(Debug, Default)]
pub struct Remounted {
    /// What is to be reported, as records.
    pub records: Vec<u8>,
    /// The watches that have ended.
    pub ended: Vec<i32>,
    /// Trees whose root is another directory now, and its wd.
    pub roots: Vec<(u32, i32)>,
}

/// A root, or a directory behind a symbolic link.
struct Base {
    step: Step,
    id: u32,
    /// Where it leads to, and led to before.
    real: Vec<Vec<u8>>,
    /// The path that was given.
    given: Option<Vec<u8>>,
}

impl Base {
    fn is_within(&self, mount: &[u8]) -> bool {
        self.real.iter().chain(&self.given).any(|path| is_within(path, mount))
    }

    /// The part of the path of a mount below each of the paths that lead here.
    fn below<'a>(&'a self, mount: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        self.real.iter().filter_map(|real| part_below(mount, real))
    }
}

fn read_mounts() -> Mounts {
    let mut mounts = Mounts::default();
    mounts.update(Source::default().text());
    mounts
}

impl Branches {
    /// Something was mounted or unmounted: scans where that was.
    pub fn remounted(&mut self, fd: RawFd) -> Remounted {
        let mut found = Remounted::default();
        let mut mounts = self.mounts.take().unwrap_or_else(read_mounts);
        for path in mounts.update(Source::default().text()) {
            for base in self.bases() {
                if base.is_within(&path) {
                    self.look_at_mount(fd, base.step, &mut found);
                    continue;
                }
                let below = base.below(&path).filter_map(|rest| self.descend(base.id, rest));
                for (parent, name) in below.collect::<Vec<_>>() {
                    let root = self.node(parent).map_or(NONE, |node| node.root);
                    self.look_at_mount(fd, Step { parent, root, name, link: false, tell: true }, &mut found);
                }
            }
        }
        let replaced = self.watch_mounted_files(fd, mounts.table(), &mut found.ended);
        for (id, name) in replaced {
            self.tell_replaced(id, &name, &mut found.records);
        }
        self.mounts = Some(mounts);
        found
    }

    /// Watches the mounted files of what is in a tree since just now. Returns which watches have ended.
    pub fn find_mounted_files(&mut self, fd: RawFd) -> Vec<i32> {
        let mounts = self.mounts.take().unwrap_or_else(read_mounts);
        let mut ended = Vec::new();
        self.watch_mounted_files(fd, mounts.table(), &mut ended);
        self.mounts = Some(mounts);
        ended
    }

    /// The same where a directory was moved into a tree, and with it what is mounted in it.
    pub fn find_moved_files(&mut self, fd: RawFd) -> Vec<i32> {
        let mut ended = Vec::new();
        // Files are mounted by binding them alone.
        let any = self.mounts.as_ref().is_some_and(|mounts| mounts.table().values().any(|mount| mount.root != b"/"));
        if any {
            // What has changed since it was read last is for the mark of that.
            self.watch_mounted_files(fd, read_mounts().table(), &mut ended);
        }
        ended
    }

    /// What an event of a mounted file is to be reported as: records of the directories that it is in. `None`: it is no
    /// such file.
    #[must_use]
    pub fn of_file(&self, wd: i32, mask: Mask) -> Option<Vec<u8>> {
        let places = self.files.get(&wd)?;
        let mut records = Vec::new();
        for (id, name) in places {
            if let Some(node) = self.node(*id).filter(|_| mask.intersects(OF_FILES)) {
                self.tell(*id, mask, node.wd, name, &mut records);
            }
        }
        Some(records)
    }

    /// Takes note of where a root or a link leads to.
    pub(super) fn led_to(&mut self, id: u32, dir: BorrowedFd<'_>) {
        if let Some(real) = directory::real_path(dir) {
            self.led.insert(id, real);
        }
    }

    /// Files of a directory that is no more are to be watched no more.
    pub(super) fn leave_files(&mut self, dir: u32) {
        for places in self.files.values_mut() {
            places.retain(|(id, _)| *id != dir);
        }
    }

    pub(super) fn is_step(&self, id: u32, step: &Step) -> bool {
        let ours = self.node(id).is_some_and(|node| node.root == step.root);
        ours && self.is_at(id, step.parent, &step.name)
    }

    /// Another directory is in the place of a root.
    pub(super) fn replace_root(&mut self, root: u32, wd: i32) -> Option<(u32, bool)> {
        let id = self.root_of(root)?;
        let node = self.nodes.get_mut(id as usize)?;
        let before = mem::replace(&mut node.wd, wd);
        self.by_wd.remove(&before);
        self.by_wd.insert(wd, id);
        Some((id, true))
    }

    fn root_of(&self, root: u32) -> Option<u32> {
        let mut ids = self.by_wd.values().copied();
        ids.find(|id| self.node(*id).is_some_and(|node| node.parent == NONE && node.root == root))
    }

    fn bases(&self) -> Vec<Base> {
        let roots = self.by_wd.values().copied().filter(|id| self.is_root(*id) || self.led.contains_key(id));
        roots.filter_map(|id| self.base(id)).collect()
    }

    fn base(&self, id: u32) -> Option<Base> {
        let node = self.node(id)?;
        let path = self.path_of(id)?;
        let path = Path::new(OsStr::from_bytes(&path));
        let now = fs::canonicalize(path).ok().map(|real| real.into_os_string().into_vec());
        let mut real: Vec<Vec<u8>> = self.led.get(&id).cloned().into_iter().chain(now).collect();
        real.dedup();
        let given = path::absolute(path).ok().map(|path| path.into_os_string().into_vec());
        let step = Step { parent: node.parent, root: node.root, name: node.name.clone(), link: true, tell: true };
        Some(Base { step, id, real, given })
    }

    /// The directory and the name that the rest of a path leads to.
    fn descend(&self, top: u32, rest: &[u8]) -> Option<Entry> {
        let mut names = rest.split(|byte| *byte == b'/').filter(|name| !name.is_empty()).peekable();
        let mut at = top;
        loop {
            let name = names.next()?;
            if names.peek().is_none() {
                return Some((at, name.into()));
            }
            at = self.by_wd.values().copied().find(|id| self.is_at(*id, at, name))?;
        }
    }

    /// Scans one place: whether another directory is there than the one that is watched.
    fn look_at_mount(&mut self, fd: RawFd, step: Step, found: &mut Remounted) {
        let is_root = step.parent == NONE;
        let mut before: Vec<u32> = match is_root {
            true => self.root_of(step.root).into_iter().collect(),
            false => self.by_wd.values().copied().filter(|id| self.is_at(*id, step.parent, &step.name)).collect(),
        };
        let wd = before.first().and_then(|id| self.node(*id)).map(|node| node.wd);
        let mut walk = Walk { mounts: true, ..Walk::default() };
        let mut entered = self.enter(fd, &step, &mut walk);
        if let (Ok(None), true, Some(root)) = (&entered, is_root, before.first()) {
            // It may be watched as one below, from where it was moved.
            self.covered.insert(*root);
            self.cover_below(fd, *root, found);
            entered = self.enter(fd, &step, &mut walk);
        }
        match entered {
            Ok(Some((id, fresh, dir))) => {
                let appears = fresh || !before.contains(&id) || self.covered.remove(&id);
                before.retain(|other| *other != id);
                if is_root {
                    if fresh {
                        self.end_root(fd, id, wd, found);
                    }
                } else if appears {
                    self.cover(fd, &step, &before, found);
                    self.tell_entry(&step, Mask::CREATE | Mask::ISDIR, found);
                }
                if appears {
                    self.list_mounted(fd, id, dir.as_fd(), &step, walk, found);
                }
            }
            // It is watched at another place, or in another tree.
            Ok(None) if !is_root && !before.is_empty() => {
                self.cover(fd, &step, &before, found);
                self.tell_entry(&step, Mask::CREATE | Mask::ISDIR, found);
            }
            Ok(None) => {}
            Err(error) if is_gone(&error) => match before.first() {
                Some(root) if is_root => {
                    self.covered.insert(*root);
                    self.cover_below(fd, *root, found);
                }
                Some(_) => self.cover(fd, &step, &before, found),
                None => {}
            },
            Err(error) => self.refuse(&step, &error, &mut walk),
        }
    }

    /// Lists what came to light, and all below.
    fn list_mounted(
        &mut self,
        fd: RawFd,
        id: u32,
        dir: BorrowedFd<'_>,
        step: &Step,
        mut walk: Walk,
        found: &mut Remounted,
    ) {
        walk.visited.insert(id);
        self.touch(id, true);
        if let Err(error) = self.list(id, dir, true, &mut walk) {
            self.refuse(step, &error, &mut walk);
        }
        // Without a tree that is being planted, no error ends it.
        self.walk(fd, &mut walk).ok();
        found.records.append(&mut walk.records);
    }

    /// The root's watch is that of another directory.
    fn end_root(&mut self, fd: RawFd, id: u32, before: Option<i32>, found: &mut Remounted) {
        self.cover_below(fd, id, found);
        if let Some(wd) = before {
            sys::inotify_rm_watch(fd, wd).ok();
            found.ended.push(wd);
        }
        if let Some(node) = self.node(id) {
            found.roots.push((node.root, node.wd));
        }
    }

    /// Reports that what was at a place is no longer, and ends the watches of that.
    fn cover(&mut self, fd: RawFd, step: &Step, ids: &[u32], found: &mut Remounted) {
        self.tell_entry(step, Mask::DELETE | Mask::ISDIR, found);
        for id in ids {
            found.ended.append(&mut self.cut(fd, *id));
        }
    }

    /// The same of all that was in a directory.
    fn cover_below(&mut self, fd: RawFd, dir: u32, found: &mut Remounted) {
        let ids = self.by_wd.values().copied().filter(|id| self.node(*id).is_some_and(|node| node.parent == dir));
        for id in ids.collect::<Vec<_>>() {
            let Some(node) = self.node(id) else { continue };
            let step = Step { parent: dir, root: node.root, name: node.name.clone(), link: false, tell: true };
            self.cover(fd, &step, &[id], found);
        }
    }

    fn tell_entry(&self, step: &Step, mask: Mask, found: &mut Remounted) {
        if let Some(parent) = self.node(step.parent).filter(|parent| parent.wd >= 0) {
            self.tell(step.parent, mask, parent.wd, &step.name, &mut found.records);
        }
    }

    fn tell_replaced(&self, id: u32, name: &[u8], records: &mut Vec<u8>) {
        let Some(node) = self.node(id).filter(|node| node.wd >= 0) else { return };
        // What is in a directory that was just found has been reported.
        if !self.told.get(&node.wd).is_some_and(|names| names.contains(name)) {
            for mask in REPLACED {
                self.tell(id, mask, node.wd, name, records);
            }
        }
    }

    /// Watches the mounted files in trees, and no others. Returns the places where another file is than before.
    fn watch_mounted_files(&mut self, fd: RawFd, table: &Table, ended: &mut Vec<i32>) -> Vec<Entry> {
        let mut files: HashMap<i32, Vec<Entry>> = HashMap::new();
        for place in self.mounted_places(table) {
            match self.watch_mounted_file(fd, &place, &files) {
                Ok(Some(wd)) => {
                    let places = files.entry(wd).or_default();
                    if !places.contains(&place) {
                        places.push(place);
                    }
                }
                Ok(None) => {}
                Err(error) => {
                    let (parent, name) = place;
                    self.deny(parent, &name, &error, &mut Walk::default());
                }
            }
        }
        let before = mem::replace(&mut self.files, files);
        let pairs = |files: &HashMap<i32, Vec<Entry>>| -> Vec<(i32, Entry)> {
            files.iter().flat_map(|(wd, places)| places.iter().map(|place| (*wd, place.clone()))).collect()
        };
        let (old, new) = (pairs(&before), pairs(&self.files));
        for wd in before.into_keys().filter(|wd| !self.files.contains_key(wd)) {
            sys::inotify_rm_watch(fd, wd).ok();
            ended.push(wd);
        }
        let mut replaced: Vec<Entry> = Vec::new();
        let differing =
            old.iter().filter(|pair| !new.contains(pair)).chain(new.iter().filter(|pair| !old.contains(pair)));
        for (_, place) in differing {
            if !replaced.contains(place) {
                replaced.push(place.clone());
            }
        }
        replaced
    }

    /// Places in trees where something is mounted that is no watched directory.
    fn mounted_places(&self, table: &Table) -> Vec<Entry> {
        let mut places = Vec::new();
        for (id, real) in &self.led {
            let mounted = table.iter().filter(|(path, mount)| !mount.is_remote() && is_within(path, real));
            let below = mounted.filter_map(|(path, _)| self.descend(*id, path.get(real.len()..)?));
            places.extend(below.filter(|(dir, name)| !self.by_wd.values().any(|id| self.is_at(*id, *dir, name))));
        }
        places
    }

    /// Returns its wd; `None` for what is no file or is watched for somebody else, or where no event of it is wanted.
    fn watch_mounted_file(
        &self,
        fd: RawFd,
        (parent, name): &Entry,
        files: &HashMap<i32, Vec<Entry>>,
    ) -> io::Result<Option<i32>> {
        let (Some(path), Some(asked)) = (self.path_of(*parent), self.asked(*parent)) else { return Ok(None) };
        let mask = asked.wanted.intersection(OF_FILES);
        if mask.is_empty() {
            return Ok(None);
        }
        let opened = Way::new(path, asked)
            .open(FOLLOWED)
            .and_then(|dir| directory::open_at(Some(dir.as_fd()), name, OFlags::PATH | OFlags::NOFOLLOW));
        let file = match opened {
            Err(error) if is_gone(&error) => return Ok(None),
            other => other?,
        };
        if matches!(sys::fstat(file.as_fd())?.format, libc::S_IFDIR | libc::S_IFLNK) {
            return Ok(None);
        }
        match directory::watch(fd, file.as_fd(), mask | Mask::MASK_CREATE) {
            Err(error) if error.raw_os_error() == Some(libc::EEXIST) => {
                // Asks for nothing that is not reported anyway: that gives the wd alone.
                let wd = directory::watch(fd, file.as_fd(), Mask::UNMOUNT | Mask::MASK_ADD)?;
                if !self.files.contains_key(&wd) && !files.contains_key(&wd) {
                    return Ok(None);
                }
                directory::watch(fd, file.as_fd(), mask | Mask::MASK_ADD).map(Some)
            }
            other => other.map(Some),
        }
    }
}
