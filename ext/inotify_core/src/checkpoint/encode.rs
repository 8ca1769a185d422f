//! Writes checkpoints, from the first root to the last: see the module's description.

use crate::invariant::must;
use crate::stamp::Stamp;

use super::codec::{put_bytes, put_count, put_signed};
use super::{
    BORN, BORN_AT_CHANGE, CHANGED_WITH_CONTENT, Entry, KNOWN, MAGIC, SETTLED, Settings, UNREAD, VERSION, decode,
};

/// The bytes of a checkpoint so far.
#[derive(Debug, Default)]
pub(crate) struct Encoder {
    bytes: Vec<u8>,
    /// The name and the stamp of the file before in the same directory.
    name: Vec<u8>,
    last: Stamp,
}

impl Encoder {
    pub(crate) fn new(settings: &Settings) -> Self {
        let mut bytes = [&MAGIC[..], &VERSION.to_le_bytes(), &[0; 8]].concat();
        put_count(&mut bytes, settings.roots.len());
        for (given, absolute) in &settings.roots {
            put_bytes(&mut bytes, given);
            put_bytes(&mut bytes, absolute);
        }
        put_count(&mut bytes, settings.options.len());
        settings.options.iter().for_each(|option| put_bytes(&mut bytes, option));
        Self { bytes, name: Vec::new(), last: Stamp::default() }
    }

    /// Nothing is at the path of the next root.
    pub(crate) fn root_nothing(&mut self) {
        self.bytes.push(0);
    }

    /// The next root is a file.
    pub(crate) fn root_file(&mut self, entry: Option<&Entry>) {
        self.bytes.push(1);
        self.dir_entry(entry);
    }

    /// The next root is a directory. Its [`dir_entry`](Self::dir_entry) and [`files`](Self::files) come next, then its
    /// [`dir`](Self::dir)s and [`end_root`](Self::end_root).
    pub(crate) fn root_dir(&mut self) {
        self.bytes.push(2);
    }

    /// A directory so deep below the root. Its [`dir_entry`](Self::dir_entry) and [`files`](Self::files) come next.
    pub(crate) fn dir(&mut self, depth: usize, name: &[u8]) {
        put_count(&mut self.bytes, depth);
        put_bytes(&mut self.bytes, name);
    }

    /// The entry of the directory.
    pub(crate) fn dir_entry(&mut self, entry: Option<&Entry>) {
        self.begin_dir();
        self.entry(entry);
    }

    /// The files of the directory, in the order of their names.
    pub(crate) fn files<'f>(&mut self, files: impl ExactSizeIterator<Item = (&'f [u8], Option<&'f Entry>)>) {
        self.begin_dir();
        put_count(&mut self.bytes, files.len());
        files.for_each(|(name, entry)| self.file(name, entry));
    }

    /// An entry or files that were written before, in this checkpoint or another one.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// How much is written.
    pub(crate) fn position(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes from a [`position`](Self::position) on.
    pub(crate) fn written_since(&self, position: usize) -> &[u8] {
        must(self.bytes.get(position..), "so much was written").unwrap_or_default()
    }

    /// Drops the bytes from a position on.
    pub(crate) fn truncate(&mut self, position: usize) {
        self.bytes.truncate(position);
    }

    pub(crate) fn end_root(&mut self) {
        self.bytes.push(0);
    }

    fn file(&mut self, name: &[u8], entry: Option<&Entry>) {
        let shared = self.name.iter().zip(name).take_while(|(one, other)| one == other).count();
        put_count(&mut self.bytes, shared);
        let rest = must(name.get(shared..), "the shared part is in the name").unwrap_or_default();
        put_bytes(&mut self.bytes, rest);
        self.name.truncate(shared);
        self.name.extend_from_slice(rest);
        self.entry(entry);
    }

    fn begin_dir(&mut self) {
        self.name.clear();
        self.last = Stamp::default();
    }

    fn entry(&mut self, entry: Option<&Entry>) {
        let Some(Entry { stamp, settled, unread }) = entry else { return self.bytes.push(0) };
        let mut flags = KNOWN;
        if *settled {
            flags |= SETTLED;
        }
        if *unread {
            flags |= UNREAD;
        }
        let before = if *settled { stamp.changed } else { 0 };
        if let Some(born) = stamp.born {
            flags |= if born == before { BORN | BORN_AT_CHANGE } else { BORN };
        }
        if *settled && stamp.changed == stamp.modified {
            flags |= CHANGED_WITH_CONTENT;
        }
        self.bytes.push(flags);
        put_signed(&mut self.bytes, i128::from(stamp.identity.2) - i128::from(self.last.identity.2));
        self.last.identity.2 = stamp.identity.2;
        if *settled {
            put_signed(&mut self.bytes, i128::from(stamp.size));
            put_signed(&mut self.bytes, stamp.modified.wrapping_sub(self.last.modified));
            self.last.modified = stamp.modified;
            if flags & CHANGED_WITH_CONTENT == 0 {
                put_signed(&mut self.bytes, stamp.changed.wrapping_sub(stamp.modified));
            }
        }
        if let Some(born) = stamp.born.filter(|_| flags & BORN_AT_CHANGE == 0) {
            put_signed(&mut self.bytes, born.wrapping_sub(before));
        }
    }

    /// The whole checkpoint.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let head = MAGIC.len() + 2;
        let length = (self.bytes.len() - head - 8) as u64;
        if let Some(room) = must(self.bytes.get_mut(head..head + 8), "the head is written first") {
            room.copy_from_slice(&length.to_le_bytes());
        }
        let checksum = crc32fast::hash(&self.bytes);
        self.bytes.extend(checksum.to_le_bytes());
        self.bytes
    }
}

/// The entry of a directory, and its files if they are kept, too.
#[derive(Clone, Debug)]
pub(crate) struct DirRecord {
    bytes: Box<[u8]>,
    /// Where the files begin.
    files: usize,
}

impl DirRecord {
    /// `bytes`: as an [`Encoder`] wrote them. The files begin at `files`.
    pub(crate) fn new(bytes: &[u8], files: usize) -> Self {
        Self { bytes: bytes.into(), files }
    }

    /// The entry of the directory.
    pub(crate) fn dir(&self) -> Option<Entry> {
        decode::dir_entry(self.entry())
    }

    /// The bytes of the entry.
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
