//! Symbolic links that are followed. A directory is entered once, however many links lead to it: links into each other
//! would otherwise have paths without end. The other links to it are told as files, until the way in is gone.

use std::collections::{HashMap, HashSet};

use super::batch::Place;
use super::nodes::NodeId;

#[derive(Debug, Default)]
pub(crate) struct Links {
    /// Directories that are entered through a link.
    entered: HashSet<NodeId>,
    /// By wd: links that lead to a directory which is entered elsewhere.
    passed_by: HashMap<i32, Vec<Place>>,
}

impl Links {
    pub(crate) fn enter(&mut self, node: NodeId) {
        self.entered.insert(node);
    }

    pub(crate) fn leave(&mut self, node: NodeId) {
        self.entered.remove(&node);
    }

    pub(crate) fn contains(&self, node: NodeId) -> bool {
        self.entered.contains(&node)
    }

    pub(crate) fn pass_by(&mut self, wd: i32, place: Place) {
        let places = self.passed_by.entry(wd).or_default();
        if !places.contains(&place) {
            places.push(place);
        }
    }

    pub(crate) fn is_passed_by(&self, place: &Place) -> bool {
        self.passed_by.values().any(|places| places.contains(place))
    }

    /// The links that may be entered now that the directory of this wd no longer is.
    pub(crate) fn released(&mut self, wd: i32) -> Vec<Place> {
        self.passed_by.remove(&wd).unwrap_or_default()
    }
}
