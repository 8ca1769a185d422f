//! Files that were told of a moment ago. Who is told that `a/f` is new goes and reads it; if `a` was renamed to `b`
//! meanwhile there is no `a/f` to read, and that `a` is `b` now does not say that `f` is still to be read. So a file that
//! was told of in one of the last batches is told again when its path changes, unless whoever was told is known to have
//! looked before that.
//!
//! Nor is it when the batch was taken before the rename, and nothing but renames happened since: nobody wants a renamed
//! directory to be told as a hundred modified files, and who found nothing at `a/f` knows of `b/f` what to do. But who
//! finds another file there does not: as soon as something arrives at a path that was left, all is told again.

use std::collections::{BTreeMap, HashSet, VecDeque};

use super::batch::{Batch, Origin, Place};
use super::nodes::{Child, NodeId, Nodes};

/// How many batches may lie between a look and the rename that misled it: one is being worked on, one lies ready, and
/// the next may be made before all that happened until now is read.
const BATCHES: usize = 3;

/// What a batch told, as far as it matters later.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// The files that are new or modified.
    pub(crate) files: HashSet<Place>,
    pub(crate) untold: Untold,
}

/// Renames after which nothing was told again.
#[derive(Debug, Default)]
pub(crate) struct Untold {
    dirs: HashSet<NodeId>,
    /// Those of recent batches, where they are now.
    files: HashSet<Place>,
    /// Where the renamed were before.
    left: HashSet<Place>,
}

#[derive(Debug, Default)]
pub(crate) struct Recent {
    told: VecDeque<Told>,
    /// How many batches told something.
    batches: u64,
    /// Up to which of them the paths were right when they were taken.
    current: u64,
    /// Files told of earlier, below roots that can't be reached since: their paths may lead elsewhere all the time.
    out_of_reach: HashSet<Place>,
}

impl Recent {
    /// Adds the files to `batch` that are to be told again. `untaken`: how many of the last batches nobody was told of yet.
    pub(crate) fn tell_again(&self, batch: &mut Batch, nodes: &Nodes, untaken: usize) -> Untold {
        let told = self.told.len().saturating_sub(untaken);
        if self.told.is_empty() && self.out_of_reach.is_empty() {
            return Untold::default();
        }
        let left = batch.left();
        let before: Vec<&HashSet<Place>> =
            self.told.iter().map(|it| &it.untold.left).filter(|it| !it.is_empty()).collect();
        let is_left = |place: &Place| left.contains(place) || before.iter().any(|left| left.contains(place));
        let reused = !(left.is_empty() && before.is_empty()) && batch.arrivals(nodes).any(|place| is_left(&place));
        let current = self.current + untaken as u64 >= self.batches;
        // What lies ready and was reported there stays reported: closes were judged by that.
        let ready: Vec<Place> = self.told.iter().skip(told).flat_map(|it| &it.files).cloned().collect();
        let alone = current && !reused && ready.is_empty() && batch.is_renames_alone();
        let mut untold = Untold::default();
        if alone {
            untold.dirs.extend(batch.moved_dirs());
            let moved = batch.moved_files().filter(|(_, origin)| self.contains(origin, told));
            untold.files.extend(moved.map(|(place, _)| place.clone()));
            untold.left = left.into_iter().cloned().collect();
            return untold;
        }
        let mut dirs = std::mem::take(&mut batch.returned_dirs);
        dirs.extend(batch.moved_dirs());
        if reused {
            dirs.extend(self.told.iter().flat_map(|it| &it.untold.dirs));
            let files = self.told.iter().flat_map(|it| &it.untold.files);
            batch.returned_files.extend(files.cloned());
        }
        self.tell_moved_files(batch, nodes, told);
        self.tell_below(&dirs, batch, nodes, told);
        for place in ready {
            if nodes.find(place.0, &place.1) == Some(Child::File) && !batch.tells(&place) {
                batch.file_modified(place, false);
            }
        }
        untold
    }

    /// Remembers the files that a batch told of. One that tells nothing does not count: nobody takes it. `refused`: what
    /// can't be reached.
    pub(crate) fn remember(&mut self, told: Told, nodes: &Nodes, refused: &BTreeMap<NodeId, i32>) {
        self.told.push_back(told);
        self.batches += 1;
        self.keep(BATCHES, nodes, refused);
    }

    /// The last batch is replaced by one that tells of these files.
    pub(crate) fn replace(&mut self, told: Told) {
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
        self.told.back().into_iter().flat_map(|told| &told.files)
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
            self.out_of_reach.extend(told.files.into_iter().filter(is_out_of_reach));
        }
        self.out_of_reach.retain(is_out_of_reach);
    }

    /// The files of the first `told` batches.
    fn all(&self, told: usize) -> impl Iterator<Item = &Place> {
        let told = self.told.iter().take(told);
        told.flat_map(|told| told.files.iter().chain(&told.untold.files)).chain(&self.out_of_reach)
    }

    fn contains(&self, place: &Place, told: usize) -> bool {
        let mut told = self.told.iter().take(told);
        told.any(|told| told.files.contains(place) || told.untold.files.contains(place))
            || self.out_of_reach.contains(place)
    }

    fn tell_moved_files(&self, batch: &mut Batch, nodes: &Nodes, told: usize) {
        for place in std::mem::take(&mut batch.returned_files) {
            if self.contains(&place, told) && nodes.find(place.0, &place.1) == Some(Child::File) {
                batch.file_modified(place, false);
            }
        }
        for file in batch.files.values_mut() {
            if let Origin::Elsewhere(origin) = &file.origin {
                file.modified |= self.contains(origin, told);
            }
        }
    }

    /// Tells again what is in directories that were moved.
    fn tell_below(&self, moved: &HashSet<NodeId>, batch: &mut Batch, nodes: &Nodes, told: usize) {
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
