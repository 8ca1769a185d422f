//! Checkpoints of the trees, and the first batch of an engine that goes on from one.
//!
//! The model knows which changes are not taken yet. The content of any other file is what the consumer was given, as
//! far as its events are applied: those of all changes before the moment at which the queue was last found empty. So a
//! file that has a later time stamp, or one within the same tick of the clock, is reported again.

use std::collections::HashMap;

use crate::checkpoint::{Checkpoint, Encoder, Entry, RootPaths, Settings};
use crate::error::Error;
use crate::model::{KnownRoot, Model, NodeId, Present, Snapshot, Stated};
use crate::paths::{part_below, push};
use crate::stamp::Stamp;
use crate::system::{Stat, System};
use crate::tick::Tick;

use super::dir_cache::DirCache;
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

    /// Ignores a file at an absolute path, if it is in a tree. It is found by the real path of its directory.
    pub fn exclude_file(&mut self, path: &[u8]) {
        let slash = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        let (dir, name) = path.split_at(slash);
        let real = |path: &[u8]| self.system.real_path(path).unwrap_or_else(|_| path.to_vec());
        let mut path = real(if dir.is_empty() { b"/" } else { dir });
        push(&mut path, name.strip_prefix(b"/").unwrap_or(name));
        let relative: Vec<(NodeId, Vec<u8>)> = self
            .paths
            .iter()
            .filter_map(|(root, absolute)| {
                let below = part_below(&path, &real(absolute))?;
                Some((*root, below.strip_prefix(b"/").unwrap_or(below).to_vec()))
            })
            .filter(|(_, below)| !below.is_empty())
            .collect();
        for (root, path) in relative {
            self.model.exclude_file(root, path);
        }
    }

    /// A checkpoint of the last batch that was taken. Call it after [`process`](Self::process). `None`: `proceed` says no.
    ///
    /// # Errors
    /// When the queue can't be read.
    pub fn checkpoint(&mut self, proceed: Proceed<'_>) -> Result<Option<Vec<u8>>, Error> {
        if self.model.has_pending() {
            self.finish_pending(proceed)?;
        }
        let settings = self.settings();
        let roots = self.sorted_roots();
        let stats = self.stats();
        let polled = self.polled_since();
        let touched = self.model.take_touched();
        let mut kept = std::mem::take(&mut self.settled);
        kept.retain(|dir, _| touched.as_ref().is_some_and(|touched| !touched.contains(dir)));
        let Self { system, model, dirs, queue, settled, .. } = self;
        let known = polled.into_iter().chain([queue.unknown_since().tick]).fold(system.tick(), Tick::min);
        let mut count = 0;
        let mut go_on = || {
            count += 1;
            if count % DIRS != 0 {
                return Ok(true);
            }
            queue.drain(system)?;
            Ok(proceed(&stats))
        };
        let snapshot = model.snapshot();
        let mut scribe = Scribe { system, model, dirs, known, kept, settled, encoder: Encoder::new(&settings) };
        for (root, _) in roots {
            if !scribe.root(&snapshot, root, &mut go_on)? {
                return Ok(None);
            }
        }
        Ok(Some(scribe.encoder.finish()))
    }

    /// Ends the first scan as [`begin`](Self::begin) does, and makes what differs from a checkpoint of the same
    /// [`settings`](Self::settings) the first changes.
    ///
    /// # Errors
    /// When the queue can't be read.
    pub fn begin_since(&mut self, checkpoint: &Checkpoint, proceed: Proceed<'_>) -> Result<(), Error> {
        self.begin(proceed)?;
        let stamps = self.model.directories().into_iter().filter_map(|dir| {
            let stat = self.dirs.stat_dir(&self.system, &self.model, dir)?;
            Some((dir, stamp(stat)))
        });
        let stamps: HashMap<NodeId, Stamp> = stamps.collect();
        let mut comparison = self.model.compare(checkpoint, &stamps);
        if comparison.has_unseen() {
            self.overflows.add_unseen();
        }
        let mut count = 0;
        while let Some((dir, names)) = comparison.next_dir(&self.model) {
            let stats = self.dirs.stat_files(&self.system, &self.model, dir, names.iter().map(|name| &**name));
            let stated: Vec<Stated> = stats.into_iter().map(|stat| stat.map(stamp)).collect();
            comparison.apply(dir, &stated);
            count += 1;
            if count % DIRS == 0 {
                self.queue.drain(&self.system)?;
                if !proceed(&self.stats()) {
                    return Ok(());
                }
            }
        }
        let places = comparison.unidentified();
        let mut found = HashMap::new();
        for places in places.chunk_by(|one, other| one.0 == other.0) {
            let Some((dir, _)) = places.first() else { continue };
            let names = places.iter().map(|(_, name)| &**name);
            let stats = self.dirs.stat_files(&self.system, &self.model, *dir, names);
            let stated = places.iter().cloned().zip(stats).filter_map(|(place, stat)| Some((place, stamp(stat?))));
            found.extend(stated);
        }
        comparison.identify(&found);
        self.model.begin_with(comparison);
        Ok(())
    }
}

/// Writes a checkpoint.
struct Scribe<'e, S: System> {
    system: &'e S,
    model: &'e Model,
    dirs: &'e mut DirCache<S::File>,
    /// All changes before it are applied.
    known: Tick,
    /// The bytes of the files of directories in which nothing happened since the last checkpoint.
    kept: HashMap<NodeId, Vec<u8>>,
    /// The same for the next checkpoint.
    settled: &'e mut HashMap<NodeId, Vec<u8>>,
    encoder: Encoder,
}

impl<S: System> Scribe<'_, S> {
    /// Writes a root, as long as `go_on` says so before each directory. Returns whether it did.
    fn root(
        &mut self,
        snapshot: &Snapshot<'_>,
        root: NodeId,
        go_on: &mut dyn FnMut() -> Result<bool, Error>,
    ) -> Result<bool, Error> {
        match snapshot.root(root) {
            KnownRoot::Nothing => self.encoder.root_nothing(),
            KnownRoot::File(file) => {
                let entry = self.entries(&[file]).pop().flatten();
                self.encoder.root_file(entry.as_ref());
            }
            KnownRoot::Dir => {
                let mut open = vec![(0, [].as_slice(), root)];
                while let Some((depth, name, dir)) = open.pop() {
                    if !go_on()? {
                        return Ok(false);
                    }
                    self.dir(depth, name, dir, snapshot);
                    open.extend(snapshot.dirs(dir).into_iter().rev().map(|(name, dir)| (depth + 1, name, dir)));
                }
                self.encoder.end_root();
            }
        }
        Ok(true)
    }

    fn dir(&mut self, depth: usize, name: &[u8], dir: NodeId, snapshot: &Snapshot<'_>) {
        let stat = self.dirs.stat_dir(self.system, self.model, dir);
        let entry = stat.map(|stat| Entry { stamp: stamp(stat), settled: false });
        match depth {
            0 => self.encoder.root_dir(entry.as_ref()),
            _ => self.encoder.dir(depth, name, entry.as_ref()),
        }
        if let Some(bytes) = self.kept.remove(&dir).filter(|_| self.model.is_covered(dir)) {
            self.encoder.add_files(&bytes);
            self.settled.insert(dir, bytes);
            return;
        }
        let files = snapshot.files_in(dir);
        let present: Vec<Present<'_>> = files.iter().map(|(_, file)| *file).collect();
        let found = self.entries(&present);
        let bytes = self.encoder.files(files.iter().map(|(name, _)| *name).zip(found.iter().map(Option::as_ref)));
        // The time of a followed link's target may have changed without an event in this directory.
        let known = !self.dirs.follows_links && found.iter().flatten().filter(|it| it.settled).count() == found.len();
        if known && snapshot.is_settled(dir) {
            self.settled.insert(dir, bytes.to_vec());
        }
    }

    /// What is known of the files that the consumer knows in one directory.
    fn entries(&mut self, files: &[Present<'_>]) -> Vec<Option<Entry>> {
        let mut found = vec![None; files.len()];
        let mut index = 0;
        // Nearly all of them are still in one directory.
        for of_dir in files.chunk_by(|one, other| one.place.map(|it| it.0) == other.place.map(|it| it.0)) {
            let begin = index;
            index += of_dir.len();
            let Some((dir, _)) = of_dir.first().and_then(|file| file.place) else { continue };
            if !self.model.is_covered(dir) {
                continue;
            }
            let names = of_dir.iter().filter_map(|file| file.place).map(|(_, name)| name);
            let stats = self.dirs.stat_files(self.system, self.model, dir, names);
            // However the clock was set since.
            let now = self.system.moment();
            for ((entry, file), stat) in found.iter_mut().skip(begin).zip(of_dir).zip(stats) {
                *entry = stat.map(|stat| Entry {
                    settled: file.settled && !self.known.may_precede(stat.changed, now),
                    stamp: stamp(stat),
                });
            }
        }
        found
    }
}

/// A file that has several names is not known by its inode: it may have left one of them and not be renamed.
fn stamp(stat: Stat) -> Stamp {
    let has_names = stat.names > 1 && stat.format != libc::S_IFDIR;
    let stat = if has_names { Stat { born: None, ..stat } } else { stat };
    Stamp::from(stat).without_device()
}
