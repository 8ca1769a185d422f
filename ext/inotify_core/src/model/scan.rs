//! Scans: asks for them, and applies the entries that they found.

use hashbrown::HashSet;

use crate::git::DirRules;
use crate::invariant::must;

use super::rescans::Overflow;
use super::store::{Child, NodeId};
use super::{Effect, Followed, Model, Need, Obstacle, Scanned};

/// The kind of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anything but a directory.
    File,
    /// A directory.
    Dir,
    /// A symbolic link to a directory, where those are followed.
    Link,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    begin: usize,
    end: usize,
    kind: Kind,
    changed: bool,
}

/// The entries of a directory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    names: Vec<u8>,
    entries: Vec<Entry>,
    moved: bool,
    denied: Option<i32>,
}

impl Listing {
    /// Adds an entry. `changed`: whether the content, or the target of a link, may have changed unseen.
    pub(crate) fn add(&mut self, name: &[u8], kind: Kind, changed: bool) {
        let begin = self.names.len();
        self.names.extend_from_slice(name);
        self.entries.push(Entry { begin, end: self.names.len(), kind, changed });
    }

    /// The entries in the order they were added.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], Kind, bool)> {
        self.entries.iter().map(|entry| {
            let name = must(self.names.get(entry.begin..entry.end), "an entry has a name").unwrap_or_default();
            (name, entry.kind, entry.changed)
        })
    }

    /// Removes all entries.
    pub(crate) fn clear(&mut self) {
        self.names.clear();
        self.entries.clear();
        self.moved = false;
        self.denied = None;
    }

    /// The directory may have been elsewhere for a while, unseen.
    pub(crate) fn set_moved(&mut self) {
        self.moved = true;
    }

    /// See [`set_moved`](Self::set_moved).
    pub(crate) fn is_moved(&self) -> bool {
        self.moved
    }

    /// An entry cannot be examined, for this errno: only its name and type are known.
    pub(crate) fn deny(&mut self, errno: i32) {
        self.denied = Some(errno);
    }

    /// Why not all entries could be examined, if so.
    pub(crate) fn denied(&self) -> Option<i32> {
        self.denied
    }

    /// The directory is watched from now on, and nobody examines its entries any more: where that could not be done,
    /// they may have changed unseen.
    pub(crate) fn end_denial(&mut self) {
        if self.denied.take().is_some() {
            self.entries.iter_mut().for_each(|entry| entry.changed = true);
        }
    }

    /// Whether an entry is a directory, or a link to one.
    pub(crate) fn has_directories(&self) -> bool {
        self.entries.iter().any(|entry| entry.kind != Kind::File)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many bytes their names have.
    pub(super) fn names_len(&self) -> usize {
        self.names.len()
    }
}

impl Model {
    pub(super) fn scan(&mut self, dir: NodeId, need: Need) {
        if !self.is_watched(dir) {
            return;
        }
        if let Need::List(overflow) = need {
            self.relist(dir, overflow);
        }
        if self.roots.contains(dir) {
            self.effects.add(Effect::ResolveRoot(dir));
        } else if !self.inclusion.is_undecided(dir) && !self.resolve_link_behind(dir) {
            self.effects.add(Effect::Scan(dir));
        }
    }

    /// A file system may have been mounted or unmounted at a path below a root: scans the directory there again.
    pub(crate) fn scan_path(&mut self, root: NodeId, path: &[u8]) {
        let dir = match self.store.resolve(root, path) {
            None if path.is_empty() => Some(root),
            None => None,
            Some((dir, name)) => self.store.find_dir(dir, name),
        };
        dir.into_iter().for_each(|dir| self.scan(dir, Need::Watch));
    }

    /// A name or directory that the path of a root depends on changed.
    pub(crate) fn resolve_root_again(&mut self, root: NodeId) {
        self.pending.dir_returned(root);
        self.effects.add(Effect::ResolveRoot(root));
    }

    /// Applies the result of [`Effect::Scan`].
    pub(crate) fn apply_scan(&mut self, node: NodeId, result: Result<Scanned<'_>, Obstacle>) {
        let Some(place) = self.store.owned_place(node) else { return };
        self.rescans.set_stale(node, matches!(result, Err(Obstacle::Stale)));
        let errno = result.map_or_else(Obstacle::errno, |(_, listing)| listing.and_then(Listing::denied));
        self.rescans.set_denied(Followed::Dir(node), errno);
        match result {
            Ok((wd, listing)) => self.fill(node, wd, listing),
            Err(Obstacle::File | Obstacle::Nothing) if self.is_link(node) => {
                self.remove_child(&place, true);
                self.effects.add(Effect::Stat(place.0, place.1));
            }
            Err(Obstacle::File) => {
                self.remove_child(&place, true);
                self.appear(place, false, true);
            }
            Err(Obstacle::Nothing) => self.remove_child(&place, true),
            Err(Obstacle::Stale | Obstacle::Denied(_)) => {}
        }
    }

    /// The directory of this wd is at the place of the node.
    pub(super) fn fill(&mut self, node: NodeId, wd: i32, listing: Option<&Listing>) {
        if self.follows_links() && self.is_entered_elsewhere(node, wd) {
            if self.is_link(node) {
                return self.skip(node, wd);
            }
            if self.is_behind_link(node) {
                return self.skip_dir(node, wd);
            }
        }
        let mut known = false;
        if self.store.wd(node) != Some(wd) {
            known = self.rescans.take_unwatched(node);
            if !known {
                // Another directory: the entries of the old one are gone with it.
                self.clear(node);
            }
            self.unbind(node);
            self.bind(node, wd);
        }
        if let Some(listing) = listing {
            if listing.is_moved() {
                self.pending.dir_returned(node);
                if known {
                    self.pending.dir_attributes(node);
                }
            }
            let relist = self.rescans.take_listing(Followed::Dir(node));
            self.reconcile(node, listing, relist);
            if listing.denied().is_some() {
                // The rest is found when the directory is listed again.
                self.relist(node, relist.flatten());
            }
            self.store.set_listed(node);
        }
    }

    fn reconcile(&mut self, dir: NodeId, listing: &Listing, relist: Option<Overflow>) {
        let fresh = self.store.is_empty(dir);
        if fresh {
            self.store.reserve(dir, listing.len(), listing.names_len());
        } else {
            // The rules may have changed since.
            let counts = |name: &[u8], kind| kind == Kind::Link || self.is_included(dir, name, kind != Kind::File);
            let listed = listing.iter().filter(|(name, kind, _)| counts(name, *kind));
            let seen: HashSet<&[u8]> = listed.map(|(name, _, _)| name).collect();
            let missing: Vec<Box<[u8]>> = self
                .store
                .children(dir)
                .filter(|(name, _)| !seen.contains(name))
                .map(|(name, _)| name.into())
                .collect();
            for name in missing {
                self.remove_child(&(dir, name), true);
            }
        }
        self.drop_unlisted_links(dir, listing);
        for (name, kind, changed) in listing.iter() {
            // If the directory was empty, all listed entries are new.
            let kind = self.kind_in(dir, kind);
            let link_replaced =
                self.follows_links() && kind != Kind::Link && self.replace_link(&(dir, name.into()), kind);
            let known = if fresh { None } else { self.store.find(dir, name) };
            match (known, kind) {
                (Some(Child::File), Kind::File) => {
                    if changed || link_replaced {
                        self.file_modified(&(dir, name.into()), true);
                    } else if relist.flatten().is_some() {
                        self.may_be_closed(&(dir, name.into()));
                    }
                }
                (known, Kind::Link) => {
                    let place = (dir, Box::from(name));
                    if changed && known == Some(Child::File) {
                        self.file_modified(&place, true);
                    }
                    self.add_link(place.clone());
                    if let Some(overflow) = relist {
                        self.relist_link(&place, overflow);
                    }
                }
                (Some(Child::Dir(child)), Kind::Dir) => match relist {
                    Some(overflow) => self.scan(child, Need::List(overflow)),
                    None if link_replaced || self.store.wd(child).is_none() => self.scan(child, Need::Watch),
                    None => {}
                },
                _ => self.appear((dir, name.into()), kind == Kind::Dir, true),
            }
        }
        if fresh {
            self.store.trim(dir);
        }
    }

    /// Applies the result of [`Effect::Stat`]; `None`: there is no such entry.
    pub(crate) fn apply_stat(&mut self, dir: NodeId, name: &[u8], kind: Option<Kind>) {
        if self.roots.only(dir).is_some() {
            // The root was a directory when the effect was added.
            return;
        }
        let place = (dir, Box::from(name));
        let unsure = self.links.apply_stat(&place);
        let kind = kind.map(|kind| self.kind_in(dir, kind));
        match kind {
            Some(kind) if kind != Kind::Link => drop(self.replace_link(&place, kind)),
            _ => {}
        }
        match kind {
            None => self.remove_child(&place, true),
            Some(Kind::Link) => self.add_link(place),
            // It is no link, as was assumed.
            Some(Kind::File) if unsure && self.store.is_file(dir, name) => {}
            Some(kind) => self.appear(place, kind == Kind::Dir, true),
        }
    }

    /// The directory of an [`Effect::Stat`] could not be reached. It is listed as soon as it can be.
    pub(crate) fn stat_failed(&mut self, dir: NodeId, name: &[u8]) {
        if self.store.is_file(dir, name) {
            self.file_modified(&(dir, name.into()), true);
        }
        self.list_later(dir);
    }

    /// Has a directory that cannot be reached listed as soon as it can be.
    fn list_later(&mut self, dir: NodeId) {
        if self.store.parent(dir).is_some() || self.roots.contains(dir) {
            self.scan(dir, Need::List(None));
        } else if self.renames.is_moving(dir) {
            self.relist(dir, None);
        }
    }

    /// Git's files about a directory may have changed.
    pub(crate) fn rules_changed(&mut self, dir: NodeId) {
        self.effects.add(Effect::ReadRules(dir));
    }

    /// Applies the result of [`Effect::ReadRules`]. Lists the directory again if the rules changed.
    pub(crate) fn apply_rules(&mut self, dir: NodeId, rules: DirRules) {
        if self.inclusion.set_git_rules(dir, rules) && self.store.is_listed(dir) {
            self.scan(dir, Need::List(None));
        }
    }

    /// The directory of an [`Effect::ReadRules`] could not be reached. It is listed as soon as it can be.
    pub(crate) fn read_rules_failed(&mut self, dir: NodeId) {
        self.list_later(dir);
    }

    /// Sets what git's files say of a directory before its listing is applied.
    pub(crate) fn set_rules(&mut self, dir: NodeId, rules: DirRules) {
        self.inclusion.set_git_rules(dir, rules);
    }
}
