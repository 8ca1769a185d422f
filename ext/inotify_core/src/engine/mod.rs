//! Carries out the effects of the [`Model`]: reads events, watches, lists and stats, resolves roots, schedules retries,
//! repairs overflows, audits. It has no thread and never blocks: its owner calls [`process`](Engine::process)
//! when its descriptors are readable or something is due, and takes the changes.

pub(crate) mod access;
mod audit;
mod checkpoints;
mod dir_cache;
mod effects;
mod elsewhere;
mod error;
mod git_rules;
mod jobs;
pub(crate) mod mounts;
pub(crate) mod open_dirs;
mod options;
mod passes;
mod polled;
mod queue;
mod records;
mod resolver;
mod retries;
mod roots;
mod snapshot;
mod status;
mod steps;

use std::collections::BTreeMap;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use hashbrown::{HashMap, HashSet};

use crate::error::Error;
use crate::event::Event;
use crate::flags::Mask;
use crate::model::{Change, Followed, Kind, Model, NodeId, Scope};
use crate::mountinfo::Mounts;
use crate::system::{Linux, System, Tail, Waker};

use dir_cache::DirCache;
use elsewhere::Elsewhere;
use git_rules::GitRules;
use passes::Passes;
use queue::{Overflows, Queue};
use records::Records;
use resolver::Resolver;
use retries::Retries;
use roots::RootSet;

pub use audit::{Audit, Difference, Differences};
pub use error::WatchError;
pub use options::Options;
pub use status::Stats;
pub use steps::Steps;

/// Paths, and the kind of each.
pub type Paths = Vec<(Vec<u8>, Kind)>;

/// The events of a file that changed and stayed where it is.
const CONTENT: Mask = Mask::MODIFY.union(Mask::CLOSE_WRITE).union(Mask::ATTRIB);

/// Called during long work with the figures so far. Returns whether to go on.
pub type Proceed<'a> = &'a mut dyn FnMut(&Stats) -> bool;

/// See the module's description.
pub struct Engine<S: System = Linux> {
    system: S,
    queue: Queue,
    model: Model,
    dirs: DirCache<S>,
    resolver: Resolver,
    /// The targets of paths when another instance watched: see [`start_over`](Self::start_over).
    ends: HashMap<Followed, Vec<u8>>,
    git_rules: GitRules,
    /// Roots below other roots.
    inner: HashSet<NodeId>,
    /// The filters and options, for checkpoints: a sentence each.
    options: Vec<Vec<u8>>,
    /// Empty without checkpoints.
    records: Records,
    overflows: Overflows,
    retries: Retries,
    passes: Passes,
    /// Directories that are polled for want of a watch, except for those in others, and whether each is reported.
    limited: BTreeMap<NodeId, bool>,
    elsewhere: Elsewhere,
    mounts: Mounts,
    /// Errors to be reported, except for those of the model.
    errors: Vec<WatchError>,
    /// Mounted files that cannot be watched, and the errno of each.
    denied_files: BTreeMap<Vec<u8>, i32>,
    /// Whether the mounts must be read again.
    remounted: bool,
    /// Roots whose symbolic links form a cycle, as was reported.
    cyclic: HashSet<NodeId>,
    rescans: u64,
    changes: u64,
}

impl Engine {
    /// Readable when events are queued.
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.system.fd()
    }

    /// Has an exceptional condition (`POLLPRI`) when something was mounted or unmounted. Polling it clears the
    /// condition: call [`mounts_changed`](Self::mounts_changed) then.
    pub(crate) fn mounts_fd(&self) -> Option<BorrowedFd<'_>> {
        self.system.mounts_fd()
    }

    /// Gives the thread a working directory of its own: directories are then watched from where they are, which is
    /// faster. Only for a thread that does no other work. Scans that may block are done on others: `waker` is called when
    /// [`process`](Self::process) can apply their results.
    pub(crate) fn own_thread(&mut self, waker: Waker) {
        self.system.wander();
        self.system.use_threads(waker);
    }

    /// The [`position`](Self::position), for other threads.
    pub(crate) fn tail(&self) -> Tail {
        self.system.tail()
    }
}

impl<S: System> Engine<S> {
    /// An engine that has scanned nothing yet: see [`scan`](Self::scan).
    #[must_use]
    pub fn new(mut system: S, options: &Options) -> Self {
        let mut dirs = DirCache::new(options.poll.is_some());
        let mut model = Model::new(options.recursive, options.filter.clone());
        if options.follow_links {
            model.follow_links();
        }
        if options.closed {
            model.report_closed();
        }
        if options.separate_roots {
            model.separate_roots();
        }
        let mut mounts = Mounts::default();
        mounts.update(system.mountinfo());
        dirs.polled.set_mounts(&mounts);
        let mut engine = Self {
            queue: Queue::new(system.clocks()),
            model,
            dirs,
            resolver: Resolver::of_roots(),
            ends: HashMap::new(),
            git_rules: GitRules::new(),
            inner: HashSet::new(),
            options: options.sentences(),
            records: Records::default(),
            overflows: Overflows::default(),
            retries: Retries::new(system.instant()),
            passes: Passes::new(options.poll, system.instant(), system.tick()),
            limited: BTreeMap::new(),
            elsewhere: Elsewhere::new(options.poll.is_some() && options.poll_always),
            mounts,
            errors: Vec::new(),
            denied_files: BTreeMap::new(),
            remounted: false,
            cyclic: HashSet::new(),
            rescans: 0,
            changes: 0,
            system,
        };
        for root in options.roots() {
            let (inner_roots, is_inner) = (options.inner_roots(&root), options.is_inner(&root));
            let node = engine.add_root(root.given, root.absolute, Scope::Tree, inner_roots);
            if is_inner {
                engine.inner.insert(node);
            }
        }
        engine
    }

    /// Goes on with another instance, as a forked child must. The one before is dropped and not used. Changes since the
    /// last event that is applied are found by scanning, as after an overflow, and count as one.
    pub fn start_over(&mut self, system: S) {
        self.system = system;
        let unknown_since = self.queue.unknown_since().moment;
        self.queue = Queue::new(self.system.clocks());
        self.dirs.open.close();
        self.dirs.unchecked = RootSet::All;
        self.git_rules = GitRules::new();
        self.records.clear();
        self.ends = self.resolver.start_over();
        self.model.start_over();
        self.overflows.rescan(&mut self.model, &mut self.remounted, unknown_since);
    }

    /// Makes the engine read the mounts again.
    pub(crate) fn mounts_changed(&mut self) {
        self.remounted = true;
    }

    /// When there is something to do without an event: a retry.
    pub(crate) fn due(&self) -> Option<Instant> {
        let writers = self.model.writers_due(self.system.tick()).map(|left| self.system.instant() + left);
        let retries = self.retries.due(&self.model, self.has_denied_mounts());
        [retries, self.polls_due(), writers].into_iter().flatten().min()
    }

    /// Scans the roots, as far as no predicate must reply first. Call it until no predicate request is open, and
    /// [`begin`](Self::begin) then.
    ///
    /// # Errors
    /// When the queue can't be read.
    pub fn scan(&mut self, proceed: Proceed<'_>) -> Result<(), Error> {
        self.carry_out_effects(proceed)
    }

    /// Ends the first scan: from here on, differences are changes. Events of the time until now are applied before, as
    /// a consumer that lists the trees now must get a change when a listed file is deleted.
    ///
    /// # Errors
    /// When the queue can't be read.
    pub fn begin(&mut self, proceed: Proceed<'_>) -> Result<(), Error> {
        let position = self.position();
        while !self.has_passed(position) {
            self.queue.drain(&self.system)?;
            self.apply(usize::MAX);
            self.carry_out_effects(proceed)?;
        }
        // An entry between its two places is at none of them.
        self.model.finish_pending();
        self.carry_out_effects(proceed)?;
        self.model.begin();
        self.model.set_start(self.system.tick());
        self.note_remote(None);
        self.note_unreadable_mounts(None);
        Ok(())
    }

    /// Reads and applies the queued events, and carries out the effects and everything that is due.
    ///
    /// # Errors
    /// When the queue can't be read.
    pub fn process(&mut self, now: Instant, proceed: Proceed<'_>) -> Result<(), Error> {
        self.remounted |= self.system.mounts_changed();
        self.queue.drain(&self.system)?;
        let due = self.retries.is_due(&self.model, now);
        if self.retries.begin_mounts(now, self.has_denied_mounts()) {
            self.remounted = true;
        }
        while self.has_events() {
            self.apply(usize::MAX);
        }
        // A scan that waited for one of these events is not retried.
        let retrying = due && self.retries.begin(&mut self.model, now);
        // A denied directory may have been renamed unseen, and with it the mounts in it.
        self.remounted |= retrying;
        self.carry_out_effects(proceed)?;
        self.apply_all(proceed)?;
        self.poll(now, proceed)?;
        self.apply_all(proceed)?;
        self.model.find_writers_again(self.polled_since(None), self.system.tick());
        self.carry_out_effects(proceed)?;
        if retrying {
            self.retries.took(self.system.instant().saturating_duration_since(now));
        }
        Ok(())
    }

    /// Closes the directories that are kept open: the removal of an open directory is reported late, and it keeps its
    /// file system from being unmounted.
    pub fn close_dirs(&mut self) {
        self.dirs.open.close();
        self.system.leave();
    }

    /// How long to let events coalesce before they are processed; zero: not at all. The caller must wait.
    pub(crate) fn pause(&mut self) -> Duration {
        self.queue.pause(self.system.instant())
    }

    /// Whether events are read and not applied.
    #[must_use]
    pub fn has_events(&self) -> bool {
        !self.queue.is_empty()
    }

    /// The position in the queue behind everything that has happened until now.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.system.position()
    }

    /// Whether everything before a [`position`](Self::position) is applied.
    #[must_use]
    pub fn has_passed(&self, position: u64) -> bool {
        self.queue.has_passed(position)
    }

    /// All paths.
    #[must_use]
    pub fn paths(&self) -> Paths {
        self.model.paths()
    }

    /// Whether a directory waits for the predicate.
    pub(crate) fn awaits_predicate(&self) -> bool {
        self.model.awaits_predicate()
    }

    /// Takes the directories about which the predicate must be asked: the number of the request, and the path.
    pub(crate) fn take_predicate_requests(&mut self) -> Vec<(u64, Vec<u8>)> {
        self.model.take_predicate_requests()
    }

    /// Takes the reply to a predicate request: whether the directory is included.
    pub(crate) fn apply_predicate(&mut self, question: u64, counts: bool) {
        self.model.apply_predicate(question, counts);
    }

    /// Whether mounts cannot be read, or mounted files not be watched.
    fn has_denied_mounts(&self) -> bool {
        self.mounts.failure().is_some() || !self.denied_files.is_empty()
    }

    /// Applies the events that are read, and carries out the effects.
    fn apply_all(&mut self, proceed: Proceed<'_>) -> Result<(), Error> {
        while self.has_events() {
            self.apply(usize::MAX);
            self.carry_out_effects(proceed)?;
        }
        Ok(())
    }

    /// Applies the events of one read, up to this many.
    fn apply(&mut self, most: usize) {
        let Self { system, queue, model, resolver, git_rules, overflows, remounted, passes, .. } = self;
        queue.apply(system, most, |event: &Event<'_>, empty| {
            if event.mask.contains(Mask::Q_OVERFLOW) {
                overflows.rescan(model, remounted, empty);
                return;
            }
            model.apply(event);
            passes.freed |= event.mask.contains(Mask::IGNORED);
            // The mounts below a directory move with it, so the table that was read has their old paths.
            *remounted |= event.mask.contains(Mask::ISDIR) && event.mask.intersects(Mask::MOVED_FROM | Mask::MOVED_TO);
            if resolver.contains(event.wd) {
                for followed in resolver.affected(event) {
                    *remounted |= !event.mask.intersects(CONTENT);
                    model.apply_to_followed(followed, event);
                }
            }
            for dir in git_rules.affected(event) {
                model.rules_changed(dir);
            }
        });
    }
}

impl<S: System> Engine<S> {
    /// Whether changes can be delivered.
    pub(crate) fn has_changes(&self) -> bool {
        self.model.has_changes()
    }

    /// Whether a change was found since the last call. An event that the filter ignores is none.
    pub(crate) fn take_fresh(&mut self) -> bool {
        self.model.take_fresh()
    }

    /// Finishes everything that waits for events, when [`process`](Self::process) left none: they will not come.
    ///
    /// # Errors
    /// When the queue can't be read.
    pub fn finish_pending(&mut self, proceed: Proceed<'_>) -> Result<(), Error> {
        self.model.finish_pending();
        self.carry_out_effects(proceed)?;
        while self.has_events() {
            self.apply(usize::MAX);
            // A directory between its two places cannot be reported.
            self.model.finish_pending();
            self.carry_out_effects(proceed)?;
        }
        Ok(())
    }

    /// Returns the changes, merged and in an order in which they can be applied. Call
    /// [`finish_pending`](Self::finish_pending) before, and [`was_taken`](Self::was_taken) when the last batch is
    /// taken.
    pub fn take_changes(&mut self) -> Vec<Change> {
        let changes = self.model.take_changes();
        if !changes.is_empty() {
            self.changes += changes.len() as u64;
            self.note_all(self.vanished(&changes));
            self.model.delivered_at(self.system.tick());
        }
        changes
    }

    /// Adds the changes since then to the batch that is ready: `replace` takes all of them, and returns the old batch,
    /// or `None` if that is taken. Returns how many changes are ready then; `None`: nothing changed.
    pub fn merge(&mut self, replace: impl FnOnce(Vec<Change>) -> Option<Vec<Change>>) -> Option<usize> {
        let (changes, reported) = self.model.merge()?;
        let mut vanished = self.vanished(&changes);
        let count = changes.len();
        let tick = self.system.tick();
        let old = replace(changes)?;
        self.changes = self.changes.saturating_sub(old.len() as u64) + count as u64;
        // The errors of the old batch are noted already.
        let noted = self.vanished(&old);
        vanished.retain(|error| !noted.contains(error));
        self.note_all(vanished);
        self.model.replaced(reported);
        self.model.delivered_at(tick);
        if count == 0 {
            self.model.was_taken();
        }
        Some(count)
    }

    /// The batch that was ready is taken.
    pub fn was_taken(&mut self) {
        self.model.was_taken();
    }

    /// Sets whether batches that are taken do not count as such in [checkpoints](Self::checkpoint).
    pub(crate) fn set_held(&mut self, held: bool) {
        self.model.set_held(held);
    }

    /// This batch, counted from 1, was taken at this position. If all that had happened by then is in it, its paths
    /// were right: a consumer that reads them at once finds the files.
    pub fn was_taken_at(&mut self, batch: u64, position: u64) {
        if self.has_passed(position) && !self.model.has_changes() && !self.model.has_pending() {
            self.model.was_current(batch);
        }
    }

    /// The consumer had read the files of all batches up to this one at this position.
    pub fn was_read_at(&mut self, batch: u64, position: u64) {
        // A rename in a batch that is not taken may be undone, and is not reported then.
        if self.model.has_changes() || self.model.has_untaken() {
            return;
        }
        if self.has_passed(position) {
            self.model.was_consumed(batch);
        }
        if self.model.has_unscanned() {
            self.model.were_scanned(self.polled_since(Some(self.system.instant())), self.system.tick());
        }
    }
}
