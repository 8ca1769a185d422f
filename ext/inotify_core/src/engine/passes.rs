//! Scans polled directories at intervals: each pass scans all of them.

use std::time::{Duration, Instant};

use crate::error::Error;
use crate::model::{Followed, Model, NodeId, is_polled};
use crate::moment::TWO_TICKS;
use crate::system::System;
use crate::tick::Tick;

use super::polled::may_have_changed;
use super::snapshot::{PolledFile, Snapshot};
use super::{Engine, Proceed, WatchError};

/// Scans take one part in this many of the time at most: very many directories may be polled.
const SHARE: u32 = 20;

/// When polled directories are scanned.
#[derive(Debug)]
pub(super) struct Passes {
    /// `None`: nothing is polled.
    interval: Option<Duration>,
    /// When the last pass began, and how long it took.
    begun: Instant,
    pub(super) took: Duration,
    /// When the last pass began that is over: by the clock that files are stamped by.
    known: Tick,
    /// The number of the last pass, and of the last one that was requested.
    done: u64,
    pub(super) requested: u64,
    /// Whether directories are polled here, and not elsewhere.
    here: bool,
    /// When the tick is over in which a scan found a change.
    certain: Option<Instant>,
    /// Whether a watch may be free for a directory that is polled for want of one.
    pub(super) freed: bool,
}

impl Passes {
    pub(super) fn new(interval: Option<Duration>, now: Instant, tick: Tick) -> Self {
        Self {
            known: tick,
            interval,
            begun: now,
            took: Duration::ZERO,
            done: 0,
            requested: 0,
            here: false,
            certain: None,
            freed: false,
        }
    }

    /// A scan found a change in this tick.
    pub(super) fn doubt(&mut self, now: Instant) {
        self.certain = Some(now + TWO_TICKS);
    }

    pub(super) fn interval(&self) -> Option<Duration> {
        self.interval
    }

    /// Between the beginnings of two passes.
    pub(super) fn pause(&self) -> Duration {
        self.pause_after(self.took)
    }

    /// The same where the last one took so long.
    pub(super) fn pause_after(&self, took: Duration) -> Duration {
        self.interval.unwrap_or_default().max(took.saturating_mul(SHARE))
    }

    /// Compares a polled file at a place with the scan before. Returns whether it changed.
    pub(super) fn compare<S: System>(
        &mut self,
        system: &S,
        model: &Model,
        place: Option<(NodeId, &[u8])>,
        file: &mut PolledFile,
        before: Option<PolledFile>,
    ) -> bool {
        let is_changed = |stamp| place.is_none_or(|place| may_have_changed(system, model, place, stamp));
        let changed = before.is_some_and(|before| file.compare(&before, is_changed));
        if file.is_doubtful() {
            self.doubt(system.instant());
        }
        changed
    }

    fn due(&self) -> Option<Instant> {
        self.interval?;
        if self.requested > self.done { Some(self.begun) } else { self.begun.checked_add(self.pause()) }
    }
}

impl<S: System> Engine<S> {
    /// When polled directories must be scanned.
    pub(super) fn polls_due(&self) -> Option<Instant> {
        self.pass_due().into_iter().chain(self.elsewhere_due()).min()
    }

    /// Whether directories are polled here, and not elsewhere.
    fn polls_here(&self) -> bool {
        self.passes.here || self.model.has_polled()
    }

    fn pass_due(&self) -> Option<Instant> {
        self.passes.due().filter(|_| self.polls_here())
    }

    /// Has everything that is polled scanned once more. Returns a number for [`has_scanned`](Self::has_scanned).
    pub(crate) fn request_scan(&mut self) -> u64 {
        self.passes.requested += 1;
        self.passes.requested
    }

    /// Whether everything that is polled was scanned since a request.
    pub(crate) fn has_scanned(&self, request: u64) -> bool {
        self.has_passed_here(request) && self.elsewhere.has_served(request, None)
    }

    /// The same, except for places that do not reply.
    pub(crate) fn has_scanned_what_replies(&self, request: u64) -> bool {
        self.has_passed_here(request) && self.elsewhere.has_served(request, Some(self.system.instant()))
    }

    fn has_passed_here(&self, request: u64) -> bool {
        self.passes.done >= request || !self.polls_here() || self.passes.interval.is_none()
    }

    /// Later changes of polled directories may not be known. `None`: nothing is polled. `hung`: now, if places that hang
    /// do not matter.
    pub(super) fn polled_since(&self, hung: Option<Instant>) -> Option<Tick> {
        let here = self.polls_here().then_some(self.passes.known);
        here.into_iter().chain(self.elsewhere.known(hung)).min()
    }

    /// Whether anything is polled.
    pub(crate) fn polls(&self) -> bool {
        self.polls_due().is_some()
    }

    /// Whether scans that may block are open.
    pub(crate) fn is_scanning(&self) -> bool {
        self.elsewhere.is_busy()
    }

    /// When the changes can be delivered, so that a later change has another stamp. `None`: now.
    pub(crate) fn certain_at(&self) -> Option<Instant> {
        self.passes.certain.filter(|certain| *certain > self.system.instant())
    }

    /// Scans everything that is polled, if that is due.
    pub(super) fn poll(&mut self, now: Instant, proceed: Proceed<'_>) -> Result<(), Error> {
        self.begin_passes(now);
        if self.passes.freed && self.passes.here {
            self.watch_polled();
        }
        self.passes.freed = false;
        self.carry_out_effects(proceed)?;
        if self.pass_due().is_none_or(|due| due > now) {
            return Ok(());
        }
        let request = self.passes.requested;
        self.passes.begun = self.system.instant();
        let tick = self.system.tick();
        let mut news = Vec::new();
        let mut stale = Vec::new();
        let nodes = self.polled_here();
        self.passes.here = !nodes.is_empty();
        for (count, node) in nodes.into_iter().enumerate() {
            if count % super::effects::EFFECTS == 0 {
                self.queue.drain(&self.system)?;
                if !proceed(&self.stats()) {
                    return Ok(());
                }
            }
            match self.dirs.poll(&self.system, &self.model, node) {
                Ok(false) => {}
                Ok(true) => news.push(node),
                Err(_) => stale.push(node),
            }
        }
        self.apply_scans(&news);
        // Another directory is there, with other mounts below it.
        self.remounted |= !stale.is_empty();
        stale.into_iter().for_each(|node| self.scan_again(node));
        self.watch_polled();
        self.model.resolve_polled();
        self.carry_out_effects(proceed)?;
        self.dirs.polled.take_listed().into_iter().for_each(|node| self.model.scan_watched_in(node));
        self.carry_out_effects(proceed)?;
        self.passes.took = self.system.instant().saturating_duration_since(self.passes.begun);
        self.passes.done = request;
        self.passes.known = tick;
        Ok(())
    }

    /// Watches directories that are polled for want of watches, as long as watches are free.
    fn watch_polled(&mut self) {
        for node in self.polled_here() {
            self.scan_again(node);
            if self.model.wd(node).is_none_or(is_polled) {
                break;
            }
        }
    }

    /// The directories that are polled here.
    fn polled_here(&mut self) -> Vec<NodeId> {
        let mut nodes = self.dirs.polled.retain(&self.model);
        // One that is watched by now is compared when it is listed.
        nodes.retain(|node| self.model.wd(*node).is_some_and(is_polled) && !self.elsewhere.has_dir(*node));
        nodes
    }

    fn scan_again(&mut self, node: NodeId) {
        if self.model.is_root(node) { self.resolve_root(node) } else { self.scan_dir(node) }
    }

    /// Applies the scans of these directories.
    fn apply_scans(&mut self, nodes: &[NodeId]) {
        self.apply_renames(nodes);
        for node in nodes {
            let Some((wd, rules)) = self.dirs.fill_polled(&self.system, &self.model, *node) else { continue };
            self.dirs.unchecked.insert(self.model.root_of(*node));
            self.apply_listing(*node, wd, true);
            self.settle_polled(*node);
            if rules && self.model.uses_gitignore() {
                self.model.rules_changed(*node);
            }
        }
    }

    /// Applies the renames that scans of these directories found.
    pub(super) fn apply_renames(&mut self, nodes: &[NodeId]) {
        let polled = &self.dirs.polled;
        // The mounts below a directory move with it.
        self.remounted |= nodes.iter().filter_map(|node| polled.get(*node)).any(Snapshot::has_new_directories);
        let renames = polled.renames(&self.system, nodes, &self.model);
        self.model.rename_found(renames);
    }

    /// To be called when a scan of a directory is applied.
    pub(super) fn settle_polled(&mut self, node: NodeId) {
        self.dirs.polled.settle(&self.model, node);
        let Some(snapshot) = self.dirs.polled.get(node) else { return };
        self.passes.here |= !self.elsewhere.has_dir(node);
        if snapshot.is_doubtful() {
            self.passes.doubt(self.system.instant());
        }
    }

    /// A path leads to this file in the directory of this wd. Returns whether it changed, if that is polled.
    pub(super) fn set_target(&mut self, followed: Followed, wd: i32, mut file: PolledFile) -> bool {
        if !is_polled(wd) {
            self.dirs.polled.forget_target(followed);
            return false;
        }
        let place = match followed {
            Followed::Dir(root) => Some((root, [].as_slice())),
            Followed::Link(link) => self.model.link_place(link).map(|(dir, name)| (*dir, &**name)),
        };
        let before = self.dirs.polled.target(followed);
        let changed = self.passes.compare(&self.system, &self.model, place, &mut file, before);
        self.dirs.polled.set_target(followed, wd, file);
        changed
    }

    /// Notes whether a directory is polled for want of a watch, if the one that it is in is not.
    pub(super) fn note_polled(&mut self, node: NodeId) {
        let is_polled = |node| self.model.wd(node).is_some_and(is_polled);
        if is_polled(node) && !self.model.place(node).is_some_and(|(parent, _)| is_polled(parent)) {
            self.limited.entry(node).or_insert(false);
        } else {
            self.limited.remove(&node);
        }
    }

    /// Takes the errors of the directories that are polled for want of a watch: each once, for as long as that lasts.
    pub(super) fn take_polled(&mut self) -> Vec<WatchError> {
        let Self { model, dirs, system, limited, passes, .. } = self;
        limited.retain(|node, _| model.wd(*node).is_some_and(is_polled));
        let unreported = limited.iter_mut().filter(|(_, reported)| !**reported);
        let errors = unreported.filter_map(|(node, reported)| {
            *reported = true;
            let needed = dirs.count_directories(system, model, *node);
            Some(WatchError::Polled(model.path(*node)?, needed, passes.pause()))
        });
        errors.collect()
    }
}
