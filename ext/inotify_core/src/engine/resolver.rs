//! Follows the paths of the roots and the symbolic links in the trees, and watches what they depend on: the directories
//! on the way, and the symbolic links.
//!
//! A root `/srv/app` that is a symbolic link to `releases/7` depends on the name `app` in `/srv`, on `releases` in
//! `/srv`, and on the name `7` in `/srv/releases`; and on `/srv` and `/` staying where they are.

use std::collections::{HashMap, HashSet, VecDeque};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use rustix::fs::OFlags;

use crate::event::Event;
use crate::flags::Mask;
use crate::model::{Followed, NodeId};
use crate::system::{Stat, Symlinks, System};

use super::access::{Obstacle, TREE_MASK, watch};

/// The events of a directory that left its place.
const SELF: Mask = Mask::DELETE_SELF.union(Mask::MOVE_SELF);

/// The events of a name that stands for something else.
const NAMES: Mask = Mask::CREATE.union(Mask::DELETE).union(Mask::MOVED_FROM).union(Mask::MOVED_TO);

/// As many symbolic links as the kernel follows.
const LINKS: usize = 40;

/// What a path leads to.
#[derive(Debug)]
pub(crate) enum Target<D> {
    Directory(D),
    /// A name in a directory watched under this wd that is no directory; what there is.
    File(i32, Vec<u8>, Option<Stat>),
    Nothing,
    /// Symbolic links without end.
    Cycle,
}

/// Where a way begins.
pub(crate) struct Start<D> {
    pub(crate) dir: D,
    /// The real path of that.
    pub(crate) path: Vec<u8>,
    /// Whether somebody else sees when the first name of the way stands for something else.
    pub(crate) seen: bool,
}

impl<D> Start<D> {
    pub(crate) fn top<S: System<File = D>>(system: &S) -> Result<Self, Obstacle> {
        Ok(Self { dir: top(system)?, path: Vec::new(), seen: false })
    }
}

/// What one way depends on.
#[derive(Debug, Default)]
struct Dependencies {
    /// Directories, by wd.
    places: HashSet<i32>,
    /// Names in them.
    names: HashSet<(i32, Vec<u8>)>,
    /// The real paths that it leads through, one for each symbolic link, and at the end the one that it leads to.
    real_paths: Vec<Vec<u8>>,
    /// Whether there is something on it that can't be watched: a directory that may be passed but not read, or a
    /// symbolic link in /proc.
    polled: bool,
}

/// What ways depend on: those of roots and of symbolic links that are followed, or to files that a directory depends
/// on.
#[derive(Debug)]
pub(crate) struct Resolver {
    /// What is asked of a directory in which a way ends at a file.
    file: Mask,
    /// The events after which a path leads to something else, or that there is something else in a file.
    telling: Mask,
    dependencies: HashMap<Followed, Dependencies>,
    /// By wd: the names that count in it, and what depends on it.
    names: HashMap<i32, HashMap<Vec<u8>, HashSet<Followed>>>,
    places: HashMap<i32, HashSet<Followed>>,
    /// What leads to a real path.
    ends: HashMap<Vec<u8>, HashSet<Followed>>,
}

impl Resolver {
    /// Of roots and links. Where a root is a file the directory it is in belongs to the tree.
    pub(crate) fn of_roots() -> Self {
        Self::new(TREE_MASK, NAMES)
    }

    /// Of files, whose `content` counts as well.
    pub(crate) fn of_files(content: Mask) -> Self {
        Self::new(SELF | NAMES | content, NAMES | content)
    }

    fn new(file: Mask, telling: Mask) -> Self {
        let (dependencies, names, places) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { file, telling, dependencies, names, places, ends: HashMap::new() }
    }

    pub(crate) fn contains(&self, wd: i32) -> bool {
        self.places.contains_key(&wd)
    }

    /// What a watch must ask for, of what ways depend on.
    pub(crate) fn needed(&self, wd: i32) -> Mask {
        match (self.places.contains_key(&wd), self.names.contains_key(&wd)) {
            (_, true) => SELF | NAMES,
            (true, false) => SELF,
            (false, false) => Mask::empty(),
        }
    }

    /// Whether something on a way can't be watched.
    pub(crate) fn is_polled(&self, followed: Followed) -> bool {
        self.dependencies.get(&followed).is_some_and(|origin| origin.polled)
    }

    /// The real paths that a way led through when it was followed last. The last of them is where it led.
    pub(crate) fn real_paths(&self, followed: Followed) -> &[Vec<u8>] {
        self.dependencies.get(&followed).map_or(&[], |origin| origin.real_paths.as_slice())
    }

    /// What led to a real path when it was followed last.
    pub(crate) fn leading_to(&self, path: &[u8]) -> impl Iterator<Item = Followed> + '_ {
        self.ends.get(path).into_iter().flatten().copied()
    }

    /// What an event may be of interest to: it gives reason to follow its way again, or is about the file that a link
    /// leads to.
    pub(crate) fn affected(&self, event: &Event<'_>) -> Vec<Followed> {
        let ends = SELF | Mask::IGNORED | Mask::UNMOUNT;
        let followed = if event.name.is_empty() {
            self.places.get(&event.wd).filter(|_| event.mask.intersects(ends))
        } else {
            self.names.get(&event.wd).and_then(|names| names.get(event.name))
        };
        let is_way = event.name.is_empty() || event.mask.intersects(self.telling);
        let followed = followed.into_iter().flatten().copied();
        followed.filter(|followed| is_way || matches!(followed, Followed::Link(_))).collect()
    }

    /// Forgets what a way depended on. Returns the wds that nothing depends on any more.
    pub(crate) fn release(&mut self, followed: Followed) -> Vec<i32> {
        let origin = self.dependencies.remove(&followed).unwrap_or_default();
        for (wd, name) in &origin.names {
            if let Some(names) = self.names.get_mut(wd) {
                drop_from(names, name, followed);
                if names.is_empty() {
                    self.names.remove(wd);
                }
            }
        }
        if let Some(end) = origin.real_paths.last() {
            drop_from(&mut self.ends, end, followed);
        }
        origin.places.into_iter().filter(|wd| drop_from(&mut self.places, wd, followed)).collect()
    }

    /// Follows a way, watching before scanning at each step. Returns what is there, and the wds that are no longer
    /// needed for it.
    pub(crate) fn resolve<S: System>(
        &mut self,
        system: &S,
        followed: Followed,
        start: &Start<S::File>,
        path: &[u8],
    ) -> (Result<Target<S::File>, Obstacle>, Vec<i32>) {
        let unused = self.release(followed);
        let target = self.follow_to_end(system, followed, start, path);
        if let Some(end) = self.dependencies.get(&followed).and_then(|origin| origin.real_paths.last()) {
            self.ends.entry(end.clone()).or_default().insert(followed);
        }
        (target, self.without_needed(unused))
    }

    /// Has a directory depend on these paths alone. Returns the wds that are no longer needed. What can't be watched is
    /// not.
    pub(crate) fn depend<S: System>(&mut self, system: &S, dir: NodeId, paths: &[PathBuf]) -> Vec<i32> {
        let dir = Followed::Root(dir);
        let unused = self.release(dir);
        if let Ok(start) = Start::top(system) {
            for path in paths {
                self.follow_to_end(system, dir, &start, path.as_os_str().as_bytes()).ok();
            }
        }
        self.without_needed(unused)
    }

    fn without_needed(&self, wds: Vec<i32>) -> Vec<i32> {
        wds.into_iter().filter(|wd| !self.contains(*wd)).collect()
    }

    fn follow_to_end<S: System>(
        &mut self,
        system: &S,
        followed: Followed,
        start: &Start<S::File>,
        path: &[u8],
    ) -> Result<Target<S::File>, Obstacle> {
        let target = self.follow(system, followed, start, path, false);
        let end = match &target {
            Ok(Target::Directory(_)) | Err(Obstacle::Denied(_)) => true,
            Ok(Target::File(_, _, stat)) => stat.is_some() && matches!(followed, Followed::Link(_)),
            _ => false,
        };
        if end { target } else { self.follow(system, followed, start, path, true) }
    }

    /// `each`: it depends on every name of the way. Where it is there, it does not need to: none of the directories it
    /// is in can be removed. When it is not they can, and a directory that somebody holds open does not say so.
    fn follow<S: System>(
        &mut self,
        system: &S,
        followed: Followed,
        start: &Start<S::File>,
        path: &[u8],
        each: bool,
    ) -> Result<Target<S::File>, Obstacle> {
        let mut trail = Trail::new(&start.path, path);
        let target = self.walk(system, followed, start, each, &mut trail);
        self.dependencies.entry(followed).or_default().real_paths = trail.real_paths;
        target
    }

    fn walk<S: System>(
        &mut self,
        system: &S,
        followed: Followed,
        start: &Start<S::File>,
        each: bool,
        trail: &mut Trail,
    ) -> Result<Target<S::File>, Obstacle> {
        let mut seen = start.seen;
        let mut links = 0;
        // Where it is, and the directory that it came from by a name. `None`: where it began.
        let mut at: Option<S::File> = None;
        let mut origin: Option<(Option<S::File>, Vec<u8>)> = None;
        loop {
            let Some(name) = trail.names.pop_front() else {
                return Ok(Target::Directory(reopen(system, at.as_ref().unwrap_or(&start.dir))?));
            };
            let last = trail.names.is_empty();
            let seen = std::mem::take(&mut seen);
            if !seen {
                let mut here = self.anchor(system, followed, at.as_ref().unwrap_or(&start.dir), None)?;
                while let Some((parent, name)) = &origin {
                    // Before it was watched it may have been moved.
                    let dir = at.insert(enter(system, parent.as_ref().unwrap_or(&start.dir), name)?);
                    let again = self.anchor(system, followed, dir, None)?;
                    if again == here {
                        break;
                    }
                    here = again;
                }
            }
            let dir = at.as_ref().unwrap_or(&start.dir);
            trail.pass(&name);
            let mut format = format_of(system, dir, &name)?;
            let passable = format == Some(libc::S_IFDIR);
            if !seen && (each || last || !passable) {
                // From now on its coming and going is reported.
                self.anchor(system, followed, dir, Some(&name))?;
                format = format_of(system, dir, &name)?;
            }
            match format {
                Some(libc::S_IFDIR) => {
                    let entered = enter(system, dir, &name)?;
                    step(&mut trail.real, &name);
                    origin = Some((at.replace(entered), name));
                }
                Some(libc::S_IFLNK) => {
                    links += 1;
                    if links > LINKS {
                        return Ok(Target::Cycle);
                    }
                    origin = None;
                    let text = system.read_link(dir, &name)?;
                    if let Some(opened) = open_magic(system, dir, &name, &text)? {
                        // No event reports that the process ends, or changes its directory.
                        self.dependencies.entry(followed).or_default().polled = true;
                        trail.jump(real_target(system, dir, &opened, &text).unwrap_or(&name));
                        at = Some(opened);
                        continue;
                    }
                    if text.starts_with(b"/") {
                        at = Some(top(system)?);
                    }
                    trail.turn(&text);
                }
                found if last => {
                    let wd = match watch(system, dir, self.file | Mask::MASK_ADD) {
                        Err(Obstacle::Denied(libc::EACCES)) if found.is_none() => return Ok(Target::Nothing),
                        wd => wd?,
                    };
                    // Between the scan and the watch it may have come or gone, or changed.
                    let stat = stat_of(system, dir, &name)?;
                    return Ok(Target::File(wd, name, stat));
                }
                _ => return Ok(Target::Nothing),
            }
        }
    }

    /// Watches a directory on the way: that it stays where it is, and what `name` in it stands for. Nothing for one
    /// that can't be watched.
    fn anchor<S: System>(
        &mut self,
        system: &S,
        followed: Followed,
        dir: &S::File,
        name: Option<&[u8]>,
    ) -> Result<Option<i32>, Obstacle> {
        let mask = if name.is_some() { SELF | NAMES } else { SELF };
        let origin = self.dependencies.entry(followed).or_default();
        let wd = match watch(system, dir, mask | Mask::MASK_ADD) {
            Err(Obstacle::Denied(libc::EACCES)) => {
                origin.polled = true;
                return Ok(None);
            }
            wd => wd?,
        };
        origin.places.insert(wd);
        self.places.entry(wd).or_default().insert(followed);
        if let Some(name) = name {
            origin.names.insert((wd, name.to_vec()));
            self.names.entry(wd).or_default().entry(name.to_vec()).or_default().insert(followed);
        }
        Ok(Some(wd))
    }
}

/// Where a way has come to.
struct Trail {
    /// Still to go.
    names: VecDeque<Vec<u8>>,
    /// The real path of where it is.
    real: Vec<Vec<u8>>,
    /// See [`Way::passed`].
    real_paths: Vec<Vec<u8>>,
}

impl Trail {
    fn new(start: &[u8], path: &[u8]) -> Self {
        let (real, names): (Vec<_>, _) = (split(start).into(), split(path));
        let real_paths = vec![join(&real, &names)];
        Self { names, real, real_paths }
    }

    /// This name comes next.
    fn pass(&mut self, name: &[u8]) {
        self.names.push_front(name.to_vec());
        if let Some(last) = self.real_paths.last_mut() {
            *last = join(&self.real, &self.names);
        }
        self.names.pop_front();
    }

    /// It goes on as a symbolic link says.
    fn turn(&mut self, text: &[u8]) {
        if text.starts_with(b"/") {
            self.real.clear();
        }
        split(text).into_iter().rev().for_each(|name| self.names.push_front(name));
        self.real_paths.push(join(&self.real, &self.names));
    }

    /// It is there at once.
    fn jump(&mut self, path: &[u8]) {
        if path.starts_with(b"/") {
            self.real.clear();
        }
        split(path).iter().for_each(|name| step(&mut self.real, name));
        self.real_paths.push(join(&self.real, &self.names));
    }
}

/// Removes something from a set of a map. Returns whether it was the last in that.
fn drop_from<K, Q>(map: &mut HashMap<K, HashSet<Followed>>, key: &Q, followed: Followed) -> bool
where
    K: std::borrow::Borrow<Q> + std::hash::Hash + Eq,
    Q: std::hash::Hash + Eq + ?Sized,
{
    let Some(all) = map.get_mut(key) else { return false };
    all.remove(&followed);
    let last = all.is_empty();
    if last {
        map.remove(key);
    }
    last
}

fn split(path: &[u8]) -> VecDeque<Vec<u8>> {
    path.split(|byte| *byte == b'/').filter(|name| !name.is_empty() && *name != b".").map(<[u8]>::to_vec).collect()
}

/// Goes one name further along a path without symbolic links.
fn step(real: &mut Vec<Vec<u8>>, name: &[u8]) {
    if name == b".." {
        real.pop();
    } else {
        real.push(name.to_vec());
    }
}

/// The path that these names below a real path stand for where none of them is a symbolic link.
fn join(real: &[Vec<u8>], names: &VecDeque<Vec<u8>>) -> Vec<u8> {
    let mut path = real.to_vec();
    names.iter().for_each(|name| step(&mut path, name));
    [b"/", path.join(&b'/').as_slice()].concat()
}

fn top<S: System>(system: &S) -> Result<S::File, Obstacle> {
    Ok(system.open(None, b"/", OFlags::PATH | OFlags::DIRECTORY)?)
}

fn enter<S: System>(system: &S, dir: &S::File, name: &[u8]) -> Result<S::File, Obstacle> {
    Ok(system.open(Some(dir), name, OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW)?)
}

/// Opens for reading what was opened to pass through.
fn reopen<S: System>(system: &S, dir: &S::File) -> Result<S::File, Obstacle> {
    Ok(system.open(Some(dir), b".", OFlags::DIRECTORY)?)
}

/// Opens the directory that a symbolic link in /proc leads to. Its text may be of another mount namespace, as that of
/// `/proc/7/root` is: only the kernel can follow it. `None`: it can be followed by its text.
fn open_magic<S: System>(system: &S, dir: &S::File, name: &[u8], text: &[u8]) -> Result<Option<S::File>, Obstacle> {
    if !system.is_in_proc(dir)? {
        return Ok(None);
    }
    let identity = |path| system.stat(Some(dir), path, Symlinks::Followed).map(|stat| stat.identity);
    match system.open(Some(dir), name, OFlags::PATH | OFlags::DIRECTORY) {
        Err(error) if error.raw_os_error() == Some(libc::ENOTDIR) => match identity(text) {
            Ok(target) if target == identity(name)? => Ok(None),
            // A file of which no path is known.
            _ => Err(Obstacle::Denied(libc::EOPNOTSUPP)),
        },
        opened => Ok(Some(opened?)),
    }
}

/// The text of a symbolic link in /proc, if it leads to the directory that the kernel opened.
fn real_target<'a, S: System>(system: &S, dir: &S::File, opened: &S::File, text: &'a [u8]) -> Option<&'a [u8]> {
    let target = system.stat(Some(dir), text, Symlinks::Followed).ok()?;
    let real = system.stat(Some(opened), b"", Symlinks::Kept).ok()?;
    (target.identity == real.identity).then_some(text)
}

fn format_of<S: System>(system: &S, dir: &S::File, name: &[u8]) -> Result<Option<libc::mode_t>, Obstacle> {
    Ok(stat_of(system, dir, name)?.map(|stat| stat.format))
}

fn stat_of<S: System>(system: &S, dir: &S::File, name: &[u8]) -> Result<Option<Stat>, Obstacle> {
    match system.stat(Some(dir), name, Symlinks::Kept) {
        Ok(stat) => Ok(Some(stat)),
        Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
