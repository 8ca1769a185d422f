use std::os::fd::AsRawFd;

use inotify_core::tree_marks::{TreeMark, TreeMarks};
use inotify_core::{EventBuffer, InitFlags, inotify};

/// The mark that is read next.
fn next(marks: &TreeMarks, fd: &impl AsRawFd) -> Option<TreeMark> {
    let mut buffer = EventBuffer::new();
    assert!(buffer.fill(fd.as_raw_fd()).unwrap(), "there is a mark");
    let record = buffer.peek_record().unwrap().unwrap();
    let mark = marks.take(record.wd);
    assert_eq!(buffer.pending_records().count(), 1, "there is one mark");
    mark
}

#[test]
fn there_is_one_mark_until_it_is_taken_and_then_one_for_later_news() {
    let fd = inotify::init(InitFlags::NONBLOCK).unwrap();
    let marks = TreeMarks::start(fd.as_raw_fd()).unwrap();
    let wake = marks.waker();
    (0..3).for_each(|_| wake());
    assert!(next(&marks, &fd).is_some());
    assert!(next(&marks, &fd).is_some());
    assert_eq!(marks.take(-1), None);
    wake();
    assert!(next(&marks, &fd).is_some());
}

#[test]
fn a_mark_that_an_overflow_swallowed_is_put_again() {
    let fd = inotify::init(InitFlags::NONBLOCK).unwrap();
    let marks = TreeMarks::start(fd.as_raw_fd()).unwrap();
    marks.waker()();
    let mut buffer = EventBuffer::new();
    assert!(buffer.fill(fd.as_raw_fd()).unwrap());
    marks.lose();
    assert!(next(&marks, &fd).is_some());
}

#[test]
fn whoever_wakes_after_the_end_does_nothing() {
    let fd = inotify::init(InitFlags::NONBLOCK).unwrap();
    let marks = TreeMarks::start(fd.as_raw_fd()).unwrap();
    let wake = marks.waker();
    drop(marks);
    let mut buffer = EventBuffer::new();
    // Something may have been mounted before.
    buffer.fill(fd.as_raw_fd()).unwrap();
    wake();
    assert!(!inotify::is_readable(fd.as_raw_fd()).unwrap());
}
