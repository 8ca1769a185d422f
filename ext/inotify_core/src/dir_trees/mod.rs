//! The trees of a notifier, which reports the kernel's own events: which wd is which path. It knows nothing about files.
//!
//! It is no [`Engine`](crate::engine::Engine): a [`Model`](crate::model::Model), which knows every file, takes three times
//! the memory, and merging events takes three times the processor time. Both share the `store` of directories, the
//! `watch_map`, the cache of open directories, the search for what a mount covers, and everything below these.
//!
//! [`apply`](DirTrees::apply) takes events one by one. An event may require tasks: a new directory is scanned, and one that
//! was moved away is released. [`work`](DirTrees::work) carries tasks out; they make system calls and may be interrupted.
//! [`take_emitted`](DirTrees::take_emitted) returns events again: those of the kernel, and those that it would have sent
//! if all directories had been watched in time.
//!
//! A scan finds the present state, while events that were queued before it are about the past. So an event of an entry
//! that a scan has reported is dropped, and where a scan and the events contradict each other, the present state is
//! reported once more at the end.

mod emitted;
mod events;
mod mounts;
mod polled;
mod scan;
mod tree;

use std::collections::VecDeque;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use std::{fmt, mem, thread};

use hashbrown::{HashMap, HashSet};

use crate::directory::PASSED;
use crate::engine::open_dirs::OpenDirs;
use crate::error::Error;
use crate::flags::Mask;
use crate::model::{NodeId, is_polled};
use crate::moment::Moment;
use crate::mountinfo::Mounts;
use crate::paths;
use crate::sys;
use crate::system::{Linux, Waker};

use events::Ahead;
use polled::PolledDirs;
use scan::{Reason, Step, Walk};
use tree::Tree;

pub use emitted::{Dir, Emitted, Target};

/// The stack of a thread that scans: most of it is for the entries that are read at once.
const STACK: usize = 256 << 10;

/// What is needed to follow a tree.
const FOLLOWED: Mask = Mask::CREATE.union(Mask::MOVED_TO).union(Mask::MOVED_FROM).union(Mask::DELETE);

/// What scanning would cause itself, in the directory and in the one above. It is watched for when that is done.
const NOISE: Mask = Mask::ACCESS.union(Mask::OPEN).union(Mask::CLOSE_NOWRITE);

/// What is about the first watch only.
const ONCE: Mask = Mask::MASK_CREATE.union(Mask::DONT_FOLLOW);

/// What a tree is watched for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The path of the root as it was given: what paths begin with.
    path: Vec<u8>,
    /// What the root is watched for at first.
    first: Mask,
    /// What every directory is watched for.
    mask: Mask,
    /// What is reported.
    reported: Mask,
    /// Whether symbolic links to directories are followed.
    follows_symlinks: bool,
    /// The interval at which what cannot be watched is scanned.
    poll: Duration,
}

impl Options {
    /// For the tree at a path, of which these flags were requested. What cannot be watched is scanned at an interval.
    #[must_use]
    pub fn new(path: Vec<u8>, requested: Mask, poll: Duration) -> Self {
        let all = Mask::from_bits_retain(libc::IN_ALL_EVENTS);
        let mask = requested | FOLLOWED | Mask::ONLYDIR;
        Self {
            path,
            first: mask.difference(NOISE),
            mask: mask.difference(ONCE),
            reported: if requested.contains(all) { Mask::all() } else { requested },
            follows_symlinks: !requested.contains(Mask::DONT_FOLLOW),
            poll,
        }
    }

    /// The path of the root as it was given.
    #[must_use]
    pub fn path(&self) -> &[u8] {
        &self.path
    }

    /// What the root is to be watched for before the tree is added.
    #[must_use]
    pub fn first(&self) -> Mask {
        self.first
    }
}

/// What an event makes necessary.
#[derive(Debug)]
enum Task {
    /// Scans directories.
    Walk(Box<Walk>),
    /// A directory was moved from this place to somewhere else.
    Release(NodeId, Box<[u8]>),
    /// Something was mounted or unmounted.
    ReadMounts,
    /// Polled directories have changes.
    TakePolled,
}

/// A tree that is being added: what is left to scan.
#[derive(Debug)]
pub struct Addition {
    /// The number of the tree.
    pub tree: u32,
    /// The wd of the root, or the number that it has in the place of one if it is polled. It may have ended since.
    pub wd: i32,
    root: NodeId,
    walk: Walk,
}

/// The trees of one instance, and the watches of it that are in none.
pub struct DirTrees {
    fd: RawFd,
    tree: Tree,
    dirs: OpenDirs<Linux<RawFd>>,
    mounts: Option<Mounts>,
    /// Watches that were removed, while their last events may still be queued.
    removed: HashSet<i32>,
    tasks: VecDeque<Task>,
    emitted: Emitted,
    /// The directories by wd as events have them, until one of them moves.
    known: HashMap<i32, Arc<Dir>>,
    /// When the queue was empty last.
    empty: Moment,
    ahead: Ahead,
    /// The first halves of renames.
    moving: HashMap<u32, (i32, Box<[u8]>)>,
    /// Puts a mark into the queue. `None`: there are no marks, and nothing is polled.
    waker: Option<Waker>,
    /// What marks said that is not done yet.
    is_remounted: bool,
    has_polled_changes: bool,
    polled: PolledDirs,
    /// Whether directories have moved.
    is_moved: bool,
    /// Roots whose file system was unmounted: something else may be there.
    unmounted: HashSet<i32>,
    denied: Denied,
}

/// Directories that cannot be watched or read.
#[derive(Debug, Default)]
struct Denied {
    /// The first one that is not reported, and the errno.
    first: Option<(Vec<u8>, i32)>,
    /// Whether there was one.
    any: bool,
}

impl fmt::Debug for DirTrees {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirTrees").field("tree", &self.tree).field("polled", &self.polled).finish_non_exhaustive()
    }
}

impl DirTrees {
    /// For the instance of this descriptor.
    #[must_use]
    pub fn new(fd: RawFd) -> Self {
        Self {
            fd,
            tree: Tree::default(),
            dirs: OpenDirs::new(PASSED, Mask::UNMOUNT),
            mounts: None,
            removed: HashSet::new(),
            tasks: VecDeque::new(),
            emitted: Emitted::default(),
            known: HashMap::new(),
            empty: Moment::now(),
            ahead: Ahead::default(),
            moving: HashMap::new(),
            waker: None,
            is_remounted: false,
            has_polled_changes: false,
            polled: PolledDirs::default(),
            is_moved: false,
            unmounted: HashSet::new(),
            denied: Denied::default(),
        }
    }

    /// A watch was added by itself.
    pub fn add_single(&mut self, wd: i32) {
        self.tree.single.insert(wd);
    }

    /// From now on the queue has [marks](crate::tree_marks). `waker` puts one.
    pub fn set_waker(&mut self, waker: Waker) {
        self.waker = Some(waker);
    }

    /// Whether what inotify cannot see is polled.
    #[must_use]
    pub fn can_poll(&self) -> bool {
        self.waker.is_some()
    }

    /// Adds a tree, whose root is watched as `wd`. Call [`scan_addition`](Self::scan_addition) then.
    pub fn add(&mut self, wd: i32, options: Options) -> Addition {
        self.tree.single.remove(&wd);
        self.ahead.found.remove(&wd);
        let path = absolute(&options.path);
        let (root, tree) = self.tree.add_root(wd, options);
        self.forget_gone();
        self.dirs.roots.insert(root, path);
        self.known.clear();
        let step = Step { parent: None, root, name: Box::default(), link: true, report: false };
        Addition { tree, wd, root, walk: Walk::new(Reason::Addition, vec![step]) }
    }

    /// The wd of a tree's root, or the number in its place; `None`: it has ended.
    #[must_use]
    pub fn root_wd(&self, addition: &Addition) -> Option<i32> {
        self.tree.wd(addition.root)
    }

    /// Scans what is left of a tree that is being added. Returns whether that is all; `false`: it was interrupted. If no
    /// watches are left for it, it is polled; wait then until none is [`unready`](Self::unready).
    ///
    /// # Errors
    /// [`ErrorKind::WatchLimit`](crate::ErrorKind::WatchLimit) where nothing can be polled, and those of
    /// [`Watcher::start`](crate::watcher::Watcher::start): call [`cancel`](Self::cancel) then.
    pub fn scan_addition(&mut self, addition: &mut Addition, interrupted: &AtomicBool) -> Result<bool, Error> {
        if !self.walk_apart(&mut addition.walk, interrupted) {
            return Ok(false);
        }
        if mem::take(&mut addition.walk.is_out_of_watches) {
            addition.wd = self.poll_addition(addition.root)?;
        }
        self.watch_mounted_files();
        Ok(true)
    }

    /// Removes what was added of a tree.
    pub fn cancel(&mut self, addition: &Addition) {
        if self.tree.is_root(addition.root) {
            self.cut(addition.root);
        }
    }

    /// Removes a directory of a tree, with all below. Returns whether it was one.
    pub fn remove(&mut self, wd: i32) -> bool {
        let node = self.tree.node(wd);
        if let Some(node) = node {
            if is_polled(wd) {
                self.close_polled(node);
            }
            self.cut(node);
        }
        node.is_some()
    }

    /// A watch that was added by itself was removed.
    pub fn remove_single(&mut self, wd: i32) {
        self.tree.single.remove(&wd);
    }

    /// The roots of the trees, and their wds.
    pub fn roots(&mut self) -> Vec<(i32, Arc<Dir>)> {
        let wds: Vec<i32> = self.tree.roots().filter_map(|root| self.tree.wd(root)).collect();
        wds.into_iter().filter_map(|wd| Some((wd, self.known_dir(wd)?))).collect()
    }

    /// The directories of the trees, and their wds.
    pub fn dirs(&mut self) -> Vec<(i32, Arc<Dir>)> {
        let wds: Vec<i32> = self.tree.wds().collect();
        wds.into_iter().filter_map(|wd| Some((wd, self.known_dir(wd)?))).collect()
    }

    /// Takes what is to be reported.
    pub fn take_emitted(&mut self) -> Emitted {
        mem::take(&mut self.emitted)
    }

    /// Takes the first directory that could not be watched or read, and the errno.
    pub fn take_denied(&mut self) -> Option<(Vec<u8>, i32)> {
        self.denied.first.take()
    }

    /// Whether there is a task.
    #[must_use]
    pub fn has_tasks(&self) -> bool {
        !self.tasks.is_empty()
    }

    /// Whether there is no task, and nothing to be reported.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.tasks.is_empty() && self.emitted.is_empty()
    }

    /// Does what events have made necessary. Returns whether all is done; `false`: it was interrupted.
    pub fn work(&mut self, interrupted: &AtomicBool) -> bool {
        while let Some(task) = self.tasks.pop_front() {
            match task {
                Task::Walk(mut walk) => {
                    let done = match walk.reason {
                        Reason::Rescan(_) => {
                            walk.before.get_or_insert_with(|| mem::take(&mut self.emitted));
                            self.walk_apart(&mut walk, interrupted)
                        }
                        _ => self.walk(&self.system(), &mut walk, interrupted),
                    };
                    if !done {
                        self.tasks.push_front(Task::Walk(walk));
                        return false;
                    }
                    self.finish(*walk);
                }
                Task::Release(parent, name) => self.release(parent, &name),
                Task::ReadMounts => self.read_mounts(),
                Task::TakePolled => self.take_polled(),
            }
            self.dirs.close();
            if mem::take(&mut self.is_moved) {
                self.follow_polled();
            }
        }
        true
    }

    fn system(&self) -> Linux<RawFd> {
        Linux::with(self.fd)
    }

    /// Walks on a thread with a working directory of its own, from which directories are watched faster.
    fn walk_apart(&mut self, walk: &mut Walk, interrupted: &AtomicBool) -> bool {
        let mut system = self.system();
        let mut done = None;
        thread::scope(|scope| {
            let (trees, done) = (&mut *self, &mut done);
            let walk = &mut *walk;
            let system = &mut system;
            let run = move || {
                system.wander();
                *done = Some(trees.walk(system, walk, interrupted));
            };
            let thread =
                sys::with_signals_blocked(|| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run));
            // A panic has been reported where it happened.
            thread.map(thread::ScopedJoinHandle::join).ok();
        });
        done.unwrap_or_else(|| self.walk(&self.system(), walk, interrupted))
    }

    /// Removes the watches of a directory and of all below.
    fn cut(&mut self, top: NodeId) {
        // The deepest first: then none is left without a place.
        for node in self.tree.nodes_below(top).into_iter().rev() {
            self.tree.wd(node).into_iter().for_each(|wd| self.unwatch(wd));
        }
    }

    fn unwatch(&mut self, wd: i32) {
        if !is_polled(wd) {
            // It fails where the kernel was faster.
            sys::inotify_rm_watch(self.fd, wd).ok();
            self.removed.insert(wd);
        }
        self.forget(wd);
    }

    /// A watch is no more.
    fn forget(&mut self, wd: i32) {
        if let Some(node) = self.tree.node(wd) {
            self.polled.remove(node);
        }
        self.ahead.found.remove(&wd);
        self.known.remove(&wd);
        self.emitted.end(wd);
        self.tree.forget(wd);
        self.forget_gone();
    }

    /// Forgets what went with directories.
    fn forget_gone(&mut self) {
        if self.dirs.roots.len() != self.tree.roots().count() {
            self.dirs.roots.retain(|node, _| self.tree.is_root(*node));
        }
        for wd in mem::take(&mut self.tree.unneeded) {
            self.unwatch(wd);
        }
    }

    /// The directory of a wd as events have it.
    fn known_dir(&mut self, wd: i32) -> Option<Arc<Dir>> {
        if let Some(dir) = self.known.get(&wd) {
            return Some(Arc::clone(dir));
        }
        let node = self.tree.node(wd)?;
        let path = self.tree.path(node)?;
        let root = self.tree.root_of(node)?;
        let (tree, reported) = (root.number, root.options.reported);
        let dir = Arc::new(Dir::new(path, tree, self.tree.is_root(node), reported));
        self.known.insert(wd, Arc::clone(&dir));
        Some(dir)
    }

    /// A directory is at another place.
    fn relocate(&mut self, node: NodeId, parent: NodeId, name: &[u8]) {
        self.known.clear();
        self.is_moved |= !self.polled.is_empty();
        self.ahead.recent.extend(self.tree.wd(node));
        self.tree.relocate(node, parent, name);
        self.forget_gone();
    }

    fn deny(&mut self, path: Option<Vec<u8>>, errno: i32) {
        self.denied.any = true;
        if let Some(path) = path.filter(|_| self.denied.first.is_none()) {
            self.denied.first = Some((path, errno));
        }
    }
}

/// The path without the working directory, which another thread does not share.
fn absolute(path: &[u8]) -> Vec<u8> {
    paths::absolute(path).unwrap_or_else(|_| path.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_watched_for_what_is_requested_and_what_it_needs() {
        let needed = FOLLOWED | Mask::ONLYDIR;
        let events = Mask::from_bits_retain(libc::IN_ALL_EVENTS);
        let once = Mask::MASK_CREATE | Mask::DONT_FOLLOW;
        let cases = [
            (Mask::MODIFY, needed | Mask::MODIFY, needed | Mask::MODIFY, Mask::MODIFY, true),
            (Mask::OPEN, needed, needed | Mask::OPEN, Mask::OPEN, true),
            (Mask::CREATE | once, needed | once, needed, Mask::CREATE | once, false),
            (events, (needed | events).difference(NOISE), needed | events, Mask::all(), true),
        ];
        for (requested, first, mask, reported, follows_symlinks) in cases {
            let found = Options::new(Vec::new(), requested, Duration::ZERO);
            assert_eq!((found.first, found.mask), (first, mask), "{requested:?}");
            assert_eq!((found.reported, found.follows_symlinks), (reported, follows_symlinks), "{requested:?}");
        }
    }
}
