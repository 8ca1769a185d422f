//! Which entries the model includes: the filter, with what it needs to know of directories.

use std::collections::BTreeMap;

use hashbrown::{HashMap, HashSet};

use crate::filter::Filter;
use crate::git::DirRules;
use crate::gitignore::is_for_itself;
use crate::invariant::must;

use super::store::{NodeId, Place, Store};
use super::{Model, Need};

/// See the module's description.
#[derive(Debug)]
pub(super) struct Inclusion {
    filter: Filter,
    /// What git's files say of the entries of a directory.
    git_rules: HashMap<NodeId, DirRules>,
    /// By root: the paths below it that are roots, too, relative to it.
    inner_roots: HashMap<NodeId, HashSet<Vec<u8>>>,
    /// Single files that are ignored: the root, and the path relative to it.
    excluded: Vec<(NodeId, Vec<u8>)>,
    /// Directories that are not entered before the predicate replies, by the number of the request.
    undecided: BTreeMap<u64, NodeId>,
    requests: HashMap<NodeId, u64>,
    /// The number of the last request, and of the last one that was taken.
    last_request: u64,
    last_taken: u64,
}

impl Inclusion {
    pub(super) fn new(filter: Filter) -> Self {
        Self {
            filter,
            git_rules: HashMap::new(),
            inner_roots: HashMap::new(),
            excluded: Vec::new(),
            undecided: BTreeMap::new(),
            requests: HashMap::new(),
            last_request: 0,
            last_taken: 0,
        }
    }

    pub(super) fn reports_directories(&self) -> bool {
        self.filter.reports_directories()
    }

    pub(super) fn uses_gitignore(&self) -> bool {
        self.filter.uses_gitignore()
    }

    pub(super) fn has_predicate(&self) -> bool {
        self.filter.has_predicate()
    }

    /// Whether everything is included that the predicate includes.
    pub(super) fn includes_all(&self) -> bool {
        self.filter.includes_all() && self.inner_roots.is_empty() && self.excluded.is_empty()
    }

    /// Whether the entry `name` of a directory is included.
    pub(super) fn includes(&self, store: &Store, dir: NodeId, name: &[u8], is_dir: bool) -> bool {
        let may_be_excluded = self.excluded.iter().any(|(_, path)| path.ends_with(name));
        if !may_be_excluded && self.filter.includes_all() && self.inner_roots.is_empty() {
            return true;
        }
        // From the directory up to the root, which has no name.
        let name_of = |at| store.place(at).map_or(b"".as_slice(), |(_, name)| name);
        let dirs: Vec<(NodeId, &[u8])> = store.upwards(dir).map(|at| (at, name_of(at))).collect();
        let at = dirs.last().map_or(dir, |(top, _)| *top);
        let path = path(&dirs, name);
        let is_excluded = may_be_excluded && self.excluded.iter().any(|(root, it)| *root == at && *it == path);
        let is_root = self.inner_roots.get(&at).is_some_and(|inner| inner.contains(&path));
        !is_root
            && !is_excluded
            && self.filter.patterns_include(&path, is_dir)
            && (!self.filter.uses_gitignore() || self.git_includes(&dirs, name, is_dir))
    }

    /// As git does: the nearest .gitignore file with a rule about the path decides, and in it the last such rule; then
    /// the repository. The rules of a repository do not hold in another one inside of its work tree.
    fn git_includes(&self, dirs: &[(NodeId, &[u8])], name: &[u8], is_dir: bool) -> bool {
        let case = dirs.iter().find_map(|(dir, _)| self.git_rules.get(dir)?.case()).unwrap_or_default();
        if is_for_itself(name, case) {
            return false;
        }
        for (depth, (dir, _)) in dirs.iter().enumerate() {
            let Some(rules) = self.git_rules.get(dir) else { continue };
            let path = path(must(dirs.get(..=depth), "the depth is that of a directory").unwrap_or_default(), name);
            if let Some(ignored) = rules.ignores(&path, is_dir, case) {
                return !ignored;
            }
            if rules.case().is_some() {
                break;
            }
        }
        true
    }

    /// Sets what git's files say of the entries of a directory. Returns whether that changed.
    pub(super) fn set_git_rules(&mut self, dir: NodeId, rules: DirRules) -> bool {
        if rules.is_empty() {
            return self.git_rules.remove(&dir).is_some();
        }
        if self.git_rules.get(&dir) == Some(&rules) {
            return false;
        }
        self.git_rules.insert(dir, rules);
        true
    }

    pub(super) fn set_inner_roots(&mut self, root: NodeId, paths: HashSet<Vec<u8>>) {
        if !paths.is_empty() {
            self.inner_roots.insert(root, paths);
        }
    }

    /// Has the predicate asked about a new directory, if there is one.
    pub(super) fn add_dir(&mut self, dir: NodeId) {
        if self.filter.has_predicate() {
            self.last_request += 1;
            self.undecided.insert(self.last_request, dir);
            self.requests.insert(dir, self.last_request);
        }
    }

    pub(super) fn is_undecided(&self, dir: NodeId) -> bool {
        self.requests.contains_key(&dir)
    }

    /// Forgets a directory or a root that is gone.
    pub(super) fn forget(&mut self, dir: NodeId) {
        self.git_rules.remove(&dir);
        self.inner_roots.remove(&dir);
        if let Some(request) = self.requests.remove(&dir) {
            self.undecided.remove(&request);
        }
        self.excluded.retain(|(root, _)| *root != dir);
    }
}

/// The path of `name` relative to the last of `dirs`.
fn path(dirs: &[(NodeId, &[u8])], name: &[u8]) -> Vec<u8> {
    let mut path = Vec::new();
    for (_, dir) in dirs.iter().rev().skip(1) {
        path.extend_from_slice(dir);
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

impl Model {
    /// Whether a directory waits for the predicate.
    pub(crate) fn awaits_predicate(&self) -> bool {
        !self.inclusion.undecided.is_empty()
    }

    /// Takes the directories about which the predicate is to be asked, each once: the number of the request, and the
    /// path.
    pub(crate) fn take_predicate_requests(&mut self) -> Vec<(u64, Vec<u8>)> {
        let new = self.inclusion.undecided.range(self.inclusion.last_taken + 1..);
        let requests = new.filter_map(|(request, dir)| Some((*request, self.path(*dir)?))).collect();
        self.inclusion.last_taken = self.inclusion.last_request;
        requests
    }

    /// Applies the reply to a request: whether the directory is included.
    pub(crate) fn apply_predicate(&mut self, request: u64, included: bool) {
        let Some(dir) = self.inclusion.undecided.remove(&request) else { return };
        self.inclusion.requests.remove(&dir);
        if included {
            self.scan(dir, Need::Watch);
        } else if let Some(place) = self.store.owned_place(dir) {
            self.remove_child(&place, false);
        }
    }

    /// Ignores these paths below a root, relative to it: they are roots, too.
    pub(crate) fn exclude_inner_roots(&mut self, root: NodeId, paths: HashSet<Vec<u8>>) {
        self.inclusion.set_inner_roots(root, paths);
    }

    /// A directory came to another place: removes the entries at the paths of roots below it. It may be that the directory
    /// cannot be listed there.
    pub(super) fn remove_inner_roots(&mut self, dir: NodeId) {
        let root = self.store.top(dir);
        let inner = self.inclusion.inner_roots.get(&root).into_iter().flatten();
        let places = inner.filter_map(|path| self.store.resolve(root, path));
        let below = places.filter(|(at, _)| self.store.upwards(*at).any(|at| at == dir));
        let below: Vec<Place> = below.map(|(at, name)| (at, name.into())).collect();
        below.iter().for_each(|place| self.remove_child(place, true));
    }

    /// Ignores a file at a path below a root, relative to it. If it is known, it is reported as deleted.
    pub(crate) fn exclude_file(&mut self, root: NodeId, path: Vec<u8>) {
        if self.inclusion.excluded.iter().any(|(at, excluded)| *at == root && *excluded == path) {
            return;
        }
        if let Some((dir, name)) = self.store.resolve(root, &path).filter(|(dir, name)| self.store.is_file(*dir, name))
        {
            self.remove_child(&(dir, name.into()), true);
        }
        self.inclusion.excluded.push((root, path));
    }
}
