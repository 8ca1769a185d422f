//! `Coalescing` before made-up reads.

use std::time::{Duration, Instant};

use inotify_core::coalesce::Coalescing;

const CAPACITY: usize = 4096;

/// One reader, and the time by its clock.
struct Reader {
    coalescing: Coalescing,
    now: Instant,
}

impl Reader {
    fn new() -> Self {
        Self { coalescing: Coalescing::default(), now: Instant::now() }
    }

    /// Reads `length` bytes after `microseconds` and the pause. Returns the pause in microseconds.
    fn read(&mut self, microseconds: u64, length: usize) -> u128 {
        self.now += Duration::from_micros(microseconds);
        let pause = self.coalescing.pause(self.now);
        self.now += pause;
        self.coalescing.note(self.now, length, CAPACITY);
        pause.as_micros()
    }

    /// A reader in a row of reads that has just begun to pause.
    fn coalescing() -> Self {
        let mut reader = Self::new();
        (0..5).for_each(|_| assert_eq!(reader.read(100, 32), 0));
        assert_eq!(reader.read(100, 2000), 900);
        reader
    }
}

#[test]
fn a_lone_event_is_not_kept_waiting() {
    let mut reader = Reader::new();
    (0..100).for_each(|_| assert_eq!(reader.read(1_001, 32), 0));
}

#[test]
fn the_first_events_of_a_burst_are_not_kept_waiting() {
    let mut reader = Reader::new();
    let pauses: Vec<_> = (0..6).map(|_| reader.read(100, 32)).collect();
    assert_eq!(pauses, [0, 0, 0, 0, 0, 900]);
}

#[test]
fn reads_that_find_nothing_between_those_that_do_change_nothing() {
    let mut reader = Reader::new();
    let pauses: Vec<_> = (0..12).map(|read| reader.read(50, if read % 2 == 0 { 32 } else { 0 })).collect();
    assert_eq!(pauses[..9], [0; 9]);
    assert_eq!(pauses[9], 950);
}

#[test]
fn events_gather_as_long_as_they_keep_coming() {
    let mut reader = Reader::coalescing();
    (0..100).for_each(|_| assert_eq!(reader.read(10, 2000), 990));
}

#[test]
fn nothing_waits_after_a_read_that_came_back_well_filled() {
    let mut reader = Reader::coalescing();
    reader.read(10, 4000);
    assert_eq!(reader.read(10, 2000), 0);
    assert_eq!(reader.read(10, 2000), 990);
}

#[test]
fn a_reader_that_takes_its_time_is_not_kept_waiting() {
    let mut reader = Reader::coalescing();
    assert_eq!(reader.read(1_000, 2000), 0);
}

#[test]
fn one_pause_that_brought_nothing_is_the_last() {
    let mut reader = Reader::coalescing();
    assert_eq!(reader.read(10, 0), 990);
    assert_eq!(reader.read(10, 32), 0);
}

#[test]
fn question_and_answer_are_not_slowed_down_to_one_a_pause() {
    let mut reader = Reader::coalescing();
    let pauses: Vec<_> = (0..12).map(|_| reader.read(100, 96)).collect();
    assert_eq!(pauses, [900, 0, 0, 0, 0, 900, 0, 0, 0, 0, 900, 0]);
}
