//! The model: the directory trees as they are, kept true by events and scans. It is pure: events and scan results in,
//! changes and effects out, no system call.
//!
//! # Why it is true
//!
//! The events of one directory come in the order in which things happened there. So a directory that is watched *before*
//! it is listed is known exactly: take the listing, then apply the events in their order; an entry that both report is
//! one. The same holds for every later scan: it may be ahead of the queue, but all that happened until then still comes as
//! an event, and the last event of a name decides.
//!
//! A watch stays with its directory wherever that is moved. So the model can only be wrong about *where* a directory is:
//! while events are queued, a path may lead to another directory. Three rules repair that:
//!
//! 1. A scan of an entry first checks that its parent is the directory of the parent's watch. If it is not, the scan is
//!    stale, and repeated when a directory above it moved, as one must have.
//! 2. Each event that brings a directory to a place has it scanned there again ([`Effect::Scan`]).
//! 3. A directory that is found at another place than the model has it is moved there, and its old place scanned again.
//!
//! # Its parts
//!
//! | part | owns |
//! |---|---|
//! | `store` | directories and their entries |
//! | `watch_map` | the directories and files of each wd |
//! | `roots` | the paths that the user asked to watch |
//! | `symlinks` | links that are followed |
//! | `inclusion` | the filter, with the rules and requests of directories |
//! | `renames` | renames whose second event has not come |
//! | `rescans` | scans that are repeated, and when |
//! | `effects` | the work for the driver |
//! | `pending` | changes that are not delivered, each `batch` of them, and those that were lately |
//! | `closes` | closed files: which changed since they were reported |
//! | `writers` | which files are complete |
//!
//! `events`, `scan` and `entries` apply events and scan results. `diff` puts the changes of a batch in order, by the
//! `reported_tree` that the consumer knows. `comparison` is how the trees differ from a checkpoint. `view` has the
//! questions to it.

mod batch;
mod closes;
mod comparison;
mod diff;
mod effects;
mod entries;
mod events;
mod inclusion;
mod path;
mod pending;
mod renames;
mod reported_tree;
mod rescans;
mod roots;
mod scan;
pub(crate) mod store;
mod symlinks;
mod view;
pub(crate) mod watch_map;
mod writers;

use crate::filter::Filter;

use closes::Closes;
use effects::{EffectQueue, Need};
use inclusion::Inclusion;
use pending::{Delivered, Pending};
use renames::Renames;
use rescans::Rescans;
use roots::Roots;
use store::Store;
use symlinks::Links;
use watch_map::WatchMap;
use writers::Unclosed;

pub use diff::{Change, ChangeType};
pub use effects::Effect;
pub use path::Path;
pub use roots::Scope;
pub use scan::Kind;
pub use store::NodeId;
pub use symlinks::LinkId;

pub(crate) use comparison::{Stated, UNSEEN};
pub(crate) use effects::{Followed, FoundLink, FoundRoot, Obstacle, Scanned};
pub(crate) use renames::FoundRename;
pub(crate) use reported_tree::{ConsumerTree, KnownRoot, Present};
pub(crate) use scan::Listing;
pub(crate) use watch_map::{FIRST_POLLED, is_polled, next_polled};
pub(crate) use writers::Writers;

/// See the module's description.
#[derive(Debug)]
pub struct Model {
    store: Store,
    watches: WatchMap,
    roots: Roots,
    links: Links,
    inclusion: Inclusion,
    renames: Renames,
    rescans: Rescans,
    effects: EffectQueue,
    pending: Pending,
    delivered: Delivered,
    closes: Closes,
    unclosed: Unclosed,
    /// Whether directories below the roots are watched.
    recursive: bool,
}

impl Model {
    /// A model of nothing. `recursive`: whether directories below the roots are watched.
    pub(crate) fn new(recursive: bool, filter: Filter) -> Self {
        Self {
            store: Store::default(),
            watches: WatchMap::default(),
            roots: Roots::default(),
            links: Links::default(),
            inclusion: Inclusion::new(filter),
            renames: Renames::default(),
            rescans: Rescans::default(),
            effects: EffectQueue::default(),
            pending: Pending::silent(),
            delivered: Delivered::default(),
            closes: Closes::default(),
            unclosed: Unclosed::default(),
            recursive,
        }
    }

    /// Ends the first scan: entries that are found from here on are changes.
    pub(crate) fn begin(&mut self) {
        debug_assert!(!self.has_changes(), "the first scan reports nothing");
        self.pending.end_silence();
    }

    /// Takes the effect that was added last.
    pub(crate) fn next_effect(&mut self) -> Option<Effect> {
        if self.effects.is_empty() {
            self.add_retries();
        }
        self.effects.next()
    }
}
