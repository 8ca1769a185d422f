//! Checkpoints: files with the state of some trees as their consumer knows it, to be compared with the trees later.
//!
//! # The format, version 1
//!
//! A *number* has seven bits in each byte, the lowest first; all bytes except for the last have the highest bit set. A
//! *signed* number is one with the sign in the lowest bit: 0, −1, 1, −2 are 0, 1, 2, 3. *Bytes* are their count, a
//! number, and the bytes themselves.
//!
//! ```text
//! 8 bytes   89 69 6E 6F 74 69 66 79 (0x89, "inotify")
//! 2 bytes   the version, lower byte first
//! 8 bytes   the length of the body, lowest byte first
//! body      how it was watched, then the trees
//! 4 bytes   the CRC-32 of all that precedes, lowest byte first
//! ```
//!
//! How it was watched: the number of roots, and for each its path as given and its absolute path, as bytes, in the order
//! of the given paths; then the number of settings, and each as bytes: sentences that are compared, not read.
//!
//! The trees: for each root one byte, 0 if nothing was there, 1 for a file and 2 for a directory. A file's entry
//! follows, or a directory's entry and files; then, parents before their entries, each directory below it: how deep it
//! is below the root, a number that is 1 or more, its name as bytes, its entry, and its files. The number 0 ends a root.
//!
//! The files of a directory: how many there are, and for each, in the order of their names, the number of bytes that
//! its name shares with the name before, the rest of the name as bytes, and its entry.
//!
//! An entry begins with a byte of flags:
//!
//! | bit | set if |
//! |---|---|
//! | 0 | it is known which file it is; if not, nothing follows |
//! | 1 | its content is known; if not, neither size nor times follow, and a file is reported again |
//! | 2 | it is known when the file was made |
//! | 3 | it was changed last when its content was |
//! | 4 | it was made when it was changed last |
//! | 5 | the consumer may not have found it at its path: at another one, it is reported again |
//!
//! Bit 1 of a directory is set where that is polled: by its times it is known whether it was elsewhere for a while.
//!
//! Then follow, each as a signed number: the inode, less that of the entry before in the same directory, or of 0; the
//! size; the time the content was changed last, in nanoseconds, less that of the entry before; the time of the last
//! change, less the one of the content, unless bit 3 is set; the time the file was made, less that of the last change,
//! unless bit 4 is set. Where the content is not known, the last one is less 0.

mod codec;
mod decode;
mod encode;
mod file;

use std::fmt;
use std::ops::Range;

use crate::invariant::must;
use crate::stamp::Stamp;

pub(crate) use decode::files as read_files;
pub(crate) use encode::{DirRecord, Encoder};
pub(crate) use file::{files, read, write};

const MAGIC: &[u8; 8] = b"\x89inotify";
const VERSION: u16 = 1;

const KNOWN: u8 = 1;
const SETTLED: u8 = 2;
const BORN: u8 = 4;
const CHANGED_WITH_CONTENT: u8 = 8;
const BORN_AT_CHANGE: u8 = 16;
const UNREAD: u8 = 32;

/// The state of a file or directory as the consumer knows it, without the number of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The result of a stat. If it is not settled, only the inode and the birth count.
    pub stamp: Stamp,
    /// Whether the consumer was given all changes that the stamp includes; of a directory, whether its times count.
    pub settled: bool,
    /// Whether somebody may have moved it unseen before the consumer read it.
    pub unread: bool,
}

/// The path of a root as given, and its absolute path.
pub type RootPaths = (Vec<u8>, Vec<u8>);

/// How some trees were watched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// In the order of the given paths.
    pub roots: Vec<RootPaths>,
    /// The filters and options: a sentence each.
    pub options: Vec<Vec<u8>>,
}

/// The state of the path of a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// Nothing.
    Nothing,
    /// A file; `None`: nothing is known of it.
    File(Option<Entry>),
    /// The directory of this number.
    Dir(usize),
}

/// A directory.
#[derive(Clone, Debug)]
struct Dir {
    parent: Option<usize>,
    name: Range<usize>,
    entry: Option<Entry>,
    /// The bytes of its files.
    files: Range<usize>,
}

/// A checkpoint that was read. It has passed all checks.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    bytes: Vec<u8>,
    settings: Settings,
    roots: Vec<Root>,
    dirs: Vec<Dir>,
}

/// Why the bytes of a checkpoint cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// It is another kind of file.
    Foreign,
    /// It has a version that is not known.
    Version(u16),
    /// It is damaged, in this way.
    Damaged(&'static str),
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("this file is no checkpoint; give another path"),
            Self::Version(version) => write!(
                f,
                "it has version {version} of the format, and this inotify_rs reads version {VERSION}; use the one that \
                 wrote it, or delete the file: then everything is reported as created"
            ),
            Self::Damaged(how) => {
                write!(f, "it is damaged: {how}; delete the file: then everything is reported as created")
            }
        }
    }
}

impl Checkpoint {
    /// One of nothing: no root existed.
    pub(crate) fn empty(settings: Settings) -> Self {
        let roots = settings.roots.iter().map(|_| Root::Nothing).collect();
        Self { bytes: Vec::new(), settings, roots, dirs: Vec::new() }
    }

    /// How its trees were watched.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The state of the path of each root, in the order of [`Settings::roots`].
    pub(crate) fn roots(&self) -> &[Root] {
        &self.roots
    }

    /// How many directories it has. They are numbered, parents before their entries.
    #[must_use]
    pub fn dirs(&self) -> usize {
        self.dirs.len()
    }

    /// The directory above a directory, and the name there. `None` for that of a root.
    #[must_use]
    pub fn place(&self, dir: usize) -> Option<(usize, &[u8])> {
        let dir = self.dirs.get(dir)?;
        Some((dir.parent?, must(self.bytes.get(dir.name.clone()), "a name is in the bytes")?))
    }

    /// The entry of a directory.
    pub(crate) fn dir(&self, dir: usize) -> Option<Entry> {
        self.dirs.get(dir)?.entry
    }

    /// The settings that differ from others, in words; `None`: none differ.
    #[must_use]
    pub fn difference(&self, settings: &Settings) -> Option<String> {
        let remedy = "; watch as before, or delete the file: then everything is reported as created";
        if self.settings.roots != settings.roots {
            let both = |path: fn(&RootPaths) -> &Vec<u8>| {
                [&self.settings, settings].map(|settings| {
                    let roots = settings.roots.iter().map(|root| path(root).escape_ascii().to_string());
                    roots.collect::<Vec<_>>().join(", ")
                })
            };
            let [written, given] = both(|(_, absolute)| absolute);
            if written != given {
                return Some(format!("it was written for other roots: {written}, not {given}{remedy}"));
            }
            let [written, given] = both(|(given, _)| given);
            return Some(format!("it was written for the same roots by other paths: {written}, not {given}{remedy}"));
        }
        let sentences = |from: &Settings, without: &Settings| {
            let all = from.options.iter().filter(|option| !without.options.contains(option));
            let all = all.map(|option| String::from_utf8_lossy(option).into_owned()).collect::<Vec<_>>();
            if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
        };
        (self.settings.options != settings.options).then(|| {
            let (written, given) = (sentences(&self.settings, settings), sentences(settings, &self.settings));
            format!("it was written with other filters or options: {written}, not {given}{remedy}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(inode: u64, time: i128) -> Stamp {
        Stamp { identity: (0, 0, inode), size: 7, modified: time, changed: time + 5, born: Some(time - 9) }
    }

    fn settings() -> Settings {
        Settings {
            roots: vec![(b"a".to_vec(), b"/x/a".to_vec()), (b"b".to_vec(), b"/x/b".to_vec())],
            options: vec![b"only: *.rb".to_vec()],
        }
    }

    /// Two roots: a tree with all kinds of entries, and a file.
    fn written() -> Vec<u8> {
        let mut encoder = Encoder::new(&settings());
        let same = Stamp { born: None, changed: 4, ..stamp(3, 4) };
        let early = stamp(u64::MAX, i128::from(i64::MIN) * 1_000_000_000);
        let settled = |stamp| Entry { stamp, settled: true, unread: false };
        let [second, third, last] = [stamp(5, 1_700_000_000_000_000_000), same, early].map(settled);
        encoder.root_dir();
        encoder.dir_entry(None);
        encoder.files([(&b"abc"[..], None), (b"abd", Some(&second)), (b"x", Some(&third))].into_iter());
        encoder.dir(1, b"d");
        encoder.dir_entry(Some(&Entry { stamp: stamp(9, 1), settled: false, unread: false }));
        encoder.files([].into_iter());
        encoder.dir(2, b"e");
        let position = encoder.position();
        encoder.dir_entry(None);
        encoder.files([(&b"\xff"[..], Some(&last))].into_iter());
        let written = encoder.written_since(position).to_vec();
        encoder.dir(1, b"f");
        encoder.add(&written);
        encoder.end_root();
        encoder.root_file(Some(&Entry { stamp: stamp(1, -1), settled: false, unread: true }));
        encoder.finish()
    }

    #[test]
    fn a_checkpoint_is_read_as_it_was_written() {
        let read = Checkpoint::decode(written()).unwrap();
        assert_eq!(read.settings(), &settings());
        let places: Vec<_> = (0..read.dirs()).map(|dir| read.place(dir)).collect();
        assert_eq!(places, [None, Some((0, &b"d"[..])), Some((1, b"e")), Some((0, b"f"))]);
        assert_eq!(read.dir(1).map(|it| (it.stamp.identity.2, it.stamp.born)), Some((9, Some(-8))));
        let Root::File(Some(file)) = read.roots()[1] else { panic!("{:?}", read.roots()) };
        assert_eq!((file.settled, file.unread, file.stamp.identity.2, file.stamp.born), (false, true, 1, Some(-10)));
        let files: Vec<_> = (0..read.dirs()).flat_map(|dir| read.files(dir)).collect();
        let names: Vec<&[u8]> = files.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, [&b"abc"[..], b"abd", b"x", b"\xff", b"\xff"]);
        let stamps: Vec<_> = files.iter().map(|(_, entry)| entry.map(|entry| entry.stamp)).collect();
        let same = Stamp { born: None, changed: 4, ..stamp(3, 4) };
        let early = stamp(u64::MAX, i128::from(i64::MIN) * 1_000_000_000);
        assert_eq!(stamps, [None, Some(stamp(5, 1_700_000_000_000_000_000)), Some(same), Some(early), Some(early)]);
    }

    #[test]
    fn a_checkpoint_that_ends_early_is_damaged_or_foreign_wherever_it_ends() {
        let whole = written();
        for length in 0..whole.len() {
            let defect = Checkpoint::decode(whole[..length].to_vec()).unwrap_err();
            let expected = if length < MAGIC.len() { Defect::Foreign } else { Defect::Damaged("it ends early") };
            assert_eq!(defect, expected, "{length} bytes");
        }
        let longer = [&whole[..], b"x"].concat();
        assert_eq!(Checkpoint::decode(longer).unwrap_err(), Defect::Damaged("something follows its end"));
    }

    #[test]
    fn a_changed_bit_is_found_wherever_it_is() {
        let whole = written();
        for bit in 0..whole.len() * 8 {
            let mut changed = whole.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(Checkpoint::decode(changed).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_later_version_is_named() {
        let mut later = written();
        later[8] = 2;
        assert_eq!(Checkpoint::decode(later).unwrap_err(), Defect::Version(2));
    }

    /// With a right checksum.
    fn sealed(body: &[u8]) -> Vec<u8> {
        let mut bytes = [&MAGIC[..], &VERSION.to_le_bytes(), &(body.len() as u64).to_le_bytes(), body].concat();
        let checksum = crc32fast::hash(&bytes);
        bytes.extend(checksum.to_le_bytes());
        bytes
    }

    #[test]
    fn any_bytes_with_a_right_checksum_are_read_or_damaged() {
        let trees: &[(&[u8], &str)] = &[
            (&[], "it ends early"),
            (&[3], "a root of an unknown kind"),
            (&[2, 0, 2, 0, 1, b'b', 0, 0, 1, b'a', 0, 0], "a name out of order"),
            (&[2, 0, 1, 0, 1, b'/', 0, 0], "a name that no file can have"),
            (&[2, 0, 1, 0, 0, 0, 0], "a name that no file can have"),
            (&[2, 0, 1, 0, 2, b'.', b'.', 0, 0], "a name that no file can have"),
            (&[2, 0, 1, 4, 1, b'a', 0, 0], "a name that shares more than there is"),
            (&[2, 0, 0, 2, 1, b'a', 0, 0, 0], "a directory without a parent"),
            (&[2, 0, 0, 1, 1, b'b', 0, 0, 1, 1, b'a', 0, 0, 0], "a name out of order"),
            (&[2, 0, 1, 0, 1, b'a', 0, 1, 1, b'a', 0, 0, 0], "a file and a directory of one name"),
            (&[2, 0, 0, 0, 0], "something follows its end"),
            (&[1, 64], "an entry of an unknown kind"),
            (&[2, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], "a number that is too large"),
            (&[2, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], "it ends early"),
        ];
        for (tree, how) in trees {
            let body = [&[1, 1, b'a', 2, b'/', b'a', 0][..], tree].concat();
            assert_eq!(Checkpoint::decode(sealed(&body)).unwrap_err(), Defect::Damaged(how), "{tree:?}");
        }
    }

    #[test]
    fn other_roots_and_filters_are_named() {
        let read = Checkpoint::decode(written()).unwrap();
        assert_eq!(read.difference(&settings()), None);
        let roots = Settings { roots: vec![(b"a".to_vec(), b"/y/a".to_vec())], ..settings() };
        assert!(read.difference(&roots).unwrap().starts_with("it was written for other roots: /x/a, /x/b, not /y/a; "));
        let paths = vec![(b"a".to_vec(), b"/x/a".to_vec()), (b"./b".to_vec(), b"/x/b".to_vec())];
        let difference = read.difference(&Settings { roots: paths, ..settings() }).unwrap();
        assert!(difference.starts_with("it was written for the same roots by other paths: a, b, not a, ./b; "));
        let options = Settings { options: Vec::new(), ..settings() };
        let difference = read.difference(&options).unwrap();
        assert!(difference.contains("other filters or options: only: *.rb, not nothing; "), "{difference}");
    }
}
