//! Directories: opened by paths of any length, watched where they are open, and read entry by entry.
//!
//! A user who may write in `/srv/app` may replace `/srv/app/tmp` by a symbolic link to `/etc` at any time. So paths
//! below a root are opened over no symbolic link, and directories are watched by their open descriptor.

use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use rustix::fs::{CWD, FileType, Mode, OFlags, RawDir, ResolveFlags};
use rustix::io::Errno;

use crate::flags::Mask;
use crate::invariant::must;
use crate::sys;

/// How a directory is opened to be watched and listed.
pub(crate) const LISTED: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK);

/// How a directory is opened to pass through it: without permission to read it.
pub(crate) const PASSED: OFlags = FOLLOWED.union(OFlags::NOFOLLOW);

/// The same where a symbolic link at the end of the path is followed.
pub(crate) const FOLLOWED: OFlags = OFlags::PATH.union(OFlags::DIRECTORY);

/// The longest path given to the kernel at once, in bytes; `PATH_MAX` is 4096.
const PATH: usize = 4000;

/// How many bytes of entries are read at once.
const ENTRIES: usize = 32 << 10;

/// How much of a file is read.
const MOST_READ: u64 = 1 << 20;

/// Opens a path, however long, which may lead over symbolic links, and end at one unless the flags forbid it. A
/// relative path begins in the directory, if there is one.
pub(crate) fn open_at(dir: Option<BorrowedFd<'_>>, path: &[u8], flags: OFlags) -> io::Result<OwnedFd> {
    open_by_parts(dir.unwrap_or(CWD), path, |dir, part, last| {
        let flags = if last { flags } else { FOLLOWED };
        Ok(rustix::fs::openat(dir, part, flags | OFlags::CLOEXEC, Mode::empty())?)
    })
}

/// Opens a path, however long, by parts that the kernel takes. `open`: opens a part in a directory; with whether it is
/// the last one.
fn open_by_parts(
    dir: BorrowedFd<'_>,
    path: &[u8],
    open: impl Fn(BorrowedFd<'_>, &[u8], bool) -> io::Result<OwnedFd>,
) -> io::Result<OwnedFd> {
    let mut passed: Option<OwnedFd> = None;
    let mut rest = path;
    loop {
        let (part, tail) = split_path(rest);
        let next = open(passed.as_ref().map_or(dir, AsFd::as_fd), part, tail.is_empty())?;
        if tail.is_empty() {
            return Ok(next);
        }
        passed = Some(next);
        rest = tail;
    }
}

/// Reads the first megabyte of a regular file, without blocking. `None`: it does not exist, or cannot be read.
pub(crate) fn read_file(dir: Option<BorrowedFd<'_>>, path: &[u8], follow: bool) -> Option<Vec<u8>> {
    let file = File::from(open_file(dir, path, follow).ok()?);
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = Vec::new();
    file.take(MOST_READ).read_to_end(&mut text).ok()?;
    Some(text)
}

/// Whether somebody has a regular file open for writing. `None`: that cannot be found out, as the file belongs to another
/// user or its file system has no leases.
pub(crate) fn has_writer(dir: Option<BorrowedFd<'_>>, path: &[u8], follow: bool) -> Option<bool> {
    let file = open_file(dir, path, follow).ok()?;
    sys::has_writer(file.as_fd()).ok()
}

/// Opens a file without blocking. `follow`: over a symbolic link at the end of the path, too.
fn open_file(dir: Option<BorrowedFd<'_>>, path: &[u8], follow: bool) -> io::Result<OwnedFd> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    open_at(dir, path, if follow { flags } else { flags | OFlags::NOFOLLOW })
}

/// Opens a relative path below a directory, however long, over no symbolic link.
pub(crate) fn open_beneath(dir: BorrowedFd<'_>, path: &[u8], flags: OFlags) -> io::Result<OwnedFd> {
    open_by_parts(dir, path, |dir, part, last| open_at_once(dir, part, if last { flags } else { PASSED }))
}

fn open_at_once(dir: BorrowedFd<'_>, path: &[u8], flags: OFlags) -> io::Result<OwnedFd> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_SYMLINKS;
    match rustix::fs::openat2(dir, path, flags | OFlags::CLOEXEC, Mode::empty(), resolve) {
        // Linux before 5.6 does not have it, sandboxes forbid it, or it gave up because of a rename.
        Err(Errno::NOSYS | Errno::PERM | Errno::AGAIN) => open_name_by_name(dir, path, flags),
        opened => Ok(opened?),
    }
}

/// The same with a system call for each name.
fn open_name_by_name(dir: BorrowedFd<'_>, path: &[u8], flags: OFlags) -> io::Result<OwnedFd> {
    let mut names = path.split(|byte| *byte == b'/').filter(|name| !name.is_empty()).peekable();
    let mut passed: Option<OwnedFd> = None;
    while let Some(name) = names.next() {
        if name == b".." {
            return Err(Errno::XDEV.into());
        }
        let last = names.peek().is_none();
        let flags = if last { flags | OFlags::NOFOLLOW } else { PASSED };
        let at = passed.as_ref().map_or(dir, AsFd::as_fd);
        let next = rustix::fs::openat(at, name, flags | OFlags::CLOEXEC, Mode::empty())?;
        if last {
            return Ok(next);
        }
        passed = Some(next);
    }
    Err(Errno::NOENT.into())
}

/// Watches an open file or directory by its name in /proc. Without /proc that fails with `EOPNOTSUPP`: the directory
/// itself may exist.
pub(crate) fn watch(inotify: RawFd, open: BorrowedFd<'_>, mask: Mask) -> io::Result<i32> {
    let path = CString::new(format!("/proc/self/fd/{}", open.as_raw_fd()))?;
    let mask = mask.difference(Mask::DONT_FOLLOW).bits();
    sys::inotify_add_watch(inotify, &path, mask).map_err(|error| match error.raw_os_error() {
        Some(libc::ENOENT) => io::Error::from_raw_os_error(libc::EOPNOTSUPP),
        _ => error,
    })
}

/// Where an open directory is. `None` without /proc, and where the path is longer than the kernel reports.
pub(crate) fn real_path(open: BorrowedFd<'_>) -> Option<Vec<u8>> {
    read_link(CWD, format!("/proc/self/fd/{}", open.as_raw_fd()).as_bytes()).ok()
}

/// The target of a symbolic link.
pub(crate) fn read_link(dir: BorrowedFd<'_>, path: &[u8]) -> io::Result<Vec<u8>> {
    Ok(rustix::fs::readlinkat(dir, path, Vec::new())?.into_bytes())
}

/// Splits a path that is too long for the kernel at a slash.
fn split_path(path: &[u8]) -> (&[u8], &[u8]) {
    if path.len() <= PATH {
        return (path, &[]);
    }
    let head = path.get(..PATH).unwrap_or(path);
    let slash = head.iter().rposition(|byte| *byte == b'/').unwrap_or(PATH);
    let (head, tail) = path.split_at_checked(slash).unwrap_or((path, &[]));
    let begin = tail.iter().position(|byte| *byte != b'/').unwrap_or(tail.len());
    (head, must(tail.get(begin..), "the rest of a path is in it").unwrap_or_default())
}

/// Reads an open directory from where it was read last: the type and the name of each entry except for `.` and `..`. A
/// removed directory has none.
pub(crate) fn each_entry(dir: BorrowedFd<'_>, mut found: impl FnMut(FileType, &[u8])) -> io::Result<()> {
    let mut buffer = [MaybeUninit::uninit(); ENTRIES];
    let mut entries = RawDir::new(dir, &mut buffer);
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Err(Errno::NOENT) => break,
            entry => entry?,
        };
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            found(entry.file_type(), name);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use std::path::{Path, PathBuf};

    type Open = fn(BorrowedFd<'_>, &[u8], OFlags) -> io::Result<OwnedFd>;

    /// With openat2(2) where there is one, and without.
    const WAYS: [Open; 2] = [open_beneath, open_name_by_name];

    /// A directory of its own, with `inside/deep`, and links in it to `inside` and out of it.
    struct Fixture(PathBuf);

    impl Fixture {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("inotify_rs_beneath_{name}_{}", std::process::id()));
            fs::create_dir_all(path.join("top/inside/deep")).unwrap();
            fs::create_dir_all(path.join("outside/deep")).unwrap();
            fs::write(path.join("top/inside/file"), "").unwrap();
            symlink("inside", path.join("top/link")).unwrap();
            symlink(path.join("outside"), path.join("top/out")).unwrap();
            symlink("/proc/self/fd", path.join("top/magic")).unwrap();
            Self(path)
        }

        fn top(&self) -> OwnedFd {
            open_at(None, self.0.join("top").as_os_str().as_bytes(), PASSED).unwrap()
        }
    }

    impl Drop for Fixture {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    fn path_of(fd: &OwnedFd) -> PathBuf {
        fs::read_link(Path::new("/proc/self/fd").join(fd.as_raw_fd().to_string())).unwrap()
    }

    #[test]
    fn paths_beneath_are_opened() {
        let fixture = Fixture::new("opened");
        let top = fixture.top();
        for way in WAYS {
            for path in ["inside", "inside/deep", "inside//deep/"] {
                let opened = way(top.as_fd(), path.as_bytes(), LISTED).unwrap();
                assert_eq!(path_of(&opened), fs::canonicalize(fixture.0.join("top").join(path)).unwrap());
            }
        }
    }

    #[test]
    fn no_symbolic_link_is_followed_and_nothing_else_is_reached() {
        let fixture = Fixture::new("links");
        let top = fixture.top();
        for way in WAYS {
            for path in ["link", "link/deep", "out", "out/deep", "magic", "../outside", "inside/../../outside", "/", ""]
            {
                let opened = way(top.as_fd(), path.as_bytes(), LISTED);
                assert!(opened.is_err(), "{path} is opened: {:?}", path_of(&opened.unwrap()));
            }
        }
    }

    #[test]
    fn a_writer_is_found_while_it_has_the_file_open() {
        let fixture = Fixture::new("writer");
        let file = fixture.0.join("top/inside/file");
        let find = || has_writer(Some(fixture.top().as_fd()), b"inside/file", false);
        assert_eq!(find(), Some(false));
        let writer = fs::File::options().append(true).open(&file).unwrap();
        assert_eq!(find(), Some(true));
        drop(writer);
        assert_eq!([find(), has_writer(Some(fixture.top().as_fd()), b"link/file", true)], [Some(false); 2]);
        assert_eq!(has_writer(Some(fixture.top().as_fd()), b"link", false), None);
    }

    #[test]
    fn a_writer_that_comes_meanwhile_waits_and_nobody_is_killed_by_a_signal() {
        let fixture = Fixture::new("signal");
        let file = fixture.0.join("top/inside/file");
        std::thread::scope(|scope| {
            scope.spawn(|| (0..5000).for_each(|_| drop(fs::File::options().append(true).open(&file).unwrap())));
            for _ in 0..5000 {
                assert!(has_writer(None, file.as_os_str().as_bytes(), false).is_some());
            }
        });
    }

    #[test]
    fn a_path_longer_than_the_kernel_takes_is_opened_over_no_link_either() {
        let fixture = Fixture::new("long");
        let (top, names) = (fixture.top(), vec!["d".repeat(200); 30].join("/"));
        let mut dir = top.try_clone().unwrap();
        for name in names.split('/') {
            let path = Path::new("/proc/self/fd").join(dir.as_raw_fd().to_string()).join(name);
            fs::create_dir(&path).unwrap();
            dir = open_at(None, path.as_os_str().as_bytes(), PASSED).unwrap();
        }
        assert!(open_beneath(top.as_fd(), names.as_bytes(), LISTED).is_ok());
        fs::rename(fixture.0.join("top").join("d".repeat(200)), fixture.0.join("outside/d")).unwrap();
        symlink("../outside/d", fixture.0.join("top").join("d".repeat(200))).unwrap();
        assert!(open_beneath(top.as_fd(), names.as_bytes(), LISTED).is_err());
    }
}
