use std::ffi::OsStr;
use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use inotify_core::dir_trees::{DirTrees, Options, Target};
use inotify_core::{Event, EventBuffer, InitFlags, Mask, inotify};

use crate::support::Directory;

const FOLLOWED: Mask = Mask::CREATE.union(Mask::DELETE).union(Mask::MOVED_FROM).union(Mask::MOVED_TO);

/// A tree, and the instance that watches it.
struct Watched<'a> {
    root: &'a Directory,
    trees: DirTrees,
    buffer: EventBuffer,
    fd: OwnedFd,
}

impl<'a> Watched<'a> {
    /// Everything below the directory is watched.
    fn new(root: &'a Directory) -> Self {
        let mut watched = Self::begin(root);
        let (wd, options) = watched.watch_root();
        let mut addition = watched.trees.add(wd, options);
        assert!(watched.trees.scan_addition(&mut addition, &AtomicBool::new(false)).unwrap());
        watched
    }

    /// Nothing is watched.
    fn begin(root: &'a Directory) -> Self {
        let fd = inotify::init(InitFlags::NONBLOCK).unwrap();
        Self { root, trees: DirTrees::new(fd.as_raw_fd()), buffer: EventBuffer::new(), fd }
    }

    fn watch_root(&self) -> (i32, Options) {
        let path = self.root.path().as_os_str().as_bytes().to_vec();
        let c_path = std::ffi::CString::new(path.clone()).unwrap();
        let wd = inotify::add_watch(self.fd.as_raw_fd(), &c_path, FOLLOWED).unwrap();
        (wd, Options::new(path, FOLLOWED, Duration::from_secs(1)))
    }

    /// Applies an event.
    fn apply(&mut self, event: &Event<'_>, paired: bool) {
        self.trees.apply(event, paired, |_| None);
        assert!(self.trees.work(&AtomicBool::new(false)));
    }

    fn overflow(&mut self) {
        let fields = [(-1_i32).to_ne_bytes(), Mask::Q_OVERFLOW.bits().to_ne_bytes(), [0; 4], [0; 4]];
        self.apply(&Event::split_first(&fields.concat()).unwrap().unwrap().0, false);
    }

    /// Applies what is queued. Returns what is reported: `create a/b`.
    fn events(&mut self) -> Vec<String> {
        while self.buffer.fill(self.fd.as_raw_fd()).unwrap() {
            let record = self.buffer.peek_record().unwrap().unwrap().bytes.to_vec();
            self.buffer.advance(record.len());
            let event = Event::split_first(&record).unwrap().unwrap().0;
            let paired = self.buffer.pending_records().any(|next| next.cookie == event.cookie && event.cookie != 0);
            self.apply(&event, paired);
        }
        while self.trees.repeat(|| true) {
            self.trees.work(&AtomicBool::new(false));
        }
        self.reported()
    }

    fn reported(&mut self) -> Vec<String> {
        let emitted = self.trees.take_emitted();
        let text = |(record, target, _): (_, &Target, bool)| {
            let inotify_core::event::Record { mask, padded, .. } = record;
            let name = String::from_utf8(padded.to_vec()).unwrap();
            let dir = match target {
                Target::Dir(dir) => self.below(&dir.path),
                _ => "?".to_owned(),
            };
            let name = [dir.as_str(), name.trim_end_matches('\0')].join("/");
            let bit = format!("{:?}", mask.difference(Mask::ISDIR));
            format!(
                "{} {}",
                bit.trim_start_matches("Mask(").trim_end_matches(')').to_lowercase(),
                name.trim_start_matches('/')
            )
        };
        emitted.iter().map(text).collect()
    }

    fn below(&self, path: &[u8]) -> String {
        Path::new(OsStr::from_bytes(path)).strip_prefix(self.root.path()).unwrap().to_str().unwrap().to_owned()
    }

    /// The paths of the watched directories.
    fn paths(&mut self) -> Vec<String> {
        let mut paths: Vec<_> = self.trees.dirs().iter().map(|(_, dir)| self.below(&dir.path)).collect();
        paths.sort();
        paths
    }
}

#[test]
fn a_new_tree_is_watched_and_nothing_is_reported() {
    let root = Directory::new();
    fs::create_dir_all(root.join("a/b")).unwrap();
    let mut watched = Watched::new(&root);
    assert_eq!(watched.paths(), ["", "a", "a/b"]);
    assert_eq!(watched.events(), [""; 0]);
}

#[test]
fn what_is_in_a_new_directory_is_reported_once() {
    let root = Directory::new();
    let mut watched = Watched::new(&root);
    fs::create_dir_all(root.join("a/b")).unwrap();
    root.touch("a/file");
    let mut events = watched.events();
    events.sort();
    assert_eq!(events, ["create a", "create a/b", "create a/file"]);
}

#[test]
fn a_directory_is_known_by_its_watch_where_it_has_moved() {
    let root = Directory::new();
    fs::create_dir_all(root.join("a/b")).unwrap();
    let mut watched = Watched::new(&root);
    fs::rename(root.join("a"), root.join("c")).unwrap();
    assert_eq!(watched.events(), ["moved_from a", "moved_to c"]);
    assert_eq!(watched.paths(), ["", "c", "c/b"]);
}

#[test]
fn a_directory_in_whose_place_another_one_is_found_is_released_when_its_event_comes() {
    let (root, elsewhere) = (Directory::new(), Directory::new());
    fs::create_dir_all(root.join("a/in_a")).unwrap();
    fs::create_dir_all(root.join("b/in_b")).unwrap();
    let mut watched = Watched::new(&root);
    // The scan of `n` finds `b` in the place of `a`.
    fs::create_dir(root.join("n")).unwrap();
    fs::rename(root.join("a"), elsewhere.join("a")).unwrap();
    fs::rename(root.join("b"), root.join("a")).unwrap();
    watched.events();
    assert_eq!(watched.paths(), ["", "a", "a/in_b", "n"]);
}

#[test]
fn a_directory_that_leaves_takes_its_watches_along() {
    let (root, elsewhere) = (Directory::new(), Directory::new());
    fs::create_dir_all(root.join("a/b")).unwrap();
    let mut watched = Watched::new(&root);
    fs::rename(root.join("a"), elsewhere.join("a")).unwrap();
    assert_eq!(watched.events(), ["moved_from a"]);
    assert_eq!(watched.paths(), [""]);
    assert_eq!(inotify_core::fdinfo::watches(watched.fd.as_raw_fd()).unwrap().len(), 1);
}

#[test]
fn after_an_overflow_what_has_changed_is_reported_what_is_gone_before_what_is_there() {
    let root = Directory::new();
    fs::create_dir_all(root.join("gone/deep")).unwrap();
    let mut watched = Watched::new(&root);
    fs::remove_dir_all(root.join("gone")).unwrap();
    fs::create_dir_all(root.join("new")).unwrap();
    root.touch("new/file");
    // What is queued is lost.
    while watched.buffer.fill(watched.fd.as_raw_fd()).unwrap() {
        watched.buffer.clear();
    }
    watched.overflow();
    let events = watched.reported();
    assert_eq!(events[1..3], ["delete gone/deep", "delete gone"]);
    let mut found = events[3..].to_vec();
    found.sort();
    assert_eq!(found, ["create new", "create new/file"]);
    assert_eq!(watched.paths(), ["", "new"]);
}

#[test]
fn a_directory_that_was_reported_before_an_overflow_is_reported_again_when_the_one_before_it_is_deleted() {
    let root = Directory::new();
    fs::create_dir(root.join("a")).unwrap();
    let mut watched = Watched::new(&root);
    fs::remove_dir(root.join("a")).unwrap();
    fs::create_dir_all(root.join("a/b")).unwrap();
    assert!(watched.buffer.fill(watched.fd.as_raw_fd()).unwrap());
    let records: Vec<Vec<u8>> = watched.buffer.pending_records().map(|record| record.bytes.to_vec()).collect();
    watched.buffer.clear();
    for record in &records {
        let event = Event::split_first(record).unwrap().unwrap().0;
        // The other events are lost.
        if event.mask.contains(Mask::CREATE) {
            watched.apply(&event, false);
        }
    }
    watched.overflow();
    let events = watched.reported();
    let deleted = events.iter().rposition(|event| event == "delete a").unwrap();
    assert_eq!(events[deleted + 1..], ["create a", "create a/b"]);
}

#[test]
fn the_scan_of_a_new_tree_can_be_interrupted_continued_and_cancelled() {
    let root = Directory::new();
    fs::create_dir_all(root.join("a/b")).unwrap();
    let mut watched = Watched::begin(&root);
    let (wd, options) = watched.watch_root();
    let mut addition = watched.trees.add(wd, options);
    assert!(!watched.trees.scan_addition(&mut addition, &AtomicBool::new(true)).unwrap());
    assert_eq!(watched.paths(), [""]);
    assert!(watched.trees.scan_addition(&mut addition, &AtomicBool::new(false)).unwrap());
    assert_eq!(watched.paths(), ["", "a", "a/b"]);
    watched.trees.cancel(&addition);
    assert_eq!(watched.paths(), [""; 0]);
    assert_eq!(inotify_core::fdinfo::watches(watched.fd.as_raw_fd()).unwrap(), []);
}
