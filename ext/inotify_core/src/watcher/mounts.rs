//! What is mounted where: proc(5), "/proc/pid/mountinfo". A mount over a watched directory sends no event.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek};
use std::os::fd::{AsFd, BorrowedFd};

/// File system types whose changes other machines or processes make unseen by the kernel here.
const REMOTE: &[&[u8]] = &[
    b"nfs",
    b"nfs4",
    b"cifs",
    b"smb3",
    b"smbfs",
    b"9p",
    b"ceph",
    b"afs",
    b"ncpfs",
    b"glusterfs",
    b"lustre",
    b"virtiofs",
    b"vboxsf",
    b"fuse",
    b"fuseblk",
];

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mount {
    id: u32,
    /// The type of its file system.
    kind: Vec<u8>,
}

/// The mounts as they were looked at last: for each place, the one on top.
#[derive(Debug)]
pub(crate) struct Mounts {
    file: Option<File>,
    places: BTreeMap<Vec<u8>, Mount>,
}

impl Mounts {
    /// Looks at the mounts of this process. Without /proc there are none to be seen.
    pub(crate) fn new() -> Self {
        let mut mounts = Self { file: File::open("/proc/self/mountinfo").ok(), places: BTreeMap::new() };
        mounts.changed();
        mounts
    }

    /// Has an exceptional condition (`POLLPRI`) when a mount was added or removed since it was looked at.
    pub(crate) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.file.as_ref().map(AsFd::as_fd)
    }

    /// Looks again. Answers the places where something else is mounted than before.
    pub(crate) fn changed(&mut self) -> Vec<Vec<u8>> {
        let Some(file) = &mut self.file else { return Vec::new() };
        let mut text = Vec::new();
        if file.rewind().and_then(|()| file.read_to_end(&mut text)).is_err() {
            return Vec::new();
        }
        // Of several mounts at a place, the last is on top.
        let now: BTreeMap<_, _> = text.split(|byte| *byte == b'\n').filter_map(parse).collect();
        let before = std::mem::replace(&mut self.places, now);
        let gone = before.keys().filter(|place| !self.places.contains_key(*place));
        let new = self.places.iter().filter(|(place, mount)| before.get(*place) != Some(mount)).map(|(place, _)| place);
        gone.chain(new).cloned().collect()
    }

    /// The file systems with remote changes at a path, below it, and around it: places and types.
    pub(crate) fn remote(&self, path: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
        let around =
            self.places.iter().filter(|(place, _)| is_within(path, place)).max_by_key(|(place, _)| place.len());
        let below = self.places.iter().filter(|(place, _)| place.as_slice() != path && is_within(place, path));
        let is_remote = |kind: &[u8]| REMOTE.contains(&kind) || kind.starts_with(b"fuse.");
        let mut remote: Vec<_> = below
            .filter(|(_, mount)| is_remote(&mount.kind))
            .map(|(place, mount)| (place.clone(), mount.kind.clone()))
            .collect();
        if let Some((_, mount)) = around.filter(|(_, mount)| is_remote(&mount.kind)) {
            remote.push((path.to_vec(), mount.kind.clone()));
        }
        remote
    }
}

/// Whether `path` is `dir` or something in it.
pub(crate) fn is_within(path: &[u8], dir: &[u8]) -> bool {
    match path.strip_prefix(dir) {
        Some(rest) => rest.is_empty() || rest.starts_with(b"/") || dir.ends_with(b"/"),
        None => false,
    }
}

/// Reads a line such as `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw`.
fn parse(line: &[u8]) -> Option<(Vec<u8>, Mount)> {
    let mut fields = line.split(|byte| *byte == b' ');
    let id = std::str::from_utf8(fields.next()?).ok()?.parse().ok()?;
    let place = unescape(fields.nth(3)?);
    let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
    Some((place, Mount { id, kind: kind.to_vec() }))
}

/// Undoes the octal escapes of spaces and the like: `\040`.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let octal = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()).filter(|_| *first == b'\\') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(3..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}
