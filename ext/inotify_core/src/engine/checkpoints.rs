//! Checkpoints of the trees, and the first batch of an engine that goes on from one.
//!
//! The model knows which changes are not taken yet. The content of any other file is what the consumer was given, as
//! far as its events are applied: those of all changes before the moment at which the queue was last found empty. So a
//! file that has a later time stamp, or one within the same tick of the clock, is reported again.

use hashbrown::{HashMap, HashSet};

use crate::checkpoint::{Checkpoint, Encoder, Entry, Record, RootPaths, Settings};
use crate::error::Error;
use crate::model::{Followed, KnownRoot, NodeId, Present, Snapshot, Stated};
use crate::paths::part_below;
use crate::stamp::Stamp;
use crate::system::System;
use crate::tick::Tick;

use super::queue::Queue;
use super::records::Records;
use super::stamps::Stamps;
use super::{Engine, Proceed};

/// The queue is read again after this many directories.
const DIRS: usize = 32;

impl<S: System> Engine<S> {
    /// How the trees are watched, as far as it matters for a checkpoint.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            roots: self.sorted_roots().into_iter().map(|(_, paths)| paths).collect(),
            options: self.options.clone(),
        }
    }

    /// The roots in the order of the paths as given.
    fn sorted_roots(&self) -> Vec<(NodeId, RootPaths)> {
        let roots = self.paths.iter();
        let mut roots: Vec<_> =
            roots.filter_map(|(root, absolute)| Some((*root, (self.model.path(*root)?, absolute.clone())))).collect();
        roots.sort_unstable_by(|(_, one), (_, other)| one.cmp(other));
        roots
    }

    /// Ignores a file at a real path, if it is in a tree. Reaches no file system: one may not reply.
    pub fn exclude_file(&mut self, path: &[u8]) {
        let Self { paths, resolver, elsewhere, .. } = self;
        let below = |(root, absolute): (&NodeId, &Vec<u8>)| {
            let real = resolver.real_paths(Followed::Root(*root)).last();
            let real = real.or_else(|| elsewhere.real_path(*root)).unwrap_or(absolute);
            Some((*root, part_below(path, real)?.to_vec())).filter(|(_, below)| !below.is_empty())
        };
        for (root, path) in paths.iter().filter_map(below).collect::<Vec<_>>() {
            self.model.exclude_file(root, path);
        }
    }

    /// A checkpoint of the last batch that was taken. Call it after [`process`](Self::process). `None`: `proceed` says no.
    ///
    /// # Errors
    /// When the queue can't be read.
    pub fn checkpoint(&mut self, proceed: Proceed<'_>) -> Result<Option<Vec<u8>>, Error> {
        // A path that is resolved at intervals may have another target by now.
        if self.model.has_pending() || self.model.has_polled() {
            self.finish_pending(proceed)?;
        }
        let settings = self.settings();
        let roots = self.sorted_roots();
        let stats = self.stats();
        let known = self.queue.unknown_since().tick;
        let polled_since = self.polled_since().map_or(known, |polled| polled.min(known));
        let touched = self.model.take_touched();
        let Self { system, model, dirs, queue, elsewhere, records, .. } = self;
        let mut go_on = || proceed(&stats);
        let snapshot = model.snapshot();
        let stamps = Stamps { system, model, dirs, elsewhere, polled_since };
        let before = std::mem::take(records);
        let encoder = Encoder::new(&settings);
        let mut scribe = Scribe { stamps, queue, count: 0, known, before, touched, records, encoder };
        for (root, _) in roots {
            if !scribe.root(&snapshot, root, &mut go_on)? {
                return Ok(None);
            }
        }
        Ok(Some(scribe.encoder.finish()))
    }

    /// Ends the first scan as [`begin`](Self::begin) does, and makes what differs from a checkpoint of the same
    /// [`settings`](Self::settings) the first changes. Call [`expect_checkpoint`](Self::expect_checkpoint) before the scan:
    /// that is faster.
    ///
    /// # Errors
    /// When the queue can't be read.
    pub fn begin_since(&mut self, checkpoint: &Checkpoint, proceed: Proceed<'_>) -> Result<(), Error> {
        self.begin(proceed)?;
        for dir in self.model.take_touched().unwrap_or_default() {
            self.records.drop_files(dir);
        }
        let polled_since = self.system.tick();
        let figures = self.stats();
        let Self { system, model, dirs, queue, elsewhere, records, overflows, .. } = self;
        let mut stamps = Stamps { system, model, dirs, elsewhere, polled_since };
        let stamps_of_dirs = model.directories().into_iter().filter_map(|dir| {
            let stamp = match records.get(model, dir) {
                Some(record) => record.dir()?.stamp,
                None => stamps.of_dir(dir)?,
            };
            Some((dir, stamp))
        });
        let stamps_of_dirs: HashMap<NodeId, Stamp> = stamps_of_dirs.collect();
        // Nodes of directories that are gone are used again for those that were not reached.
        elsewhere.retain(model);
        dirs.polled.retain(model);
        let mut comparison = model.compare(checkpoint, &stamps_of_dirs);
        if comparison.has_unseen() {
            overflows.add_unseen();
        }
        let mut stamps = Stamps { system, model, dirs, elsewhere, polled_since };
        let recorded = |dir| records.get(model, dir).and_then(Record::files);
        let mut stated = |dir, names: &[Box<[u8]>]| -> Vec<Stated> {
            let found = stamps.of_files(dir, names.iter().map(|name| &**name));
            found.into_iter().map(|found| found.map(|it| it.stamp)).collect()
        };
        let mut count = 0;
        while let Some((dir, names)) = comparison.next_dir(model, &recorded) {
            comparison.apply(dir, &stated(dir, &names));
            count += 1;
            if count % DIRS == 0 {
                queue.drain(system)?;
                if !proceed(&figures) {
                    return Ok(());
                }
            }
        }
        let places = comparison.unidentified();
        let mut found = HashMap::new();
        for places in places.chunk_by(|one, other| one.0 == other.0) {
            let Some((dir, _)) = places.first() else { continue };
            let names: Vec<Box<[u8]>> = places.iter().map(|(_, name)| name.clone()).collect();
            let stated = places.iter().cloned().zip(stated(*dir, &names));
            found.extend(stated.filter_map(|(place, stamp)| Some((place, stamp?))));
        }
        comparison.identify(&found);
        self.model.begin_with(comparison);
        self.records.end_first_scan();
        Ok(())
    }
}

/// Writes a checkpoint.
struct Scribe<'e, S: System> {
    stamps: Stamps<'e, S>,
    queue: &'e mut Queue,
    /// How many directories were written.
    count: usize,
    /// All changes before it are applied.
    known: Tick,
    /// What was recorded before.
    before: Records,
    /// The directories in which something happened to a file since. `None`: all.
    touched: Option<HashSet<NodeId>>,
    /// For the next checkpoint.
    records: &'e mut Records,
    encoder: Encoder,
}

impl<S: System> Scribe<'_, S> {
    /// Writes a root, as long as `go_on` says so before each directory. Returns whether it did.
    fn root(&mut self, snapshot: &Snapshot<'_>, root: NodeId, go_on: &mut dyn FnMut() -> bool) -> Result<bool, Error> {
        match snapshot.root(root) {
            KnownRoot::Nothing => self.encoder.root_nothing(),
            KnownRoot::File(file) => {
                let entry = self.entries(&[file])?.pop().flatten();
                self.encoder.root_file(entry.as_ref());
            }
            KnownRoot::Dir => {
                let mut open = vec![(0, [].as_slice(), root)];
                while let Some((depth, name, dir)) = open.pop() {
                    self.count += 1;
                    if self.count % DIRS == 0 {
                        self.queue.drain(self.stamps.system)?;
                        if !go_on() {
                            return Ok(false);
                        }
                    }
                    match depth {
                        0 => self.encoder.root_dir(),
                        _ => self.encoder.dir(depth, name),
                    }
                    self.dir(dir, snapshot)?;
                    open.extend(snapshot.dirs(dir).into_iter().rev().map(|(name, dir)| (depth + 1, name, dir)));
                }
                self.encoder.end_root();
            }
        }
        Ok(true)
    }

    fn dir(&mut self, dir: NodeId, snapshot: &Snapshot<'_>) -> Result<(), Error> {
        let model = self.stamps.model;
        let record = self.before.remove(model, dir);
        let begin = self.encoder.position();
        match &record {
            Some(record) => self.encoder.add(record.entry()),
            None => {
                self.encoder.dir_entry(self.stamps.entry_of_dir(dir).as_ref());
            }
        }
        let at_files = self.encoder.position();
        let is_covered = model.is_covered(dir);
        let is_settled = is_covered && snapshot.is_settled(dir);
        let untouched = is_settled && self.touched.as_ref().is_some_and(|touched| !touched.contains(&dir));
        if let Some((record, files)) = record.as_ref().filter(|_| untouched).and_then(|it| Some((it, it.files()?))) {
            self.encoder.add(files);
            self.records.insert(model, dir, record.clone());
            return Ok(());
        }
        let files = snapshot.files_in(dir);
        let present: Vec<Present<'_>> = files.iter().map(|(_, file)| *file).collect();
        let found = self.entries(&present)?;
        self.encoder.files(files.iter().map(|(name, _)| *name).zip(found.iter().map(Option::as_ref)));
        // The time of a followed link's target may have changed without an event in this directory.
        let known = is_settled && !self.stamps.dirs.follows_links;
        let end = if known && found.iter().all(|it| it.is_some_and(|it| it.settled)) { None } else { Some(at_files) };
        let written = self.encoder.written_since(begin);
        let written = end.and_then(|end| written.get(..end - begin)).unwrap_or(written);
        self.records.insert(model, dir, Record::new(written, at_files - begin));
        Ok(())
    }

    /// What is known of the files that the consumer knows in one directory.
    fn entries(&mut self, files: &[Present<'_>]) -> Result<Vec<Option<Entry>>, Error> {
        let mut found = vec![None; files.len()];
        let mut index = 0;
        // Nearly all of them are still in one directory.
        for of_dir in files.chunk_by(|one, other| one.place.map(|it| it.0) == other.place.map(|it| it.0)) {
            let begin = index;
            index += of_dir.len();
            let Some((dir, _)) = of_dir.first().and_then(|file| file.place) else { continue };
            if !self.stamps.model.is_known(dir) {
                continue;
            }
            let names = of_dir.iter().filter_map(|file| file.place).map(|(_, name)| name);
            let stamps = self.stamps.of_files(dir, names);
            // However the clock was set since.
            let now = self.stamps.system.moment();
            let links_settled = self.are_links_settled(of_dir)?;
            for ((entry, file), found) in found.iter_mut().skip(begin).zip(of_dir).zip(stamps) {
                let settled = file.settled && (links_settled || !self.is_followed(file));
                let unread = file.place.is_some_and(|(dir, name)| self.stamps.may_be_unread(dir, name));
                *entry = found.map(|found| Entry {
                    // Another name of the same file may be at the path that it left, by which it was changed unseen.
                    settled: settled
                        && !found.may_change(self.known, now)
                        && !(file.moved && found.stamp.born.is_none()),
                    unread,
                    stamp: found.stamp,
                });
            }
        }
        Ok(found)
    }

    /// Whether those of the files that are followed links led to the same files all the time since the events that are
    /// applied: a link that leads elsewhere has the times of its new target, which may be old.
    fn are_links_settled(&mut self, files: &[Present<'_>]) -> Result<bool, Error> {
        if files.iter().any(|file| self.is_followed(file)) {
            self.queue.drain(self.stamps.system)?;
        }
        Ok(self.queue.is_empty())
    }

    fn is_followed(&self, file: &Present<'_>) -> bool {
        let Stamps { model, dirs, .. } = &self.stamps;
        let is_link = |dir, name| dirs.follows_links && model.link_at(dir, name).is_some();
        // A link may lead to a root that is a file.
        file.place.is_some_and(|(dir, name)| name.is_empty() || is_link(dir, name))
    }
}
