//! Effects: the work that the model asks its driver to do, and the results.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::rescans::Overflow;
use super::scan::Listing;
use super::store::NodeId;
use super::symlinks::LinkId;

/// Work that the model asks its driver to do. Effects may be carried out in any order; the last one first keeps the fewest
/// directories open.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Find out which directory is at the place of this node, watch it, and list it if `Model::wants_listing`. Reply
    /// with `Model::apply_scan`.
    Scan(NodeId),
    /// Resolve the path of this root. Reply with `Model::apply_root`.
    ResolveRoot(NodeId),
    /// Resolve this symbolic link, and from then on pass events that may change its target to
    /// `Model::apply_to_followed`. Reply with `Model::apply_link` or `Model::enter_link`; where there is no link,
    /// with `Model::apply_stat`.
    ResolveLink(LinkId),
    /// Pass no more events for this link: it is gone.
    ReleaseLink(LinkId),
    /// Find out what this entry is. Reply with `Model::apply_stat` or `Model::stat_failed`.
    Stat(NodeId, Box<[u8]>),
    /// Find out whether this file changed since it was reported: see `Model::last_reported`. Reply with
    /// `Model::apply_closed`; where there is no such file, with `Model::stat_closed_failed`.
    StatClosed(NodeId, Box<[u8]>),
    /// Find out whether somebody has this file open for writing, if `Model::may_find_writer`. Reply with
    /// `Model::apply_writers` or `Model::find_writer_failed`.
    FindWriter(NodeId, Box<[u8]>),
    /// Read git's files about this directory. Reply with `Model::apply_rules` or `Model::read_rules_failed`.
    ReadRules(NodeId),
    /// Remove this watch.
    Unwatch(i32),
}

/// The wd that a directory was watched as by a scan, and its entries if it was listed then.
pub(crate) type Scanned<'a> = (i32, Option<&'a Listing>);

/// Why a directory or file cannot be opened or watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// It does not exist.
    Nothing,
    /// It is no directory.
    File,
    /// The path leads through another directory than the model has there.
    Stale,
    /// The kernel denies it with this errno.
    Denied(i32),
}

impl Obstacle {
    /// Why it is denied, if it is.
    pub(super) fn errno(self) -> Option<i32> {
        if let Self::Denied(errno) = self { Some(errno) } else { None }
    }
}

/// The target of the path of a root.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FoundRoot<'a> {
    /// A directory.
    Directory(Scanned<'a>),
    /// A file of this name in the directory that is watched as this wd; if it exists, whether it may have changed unseen.
    File(i32, &'a [u8], Option<bool>),
}

/// The target of a symbolic link, unless it is a directory to be watched.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FoundLink<'a> {
    /// A directory that is not entered.
    Directory,
    /// A file of this name in the directory that is watched as this wd; whether an overflow may have hidden changes of it.
    File(i32, &'a [u8], bool),
}

/// Something that a path leads to. That of a root or link is resolved and watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Followed {
    /// A directory, or a root that is a file.
    Dir(NodeId),
    /// A symbolic link.
    Link(LinkId),
}

/// The work of a scan of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Watch the directory; list it if it was not before.
    Watch,
    /// List it in any case.
    List(Overflow),
}

/// The open effects, each once: a scan finds the present state, however often it was asked for.
#[derive(Debug, Default)]
pub(super) struct EffectQueue {
    /// The last one is carried out next.
    open: Vec<Effect>,
    /// Their indexes in `open`, by their hashes.
    places: HashTable<usize>,
    hasher: DefaultHashBuilder,
}

impl EffectQueue {
    pub(super) fn add(&mut self, effect: Effect) {
        let Self { open, places, hasher, .. } = self;
        let hash = hasher.hash_one(&effect);
        if places.find(hash, |place| open.get(*place) == Some(&effect)).is_some() {
            return;
        }
        let place = open.len();
        open.push(effect);
        places.insert_unique(hash, place, |place| open.get(*place).map_or(0, |effect| hasher.hash_one(effect)));
    }

    pub(super) fn next(&mut self) -> Option<Effect> {
        let effect = self.open.pop()?;
        let last = self.open.len();
        if let Ok(entry) = self.places.find_entry(self.hasher.hash_one(&effect), |place| *place == last) {
            entry.remove();
        }
        Some(effect)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// How many bytes of memory they take, except for names.
    pub(super) fn memory(&self) -> usize {
        self.open.capacity() * size_of::<Effect>() + self.places.capacity() * (size_of::<usize>() + 1)
    }
}
