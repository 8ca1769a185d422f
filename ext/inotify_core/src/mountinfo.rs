//! The table of mounts: proc(5), "/proc/pid/mountinfo". A mount over a watched directory sends no event.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::fd::{AsFd, BorrowedFd};

use hashbrown::{HashMap, HashSet};

use crate::error::errno;
use crate::paths::{ancestors, is_within, last_name};
use crate::sys;

/// The file that lists them.
pub const PATH: &str = "/proc/self/mountinfo";

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
    // Shared folders of Docker Desktop, VirtualBox, VMware, Parallels and WSL 1.
    b"fakeowner",
    b"vboxsf",
    b"vmhgfs",
    b"prl_fs",
    b"drvfs",
    b"fuse",
    b"fuseblk",
];

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Its number. The kernel gives the smallest that is free.
    pub id: u32,
    /// The number of the mount that it is on.
    pub parent: u32,
    /// The device of its file system: `8:1`.
    pub device: Vec<u8>,
    /// The mounted directory of its file system: `/` for all of it.
    pub root: Vec<u8>,
    /// The type of its file system.
    pub kind: Vec<u8>,
}

impl Mount {
    /// Whether other machines or processes may change its files unseen.
    pub(crate) fn is_remote(&self) -> bool {
        REMOTE.contains(&self.kind.as_slice()) || self.kind.starts_with(b"fuse.")
    }
}

/// The mounts that paths lead to, by the path: of several at a path the one on top, and none that another one covers.
pub type Table = BTreeMap<Vec<u8>, Mount>;

/// Reads the text of the file.
pub(crate) fn parse(text: &[u8]) -> Table {
    let mounts: Vec<(Vec<u8>, Mount)> = text.split(|byte| *byte == b'\n').filter_map(parse_line).collect();
    visible(mounts)
}

/// Reads a line such as `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw`.
fn parse_line(line: &[u8]) -> Option<(Vec<u8>, Mount)> {
    let number = |field: &[u8]| std::str::from_utf8(field).ok()?.parse().ok();
    let mut fields = line.split(|byte| *byte == b' ');
    let id = number(fields.next()?)?;
    let parent = number(fields.next()?)?;
    let device = fields.next()?.to_vec();
    let root = unescape(fields.next()?);
    let path = unescape(fields.next()?);
    let kind = fields.skip_while(|field| *field != b"-").nth(1)?.to_vec();
    Some((path, Mount { id, parent, device, root, kind }))
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

/// Finds those that paths lead to as the kernel does: from a mount to the one on it, from the top down. The list is in
/// the order of age, which says nothing: an old mount may have been moved onto a new one.
fn visible(mounts: Vec<(Vec<u8>, Mount)>) -> Table {
    let ids: HashSet<u32> = mounts.iter().map(|(_, mount)| mount.id).collect();
    let mut on: HashMap<Option<u32>, Table> = HashMap::new();
    for (path, mount) in mounts {
        // That of `/` is on one that this process does not see.
        let parent = Some(mount.parent).filter(|parent| ids.contains(parent) && *parent != mount.id);
        on.entry(parent).or_default().insert(path, mount);
    }
    let mut table = Table::new();
    let mut open = on.remove(&None).map(uncovered).unwrap_or_default();
    while let Some((path, mount)) = open.pop() {
        // Each list is taken out once, so that a table that makes no sense has an end, too.
        let mut children = on.remove(&Some(mount.id)).unwrap_or_default();
        if let Some(over) = children.remove(&path) {
            open.push((path, over));
            continue;
        }
        open.extend(uncovered(children));
        table.insert(path, mount);
    }
    table
}

/// Those of the mounts on one mount that have no other above them.
fn uncovered(mounts: Table) -> Vec<(Vec<u8>, Mount)> {
    let mut uncovered: Vec<(Vec<u8>, Mount)> = Vec::new();
    // In their order, paths below a path come after it.
    let mut paths: Vec<(Vec<u8>, Mount)> = mounts.into_iter().collect();
    paths.sort_by_key(|(path, _)| path.len());
    let mut tops: HashSet<Vec<u8>> = HashSet::new();
    for (path, mount) in paths {
        if !ancestors(&path).any(|dir| tops.contains(dir)) {
            tops.insert(path.clone());
            uncovered.push((path, mount));
        }
    }
    uncovered
}

/// The file that lists the mounts of this process.
#[derive(Debug, Default)]
pub struct Source(Option<File>);

impl Source {
    /// Has an exceptional condition (`POLLPRI`) when a mount was added or removed since it was waited for last.
    pub(crate) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.0.as_ref().map(AsFd::as_fd)
    }

    /// Whether a mount was added or removed since this was asked or waited for last. Never waits.
    pub(crate) fn changed(&self) -> bool {
        self.fd().is_some_and(sys::is_exceptional)
    }

    /// Its text.
    ///
    /// # Errors
    /// When it can't be read: mostly as there is no /proc.
    pub fn text(&mut self) -> io::Result<Vec<u8>> {
        let mut file = match self.0.take() {
            Some(file) => file,
            None => File::open(PATH)?,
        };
        let mut text = Vec::new();
        file.rewind()?;
        file.read_to_end(&mut text)?;
        self.0 = Some(file);
        Ok(text)
    }
}

/// Where file systems are mounted that others change unseen.
#[derive(Debug, Default)]
pub(crate) struct RemoteMounts {
    paths: HashSet<Vec<u8>>,
    /// The last names of these.
    names: HashSet<Vec<u8>>,
}

impl RemoteMounts {
    pub(crate) fn of(mounts: &Mounts) -> Self {
        let remote = mounts.table().iter().filter(|(_, mount)| mount.is_remote());
        let paths: HashSet<Vec<u8>> = remote.map(|(path, _)| path.clone()).collect();
        let names = paths.iter().map(|path| last_name(path).to_vec()).collect();
        Self { paths, names }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Whether one may be mounted at a path that ends with this name.
    pub(crate) fn may_be_at(&self, name: &[u8]) -> bool {
        self.names.contains(name)
    }

    /// Whether one is mounted at this real path.
    pub(crate) fn contains(&self, path: &[u8]) -> bool {
        self.paths.contains(path)
    }
}

/// The mounts as they were read last.
#[derive(Debug, Default)]
pub struct Mounts {
    table: Table,
    failure: Option<i32>,
}

impl Mounts {
    /// Reads them; none where that fails.
    #[must_use]
    pub fn read() -> Self {
        let mut mounts = Self::default();
        mounts.update(Source::default().text());
        mounts
    }

    /// The errno for which they could not be read: mostly that there is no /proc.
    pub(crate) fn failure(&self) -> Option<i32> {
        self.failure
    }

    /// The table that was read last.
    pub(crate) fn table(&self) -> &Table {
        &self.table
    }

    /// Takes the text that was read. Returns the paths where something else may be mounted than before: the numbers of
    /// mounts and devices are used again at once, so all of them except for those where nothing can have changed.
    pub fn update(&mut self, text: io::Result<Vec<u8>>) -> Vec<Vec<u8>> {
        match text {
            Ok(text) => {
                self.failure = None;
                let before = std::mem::replace(&mut self.table, parse(&text));
                self.doubtful(before)
            }
            Err(error) => {
                self.failure = Some(errno(&error));
                Vec::new()
            }
        }
    }

    fn doubtful(&self, before: Table) -> Vec<Vec<u8>> {
        // Nothing takes the place of `/` with the same number. A server that may hang is not examined without need.
        let same = |path: &[u8], mount: &Mount| {
            (path == b"/" || mount.is_remote()) && before.get(path).is_some_and(|it| it == mount)
        };
        let mut paths: Vec<Vec<u8>> =
            self.table.iter().filter(|(path, mount)| !same(path, mount)).map(|(path, _)| path.clone()).collect();
        paths.extend(before.into_keys().filter(|path| !self.table.contains_key(path)));
        paths
    }

    /// The mount that a real path is on, and where it is mounted.
    #[must_use]
    pub fn around(&self, path: &[u8]) -> Option<(&[u8], &Mount)> {
        let around = self.table.iter().filter(|(at, _)| is_within(path, at)).max_by_key(|(at, _)| at.len());
        around.map(|(at, mount)| (at.as_slice(), mount))
    }

    /// The file systems with remote changes at a path, below it, and around it: paths and types.
    pub(crate) fn remote(&self, path: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
        let around = self.around(path);
        let below = self.table.iter().filter(|(at, _)| at.as_slice() != path && is_within(at, path));
        let mut remote: Vec<_> =
            below.filter(|(_, mount)| mount.is_remote()).map(|(at, mount)| (at.clone(), mount.kind.clone())).collect();
        if let Some((_, mount)) = around.filter(|(_, mount)| mount.is_remote()) {
            remote.push((path.to_vec(), mount.kind.clone()));
        }
        remote
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mounts that the lines make visible: `path=id`, in the order of the paths.
    fn seen(lines: &[&str]) -> Vec<String> {
        let table = parse(lines.join("\n").as_bytes());
        table.iter().map(|(path, mount)| format!("{}={}", String::from_utf8_lossy(path), mount.id)).collect()
    }

    fn mount(id: u32, parent: u32, path: &str) -> String {
        format!("{id} {parent} 0:{id} / {path} rw - tmpfs none rw")
    }

    fn stack(mounts: &[(u32, u32, &str)]) -> Vec<String> {
        let lines: Vec<String> = mounts.iter().map(|(id, parent, path)| mount(*id, *parent, path)).collect();
        seen(&lines.iter().map(String::as_str).collect::<Vec<_>>())
    }

    #[test]
    fn a_line_is_read_with_none_one_or_several_optional_fields() {
        for optional in ["", "master:1 ", "shared:2 master:1 propagate_from:3 unbindable "] {
            let line = format!("36 35 98:0 /mnt1 /mnt2 rw,noatime {optional}- ext3 /dev/root rw,errors=continue");
            let expected =
                Mount { id: 36, parent: 35, device: b"98:0".to_vec(), root: b"/mnt1".to_vec(), kind: b"ext3".to_vec() };
            assert_eq!(parse(line.as_bytes()), Table::from([(b"/mnt2".to_vec(), expected)]));
        }
    }

    #[test]
    fn octal_escapes_are_undone_in_root_and_path() {
        let table = parse(br"1 0 8:1 /a\040b /x\011y\012z\134w rw - ext4 /dev/a\040b rw");
        assert_eq!(table.get(&b"/x\ty\nz\\w"[..]).map(|mount| mount.root.as_slice()), Some(&b"/a b"[..]));
    }

    #[test]
    fn a_backslash_without_three_octal_digits_stays() {
        for (field, bytes) in [(r"/\", r"/\"), (r"/\04", r"/\04"), (r"/\999", r"/\999"), (r"/\777", r"/\777")] {
            assert_eq!(unescape(field.as_bytes()), bytes.as_bytes());
        }
    }

    #[test]
    fn bytes_that_are_no_line_are_skipped() {
        for line in ["", "x", "1 2 3", "1 x 0:1 / /a rw - tmpfs none rw", "1 0 0:1 / /a rw tmpfs", "1 0 0:1 / /a rw -"]
        {
            assert!(seen(&[line, &mount(7, 1, "/b")]) == ["/b=7"], "{line}");
        }
    }

    #[test]
    fn the_one_on_top_is_seen_whatever_its_age() {
        assert_eq!(stack(&[(1, 0, "/"), (2, 1, "/a"), (3, 2, "/a")]), ["/=1", "/a=3"]);
        assert_eq!(stack(&[(1, 0, "/"), (2, 3, "/a"), (3, 1, "/a")]), ["/=1", "/a=2"]);
        assert_eq!(stack(&[(1, 2, "/"), (2, 0, "/")]), ["/=1"]);
    }

    #[test]
    fn mounts_that_one_above_covers_are_not_seen() {
        assert_eq!(stack(&[(1, 0, "/"), (2, 1, "/a/b"), (3, 1, "/a")]), ["/=1", "/a=3"]);
        assert_eq!(stack(&[(1, 0, "/"), (2, 1, "/a/b"), (3, 1, "/a"), (4, 3, "/a/b")]), ["/=1", "/a=3", "/a/b=4"]);
        assert_eq!(stack(&[(1, 0, "/"), (2, 1, "/a"), (4, 2, "/a/c"), (3, 2, "/a")]), ["/=1", "/a=3"]);
        assert_eq!(stack(&[(1, 0, "/"), (2, 1, "/a/b"), (3, 1, "/a-")]), ["/=1", "/a-=3", "/a/b=2"]);
    }

    #[test]
    fn the_root_of_a_chroot_need_be_no_mount() {
        assert_eq!(stack(&[(5, 1, "/proc"), (6, 5, "/proc/x"), (7, 1, "/dev")]), ["/dev=7", "/proc=5", "/proc/x=6"]);
    }

    #[test]
    fn a_table_that_makes_no_sense_has_an_end() {
        assert_eq!(stack(&[(1, 1, "/")]), ["/=1"]);
        assert_eq!(stack(&[(1, 0, "/"), (2, 3, "/a"), (3, 2, "/a")]), ["/=1"]);
    }

    #[test]
    fn all_are_doubtful_except_for_the_top_and_unchanged_remote_ones() {
        let remote = "9 1 0:9 / /r rw - fuse.x none rw".to_owned();
        let text = |lines: &[String]| parse(lines.join("\n").as_bytes());
        let before = text(&[mount(1, 0, "/"), mount(2, 1, "/a"), mount(3, 1, "/gone"), remote.clone()]);
        let table = text(&[mount(1, 0, "/"), mount(2, 1, "/a"), mount(3, 1, "/b"), remote]);
        let mounts = Mounts { table, failure: None };
        assert_eq!(mounts.doubtful(before), [&b"/a"[..], b"/b", b"/gone"]);
    }

    #[test]
    fn a_directory_is_within_itself_and_those_above() {
        for (path, dir, within) in
            [("/a", "/a", true), ("/a/b", "/a", true), ("/ab", "/a", false), ("/a", "/", true), ("/", "/a", false)]
        {
            assert_eq!(is_within(path.as_bytes(), dir.as_bytes()), within, "{path} in {dir}");
        }
    }
}
