//! Numbers and bytes, written and read: see the module's description.

use super::Defect;
use crate::invariant::must;

pub(super) const EARLY: Defect = Defect::Damaged("it ends early");
const LARGE: Defect = Defect::Damaged("a number that is too large");

fn signed(number: u128) -> i128 {
    i128::from_ne_bytes(number.to_ne_bytes())
}

fn unsigned(number: i128) -> u128 {
    u128::from_ne_bytes(number.to_ne_bytes())
}

/// Adds a number.
pub(super) fn put(bytes: &mut Vec<u8>, mut number: u128) {
    // Nearly all of them have 64 bits, with which it is faster.
    let mut low = loop {
        match u64::try_from(number) {
            Ok(low) => break low,
            Err(_) => bytes.push(number.to_le_bytes()[0] | 0x80),
        }
        number >>= 7;
    };
    while low >= 0x80 {
        bytes.push(low.to_le_bytes()[0] | 0x80);
        low >>= 7;
    }
    bytes.push(low.to_le_bytes()[0]);
}

/// Adds a signed number.
pub(super) fn put_signed(bytes: &mut Vec<u8>, number: i128) {
    put(bytes, unsigned((number << 1) ^ (number >> 127)));
}

/// Adds a count.
pub(super) fn put_count(bytes: &mut Vec<u8>, count: usize) {
    put(bytes, count as u128);
}

/// Adds bytes.
pub(super) fn put_bytes(bytes: &mut Vec<u8>, added: &[u8]) {
    put_count(bytes, added.len());
    bytes.extend_from_slice(added);
}

/// The bytes that are not read yet.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    pub(super) fn byte(&mut self) -> Result<u8, Defect> {
        let byte = self.bytes.get(self.at).copied().ok_or(EARLY)?;
        self.at += 1;
        Ok(byte)
    }

    pub(super) fn take(&mut self, count: u64) -> Result<&'a [u8], Defect> {
        let rest = must(self.bytes.get(self.at..), "no more is read than there is").unwrap_or_default();
        let taken = usize::try_from(count).ok().and_then(|count| rest.get(..count)).ok_or(EARLY)?;
        self.at += taken.len();
        Ok(taken)
    }

    /// A number of so many bits at most.
    fn number_of(&mut self, bits: u32) -> Result<u128, Defect> {
        let mut low = 0;
        let mut shift = 0;
        // Nearly all of them have 63 bits, with which it is faster.
        while shift < 63 {
            let byte = self.byte()?;
            low |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(low.into());
            }
            shift += 7;
        }
        let mut number = u128::from(low);
        loop {
            let byte = self.byte()?;
            let part = u128::from(byte & 0x7f);
            if shift >= bits || (part << shift) >> shift != part || bits < 128 && (part << shift) >> bits != 0 {
                return Err(LARGE);
            }
            number |= part << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
            shift += 7;
        }
    }

    pub(super) fn number(&mut self) -> Result<u64, Defect> {
        u64::try_from(self.number_of(64)?).map_err(|_| LARGE)
    }

    pub(super) fn signed(&mut self) -> Result<i128, Defect> {
        let number = self.number_of(128)?;
        Ok(signed(number >> 1) ^ -signed(number & 1))
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Defect> {
        let count = self.number()?;
        self.take(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_were_written() {
        for number in [0, 1, -1, 63, -64, 64, i128::from(i64::MAX), i128::MAX, i128::MIN] {
            let mut bytes = Vec::new();
            put_signed(&mut bytes, number);
            assert_eq!(Cursor::new(&bytes, 0).signed(), Ok(number));
            bytes.clear();
            put(&mut bytes, unsigned(number));
            assert_eq!(Cursor::new(&bytes, 0).number_of(128), Ok(unsigned(number)));
        }
        let mut bytes = Vec::new();
        put(&mut bytes, u128::from(u64::MAX));
        assert_eq!(Cursor::new(&bytes, 0).number(), Ok(u64::MAX));
        bytes.clear();
        put(&mut bytes, u128::from(u64::MAX) + 1);
        assert_eq!(Cursor::new(&bytes, 0).number(), Err(LARGE));
    }
}
