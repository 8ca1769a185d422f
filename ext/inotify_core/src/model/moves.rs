//! Renames, which come as two events: the old name and the new, with one cookie. Either may come alone: then something
//! was moved out of the tree, or into it.

use super::exchanges::{Exchange, WatchedName};
use super::pending::Carried;
use super::store::{Child, NodeId, Place};
use super::symlinks::PossibleLink;
use super::{Model, Need};

/// The first half of a rename whose second has not come.
#[derive(Debug)]
pub(super) struct PendingRename {
    cookie: u32,
    pub(super) from: Place,
    moved: Moved,
    exchange: Exchange,
}

#[derive(Debug)]
enum Moved {
    /// With whether it is to be found out what its close was.
    File(Carried, Option<PossibleLink>, bool),
    Dir(NodeId),
}

impl Model {
    /// The place as the kernel names it.
    fn watched_name(&self, place: &Place) -> Option<WatchedName> {
        let name = self.roots.only(place.0).unwrap_or(&place.1);
        Some((self.store.wd(place.0)?, name.into()))
    }

    pub(super) fn move_from(&mut self, place: Place, cookie: u32, shared: bool) {
        let exchange = self.watched_name(&place).map_or(Exchange::No, |(wd, name)| self.exchanges.of(wd, &name));
        if exchange != Exchange::No {
            self.request_stat(place.clone());
        }
        if shared {
            self.remove_child(&place, false);
            return;
        }
        let moved = match self.store.remove(place.0, &place.1) {
            None => {
                let link = self.take_link(&place);
                return self.drop_link(link);
            }
            Some(Child::File) => {
                // Where it is moved to, nobody scans for what was lost here.
                if self.overflow_above(place.0).is_some() {
                    self.pending.file_modified(&place, true);
                }
                let link = self.take_link(&place);
                let closed = self.closes.take_open(&place);
                Moved::File(self.pending.file_taken(&place), link, closed)
            }
            Some(Child::Dir(child)) => {
                let link = self.take_link(&place);
                self.drop_link(link);
                if let Some(overflow) = self.overflow_above(place.0) {
                    self.relist(child, Some(overflow));
                }
                self.pending.dir_taken(child, &place);
                Moved::Dir(child)
            }
        };
        self.pending_renames.push(PendingRename { cookie, from: place, moved, exchange });
    }

    pub(super) fn move_to(&mut self, place: Place, cookie: u32, isdir: bool, shared: bool) {
        let rename = self.pending_renames.iter().position(|rename| rename.cookie == cookie && !shared);
        let rename = rename.map(|index| self.pending_renames.remove(index));
        match rename {
            Some(rename) if self.is_in(place.0, &rename) || !self.is_included(place.0, &place.1, isdir) => {
                self.finish_unpaired(rename)
            }
            Some(rename) => self.move_here(rename, place),
            None => self.appear(place, isdir, false),
        }
        if isdir {
            self.retry_stale();
        }
    }

    /// Whether a directory is, or is in, what is being moved. Then it is another directory than the model has there: a
    /// scan was ahead.
    fn is_in(&self, dir: NodeId, rename: &PendingRename) -> bool {
        let Moved::Dir(moved) = rename.moved else { return false };
        self.store.is_below(dir, |at| at == moved)
    }

    pub(super) fn move_here(&mut self, rename: PendingRename, place: Place) {
        self.remove_child(&place, false);
        match rename.moved {
            Moved::File(carried, link, closed) => {
                self.store.add_file(place.0, &place.1);
                self.pending.file_put(carried, &place);
                if let Some(link) = link {
                    self.put_link(&link, &place);
                }
                if closed {
                    self.closed(place.clone());
                }
            }
            Moved::Dir(child) => {
                self.store.attach(place.0, &place.1, child);
                self.pending.dir_put(child, &place);
                // What counts in it may depend on where it is.
                let need = if self.filter.is_open() { Need::Watch } else { Need::List(None) };
                self.scan(child, need);
            }
        }
        let exchange = match rename.exchange {
            Exchange::No => false,
            Exchange::To(watched_name) => self.watched_name(&place) == Some(watched_name),
            Exchange::Perhaps => true,
        };
        if exchange {
            // Whatever it is renamed to until a stat has found it, it is not what it was.
            if self.store.find(place.0, &place.1) == Some(Child::File) {
                self.pending.file_modified(&place, true);
            }
            self.request_stat(place);
        }
    }

    /// Whether a directory is between its two places.
    pub(super) fn is_moving(&self, dir: NodeId) -> bool {
        self.pending_renames.iter().any(|rename| matches!(rename.moved, Moved::Dir(moved) if moved == dir))
    }

    pub(super) fn finish_unpaired(&mut self, rename: PendingRename) {
        match rename.moved {
            Moved::File(carried, link, _) => {
                self.pending.file_lost(carried, false);
                self.drop_link(link);
            }
            Moved::Dir(dir) => self.remove_tree(dir, None, false),
        }
    }

    pub(super) fn drop_renames_where(&mut self, mut lost: impl FnMut(&PendingRename) -> bool) {
        let mut index = 0;
        while let Some(rename) = self.pending_renames.get(index) {
            if lost(rename) {
                let rename = self.pending_renames.remove(index);
                self.finish_unpaired(rename);
            } else {
                index += 1;
            }
        }
    }
}
