//! A consumer that knows nothing but the reported changes: applies them strictly, each must be possible where it comes.

use std::collections::{BTreeMap, BTreeSet};

use inotify_core::model::{Change, ChangeType};

use crate::disk::{Disk, Ino};

/// What is known of a path.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) directory: bool,
    /// When it was reported last.
    pub(crate) reported: u64,
    /// Whether closed files are reported, and this one was not since.
    pub(crate) open: bool,
    /// What was read then: the inode and its time.
    pub(crate) read: Option<(Ino, u64)>,
    /// Which entry it is: an entry keeps its number when it is renamed.
    pub(crate) number: usize,
}

#[derive(Clone, Default)]
pub(crate) struct Consumer {
    pub(crate) known: BTreeMap<String, Known>,
    /// Files to be read.
    unread: Vec<String>,
    /// Whether directories are reported.
    pub(crate) directories: bool,
    pub(crate) roots: Vec<String>,
    /// Whether symbolic links are followed.
    pub(crate) follows: bool,
    /// Whether closed files are reported.
    pub(crate) closed: bool,
    /// How many entries were created.
    pub(crate) numbers: usize,
}

impl Consumer {
    /// Reads the reported files, as far as they are found.
    pub(crate) fn read(&mut self, disk: &Disk) {
        for path in std::mem::take(&mut self.unread) {
            let read = self.read_one(disk, &path);
            if let Some(known) = self.known.get_mut(&path) {
                known.read = read;
            }
        }
    }

    pub(crate) fn read_one(&self, disk: &Disk, path: &String) -> Option<(Ino, u64)> {
        let ino = if self.follows || self.roots.contains(path) {
            disk.follow(path).or_else(|| disk.follow_parent(path))
        } else {
            disk.follow_parent(path)
        }?;
        (!disk.is_dir(ino)).then(|| (ino, disk.version(ino)))
    }

    /// Takes a batch. Returns what is wrong with it.
    pub(crate) fn take(&mut self, changes: &[Change], clock: u64) -> Result<(), String> {
        let mut affected = Vec::new();
        let before = self.files();
        for change in changes {
            self.apply(change, clock).map_err(|what| format!("{what}: {}", show(change)))?;
            affected.push(self.number(change));
        }
        // The paths are final: an entry is where its last change says, and where all its other changes say.
        for (change, number) in changes.iter().zip(affected) {
            let is_deleted = change.change_type == ChangeType::Deleted;
            if !is_deleted && self.number(change) != number {
                return Err(format!("moved or deleted by a later change of the batch: {}", show(change)));
            }
        }
        self.unread = changes
            .iter()
            .filter(|it| !it.directory && matches!(it.change_type, ChangeType::Created | ChangeType::Modified))
            .map(|it| text(&it.path.to_bytes()))
            .collect();
        let is_rename = |change: &Change| matches!(change.change_type, ChangeType::Renamed | ChangeType::Closed);
        if changes.iter().all(is_rename) {
            // A file that was not found at its reported path is where it was renamed to.
            let renamed = self.files().difference(&before).map(|(_, path)| path.clone()).collect::<Vec<_>>();
            self.unread.extend(renamed.into_iter().filter(|path| self.known[path].read.is_none()));
        }
        Ok(())
    }

    /// The known files: number and path.
    fn files(&self) -> BTreeSet<(usize, String)> {
        let files = self.known.iter().filter(|(_, known)| !known.directory);
        files.map(|(path, known)| (known.number, path.clone())).collect()
    }

    /// The number of the entry at the path of a change.
    fn number(&self, change: &Change) -> Option<usize> {
        self.known.get(&text(&change.path.to_bytes())).map(|known| known.number)
    }

    fn has_below(&self, path: &str) -> bool {
        let below = format!("{path}/");
        self.known.range(below.clone()..).next().is_some_and(|(path, _)| path.starts_with(&below))
    }

    fn parent_is_known(&self, path: &str) -> bool {
        // A root has no parent; and where directories are not reported, none is known.
        match path.rsplit_once('/') {
            Some((parent, _)) if self.directories && !self.roots.iter().any(|root| root == path) => {
                self.known.get(parent).is_some_and(|known| known.directory)
            }
            _ => true,
        }
    }

    fn apply(&mut self, change: &Change, clock: u64) -> Result<(), &'static str> {
        let path = text(&change.path.to_bytes());
        let known = self.known.get(&path).map(|known| known.directory);
        let there = known.is_some();
        if change.change_type != ChangeType::Renamed && there && known != Some(change.directory) {
            return Err("the other kind");
        }
        if change.directory && !self.directories {
            return Err("a directory");
        }
        match change.change_type {
            ChangeType::Created => {
                if there {
                    return Err("is there already");
                }
                if !self.parent_is_known(&path) {
                    return Err("its directory is not there");
                }
                self.numbers += 1;
                let number = self.numbers;
                let directory = change.directory;
                self.known.insert(
                    path,
                    Known { directory, reported: clock, read: None, number, open: self.closed && !directory },
                );
            }
            ChangeType::Deleted => {
                if !there {
                    return Err("is not there");
                }
                if self.has_below(&path) {
                    return Err("something is left in it");
                }
                self.known.remove(&path);
            }
            ChangeType::Renamed => self.rename(change, &path)?,
            ChangeType::Modified if change.directory => return Err("a directory"),
            ChangeType::Modified => {
                let closed = self.closed;
                let known = self.known.get_mut(&path).ok_or("is not there")?;
                known.reported = clock;
                known.open = closed;
            }
            ChangeType::Closed if !self.closed => return Err("nobody asked"),
            ChangeType::Closed => self.known.get_mut(&path).ok_or("is not there")?.open = false,
            ChangeType::Attributes => drop(self.known.get(&path).ok_or("is not there")?),
        }
        Ok(())
    }

    fn rename(&mut self, change: &Change, path: &str) -> Result<(), &'static str> {
        let from = text(&change.from.as_ref().ok_or("no path before")?.to_bytes());
        if from == path {
            return Err("not renamed at all");
        }
        let known = self.known.remove(&from).ok_or("its old path is not there")?;
        if known.directory != change.directory {
            return Err("the other kind");
        }
        match self.known.get(path) {
            Some(victim) if victim.directory || change.directory => return Err("something is there already"),
            _ => {}
        }
        if path.starts_with(&format!("{from}/")) {
            return Err("into itself");
        }
        if !self.parent_is_known(path) {
            return Err("its directory is not there");
        }
        self.known.insert(path.to_owned(), known);
        let prefix = format!("{from}/");
        let below: Vec<String> = self.known.keys().filter(|key| key.starts_with(&prefix)).cloned().collect();
        for old in below {
            let known = self.known.remove(&old).unwrap();
            self.known.insert(format!("{path}/{}", &old[prefix.len()..]), known);
        }
        Ok(())
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// `created t/a/`, `renamed t/a t/b`; with `?` if a scan found it.
pub(crate) fn show(change: &Change) -> String {
    let what = format!("{:?}", change.change_type).to_lowercase();
    let from = change.from.as_ref().map(|from| text(&from.to_bytes()) + " ").unwrap_or_default();
    let slash = if change.directory { "/" } else { "" };
    let looked = if change.rescanned { "?" } else { "" };
    format!("{what} {from}{}{slash}{looked}", text(&change.path.to_bytes()))
}
