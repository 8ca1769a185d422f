//! Files that were told of a moment ago. Who is told that `a/f` is new goes and reads it; if `a` was renamed to `b`
//! meanwhile there is no `a/f` to read, and that `a` is `b` now does not say that `f` is still to be read. So a file that
//! was told of in one of the last batches is told again when its path changes, unless whoever was told is known to have
//! looked before that. Nor is it when the batch was taken before the rename, and nothing but renames happened since: then
//! there was time to look, and nobody wants a renamed directory to be told as a hundred modified files.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::ops::Range;

use super::Told;
use super::batch::{Batch, Origin, Place};
use super::nodes::{Child, NodeId, Nodes};

/// How many batches may lie between a look and the rename that misled it: one is being worked on, one lies ready, and
/// the next may be made before all that happened until now is read.
const BATCHES: usize = 3;

#[derive(Debug, Default)]
pub(crate) struct Recent {
    told: VecDeque<HashSet<Place>>,
    /// How many batches told something.
    batches: u64,
    /// Up to which of them the paths were right when they were taken.
    current: u64,
    /// Files told of earlier, below roots that can't be reached since: their paths may lead elsewhere all the time.
    out_of_reach: HashSet<Place>,
}

impl Recent {
    /// Adds the files to `batch` that are to be told again. `untaken`: how many of the last batches nobody was told of yet.
    pub(crate) fn tell_again(&self, batch: &mut Batch, nodes: &Nodes, untaken: usize) {
        let told = self.told.len().saturating_sub(untaken);
        // As many of the first as were current need not be told again.
        let later = usize::try_from(self.batches.saturating_sub(self.current)).unwrap_or(usize::MAX);
        let current = if batch.is_renames_alone(nodes) { self.told.len().saturating_sub(later) } else { 0 };
        self.tell_moved_files(batch, nodes, current.min(told)..told);
        self.tell_moved_dirs(batch, nodes, current.min(told)..told);
    }

    /// Remembers the files that a batch told of. One that tells nothing does not count: nobody takes it. `refused`: what
    /// can't be reached.
    pub(crate) fn remember(&mut self, Told(told): Told, nodes: &Nodes, refused: &BTreeMap<NodeId, i32>) {
        self.told.push_back(told);
        self.batches += 1;
        self.keep(BATCHES, nodes, refused);
    }

    /// The last batch is replaced by one that tells of these files.
    pub(crate) fn replace(&mut self, Told(told): Told) {
        if let Some(last) = self.told.back_mut() {
            *last = told;
        }
    }

    /// The paths of the batches up to this one were right when they were taken.
    pub(crate) fn set_current(&mut self, batch: u64) {
        self.current = self.current.max(batch);
    }

    /// The files that the last batch told of.
    pub(crate) fn last(&self) -> impl Iterator<Item = &Place> {
        self.told.back().into_iter().flatten()
    }

    /// Forgets what was told up to the batch of this number, counted from 1: whoever was told has looked, and all renames
    /// before that are told, too.
    pub(crate) fn forget(&mut self, batch: u64, nodes: &Nodes, refused: &BTreeMap<NodeId, i32>) {
        let later = self.batches.saturating_sub(batch);
        self.keep(usize::try_from(later).unwrap_or(BATCHES), nodes, refused);
    }

    /// Keeps the last `count` batches.
    fn keep(&mut self, count: usize, nodes: &Nodes, refused: &BTreeMap<NodeId, i32>) {
        let is_out_of_reach =
            |place: &Place| !refused.is_empty() && nodes.is_below(place.0, |root| refused.contains_key(&root));
        while self.told.len() > count {
            let told = self.told.pop_front().unwrap_or_default();
            self.out_of_reach.extend(told.into_iter().filter(is_out_of_reach));
        }
        self.out_of_reach.retain(is_out_of_reach);
    }

    /// The files of these batches.
    fn all(&self, told: Range<usize>) -> impl Iterator<Item = &Place> {
        self.told.range(told).flatten().chain(&self.out_of_reach)
    }

    fn contains(&self, place: &Place, told: &Range<usize>) -> bool {
        self.told.range(told.clone()).any(|told| told.contains(place)) || self.out_of_reach.contains(place)
    }

    fn tell_moved_files(&self, batch: &mut Batch, nodes: &Nodes, told: Range<usize>) {
        for place in std::mem::take(&mut batch.returned_files) {
            if self.contains(&place, &told) && nodes.find(place.0, &place.1) == Some(Child::File) {
                batch.file_modified(place, false);
            }
        }
        for file in batch.files.values_mut() {
            if let Origin::Elsewhere(origin) = &file.origin {
                file.modified |= self.contains(origin, &told);
            }
        }
    }

    fn tell_moved_dirs(&self, batch: &mut Batch, nodes: &Nodes, told: Range<usize>) {
        let mut moved = std::mem::take(&mut batch.returned_dirs);
        moved.extend(batch.dirs.iter().filter(|(_, dir)| dir.origin.is_some()).map(|(dir, _)| *dir));
        if moved.is_empty() {
            return;
        }
        for place in self.all(told) {
            let is_moved = nodes.is_below(place.0, |dir| moved.contains(&dir));
            if is_moved && nodes.find(place.0, &place.1) == Some(Child::File) {
                batch.file_modified(place.clone(), false);
            }
        }
    }
}
