//! Scans that are carried out elsewhere, one place at a time: their subjects and results.

use rustix::fs::OFlags;

use crate::directory::{FOLLOWED, LISTED};
use crate::git::{DirRules, Environment, Reader};
use crate::gitignore::{DOT_GIT, GITIGNORE};
use crate::model::{Followed, LinkId, NodeId};
use crate::paths::join;
use crate::system::{Files, Job, Symlinks};

use super::access::Obstacle;
use super::snapshot::{How, PolledFile, Snapshot};

/// The subject of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Subject {
    /// A root: the target of its path.
    Root(NodeId),
    /// A directory below a root.
    Dir(NodeId),
    /// The target of a symbolic link.
    Link(LinkId),
    /// A file that is mounted by itself, by its number.
    File(u64),
}

impl From<Followed> for Subject {
    fn from(followed: Followed) -> Self {
        match followed {
            Followed::Dir(root) => Self::Root(root),
            Followed::Link(link) => Self::Link(link),
        }
    }
}

/// A scan, and its result.
#[derive(Debug)]
pub(super) struct Scan {
    pub(super) subject: Subject,
    /// The number of the subject's registration.
    pub(super) serial: u64,
    /// An absolute path that may lead over symbolic links, and one below it that may not.
    pub(super) base: Vec<u8>,
    pub(super) below: Vec<u8>,
    pub(super) last: Option<Snapshot>,
    pub(super) how: How,
    /// Whether the rules of git are read.
    pub(super) rules: bool,
    /// Whether it is a root in another root: a symbolic link that leads to nothing is there, too.
    pub(super) inner: bool,
    pub(super) found: Option<Result<Found, Obstacle>>,
    /// The real path of a root that was not scanned before.
    pub(super) real_path: Option<Vec<u8>>,
}

#[derive(Debug)]
pub(super) enum Found {
    /// The rules are there if they were read.
    Dir(Box<Snapshot>, Option<DirRules>),
    File(PolledFile),
}

/// The scans of one place that are carried out at once.
#[derive(Debug)]
pub(super) struct Scans {
    pub(super) place: Vec<u8>,
    pub(super) scans: Vec<Scan>,
}

impl Job for Scans {
    fn run<F: Files>(&mut self, files: &F) {
        let mut base: Option<(Vec<u8>, F::File)> = None;
        for scan in &mut self.scans {
            scan.found = Some(scan.run(files, &mut base));
        }
    }
}

impl Scan {
    fn run<F: Files>(&mut self, files: &F, base: &mut Option<(Vec<u8>, F::File)>) -> Result<Found, Obstacle> {
        let dir = if self.below.is_empty() {
            match files.open(None, &self.base, LISTED & !OFlags::NOFOLLOW) {
                Err(error) if error.raw_os_error() == Some(libc::ENOTDIR) => {
                    return match self.file(files, Symlinks::Followed) {
                        // It leads over a file.
                        Err(_) if self.inner => self.file(files, Symlinks::Kept),
                        found => found,
                    };
                }
                Err(error) if self.inner && matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ELOOP)) => {
                    return self.file(files, Symlinks::Kept);
                }
                dir => dir?,
            }
        } else {
            let (_, base) = match base {
                Some(open) if open.0 == self.base => open,
                base => {
                    let dir = files.open(None, &self.base, FOLLOWED).map_err(|error| match Obstacle::from(error) {
                        Obstacle::Denied(errno) => Obstacle::Denied(errno),
                        _ => Obstacle::Stale,
                    })?;
                    base.insert((self.base.clone(), dir))
                }
            };
            files.open_beneath(base, &self.below, LISTED)?
        };
        if matches!(self.subject, Subject::Root(_)) && self.last.is_none() {
            self.real_path = files.real_path(&self.base).ok();
        }
        let snapshot = Snapshot::scan(files, &dir, &mut self.last, self.how)?;
        let rules = (self.rules && snapshot.is_news()).then(|| self.read_rules(files, &dir, &snapshot));
        Ok(Found::Dir(Box::new(snapshot), rules))
    }

    fn file<F: Files>(&self, files: &F, symlinks: Symlinks) -> Result<Found, Obstacle> {
        let clocks = files.clocks();
        Ok(Found::File(PolledFile::new(files, files.stat(None, &self.base, symlinks)?, &clocks)))
    }

    fn read_rules<F: Files>(&self, files: &F, dir: &F::File, snapshot: &Snapshot) -> DirRules {
        let gitignore =
            if snapshot.has(GITIGNORE) { files.read_file(Some(dir), GITIGNORE, Symlinks::Kept) } else { None };
        let is_root = matches!(self.subject, Subject::Root(_));
        if !is_root && !snapshot.has(DOT_GIT) {
            return DirRules::new(gitignore.as_deref());
        }
        let path = if self.below.is_empty() { &self.base } else { &join(&self.base, &self.below) };
        Reader::new(files, &Environment::new()).rules(path, is_root, gitignore.as_deref())
    }
}
