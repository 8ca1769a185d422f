//! What is scanned again, and when: directories that were denied, scans that were stale, what is polled, and what an
//! overflow hid.
//!
//! Inotify cannot see what happens in polled directories, and they are scanned at intervals. Each has a number in the
//! place of a wd, by which scans find out whether a directory is still the one of the model.

use std::collections::{BTreeMap, BTreeSet};

use super::store::{Child, NodeId};
use super::symlinks::{LinkId, Links};
use super::unknown::{Denied, Overflow, Relist};
use super::watch_map::is_polled;
use super::{Effect, Followed, Model, Need};

/// See the module's description.
#[derive(Debug, Default)]
pub(super) struct Rescans {
    pub(super) denied: Denied<NodeId>,
    pub(super) listings: Relist<NodeId>,
    /// Directories whose entries are known, and that another instance watched: see [`Model::start_over`].
    pub(super) unwatched: BTreeSet<NodeId>,
    /// Directories whose last scan was stale.
    stale: BTreeSet<NodeId>,
    /// Roots and links whose path depends on something that cannot be watched.
    polled: BTreeSet<Followed>,
    /// Whether stale scans are repeated as soon as no effect is open.
    stale_due: bool,
    /// The errnos for which what is denied is scanned then. Not at once: each of a thousand events that free watches
    /// would have every denied directory scanned.
    errnos_due: BTreeSet<i32>,
}

impl Rescans {
    /// A directory is gone.
    pub(super) fn forget(&mut self, dir: NodeId) {
        self.unwatched.remove(&dir);
        self.stale.remove(&dir);
        self.denied.remove(dir);
        self.listings.remove(dir);
    }

    /// Whether a directory is still to be scanned.
    pub(super) fn is_open(&self, dir: NodeId) -> bool {
        self.denied.contains(dir)
            || self.listings.contains(dir)
            || self.unwatched.contains(&dir)
            || self.stale.contains(&dir)
    }

    pub(super) fn has_stale(&self) -> bool {
        !self.stale.is_empty()
    }

    pub(super) fn set_stale(&mut self, dir: NodeId, stale: bool) {
        if stale {
            self.stale.insert(dir);
        } else {
            self.stale.remove(&dir);
        }
    }

    /// A directory moved: stale scans are repeated as soon as no effect is open.
    pub(super) fn retry_stale(&mut self) {
        self.stale_due |= self.has_stale();
    }

    pub(super) fn polled(&self) -> Vec<Followed> {
        self.polled.iter().copied().collect()
    }

    pub(super) fn set_polled(&mut self, followed: Followed, polled: bool) {
        if polled {
            self.polled.insert(followed);
        } else {
            self.polled.remove(&followed);
        }
    }
}

impl Model {
    /// The queue overflowed: scans everything again. Changes found by that are reported: what is new, gone, or marked as
    /// changed in the listings. `overflow`: its number, higher than the last one's.
    pub(crate) fn rescan(&mut self, overflow: u64) {
        self.finish_renames(None);
        self.renames.forget_last();
        for root in self.roots.nodes() {
            self.scan(root, Need::List(Some(overflow)));
        }
    }

    /// Another instance watches from now on: no watch is left, and what happened since the last event is unknown. As
    /// after an overflow, but no wd tells whether a directory is still the same: one with a later time stamp, which may
    /// have been replaced, is reported as one whose attributes changed. Call [`rescan`](Self::rescan) then.
    pub(crate) fn start_over(&mut self) {
        for dir in self.watches.start_over() {
            self.store.set_wd(dir, None);
            self.store.set_listed(dir, false);
            self.rescans.unwatched.insert(dir);
        }
        if let Some(links) = &mut self.links {
            links.start_over();
        }
    }

    /// The path of a root or link has another target than when another instance watched.
    pub(crate) fn retarget(&mut self, followed: Followed) {
        match followed {
            Followed::Root(root) => drop(self.rescans.unwatched.remove(&root)),
            Followed::Link(link) => {
                let Some(place) = self.link_place(link).cloned() else { return };
                match self.store.find(place.0, &place.1) {
                    Some(Child::Dir(dir)) => drop(self.rescans.unwatched.remove(&dir)),
                    Some(Child::File) => self.file_modified(&place, true),
                    None => {}
                }
            }
        }
    }

    /// Has a directory listed when it is scanned next.
    pub(super) fn relist(&mut self, dir: NodeId, overflow: Overflow) {
        if self.is_watched(dir) {
            self.rescans.listings.insert(dir, overflow);
        }
    }

    /// The overflow that may have hidden changes of a directory and is not repaired there.
    pub(super) fn overflow_above(&self, dir: NodeId) -> Overflow {
        if self.rescans.listings.is_empty() {
            return None;
        }
        self.store.upwards(dir).filter_map(|dir| self.rescans.listings.overflow(dir)).min()
    }

    /// The overflow that the next listing of a directory repairs: it must mark the files that changed since.
    pub(crate) fn overflow(&self, node: NodeId) -> Option<u64> {
        self.rescans.listings.overflow(node)
    }

    /// The same for the target of a link.
    pub(crate) fn link_overflow(&self, link: LinkId) -> Option<u64> {
        self.links.as_ref()?.overflow(link)
    }

    /// The overflows that are not repaired everywhere.
    #[must_use]
    pub fn open_overflows(&self) -> BTreeSet<u64> {
        self.rescans.listings.overflows().chain(self.links.iter().flat_map(Links::overflows)).collect()
    }

    /// Sets whether the path of a root or link depends on something that cannot be watched, so that it is resolved at
    /// intervals.
    pub(crate) fn set_polled(&mut self, followed: Followed, polled: bool) {
        self.rescans.set_polled(followed, polled);
    }

    /// Whether the path of a root or link is resolved at intervals.
    pub(crate) fn is_polled_path(&self, followed: Followed) -> bool {
        self.rescans.polled.contains(&followed)
    }

    /// Whether a path is polled.
    pub(crate) fn has_polled(&self) -> bool {
        !self.rescans.polled.is_empty()
    }

    /// Call it when no event is queued: a rename without its MOVED_TO left the trees, and closed files that were not
    /// found are examined again. Stale scans are repeated, with those of their parents, and polled paths resolved.
    pub(crate) fn finish_pending(&mut self) {
        self.finish_renames(None);
        self.retry_closes();
        self.find_writers();
        self.resolve_polled();
        self.rescans.retry_stale();
        let parents = self.rescans.stale.iter().filter_map(|dir| self.store.parent(*dir));
        for parent in parents.collect::<Vec<NodeId>>() {
            self.scan(parent, Need::Watch);
        }
    }

    /// What is denied for this errno is scanned again as soon as no effect is open.
    pub(crate) fn retry_denied(&mut self, errno: i32) {
        if self.has_denied() {
            self.rescans.errnos_due.insert(errno);
        }
    }

    /// All that is denied is scanned again as soon as no effect is open.
    pub(crate) fn retry_all_denied(&mut self) {
        let links = self.links.iter().flat_map(|links| links.denied().errnos().values());
        self.rescans.errnos_due.extend(self.rescans.denied.errnos().values().chain(links));
    }

    /// Whether [`add_retries`](Self::add_retries) would add effects.
    pub(super) fn has_retries(&self) -> bool {
        let Rescans { denied, stale_due, errnos_due, .. } = &self.rescans;
        let links = || self.links.iter().flat_map(|links| links.denied().errnos().values());
        *stale_due && self.rescans.has_stale()
            || !errnos_due.is_empty() && denied.errnos().values().chain(links()).any(|errno| errnos_due.contains(errno))
    }

    /// Asks for the scans that were put off until no effect is open.
    pub(super) fn add_retries(&mut self) {
        if std::mem::take(&mut self.rescans.stale_due) {
            self.rescans.stale.iter().for_each(|dir| self.effects.add(Effect::Scan(*dir)));
        }
        let errnos = std::mem::take(&mut self.rescans.errnos_due);
        if errnos.is_empty() {
            return;
        }
        for dir in self.rescans.denied.of(&errnos) {
            self.scan(dir, Need::Watch);
        }
        let links = self.links.iter().flat_map(|links| links.denied().of(&errnos));
        links.for_each(|link| self.effects.add(Effect::ResolveLink(link)));
    }

    /// Directories and links that cannot be watched or read, each with its path and errno: once, for as long as that
    /// lasts. A link has no node.
    pub(crate) fn take_denied(&mut self) -> Vec<(Option<NodeId>, Vec<u8>, i32)> {
        let dirs = self.rescans.denied.take_unreported();
        let links = self.links.as_mut().map(Links::take_denied).unwrap_or_default();
        let dirs = dirs.into_iter().filter_map(|(node, errno)| Some((Some(node), self.path(node)?, errno)));
        let links = links.into_iter().filter_map(|(link, errno)| Some((None, self.link_path(link)?, errno)));
        dirs.chain(links).collect()
    }

    /// Directories that cannot be watched or read, and the errno of each.
    #[must_use]
    pub fn denied(&self) -> &BTreeMap<NodeId, i32> {
        self.rescans.denied.errnos()
    }

    /// Whether a directory cannot be watched or read, or a symbolic link not be followed.
    #[must_use]
    pub fn has_denied(&self) -> bool {
        !self.rescans.denied.is_empty() || self.links.as_ref().is_some_and(|links| !links.denied().is_empty())
    }

    /// Sets why a directory, or an entry of it, cannot be watched or read; `None`: it can.
    pub(super) fn set_denied(&mut self, node: NodeId, errno: Option<i32>) {
        match errno {
            Some(errno) => self.rescans.denied.insert(node, errno),
            None => {
                self.rescans.denied.remove(node);
            }
        }
    }

    /// A scan of a directory found what is known.
    pub(crate) fn scan_succeeded(&mut self, node: NodeId) {
        self.rescans.set_stale(node, false);
        self.set_denied(node, None);
    }

    /// A polled directory was listed. No event says that another directory took the place of a watched one in it: scans
    /// those again.
    pub(crate) fn scan_watched_in(&mut self, polled: NodeId) {
        let dirs = self.store.dirs(polled).map(|(_, dir)| dir);
        let watched = dirs.filter(|dir| self.store.wd(*dir).is_some_and(|wd| !is_polled(wd)));
        for dir in watched.collect::<Vec<NodeId>>() {
            self.scan(dir, Need::Watch);
        }
    }

    /// The polled directory of this number is watched from now on, as a scan of one of its nodes found: its entries stay
    /// known.
    pub(crate) fn renumber(&mut self, before: i32, wd: i32, scanned: NodeId) {
        for dir in self.watches.nodes(before).collect::<Vec<NodeId>>() {
            self.watches.remove(before, dir, self.roots.only(dir));
            self.store.set_wd(dir, Some(wd));
            self.watches.add(wd, dir, self.roots.only(dir));
            // What happened until it was watched.
            if dir == scanned {
                self.relist(dir, None);
            } else {
                self.scan(dir, Need::List(None));
            }
        }
    }

    /// Asks for the paths that depend on something that cannot be watched to be resolved.
    pub(crate) fn resolve_polled(&mut self) {
        for followed in self.rescans.polled() {
            self.effects.add(match followed {
                Followed::Root(root) => Effect::ResolveRoot(root),
                Followed::Link(link) => Effect::ResolveLink(link),
            });
        }
    }
}
