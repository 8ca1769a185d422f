//! A picture of directory trees that events and looks keep true. It makes no system call: it is told what was seen, and
//! answers with changes and with wishes for somebody to carry out.
//!
//! # What makes it true
//!
//! Events of one directory come in the order in which things happened there, so a directory that was watched *before* it
//! was listed is known exactly: take the listing, then apply the events in their order; what both tell is one. The
//! same holds for every later look: it may be ahead of the queue, but whatever happened up to it is still to come as an
//! event, and the last event of a name says what became of it.
//!
//! A watch stays with its directory wherever that is moved, so only *where* a directory is can be mistaken: while the
//! queue lags, a path may lead elsewhere. Three rules mend that:
//!
//! 1. a look at a child first makes sure that its parent is the directory of the parent's watch ([`Sight::Astray`]);
//! 2. each event that brings a directory to a place makes it looked at there again ([`Wish::Look`]);
//! 3. a directory found where another was believed takes its place, and where it was believed is looked at again.
//!
//! A look that leads astray is repeated when something above it moved, as it must have.

mod batch;
mod bindings;
mod blocks;
mod change;
mod circles;
mod emit;
mod entries;
mod events;
mod exchanges;
mod judge;
mod links;
mod listing;
mod looks;
mod losses;
mod mounted;
mod moves;
mod nodes;
mod order;
mod path;
mod pending;
mod picture;
mod recent;
mod record;
mod removals;
mod renames;
mod reported;
mod resolve;
mod root_set;
mod roots;
mod view;
mod wds;
mod wishes;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::filter::Filter;

use batch::Batch;
use bindings::Bindings;
use exchanges::Exchanges;
use links::Links;
use mounted::MountedFiles;
use moves::Half;
use pending::Pending;
use recent::Recent;
use reported::Reported;
use roots::Roots;
use wishes::Wishes;

pub use change::{Change, ChangeType};
pub use links::LinkId;
pub use listing::{Kind, Listing};
pub use nodes::{Child, NodeId, Nodes};
pub use path::Path;
pub(crate) use path::is_within;
pub use roots::Scope;

/// What the tree asks for. Carried out in any order, but the last asked first keeps fewest directories open.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Wish {
    /// Find out which directory is at this node's place, watch it, and list it if [`Tree::wants_listing`]. Answer with
    /// [`Tree::saw`].
    Look(NodeId),
    /// Find out what the path of this root leads to. Answer with [`Tree::saw_root`].
    Resolve(NodeId),
    /// Find out what this symbolic link leads to, and have the tree told when that may have changed:
    /// [`Tree::apply_on_way`]. Answer with [`Tree::saw_link`] or [`Tree::enter_link`]; where there is no link, with
    /// [`Tree::saw_entry`].
    Follow(LinkId),
    /// This link is gone: nothing that happens on its way is to be told any more.
    Release(LinkId),
    /// Find out whether there is such an entry. Answer with [`Tree::saw_entry`].
    Check(NodeId, Box<[u8]>),
    /// Find out when this file was changed last, and compare that with [`Tree::reported`]. Answer with
    /// [`Tree::saw_closed`], or where there is no such file, with [`Tree::could_not_see_closed`].
    Close(NodeId, Box<[u8]>),
    /// Read what git's files say of this directory. Answer with [`Tree::saw_rules`].
    Rules(NodeId),
    /// Remove this watch.
    Unwatch(i32),
}

/// What a look at a directory gave.
#[derive(Clone, Copy, Debug)]
pub enum Sight<'a> {
    /// A directory, watched under this wd before it was listed. No listing: it was not wanted.
    Directory(i32, Option<&'a Listing>),
    /// There is something else than a directory.
    File,
    /// There is nothing.
    Nothing,
    /// The way there leads through another directory than the tree believes.
    Astray,
    /// It can't be watched or read, for this errno.
    Refused(i32),
}

/// What the path of a root leads to.
#[derive(Clone, Copy, Debug)]
pub enum RootSight<'a> {
    /// A directory, as in [`Sight::Directory`].
    Directory(i32, Option<&'a Listing>),
    /// A file of this name in the directory watched under this wd; whether it is there.
    File(i32, &'a [u8], bool),
    /// Nothing.
    Nothing,
    /// It can't be watched or read, for this errno.
    Refused(i32),
}

/// What a symbolic link leads to, where that is no directory to be watched.
#[derive(Clone, Copy, Debug)]
pub enum LinkSight<'a> {
    /// A directory that is not to be entered.
    Directory,
    /// A file of this name in the directory watched under this wd; whether it may have changed unseen.
    File(i32, &'a [u8], bool),
    /// Nothing.
    Nothing,
    /// It can't be followed or watched, for this errno.
    Refused(i32),
}

/// Something whose way is followed: a root, whose path may lead over symbolic links, or such a link in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Followed {
    /// A root.
    Root(NodeId),
    /// A symbolic link.
    Link(LinkId),
}

/// How a directory is to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    Sight,
    Listing(Loss),
}

/// Which loss of events a listing makes up for, if any: the number given to [`Tree::look_again`].
type Loss = Option<u64>;

/// A batch.
#[derive(Debug)]
pub struct Merged {
    /// Its changes.
    pub changes: Vec<Change>,
    /// What it tells to be read.
    pub told: Told,
}

/// The files that a batch tells to be new or modified.
#[derive(Debug, Default)]
pub struct Told(recent::Told);

/// The picture. See the module's own description.
#[derive(Debug)]
pub struct Tree {
    nodes: Nodes,
    roots: Roots,
    bindings: Bindings,
    mounted: MountedFiles,
    pending: Pending,
    recent: Recent,
    reported: Reported,
    halves: Vec<Half>,
    wishes: Wishes,
    /// Directories a look at which led astray.
    astray: BTreeSet<NodeId>,
    /// Directories that could not be watched or read, and the errno of each.
    refused: BTreeMap<NodeId, i32>,
    /// Those of them that are not told of yet.
    untold: BTreeSet<NodeId>,
    /// Roots and links whose way depends on something that can't be watched.
    unseen: BTreeSet<Followed>,
    /// Directories to be listed again although they were. They stay here until they can be.
    repair: HashMap<NodeId, Loss>,
    /// Removed directories that the batch may still speak of.
    buried: Vec<NodeId>,
    /// The same for the batch that lies ready.
    kept: Vec<NodeId>,
    exchanges: Exchanges,
    recursive: bool,
    /// Whether each root is a tree of its own: see [`separate_roots`](Self::separate_roots).
    separate: bool,
    filter: Filter,
    /// Where symbolic links are followed.
    links: Option<Links>,
    /// Directories that are not entered before somebody has said whether they count, by the number of the question.
    unjudged: BTreeMap<u64, NodeId>,
    /// The number of the last question, and of the last one that was put.
    questions: u64,
    asked: u64,
}
impl Tree {
    /// A tree of nothing yet. `recursive`: whether directories below the roots are entered. What is found before
    /// [`begin`](Self::begin) is no change.
    #[must_use]
    pub fn new(recursive: bool, filter: Filter) -> Self {
        Self {
            nodes: Nodes::default(),
            roots: Roots::default(),
            bindings: Bindings::default(),
            mounted: MountedFiles::default(),
            pending: Pending::silent(),
            recent: Recent::default(),
            reported: Reported::default(),
            halves: Vec::new(),
            wishes: Wishes::default(),
            astray: BTreeSet::new(),
            refused: BTreeMap::new(),
            untold: BTreeSet::new(),
            unseen: BTreeSet::new(),
            repair: HashMap::new(),
            buried: Vec::new(),
            kept: Vec::new(),
            exchanges: Exchanges::default(),
            recursive,
            separate: false,
            filter,
            links: None,
            unjudged: BTreeMap::new(),
            questions: 0,
            asked: 0,
        }
    }

    /// Ends the first listing: from here on, what is found is a change.
    pub fn begin(&mut self) {
        drop(self.take_changes());
        self.pending.untaken = None;
        self.pending.since.silent = false;
    }

    /// The wish that was added last.
    pub fn next_wish(&mut self) -> Option<Wish> {
        if self.wishes.is_empty() {
            self.retry();
        }
        self.wishes.next()
    }

    /// What can't be watched or read, with its path, each told once for as long as it lasts. A symbolic link that can't be
    /// followed is no node.
    pub fn take_troubles(&mut self) -> Vec<(Option<NodeId>, Vec<u8>, i32)> {
        let untold = std::mem::take(&mut self.untold);
        let links = self.take_link_troubles().into_iter().map(|(path, errno)| (None, path, errno));
        let dirs =
            untold.into_iter().filter_map(|node| Some((Some(node), self.path(node)?, *self.refused.get(&node)?)));
        dirs.chain(links).collect()
    }

    /// Whether something was added to what there is to tell since this was last asked.
    pub fn take_fresh(&mut self) -> bool {
        std::mem::take(&mut self.pending.since.fresh)
    }

    /// Whoever takes the changes has looked at all that was told up to this batch that told something, counted from 1. To
    /// be called when all that had happened by then is told, too.
    pub fn was_seen(&mut self, batch: u64) {
        self.recent.forget(batch, &self.nodes, &self.refused);
    }

    /// The batches up to this one were taken when all that had happened was told: their paths led where they say. Who reads
    /// them at once finds what they tell of.
    pub fn was_current(&mut self, batch: u64) {
        self.recent.set_current(batch);
    }

    /// What changed since the last call, merged and in an order in which it can be applied. Not to be asked for while a
    /// wish is open or a half of a rename waits: see [`settle`](Self::settle). Nor before somebody has taken the batch
    /// before: see [`was_taken`](Self::was_taken) and [`merge`](Self::merge).
    pub fn take_changes(&mut self) -> Vec<Change> {
        self.was_taken();
        let batch = self.pending.begin();
        let Merged { changes, told: Told(told) } = self.emit(batch.clone(), 0);
        if changes.is_empty() {
            self.buried.drain(..).for_each(|node| forget(&mut self.nodes, &mut self.roots, node));
        } else {
            self.recent.remember(told, &self.nodes, &self.refused);
            self.pending.untaken = Some(batch);
            self.kept = std::mem::take(&mut self.buried);
        }
        changes
    }

    /// The batch that was handed over last is taken.
    pub fn was_taken(&mut self) {
        self.pending.untaken = None;
        self.kept.drain(..).for_each(|node| forget(&mut self.nodes, &mut self.roots, node));
    }

    /// What is to take the place of the batch that was handed over last, as nobody has taken it: the changes of both that
    /// and what happened since. To be told when it does: see [`replaced`](Self::replaced). `None`: it is taken.
    #[must_use]
    pub fn merge(&self) -> Option<Merged> {
        Some(self.emit(self.pending.untaken.clone()?, 1))
    }

    /// The batch that lay ready is replaced by what [`merge`](Self::merge) answered, the changes of which are handed over.
    pub fn replaced(&mut self, Told(told): Told) {
        self.pending.begin();
        self.kept.append(&mut self.buried);
        self.recent.replace(told);
    }

    /// `untaken`: how many of the batches that were handed over last nobody has taken.
    fn emit(&self, mut batch: Batch, untaken: usize) -> Merged {
        let untold = self.recent.tell_again(&mut batch, &self.nodes, untaken);
        let (changes, files) = emit::changes(batch, &self.nodes, &self.roots, self.filter.tells_directories());
        Merged { changes, told: Told(recent::Told { files, untold }) }
    }
}

/// Nothing speaks of a directory any more, which may have been a root.
fn forget(nodes: &mut Nodes, roots: &mut Roots, node: NodeId) {
    roots.forget(node);
    nodes.recycle(node);
}
