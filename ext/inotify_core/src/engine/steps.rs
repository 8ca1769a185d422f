//! The steps of [`Engine::process`], one by one: a simulation takes them in any order, with anything in between.

use crate::error::Error;
use crate::model::{Effect, Model};
use crate::system::System;

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
    pub fn model(&self) -> &Model {
        &self.model
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
    pub fn next_effect(&mut self) -> Option<Effect> {
        self.0.model.next_effect()
    }

    /// Carries out an effect.
    pub fn carry_out(&mut self, effect: Effect) {
        self.0.carry_out(effect);
    }

    /// All effects are carried out: does what comes then. Returns whether the tree asks for more because of that.
    pub fn finish_effects(&mut self) -> bool {
        let more = self.0.read_mounts();
        self.0.finish_effects();
        more
    }

    /// No event is queued: pairs and scans again what waits for one.
    pub fn finish_pending(&mut self) {
        self.0.model.finish_pending();
    }

    /// Tries again what was denied.
    pub fn retry(&mut self) {
        self.0.model.retry_all_denied();
    }
}
