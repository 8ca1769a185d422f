//! What an engine says of itself: errors and figures.

use std::collections::{BTreeMap, HashSet};

use crate::model::{Change, ChangeType, NodeId};
use crate::system::System;

use super::{Engine, WatchError};

/// How a watcher is doing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    /// Directories it knows.
    pub directories: usize,
    /// Files it knows.
    pub files: usize,
    /// Watches of the kernel it has for directories.
    pub watches: usize,
    /// Events it read.
    pub events: u64,
    /// Changes that were delivered.
    pub changes: u64,
    /// How often the kernel's queue overflowed.
    pub overflows: u64,
    /// How often everything was scanned again.
    pub rescans: u64,
    /// Bytes of events that are queued or read, and not applied yet.
    pub queued_bytes: u64,
    /// Seconds from the reading of the events applied last until they were.
    pub lag: f64,
}

impl<S: System> Engine<S> {
    /// Notes the file systems that others change unseen: all, or those mounted at these places.
    pub(super) fn note_remote(&mut self, places: Option<&[Vec<u8>]>) {
        let mounts = self.paths.values().flat_map(|path| self.mounts.remote(path));
        let remote: Vec<WatchError> = mounts.map(|(place, kind)| WatchError::Remote(place, kind)).collect();
        // What is no longer there need not be reported.
        self.errors.retain(|error| !matches!(error, WatchError::Remote(..)) || remote.contains(error));
        for error in remote {
            let WatchError::Remote(place, _) = &error else { continue };
            if places.is_none_or(|places| places.contains(place)) {
                self.note(error);
            }
        }
    }

    /// Has an error reported when the last ones are taken.
    pub(super) fn note(&mut self, error: WatchError) {
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// The errors of the roots that these changes leave deleted.
    pub(super) fn vanished(&self, changes: &[Change]) -> Vec<WatchError> {
        let is_deleted = |change: &&Change| change.change_type == ChangeType::Deleted;
        if !changes.iter().any(|change| is_deleted(&change)) {
            return Vec::new();
        }
        let roots: HashSet<Vec<u8>> = self.paths.keys().filter_map(|root| self.model.path(*root)).collect();
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

    /// Has a root reported once that is a symbolic link without end.
    pub(super) fn report_cycle(&mut self, root: NodeId, cyclic: bool) {
        let error = |path| WatchError::Denied(path, libc::ELOOP, None);
        if cyclic && self.cyclic.insert(root) {
            self.note(error(self.model.path(root).unwrap_or_default()));
        } else if !cyclic && self.cyclic.remove(&root) {
            let over = error(self.model.path(root).unwrap_or_default());
            self.errors.retain(|other| *other != over);
        }
    }

    /// Takes the errors to be reported. What is over by then is not kept.
    pub fn take_errors(&mut self) -> Vec<WatchError> {
        let mut errors = std::mem::take(&mut self.errors);
        errors.extend(self.model.take_denied().into_iter().map(|(node, path, errno)| {
            let needed = node.filter(|_| errno == libc::ENOSPC);
            let needed = needed.map(|node| self.dirs.count_directories(&self.system, &self.model, node));
            WatchError::Denied(path, errno, needed)
        }));
        errors
    }

    /// The figures of now.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let (files, directories) = self.model.counts_of_entries();
        Stats {
            directories,
            files,
            watches: self.model.watches(),
            events: self.queue.events,
            changes: self.changes,
            overflows: self.overflows,
            rescans: self.rescans,
            queued_bytes: self.queue.held() as u64,
            lag: self.queue.lag.as_secs_f64(),
        }
    }
}
