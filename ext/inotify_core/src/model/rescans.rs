//! Scans that are repeated: of denied directories, of directories whose last scan was stale, of polled ones, and of those
//! in which an overflow hid changes.
//!
//! Inotify cannot see changes in polled directories, and they are scanned at intervals. Each has a number in the
//! place of a wd, by which scans find out whether a directory is still the one of the model.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use super::store::{Child, NodeId};
use super::watch_map::is_polled;
use super::{Effect, Followed, Model, Need};

/// The overflow that a listing repairs, if any: the number given to [`Model::rescan`]. Of several, the earliest.
pub(super) type Overflow = Option<u64>;

/// See the module's description.
#[derive(Debug, Default)]
pub(super) struct Rescans {
    /// Directories and links that cannot be watched, read or followed, and the errno of each.
    denied: BTreeMap<Followed, i32>,
    /// Those whose errno is not reported yet. Each is reported once, for as long as it lasts.
    unreported: BTreeSet<Followed>,
    /// Directories that must be listed and links that must be resolved although they were before, and the overflow that
    /// this repairs. Each stays here until that succeeds.
    listings: HashMap<Followed, Overflow>,
    /// Directories whose entries are known, and that another instance watched: see [`Model::start_over`].
    unwatched: BTreeSet<NodeId>,
    /// Directories whose last scan was stale.
    stale: BTreeSet<NodeId>,
    /// Roots and links whose path depends on something that cannot be watched.
    polled: BTreeSet<Followed>,
    /// Whether stale scans are repeated as soon as no effect is open.
    stale_due: bool,
    /// The errnos for which denied directories and links are scanned then. Not at once: each of a thousand events that
    /// free watches would have every denied directory scanned.
    errnos_due: BTreeSet<i32>,
}

impl Rescans {
    /// A directory or link is gone.
    pub(super) fn forget(&mut self, followed: Followed) {
        self.set_denied(followed, None);
        self.take_listing(followed);
        self.set_polled(followed, false);
        if let Followed::Dir(dir) = followed {
            self.take_unwatched(dir);
            self.stale.remove(&dir);
        }
    }

    /// Whether the entries of a directory may differ from the model until a scan of it succeeds.
    pub(super) fn is_unknown(&self, dir: NodeId) -> bool {
        self.is_denied(dir) || self.must_list(dir) || self.unwatched.contains(&dir) || self.stale.contains(&dir)
    }

    /// Sets why a directory or link cannot be watched, read or followed; `None`: it can. Returns whether it could not
    /// before.
    pub(super) fn set_denied(&mut self, followed: Followed, errno: Option<i32>) -> bool {
        let before = match errno {
            Some(errno) => self.denied.insert(followed, errno),
            None => self.denied.remove(&followed),
        };
        if errno.is_none() {
            self.unreported.remove(&followed);
        } else if errno != before {
            self.unreported.insert(followed);
        }
        before.is_some()
    }

    pub(super) fn is_denied(&self, dir: NodeId) -> bool {
        self.denied.contains_key(&Followed::Dir(dir))
    }

    pub(super) fn has_denied(&self) -> bool {
        !self.denied.is_empty()
    }

    /// Has a directory listed, or a link resolved.
    pub(super) fn list(&mut self, followed: Followed, overflow: Overflow) {
        let earliest = self.listings.entry(followed).or_insert(overflow);
        *earliest = earliest.iter().copied().chain(overflow).min();
    }

    /// That was done. Returns the overflow that it repairs; `None`: it was not to be done.
    pub(super) fn take_listing(&mut self, followed: Followed) -> Option<Overflow> {
        self.listings.remove(&followed)
    }

    pub(super) fn must_list(&self, dir: NodeId) -> bool {
        self.listings.contains_key(&Followed::Dir(dir))
    }

    fn overflow(&self, followed: Followed) -> Overflow {
        self.listings.get(&followed).copied().flatten()
    }

    /// The entries of a directory are known, though it is not watched any more.
    pub(super) fn set_unwatched(&mut self, dir: NodeId) {
        self.unwatched.insert(dir);
    }

    /// A directory is watched or listed again. Returns whether its entries were known until then.
    pub(super) fn take_unwatched(&mut self, dir: NodeId) -> bool {
        self.unwatched.remove(&dir)
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

    fn set_polled(&mut self, followed: Followed, polled: bool) {
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
            self.rescans.set_unwatched(dir);
        }
        self.links.start_over();
    }

    /// The path of a root or link has another target than when another instance watched.
    pub(crate) fn retarget(&mut self, followed: Followed) {
        match followed {
            Followed::Dir(root) => drop(self.rescans.take_unwatched(root)),
            Followed::Link(link) => {
                let Some(place) = self.link_place(link).cloned() else { return };
                match self.store.find(place.0, &place.1) {
                    Some(Child::Dir(dir)) => drop(self.rescans.take_unwatched(dir)),
                    Some(Child::File) => self.file_modified(&place, true),
                    None => {}
                }
            }
        }
    }

    /// Has a directory listed when it is scanned next.
    pub(super) fn relist(&mut self, dir: NodeId, overflow: Overflow) {
        if self.is_watched(dir) {
            self.rescans.list(Followed::Dir(dir), overflow);
        }
    }

    /// The overflow that may have hidden changes of a directory and is not repaired there.
    pub(super) fn overflow_above(&self, dir: NodeId) -> Overflow {
        if self.rescans.listings.is_empty() {
            return None;
        }
        self.store.upwards(dir).filter_map(|dir| self.rescans.overflow(Followed::Dir(dir))).min()
    }

    /// The overflow that the next listing of a directory, or the next resolution of a link, repairs: it must mark the
    /// files that changed since.
    pub(crate) fn overflow(&self, followed: Followed) -> Option<u64> {
        self.rescans.overflow(followed)
    }

    /// The overflows that are not repaired everywhere.
    #[must_use]
    pub fn open_overflows(&self) -> BTreeSet<u64> {
        self.rescans.listings.values().copied().flatten().collect()
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

    /// Directories and links that are denied for this errno are scanned again as soon as no effect is open.
    pub(crate) fn retry_denied(&mut self, errno: i32) {
        if self.has_denied() {
            self.rescans.errnos_due.insert(errno);
        }
    }

    /// All denied directories and links are scanned again as soon as no effect is open.
    pub(crate) fn retry_all_denied(&mut self) {
        self.rescans.errnos_due.extend(self.rescans.denied.values());
    }

    /// Whether [`add_retries`](Self::add_retries) would add effects.
    pub(super) fn has_retries(&self) -> bool {
        let Rescans { denied, stale_due, errnos_due, .. } = &self.rescans;
        *stale_due && self.rescans.has_stale()
            || !errnos_due.is_empty() && denied.values().any(|errno| errnos_due.contains(errno))
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
        let due = self.rescans.denied.iter().filter(|(_, errno)| errnos.contains(errno));
        for followed in due.map(|(followed, _)| *followed).collect::<Vec<Followed>>() {
            match followed {
                Followed::Dir(dir) => self.scan(dir, Need::Watch),
                Followed::Link(link) => self.effects.add(Effect::ResolveLink(link)),
            }
        }
    }

    /// Directories and links that cannot be watched or read, each with its path and errno: once, for as long as that
    /// lasts. A link has no node.
    pub(crate) fn take_denied(&mut self) -> Vec<(Option<NodeId>, Vec<u8>, i32)> {
        let unreported = std::mem::take(&mut self.rescans.unreported).into_iter();
        let denied = unreported.filter_map(|followed| {
            let errno = *self.rescans.denied.get(&followed)?;
            match followed {
                Followed::Dir(dir) => Some((Some(dir), self.path(dir)?, errno)),
                Followed::Link(link) => Some((None, self.link_path(link)?, errno)),
            }
        });
        denied.collect()
    }

    /// Directories that cannot be watched or read, and the errno of each.
    pub fn denied(&self) -> impl Iterator<Item = (NodeId, i32)> + '_ {
        self.rescans.denied.iter().filter_map(|(followed, errno)| match followed {
            Followed::Dir(dir) => Some((*dir, *errno)),
            Followed::Link(_) => None,
        })
    }

    /// Whether a directory cannot be watched or read, or a symbolic link not be followed.
    #[must_use]
    pub fn has_denied(&self) -> bool {
        self.rescans.has_denied()
    }

    /// A scan of a directory found no difference.
    pub(crate) fn scan_succeeded(&mut self, node: NodeId) {
        self.rescans.set_stale(node, false);
        self.rescans.set_denied(Followed::Dir(node), None);
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
            // It may have changed until it was watched.
            if dir == scanned {
                self.relist(dir, None);
            } else {
                self.scan(dir, Need::List(None));
            }
        }
    }

    /// Asks for the paths that depend on something that cannot be watched to be resolved.
    pub(crate) fn resolve_polled(&mut self) {
        for followed in &self.rescans.polled {
            self.effects.add(match *followed {
                Followed::Dir(root) => Effect::ResolveRoot(root),
                Followed::Link(link) => Effect::ResolveLink(link),
            });
        }
    }
}
