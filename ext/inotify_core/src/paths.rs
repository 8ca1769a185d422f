//! Paths as bytes.

/// The kernel follows this many symbolic links in a path.
pub(crate) const LINKS: usize = 40;

/// Adds a name to a path.
pub(crate) fn push(path: &mut Vec<u8>, name: &[u8]) {
    if !path.ends_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(name);
}

/// The path of a directory, which begins with what `base` has for the nearest directory from it upwards. `place`: the
/// directory that one is in, and its name there. `None`: there is no such base.
pub(crate) fn path_from<'a, 'b, D: Copy>(
    dir: D,
    base: impl Fn(D) -> Option<&'a [u8]>,
    place: impl Fn(D) -> Option<(D, &'b [u8])>,
) -> Option<Vec<u8>> {
    let mut names = Vec::new();
    let mut at = dir;
    let mut path = loop {
        if let Some(path) = base(at) {
            break path.to_vec();
        }
        let (parent, name) = place(at)?;
        names.push(name);
        at = parent;
    };
    names.into_iter().rev().for_each(|name| push(&mut path, name));
    Some(path)
}

/// Whether `path` is `dir` or below it.
pub(crate) fn is_within(path: &[u8], dir: &[u8]) -> bool {
    match path.strip_prefix(dir) {
        Some(rest) => rest.is_empty() || rest.starts_with(b"/") || dir.ends_with(b"/"),
        None => false,
    }
}

/// The paths of the directories above a path, from the nearest on.
pub(crate) fn ancestors(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let slashes = path.iter().enumerate().rev().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
    slashes.filter_map(|at| path.get(..at.max(1))).filter(move |dir| dir.len() < path.len())
}

/// The last name of a path.
pub(crate) fn last_name(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

/// The path below a directory of what is it, or below it.
pub(crate) fn part_below<'a>(path: &'a [u8], dir: &[u8]) -> Option<&'a [u8]> {
    let below = path.get(dir.len()..).filter(|_| is_within(path, dir))?;
    Some(below.strip_prefix(b"/").unwrap_or(below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ancestors_of_a_path_are_the_directories_that_it_is_within() {
        let cases: [(&str, &[&str]); 6] = [
            ("/a/b/c", &["/a/b", "/a", "/"]),
            ("./a/b", &["./a", "."]),
            ("a", &[]),
            ("/a", &["/"]),
            ("/", &[]),
            ("..", &[]),
        ];
        for (path, expected) in cases {
            let found: Vec<_> = ancestors(path.as_bytes()).collect();
            assert_eq!(found, expected.iter().map(|dir| dir.as_bytes()).collect::<Vec<_>>(), "{path}");
            assert!(found.iter().all(|dir| is_within(path.as_bytes(), dir)), "{path}");
        }
    }

    #[test]
    fn the_part_below_a_directory_is_a_relative_path() {
        let cases =
            [("/a/b/c", "/a", Some("b/c")), ("/a", "/", Some("a")), ("/a", "/a", Some("")), ("/ab", "/a", None)];
        for (path, dir, below) in cases {
            assert_eq!(part_below(path.as_bytes(), dir.as_bytes()), below.map(str::as_bytes), "{path} {dir}");
        }
    }
}
