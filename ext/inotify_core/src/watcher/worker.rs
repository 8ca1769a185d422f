//! The thread of a watcher: reads events, looks where the tree wishes, and hands changes over.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::{Error, Operation};
use crate::event::Event;
use crate::flags::Mask;
use crate::sys;
use crate::tree::{NodeId, RootSight, Sight, Tree, Wish};

use super::Options;
use super::anchors::{Anchors, Target};
use super::audit;
use super::mounts::{Mounts, is_within};
use super::places::{Obstacle, Places};
use super::queue::{Moment, Queue};
use super::rules::rules_above;
use super::shared::{Demand, Differences, Request, Shared, Stats, Trouble};

/// How often what could not be watched or read is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// How often a look that led astray is repeated where nothing tells that something moved.
const ASTRAY: Duration = Duration::from_millis(20);

/// After how many wishes the queue is looked after.
const WISHES: usize = 32;

pub(crate) struct Worker {
    shared: Arc<Shared>,
    queue: Queue,
    tree: Tree,
    places: Places,
    anchors: Anchors,
    paths: HashMap<NodeId, Vec<u8>>,
    debounce: Duration,
    cap: Duration,
    /// When the first and the last of the changes to be handed over happened.
    first: Option<Instant>,
    last: Instant,
    /// From when on events were lost that are not made up for.
    lost_since: Option<Moment>,
    /// Who waits for what had happened when the queue ended at this position.
    syncs: Vec<(u64, Arc<Request<()>>)>,
    /// Whether changes are to be handed over as soon as the last ones are taken.
    urgent: bool,
    retry: Instant,
    mounts: Mounts,
    /// Whether the mounts are to be looked at.
    remounted: bool,
    /// Who waits for an audit.
    audits: Vec<(u64, Arc<Request<Differences>>)>,
    overflows: u64,
    rescans: u64,
    changes: u64,
}

impl Worker {
    pub(crate) fn new(shared: Arc<Shared>, inotify: OwnedFd, options: &Options) -> Self {
        let mut places = Places::new(inotify.as_raw_fd());
        let mut tree = Tree::new(options.recursive, options.filter.clone());
        if options.follow_links {
            places.follows_links = true;
            tree.follow_links();
        }
        let mut paths = HashMap::new();
        for root in &options.roots {
            let node = tree.add_root(root.given.clone());
            places.roots.insert(node, root.absolute.clone());
            paths.insert(node, root.absolute.clone());
        }
        let now = Instant::now();
        Self {
            shared,
            queue: Queue::new(inotify),
            tree,
            places,
            anchors: Anchors::default(),
            paths,
            debounce: options.debounce,
            cap: (options.debounce * 10).max(Duration::from_millis(500)),
            first: None,
            last: now,
            lost_since: None,
            syncs: Vec::new(),
            urgent: false,
            retry: now,
            mounts: Mounts::new(),
            remounted: false,
            audits: Vec::new(),
            overflows: 0,
            rescans: 0,
            changes: 0,
        }
    }

    /// Runs until the watcher is closed.
    pub(crate) fn run(mut self) {
        sys::block_signals();
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
        self.tell_troubles();
        self.tell_remote(None);
        self.report();
        self.shared.ready.answer(());
        while !self.shared.is_closed() {
            self.wait();
            self.heed_demands();
            self.heed_mounts();
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

    /// Waits for events, demands, or for something to be due.
    fn wait(&mut self) {
        let due = [self.due_changes(), self.due_retry()].into_iter().flatten().min();
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
        if self.urgent {
            return Some(first);
        }
        Some((self.last + self.debounce).min(first + self.cap))
    }

    fn due_retry(&self) -> Option<Instant> {
        let astray = self.tree.is_unsettled().then_some(ASTRAY);
        let refused = (!self.tree.refused().is_empty()).then_some(RETRY);
        Some(self.retry + astray.or(refused)?)
    }

    fn heed_demands(&mut self) {
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

    /// Looks again where something was mounted or unmounted.
    fn heed_mounts(&mut self) {
        if !std::mem::take(&mut self.remounted) {
            return;
        }
        let changed = self.mounts.changed();
        for place in &changed {
            for (root, path) in &self.paths {
                if is_within(path, place) {
                    self.tree.resolve_again(*root);
                } else if let Some(rest) = path_below(path, place) {
                    self.tree.look_at(*root, rest);
                }
            }
        }
        self.tell_remote(Some(&changed));
    }

    /// Tells of file systems that others change unseen: of all, or of those mounted at these places.
    fn tell_remote(&self, places: Option<&[Vec<u8>]>) {
        let mut troubles = Vec::new();
        for path in self.paths.values() {
            for (place, kind) in self.mounts.remote(path) {
                let trouble = Trouble::Remote(place.clone(), kind);
                if places.is_none_or(|places| places.contains(&place)) && !troubles.contains(&trouble) {
                    troubles.push(trouble);
                }
            }
        }
        if !troubles.is_empty() {
            self.shared.tell(troubles);
        }
    }

    /// Answers those who wait for an audit, when all that happened before they asked is applied.
    fn audit(&mut self) {
        for (position, request) in std::mem::take(&mut self.audits) {
            if self.queue.has_passed(position) && !self.tree.awaits_judgement() {
                let differences = audit::differences(self.queue.fd(), &self.tree, &mut self.places, &self.anchors);
                request.answer(differences);
            } else {
                self.audits.push((position, request));
            }
        }
    }

    fn report(&self) {
        let (files, directories) = self.tree.counts_of_entries();
        self.shared.set_stats(Stats {
            directories,
            files,
            watches: self.tree.watches(),
            events: self.queue.events,
            changes: self.changes,
            overflows: self.overflows,
            rescans: self.rescans,
            queued_bytes: self.queue.held() as u64,
            lag: self.queue.lag.as_secs_f64(),
        });
    }

    /// Asks about directories that were found.
    fn ask(&mut self) {
        let questions = self.tree.take_questions();
        if self.tree.awaits_judgement() {
            self.shared.ask(questions);
            // Whoever waits is to answer, those too who began after the questions were asked.
            self.syncs.iter().for_each(|(_, request)| request.nudge());
            self.audits.iter().for_each(|(_, request)| request.nudge());
        }
    }

    /// Applies what was read and does what that asks for, until nothing is left.
    fn catch_up(&mut self) -> Result<(), Error> {
        if self.due_retry().is_some_and(|due| due <= Instant::now()) {
            self.retry = Instant::now();
            self.tree.settle();
            self.tree.retry_all_refused();
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
        self.ask();
        if self.tree.has_changes() && self.first.is_none() {
            self.first = Some(Instant::now());
        }
        self.tell_troubles();
        Ok(())
    }

    fn apply(&mut self) {
        let Self { queue, tree, anchors, lost_since, overflows, .. } = self;
        queue.apply(|event: &Event<'_>, empty| {
            if event.mask.contains(Mask::Q_OVERFLOW) {
                *overflows += 1;
                lost_since.get_or_insert(empty);
                tree.look_again();
                return;
            }
            tree.apply(event);
            if anchors.contains(event.wd) {
                for root in anchors.concerned(event) {
                    tree.resolve_again(root);
                }
            }
        });
        self.places.changed_since = self.lost_since.map(Moment::stamp);
        self.last = Instant::now();
    }

    /// Carries out the tree's wishes, and those that come of it. Keeps the queue from overflowing meanwhile.
    fn fulfil(&mut self) -> Result<(), Error> {
        let mut count = 0;
        while let Some(wish) = self.tree.next_wish() {
            match wish {
                Wish::Look(node) => self.look(node),
                Wish::Resolve(root) => self.resolve(root),
                Wish::Check(dir, name) => self.check(dir, &name),
                Wish::Rules(dir) => self.read_rules(dir),
                Wish::Unwatch(wd) => self.unwatch(wd),
            }
            count += 1;
            if count % WISHES == 0 {
                self.queue.drain()?;
                self.report();
                if self.shared.is_closed() {
                    break;
                }
            }
        }
        if self.lost_since.take().is_some() {
            self.rescans += 1;
        }
        self.places.changed_since = None;
        Ok(())
    }

    fn look(&mut self, node: NodeId) {
        match self.places.look(&self.tree, node) {
            Ok((wd, listed)) => {
                if listed {
                    self.tree.take_rules(node, self.places.rules.as_deref());
                }
                let listing = listed.then_some(&self.places.listing);
                self.tree.saw(node, Sight::Directory(wd, listing));
            }
            Err(Obstacle::Nothing) => self.tree.saw(node, Sight::Nothing),
            Err(Obstacle::File) => self.tree.saw(node, Sight::File),
            Err(Obstacle::Astray) => self.tree.saw(node, Sight::Astray),
            Err(Obstacle::Refused(errno)) => self.tree.saw(node, Sight::Refused(errno)),
        }
    }

    fn resolve(&mut self, root: NodeId) {
        let Some(path) = self.paths.get(&root) else { return };
        let (target, unused) = self.anchors.resolve(&self.places, root, path);
        match target {
            Ok(Target::Directory(dir)) => self.see_root(root, dir),
            Ok(Target::File(wd, name, there)) => self.tree.saw_root(root, RootSight::File(wd, &name, there)),
            Ok(Target::Nothing) | Err(Obstacle::Nothing | Obstacle::File | Obstacle::Astray) => {
                self.tree.saw_root(root, RootSight::Nothing);
            }
            Err(Obstacle::Refused(errno)) => self.tree.saw_root(root, RootSight::Refused(errno)),
        }
        for wd in unused {
            self.unwatch(wd);
        }
    }

    fn see_root(&mut self, root: NodeId, dir: OwnedFd) {
        if self.tree.honours_gitignore() {
            let above = self.paths.get(&root).map(|path| rules_above(path)).unwrap_or_default();
            self.tree.saw_rules_above(root, above);
        }
        let sight = self.places.enter(&self.tree, root, dir);
        if matches!(sight, Ok((_, true))) {
            self.tree.take_rules(root, self.places.rules.as_deref());
        }
        match sight {
            Ok((wd, listed)) => {
                let listing = listed.then_some(&self.places.listing);
                self.tree.saw_root(root, RootSight::Directory(wd, listing));
            }
            Err(Obstacle::Refused(errno)) => self.tree.saw_root(root, RootSight::Refused(errno)),
            Err(_) => self.tree.saw_root(root, RootSight::Nothing),
        }
    }

    fn check(&mut self, dir: NodeId, name: &[u8]) {
        // Astray: an event of what moved will come.
        if let Ok(kind) = self.places.check(&self.tree, dir, name) {
            self.tree.saw_entry(dir, name, kind);
        }
    }

    fn read_rules(&mut self, dir: NodeId) {
        // Astray: an event of what moved will come, and the directory be looked at again.
        if let Ok(text) = self.places.rules_of(&self.tree, dir) {
            self.tree.saw_rules(dir, text.as_deref());
        }
    }

    fn unwatch(&self, wd: i32) {
        if !self.tree.knows(wd) && !self.anchors.contains(wd) {
            self.places.unwatch(wd);
        }
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
                self.fulfil()?;
            }
        }
        self.urgent |= passed;
        if (passed || due) && !self.shared.has_changes() {
            let changes = self.tree.take_changes();
            self.changes += changes.len() as u64;
            self.first = None;
            self.urgent = false;
            if !changes.is_empty() {
                self.shared.hand_over(changes);
            }
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

    fn tell_troubles(&mut self) {
        let troubles = self.tree.take_troubles();
        if !troubles.is_empty() {
            let trouble = |(path, errno): (Vec<u8>, i32)| {
                let needed = (errno == libc::ENOSPC).then(|| count_directories(&path));
                Trouble::NotCovered(path, errno, needed)
            };
            self.shared.tell(troubles.into_iter().map(trouble).collect());
        }
    }
}

/// The message of the panic is on stderr.
fn panicked() -> Error {
    let error = io::Error::from_raw_os_error(libc::EIO);
    Error::os(Operation::Read, &error).remarking("the thread that watches panicked, which is a mistake in inotify_rs")
}

/// How many directories there are at a path and below.
fn count_directories(path: &[u8]) -> u64 {
    let mut count = 0;
    let mut open = vec![PathBuf::from(OsStr::from_bytes(path))];
    while let Some(dir) = open.pop() {
        count += 1;
        let entries = fs::read_dir(dir).into_iter().flatten().flatten();
        let dirs = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        open.extend(dirs.map(|entry| entry.path()));
    }
    count
}

/// The rest of `path`, if it lies below `dir`.
fn path_below<'a>(dir: &[u8], path: &'a [u8]) -> Option<&'a [u8]> {
    if is_within(path, dir) { path.get(dir.len()..) } else { None }
}
