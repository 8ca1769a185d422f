//! Renames, which come as two events: the old name and the new, with one cookie. Either may come alone: then something was
//! moved out of the tree, or into it.

use super::batch::Place;
use super::exchanges::{Exchange, Spot};
use super::links::Lead;
use super::nodes::{Child, NodeId};
use super::pending::Carried;
use super::{Need, Tree};

/// The first half of a rename whose second has not come.
#[derive(Debug)]
pub(super) struct Half {
    cookie: u32,
    pub(super) from: Place,
    moved: Moved,
    exchange: Exchange,
}

#[derive(Debug)]
enum Moved {
    /// With whether it is to be found out what its close was.
    File(Carried, Option<Lead>, bool),
    Dir(NodeId),
}

impl Tree {
    /// The place as the kernel names it.
    fn spot(&self, place: &Place) -> Option<Spot> {
        let name = self.roots.only(place.0).unwrap_or(&place.1);
        Some((self.nodes.wd(place.0)?, name.into()))
    }

    pub(super) fn move_from(&mut self, place: Place, cookie: u32, shared: bool) {
        let exchange = self.spot(&place).map_or(Exchange::No, |(wd, name)| self.exchanges.of(wd, &name));
        if exchange != Exchange::No {
            self.wish_to_check(place.clone());
        }
        if shared {
            self.remove_child(&place, false);
            return;
        }
        let moved = match self.nodes.remove(place.0, &place.1) {
            None => {
                let lead = self.take_lead(&place);
                return self.lose_lead(lead);
            }
            Some(Child::File) => {
                // Where it is moved to, nobody looks for what was lost here.
                if self.loss_at(place.0).is_some() {
                    self.pending.file_modified(&place, true);
                }
                let lead = self.take_lead(&place);
                let closed = self.reported.take_open(&place);
                Moved::File(self.pending.file_taken(&place), lead, closed)
            }
            Some(Child::Dir(child)) => {
                let lead = self.take_lead(&place);
                self.lose_lead(lead);
                if let Some(loss) = self.loss_at(place.0) {
                    self.repair(child, Some(loss));
                }
                self.pending.dir_taken(child, &place);
                Moved::Dir(child)
            }
        };
        self.halves.push(Half { cookie, from: place, moved, exchange });
    }

    pub(super) fn move_to(&mut self, place: Place, cookie: u32, isdir: bool, shared: bool) {
        let half = self.halves.iter().position(|half| half.cookie == cookie && !shared);
        let half = half.map(|index| self.halves.remove(index));
        match half {
            Some(half) if self.is_in(place.0, &half) || !self.admits(place.0, &place.1, isdir) => self.lose(half),
            Some(half) => self.move_here(half, place),
            None => self.appear(place, isdir, false),
        }
        if isdir {
            self.retry_astray();
        }
    }

    /// Whether a directory is, or is in, what is being moved. Then that is another one than we believe: a look was ahead.
    fn is_in(&self, dir: NodeId, half: &Half) -> bool {
        let Moved::Dir(moved) = half.moved else { return false };
        self.nodes.is_below(dir, |at| at == moved)
    }

    pub(super) fn move_here(&mut self, half: Half, place: Place) {
        self.remove_child(&place, false);
        match half.moved {
            Moved::File(carried, lead, closed) => {
                self.nodes.add_file(place.0, &place.1);
                self.pending.file_put(carried, &place);
                if let Some(lead) = lead {
                    self.put_lead(&lead, &place);
                }
                if closed {
                    self.closed(place.clone());
                }
            }
            Moved::Dir(child) => {
                self.nodes.attach(place.0, &place.1, child);
                self.pending.dir_put(child, &place);
                // What counts in it may depend on where it is.
                let need = if self.filter.is_open() { Need::Sight } else { Need::Listing(None) };
                self.look(child, need);
            }
        }
        let exchange = match half.exchange {
            Exchange::No => false,
            Exchange::To(spot) => self.spot(&place) == Some(spot),
            Exchange::Perhaps => true,
        };
        if exchange {
            // Whatever it is renamed to until somebody has looked, it is not what it was.
            if self.nodes.find(place.0, &place.1) == Some(Child::File) {
                self.pending.file_modified(&place, true);
            }
            self.wish_to_check(place);
        }
    }

    /// Whether a directory is between its two places.
    pub(super) fn is_moving(&self, dir: NodeId) -> bool {
        self.halves.iter().any(|half| matches!(half.moved, Moved::Dir(moved) if moved == dir))
    }

    pub(super) fn lose(&mut self, half: Half) {
        match half.moved {
            Moved::File(carried, lead, _) => {
                self.pending.file_lost(carried, false);
                self.lose_lead(lead);
            }
            Moved::Dir(dir) => self.bury(dir, None, false),
        }
    }

    pub(super) fn settle_where(&mut self, mut lost: impl FnMut(&Half) -> bool) {
        let mut index = 0;
        while let Some(half) = self.halves.get(index) {
            if lost(half) {
                let half = self.halves.remove(index);
                self.lose(half);
            } else {
                index += 1;
            }
        }
    }
}
