//! Renames. One comes as two events with one cookie: MOVED_FROM with the old name, MOVED_TO with the new one. Either may
//! come alone: then an entry was moved out of the trees, or into them.

use std::collections::VecDeque;

use hashbrown::HashSet;

use super::closes::TakenClose;
use super::pending::Carried;
use super::store::{Child, NodeId, Place, WriteState};
use super::symlinks::PossibleLink;
use super::{Kind, Model, Need};

/// A rename that scans found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundRename {
    /// The place before.
    pub(crate) from: (NodeId, Box<[u8]>),
    /// The place now.
    pub(crate) to: (NodeId, Box<[u8]>),
    /// What it is.
    pub(crate) kind: Kind,
    /// Whether the content of a file may have changed, too.
    pub(crate) modified: bool,
}

/// A rename whose MOVED_TO has not come.
#[derive(Debug)]
pub(super) struct PendingRename {
    cookie: u32,
    from: Place,
    moved: Moved,
    exchange: Exchange,
}

#[derive(Debug)]
pub(super) enum Moved {
    /// A file, the link that it may be, its close, and whether somebody writes it.
    File(Carried, Option<PossibleLink>, TakenClose, Option<WriteState>),
    Dir(NodeId),
}

impl Moved {
    /// The directory, if it is one.
    pub(super) fn dir(&self) -> Option<NodeId> {
        match self {
            Self::File(..) => None,
            Self::Dir(dir) => Some(*dir),
        }
    }
}

/// The renames whose MOVED_TO has not come, and the last ones that may be parts of exchanges.
#[derive(Debug, Default)]
pub(super) struct Renames {
    pending: Vec<PendingRename>,
    exchanges: Exchanges,
}

impl Renames {
    pub(super) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Remembers a MOVED_FROM.
    pub(super) fn left(&mut self, cookie: u32, wd: i32, name: &[u8]) {
        self.exchanges.left(cookie, wd, name);
    }

    /// Remembers a MOVED_TO.
    pub(super) fn arrived(&mut self, cookie: u32, wd: i32, name: &[u8]) {
        self.exchanges.arrived(cookie, wd, name);
    }

    /// The queue overflowed.
    pub(super) fn forget_last(&mut self) {
        self.exchanges.forget();
    }

    fn take(&mut self, cookie: u32) -> Option<PendingRename> {
        let index = self.pending.iter().position(|rename| rename.cookie == cookie)?;
        Some(self.pending.remove(index))
    }

    /// Takes a rename from this place, or any.
    fn take_from(&mut self, place: Option<&Place>) -> Option<PendingRename> {
        let index = self.pending.iter().position(|rename| place.is_none_or(|place| rename.from == *place))?;
        Some(self.pending.remove(index))
    }

    /// Whether a directory is between its two places.
    pub(super) fn is_moving(&self, dir: NodeId) -> bool {
        self.pending.iter().any(|rename| matches!(rename.moved, Moved::Dir(moved) if moved == dir))
    }
}

impl Model {
    /// The place with the name that the kernel uses.
    fn watched_name(&self, place: &Place) -> Option<WatchedName> {
        let name = self.roots.only(place.0).unwrap_or(&place.1);
        Some((self.store.wd(place.0)?, name.into()))
    }

    /// Applies a MOVED_FROM. `shared`: it cannot be paired, as the directory has several places, or a predicate decides.
    pub(super) fn move_from(&mut self, place: Place, cookie: u32, shared: bool) {
        let exchange =
            self.watched_name(&place).map_or(Exchange::No, |(wd, name)| self.renames.exchanges.of(wd, &name));
        if exchange != Exchange::No {
            self.request_stat(place.clone());
        }
        if shared {
            self.remove_child(&place, false);
            return;
        }
        if let Some(moved) = self.take_moved(&place, false) {
            self.renames.pending.push(PendingRename { cookie, from: place, moved, exchange });
        }
    }

    /// Takes an entry that is renamed from its place. `found`: scans found that, not an event.
    fn take_moved(&mut self, place: &Place, found: bool) -> Option<Moved> {
        let writing = self.write_state(place);
        let link = self.take_link(place);
        match self.store.remove(place.0, &place.1) {
            None => {
                self.drop_link(link);
                None
            }
            Some(Child::File) => {
                // The rescan here will not find it any more.
                let overflowed = self.overflow_above(place.0).is_some();
                if overflowed {
                    self.pending.file_modified(place, true);
                }
                let writing = writing.map(|writing| if overflowed { WriteState::Unknown } else { writing });
                let close = self.closes.take(place);
                Some(Moved::File(self.pending.file_taken(place, found), link, close, writing))
            }
            Some(Child::Dir(child)) => {
                self.drop_link(link);
                if let Some(overflow) = self.overflow_above(place.0) {
                    self.relist(child, Some(overflow));
                }
                self.pending.dir_taken(child, place, found);
                Some(Moved::Dir(child))
            }
        }
    }

    /// Applies a MOVED_TO.
    pub(super) fn move_to(&mut self, place: Place, cookie: u32, isdir: bool, shared: bool) {
        let rename = if shared { None } else { self.renames.take(cookie) };
        match rename {
            Some(rename) if self.is_in(place.0, &rename.moved) || !self.is_included(place.0, &place.1, isdir) => {
                self.lose_moved(rename.moved, false);
                // A link to a directory may be included where a file is not: one that was here, or is now.
                if !isdir {
                    self.check_for_link(&place);
                }
            }
            Some(rename) => self.move_here(rename, place),
            None => {
                self.appear(place.clone(), isdir, false);
                self.set_write_state(&place, WriteState::Unknown);
            }
        }
        if isdir {
            self.rescans.retry_stale();
        }
    }

    /// Whether a directory is the one that is being moved, or below it. Then the kernel means another directory: a scan was
    /// ahead of the queue.
    fn is_in(&self, dir: NodeId, moved: &Moved) -> bool {
        let Moved::Dir(moved) = moved else { return false };
        self.store.upwards(dir).any(|at| at == *moved)
    }

    /// Puts a renamed entry to its new place.
    fn put_moved(&mut self, moved: Moved, place: &Place, found: bool) {
        self.remove_child(place, found);
        match moved {
            Moved::File(carried, link, close, writing) => {
                self.store.add_file(place.0, &place.1);
                if let Some(writing) = writing {
                    self.set_write_state(place, writing);
                }
                self.pending.file_put(carried, place);
                match link {
                    Some(link) => self.put_link(&link, place),
                    // The stat of the old place may have found another file, which came there later.
                    None if !found => self.check_for_link(place),
                    None => {}
                }
                self.put_close(place, &close);
            }
            Moved::Dir(child) => {
                self.store.attach(place.0, &place.1, child);
                self.pending.dir_put(child, place);
                self.remove_inner_roots(child);
                // Its path may decide which of its entries are included.
                let need = if self.inclusion.includes_all() { Need::Watch } else { Need::List(None) };
                self.scan(child, need);
            }
        }
    }

    fn move_here(&mut self, rename: PendingRename, place: Place) {
        self.put_moved(rename.moved, &place, false);
        let exchange = match rename.exchange {
            Exchange::No => false,
            Exchange::To(watched_name) => self.watched_name(&place) == Some(watched_name),
            Exchange::Perhaps => true,
        };
        if exchange {
            // Until the stat it may be renamed again: it is another file in any case.
            if self.store.is_file(place.0, &place.1) {
                self.file_modified(&place, true);
            }
            self.request_stat(place);
        }
    }

    /// The entry was moved out of the trees.
    fn lose_moved(&mut self, moved: Moved, found: bool) {
        match moved {
            Moved::File(carried, link, ..) => {
                self.pending.file_lost(carried, found);
                self.drop_link(link);
            }
            Moved::Dir(dir) => self.remove_tree(dir, None, found),
        }
    }

    /// Concludes that the MOVED_TO of these renames will not come: of those from a place, or of all.
    pub(super) fn finish_renames(&mut self, place: Option<&Place>) {
        while let Some(rename) = self.renames.take_from(place) {
            self.lose_moved(rename.moved, false);
        }
    }

    /// Scans found that entries left their places and are at others. Renames them, as far as they are included there.
    pub(crate) fn rename_found(&mut self, renames: Vec<FoundRename>) {
        if self.inclusion.has_predicate() {
            // It may have to decide first.
            return;
        }
        let mut taken = Vec::with_capacity(renames.len());
        for rename in renames {
            let FoundRename { from, to, kind, .. } = &rename;
            let is_same = match self.store.find(from.0, &from.1) {
                Some(Child::File) => *kind == Kind::File && self.is_plain(from),
                Some(Child::Dir(dir)) => *kind == Kind::Dir && !self.is_link(dir),
                None => false,
            };
            if is_same && self.is_plain(to) && self.is_included(to.0, &to.1, *kind == Kind::Dir) {
                taken.extend(self.take_moved(from, true).map(|moved| (moved, rename)));
            }
        }
        // A place may be below a directory that is renamed, too, and still nowhere.
        let mut open: HashSet<NodeId> = taken.iter().filter_map(|(moved, _)| moved.dir()).collect();
        for (moved, FoundRename { to, modified, .. }) in taken {
            moved.dir().map(|dir| open.remove(&dir));
            let top = self.store.top(to.0);
            if !(self.roots.contains(top) || open.contains(&top)) || self.is_in(to.0, &moved) {
                self.lose_moved(moved, true);
                continue;
            }
            let is_file = moved.dir().is_none();
            self.put_moved(moved, &to, true);
            if modified && is_file {
                self.file_modified(&to, true);
            }
        }
    }

    /// Whether a file is known to be no symbolic link that is followed.
    fn is_plain(&self, place: &Place) -> bool {
        self.links.at(place).is_none()
    }
}

/// How many renames are remembered.
const RENAMES: usize = 128;

/// How many renames may be the second of an exchange whose first was lost.
const SUSPECTS: usize = 16;

/// A name in the directory of a watch.
type WatchedName = (i32, Box<[u8]>);

/// Finds exchanges. That of `a` and `b` comes as two renames: `a` to `b`, and `b` to `a`. So the second takes away what
/// the first put there, and applied as they come, one name would vanish. No event says that an entry was at `b` before:
/// the kernel makes one event of two that are equal.
///
/// It remembers the last renames by wd and name, whether their directories are known or not.
#[derive(Debug, Default)]
struct Exchanges {
    left: VecDeque<(u32, WatchedName)>,
    /// Where something arrived, and where it had left if that is known.
    arrived: VecDeque<(WatchedName, Option<WatchedName>)>,
    suspects: usize,
}

/// Whether a rename is the second of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Exchange {
    No,
    /// If it goes to this place.
    To(WatchedName),
    Perhaps,
}

impl Exchanges {
    fn left(&mut self, cookie: u32, wd: i32, name: &[u8]) {
        self.left.truncate(RENAMES - 1);
        self.left.push_front((cookie, (wd, name.into())));
    }

    fn arrived(&mut self, cookie: u32, wd: i32, name: &[u8]) {
        let left = self.left.iter().find(|(left, _)| *left == cookie).map(|(_, watched_name)| watched_name.clone());
        self.arrived.truncate(RENAMES - 1);
        self.arrived.push_front(((wd, name.into()), left));
    }

    /// The queue overflowed: the first renames of exchanges may be lost.
    fn forget(&mut self) {
        self.left.clear();
        self.arrived.clear();
        self.suspects = SUSPECTS;
    }

    /// Whether a rename from this name is the second of an exchange.
    fn of(&mut self, wd: i32, name: &[u8]) -> Exchange {
        if self.suspects > 0 {
            self.suspects -= 1;
            return Exchange::Perhaps;
        }
        match self.arrived.iter().find(|((at, it), _)| *at == wd && **it == *name) {
            None => Exchange::No,
            Some((_, None)) => Exchange::Perhaps,
            Some((_, Some(left))) => Exchange::To(left.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_latest_renames_are_remembered() {
        let mut exchanges = Exchanges::default();
        for cookie in 0..1000 {
            exchanges.left(cookie, 1, b"from");
            exchanges.arrived(cookie, 1, b"to");
        }
        assert_eq!((exchanges.left.len(), exchanges.arrived.len()), (RENAMES, RENAMES));
    }

    #[test]
    fn what_arrived_where_another_leaves_is_exchanged_if_that_goes_where_it_came_from() {
        let mut exchanges = Exchanges::default();
        exchanges.left(1, 5, b"a");
        exchanges.arrived(1, 6, b"b");
        exchanges.arrived(2, 6, b"c");
        assert_eq!(exchanges.of(6, b"b"), Exchange::To((5, b"a".as_slice().into())));
        assert_eq!(exchanges.of(6, b"c"), Exchange::Perhaps);
        assert_eq!(exchanges.of(5, b"b"), Exchange::No);
        assert_eq!(exchanges.of(6, b"a"), Exchange::No);
    }

    #[test]
    fn after_an_overflow_some_renames_are_suspected() {
        let mut exchanges = Exchanges::default();
        exchanges.forget();
        for _ in 0..SUSPECTS {
            assert_eq!(exchanges.of(1, b"a"), Exchange::Perhaps);
        }
        assert_eq!(exchanges.of(1, b"a"), Exchange::No);
    }
}
