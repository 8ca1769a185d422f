//! The .gitignore files above a root that lies inside of a git work tree.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::filter::GITIGNORE;
use crate::gitignore::{Rules, is_for_itself};

/// How much of a file is read.
const MOST: u64 = 1 << 20;

/// The text of each, the nearest last, and the path from its directory to the root. Changes of these are not noticed.
pub(crate) fn rules_above(root: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let root = Path::new(OsStr::from_bytes(root));
    let Some(top) = root.ancestors().find(|dir| dir.join(".git").exists()) else { return Vec::new() };
    let dirs = root.ancestors().skip(1).take_while(|dir| dir.starts_with(top));
    let mut above: Vec<_> = dirs
        .filter_map(|dir| {
            let text = read(&dir.join(OsStr::from_bytes(GITIGNORE))).ok()?;
            let path = root.strip_prefix(dir).ok()?;
            Some((text, path.as_os_str().as_bytes().to_vec()))
        })
        .collect();
    above.reverse();
    above
}

/// Reads a file that is no symbolic link, and waits for nobody who writes.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)?;
    file.take(MOST).read_to_end(&mut text)?;
    Ok(text)
}

/// Whether git ignores a path, by the .gitignore files above it as they are now.
pub(crate) fn is_ignored(path: &Path, is_dir: bool) -> bool {
    if path.file_name().is_some_and(|name| is_for_itself(name.as_bytes())) {
        return true;
    }
    let above = rules_above(path.as_os_str().as_bytes());
    let mut deciding = above.iter().rev().filter_map(|(text, path)| Rules::new(text).ignores(path, is_dir));
    deciding.next().unwrap_or(false)
}
