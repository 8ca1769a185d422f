//! Which directories a watch descriptor stands for. Nearly always one: an inode has one watch, and a directory one
//! path. Bind mounts, roots reached twice and scans of a tree in motion give it several.

use std::collections::HashMap;

use super::nodes::NodeId;
use super::wds::Wds;

#[derive(Debug, Default)]
pub(crate) struct Bindings {
    first: Wds,
    others: HashMap<i32, Vec<NodeId>>,
}

impl Bindings {
    pub(crate) fn add(&mut self, wd: i32, node: NodeId) {
        match self.first.get(wd) {
            None => self.first.insert(wd, node),
            Some(first) if first == node => {}
            Some(_) => {
                let others = self.others.entry(wd).or_default();
                if !others.contains(&node) {
                    others.push(node);
                }
            }
        }
    }

    /// Returns whether it was the last one.
    pub(crate) fn remove(&mut self, wd: i32, node: NodeId) -> bool {
        if let Some(others) = self.others.get_mut(&wd) {
            others.retain(|it| *it != node);
            if self.first.get(wd) == Some(node) {
                if let Some(next) = others.pop() {
                    self.first.insert(wd, next);
                }
            }
            if others.is_empty() {
                self.others.remove(&wd);
            }
            return !self.first.contains(wd);
        }
        if self.first.get(wd) == Some(node) {
            self.first.remove(wd);
            return true;
        }
        false
    }

    pub(crate) fn nodes(&self, wd: i32) -> impl Iterator<Item = NodeId> + '_ {
        self.first.get(wd).into_iter().chain(self.others.get(&wd).into_iter().flatten().copied())
    }

    pub(crate) fn contains(&self, wd: i32) -> bool {
        self.first.contains(wd)
    }

    pub(crate) fn len(&self) -> usize {
        self.first.len()
    }

    pub(crate) fn wds(&self) -> impl Iterator<Item = i32> + '_ {
        self.first.wds()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::nodes::Nodes;

    /// Directories, to have ids of.
    fn dirs(count: usize) -> Vec<NodeId> {
        let mut nodes = Nodes::default();
        (0..count).map(|_| nodes.create()).collect()
    }

    #[test]
    fn what_is_bound_twice_is_bound_once() {
        let (mut bindings, dirs) = (Bindings::default(), dirs(2));
        for dir in [&dirs[0], &dirs[0], &dirs[1], &dirs[1]] {
            bindings.add(7, *dir);
        }
        assert_eq!(bindings.nodes(7).collect::<Vec<_>>(), dirs);
        assert_eq!(bindings.len(), 1);
    }

    #[test]
    fn a_wd_stands_for_those_that_are_left() {
        let (mut bindings, dirs) = (Bindings::default(), dirs(3));
        dirs.iter().for_each(|dir| bindings.add(7, *dir));
        assert!(!bindings.remove(7, dirs[0]));
        assert!(!bindings.remove(7, dirs[2]));
        assert_eq!(bindings.nodes(7).collect::<Vec<_>>(), [dirs[1]]);
    }

    #[test]
    fn the_last_one_that_is_removed_is_reported_from_the_others() {
        let (mut bindings, dirs) = (Bindings::default(), dirs(2));
        bindings.add(7, dirs[0]);
        assert!(!bindings.remove(7, dirs[1]));
        assert!(bindings.remove(7, dirs[0]));
        assert!(!bindings.contains(7));
        assert!(!bindings.remove(7, dirs[0]));
        assert_eq!(bindings.len(), 0);
    }
}
