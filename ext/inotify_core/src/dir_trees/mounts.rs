//! What is mounted in trees. A mount over `app/models` covers the directory that is watched there; one over the file
//! `app/config.yml` makes what is written to it be reported by another directory, so that the file itself is watched.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::fd::{OwnedFd, RawFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::sync::atomic::AtomicBool;
use std::{fs, mem};

use rustix::fs::OFlags;

use crate::engine::access::Obstacle;
use crate::engine::mounts::{self, Base};
use crate::engine::open_dirs::Places;
use crate::event::Event;
use crate::flags::Mask;
use crate::model::NodeId;
use crate::model::store::Place;
use crate::mountinfo::{Mounts, Source};
use crate::system::{Files, Linux, Symlinks, System};

use super::DirTrees;
use super::scan::{Reason, Step, Walk};

/// What can be reported about a file.
const OF_FILES: Mask = Mask::ACCESS
    .union(Mask::MODIFY)
    .union(Mask::ATTRIB)
    .union(Mask::CLOSE_WRITE)
    .union(Mask::CLOSE_NOWRITE)
    .union(Mask::OPEN);

/// In which is reported that another file is at a path.
const REPLACED: [Mask; 3] = [Mask::MODIFY, Mask::ATTRIB, Mask::CLOSE_WRITE];

/// Asks for nothing that is not reported anyway.
const IDENTIFY: Mask = Mask::UNMOUNT.union(Mask::MASK_ADD);

pub(super) fn read_mounts() -> Mounts {
    let mut mounts = Mounts::default();
    mounts.update(Source::default().text());
    mounts
}

impl DirTrees {
    /// Something was mounted or unmounted: scans where that was.
    pub(super) fn read_mounts(&mut self) {
        let system = self.system();
        self.read_current_mounts();
        let mut mounts = self.mounts.take().unwrap_or_else(read_mounts);
        for path in mounts.update(Source::default().text()) {
            let bases = self.bases();
            let paths = [path];
            for (base, path_below) in mounts::covered(&bases, &paths) {
                if let Some(step) = self.mount_step(base, path_below) {
                    self.scan_mount(&system, &step);
                }
            }
        }
        for (dir, name) in self.update_mounted_files(&mounts) {
            self.emit_replaced(dir, &name);
        }
        self.mounts = Some(mounts);
    }

    /// Watches the mounted files of a tree that was added.
    pub(super) fn watch_mounted_files(&mut self) {
        let mounts = self.mounts.take().unwrap_or_else(read_mounts);
        self.update_mounted_files(&mounts);
        self.mounts = Some(mounts);
    }

    /// The same where a directory was moved into a tree, and with it what is mounted in it.
    pub(super) fn watch_moved_files(&mut self) {
        // Files are mounted by binding them alone.
        let mut mounts = self.mounts.iter().flat_map(|mounts| mounts.table().values());
        if mounts.any(|mount| mount.root != b"/") {
            // What has changed since it was read last is for the mark of that.
            self.update_mounted_files(&read_mounts());
        }
    }

    /// Applies an event of a mounted file: the directories that it is in report it.
    pub(super) fn apply_to_file(&mut self, event: &Event<'_>) {
        let places: Vec<Place> = self.tree.watches.files(event.wd).cloned().collect();
        for (dir, name) in places.iter().filter(|_| event.mask.intersects(OF_FILES)) {
            self.emit(*dir, event.mask, name);
        }
        if event.mask.contains(Mask::IGNORED) {
            self.tree.watches.forget_files(event.wd);
        }
    }

    fn bases(&self) -> Vec<Base> {
        self.tree.real_paths.iter().filter_map(|(node, scanned)| self.base(*node, scanned)).collect()
    }

    /// The paths that lead to a root or followed symbolic link: the given one, the one when it was scanned, and the present
    /// one.
    fn base(&self, node: NodeId, scanned: &[u8]) -> Option<Base> {
        let given = super::absolute(&self.tree.path(node)?);
        let now = fs::canonicalize(OsStr::from_bytes(&given)).ok().map(|path| path.into_os_string().into_vec());
        Some(Base { node, real_paths: [given, scanned.to_vec()].into_iter().chain(now).collect() })
    }

    /// What is to be scanned where something was mounted.
    fn mount_step(&self, base: NodeId, path_below: &[u8]) -> Option<Step> {
        if !self.tree.real_paths.contains_key(&base) {
            return None;
        }
        let ((parent, name), link) = match self.tree.store.resolve(base, path_below) {
            Some(place) => (place, false),
            None if !path_below.is_empty() => return None,
            None if self.tree.is_root(base) => {
                return Some(Step { parent: None, root: base, name: Box::default(), link: true, report: true });
            }
            None => (self.tree.place(base)?, true),
        };
        Some(Step { parent: Some(parent), root: self.tree.top(parent), name: name.into(), link, report: true })
    }

    /// Scans one place: whether another directory is there than the one that is watched.
    fn scan_mount(&mut self, system: &Linux<RawFd>, step: &Step) {
        let before = match step.parent {
            None => vec![step.root],
            Some(parent) => self.tree.all_at(parent, &step.name),
        };
        if before.iter().chain(&step.parent).any(|node| self.is_polled(*node)) {
            // Its watcher notices that.
            return;
        }
        let root_wd = self.tree.wd(step.root);
        // It may be reached over what was covered.
        self.dirs.close();
        let mut walk = Walk::new(Reason::Mount, Vec::new());
        let mut entered = self.enter(system, step, &mut walk);
        if step.parent.is_none() && matches!(entered, Ok(None)) {
            // It may be watched as one below, from where it was moved.
            self.cover_root(step.root);
            entered = self.enter(system, step, &mut walk);
        }
        match entered {
            Ok(Some(entered)) => {
                let uncovered = self.tree.root_mut(entered.node).is_some_and(|root| mem::take(&mut root.covered));
                if !entered.fresh && before.contains(&entered.node) && !uncovered {
                    return;
                }
                if step.parent.is_some() {
                    self.cover(step, before.into_iter().filter(|node| *node != entered.node).collect());
                    self.emit_step(step, Mask::CREATE);
                } else if entered.fresh {
                    self.release_root(step.root, root_wd);
                }
                walk.visited.insert(entered.node);
                self.list(system, entered, step, true, &mut walk);
                self.walk(system, &mut walk, &AtomicBool::new(false));
                self.finish(walk);
            }
            // It is watched at another place, or in another tree.
            Ok(None) if step.parent.is_some() && !before.is_empty() => {
                self.cover(step, before);
                self.emit_step(step, Mask::CREATE);
            }
            Ok(None) => {}
            Err(Obstacle::Denied(errno)) => self.note_obstacle(step, Obstacle::Denied(errno), &mut walk),
            Err(_) if step.parent.is_none() => self.cover_root(step.root),
            Err(_) if !before.is_empty() => self.cover(step, before),
            Err(_) => {}
        }
    }

    /// Reports that what was at a place is no longer, and releases it.
    fn cover(&mut self, step: &Step, nodes: Vec<NodeId>) {
        self.emit_step(step, Mask::DELETE);
        nodes.into_iter().for_each(|node| self.cut(node));
    }

    /// Nothing is at the path of a root, or something else: reports that what was in it is no longer.
    fn cover_root(&mut self, root: NodeId) {
        if let Some(root) = self.tree.root_mut(root) {
            root.covered = true;
        }
        self.cover_children(root);
    }

    fn cover_children(&mut self, dir: NodeId) {
        for node in self.tree.children(dir) {
            self.emit_dir(node, Mask::DELETE);
            self.cut(node);
        }
    }

    /// Another directory is in the place of a root.
    pub(super) fn replace_root(&mut self, root: NodeId, wd: i32) {
        self.tree.replace_root(root, wd);
        self.known.clear();
    }

    /// The watch of a root is that of another directory now.
    fn release_root(&mut self, root: NodeId, before: Option<i32>) {
        self.cover_children(root);
        if let Some(before) = before {
            self.unmounted.remove(&before);
            self.unwatch(before);
        }
    }

    fn emit_step(&mut self, step: &Step, mask: Mask) {
        if let Some(parent) = step.parent {
            self.emit(parent, mask | Mask::ISDIR, &step.name);
        }
    }

    fn emit_replaced(&mut self, dir: NodeId, name: &[u8]) {
        let names = self.tree.wd(dir).and_then(|wd| self.ahead.found.get(&wd));
        // What is in a directory that was just found has been reported.
        if !names.is_some_and(|names| names.contains(name)) {
            for mask in REPLACED {
                self.emit(dir, mask, name);
            }
        }
    }

    /// Watches the mounted files in trees, and no others. Returns the places where another file is than before.
    fn update_mounted_files(&mut self, mounts: &Mounts) -> BTreeSet<Place> {
        let system = self.system();
        let mut files: BTreeMap<Place, i32> = BTreeMap::new();
        for place in self.mounted_places(mounts) {
            match self.watch_mounted_file(&system, &place, &files) {
                Ok(wd) => files.extend(wd.map(|wd| (place, wd))),
                Err(Obstacle::Denied(errno)) => {
                    let path = self.tree.path(place.0);
                    self.deny(path, errno);
                }
                Err(_) => {}
            }
        }
        self.dirs.close();
        let watches = &mut self.tree.watches;
        let before: BTreeMap<Place, i32> =
            watches.file_places().filter_map(|place| Some((place.clone(), watches.file_wd(place)?))).collect();
        let differs = |place: &&Place| before.get(place) != files.get(place);
        let replaced: BTreeSet<Place> = before.keys().chain(files.keys()).filter(differs).cloned().collect();
        let mut unused = Vec::new();
        for place in &replaced {
            unused.extend(watches.remove_file(place));
        }
        for place in &replaced {
            files.get(place).into_iter().for_each(|wd| watches.add_file(place.clone(), *wd));
        }
        unused.retain(|wd| !watches.has_files(*wd));
        unused.into_iter().for_each(|wd| self.unwatch(wd));
        replaced
    }

    /// Places in trees where something is mounted that is no watched directory.
    fn mounted_places(&self, mounts: &Mounts) -> BTreeSet<Place> {
        let bases = self.bases();
        let table = mounts.table();
        let places = mounts::mounted(&bases, table).filter_map(|(node, path_below, path)| {
            let (dir, name) = self.tree.store.resolve(node, path_below)?;
            let is_remote = table.get(path).is_some_and(|mount| mount.is_remote());
            let is_watched = !is_remote && !self.is_polled(dir);
            (is_watched && self.tree.find(dir, name).is_none()).then(|| (dir, Box::from(name)))
        });
        places.collect()
    }

    /// Returns its wd; `None` for what is no file or is watched for somebody else, or where no event of it is reported.
    fn watch_mounted_file(
        &mut self,
        system: &Linux<RawFd>,
        (dir, name): &Place,
        files: &BTreeMap<Place, i32>,
    ) -> Result<Option<i32>, Obstacle> {
        let Some(options) = self.tree.options(*dir) else { return Ok(None) };
        let mask = options.reported.intersection(OF_FILES);
        if mask.is_empty() {
            return Ok(None);
        }
        let file: OwnedFd = self.dirs.open_in(system, &self.tree, *dir, name, OFlags::PATH | OFlags::NOFOLLOW)?;
        if matches!(system.stat(Some(&file), b"", Symlinks::Kept)?.format, libc::S_IFDIR | libc::S_IFLNK) {
            return Ok(None);
        }
        match system.watch(&file, mask | Mask::MASK_CREATE) {
            Err(error) if error.raw_os_error() == Some(libc::EEXIST) => {
                let wd = system.watch(&file, IDENTIFY)?;
                if !self.tree.watches.has_files(wd) && !files.values().any(|other| *other == wd) {
                    return Ok(None);
                }
                Ok(Some(system.watch(&file, mask | Mask::MASK_ADD)?))
            }
            watched => Ok(Some(watched?)),
        }
    }
}
