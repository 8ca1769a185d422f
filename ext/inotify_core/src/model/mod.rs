//! The model: what exists in the directory trees, kept true by events and scans. It is pure: events and scan results in,
//! changes and effects out, no system call.
//!
//! # Why it is true
//!
//! The events of one directory come in the order in which things happened there. So a directory that is watched *before*
//! it is listed is known exactly: take the listing, then apply the events in their order; an entry that both report is
//! one. The same holds for every later scan: it may be ahead of the queue, but all that happened until then still comes as
//! an event, and the last event of a name says what became of it.
//!
//! A watch stays with its directory wherever that is moved. So the model can only be wrong about *where* a directory is:
//! while events are queued, a path may lead to another directory. Three rules repair that:
//!
//! 1. A scan of an entry first checks that its parent is the directory of the parent's watch. If it is not, the scan is
//!    stale ([`ScanResult::Stale`]), and repeated when a directory above it moved, as one must have.
//! 2. Each event that brings a directory to a place has it scanned there again ([`Effect::Scan`]).
//! 3. A directory that is found at another place than the model has it is moved there, and its old place scanned again.
//!
//! # Its parts
//!
//! | part | owns |
//! |---|---|
//! | `store` | directories and their entries; in `blocks` |
//! | `watch_map` | what each wd stands for |
//! | `roots` | the paths that the user asked to watch |
//! | `symlinks` | links that are followed |
//! | `inclusion` | the filter, and what it knows of directories |
//! | `renames` | renames whose second event has not come |
//! | `rescans` | what is scanned again, and when: what is `denied`, what an `overflow` hid |
//! | `effect_queue` | the effects that are not carried out |
//! | `pending` | changes that are not delivered, each `batch` of them; `diff` puts them in order |
//! | `delivered`, `closes` | what was reported, as far as it matters later |
//! | `writers` | which files are complete, if that is reported |
//! | `snapshot`, `comparison` | what the consumer was given, for checkpoints; and how that differs from the trees |
//!
//! `events`, `scan`, `polled`, `entries` and `mounted` apply what comes in; `view` is what can be asked.

mod batch;
mod blocks;
mod closes;
mod comparison;
mod delivered;
mod denied;
mod diff;
mod effect_queue;
mod entries;
mod events;
mod inclusion;
mod listing;
mod mounted;
mod overflow;
mod path;
mod pending;
mod polled;
mod renames;
mod reported_tree;
mod rescans;
mod roots;
mod scan;
mod snapshot;
pub(crate) mod store;
mod symlinks;
mod view;
pub(crate) mod watch_map;
mod writers;

use crate::filter::Filter;

use closes::Closes;
use delivered::Delivered;
use effect_queue::EffectQueue;
use inclusion::Inclusion;
use overflow::Overflow;
use pending::Pending;
use renames::Renames;
use rescans::Rescans;
use roots::Roots;
use store::Store;
use symlinks::Links;
use watch_map::WatchMap;
use writers::Unclosed;

pub use comparison::{Comparison, Identity, Recorded, Stated, UNSEEN, identity};
pub use diff::{Change, ChangeType};
pub use listing::{Kind, Listing};
pub use path::Path;
pub use pending::{Merged, Reported};
pub use polled::FoundRename;
pub use roots::Scope;
pub use snapshot::{KnownRoot, Present, Snapshot};
pub use store::NodeId;
pub use symlinks::LinkId;
pub(crate) use watch_map::FIRST_POLLED;
pub use watch_map::is_polled;
pub use writers::Writers;

/// What the model asks its driver to do. Effects may be carried out in any order; the last one first keeps the fewest
/// directories open.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Find out which directory is at the place of this node, watch it, and list it if [`Model::wants_listing`]. Reply
    /// with [`Model::apply_scan`].
    Scan(NodeId),
    /// Resolve the path of this root. Reply with [`Model::apply_root`].
    ResolveRoot(NodeId),
    /// Resolve this symbolic link, and from then on pass events that may change its target to
    /// [`Model::apply_to_followed`]. Reply with [`Model::apply_link`] or [`Model::enter_link`]; where there is no link,
    /// with [`Model::apply_stat`].
    ResolveLink(LinkId),
    /// Pass no more events for this link: it is gone.
    ReleaseLink(LinkId),
    /// Find out what this entry is. Reply with [`Model::apply_stat`] or [`Model::stat_failed`].
    Stat(NodeId, Box<[u8]>),
    /// Find out whether this file changed since it was reported: see [`Model::last_reported`]. Reply with
    /// [`Model::apply_closed`]; where there is no such file, with [`Model::stat_closed_failed`].
    StatClosed(NodeId, Box<[u8]>),
    /// Find out whether somebody has this file open for writing, if [`Model::may_find_writer`]. Reply with
    /// [`Model::apply_writers`] or [`Model::find_writer_failed`].
    FindWriter(NodeId, Box<[u8]>),
    /// Read git's files about this directory. Reply with [`Model::apply_rules`] or [`Model::read_rules_failed`].
    ReadRules(NodeId),
    /// Remove this watch.
    Unwatch(i32),
}

/// What a scan of a directory found.
#[derive(Clone, Copy, Debug)]
pub enum ScanResult<'a> {
    /// A directory, which was watched as this wd and then listed, if that was wanted.
    Directory(i32, Option<&'a Listing>),
    /// An entry that is no directory.
    File,
    /// Nothing.
    Nothing,
    /// The path leads through another directory than the model has there.
    Stale,
    /// It cannot be watched or read, for this errno.
    Denied(i32),
}

/// The target of the path of a root.
#[derive(Clone, Copy, Debug)]
pub enum RootResult<'a> {
    /// A directory, as in [`ScanResult::Directory`].
    Directory(i32, Option<&'a Listing>),
    /// A file of this name in the directory that is watched as this wd; if it exists, whether it may have changed unseen.
    File(i32, &'a [u8], Option<bool>),
    /// Nothing.
    Nothing,
    /// It cannot be watched or read, for this errno.
    Denied(i32),
}

/// The target of a symbolic link, unless it is a directory to be watched.
#[derive(Clone, Copy, Debug)]
pub enum LinkResult<'a> {
    /// A directory that is not entered.
    Directory,
    /// A file of this name in the directory that is watched as this wd; whether an overflow may have hidden changes of it.
    File(i32, &'a [u8], bool),
    /// Nothing.
    Nothing,
    /// It cannot be followed or watched, for this errno.
    Denied(i32),
}

/// Something whose path is resolved and watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Followed {
    /// A root.
    Root(NodeId),
    /// A symbolic link.
    Link(LinkId),
}

/// What a scan of a directory must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// Watch the directory; list it if it was not before.
    Watch,
    /// List it in any case.
    List(Overflow),
}

/// See the module's description.
#[derive(Debug)]
pub struct Model {
    store: Store,
    watches: WatchMap,
    roots: Roots,
    /// `None`: symbolic links are not followed.
    links: Option<Links>,
    inclusion: Inclusion,
    renames: Renames,
    rescans: Rescans,
    effects: EffectQueue,
    pending: Pending,
    delivered: Delivered,
    closes: Closes,
    /// `None`: closed files are not reported.
    unclosed: Option<Unclosed>,
    /// Whether directories below the roots are watched.
    recursive: bool,
}

impl Model {
    /// A model of nothing. `recursive`: whether directories below the roots are watched.
    #[must_use]
    pub fn new(recursive: bool, filter: Filter) -> Self {
        Self {
            store: Store::default(),
            watches: WatchMap::default(),
            roots: Roots::default(),
            links: None,
            inclusion: Inclusion::new(filter),
            renames: Renames::default(),
            rescans: Rescans::default(),
            effects: EffectQueue::default(),
            pending: Pending::silent(),
            delivered: Delivered::default(),
            closes: Closes::default(),
            unclosed: None,
            recursive,
        }
    }

    /// Ends the first scan: what is found from here on is a change.
    pub fn begin(&mut self) {
        debug_assert!(!self.has_changes(), "the first scan reports nothing");
        self.pending.end_silence();
    }

    /// Takes the effect that was added last.
    pub fn next_effect(&mut self) -> Option<Effect> {
        if self.effects.is_empty() {
            self.add_retries();
        }
        self.effects.next()
    }
}
