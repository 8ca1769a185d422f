//! Batches of changes: which are taken, and by whom they are known to be read.

use crate::error::Error;
use crate::model::{Change, Merged};
use crate::system::System;

use super::{Engine, Proceed};

impl<S: System> Engine<S> {
    /// Whether there are changes to take.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.model.has_changes()
    }

    /// Whether a change was found since this was last asked. What is of no interest, of a neighbour of a watched file
    /// for example, is none.
    pub fn take_fresh(&mut self) -> bool {
        self.model.take_fresh()
    }

    /// Makes the changes ready to be taken, when [`process`](Self::process) left no event: what waits for one waits in
    /// vain.
    ///
    /// # Errors
    /// When the queue can't be read.
    pub fn finish_pending(&mut self, proceed: Proceed<'_>) -> Result<(), Error> {
        self.model.finish_pending();
        self.carry_out_effects(proceed)?;
        while self.has_events() {
            self.apply(usize::MAX);
            // A directory between its two places can't be reported.
            self.model.finish_pending();
            self.carry_out_effects(proceed)?;
        }
        Ok(())
    }

    /// Takes the changes, merged and in an order in which they can be applied. Only after
    /// [`finish_pending`](Self::finish_pending), and when the batch before is taken: see
    /// [`was_taken`](Self::was_taken).
    pub fn take_changes(&mut self) -> Vec<Change> {
        let changes = self.model.take_changes();
        if !changes.is_empty() {
            self.changes += changes.len() as u64;
            self.note_all(self.vanished(&changes));
            self.model.delivered_at(self.system.tick());
        }
        changes
    }

    /// Puts what happened since into the batch that lies ready: `replace` takes the changes of both, and returns those
    /// that lay there, or `None` where they are taken. Returns how many changes lie ready then; `None`: as before.
    pub fn merge(&mut self, replace: impl FnOnce(Vec<Change>) -> Option<Vec<Change>>) -> Option<usize> {
        let Merged { changes, reported } = self.model.merge()?;
        let mut vanished = self.vanished(&changes);
        let count = changes.len();
        let tick = self.system.tick();
        let old = replace(changes)?;
        self.changes = self.changes.saturating_sub(old.len() as u64) + count as u64;
        // Those that the old batch reported are noted.
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

    /// The batch that lay ready is taken.
    pub fn was_taken(&mut self) {
        self.model.was_taken();
    }

    /// This batch, counted from 1, was taken at this position. If all that had happened by then is in it, its paths led
    /// where they say: who reads them at once finds what it reports.
    pub fn was_taken_at(&mut self, batch: u64, position: u64) {
        if self.has_passed(position) && !self.model.has_changes() && !self.model.has_pending() {
            self.model.was_current(batch);
        }
    }

    /// Whoever takes the changes had read all that the batches up to this one report when this was the position.
    pub fn was_read_at(&mut self, batch: u64, position: u64) {
        if self.has_passed(position) && !self.model.has_changes() {
            self.model.was_consumed(batch);
        }
    }
}
