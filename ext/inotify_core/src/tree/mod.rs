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
mod change;
mod emit;
mod links;
mod listing;
mod nodes;
mod recent;
mod roots;

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use crate::event::Event;
use crate::filter::{Filter, GITIGNORE};
use crate::flags::Mask;

use batch::{Batch, Carried, Place};
use bindings::Bindings;
use links::Links;
use recent::Recent;
use roots::Roots;

pub use change::{Change, ChangeType};
pub use listing::{Kind, Listing};
pub use nodes::{Child, NodeId, Nodes};

/// What the tree asks for. Carried out in any order, but the last asked first keeps fewest directories open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Find out which directory is at this node's place, watch it, and list it if [`Tree::wants_listing`]. Answer with
    /// [`Tree::saw`].
    Look(NodeId),
    /// Find out what the path of this root leads to. Answer with [`Tree::saw_root`].
    Resolve(NodeId),
    /// Find out whether there is such an entry. Answer with [`Tree::saw_entry`].
    Check(NodeId, Box<[u8]>),
    /// Read the .gitignore file of this directory. Answer with [`Tree::saw_rules`].
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

/// How many places are remembered that something was renamed over.
const REPLACED: usize = 16;

/// The first half of a rename whose second has not come.
#[derive(Debug)]
struct Half {
    cookie: u32,
    from: Place,
    moved: Moved,
    /// Whether the rename may be the second of an exchange.
    exchange: bool,
}

#[derive(Debug)]
enum Moved {
    File(Carried),
    Dir(NodeId),
}

/// How a directory is to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    Sight,
    Listing,
}

/// The picture. See the module's own description.
#[derive(Debug)]
pub struct Tree {
    nodes: Nodes,
    roots: Roots,
    bindings: Bindings,
    batch: Batch,
    recent: Recent,
    halves: Vec<Half>,
    wishes: Vec<Wish>,
    /// Directories a look at which led astray.
    astray: BTreeSet<NodeId>,
    /// Directories that could not be watched or read, and the errno of each.
    refused: BTreeMap<NodeId, i32>,
    /// Refusals not told yet.
    troubles: Vec<(Vec<u8>, i32)>,
    /// Directories to be listed again although they were.
    repair: HashSet<NodeId>,
    /// Removed directories that the batch may still speak of.
    buried: Vec<NodeId>,
    /// The last places that something was renamed over. An exchange comes as two renames, each over the other's old name,
    /// so the second takes away what the first put there.
    replaced: VecDeque<Place>,
    recursive: bool,
    filter: Filter,
    /// Where symbolic links are followed.
    links: Option<Links>,
    /// Directories that are not entered before somebody has said whether they count, by the number of the question.
    unjudged: BTreeMap<u64, NodeId>,
    questions: Vec<u64>,
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
            batch: Batch { silent: true, ..Batch::default() },
            recent: Recent::default(),
            halves: Vec::new(),
            wishes: Vec::new(),
            astray: BTreeSet::new(),
            refused: BTreeMap::new(),
            troubles: Vec::new(),
            repair: HashSet::new(),
            buried: Vec::new(),
            replaced: VecDeque::new(),
            recursive,
            filter,
            links: None,
            unjudged: BTreeMap::new(),
            questions: Vec::new(),
            asked: 0,
        }
    }

    /// Follows symbolic links to directories. Each directory is entered once.
    pub fn follow_links(&mut self) {
        self.links = Some(Links::default());
    }

    /// Whether symbolic links to directories are followed.
    #[must_use]
    pub fn follows_links(&self) -> bool {
        self.links.is_some()
    }

    /// Whether a directory is entered through a symbolic link.
    #[must_use]
    pub fn is_link(&self, node: NodeId) -> bool {
        self.links.as_ref().is_some_and(|links| links.contains(node))
    }

    /// Adds a root, whose path is told as it is given. Wishes for its resolution.
    pub fn add_root(&mut self, path: Vec<u8>) -> NodeId {
        let node = self.nodes.create();
        self.roots.add(node, path);
        self.wishes.push(Wish::Resolve(node));
        node
    }

    /// Ends the first listing: from here on, what is found is a change.
    pub fn begin(&mut self) {
        drop(self.take_changes());
        self.batch.silent = false;
    }

    /// The wish that was added last.
    pub fn next_wish(&mut self) -> Option<Wish> {
        self.wishes.pop()
    }

    /// Whether a wish is open.
    #[must_use]
    pub fn has_wishes(&self) -> bool {
        !self.wishes.is_empty()
    }

    /// The place of a directory: its parent and its name there. `None` for a root, or one that is no longer anywhere.
    #[must_use]
    pub fn place(&self, node: NodeId) -> Option<(NodeId, &[u8])> {
        Some((self.nodes.parent(node)?, self.nodes.name(node)?))
    }

    /// The watch descriptor of a directory.
    #[must_use]
    pub fn wd(&self, node: NodeId) -> Option<i32> {
        self.nodes.wd(node)
    }

    /// Whether a wd belongs to the tree.
    #[must_use]
    pub fn knows(&self, wd: i32) -> bool {
        self.bindings.contains(wd)
    }

    /// How many watches the tree has.
    #[must_use]
    pub fn watches(&self) -> usize {
        self.bindings.len()
    }

    /// The wds of the tree.
    pub fn wds(&self) -> impl Iterator<Item = i32> + '_ {
        self.bindings.wds()
    }

    /// Whether the node is a root.
    #[must_use]
    pub fn is_root(&self, node: NodeId) -> bool {
        self.roots.contains(node)
    }

    /// Whether a look that finds the directory of `wd` at the node must list it.
    #[must_use]
    pub fn wants_listing(&self, node: NodeId, wd: i32) -> bool {
        self.nodes.wd(node) != Some(wd) || !self.nodes.is_listed(node) || self.repair.contains(&node)
    }

    /// Directories that could not be watched or read, and the errno of each.
    #[must_use]
    pub fn refused(&self) -> &BTreeMap<NodeId, i32> {
        &self.refused
    }

    /// Paths that could not be watched or read, each told once for as long as it lasts.
    pub fn take_troubles(&mut self) -> Vec<(Vec<u8>, i32)> {
        std::mem::take(&mut self.troubles)
    }

    /// The path of a directory, under that of its root.
    #[must_use]
    pub fn path(&self, node: NodeId) -> Option<Vec<u8>> {
        let mut names = Vec::new();
        let mut at = node;
        let mut path = loop {
            if let Some(path) = self.roots.path(at) {
                break path.to_vec();
            }
            names.push(self.nodes.name(at)?);
            at = self.nodes.parent(at)?;
        };
        for name in names.into_iter().rev() {
            if !path.ends_with(b"/") {
                path.push(b'/');
            }
            path.extend_from_slice(name);
        }
        Some(path)
    }

    /// Every path the tree knows, directories before what is in them.
    #[must_use]
    pub fn paths(&self) -> Vec<(Vec<u8>, Kind)> {
        let mut paths = Vec::new();
        for root in self.roots.nodes() {
            let Some(path) = self.roots.path(root) else { continue };
            if self.roots.only(root).is_some() {
                if self.nodes.len(root) > 0 {
                    paths.push((path.to_vec(), Kind::File));
                }
                continue;
            }
            let directories = self.filter.tells_directories();
            if directories && self.roots.is_there(root) {
                paths.push((path.to_vec(), Kind::Dir));
            }
            let mut open = vec![(root, path.to_vec())];
            while let Some((dir, path)) = open.pop() {
                for (name, child) in self.nodes.children(dir) {
                    let mut path = path.clone();
                    if !path.ends_with(b"/") {
                        path.push(b'/');
                    }
                    path.extend_from_slice(name);
                    match child {
                        Child::File => paths.push((path, Kind::File)),
                        Child::Dir(node) => {
                            if directories {
                                paths.push((path.clone(), Kind::Dir));
                            }
                            open.push((node, path));
                        }
                    }
                }
            }
        }
        paths
    }

    /// How many files and directories there are.
    #[must_use]
    pub fn counts_of_entries(&self) -> (usize, usize) {
        let (files, dirs) = self.nodes.counts();
        (files, dirs + self.roots.nodes().into_iter().filter(|root| self.roots.is_there(*root)).count())
    }

    /// Every directory, parents before what is in them.
    #[must_use]
    pub fn directories(&self) -> Vec<NodeId> {
        let mut dirs = self.roots.nodes();
        dirs.retain(|root| self.roots.is_there(*root));
        let mut next = 0;
        while let Some(dir) = dirs.get(next).copied() {
            next += 1;
            dirs.extend(self.nodes.children(dir).filter_map(|(_, child)| match child {
                Child::Dir(child) => Some(child),
                Child::File => None,
            }));
        }
        dirs
    }

    /// The entries of a directory.
    pub fn entries(&self, dir: NodeId) -> impl Iterator<Item = (&[u8], Kind)> {
        let kind = |child| if child == Child::File { Kind::File } else { Kind::Dir };
        self.nodes.children(dir).map(move |(name, child)| (name, kind(child)))
    }

    /// Whether an entry counts for the filter.
    #[must_use]
    pub fn counts(&self, dir: NodeId, name: &[u8], kind: Kind) -> bool {
        self.admits(dir, name, kind != Kind::File)
    }

    /// Whether a directory is one that is watched, or is to be.
    #[must_use]
    pub fn is_to_be_entered(&self, dir: NodeId) -> bool {
        self.roots.contains(dir) || self.recursive
    }

    /// Something may be mounted at a path below a root, or no longer be: looks at the directory there again.
    pub fn look_at(&mut self, root: NodeId, path: &[u8]) {
        let mut at = root;
        for name in path.split(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
            match self.nodes.find(at, name) {
                Some(Child::Dir(child)) => at = child,
                _ => return,
            }
        }
        self.look(at, Need::Sight);
    }

    /// Whether there is something to tell.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        !self.batch.is_empty()
    }

    /// Whether a rename's first half waits for its second, or a look for something above it to move.
    #[must_use]
    pub fn is_unsettled(&self) -> bool {
        !self.halves.is_empty() || !self.astray.is_empty()
    }

    /// What changed since the last call, merged and in an order in which it can be applied.
    pub fn take_changes(&mut self) -> Vec<Change> {
        let silent = self.batch.silent;
        let mut batch = std::mem::replace(&mut self.batch, Batch { silent, ..Batch::default() });
        self.recent.tell_again(&mut batch, &self.nodes);
        let changes = emit::changes(batch, &self.nodes, &self.roots, self.filter.tells_directories());
        for node in self.buried.drain(..) {
            self.nodes.recycle(node);
        }
        changes
    }

    // What the kernel tells.

    /// Applies one event. An overflow is not an event of the tree: see [`look_again`](Self::look_again).
    pub fn apply(&mut self, event: &Event<'_>) {
        if event.mask.contains(Mask::IGNORED) {
            self.lose_watch(event.wd);
            return;
        }
        // Which of its paths a half of a rename belongs to can't be told; nor, without asking, whether a directory counts
        // where it is moved to.
        let shared = self.bindings.is_shared(event.wd) || self.filter.is_judged();
        let dirs: Vec<NodeId> = self.bindings.nodes(event.wd).collect();
        for dir in dirs {
            if event.name.is_empty() {
                self.apply_to_self(dir, event.mask);
            } else if self.roots.only(dir).is_none_or(|only| only == event.name) {
                self.apply_to_child(dir, event, shared);
            }
        }
    }

    /// The kernel dropped a watch: its directory is removed or unmounted. What is at its place now?
    fn lose_watch(&mut self, wd: i32) {
        let dirs: Vec<NodeId> = self.bindings.nodes(wd).collect();
        for dir in dirs {
            self.bindings.remove(wd, dir);
            self.nodes.set_wd(dir, None);
            self.nodes.set_listed(dir, false);
            self.look(dir, Need::Sight);
        }
        self.release_links(wd);
        self.retry_refused(libc::ENOSPC);
    }

    fn apply_to_self(&mut self, dir: NodeId, mask: Mask) {
        if !self.roots.contains(dir) {
            if self.is_link(dir) && mask.intersects(Mask::DELETE_SELF | Mask::MOVE_SELF) {
                self.look(dir, Need::Sight);
            }
            return;
        }
        if mask.intersects(Mask::DELETE_SELF | Mask::MOVE_SELF | Mask::UNMOUNT) {
            self.wishes.push(Wish::Resolve(dir));
        }
        if mask.contains(Mask::ATTRIB) && self.roots.only(dir).is_none() {
            self.batch.dir_attributes(dir);
            self.retry_refused(libc::EACCES);
        }
    }

    fn apply_to_child(&mut self, dir: NodeId, event: &Event<'_>, shared: bool) {
        let name = event.name;
        let place = (dir, Box::from(name));
        let isdir = event.mask.contains(Mask::ISDIR);
        if name == GITIGNORE && self.filter.honours_gitignore() && !event.mask.contains(Mask::ATTRIB) {
            self.wishes.push(Wish::Rules(dir));
        }
        // Whoever renames holds the directory: another event of it shows that the second half does not come.
        if !event.mask.contains(Mask::MOVED_TO) {
            self.settle_where(|half| half.from == place);
        }
        if event.mask.intersects(Mask::DELETE | Mask::MOVED_FROM) && self.is_another(&place, isdir) {
            // What left is not what we have here: an exchange, or a look that was ahead of this event.
            self.wishes.push(Wish::Check(dir, place.1));
        } else if event.mask.contains(Mask::CREATE) {
            self.appear(place, isdir, false);
        } else if event.mask.contains(Mask::DELETE) {
            self.remove_child(&place, false);
        } else if event.mask.contains(Mask::MOVED_FROM) {
            self.move_from(place, event.cookie, shared);
        } else if event.mask.contains(Mask::MOVED_TO) {
            self.move_to(place, event.cookie, isdir, shared);
        } else if event.mask.intersects(Mask::MODIFY | Mask::CLOSE_WRITE) && !isdir {
            self.modify(place);
        } else if event.mask.contains(Mask::ATTRIB) {
            self.change_attributes(place, isdir);
        }
    }

    /// Whether an entry counts.
    fn admits(&self, dir: NodeId, name: &[u8], isdir: bool) -> bool {
        if self.filter.is_open() || self.roots.only(dir).is_some() {
            return true;
        }
        let mut dirs: Vec<(NodeId, &[u8])> = Vec::new();
        let mut at = dir;
        while let Some(parent) = self.nodes.parent(at) {
            dirs.push((at, self.nodes.name(at).unwrap_or_default()));
            at = parent;
        }
        dirs.push((at, b""));
        self.filter.admits(&dirs, name, if isdir { Kind::Dir } else { Kind::File })
    }

    /// Whether there is a file where a directory is spoken of, or the other way round.
    fn is_another(&self, place: &Place, isdir: bool) -> bool {
        let child = self.nodes.find(place.0, &place.1);
        child.is_some_and(|child| isdir != matches!(child, Child::Dir(_)))
    }

    /// An entry appeared, or was told to have. `found`: by looking, not by an event.
    fn appear(&mut self, place: Place, isdir: bool, found: bool) {
        if self.follows_links() && !found && !isdir {
            // It may be a link to a directory.
            self.wishes.push(Wish::Check(place.0, place.1.clone()));
        }
        match (self.nodes.find(place.0, &place.1), isdir) {
            (Some(Child::File), false) => self.batch.file_modified(place, found),
            (Some(Child::Dir(child)), false) if self.is_link(child) => self.look(child, Need::Sight),
            (Some(Child::Dir(child)), true) => self.look(child, Need::Sight),
            (Some(_), _) => {
                self.remove_child(&place, found);
                self.appear(place, isdir, found);
            }
            (None, _) if !self.admits(place.0, &place.1, isdir) => {}
            (None, false) => {
                self.nodes.add_file(place.0, &place.1);
                self.batch.file_added(place, found);
            }
            (None, true) => {
                let child = self.nodes.create();
                self.nodes.attach(place.0, &place.1, child);
                self.batch.dir_added(child, found);
                if self.filter.is_judged() {
                    self.asked += 1;
                    self.unjudged.insert(self.asked, child);
                    self.questions.push(self.asked);
                } else {
                    self.look(child, Need::Sight);
                }
            }
        }
    }

    fn modify(&mut self, place: Place) {
        match self.nodes.find(place.0, &place.1) {
            Some(Child::File) => self.batch.file_modified(place, false),
            Some(Child::Dir(_)) => {}
            None => self.check(place, false),
        }
    }

    fn change_attributes(&mut self, place: Place, isdir: bool) {
        match self.nodes.find(place.0, &place.1) {
            Some(Child::File) => self.batch.file_attributes(place),
            Some(Child::Dir(child)) => {
                self.batch.dir_attributes(child);
                self.retry_refused(libc::EACCES);
            }
            None => self.check(place, isdir),
        }
    }

    /// Something is told of an entry that we don't have: removed and still written to, or a look was wrong.
    fn check(&mut self, place: Place, isdir: bool) {
        if self.admits(place.0, &place.1, isdir) {
            self.wishes.push(Wish::Check(place.0, place.1));
        }
    }

    fn move_from(&mut self, place: Place, cookie: u32, shared: bool) {
        if shared {
            self.remove_child(&place, false);
            return;
        }
        let moved = match self.nodes.remove(place.0, &place.1) {
            None => return,
            Some(Child::File) => Moved::File(self.batch.file_taken(place.clone())),
            Some(Child::Dir(child)) => {
                self.batch.dir_taken(child, place.clone());
                Moved::Dir(child)
            }
        };
        let exchange = self.replaced.contains(&place);
        if exchange {
            self.wishes.push(Wish::Check(place.0, place.1.clone()));
        }
        self.halves.push(Half { cookie, from: place, moved, exchange });
    }

    fn move_to(&mut self, place: Place, cookie: u32, isdir: bool, shared: bool) {
        if self.nodes.find(place.0, &place.1).is_some() {
            self.replaced.truncate(REPLACED - 1);
            self.replaced.push_front(place.clone());
        }
        let half = self.halves.iter().position(|half| half.cookie == cookie && !shared);
        let half = half.map(|index| self.halves.remove(index));
        match half {
            Some(half) if !self.admits(place.0, &place.1, isdir) => self.lose(half),
            Some(half) => self.move_here(half, place),
            None => self.appear(place, isdir, false),
        }
        if isdir {
            self.retry_astray();
        }
    }

    fn move_here(&mut self, half: Half, place: Place) {
        self.remove_child(&place, false);
        match half.moved {
            Moved::File(carried) => {
                self.nodes.add_file(place.0, &place.1);
                self.batch.file_put(carried, place.clone());
            }
            Moved::Dir(child) => {
                self.nodes.attach(place.0, &place.1, child);
                self.batch.dir_put(child, &place);
                // What counts in it may depend on where it is.
                let need = if self.filter.is_open() { Need::Sight } else { Need::Listing };
                self.look(child, need);
            }
        }
        if half.exchange {
            self.wishes.push(Wish::Check(place.0, place.1));
        }
    }

    /// Removes an entry with all below it.
    fn remove_child(&mut self, place: &Place, found: bool) {
        match self.nodes.remove(place.0, &place.1) {
            None => {}
            Some(Child::File) => self.batch.file_removed(place.clone(), found),
            Some(Child::Dir(child)) => self.bury(child, Some(place.clone()), found),
        }
    }

    /// Removes a directory that is nowhere any more, with all below it. `place`: where it was.
    fn bury(&mut self, dir: NodeId, place: Option<Place>, found: bool) {
        let mut open = vec![(dir, place)];
        while let Some((dir, place)) = open.pop() {
            for (name, child) in self.empty(dir, found) {
                open.push((child, Some((dir, name))));
            }
            self.unbind(dir);
            self.astray.remove(&dir);
            self.refused.remove(&dir);
            self.repair.remove(&dir);
            self.filter.forget(dir);
            if let Some(links) = &mut self.links {
                links.leave(dir);
            }
            self.unjudged.retain(|_, unjudged| *unjudged != dir);
            self.batch.dir_removed(dir, place, found);
            self.buried.push(dir);
        }
    }

    /// Removes the entries of a directory, and answers those that were directories.
    fn empty(&mut self, dir: NodeId, found: bool) -> Vec<(Box<[u8]>, NodeId)> {
        let children: Vec<(Box<[u8]>, Child)> =
            self.nodes.children(dir).map(|(name, child)| (name.into(), child)).collect();
        let mut dirs = Vec::new();
        for (name, child) in children {
            self.nodes.remove(dir, &name);
            match child {
                Child::File => self.batch.file_removed((dir, name), found),
                Child::Dir(child) => dirs.push((name, child)),
            }
        }
        dirs
    }

    fn unbind(&mut self, dir: NodeId) {
        if let Some(wd) = self.nodes.wd(dir) {
            self.nodes.set_wd(dir, None);
            self.nodes.set_listed(dir, false);
            if self.bindings.remove(wd, dir) {
                self.wishes.push(Wish::Unwatch(wd));
                self.release_links(wd);
            }
        }
    }

    // Halves and looks that wait.

    fn lose(&mut self, half: Half) {
        match half.moved {
            Moved::File(carried) => self.batch.file_lost(carried, false),
            Moved::Dir(dir) => self.bury(dir, None, false),
        }
    }

    fn settle_where(&mut self, mut lost: impl FnMut(&Half) -> bool) {
        let mut index = 0;
        while let Some(half) = self.halves.get(index) {
            if lost(half) {
                let half = self.halves.remove(index);
                self.lose(half);
            } else {
                index += 1;
            }
        }
    }

    /// Settles what waits for events to come, when none are queued any more: a first half without a second was moved
    /// out of the tree; where a look led astray and nothing moved, the parent is looked at again.
    pub fn settle(&mut self) {
        self.settle_where(|_| true);
        let astray: Vec<NodeId> = self.astray.iter().copied().collect();
        self.retry_astray();
        for dir in astray {
            if let Some(parent) = self.nodes.parent(dir) {
                self.look(parent, Need::Sight);
            }
        }
    }

    fn retry_astray(&mut self) {
        let astray: Vec<NodeId> = self.astray.iter().copied().collect();
        self.wishes.extend(astray.into_iter().map(Wish::Look));
    }

    /// Looks again at what could not be watched or read for this errno.
    pub fn retry_refused(&mut self, errno: i32) {
        let refused: Vec<NodeId> = self.refused.iter().filter(|(_, why)| **why == errno).map(|(dir, _)| *dir).collect();
        for dir in refused {
            self.look(dir, Need::Sight);
        }
    }

    /// Looks again at all that could not be watched or read.
    pub fn retry_all_refused(&mut self) {
        let refused: Vec<NodeId> = self.refused.keys().copied().collect();
        for dir in refused {
            self.look(dir, Need::Sight);
        }
    }

    /// Events were lost: looks at everything again. What is not there any more, is new, or is marked as changed in the
    /// listings is told.
    pub fn look_again(&mut self) {
        self.settle_where(|_| true);
        self.replaced.clear();
        for root in self.roots.nodes() {
            self.repair.insert(root);
            self.wishes.push(Wish::Resolve(root));
        }
    }

    /// Something that the path of a root depends on changed.
    pub fn resolve_again(&mut self, root: NodeId) {
        self.wishes.push(Wish::Resolve(root));
    }

    fn look(&mut self, dir: NodeId, need: Need) {
        if need == Need::Listing {
            self.repair.insert(dir);
        }
        if self.roots.contains(dir) {
            self.wishes.push(Wish::Resolve(dir));
        } else if self.recursive && !self.is_unjudged(dir) {
            self.wishes.push(Wish::Look(dir));
        }
    }

    // What somebody else says.

    fn is_unjudged(&self, dir: NodeId) -> bool {
        !self.unjudged.is_empty() && self.unjudged.values().any(|unjudged| *unjudged == dir)
    }

    /// Whether a directory waits for a judgement.
    #[must_use]
    pub fn awaits_judgement(&self) -> bool {
        !self.unjudged.is_empty()
    }

    /// The directories about which somebody is to be asked whether they count, each once: the question's number, and the
    /// path.
    pub fn take_questions(&mut self) -> Vec<(u64, Vec<u8>)> {
        let questions = std::mem::take(&mut self.questions);
        let path = |question| Some((question, self.path(*self.unjudged.get(&question)?)?));
        questions.into_iter().filter_map(path).collect()
    }

    /// Answers a question: whether the directory counts.
    pub fn judge(&mut self, question: u64, counts: bool) {
        let Some(dir) = self.unjudged.remove(&question) else { return };
        if counts {
            self.look(dir, Need::Sight);
        } else if let Some((parent, name)) = self.place(dir) {
            let place = (parent, Box::from(name));
            self.remove_child(&place, false);
        }
    }

    // What looks give.

    /// Answers [`Wish::Look`].
    pub fn saw(&mut self, node: NodeId, sight: Sight<'_>) {
        let Some((parent, name)) = self.place(node) else { return };
        let place = (parent, Box::from(name));
        self.astray.remove(&node);
        if !matches!(sight, Sight::Refused(_)) {
            self.refused.remove(&node);
        }
        match sight {
            Sight::Directory(wd, listing) => self.fill(node, wd, listing),
            Sight::File | Sight::Nothing if self.is_link(node) => {
                self.remove_child(&place, true);
                self.wishes.push(Wish::Check(place.0, place.1));
            }
            Sight::File => {
                self.remove_child(&place, true);
                self.appear(place, false, true);
            }
            Sight::Nothing => self.remove_child(&place, true),
            Sight::Astray => {
                self.astray.insert(node);
            }
            Sight::Refused(errno) => self.refuse(node, errno),
        }
    }

    fn refuse(&mut self, node: NodeId, errno: i32) {
        if self.refused.insert(node, errno) != Some(errno) {
            if let Some(path) = self.path(node) {
                self.troubles.push((path, errno));
            }
        }
    }

    /// Answers [`Wish::Resolve`].
    pub fn saw_root(&mut self, root: NodeId, sight: RootSight<'_>) {
        if !matches!(sight, RootSight::Refused(_)) {
            self.refused.remove(&root);
        }
        match sight {
            RootSight::Directory(wd, listing) => {
                self.change_root(root, None, true);
                self.fill(root, wd, listing);
            }
            RootSight::File(wd, name, there) => {
                self.change_root(root, Some(name), false);
                if self.nodes.wd(root) != Some(wd) {
                    self.clear_root(root);
                    self.bind(root, wd);
                    self.nodes.set_listed(root, true);
                }
                let repair = self.repair.remove(&root);
                let place = (root, Box::from(name));
                match (self.nodes.find(root, name), there) {
                    (None, true) => self.appear(place, false, true),
                    (Some(_), true) if repair => self.batch.file_modified(place, true),
                    (Some(_), false) => self.remove_child(&place, true),
                    _ => {}
                }
            }
            RootSight::Nothing => {
                self.change_root(root, None, false);
                self.clear_root(root);
            }
            RootSight::Refused(errno) => self.refuse(root, errno),
        }
    }

    /// A root becomes a directory, a file or nothing.
    fn change_root(&mut self, root: NodeId, only: Option<&[u8]>, there: bool) {
        if self.roots.only(root) != only {
            self.clear_root(root);
            self.roots.set_only(root, only);
        }
        let was_there = self.roots.is_there(root);
        if was_there != there {
            self.batch.root_changed(root, there);
            self.roots.set_there(root, there);
        }
    }

    fn clear_root(&mut self, root: NodeId) {
        for (name, child) in self.empty(root, true) {
            self.bury(child, Some((root, name)), true);
        }
        self.unbind(root);
    }

    /// Answers [`Wish::Check`]. `None`: there is no such entry. Not to be answered when the way led astray.
    pub fn saw_entry(&mut self, dir: NodeId, name: &[u8], kind: Option<Kind>) {
        let place = (dir, Box::from(name));
        match kind {
            None => self.remove_child(&place, true),
            Some(Kind::Link) => self.appear_link(place),
            Some(kind) => self.appear(place, kind == Kind::Dir, true),
        }
    }

    /// There is a symbolic link to a directory.
    fn appear_link(&mut self, place: Place) {
        let Some(links) = &self.links else { return };
        match self.nodes.find(place.0, &place.1) {
            Some(Child::Dir(child)) if links.contains(child) => self.look(child, Need::Sight),
            Some(Child::File) if links.is_passed_by(&place) => {}
            known => {
                if known.is_some() {
                    self.remove_child(&place, true);
                }
                self.appear(place.clone(), true, true);
                if let (Some(Child::Dir(child)), Some(links)) = (self.nodes.find(place.0, &place.1), &mut self.links) {
                    links.enter(child);
                }
            }
        }
    }

    /// A link leads to a directory that is entered elsewhere: tells it as a file.
    fn pass_by(&mut self, node: NodeId, wd: i32) {
        let Some((parent, name)) = self.place(node) else { return };
        let place = (parent, Box::from(name));
        self.remove_child(&place, true);
        self.nodes.add_file(place.0, &place.1);
        self.batch.file_added(place.clone(), true);
        if let Some(links) = &mut self.links {
            links.pass_by(wd, place);
        }
    }

    /// The directory of a wd is entered no longer: looks at the other links to it.
    fn release_links(&mut self, wd: i32) {
        let places = self.links.as_mut().map(|links| links.released(wd)).unwrap_or_default();
        self.wishes.extend(places.into_iter().map(|(dir, name)| Wish::Check(dir, name)));
    }

    /// Answers [`Wish::Rules`]. `None`: there is no such file. Looks again at what the rules are about.
    pub fn saw_rules(&mut self, dir: NodeId, text: Option<&[u8]>) {
        if self.filter.set_gitignore(dir, text) && self.nodes.is_listed(dir) {
            self.look(dir, Need::Listing);
        }
    }

    /// Takes the text of the .gitignore file of a directory that is about to be seen.
    pub fn take_rules(&mut self, dir: NodeId, text: Option<&[u8]>) {
        self.filter.set_gitignore(dir, text);
    }

    /// Takes the .gitignore files above a root, the nearest last: the text of each, and the path from there to the root.
    pub fn saw_rules_above(&mut self, root: NodeId, above: Vec<(Vec<u8>, Vec<u8>)>) {
        self.filter.set_above(root, above);
    }

    /// Whether .gitignore files count.
    #[must_use]
    pub fn honours_gitignore(&self) -> bool {
        self.filter.honours_gitignore()
    }

    fn bind(&mut self, node: NodeId, wd: i32) {
        self.nodes.set_wd(node, Some(wd));
        let others: Vec<NodeId> = self.bindings.nodes(wd).filter(|other| *other != node).collect();
        self.bindings.add(wd, node);
        for other in others {
            if self.is_link(other) {
                self.pass_by(other, wd);
            } else {
                self.look(other, Need::Sight);
            }
        }
    }

    /// The directory of `wd` is at the node's place.
    fn fill(&mut self, node: NodeId, wd: i32, listing: Option<&Listing>) {
        if self.is_link(node) && self.bindings.nodes(wd).any(|other| other != node) {
            self.pass_by(node, wd);
            return;
        }
        if self.nodes.wd(node) != Some(wd) {
            // Another directory: what was in the old one is gone with it.
            for (name, child) in self.empty(node, true) {
                self.bury(child, Some((node, name)), true);
            }
            self.unbind(node);
            self.bind(node, wd);
        }
        if let Some(listing) = listing {
            let repair = self.repair.remove(&node);
            self.reconcile(node, listing, repair);
            self.nodes.set_listed(node, true);
        }
    }

    fn reconcile(&mut self, dir: NodeId, listing: &Listing, repair: bool) {
        if self.nodes.len(dir) > 0 {
            // The rules may have changed since.
            let counts = |name: &[u8], kind| self.admits(dir, name, kind != Kind::File);
            let listed = listing.iter().filter(|(name, kind, _)| counts(name, *kind));
            let seen: HashSet<&[u8]> = listed.map(|(name, _, _)| name).collect();
            let missing: Vec<Box<[u8]>> = self
                .nodes
                .children(dir)
                .filter(|(name, _)| !seen.contains(name))
                .map(|(name, _)| name.into())
                .collect();
            for name in missing {
                self.remove_child(&(dir, name), true);
            }
        }
        for (name, kind, changed) in listing.iter() {
            match (self.nodes.find(dir, name), kind) {
                (Some(Child::File), Kind::File) => {
                    if changed {
                        self.batch.file_modified((dir, name.into()), true);
                    }
                }
                (_, Kind::Link) => self.appear_link((dir, name.into())),
                (Some(Child::Dir(child)), Kind::Dir) => {
                    if let Some(links) = &mut self.links {
                        links.leave(child);
                    }
                    let need = if repair { Need::Listing } else { Need::Sight };
                    if repair || self.nodes.wd(child).is_none() {
                        self.look(child, need);
                    }
                }
                _ => self.appear((dir, name.into()), kind == Kind::Dir, true),
            }
        }
    }
}
