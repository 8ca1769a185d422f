//! The steps of [`Engine::process`], one by one: a simulation takes them in any order, with anything in between.

use crate::error::Error;
use crate::system::System;
use crate::tree::{Tree, Wish};

use super::Engine;

/// See the module's description.
pub struct Steps<'e, S: System>(&'e mut Engine<S>);

impl<S: System> Engine<S> {
    /// The single steps of an engine.
    pub fn steps(&mut self) -> Steps<'_, S> {
        Steps(self)
    }

    /// What it knows.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }
}

impl<S: System> Steps<'_, S> {
    /// Reads the events that are queued.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn read(&mut self) -> Result<(), Error> {
        self.0.queue.drain(&self.0.system)
    }

    /// Applies one of the events that are read.
    pub fn apply(&mut self) {
        self.0.apply(1);
    }

    /// The next effect that the tree asks for.
    pub fn next_effect(&mut self) -> Option<Wish> {
        self.0.tree.next_wish()
    }

    /// Carries out an effect.
    pub fn carry_out(&mut self, effect: Wish) {
        self.0.carry_out(effect);
    }

    /// All effects are carried out: does what comes then. Returns whether the tree asks for more because of that.
    pub fn finish(&mut self) -> bool {
        let more = self.0.read_mounts();
        self.0.finish_effects();
        more
    }

    /// No event is queued: pairs and scans again what waits for one.
    pub fn settle(&mut self) {
        self.0.tree.settle();
    }

    /// Tries again what was denied.
    pub fn retry(&mut self) {
        self.0.tree.retry_all_refused();
    }
}
