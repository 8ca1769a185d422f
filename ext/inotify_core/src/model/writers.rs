//! Files that are complete: written and closed. They are only reported to a consumer that asked for it.
//!
//! An event says that a file was closed after it was opened for writing. Files that a scan found, or that a rename or a
//! hard link brought, have none: whether somebody has them open for writing is examined when the batch is due. A writer
//! that is found then closes the file later, which is an event. If the writers of a file cannot be examined, it is taken
//! as complete, unless events report its writes: a file that is reported too early is reported again when it is closed.

use std::mem;
use std::time::Duration;

use hashbrown::{HashMap, HashSet};

use crate::tick::Tick;

use super::store::{NodeId, Place, WriteState};
use super::watch_map::is_polled;
use super::{Effect, Model};

/// A file that is not complete is examined again after so long, and then after twice as long each time: it may have been
/// opened by a name that is gone, and then no event reports its close.
const AGAIN: Duration = Duration::from_millis(500);

/// The longest time until that.
const LONGEST: Duration = Duration::from_secs(64);

/// The writers of a file, as they were examined.
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
    /// Whether complete files are reported. If not, there are none of these.
    reported: bool,
    /// Files that could not be examined: a rename that is still queued may have moved them.
    missing: HashSet<Place>,
    /// Files that are examined again: after a scan in polled directories, else after [`AGAIN`].
    waiting: HashMap<Place, Wait>,
}

impl Unclosed {
    pub(super) fn are_reported(&self) -> bool {
        self.reported
    }

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
        self.unclosed.reported = true;
    }

    /// A file changed. `found`: a scan found that, not an event.
    pub(super) fn file_modified(&mut self, place: &Place, found: bool) {
        self.set_write_state(place, if found { WriteState::Unknown } else { WriteState::Modified });
        self.pending.file_modified(place, found);
    }

    /// Notes whether somebody writes a file.
    pub(super) fn set_write_state(&mut self, place: &Place, writing: WriteState) {
        if self.unclosed.reported {
            self.unclosed.waiting.remove(place);
            self.store.set_write_state(place.0, &place.1, writing);
        }
    }

    /// Whether somebody writes a file, if closed files are reported.
    pub(super) fn write_state(&self, place: &Place) -> Option<WriteState> {
        if self.unclosed.reported { self.store.write_state(place.0, &place.1) } else { None }
    }

    /// Whether it is still to be reported that a file is complete.
    pub(super) fn is_incomplete(&self, dir: NodeId, name: &[u8]) -> bool {
        self.unclosed.reported
            && (self.store.write_state(dir, name).is_some_and(WriteState::is_being_written)
                || self.unclosed.places().any(|place| place.0 == dir && *place.1 == *name))
    }

    /// The same for any file of a directory.
    pub(super) fn has_incomplete_files(&self, dir: NodeId) -> bool {
        self.unclosed.reported
            && (self.store.files(dir).any(|(_, writing)| writing.is_being_written())
                || self.unclosed.places().any(|place| place.0 == dir))
    }

    /// A writer closed a file.
    pub(super) fn writer_closed(&mut self, place: &Place) {
        if self.write_state(place).is_some_and(|writing| writing != WriteState::Closed) {
            self.set_write_state(place, WriteState::Closed);
            self.pending.file_closed(place, false);
        }
    }

    /// An overflow may have hidden that a file was closed.
    pub(super) fn may_be_closed(&mut self, place: &Place) {
        if self.write_state(place).is_some_and(WriteState::is_being_written) {
            self.set_write_state(place, WriteState::Unknown);
            self.pending.file_closed(place, true);
        }
    }

    /// The unchanged files of these directories are as they were when the consumer was given them: complete.
    pub(super) fn close_unchanged(&mut self, dirs: &[NodeId]) {
        if !self.unclosed.reported {
            return;
        }
        for dir in dirs {
            let names = self.store.files(*dir).map(|(name, _)| Box::<[u8]>::from(name));
            let unchanged: Vec<Box<[u8]>> = names.filter(|name| self.is_unchanged(*dir, name)).collect();
            unchanged.iter().for_each(|name| self.store.set_write_state(*dir, name, WriteState::Closed));
        }
    }

    fn is_unchanged(&self, dir: NodeId, name: &[u8]) -> bool {
        !self.pending.since_taken().files.contains_key(&(dir, name.into()))
    }

    /// Has the files of the next batch examined of which no event says that they are complete.
    pub(super) fn find_writers(&mut self) {
        if !self.unclosed.reported {
            return;
        }
        let mut places = mem::take(&mut self.unclosed.missing);
        places.extend(self.pending.to_be_closed(&self.store));
        let mut open: Vec<Place> = places.into_iter().filter(|place| self.is_unclosed(place)).collect();
        // Those of one directory one after the other.
        open.sort_unstable();
        open.into_iter().for_each(|(dir, name)| self.effects.add(Effect::FindWriter(dir, name)));
    }

    fn is_unclosed(&self, place: &Place) -> bool {
        self.write_state(place).is_some_and(|writing| writing != WriteState::Closed)
    }

    /// To be called before a batch is made: has its files examined soon that were found too late for that.
    pub(super) fn note_unexamined(&mut self) {
        if !self.unclosed.reported {
            return;
        }
        let mut places = self.pending.to_be_closed(&self.store);
        places.retain(|place| self.is_unclosed(place) && !self.unclosed.waiting.contains_key(place));
        self.unclosed.missing.extend(places);
    }

    /// These files are reported as closed: they are complete, even those that nobody examined.
    pub(super) fn note_closed(&mut self, reported: &HashSet<Place>) {
        for place in reported {
            if self.write_state(place) == Some(WriteState::Unknown) {
                self.set_write_state(place, WriteState::Closed);
            }
        }
    }

    /// Whether the writers of a file can be examined now. A file in a polled directory is complete if a scan also finds
    /// it as it was: those who write it may be elsewhere.
    pub(crate) fn may_find_writer(&mut self, dir: NodeId, name: &[u8], now: Tick) -> bool {
        let polled = self.store.wd(dir).is_some_and(is_polled);
        let place = (dir, Box::from(name));
        !polled || self.unclosed.waiting.entry(place).or_insert(Wait::begin(now, AGAIN)).over
    }

    /// How long it is until files are examined again, except for those in polled directories.
    pub(crate) fn writers_due(&self, now: Tick) -> Option<Duration> {
        let waiting = self.unclosed.waiting.iter().filter(|((dir, _), _)| !self.store.wd(*dir).is_some_and(is_polled));
        waiting.map(|(_, wait)| wait.since.left(wait.time, now)).min()
    }

    /// Has files examined again that were to wait. `scanned`: when the last scan of all that is polled began; `None`:
    /// nothing is polled.
    pub(crate) fn find_writers_again(&mut self, scanned: Option<Tick>, now: Tick) {
        let Self { unclosed, store, pending, effects, .. } = self;
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
        let Some(writing) = self.write_state(&place).filter(|writing| *writing != WriteState::Closed) else { return };
        let before = self.unclosed.waiting.remove(&place);
        let time = match before {
            Some(Wait { over: true, time, .. }) => Some(time),
            _ => None,
        };
        match found.any {
            Some(true) => self.set_write_state(&place, WriteState::Modified),
            Some(false) if found.is_empty && found.is_new && time.is_none() => {}
            // Whoever creates a file for writing closes it.
            None if writing.is_being_written() && !self.came_complete(&place, writing, found) => {}
            Some(false) | None => return self.complete(&place),
        }
        let time = time.map_or(AGAIN, |time| (time * 2).min(LONGEST));
        self.unclosed.waiting.insert(place, Wait::begin(now, time));
    }

    /// Whether a file came to its place as it is, and was not created there to be written.
    fn came_complete(&self, place: &Place, writing: WriteState, found: Writers) -> bool {
        writing == WriteState::Created && (found.has_names || !found.is_empty) || self.pending.is_renamed(place)
    }

    fn complete(&mut self, place: &Place) {
        self.set_write_state(place, WriteState::Closed);
        if !self.pending.closes(place, &self.store) {
            self.pending.file_closed(place, true);
        }
    }

    /// An [`Effect::FindWriter`] did not reach the file. `gone`: there is none, which an event reports. Else a rename may
    /// be queued: the effect is repeated.
    pub(crate) fn find_writer_failed(&mut self, dir: NodeId, name: &[u8], gone: bool) {
        if !gone {
            self.unclosed.missing.insert((dir, name.into()));
        }
    }
}
