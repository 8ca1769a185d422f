//! The .gitignore files above a root that lies inside of a git work tree.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::filter::GITIGNORE;
use crate::gitignore::{Rules, is_for_itself};

/// The text of each, the nearest last, and the path from its directory to the root. Changes of these are not noticed.
pub(crate) fn rules_above(root: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let root = Path::new(OsStr::from_bytes(root));
    let Some(top) = root.ancestors().find(|dir| dir.join(".git").exists()) else { return Vec::new() };
    let dirs = root.ancestors().skip(1).take_while(|dir| dir.starts_with(top));
    let mut above: Vec<_> = dirs
        .filter_map(|dir| {
            let text = fs::read(dir.join(OsStr::from_bytes(GITIGNORE))).ok()?;
            let path = root.strip_prefix(dir).ok()?;
            Some((text, path.as_os_str().as_bytes().to_vec()))
        })
        .collect();
    above.reverse();
    above
}

/// Whether git ignores a path, by the .gitignore files above it as they are now.
pub(crate) fn is_ignored(path: &Path, is_dir: bool) -> bool {
    if path.file_name().is_some_and(|name| is_for_itself(name.as_bytes(), is_dir)) {
        return true;
    }
    let above = rules_above(path.as_os_str().as_bytes());
    let mut deciding = above.iter().rev().filter_map(|(text, path)| Rules::new(text).ignores(path, is_dir));
    deciding.next().unwrap_or(false)
}
