//! Compares what a watcher believes with what the kernel watches and with what is on the disk.

use std::collections::{HashMap, HashSet};
use std::os::fd::{AsRawFd, BorrowedFd};

use crate::fdinfo;
use crate::tree::{Kind, NodeId, Tree};

use super::anchors::Anchors;
use super::places::Places;
use super::shared::{Difference, Differences};

/// The differences, one sentence each. Right for a tree that is quiet: what happens meanwhile may look like one.
pub(crate) fn differences(inotify: BorrowedFd<'_>, tree: &Tree, places: &mut Places, anchors: &Anchors) -> Differences {
    let mut found = Vec::new();
    compare_watches(inotify, tree, anchors, &mut found);
    for dir in tree.directories() {
        compare_directory(tree, places, dir, &mut found);
    }
    found
}

fn compare_watches(inotify: BorrowedFd<'_>, tree: &Tree, anchors: &Anchors, found: &mut Differences) {
    // Without /proc there is nothing to compare with.
    let Ok(kernel) = fdinfo::watches(inotify.as_raw_fd()) else { return };
    let kernel: HashSet<i32> = kernel.into_iter().map(|watch| watch.wd).collect();
    for wd in kernel.iter().filter(|wd| !tree.knows(**wd) && !anchors.contains(**wd)) {
        found.push(told(&format!("the kernel has watch {wd}, which belongs to nothing"), &[]));
    }
    for wd in tree.wds().filter(|wd| !kernel.contains(wd)) {
        found.push(told(&format!("the kernel does not have watch {wd}"), &[]));
    }
}

fn compare_directory(tree: &Tree, places: &mut Places, dir: NodeId, found: &mut Differences) {
    let Some(path) = tree.path(dir) else { return };
    if tree.wd(dir).is_none() {
        if tree.is_to_be_entered(dir) {
            found.push(told("not watched: ", &path));
        }
        return;
    }
    if places.list_again(tree, dir).is_err() {
        found.push(told("not to be looked at: ", &path));
        return;
    }
    let listed = places.listing.iter().filter(|(name, kind, _)| tree.counts(dir, name, *kind));
    let disk: HashMap<&[u8], Kind> = listed.map(|(name, kind, _)| (name, kind)).collect();
    let known: HashMap<&[u8], Kind> = tree.entries(dir).collect();
    let full = |name: &[u8]| [path.as_slice(), b"/", name].concat();
    for (name, kind) in &disk {
        match known.get(name) {
            None => {
                let unknown_dir = (*kind == Kind::Dir).then(|| full(name));
                found.push(Difference { unknown_dir, ..told("there, but not known: ", &full(name)) });
            }
            // A link to what is entered elsewhere is told as a file.
            Some(Kind::Dir) if *kind == Kind::Link => {}
            Some(Kind::File) if *kind == Kind::Link && tree.is_passed_by(dir, name) => {}
            Some(believed) if believed != kind => {
                found.push(told("of another kind than known: ", &full(name)));
            }
            Some(_) => {}
        }
    }
    for name in known.keys().filter(|name| !disk.contains_key(*name)) {
        found.push(told("known, but not there: ", &full(name)));
    }
}

pub(super) fn told(what: &str, path: &[u8]) -> Difference {
    Difference { sentence: [what.as_bytes(), path].concat(), unknown_dir: None }
}
