//! `EventBuffer` before the real kernel.

use std::fs;
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use crate::support::{Directory, Instance, all_events, close, rest_of};
use inotify_core::{EventBuffer, InitFlags, Mask, inotify};

fn names(events: &[crate::support::Owned]) -> Vec<String> {
    events.iter().map(|event| String::from_utf8(event.name.clone()).unwrap()).collect()
}

#[test]
fn it_returns_the_events_of_a_directory() {
    let dir = Directory::new();
    let instance = Instance::new(InitFlags::empty());
    let wd = instance.watch(dir.path(), Mask::CREATE | Mask::MOVED_FROM | Mask::MOVED_TO | Mask::DELETE);
    fs::rename(dir.touch("old"), dir.join("new")).unwrap();
    fs::create_dir(dir.join("sub")).unwrap();

    let events = all_events(instance.0);
    let masks: Vec<_> = events.iter().map(|event| event.mask).collect();
    assert_eq!(masks, [Mask::CREATE, Mask::MOVED_FROM, Mask::MOVED_TO, Mask::CREATE | Mask::ISDIR]);
    assert_eq!(names(&events), ["old", "old", "new", "sub"]);
    assert!(events.iter().all(|event| event.wd == wd && event.len == 16));
    assert_ne!(events[1].cookie, 0);
    assert_eq!(events[1].cookie, events[2].cookie);
}

#[test]
fn it_does_not_wait_where_nothing_happens() {
    for flags in [InitFlags::empty(), InitFlags::NONBLOCK] {
        let instance = Instance::new(flags);
        let mut buffer = EventBuffer::new();
        assert!(!buffer.fill(instance.0).unwrap());
        assert_eq!(buffer.peek_record(), Ok(None));
    }
}

#[test]
fn it_grows_once_and_loses_nothing() {
    let dir = Directory::new();
    let instance = Instance::watching(dir.path(), Mask::CREATE);
    let written: Vec<_> = (0..3000).map(|number| format!("{number:0100}")).collect();
    written.iter().for_each(|name| drop(dir.touch(name)));

    let mut buffer = EventBuffer::new();
    let mut capacities = vec![buffer.capacity()];
    let mut read = Vec::new();
    while buffer.fill(instance.0).unwrap() {
        capacities.push(buffer.capacity());
        read.extend(names(&rest_of(&mut buffer)));
    }
    assert_eq!(read, written);
    capacities.dedup();
    assert_eq!(capacities, [0, 4 << 10, 64 << 10]);
}

#[test]
fn pending_records_stay() {
    let dir = Directory::new();
    let instance = Instance::watching(dir.path(), Mask::CREATE);
    ["a", "b", "c"].iter().for_each(|name| drop(dir.touch(name)));

    let mut buffer = EventBuffer::new();
    assert!(buffer.fill(instance.0).unwrap());
    let length = buffer.pending_len() / 3;
    assert_eq!(buffer.peek_record().unwrap().unwrap().bytes.len(), length);
    buffer.advance(length);
    dir.touch("d");
    assert!(buffer.fill(instance.0).unwrap());
    assert_eq!(names(&rest_of(&mut buffer)), ["b", "c"]);
    assert!(!buffer.is_pending());
    assert!(buffer.fill(instance.0).unwrap());
    assert_eq!(names(&rest_of(&mut buffer)), ["d"]);
}

#[test]
fn cleared_records_are_gone() {
    let dir = Directory::new();
    let instance = Instance::watching(dir.path(), Mask::CREATE);
    dir.touch("a");
    let mut buffer = EventBuffer::new();
    assert!(buffer.fill(instance.0).unwrap());
    buffer.clear();
    assert!(!buffer.is_pending());
    assert!(!buffer.fill(instance.0).unwrap());
}

#[test]
fn the_longest_name_fits() {
    let dir = Directory::new();
    let instance = Instance::watching(dir.path(), Mask::CREATE);
    dir.touch("x".repeat(255));
    let events = all_events(instance.0);
    assert_eq!(events[0].name, [b'x'; 255]);
    assert_eq!(events[0].len, 256);
}

#[test]
fn an_overflow_comes_after_everything_that_was_queued() {
    let limit = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    let limit: usize = limit.trim().parse().unwrap();
    let dir = Directory::new();
    let files = [dir.touch("a"), dir.touch("b")];
    let instance = Instance::watching(dir.path(), Mask::ATTRIB);
    // By turns: the kernel merges identical neighbours.
    for file in files.iter().cycle().take(limit + 10) {
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let events = all_events(instance.0);
    let (last, before) = events.split_last().unwrap();
    assert_eq!((last.wd, last.mask), (-1, Mask::Q_OVERFLOW));
    assert_eq!(before.len(), limit);
    assert!(before.iter().all(|event| event.mask == Mask::ATTRIB));
}

#[test]
fn bytes_that_are_no_records_are_an_error() {
    let mut garbage = Command::new("printf").arg("garbage").stdout(Stdio::piped()).spawn().unwrap();
    garbage.wait().unwrap();
    let pipe = garbage.stdout.take().unwrap();
    let mut buffer = EventBuffer::new();
    assert!(buffer.fill(pipe.as_raw_fd()).unwrap());
    assert!(buffer.peek_record().is_err());
}

#[test]
fn a_pipe_is_an_error_before_a_byte_of_it_is_read() {
    let mut garbage = Command::new("printf").arg("garbage").stdout(Stdio::piped()).spawn().unwrap();
    garbage.wait().unwrap();
    let mut pipe = garbage.stdout.take().unwrap();
    assert_eq!(inotify::check(pipe.as_raw_fd()).unwrap_err().errno(), libc::EINVAL);
    assert_eq!(close(pipe.as_raw_fd()).unwrap_err().errno(), libc::EINVAL);
    let mut text = String::new();
    pipe.read_to_string(&mut text).unwrap();
    assert_eq!(text, "garbage");
}
