//! Directories that count only if somebody else says so.

use super::nodes::NodeId;
use super::{Need, Tree};

impl Tree {
    pub(super) fn is_unjudged(&self, dir: NodeId) -> bool {
        !self.unjudged.is_empty() && self.unjudged.values().any(|unjudged| *unjudged == dir)
    }

    /// Whether a directory waits for a judgement.
    #[must_use]
    pub fn awaits_judgement(&self) -> bool {
        !self.unjudged.is_empty()
    }

    /// The directories about which somebody is to be asked whether they count, each once: the question's number, and the
    /// path.
    pub fn take_questions(&mut self) -> Vec<(u64, Vec<u8>)> {
        let new = self.unjudged.range(self.asked + 1..);
        let questions = new.filter_map(|(question, dir)| Some((*question, self.path(*dir)?))).collect();
        self.asked = self.questions;
        questions
    }

    /// Answers a question: whether the directory counts.
    pub fn judge(&mut self, question: u64, counts: bool) {
        let Some(dir) = self.unjudged.remove(&question) else { return };
        if counts {
            self.look(dir, Need::Sight);
        } else if let Some((parent, name)) = self.place(dir) {
            let place = (parent, Box::from(name));
            self.remove_child(&place, false);
        }
    }
}
