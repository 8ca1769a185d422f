//! Blocks of bytes, side by side in one allocation: most directories have few entries, and an allocation for each would
//! cost more than they do.
//!
//! A block that needs more room moves to the end and leaves a gap. When the gaps are as large as the rest,
//! [`Blocks::pack`] puts all blocks side by side anew.

use std::ops::Range;

use crate::invariant::must;

/// Blocks begin and end at multiples of this many bytes, so that 32 bits reach 32 GiB.
const UNIT: usize = 8;

/// Gaps that are not worth packing, in bytes.
const SLACK: usize = 512;

/// Where a block lies. Copies of one that is changed or moved are stale.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Block {
    start: u32,
    /// In units.
    room: u32,
    /// In bytes.
    len: u32,
}

impl Block {
    pub(super) fn len(self) -> usize {
        self.len as usize
    }

    fn begin(self) -> usize {
        self.start as usize * UNIT
    }

    fn range(self) -> Range<usize> {
        self.begin()..self.begin() + self.len()
    }

    fn room(self) -> usize {
        self.room as usize * UNIT
    }
}

/// See the module's description.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    bytes: Vec<u8>,
    /// Bytes in no block.
    gaps: usize,
}

fn units(bytes: usize) -> u32 {
    number(bytes.div_ceil(UNIT))
}

fn number(number: usize) -> u32 {
    must(u32::try_from(number).ok(), "32 bits reach all blocks").unwrap_or(u32::MAX)
}

impl Blocks {
    pub(super) fn get(&self, block: Block) -> &[u8] {
        must(self.bytes.get(block.range()), "a block is within the bytes").unwrap_or_default()
    }

    pub(super) fn get_mut(&mut self, block: Block) -> &mut [u8] {
        must(self.bytes.get_mut(block.range()), "a block is within the bytes").unwrap_or_default()
    }

    /// Adds bytes to a block.
    pub(super) fn append(&mut self, block: &mut Block, parts: &[&[u8]]) {
        let more = parts.iter().map(|part| part.len()).sum::<usize>();
        if block.room() - block.len() < more {
            // Half as much again, so that a block that grows and grows is not moved each time.
            self.reserve(block, more.max(block.len() / 2));
        }
        let mut end = block.begin() + block.len();
        for part in parts {
            if let Some(room) = must(self.bytes.get_mut(end..end + part.len()), "a block has room for what it gets") {
                room.copy_from_slice(part);
            }
            end += part.len();
        }
        block.len = number(end - block.begin());
    }

    /// Makes room for `more` bytes after those of a block.
    pub(super) fn reserve(&mut self, block: &mut Block, more: usize) {
        let room = units(block.len() + more);
        if room <= block.room {
            return;
        }
        if block.begin() + block.room() != self.bytes.len() {
            self.gaps += block.room();
            let begin = self.bytes.len();
            self.bytes.extend_from_within(block.range());
            block.start = units(begin);
        }
        block.room = room;
        self.bytes.resize(block.begin() + block.room(), 0);
    }

    /// Keeps only the first `len` bytes of a block, and gives back the room that it does not need.
    pub(super) fn truncate(&mut self, block: &mut Block, len: usize) {
        debug_assert!(len <= block.len(), "a block is made shorter");
        block.len = block.len.min(number(len));
        let end = block.begin() + block.room();
        block.room = units(block.len());
        if end == self.bytes.len() {
            self.bytes.truncate(block.begin() + block.room());
        } else {
            self.gaps += end - block.begin() - block.room();
        }
        if block.room == 0 {
            // The end may move to before where it was.
            *block = Block::default();
        }
    }

    /// How many bytes they hold in memory.
    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity()
    }

    /// Whether the gaps are as large as the rest, and worth a pass over so many blocks.
    pub(super) fn is_gappy(&self, count: usize) -> bool {
        self.gaps > SLACK.max(count) && self.gaps * 2 > self.bytes.len()
    }

    /// Puts all blocks side by side. They must be all there are.
    pub(super) fn pack<'a>(&mut self, blocks: impl Iterator<Item = &'a mut Block>) {
        let mut packed = Vec::with_capacity(self.bytes.len() - self.gaps);
        for block in blocks {
            if block.len == 0 {
                // As when it is truncated.
                *block = Block::default();
                continue;
            }
            let start = units(packed.len());
            packed.extend_from_slice(self.get(*block));
            block.start = start;
            block.room = units(block.len());
            packed.resize(block.begin() + block.room(), 0);
        }
        self.bytes = packed;
        self.gaps = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_that_grow_by_turns_keep_their_bytes() {
        let mut blocks = Blocks::default();
        let mut pair = [Block::default(); 2];
        for count in 0..1000_u16 {
            for (block, mark) in pair.iter_mut().zip([1, 2]) {
                blocks.append(block, &[&[mark], &count.to_le_bytes()]);
            }
            if blocks.is_gappy(pair.len()) {
                blocks.pack(pair.iter_mut());
            }
        }
        let expected = |mark: u8| -> Vec<u8> {
            (0..1000_u16).flat_map(|count| [&[mark][..], &count.to_le_bytes()].concat()).collect()
        };
        assert_eq!(pair.map(|block| blocks.get(block).to_vec()), [expected(1), expected(2)]);
    }

    #[test]
    fn packing_leaves_no_gaps() {
        let mut blocks = Blocks::default();
        let mut pair = [Block::default(); 2];
        for block in &mut pair {
            blocks.append(block, &[&[7; 100]]);
        }
        blocks.truncate(&mut pair[0], 3);
        assert_eq!((blocks.gaps, blocks.bytes.len()), (96, 208));
        blocks.pack(pair.iter_mut());
        assert_eq!((blocks.gaps, blocks.bytes.len()), (0, 112));
        assert_eq!((blocks.get(pair[0]), blocks.get(pair[1])), (&[7; 3][..], &[7; 100][..]));
    }

    #[test]
    fn an_emptied_block_may_be_filled_again_when_others_are_gone() {
        let mut blocks = Blocks::default();
        let mut pair = [Block::default(); 2];
        for block in &mut pair {
            blocks.append(block, &[&[7; 100]]);
        }
        for block in pair.iter_mut().rev() {
            blocks.truncate(block, 0);
        }
        blocks.append(&mut pair[1], &[b"abc"]);
        assert_eq!((blocks.get(pair[0]), blocks.get(pair[1])), (&b""[..], &b"abc"[..]));
    }

    #[test]
    fn an_empty_block_may_be_filled_when_those_it_was_packed_behind_are_gone() {
        let mut blocks = Blocks::default();
        let mut pair = [Block::default(); 2];
        blocks.append(&mut pair[0], &[&[7; 100]]);
        blocks.pack(pair.iter_mut());
        blocks.truncate(&mut pair[0], 3);
        blocks.append(&mut pair[1], &[b"abc"]);
        assert_eq!((blocks.get(pair[0]), blocks.get(pair[1])), (&[7; 3][..], &b"abc"[..]));
    }

    #[test]
    fn what_is_truncated_at_the_end_is_given_back() {
        let mut blocks = Blocks::default();
        let mut block = Block::default();
        blocks.reserve(&mut block, 1000);
        blocks.append(&mut block, &[b"abc"]);
        blocks.truncate(&mut block, 3);
        assert_eq!((blocks.get(block), blocks.bytes.len(), blocks.gaps), (&b"abc"[..], 8, 0));
    }
}
