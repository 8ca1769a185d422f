//! Reads and writes the files of checkpoints. A file is replaced at once, and only when the new one is on the disk.

use std::ffi::{CString, OsStr};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;

use crate::error::{Error, Operation};

use super::decode::{HEAD, length};
use super::{Checkpoint, Defect, Settings};

/// Names of files may be secret.
const MODE: u32 = 0o600;

/// Reads the checkpoint in a file, which must have been written with the same settings. Where there is no file, it is one
/// of nothing.
pub(crate) fn read(path: &[u8], settings: Settings) -> Result<Checkpoint, Error> {
    let defective = |why: &str| with_path(Error::checkpoint(why), path);
    let checkpoint = match bytes(Path::new(OsStr::from_bytes(path))) {
        Ok(bytes) => bytes.and_then(Checkpoint::decode).map_err(|defect| defective(&defect.to_string()))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Checkpoint::empty(settings)),
        Err(error) => return Err(failed(path, &error)),
    };
    match checkpoint.difference(&settings) {
        Some(difference) => Err(defective(&difference)),
        None => Ok(checkpoint),
    }
}

/// Whether a checkpoint may replace the file at this path: another checkpoint, whole or not, or an empty file.
fn is_replaceable(path: &Path) -> io::Result<bool> {
    match open(path) {
        Ok(opened) => Ok(opened.is_some_and(|(_, head)| head.is_empty() || length(&head) != Err(Defect::Foreign))),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => Ok(true),
        Err(error) => Err(error),
    }
}

fn failed(path: &[u8], error: &io::Error) -> Error {
    with_path(Error::os(Operation::Checkpoint, error), path)
}

fn with_path(error: Error, path: &[u8]) -> Error {
    // A path with a NUL leads to no file.
    let path = CString::new(path).unwrap_or_default();
    error.at(&path)
}

/// Opens a regular file, and reads as much as the head of a checkpoint has. `None`: it is of another kind, and is not
/// read: it may never end.
fn open(path: &Path) -> io::Result<Option<(File, Vec<u8>)>> {
    let mut file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::Error::from_raw_os_error(libc::EISDIR));
    }
    if !metadata.is_file() {
        return Ok(None);
    }
    let mut head = Vec::new();
    (&mut file).take(HEAD as u64).read_to_end(&mut head)?;
    Ok(Some((file, head)))
}

/// A file that is no checkpoint is not read any further: it may be large.
fn bytes(path: &Path) -> io::Result<Result<Vec<u8>, Defect>> {
    let Some((file, mut bytes)) = open(path)? else { return Ok(Err(Defect::Foreign)) };
    match length(&bytes) {
        Err(defect) => return Ok(Err(defect)),
        // One byte more shows that something follows.
        Ok(length) => file.take(length.saturating_add(1) - HEAD as u64).read_to_end(&mut bytes)?,
    };
    Ok(Ok(bytes))
}

/// The file that is written before it replaces the one at this path, in the same directory.
fn temporary(path: &[u8]) -> Vec<u8> {
    [path, b".tmp"].concat()
}

/// The real paths of the files that are there for a checkpoint at this path. May block for as long as a file system does.
pub(crate) fn files(path: &[u8]) -> Vec<Vec<u8>> {
    let path = Path::new(OsStr::from_bytes(path));
    let dir = path.parent().and_then(|dir| fs::canonicalize(dir).ok());
    let itself = match (dir, path.file_name()) {
        (Some(dir), Some(name)) => dir.join(name),
        _ => path.to_owned(),
    };
    let target = fs::canonicalize(path).unwrap_or_else(|_| itself.clone());
    let mut files: Vec<Vec<u8>> = [itself, target].map(|path| path.into_os_string().into_vec()).into();
    files.dedup();
    let temporary: Vec<Vec<u8>> = files.iter().map(|path| temporary(path)).collect();
    files.extend(temporary);
    files
}

/// Writes a checkpoint. When it returns, the file is on the disk. When it fails, or the process or the machine ends in
/// the middle of it, the file at the path is the one before.
///
/// # Errors
/// When it fails, and when the file at the path is no checkpoint: it is not touched.
pub(crate) fn write(path: &[u8], bytes: &[u8]) -> Result<(), Error> {
    let file = Path::new(OsStr::from_bytes(path));
    match is_replaceable(file) {
        Ok(true) => replace(file, bytes).map_err(|error| failed(path, &error)),
        Ok(false) => Err(with_path(Error::checkpoint(&Defect::Foreign.to_string()), path)),
        Err(error) => Err(failed(path, &error)),
    }
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A symbolic link is kept, and its target replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let before = fs::metadata(&target).ok();
    if before.as_ref().is_some_and(fs::Metadata::is_dir) {
        return Err(io::Error::from_raw_os_error(libc::EISDIR));
    }
    let temporary = PathBuf::from(std::ffi::OsString::from_vec(temporary(target.as_os_str().as_bytes())));
    let mut file = open_alone(&temporary)?;
    let written = (|| {
        file.set_len(0)?;
        file.write_all(bytes)?;
        if let Some(before) = before {
            file.set_permissions(Permissions::from_mode(before.mode() & 0o7777))?;
        }
        file.sync_all()?;
        fs::rename(&temporary, &target)
    })();
    if written.is_err() {
        fs::remove_file(&temporary).ok();
    }
    written?;
    let dir = target.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match File::open(dir)?.sync_all() {
        // Some file systems have no way to write a directory.
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => Ok(()),
        synced => synced,
    }
}

/// Opens the temporary file while no other process writes it. One that was left behind by a killed process is used.
fn open_alone(path: &Path) -> io::Result<File> {
    loop {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(MODE).custom_flags(libc::O_NOFOLLOW);
        let file = options.open(path)?;
        // Some file systems have no locks.
        if rustix::fs::flock(&file, FlockOperation::LockExclusive) == Err(rustix::io::Errno::INTR) {
            continue;
        }
        let same = |other: &fs::Metadata| {
            file.metadata().is_ok_and(|own| (own.dev(), own.ino()) == (other.dev(), other.ino()))
        };
        // The one that held the lock has made a checkpoint of it.
        if fs::symlink_metadata(path).is_ok_and(|there| same(&there)) {
            return Ok(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Encoder;
    use rustix::fs::{CWD, FileType};
    use std::os::unix::fs::symlink;

    struct Dir(PathBuf);

    impl Dir {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("inotify_rs_checkpoint_{name}_{}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn path(&self, name: &str) -> Vec<u8> {
            self.0.join(name).into_os_string().into_vec()
        }

        fn names(&self) -> Vec<String> {
            let mut names: Vec<String> =
                fs::read_dir(&self.0).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }
    }

    impl Drop for Dir {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    fn some(option: &str) -> Vec<u8> {
        Encoder::new(&Settings { options: vec![option.as_bytes().to_vec()], ..Settings::default() }).finish()
    }

    fn option_in(path: &[u8]) -> Vec<u8> {
        let bytes = bytes(Path::new(OsStr::from_bytes(path))).unwrap().unwrap();
        Checkpoint::decode(bytes).unwrap().settings().options[0].clone()
    }

    fn read(path: &[u8]) -> Result<Checkpoint, Error> {
        super::read(path, Settings::default())
    }

    #[test]
    fn a_file_is_replaced_and_no_other_is_left() {
        let dir = Dir::new("replaced");
        let path = dir.path("state");
        assert_eq!(read(&path).unwrap().dirs(), 0);
        for option in ["one", "two"] {
            write(&path, &some(option)).unwrap();
            assert_eq!(option_in(&path), option.as_bytes());
        }
        assert_eq!(dir.names(), ["state"]);
        assert_eq!(fs::metadata(dir.0.join("state")).unwrap().mode() & 0o7777, MODE);
    }

    #[test]
    fn its_permissions_and_links_to_it_are_kept() {
        let dir = Dir::new("kept");
        fs::write(dir.0.join("state"), "").unwrap();
        fs::set_permissions(dir.0.join("state"), Permissions::from_mode(0o640)).unwrap();
        symlink("state", dir.0.join("link")).unwrap();
        write(&dir.path("link"), &some("one")).unwrap();
        assert_eq!(option_in(&dir.path("state")), b"one");
        assert!(dir.0.join("link").is_symlink());
        assert_eq!(fs::metadata(dir.0.join("state")).unwrap().mode() & 0o7777, 0o640);
    }

    #[test]
    fn its_files_are_found_over_links() {
        let dir = Dir::new("files");
        fs::create_dir(dir.0.join("real")).unwrap();
        symlink("real", dir.0.join("dir")).unwrap();
        let paths = |names: &[&str]| names.iter().map(|name| dir.path(name)).collect::<Vec<_>>();
        assert_eq!(files(&dir.path("dir/state")), paths(&["real/state", "real/state.tmp"]));
        fs::write(dir.0.join("state"), "").unwrap();
        symlink("../state", dir.0.join("real/state")).unwrap();
        let expected = paths(&["real/state", "state", "real/state.tmp", "state.tmp"]);
        assert_eq!(files(&dir.path("dir/state")), expected);
        assert_eq!(files(b"/none/state"), [&b"/none/state"[..], b"/none/state.tmp"]);
    }

    #[test]
    fn another_file_is_not_replaced() {
        let dir = Dir::new("foreign");
        fs::write(dir.0.join("source.rb"), "puts 1").unwrap();
        rustix::fs::mknodat(CWD, dir.0.join("fifo"), FileType::Fifo, 0o600.into(), 0).unwrap();
        symlink("source.rb", dir.0.join("link")).unwrap();
        for name in ["source.rb", "fifo", "link"] {
            let message = write(&dir.path(name), &some("one")).unwrap_err().to_string();
            assert!(message.contains(name) && message.contains("is no checkpoint"), "{message}");
        }
        assert_eq!(fs::read(dir.0.join("source.rb")).unwrap(), b"puts 1");
        assert_eq!(dir.names(), ["fifo", "link", "source.rb"]);
        // A damaged one is.
        fs::write(dir.0.join("state"), &some("one")[..20]).unwrap();
        write(&dir.path("state"), &some("two")).unwrap();
        assert_eq!(option_in(&dir.path("state")), b"two");
    }

    #[test]
    fn a_file_that_a_killed_process_left_is_used() {
        let dir = Dir::new("left");
        fs::write(dir.0.join("state.tmp"), vec![7; 10_000]).unwrap();
        write(&dir.path("state"), &some("one")).unwrap();
        assert_eq!(option_in(&dir.path("state")), b"one");
        assert_eq!(dir.names(), ["state"]);
    }

    #[test]
    fn several_that_write_at_once_leave_a_whole_one() {
        let dir = Dir::new("at_once");
        let path = dir.path("state");
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let path = &path;
                scope
                    .spawn(move || (0..20).for_each(|_| write(path, &some(&writer.to_string().repeat(5000))).unwrap()));
            }
        });
        assert_eq!(option_in(&path).len(), 5000);
        assert_eq!(dir.names(), ["state"]);
    }

    #[test]
    fn one_of_other_filters_is_an_error() {
        let dir = Dir::new("filters");
        write(&dir.path("state"), &some("only: *.rb")).unwrap();
        let message = read(&dir.path("state")).unwrap_err().to_string();
        assert!(message.contains("state: it was written with other filters"), "{message}");
    }

    #[test]
    fn errors_name_the_file() {
        let dir = Dir::new("errors");
        fs::create_dir(dir.0.join("dir")).unwrap();
        fs::write(dir.0.join("text"), "a b c d e f").unwrap();
        let errno = |error: Error| (error.errno(), error.path().unwrap().to_bytes().to_vec());
        assert_eq!(errno(read(&dir.path("dir")).unwrap_err()), (libc::EISDIR, dir.path("dir")));
        assert_eq!(errno(write(&dir.path("dir"), b"").unwrap_err()), (libc::EISDIR, dir.path("dir")));
        assert_eq!(errno(write(&dir.path("no/state"), b"").unwrap_err()), (libc::ENOENT, dir.path("no/state")));
        for path in [dir.path("text"), b"/dev/zero".to_vec()] {
            let message = read(&path).unwrap_err().to_string();
            assert!(
                message.contains("is no checkpoint") && message.contains(&*String::from_utf8_lossy(&path)),
                "{message}"
            );
        }
    }
}
