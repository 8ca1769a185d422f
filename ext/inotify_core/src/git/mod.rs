//! What git ignores beyond the .gitignore files: `.git/info/exclude` and `core.excludesFile`, read from where git takes
//! them; and whether git works. No git process is run.

mod config;
mod environment;
mod repository;
mod work;

use crate::gitignore::{Case, Rules};
use crate::paths::join;

pub(crate) use environment::Environment;
pub(crate) use repository::Reader;
pub use work::Work;

/// What git's files say of the entries of a directory, and of all that is below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirRules {
    /// The directory's own .gitignore file.
    local: Rules,
    /// For a root that lies in a work tree: the .gitignore files above it, the nearest last, each with the path from
    /// its directory to the root.
    above: Vec<(Rules, Vec<u8>)>,
    /// For the top of a work tree, and a root in one.
    repository: Option<Repository>,
}

/// What a repository says of all paths in its work tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Repository {
    /// The path of the directory in the work tree; empty for its top.
    path: Vec<u8>,
    /// The strongest first.
    excludes: Vec<Rules>,
    case: Case,
}

impl DirRules {
    /// Those of a .gitignore file; `None`: there is none.
    pub(crate) fn new(gitignore: Option<&[u8]>) -> Self {
        Self { local: gitignore.map(Rules::new).unwrap_or_default(), ..Self::default() }
    }

    /// Adds what lies above a root.
    pub(crate) fn add_above(&mut self, text: &[u8], path: Vec<u8>) {
        self.above.push((Rules::new(text), path));
    }

    pub(crate) fn set_repository(&mut self, repository: Repository) {
        self.repository = Some(repository);
    }

    /// Whether there is nothing to say.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether names differ by more than their case: a repository decides, and others have none to say.
    pub(crate) fn case(&self) -> Option<Case> {
        self.repository.as_ref().map(|repository| repository.case)
    }

    /// Whether an entry is ignored, by its path from the directory on; `None`: nothing is said of it here.
    pub(crate) fn ignores(&self, path: &[u8], is_dir: bool, case: Case) -> Option<bool> {
        let below = |prefix: &[u8]| if prefix.is_empty() { path.to_vec() } else { join(prefix, path) };
        let above = self.above.iter().rev().map(|(rules, prefix)| rules.ignores(&below(prefix), is_dir, case));
        let local = self.local.ignores(path, is_dir, case);
        let repository = self.repository.iter().flat_map(|repository| {
            let path = below(&repository.path);
            repository.excludes.iter().map(move |rules| rules.ignores(&path, is_dir, case))
        });
        local.or_else(|| above.chain(repository).flatten().next())
    }
}
