//! Compares the model with the kernel's watches and with the disk.

use std::io;

use hashbrown::HashMap;

use crate::error::{Error, Operation};
use crate::flags::Mask;
use crate::model::{Kind, Model, NodeId};
use crate::system::System;

use super::Engine;
use super::access::{FILE_MASK, Obstacle, TREE_MASK};
use super::dir_cache::DirCache;
use super::elsewhere::Elsewhere;
use super::resolver::Resolver;
use super::root_set::RootSet;

/// A difference between the model and the kernel or the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// A sentence.
    pub sentence: Vec<u8>,
    /// The path of an unknown directory. It is no difference if the predicate excludes it.
    pub unknown_dir: Option<Vec<u8>>,
}

/// What an audit finds.
pub type Differences = Vec<Difference>;

/// The differences, or why there is no descriptor to scan with.
pub type Audit = Result<Differences, Error>;

impl<S: System> Engine<S> {
    /// Compares the model with the kernel's watches and with the disk. Only right for trees that are quiet.
    ///
    /// # Errors
    /// `EMFILE` and `ENFILE` when there is no descriptor left to scan with.
    pub fn audit(&mut self) -> Audit {
        let resolvers = [&self.resolver, &self.git_rules.resolver];
        let elsewhere = &self.elsewhere;
        let mut found = differences(&self.system, &self.model, &mut self.dirs, resolvers, elsewhere)?;
        for place in self.elsewhere.hung(self.system.instant()) {
            found.push(difference("does not reply, and is not compared: ", place));
        }
        let files = self.mounted_files(&RootSet::All).0.into_iter();
        let unwatched = files.filter(|(place, _)| !self.model.has_mounted(place));
        found.extend(unwatched.map(|(_, path)| difference("a mounted file that is not watched: ", &path)));
        Ok(found)
    }
}

/// The differences, one sentence each. What happens meanwhile may look like one.
///
/// # Errors
/// `EMFILE` and `ENFILE` when there is no descriptor left to scan with.
fn differences<S: System>(
    system: &S,
    model: &Model,
    dirs: &mut DirCache<S>,
    resolvers: [&Resolver; 2],
    elsewhere: &Elsewhere,
) -> Audit {
    let mut found = Vec::new();
    // One for the list of watches.
    dirs.open.close();
    compare_watches(system, model, resolvers, &mut found)?;
    for dir in model.directories() {
        if elsewhere.has_dir(dir) {
            compare_scanned(model, dirs, dir, &mut found);
            continue;
        }
        compare_directory(system, model, dirs, dir, &mut found)?;
    }
    // What is at the path of a root that was never reached is not known.
    let denied = model.denied().keys().filter(|node| model.is_absent_root(**node));
    found.extend(denied.filter_map(|root| Some(difference("not watched: ", &model.path(*root)?))));
    Ok(found)
}

fn compare_watches<S: System>(
    system: &S,
    model: &Model,
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
        let needed = needed(model, resolvers, *wd);
        if needed.is_empty() {
            found.push(difference(&format!("the kernel has watch {wd}, which the model does not have"), &[]));
        } else if !mask.contains(needed) {
            found.push(replaced(model, *wd));
        }
    }
    for wd in model.wds().filter(|wd| !kernel.contains_key(wd)) {
        found.push(difference(&format!("the kernel does not have watch {wd}"), &[]));
    }
    Ok(())
}

/// The events that a watch must have. The kernel's list has no flags.
fn needed(model: &Model, resolvers: [&Resolver; 2], wd: i32) -> Mask {
    let events = |mask: Mask| mask.difference(Mask::ONLYDIR | Mask::EXCL_UNLINK);
    let dir = if model.dirs(wd).next().is_some() { events(TREE_MASK) } else { Mask::empty() };
    let file = if model.is_mounted_file(wd) { FILE_MASK } else { Mask::empty() };
    resolvers.iter().fold(dir | file, |mask, resolvers| mask | resolvers.needed(wd))
}

fn replaced(model: &Model, wd: i32) -> Difference {
    let what = "the mask was replaced, and lacks needed events: ";
    match model.dirs(wd).next().and_then(|dir| model.path(dir)) {
        Some(path) => difference(&format!("{what}the watch of "), &path),
        None => difference(&format!("{what}watch {wd}"), &[]),
    }
}

fn no_descriptor(errno: i32) -> Error {
    Error::os(Operation::Audit, &io::Error::from_raw_os_error(errno))
}

fn compare_directory<S: System>(
    system: &S,
    model: &Model,
    dirs: &mut DirCache<S>,
    dir: NodeId,
    found: &mut Differences,
) -> Result<(), Error> {
    let Some(path) = model.path(dir) else { return Ok(()) };
    if model.wd(dir).is_none() {
        // A directory that is entered elsewhere is not watched here.
        let skipped = model.place(dir).is_some_and(|(parent, name)| model.is_skipped(parent, name));
        if model.is_watched(dir) && !skipped {
            found.push(difference("not watched: ", &path));
        }
        return Ok(());
    }
    match dirs.list_again(system, model, dir) {
        Ok(()) => {}
        Err(Obstacle::Denied(errno @ (libc::EMFILE | libc::ENFILE))) => return Err(no_descriptor(errno)),
        Err(_) => {
            found.push(difference("cannot be scanned: ", &path));
            return Ok(());
        }
    }
    compare_entries(model, dir, &path, dirs.listing.iter().map(|(name, kind, _)| (name, kind)), found);
    Ok(())
}

/// Compares a directory with what the last scan found there: who has the files may not reply.
fn compare_scanned<S: System>(model: &Model, dirs: &DirCache<S>, dir: NodeId, found: &mut Differences) {
    if let (Some(path), Some(snapshot)) = (model.path(dir), dirs.polled.get(dir)) {
        compare_entries(model, dir, &path, snapshot.kinds(), found);
    }
}

fn compare_entries<'a>(
    model: &Model,
    dir: NodeId,
    path: &[u8],
    listed: impl Iterator<Item = (&'a [u8], Kind)>,
    found: &mut Differences,
) {
    let listed = listed.filter(|(name, kind)| *kind == Kind::Link || model.includes(dir, name, *kind));
    let disk: HashMap<&[u8], Kind> = listed.collect();
    let known: HashMap<&[u8], Kind> = model.entries(dir).collect();
    let full = |name: &[u8]| [path, b"/", name].concat();
    for (name, kind) in &disk {
        match known.get(name) {
            // Its target may decide whether it is included.
            None if *kind == Kind::Link
                && !(model.includes(dir, name, Kind::Dir) && model.includes(dir, name, Kind::File)) => {}
            None => {
                let unknown_dir = (*kind == Kind::Dir).then(|| full(name));
                found
                    .push(Difference { unknown_dir, ..difference("on the disk, but not in the model: ", &full(name)) });
            }
            // The target is compared where it is entered.
            Some(_) if *kind == Kind::Link => {}
            Some(believed) if believed != kind => {
                found.push(difference("of another kind on the disk than in the model: ", &full(name)));
            }
            Some(_) => {}
        }
    }
    for name in known.keys().filter(|name| !disk.contains_key(*name)) {
        found.push(difference("in the model, but not on the disk: ", &full(name)));
    }
}

fn difference(what: &str, path: &[u8]) -> Difference {
    Difference { sentence: [what.as_bytes(), path].concat(), unknown_dir: None }
}
