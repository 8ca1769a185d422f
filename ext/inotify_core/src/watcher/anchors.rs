//! Follows the paths of the roots, and watches what they depend on: the directories on the way, and the symbolic links.
//!
//! A root `/srv/app` that is a symbolic link to `releases/7` depends on the name `app` in `/srv`, on `releases` in
//! `/srv`, and on the name `7` in `/srv/releases`; and on `/srv` and `/` staying where they are.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ffi::CString;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use crate::event::Event;
use crate::flags::Mask;
use crate::sys;
use crate::tree::NodeId;

use super::places::{Obstacle, Places, TREE_MASK};

/// What tells that a directory is no longer where it was.
const SELF: Mask = Mask::DELETE_SELF.union(Mask::MOVE_SELF);

/// What tells that a name stands for something else.
const NAMES: Mask = Mask::CREATE.union(Mask::DELETE).union(Mask::MOVED_FROM).union(Mask::MOVED_TO);

/// As many symbolic links as the kernel follows.
const LINKS: usize = 40;

/// What a path leads to.
#[derive(Debug)]
pub(crate) enum Target {
    Directory(OwnedFd),
    /// A name in a directory watched under this wd that is no directory; whether it is there.
    File(i32, Vec<u8>, bool),
    Nothing,
    /// Symbolic links without end.
    Circle,
}

/// What paths depend on: those of roots, or of files that a directory depends on.
#[derive(Debug)]
pub(crate) struct Anchors {
    /// What is asked of a directory in which a path ends at a file.
    file: Mask,
    /// What tells that a path leads to something else, or that there is something else in a file.
    telling: Mask,
    /// By wd: the names that count in it, and the roots that depend on it.
    names: HashMap<i32, HashMap<Vec<u8>, HashSet<NodeId>>>,
    places: HashMap<i32, HashSet<NodeId>>,
    /// The real paths that the path of each root leads through, one for each symbolic link, and at the end the one that
    /// it leads to.
    ways: HashMap<NodeId, Vec<Vec<u8>>>,
    /// Roots on whose way there is something that can't be watched: a directory that may be passed but not read, or a
    /// symbolic link in /proc.
    unseen: HashSet<NodeId>,
}

impl Anchors {
    /// Of roots. Where one is a file the directory it is in belongs to the tree.
    pub(crate) fn of_roots() -> Self {
        Self::new(TREE_MASK, NAMES)
    }

    /// Of files, whose `content` counts as well.
    pub(crate) fn of_files(content: Mask) -> Self {
        Self::new(SELF | NAMES | content, NAMES | content)
    }

    fn new(file: Mask, telling: Mask) -> Self {
        let (names, places, ways) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { file, telling, names, places, ways, unseen: HashSet::new() }
    }

    pub(crate) fn contains(&self, wd: i32) -> bool {
        self.places.contains_key(&wd)
    }

    /// What a watch must ask for, of what the paths of the roots depend on.
    pub(crate) fn needed(&self, wd: i32) -> Mask {
        match (self.places.contains_key(&wd), self.names.contains_key(&wd)) {
            (_, true) => SELF | NAMES,
            (true, false) => SELF,
            (false, false) => Mask::empty(),
        }
    }

    /// Whether something that the path of a root depends on can't be watched.
    pub(crate) fn is_unseen(&self, root: NodeId) -> bool {
        self.unseen.contains(&root)
    }

    /// The real paths that the path of a root led through when it was resolved last. The last of them is where it led.
    pub(crate) fn way(&self, root: NodeId) -> &[Vec<u8>] {
        self.ways.get(&root).map_or(&[], Vec::as_slice)
    }

    /// The roots that an event gives reason to resolve again.
    pub(crate) fn concerned(&self, event: &Event<'_>) -> Vec<NodeId> {
        let ends = SELF | Mask::IGNORED | Mask::UNMOUNT;
        let roots = if event.name.is_empty() {
            self.places.get(&event.wd).filter(|_| event.mask.intersects(ends))
        } else {
            self.names
                .get(&event.wd)
                .and_then(|names| names.get(event.name))
                .filter(|_| event.mask.intersects(self.telling))
        };
        roots.into_iter().flatten().copied().collect()
    }

    /// Forgets what a root depended on. Answers the wds that no root depends on any more.
    pub(crate) fn release(&mut self, root: NodeId) -> Vec<i32> {
        self.unseen.remove(&root);
        for names in self.names.values_mut() {
            for roots in names.values_mut() {
                roots.remove(&root);
            }
            names.retain(|_, roots| !roots.is_empty());
        }
        self.names.retain(|_, names| !names.is_empty());
        for roots in self.places.values_mut() {
            roots.remove(&root);
        }
        let unused: Vec<i32> = self.places.iter().filter(|(_, roots)| roots.is_empty()).map(|(wd, _)| *wd).collect();
        self.places.retain(|_, roots| !roots.is_empty());
        unused
    }

    /// Follows the path of a root, watching before looking at each step. Answers what is there, and the wds that are no
    /// longer needed for it.
    pub(crate) fn resolve(
        &mut self,
        places: &Places,
        root: NodeId,
        path: &[u8],
    ) -> (Result<Target, Obstacle>, Vec<i32>) {
        let unused = self.release(root);
        let mut way = Vec::new();
        let target = self.follow_to_end(places, root, path, &mut way);
        self.ways.insert(root, way);
        (target, self.without_needed(unused))
    }

    /// Has a directory depend on these paths alone. Answers the wds that are no longer needed. What can't be watched is
    /// not.
    pub(crate) fn depend(&mut self, places: &Places, dir: NodeId, paths: &[PathBuf]) -> Vec<i32> {
        let unused = self.release(dir);
        for path in paths {
            self.follow_to_end(places, dir, path.as_os_str().as_bytes(), &mut Vec::new()).ok();
        }
        self.without_needed(unused)
    }

    fn without_needed(&self, wds: Vec<i32>) -> Vec<i32> {
        wds.into_iter().filter(|wd| !self.contains(*wd)).collect()
    }

    /// `passed`: as in [`follow`](Self::follow).
    fn follow_to_end(
        &mut self,
        places: &Places,
        root: NodeId,
        path: &[u8],
        passed: &mut Vec<Vec<u8>>,
    ) -> Result<Target, Obstacle> {
        let target = self.follow(places, root, path, passed, false);
        if matches!(target, Ok(Target::Directory(_)) | Err(Obstacle::Refused(_))) {
            return target;
        }
        self.follow(places, root, path, passed, true)
    }

    /// `each`: the root depends on every name of the way. Where it is there, it does not need to: none of the directories
    /// it is in can be removed. When it is not they can, and a directory that somebody holds open does not say so.
    /// `passed`: where it leads through, see [`way`](Self::way).
    fn follow(
        &mut self,
        places: &Places,
        root: NodeId,
        path: &[u8],
        passed: &mut Vec<Vec<u8>>,
        each: bool,
    ) -> Result<Target, Obstacle> {
        let mut names: VecDeque<Vec<u8>> = split(path);
        let mut real: Vec<Vec<u8>> = Vec::new();
        *passed = vec![join(&real, &names)];
        let mut links = 0;
        let mut dir = top()?;
        let mut way: Option<(OwnedFd, CString)> = None;
        loop {
            let Some(name) = names.pop_front() else { return Ok(Target::Directory(reopen(&dir)?)) };
            let last = names.is_empty();
            let mut here = self.anchor(places, root, &dir, None)?;
            while let Some((parent, name)) = &way {
                // Before it was watched it may have been moved.
                dir = enter(parent, name)?;
                let again = self.anchor(places, root, &dir, None)?;
                if again == here {
                    break;
                }
                here = again;
            }
            if let Some(last) = passed.last_mut() {
                names.push_front(name.clone());
                *last = join(&real, &names);
                names.pop_front();
            }
            let c_name = CString::new(name.clone()).map_err(|_| Obstacle::Nothing)?;
            let mut format = format_of(&dir, &c_name)?;
            let passable = format == Some(libc::S_IFDIR);
            if each || last || !passable {
                // From now on its coming and going is told.
                self.anchor(places, root, &dir, Some(&name))?;
                format = format_of(&dir, &c_name)?;
            }
            match format {
                Some(libc::S_IFDIR) => {
                    let entered = enter(&dir, &c_name)?;
                    step(&mut real, &name);
                    way = Some((std::mem::replace(&mut dir, entered), c_name));
                }
                Some(libc::S_IFLNK) => {
                    links += 1;
                    if links > LINKS {
                        return Ok(Target::Circle);
                    }
                    let target = sys::readlinkat(dir.as_fd(), &c_name)?;
                    if let Some(opened) = open_magic(&dir, &c_name, &target)? {
                        // Nothing tells when the process goes, or goes elsewhere.
                        self.unseen.insert(root);
                        match real_target(&dir, &opened, &target) {
                            Some(target) => {
                                if target.starts_with(b"/") {
                                    real.clear();
                                }
                                split(target).iter().for_each(|name| step(&mut real, name));
                            }
                            None => step(&mut real, &name),
                        }
                        passed.push(join(&real, &names));
                        dir = opened;
                        way = None;
                        continue;
                    }
                    if target.starts_with(b"/") {
                        dir = top()?;
                        real.clear();
                    }
                    way = None;
                    for name in split(&target).into_iter().rev() {
                        names.push_front(name);
                    }
                    passed.push(join(&real, &names));
                }
                found if last => {
                    let wd = match places.watch(dir.as_fd(), self.file | Mask::MASK_ADD) {
                        Err(Obstacle::Refused(libc::EACCES)) if found.is_none() => return Ok(Target::Nothing),
                        wd => wd?,
                    };
                    // Between the look and the watch it may have come or gone.
                    let there = found.is_some() || format_of(&dir, &c_name)?.is_some();
                    return Ok(Target::File(wd, name, there));
                }
                _ => return Ok(Target::Nothing),
            }
        }
    }

    /// Watches a directory on the way: that it stays where it is, and what `name` in it stands for. Nothing for one
    /// that can't be watched.
    fn anchor(
        &mut self,
        places: &Places,
        root: NodeId,
        dir: &OwnedFd,
        name: Option<&[u8]>,
    ) -> Result<Option<i32>, Obstacle> {
        let mask = if name.is_some() { SELF | NAMES } else { SELF };
        let wd = match places.watch(dir.as_fd(), mask | Mask::MASK_ADD) {
            Err(Obstacle::Refused(libc::EACCES)) => {
                self.unseen.insert(root);
                return Ok(None);
            }
            wd => wd?,
        };
        self.places.entry(wd).or_default().insert(root);
        if let Some(name) = name {
            self.names.entry(wd).or_default().entry(name.to_vec()).or_default().insert(root);
        }
        Ok(Some(wd))
    }
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

fn top() -> Result<OwnedFd, Obstacle> {
    Ok(sys::openat(None, c"/", libc::O_PATH | libc::O_DIRECTORY)?)
}

fn enter(dir: &OwnedFd, name: &CString) -> Result<OwnedFd, Obstacle> {
    Ok(sys::openat(Some(dir.as_fd()), name, libc::O_PATH | libc::O_DIRECTORY | libc::O_NOFOLLOW)?)
}

/// Opens for reading what was opened to pass through.
fn reopen(dir: &OwnedFd) -> Result<OwnedFd, Obstacle> {
    Ok(sys::openat(Some(dir.as_fd()), c".", libc::O_RDONLY | libc::O_DIRECTORY)?)
}

/// Opens the directory that a symbolic link in /proc leads to. Its text may be of another mount namespace, as that of
/// `/proc/7/root` is: only the kernel can follow it. `None`: it can be followed by its text.
fn open_magic(dir: &OwnedFd, name: &CString, text: &[u8]) -> Result<Option<OwnedFd>, Obstacle> {
    if !sys::is_in_proc(dir.as_fd())? {
        return Ok(None);
    }
    match sys::openat(Some(dir.as_fd()), name, libc::O_PATH | libc::O_DIRECTORY) {
        Err(error) if error.raw_os_error() == Some(libc::ENOTDIR) => {
            let text = CString::new(text).map_err(|_| Obstacle::Nothing)?;
            match sys::identity(dir.as_fd(), &text) {
                Ok(identity) if identity == sys::identity(dir.as_fd(), name)? => Ok(None),
                // A file of which no path is known.
                _ => Err(Obstacle::Refused(libc::EOPNOTSUPP)),
            }
        }
        opened => Ok(Some(opened?)),
    }
}

/// The text of a symbolic link in /proc, if it leads to the directory that the kernel opened.
fn real_target<'a>(dir: &OwnedFd, opened: &OwnedFd, text: &'a [u8]) -> Option<&'a [u8]> {
    let target = sys::identity(dir.as_fd(), &CString::new(text).ok()?).ok()?;
    (target == sys::identity(opened.as_fd(), c".").ok()?).then_some(text)
}

fn format_of(dir: &OwnedFd, name: &CString) -> Result<Option<libc::mode_t>, Obstacle> {
    match sys::lstatat(dir.as_fd(), name) {
        Ok(stat) => Ok(Some(stat.format)),
        Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
