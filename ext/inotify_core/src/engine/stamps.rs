//! The stamps of files and directories for checkpoints: from stats where inotify watches, from the last scan where that is
//! polled. No place is reached that may not reply.

use hashbrown::HashMap;

use crate::checkpoint::Entry;
use crate::model::{Followed, Model, NodeId, is_polled};
use crate::moment::Moment;
use crate::stamp::Stamp;
use crate::system::{Stat, Symlinks, System};
use crate::tick::Tick;

use super::dir_cache::DirCache;
use super::elsewhere::{Elsewhere, Subject};
use super::snapshot::Snapshot;

/// What is known of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) stamp: Stamp,
    /// Whether a change since may have the same stamp. `None`: it was stat'ed now, which the clock tells.
    doubtful: Option<bool>,
}

impl Found {
    /// Whether a change since then may have the same stamp. `now`: however the clock was set since.
    pub(super) fn may_change(&self, since: Tick, now: Moment) -> bool {
        self.doubtful.unwrap_or_else(|| since.may_precede(self.stamp.changed, now))
    }
}

/// See the module's description.
pub(super) struct Stamps<'e, S: System> {
    pub(super) system: &'e S,
    pub(super) model: &'e Model,
    pub(super) dirs: &'e mut DirCache<S>,
    pub(super) elsewhere: &'e Elsewhere,
    /// All earlier changes in polled places are known.
    pub(super) polled_since: Tick,
}

impl<S: System> Stamps<'_, S> {
    /// The entry of a directory, or of the one that a link leads to. Its times count only if it is polled: somebody may
    /// have moved it unseen.
    pub(super) fn entry_of_dir(&mut self, dir: NodeId) -> Option<Entry> {
        let settled = self.is_scanned(dir);
        self.of_dir(dir).map(|stamp| Entry { stamp, settled, unread: false })
    }

    /// Whether a directory is known by the scans of it.
    fn is_scanned(&self, dir: NodeId) -> bool {
        self.is_polled(dir) || self.model.place(dir).is_some_and(|(parent, _)| self.is_polled(parent))
    }

    /// Of a directory, or the one that a link leads to.
    pub(super) fn of_dir(&mut self, dir: NodeId) -> Option<Stamp> {
        if self.is_scanned(dir) {
            return self.dirs.polled.get(dir).map(|snapshot| snapshot.stamp().without_device());
        }
        self.dirs.stat_dir(self.system, self.model, dir).map(stamp)
    }

    /// Of files in a directory, or what they lead to if they are links. `None`: that is not known. A root that is a file
    /// has no name, and is the only one.
    pub(super) fn of_files<'n>(
        &mut self,
        dir: NodeId,
        names: impl Iterator<Item = &'n [u8]> + Clone,
    ) -> Vec<Option<Found>> {
        let mut found = self.of_plain_files(dir, names.clone());
        let polled = self.is_polled(dir);
        for (found, name) in found.iter_mut().zip(names) {
            if let Some(target) = self.of_polled_target(dir, name) {
                *found = Some(target);
            } else if polled {
                *found = found.and_then(|link| self.of_watched_target(dir, name, link));
            }
        }
        found
    }

    /// Whether somebody may have moved a file before the consumer read it, of which no event tells.
    pub(super) fn may_be_unread(&self, dir: NodeId, name: &[u8]) -> bool {
        self.is_polled(dir) && self.model.was_reported_lately(dir, name)
    }

    fn is_polled(&self, dir: NodeId) -> bool {
        self.model.wd(dir).is_some_and(is_polled) || self.elsewhere.has_dir(dir)
    }

    fn of_plain_files<'n>(&mut self, dir: NodeId, names: impl Iterator<Item = &'n [u8]>) -> Vec<Option<Found>> {
        let polled = self.is_polled(dir);
        let Self { system, model, dirs, elsewhere, .. } = self;
        if polled {
            let scanned = dirs.polled.get(dir).into_iter().flat_map(Snapshot::stamps);
            let found = |stamp: Stamp, doubtful| Found { stamp: stamp.without_device(), doubtful: Some(doubtful) };
            let scanned: HashMap<&[u8], Found> =
                scanned.map(|(name, stamp, doubtful)| (name, found(stamp, doubtful))).collect();
            return names.map(|name| scanned.get(name).copied()).collect();
        }
        let follows_links = model.follows_links();
        // Not to what may not reply.
        let way = |name: &[u8]| match model.link_at(dir, name).filter(|_| follows_links) {
            _ if elsewhere.file(dir, name).is_some() => None,
            // What it leads to by now was not found when it was resolved last.
            Some(link) if model.is_polled_path(Followed::Link(link)) && model.linked_file(link).is_none() => {
                Some(Symlinks::Kept)
            }
            Some(link) if !elsewhere.contains(Subject::Link(link)) => Some(Symlinks::Followed),
            _ => Some(Symlinks::Kept),
        };
        let stats = dirs.stat_files(*system, model, dir, names, way);
        stats.into_iter().map(|stat| stat.map(|stat| Found { stamp: stamp(stat), doubtful: None })).collect()
    }

    /// Of the watched file that a link in a polled directory leads to; of any other entry there, what the last scan found.
    fn of_watched_target(&mut self, dir: NodeId, name: &[u8], scanned: Found) -> Option<Found> {
        let Self { system, model, dirs, elsewhere, .. } = self;
        let link = model.link_at(dir, name).filter(|link| model.linked_file(*link).is_some());
        if link.is_none_or(|link| elsewhere.contains(Subject::Link(link))) {
            return Some(scanned);
        }
        let mut stat = |symlinks| dirs.stat_files(*system, model, dir, [name].into_iter(), |_| Some(symlinks)).pop()?;
        let target = stat(Symlinks::Followed)?;
        // It may be another link by now, of which no event tells.
        let same = stamp(stat(Symlinks::Kept)?) == scanned.stamp;
        same.then_some(Found { stamp: stamp(target), doubtful: scanned.doubtful.filter(|doubtful| *doubtful) })
    }

    /// Of the file that a path leads to, or that is mounted by itself, if that is polled.
    fn of_polled_target(&self, dir: NodeId, name: &[u8]) -> Option<Found> {
        let link = || self.model.link_at(dir, name).filter(|_| self.model.follows_links()).map(Followed::Link);
        let followed = if name.is_empty() { Some(Followed::Root(dir)) } else { link() };
        let target = followed.and_then(|followed| self.dirs.polled.target(followed));
        let target = target.or_else(|| self.elsewhere.file(dir, name).flatten());
        let stamp = Stamp { born: None, ..target?.without_device() };
        let doubtful = self.polled_since.may_precede(stamp.changed, self.system.moment());
        Some(Found { stamp, doubtful: Some(doubtful) })
    }
}

/// A file that has several names is not known by its inode: it may have left one of them and not be renamed.
fn stamp(stat: Stat) -> Stamp {
    let has_names = stat.names > 1 && stat.format != libc::S_IFDIR;
    let born = stat.stamp.born.filter(|_| !has_names);
    Stamp { born, ..stat.stamp.without_device() }
}
