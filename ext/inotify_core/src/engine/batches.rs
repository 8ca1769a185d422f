//! Batches of changes: which ones are taken, and which ones the consumer has read.

use crate::error::Error;
use crate::model::{Change, Merged};
use crate::system::System;

use super::{Engine, Proceed};

impl<S: System> Engine<S> {
    /// Whether there are changes to deliver.
    pub(crate) fn has_changes(&self) -> bool {
        self.model.has_changes()
    }

    /// Whether a change was found since the last call. An event that the filter ignores is none.
    pub(crate) fn take_fresh(&mut self) -> bool {
        self.model.take_fresh()
    }

    /// Finishes what waits for events, when [`process`](Self::process) left none: they will not come.
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
        let Merged { changes, reported } = self.model.merge()?;
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
            self.model.were_scanned(self.polled_what_replies_since(), self.system.tick());
        }
    }
}
