//! What is watched, and how.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use hashbrown::HashSet;

use crate::error::Error;
use crate::filter::Filter;
use crate::git::Work;
use crate::invariant::must;
use crate::paths::{absolute, ancestors, push};

/// What to watch, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// By their absolute paths: when they were added, and the paths that were given.
    roots: BTreeMap<Vec<u8>, (usize, Vec<u8>)>,
    added: usize,
    /// The absolute path of a checkpoint.
    since: Option<Vec<u8>>,
    /// Whether directories below the roots are watched, too.
    pub recursive: bool,
    /// The included paths. A root that is a file always is.
    pub filter: Filter,
    /// Whether symbolic links to directories are followed. Each directory is entered once.
    pub follow_links: bool,
    /// Whether each root is a tree of its own: a directory that symbolic links lead to is entered once for each root, not
    /// once for all. For roots that several users add while the engine runs.
    pub separate_roots: bool,
    /// The interval at which directories are scanned that cannot be watched. `None`: they are not.
    pub poll: Option<Duration>,
    /// Whether all directories are scanned, if any are.
    pub poll_always: bool,
    /// Whether it is reported that files are complete: see [`ChangeType::Closed`](crate::model::ChangeType::Closed).
    pub closed: bool,
    /// How long the batches of a watcher wait at most while git works on the roots.
    pub git_wait: Option<Duration>,
}

impl Options {
    /// No roots yet, all paths, and nothing else of all this.
    #[must_use]
    pub fn new(recursive: bool) -> Self {
        Self {
            roots: BTreeMap::new(),
            added: 0,
            since: None,
            recursive,
            filter: Filter::new(),
            follow_links: false,
            separate_roots: false,
            poll: None,
            poll_always: false,
            closed: false,
            git_wait: None,
        }
    }

    /// Makes the difference from the checkpoint in this file the first batch of a watcher. Where there is no file,
    /// everything is new. Changes of the file itself are not reported.
    ///
    /// # Errors
    /// When the path is relative and the working directory is gone.
    pub fn since(&mut self, path: &[u8]) -> Result<(), Error> {
        self.since = Some(absolute(path)?);
        Ok(())
    }

    /// See [`since`](Self::since).
    pub(crate) fn since_path(&self) -> Option<&[u8]> {
        self.since.as_deref()
    }

    /// See `git_wait`.
    pub(crate) fn git_work(&self) -> Option<Work> {
        self.git_wait.map(|longest| Work::new(self.roots.keys().map(Vec::as_slice), longest))
    }

    /// Adds a path, which need not exist. A path inside of another root adds nothing, unless the filter may ignore it
    /// there: a root is included whatever the filter says.
    ///
    /// # Errors
    /// When the path is relative and the working directory is gone.
    pub fn add(&mut self, path: &[u8]) -> Result<(), Error> {
        let new = Root::new(path)?;
        if self.at(&new.absolute).is_some() || self.outer_of(&new).any(|outer| self.covers(&outer, &new)) {
            return Ok(());
        }
        let covered: Vec<Vec<u8>> =
            self.inside(&new).filter(|inner| self.covers(&new, inner)).map(|it| it.absolute).collect();
        covered.iter().for_each(|absolute| drop(self.roots.remove(absolute)));
        self.add_as(&new.given, &new.absolute);
        Ok(())
    }

    /// Adds a path whose absolute path is known, even inside of another root. The reported paths begin with `given`.
    pub fn add_as(&mut self, given: &[u8], absolute: &[u8]) {
        self.roots.insert(absolute.to_vec(), (self.added, given.to_vec()));
        self.added += 1;
    }

    /// In the order in which they were added.
    pub(super) fn roots(&self) -> Vec<Root> {
        let mut roots: Vec<_> = self.roots.iter().collect();
        roots.sort_by_key(|(_, (order, _))| *order);
        roots.into_iter().map(|(absolute, (_, given))| Root::of(given, absolute)).collect()
    }

    /// The paths that were given of those that are roots: the others are a part of one.
    #[must_use]
    pub fn given(&self) -> Vec<Vec<u8>> {
        self.roots().into_iter().map(|root| root.given).collect()
    }

    fn at(&self, absolute: &[u8]) -> Option<Root> {
        self.roots.get(absolute).map(|(_, given)| Root::of(given, absolute))
    }

    /// The roots above another.
    fn outer_of(&self, root: &Root) -> impl Iterator<Item = Root> {
        ancestors(&root.absolute).filter_map(|dir| self.at(dir))
    }

    /// The roots below another.
    fn inside(&self, outer: &Root) -> impl Iterator<Item = Root> {
        let mut prefix = outer.absolute.clone();
        push(&mut prefix, b"");
        let inside = self.roots.range(prefix.clone()..).take_while(move |(path, _)| path.starts_with(&prefix));
        inside.map(|(absolute, (_, given))| Root::of(given, absolute)).filter(|root| !root.is_at(outer))
    }

    /// Whether the changes reported for `outer` contain all those of `inner`, which is below it.
    fn covers(&self, outer: &Root, inner: &Root) -> bool {
        self.recursive && outer.leads_to(inner) && !self.may_exclude(outer, inner)
    }

    /// Whether the filter may exclude `inner`, which is below `outer`, now or later.
    fn may_exclude(&self, outer: &Root, inner: &Root) -> bool {
        // The replies of a predicate are not known, nor what git will ignore.
        self.filter.has_predicate()
            || self.filter.uses_gitignore()
            || inner.paths_from(outer).any(|(below, is_dir)| {
                // A file or a missing path may be a directory later.
                !self.filter.patterns_include(below, is_dir) || !self.filter.patterns_include(below, true)
            })
    }

    /// The filters and options that decide what is reported, a sentence each: for checkpoints.
    pub(super) fn sentences(&self) -> Vec<Vec<u8>> {
        let flags = [
            (!self.recursive, "not recursive"),
            (self.follow_links, "symbolic links are followed"),
            (self.closed, "closed files are reported"),
        ];
        let flags = flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag.as_bytes().to_vec());
        flags.chain(self.filter.sentences().iter().cloned()).collect()
    }

    /// The roots below `outer`, which it must ignore: their paths relative to it.
    pub(super) fn inner_roots(&self, outer: &Root) -> HashSet<Vec<u8>> {
        self.inside(outer).filter_map(|inner| inner.below(outer).map(<[u8]>::to_vec)).collect()
    }

    /// Whether a root is below another.
    pub(super) fn is_inner(&self, root: &Root) -> bool {
        self.outer_of(root).next().is_some()
    }
}

/// A path to watch.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    /// As the user gave it: the reported paths begin with it.
    pub(super) given: Vec<u8>,
    pub(super) absolute: Vec<u8>,
}

impl Root {
    pub(super) fn new(path: &[u8]) -> Result<Self, Error> {
        let absolute = normal(&absolute(path)?);
        Ok(Self { given: without_slashes(path).to_vec(), absolute })
    }

    fn of(given: &[u8], absolute: &[u8]) -> Self {
        Self { given: given.to_vec(), absolute: absolute.to_vec() }
    }

    pub(super) fn is_at(&self, other: &Self) -> bool {
        self.absolute == other.absolute
    }

    /// The path relative to another root above it.
    pub(super) fn below(&self, outer: &Self) -> Option<&[u8]> {
        let rest = self.absolute.strip_prefix(outer.absolute.as_slice())?;
        if outer.absolute == b"/" { Some(rest) } else { rest.strip_prefix(b"/") }.filter(|rest| !rest.is_empty())
    }

    /// Whether `inner` is below this directory, and not behind a symbolic link, which is not entered.
    pub(super) fn leads_to(&self, inner: &Self) -> bool {
        let Some(rest) = inner.below(self) else { return false };
        let mut path = PathBuf::from(OsStr::from_bytes(&self.absolute));
        rest.split(|byte| *byte == b'/').all(|name| {
            path.push(OsStr::from_bytes(name));
            name != b".." && !fs::symlink_metadata(&path).is_ok_and(|it| it.file_type().is_symlink())
        })
    }

    /// The paths below another root that lead to this one, and its own: each relative to `outer`, with whether it is a
    /// directory.
    pub(super) fn paths_from<'a>(&'a self, outer: &'a Self) -> impl Iterator<Item = (&'a [u8], bool)> {
        let rest = must(self.below(outer), "this root is below the other").unwrap_or_default();
        let slashes = rest.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        slashes.chain([rest.len()]).filter_map(move |end| {
            let file = end == rest.len() && !Path::new(OsStr::from_bytes(&self.absolute)).is_dir();
            Some((rest.get(..end)?, !file))
        })
    }
}

/// The path without slashes at its end, except for that of `/`.
fn without_slashes(path: &[u8]) -> &[u8] {
    let length = path.iter().rposition(|byte| *byte != b'/').map_or(1, |last| last + 1);
    path.get(..length).unwrap_or(path)
}

/// The path without `.`. Symbolic links and `..` remain.
fn normal(path: &[u8]) -> Vec<u8> {
    let components = Path::new(OsStr::from_bytes(path)).components();
    let normal: PathBuf = components.filter(|component| *component != Component::CurDir).collect();
    normal.into_os_string().into_vec()
}
