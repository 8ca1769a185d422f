//! What is to be emitted: what happened since the last batch was delivered, and, as long as that lies ready and nobody
//! has taken it, what happened since the batch before. So a batch that lies ready can be replaced by one with all that
//! has happened until now, merged like any other.

use super::batch::{self, Batch};
use super::store::{NodeId, Place};

/// A file between the two halves of a rename, for each record.
#[derive(Debug)]
pub(super) struct Carried {
    since: batch::Carried,
    untaken: Option<batch::Carried>,
}

#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) since: Batch,
    /// `None`: the last batch is taken.
    pub(super) untaken: Option<Batch>,
}

impl Pending {
    /// Nothing, where what happens is no change yet.
    pub(super) fn silent() -> Self {
        Self { since: Batch { silent: true, ..Batch::default() }, untaken: None }
    }

    /// Begins a new record, and returns the old one.
    pub(super) fn begin(&mut self) -> Batch {
        let silent = self.since.silent;
        std::mem::replace(&mut self.since, Batch { silent, ..Batch::default() })
    }

    /// Forgets what is new below a root.
    pub(super) fn forget_in(&mut self, root: NodeId, is_in: impl Fn(NodeId) -> bool) {
        self.each(|batch| batch.forget_in(root, &is_in));
    }

    fn each(&mut self, mut record: impl FnMut(&mut Batch)) {
        record(&mut self.since);
        if let Some(untaken) = &mut self.untaken {
            record(untaken);
        }
    }

    pub(super) fn file_added(&mut self, place: &Place, rescanned: bool) {
        self.each(|batch| batch.file_added(place.clone(), rescanned));
    }

    pub(super) fn file_modified(&mut self, place: &Place, rescanned: bool) {
        self.each(|batch| batch.file_modified(place.clone(), rescanned));
    }

    pub(super) fn file_attributes(&mut self, place: &Place) {
        self.each(|batch| batch.file_attributes(place.clone()));
    }

    pub(super) fn file_removed(&mut self, place: &Place, rescanned: bool) {
        self.each(|batch| batch.file_removed(place.clone(), rescanned));
    }

    pub(super) fn file_taken(&mut self, place: &Place) -> Carried {
        let untaken = self.untaken.as_mut().map(|batch| batch.file_taken(place.clone()));
        Carried { since: self.since.file_taken(place.clone()), untaken }
    }

    pub(super) fn file_put(&mut self, carried: Carried, place: &Place) {
        self.since.file_put(carried.since, place.clone());
        if let (Some(batch), Some(carried)) = (&mut self.untaken, carried.untaken) {
            batch.file_put(carried, place.clone());
        }
    }

    pub(super) fn file_returned(&mut self, place: &Place) {
        self.each(|batch| batch.file_returned(place.clone()));
    }

    pub(super) fn file_lost(&mut self, carried: Carried, rescanned: bool) {
        self.since.file_lost(carried.since, rescanned);
        if let (Some(batch), Some(carried)) = (&mut self.untaken, carried.untaken) {
            batch.file_lost(carried, rescanned);
        }
    }

    pub(super) fn dir_added(&mut self, dir: NodeId, rescanned: bool) {
        self.each(|batch| batch.dir_added(dir, rescanned));
    }

    pub(super) fn dir_taken(&mut self, dir: NodeId, place: &Place) {
        self.each(|batch| batch.dir_taken(dir, place.clone()));
    }

    pub(super) fn dir_put(&mut self, dir: NodeId, place: &Place) {
        self.each(|batch| batch.dir_put(dir, place));
    }

    pub(super) fn dir_returned(&mut self, dir: NodeId) {
        self.each(|batch| batch.dir_returned(dir));
    }

    /// Returns whether one of the records speaks of it: see [`Batch::dir_removed`].
    pub(super) fn dir_removed(&mut self, dir: NodeId, place: Option<&Place>, rescanned: bool) -> bool {
        let mut mentioned = false;
        self.each(|batch| mentioned |= batch.dir_removed(dir, place.cloned(), rescanned));
        mentioned
    }

    pub(super) fn dir_attributes(&mut self, dir: NodeId) {
        self.each(|batch| batch.dir_attributes(dir));
    }

    pub(super) fn root_changed(&mut self, root: NodeId, there: bool) {
        self.each(|batch| batch.root_changed(root, there));
    }
}
