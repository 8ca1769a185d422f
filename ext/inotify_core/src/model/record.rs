//! The entries of a directory, one after the other in one block of bytes. `lib` holding the file `a.rb` and the
//! directory `db`, which is node 7, has
//!
//! ```text
//! 01 04 'a' '.' 'r' 'b'   02 02 'd' 'b' 07 00 00 00
//! file, 4 bytes of name   directory, 2 bytes of name, node
//! ```

use super::nodes::{Child, NONE, NodeId};

/// An entry that was removed; its bytes stay until the block is packed anew.
const DEAD: u8 = 0;
pub(super) const FILE: u8 = 1;
pub(super) const DIR: u8 = 2;

/// One entry of a block.
pub(super) struct Record<'a> {
    pub(super) offset: u32,
    pub(super) size: usize,
    kind: u8,
    pub(super) name: &'a [u8],
    node: u32,
}

impl Record<'_> {
    pub(super) fn child(&self) -> Child {
        if self.kind == DIR { Child::Dir(NodeId(self.node)) } else { Child::File }
    }
}

pub(super) fn record(block: &[u8], offset: u32) -> Option<Record<'_>> {
    let (&[kind, length], rest) = block.get(offset as usize..)?.split_first_chunk()?;
    let (name, rest) = rest.split_at_checked(usize::from(length))?;
    let node = if kind == DIR { rest.first_chunk().map(|id| u32::from_le_bytes(*id)) } else { None };
    let size = 2 + name.len() + if kind == DIR { 4 } else { 0 };
    Some(Record { offset, size, kind, name, node: node.unwrap_or(NONE) })
}

/// The live entries of a block.
pub(super) fn records(block: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut offset = 0;
    std::iter::from_fn(move || {
        let record = record(block, offset)?;
        offset += u32::try_from(record.size).unwrap_or(NONE);
        Some(record)
    })
    .filter(|record| record.kind != DEAD)
}

/// Overwrites an entry with dead ones of the same size.
pub(super) fn erase(block: &mut [u8], offset: usize, size: usize) {
    let mut left = size;
    let mut at = offset;
    while left >= 2 {
        let length = (left - 2).min(255);
        // What would be left over must be large enough for an entry of its own.
        let length = if left - 2 - length == 1 { length - 1 } else { length };
        if let Some([kind, len]) = block.get_mut(at..at + 2).and_then(<[u8]>::first_chunk_mut) {
            *kind = DEAD;
            *len = u8::try_from(length).unwrap_or(0);
        }
        at += 2 + length;
        left -= 2 + length;
    }
}
