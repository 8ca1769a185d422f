//! Compares the model with the kernel's watches and with the disk.

use std::io;

use hashbrown::HashMap;

use crate::error::{Error, Operation};
use crate::flags::Mask;
use crate::model::{Kind, Model, NodeId};
use crate::paths::join;
use crate::system::System;

use super::Engine;
use super::access::{FILE_MASK, Obstacle, TREE_MASK};
use super::roots::RootSet;

/// A difference between the model and the kernel or the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// A sentence.
    pub sentence: Vec<u8>,
    /// The path of an unknown directory. It is no difference if the predicate excludes it.
    pub unknown_dir: Option<Vec<u8>>,
}

/// The result of an audit.
pub type Differences = Vec<Difference>;

/// The differences, or why there is no descriptor to scan with.
pub type Audit = Result<Differences, Error>;

impl<S: System> Engine<S> {
    /// Compares the model with the kernel's watches and with the disk, a sentence for each difference. Only right for
    /// trees that are quiet: changes during the audit may seem to be differences.
    ///
    /// # Errors
    /// `EMFILE` and `ENFILE` when there is no descriptor left to scan with.
    pub fn audit(&mut self) -> Audit {
        let mut found = Vec::new();
        // One for the list of watches.
        self.dirs.open.close();
        self.compare_watches(&mut found)?;
        for dir in self.model.directories() {
            self.compare_directory(dir, &mut found)?;
        }
        let model = &self.model;
        // The model does not know the target of a root that was never reached.
        let denied = model.denied().filter(|(node, _)| model.is_absent_root(*node));
        found.extend(denied.filter_map(|(root, _)| Some(difference("not watched: ", &model.path(root)?))));
        for place in self.elsewhere.hung(self.system.instant()) {
            found.push(difference("does not reply, and is not compared: ", place));
        }
        let files = self.mounted_files(&RootSet::All).0.into_iter();
        let unwatched = files.filter(|(place, _)| !model.has_mounted(place));
        found.extend(unwatched.map(|(_, path)| difference("a mounted file that is not watched: ", &path)));
        Ok(found)
    }

    fn compare_watches(&self, found: &mut Differences) -> Result<(), Error> {
        let kernel = match self.system.watches() {
            Ok(kernel) => kernel,
            Err(error) => match error.raw_os_error() {
                Some(errno @ (libc::EMFILE | libc::ENFILE)) => return Err(no_descriptor(errno)),
                // Without /proc there is nothing to compare with.
                _ => return Ok(()),
            },
        };
        let kernel: HashMap<i32, Mask> = kernel.into_iter().map(|watch| (watch.wd, watch.mask)).collect();
        for (wd, mask) in &kernel {
            let needed = self.needed(*wd);
            if needed.is_empty() {
                found.push(difference(&format!("the kernel has watch {wd}, which the model does not have"), &[]));
            } else if !mask.contains(needed) {
                found.push(self.replaced(*wd));
            }
        }
        for wd in self.model.wds().filter(|wd| !kernel.contains_key(wd)) {
            found.push(difference(&format!("the kernel does not have watch {wd}"), &[]));
        }
        Ok(())
    }

    /// The events that a watch must have. The kernel's list has no flags.
    fn needed(&self, wd: i32) -> Mask {
        let events = |mask: Mask| mask.difference(Mask::ONLYDIR | Mask::EXCL_UNLINK);
        let dir = if self.model.dirs(wd).next().is_some() { events(TREE_MASK) } else { Mask::empty() };
        let file = if self.model.is_mounted_file(wd) { FILE_MASK } else { Mask::empty() };
        dir | file | self.resolver.needed(wd) | self.git_rules.resolver.needed(wd)
    }

    fn replaced(&self, wd: i32) -> Difference {
        let what = "the mask was replaced, and lacks needed events: ";
        match self.model.dirs(wd).next().and_then(|dir| self.model.path(dir)) {
            Some(path) => difference(&format!("{what}the watch of "), &path),
            None => difference(&format!("{what}watch {wd}"), &[]),
        }
    }

    fn compare_directory(&mut self, dir: NodeId, found: &mut Differences) -> Result<(), Error> {
        let Self { system, model, dirs, .. } = self;
        let Some(path) = model.path(dir) else { return Ok(()) };
        if self.elsewhere.has_dir(dir) {
            // With the last scan of it: the server may not reply.
            if let Some(snapshot) = dirs.polled.get(dir) {
                compare_entries(model, dir, &path, snapshot.kinds(), found);
            }
        } else if model.wd(dir).is_none() {
            // A directory that is entered elsewhere is not watched here.
            let skipped = model.place(dir).is_some_and(|(parent, name)| model.is_skipped(parent, name));
            if model.is_watched(dir) && !skipped {
                found.push(difference("not watched: ", &path));
            }
        } else {
            match dirs.list_again(system, model, dir) {
                Ok(()) => {
                    let listed = dirs.listing.iter().map(|(name, kind, _)| (name, kind));
                    compare_entries(model, dir, &path, listed, found);
                }
                Err(Obstacle::Denied(errno @ (libc::EMFILE | libc::ENFILE))) => return Err(no_descriptor(errno)),
                Err(_) => found.push(difference("cannot be scanned: ", &path)),
            }
        }
        Ok(())
    }
}

fn no_descriptor(errno: i32) -> Error {
    Error::os(Operation::Audit, &io::Error::from_raw_os_error(errno))
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
    let full = |name: &[u8]| join(path, name);
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
