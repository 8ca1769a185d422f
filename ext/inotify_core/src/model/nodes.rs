//! Directories and the names in them, packed: a directory costs 24 bytes and its entries their names and a few bytes.
//!
//! A directory's entries lie in a block of [`record`](super::record)s. A node knows where its own entry lies in its
//! parent's, so names and paths need no search, and renaming a directory with a million files below it moves one entry.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use super::blocks::{Block, Blocks};
use super::record::{DIR, FILE, erase, record, records};

/// A directory of the tree. Valid until it is removed and the batch that reports it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    /// No directory.
    pub(super) const NOWHERE: Self = Self(NONE);
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Child {
    /// Anything but a directory: files, symbolic links, sockets, devices.
    File,
    /// A directory.
    Dir(NodeId),
}

/// From this many bytes of entries on a directory has an index: below, comparing all of them is fast enough, at a
/// nanosecond or two for each.
const INDEXED: usize = 4 << 10;

/// Dead bytes that a block may hold before it is packed anew, beside as many as it has live ones.
const SLACK: usize = 256;

/// No node, or no place.
pub(super) const NONE: u32 = u32::MAX;

#[derive(Debug)]
struct Node {
    parent: u32,
    /// Where its entry begins in the parent's block.
    offset: u32,
    /// The wd, 0 if it is not watched: the kernel counts from 1. And `LISTED`.
    watch: u32,
    entries: Block,
}

/// Set in `Node::watch` if the directory was listed. No wd is as large.
const LISTED: u32 = 1 << 31;

/// All directories, and which of them hold what.
#[derive(Debug, Default)]
pub struct Nodes {
    nodes: Vec<Node>,
    blocks: Blocks,
    /// How many bytes of its entries are dead, for each directory that has any.
    dead: HashMap<u32, usize>,
    free: Vec<u32>,
    /// Offsets by name, for large directories.
    indexes: HashMap<u32, HashTable<u32>>,
    hasher: RandomState,
    files: usize,
    dirs: usize,
}

impl Nodes {
    /// Makes a directory that is nowhere yet.
    pub fn create(&mut self) -> NodeId {
        let node = Node { parent: NONE, offset: NONE, watch: 0, entries: Block::default() };
        if let Some(id) = self.free.pop() {
            if let Some(slot) = self.nodes.get_mut(id as usize) {
                *slot = node;
            }
            return NodeId(id);
        }
        self.nodes.push(node);
        NodeId(u32::try_from(self.nodes.len() - 1).unwrap_or(NONE))
    }

    /// Gives a directory's place to the next one. It must be detached, and no longer be spoken of.
    pub fn recycle(&mut self, node: NodeId) {
        self.indexes.remove(&node.0);
        self.dead.remove(&node.0);
        if let Some(slot) = self.nodes.get_mut(node.0 as usize) {
            self.blocks.truncate(&mut slot.entries, 0);
            self.free.push(node.0);
        }
    }

    fn node(&self, node: NodeId) -> Option<&Node> {
        self.nodes.get(node.0 as usize)
    }

    fn node_mut(&mut self, node: NodeId) -> Option<&mut Node> {
        self.nodes.get_mut(node.0 as usize)
    }

    /// The watch descriptor bound to a directory.
    #[must_use]
    pub fn wd(&self, node: NodeId) -> Option<i32> {
        self.node(node).and_then(|node| i32::try_from(node.watch & !LISTED).ok()).filter(|wd| *wd > 0)
    }

    /// Binds a watch descriptor to a directory, or takes it away.
    pub fn set_wd(&mut self, node: NodeId, wd: Option<i32>) {
        if let Some(node) = self.node_mut(node) {
            node.watch = node.watch & LISTED | wd.and_then(|wd| u32::try_from(wd).ok()).unwrap_or(0);
        }
    }

    /// Whether its entries were listed since it is watched.
    #[must_use]
    pub fn is_listed(&self, node: NodeId) -> bool {
        self.node(node).is_some_and(|node| node.watch & LISTED != 0)
    }

    /// Notes whether its entries were listed since it is watched.
    pub fn set_listed(&mut self, node: NodeId, listed: bool) {
        if let Some(node) = self.node_mut(node) {
            node.watch = node.watch & !LISTED | if listed { LISTED } else { 0 };
        }
    }

    /// The directory it is in; `None` for a root, and for one that is nowhere.
    #[must_use]
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.node(node).map(|node| node.parent).filter(|parent| *parent != NONE).map(NodeId)
    }

    /// Whether this holds for a directory or one that it is in.
    pub fn is_below(&self, node: NodeId, mut holds: impl FnMut(NodeId) -> bool) -> bool {
        let mut at = Some(node);
        while let Some(node) = at {
            if holds(node) {
                return true;
            }
            at = self.parent(node);
        }
        false
    }

    /// The root it is below, or itself.
    #[must_use]
    pub fn top(&self, node: NodeId) -> NodeId {
        let mut at = node;
        while let Some(parent) = self.parent(at) {
            at = parent;
        }
        at
    }

    /// Its name in the directory it is in.
    #[must_use]
    pub fn name(&self, node: NodeId) -> Option<&[u8]> {
        let at = self.node(node)?;
        let parent = self.nodes.get(at.parent as usize)?;
        record(self.blocks.get(parent.entries), at.offset).map(|record| record.name)
    }

    /// Whether it has no entries.
    #[must_use]
    pub fn is_empty(&self, dir: NodeId) -> bool {
        self.live(dir) == 0
    }

    /// How many bytes its entries have.
    fn live(&self, dir: NodeId) -> usize {
        self.block(dir).len() - self.dead.get(&dir.0).copied().unwrap_or(0)
    }

    fn block(&self, dir: NodeId) -> &[u8] {
        self.node(dir).map(|node| self.blocks.get(node.entries)).unwrap_or_default()
    }

    /// The entries of a directory, in no order.
    pub fn children(&self, dir: NodeId) -> impl Iterator<Item = (&[u8], Child)> {
        records(self.block(dir)).map(|record| (record.name, record.child()))
    }

    /// Finds a name.
    #[must_use]
    pub fn find(&self, dir: NodeId, name: &[u8]) -> Option<Child> {
        record(self.block(dir), self.offset(dir, name)?).map(|record| record.child())
    }

    fn offset(&self, dir: NodeId, name: &[u8]) -> Option<u32> {
        let block = self.block(dir);
        if let Some(index) = self.indexes.get(&dir.0) {
            let same = |offset: &u32| record(block, *offset).is_some_and(|record| record.name == name);
            return index.find(self.hasher.hash_one(name), same).copied();
        }
        records(block).find(|record| record.name == name).map(|record| record.offset)
    }

    /// How many files and directories there are, roots left out.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.files, self.dirs)
    }

    /// Adds a file. The name must be free.
    pub fn add_file(&mut self, dir: NodeId, name: &[u8]) {
        self.files += 1;
        self.append(dir, name, FILE, &[]);
    }

    /// Puts a directory that is nowhere into `dir`. The name must be free.
    pub fn attach(&mut self, dir: NodeId, name: &[u8], node: NodeId) {
        self.dirs += 1;
        let offset = self.append(dir, name, DIR, &node.0.to_le_bytes());
        if let Some(node) = self.node_mut(node) {
            node.parent = dir.0;
            node.offset = offset;
        }
    }

    fn append(&mut self, dir: NodeId, name: &[u8], kind: u8, tail: &[u8]) -> u32 {
        let Some(node) = self.nodes.get_mut(dir.0 as usize) else { return NONE };
        let offset = u32::try_from(node.entries.len()).unwrap_or(NONE);
        // The kernel's names have 255 bytes at most.
        let name = name.get(..255).unwrap_or(name);
        let head = [kind, u8::try_from(name.len()).unwrap_or(u8::MAX)];
        self.blocks.append(&mut node.entries, &[&head, name, tail]);
        if let Some(index) = self.indexes.get_mut(&dir.0) {
            let block = self.blocks.get(node.entries);
            let hash = self.hasher.hash_one(name);
            let rehash = |offset: &u32| self.hasher.hash_one(record(block, *offset).map_or(&[][..], |it| it.name));
            index.insert_unique(hash, offset, rehash);
        } else if self.live(dir) >= INDEXED {
            self.index(dir);
        }
        self.pack_blocks();
        offset
    }

    /// Makes room for entries with these many bytes of names.
    pub fn reserve(&mut self, dir: NodeId, entries: usize, names: usize) {
        // Two bytes before each name, and four behind that of a directory.
        if let Some(node) = self.nodes.get_mut(dir.0 as usize) {
            self.blocks.reserve(&mut node.entries, names + 6 * entries);
        }
    }

    /// Gives back what room a directory has beyond its entries.
    pub fn trim(&mut self, dir: NodeId) {
        if let Some(node) = self.nodes.get_mut(dir.0 as usize) {
            let len = node.entries.len();
            self.blocks.truncate(&mut node.entries, len);
        }
    }

    fn pack_blocks(&mut self) {
        if self.blocks.is_gappy(self.nodes.len()) {
            self.blocks.pack(self.nodes.iter_mut().map(|node| &mut node.entries));
        }
    }

    fn index(&mut self, dir: NodeId) {
        let block = self.block(dir);
        let hash = |name: &[u8]| self.hasher.hash_one(name);
        let mut index = HashTable::with_capacity(records(block).count());
        for entry in records(block) {
            let rehash = |offset: &u32| hash(record(block, *offset).map_or(&[][..], |it| it.name));
            index.insert_unique(hash(entry.name), entry.offset, rehash);
        }
        self.indexes.insert(dir.0, index);
    }

    /// Removes a name; a directory it stood for is nowhere then, with all that it holds.
    pub fn remove(&mut self, dir: NodeId, name: &[u8]) -> Option<Child> {
        let offset = self.offset(dir, name)?;
        let node = self.nodes.get_mut(dir.0 as usize)?;
        let block = self.blocks.get_mut(node.entries);
        let (child, size) = record(block, offset).map(|record| (record.child(), record.size))?;
        if let Some(index) = self.indexes.get_mut(&dir.0) {
            if let Ok(entry) = index.find_entry(self.hasher.hash_one(name), |it| *it == offset) {
                entry.remove();
            }
        }
        // A dead entry keeps its size: it becomes a nameless one that spans the same bytes.
        erase(block, offset as usize, size);
        *self.dead.entry(dir.0).or_default() += size;
        match child {
            Child::File => self.files -= 1,
            Child::Dir(child) => {
                self.dirs -= 1;
                if let Some(child) = self.node_mut(child) {
                    child.parent = NONE;
                    child.offset = NONE;
                }
            }
        }
        self.pack(dir);
        Some(child)
    }

    /// Packs a block when half of it is dead.
    fn pack(&mut self, dir: NodeId) {
        let dead = self.dead.get(&dir.0).copied().unwrap_or(0);
        let live = self.live(dir);
        if live > 0 && (dead < SLACK || dead < live) {
            return;
        }
        let mut packed = Vec::with_capacity(live);
        let mut moved = Vec::new();
        for entry in records(self.block(dir)) {
            if let Child::Dir(child) = entry.child() {
                moved.push((child, packed.len()));
            }
            let begin = entry.offset as usize;
            packed.extend_from_slice(self.block(dir).get(begin..begin + entry.size).unwrap_or_default());
        }
        if let Some(node) = self.nodes.get_mut(dir.0 as usize) {
            self.blocks.truncate(&mut node.entries, packed.len());
            self.blocks.get_mut(node.entries).copy_from_slice(&packed);
        }
        self.dead.remove(&dir.0);
        for (child, offset) in moved {
            if let Some(child) = self.node_mut(child) {
                child.offset = u32::try_from(offset).unwrap_or(NONE);
            }
        }
        self.indexes.remove(&dir.0);
        if packed.len() >= INDEXED {
            self.index(dir);
        }
        self.pack_blocks();
    }

    /// How many bytes all this holds in memory.
    #[must_use]
    pub fn memory(&self) -> usize {
        let indexes: usize = self.indexes.values().map(|index| index.capacity() * 5).sum();
        self.nodes.capacity() * size_of::<Node>() + self.blocks.memory() + indexes
    }
}
