//! What a mount covers and uncovers: the directories of trees that its path leads to.

use crate::model::NodeId;
use crate::mountinfo::Table;
use crate::paths::{is_within, relative};

/// A root, or a directory entered through a symbolic link.
pub(crate) struct Base {
    pub(crate) node: NodeId,
    /// The real paths that lead to it, and at the end its own.
    pub(crate) real_paths: Vec<Vec<u8>>,
}

impl Base {
    /// The part of a path below it; empty if the path is at or above it.
    fn path_below<'a>(&self, path: &'a [u8]) -> Option<&'a [u8]> {
        if self.real_paths.iter().any(|real_path| is_within(real_path, path)) {
            return Some(&[]);
        }
        self.below(path)
    }

    /// The part of a path below it.
    pub(crate) fn below<'a>(&self, path: &'a [u8]) -> Option<&'a [u8]> {
        relative(path, self.real_paths.last()?)
    }
}

/// Where something else may be seen since something was mounted or unmounted at these paths: a base, and the path below
/// it.
pub(crate) fn covered<'a>(bases: &'a [Base], paths: &'a [Vec<u8>]) -> impl Iterator<Item = (NodeId, &'a [u8])> {
    paths.iter().flat_map(|path| bases.iter().filter_map(|base| Some((base.node, base.path_below(path)?))))
}

/// What is mounted below the bases: a base, the path below it, and the whole path.
pub(crate) fn mounted<'a>(
    bases: &'a [Base],
    table: &'a Table,
) -> impl Iterator<Item = (NodeId, &'a [u8], &'a Vec<u8>)> {
    table.keys().flat_map(|path| bases.iter().filter_map(move |base| Some((base.node, base.below(path)?, path))))
}
