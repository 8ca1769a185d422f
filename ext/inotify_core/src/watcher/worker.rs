//! The thread of a watcher: reads events, looks where the tree wishes, and hands changes over.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::{Error, Operation};
use crate::event::Event;
use crate::flags::Mask;
use crate::moment::Moment;
use crate::mountinfo::Mounts;
use crate::sys;
use crate::tick::Tick;
use crate::tree::{Merged, NodeId, Tree};

use super::Options;
use super::anchors::Anchors;
use super::places::Places;
use super::queue::Queue;
use super::retries::Retries;
use super::rules::Sources;
use super::shared::{Audit, Demand, Request, Shared, Trouble};

/// What tells that a file changed where it is.
const CONTENT: Mask = Mask::MODIFY.union(Mask::CLOSE_WRITE).union(Mask::ATTRIB);

pub(crate) struct Worker {
    pub(super) shared: Arc<Shared>,
    pub(super) queue: Queue,
    pub(super) tree: Tree,
    pub(super) places: Places,
    pub(super) anchors: Anchors,
    pub(super) sources: Sources,
    pub(super) paths: HashMap<NodeId, Vec<u8>>,
    /// Roots that are below others.
    pub(super) inner: HashSet<NodeId>,
    pub(super) debounce: Duration,
    pub(super) cap: Duration,
    /// When the first and the last of the changes to be handed over happened.
    pub(super) first: Option<Instant>,
    pub(super) last: Instant,
    /// From when on events were lost, by the number of the overflow, until that is made up for everywhere.
    pub(super) losses: BTreeMap<u64, Moment>,
    /// Who waits for what had happened when the queue ended at this position.
    pub(super) syncs: Vec<(u64, Arc<Request<()>>)>,
    /// The last batch that whoever takes the changes is known to be done with, and where the queue ended then.
    pub(super) done: (u64, u64),
    pub(super) retries: Retries,
    pub(super) mounts: Mounts,
    /// Troubles to be told of, beside those of the tree.
    pub(super) untold: Vec<Trouble>,
    /// Mounted files that can't be watched, and the errno of each.
    pub(super) denied_files: BTreeMap<Vec<u8>, i32>,
    /// Whether the mounts are to be read again.
    pub(super) remounted: bool,
    /// Roots that are told to lead in a circle.
    pub(super) circular: HashSet<NodeId>,
    /// Who waits for an audit.
    pub(super) audits: Vec<(u64, Arc<Request<Audit>>)>,
    pub(super) overflows: u64,
    pub(super) rescans: u64,
    pub(super) changes: u64,
}
impl Worker {
    pub(crate) fn new(shared: Arc<Shared>, inotify: OwnedFd, options: &Options) -> Self {
        let mut places = Places::new(inotify.as_raw_fd());
        let mut tree = Tree::new(options.recursive, options.filter.clone());
        if options.follow_links {
            places.follows_links = true;
            tree.follow_links();
        }
        let (mut paths, mut inner) = (HashMap::new(), HashSet::new());
        for root in &options.roots {
            let node = tree.add_root(root.given.clone());
            tree.leave_apart(node, options.apart(root));
            places.roots.insert(node, root.absolute.clone());
            if options.is_inner(root) {
                inner.insert(node);
            }
            paths.insert(node, root.absolute.clone());
        }
        let now = Instant::now();
        Self {
            shared,
            queue: Queue::new(inotify),
            tree,
            places,
            anchors: Anchors::of_roots(),
            sources: Sources::new(),
            paths,
            inner,
            debounce: options.debounce,
            cap: (options.debounce * 10).max(Duration::from_millis(500)),
            first: None,
            last: now,
            losses: BTreeMap::new(),
            syncs: Vec::new(),
            done: (0, 0),
            retries: Retries::new(now),
            mounts: Mounts::new(),
            untold: Vec::new(),
            denied_files: BTreeMap::new(),
            remounted: false,
            circular: HashSet::new(),
            audits: Vec::new(),
            overflows: 0,
            rescans: 0,
            changes: 0,
        }
    }

    /// Runs until the watcher is closed.
    pub(crate) fn run(mut self) {
        sys::block_signals();
        self.places.wander();
        self.shared.set_tail(self.queue.tail_for_others());
        // Whatever happens, nobody is left waiting.
        let ended = panic::catch_unwind(AssertUnwindSafe(|| self.watch())).unwrap_or_else(|_| Err(panicked()));
        let syncs = self.syncs.into_iter().map(|(_, request)| Demand::Sync(request));
        let audits = self.audits.into_iter().map(|(_, request)| Demand::Audit(request));
        self.shared.end(ended.err(), syncs.chain(audits).collect());
    }

    fn watch(&mut self) -> Result<(), Error> {
        self.fulfil()?;
        self.ask();
        while self.tree.awaits_judgement() && !self.shared.is_closed() {
            self.wait();
            self.heed_demands();
            self.fulfil()?;
            self.ask();
        }
        self.tree.begin();
        self.tree.began(Tick::now());
        self.note_remote(None);
        self.note_unreadable_mounts(None);
        self.tell_troubles();
        self.report();
        // An open directory keeps its file system from being unmounted.
        self.places.close();
        self.shared.ready.answer(());
        while !self.shared.is_closed() {
            self.wait();
            self.heed_demands();
            // One that came before a request does not wait for the next time.
            self.remounted |= self.mounts.changed();
            self.queue.drain()?;
            self.catch_up()?;
            self.hand_over()?;
            self.audit();
            self.report();
            // What is removed while it is open here would be told late.
            self.places.close();
        }
        Ok(())
    }

    /// Whether mounts can't be read, or mounted files can't be watched.
    fn has_denied_mounts(&self) -> bool {
        self.mounts.failure().is_some() || !self.denied_files.is_empty()
    }

    /// Waits for events, demands, or for something to be due.
    fn wait(&mut self) {
        let due =
            [self.due_changes(), self.retries.due(&self.tree, self.has_denied_mounts())].into_iter().flatten().min();
        let timeout = due.map_or(-1, |due| {
            let left = due.saturating_duration_since(Instant::now());
            // Rounded up: waking too early would only wait again.
            i32::try_from(left.as_micros().div_ceil(1000)).unwrap_or(i32::MAX)
        });
        if self.queue.is_empty() {
            let readable = [self.queue.fd(), self.shared.demands_fd()];
            self.remounted |= sys::poll(readable, self.mounts.fd(), timeout);
        }
    }

    /// When the changes are handed over: after a quiet time, or when they have waited long enough.
    fn due_changes(&self) -> Option<Instant> {
        if self.shared.has_changes() {
            return None;
        }
        let first = self.first?;
        Some((self.last + self.debounce).min(first + self.cap))
    }

    fn heed_demands(&mut self) {
        let done = self.shared.done();
        if done > self.done.0 {
            self.done = (done, self.queue.tail());
        }
        self.note_taken();
        for demand in self.shared.demands() {
            match demand {
                Demand::Sync(request) => self.syncs.push((self.queue.tail(), request)),
                Demand::Paths(request) => request.answer(self.tree.paths()),
                Demand::Audit(request) => self.audits.push((self.queue.tail(), request)),
                Demand::Judge(judgements) => {
                    for (question, counts) in judgements {
                        self.tree.judge(question, counts);
                    }
                }
            }
        }
    }

    /// Notes which batches are taken and were true when they were: all that had happened is in them.
    fn note_taken(&mut self) {
        let (batch, position) = self.shared.taken();
        if self.queue.has_passed(position) && !self.tree.has_changes() && !self.tree.is_unsettled() {
            self.tree.was_current(batch);
        }
    }

    /// Applies what was read and does what that asks for, until nothing is left.
    fn catch_up(&mut self) -> Result<(), Error> {
        let begun = Instant::now();
        let retrying = self.retries.begin(&mut self.tree, begun);
        if self.retries.begin_mounts(begun, self.has_denied_mounts()) {
            self.remounted = true;
        }
        while !self.queue.is_empty() {
            self.apply();
            if self.queue.is_empty() {
                self.queue.drain()?;
            }
        }
        self.fulfil()?;
        while !self.queue.is_empty() {
            self.apply();
            self.fulfil()?;
        }
        if retrying {
            self.retries.took(begun.elapsed());
        }
        self.ask();
        // What is of no interest, of a neighbour of a watched file for example, is no reason to wait longer.
        if self.tree.take_fresh() {
            self.last = Instant::now();
        }
        if self.tree.has_changes() && self.first.is_none() {
            self.first = Some(self.last);
        }
        self.tell_troubles();
        Ok(())
    }

    fn apply(&mut self) {
        let Self { queue, tree, anchors, sources, losses, overflows, remounted, .. } = self;
        queue.apply(|event: &Event<'_>, empty| {
            if event.mask.contains(Mask::Q_OVERFLOW) {
                *overflows += 1;
                losses.insert(*overflows, empty);
                *remounted = true;
                tree.look_again(*overflows);
                return;
            }
            tree.apply(event);
            // With a directory go the mounts in it: what was read of them may speak of its old path.
            *remounted |= event.mask.contains(Mask::ISDIR) && event.mask.intersects(Mask::MOVED_FROM | Mask::MOVED_TO);
            if anchors.contains(event.wd) {
                for followed in anchors.concerned(event) {
                    *remounted |= !event.mask.intersects(CONTENT);
                    tree.apply_on_way(followed, event);
                }
            }
            for dir in sources.concerned(event) {
                tree.rules_changed(dir);
            }
        });
    }

    /// Hands over what is due: to whoever takes changes, and to those who wait for a `sync`.
    fn hand_over(&mut self) -> Result<(), Error> {
        let judged = !self.tree.awaits_judgement();
        let passed = judged && self.syncs.iter().any(|(position, _)| self.queue.has_passed(*position));
        let due = self.due_changes().is_some_and(|due| due <= Instant::now());
        if passed || due {
            // The queue is empty: what waits for an event waits in vain.
            self.tree.settle();
            self.fulfil()?;
            while !self.queue.is_empty() {
                self.apply();
                // A directory between its two places can't be told of.
                self.tree.settle();
                self.fulfil()?;
            }
        }
        let ready = self.shared.has_changes();
        if !ready {
            self.tree.was_taken();
        }
        // Who waits for a `sync` finds all in the next batch, be it one that lies ready.
        let merged = ready && passed && self.tree.has_changes() && self.merge();
        if (passed || due) && !merged && !self.shared.has_changes() {
            let changes = self.tree.take_changes();
            self.changes += changes.len() as u64;
            self.first = None;
            if !changes.is_empty() {
                self.note_all(self.vanished(&changes));
                self.tell_troubles();
                self.tree.handed_over(Tick::now());
                self.shared.hand_over(changes);
            }
        }
        let (batch, position) = self.done;
        if self.queue.has_passed(position) && !self.tree.has_changes() {
            self.tree.was_seen(batch);
        }
        self.note_taken();
        if !self.syncs.is_empty() {
            // The figures are those of what they wait for.
            self.report();
        }
        let queue = &self.queue;
        self.syncs.retain(|(position, request)| {
            let waiting = !judged || !queue.has_passed(*position);
            if !waiting {
                request.answer(());
            }
            waiting
        });
        Ok(())
    }
}

impl Worker {
    /// Puts what happened since into the batch that lies ready. Answers whether it did: not if that is taken.
    fn merge(&mut self) -> bool {
        let Some(Merged { mut changes, told }) = self.tree.merge() else { return false };
        let mut vanished = self.vanished(&changes);
        let count = changes.len() as u64;
        let tick = Tick::now();
        let Some(old) = self.shared.replace(&mut changes) else { return false };
        self.changes = self.changes.saturating_sub(old.len() as u64) + count;
        self.first = None;
        // Those that the old batch told of are noted.
        let noted = self.vanished(&old);
        vanished.retain(|trouble| !noted.contains(trouble));
        self.note_all(vanished);
        self.tell_troubles();
        self.tree.replaced(told);
        self.tree.handed_over(tick);
        if count == 0 {
            self.tree.was_taken();
        }
        true
    }
}

/// The message of the panic is on stderr.
fn panicked() -> Error {
    let error = io::Error::from_raw_os_error(libc::EIO);
    Error::os(Operation::Read, &error).remarking("the thread that watches panicked, which is a mistake in inotify_rs")
}
