//! The scan of a polled directory, kept to be compared with the next scan.
//!
//! A directory whose stamp is the same is not listed, only its files are examined; nothing is allocated for those that
//! are as they were. The stamps of some file systems are of whole seconds, and those of all others stand still for some
//! milliseconds: an entry that changed in the moment of a scan is *doubtful*, and may have changed again with the same
//! stamp. It counts as changed at the next scan, too, unless it was reported after the time that its stamp stands for.
//!
//! Many servers know a directory by its path, but list the one that was there when it was opened. If another one comes
//! to the path meanwhile, as one above is renamed, the stamp is of one and the list of the other: so one whose list was
//! new is listed at the next scan, too.

use std::io;

use hashbrown::HashMap;

use rustix::fs::FileType;

use crate::error::errno;
use crate::invariant::must;
use crate::model::{Kind, Listing};
use crate::moment::{Moment, Since};
use crate::stamp::Stamp;
use crate::system::{Files, Stat, Symlinks};
use crate::tick::Clocks;

use super::access::{kind, stat_if_exists};

/// A directory is listed after this many scans although its stamp is the same: some servers do not stamp directories.
const UNLISTED: u32 = 10;

/// How long a doubt lasts at most, in nanoseconds: the clock of a server may be ahead of the one here.
const DOUBT: i128 = 3_000_000_000;

/// An entry of a directory.
#[derive(Clone, Debug)]
struct Entry {
    begin: usize,
    end: usize,
    kind: Kind,
    stamp: Stamp,
    /// Whether it is a directory, or a file with no other name.
    only_name: bool,
    doubt: Doubt,
    /// Whether it is as the scan before found it, which was doubtful.
    doubted: bool,
    /// Whether it differs from the one that the scan before found.
    changed: bool,
    /// Whether no scan that was applied has found one.
    new: bool,
    /// Not examined: the filter ignores it.
    ignored: bool,
}

impl Entry {
    /// Its name, among those of all entries.
    fn name<'a>(&self, names: &'a [u8]) -> &'a [u8] {
        must(names.get(self.begin..self.end), "an entry has a name").unwrap_or_default()
    }
}

/// An entry that went.
#[derive(Clone, Debug)]
pub(super) struct Gone {
    pub(super) name: Box<[u8]>,
    pub(super) kind: Kind,
    pub(super) stamp: Stamp,
    /// Whether it changed before that, after the last scan that was applied.
    pub(super) changed: bool,
    /// Whether it may have changed before that without another stamp.
    pub(super) doubtful: bool,
}

/// See the module's description.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshot {
    stamp: Stamp,
    doubt: Doubt,
    /// How many scans did not list the directory.
    unlisted: u32,
    /// Whether one did since the last [`take_listed`](Self::take_listed).
    listed: bool,
    /// Whether the next one does in any case.
    listed_again: bool,
    names: Vec<u8>,
    entries: Vec<Entry>,
    /// How many of them are examined at each scan.
    examined: usize,
    /// The entries that the scan before found, and the last one did not.
    gone: Vec<Gone>,
    changed: bool,
    moved: bool,
    /// Whether its own stamp differs from that of the scan before.
    restamped: bool,
    denied: Option<i32>,
}

/// How a directory is scanned.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct How {
    /// Whether symbolic links are followed.
    pub(super) follows_links: bool,
    /// Whether it is listed although its stamp is the same.
    pub(super) lists: bool,
    /// Whether its stamp and its list may be those of different directories.
    pub(super) by_path: bool,
    /// Whether entries that were ignored are examined, too: the rules may have changed.
    pub(super) includes_all: bool,
    /// Entries that no scan has found before changed if their stamps are later.
    pub(super) since: Option<Since>,
}

impl Snapshot {
    /// Scans an open directory, from its first entry, and compares it with the last scan of it, which is left where it
    /// is only if this one fails, or that was one of another directory.
    pub(super) fn scan<F: Files>(files: &F, dir: &F::File, last: &mut Option<Self>, how: How) -> io::Result<Self> {
        let clocks = files.clocks();
        let stat = files.stat(Some(dir), b"", Symlinks::Kept)?;
        let stamp = stat.stamp;
        let is_doubtful = clocks.may_precede(stamp.changed) || clocks.may_precede(stamp.modified);
        let Some(mut known) = last.take_if(|last| last.stamp.identity == stamp.identity) else {
            let moved = how.since.is_some_and(|since| since.includes(stamp.changed));
            let doubt = Doubt::new(files, &clocks, is_doubtful, None);
            let mut found =
                Self { stamp, doubt, listed: true, listed_again: how.by_path, changed: true, moved, ..Self::default() };
            found.list(files, dir, None, how, &clocks)?;
            return Ok(found);
        };
        let news = how.lists || how.includes_all || known.stamp != stamp;
        let lists = news || known.doubt.exists() || known.listed_again || known.unlisted >= UNLISTED;
        known.denied = None;
        let all_there = known.examine(files, dir, how, &clocks);
        known.restamped = known.stamp != stamp;
        if all_there && !lists {
            known.unlisted += 1;
            return Ok(known);
        }
        let mut found = Self {
            doubt: Doubt::new(files, &clocks, is_doubtful, (known.stamp == stamp).then_some(known.doubt)),
            stamp,
            listed: true,
            moved: stamp.is_of_rename_since(&known.stamp),
            changed: known.changed,
            restamped: known.restamped,
            denied: known.denied,
            ..Self::default()
        };
        if let Err(error) = found.list(files, dir, Some(&known), how, &clocks) {
            *last = Some(known);
            return Err(error);
        }
        found.listed_again = how.by_path && (news || found.changed);
        Ok(found)
    }

    /// Compares the known files. Returns whether all of them are there, and are of the same kind.
    fn examine<F: Files>(&mut self, files: &F, dir: &F::File, how: How, clocks: &Clocks) -> bool {
        let Self { names, entries, changed, denied, .. } = self;
        let mut all_there = true;
        for entry in entries.iter_mut().filter(|entry| entry.kind != Kind::Dir && !entry.ignored) {
            let name = entry.name(names);
            match stat_if_exists(files, dir, name) {
                Ok(Some(stat)) if kind(stat.format, how.follows_links) == entry.kind => {
                    let stamp = stat.stamp;
                    let differs = stamp != entry.stamp;
                    // The scan before may have found a change, and failed then.
                    entry.changed |= differs;
                    entry.doubted |= !differs && entry.doubt.exists();
                    let is_doubtful = clocks.may_precede(stamp.changed);
                    entry.doubt = Doubt::new(files, clocks, is_doubtful, (!differs).then_some(entry.doubt));
                    entry.stamp = stamp;
                    entry.only_name = stat.names == 1;
                    *changed |= entry.changed || entry.doubted;
                }
                Ok(_) => all_there = false,
                Err(error) => *denied = Some(errno(&error)),
            }
        }
        all_there
    }

    fn list<F: Files>(
        &mut self,
        files: &F,
        dir: &F::File,
        last: Option<&Self>,
        how: How,
        clocks: &Clocks,
    ) -> io::Result<()> {
        let mut known: HashMap<&[u8], &Entry> = last.into_iter().flat_map(Self::entries).collect();
        let before = known.len();
        files.entries(dir, |entry_type, name| {
            let last = known.get(name).copied();
            if let Some(entry) = self.examine_listed(files, dir, (entry_type, name), last, how, clocks) {
                known.remove(name);
                self.changed |= entry.new || entry.changed || entry.doubted;
                self.names.extend_from_slice(name);
                self.entries.push(entry);
            }
        })?;
        self.changed |= before > 0 && !known.is_empty();
        self.gone = known
            .into_iter()
            .map(|(name, entry)| Gone {
                name: name.into(),
                kind: entry.kind,
                stamp: entry.stamp,
                changed: entry.changed,
                doubtful: entry.doubted || entry.doubt.exists(),
            })
            .collect();
        Ok(())
    }

    /// An entry that is listed; `None`: it is gone meanwhile. `known`: the one of this name that the last scan found.
    fn examine_listed<F: Files>(
        &mut self,
        files: &F,
        dir: &F::File,
        (entry_type, name): (FileType, &[u8]),
        known: Option<&Entry>,
        how: How,
        clocks: &Clocks,
    ) -> Option<Entry> {
        let begin = self.names.len();
        let end = begin + name.len();
        let is_dir = entry_type == FileType::Directory;
        if let Some(known) = known {
            let same_dir = is_dir && known.kind == Kind::Dir;
            let ignored = known.ignored && !how.includes_all && !is_dir && known.kind != Kind::Dir;
            // It is scanned itself, or not at all.
            if same_dir || ignored {
                return Some(Entry { begin, end, ..known.clone() });
            }
        }
        let entry = |kind, stamp, only_name, doubt, changed: bool| Entry {
            doubted: known.is_some_and(|known| known.doubted) && !changed,
            begin,
            end,
            kind,
            stamp,
            only_name,
            doubt,
            changed,
            new: known.is_none_or(|known| known.new),
            ignored: false,
        };
        match stat_if_exists(files, dir, name) {
            Ok(Some(stat)) => {
                let (kind, stamp) = (kind(stat.format, how.follows_links), stat.stamp);
                // It may have been examined already in this scan.
                let differs = known.is_some_and(|known| known.stamp != stamp || known.kind != kind);
                let unknown = known.is_none() && how.since.is_some_and(|since| since.includes(stamp.changed));
                let changed = differs || unknown || known.is_some_and(|known| known.changed && !known.ignored);
                let is_doubtful = kind != Kind::Dir && clocks.may_precede(stamp.changed);
                let before = known.filter(|_| !differs).map(|known| known.doubt);
                let doubt = Doubt::new(files, clocks, is_doubtful, before);
                Some(entry(kind, stamp, kind == Kind::Dir || stat.names == 1, doubt, changed))
            }
            Ok(None) => None,
            Err(error) => {
                // The directory may be listed but not searched. The entry is assumed to be unchanged, unless its type
                // says otherwise.
                self.denied = Some(errno(&error));
                let kind = match (entry_type, known) {
                    (FileType::Unknown, Some(known)) => known.kind,
                    _ => kind(entry_type.as_raw_mode(), how.follows_links),
                };
                Some(entry(kind, known.map(|known| known.stamp).unwrap_or_default(), false, Doubt::default(), false))
            }
        }
    }

    fn entries(&self) -> impl Iterator<Item = (&[u8], &Entry)> {
        self.entries.iter().map(|entry| (entry.name(&self.names), entry))
    }

    /// The device and inode of the directory.
    pub(super) fn identity(&self) -> (u32, u32, u64) {
        self.stamp.identity
    }

    /// Its stamp, as that of an entry of the directory that it is in.
    pub(super) fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// The entries that are examined: the name, the stamp, without the birth of a file that has other names, and whether a
    /// change since may have the same stamp.
    pub(super) fn stamps(&self) -> impl Iterator<Item = (&[u8], Stamp, bool)> {
        self.entries().filter(|(_, entry)| !entry.ignored).map(|(name, entry)| {
            let stamp = if entry.only_name { entry.stamp } else { Stamp { born: None, ..entry.stamp } };
            (name, stamp, entry.doubt.exists() || entry.doubted || entry.changed || entry.new)
        })
    }

    /// Whether the last scan found a change, or why it could not examine an entry.
    pub(super) fn is_news(&self) -> bool {
        self.changed || self.moved || self.restamped || self.denied.is_some()
    }

    /// Whether its own stamp differs from that of the scan before. It may have been elsewhere for a while if that of the
    /// directory that it is in does, too.
    pub(super) fn is_restamped(&self) -> bool {
        self.restamped
    }

    /// Whether the directory was listed since this was asked last: another one may be at the place of one in it.
    pub(super) fn take_listed(&mut self) -> bool {
        std::mem::take(&mut self.listed)
    }

    /// The entries that the last scan did not find any more.
    pub(super) fn gone(&self) -> &[Gone] {
        &self.gone
    }

    /// The entries that only the last scan found, except for files with several names.
    pub(super) fn new_entries(&self) -> impl Iterator<Item = (&[u8], Kind, Stamp)> {
        self.entries()
            .filter(|(_, entry)| entry.new && entry.only_name)
            .map(|(name, entry)| (name, entry.kind, entry.stamp))
    }

    /// Whether the last scan found directories, or links, that no scan before did.
    pub(super) fn has_new_directories(&self) -> bool {
        self.entries.iter().any(|entry| entry.new && entry.kind != Kind::File)
    }

    /// Whether it has an entry of this name which came, went or changed.
    pub(super) fn has_news_of(&self, name: &[u8]) -> bool {
        self.gone.iter().any(|found| *found.name == *name)
            || self.entries().any(|(other, entry)| other == name && (entry.new || entry.changed))
    }

    /// Whether it has an entry of this name.
    pub(super) fn has(&self, name: &[u8]) -> bool {
        self.entries().any(|(other, _)| other == name)
    }

    /// A file is at the place of a directory in this one: whichever the next scan finds there, it has changed.
    pub(super) fn dir_replaced(&mut self, name: &[u8]) {
        let Self { names, entries, .. } = self;
        let is_it = |entry: &&mut Entry| entry.kind == Kind::Dir && entry.name(names) == name;
        if let Some(entry) = entries.iter_mut().find(is_it) {
            (entry.kind, entry.stamp) = (Kind::File, Stamp::default());
        }
    }

    /// The model knows an entry by a stat that the last scan may not have found: the next one is applied in any case,
    /// and compares the entry with that. `clocks`: before the stat.
    pub(super) fn entry_examined<F: Files>(
        &mut self,
        files: &F,
        name: &[u8],
        found: Option<(Kind, Stat)>,
        clocks: &Clocks,
    ) {
        (self.changed, self.listed_again) = (true, true);
        let Some((kind, stat)) = found.filter(|_| !self.has(name)) else { return };
        let begin = self.names.len();
        self.names.extend_from_slice(name);
        let is_dir = kind == Kind::Dir;
        self.entries.push(Entry {
            begin,
            end: self.names.len(),
            kind,
            stamp: stat.stamp,
            only_name: is_dir || stat.names == 1,
            doubt: Doubt::new(files, clocks, !is_dir && clocks.may_precede(stat.stamp.changed), None),
            doubted: false,
            changed: false,
            new: true,
            ignored: false,
        });
    }

    /// A directory in this one is gone: one that the next scan finds at its place is new.
    pub(super) fn forget_dir(&mut self, gone: &[u8]) {
        let Self { names, entries, .. } = self;
        entries.retain(|entry| entry.kind != Kind::Dir || entry.name(names) != gone);
    }

    /// The names and kinds of all entries.
    pub(super) fn kinds(&self) -> impl Iterator<Item = (&[u8], Kind)> {
        self.entries().map(|(name, entry)| (name, entry.kind))
    }

    /// Whether it has directories, or links to some.
    pub(super) fn has_directories(&self) -> bool {
        self.entries.iter().any(|entry| entry.kind != Kind::File)
    }

    /// Whether an entry may change once more without another stamp.
    pub(super) fn is_doubtful(&self) -> bool {
        self.doubt.exists() || self.entries.iter().any(|entry| entry.doubt.exists())
    }

    /// How many files are examined at each scan.
    pub(super) fn files(&self) -> usize {
        self.examined
    }

    /// Fills a listing with the last scan. `is_changed`: whether a doubtful entry of this name and time stamp counts as
    /// changed.
    pub(super) fn fill(&self, listing: &mut Listing, is_changed: impl Fn(&[u8], i128) -> bool) {
        listing.clear();
        if self.moved {
            listing.set_moved();
        }
        for (name, entry) in self.entries() {
            let changed = entry.changed || entry.doubted && is_changed(name, entry.stamp.changed);
            listing.add(name, entry.kind, changed);
        }
        if let Some(errno) = self.denied {
            listing.deny(errno);
        }
    }

    /// The last scan is applied: the next one is compared with it. Ignored files are not examined.
    pub(super) fn settle(&mut self, is_ignored: impl Fn(&[u8], Kind) -> bool) {
        let Self { names, entries, examined, gone, changed, moved, .. } = self;
        gone.clear();
        (*changed, *moved, *examined) = (false, false, 0);
        for entry in entries {
            let name = entry.name(names);
            (entry.changed, entry.doubted, entry.new) = (false, false, false);
            entry.ignored = is_ignored(name, entry.kind);
            *examined += usize::from(entry.kind != Kind::Dir && !entry.ignored);
        }
    }
}

/// Since when a later change of an entry may have the same stamp, if it may: by the clock that nobody sets, in
/// nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Doubt(Option<i64>);

impl Doubt {
    /// `clocks`: when the scan began. `before`: the doubt of the scan before, if that found the same stamp.
    fn new<F: Files>(files: &F, clocks: &Clocks, is_doubtful: bool, before: Option<Self>) -> Self {
        match before {
            Some(before) => before.kept(is_doubtful, clocks.moment),
            // The scan may have begun long before.
            None if is_doubtful => Self(i64::try_from(files.moment().running).ok()),
            None => Self(None),
        }
    }

    /// The same in a scan that began at this moment and found the same stamp.
    fn kept(self, is_doubtful: bool, begun: Moment) -> Self {
        Self(self.0.filter(|since| is_doubtful && begun.running - i128::from(*since) <= DOUBT))
    }

    fn exists(self) -> bool {
        self.0.is_some()
    }
}

/// The scan of a polled file that is not scanned with its directory: a root leads to it, or a link, or it is mounted by
/// itself. As with the entries of a directory, it counts as changed at the next scan, too, if it is doubtful.
#[derive(Clone, Copy, Debug)]
pub(super) struct PolledFile {
    pub(super) stamp: Stamp,
    doubt: Doubt,
    /// When the scan began.
    begun: Moment,
}

impl PolledFile {
    /// `clocks`: before the file was stat'ed.
    pub(super) fn new<F: Files>(files: &F, stat: Stat, clocks: &Clocks) -> Self {
        let doubt = Doubt::new(files, clocks, clocks.may_precede(stat.stamp.changed), None);
        Self { stamp: stat.stamp, doubt, begun: clocks.moment }
    }

    /// Whether it may change once more without another stamp.
    pub(super) fn is_doubtful(&self) -> bool {
        self.doubt.exists()
    }

    /// Compares it with the scan before. Returns whether it changed. `is_changed`: whether a doubtful file of this
    /// time stamp counts as changed.
    pub(super) fn compare(&mut self, before: &Self, is_changed: impl Fn(i128) -> bool) -> bool {
        if self.stamp != before.stamp {
            return true;
        }
        self.doubt = before.doubt.kept(self.is_doubtful(), self.begun);
        before.is_doubtful() && is_changed(self.stamp.changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::SECOND;

    /// A file with a stamp of this second, and since which second it is doubtful.
    fn found(changed: i64, doubtful: Option<i64>, begun: i64) -> PolledFile {
        let second = i64::try_from(SECOND).unwrap();
        let stamp = Stamp { changed: i128::from(changed * second + 1), ..Stamp::default() };
        let begun = Moment::new(begun * second, begun * second);
        PolledFile { stamp, doubt: Doubt(doubtful.map(|since| since * second)), begun }
    }

    #[test]
    fn a_file_that_changed_in_the_moment_of_a_scan_counts_as_changed_at_the_next_one_unless_that_was_reported() {
        assert!(!found(5, None, 7).compare(&found(5, None, 6), |_| true));
        assert!(found(6, None, 7).compare(&found(5, None, 6), |_| false));
        assert!(found(5, None, 7).compare(&found(5, Some(5), 5), |_| true));
        assert!(!found(5, None, 7).compare(&found(5, Some(5), 5), |_| false));
    }

    #[test]
    fn a_doubt_ends() {
        let ahead = 100;
        let mut before = found(ahead, Some(0), 0);
        let changed = (1..8).map(|at| {
            let mut now = found(ahead, Some(at), at);
            let changed = now.compare(&before, |_| true);
            before = now;
            changed
        });
        assert_eq!(changed.collect::<Vec<_>>(), [true, true, true, true, false, false, false]);
    }
}
