//! Which paths of a tree count. Patterns are those of gitignore(5), matched against paths relative to a root.

use std::collections::HashMap;

use crate::git::DirRules;
use crate::gitignore::{Case, Rules, is_for_itself};
use crate::model::{Kind, NodeId};

/// The name of the files that say what git ignores.
pub(crate) const GITIGNORE: &[u8] = b".gitignore";

/// The name of what git keeps for itself at the top of a work tree.
pub(crate) const DOT_GIT: &[u8] = b".git";

/// A pattern that can't be matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPattern {
    /// As it was given.
    pub pattern: Vec<u8>,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// What counts and what doesn't.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    only: Option<Rules>,
    ignore: Option<Rules>,
    git: bool,
    files_only: bool,
    has_predicate: bool,
    /// What git's files say of what is in a directory.
    dirs: HashMap<NodeId, DirRules>,
    /// By root: what is below it, relative to it, and a root for itself.
    inner_roots: HashMap<NodeId, Vec<Vec<u8>>>,
}

impl Filter {
    /// Everything counts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Of the files, only those count that match one of the patterns, or are in a directory that does.
    ///
    /// # Errors
    /// [`BadPattern`].
    pub fn only<S: AsRef<[u8]>>(&mut self, patterns: &[S]) -> Result<(), BadPattern> {
        self.only = Some(compile(patterns)?);
        self.files_only = true;
        Ok(())
    }

    /// Single files are asked for: directories are not reported, and their renames as those of the files in them.
    pub fn report_files_only(&mut self) {
        self.files_only = true;
    }

    /// Somebody else is asked about each directory before it is entered.
    pub fn use_predicate(&mut self) {
        self.has_predicate = true;
    }

    /// Whether somebody else is asked about each directory before it is entered.
    #[must_use]
    pub fn has_predicate(&self) -> bool {
        self.has_predicate
    }

    /// What matches one of the patterns does not count, nor what is in it.
    ///
    /// # Errors
    /// [`BadPattern`].
    pub fn ignore<S: AsRef<[u8]>>(&mut self, patterns: &[S]) -> Result<(), BadPattern> {
        self.ignore = Some(compile(patterns)?);
        Ok(())
    }

    /// What git ignores does not count, nor what git keeps for itself.
    pub fn use_gitignore(&mut self) {
        self.git = true;
    }

    /// Whether .gitignore files count.
    #[must_use]
    pub fn uses_gitignore(&self) -> bool {
        self.git
    }

    /// Whether directories are reported: not where single files are asked for.
    #[must_use]
    pub fn reports_directories(&self) -> bool {
        !self.files_only
    }

    /// Whether a file at this path, relative to a root, is one of those that alone count.
    #[must_use]
    pub fn matches_file(&self, path: &[u8]) -> bool {
        self.only.as_ref().is_none_or(|only| only.includes_file(path))
    }

    /// Whether it lets everything through.
    #[must_use]
    pub(crate) fn is_open(&self) -> bool {
        self.only.is_none() && self.ignore.is_none() && !self.git && self.inner_roots.is_empty()
    }

    /// Takes what git's files say of what is in a directory. Returns whether that is news.
    pub(crate) fn set_rules(&mut self, dir: NodeId, rules: DirRules) -> bool {
        if rules.is_empty() {
            return self.dirs.remove(&dir).is_some();
        }
        if self.dirs.get(&dir) == Some(&rules) {
            return false;
        }
        self.dirs.insert(dir, rules);
        true
    }

    /// Leaves these paths, relative to a root, to themselves.
    pub(crate) fn set_inner_roots(&mut self, root: NodeId, inner_roots: Vec<Vec<u8>>) {
        if !inner_roots.is_empty() {
            self.inner_roots.insert(root, inner_roots);
        }
    }

    /// Forgets a root.
    pub(crate) fn forget_root(&mut self, root: NodeId) {
        self.forget(root);
        self.inner_roots.remove(&root);
    }

    /// Forgets a directory.
    pub(crate) fn forget(&mut self, dir: NodeId) {
        self.dirs.remove(&dir);
    }

    /// Whether an entry counts. `dirs`: the directories it is in, from its own up to the root, each with its name; the
    /// root's is empty.
    pub(crate) fn includes(&self, dirs: &[(NodeId, &[u8])], name: &[u8], kind: Kind) -> bool {
        let path = path(dirs, name);
        let inner_roots = dirs
            .last()
            .and_then(|(root, _)| self.inner_roots.get(root))
            .is_some_and(|inner_roots| inner_roots.contains(&path));
        !inner_roots
            && self.patterns_include(&path, kind)
            && (!self.git || self.git_includes(dirs, name, kind == Kind::Dir))
    }

    /// Whether the patterns let a path through, relative to a root.
    pub(crate) fn patterns_include(&self, path: &[u8], kind: Kind) -> bool {
        let is_dir = kind == Kind::Dir;
        let ignored =
            || self.ignore.as_ref().is_some_and(|ignore| ignore.ignores(path, is_dir, Case::Respected) == Some(true));
        (is_dir || self.matches_file(path)) && !ignored()
    }

    /// As git does: the nearest .gitignore file that says something of a path decides, and in it the last line that
    /// does; then the repository. The rules of an outer repository do not hold in one that is inside of its work tree.
    fn git_includes(&self, dirs: &[(NodeId, &[u8])], name: &[u8], is_dir: bool) -> bool {
        let case = dirs.iter().find_map(|(dir, _)| self.dirs.get(dir)?.case()).unwrap_or_default();
        if is_for_itself(name, case) {
            return false;
        }
        for (depth, (dir, _)) in dirs.iter().enumerate() {
            let Some(rules) = self.dirs.get(dir) else { continue };
            let path = path(dirs.get(..=depth).unwrap_or_default(), name);
            if let Some(ignored) = rules.ignores(&path, is_dir, case) {
                return !ignored;
            }
            if rules.case().is_some() {
                break;
            }
        }
        true
    }
}

/// The path of `name` relative to the last of `dirs`.
fn path(dirs: &[(NodeId, &[u8])], name: &[u8]) -> Vec<u8> {
    let mut path = Vec::new();
    // The last one's own name is not part of it.
    for (_, dir) in dirs.iter().rev().skip(1) {
        path.extend_from_slice(dir);
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

fn compile<S: AsRef<[u8]>>(patterns: &[S]) -> Result<Rules, BadPattern> {
    let mut rules = Rules::default();
    for pattern in patterns {
        let pattern = pattern.as_ref();
        rules.add(pattern).map_err(|excess| BadPattern { pattern: pattern.to_vec(), reason: excess.reason() })?;
    }
    Ok(rules)
}
