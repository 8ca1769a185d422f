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

    /// The device and inode of a polled directory, by the number that it has in the place of a wd.
    #[must_use]
    pub fn polled_identity(&self, wd: i32) -> Option<(u32, u32, u64)> {
        self.dirs.polled.identity(wd)
    }

    /// Its model.
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

    /// Applies one event.
    pub fn apply(&mut self) {
        self.0.apply(1);
    }

    /// The next effect that the model asks for.
    pub fn next_effect(&mut self) -> Option<Effect> {
        self.0.model.next_effect()
    }

    /// Carries out an effect.
    pub fn carry_out(&mut self, effect: Effect) {
        self.0.carry_out(effect);
        self.0.exchange();
    }

    /// To be called when all effects are carried out. Returns whether the model asks for more then.
    pub fn finish_effects(&mut self) -> bool {
        let more = self.0.read_mounts();
        self.0.finish_effects();
        more
    }

    /// To be called when no event is queued.
    pub fn finish_pending(&mut self) {
        self.0.model.finish_pending();
    }

    /// Scans the polled directories.
    ///
    /// # Errors
    /// When the queue can't be read.
    pub fn poll(&mut self) -> Result<(), Error> {
        let now = self.0.system.instant();
        self.0.request_scan();
        self.0.poll(now, &mut |_| true)
    }

    /// Retries everything that is denied.
    pub fn retry(&mut self) {
        self.0.model.retry_all_denied();
    }
}
