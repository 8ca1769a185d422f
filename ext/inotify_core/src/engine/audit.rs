//! Compares what an engine believes with what the kernel watches and with what is on the disk.

use std::collections::HashMap;
use std::io;

use crate::error::{Error, Operation};
use crate::flags::Mask;
use crate::system::System;
use crate::tree::{Kind, NodeId, Tree};

use super::Engine;
use super::dir_cache::{DirCache, FILE_MASK, Obstacle, TREE_MASK};
use super::resolver::Resolver;

/// Something that a watcher believes and that is not so, or the other way round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// A sentence.
    pub sentence: Vec<u8>,
    /// The path of a directory that is there and not known: none, if somebody said that it doesn't count.
    pub unknown_dir: Option<Vec<u8>>,
}

/// What an audit finds.
pub type Differences = Vec<Difference>;

/// The same, or why there is nothing to look with.
pub type Audit = Result<Differences, Error>;

impl<S: System> Engine<S> {
    /// Compares what it believes, what the kernel watches and what is on the disk: right for a tree that is quiet.
    ///
    /// # Errors
    /// `EMFILE` and `ENFILE` when there is no descriptor left to look with.
    pub fn audit(&mut self) -> Audit {
        let resolvers = [&self.resolver, &self.git_rules.resolver];
        let mut found = differences(&self.system, &self.tree, &mut self.dirs, resolvers)?;
        let files = self.mounted_files().into_iter();
        let unwatched = files.filter(|(place, _)| !self.tree.has_mounted(place));
        found.extend(unwatched.map(|(_, path)| told("a mounted file that is not watched: ", &path)));
        Ok(found)
    }
}

/// The differences, one sentence each. Right for a tree that is quiet: what happens meanwhile may look like one.
///
/// # Errors
/// `EMFILE` and `ENFILE` when there is no descriptor left to look with.
fn differences<S: System>(system: &S, tree: &Tree, dirs: &mut DirCache<S::File>, resolvers: [&Resolver; 2]) -> Audit {
    let mut found = Vec::new();
    // One for the list of watches.
    dirs.close();
    compare_watches(system, tree, resolvers, &mut found)?;
    for dir in tree.directories() {
        compare_directory(system, tree, dirs, dir, &mut found)?;
    }
    Ok(found)
}

fn compare_watches<S: System>(
    system: &S,
    tree: &Tree,
    resolvers: [&Resolver; 2],
    found: &mut Differences,
) -> Result<(), Error> {
    let kernel = match system.watches() {
        Ok(kernel) => kernel,
        Err(error) => match error.raw_os_error() {
            Some(errno @ (libc::EMFILE | libc::ENFILE)) => return Err(no_descriptor(errno)),
            // Without /proc there is nothing to compare with.
            _ => return Ok(()),
        },
    };
    let kernel: HashMap<i32, Mask> = kernel.into_iter().map(|watch| (watch.wd, watch.mask)).collect();
    for (wd, mask) in &kernel {
        let needed = needed(tree, resolvers, *wd);
        if needed.is_empty() {
            found.push(told(&format!("the kernel has watch {wd}, which belongs to nothing"), &[]));
        } else if !mask.contains(needed) {
            found.push(replaced(tree, *wd));
        }
    }
    for wd in tree.wds().filter(|wd| !kernel.contains_key(wd)) {
        found.push(told(&format!("the kernel does not have watch {wd}"), &[]));
    }
    Ok(())
}

/// What a watch must ask for. The kernel's list has events only.
fn needed(tree: &Tree, resolvers: [&Resolver; 2], wd: i32) -> Mask {
    let events = |mask: Mask| mask.difference(Mask::ONLYDIR | Mask::EXCL_UNLINK);
    let dir = if tree.dirs(wd).next().is_some() { events(TREE_MASK) } else { Mask::empty() };
    let file = if tree.is_mounted_file(wd) { FILE_MASK } else { Mask::empty() };
    resolvers.iter().fold(dir | file, |mask, resolvers| mask | resolvers.needed(wd))
}

fn replaced(tree: &Tree, wd: i32) -> Difference {
    let what = "does not ask for all that is needed, its mask was replaced: ";
    match tree.dirs(wd).next().and_then(|dir| tree.path(dir)) {
        Some(path) => told(&format!("{what}the watch of "), &path),
        None => told(&format!("{what}watch {wd}"), &[]),
    }
}

fn no_descriptor(errno: i32) -> Error {
    let error = io::Error::from_raw_os_error(errno);
    Error::os(Operation::Audit, &error)
        .remarking("no descriptor is left to look with; raise the limit with `ulimit -n`")
}

fn compare_directory<S: System>(
    system: &S,
    tree: &Tree,
    dirs: &mut DirCache<S::File>,
    dir: NodeId,
    found: &mut Differences,
) -> Result<(), Error> {
    let Some(path) = tree.path(dir) else { return Ok(()) };
    if tree.wd(dir).is_none() {
        // What is entered elsewhere is not watched here.
        let passed_by = tree.place(dir).is_some_and(|(parent, name)| tree.is_passed_by(parent, name));
        if tree.is_to_be_entered(dir) && !passed_by {
            found.push(told("not watched: ", &path));
        }
        return Ok(());
    }
    match dirs.list_again(system, tree, dir) {
        Ok(()) => {}
        Err(Obstacle::Refused(errno @ (libc::EMFILE | libc::ENFILE))) => return Err(no_descriptor(errno)),
        Err(_) => {
            found.push(told("not to be looked at: ", &path));
            return Ok(());
        }
    }
    let listed = dirs.listing.iter().filter(|(name, kind, _)| *kind == Kind::Link || tree.counts(dir, name, *kind));
    let disk: HashMap<&[u8], Kind> = listed.map(|(name, kind, _)| (name, kind)).collect();
    let known: HashMap<&[u8], Kind> = tree.entries(dir).collect();
    let full = |name: &[u8]| [path.as_slice(), b"/", name].concat();
    for (name, kind) in &disk {
        match known.get(name) {
            // Whether one counts may depend on what it leads to.
            None if *kind == Kind::Link
                && !(tree.counts(dir, name, Kind::Dir) && tree.counts(dir, name, Kind::File)) => {}
            None => {
                let unknown_dir = (*kind == Kind::Dir).then(|| full(name));
                found.push(Difference { unknown_dir, ..told("there, but not known: ", &full(name)) });
            }
            // What is behind a link is compared where it is entered.
            Some(_) if *kind == Kind::Link => {}
            Some(believed) if believed != kind => {
                found.push(told("of another kind than known: ", &full(name)));
            }
            Some(_) => {}
        }
    }
    for name in known.keys().filter(|name| !disk.contains_key(*name)) {
        found.push(told("known, but not there: ", &full(name)));
    }
    Ok(())
}

fn told(what: &str, path: &[u8]) -> Difference {
    Difference { sentence: [what.as_bytes(), path].concat(), unknown_dir: None }
}
