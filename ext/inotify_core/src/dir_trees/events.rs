//! Applies events: what is reported of each, and what it makes necessary.

use std::mem;
use std::os::fd::RawFd;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use crate::engine::access::Obstacle;
use crate::event::{Event, Record};
use crate::flags::Mask;
use crate::invariant::must;
use crate::model::{NodeId, is_polled};
use crate::moment::Moment;
use crate::system::Linux;
use crate::tree_marks::TreeMark;

use super::scan::{Arrival, Entry, Reason, Step, Walk};
use super::{Dir, DirTrees, Target, Task};

/// Events that say more than what happened to a file.
const SPECIAL: Mask = Mask::ISDIR.union(Mask::IGNORED).union(Mask::UNMOUNT).union(Mask::Q_OVERFLOW);

/// What scans found before the events of the same time are applied. Forgotten when the queue is empty.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// Entries that were reported, by wd: the kernel may be about to report the same.
    pub(super) found: HashMap<i32, HashSet<Box<[u8]>>>,
    /// The wds of directories that were found, or moved.
    pub(super) recent: HashSet<i32>,
    /// Whether anything was found, or moved.
    is_any: bool,
    /// Whether events that came after that contradict it.
    is_contradicted: bool,
    /// Whether that began with an overflow.
    is_rescanned: bool,
    /// Directories that an event reported to be deleted since, by the wd of their parent.
    deleted: HashSet<(i32, Box<[u8]>)>,
}

impl DirTrees {
    /// Applies an event that makes nothing necessary, with fewer look-ups. Returns whether it is such an event: if not,
    /// [`apply`](Self::apply) it.
    pub fn pass(&mut self, record: &Record<'_>) -> bool {
        if record.mask.intersects(SPECIAL) || !self.ahead.found.is_empty() {
            return false;
        }
        if self.tree.single.contains(&record.wd) {
            self.emitted.pass(record.bytes, Target::Watch(record.wd));
            return true;
        }
        let Some(dir) = self.known.get(&record.wd) else { return false };
        if dir.reported.intersects(record.mask) {
            self.emitted.pass_of(record.bytes, dir);
        }
        true
    }

    /// Applies an event. Then do the [`work`](Self::work) that it made necessary, before the next one. `paired`: whether the
    /// second half of a rename is about to come. `take_mark`: takes the mark of a wd, if it is one.
    pub fn apply(&mut self, event: &Event<'_>, paired: bool, take_mark: impl FnOnce(i32) -> Option<TreeMark>) {
        let ignored = event.mask.contains(Mask::IGNORED);
        if event.mask.contains(Mask::Q_OVERFLOW) {
            self.overflow(event);
        } else if self.tree.single.contains(&event.wd) {
            self.emitted.pass(event.record, Target::Watch(event.wd));
            if let Some(node) = self.tree.node(event.wd) {
                self.follow(node, event, paired, false);
            }
            if ignored {
                self.remove_single(event.wd);
                self.emitted.end(event.wd);
            }
        } else if let Some(node) = self.tree.node(event.wd) {
            self.apply_to_dir(node, event, paired);
        } else if self.tree.watches.has_files(event.wd) {
            self.apply_to_file(event);
        } else if ignored && self.removed.remove(&event.wd) || self.removed.contains(&event.wd) {
            // Somebody removed that watch.
        } else if let Some(mark) = take_mark(event.wd) {
            self.is_remounted |= mark.mounts;
            self.has_polled_changes |= !self.polled.is_empty();
        } else {
            self.emitted.pass(event.record, Target::Watch(event.wd));
        }
    }

    fn apply_to_dir(&mut self, node: NodeId, event: &Event<'_>, paired: bool) {
        if self.is_found(event) {
            return;
        }
        let Some(dir) = self.known_dir(event.wd) else { return };
        let reported = dir.reported.intersects(event.mask);
        if reported {
            self.emitted.pass_of(event.record, &dir);
        }
        self.follow(node, event, paired, reported);
    }

    /// What an event of a directory makes necessary.
    fn follow(&mut self, node: NodeId, event: &Event<'_>, paired: bool, reported: bool) {
        if event.mask.contains(Mask::ISDIR) && !event.name.is_empty() {
            self.ahead.is_contradicted |= self.ahead.is_any && event.mask.intersects(Mask::MOVED_FROM | Mask::MOVED_TO);
            if reported && self.ahead.is_any {
                self.note_deleted(event);
            }
            self.follow_entry(node, event, paired);
        } else if event.mask.contains(Mask::UNMOUNT) && self.waker.is_some() && self.tree.is_root(node) {
            self.unmounted.insert(event.wd);
        } else if event.mask.contains(Mask::IGNORED) && !self.unmounted.contains(&event.wd) {
            self.forget(event.wd);
        }
    }

    fn follow_entry(&mut self, node: NodeId, event: &Event<'_>, paired: bool) {
        let (mask, cookie, name) = (event.mask, event.cookie, Box::from(event.name));
        if mask.contains(Mask::MOVED_FROM) {
            if paired {
                self.moving.insert(cookie, (event.wd, name));
            } else {
                self.tasks.push_back(Task::Release(node, name));
            }
        } else if mask.contains(Mask::MOVED_TO) {
            let from = self.moving.remove(&cookie);
            self.scan(node, name, from.is_none(), Reason::Arrival(Arrival { from, to: (event.wd, event.name.into()) }));
        } else if mask.contains(Mask::DELETE) {
            self.end_polled(node, event.name);
        } else if mask.contains(Mask::CREATE) {
            self.scan(node, name, true, Reason::Entry);
        } else if mask.contains(Mask::ATTRIB) && self.denied.any {
            // What could not be read may be readable now.
            self.scan(node, name, false, Reason::Entry);
        }
    }

    fn scan(&mut self, parent: NodeId, name: Box<[u8]>, report: bool, reason: Reason) {
        let step = Step { parent: Some(parent), root: self.tree.top(parent), name, link: false, report };
        self.tasks.push_back(Task::Walk(Box::new(Walk::new(reason, vec![step]))));
    }

    /// Whether an event reports an entry that a scan found. Takes note of what it says of the entry.
    fn is_found(&mut self, event: &Event<'_>) -> bool {
        let Some(names) = self.ahead.found.get_mut(&event.wd) else { return false };
        let gone = Mask::CREATE | Mask::DELETE | Mask::MOVED_FROM;
        let found = event.mask.intersects(gone) && names.remove(event.name);
        if names.is_empty() {
            self.ahead.found.remove(&event.wd);
        }
        found && event.mask.contains(Mask::CREATE)
    }

    /// Takes note of what an event says of a directory, while scans are ahead of events.
    fn note_deleted(&mut self, event: &Event<'_>) {
        if event.mask.contains(Mask::DELETE) {
            self.ahead.deleted.insert((event.wd, event.name.into()));
        } else if event.mask.intersects(Mask::CREATE | Mask::MOVED_TO) && !self.ahead.deleted.is_empty() {
            self.ahead.deleted.remove(&(event.wd, event.name.into()));
        }
    }

    fn overflow(&mut self, event: &Event<'_>) {
        self.removed.clear();
        // What is polled has lost nothing.
        let roots = self.tree.roots().filter_map(|root| self.tree.wd(root)).filter(|wd| !is_polled(*wd));
        let mut wds: Vec<i32> = roots.chain(self.tree.single.iter().copied()).collect();
        wds.sort_unstable();
        self.emitted.pass(event.record, Target::Watches(wds));
        if self.tree.roots().next().is_some() {
            // What is queued by now says how it came to what is found.
            (self.ahead.is_rescanned, self.ahead.is_any) = (true, true);
            self.rescan();
        }
    }

    /// Scans everything: what has changed since the queue was empty is reported.
    fn rescan(&mut self) {
        self.ahead.found = HashMap::new();
        let root = |root| Step { parent: None, root, name: Box::default(), link: true, report: false };
        let steps = self.tree.roots().filter(|node| !self.is_polled(*node)).map(root).collect();
        self.tasks.push_back(Task::Walk(Box::new(Walk::new(Reason::Rescan(self.empty.since()), steps))));
    }

    /// The queue is empty: nothing that is reported from here on was reported already.
    pub fn note_empty(&mut self) {
        self.empty = Moment::now();
        self.ahead = Ahead::default();
    }

    /// Whether all events that are queued must be applied before anything is reported: see
    /// [`repeat`](Self::repeat).
    #[must_use]
    pub fn is_contradicted(&self) -> bool {
        self.ahead.is_contradicted
    }

    /// To be called when no event is left to apply. Has what there is reported once more where scans and events contradict
    /// each other. `is_empty`: whether the queue is empty. Returns whether there is a task.
    pub fn repeat(&mut self, is_empty: impl FnOnce() -> bool) -> bool {
        if mem::take(&mut self.ahead.is_contradicted) {
            if self.ahead.is_rescanned {
                self.rescan();
            }
            let dirs = self.ahead.recent.iter().filter_map(|wd| self.tree.node(*wd)).collect();
            self.report_again(dirs);
        } else if mem::take(&mut self.is_remounted) {
            self.tasks.push_back(Task::ReadMounts);
        } else if mem::take(&mut self.has_polled_changes) {
            self.tasks.push_back(Task::TakePolled);
        } else if !self.ahead.deleted.is_empty() && is_empty() {
            let deleted = mem::take(&mut self.ahead.deleted);
            let dirs = deleted.iter().filter_map(|(wd, name)| self.tree.find(self.tree.node(*wd)?, name)).collect();
            self.report_again(dirs);
        }
        self.has_tasks()
    }

    /// Reports directories, and all that is in them.
    fn report_again(&mut self, dirs: Vec<NodeId>) {
        self.tasks.push_back(Task::Walk(Box::new(Walk::new(Reason::Again(dirs), Vec::new()))));
    }

    /// Ends a walk.
    pub(super) fn finish(&mut self, mut walk: Walk) {
        // A rename says itself that a directory has moved.
        let expected = matches!(&walk.reason, Reason::Arrival(Arrival { from: Some(_), .. }));
        self.ahead.is_any |= walk.moves > usize::from(expected);
        match &walk.reason {
            Reason::Arrival(Arrival { from: None, .. }) => self.watch_moved_files(),
            Reason::Arrival(Arrival { from: Some(from), to }) if walk.visited.is_empty() => self.rename(from, to),
            Reason::Rescan(_) => self.finish_rescan(&mut walk),
            _ => {}
        }
    }

    fn finish_rescan(&mut self, walk: &mut Walk) {
        let nodes = self.tree.wds().filter_map(|wd| self.tree.node(wd));
        let nodes: Vec<NodeId> = nodes.filter(|node| !self.is_polled(*node) || self.is_top_polled(*node)).collect();
        let is_gone = |node: &NodeId| !walk.visited.contains(node) && !self.may_be_there(*node, walk);
        // The end of a root is the kernel's to report.
        let is_gone = |node: &NodeId| !self.tree.is_root(*node) && is_gone(node);
        let mut gone: Vec<NodeId> = nodes.into_iter().filter(is_gone).collect();
        gone.sort_by_key(|node| std::cmp::Reverse(self.tree.depth(*node)));
        // Another directory may be in the place of one that is gone.
        let before = must(walk.before.take(), "a rescan keeps what was to be reported before it").unwrap_or_default();
        let found = mem::replace(&mut self.emitted, before);
        let mut places = Vec::new();
        for node in gone {
            self.emit_dir(node, Mask::DELETE);
            places.extend(self.tree.place_of(node));
            match self.is_polled(node) {
                true => self.cut(node),
                false => self.tree.wd(node).into_iter().for_each(|wd| self.unwatch(wd)),
            }
        }
        self.emitted.append(found);
        // What took such a place before the overflow has been reported before.
        let again: Vec<NodeId> = places.iter().filter_map(|(parent, name)| self.tree.find(*parent, name)).collect();
        if !again.is_empty() {
            self.report_again(again);
        }
    }

    /// What was at a place is at another, wherever that is by now.
    fn rename(&mut self, (wd, name): &Entry, (to, to_name): &Entry) {
        let (Some(parent), Some(to)) = (self.tree.node(*wd), self.tree.node(*to)) else { return };
        if let Some(node) = self.tree.all_at(parent, name).first().copied().filter(|node| !self.tree.is_in(to, *node)) {
            self.relocate(node, to, to_name);
        }
    }

    /// A directory has left this place for elsewhere: releases it, unless it is there again.
    pub(super) fn release(&mut self, parent: NodeId, name: &[u8]) {
        let system = self.system();
        for node in self.tree.all_at(parent, name) {
            if self.is_polled(node) || !self.is_in_place(&system, node) {
                self.cut(node);
            }
        }
    }

    /// Whether the path of a directory leads to it. A rename that was not reported yet may have put another one there.
    pub(super) fn is_in_place(&mut self, system: &Linux<RawFd>, node: NodeId) -> bool {
        self.dirs.close();
        // Where that can't be found out it may be.
        matches!(self.dirs.dir(system, &self.tree, node), Ok(_) | Err(Obstacle::Denied(_)))
    }

    /// Reports something about a directory, as an event of the one that it is in.
    pub(super) fn emit_dir(&mut self, node: NodeId, mask: Mask) {
        if let Some((parent, name)) = self.tree.place_of(node) {
            self.emit(parent, mask | Mask::ISDIR, &name);
        }
    }

    /// Reports something that a scan found about an entry of a directory, if that is wanted.
    pub(super) fn emit(&mut self, dir: NodeId, mask: Mask, name: &[u8]) {
        // The kernel may be about to report the same.
        self.ahead.is_any |= self.emit_alone(dir, mask, 0, name);
    }

    /// The same where the kernel does not report it, too. Returns whether it is wanted.
    pub(super) fn emit_alone(&mut self, dir: NodeId, mask: Mask, cookie: u32, name: &[u8]) -> bool {
        let Some(wd) = self.tree.wd(dir) else { return false };
        let is_reported = |dir: &Arc<Dir>| dir.reported.intersects(mask.difference(Mask::ISDIR));
        let Some(known) = self.known_dir(wd).filter(is_reported) else { return false };
        self.emitted.push(wd, mask, cookie, name, Target::Dir(known));
        true
    }
}
