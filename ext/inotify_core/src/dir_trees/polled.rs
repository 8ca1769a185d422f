//! What inotify cannot see: file systems that others change unseen, and trees for which no watches are left. Each such
//! directory has a [`Watcher`] for it and all below, which polls what must be polled, and no more. Its changes are
//! reported as the events that the kernel would have sent.
//!
//! In the place of a wd, the directories have numbers, as in the engine. Those below the polled one are added when
//! something happens in them.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashSet;

use crate::directory;
use crate::engine::access::Obstacle;
use crate::engine::open_dirs::Places;
use crate::engine::{self, WatchError};
use crate::error::Error;
use crate::flags::Mask;
use crate::invariant::must;
use crate::model::{Change, ChangeType, NodeId, Path, is_polled, next_polled};
use crate::mountinfo::{Mounts, RemoteMounts};
use crate::paths::{LINKS, is_within, path_from, push, relative};
use crate::watcher::Watcher;

use super::mounts::read_mounts;
use super::scan::{Entered, Reason, Step, Walk};
use super::{Addition, DirTrees, Options, absolute};

/// How long it must be quiet before changes are reported.
const DEBOUNCE: Duration = Duration::from_millis(50);

/// The first number that renames have in polled directories. The kernel counts up from 1.
const FIRST_COOKIE: u32 = 1 << 31;

/// What is reported of the first scan of a polled directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    /// Nothing: it was there when the tree was added.
    Nothing,
    /// Everything.
    All,
    /// What is in directories that are not watched. The others are until then.
    Unwatched,
}

/// The polled directories of all trees, and the mounts that may be such.
#[derive(Debug, Default)]
pub(super) struct PolledDirs {
    /// Each is polled with all below it.
    dirs: BTreeMap<NodeId, Polled>,
    /// The mounts by which directories are scanned, and those of them that others change unseen.
    mounts: Mounts,
    remote: RemoteMounts,
    /// The number of the directory that was added last, and of the last rename in one.
    last_number: i32,
    last_cookie: u32,
    errors: Vec<WatchError>,
}

impl PolledDirs {
    pub(super) fn is_empty(&self) -> bool {
        self.dirs.is_empty()
    }

    /// Ends the polling of a directory.
    pub(super) fn remove(&mut self, node: NodeId) {
        self.dirs.remove(&node);
    }
}

/// A directory that is polled with all below it.
#[derive(Debug)]
struct Polled {
    watcher: Arc<Watcher>,
    /// What the paths of its changes begin with.
    given: Vec<u8>,
    /// Its real path.
    path: Vec<u8>,
    /// Whether it was entered through a symbolic link.
    link: bool,
    /// Whether the tree has watches until the first batch, in which everything is new.
    replaces_watches: bool,
    /// Whether the first scan is done.
    is_ready: bool,
    /// The paths below it that are not reported any more.
    closed: HashSet<Vec<u8>>,
}

impl Polled {
    /// The watcher, if the first scan is not done.
    fn unready(&mut self) -> Option<Arc<Watcher>> {
        self.is_ready = self.is_ready || self.watcher.ready().take().is_some() || self.watcher.has_ended();
        (!self.is_ready).then(|| Arc::clone(&self.watcher))
    }

    /// The part of a path of its changes that is below it.
    fn below<'p>(&self, path: &'p [u8]) -> Option<&'p [u8]> {
        relative(path, &self.given)
    }
}

/// The real path of what is at an absolute path, if that is on a file system that others change unseen. That is not
/// reached: it may not reply.
pub(super) fn remote_path(mounts: &Mounts, path: &[u8]) -> Option<Vec<u8>> {
    let is_remote = |path: &[u8]| mounts.around(path).is_some_and(|(_, mount)| mount.is_remote());
    let names = |path: &[u8]| path.split(|byte| *byte == b'/').rev().map(<[u8]>::to_vec).collect::<Vec<_>>();
    let mut rest = names(path);
    let mut at = Vec::new();
    let mut links = 0;
    while let Some(name) = rest.pop() {
        match name.as_slice() {
            b"" | b"." => continue,
            b".." => at.truncate(at.iter().rposition(|byte| *byte == b'/').unwrap_or(0)),
            name => {
                let mut next = at.clone();
                next.push(b'/');
                next.extend_from_slice(name);
                let mut whole = next.clone();
                let below = rest.iter().rev().filter(|name| !matches!(name.as_slice(), b"" | b"."));
                below.for_each(|name| push(&mut whole, name));
                if is_remote(&next) && is_remote(&whole) {
                    return Some(whole);
                }
                match directory::read_link(rustix::fs::CWD, &next) {
                    Ok(target) if links < LINKS => {
                        links += 1;
                        if target.starts_with(b"/") {
                            at.clear();
                        }
                        rest.extend(names(&target));
                    }
                    _ => at = next,
                }
            }
        }
    }
    None
}

impl DirTrees {
    /// To be called before a tree is added: the real path of its root, if that is on a file system that others change
    /// unseen. Then [`add_polled`](Self::add_polled) it.
    #[must_use]
    pub fn remote_root(&mut self, path: &[u8]) -> Option<Vec<u8>> {
        self.read_current_mounts();
        if self.waker.is_none() || self.polled.remote.is_empty() {
            return None;
        }
        remote_path(&self.polled.mounts, &absolute(path))
    }

    /// Adds a tree that is polled. `path`: the real path of the root, if it is known. Call
    /// [`scan_addition`](Self::scan_addition) then.
    ///
    /// # Errors
    /// As [`Watcher::start`].
    pub fn add_polled(&mut self, options: Options, path: Option<Vec<u8>>) -> Result<Addition, Error> {
        let path = path.unwrap_or_else(|| absolute(&options.path));
        let number = self.number();
        let (root, tree) = self.tree.add_root(number, options);
        if let Err(error) = self.poll_dir(root, path, First::Nothing, false) {
            self.cut(root);
            return Err(error);
        }
        Ok(Addition { tree, wd: number, root, walk: Walk::new(Reason::Addition, Vec::new()) })
    }

    /// The watcher of a polled directory in a tree that is being added, if its first scan is not done. Wait for that
    /// before the tree counts as added, and meanwhile let others have the trees: it may never be done.
    pub fn unready(&mut self, addition: &Addition) -> Option<Arc<Watcher>> {
        let Self { polled, tree, .. } = self;
        let mut polled = polled.dirs.iter_mut().filter(|(node, _)| tree.top(**node) == addition.root);
        polled.find_map(|(_, polled)| polled.unready())
    }

    /// To be called when all are ready: whether the root is a directory if it is polled.
    ///
    /// # Errors
    /// That of the root, as if it had been watched.
    pub fn check_root(&self, addition: &Addition) -> Result<(), Error> {
        let Some(polled) = self.polled.dirs.get(&addition.root) else { return Ok(()) };
        let stats = polled.watcher.stats();
        if stats.directories > 0 {
            return Ok(());
        }
        let denied = |error: &WatchError| match error {
            WatchError::Denied(_, errno, _) => Some(*errno),
            _ => None,
        };
        let absent = if stats.files > 0 { libc::ENOTDIR } else { libc::ENOENT };
        let errno = polled.watcher.take_errors().iter().find_map(denied).unwrap_or(absent);
        Err(WatchError::failed(errno, &polled.given))
    }

    /// Takes the errors of polled directories: each place is reported once.
    pub fn take_errors(&mut self) -> Vec<WatchError> {
        mem::take(&mut self.polled.errors)
    }

    /// Ends all polling.
    pub fn close(&mut self) {
        for polled in mem::take(&mut self.polled.dirs).into_values() {
            polled.watcher.close();
        }
    }

    /// Reads the mounts, to find those that others change unseen.
    pub(super) fn read_current_mounts(&mut self) {
        self.polled.mounts = read_mounts();
        self.polled.remote = RemoteMounts::of(&self.polled.mounts);
    }

    fn number(&mut self) -> i32 {
        self.polled.last_number = next_polled(self.polled.last_number);
        self.polled.last_number
    }

    /// Whether a directory is polled.
    pub(super) fn is_polled(&self, node: NodeId) -> bool {
        self.tree.wd(node).is_some_and(is_polled)
    }

    /// Whether a directory is polled, and the one that it is in is not.
    pub(super) fn is_top_polled(&self, node: NodeId) -> bool {
        self.polled.dirs.contains_key(&node)
    }

    /// Polls a directory and all below from now on. Only with a waker.
    fn poll_dir(&mut self, node: NodeId, path: Vec<u8>, first: First, link: bool) -> Result<(), Error> {
        let found = self.tree.options(node).cloned().zip(self.tree.path(node)).zip(self.waker.clone());
        let found = must(found, "only directories of trees are polled, and only with a waker");
        let Some(((options, given), waker)) = found else { return Err(WatchError::failed(libc::ENOSPC, &path)) };
        let mut watched = engine::Options::new(true);
        watched.follow_links = options.follows_symlinks;
        watched.poll = Some(options.poll);
        watched.closed = options.reported.contains(Mask::CLOSE_WRITE);
        watched.add_as(&given, &path);
        let watcher = Arc::new(Watcher::start_waking(&watched, DEBOUNCE, waker, first != First::Nothing)?);
        let closed = HashSet::new();
        let replaces_watches = first == First::Unwatched;
        self.polled.dirs.insert(node, Polled { watcher, given, path, link, replaces_watches, is_ready: false, closed });
        Ok(())
    }

    /// The real path of a step to a file system that others change unseen.
    pub(super) fn remote_step(&self, step: &Step) -> Option<Vec<u8>> {
        let parent = step.parent.filter(|_| self.waker.is_some() && !self.polled.remote.is_empty())?;
        if step.link {
            let mut path = self.tree.path(parent)?;
            push(&mut path, &step.name);
            return remote_path(&self.polled.mounts, &absolute(&path));
        }
        if !self.polled.remote.may_be_at(&step.name) {
            return None;
        }
        let mut path = self.real_path(parent)?;
        push(&mut path, &step.name);
        Some(path).filter(|path| self.polled.remote.contains(path))
    }

    fn real_path(&self, node: NodeId) -> Option<Vec<u8>> {
        let base = |at| self.tree.real_paths.get(&at).map(Vec::as_slice);
        path_from(node, base, |at| self.tree.place(at))
    }

    /// The polled directory that a step leads to, if it is known.
    pub(super) fn known_polled(&self, step: &Step) -> Option<NodeId> {
        let parent = step.parent.filter(|_| !self.polled.dirs.is_empty())?;
        self.tree.find(parent, &step.name).filter(|node| self.is_polled(*node))
    }

    /// Polls the directory that a step leads to.
    pub(super) fn enter_remote(
        &mut self,
        step: &Step,
        path: Vec<u8>,
        walk: &mut Walk,
    ) -> Result<Option<Entered>, Obstacle> {
        let Some(parent) = step.parent else { return Ok(None) };
        let is_same = |(node, polled): (&NodeId, &Polled)| {
            self.tree.top(*node) == step.root && (is_within(&path, &polled.path) || is_within(&polled.path, &path))
        };
        if self.polled.dirs.iter().any(is_same) {
            // Another path leads to it already.
            return Ok(None);
        }
        let number = self.number();
        let node = self.tree.add(parent, &step.name, number);
        let first = if walk.is_addition() { First::Nothing } else { First::All };
        if let Err(error) = self.poll_dir(node, path, first, step.link) {
            self.cut(node);
            return Err(Obstacle::Denied(error.errno()));
        }
        if walk.since().is_some() {
            self.emit_dir(node, Mask::CREATE);
        }
        walk.visited.insert(node);
        Ok(None)
    }

    /// No watch is free for a directory: has the whole tree polled, as far as watches lack. Returns whether it is. Until
    /// everything is scanned, its watches report as before.
    pub(super) fn poll_tree(&mut self, root: NodeId) -> bool {
        if self.is_top_polled(root) {
            return true;
        }
        let path = self.real_path(root);
        self.waker.is_some() && path.is_some_and(|path| self.poll_dir(root, path, First::Unwatched, false).is_ok())
    }

    /// The same for a tree that is being added, of which nothing is reported. Returns the number in the place of its wd.
    pub(super) fn poll_addition(&mut self, root: NodeId) -> Result<i32, Error> {
        let path = self.real_path(root).filter(|_| self.waker.is_some());
        let Some(path) = path else {
            let path = must(self.tree.path(root), "a root has a path").unwrap_or_default();
            return Err(WatchError::failed(libc::ENOSPC, &path));
        };
        let number = self.release_watches(root);
        self.poll_dir(root, path, First::Nothing, false)?;
        Ok(number)
    }

    /// Removes all watches of a tree, and what is known of it. Returns the number in the place of the root's wd.
    fn release_watches(&mut self, root: NodeId) -> i32 {
        for node in self.tree.children(root) {
            self.cut(node);
        }
        let number = self.number();
        self.tree.release_files(root);
        if let Some(before) = self.tree.replace_root(root, number) {
            self.unwatch(before);
        }
        self.known.clear();
        number
    }

    /// Directories have moved: polls those that have another path by now there.
    pub(super) fn follow_polled(&mut self) {
        let moved = self.polled.dirs.iter().filter(|(node, polled)| !polled.link && !self.tree.is_root(**node));
        let moved = moved.filter_map(|(node, polled)| {
            let path = self.real_path(*node)?;
            (path != polled.path).then_some((*node, path))
        });
        for (node, path) in moved.collect::<Vec<_>>() {
            // What was there is found at the new path.
            self.polled.dirs.remove(&node);
            if let Err(error) = self.poll_dir(node, path, First::All, false) {
                self.deny(self.tree.path(node), error.errno());
                self.cut(node);
            }
        }
    }

    /// A directory below a polled one is not reported any more.
    pub(super) fn close_polled(&mut self, node: NodeId) {
        let mut at = node;
        while let Some((parent, _)) = self.tree.place(at).filter(|_| !self.is_top_polled(at)) {
            at = parent;
        }
        let path = self.tree.path(node).zip(self.tree.path(at));
        let below = path.and_then(|(path, top)| relative(&path, &top).map(<[u8]>::to_vec));
        if let Some((polled, below)) = self.polled.dirs.get_mut(&at).zip(below.filter(|_| at != node)) {
            polled.closed.insert(below);
        }
    }

    /// Reports what has happened in polled directories.
    pub(super) fn take_polled(&mut self) {
        for node in self.polled.dirs.keys().copied().collect::<Vec<_>>() {
            let Some(polled) = self.polled.dirs.get_mut(&node) else { continue };
            let watcher = Arc::clone(&polled.watcher);
            let changes = watcher.take();
            let replaces = !changes.is_empty() && mem::take(&mut polled.replaces_watches);
            self.polled.errors.extend(watcher.take_errors());
            if let Some(failure) = watcher.take_failure() {
                self.deny(self.tree.path(node), failure.errno());
            }
            let known = replaces.then(|| self.replace_watches(node));
            let renamed = Renamed::of(&changes);
            for change in changes.iter().filter(|change| !renamed.closes(change)) {
                self.report_change(node, change, known.as_ref());
            }
            self.forget_gone();
            // A consumer of events cannot say when it is done with them: it is taken to be.
            watcher.done_with_taken();
        }
    }

    /// Everything in a tree is known by polling: its watches end. Returns the paths of the directories that have
    /// reported until now.
    fn replace_watches(&mut self, root: NodeId) -> HashSet<Vec<u8>> {
        let top = self.tree.path(root);
        let below = |node| Some(relative(&self.tree.path(node)?, top.as_ref()?)?.to_vec());
        let known = self.tree.nodes_below(root).into_iter().filter_map(below).collect();
        self.release_watches(root);
        known
    }

    /// Reports a change as the kernel would have. `known`: directories that have reported it before.
    fn report_change(&mut self, top: NodeId, change: &Change, known: Option<&HashSet<Vec<u8>>>) {
        let path = change.path.to_bytes();
        let from = change.from.as_ref().map(Path::to_bytes);
        let Some(polled) = self.polled.dirs.get(&top) else { return };
        let Some(below) = polled.below(&path) else { return };
        let from = from.as_ref().and_then(|from| polled.below(from));
        if below.is_empty() {
            return self.report_top(top, change);
        }
        let (dir, name) = split(below);
        let reported = known.is_none_or(|known| !known.contains(dir));
        let isdir = if change.directory { Mask::ISDIR } else { Mask::empty() };
        if let (ChangeType::Renamed, Some(from)) = (change.change_type, from) {
            return self.report_rename(top, from, below, isdir);
        }
        let Some(parent) = self.dir_below(top, dir) else { return };
        let happened: &[Mask] = match change.change_type {
            ChangeType::Created if change.directory => &[Mask::CREATE],
            ChangeType::Created => &[Mask::CREATE, Mask::MODIFY],
            // A scan cannot tell whether it is the content.
            ChangeType::Modified if change.rescanned => &[Mask::MODIFY, Mask::ATTRIB],
            ChangeType::Modified => &[Mask::MODIFY],
            ChangeType::Attributes => &[Mask::ATTRIB],
            ChangeType::Closed => &[Mask::CLOSE_WRITE],
            ChangeType::Deleted => &[Mask::DELETE],
            // From elsewhere.
            ChangeType::Renamed => &[Mask::MOVED_TO],
        };
        if reported {
            for mask in happened {
                self.emit_alone(parent, *mask | isdir, 0, name);
            }
        }
        match change.change_type {
            ChangeType::Created if change.directory => drop(self.dir_below(top, below)),
            ChangeType::Deleted if change.directory => {
                if let Some(polled) = self.polled.dirs.get_mut(&top) {
                    polled.closed.remove(below);
                }
                self.end_polled(parent, name);
            }
            _ => {}
        }
    }

    fn report_rename(&mut self, top: NodeId, from: &[u8], to: &[u8], isdir: Mask) {
        let ((from_dir, from_name), (to_dir, to_name)) = (split(from), split(to));
        let Some((source, target)) = self.dir_below(top, from_dir).zip(self.dir_below(top, to_dir)) else { return };
        self.polled.last_cookie = self.polled.last_cookie.wrapping_add(1).max(FIRST_COOKIE);
        let cookie = self.polled.last_cookie;
        self.emit_alone(source, Mask::MOVED_FROM | isdir, cookie, from_name);
        self.emit_alone(target, Mask::MOVED_TO | isdir, cookie, to_name);
        if let Some(node) = self.tree.find(source, from_name).filter(|node| !self.tree.is_in(target, *node)) {
            self.end_polled(target, to_name);
            self.known.clear();
            self.tree.relocate(node, target, to_name);
        }
    }

    /// Reports a change of a polled directory itself. That it comes or goes is reported by the one that it is in, unless
    /// it is a root.
    fn report_top(&mut self, top: NodeId, change: &Change) {
        match (change.change_type, self.tree.place_of(top)) {
            (ChangeType::Attributes, Some((parent, name))) => {
                self.emit_alone(parent, Mask::ATTRIB | Mask::ISDIR, 0, &name);
            }
            (ChangeType::Attributes, None) => {
                self.emit_alone(top, Mask::ATTRIB | Mask::ISDIR, 0, b"");
            }
            (ChangeType::Deleted, None) => {
                self.emit_alone(top, Mask::DELETE_SELF, 0, b"");
            }
            _ => {}
        }
    }

    /// The directory at a path below a polled one. `None`: it is not reported any more.
    fn dir_below(&mut self, top: NodeId, below: &[u8]) -> Option<NodeId> {
        if self.polled.dirs.get(&top)?.closed.iter().any(|closed| is_within(below, closed)) {
            return None;
        }
        let names = below.split(|byte| *byte == b'/').filter(|name| !name.is_empty());
        Some(names.fold(top, |at, name| match self.tree.find(at, name) {
            Some(child) => child,
            None => {
                let number = self.number();
                self.tree.add(at, name, number)
            }
        }))
    }

    /// The polled directory at a place is gone, with all below.
    pub(super) fn end_polled(&mut self, parent: NodeId, name: &[u8]) {
        if let Some(node) = self.tree.find(parent, name).filter(|node| self.is_polled(*node)) {
            self.cut(node);
        }
    }
}

/// What scans found renamed in a batch, and the files that are new or changed. A watcher reports renamed files as
/// complete; the kernel does not.
struct Renamed {
    paths: Vec<Vec<u8>>,
    written: HashSet<Vec<u8>>,
}

impl Renamed {
    fn of(changes: &[Change]) -> Self {
        let paths_of = |belongs: fn(&Change) -> bool| {
            changes.iter().filter(move |change| belongs(change)).map(|change| change.path.to_bytes())
        };
        let paths: Vec<_> = paths_of(|it| it.change_type == ChangeType::Renamed && it.rescanned).collect();
        let is_written = |it: &Change| matches!(it.change_type, ChangeType::Created | ChangeType::Modified);
        let written = if paths.is_empty() { HashSet::new() } else { paths_of(is_written).collect() };
        Self { paths, written }
    }

    /// Whether a change says no more than that a file is renamed.
    fn closes(&self, change: &Change) -> bool {
        if change.change_type != ChangeType::Closed || self.paths.is_empty() {
            return false;
        }
        let path = change.path.to_bytes();
        !self.written.contains(&path) && self.paths.iter().any(|renamed| is_within(&path, renamed))
    }
}

/// The directory and the name of a relative path.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = path.rsplitn(2, |byte| *byte == b'/');
    let name = parts.next().unwrap_or_default();
    (parts.next().unwrap_or_default(), name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use std::{env, fs, process};

    fn change(change_type: ChangeType, path: &str) -> Change {
        Change { change_type, path: Path::from(path.as_bytes()), from: None, directory: false, rescanned: true }
    }

    #[test]
    fn the_path_to_a_remote_file_system_is_found_over_links_and_reaches_nothing_there() {
        let top = fs::canonicalize(env::temp_dir()).unwrap().join(format!("inotify_rs_remote_{}", process::id()));
        fs::create_dir_all(top.join("d")).unwrap();
        for (target, name) in [("../mnt/x", "d/link"), ("loop", "loop"), ("d", "local")] {
            symlink(target, top.join(name)).unwrap();
        }
        let at = top.to_str().unwrap();
        let mounts = [
            "1 0 8:1 / / rw - ext4 none rw".to_owned(),
            format!("2 1 0:5 / {at}/mnt rw - fuse.sshfs none rw"),
            format!("3 2 0:6 / {at}/mnt/local rw - tmpfs none rw"),
        ];
        let mut current = Mounts::default();
        current.update(Ok(mounts.join("\n").into_bytes()));
        let cases = [
            ("mnt", Some("mnt")),
            ("mnt/a//b", Some("mnt/a/b")),
            ("d/../mnt/./a", Some("mnt/a")),
            ("d/link", Some("mnt/x")),
            ("local/link/y", Some("mnt/x/y")),
            ("mnt/local/x", None),
            ("loop", None),
            ("d", None),
            ("mnt2", None),
        ];
        for (path, remote) in cases {
            let found = remote_path(&current, top.join(path).as_os_str().as_bytes());
            let remote = remote.map(|remote| top.join(remote).as_os_str().as_bytes().to_vec());
            assert_eq!(found, remote, "{path}");
        }
        fs::remove_dir_all(top).unwrap();
    }

    #[test]
    fn a_renamed_file_was_not_closed_unless_it_is_new_or_changed() {
        let changes = [
            change(ChangeType::Renamed, "t/dir"),
            change(ChangeType::Modified, "t/dir/changed"),
            change(ChangeType::Created, "t/dir/new"),
        ];
        let renamed = Renamed::of(&changes);
        let closes = |path| renamed.closes(&change(ChangeType::Closed, path));
        let found = ["t/dir/same", "t/dir/changed", "t/dir/new", "t/directory"].map(closes);
        assert_eq!(found, [true, false, false, false]);
        assert!(!Renamed::of(&changes[1..]).closes(&change(ChangeType::Closed, "t/dir/same")));
    }

    #[test]
    fn a_path_has_a_directory_and_a_name() {
        let found = ["a/b/c", "a", ""].map(|path| split(path.as_bytes()));
        let expected: [(&[u8], &[u8]); 3] = [(b"a/b", b"c"), (b"", b"a"), (b"", b"")];
        assert_eq!(found, expected);
    }
}
