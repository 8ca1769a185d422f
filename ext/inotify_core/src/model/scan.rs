//! Scans: what is asked for, and what they find.

use std::collections::HashSet;

use crate::git::DirRules;

use super::effect_queue::Retries;
use super::store::{Child, NodeId};
use super::{Effect, Followed, Kind, Listing, Model, Need, Overflow, ScanResult};

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

    /// Something may be mounted at a path below a root, or no longer be: scans the directory there again.
    pub fn scan_path(&mut self, root: NodeId, path: &[u8]) {
        let mut at = root;
        for name in path.split(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
            match self.store.find(at, name) {
                Some(Child::Dir(child)) => at = child,
                _ => return,
            }
        }
        self.scan(at, Need::Watch);
    }

    /// Whether something that the way to this depends on can't be watched, so that it is to be followed again and
    /// again.
    pub fn set_polled(&mut self, followed: Followed, polled: bool) {
        if polled {
            self.polled.insert(followed);
        } else {
            self.polled.remove(&followed);
        }
    }

    /// Whether there is such a way.
    #[must_use]
    pub fn has_polled(&self) -> bool {
        !self.polled.is_empty()
    }

    /// Something that the path of a root depends on changed.
    pub fn resolve_root_again(&mut self, root: NodeId) {
        self.pending.dir_returned(root);
        self.effects.add(Effect::ResolveRoot(root));
    }

    /// Settles what waits for events to come, when none are queued any more: a first half without a second was moved
    /// out of the tree; where a scan was stale and nothing moved, the parent is scanned again. So is what can't be
    /// watched on the way to a root, or behind a link.
    pub fn finish_pending(&mut self) {
        self.finish_renames(None);
        self.retry_closes();
        for followed in &self.polled {
            self.effects.add(match followed {
                Followed::Root(root) => Effect::ResolveRoot(*root),
                Followed::Link(link) => Effect::ResolveLink(*link),
            });
        }
        let stale: Vec<NodeId> = self.stale.iter().copied().collect();
        self.retry_stale();
        for dir in stale {
            if let Some(parent) = self.store.parent(dir) {
                self.scan(parent, Need::Watch);
            }
        }
    }

    /// Something moved: repeats stale scans, when all else is done.
    pub(super) fn retry_stale(&mut self) {
        self.effects.retries.stale |= !self.stale.is_empty();
    }

    /// Scans again what could not be watched or read for this errno, when all else is done.
    pub fn retry_denied(&mut self, errno: i32) {
        if self.has_denied() {
            self.effects.retries.denied.insert(errno);
        }
    }

    /// Scans again all that could not be watched or read.
    pub fn retry_all_denied(&mut self) {
        let links = self.links.iter().flat_map(|links| links.denied().values());
        self.effects.retries.denied.extend(self.denied.values().chain(links));
    }

    /// Asks for what is to be scanned again.
    pub(super) fn retry(&mut self) {
        let Retries { stale, denied: errnos } = std::mem::take(&mut self.effects.retries);
        if stale {
            self.stale.iter().for_each(|dir| self.effects.add(Effect::Scan(*dir)));
        }
        if !errnos.is_empty() {
            let denied = self.denied.iter().filter(|(_, errno)| errnos.contains(errno));
            let denied: Vec<NodeId> = denied.map(|(dir, _)| *dir).collect();
            denied.into_iter().for_each(|dir| self.scan(dir, Need::Watch));
            self.retry_denied_links(&errnos);
        }
    }

    /// Applies the result of [`Effect::Scan`].
    pub fn apply_scan(&mut self, node: NodeId, result: ScanResult<'_>) {
        let Some((parent, name)) = self.place(node) else { return };
        let place = (parent, Box::from(name));
        self.stale.remove(&node);
        match result {
            ScanResult::Denied(errno) => self.deny(node, errno),
            ScanResult::Directory(_, Some(listing)) => self.set_denied(node, listing.denied()),
            _ => self.clear_denied(node),
        }
        match result {
            ScanResult::Directory(wd, listing) => self.fill(node, wd, listing),
            ScanResult::File | ScanResult::Nothing if self.is_link(node) => {
                self.remove_child(&place, true);
                self.effects.add(Effect::Stat(place.0, place.1));
            }
            ScanResult::File => {
                self.remove_child(&place, true);
                self.appear(place, false, true);
            }
            ScanResult::Nothing => self.remove_child(&place, true),
            ScanResult::Stale => {
                self.stale.insert(node);
            }
            ScanResult::Denied(_) => {}
        }
    }

    /// The directory of `wd` is at the node's place.
    pub(super) fn fill(&mut self, node: NodeId, wd: i32, listing: Option<&Listing>) {
        if self.follows_links() && self.is_entered_elsewhere(node, wd) {
            if self.is_link(node) {
                return self.skip(node, wd);
            }
            if self.is_behind_link(node) {
                return self.skip_dir(node, wd);
            }
        }
        if self.store.wd(node) != Some(wd) {
            // Another directory: what was in the old one is gone with it.
            for (name, child) in self.empty(node, true) {
                self.remove_tree(child, Some((node, name)), true);
            }
            self.unbind(node);
            self.bind(node, wd);
        }
        if let Some(listing) = listing {
            if listing.is_moved() {
                self.pending.dir_returned(node);
            }
            let relist = self.relist.remove(&node);
            self.reconcile(node, listing, relist);
            if listing.denied().is_some() {
                // What the listing could not say is found when it is listed again.
                self.relist(node, relist.flatten());
            }
            self.store.set_listed(node, true);
        }
    }

    pub(super) fn reconcile(&mut self, dir: NodeId, listing: &Listing, relist: Option<Overflow>) {
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
        for (name, kind, changed) in listing.iter() {
            // In a directory that was empty, whatever is listed is new.
            let kind = self.kind_in(dir, kind);
            let link_replaced =
                self.follows_links() && kind != Kind::Link && self.replace_link(&(dir, name.into()), kind);
            let known = if fresh { None } else { self.store.find(dir, name) };
            match (known, kind) {
                (Some(Child::File), Kind::File) => {
                    if changed || link_replaced {
                        self.pending.file_modified(&(dir, name.into()), true);
                    }
                }
                (known, Kind::Link) => {
                    let place = (dir, Box::from(name));
                    if changed && known == Some(Child::File) {
                        self.pending.file_modified(&place, true);
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

    pub(super) fn deny(&mut self, node: NodeId, errno: i32) {
        if self.denied.insert(node, errno) != Some(errno) {
            self.unreported.insert(node);
        }
    }

    /// A directory is watched and listed; `errno`: why not all that is in it could be examined.
    pub(super) fn set_denied(&mut self, node: NodeId, errno: Option<i32>) {
        match errno {
            Some(errno) => self.deny(node, errno),
            None => self.clear_denied(node),
        }
    }

    /// A directory is not denied any more, or gone.
    pub(super) fn clear_denied(&mut self, node: NodeId) {
        self.denied.remove(&node);
        self.unreported.remove(&node);
    }

    /// Applies the result of [`Effect::Stat`]. `None`: there is no such entry. See also
    /// [`stat_failed`](Self::stat_failed).
    pub fn apply_stat(&mut self, dir: NodeId, name: &[u8], kind: Option<Kind>) {
        if self.roots.only(dir).is_some() {
            // Asked while the root was a directory.
            return;
        }
        let place = (dir, Box::from(name));
        if let Some(links) = &mut self.links {
            links.apply_scan(&place);
        }
        let kind = kind.map(|kind| self.kind_in(dir, kind));
        match kind {
            Some(kind) if kind != Kind::Link => drop(self.replace_link(&place, kind)),
            _ => {}
        }
        match kind {
            None => self.remove_child(&place, true),
            Some(Kind::Link) => self.add_link(place),
            Some(kind) => self.appear(place, kind == Kind::Dir, true),
        }
    }

    /// An [`Effect::Stat`] could not be carried out, as its directory is not to be reached now. It is listed when it
    /// is.
    pub fn stat_failed(&mut self, dir: NodeId, name: &[u8]) {
        if self.store.find(dir, name) == Some(Child::File) {
            self.pending.file_modified(&(dir, name.into()), true);
        }
        self.list_later(dir);
    }

    /// Has a directory listed that can't be reached now, as soon as it can be.
    fn list_later(&mut self, dir: NodeId) {
        if self.store.parent(dir).is_some() || self.roots.contains(dir) {
            self.scan(dir, Need::List(None));
        } else if self.renames.is_moving(dir) {
            self.relist(dir, None);
        }
    }

    /// What git's files say of a directory may have changed.
    pub fn rules_changed(&mut self, dir: NodeId) {
        self.effects.add(Effect::ReadRules(dir));
    }

    /// Applies the result of [`Effect::ReadRules`]. Scans again what the rules are about, if they are others now.
    pub fn apply_rules(&mut self, dir: NodeId, rules: DirRules) {
        if self.inclusion.set_git_rules(dir, rules) && self.store.is_listed(dir) {
            self.scan(dir, Need::List(None));
        }
    }

    /// An [`Effect::ReadRules`] could not be carried out, as the directory is not to be reached now. It is listed when
    /// it is.
    pub fn read_rules_failed(&mut self, dir: NodeId) {
        self.list_later(dir);
    }

    /// Takes what git's files say of a directory that is about to be seen.
    pub fn set_rules(&mut self, dir: NodeId, rules: DirRules) {
        self.inclusion.set_git_rules(dir, rules);
    }
}
