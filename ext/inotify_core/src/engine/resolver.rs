//! Resolves the paths of the roots and the symbolic links in the trees, and watches everything that they depend on:
//! directories that they lead through, and symbolic links.
//!
//! A root `/srv/app` that is a symbolic link to `releases/7` depends on the name `app` in `/srv`, on `releases` in
//! `/srv`, and on the name `7` in `/srv/releases`; and on `/srv` and `/` staying where they are.

use std::collections::VecDeque;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use hashbrown::{HashMap, HashSet};

use rustix::fs::OFlags;

use crate::event::Event;
use crate::flags::Mask;
use crate::model::{Followed, NodeId, is_polled};
use crate::paths::LINKS;
use crate::system::{Stat, Symlinks, System};

use super::access::{Obstacle, TREE_MASK, stat_if_exists, watch};
use super::polled::Polled;

/// The events of a directory that left its place.
const SELF: Mask = Mask::DELETE_SELF.union(Mask::MOVE_SELF);

/// The events after which a name stands for another entry.
const NAMES: Mask = Mask::CREATE.union(Mask::DELETE).union(Mask::MOVED_FROM).union(Mask::MOVED_TO);

/// The target of a path.
#[derive(Debug)]
pub(crate) enum Target<D> {
    Directory(D),
    /// A name that is no directory, in the directory that is watched as this wd; its stat if it exists.
    File(i32, Vec<u8>, Option<Stat>),
    Nothing,
    /// It is on the file system mounted here, which may not reply.
    Elsewhere(Vec<u8>),
    /// A cycle of symbolic links.
    Cycle,
}

/// The target of a path, and the wds that are not needed any more.
pub(super) type Resolved<D> = (Result<Target<D>, Obstacle>, Vec<i32>);

/// The directory that a path begins in.
pub(crate) struct Start<D> {
    pub(crate) dir: D,
    /// Its real path.
    pub(crate) path: Vec<u8>,
    /// Whether the model notices when the first name of the path stands for another entry.
    pub(crate) seen: bool,
}

impl<D> Start<D> {
    pub(crate) fn top<S: System<File = D>>(system: &S) -> Result<Self, Obstacle> {
        Ok(Self { dir: top(system)?, path: Vec::new(), seen: false })
    }
}

/// The dependencies of one path.
#[derive(Debug, Default)]
struct Dependencies {
    /// Directories, by wd.
    places: HashSet<i32>,
    /// Names in directories, by wd.
    names: HashSet<(i32, Vec<u8>)>,
    /// The real paths that it leads through: one for each symbolic link, and the one of the target at the end.
    real_paths: Vec<Vec<u8>>,
    /// Whether it depends on something that cannot be watched: a directory that may be searched but not read, one beyond
    /// the limit of watches, or a symbolic link in /proc.
    polled: bool,
}

/// The dependencies of the paths of roots and followed links; or of the files that a directory depends on.
#[derive(Debug)]
pub(crate) struct Resolver {
    /// The mask of a directory in which a path ends at a file.
    file: Mask,
    /// The events after which a path has another target, or a file other content.
    telling: Mask,
    dependencies: HashMap<Followed, Dependencies>,
    /// By wd: names in that directory, and the dependents of each.
    names: HashMap<i32, HashMap<Vec<u8>, HashSet<Followed>>>,
    places: HashMap<i32, HashSet<Followed>>,
    /// The roots and links with this real path as their target.
    ends: HashMap<Vec<u8>, HashSet<Followed>>,
}

impl Resolver {
    /// For roots and links. The directory of a root that is a file belongs to the model.
    pub(crate) fn of_roots() -> Self {
        Self::new(TREE_MASK, NAMES)
    }

    /// For files, whose `content` matters, too.
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

    /// The events that paths need of a watch.
    pub(crate) fn needed(&self, wd: i32) -> Mask {
        match (self.places.contains_key(&wd), self.names.contains_key(&wd)) {
            (_, true) => SELF | NAMES,
            (true, false) => SELF,
            (false, false) => Mask::empty(),
        }
    }

    /// Another instance watches from now on. Returns the real path of each target.
    pub(crate) fn start_over(&mut self) -> HashMap<Followed, Vec<u8>> {
        self.names.clear();
        self.places.clear();
        self.ends.clear();
        self.dependencies.drain().filter_map(|(followed, mut it)| Some((followed, it.real_paths.pop()?))).collect()
    }

    /// Whether a path depends on something that cannot be watched.
    pub(crate) fn is_polled(&self, followed: Followed) -> bool {
        self.dependencies.get(&followed).is_some_and(|it| it.polled)
    }

    /// The real paths that a path led through when it was resolved last, the target at the end.
    pub(crate) fn real_paths(&self, followed: Followed) -> &[Vec<u8>] {
        self.dependencies.get(&followed).map_or(&[], |it| it.real_paths.as_slice())
    }

    /// The roots and links that had this real path as their target when they were resolved last.
    pub(crate) fn leading_to(&self, path: &[u8]) -> impl Iterator<Item = Followed> + '_ {
        self.ends.get(path).into_iter().flatten().copied()
    }

    /// The roots and links that an event concerns: their paths must be resolved again, or the event is of the file that
    /// a link leads to.
    pub(crate) fn affected(&self, event: &Event<'_>) -> Vec<Followed> {
        let ends = SELF | Mask::IGNORED | Mask::UNMOUNT;
        let followed = if event.name.is_empty() {
            self.places.get(&event.wd).filter(|_| event.mask.intersects(ends))
        } else {
            self.names.get(&event.wd).and_then(|names| names.get(event.name))
        };
        let is_path = event.name.is_empty() || event.mask.intersects(self.telling);
        let followed = followed.into_iter().flatten().copied();
        followed.filter(|followed| is_path || matches!(followed, Followed::Link(_))).collect()
    }

    /// Forgets the dependencies of a path. Returns the wds that nothing depends on any more.
    pub(crate) fn release(&mut self, followed: Followed) -> Vec<i32> {
        let gone = self.dependencies.remove(&followed).unwrap_or_default();
        for (wd, name) in &gone.names {
            if let Some(names) = self.names.get_mut(wd) {
                drop_from(names, name, followed);
                if names.is_empty() {
                    self.names.remove(wd);
                }
            }
        }
        if let Some(end) = gone.real_paths.last() {
            drop_from(&mut self.ends, end, followed);
        }
        gone.places.into_iter().filter(|wd| drop_from(&mut self.places, wd, followed)).collect()
    }

    /// Resolves a path; each step is watched before it is examined. Returns the target, and the wds that are not needed
    /// any more.
    pub(crate) fn resolve<S: System>(
        &mut self,
        system: &S,
        polled: &mut Polled,
        followed: Followed,
        start: &Start<S::File>,
        path: &[u8],
    ) -> Resolved<S::File> {
        let unused = self.release(followed);
        let target = Resolution { resolver: self, system, polled, followed, start }.follow_to_end(path);
        if let Some(end) = self.dependencies.get(&followed).and_then(|it| it.real_paths.last()) {
            self.ends.entry(end.clone()).or_default().insert(followed);
        }
        (target, self.without_needed(unused))
    }

    /// Makes a directory depend on these paths only, as far as they can be watched. Returns the wds that are not needed
    /// any more.
    pub(crate) fn depend<S: System>(
        &mut self,
        system: &S,
        polled: &mut Polled,
        dir: NodeId,
        paths: &[PathBuf],
    ) -> Vec<i32> {
        let dir = Followed::Dir(dir);
        let unused = self.release(dir);
        if let Ok(start) = Start::top(system) {
            let mut resolution = Resolution { resolver: self, system, polled, followed: dir, start: &start };
            for path in paths {
                resolution.follow_to_end(path.as_os_str().as_bytes()).ok();
            }
        }
        self.without_needed(unused)
    }

    fn without_needed(&self, wds: Vec<i32>) -> Vec<i32> {
        wds.into_iter().filter(|wd| !self.contains(*wd)).collect()
    }

    /// Notes that a path depends on the place of the directory with this wd, and on the entry `name` in it.
    fn add(&mut self, followed: Followed, wd: i32, name: Option<&[u8]>) {
        let dependencies = self.dependencies.entry(followed).or_default();
        dependencies.places.insert(wd);
        self.places.entry(wd).or_default().insert(followed);
        if let Some(name) = name {
            dependencies.names.insert((wd, name.to_vec()));
            self.names.entry(wd).or_default().entry(name.to_vec()).or_default().insert(followed);
        }
    }
}

/// The resolution of a path.
struct Resolution<'a, S: System> {
    resolver: &'a mut Resolver,
    system: &'a S,
    polled: &'a mut Polled,
    /// The dependent of the path.
    followed: Followed,
    start: &'a Start<S::File>,
}

impl<S: System> Resolution<'_, S> {
    fn follow_to_end(&mut self, path: &[u8]) -> Result<Target<S::File>, Obstacle> {
        let target = self.follow(path, false);
        let end = match &target {
            Ok(Target::Directory(_) | Target::Elsewhere(_)) | Err(Obstacle::Denied(_)) => true,
            Ok(Target::File(_, _, stat)) => stat.is_some() && matches!(self.followed, Followed::Link(_)),
            _ => false,
        };
        if end { target } else { self.follow(path, true) }
    }

    /// `each`: the path depends on each of its names. A path that exists need not: the directories that it leads
    /// through cannot be removed. Those of a path that does not exist can, and one that another process holds open
    /// reports no removal.
    fn follow(&mut self, path: &[u8], each: bool) -> Result<Target<S::File>, Obstacle> {
        let mut trail = Trail::new(&self.start.path, path);
        let target = self.walk(each, &mut trail);
        self.dependencies().real_paths = trail.real_paths;
        target
    }

    fn walk(&mut self, each: bool, trail: &mut Trail) -> Result<Target<S::File>, Obstacle> {
        let (system, start) = (self.system, self.start);
        let mut seen = start.seen;
        let mut links = 0;
        // The present directory, and the one that it was entered from by a name. `None`: the start.
        let mut at: Option<S::File> = None;
        let mut entered_from: Option<(Option<S::File>, Vec<u8>)> = None;
        loop {
            let Some(name) = trail.names.pop_front() else {
                return Ok(Target::Directory(reopen(system, at.as_ref().unwrap_or(&start.dir))?));
            };
            let last = trail.names.is_empty();
            let seen = std::mem::take(&mut seen);
            if !seen {
                let mut here = self.anchor(at.as_ref().unwrap_or(&start.dir), None)?;
                while let Some((parent, name)) = &entered_from {
                    // It may have been moved before it was watched.
                    let dir = at.insert(enter(system, parent.as_ref().unwrap_or(&start.dir), name)?);
                    let again = self.anchor(dir, None)?;
                    if again == here {
                        break;
                    }
                    here = again;
                }
            }
            let dir = at.as_ref().unwrap_or(&start.dir);
            trail.pass(&name);
            if self.polled.may_be_remote(&name) {
                let path = join(&trail.real, &VecDeque::from([name.clone()]));
                if self.polled.is_remote(&path) {
                    return Ok(Target::Elsewhere(path));
                }
            }
            let mut format = format_of(system, dir, &name)?;
            let passable = format == Some(libc::S_IFDIR);
            if !seen && (each || last || !passable) {
                // From here on its changes are reported.
                self.anchor(dir, Some(&name))?;
                format = format_of(system, dir, &name)?;
            }
            match format {
                Some(libc::S_IFDIR) => {
                    let entered = enter(system, dir, &name)?;
                    step(&mut trail.real, &name);
                    entered_from = Some((at.replace(entered), name));
                }
                Some(libc::S_IFLNK) => {
                    links += 1;
                    if links > LINKS {
                        return Ok(Target::Cycle);
                    }
                    entered_from = None;
                    let text = system.read_link(dir, &name)?;
                    if let Some(opened) = open_magic(system, dir, &name, &text)? {
                        // No event reports that the process ends, or changes its directory.
                        self.dependencies().polled = true;
                        trail.jump(real_target(system, dir, &opened, &text).unwrap_or(&name));
                        at = Some(opened);
                        continue;
                    }
                    if text.starts_with(b"/") {
                        at = Some(top(system)?);
                    }
                    trail.turn(&text);
                }
                // A link that is gone leaves its own directory, which is not on its path.
                found if last && !seen => {
                    let wd = match self.polled.watch(system, dir, self.resolver.file | Mask::MASK_ADD) {
                        Err(Obstacle::Denied(libc::EACCES)) if found.is_none() => return Ok(Target::Nothing),
                        wd => wd?,
                    };
                    self.dependencies().polled |= is_polled(wd);
                    // It may have changed between the stat and the watch.
                    let stat = stat_if_exists(system, dir, &name)?;
                    return Ok(Target::File(wd, name, stat));
                }
                _ => return Ok(Target::Nothing),
            }
        }
    }

    /// The dependencies of the path, as far as it is resolved.
    fn dependencies(&mut self) -> &mut Dependencies {
        self.resolver.dependencies.entry(self.followed).or_default()
    }

    /// Watches a directory that a path leads through: that it stays at its place, and the entry `name` in it.
    /// `None`: it cannot be watched.
    fn anchor(&mut self, dir: &S::File, name: Option<&[u8]>) -> Result<Option<i32>, Obstacle> {
        let mask = if name.is_some() { SELF | NAMES } else { SELF };
        let wd = match watch(self.system, dir, mask | Mask::MASK_ADD) {
            Err(Obstacle::Denied(errno)) if errno == libc::EACCES || errno == libc::ENOSPC && self.polled.is_on() => {
                self.dependencies().polled = true;
                return Ok(None);
            }
            wd => wd?,
        };
        self.resolver.add(self.followed, wd, name);
        Ok(Some(wd))
    }
}

/// How far a path is resolved.
struct Trail {
    /// The names that are not resolved yet.
    names: VecDeque<Vec<u8>>,
    /// The real path of the present directory.
    real: Vec<Vec<u8>>,
    /// See [`Dependencies::real_paths`].
    real_paths: Vec<Vec<u8>>,
}

impl Trail {
    fn new(start: &[u8], path: &[u8]) -> Self {
        let (real, names): (Vec<_>, _) = (split(start).into(), split(path));
        let real_paths = vec![join(&real, &names)];
        Self { names, real, real_paths }
    }

    /// Resolves this name next.
    fn pass(&mut self, name: &[u8]) {
        self.names.push_front(name.to_vec());
        if let Some(last) = self.real_paths.last_mut() {
            *last = join(&self.real, &self.names);
        }
        self.names.pop_front();
    }

    /// Goes on with the target of a symbolic link.
    fn turn(&mut self, text: &[u8]) {
        if text.starts_with(b"/") {
            self.real.clear();
        }
        split(text).into_iter().rev().for_each(|name| self.names.push_front(name));
        self.real_paths.push(join(&self.real, &self.names));
    }

    /// Goes on in the directory at this path.
    fn jump(&mut self, path: &[u8]) {
        if path.starts_with(b"/") {
            self.real.clear();
        }
        split(path).iter().for_each(|name| step(&mut self.real, name));
        self.real_paths.push(join(&self.real, &self.names));
    }
}

/// Removes a root or link from a set of a map. Returns whether it was the last one.
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

/// Adds a name to a real path.
fn step(real: &mut Vec<Vec<u8>>, name: &[u8]) {
    if name == b".." {
        real.pop();
    } else {
        real.push(name.to_vec());
    }
}

/// The path of these names below a real path, if none of them is a symbolic link.
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

/// Opens a directory for reading that was opened with `O_PATH`.
fn reopen<S: System>(system: &S, dir: &S::File) -> Result<S::File, Obstacle> {
    Ok(system.open(Some(dir), b".", OFlags::DIRECTORY)?)
}

/// Opens the directory that a symbolic link in /proc leads to. Its text may be of another mount namespace, as that of
/// `/proc/7/root` is: only the kernel can follow it. `None`: its text can be followed.
fn open_magic<S: System>(system: &S, dir: &S::File, name: &[u8], text: &[u8]) -> Result<Option<S::File>, Obstacle> {
    if !system.is_in_proc(dir)? {
        return Ok(None);
    }
    let identity = |path| system.stat(Some(dir), path, Symlinks::Followed).map(|stat| stat.stamp.identity);
    match system.open(Some(dir), name, OFlags::PATH | OFlags::DIRECTORY) {
        Err(error) if error.raw_os_error() == Some(libc::ENOTDIR) => match identity(text) {
            Ok(target) if target == identity(name)? => Ok(None),
            // A file without a known path.
            _ => Err(Obstacle::Denied(libc::EOPNOTSUPP)),
        },
        opened => Ok(Some(opened?)),
    }
}

/// The text of a symbolic link in /proc, if it leads to the directory that the kernel opened.
fn real_target<'a, S: System>(system: &S, dir: &S::File, opened: &S::File, text: &'a [u8]) -> Option<&'a [u8]> {
    let target = system.stat(Some(dir), text, Symlinks::Followed).ok()?;
    let real = system.stat(Some(opened), b"", Symlinks::Kept).ok()?;
    (target.stamp.identity == real.stamp.identity).then_some(text)
}

fn format_of<S: System>(system: &S, dir: &S::File, name: &[u8]) -> Result<Option<libc::mode_t>, Obstacle> {
    Ok(stat_if_exists(system, dir, name)?.map(|stat| stat.format))
}
