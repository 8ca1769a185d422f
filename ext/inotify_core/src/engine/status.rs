//! The errors and figures of an engine.

use std::collections::BTreeMap;

use hashbrown::HashSet;

use crate::invariant::must;
use crate::model::{Change, ChangeType, NodeId};
use crate::system::System;

use super::{Engine, WatchError};

/// The figures of an engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    /// How many directories the model has.
    pub directories: usize,
    /// How many files the model has.
    pub files: usize,
    /// How many watches of the kernel directories have.
    pub watches: usize,
    /// How many directories are polled, and how many files in them.
    pub polled_directories: usize,
    /// See above.
    pub polled_files: usize,
    /// How many seconds the last scan of all of them took.
    pub poll_seconds: f64,
    /// How many seconds lie between two scans now: the given interval, or longer where a scan takes long.
    pub poll_interval: f64,
    /// How many events were read.
    pub events: u64,
    /// How many changes were delivered.
    pub changes: u64,
    /// How often the kernel's queue overflowed.
    pub overflows: u64,
    /// How often everything was scanned again.
    pub rescans: u64,
    /// How many bytes of events are queued or read, and not applied.
    pub queued_bytes: u64,
    /// How many seconds the events that were applied last had waited.
    pub lag: f64,
}

impl<S: System> Engine<S> {
    /// Notes the file systems that other hosts change unseen: all, or those at these mount points.
    pub(super) fn note_remote(&mut self, places: Option<&[Vec<u8>]>) {
        if self.elsewhere.always {
            return;
        }
        let mounts = self.dirs.open.roots.values().flat_map(|path| self.mounts.remote(path));
        let interval = self.passes.interval();
        let remote: Vec<WatchError> = mounts.map(|(place, kind)| WatchError::Remote(place, kind, interval)).collect();
        // One that is unmounted need not be reported.
        self.errors.retain(|error| !matches!(error, WatchError::Remote(..)) || remote.contains(error));
        for error in remote {
            let WatchError::Remote(place, ..) = &error else { continue };
            if places.is_none_or(|places| places.contains(place)) {
                self.note(error);
            }
        }
    }

    /// Has an error reported with the next ones.
    pub(super) fn note(&mut self, error: WatchError) {
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// The errors of the roots that these changes delete.
    pub(super) fn vanished(&self, changes: &[Change]) -> Vec<WatchError> {
        let is_deleted = |change: &&Change| change.change_type == ChangeType::Deleted;
        if !changes.iter().any(|change| is_deleted(&change)) {
            return Vec::new();
        }
        let roots: HashSet<Vec<u8>> = self.dirs.open.roots.keys().filter_map(|root| self.model.path(*root)).collect();
        let lengths: HashSet<usize> = roots.iter().map(Vec::len).collect();
        let last: BTreeMap<Vec<u8>, &Change> = changes
            .iter()
            .filter(|change| lengths.contains(&change.path.len()))
            .map(|change| (change.path.to_bytes(), change))
            .filter(|(path, _)| roots.contains(path))
            .collect();
        last.into_iter().filter(|(_, change)| is_deleted(change)).map(|(path, _)| WatchError::Vanished(path)).collect()
    }

    pub(super) fn note_all(&mut self, errors: Vec<WatchError>) {
        errors.into_iter().for_each(|error| self.note(error));
    }

    /// Reports a root once whose symbolic links form a cycle.
    pub(super) fn report_cycle(&mut self, root: NodeId, cyclic: bool) {
        let changed = if cyclic { self.cyclic.insert(root) } else { self.cyclic.remove(&root) };
        let path = must(self.model.path(root), "a root has a path").filter(|_| changed);
        let Some(error) = path.map(|path| WatchError::Denied(path, libc::ELOOP, None)) else { return };
        if cyclic {
            self.note(error);
        } else {
            self.errors.retain(|other| *other != error);
        }
    }

    /// How often the kernel's queue overflowed.
    pub(crate) fn overflows(&self) -> u64 {
        self.overflows.count()
    }

    /// Takes the errors to be reported. Errors that are over are not kept.
    pub fn take_errors(&mut self) -> Vec<WatchError> {
        let mut errors = std::mem::take(&mut self.errors);
        errors.extend(self.take_polled());
        errors.extend(self.model.take_denied().into_iter().map(|(node, path, errno)| {
            let needed = node.filter(|_| errno == libc::ENOSPC);
            let needed = needed.map(|node| self.dirs.count_directories(&self.system, &self.model, node));
            WatchError::Denied(path, errno, needed)
        }));
        errors
    }

    /// The present figures.
    pub(crate) fn stats(&self) -> Stats {
        let (files, directories) = self.model.counts_of_entries();
        let (polled_directories, polled_files) = self.dirs.polled.counts();
        let poll_took = self.passes.took.max(self.elsewhere.took());
        Stats {
            polled_directories,
            polled_files: polled_files + self.elsewhere.files().count(),
            poll_seconds: poll_took.as_secs_f64(),
            poll_interval: self.passes.pause_after(poll_took).as_secs_f64(),
            directories,
            files,
            watches: self.model.watches(),
            events: self.queue.events,
            changes: self.changes,
            overflows: self.overflows(),
            rescans: self.rescans,
            queued_bytes: self.queue.held() as u64,
            lag: self.queue.lag.as_secs_f64(),
        }
    }
}
