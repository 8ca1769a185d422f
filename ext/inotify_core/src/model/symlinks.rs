//! Symbolic links that are followed. Their targets are resolved as the paths of roots are: see [`Effect::ResolveLink`].
//!
//! A directory is entered once, even if several links lead to it: links into each other would otherwise have endless
//! paths. The other links to it are reported as files until the first one is gone. Where the directory is also found at
//! its own path behind a link, it is reported without entries. A link to a file is reported as a file, which is
//! modified by changes of its target or when it leads to another one. A link to nothing is reported as a file, too.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::{HashMap, HashSet};

use crate::event::Event;
use crate::flags::Mask;
use crate::invariant::must;

use super::rescans::Overflow;
use super::store::{Child, NodeId, Place};
use super::watch_map::UNWATCHED;
use super::{Effect, Followed, FoundLink, Kind, Listing, Model, Obstacle};
use crate::paths::push;

/// A symbolic link that is followed. No id is used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkId(u64);

/// The target of a link.
#[derive(Debug, PartialEq, Eq)]
enum LinkTarget {
    Unknown,
    Directory,
    /// A file of this name in the directory watched under this wd.
    File(i32, Box<[u8]>),
    Nothing,
}

#[derive(Debug)]
struct Link {
    /// `None`: it is being renamed.
    place: Option<Place>,
    target: LinkTarget,
}

#[derive(Debug, Default)]
pub(super) struct Links {
    /// Whether symbolic links are followed. If not, there are none.
    followed: bool,
    ids: BTreeMap<Place, LinkId>,
    links: HashMap<LinkId, Link>,
    /// The number of the last id.
    last: u64,
    /// The directories that are entered through a link.
    entered: HashMap<NodeId, LinkId>,
    /// Places of directories that are entered elsewhere, by wd.
    skipped: HashMap<i32, HashSet<Place>>,
    /// The wd of each of these places.
    skipped_wds: BTreeMap<Place, i32>,
    /// Files that may be links: their effects are open.
    unsure: BTreeSet<Place>,
}

/// A file that may be a link.
#[derive(Debug)]
pub(super) enum PossibleLink {
    Unsure,
    Link(LinkId),
}

impl Links {
    pub(super) fn are_followed(&self) -> bool {
        self.followed
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Another instance watches from now on.
    pub(super) fn start_over(&mut self) {
        self.skipped.clear();
        self.skipped_wds.values_mut().for_each(|wd| *wd = UNWATCHED);
        self.links.values_mut().for_each(|link| link.target = LinkTarget::Unknown);
    }

    pub(super) fn forget_entered(&mut self, node: NodeId) {
        self.entered.remove(&node);
    }

    pub(super) fn contains(&self, node: NodeId) -> bool {
        self.entered.contains_key(&node)
    }

    pub(super) fn entered(&self) -> Vec<NodeId> {
        self.entered.keys().copied().collect()
    }

    pub(super) fn at(&self, place: &Place) -> Option<LinkId> {
        self.ids.get(place).copied()
    }

    pub(super) fn of(&self, node: NodeId) -> Option<LinkId> {
        self.entered.get(&node).copied()
    }

    pub(super) fn place(&self, link: LinkId) -> Option<&Place> {
        self.links.get(&link)?.place.as_ref()
    }

    fn add(&mut self, place: Place) -> LinkId {
        self.last += 1;
        let link = LinkId(self.last);
        self.ids.insert(place.clone(), link);
        self.links.insert(link, Link { place: Some(place), target: LinkTarget::Unknown });
        link
    }

    fn link_mut(&mut self, link: LinkId) -> Option<&mut Link> {
        must(self.links.get_mut(&link), "a link that has a place, or is being renamed, is known")
    }

    /// A link that was taken is put to another place.
    fn put(&mut self, link: LinkId, place: &Place) {
        if let Some(it) = self.link_mut(link) {
            it.place = Some(place.clone());
            self.ids.insert(place.clone(), link);
        }
    }

    /// Returns whether the target differs from the last one. `false` if that is not known.
    fn set_target(&mut self, link: LinkId, target: LinkTarget) -> bool {
        let Some(it) = self.link_mut(link) else { return false };
        let differs = it.target != LinkTarget::Unknown && it.target != target;
        it.target = target;
        differs
    }

    fn skip(&mut self, wd: i32, place: Place) {
        self.unskip(&place);
        self.skipped.entry(wd).or_default().insert(place.clone());
        self.skipped_wds.insert(place, wd);
    }

    pub(super) fn is_skipped(&self, place: &Place) -> bool {
        self.skipped_wds.contains_key(place)
    }

    /// A place does not lead to a directory that is entered elsewhere any more.
    fn unskip(&mut self, place: &Place) {
        let Some(wd) = self.skipped_wds.remove(place) else { return };
        if let Some(places) = self.skipped.get_mut(&wd) {
            places.remove(place);
            if places.is_empty() {
                self.skipped.remove(&wd);
            }
        }
    }

    /// Takes the link of a place that an entry left.
    fn take(&mut self, place: &Place) -> Option<PossibleLink> {
        let unsure = self.unsure.remove(place);
        self.unskip(place);
        if let Some(link) = self.ids.remove(place) {
            if let Some(it) = self.link_mut(link) {
                it.place = None;
            }
            return Some(PossibleLink::Link(link));
        }
        unsure.then_some(PossibleLink::Unsure)
    }

    /// All places in a directory of which something is known.
    fn places_in(&self, dir: NodeId) -> BTreeSet<Place> {
        let first: Place = (dir, Box::default());
        let links = self.ids.range(first.clone()..).map(|(place, _)| place).take_while(|place| place.0 == dir);
        let skipped_wds =
            self.skipped_wds.range(first.clone()..).map(|(place, _)| place).take_while(|place| place.0 == dir);
        let unsure = self.unsure.range(first..).take_while(|place| place.0 == dir);
        links.chain(skipped_wds).chain(unsure).cloned().collect()
    }

    /// An effect found out what a file is. Returns whether that was to be found out for the sake of links.
    pub(super) fn apply_stat(&mut self, place: &Place) -> bool {
        self.unsure.remove(place)
    }

    /// Takes the places of the directory of this wd, which is not entered any more.
    fn take_skipped(&mut self, wd: i32) -> Vec<Place> {
        let places: Vec<Place> = self.skipped.remove(&wd).into_iter().flatten().collect();
        for place in &places {
            self.skipped_wds.remove(place);
        }
        places
    }
}

impl Model {
    /// Makes the model follow symbolic links. Each directory is entered once.
    pub(crate) fn follow_links(&mut self) {
        self.links.followed = true;
    }

    /// A symbolic link is at a place.
    pub(super) fn add_link(&mut self, place: Place) {
        if !self.is_included(place.0, &place.1, true) && !self.is_included(place.0, &place.1, false) {
            return self.remove_child(&place, true);
        }
        debug_assert!(self.follows_links(), "a link is listed as one only where links are followed");
        let link = match self.links.at(&place) {
            Some(link) => link,
            None => {
                let link = self.links.add(place.clone());
                match self.store.find(place.0, &place.1) {
                    Some(Child::Dir(_)) => self.remove_entry(&place, true),
                    Some(Child::File) => self.file_modified(&place, true),
                    None => {}
                }
                link
            }
        };
        self.effects.add(Effect::ResolveLink(link));
    }

    /// A file is at a place, which may be a link.
    pub(super) fn check_for_link(&mut self, place: &Place) {
        if self.follows_links() && !self.roots.has_names_only(place.0) {
            self.links.unsure.insert(place.clone());
            self.request_stat(place.clone());
        }
    }

    /// Takes the link of a place that an entry left, to put it to another place or to drop it.
    pub(super) fn take_link(&mut self, place: &Place) -> Option<PossibleLink> {
        if self.links.is_skipped(place) {
            self.note_relinked(place);
        }
        self.links.take(place)
    }

    /// Puts the link that an entry is, or may be, to its new place.
    pub(super) fn put_link(&mut self, link: &PossibleLink, place: &Place) {
        match link {
            PossibleLink::Link(link) => {
                self.links.put(*link, place);
                self.effects.add(Effect::ResolveLink(*link));
            }
            PossibleLink::Unsure => self.check_for_link(place),
        }
    }

    /// Drops the link that an entry was, or may have been.
    pub(super) fn drop_link(&mut self, link: Option<PossibleLink>) {
        if let Some(PossibleLink::Link(link)) = link {
            self.links.links.remove(&link);
            self.rescans.forget(Followed::Link(link));
            self.effects.add(Effect::ReleaseLink(link));
        }
    }

    /// Removes the link at a place that an entry left, which is gone.
    pub(super) fn remove_link(&mut self, place: &Place) {
        let link = self.take_link(place);
        self.drop_link(link);
    }

    /// Drops all links in a directory, included or not.
    pub(super) fn drop_links_in(&mut self, dir: NodeId) {
        self.links.places_in(dir).iter().for_each(|place| self.remove_link(place));
    }

    /// Drops the links in a directory that are not listed. One that was never followed is no entry.
    pub(super) fn drop_unlisted_links(&mut self, dir: NodeId, listing: &Listing) {
        let places = self.links.places_in(dir);
        if places.is_empty() {
            return;
        }
        let listed: HashSet<&[u8]> = listing.iter().map(|(name, ..)| name).collect();
        for place in places.iter().filter(|place| !listed.contains(&*place.1)) {
            self.remove_link(place);
        }
    }

    /// A file or directory is at a place, and no link. Returns whether a link was there. A directory that was entered
    /// through it remains: it becomes the one that is there.
    pub(super) fn replace_link(&mut self, place: &Place, kind: Kind) -> bool {
        if self.links.at(place).is_none() {
            return false;
        }
        let link = self.links.take(place);
        self.drop_link(link);
        if let Some(child) = self.store.find_dir(place.0, &place.1) {
            if kind == Kind::Dir {
                self.links.forget_entered(child);
            } else {
                self.remove_entry(place, true);
            }
        }
        true
    }

    /// Resolves a link again.
    fn resolve_link_again(&mut self, link: LinkId) {
        let Some(place) = self.links.place(link).cloned() else { return };
        // It may have led elsewhere for a while.
        match self.store.find(place.0, &place.1) {
            Some(Child::Dir(node)) => self.pending.dir_returned(node),
            Some(Child::File) => self.pending.file_returned(&place),
            None => {}
        }
        self.effects.add(Effect::ResolveLink(link));
    }

    /// Applies an event of something that a resolved path depends on, or of its target.
    pub(crate) fn apply_to_followed(&mut self, followed: Followed, event: &Event<'_>) {
        let link = match followed {
            Followed::Dir(root) => return self.resolve_root_again(root),
            Followed::Link(link) => link,
        };
        let Some(Link { place: Some(place), target }) = self.links.links.get(&link) else {
            return;
        };
        let is_target = matches!(target, LinkTarget::File(wd, name) if *wd == event.wd && **name == *event.name);
        if is_target && self.store.is_file(place.0, &place.1) {
            let place = place.clone();
            if event.mask.intersects(Mask::CREATE | Mask::MOVED_TO) {
                // Nobody writes what was moved there, nor a directory.
                self.file_modified(&place, event.mask.intersects(Mask::MOVED_TO | Mask::ISDIR));
            } else {
                self.apply_to_file(place, event.mask);
            }
        }
        if !event.mask.intersects(Mask::MODIFY | Mask::CLOSE_WRITE | Mask::ATTRIB) {
            self.resolve_link_again(link);
        }
    }

    /// The place of a link to a file.
    pub(crate) fn linked_file(&self, link: LinkId) -> Option<Place> {
        let Link { place, target } = self.links.links.get(&link)?;
        let place = place.as_ref().filter(|_| matches!(target, LinkTarget::File(..)))?;
        (self.store.is_file(place.0, &place.1)).then(|| place.clone())
    }

    /// Resolves all links again.
    pub(crate) fn resolve_all_links(&mut self) {
        let links: Vec<LinkId> = self.links.ids.values().copied().collect();
        links.into_iter().for_each(|link| self.resolve_link_again(link));
    }

    /// Whether the directory behind a link is watched.
    pub(crate) fn enters(&self, link: LinkId) -> bool {
        let place = self.links.place(link);
        self.recursive && place.is_some_and(|(dir, name)| self.is_included(*dir, name, true))
    }

    /// The target of a link is the directory of this wd. Returns the node to scan it for; `None`: it is not entered.
    pub(crate) fn enter_link(&mut self, link: LinkId, wd: i32) -> Option<NodeId> {
        let place = self.links.place(link)?.clone();
        self.clear_denied_link(link);
        let own = self.node_behind(link, &place);
        let is_other = |node: NodeId| Some(node) != own && self.belong_together(node, place.0);
        if self.watches.dirs(wd).any(is_other) {
            self.skip_link(link, place, wd);
            return None;
        }
        self.show_as_dir(link, &place).filter(|child| !self.inclusion.is_undecided(*child))
    }

    /// Whether the directory of a wd is entered at another place in the same tree.
    pub(super) fn is_entered_elsewhere(&self, node: NodeId, wd: i32) -> bool {
        self.watches.dirs(wd).any(|other| other != node && self.belong_together(other, node))
    }

    /// The kind of an entry in a directory: a symbolic link is a file where links are not followed.
    pub(super) fn kind_in(&self, dir: NodeId, kind: Kind) -> Kind {
        if kind == Kind::Link && self.roots.has_names_only(dir) { Kind::File } else { kind }
    }

    /// The directory that is entered through a link.
    fn node_behind(&self, link: LinkId, place: &Place) -> Option<NodeId> {
        let child = self.store.find_dir(place.0, &place.1)?;
        (self.links.of(child)? == link).then_some(child)
    }

    /// Shows a link as a directory, if it is included as one.
    fn show_as_dir(&mut self, link: LinkId, place: &Place) -> Option<NodeId> {
        self.links.unskip(place);
        self.links.set_target(link, LinkTarget::Directory);
        if !self.is_included(place.0, &place.1, true) {
            self.remove_entry(place, true);
            return None;
        }
        let child = self.node_behind(link, place).unwrap_or_else(|| {
            self.remove_entry(place, true);
            self.add_dir(place, true)
        });
        self.links.entered.insert(child, link);
        Some(child)
    }

    /// Applies the result of [`Effect::ResolveLink`], unless the target is a directory to be watched: see
    /// [`enters`](Self::enters).
    pub(crate) fn apply_link(&mut self, link: LinkId, result: Result<FoundLink<'_>, Obstacle>) {
        let Some(place) = self.links.place(link).cloned() else { return };
        if let Err(Obstacle::Denied(errno)) = result {
            return self.deny_link(link, &place, errno);
        }
        self.clear_denied_link(link);
        match result {
            Ok(FoundLink::Directory) => drop(self.show_as_dir(link, &place)),
            Ok(FoundLink::File(wd, name, changed)) => {
                self.show_as_file(link, &place, LinkTarget::File(wd, name.into()), changed);
            }
            Err(_) => self.show_as_file(link, &place, LinkTarget::Nothing, false),
        }
    }

    fn deny_link(&mut self, link: LinkId, place: &Place, errno: i32) {
        match self.store.find(place.0, &place.1) {
            Some(Child::Dir(node)) if self.recursive => {
                self.rescans.set_denied(Followed::Dir(node), Some(errno));
                return;
            }
            // The directory that it is in was renamed.
            Some(Child::File) if !self.is_included(place.0, &place.1, false) => self.remove_entry(place, true),
            Some(_) => {}
            None => self.show_as_file(link, place, LinkTarget::Unknown, false),
        }
        self.rescans.set_denied(Followed::Link(link), Some(errno));
    }

    /// A link can be followed.
    fn clear_denied_link(&mut self, link: LinkId) {
        self.rescans.take_listing(Followed::Link(link));
        if self.rescans.set_denied(Followed::Link(link), None) {
            let place = self.link_place(link).filter(|(dir, name)| self.store.is_file(*dir, name)).cloned();
            if let Some(place) = place {
                self.file_modified(&place, true);
            }
        }
    }

    /// Shows a link as a file.
    fn show_as_file(&mut self, link: LinkId, place: &Place, target: LinkTarget, changed: bool) {
        if target != LinkTarget::Directory {
            self.links.unskip(place);
        }
        let changed = self.links.set_target(link, target) || changed;
        let included = self.is_included(place.0, &place.1, false);
        match self.store.find(place.0, &place.1) {
            Some(Child::File) if included => {
                if changed {
                    self.file_modified(place, true);
                }
                return;
            }
            Some(_) => self.remove_entry(place, true),
            None => {}
        }
        if included {
            self.store.add_file(place.0, &place.1);
            self.pending.file_added(place, true);
        }
    }

    /// The target of a link is entered elsewhere: shows the link as a file.
    fn skip_link(&mut self, link: LinkId, place: Place, wd: i32) {
        self.show_as_file(link, &place, LinkTarget::Directory, false);
        self.skip_place(wd, place);
    }

    /// The same for a link that a directory was entered through.
    pub(super) fn skip(&mut self, node: NodeId, wd: i32) {
        let Some(link) = self.links.of(node) else { return };
        if let Some(place) = self.links.place(link).cloned() {
            self.skip_link(link, place, wd);
        }
    }

    /// Has a link examined again after an overflow.
    pub(super) fn relist_link(&mut self, place: &Place, overflow: Overflow) {
        if let Some(child) = self.store.find_dir(place.0, &place.1) {
            return self.relist(child, overflow);
        }
        if let Some(link) = self.link_at(place.0, &place.1) {
            self.rescans.list(Followed::Link(link), overflow);
        }
    }

    /// Whether the path of a directory leads over a link.
    pub(crate) fn is_behind_link(&self, node: NodeId) -> bool {
        !self.links.entered.is_empty() && self.store.upwards(node).any(|dir| self.links.contains(dir))
    }

    /// A directory behind a link is entered elsewhere: removes its entries here.
    pub(super) fn skip_dir(&mut self, node: NodeId, wd: i32) {
        let Some(place) = self.store.owned_place(node) else { return };
        self.clear(node);
        self.unbind(node);
        self.rescans.take_listing(Followed::Dir(node));
        self.skip_place(wd, place);
    }

    fn skip_place(&mut self, wd: i32, place: Place) {
        let is_new = !self.links.is_skipped(&place);
        self.links.skip(wd, place.clone());
        if is_new {
            self.note_relinked(&place);
        }
    }

    /// The directory of a wd is not entered any more: examines the other places that lead to it.
    pub(super) fn retry_skipped(&mut self, wd: i32) {
        for (dir, name) in self.links.take_skipped(wd) {
            self.effects.add(Effect::Stat(dir, name));
        }
    }

    pub(super) fn link_path(&self, link: LinkId) -> Option<Vec<u8>> {
        let (dir, name) = self.links.place(link)?;
        let mut path = self.path(*dir)?;
        push(&mut path, name);
        Some(path)
    }

    /// Resolves the link that a directory is entered through, if there is one.
    pub(super) fn resolve_link_behind(&mut self, node: NodeId) -> bool {
        let Some(link) = self.links.of(node) else { return false };
        self.effects.add(Effect::ResolveLink(link));
        true
    }
}
