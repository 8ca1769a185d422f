//! Questions to the model, which change nothing.

use super::path::ITSELF;
use super::store::{Child, NodeId};
use super::symlinks::LinkId;
use super::{Kind, Model};
use crate::paths::push;

impl Model {
    /// The parent of a directory, and its name there. `None` for a root, and for a directory that is nowhere.
    pub(crate) fn place(&self, node: NodeId) -> Option<(NodeId, &[u8])> {
        self.store.place(node)
    }

    /// The watch descriptor of a directory.
    #[must_use]
    pub fn wd(&self, node: NodeId) -> Option<i32> {
        self.store.wd(node)
    }

    /// Whether a wd is in use.
    pub(crate) fn knows(&self, wd: i32) -> bool {
        self.watches.contains(wd)
    }

    /// The directories of a wd, and the roots that are files in it.
    pub(crate) fn dirs(&self, wd: i32) -> impl Iterator<Item = NodeId> + '_ {
        self.watches.nodes(wd)
    }

    /// Whether a wd is the one of a mounted file.
    pub(crate) fn is_mounted_file(&self, wd: i32) -> bool {
        self.watches.has_files(wd)
    }

    /// How many watches are in use.
    pub(crate) fn watches(&self) -> usize {
        self.watches.len()
    }

    /// The wds in use.
    pub fn wds(&self) -> impl Iterator<Item = i32> + '_ {
        self.watches.wds()
    }

    /// Whether the node is a root.
    pub(crate) fn is_root(&self, node: NodeId) -> bool {
        self.roots.contains(node)
    }

    /// Whether it is a root, and no directory that is known is at its path.
    pub(crate) fn is_absent_root(&self, node: NodeId) -> bool {
        self.roots.contains(node) && !self.roots.is_there(node)
    }

    /// Whether a scan that finds the directory of `wd` at the node must list it.
    pub(crate) fn wants_listing(&self, node: NodeId, wd: i32) -> bool {
        self.store.wd(node) != Some(wd)
            || !self.store.is_listed(node)
            || self.rescans.must_list(node)
            || self.roots.only(node).is_some()
    }

    /// Whether a directory is or will be watched.
    pub(crate) fn is_watched(&self, dir: NodeId) -> bool {
        self.roots.contains(dir)
            || self.recursive && !self.store.parent(dir).is_some_and(|parent| self.roots.has_names_only(parent))
    }

    /// The place of a symbolic link that is followed. `None`: it is gone, or being renamed.
    #[must_use]
    pub fn link_place(&self, link: LinkId) -> Option<&(NodeId, Box<[u8]>)> {
        self.links.place(link)
    }

    /// The symbolic link of this name in a directory, if it is followed.
    pub(crate) fn link_at(&self, dir: NodeId, name: &[u8]) -> Option<LinkId> {
        if self.links.is_empty() { None } else { self.links.at(&(dir, name.into())) }
    }

    /// The names of the files in a directory, in their order.
    pub(crate) fn files_in(&self, dir: NodeId) -> Vec<&[u8]> {
        let names = self.store.files(dir).map(|(name, _)| name);
        let mut names: Vec<&[u8]> = names.filter(|name| *name != ITSELF).collect();
        names.sort_unstable();
        names
    }

    /// The path of a directory, which begins with that of its root. `None`: it is nowhere.
    #[must_use]
    pub fn path(&self, node: NodeId) -> Option<Vec<u8>> {
        self.store.path(node, |at| self.roots.path(at))
    }

    /// The same with other paths for the roots.
    pub(crate) fn path_below<'a>(&self, node: NodeId, root: impl Fn(NodeId) -> Option<&'a [u8]>) -> Option<Vec<u8>> {
        self.store.path(node, root)
    }

    /// All paths, directories before their entries.
    #[must_use]
    pub fn paths(&self) -> Vec<(Vec<u8>, Kind)> {
        let mut paths = Vec::new();
        for dir in self.store.dirs_below(self.roots.nodes()) {
            let Some(path) = self.path(dir) else { continue };
            if self.inclusion.reports_directories() && !self.is_absent_root(dir) {
                paths.push((path.clone(), Kind::Dir));
            }
            for (name, _) in self.store.files(dir) {
                let mut path = path.clone();
                if name != ITSELF {
                    push(&mut path, name);
                }
                paths.push((path, Kind::File));
            }
        }
        paths
    }

    /// How many files and directories there are.
    pub(crate) fn counts_of_entries(&self) -> (usize, usize) {
        let (files, dirs) = self.store.counts();
        (files, dirs + self.roots.nodes().into_iter().filter(|root| self.roots.is_there(*root)).count())
    }

    /// All directories, parents before their entries.
    #[must_use]
    pub fn directories(&self) -> Vec<NodeId> {
        let mut dirs = self.roots.nodes();
        dirs.retain(|root| self.roots.is_there(*root));
        self.store.dirs_below(dirs)
    }

    /// The directory of this name in a directory.
    pub(crate) fn child(&self, dir: NodeId, name: &[u8]) -> Option<NodeId> {
        self.store.find_dir(dir, name)
    }

    /// The entries of a directory.
    pub(crate) fn entries(&self, dir: NodeId) -> impl Iterator<Item = (&[u8], Kind)> {
        let kind = |child| if child == Child::File { Kind::File } else { Kind::Dir };
        self.store.children(dir).map(move |(name, child)| (name, kind(child)))
    }

    /// The kind of an entry.
    pub(crate) fn kind(&self, dir: NodeId, name: &[u8]) -> Option<Kind> {
        match self.store.find(dir, name)? {
            Child::File if self.link_at(dir, name).is_some() => Some(Kind::Link),
            Child::File => Some(Kind::File),
            Child::Dir(node) if self.is_link(node) => Some(Kind::Link),
            Child::Dir(_) => Some(Kind::Dir),
        }
    }

    /// Whether there is an entry. Also a symbolic link that is not resolved yet is one.
    pub(crate) fn has_entry(&self, dir: NodeId, name: &[u8]) -> bool {
        self.store.find(dir, name).is_some() || self.link_at(dir, name).is_some()
    }

    /// Whether an entry is included.
    pub(crate) fn includes(&self, dir: NodeId, name: &[u8], kind: Kind) -> bool {
        self.is_included(dir, name, kind != Kind::File)
    }

    /// Whether symbolic links are followed.
    pub(crate) fn follows_links(&self) -> bool {
        self.links.are_followed()
    }

    /// Whether a directory is entered through a symbolic link.
    pub(crate) fn is_link(&self, node: NodeId) -> bool {
        self.links.contains(node)
    }

    /// The symbolic link that a directory is entered through.
    pub(crate) fn link_of(&self, node: NodeId) -> Option<LinkId> {
        self.links.of(node)
    }

    /// The directories that are entered through symbolic links.
    pub(crate) fn entered_links(&self) -> Vec<NodeId> {
        self.links.entered()
    }

    /// Whether the directory at a place is entered elsewhere.
    pub(crate) fn is_skipped(&self, dir: NodeId, name: &[u8]) -> bool {
        self.links.is_skipped(&(dir, name.into()))
    }

    /// Whether .gitignore files are used.
    pub(crate) fn uses_gitignore(&self) -> bool {
        self.inclusion.uses_gitignore()
    }

    /// How many bytes of memory the entries and the open effects take.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.store.memory() + self.effects.memory()
    }

    /// Whether an effect is open.
    pub(crate) fn has_effects(&self) -> bool {
        !self.effects.is_empty() || self.has_retries()
    }

    /// Whether the next batch reports a file as new or modified.
    pub(crate) fn will_report(&self, dir: NodeId, name: &[u8]) -> bool {
        self.pending.reports(&(dir, name.into()))
    }

    /// Whether there are changes to deliver.
    pub(crate) fn has_changes(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Whether a rename waits for its MOVED_TO, or a scan or a closed file for a directory above it to move.
    #[must_use]
    pub fn has_pending(&self) -> bool {
        !self.renames.is_empty() || self.rescans.has_stale() || self.closes.has_missing() || self.unclosed.has_missing()
    }
}
