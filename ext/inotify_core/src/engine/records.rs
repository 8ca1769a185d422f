//! Records of directories for checkpoints, kept from one checkpoint to the next: only files that may have changed since
//! are stat'ed again.
//!
//! A watcher that goes on from a checkpoint stats each file when its first scan finds it. So the comparison with the
//! checkpoint and the first checkpoint of its own need no stat of files in which nothing happened since.

use hashbrown::{HashMap, HashSet};

use crate::checkpoint::{DirRecord, Encoder, Entry};
use crate::model::{Followed, Model, NodeId, is_polled};
use crate::moment::Moment;
use crate::stamp::Stamp;
use crate::system::{Stat, Symlinks, System};
use crate::tick::Tick;

use super::Engine;
use super::dir_cache::DirCache;
use super::elsewhere::Elsewhere;
use super::jobs::Subject;
use super::snapshot::Snapshot;

/// The first scan of a watcher that goes on from a checkpoint.
#[derive(Debug, Default)]
struct FirstScan {
    encoder: Encoder,
    /// Directories with a file that may change without another stamp.
    doubtful: HashSet<NodeId>,
}

/// See the module's description.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// Each with the wd of its directory.
    records: HashMap<NodeId, (i32, DirRecord)>,
    first_scan: Option<FirstScan>,
}

impl Records {
    /// The record of the directory that a node has now.
    pub(super) fn get(&self, model: &Model, dir: NodeId) -> Option<&DirRecord> {
        let (wd, record) = self.records.get(&dir)?;
        (model.wd(dir) == Some(*wd)).then_some(record)
    }

    /// The same, to be kept again by [`insert`](Self::insert).
    pub(super) fn remove(&mut self, model: &Model, dir: NodeId) -> Option<DirRecord> {
        let (wd, record) = self.records.remove(&dir)?;
        (model.wd(dir) == Some(wd)).then_some(record)
    }

    pub(super) fn insert(&mut self, model: &Model, dir: NodeId, record: DirRecord) {
        if let Some(wd) = model.wd(dir).filter(|wd| !is_polled(*wd)) {
            self.records.insert(dir, (wd, record));
        }
    }

    /// Something happened to the files in a directory.
    pub(super) fn drop_files(&mut self, dir: NodeId) {
        if let Some((_, record)) = self.records.get_mut(&dir) {
            record.drop_files();
        }
    }

    /// The first scan is over, and compared with the checkpoint.
    pub(super) fn end_first_scan(&mut self) {
        for dir in self.first_scan.take().unwrap_or_default().doubtful {
            self.drop_files(dir);
        }
    }

    pub(super) fn clear(&mut self) {
        self.records.clear();
    }
}

impl<S: System> Engine<S> {
    /// Has the first scan stat files for [`begin_since`](Self::begin_since), which need not do so then.
    pub fn expect_checkpoint(&mut self) {
        self.records.first_scan = Some(FirstScan::default());
        self.dirs.keeps_listed = true;
        // From here on.
        self.model.take_touched();
    }

    /// Records a directory that the first scan has listed, and its files.
    pub(super) fn record(&mut self, dir: NodeId) {
        let Self { system, model, dirs, elsewhere, records, .. } = self;
        let Some(FirstScan { encoder, doubtful }) = &mut records.first_scan else { return };
        records.records.remove(&dir);
        if !model.is_covered(dir) {
            return;
        }
        let tick = system.tick();
        let mut stamps = Stamps { system, model, dirs, elsewhere, polled_since: tick };
        encoder.truncate(0);
        encoder.dir_entry(stamps.entry_of_dir(dir).as_ref());
        let begin = encoder.position();
        let names = model.files_in(dir);
        // The target of a link may change without an event in this directory.
        let found = if model.follows_links() { Vec::new() } else { stamps.of_files(dir, names.iter().copied()) };
        let entries: Option<Vec<Entry>> =
            found.iter().map(|it| Some(Entry { stamp: it.as_ref()?.stamp, settled: true, unread: false })).collect();
        if let Some(entries) = entries.filter(|entries| entries.len() == names.len()) {
            let now = system.moment();
            if found.iter().flatten().any(|it| it.may_change(tick, now)) {
                doubtful.insert(dir);
            }
            encoder.files(names.iter().copied().zip(entries.iter().map(Some)));
        }
        let record = DirRecord::new(encoder.written_since(0), begin);
        self.records.insert(&self.model, dir, record);
        // All that happened to the files until now is in their stamps.
        self.model.forget_touched(dir);
    }
}

/// The stamp of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileStamp {
    pub(super) stamp: Stamp,
    /// Whether a change since may have the same stamp. `None`: it was stat'ed now, and the clock decides.
    doubtful: Option<bool>,
}

impl FileStamp {
    /// Whether a change since then may have the same stamp. `now`: however the clock was set since.
    pub(super) fn may_change(&self, since: Tick, now: Moment) -> bool {
        self.doubtful.unwrap_or_else(|| since.may_precede(self.stamp.changed, now))
    }
}

/// The stamps of files and directories for checkpoints: from stats where inotify watches, from the last scan where that
/// is polled. No place is reached that may not reply.
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

    /// Of files in a directory, or their targets if they are links. `None`: that is not known. A root that is a file
    /// has no name, and is the only one.
    pub(super) fn of_files<'n>(
        &mut self,
        dir: NodeId,
        names: impl Iterator<Item = &'n [u8]> + Clone,
    ) -> Vec<Option<FileStamp>> {
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

    /// Whether somebody may have moved a file before the consumer read it, which no event reports.
    pub(super) fn may_be_unread(&self, dir: NodeId, name: &[u8]) -> bool {
        self.is_polled(dir) && self.model.was_reported_lately(dir, name)
    }

    fn is_polled(&self, dir: NodeId) -> bool {
        self.model.wd(dir).is_some_and(is_polled) || self.elsewhere.has_dir(dir)
    }

    fn of_plain_files<'n>(&mut self, dir: NodeId, names: impl Iterator<Item = &'n [u8]>) -> Vec<Option<FileStamp>> {
        let polled = self.is_polled(dir);
        let Self { system, model, dirs, elsewhere, .. } = self;
        if polled {
            let scanned = dirs.polled.get(dir).into_iter().flat_map(Snapshot::stamps);
            let found = |stamp: Stamp, doubtful| FileStamp { stamp: stamp.without_device(), doubtful: Some(doubtful) };
            let scanned: HashMap<&[u8], FileStamp> =
                scanned.map(|(name, stamp, doubtful)| (name, found(stamp, doubtful))).collect();
            return names.map(|name| scanned.get(name).copied()).collect();
        }
        let follows_links = model.follows_links();
        // Not to a server that may not reply.
        let way = |name: &[u8]| match model.link_at(dir, name).filter(|_| follows_links) {
            _ if elsewhere.file(dir, name).is_some() => None,
            // It had no target when it was resolved last, and may have one by now.
            Some(link) if model.is_polled_path(Followed::Link(link)) && model.linked_file(link).is_none() => {
                Some(Symlinks::Kept)
            }
            Some(link) if !elsewhere.contains(Subject::Link(link)) => Some(Symlinks::Followed),
            _ => Some(Symlinks::Kept),
        };
        let stats = dirs.stat_files(*system, model, dir, names, way);
        stats.into_iter().map(|stat| stat.map(|stat| FileStamp { stamp: stamp(stat), doubtful: None })).collect()
    }

    /// Of the watched file that a link in a polled directory leads to; of any other entry there, as the last scan found
    /// it.
    fn of_watched_target(&mut self, dir: NodeId, name: &[u8], scanned: FileStamp) -> Option<FileStamp> {
        let Self { system, model, dirs, elsewhere, .. } = self;
        let link = model.link_at(dir, name).filter(|link| model.linked_file(*link).is_some());
        if link.is_none_or(|link| elsewhere.contains(Subject::Link(link))) {
            return Some(scanned);
        }
        let mut stat = |symlinks| dirs.stat_files(*system, model, dir, [name].into_iter(), |_| Some(symlinks)).pop()?;
        let target = stat(Symlinks::Followed)?;
        // It may be another link by now, which no event reports.
        let same = stamp(stat(Symlinks::Kept)?) == scanned.stamp;
        same.then_some(FileStamp { stamp: stamp(target), doubtful: scanned.doubtful.filter(|doubtful| *doubtful) })
    }

    /// Of the file that a path leads to, or that is mounted by itself, if that is polled.
    fn of_polled_target(&self, dir: NodeId, name: &[u8]) -> Option<FileStamp> {
        let link = || self.model.link_at(dir, name).filter(|_| self.model.follows_links()).map(Followed::Link);
        let followed = if name.is_empty() { Some(Followed::Dir(dir)) } else { link() };
        let target = followed.and_then(|followed| Some(self.dirs.polled.target(followed)?.stamp));
        let target = target.or_else(|| self.elsewhere.file(dir, name).flatten());
        let stamp = Stamp { born: None, ..target?.without_device() };
        let doubtful = self.polled_since.may_precede(stamp.changed, self.system.moment());
        Some(FileStamp { stamp, doubtful: Some(doubtful) })
    }
}

/// A file that has several names is not known by its inode: it may have left one of them and not be renamed.
fn stamp(stat: Stat) -> Stamp {
    let has_names = stat.names > 1 && stat.format != libc::S_IFDIR;
    let born = stat.stamp.born.filter(|_| !has_names);
    Stamp { born, ..stat.stamp.without_device() }
}
