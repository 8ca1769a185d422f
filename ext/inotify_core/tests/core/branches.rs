use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use inotify_core::branches::{Asked, Branches, Tell};
use inotify_core::moment::Moment;
use inotify_core::{Events, InitFlags, Mask, inotify};

use crate::support::Directory;

/// A tree of the directory, and the instance that watches it.
fn plant(root: &Directory) -> (Branches, OwnedFd, i32) {
    let owned = inotify::init(InitFlags::NONBLOCK).unwrap();
    let fd = owned.as_raw_fd();
    let mask = Mask::CREATE | Mask::DELETE | Mask::MOVED_FROM | Mask::MOVED_TO;
    let path = root.path().as_os_str().as_bytes().to_vec();
    let wd = inotify::add_watch(fd, &std::ffi::CString::new(path.clone()).unwrap(), mask).unwrap();
    let mut branches = Branches::new();
    branches.plant(fd, wd, Asked { path, mask, wanted: mask, follows_links: true }).unwrap();
    (branches, owned, wd)
}

fn paths(branches: &Branches, root: &Directory) -> Vec<String> {
    let below = |path: Vec<u8>| {
        let path = Path::new(std::ffi::OsStr::from_bytes(&path)).to_owned();
        path.strip_prefix(root.path()).unwrap().to_str().unwrap().to_owned()
    };
    let mut paths: Vec<_> = branches.wds().filter_map(|wd| branches.path(wd)).map(below).collect();
    paths.sort();
    paths
}

fn names(records: &[u8]) -> Vec<String> {
    Events::new(records).map(|event| String::from_utf8(event.unwrap().name.to_vec()).unwrap()).collect()
}

#[test]
fn a_new_tree_is_watched_and_nothing_is_told() {
    let root = Directory::new();
    fs::create_dir_all(root.join("a/b")).unwrap();
    let (branches, _fd, _) = plant(&root);
    assert_eq!(paths(&branches, &root), ["", "a", "a/b"]);
}

#[test]
fn a_look_at_a_new_directory_tells_what_is_in_it_and_that_is_not_told_twice() {
    let root = Directory::new();
    let (mut branches, fd, wd) = plant(&root);
    fs::create_dir_all(root.join("a/b")).unwrap();
    root.touch("a/file");
    let records = branches.look(fd.as_raw_fd(), wd, b"a", Tell::All).unwrap();
    let mut told = names(&records);
    told.sort();
    assert_eq!(told, ["b", "file"]);
    let event = Events::new(&records).next().unwrap().unwrap();
    assert!(branches.repeats(event.wd, Mask::CREATE, event.name));
    assert!(!branches.repeats(event.wd, Mask::CREATE, event.name));
}

#[test]
fn a_directory_is_known_by_its_watch_where_it_has_moved() {
    let root = Directory::new();
    fs::create_dir_all(root.join("a/b")).unwrap();
    let (mut branches, fd, wd) = plant(&root);
    fs::rename(root.join("a"), root.join("c")).unwrap();
    assert_eq!(branches.look(fd.as_raw_fd(), wd, b"c", Tell::New), Some(Vec::new()));
    assert_eq!(paths(&branches, &root), ["", "c", "c/b"]);
    assert_eq!(branches.moves(), 1);
}

#[test]
fn a_directory_that_departs_takes_its_watches_along() {
    let root = Directory::new();
    let elsewhere = Directory::new();
    fs::create_dir_all(root.join("a/b")).unwrap();
    let (mut branches, fd, wd) = plant(&root);
    fs::rename(root.join("a"), elsewhere.join("a")).unwrap();
    assert_eq!(branches.depart(fd.as_raw_fd(), wd, b"a").len(), 2);
    assert_eq!(paths(&branches, &root), [""]);
}

#[test]
fn after_a_loss_what_has_changed_is_told() {
    let root = Directory::new();
    fs::create_dir_all(root.join("gone")).unwrap();
    let (mut branches, fd, wd) = plant(&root);
    let gone = branches.wds().find(|it| *it != wd).unwrap();
    fs::remove_dir(root.join("gone")).unwrap();
    fs::create_dir_all(root.join("new")).unwrap();
    root.touch("new/file");
    let (records, ended) = branches.look_again(fd.as_raw_fd(), Moment::new(0, 0).since());
    let mut told = names(&records);
    told.sort();
    assert_eq!(told, ["file", "gone", "new"]);
    assert_eq!(ended, [gone]);
}
