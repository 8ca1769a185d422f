//! Looks: what is wished for, and what they give.

use std::collections::HashSet;

use crate::git::DirRules;

use super::nodes::{Child, NodeId};
use super::wishes::Retries;
use super::{Followed, Kind, Listing, Loss, Need, Sight, Tree, Wish};

impl Tree {
    pub(super) fn look(&mut self, dir: NodeId, need: Need) {
        if !self.is_to_be_entered(dir) {
            return;
        }
        if let Need::Listing(loss) = need {
            self.repair(dir, loss);
        }
        if self.roots.contains(dir) {
            self.wishes.add(Wish::Resolve(dir));
        } else if !self.is_unjudged(dir) && !self.look_behind(dir) {
            self.wishes.add(Wish::Look(dir));
        }
    }

    /// Something may be mounted at a path below a root, or no longer be: looks at the directory there again.
    pub fn look_at(&mut self, root: NodeId, path: &[u8]) {
        let mut at = root;
        for name in path.split(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
            match self.nodes.find(at, name) {
                Some(Child::Dir(child)) => at = child,
                _ => return,
            }
        }
        self.look(at, Need::Sight);
    }

    /// Whether something that the way to this depends on can't be watched, so that it is to be followed again and again.
    pub fn set_unseen(&mut self, followed: Followed, unseen: bool) {
        if unseen {
            self.unseen.insert(followed);
        } else {
            self.unseen.remove(&followed);
        }
    }

    /// Whether there is such a way.
    #[must_use]
    pub fn has_unseen(&self) -> bool {
        !self.unseen.is_empty()
    }

    /// Something that the path of a root depends on changed.
    pub fn resolve_again(&mut self, root: NodeId) {
        self.pending.dir_returned(root);
        self.wishes.add(Wish::Resolve(root));
    }

    /// Settles what waits for events to come, when none are queued any more: a first half without a second was moved
    /// out of the tree; where a look led astray and nothing moved, the parent is looked at again. So is what can't be
    /// watched on the way to a root, or behind a link.
    pub fn settle(&mut self) {
        self.settle_where(|_| true);
        self.settle_closes();
        for followed in &self.unseen {
            self.wishes.add(match followed {
                Followed::Root(root) => Wish::Resolve(*root),
                Followed::Link(link) => Wish::Follow(*link),
            });
        }
        let astray: Vec<NodeId> = self.astray.iter().copied().collect();
        self.retry_astray();
        for dir in astray {
            if let Some(parent) = self.nodes.parent(dir) {
                self.look(parent, Need::Sight);
            }
        }
    }

    /// Something moved: repeats the looks that led astray, when all else is done.
    pub(super) fn retry_astray(&mut self) {
        self.wishes.retries.astray |= !self.astray.is_empty();
    }

    /// Looks again at what could not be watched or read for this errno, when all else is done.
    pub fn retry_refused(&mut self, errno: i32) {
        if self.has_refused() {
            self.wishes.retries.refused.insert(errno);
        }
    }

    /// Looks again at all that could not be watched or read.
    pub fn retry_all_refused(&mut self) {
        let links = self.links.iter().flat_map(|links| links.refused().values());
        self.wishes.retries.refused.extend(self.refused.values().chain(links));
    }

    /// Wishes for what is to be looked at again.
    pub(super) fn retry(&mut self) {
        let Retries { astray, refused: errnos } = std::mem::take(&mut self.wishes.retries);
        if astray {
            self.astray.iter().for_each(|dir| self.wishes.add(Wish::Look(*dir)));
        }
        if !errnos.is_empty() {
            let refused = self.refused.iter().filter(|(_, errno)| errnos.contains(errno));
            let refused: Vec<NodeId> = refused.map(|(dir, _)| *dir).collect();
            refused.into_iter().for_each(|dir| self.look(dir, Need::Sight));
            self.retry_refused_links(&errnos);
        }
    }

    /// Answers [`Wish::Look`].
    pub fn saw(&mut self, node: NodeId, sight: Sight<'_>) {
        let Some((parent, name)) = self.place(node) else { return };
        let place = (parent, Box::from(name));
        self.astray.remove(&node);
        match sight {
            Sight::Refused(errno) => self.refuse(node, errno),
            Sight::Directory(_, Some(listing)) => self.refuse_or_cover(node, listing.denied()),
            _ => self.cover(node),
        }
        match sight {
            Sight::Directory(wd, listing) => self.fill(node, wd, listing),
            Sight::File | Sight::Nothing if self.is_link(node) => {
                self.remove_child(&place, true);
                self.wishes.add(Wish::Check(place.0, place.1));
            }
            Sight::File => {
                self.remove_child(&place, true);
                self.appear(place, false, true);
            }
            Sight::Nothing => self.remove_child(&place, true),
            Sight::Astray => {
                self.astray.insert(node);
            }
            Sight::Refused(_) => {}
        }
    }

    /// The directory of `wd` is at the node's place.
    pub(super) fn fill(&mut self, node: NodeId, wd: i32, listing: Option<&Listing>) {
        if self.follows_links() && self.is_entered_elsewhere(node, wd) {
            if self.is_link(node) {
                return self.pass_by(node, wd);
            }
            if self.is_behind_link(node) {
                return self.leave_out(node, wd);
            }
        }
        if self.nodes.wd(node) != Some(wd) {
            // Another directory: what was in the old one is gone with it.
            for (name, child) in self.empty(node, true) {
                self.bury(child, Some((node, name)), true);
            }
            self.unbind(node);
            self.bind(node, wd);
        }
        if let Some(listing) = listing {
            if listing.is_moved() {
                self.pending.dir_returned(node);
            }
            let repair = self.repair.remove(&node);
            self.reconcile(node, listing, repair);
            if listing.denied().is_some() {
                // What the listing could not say is found when it is listed again.
                self.repair(node, repair.flatten());
            }
            self.nodes.set_listed(node, true);
        }
    }

    pub(super) fn reconcile(&mut self, dir: NodeId, listing: &Listing, repair: Option<Loss>) {
        let fresh = self.nodes.is_empty(dir);
        if fresh {
            self.nodes.reserve(dir, listing.len(), listing.names_len());
        } else {
            // The rules may have changed since.
            let counts = |name: &[u8], kind| kind == Kind::Link || self.admits(dir, name, kind != Kind::File);
            let listed = listing.iter().filter(|(name, kind, _)| counts(name, *kind));
            let seen: HashSet<&[u8]> = listed.map(|(name, _, _)| name).collect();
            let missing: Vec<Box<[u8]>> = self
                .nodes
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
            let unlinked = self.follows_links() && kind != Kind::Link && self.unlink(&(dir, name.into()), kind);
            let known = if fresh { None } else { self.nodes.find(dir, name) };
            match (known, kind) {
                (Some(Child::File), Kind::File) => {
                    if changed || unlinked {
                        self.pending.file_modified(&(dir, name.into()), true);
                    }
                }
                (known, Kind::Link) => {
                    let place = (dir, Box::from(name));
                    if changed && known == Some(Child::File) {
                        self.pending.file_modified(&place, true);
                    }
                    self.appear_link(place.clone());
                    if let Some(loss) = repair {
                        self.repair_link(&place, loss);
                    }
                }
                (Some(Child::Dir(child)), Kind::Dir) => match repair {
                    Some(loss) => self.look(child, Need::Listing(loss)),
                    None if unlinked || self.nodes.wd(child).is_none() => self.look(child, Need::Sight),
                    None => {}
                },
                _ => self.appear((dir, name.into()), kind == Kind::Dir, true),
            }
        }
        if fresh {
            self.nodes.trim(dir);
        }
    }

    pub(super) fn refuse(&mut self, node: NodeId, errno: i32) {
        if self.refused.insert(node, errno) != Some(errno) {
            self.untold.insert(node);
        }
    }

    /// A directory is watched and listed; `errno`: why not all that is in it could be examined.
    pub(super) fn refuse_or_cover(&mut self, node: NodeId, errno: Option<i32>) {
        match errno {
            Some(errno) => self.refuse(node, errno),
            None => self.cover(node),
        }
    }

    /// A directory is not refused any more, or gone.
    pub(super) fn cover(&mut self, node: NodeId) {
        self.refused.remove(&node);
        self.untold.remove(&node);
    }

    /// Answers [`Wish::Check`]. `None`: there is no such entry. See also [`could_not_check`](Self::could_not_check).
    pub fn saw_entry(&mut self, dir: NodeId, name: &[u8], kind: Option<Kind>) {
        if self.roots.only(dir).is_some() {
            // Asked while the root was a directory.
            return;
        }
        let place = (dir, Box::from(name));
        if let Some(links) = &mut self.links {
            links.saw(&place);
        }
        let kind = kind.map(|kind| self.kind_in(dir, kind));
        match kind {
            Some(kind) if kind != Kind::Link => drop(self.unlink(&place, kind)),
            _ => {}
        }
        match kind {
            None => self.remove_child(&place, true),
            Some(Kind::Link) => self.appear_link(place),
            Some(kind) => self.appear(place, kind == Kind::Dir, true),
        }
    }

    /// A [`Wish::Check`] could not be carried out, as its directory is not to be reached now. It is listed when it is.
    pub fn could_not_check(&mut self, dir: NodeId, name: &[u8]) {
        if self.nodes.find(dir, name) == Some(Child::File) {
            self.pending.file_modified(&(dir, name.into()), true);
        }
        self.list_later(dir);
    }

    /// Has a directory listed that can't be reached now, as soon as it can be.
    fn list_later(&mut self, dir: NodeId) {
        if self.nodes.parent(dir).is_some() || self.roots.contains(dir) {
            self.look(dir, Need::Listing(None));
        } else if self.is_moving(dir) {
            self.repair(dir, None);
        }
    }

    /// What git's files say of a directory may have changed.
    pub fn rules_changed(&mut self, dir: NodeId) {
        self.wishes.add(Wish::Rules(dir));
    }

    /// Answers [`Wish::Rules`]. Looks again at what the rules are about, if they are others now.
    pub fn saw_rules(&mut self, dir: NodeId, rules: DirRules) {
        if self.filter.set_rules(dir, rules) && self.nodes.is_listed(dir) {
            self.look(dir, Need::Listing(None));
        }
    }

    /// A [`Wish::Rules`] could not be carried out, as the directory is not to be reached now. It is listed when it is.
    pub fn could_not_read_rules(&mut self, dir: NodeId) {
        self.list_later(dir);
    }

    /// Takes what git's files say of a directory that is about to be seen.
    pub fn take_rules(&mut self, dir: NodeId, rules: DirRules) {
        self.filter.set_rules(dir, rules);
    }

    /// Leaves these paths below a root, relative to it, to themselves: they are roots, too.
    pub fn leave_apart(&mut self, root: NodeId, apart: Vec<Vec<u8>>) {
        self.filter.set_apart(root, apart);
    }
}
