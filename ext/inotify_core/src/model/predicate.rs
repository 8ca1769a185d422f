//! Directories that count only if somebody else says so.

use super::store::NodeId;
use super::{Model, Need};

impl Model {
    pub(super) fn is_undecided(&self, dir: NodeId) -> bool {
        !self.undecided.is_empty() && self.undecided.values().any(|undecided| *undecided == dir)
    }

    /// Whether a directory waits for a reply.
    #[must_use]
    pub fn awaits_predicate(&self) -> bool {
        !self.undecided.is_empty()
    }

    /// The directories about which somebody is to be asked whether they count, each once: the question's number, and
    /// the path.
    pub fn take_predicate_requests(&mut self) -> Vec<(u64, Vec<u8>)> {
        let new = self.undecided.range(self.last_sent + 1..);
        let last_request = new.filter_map(|(request, dir)| Some((*request, self.path(*dir)?))).collect();
        self.last_sent = self.last_request;
        last_request
    }

    /// Takes the reply to a predicate request: whether the directory is included.
    pub fn apply_predicate(&mut self, request: u64, counts: bool) {
        let Some(dir) = self.undecided.remove(&request) else { return };
        if counts {
            self.scan(dir, Need::Watch);
        } else if let Some((parent, name)) = self.place(dir) {
            let place = (parent, Box::from(name));
            self.remove_child(&place, false);
        }
    }
}
