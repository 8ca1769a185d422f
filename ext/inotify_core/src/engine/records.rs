//! What is known of directories for checkpoints, kept from one checkpoint to the next: only what may have changed since is
//! stat'ed again.
//!
//! A watcher that goes on from a checkpoint stats each file when its first scan finds it. So the comparison with the
//! checkpoint and the first checkpoint of its own need no stat of files in which nothing happened since.

use hashbrown::{HashMap, HashSet};

use crate::checkpoint::{Encoder, Entry, Record};
use crate::model::{Model, NodeId, is_polled};
use crate::system::System;

use super::Engine;
use super::stamps::Stamps;

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
    records: HashMap<NodeId, (i32, Record)>,
    first_scan: Option<FirstScan>,
}

impl Records {
    /// What is known of the directory that a node has now.
    pub(super) fn get(&self, model: &Model, dir: NodeId) -> Option<&Record> {
        let (wd, record) = self.records.get(&dir)?;
        (model.wd(dir) == Some(*wd)).then_some(record)
    }

    /// The same, to be kept again by [`insert`](Self::insert).
    pub(super) fn remove(&mut self, model: &Model, dir: NodeId) -> Option<Record> {
        let (wd, record) = self.records.remove(&dir)?;
        (model.wd(dir) == Some(wd)).then_some(record)
    }

    pub(super) fn insert(&mut self, model: &Model, dir: NodeId, record: Record) {
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
        let record = Record::new(encoder.written_since(0), begin);
        self.records.insert(&self.model, dir, record);
        // All that happened to the files until now is in their stamps.
        self.model.forget_touched(dir);
    }
}
