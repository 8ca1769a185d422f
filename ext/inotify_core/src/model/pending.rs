//! The changes that are not delivered yet, the batches that they become, and what was delivered lately.
//!
//! Changes are recorded since the last batch was delivered. As long as that batch is not taken, they are recorded since
//! the batch before, too: so the batch that is ready can be replaced by one with all changes until now, merged like any
//! other.
//!
//! A consumer that learns that `a/f` is new reads it. If `a` was renamed to `b` meanwhile it finds nothing, and the
//! rename of `a` does not say that `f` is still to be read. So a file is reported again when its path changed after it
//! was reported, unless the consumer is known to have read it before.
//!
//! It is not reported again if the batch was taken before the rename and nothing but renames happened since: a renamed
//! directory must not be reported as a hundred modified files, and a consumer that finds no `a/f` knows from the rename
//! to read `b/f`. But it may find another file there: as soon as an entry arrives at a path that was left, the files
//! are reported again.
//!
//! Changes in polled directories are noticed by the next scan. A file there counts as read only when a scan is applied
//! that began after it was read: until then it is reported again if its path changed.

use std::collections::VecDeque;

use hashbrown::HashSet;

use crate::invariant::must;
use crate::tick::Tick;

use super::batch::{Batch, File, Origin};
use super::diff::Change;
use super::store::{NodeId, Place, Store, WriteState};
use super::watch_map::is_polled;
use super::{Model, diff};

/// A file between the two events of a rename, by the number of each record that has it.
pub(super) type Carried = Vec<(u64, File)>;

/// The changes that are not delivered.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// Whether nothing is recorded: the entries that the first scan finds are known already.
    silent: bool,
    /// Whether a change was recorded since that was asked last.
    fresh: bool,
    /// The changes since the last batch was delivered.
    since: Batch,
    /// The changes since the batch before was delivered. `None`: the last batch is taken.
    untaken: Option<Batch>,
    /// Whether batches that are taken are held: the consumer gets them later.
    holds: bool,
    /// The changes since the batch before the first one that is held.
    held: Option<Batch>,
    /// Directories in which something happened to a file since the last call of
    /// [`take_touched`](Model::take_touched). `None`: there was none.
    touched: Option<HashSet<NodeId>>,
}

impl Pending {
    /// A record of nothing until [`end_silence`](Self::end_silence).
    pub(super) fn silent() -> Self {
        Self { silent: true, ..Self::default() }
    }

    /// Changes are recorded from here on.
    pub(super) fn end_silence(&mut self) {
        self.silent = false;
    }

    /// Changes are recorded from here on, in addition to these that the consumer does not know.
    pub(super) fn begin_with(&mut self, batch: Batch) {
        self.end_silence();
        self.since = batch;
        self.fresh = true;
    }

    /// The changes since the last batch was taken.
    pub(super) fn since_taken(&self) -> &Batch {
        self.held.as_ref().or(self.untaken.as_ref()).unwrap_or(&self.since)
    }

    /// How many delivered batches the consumer has not got, as far as that matters: one that is held may be more.
    pub(super) fn untaken(&self) -> usize {
        self.untaken.iter().count()
    }

    /// Sets whether batches that are taken are held. Returns the directories that no record has any more.
    fn set_held(&mut self, holds: bool) -> Vec<NodeId> {
        self.holds = holds;
        if holds { Vec::new() } else { self.held.take().map(|batch| batch.removed).unwrap_or_default() }
    }

    /// Whether a change was recorded since the last call.
    pub(super) fn take_fresh(&mut self) -> bool {
        std::mem::take(&mut self.fresh)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.since.is_empty()
    }

    /// Whether the next batch reports that the file at a place is new or modified.
    pub(super) fn reports(&self, place: &Place) -> bool {
        self.since.reports(place)
    }

    /// The files that the next batch reports as closed, if they are complete.
    pub(super) fn to_be_closed(&self, store: &Store) -> Vec<Place> {
        let files = self.since.files.iter().filter(|(_, file)| file.is_closed_if_complete());
        let moved = store.files_below(self.since.moved_dirs().collect());
        let open = moved.filter(|(_, writing)| *writing != WriteState::Closed).map(|(place, _)| place);
        files.map(|(place, _)| place.clone()).chain(open).collect()
    }

    /// Whether the next batch reports a file as closed, if it is complete.
    pub(super) fn closes(&self, place: &Place, store: &Store) -> bool {
        self.since.files.get(place).is_some_and(File::is_closed_if_complete)
            || store.upwards(place.0).any(|dir| self.since.is_moved(dir))
    }

    /// Whether a file was renamed since the last batch.
    pub(super) fn is_renamed(&self, place: &Place) -> bool {
        self.since.files.get(place).is_some_and(|file| matches!(file.origin, Origin::Elsewhere(_)))
    }

    /// Begins a new record, and returns the one until now.
    fn begin(&mut self) -> Batch {
        let number = self.since.number + 1;
        std::mem::replace(&mut self.since, Batch { number, ..Batch::default() })
    }

    /// A batch of this record is delivered.
    fn set_untaken(&mut self, batch: Batch) {
        debug_assert!(self.untaken.is_none(), "the batch before is taken");
        self.untaken = Some(batch);
    }

    /// The batch that is ready is replaced by one with all changes until now.
    fn set_replaced(&mut self) {
        let replaced = self.begin();
        if let Some(untaken) = must(self.untaken.as_mut(), "a batch that is replaced is not taken") {
            untaken.removed.extend(replaced.removed);
        }
    }

    /// The batch that was delivered last is taken. Returns the directories that no record reports any more.
    fn set_taken(&mut self) -> Vec<NodeId> {
        let Some(untaken) = self.untaken.take() else { return Vec::new() };
        if self.holds && self.held.is_none() {
            self.held = Some(untaken);
            return Vec::new();
        }
        self.drop_record(untaken)
    }

    /// Returns the removed directories that no other record has. A held one may have any.
    fn drop_record(&mut self, batch: Batch) -> Vec<NodeId> {
        let Some(held) = &mut self.held else { return batch.removed };
        held.removed.extend(batch.removed);
        Vec::new()
    }

    /// A directory that was removed may be reported until the next batch is taken.
    pub(super) fn keep_removed(&mut self, dir: NodeId) {
        self.since.removed.push(dir);
    }

    /// Forgets the new entries below some roots.
    pub(super) fn forget_in(&mut self, is_in: impl Fn(NodeId) -> bool) {
        self.record_quietly(|batch| batch.forget_in(&is_in));
    }

    fn records(&mut self) -> impl Iterator<Item = &mut Batch> {
        [&mut self.since].into_iter().chain(&mut self.untaken).chain(&mut self.held)
    }

    /// Records a change.
    fn record(&mut self, record: impl FnMut(&mut Batch)) {
        self.fresh |= !self.silent;
        self.record_quietly(record);
    }

    /// Records something that is no reason to deliver a batch.
    fn record_quietly(&mut self, record: impl FnMut(&mut Batch)) {
        if !self.silent {
            self.records().for_each(record);
        }
    }

    /// Records the end of a rename. A batch may have been taken since it began.
    fn record_carried(&mut self, carried: Carried, mut record: impl FnMut(&mut Batch, File)) {
        for (number, file) in carried {
            if let Some(batch) = self.records().find(|batch| batch.number == number) {
                record(batch, file);
            }
        }
    }

    fn touch(&mut self, dir: NodeId) {
        if let Some(touched) = &mut self.touched {
            touched.insert(dir);
        }
    }

    pub(super) fn file_added(&mut self, place: &Place, rescanned: bool) {
        self.touch(place.0);
        self.record(|batch| batch.file_added(place.clone(), rescanned));
    }

    pub(super) fn file_modified(&mut self, place: &Place, rescanned: bool) {
        self.touch(place.0);
        self.record(|batch| batch.file_modified(place.clone(), rescanned));
    }

    /// A file was closed. `rescanned`: no event says so.
    pub(super) fn file_closed(&mut self, place: &Place, rescanned: bool) {
        self.touch(place.0);
        self.record(|batch| batch.file_closed(place.clone(), rescanned));
    }

    pub(super) fn file_attributes(&mut self, place: &Place) {
        self.touch(place.0);
        self.record(|batch| batch.file_attributes(place.clone()));
    }

    pub(super) fn file_removed(&mut self, place: &Place, rescanned: bool) {
        self.touch(place.0);
        self.record(|batch| batch.file_removed(place.clone(), rescanned));
    }

    /// A file left a place, for another or for none.
    pub(super) fn file_taken(&mut self, place: &Place, rescanned: bool) -> Carried {
        self.touch(place.0);
        let mut carried = Carried::new();
        self.record(|batch| carried.push((batch.number, batch.file_taken(place.clone(), rescanned))));
        carried
    }

    /// A file that was taken is at another place.
    pub(super) fn file_put(&mut self, carried: Carried, place: &Place) {
        self.touch(place.0);
        self.record_carried(carried, |batch, file| batch.file_put(file, place.clone()));
    }

    /// A file may have been elsewhere for a while.
    pub(super) fn file_returned(&mut self, place: &Place) {
        self.touch(place.0);
        self.record_quietly(|batch| batch.file_returned(place.clone()));
    }

    /// A file that was taken is gone.
    pub(super) fn file_lost(&mut self, carried: Carried, rescanned: bool) {
        self.record_carried(carried, |batch, file| batch.file_lost(file, rescanned));
    }

    pub(super) fn dir_added(&mut self, dir: NodeId, rescanned: bool) {
        self.record(|batch| batch.dir_added(dir, rescanned));
    }

    pub(super) fn dir_taken(&mut self, dir: NodeId, place: &Place, rescanned: bool) {
        self.record(|batch| batch.dir_taken(dir, place.clone(), rescanned));
    }

    pub(super) fn dir_put(&mut self, dir: NodeId, place: &Place) {
        self.record_quietly(|batch| batch.dir_put(dir, place));
    }

    pub(super) fn dir_returned(&mut self, dir: NodeId) {
        self.record_quietly(|batch| batch.dir_returned(dir));
    }

    /// Records that a directory is gone. Returns whether it may be reported: then its node is kept until that is done.
    pub(super) fn dir_removed(&mut self, dir: NodeId, place: Option<&Place>, rescanned: bool) -> bool {
        let mut reported = false;
        self.record(|batch| reported |= batch.dir_removed(dir, place.cloned(), rescanned));
        if reported {
            self.keep_removed(dir);
        }
        reported
    }

    pub(super) fn dir_attributes(&mut self, dir: NodeId) {
        self.record(|batch| batch.dir_attributes(dir));
    }

    pub(super) fn root_changed(&mut self, root: NodeId, there: bool) {
        self.record(|batch| batch.root_changed(root, there));
    }
}

impl Model {
    /// Whether a change was recorded since the last call.
    pub(crate) fn take_fresh(&mut self) -> bool {
        self.pending.take_fresh()
    }

    /// Returns the changes since the last call, merged and in an order in which they can be applied. No effect and no
    /// rename may be open: see [`finish_pending`](Self::finish_pending). The batch before must be taken: see
    /// [`was_taken`](Self::was_taken) and [`merge`](Self::merge).
    pub(crate) fn take_changes(&mut self) -> Vec<Change> {
        self.was_taken();
        self.note_unexamined();
        let batch = self.pending.begin();
        let (changes, reported) = self.diff(batch.clone(), 0);
        if changes.is_empty() {
            let removed = self.pending.drop_record(batch);
            self.recycle(removed);
        } else {
            self.note_closed(&reported.closed);
            self.delivered.remember(reported);
            self.forget_delivered(BATCHES);
            self.pending.set_untaken(batch);
        }
        changes
    }

    /// The batch that was delivered last is taken.
    pub(crate) fn was_taken(&mut self) {
        let removed = self.pending.set_taken();
        self.recycle(removed);
    }

    /// Returns the directories in which something happened to a file since the last call; `None` the first time.
    pub(crate) fn take_touched(&mut self) -> Option<HashSet<NodeId>> {
        self.pending.touched.replace(HashSet::new())
    }

    /// The changes of the files in a directory until now are no reason to return it from
    /// [`take_touched`](Self::take_touched).
    pub(crate) fn forget_touched(&mut self, dir: NodeId) {
        if let Some(touched) = &mut self.pending.touched {
            touched.remove(&dir);
        }
    }

    /// Sets whether batches that are taken are held: the consumer gets them later, and they are not in a
    /// [`consumer_tree`](Self::consumer_tree).
    pub(crate) fn set_held(&mut self, held: bool) {
        let removed = self.pending.set_held(held);
        self.recycle(removed);
    }

    fn recycle(&mut self, removed: Vec<NodeId>) {
        for node in removed {
            // It may have been a root.
            self.roots.forget(node);
            self.store.recycle(node);
        }
    }

    /// Returns the batch that is to replace the one that was delivered last, with the changes since then. Apply it with
    /// [`replaced`](Self::replaced). `None`: the batch is taken.
    pub(crate) fn merge(&self) -> Option<(Vec<Change>, Reported)> {
        Some(self.diff(self.pending.untaken.clone()?, 1))
    }

    /// The batch that was ready is replaced by the one of [`merge`](Self::merge).
    pub(crate) fn replaced(&mut self, reported: Reported) {
        self.note_unexamined();
        self.note_closed(&reported.closed);
        self.pending.set_replaced();
        self.delivered.replace(reported);
    }

    /// `untaken`: how many delivered batches are not taken.
    fn diff(&self, mut batch: Batch, untaken: usize) -> (Vec<Change>, Reported) {
        let unrepeated = self.delivered.repeat_files(&mut batch, &self.store, untaken);
        let reports =
            diff::Reports { directories: self.inclusion.reports_directories(), closed: self.unclosed.are_reported() };
        let (changes, files, closed) = diff::changes(batch, &self.store, &self.roots, reports);
        (changes, Reported { files, closed, unrepeated })
    }

    /// Whether a batch is delivered and not taken.
    pub(crate) fn has_untaken(&self) -> bool {
        self.pending.untaken.is_some()
    }

    /// The consumer has read the files of all batches up to this one, counted from 1; batches without changes do not
    /// count. Call it only when all that had happened by then is reported in batches that are taken.
    pub(crate) fn was_consumed(&mut self, batch: u64) {
        let later = self.delivered.count.saturating_sub(batch);
        self.forget_delivered(usize::try_from(later).unwrap_or(BATCHES));
    }

    /// Forgets all batches but the last `count`.
    fn forget_delivered(&mut self, count: usize) {
        let Self { store, rescans, .. } = self;
        let polls = self.watches.may_poll();
        let in_polled = |dir| polls && store.upwards(dir).any(|dir| store.wd(dir).is_some_and(is_polled));
        let in_denied = |dir| rescans.has_denied() && store.upwards(dir).any(|dir| rescans.is_denied(dir));
        self.delivered.keep(count, in_polled, in_denied);
    }

    /// Whether files that the consumer has read may have been elsewhere then, as a scan may find:
    /// [`were_scanned`](Self::were_scanned) is to be called.
    pub(crate) fn has_unscanned(&self) -> bool {
        !self.delivered.unscanned.is_empty()
    }

    /// What scans found that began at this moment or before is reported in batches that are taken. `None`: nothing is
    /// polled.
    pub(crate) fn were_scanned(&mut self, begun: Option<Tick>, now: Tick) {
        self.delivered.unscanned.were_scanned(begun, now);
    }

    /// The batches up to this one were taken when all that had happened was reported: their paths were right. A consumer
    /// that reads them at once finds the files.
    pub(crate) fn was_current(&mut self, batch: u64) {
        self.delivered.set_current(batch);
    }
}

/// How many batches may be between a read and the rename that misled it: the consumer works on one, one is ready, and
/// the next may be made before all events until now are read.
const BATCHES: usize = 3;

/// The files that a batch reported.
#[derive(Debug, Default)]
pub(crate) struct Reported {
    /// Those that are new or modified.
    files: HashSet<Place>,
    /// Those that are complete.
    closed: HashSet<Place>,
    unrepeated: Unrepeated,
}

impl Reported {
    fn is_empty(&self) -> bool {
        self.files.is_empty() && self.closed.is_empty() && self.unrepeated.is_empty()
    }

    /// Adds what an older batch reported in these directories.
    fn add(&mut self, Self { files, closed, unrepeated }: Self, is_in: impl Fn(NodeId) -> bool) {
        let is_file_in = |place: &Place| is_in(place.0);
        self.files.extend(files.into_iter().filter(is_file_in));
        self.closed.extend(closed.into_iter().filter(is_file_in));
        self.unrepeated.dirs.extend(unrepeated.dirs.into_iter().filter(|dir| is_in(*dir)));
        self.unrepeated.files.extend(unrepeated.files.into_iter().filter(is_file_in));
        self.unrepeated.left.extend(unrepeated.left.into_iter().filter(is_file_in));
    }
}

/// Renames whose files were not reported again.
#[derive(Debug, Default)]
struct Unrepeated {
    dirs: HashSet<NodeId>,
    /// The files of the last batches, at their present places.
    files: HashSet<Place>,
    /// The places that renamed entries and deleted directories left: another directory may come to the place of one in
    /// which a file was.
    left: HashSet<Place>,
}

impl Unrepeated {
    fn is_empty(&self) -> bool {
        self.dirs.is_empty() && self.files.is_empty()
    }
}

/// The reports of older batches in polled directories: a scan may still find that a file was elsewhere when it was
/// read.
#[derive(Debug, Default)]
struct Unscanned {
    /// The batches that were read before a moment.
    read: Option<(Tick, Reported)>,
    /// The batches that were read since.
    later: Reported,
}

impl Unscanned {
    fn is_empty(&self) -> bool {
        self.read.is_none() && self.later.is_empty()
    }

    fn batches(&self) -> impl Iterator<Item = &Reported> {
        self.read.iter().map(|(_, batch)| batch).chain([&self.later])
    }

    fn were_scanned(&mut self, begun: Option<Tick>, now: Tick) {
        let Some(begun) = begun else {
            *self = Self::default();
            return;
        };
        self.read.take_if(|(read, _)| *read < begun);
        if self.read.is_none() && !self.later.is_empty() {
            self.read = Some((now, std::mem::take(&mut self.later)));
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Delivered {
    batches: VecDeque<Reported>,
    /// How many batches there were.
    count: u64,
    /// The number of the last batch whose paths were right when it was taken.
    current: u64,
    /// Files of older batches below roots that cannot be reached: their paths may still change.
    out_of_reach: HashSet<Place>,
    unscanned: Unscanned,
}

impl Delivered {
    /// The reports of older batches that still matter, and of the first `reported` batches.
    fn first(&self, reported: usize) -> impl Iterator<Item = &Reported> {
        self.unscanned.batches().chain(self.batches.iter().take(reported))
    }

    /// Adds the files to `batch` that must be reported again. `untaken`: how many of the last batches are not taken.
    fn repeat_files(&self, batch: &mut Batch, store: &Store, untaken: usize) -> Unrepeated {
        let reported = self.batches.len().saturating_sub(untaken);
        if self.batches.is_empty() && self.out_of_reach.is_empty() && self.unscanned.is_empty() {
            return Unrepeated::default();
        }
        let left = batch.left();
        let all = || self.first(self.batches.len());
        let before: Vec<&HashSet<Place>> = all().map(|it| &it.unrepeated.left).filter(|it| !it.is_empty()).collect();
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
            // The batch that reported one may count as read before this one does.
            let below =
                self.all(reported).filter(|place| store.upwards(place.0).any(|dir| unrepeated.dirs.contains(&dir)));
            unrepeated.files.extend(below.cloned());
            unrepeated.left = left.into_iter().cloned().collect();
            return unrepeated;
        }
        // What an earlier batch renamed may still be reported again.
        let matters = all().any(|it| !it.unrepeated.is_empty());
        unrepeated.left = left.into_iter().filter(|_| matters).cloned().collect();
        let mut dirs = std::mem::take(&mut batch.returned_dirs);
        dirs.extend(batch.moved_dirs());
        if reused {
            dirs.extend(all().flat_map(|it| &it.unrepeated.dirs));
            let files = all().flat_map(|it| &it.unrepeated.files);
            batch.returned_files.extend(files.cloned());
        }
        self.repeat_closed(&dirs, batch, store, reported);
        self.repeat_moved_files(batch, store, reported);
        self.repeat_below(&dirs, batch, store, reported);
        for place in ready {
            if store.is_file(place.0, &place.1) && !batch.reports(&place) {
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
    fn remember(&mut self, reported: Reported) {
        self.batches.push_back(reported);
        self.count += 1;
    }

    /// The last batch is replaced by one that reports these files.
    fn replace(&mut self, reported: Reported) {
        if let Some(last) = must(self.batches.back_mut(), "a batch that is replaced was delivered") {
            *last = reported;
        }
    }

    /// The paths of the batches up to this one were right when they were taken.
    fn set_current(&mut self, batch: u64) {
        self.current = self.current.max(batch);
    }

    /// The files that the last batch reported.
    pub(super) fn last(&self) -> impl Iterator<Item = &Place> {
        self.batches.back().into_iter().flat_map(|reported| &reported.files)
    }

    /// Keeps the last `count` batches, and the files of those before in directories that are polled or cannot be reached.
    fn keep(&mut self, count: usize, in_polled: impl Fn(NodeId) -> bool, in_denied: impl Fn(NodeId) -> bool) {
        let is_out_of_reach = |place: &Place| in_denied(place.0);
        while self.batches.len() > count {
            let reported = must(self.batches.pop_front(), "there are more than count").unwrap_or_default();
            self.out_of_reach.extend(reported.files.iter().filter(|place| is_out_of_reach(place)).cloned());
            self.unscanned.later.add(reported, &in_polled);
        }
        self.out_of_reach.retain(is_out_of_reach);
    }

    /// The files of the first `reported` batches.
    fn all(&self, reported: usize) -> impl Iterator<Item = &Place> {
        let reported = self.first(reported);
        reported.flat_map(|reported| reported.files.iter().chain(&reported.unrepeated.files)).chain(&self.out_of_reach)
    }

    /// Whether a file was reported lately. `untaken`: how many of the last batches are not taken.
    pub(super) fn reported(&self, place: &Place, untaken: usize) -> bool {
        self.contains(place, self.batches.len().saturating_sub(untaken))
    }

    fn contains(&self, place: &Place, reported: usize) -> bool {
        self.first(reported).any(|reported| reported.files.contains(place) || reported.unrepeated.files.contains(place))
            || self.out_of_reach.contains(place)
    }

    fn repeat_moved_files(&self, batch: &mut Batch, store: &Store, reported: usize) {
        for place in std::mem::take(&mut batch.returned_files) {
            if self.contains(&place, reported) && store.is_file(place.0, &place.1) {
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
        for place in self.first(reported).flat_map(|reported| &reported.closed) {
            let is_moved = || store.upwards(place.0).any(|dir| moved.contains(&dir));
            if (batch.returned_files.contains(place) || is_moved()) && store.is_file(place.0, &place.1) {
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
            let is_moved = store.upwards(place.0).any(|dir| moved.contains(&dir));
            if is_moved && store.is_file(place.0, &place.1) {
                batch.file_modified(place.clone(), false);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Filter;
    use crate::model::Scope;

    fn place(name: &str) -> Place {
        (NodeId(0), name.as_bytes().into())
    }

    /// A batch is delivered, and a file is between its two places when the batch is taken and held.
    fn held_during_a_rename() -> (Pending, Carried) {
        let mut pending = Pending::default();
        pending.file_modified(&place("other"), false);
        let batch = pending.begin();
        pending.set_untaken(batch);
        let carried = pending.file_taken(&place("a"), false);
        pending.set_held(true);
        pending.set_taken();
        (pending, carried)
    }

    #[test]
    fn what_leaves_is_news_unless_all_is_known() {
        for (mut pending, is_news) in [(Pending::default(), true), (Pending::silent(), false)] {
            drop(pending.file_taken(&place("a"), false));
            assert_eq!(pending.take_fresh(), is_news);
        }
    }

    #[test]
    fn a_rename_is_in_the_record_of_a_batch_that_was_held_meanwhile() {
        let (mut pending, carried) = held_during_a_rename();
        pending.file_put(carried, &place("b"));
        let moved: Vec<_> = pending.since_taken().moved_files().collect();
        assert_eq!(moved, [(&place("b"), &place("a"))]);
    }

    #[test]
    fn a_file_that_left_the_trees_is_in_the_record_of_a_batch_that_was_held_meanwhile() {
        let (mut pending, carried) = held_during_a_rename();
        pending.file_lost(carried, false);
        assert_eq!(pending.since_taken().gone.keys().collect::<Vec<_>>(), [&place("a")]);
    }

    #[test]
    fn the_id_of_a_removed_directory_is_not_used_again_while_a_held_batch_may_have_it() {
        let mut filter = Filter::new();
        filter.report_files_only();
        let mut model = Model::new(true, filter);
        let root = model.add_root(b"t".to_vec(), Scope::Tree);
        let dir = model.add_dir(&(root, b"dir".as_slice().into()), true);
        model.begin();
        model.set_held(true);
        model.store.add_file(root, b"file");
        model.pending.file_added(&(root, b"file".as_slice().into()), false);
        assert_eq!(model.take_changes().len(), 1);
        model.was_taken();
        model.remove_child(&(root, b"dir".as_slice().into()), false);
        assert_eq!(model.take_changes(), [], "directories are not reported");
        assert_ne!(model.store.create(), dir);
        model.set_held(false);
        assert_eq!(model.store.create(), dir);
    }
}
