//! What a tree reports: one change of one path.

use super::path::Path;

/// What happened to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChangeType {
    /// It is there and was not.
    Created,
    /// Its content changed, or may have.
    Modified,
    /// It is gone.
    Deleted,
    /// It has another path, and so has all below it.
    Renamed,
    /// Its permissions, owner, times or extended attributes changed.
    Attributes,
}

/// One change. Applied in their order, changes turn the set of paths reported before into the one there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub change_type: ChangeType,
    /// The path it happened to; for a rename, the new one.
    pub path: Path,
    /// For a rename: the path before.
    pub from: Option<Path>,
    /// Whether it is a directory.
    pub directory: bool,
    /// Whether it was concluded by a scan, not reported by an event.
    pub rescanned: bool,
}
