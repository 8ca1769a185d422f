//! A model of directory trees that events and scans keep true. It makes no system call: it is reported what was seen,
//! and returns with changes and with asks for somebody to carry out.
//!
//! # What makes it true
//!
//! Events of one directory come in the order in which things happened there, so a directory that was watched *before*
//! it was listed is known exactly: take the listing, then apply the events in their order; what both report is one. The
//! same holds for every later scan: it may be ahead of the queue, but whatever happened up to it is still to come as an
//! event, and the last event of a name says what became of it.
//!
//! A watch stays with its directory wherever that is moved, so only *where* a directory is can be mistaken: while the
//! queue lags, a path may lead elsewhere. Three rules mend that:
//!
//! 1. a scan a child first makes sure that its parent is the directory of the parent's watch ([`ScanResult::Stale`]);
//! 2. each event that brings a directory to a place makes it scanned there again ([`Effect::Scan`]);
//! 3. a directory found where another was believed takes its place, and where it was believed is scanned again.
//!
//! A scan that is stale is repeated when something above it moved, as it must have.

mod batch;
mod blocks;
mod closes;
mod delivered;
mod diff;
mod effect_queue;
mod entries;
mod events;
mod inclusion;
mod listing;
mod mounted;
mod overflows;
mod path;
mod pending;
mod renames;
mod reported_tree;
mod roots;
mod scan;
mod store;
mod symlinks;
mod view;
mod watch_map;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::filter::Filter;

use closes::Closes;
use delivered::Delivered;
use effect_queue::EffectQueue;
use inclusion::Inclusion;
use pending::Pending;
use renames::Renames;
use roots::Roots;
use symlinks::Links;
use watch_map::WatchMap;

pub use diff::{Change, ChangeType};
pub use listing::{Kind, Listing};
pub use path::Path;
pub(crate) use path::is_within;
pub use pending::{Merged, Reported};
pub use roots::Scope;
pub use store::NodeId;
use store::Store;
pub use symlinks::LinkId;

/// What the tree asks for. Carried out in any order, but the last asked first keeps fewest directories open.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Find out which directory is at this node's place, watch it, and list it if [`Model::wants_listing`]. Reply with
    /// [`Model::apply_scan`].
    Scan(NodeId),
    /// Find out what the path of this root leads to. Reply with [`Model::apply_root`].
    ResolveRoot(NodeId),
    /// Find out what this symbolic link leads to, and apply events that may change that with:
    /// [`Model::apply_to_followed`]. Reply with [`Model::apply_link`] or [`Model::enter_link`]; where there is no link,
    /// with [`Model::apply_stat`].
    ResolveLink(LinkId),
    /// This link is gone: nothing that happens on its way is to be reported any more.
    ReleaseLink(LinkId),
    /// Find out whether there is such an entry. Reply with [`Model::apply_stat`].
    Stat(NodeId, Box<[u8]>),
    /// Find out when this file was changed last, and compare that with [`Model::last_reported`]. Reply with
    /// [`Model::apply_closed`], or where there is no such file, with [`Model::stat_closed_failed`].
    StatClosed(NodeId, Box<[u8]>),
    /// Read what git's files say of this directory. Reply with [`Model::apply_rules`].
    ReadRules(NodeId),
    /// Remove this watch.
    Unwatch(i32),
}

/// What a scan of a directory found.
#[derive(Clone, Copy, Debug)]
pub enum ScanResult<'a> {
    /// A directory, watched under this wd before it was listed. No listing: it was not wanted.
    Directory(i32, Option<&'a Listing>),
    /// There is something else than a directory.
    File,
    /// There is nothing.
    Nothing,
    /// The way there leads through another directory than the tree believes.
    Stale,
    /// It can't be watched or read, for this errno.
    Denied(i32),
}

/// What the path of a root leads to.
#[derive(Clone, Copy, Debug)]
pub enum RootResult<'a> {
    /// A directory, as in [`ScanResult::Directory`].
    Directory(i32, Option<&'a Listing>),
    /// A file of this name in the directory watched under this wd; whether it is there.
    File(i32, &'a [u8], bool),
    /// Nothing.
    Nothing,
    /// It can't be watched or read, for this errno.
    Denied(i32),
}

/// What a symbolic link leads to, where that is no directory to be watched.
#[derive(Clone, Copy, Debug)]
pub enum LinkResult<'a> {
    /// A directory that is not to be entered.
    Directory,
    /// A file of this name in the directory watched under this wd; whether it may have changed unseen.
    File(i32, &'a [u8], bool),
    /// Nothing.
    Nothing,
    /// It can't be followed or watched, for this errno.
    Denied(i32),
}

/// Something whose way is followed: a root, whose path may lead over symbolic links, or such a link in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Followed {
    /// A root.
    Root(NodeId),
    /// A symbolic link.
    Link(LinkId),
}

/// How a directory is to be scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    Watch,
    List(Overflow),
}

/// Which overflow a listing repairs, if any: the number given to [`Model::rescan`].
type Overflow = Option<u64>;

/// The model. See the module's own description.
#[derive(Debug)]
pub struct Model {
    store: Store,
    roots: Roots,
    watches: WatchMap,
    pending: Pending,
    delivered: Delivered,
    closes: Closes,
    renames: Renames,
    effects: EffectQueue,
    /// Directories whose last scan was stale.
    stale: BTreeSet<NodeId>,
    /// Directories that could not be watched or read, and the errno of each.
    denied: BTreeMap<NodeId, i32>,
    /// Those of them that are not reported yet.
    unreported: BTreeSet<NodeId>,
    /// Roots and links whose way depends on something that can't be watched.
    polled: BTreeSet<Followed>,
    /// Directories to be listed again although they were. They stay here until they can be.
    relist: HashMap<NodeId, Overflow>,
    recursive: bool,
    inclusion: Inclusion,
    /// Where symbolic links are followed.
    links: Option<Links>,
}
impl Model {
    /// A tree of nothing yet. `recursive`: whether directories below the roots are entered. What is found before
    /// [`begin`](Self::begin) is no change.
    #[must_use]
    pub fn new(recursive: bool, filter: Filter) -> Self {
        Self {
            store: Store::default(),
            roots: Roots::default(),
            watches: WatchMap::default(),
            pending: Pending::silent(),
            delivered: Delivered::default(),
            closes: Closes::default(),
            renames: Renames::default(),
            effects: EffectQueue::default(),
            stale: BTreeSet::new(),
            denied: BTreeMap::new(),
            unreported: BTreeSet::new(),
            polled: BTreeSet::new(),
            relist: HashMap::new(),
            recursive,
            inclusion: Inclusion::new(filter),
            links: None,
        }
    }

    /// Ends the first listing: from here on, what is found is a change.
    pub fn begin(&mut self) {
        debug_assert!(!self.has_changes(), "the first scan reports nothing");
        self.pending.end_silence();
    }

    /// The effect that was added last.
    pub fn next_effect(&mut self) -> Option<Effect> {
        if self.effects.is_empty() {
            self.retry();
        }
        self.effects.next()
    }

    /// What can't be watched or read, with its path, each reported once for as long as it lasts. A symbolic link that
    /// can't be followed is no node.
    pub fn take_denied(&mut self) -> Vec<(Option<NodeId>, Vec<u8>, i32)> {
        let unreported = std::mem::take(&mut self.unreported);
        let links = self.take_denied_links().into_iter().map(|(path, errno)| (None, path, errno));
        let dirs =
            unreported.into_iter().filter_map(|node| Some((Some(node), self.path(node)?, *self.denied.get(&node)?)));
        dirs.chain(links).collect()
    }
}
