//! Files that were reported by the last batches. A consumer that learns that `a/f` is new reads it. If `a` was renamed
//! to `b` meanwhile it finds nothing, and the rename of `a` does not say that `f` is still to be read. So a file is
//! reported again when its path changed after it was reported, unless the consumer is known to have read it before.
//!
//! It is not reported again if the batch was taken before the rename and nothing but renames happened since: a renamed
//! directory must not be reported as a hundred modified files, and a consumer that finds no `a/f` knows from the rename
//! to read `b/f`. But it may find another file there: as soon as an entry arrives at a path that was left, the files
//! are reported again.

use std::collections::{HashSet, VecDeque};

use crate::invariant::must;

use super::batch::{Batch, Origin};
use super::denied::Denied;
use super::store::{Child, NodeId, Place, Store};

/// How many batches may be between a read and the rename that misled it: the consumer works on one, one is ready, and
/// the next may be made before all events until now are read.
const BATCHES: usize = 3;

/// What a batch reported.
#[derive(Debug, Default)]
pub(super) struct DeliveredBatch {
    /// The files that are new or modified.
    pub(super) files: HashSet<Place>,
    /// The files that are complete.
    pub(super) closed: HashSet<Place>,
    pub(super) unrepeated: Unrepeated,
}

/// Renames whose files were not reported again.
#[derive(Debug, Default)]
pub(super) struct Unrepeated {
    dirs: HashSet<NodeId>,
    /// The files of the last batches, at their present places.
    files: HashSet<Place>,
    /// The places that the renamed entries left.
    left: HashSet<Place>,
}

#[derive(Debug, Default)]
pub(super) struct Delivered {
    batches: VecDeque<DeliveredBatch>,
    /// How many batches there were.
    count: u64,
    /// The number of the last batch whose paths were right when it was taken.
    current: u64,
    /// Files of older batches below roots that cannot be reached: their paths may still change.
    out_of_reach: HashSet<Place>,
}

impl Delivered {
    /// Adds the files to `batch` that must be reported again. `untaken`: how many of the last batches are not taken.
    pub(super) fn repeat_files(&self, batch: &mut Batch, store: &Store, untaken: usize) -> Unrepeated {
        let reported = self.batches.len().saturating_sub(untaken);
        if self.batches.is_empty() && self.out_of_reach.is_empty() {
            return Unrepeated::default();
        }
        let left = batch.left();
        let before: Vec<&HashSet<Place>> =
            self.batches.iter().map(|it| &it.unrepeated.left).filter(|it| !it.is_empty()).collect();
        let is_left = |place: &Place| left.contains(place) || before.iter().any(|left| left.contains(place));
        let reused = !(left.is_empty() && before.is_empty()) && batch.arrivals(store).any(|place| is_left(&place));
        let current = self.current + untaken as u64 >= self.count;
        // The batch that is replaced reported these files, and closes were judged by that: they stay reported.
        let ready: Vec<Place> = self.batches.iter().skip(reported).flat_map(|it| &it.files).cloned().collect();
        let alone = current && !reused && ready.is_empty() && batch.is_only_renames();
        let mut unrepeated = Unrepeated::default();
        if alone {
            unrepeated.dirs.extend(batch.moved_dirs());
            let moved = batch.moved_files().filter(|(_, origin)| self.contains(origin, reported));
            unrepeated.files.extend(moved.map(|(place, _)| place.clone()));
            unrepeated.left = left.into_iter().cloned().collect();
            return unrepeated;
        }
        let mut dirs = std::mem::take(&mut batch.returned_dirs);
        dirs.extend(batch.moved_dirs());
        if reused {
            dirs.extend(self.batches.iter().flat_map(|it| &it.unrepeated.dirs));
            let files = self.batches.iter().flat_map(|it| &it.unrepeated.files);
            batch.returned_files.extend(files.cloned());
        }
        self.repeat_closed(&dirs, batch, store, reported);
        self.repeat_moved_files(batch, store, reported);
        self.repeat_below(&dirs, batch, store, reported);
        for place in ready {
            if store.find(place.0, &place.1) == Some(Child::File) && !batch.reports(&place) {
                batch.file_modified(place, false);
            }
        }
        unrepeated
    }

    /// The batch with all files whose path changed since they were reported, as if nobody had read them.
    pub(super) fn repeat_all(&self, mut batch: Batch, store: &Store, untaken: usize) -> Batch {
        let reported = self.batches.len().saturating_sub(untaken);
        let mut dirs = std::mem::take(&mut batch.returned_dirs);
        dirs.extend(batch.moved_dirs());
        self.repeat_moved_files(&mut batch, store, reported);
        self.repeat_below(&dirs, &mut batch, store, reported);
        batch
    }

    /// Remembers the files that a batch reported. A batch without changes does not count.
    pub(super) fn remember(&mut self, reported: DeliveredBatch, store: &Store, denied: &Denied<NodeId>) {
        self.batches.push_back(reported);
        self.count += 1;
        self.keep(BATCHES, store, denied);
    }

    /// The last batch is replaced by one that reports these files.
    pub(super) fn replace(&mut self, reported: DeliveredBatch) {
        if let Some(last) = self.batches.back_mut() {
            *last = reported;
        }
    }

    /// The paths of the batches up to this one were right when they were taken.
    pub(super) fn set_current(&mut self, batch: u64) {
        self.current = self.current.max(batch);
    }

    /// The files that the last batch reported.
    pub(super) fn last(&self) -> impl Iterator<Item = &Place> {
        self.batches.back().into_iter().flat_map(|reported| &reported.files)
    }

    /// Forgets the batches up to this one, counted from 1: the consumer has read their files, and all renames before
    /// that are reported.
    pub(super) fn forget(&mut self, batch: u64, store: &Store, denied: &Denied<NodeId>) {
        let later = self.count.saturating_sub(batch);
        self.keep(usize::try_from(later).unwrap_or(BATCHES), store, denied);
    }

    /// Keeps the last `count` batches.
    fn keep(&mut self, count: usize, store: &Store, denied: &Denied<NodeId>) {
        let is_out_of_reach =
            |place: &Place| !denied.is_empty() && store.is_below(place.0, |root| denied.contains(root));
        while self.batches.len() > count {
            let reported = must(self.batches.pop_front(), "there are more than count").unwrap_or_default();
            self.out_of_reach.extend(reported.files.into_iter().filter(is_out_of_reach));
        }
        self.out_of_reach.retain(is_out_of_reach);
    }

    /// The files of the first `reported` batches.
    fn all(&self, reported: usize) -> impl Iterator<Item = &Place> {
        let reported = self.batches.iter().take(reported);
        reported.flat_map(|reported| reported.files.iter().chain(&reported.unrepeated.files)).chain(&self.out_of_reach)
    }

    fn contains(&self, place: &Place, reported: usize) -> bool {
        let mut reported = self.batches.iter().take(reported);
        reported.any(|reported| reported.files.contains(place) || reported.unrepeated.files.contains(place))
            || self.out_of_reach.contains(place)
    }

    fn repeat_moved_files(&self, batch: &mut Batch, store: &Store, reported: usize) {
        for place in std::mem::take(&mut batch.returned_files) {
            if self.contains(&place, reported) && store.find(place.0, &place.1) == Some(Child::File) {
                batch.file_modified(place, false);
            }
        }
        for file in batch.files.values_mut() {
            if let Origin::Elsewhere(origin) = &file.origin {
                file.modified |= self.contains(origin, reported);
            }
        }
    }

    /// Reports closed files again that may have been elsewhere when the consumer read them.
    fn repeat_closed(&self, moved: &HashSet<NodeId>, batch: &mut Batch, store: &Store, reported: usize) {
        for place in self.batches.iter().take(reported).flat_map(|reported| &reported.closed) {
            let is_moved = || store.is_below(place.0, |dir| moved.contains(&dir));
            if (batch.returned_files.contains(place) || is_moved())
                && store.find(place.0, &place.1) == Some(Child::File)
            {
                batch.file_closed(place.clone(), false);
            }
        }
    }

    /// Reports the files below moved directories again.
    fn repeat_below(&self, moved: &HashSet<NodeId>, batch: &mut Batch, store: &Store, reported: usize) {
        if moved.is_empty() {
            return;
        }
        for place in self.all(reported) {
            let is_moved = store.is_below(place.0, |dir| moved.contains(&dir));
            if is_moved && store.find(place.0, &place.1) == Some(Child::File) {
                batch.file_modified(place.clone(), false);
            }
        }
    }
}
