//! Directories and the names in them, packed: a directory costs 48 bytes and its entries their names and a few bytes.
//!
//! A directory's entries lie in one [`block`](super::block). A node knows where its own entry lies in its parent's, so
//! names and paths need no search, and renaming a directory with a million files below it moves one entry.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use super::block::{DIR, FILE, bury, record, records};

/// A directory of the tree. Valid until it is removed and the batch that tells of it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(super) u32);

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Child {
    /// Anything but a directory: files, symbolic links, sockets, devices.
    File,
    /// A directory.
    Dir(NodeId),
}

/// From this many entries on a directory has an index: below, looking at them all is faster.
const INDEXED: u32 = 48;

/// Dead bytes that a block may hold before it is packed anew, beside as many as it has live ones.
const SLACK: usize = 256;

/// No node, or no place.
pub(super) const NONE: u32 = u32::MAX;

#[derive(Debug)]
struct Node {
    parent: u32,
    /// Where its entry begins in the parent's block.
    offset: u32,
    /// −1: not watched.
    wd: i32,
    live: u32,
    dead: u32,
    listed: bool,
    entries: Vec<u8>,
}

/// All directories, and which of them hold what.
#[derive(Debug, Default)]
pub struct Nodes {
    nodes: Vec<Node>,
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
        let node = Node { parent: NONE, offset: NONE, wd: -1, live: 0, dead: 0, listed: false, entries: Vec::new() };
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
        if let Some(slot) = self.nodes.get_mut(node.0 as usize) {
            slot.entries = Vec::new();
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
        self.node(node).map(|node| node.wd).filter(|wd| *wd >= 0)
    }

    /// Binds a watch descriptor to a directory, or takes it away.
    pub fn set_wd(&mut self, node: NodeId, wd: Option<i32>) {
        if let Some(node) = self.node_mut(node) {
            node.wd = wd.unwrap_or(-1);
        }
    }

    /// Whether its entries were listed since it is watched.
    #[must_use]
    pub fn is_listed(&self, node: NodeId) -> bool {
        self.node(node).is_some_and(|node| node.listed)
    }

    /// Notes whether its entries were listed since it is watched.
    pub fn set_listed(&mut self, node: NodeId, listed: bool) {
        if let Some(node) = self.node_mut(node) {
            node.listed = listed;
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

    /// Its name in the directory it is in.
    #[must_use]
    pub fn name(&self, node: NodeId) -> Option<&[u8]> {
        let at = self.node(node)?;
        let parent = self.nodes.get(at.parent as usize)?;
        record(&parent.entries, at.offset).map(|record| record.name)
    }

    /// How many entries it has.
    #[must_use]
    pub fn len(&self, dir: NodeId) -> usize {
        self.node(dir).map_or(0, |node| node.live as usize)
    }

    /// The entries of a directory, in no order.
    pub fn children(&self, dir: NodeId) -> impl Iterator<Item = (&[u8], Child)> {
        let block = self.node(dir).map(|node| node.entries.as_slice()).unwrap_or_default();
        records(block).map(|record| (record.name, record.child()))
    }

    /// Looks a name up.
    #[must_use]
    pub fn find(&self, dir: NodeId, name: &[u8]) -> Option<Child> {
        let block = &self.node(dir)?.entries;
        record(block, self.offset(dir, name)?).map(|record| record.child())
    }

    fn offset(&self, dir: NodeId, name: &[u8]) -> Option<u32> {
        let block = &self.node(dir)?.entries;
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
        node.entries.push(kind);
        node.entries.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        node.entries.extend_from_slice(name);
        node.entries.extend_from_slice(tail);
        node.live += 1;
        let live = node.live;
        if let Some(index) = self.indexes.get_mut(&dir.0) {
            let block = &node.entries;
            let hash = self.hasher.hash_one(name);
            let rehash = |offset: &u32| self.hasher.hash_one(record(block, *offset).map_or(&[][..], |it| it.name));
            index.insert_unique(hash, offset, rehash);
        } else if live >= INDEXED {
            self.index(dir);
        }
        offset
    }

    /// Gives back what room a directory has beyond its entries.
    pub fn trim(&mut self, dir: NodeId) {
        if let Some(node) = self.node_mut(dir) {
            node.entries.shrink_to_fit();
        }
    }

    fn index(&mut self, dir: NodeId) {
        let Some(node) = self.nodes.get(dir.0 as usize) else { return };
        let mut index = HashTable::with_capacity(node.live as usize);
        let hash = |name: &[u8]| self.hasher.hash_one(name);
        for entry in records(&node.entries) {
            let rehash = |offset: &u32| hash(record(&node.entries, *offset).map_or(&[][..], |it| it.name));
            index.insert_unique(hash(entry.name), entry.offset, rehash);
        }
        self.indexes.insert(dir.0, index);
    }

    /// Removes a name; a directory it stood for is nowhere then, with all that it holds.
    pub fn remove(&mut self, dir: NodeId, name: &[u8]) -> Option<Child> {
        let offset = self.offset(dir, name)?;
        let node = self.nodes.get_mut(dir.0 as usize)?;
        let (child, size) = record(&node.entries, offset).map(|record| (record.child(), record.size))?;
        if let Some(index) = self.indexes.get_mut(&dir.0) {
            if let Ok(entry) = index.find_entry(self.hasher.hash_one(name), |it| *it == offset) {
                entry.remove();
            }
        }
        // A dead entry keeps its size: it becomes a nameless one that spans the same bytes.
        bury(&mut node.entries, offset as usize, size);
        node.live -= 1;
        node.dead += u32::try_from(size).unwrap_or(0);
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
        let Some(node) = self.nodes.get_mut(dir.0 as usize) else { return };
        let dead = node.dead as usize;
        if node.live > 0 && (dead < SLACK || dead * 2 < node.entries.len()) {
            return;
        }
        let mut packed = Vec::with_capacity(node.entries.len() - dead);
        let mut moved = Vec::new();
        for entry in records(&node.entries) {
            if let Child::Dir(child) = entry.child() {
                moved.push((child, packed.len()));
            }
            let begin = entry.offset as usize;
            packed.extend_from_slice(node.entries.get(begin..begin + entry.size).unwrap_or_default());
        }
        node.entries = packed;
        node.dead = 0;
        let live = node.live;
        for (child, offset) in moved {
            if let Some(child) = self.node_mut(child) {
                child.offset = u32::try_from(offset).unwrap_or(NONE);
            }
        }
        self.indexes.remove(&dir.0);
        if live >= INDEXED {
            self.index(dir);
        }
    }

    /// How many bytes all this holds in memory.
    #[must_use]
    pub fn memory(&self) -> usize {
        let blocks: usize = self.nodes.iter().map(|node| node.entries.capacity()).sum();
        let indexes: usize = self.indexes.values().map(|index| index.capacity() * 5).sum();
        self.nodes.capacity() * size_of::<Node>() + blocks + indexes
    }
}
