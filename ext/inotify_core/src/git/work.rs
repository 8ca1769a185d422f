//! Whether git works on files: a checkout, rebase or pull is one batch of changes.
//!
//! The directory of git for the work tree `app` is `app/.git`, or in a linked work tree or submodule the one that the
//! file `app/.git` names: `gitdir: ../.git/worktrees/app`.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::gitignore::DOT_GIT;
use crate::mountinfo::Mounts;

use super::repository::named_dir;

/// Git has these files in its directory while it works.
const SIGNS: [&str; 3] = ["index.lock", "rebase-merge", "rebase-apply"];

/// How long more changes follow after a move of HEAD, and after the end of git's work.
const SETTLING: Duration = Duration::from_millis(200);

/// The time between two checks: nothing reports the end of the work.
const INTERVAL: Duration = Duration::from_millis(50);

/// See the module's description.
#[derive(Debug)]
pub struct Work {
    paths: Vec<PathBuf>,
    /// The directories of git for them when it was not seen to work last. A repository may be made at any time.
    dirs: Vec<PathBuf>,
    /// How long changes wait at most.
    longest: Duration,
    /// When git was first seen to work.
    since: Option<Instant>,
}

impl Work {
    /// How long changes wait at most unless the user says otherwise: a rebase may wait for its user.
    pub const LONGEST: Duration = Duration::from_secs(10);

    /// Of the work trees that these absolute paths are in. A path in none has nothing to wait for, and one on a remote file
    /// system is not waited for: its server may not reply.
    pub fn new<'p>(paths: impl Iterator<Item = &'p [u8]>, longest: Duration) -> Self {
        let mounts = Mounts::read();
        let is_remote = |path: &&[u8]| mounts.around(path).is_some_and(|(_, mount)| mount.is_remote());
        let paths = paths.filter(|path| !is_remote(path)).map(|path| PathBuf::from(OsStr::from_bytes(path))).collect();
        Self { paths, dirs: Vec::new(), longest, since: None }
    }

    /// How long changes must wait until this is asked again. Zero: git does not work, or works for too long.
    pub fn wait(&mut self, now: Instant) -> Duration {
        if self.since.is_none() {
            self.dirs = self.paths.iter().filter_map(|path| git_dir(path)).collect();
            self.dirs.sort_unstable();
            self.dirs.dedup();
        }
        if !self.dirs.iter().any(|dir| is_worked_in(dir)) {
            // The last changes of its work are reported after it.
            return self.since.take().map_or(Duration::ZERO, |_| SETTLING);
        }
        let since = *self.since.get_or_insert(now);
        if now.saturating_duration_since(since) < self.longest { INTERVAL } else { Duration::ZERO }
    }
}

fn is_worked_in(dir: &Path) -> bool {
    SIGNS.iter().any(|name| fs::symlink_metadata(dir.join(name)).is_ok()) || has_moved(dir)
}

/// Whether HEAD was moved just now.
fn has_moved(dir: &Path) -> bool {
    let moved = fs::metadata(dir.join("HEAD")).and_then(|head| head.modified());
    // It is in the future where a clock was set back.
    moved.is_ok_and(|moved| moved.elapsed().is_ok_and(|elapsed| elapsed < SETTLING))
}

/// The directory of git for the work tree around a path.
fn git_dir(path: &Path) -> Option<PathBuf> {
    path.ancestors().find_map(|top| {
        let dot_git = top.join(OsStr::from_bytes(DOT_GIT));
        let found = fs::metadata(&dot_git).ok()?;
        if found.is_dir() {
            return Some(dot_git);
        }
        let text = fs::read(&dot_git).ok().filter(|_| found.is_file())?;
        named_dir(top, &text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory of its own with a work tree, which is removed in the end.
    struct Tree(PathBuf);

    impl Tree {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("inotify_rs_git_{name}_{}", std::process::id()));
            fs::create_dir_all(path.join("app/sub")).unwrap();
            fs::create_dir_all(path.join("app/.git/worktrees/other")).unwrap();
            fs::create_dir_all(path.join("other")).unwrap();
            fs::create_dir_all(path.join("none")).unwrap();
            fs::write(path.join("other/.git"), "gitdir: ../app/.git/worktrees/other\n").unwrap();
            Self(path)
        }

        fn work(&self, name: &str) -> Work {
            let path = self.0.join(name);
            Work::new([path.as_os_str().as_bytes()].into_iter(), Duration::from_secs(10))
        }
    }

    impl Drop for Tree {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    #[test]
    fn changes_wait_until_git_has_ended_and_a_moment_longer() {
        let tree = Tree::new("ends");
        let mut work = tree.work("app/sub");
        let now = Instant::now();
        assert_eq!(work.wait(now), Duration::ZERO);
        for sign in SIGNS {
            fs::create_dir(tree.0.join("app/.git").join(sign)).unwrap();
            assert_eq!(work.wait(now), INTERVAL);
            fs::remove_dir(tree.0.join("app/.git").join(sign)).unwrap();
            assert_eq!([work.wait(now), work.wait(now)], [SETTLING, Duration::ZERO]);
        }
    }

    #[test]
    fn changes_wait_for_a_repository_that_was_made_later() {
        let tree = Tree::new("later");
        let mut work = tree.work("none");
        assert_eq!(work.wait(Instant::now()), Duration::ZERO);
        fs::create_dir_all(tree.0.join("none/.git")).unwrap();
        fs::write(tree.0.join("none/.git/index.lock"), "").unwrap();
        assert_eq!(work.wait(Instant::now()), INTERVAL);
        fs::remove_file(tree.0.join("none/.git/index.lock")).unwrap();
        assert_eq!(work.wait(Instant::now()), SETTLING);
        fs::remove_dir_all(tree.0.join("none/.git")).unwrap();
        assert_eq!(work.wait(Instant::now()), Duration::ZERO);
    }

    #[test]
    fn changes_do_not_wait_longer_than_they_may() {
        let tree = Tree::new("longest");
        let mut work = tree.work("app");
        fs::write(tree.0.join("app/.git/index.lock"), "").unwrap();
        let now = Instant::now();
        let waits = [0, 9, 10, 100].map(|seconds| work.wait(now + Duration::from_secs(seconds)));
        assert_eq!(waits, [INTERVAL, INTERVAL, Duration::ZERO, Duration::ZERO]);
    }

    #[test]
    fn changes_wait_after_a_move_of_head() {
        let tree = Tree::new("head");
        let mut work = tree.work("app");
        fs::write(tree.0.join("app/.git/HEAD"), "ref: refs/heads/main\n").unwrap();
        let head = fs::File::options().write(true).open(tree.0.join("app/.git/HEAD")).unwrap();
        let old = std::time::SystemTime::now() - Duration::from_secs(60);
        let future = std::time::SystemTime::now() + Duration::from_secs(60);
        for (time, moved) in [(std::time::SystemTime::now(), true), (old, false), (future, false)] {
            head.set_modified(time).unwrap();
            // Under load it may be long ago already.
            assert!(has_moved(&tree.0.join("app/.git")) == moved || time.elapsed().is_ok_and(|it| it >= SETTLING));
        }
        assert_eq!(work.wait(Instant::now()), Duration::ZERO);
    }

    #[test]
    fn a_linked_work_tree_has_a_directory_of_its_own() {
        let tree = Tree::new("linked");
        fs::write(tree.0.join("app/.git/worktrees/other/index.lock"), "").unwrap();
        let waits = ["app", "other", "none"].map(|name| tree.work(name).wait(Instant::now()));
        assert_eq!(waits, [Duration::ZERO, INTERVAL, Duration::ZERO]);
    }
}
