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
//! | `rescans` | what is scanned again, and when: all that is `unknown` |
//! | `effects` | what the driver has to do |
//! | `pending` | changes that are not delivered, each `batch` of them, and those that were lately |
//! | `closes` | closed files: which changed since they were reported, and which are complete |
//!
//! `events`, `scan` and `entries` apply what comes in. `diff` puts the changes of a batch in order, by the
//! `reported_tree` that the consumer knows. `comparison` is how the trees differ from a checkpoint. `view` is what can be
//! asked.

mod batch;
mod blocks;
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
mod unknown;
mod view;
pub(crate) mod watch_map;

use crate::filter::Filter;

use closes::{Closes, Unclosed};
use effects::{EffectQueue, Need};
use inclusion::Inclusion;
use pending::{Delivered, Pending};
use renames::Renames;
use rescans::Rescans;
use roots::Roots;
use store::Store;
use symlinks::Links;
use watch_map::WatchMap;

pub use closes::Writers;
pub use comparison::{Comparison, Identity, Recorded, Stated, UNSEEN, identity};
pub use diff::{Change, ChangeType};
pub use effects::{Effect, Followed, LinkResult, RootResult, ScanResult};
pub use path::Path;
pub use pending::{Merged, Reported};
pub use renames::FoundRename;
pub use reported_tree::{KnownRoot, Present, Snapshot};
pub use roots::Scope;
pub use scan::{Kind, Listing};
pub use store::NodeId;
pub use symlinks::LinkId;
pub use watch_map::is_polled;
pub(crate) use watch_map::{FIRST_POLLED, next_polled};

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
