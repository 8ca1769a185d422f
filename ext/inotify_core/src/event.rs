//! The kernel's records, read out of bytes in safe code.
//!
//! A record is `struct inotify_event` of inotify(7): four native-endian 32-bit fields, then `len` bytes of name,
//! padded with NULs. `touch x` in a directory watched as wd 1 gives, on a 64-bit little-endian machine,
//!
//! ```text
//! 01 00 00 00  00 01 00 00  00 00 00 00  10 00 00 00  78 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
//! wd = 1       IN_CREATE    cookie = 0   len = 16     "x", padded to the next multiple of 16
//! ```

use std::ffi::CStr;
use std::fmt;

use crate::flags::Mask;
use crate::invariant::must;

/// The size of a record's fixed part, in bytes.
pub const HEADER: usize = 16;

/// The longest record the kernel makes, in bytes: a 255-byte name (`NAME_MAX`), its NUL and the padding.
pub const LONGEST: usize = HEADER + 256;

/// One record, borrowed from the bytes it was read into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// The watch descriptor; −1 on queue overflow.
    pub wd: i32,
    /// The event's flags. Unknown bits are kept.
    pub mask: Mask,
    /// Pairs the two halves of a rename; 0 elsewhere.
    pub cookie: u32,
    /// Length in bytes of the record's name part, with its padding.
    pub len: u32,
    /// The name without padding: one path component, any bytes except for `/` and NUL. Empty where the kernel sent
    /// none.
    pub name: &'a [u8],
    /// The whole record, padding included.
    pub record: &'a [u8],
}

/// One record whose name is not scanned: a fraction of the cost of an [`Event`], for a caller that copies it as a
/// whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// See [`Event::wd`].
    pub wd: i32,
    /// See [`Event::mask`].
    pub mask: Mask,
    /// See [`Event::cookie`].
    pub cookie: u32,
    /// See [`Event::len`].
    pub len: u32,
    /// The name part: `len` bytes.
    pub padded: &'a [u8],
    /// The whole record.
    pub bytes: &'a [u8],
}

impl<'a> Record<'a> {
    /// Splits the first record off `bytes`; `None` at their end. Never panics and never allocates.
    ///
    /// # Errors
    /// [`Malformed`] when the record is cut short, in its fixed part or in its name.
    #[inline]
    pub fn split_first(bytes: &'a [u8]) -> Result<Option<(Self, &'a [u8])>, Malformed> {
        if bytes.is_empty() {
            return Ok(None);
        }
        let cut = |expected| Malformed { expected, available: bytes.len() };
        let (head, _) = bytes.split_first_chunk::<HEADER>().ok_or(cut(HEADER as u64))?;
        let [w0, w1, w2, w3, m0, m1, m2, m3, c0, c1, c2, c3, l0, l1, l2, l3] = *head;
        let len = u32::from_ne_bytes([l0, l1, l2, l3]);
        let whole = HEADER as u64 + u64::from(len);
        let (record, rest) =
            usize::try_from(whole).ok().and_then(|whole| bytes.split_at_checked(whole)).ok_or(cut(whole))?;
        let record = Self {
            wd: i32::from_ne_bytes([w0, w1, w2, w3]),
            mask: Mask::from_bits_retain(u32::from_ne_bytes([m0, m1, m2, m3])),
            cookie: u32::from_ne_bytes([c0, c1, c2, c3]),
            len,
            padded: must(record.get(HEADER..), "a record has a header").unwrap_or_default(),
            bytes: record,
        };
        Ok(Some((record, rest)))
    }
}

/// Bytes that are not a whole record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// How many bytes the record claims to have.
    pub expected: u64,
    /// How many bytes exist.
    pub available: usize,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an event record of {} bytes was cut short after {}", self.expected, self.available)
    }
}

impl std::error::Error for Malformed {}

impl<'a> Event<'a> {
    /// Splits the first record off `bytes`; `None` at their end. Never panics and never allocates.
    ///
    /// # Errors
    /// [`Malformed`] when the record is cut short, in its fixed part or in its name.
    pub fn split_first(bytes: &'a [u8]) -> Result<Option<(Self, &'a [u8])>, Malformed> {
        let Some((record, rest)) = Record::split_first(bytes)? else { return Ok(None) };
        let name = CStr::from_bytes_until_nul(record.padded).map_or(record.padded, CStr::to_bytes);
        let Record { wd, mask, cookie, len, bytes: record, .. } = record;
        Ok(Some((Self { wd, mask, cookie, len, name, record }, rest)))
    }
}
