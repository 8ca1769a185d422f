//! Directories and the names in them, packed: a directory costs 24 bytes and its entries their names and a few bytes.
//!
//! The entries of a directory lie one after the other in a block of bytes. `lib` with the file `a.rb` and the directory
//! `db`, which is node 7, has
//!
//! ```text
//! 01 04 'a' '.' 'r' 'b'   02 02 'd' 'b' 07 00 00 00
//! file, 4 bytes of name   directory, 2 bytes of name, node
//! ```
//!
//! The first byte of a file also says whether it is being written, see [`WriteState`].
//!
//! A node knows where its own entry lies in the block of its parent, so names and paths need no search, and renaming a
//! directory with a million files below it moves one entry.

mod blocks;

use std::cell::Cell;
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashSet, HashTable};

use crate::invariant::must;
use crate::paths::path_from;

use blocks::{Block, Blocks};

/// A directory. Valid until it is removed and the batch that reports that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// No directory.
    pub(crate) const NOWHERE: Self = Self(NONE);

    /// Its number. The next directory may have it again.
    pub(crate) fn number(self) -> u64 {
        self.0.into()
    }
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Child {
    /// Anything but a directory: files, symbolic links, sockets, devices.
    File,
    /// A directory.
    Dir(NodeId),
}

/// Whether somebody writes a file, as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WriteState {
    /// Nothing: a scan found the file, or a rename brought it.
    Unknown,
    /// An event reported that it was created, and none since that it was modified or closed.
    Created,
    /// An event reported that it was modified, and none since that it was closed.
    Modified,
    /// It was closed, or nobody had it open for writing.
    Closed,
}

impl WriteState {
    /// Whether events say that somebody may write it.
    pub(super) fn is_being_written(self) -> bool {
        matches!(self, Self::Created | Self::Modified)
    }
}

/// A name in a directory.
pub(crate) type Place = (NodeId, Box<[u8]>);

/// A directory with this many bytes of entries has an index. In a smaller one, [`search`] is fast enough, at a nanosecond
/// for each entry.
const INDEXED: usize = 4 << 10;

/// A block may have this many dead bytes, or as many as live ones, before it is packed.
const SLACK: usize = 256;

/// The kernel's names have this many bytes at most.
const LONGEST: usize = 255;

/// No node, or no offset.
const NONE: u32 = u32::MAX;

#[derive(Debug)]
struct Node {
    parent: u32,
    /// Where its entry begins in the parent's block.
    offset: u32,
    /// The wd, or 0 if it is not watched: the kernel counts from 1; and `LISTED`.
    watch: u32,
    entries: Block,
}

/// Set in `Node::watch` if the directory was listed. No wd is as large.
const LISTED: u32 = 1 << 31;

/// All directories and their entries.
#[derive(Debug, Default)]
pub(crate) struct Store {
    nodes: Vec<Node>,
    blocks: Blocks,
    /// How many bytes of its entries are dead, for each directory that has any.
    dead: HashMap<u32, usize>,
    free: Vec<u32>,
    /// Offsets by name, for large directories.
    indexes: HashMap<u32, HashTable<u32>>,
    hasher: DefaultHashBuilder,
    /// The directory and offset of the entry that was found last: the events of one file come one after the other.
    found: Cell<(u32, u32)>,
    files: usize,
    dirs: usize,
}

impl Store {
    /// Creates a directory that is nowhere yet.
    pub(crate) fn create(&mut self) -> NodeId {
        let node = Node { parent: NONE, offset: NONE, watch: 0, entries: Block::default() };
        if let Some(id) = self.free.pop() {
            if let Some(slot) = self.node_mut(NodeId(id)) {
                *slot = node;
            }
            return NodeId(id);
        }
        self.nodes.push(node);
        NodeId(number(self.nodes.len() - 1))
    }

    /// Gives the id of a directory that is nowhere to the next one. Nothing may refer to it any more.
    pub(crate) fn recycle(&mut self, node: NodeId) {
        debug_assert!(self.parent(node).is_none(), "a directory in use is not recycled");
        self.indexes.remove(&node.0);
        self.dead.remove(&node.0);
        self.found.take();
        if let Some(slot) = node_mut(&mut self.nodes, node) {
            self.blocks.truncate(&mut slot.entries, 0);
            self.free.push(node.0);
        }
    }

    fn node(&self, node: NodeId) -> Option<&Node> {
        must(self.nodes.get(node.0 as usize), "a node id is valid")
    }

    fn node_mut(&mut self, node: NodeId) -> Option<&mut Node> {
        node_mut(&mut self.nodes, node)
    }

    /// The watch descriptor bound to a directory.
    pub(crate) fn wd(&self, node: NodeId) -> Option<i32> {
        self.node(node).and_then(|node| i32::try_from(node.watch & !LISTED).ok()).filter(|wd| *wd > 0)
    }

    /// Binds a watch descriptor to a directory, or takes it away.
    pub(crate) fn set_wd(&mut self, node: NodeId, wd: Option<i32>) {
        debug_assert!(wd.is_none_or(|wd| wd > 0), "the kernel counts wds from 1");
        if let Some(node) = self.node_mut(node) {
            node.watch = wd.map_or(0, |wd| node.watch & LISTED | wd.unsigned_abs());
        }
    }

    /// Whether its entries were listed since it is watched.
    pub(crate) fn is_listed(&self, node: NodeId) -> bool {
        self.node(node).is_some_and(|node| node.watch & LISTED != 0)
    }

    /// Its entries were listed since it is watched.
    pub(crate) fn set_listed(&mut self, node: NodeId) {
        if let Some(node) = self.node_mut(node) {
            node.watch |= LISTED;
        }
    }

    /// The directory it is in; `None` for a root, and for one that is nowhere.
    pub(crate) fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.node(node).map(|node| node.parent).filter(|parent| *parent != NONE).map(NodeId)
    }

    /// The directory itself, the one it is in, and so on up to the root.
    pub(crate) fn upwards(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(Some(node), |at| self.parent(*at))
    }

    /// The root it is below, or itself.
    pub(crate) fn top(&self, node: NodeId) -> NodeId {
        self.upwards(node).last().unwrap_or(node)
    }

    /// The directory it is in, and its name there; `None` for a root, and for one that is nowhere.
    pub(crate) fn place(&self, node: NodeId) -> Option<(NodeId, &[u8])> {
        let parent = self.parent(node)?;
        let record = self.node(node).and_then(|node| record(self.block(parent), node.offset));
        Some((parent, must(record, "a directory knows where its entry is")?.name))
    }

    /// The same with a name of its own.
    pub(crate) fn owned_place(&self, node: NodeId) -> Option<Place> {
        self.place(node).map(|(parent, name)| (parent, name.into()))
    }

    /// The path of a directory, which begins with what `base` has for the nearest directory from it upwards. `None`:
    /// there is no such directory.
    pub(crate) fn path<'a>(&self, node: NodeId, base: impl Fn(NodeId) -> Option<&'a [u8]>) -> Option<Vec<u8>> {
        path_from(node, base, |at| self.place(at))
    }

    /// Whether it has no entries.
    pub(crate) fn is_empty(&self, dir: NodeId) -> bool {
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
    pub(crate) fn children(&self, dir: NodeId) -> impl Iterator<Item = (&[u8], Child)> {
        records(self.block(dir)).map(|record| (record.name, record.child()))
    }

    /// Finds a name.
    pub(crate) fn find(&self, dir: NodeId, name: &[u8]) -> Option<Child> {
        let record = record(self.block(dir), self.offset(dir, name)?);
        must(record, "an offset is that of an entry").map(|record| record.child())
    }

    /// Finds a directory.
    pub(crate) fn find_dir(&self, dir: NodeId, name: &[u8]) -> Option<NodeId> {
        match self.find(dir, name)? {
            Child::Dir(child) => Some(child),
            Child::File => None,
        }
    }

    /// Whether there is a file of this name.
    pub(crate) fn is_file(&self, dir: NodeId, name: &[u8]) -> bool {
        self.find(dir, name) == Some(Child::File)
    }

    fn offset(&self, dir: NodeId, name: &[u8]) -> Option<u32> {
        let block = self.block(dir);
        let (found_in, found_at) = self.found.get();
        if found_in == dir.0 && record(block, found_at).is_some_and(|record| record.is(name)) {
            return Some(found_at);
        }
        let offset = self.look_up(dir, block, name);
        if let Some(offset) = offset {
            self.found.set((dir.0, offset));
        }
        offset
    }

    fn look_up(&self, dir: NodeId, block: &[u8], name: &[u8]) -> Option<u32> {
        if let Some(index) = self.indexes.get(&dir.0) {
            let same = |offset: &u32| record(block, *offset).is_some_and(|record| record.name == name);
            return index.find(self.hasher.hash_one(name), same).copied();
        }
        search(block, name)
    }

    /// The directory that a path below another leads to, except for its last name, and that name.
    pub(crate) fn resolve<'p>(&self, dir: NodeId, path: &'p [u8]) -> Option<(NodeId, &'p [u8])> {
        let mut names = path.split(|byte| *byte == b'/').filter(|name| !name.is_empty());
        let mut last = names.next()?;
        let mut at = dir;
        for name in names {
            at = self.find_dir(at, last)?;
            last = name;
        }
        Some((at, last))
    }

    /// How many files and directories there are, except for roots.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.files, self.dirs)
    }

    /// Adds a file. The name must be free.
    pub(crate) fn add_file(&mut self, dir: NodeId, name: &[u8]) {
        self.files += 1;
        self.append(dir, name, FILE, &[]);
    }

    /// Whether somebody writes a file. `None`: there is no such file.
    pub(super) fn write_state(&self, dir: NodeId, name: &[u8]) -> Option<WriteState> {
        let record = record(self.block(dir), self.offset(dir, name)?)?;
        (record.kind != DIR).then(|| record.write_state())
    }

    /// Notes whether somebody writes a file, if there is such a file.
    pub(super) fn set_write_state(&mut self, dir: NodeId, name: &[u8], writing: WriteState) {
        let Some(offset) = self.offset(dir, name) else { return };
        let Some(entries) = self.node(dir).map(|node| node.entries) else { return };
        let kind = must(self.blocks.get_mut(entries).get_mut(offset as usize), "an offset is that of an entry");
        if let Some(kind) = kind.filter(|kind| **kind != DIR) {
            *kind = match writing {
                WriteState::Unknown => FILE,
                WriteState::Created => CREATED_FILE,
                WriteState::Modified => MODIFIED_FILE,
                WriteState::Closed => CLOSED_FILE,
            };
        }
    }

    /// The files of a directory, each with whether somebody writes it.
    pub(super) fn files(&self, dir: NodeId) -> impl Iterator<Item = (&[u8], WriteState)> {
        let files = records(self.block(dir)).filter(|record| record.kind != DIR);
        files.map(|record| (record.name, record.write_state()))
    }

    /// The directories in a directory.
    pub(crate) fn dirs(&self, dir: NodeId) -> impl Iterator<Item = (&[u8], NodeId)> {
        self.children(dir).filter_map(|(name, child)| match child {
            Child::Dir(child) => Some((name, child)),
            Child::File => None,
        })
    }

    /// These directories and all below them, each once, parents before their entries.
    pub(super) fn dirs_below(&self, mut dirs: Vec<NodeId>) -> Vec<NodeId> {
        let tops: HashSet<NodeId> = dirs.iter().copied().collect();
        dirs.retain(|dir| !self.upwards(*dir).skip(1).any(|above| tops.contains(&above)));
        let mut next = 0;
        while let Some(dir) = dirs.get(next).copied() {
            next += 1;
            dirs.extend(self.dirs(dir).map(|(_, child)| child));
        }
        dirs
    }

    /// The files below some directories, each once, with whether somebody writes it.
    pub(super) fn files_below(&self, dirs: Vec<NodeId>) -> impl Iterator<Item = (Place, WriteState)> {
        let dirs = self.dirs_below(dirs).into_iter();
        dirs.flat_map(|dir| self.files(dir).map(move |(name, writing)| ((dir, name.into()), writing)))
    }

    /// Puts a directory that is nowhere into `dir`. The name must be free.
    pub(crate) fn attach(&mut self, dir: NodeId, name: &[u8], node: NodeId) {
        self.dirs += 1;
        let offset = self.append(dir, name, DIR, &node.0.to_le_bytes());
        if let Some(node) = self.node_mut(node) {
            node.parent = dir.0;
            node.offset = offset;
        }
    }

    fn append(&mut self, dir: NodeId, name: &[u8], kind: u8, tail: &[u8]) -> u32 {
        debug_assert!(self.find(dir, name).is_none(), "a name is added once");
        debug_assert!(name.len() <= LONGEST, "the kernel's names have {LONGEST} bytes at most");
        let Some(node) = node_mut(&mut self.nodes, dir) else { return NONE };
        let offset = number(node.entries.len());
        let name = name.get(..LONGEST).unwrap_or(name);
        let head = [kind, u8::try_from(name.len()).unwrap_or(u8::MAX)];
        self.blocks.append(&mut node.entries, &[&head, name, tail]);
        if let Some(index) = self.indexes.get_mut(&dir.0) {
            let block = self.blocks.get(node.entries);
            let hash = self.hasher.hash_one(name);
            index.insert_unique(hash, offset, |offset| self.hasher.hash_one(name_at(block, *offset)));
        } else if self.live(dir) >= INDEXED {
            self.index(dir);
        }
        self.pack_blocks();
        self.found.set((dir.0, offset));
        offset
    }

    /// Makes room for entries with these many bytes of names.
    pub(crate) fn reserve(&mut self, dir: NodeId, entries: usize, names: usize) {
        // Two bytes before each name, and four behind that of a directory.
        if let Some(node) = node_mut(&mut self.nodes, dir) {
            self.blocks.reserve(&mut node.entries, names + 6 * entries);
        }
    }

    /// Releases the room of a directory beyond its entries.
    pub(crate) fn trim(&mut self, dir: NodeId) {
        if let Some(node) = node_mut(&mut self.nodes, dir) {
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
            index.insert_unique(hash(entry.name), entry.offset, |offset| hash(name_at(block, *offset)));
        }
        self.indexes.insert(dir.0, index);
    }

    /// Removes a name. If it stood for a directory, that is nowhere then, with all its entries.
    pub(crate) fn remove(&mut self, dir: NodeId, name: &[u8]) -> Option<Child> {
        let offset = self.offset(dir, name)?;
        let node = node_mut(&mut self.nodes, dir)?;
        let block = self.blocks.get_mut(node.entries);
        let record = must(record(block, offset), "an offset is that of an entry")?;
        let (child, size) = (record.child(), record.bytes.len());
        if let Some(index) = self.indexes.get_mut(&dir.0) {
            let entry = index.find_entry(self.hasher.hash_one(name), |it| *it == offset);
            must(entry.ok(), "an index has every name").map(hashbrown::hash_table::OccupiedEntry::remove);
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
            packed.extend_from_slice(entry.bytes);
        }
        if let Some(node) = node_mut(&mut self.nodes, dir) {
            self.blocks.truncate(&mut node.entries, packed.len());
            self.blocks.get_mut(node.entries).copy_from_slice(&packed);
        }
        self.dead.remove(&dir.0);
        self.found.take();
        for (child, offset) in moved {
            if let Some(child) = self.node_mut(child) {
                child.offset = number(offset);
            }
        }
        self.indexes.remove(&dir.0);
        if packed.len() >= INDEXED {
            self.index(dir);
        }
        self.pack_blocks();
    }

    /// How many bytes of memory all this takes.
    pub(crate) fn memory(&self) -> usize {
        let indexes: usize = self.indexes.values().map(|index| index.capacity() * 5).sum();
        self.nodes.capacity() * size_of::<Node>() + self.blocks.memory() + indexes
    }
}

/// The same as [`Store::node_mut`], beside the other fields of the store.
fn node_mut(nodes: &mut [Node], node: NodeId) -> Option<&mut Node> {
    must(nodes.get_mut(node.0 as usize), "a node id is valid")
}

/// A removed entry, whose bytes stay until the block is packed.
const DEAD: u8 = 0;
const FILE: u8 = 1;
const DIR: u8 = 2;
/// The same as `FILE`, with whether somebody writes it.
const CREATED_FILE: u8 = 3;
const MODIFIED_FILE: u8 = 4;
const CLOSED_FILE: u8 = 5;

/// One entry of a block.
struct Record<'a> {
    offset: u32,
    bytes: &'a [u8],
    kind: u8,
    name: &'a [u8],
    node: u32,
}

impl Record<'_> {
    /// Whether it is the live entry with this name.
    fn is(&self, name: &[u8]) -> bool {
        self.kind != DEAD && self.name == name
    }

    fn child(&self) -> Child {
        if self.kind == DIR { Child::Dir(NodeId(self.node)) } else { Child::File }
    }

    fn write_state(&self) -> WriteState {
        match self.kind {
            CREATED_FILE => WriteState::Created,
            MODIFIED_FILE => WriteState::Modified,
            CLOSED_FILE => WriteState::Closed,
            _ => WriteState::Unknown,
        }
    }
}

fn record(block: &[u8], offset: u32) -> Option<Record<'_>> {
    let bytes = block.get(offset as usize..)?;
    let (&[kind, length], rest) = bytes.split_first_chunk()?;
    let (name, rest) = rest.split_at_checked(usize::from(length))?;
    let node = if kind == DIR { u32::from_le_bytes(*must(rest.first_chunk(), "an entry is whole")?) } else { NONE };
    let size = 2 + name.len() + if kind == DIR { 4 } else { 0 };
    Some(Record { offset, bytes: bytes.get(..size)?, kind, name, node })
}

/// The offset of a name in a block. Names of one length mostly differ in what is compared first.
fn search(block: &[u8], name: &[u8]) -> Option<u32> {
    let end = ending(name);
    let mut rest = block;
    while let [kind, length, names @ ..] = rest {
        let (found, others) = names.split_at_checked(usize::from(*length))?;
        if found.len() == name.len() && ending(found) == end && *kind != DEAD && found == name {
            return Some(number(block.len() - rest.len()));
        }
        rest = if *kind == DIR { others.get(4..)? } else { others };
    }
    None
}

/// The last bytes of a name, as many as one comparison takes: an extension, and what is before it.
fn ending(name: &[u8]) -> u64 {
    match (name.last_chunk(), name.last_chunk()) {
        (Some(eight), _) => u64::from_ne_bytes(*eight),
        (None, Some(four)) => u32::from_ne_bytes(*four).into(),
        (None, None) => name.last().copied().unwrap_or(0).into(),
    }
}

fn name_at(block: &[u8], offset: u32) -> &[u8] {
    must(record(block, offset), "an index has offsets of entries").map_or(&[], |record| record.name)
}

/// 32 bits are enough for all nodes, and for the offsets in a block.
fn number(number: usize) -> u32 {
    must(u32::try_from(number).ok(), "there are fewer than 2^32").unwrap_or(NONE)
}

/// The live entries of a block.
fn records(block: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut offset = 0;
    std::iter::from_fn(move || {
        let record = record(block, offset)?;
        offset = offset.saturating_add(number(record.bytes.len()));
        Some(record)
    })
    .filter(|record| record.kind != DEAD)
}

/// Overwrites an entry with dead ones of the same size.
fn erase(block: &mut [u8], offset: usize, size: usize) {
    let mut left = size;
    let mut at = offset;
    while left >= 2 {
        let length = (left - 2).min(255);
        // The rest must be large enough for an entry.
        let length = if left - 2 - length == 1 { length - 1 } else { length };
        if let Some([kind, len]) = block.get_mut(at..at + 2).and_then(<[u8]>::first_chunk_mut) {
            *kind = DEAD;
            *len = must(u8::try_from(length).ok(), "a name has 255 bytes at most").unwrap_or(0);
        }
        at += 2 + length;
        left -= 2 + length;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Names of one length that differ at one place, at any; and of the bytes that heads of entries have.
    fn name() -> impl Strategy<Value = Vec<u8>> {
        let alike = (1_usize..20, 0_usize..20, 0_u8..3).prop_map(|(length, place, byte)| {
            let mut name = vec![b'a'; length];
            if let Some(differing) = name.get_mut(place) {
                *differing += byte;
            }
            name
        });
        prop_oneof![alike, vec(0_u8..6, 1..20)]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

        #[test]
        fn names_are_found_while_they_are_there(steps in vec((0_usize..2, name(), any::<bool>()), 0..900)) {
            let mut store = Store::default();
            let dirs = [store.create(), store.create()];
            let mut known = BTreeSet::new();
            for (place, name, directory) in steps {
                let dir = dirs[place];
                let found = store.find(dir, &name);
                prop_assert_eq!(found.is_some(), known.contains(&(place, name.clone())));
                match found {
                    Some(child) => {
                        prop_assert_eq!(store.remove(dir, &name), Some(child));
                        known.remove(&(place, name));
                    }
                    None => {
                        if directory {
                            let child = store.create();
                            store.attach(dir, &name, child);
                            prop_assert_eq!(store.place(child), Some((dir, name.as_slice())));
                        } else {
                            store.add_file(dir, &name);
                        }
                        known.insert((place, name));
                    }
                }
            }
            for (place, name) in &known {
                prop_assert!(store.find(dirs[*place], name).is_some());
            }
            prop_assert_eq!(dirs.map(|dir| store.children(dir).count()).iter().sum::<usize>(), known.len());
        }
    }

    #[test]
    fn a_name_that_looks_like_an_entry_is_none_where_one_was() {
        let mut store = Store::default();
        let dir = store.create();
        let mut looks = [b'x'; 200];
        // When the block is packed, this comes to where the entry of `q` was.
        looks[8..11].copy_from_slice(&[FILE, 1, b'q']);
        let (first, last) = ([b'a'; 8], [b'z'; 242]);
        for name in [&first[..], b"q", &looks, &last] {
            store.add_file(dir, name);
        }
        for name in [&first[..], &last, b"q"] {
            assert_eq!(store.remove(dir, name), Some(Child::File));
        }
        assert_eq!((store.block(dir).len(), store.find(dir, b"q")), (202, None));
    }
}
