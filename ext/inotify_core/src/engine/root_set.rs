//! Some of the roots, or all.

use std::collections::BTreeSet;

use crate::model::NodeId;

/// See the module's description.
#[derive(Debug)]
pub(crate) enum RootSet {
    All,
    Some(BTreeSet<NodeId>),
}

impl RootSet {
    pub(crate) const fn none() -> Self {
        Self::Some(BTreeSet::new())
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Some(roots) if roots.is_empty())
    }

    pub(crate) fn contains(&self, root: NodeId) -> bool {
        match self {
            Self::All => true,
            Self::Some(roots) => roots.contains(&root),
        }
    }

    pub(crate) fn insert(&mut self, root: NodeId) {
        if let Self::Some(roots) = self {
            roots.insert(root);
        }
    }

    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::none())
    }
}
