//! Scans directories: each is watched first and listed then, so that nothing is made unseen in between.

use std::io;
use std::os::fd::{AsFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hashbrown::HashSet;

use rustix::fs::{FileType, OFlags};

use crate::directory::{self, LISTED};
use crate::engine::access::{Obstacle, watch};
use crate::engine::open_dirs::Places;
use crate::flags::Mask;
use crate::model::NodeId;
use crate::moment::Since;
use crate::paths::push;
use crate::sys::Stat;
use crate::system::{Files, Linux, Symlinks, System};

use super::{DirTrees, Emitted, NOISE, Options};

/// In which what happened to a file is reported.
const ORDER: [Mask; 4] = [Mask::CREATE, Mask::MODIFY, Mask::ATTRIB, Mask::CLOSE_WRITE];

/// A symbolic link to /proc/self/fd, which differs from scan to scan.
const DEV_FD: &[u8] = b"/dev/fd";

/// A directory to be scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// `None`: it is the root.
    pub(super) parent: Option<NodeId>,
    pub(super) root: NodeId,
    pub(super) name: Box<[u8]>,
    /// Whether a symbolic link is followed.
    pub(super) link: bool,
    /// Whether all that is in it is reported.
    pub(super) report: bool,
}

/// A name in the directory of a wd.
pub(super) type Entry = (i32, Box<[u8]>);

/// Where a directory arrived, and where it came from if that is in a tree, as a rename says.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) from: Option<Entry>,
    pub(super) to: Entry,
}

/// Why directories are scanned.
#[derive(Debug, Default)]
pub(super) enum Reason {
    /// An entry is new, or may be readable now.
    #[default]
    Entry,
    /// A tree is being added: nothing is reported, and directories of other trees are taken.
    Addition,
    /// The second half of a rename.
    Arrival(Arrival),
    /// After an overflow: what changed since is reported.
    Rescan(Since),
    /// These directories are reported once more.
    Again(Vec<NodeId>),
    /// Something was mounted: a directory that is where it was as well is not taken from there.
    Mount,
}

/// A scan of directories and all below.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub(super) reason: Reason,
    steps: Vec<Step>,
    pub(super) visited: HashSet<NodeId>,
    /// Where nothing can be known: what was there still may be. A root has no name.
    denied: HashSet<(NodeId, Box<[u8]>)>,
    /// What was to be reported before.
    pub(super) before: Option<Emitted>,
    /// Directories that are to be watched for noise as well, after the scan.
    silenced: Vec<NodeId>,
    /// How many directories were found at another place.
    pub(super) moves: usize,
    /// Whether a tree could not be added because no watch is free.
    pub(super) is_out_of_watches: bool,
}

impl Walk {
    pub(super) fn new(reason: Reason, steps: Vec<Step>) -> Self {
        Self { reason, steps, ..Self::default() }
    }

    pub(super) fn is_addition(&self) -> bool {
        matches!(self.reason, Reason::Addition)
    }

    pub(super) fn since(&self) -> Option<Since> {
        match self.reason {
            Reason::Rescan(since) => Some(since),
            _ => None,
        }
    }
}

/// A directory that a step led to.
pub(super) struct Entered {
    pub(super) node: NodeId,
    /// Whether it was not watched until now.
    pub(super) fresh: bool,
    pub(super) wd: i32,
    dir: OwnedFd,
}

/// A directory that is being listed.
struct Listed<'a> {
    node: NodeId,
    wd: i32,
    dir: &'a OwnedFd,
    options: Arc<Options>,
    root: NodeId,
    report: bool,
    since: Option<Since>,
}

impl DirTrees {
    /// Scans the steps and all that they lead to. Returns whether that is all; `false`: it was interrupted.
    pub(super) fn walk(&mut self, system: &Linux<RawFd>, walk: &mut Walk, interrupted: &AtomicBool) -> bool {
        self.begin_again(walk);
        while let Some(step) = walk.steps.pop() {
            if interrupted.load(Ordering::Relaxed) {
                walk.steps.push(step);
                self.leave(system);
                return false;
            }
            match self.enter(system, &step, walk) {
                Ok(None) => {}
                Ok(Some(entered)) => {
                    // What is new has not been visited; a tree that is added has mostly that.
                    if (entered.fresh && walk.is_addition()) || walk.visited.insert(entered.node) {
                        let report = step.report || (entered.fresh && !walk.is_addition());
                        self.list(system, entered, &step, report, walk);
                    }
                }
                Err(Obstacle::Denied(libc::ENOSPC)) if walk.is_addition() => {
                    walk.is_out_of_watches = true;
                    break;
                }
                Err(obstacle) => self.note_obstacle(&step, obstacle, walk),
            }
        }
        self.leave(system);
        self.watch_noise(system, walk);
        true
    }

    /// Closes what is open.
    fn leave(&mut self, system: &Linux<RawFd>) {
        self.dirs.close();
        system.leave();
    }

    /// Has directories reported once more.
    fn begin_again(&mut self, walk: &mut Walk) {
        let Reason::Again(dirs) = &mut walk.reason else { return };
        for node in std::mem::take(dirs) {
            self.emit_dir(node, Mask::CREATE);
            let (parent, name) = self.tree.place_of(node).unzip();
            let name = name.unwrap_or_default();
            walk.steps.push(Step { parent, root: self.tree.top(node), name, link: parent.is_none(), report: true });
        }
    }

    fn watch_noise(&mut self, system: &Linux<RawFd>, walk: &mut Walk) {
        for node in std::mem::take(&mut walk.silenced) {
            let Some(options) = self.tree.options(node).cloned() else { continue };
            // Another directory may have taken the place meanwhile: it is scanned when that is reported.
            if let Ok(dir) = self.dirs.dir(system, &self.tree, node) {
                system.watch(dir, options.mask | Mask::ONLYDIR | Mask::MASK_ADD).ok();
            }
        }
        self.leave(system);
    }

    /// Names that vanished meanwhile are no errors.
    pub(super) fn note_obstacle(&mut self, step: &Step, obstacle: Obstacle, walk: &mut Walk) {
        if let Obstacle::Denied(errno) = obstacle {
            walk.denied.insert((step.parent.unwrap_or(step.root), step.name.clone()));
            if errno != libc::ENOSPC || !self.poll_tree(step.root) {
                let path = self.path_to(step);
                self.deny(path, errno);
            }
        }
    }

    /// An entry cannot be examined, though its directory is listed.
    fn note_error(&mut self, dir: NodeId, name: &[u8], error: io::Error, walk: &mut Walk) {
        if let Obstacle::Denied(errno) = error.into() {
            walk.denied.insert((dir, name.into()));
            let path = self.tree.path(dir);
            self.deny(path, errno);
        }
    }

    /// Whether a directory may still be where it was, though it was not found there.
    pub(super) fn may_be_there(&self, node: NodeId, walk: &Walk) -> bool {
        let mut at = node;
        loop {
            let (parent, name) = self.tree.place(at).unwrap_or((at, b""));
            if walk.denied.contains(&(parent, Box::from(name))) {
                return true;
            }
            if parent == at {
                return false;
            }
            at = parent;
        }
    }

    fn path_to(&self, step: &Step) -> Option<Vec<u8>> {
        let mut path = self.tree.path(step.parent.unwrap_or(step.root))?;
        if step.parent.is_some() {
            push(&mut path, &step.name);
        }
        Some(path)
    }

    /// Opens and watches a directory. `None`: it is none, or is scanned elsewhere.
    pub(super) fn enter(
        &mut self,
        system: &Linux<RawFd>,
        step: &Step,
        walk: &mut Walk,
    ) -> Result<Option<Entered>, Obstacle> {
        let Some(options) = self.tree.root(step.root).map(|root| Arc::clone(&root.options)) else { return Ok(None) };
        if *step.name == *b"fd" && self.path_to(step).is_some_and(|path| path == DEV_FD) {
            return Ok(None);
        }
        if let Some(known) = self.known_polled(step) {
            walk.visited.insert(known);
            return Ok(None);
        }
        if let Some(path) = self.remote_step(step) {
            return self.enter_remote(step, path, walk);
        }
        let flags = if step.link { LISTED & !OFlags::NOFOLLOW } else { LISTED };
        // Opened before it is watched: the kernel then has nothing to report about that.
        let dir = match step.parent {
            Some(parent) => self.dirs.open_in(system, &self.tree, parent, &step.name, flags)?,
            None => {
                let Some(path) = self.dirs.roots.get(&step.root) else { return Ok(None) };
                system.open(None, path, flags)?
            }
        };
        let mut mask = options.mask.difference(NOISE) | Mask::ONLYDIR;
        if !walk.is_addition() {
            mask |= Mask::MASK_ADD;
        }
        let wd = watch(system, &dir, mask)?;
        let found = match self.tree.node(wd) {
            Some(known) => self.enter_known(system, known, step, walk),
            None => self.enter_new(system, wd, step, walk),
        };
        let Some((node, fresh)) = found else { return Ok(None) };
        if step.link {
            self.tree.real_paths.extend(directory::real_path(dir.as_fd()).map(|path| (node, path)));
        }
        if options.mask.intersects(NOISE) && (fresh || walk.is_addition()) {
            walk.silenced.push(node);
        }
        Ok(Some(Entered { node, fresh, wd, dir }))
    }

    fn enter_new(&mut self, system: &Linux<RawFd>, wd: i32, step: &Step, walk: &mut Walk) -> Option<(NodeId, bool)> {
        match step.parent {
            Some(parent) => {
                self.removed.remove(&wd);
                let node = self.tree.add(parent, &step.name, wd);
                if walk.since().is_some() {
                    self.emit_dir(node, Mask::CREATE);
                }
                Some((node, true))
            }
            None if matches!(walk.reason, Reason::Mount) => {
                self.replace_root(step.root, wd);
                Some((step.root, true))
            }
            None => {
                // Another directory in the place of a root: a watch of that root is lost.
                if !self.tree.single.contains(&wd) {
                    system.unwatch(wd);
                    self.removed.insert(wd);
                }
                None
            }
        }
    }

    /// A directory that has a watch already: it is at its place, has moved, or has several names.
    fn enter_known(
        &mut self,
        system: &Linux<RawFd>,
        known: NodeId,
        step: &Step,
        walk: &mut Walk,
    ) -> Option<(NodeId, bool)> {
        let ours = self.tree.top(known) == step.root;
        let Some(parent) = step.parent else { return (known == step.root).then_some((known, false)) };
        if ours && self.tree.is_at(known, parent, &step.name) {
            return Some((known, false));
        }
        if matches!(walk.reason, Reason::Mount) && self.is_in_place(system, known) {
            return None;
        }
        // A symbolic link is another name. What is above itself is a cycle. What is in another tree stays there, except
        // for a new tree.
        if step.link || self.tree.is_in(parent, known) || !(ours || walk.is_addition()) {
            return None;
        }
        walk.moves += 1;
        if walk.visited.contains(&known) {
            // It moved after this walk had reported it at its old place.
            walk.visited.retain(|node| !self.tree.is_in(*node, known));
        }
        self.relocate(known, parent, &step.name);
        let is_found = walk.since().is_some();
        if is_found {
            self.emit_dir(known, Mask::CREATE);
        }
        Some((known, is_found))
    }

    /// Lists a directory: adds what is in it to the walk, and reports it.
    pub(super) fn list(&mut self, system: &Linux<RawFd>, entered: Entered, step: &Step, report: bool, walk: &mut Walk) {
        let Entered { node, wd, dir, .. } = entered;
        if report {
            self.ahead.recent.insert(wd);
        }
        let Some(options) = self.tree.options(node).cloned() else { return };
        let since = walk.since().filter(|_| !report);
        if since.is_some_and(|since| {
            system.stat(Some(&dir), b"", Symlinks::Kept).is_ok_and(|stat| since.includes(stat.stamp.changed))
        }) {
            // Entries were added to it, or removed.
            match self.tree.is_root(node) {
                true => self.emit(node, Mask::ATTRIB | Mask::ISDIR, b"."),
                false => self.emit_dir(node, Mask::ATTRIB),
            }
        }
        let before = walk.steps.len();
        let listed = Listed { node, wd, dir: &dir, options, root: self.tree.top(node), report, since };
        let done = system.entries(&dir, |entry_type, name| self.list_entry(system, &listed, entry_type, name, walk));
        if let Err(error) = done {
            self.note_obstacle(step, error.into(), walk);
        }
        if walk.steps.len() > before {
            self.dirs.keep(node, wd, dir);
        }
    }

    fn list_entry(
        &mut self,
        system: &Linux<RawFd>,
        listed: &Listed<'_>,
        entry_type: FileType,
        name: &[u8],
        walk: &mut Walk,
    ) {
        let silent = !listed.report && listed.since.is_none();
        let format = match entry_type {
            FileType::Directory => libc::S_IFDIR,
            FileType::RegularFile => libc::S_IFREG,
            FileType::Symlink => libc::S_IFLNK,
            FileType::Unknown => match system.stat(Some(listed.dir), name, Symlinks::Kept) {
                Ok(stat) => stat.format,
                Err(error) => return self.note_error(listed.node, name, error, walk),
            },
            _ => 0,
        };
        let is_dir = format == libc::S_IFDIR;
        if !silent {
            self.report_entry(system, listed, format, name, walk);
        }
        let link = format == libc::S_IFLNK && listed.options.follows_symlinks && leads_to_dir(system, listed, name);
        if is_dir || link {
            let (parent, root, report) = (Some(listed.node), listed.root, listed.report);
            walk.steps.push(Step { parent, root, name: name.into(), link, report });
        }
    }

    fn report_entry(
        &mut self,
        system: &Linux<RawFd>,
        listed: &Listed<'_>,
        format: libc::mode_t,
        name: &[u8],
        walk: &mut Walk,
    ) {
        let is_dir = format == libc::S_IFDIR;
        let stat = || system.stat(Some(listed.dir), name, Symlinks::Kept);
        let happened = match listed.since {
            None if is_dir => Mask::CREATE | Mask::ISDIR,
            None => made(format, listed.options.reported, stat),
            Some(_) if is_dir => Mask::empty(),
            Some(since) => match stat() {
                Ok(stat) => changed(&stat, since),
                Err(error) => {
                    self.note_error(listed.node, name, error, walk);
                    Mask::empty()
                }
            },
        };
        let isdir = happened & Mask::ISDIR;
        for bit in ORDER.into_iter().filter(|bit| happened.contains(*bit)) {
            self.emit(listed.node, bit | isdir, name);
        }
        if listed.report {
            self.ahead.found.entry(listed.wd).or_default().insert(name.into());
        }
    }
}

/// Whether a symbolic link leads to a directory. Where that can't be known, it is tried.
fn leads_to_dir(system: &Linux<RawFd>, listed: &Listed<'_>, name: &[u8]) -> bool {
    match system.stat(Some(listed.dir), name, Symlinks::Followed) {
        Ok(target) => target.format == libc::S_IFDIR,
        Err(error) => matches!(Obstacle::from(error), Obstacle::Denied(_)),
    }
}

/// What happened to a file that was just made. It is examined only if that is reported; where it can't be, it was removed
/// since it was listed, which an event reports.
fn made(format: libc::mode_t, reported: Mask, stat: impl Fn() -> io::Result<Stat>) -> Mask {
    let mut mask = Mask::CREATE;
    if format == libc::S_IFREG {
        mask |= Mask::CLOSE_WRITE;
        if reported.contains(Mask::MODIFY) && stat().is_ok_and(|stat| stat.stamp.size > 0) {
            mask |= Mask::MODIFY;
        }
    }
    mask
}

/// What happened to a file since.
fn changed(stat: &Stat, since: Since) -> Mask {
    let mut mask = Mask::empty();
    if since.includes(stat.stamp.changed) {
        mask |= Mask::ATTRIB;
        if stat.stamp.born.is_none_or(|born| since.includes(born)) {
            mask |= Mask::CREATE;
        }
        if since.includes(stat.stamp.modified) && stat.format == libc::S_IFREG {
            mask |= Mask::MODIFY | Mask::CLOSE_WRITE;
        }
    }
    mask
}
