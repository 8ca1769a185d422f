//! Files that were closed after being opened for writing: which of them changed, and which files are complete.
//!
//! A close without a write causes the same event as one after writes through a memory map. The times of the file
//! distinguish them: a file that did not change since it was reported is not reported again.
//!
//! Complete files are only reported to a consumer that asked for it. An event says that a file was closed after it was
//! opened for writing. Files that a scan found, or that a rename or a hard link brought, have none: whether somebody has
//! them open for writing is examined when the batch is due. A writer that is found then closes the file later, which is
//! an event. What cannot be found out is taken as complete, except for a file whose writes are reported by events: a file
//! that is reported too early is reported again when it is closed.

use std::hash::BuildHasher;
use std::mem;
use std::time::Duration;

use hashbrown::{DefaultHashBuilder, HashMap, HashSet};

use crate::tick::Tick;

use super::store::{Child, NodeId, Place, Writing};
use super::watch_map::is_polled;
use super::{Effect, Model};

/// How many report times are remembered, twice. The oldest are forgotten: a close of such a file is a change if the
/// file changed since its root was read.
const MOST: usize = 1 << 15;

/// What was reported of files, and closes that are not examined.
#[derive(Debug, Default)]
pub(super) struct Closes {
    /// By root: when the first scan ended, or when the consumer read everything below it.
    read: HashMap<NodeId, Tick>,
    /// When files were reported, by the hash of the place.
    last: HashMap<u64, Tick>,
    before: HashMap<u64, Tick>,
    hasher: DefaultHashBuilder,
    /// Closed files that are not examined yet.
    open: HashSet<Place>,
    /// Those of them that were not found: a rename that is still queued may have moved them.
    missing: HashSet<Place>,
}

/// What is known of the closes of a file that is being moved.
#[derive(Debug)]
pub(super) struct TakenClose {
    /// Whether it was closed, and is not examined since.
    is_open: bool,
    /// When it was reported last.
    reported: Option<Tick>,
}

impl Closes {
    fn add(&mut self, place: &Place, tick: Tick) {
        if self.last.len() >= MOST {
            self.before = mem::take(&mut self.last);
        }
        self.last.insert(self.hasher.hash_one(place), tick);
    }

    /// Takes the close of a file that is examined or leaves its place. Returns whether there was one.
    fn take_open(&mut self, place: &Place) -> bool {
        self.missing.remove(place);
        self.open.remove(place)
    }

    /// Takes what is known of a file that leaves its place.
    pub(super) fn take(&mut self, place: &Place) -> TakenClose {
        let hash = self.hasher.hash_one(place);
        let (last, before) = (self.last.remove(&hash), self.before.remove(&hash));
        TakenClose { is_open: self.take_open(place), reported: last.or(before) }
    }

    /// When a file was reported that came to this place: what was reported here was another.
    fn put_reported(&mut self, place: &Place, reported: Option<Tick>) {
        self.take(place);
        if let Some(tick) = reported {
            self.add(place, tick);
        }
    }

    /// Whether closed files wait for renames.
    pub(super) fn has_missing(&self) -> bool {
        !self.missing.is_empty()
    }

    pub(super) fn read(&mut self, root: NodeId, tick: Tick) {
        self.read.insert(root, tick);
    }

    pub(super) fn forget(&mut self, root: NodeId) {
        self.read.remove(&root);
    }

    fn find(&self, place: &Place, root: NodeId) -> Option<Tick> {
        let hash = self.hasher.hash_one(place);
        let reported = self.last.get(&hash).or_else(|| self.before.get(&hash));
        reported.into_iter().chain(self.read.get(&root)).max().copied()
    }
}

impl Model {
    /// The first scan ended by this moment.
    pub(crate) fn set_start(&mut self, tick: Tick) {
        self.roots.nodes().into_iter().for_each(|root| self.closes.read(root, tick));
    }

    /// The batch that was made or merged last is delivered at this moment, or later.
    pub(crate) fn delivered_at(&mut self, tick: Tick) {
        for place in self.delivered.last() {
            self.closes.add(place, tick);
        }
    }

    /// The moment since which a change of a file is not reported. `None`: it is not known.
    pub(crate) fn last_reported(&self, dir: NodeId, name: &[u8]) -> Option<Tick> {
        self.closes.find(&(dir, Box::from(name)), self.store.top(dir))
    }

    /// A file that was opened for writing was closed.
    pub(super) fn closed(&mut self, place: Place) {
        self.writer_closed(&place);
        match self.store.find(place.0, &place.1) {
            // It is reported in any case.
            Some(Child::File) if self.pending.reports(&place) => self.pending.file_modified(&place, false),
            Some(Child::File) => {
                self.closes.open.insert(place.clone());
                self.effects.add(Effect::StatClosed(place.0, place.1));
            }
            Some(Child::Dir(_)) => {}
            None => self.check(place, false),
        }
    }

    /// Puts what was taken to the new place of the file.
    pub(super) fn put_close(&mut self, place: &Place, taken: &TakenClose) {
        self.closes.put_reported(place, taken.reported);
        if taken.is_open {
            self.closed(place.clone());
        }
    }

    /// Applies the result of [`Effect::StatClosed`]: whether the file changed since it was
    /// [`last_reported`](Self::last_reported), or may have.
    pub(crate) fn apply_closed(&mut self, dir: NodeId, name: &[u8], changed: bool) {
        let place = (dir, Box::from(name));
        self.closes.take_open(&place);
        if changed && self.store.is_file(dir, name) {
            self.pending.file_modified(&place, false);
        }
    }
    /// An [`Effect::StatClosed`] did not find the file. A rename of it, or of a directory above it, may be queued: the
    /// effect is repeated once when no event is queued. A file that is not found then is modified.
    pub(crate) fn stat_closed_failed(&mut self, dir: NodeId, name: &[u8]) {
        let place = (dir, Box::from(name));
        if self.closes.missing.contains(&place) {
            self.apply_closed(dir, name, true);
        } else if self.closes.open.contains(&place) {
            self.closes.missing.insert(place);
        }
    }

    /// Examines the closed files again that were not found.
    pub(super) fn retry_closes(&mut self) {
        for (dir, name) in self.closes.missing.clone() {
            self.effects.add(Effect::StatClosed(dir, name));
        }
    }
}

/// A file that is not complete is examined again after so long, and then after twice as long each time: it may have been
/// opened by a name that is gone, and then no event reports its close.
const AGAIN: Duration = Duration::from_millis(500);

/// The longest time until that.
const LONGEST: Duration = Duration::from_secs(64);

/// What was found about the writers of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Writers {
    /// Whether somebody has it open for writing. `None`: that cannot be found out.
    pub(crate) any: Option<bool>,
    /// Whether it is empty.
    pub(crate) is_empty: bool,
    /// Whether it is so new that its first writer may be about to open it.
    pub(crate) is_new: bool,
    /// Whether it has other names.
    pub(crate) has_names: bool,
}

/// A file that is examined again.
#[derive(Clone, Copy, Debug)]
struct Wait {
    since: Tick,
    time: Duration,
    over: bool,
}

impl Wait {
    fn begin(since: Tick, time: Duration) -> Self {
        Self { since, time, over: false }
    }
}

/// Files that are not complete, as far as they are examined again.
#[derive(Debug, Default)]
pub(super) struct Unclosed {
    /// Files that could not be examined: a rename that is still queued may have moved them.
    missing: HashSet<Place>,
    /// Files that are examined again: after a scan in polled directories, else after [`AGAIN`].
    waiting: HashMap<Place, Wait>,
}

impl Unclosed {
    pub(super) fn has_missing(&self) -> bool {
        !self.missing.is_empty()
    }

    /// Files that are examined again.
    fn places(&self) -> impl Iterator<Item = &Place> {
        self.missing.iter().chain(self.waiting.keys())
    }
}

impl Model {
    /// Reports closed files.
    pub(crate) fn report_closed(&mut self) {
        self.unclosed = Some(Unclosed::default());
    }

    /// A file changed. `found`: a scan found that, not an event.
    pub(super) fn file_modified(&mut self, place: &Place, found: bool) {
        self.set_writing(place, if found { Writing::Unknown } else { Writing::Modified });
        self.pending.file_modified(place, found);
    }

    /// Notes what is known of who writes a file.
    pub(super) fn set_writing(&mut self, place: &Place, writing: Writing) {
        if let Some(unclosed) = &mut self.unclosed {
            unclosed.waiting.remove(place);
            self.store.set_writing(place.0, &place.1, writing);
        }
    }

    /// What is known of who writes a file, if closed files are reported.
    pub(super) fn writing(&self, place: &Place) -> Option<Writing> {
        self.unclosed.as_ref().and_then(|_| self.store.writing(place.0, &place.1))
    }

    /// Whether it is still to be reported that a file is complete.
    pub(super) fn is_open(&self, dir: NodeId, name: &[u8]) -> bool {
        let Some(unclosed) = &self.unclosed else { return false };
        self.store.writing(dir, name).is_some_and(Writing::is_open)
            || unclosed.places().any(|place| place.0 == dir && *place.1 == *name)
    }

    /// The same for any file of a directory.
    pub(super) fn has_open_files(&self, dir: NodeId) -> bool {
        let Some(unclosed) = &self.unclosed else { return false };
        self.store.files(dir).any(|(_, writing)| writing.is_open()) || unclosed.places().any(|place| place.0 == dir)
    }

    /// A writer closed a file.
    fn writer_closed(&mut self, place: &Place) {
        if self.writing(place).is_some_and(|writing| writing != Writing::Closed) {
            self.set_writing(place, Writing::Closed);
            self.pending.file_closed(place, false);
        }
    }

    /// An overflow may have hidden that a file was closed.
    pub(super) fn may_be_closed(&mut self, place: &Place) {
        if self.writing(place).is_some_and(Writing::is_open) {
            self.set_writing(place, Writing::Unknown);
            self.pending.file_closed(place, true);
        }
    }

    /// The unchanged files of these directories are as they were when the consumer was given them: complete.
    pub(super) fn close_unchanged(&mut self, dirs: &[NodeId]) {
        if self.unclosed.is_none() {
            return;
        }
        for dir in dirs {
            let names = self.store.files(*dir).map(|(name, _)| Box::<[u8]>::from(name));
            let unchanged: Vec<Box<[u8]>> = names.filter(|name| self.is_settled(*dir, name)).collect();
            unchanged.iter().for_each(|name| self.store.set_writing(*dir, name, Writing::Closed));
        }
    }

    fn is_settled(&self, dir: NodeId, name: &[u8]) -> bool {
        !self.pending.since_taken().files.contains_key(&(dir, name.into()))
    }

    /// Has the files of the next batch examined of which no event says that they are complete.
    pub(super) fn find_writers(&mut self) {
        let Some(unclosed) = &mut self.unclosed else { return };
        let mut places = std::mem::take(&mut unclosed.missing);
        places.extend(self.pending.to_be_closed(&self.store));
        let mut open: Vec<Place> = places.into_iter().filter(|place| self.is_unclosed(place)).collect();
        // Those of one directory one after the other.
        open.sort_unstable();
        open.into_iter().for_each(|(dir, name)| self.effects.add(Effect::FindWriter(dir, name)));
    }

    fn is_unclosed(&self, place: &Place) -> bool {
        self.writing(place).is_some_and(|writing| writing != Writing::Closed)
    }

    /// To be called before a batch is made: has its files examined soon that were found too late for that.
    pub(super) fn note_unexamined(&mut self) {
        let Some(unclosed) = &self.unclosed else { return };
        let mut places = self.pending.to_be_closed(&self.store);
        places.retain(|place| self.is_unclosed(place) && !unclosed.waiting.contains_key(place));
        if let Some(unclosed) = &mut self.unclosed {
            unclosed.missing.extend(places);
        }
    }

    /// These files are reported as closed: they are complete, even those that nobody examined.
    pub(super) fn note_closed(&mut self, reported: &HashSet<Place>) {
        for place in reported {
            if self.writing(place) == Some(Writing::Unknown) {
                self.set_writing(place, Writing::Closed);
            }
        }
    }

    /// Whether the writers of a file can be examined now. A file in a polled directory is complete if a scan also finds
    /// it as it was: those who write it may be elsewhere.
    pub(crate) fn may_find_writer(&mut self, dir: NodeId, name: &[u8], now: Tick) -> bool {
        let polled = self.store.wd(dir).is_some_and(is_polled);
        let place = (dir, Box::from(name));
        let Some(unclosed) = self.unclosed.as_mut().filter(|_| polled) else { return true };
        unclosed.waiting.entry(place).or_insert(Wait::begin(now, AGAIN)).over
    }

    /// How long it is until files are examined again, except for those in polled directories.
    pub(crate) fn writers_due(&self, now: Tick) -> Option<Duration> {
        let waiting = self.unclosed.iter().flat_map(|unclosed| &unclosed.waiting);
        let waiting = waiting.filter(|((dir, _), _)| !self.store.wd(*dir).is_some_and(is_polled));
        waiting.map(|(_, wait)| wait.since.left(wait.time, now)).min()
    }

    /// Has files examined again that were to wait. `scanned`: when the last scan of all that is polled began; `None`:
    /// nothing is polled.
    pub(crate) fn find_writers_again(&mut self, scanned: Option<Tick>, now: Tick) {
        let Self { unclosed: Some(unclosed), store, pending, effects, .. } = self else { return };
        unclosed.waiting.retain(|(dir, name), _| store.is_file(*dir, name));
        for (place, wait) in &mut unclosed.waiting {
            wait.over |= match store.wd(place.0) {
                Some(wd) if is_polled(wd) => {
                    scanned.is_none_or(|scanned| scanned > wait.since) && !pending.reports(place)
                }
                _ => wait.since.left(wait.time, now).is_zero(),
            };
            if wait.over {
                effects.add(Effect::FindWriter(place.0, place.1.clone()));
            }
        }
    }

    /// Applies the result of [`Effect::FindWriter`].
    pub(crate) fn apply_writers(&mut self, dir: NodeId, name: &[u8], found: Writers, now: Tick) {
        let place = (dir, Box::from(name));
        let Some(writing) = self.writing(&place).filter(|writing| *writing != Writing::Closed) else { return };
        let before = self.unclosed.as_mut().and_then(|unclosed| unclosed.waiting.remove(&place));
        let time = match before {
            Some(Wait { over: true, time, .. }) => Some(time),
            _ => None,
        };
        match found.any {
            Some(true) => self.set_writing(&place, Writing::Modified),
            Some(false) if found.is_empty && found.is_new && time.is_none() => {}
            // Whoever creates a file for writing closes it.
            None if writing.is_open() && !self.came_complete(&place, writing, found) => {}
            Some(false) | None => return self.complete(&place),
        }
        if let Some(unclosed) = &mut self.unclosed {
            let time = time.map_or(AGAIN, |time| (time * 2).min(LONGEST));
            unclosed.waiting.insert(place, Wait::begin(now, time));
        }
    }

    /// Whether a file came to its place as it is, and was not created there to be written.
    fn came_complete(&self, place: &Place, writing: Writing, found: Writers) -> bool {
        writing == Writing::Created && (found.has_names || !found.is_empty) || self.pending.is_renamed(place)
    }

    fn complete(&mut self, place: &Place) {
        self.set_writing(place, Writing::Closed);
        if !self.pending.closes(place, &self.store) {
            self.pending.file_closed(place, true);
        }
    }

    /// An [`Effect::FindWriter`] did not reach the file. `gone`: there is none, which an event reports. Else a rename may
    /// be queued: the effect is repeated.
    pub(crate) fn find_writer_failed(&mut self, dir: NodeId, name: &[u8], gone: bool) {
        if let Some(unclosed) = self.unclosed.as_mut().filter(|_| !gone) {
            unclosed.missing.insert((dir, name.into()));
        }
    }
}
