//! Which paths are included. Patterns are those of gitignore(5), matched against paths relative to a root.

use crate::gitignore::{Case, Rules};

/// A pattern that can't be matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPattern {
    /// As it was given.
    pub pattern: Vec<u8>,
    /// Why it cannot be matched.
    pub reason: &'static str,
}

/// The paths that the user wants included.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    only: Option<Rules>,
    ignore: Option<Rules>,
    git: bool,
    files_only: bool,
    has_predicate: bool,
    /// Its description, for checkpoints.
    sentences: Vec<Vec<u8>>,
}

impl Filter {
    /// Includes everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Of the files, includes only those that match one of the patterns or are in a directory that does.
    ///
    /// # Errors
    /// [`BadPattern`].
    pub fn only<S: AsRef<[u8]>>(&mut self, patterns: &[S]) -> Result<(), BadPattern> {
        self.only = Some(compile(patterns)?);
        self.files_only = true;
        patterns.iter().for_each(|pattern| self.describe("only: ", pattern.as_ref()));
        Ok(())
    }

    /// Reports no directories, and the rename of a directory as those of the files in it.
    pub fn report_files_only(&mut self) {
        self.files_only = true;
    }

    /// Has a predicate asked about each directory before it is entered.
    pub fn use_predicate(&mut self) {
        self.has_predicate = true;
    }

    /// Whether a predicate is asked about each directory before it is entered.
    pub(crate) fn has_predicate(&self) -> bool {
        self.has_predicate
    }

    /// Ignores entries that match one of the patterns, with all that is in them.
    ///
    /// # Errors
    /// [`BadPattern`].
    pub fn ignore<S: AsRef<[u8]>>(&mut self, patterns: &[S]) -> Result<(), BadPattern> {
        self.ignore = Some(compile(patterns)?);
        patterns.iter().for_each(|pattern| self.describe("ignore: ", pattern.as_ref()));
        Ok(())
    }

    /// Ignores everything that git ignores, and git's own files.
    pub fn use_gitignore(&mut self) {
        self.git = true;
        self.describe("gitignore", b"");
    }

    /// Adds the description of a predicate to the sentences of checkpoints, such as `only: /x/`.
    pub fn describe_predicate(&mut self, sentence: &[u8]) {
        self.describe("", sentence);
    }

    fn describe(&mut self, what: &str, pattern: &[u8]) {
        self.sentences.push([what.as_bytes(), pattern].concat());
    }

    /// Its description, in sentences: two filters that have the same ones include the same paths, unless the predicates
    /// or git's rules are others.
    pub(crate) fn sentences(&self) -> &[Vec<u8>] {
        &self.sentences
    }

    /// Whether .gitignore files are used.
    pub(crate) fn uses_gitignore(&self) -> bool {
        self.git
    }

    /// Whether directories are reported.
    pub(crate) fn reports_directories(&self) -> bool {
        !self.files_only
    }

    /// Whether the patterns of `only` include a file at this path, relative to a root.
    #[must_use]
    pub fn matches_file(&self, path: &[u8]) -> bool {
        self.only.as_ref().is_none_or(|only| only.includes_file(path))
    }

    /// Whether it includes everything that the predicate does.
    pub(crate) fn includes_all(&self) -> bool {
        self.only.is_none() && self.ignore.is_none() && !self.git
    }

    /// Whether the patterns include an entry at this path, relative to a root.
    pub(crate) fn patterns_include(&self, path: &[u8], is_dir: bool) -> bool {
        let ignored =
            || self.ignore.as_ref().is_some_and(|ignore| ignore.ignores(path, is_dir, Case::Respected) == Some(true));
        (is_dir || self.matches_file(path)) && !ignored()
    }
}

fn compile<S: AsRef<[u8]>>(patterns: &[S]) -> Result<Rules, BadPattern> {
    let mut rules = Rules::default();
    for pattern in patterns {
        let pattern = pattern.as_ref();
        rules.add(pattern).map_err(|reason| BadPattern { pattern: pattern.to_vec(), reason })?;
    }
    Ok(rules)
}
