//! Opens, watches and lists directories, and makes sure that each is the one of the model.

use rustix::fs::{FileType, OFlags};

use crate::directory::{FOLLOWED, LISTED};
use crate::error::errno;
use crate::gitignore::{DOT_GIT, GITIGNORE};
use crate::model::{Kind, Listing, Model, NodeId, Writers, is_polled};
use crate::moment::{SECOND, Since};
use crate::stamp::Stamp;
use crate::system::{Stat, Symlinks, System};

use super::access::{FILE_MASK, Obstacle, TREE_MASK, kind, stat_if_exists};
use super::open_dirs::{OpenDirs, Places};
use super::polled::{Polled, may_have_changed};
use super::resolver::Start;
use super::roots::RootSet;
use super::snapshot::{How, Snapshot};

/// The files of git in a directory.
#[derive(Debug, Default)]
pub(crate) struct GitFiles {
    /// The text of its .gitignore file.
    pub(crate) gitignore: Option<Vec<u8>>,
    /// Whether it may be the top of a work tree.
    pub(crate) dot_git: bool,
}

/// A directory that was scanned.
#[derive(Debug)]
pub(crate) struct Entered {
    pub(crate) wd: i32,
    /// Whether the listing is of this directory.
    pub(crate) listed: bool,
    /// The files of git in it, if it is listed.
    pub(crate) git_files: GitFiles,
    /// The number that it had while it was polled.
    pub(crate) polled_as: Option<i32>,
}

/// Where the model has a directory, and which one that is.
struct Known<'a> {
    model: &'a Model,
    polled: &'a Polled,
}

impl Places for Known<'_> {
    fn place(&self, node: NodeId) -> Option<(NodeId, &[u8])> {
        self.model.place(node)
    }

    fn wd(&self, node: NodeId) -> Option<i32> {
        self.model.wd(node)
    }

    fn is_link(&self, node: NodeId) -> bool {
        self.model.is_link(node)
    }

    fn knows(&self, wd: i32) -> bool {
        self.model.knows(wd)
    }

    fn identity(&self, wd: i32) -> Option<(u32, u32, u64)> {
        self.polled.identity(wd)
    }
}

/// See the module's description.
#[derive(Debug)]
pub(crate) struct DirCache<S: System> {
    pub(crate) open: OpenDirs<S>,
    /// Whether a directory that was listed is kept open, although it has none in it.
    pub(crate) keeps_listed: bool,
    pub(crate) listing: Listing,
    /// The roots in which files may have been found that need a watch of their own and have none yet.
    pub(crate) unchecked: RootSet,
    pub(crate) polled: Polled,
}

impl<S: System> DirCache<S> {
    /// `polls`: whether directories that cannot be watched are polled.
    pub(crate) fn new(polls: bool) -> Self {
        Self {
            open: OpenDirs::new(LISTED, TREE_MASK),
            keeps_listed: false,
            listing: Listing::default(),
            unchecked: RootSet::All,
            polled: Polled::new(polls),
        }
    }

    /// Watches a single file by its real path.
    pub(crate) fn watch_file(system: &S, path: &[u8]) -> Result<i32, Obstacle> {
        Ok(system.watch(&open_file(system, path)?.0, FILE_MASK)?)
    }

    /// Scans a directory below a root: watches it, and lists it if the model wants that or it is polled and differs from
    /// the last scan. `since`: during a rescan, files with a later time stamp may have changed unseen.
    pub(crate) fn scan(
        &mut self,
        system: &S,
        model: &Model,
        node: NodeId,
        since: Option<Since>,
    ) -> Result<Entered, Obstacle> {
        let dir = self.open_at_place(system, model, node)?;
        self.enter(system, model, (node, dir), since)
    }

    /// Opens the place of a directory below a root.
    fn open_at_place(&mut self, system: &S, model: &Model, node: NodeId) -> Result<S::File, Obstacle> {
        let (parent, name) = model.place(node).ok_or(Obstacle::Stale)?;
        self.open.open_in(system, &Known { model, polled: &self.polled }, parent, name, LISTED)
    }

    /// Scans a polled directory below a root, and no more: does not try to watch it. Returns whether it differs from the
    /// last scan: its entries are then in the listing.
    pub(crate) fn poll(&mut self, system: &S, model: &Model, node: NodeId) -> Result<bool, Obstacle> {
        let wd = model.wd(node).ok_or(Obstacle::Stale)?;
        let dir = self.open_at_place(system, model, node)?;
        let how = How { follows_links: model.follows_links(), ..How::default() };
        let (snapshot, last) = self.compare(system, node, &dir, how)?;
        if !self.polled.is_at(wd, snapshot.identity()) {
            // The next scan may find the same directory there as the last one did.
            last.into_iter().for_each(|last| self.polled.put(node, last));
            return Err(Obstacle::Stale);
        }
        let news = snapshot.is_news();
        if snapshot.has_directories() {
            self.open.keep(node, wd, dir);
        }
        self.polled.put(node, snapshot);
        Ok(news)
    }

    /// Puts the entries that the last scan of a directory found into the listing. Returns whether there is one.
    pub(crate) fn fill(&mut self, system: &S, model: &Model, node: NodeId) -> bool {
        let Self { listing, polled, .. } = self;
        let Some(snapshot) = polled.get(node) else { return false };
        snapshot.fill(listing, |name, stamp| may_have_changed(system, model, (node, name), stamp));
        let parent = || polled.get(model.place(node)?.0);
        if snapshot.is_restamped() && parent().is_some_and(Snapshot::is_restamped) {
            listing.set_moved();
        }
        true
    }

    /// The path of the root or link nearest above a directory, and the path of the directory below that.
    pub(crate) fn split_path(&self, model: &Model, node: NodeId) -> Option<(Vec<u8>, Vec<u8>)> {
        let mut names = Vec::new();
        let mut at = node;
        while !self.open.roots.contains_key(&at) && !model.is_link(at) {
            let (parent, name) = model.place(at)?;
            names.push(name);
            at = parent;
        }
        names.reverse();
        Some((self.path(model, at)?, names.join(&b'/')))
    }

    /// As [`fill`](Self::fill), of a polled directory. Returns its number, and whether its rules may have changed.
    pub(crate) fn fill_polled(&mut self, system: &S, model: &Model, node: NodeId) -> Option<(i32, bool)> {
        let snapshot = self.polled.get(node)?;
        let wd = model.wd(node).filter(|wd| self.polled.is_at(*wd, snapshot.identity()))?;
        let rules = [GITIGNORE, DOT_GIT].iter().any(|name| snapshot.has_news_of(name));
        self.fill(system, model, node);
        Some((wd, rules))
    }

    /// Scans a polled directory. Returns the result, and the last scan if that was one of another directory.
    fn compare(
        &mut self,
        system: &S,
        node: NodeId,
        dir: &S::File,
        how: How,
    ) -> Result<(Snapshot, Option<Snapshot>), Obstacle> {
        let mut last = self.polled.take(node);
        match Snapshot::scan(system, dir, &mut last, how) {
            Ok(found) => Ok((found, last)),
            Err(error) => {
                last.into_iter().for_each(|last| self.polled.put(node, last));
                Err(error.into())
            }
        }
    }

    /// Watches an open directory at the place of the node, and lists it if the model wants that. `since`: as for
    /// [`scan`](Self::scan).
    pub(crate) fn enter(
        &mut self,
        system: &S,
        model: &Model,
        (node, dir): (NodeId, S::File),
        since: Option<Since>,
    ) -> Result<Entered, Obstacle> {
        let wd = self.polled.watch(system, &dir, TREE_MASK)?;
        let mut listed = model.wants_listing(node, wd);
        let mut polled_as = None;
        if is_polled(wd) || self.polled.get(node).is_some() {
            let how = How {
                follows_links: model.follows_links(),
                lists: listed,
                includes_all: listed,
                by_path: false,
                since,
            };
            let (snapshot, _) = self.compare(system, node, &dir, how)?;
            polled_as = model.wd(node).filter(|before| {
                is_polled(*before) && !is_polled(wd) && self.polled.is_at(*before, snapshot.identity())
            });
            listed |= snapshot.is_news();
            let has_directories = snapshot.has_directories();
            self.polled.put(node, snapshot);
            if listed {
                self.fill(system, model, node);
                if !is_polled(wd) {
                    self.listing.end_denial();
                }
            } else if !has_directories {
                return Ok(Entered { wd, listed, git_files: GitFiles::default(), polled_as });
            }
        } else if listed {
            self.list(system, model, (node, &dir), since)?;
        }
        let mut git_files = GitFiles::default();
        if listed {
            self.unchecked.insert(model.root_of(node));
            if model.uses_gitignore() {
                let has = |name| self.listing.iter().any(|(other, _, _)| other == name);
                let gitignore = if has(GITIGNORE) { read_gitignore(system, &dir) } else { None };
                git_files = GitFiles { gitignore, dot_git: has(DOT_GIT) };
            }
        }
        if !listed || self.keeps_listed || self.listing.has_directories() {
            self.open.keep(node, wd, dir);
        }
        Ok(Entered { wd, listed, git_files, polled_as })
    }

    /// The files of git in a directory.
    pub(crate) fn git_files_of(&mut self, system: &S, model: &Model, node: NodeId) -> Result<GitFiles, Obstacle> {
        let dir = self.open.dir(system, &Known { model, polled: &self.polled }, node)?;
        let dot_git = system.stat(Some(dir), DOT_GIT, Symlinks::Kept).is_ok();
        Ok(GitFiles { gitignore: read_gitignore(system, dir), dot_git })
    }

    /// Lists the directory of a node in any case, if it was not listed since it was opened.
    pub(crate) fn list_again(&mut self, system: &S, model: &Model, node: NodeId) -> Result<(), Obstacle> {
        let (wd, dir) = self.open.take(system, &Known { model, polled: &self.polled }, node)?;
        let listed = self.list(system, model, (node, &dir), None);
        self.open.keep(node, wd, dir);
        listed
    }

    /// The kind and the stat of an entry; `None`: it does not exist.
    pub(crate) fn check(
        &mut self,
        system: &S,
        model: &Model,
        dir: NodeId,
        name: &[u8],
    ) -> Result<Option<(Kind, Stat)>, Obstacle> {
        let dir = self.open.dir(system, &Known { model, polled: &self.polled }, dir)?;
        let stat = stat_if_exists(system, dir, name)?;
        Ok(stat.map(|stat| (kind(stat.format, model.follows_links()), stat)))
    }

    /// When a file or the target of a link was changed last, in nanoseconds; `None`: that cannot be found
    /// out. A root that is a file has no name.
    pub(crate) fn stamp(&mut self, system: &S, model: &Model, dir: NodeId, name: &[u8]) -> Option<i128> {
        let follows = model.follows_links() && model.kind(dir, name) == Some(Kind::Link);
        let way = |_: &[u8]| Some(if follows { Symlinks::Followed } else { Symlinks::Kept });
        let stat = self.stat_files(system, model, dir, [name].into_iter(), way).pop()?;
        Some(stat?.stamp.changed)
    }

    /// Stats files in a directory, or their targets if they are links. `None`: that cannot be done. `way`: whether a
    /// link is followed; `None`: it is not stat'ed. A root that is a file has no name, and is the only one.
    pub(crate) fn stat_files<'n>(
        &mut self,
        system: &S,
        model: &Model,
        dir: NodeId,
        names: impl Iterator<Item = &'n [u8]>,
        way: impl Fn(&[u8]) -> Option<Symlinks>,
    ) -> Vec<Option<Stat>> {
        let mut names = names.peekable();
        if names.peek().is_some_and(|name| name.is_empty()) {
            let stat = self.open.roots.get(&dir).and_then(|path| system.stat(None, path, Symlinks::Followed).ok());
            return vec![stat];
        }
        let opened = self.open.dir(system, &Known { model, polled: &self.polled }, dir).ok();
        let stat = |name: &[u8]| {
            let opened = Some(opened?);
            let followed = match way(name)? {
                Symlinks::Followed => match system.stat(opened, name, Symlinks::Followed).map_err(Obstacle::from) {
                    Err(Obstacle::Denied(_)) => return None,
                    // None: it leads to nothing.
                    found => found.ok(),
                },
                Symlinks::Kept => None,
            };
            // Not the birth of the link.
            let followed = followed.map(|stat| Stat { stamp: Stamp { born: None, ..stat.stamp }, ..stat });
            followed.or_else(|| system.stat(opened, name, Symlinks::Kept).ok())
        };
        names.map(stat).collect()
    }

    /// Finds out whether somebody has a file open for writing, or the file that a link leads to.
    pub(crate) fn writers(&mut self, system: &S, model: &Model, dir: NodeId, name: &[u8]) -> Result<Writers, Obstacle> {
        let (opened, path, symlinks) = if name.is_empty() {
            (None, self.open.roots.get(&dir).ok_or(Obstacle::Stale)?.as_slice(), Symlinks::Followed)
        } else {
            let opened = self.open.dir(system, &Known { model, polled: &self.polled }, dir)?;
            let is_link = model.follows_links() && model.kind(dir, name) == Some(Kind::Link);
            (Some(opened), name, if is_link { Symlinks::Followed } else { Symlinks::Kept })
        };
        let stat = match system.stat(opened, path, symlinks) {
            // A link that leads to nothing.
            Err(_) if symlinks == Symlinks::Followed => system.stat(opened, path, Symlinks::Kept),
            stat => stat,
        }?;
        let any = match stat.format {
            libc::S_IFREG => system.has_writer(opened, path, symlinks),
            // Nobody writes a link, nor one to a directory.
            libc::S_IFLNK => Some(false),
            libc::S_IFDIR if symlinks == Symlinks::Followed => Some(false),
            libc::S_IFDIR => return Err(Obstacle::Nothing),
            // A pipe or device is never complete.
            _ => Some(true),
        };
        let is_new = Since(system.moment().real - SECOND).includes(stat.stamp.changed);
        Ok(Writers { any, is_empty: stat.stamp.size == 0, is_new, has_names: stat.names > 1 })
    }

    /// Stats a directory, or the one that a link leads to.
    pub(crate) fn stat_dir(&mut self, system: &S, model: &Model, dir: NodeId) -> Option<Stat> {
        if let Ok(dir) = self.open.dir(system, &Known { model, polled: &self.polled }, dir) {
            return system.stat(Some(dir), b"", Symlinks::Kept).ok();
        }
        let (parent, name) = match model.place(dir) {
            Some(place) => place,
            None => return system.stat(None, self.open.roots.get(&dir)?, Symlinks::Followed).ok(),
        };
        let symlinks = if model.is_link(dir) { Symlinks::Followed } else { Symlinks::Kept };
        let parent = self.open.dir(system, &Known { model, polled: &self.polled }, parent).ok()?;
        system.stat(Some(parent), name, symlinks).ok()
    }

    /// The start of the paths of the symbolic links in a directory.
    pub(crate) fn start(&mut self, system: &S, model: &Model, node: NodeId) -> Result<Start<S::File>, Obstacle> {
        let path = self.path(model, node).ok_or(Obstacle::Stale)?;
        let dir = self.open.dir(system, &Known { model, polled: &self.polled }, node)?;
        let real = if model.is_behind_link(node) { system.real_path(&path).ok() } else { None };
        let dir = system.open(Some(dir), b".", OFlags::PATH | OFlags::DIRECTORY)?;
        Ok(Start { dir, path: real.unwrap_or(path), seen: true })
    }

    /// How many directories there are where the model has one, with all below it.
    pub(crate) fn count_directories(&self, system: &S, model: &Model, node: NodeId) -> u64 {
        let mut count = 1;
        let Ok(top) = self.open.open(system, &Known { model, polled: &self.polled }, node) else { return count };
        let mut paths: Vec<Vec<u8>> = Vec::new();
        add_directories(system, &top, b"", &mut paths);
        while let Some(path) = paths.pop() {
            count += 1;
            if let Ok(dir) = system.open_beneath(&top, &path, LISTED) {
                add_directories(system, &dir, &[path.as_slice(), b"/"].concat(), &mut paths);
            }
        }
        count
    }

    /// The path of a directory, below the absolute one of its root.
    pub(crate) fn path(&self, model: &Model, node: NodeId) -> Option<Vec<u8>> {
        model.path_below(node, |root| self.open.roots.get(&root).map(Vec::as_slice))
    }

    /// Lists the open directory of the node into `listing`.
    fn list(
        &mut self,
        system: &S,
        model: &Model,
        (node, dir): (NodeId, &S::File),
        since: Option<Since>,
    ) -> Result<(), Obstacle> {
        self.listing.clear();
        if let Some(since) = since {
            // A rename sets the time stamp of the renamed entry.
            if system.stat(Some(dir), b"", Symlinks::Kept).map_or(true, |stat| since.includes(stat.stamp.changed)) {
                self.listing.set_moved();
            }
        }
        Ok(system.entries(dir, |entry_type, name| {
            // A file that is reported in any case needs no second reason.
            let since = since.filter(|_| !model.will_report(node, name));
            self.list_entry(system, model, (node, dir), (entry_type, name), since);
        })?)
    }

    /// `since`: the entry must be reported if it has a later time stamp.
    fn list_entry(
        &mut self,
        system: &S,
        model: &Model,
        (node, dir): (NodeId, &S::File),
        (entry_type, name): (FileType, &[u8]),
        since: Option<Since>,
    ) {
        let follows_links = model.follows_links();
        if entry_type == FileType::Directory || entry_type != FileType::Unknown && since.is_none() {
            return self.listing.add(name, kind(entry_type.as_raw_mode(), follows_links), false);
        }
        match stat_if_exists(system, dir, name) {
            Ok(Some(stat)) => {
                let changed = since.is_some_and(|since| since.includes(stat.stamp.changed));
                self.listing.add(name, kind(stat.format, follows_links), changed);
            }
            // It was deleted since it was listed, which an event reports.
            Ok(None) => {}
            Err(error) => {
                // The directory may be listed but not searched. The entry is assumed to be unchanged, unless its type
                // says otherwise.
                let known = if entry_type == FileType::Unknown { model.kind(node, name) } else { None };
                let known = known.unwrap_or_else(|| kind(entry_type.as_raw_mode(), follows_links));
                self.listing.add(name, known, false);
                self.listing.deny(errno(&error));
            }
        }
    }
}

/// Whether there is a file at a real path that has several names.
pub(super) fn has_several_names<S: System>(system: &S, path: &[u8]) -> bool {
    open_file(system, path).is_ok_and(|(_, stat)| stat.names > 1)
}

/// Opens a single file by its real path, for neither reading nor writing.
fn open_file<S: System>(system: &S, path: &[u8]) -> Result<(S::File, Stat), Obstacle> {
    let top = system.open(None, b"/", FOLLOWED)?;
    let path = path.strip_prefix(b"/").unwrap_or(path);
    let file = system.open_beneath(&top, path, OFlags::PATH | OFlags::NOFOLLOW)?;
    match system.stat(Some(&file), b"", Symlinks::Kept)? {
        // The watch of a directory has another mask.
        stat if stat.format == libc::S_IFDIR => Err(Obstacle::Nothing),
        stat => Ok((file, stat)),
    }
}

/// Adds the paths of the directories in one, `prefix` before their names.
fn add_directories<S: System>(system: &S, dir: &S::File, prefix: &[u8], paths: &mut Vec<Vec<u8>>) {
    let is_directory = |entry_type, name: &[u8]| match entry_type {
        FileType::Unknown => {
            system.stat(Some(dir), name, Symlinks::Kept).is_ok_and(|stat| stat.format == libc::S_IFDIR)
        }
        _ => entry_type == FileType::Directory,
    };
    let listed = system.entries(dir, |entry_type, name| {
        if is_directory(entry_type, name) {
            paths.push([prefix, name].concat());
        }
    });
    // A directory that cannot be listed is counted.
    listed.ok();
}

/// Reads the .gitignore file of an open directory. A file that cannot be read is ignored, as git does, and so is a
/// symbolic link: it may lead to a file that its author must not read.
fn read_gitignore<S: System>(system: &S, dir: &S::File) -> Option<Vec<u8>> {
    system.read_file(Some(dir), GITIGNORE, Symlinks::Kept)
}
