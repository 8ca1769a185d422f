//! The bytes of one directory in a checkpoint, kept for the next one.

use super::{Entry, decode};
use crate::invariant::must;

/// The entry of a directory, and its files if they are kept, too.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    bytes: Box<[u8]>,
    /// Where the files begin.
    files: usize,
}

impl Record {
    /// `bytes`: as an [`Encoder`](super::Encoder) wrote them. The files begin at `files`.
    pub(crate) fn new(bytes: &[u8], files: usize) -> Self {
        Self { bytes: bytes.into(), files }
    }

    /// What is known of the directory.
    pub(crate) fn dir(&self) -> Option<Entry> {
        decode::dir_entry(self.entry())
    }

    /// The bytes of that.
    pub(crate) fn entry(&self) -> &[u8] {
        self.split().0
    }

    /// The bytes of the files. `None`: they are not kept.
    pub(crate) fn files(&self) -> Option<&[u8]> {
        Some(self.split().1).filter(|files| !files.is_empty())
    }

    fn split(&self) -> (&[u8], &[u8]) {
        must(self.bytes.split_at_checked(self.files), "the files begin in the bytes").unwrap_or_default()
    }

    pub(crate) fn drop_files(&mut self) {
        if self.files().is_some() {
            self.bytes = self.entry().into();
        }
    }
}

/// The names of files, in their order, and what is known of each.
pub(crate) fn read_files(bytes: &[u8]) -> impl Iterator<Item = (Box<[u8]>, Option<Entry>)> + '_ {
    decode::files(bytes)
}
