//! Carries out a tree's wishes on a disk in memory, system call by system call as the watcher does, with whatever happens
//! between two of them.

use std::collections::{BTreeMap, BTreeSet};

use inotify_core::Mask;
use inotify_core::tick::Tick;
use inotify_core::tree::{Kind, Listing, NodeId, RootSight, Sight, Tree, Wish};

use crate::disk::{Body, Disk, Ino, Queued, TOP, split};
use crate::script::Op;

const SELF: Mask = Mask::DELETE_SELF.union(Mask::MOVE_SELF);
const NAMES: Mask = Mask::CREATE.union(Mask::DELETE).union(Mask::MOVED_FROM).union(Mask::MOVED_TO);
const TREE: Mask = SELF.union(NAMES).union(Mask::MODIFY).union(Mask::CLOSE_WRITE).union(Mask::ATTRIB);

/// What happens while a wish is carried out, by the number of system calls before it.
pub(crate) struct During<'a> {
    ops: &'a [(usize, Op)],
    calls: usize,
}

impl<'a> During<'a> {
    pub(crate) fn new(ops: &'a [(usize, Op)]) -> Self {
        Self { ops, calls: 0 }
    }

    fn pass(&mut self, disk: &mut Disk) {
        for (_, op) in self.ops.iter().filter(|(when, _)| *when == self.calls) {
            disk.perform(op);
        }
        self.calls += 1;
    }

    /// What was to happen later than there were system calls.
    pub(crate) fn end(self, disk: &mut Disk) {
        for (_, op) in self.ops.iter().filter(|(when, _)| *when >= self.calls) {
            disk.perform(op);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Obstacle {
    Nothing,
    File,
    Astray,
    Refused(i32),
}

impl From<i32> for Obstacle {
    fn from(errno: i32) -> Self {
        match errno {
            libc::ENOENT => Self::Nothing,
            libc::ENOTDIR | libc::ELOOP => Self::File,
            errno => Self::Refused(errno),
        }
    }
}

enum Target {
    Directory(Ino),
    File(i32, String, bool),
    Nothing,
}

/// See the module's description.
#[derive(Default)]
pub(crate) struct Hands {
    /// The paths of the roots.
    pub(crate) roots: BTreeMap<NodeId, String>,
    open: Vec<(i32, Ino)>,
    /// What the roots' paths depend on: by wd, and by wd and name.
    places: BTreeMap<i32, BTreeSet<NodeId>>,
    names: BTreeMap<(i32, String), BTreeSet<NodeId>>,
    /// Roots on whose way there is something that can't be watched.
    unseen: BTreeSet<NodeId>,
    /// From when on events were lost, by the number of the loss.
    pub(crate) losses: BTreeMap<u64, u64>,
}

impl Hands {
    /// Whether a watch is needed for the way to a root.
    pub(crate) fn anchors(&self, wd: i32) -> bool {
        self.places.contains_key(&wd)
    }

    /// The roots to be resolved again because of an event.
    pub(crate) fn concerned(&self, event: &Queued) -> Vec<NodeId> {
        let ends = SELF | Mask::IGNORED | Mask::UNMOUNT;
        let roots = if event.name.is_empty() {
            self.places.get(&event.wd).filter(|_| event.mask.intersects(ends))
        } else {
            self.names.get(&(event.wd, event.name.clone())).filter(|_| event.mask.intersects(NAMES))
        };
        roots.into_iter().flatten().copied().collect()
    }

    /// Closes what is kept open.
    pub(crate) fn close(&mut self, disk: &mut Disk) {
        for (_, ino) in std::mem::take(&mut self.open) {
            disk.release(ino);
        }
    }

    pub(crate) fn carry(&mut self, tree: &mut Tree, disk: &mut Disk, wish: Wish, during: &mut During<'_>) {
        match wish {
            Wish::Look(node) => self.look(tree, disk, node, during),
            Wish::Resolve(root) => self.resolve(tree, disk, root, during),
            Wish::Check(dir, name) => self.check(tree, disk, dir, &name, during),
            Wish::Close(dir, name) => self.closed(tree, disk, dir, &name, during),
            Wish::Unwatch(wd) => self.unwatch(tree, disk, wd),
            other => panic!("not expected: {other:?}"),
        }
    }

    fn unwatch(&self, tree: &Tree, disk: &mut Disk, wd: i32) {
        if !tree.knows(wd) && !self.anchors(wd) {
            disk.remove_watch(wd);
        }
    }

    fn look(&mut self, tree: &mut Tree, disk: &mut Disk, node: NodeId, during: &mut During<'_>) {
        match self.sight(tree, disk, node, during) {
            Ok((wd, listing)) => tree.saw(node, Sight::Directory(wd, listing.as_ref())),
            Err(Obstacle::Nothing) => tree.saw(node, Sight::Nothing),
            Err(Obstacle::File) => tree.saw(node, Sight::File),
            Err(Obstacle::Astray) => tree.saw(node, Sight::Astray),
            Err(Obstacle::Refused(errno)) => tree.saw(node, Sight::Refused(errno)),
        }
    }

    fn sight(
        &mut self,
        tree: &Tree,
        disk: &mut Disk,
        node: NodeId,
        during: &mut During<'_>,
    ) -> Result<(i32, Option<Listing>), Obstacle> {
        let (parent, name) = tree.place(node).ok_or(Obstacle::Astray)?;
        let name = text(name);
        let parent = self.dir(tree, disk, parent, during)?;
        during.pass(disk);
        if !disk.is_searchable(parent) {
            return Err(Obstacle::Refused(libc::EACCES));
        }
        let mut dir = disk.entry(parent, &name).ok_or(Obstacle::Nothing)?.ino;
        if let (Body::Link(target), true) = (disk.body(dir), tree.is_link(node)) {
            dir = disk.open_path(target, true)?;
        }
        if !disk.is_dir(dir) {
            return Err(Obstacle::File);
        }
        self.see(tree, disk, node, dir, during)
    }

    /// Watches and lists an open directory.
    fn see(
        &mut self,
        tree: &Tree,
        disk: &mut Disk,
        node: NodeId,
        dir: Ino,
        during: &mut During<'_>,
    ) -> Result<(i32, Option<Listing>), Obstacle> {
        if !disk.is_readable(dir) {
            return Err(Obstacle::Refused(libc::EACCES));
        }
        disk.hold(dir);
        during.pass(disk);
        let seen = disk.add_watch(dir, TREE).map_err(Obstacle::Refused).and_then(|wd| {
            let listing =
                if tree.wants_listing(node, wd) { Some(self.list(tree, node, disk, dir, during)?) } else { None };
            Ok((wd, listing))
        });
        match &seen {
            Ok((wd, _)) => self.keep(disk, *wd, dir),
            Err(_) => disk.release(dir),
        }
        seen
    }

    /// Names are read in two portions; each file is asked for its time after that, if need be.
    fn list(
        &self,
        tree: &Tree,
        node: NodeId,
        disk: &mut Disk,
        dir: Ino,
        during: &mut During<'_>,
    ) -> Result<Listing, Obstacle> {
        let changed_since = self.changed_since(tree, node);
        let mut listing = Listing::default();
        if changed_since.is_some_and(|since| disk.ctime(dir) >= since) {
            listing.set_moved();
        }
        for portion in 0..2 {
            during.pass(disk);
            let entries = disk.entries(dir).into_iter().flatten();
            let names: Vec<(String, bool)> = entries
                .filter(|(name, _)| name.bytes().map(usize::from).sum::<usize>() % 2 == portion)
                .map(|(name, entry)| (name.clone(), disk.is_dir(entry.ino)))
                .collect();
            if changed_since.is_some() {
                during.pass(disk);
            }
            for (name, isdir) in names {
                let since = changed_since.filter(|_| !tree.is_to_be_told(node, name.as_bytes()));
                list_entry(tree, disk, (node, dir), &name, isdir, since, &mut listing);
            }
        }
        Ok(listing)
    }

    /// From when on a file in this directory counts as changed.
    fn changed_since(&self, tree: &Tree, node: NodeId) -> Option<u64> {
        self.losses.get(&tree.loss(node)?).copied()
    }

    fn keep(&mut self, disk: &mut Disk, wd: i32, dir: Ino) {
        self.open.retain(|(open, ino)| {
            let other = *open != wd;
            if !other {
                disk.release(*ino);
            }
            other
        });
        self.open.push((wd, dir));
    }

    fn check(&mut self, tree: &mut Tree, disk: &mut Disk, dir: NodeId, name: &[u8], during: &mut During<'_>) {
        let Ok(ino) = self.dir(tree, disk, dir, during) else { return tree.could_not_check(dir, name) };
        during.pass(disk);
        if !disk.is_searchable(ino) {
            return tree.could_not_check(dir, name);
        }
        let kind = disk.entry(ino, &text(name)).map(|it| kind(tree, disk, it.ino));
        tree.saw_entry(dir, name, kind);
    }

    fn closed(&mut self, tree: &mut Tree, disk: &mut Disk, dir: NodeId, name: &[u8], during: &mut During<'_>) {
        let found = if name.is_empty() {
            self.roots.get(&dir).and_then(|path| disk.follow(path))
        } else {
            let dir = self.dir(tree, disk, dir, during).ok().filter(|dir| disk.is_searchable(*dir));
            dir.and_then(|dir| disk.entry(dir, &text(name))).map(|entry| entry.ino)
        };
        during.pass(disk);
        let reported = tree.reported(dir, name);
        let changed = match (reported, found) {
            (Some(reported), Some(ino)) => tick(disk.ctime(ino)) >= reported,
            _ => true,
        };
        tree.saw_closed(dir, name, changed);
    }

    /// The directory of a node, if it is where the tree believes it.
    fn dir(&mut self, tree: &Tree, disk: &mut Disk, node: NodeId, during: &mut During<'_>) -> Result<Ino, Obstacle> {
        let wd = tree.wd(node).ok_or(Obstacle::Astray)?;
        if let Some((_, ino)) = self.open.iter().find(|(open, _)| *open == wd) {
            return Ok(*ino);
        }
        let path = self.path(tree, node).ok_or(Obstacle::Astray)?;
        let dir = disk.open_path(&path, true).map_err(|errno| match errno {
            libc::ENOENT | libc::ENOTDIR | libc::ELOOP => Obstacle::Astray,
            errno => Obstacle::Refused(errno),
        })?;
        if !disk.is_dir(dir) {
            return Err(Obstacle::Astray);
        }
        if !disk.is_readable(dir) {
            return Err(Obstacle::Refused(libc::EACCES));
        }
        disk.hold(dir);
        during.pass(disk);
        match disk.add_watch(dir, TREE | Mask::MASK_ADD) {
            Ok(found) if found == wd => {
                self.keep(disk, wd, dir);
                Ok(dir)
            }
            Ok(found) => {
                if !tree.knows(found) {
                    disk.remove_watch(found);
                }
                disk.release(dir);
                Err(Obstacle::Astray)
            }
            Err(errno) => {
                disk.release(dir);
                Err(Obstacle::Refused(errno))
            }
        }
    }

    fn path(&self, tree: &Tree, node: NodeId) -> Option<String> {
        if let Some(path) = self.roots.get(&node) {
            return Some(path.clone());
        }
        let (parent, name) = tree.place(node)?;
        Some(format!("{}/{}", self.path(tree, parent)?, text(name)))
    }

    // The way to a root.

    fn resolve(&mut self, tree: &mut Tree, disk: &mut Disk, root: NodeId, during: &mut During<'_>) {
        let before: Vec<i32> = self.places.keys().copied().collect();
        self.places.values_mut().chain(self.names.values_mut()).for_each(|roots| {
            roots.remove(&root);
        });
        self.places.retain(|_, roots| !roots.is_empty());
        self.names.retain(|_, roots| !roots.is_empty());
        let path = self.roots.get(&root).cloned().unwrap();
        let mut held = Vec::new();
        self.unseen.remove(&root);
        let mut target = self.follow(disk, root, &path, false, &mut held, during);
        if !matches!(target, Ok(Target::Directory(_)) | Err(Obstacle::Refused(_))) {
            target = self.follow(disk, root, &path, true, &mut held, during);
        }
        tree.set_unseen(root, self.unseen.contains(&root));
        match target {
            Ok(Target::Directory(dir)) => match self.see(tree, disk, root, dir, during) {
                Ok((wd, listing)) => tree.saw_root(root, RootSight::Directory(wd, listing.as_ref())),
                Err(Obstacle::Refused(errno)) => tree.saw_root(root, RootSight::Refused(errno)),
                Err(_) => tree.saw_root(root, RootSight::Nothing),
            },
            Ok(Target::File(wd, name, there)) => tree.saw_root(root, RootSight::File(wd, name.as_bytes(), there)),
            Ok(Target::Nothing) | Err(Obstacle::Nothing | Obstacle::File | Obstacle::Astray) => {
                tree.saw_root(root, RootSight::Nothing);
            }
            Err(Obstacle::Refused(errno)) => tree.saw_root(root, RootSight::Refused(errno)),
        }
        for ino in held {
            disk.release(ino);
        }
        for wd in before {
            self.unwatch(tree, disk, wd);
        }
    }

    fn follow(
        &mut self,
        disk: &mut Disk,
        root: NodeId,
        path: &str,
        each: bool,
        held: &mut Vec<Ino>,
        during: &mut During<'_>,
    ) -> Result<Target, Obstacle> {
        let mut names = split(path);
        let mut dir = TOP;
        let mut links = 0;
        let mut way: Option<(Ino, String)> = None;
        while let Some(name) = names.pop_front() {
            let last = names.is_empty();
            let mut here = self.anchor(disk, root, dir, None)?;
            during.pass(disk);
            while let Some((parent, name)) = &way {
                dir = enter(disk, *parent, name, held)?;
                let again = self.anchor(disk, root, dir, None)?;
                if again == here {
                    break;
                }
                here = again;
            }
            during.pass(disk);
            let mut found = look_up(disk, dir, &name)?;
            if each || last || !found.is_some_and(|ino| disk.is_dir(ino)) {
                self.anchor(disk, root, dir, Some(&name))?;
                found = look_up(disk, dir, &name)?;
            }
            match found.map(|ino| (ino, disk.body(ino).clone())) {
                Some((_, Body::Dir(_))) => {
                    during.pass(disk);
                    let entered = enter(disk, dir, &name, held)?;
                    way = Some((dir, name));
                    dir = entered;
                }
                Some((_, Body::Link(target))) => {
                    links += 1;
                    if links > 8 {
                        return Ok(Target::Nothing);
                    }
                    dir = TOP;
                    way = None;
                    for name in split(&target).into_iter().rev() {
                        names.push_front(name);
                    }
                }
                other if last => {
                    let wd = match disk.add_watch(dir, TREE | Mask::MASK_ADD) {
                        Ok(wd) => wd,
                        Err(libc::EACCES) if other.is_none() => return Ok(Target::Nothing),
                        Err(errno) => return Err(Obstacle::Refused(errno)),
                    };
                    during.pass(disk);
                    let there = other.is_some() || look_up(disk, dir, &name)?.is_some();
                    return Ok(Target::File(wd, name, there));
                }
                _ => return Ok(Target::Nothing),
            }
        }
        if disk.is_readable(dir) { Ok(Target::Directory(dir)) } else { Err(Obstacle::Refused(libc::EACCES)) }
    }

    fn anchor(&mut self, disk: &mut Disk, root: NodeId, dir: Ino, name: Option<&str>) -> Result<Option<i32>, Obstacle> {
        let mask = if name.is_some() { SELF | NAMES } else { SELF };
        let wd = match disk.add_watch(dir, mask | Mask::MASK_ADD) {
            Ok(wd) => wd,
            Err(libc::EACCES) => {
                self.unseen.insert(root);
                return Ok(None);
            }
            Err(errno) => return Err(Obstacle::Refused(errno)),
        };
        self.places.entry(wd).or_default().insert(root);
        if let Some(name) = name {
            self.names.entry((wd, name.to_owned())).or_default().insert(root);
        }
        Ok(Some(wd))
    }
}

fn list_entry(
    tree: &Tree,
    disk: &Disk,
    (node, dir): (NodeId, Ino),
    name: &str,
    isdir: bool,
    changed_since: Option<u64>,
    listing: &mut Listing,
) {
    match (changed_since, disk.entry(dir, name)) {
        _ if isdir => listing.add(name.as_bytes(), Kind::Dir, false),
        (since, Some(entry)) if !disk.is_searchable(dir) => {
            let link = tree.follows_links() && matches!(disk.body(entry.ino), Body::Link(_));
            let known = tree.kind(node, name.as_bytes()).filter(|kind| link && *kind == Kind::Link);
            listing.add(name.as_bytes(), known.unwrap_or(Kind::File), false);
            if link || since.is_some() {
                listing.deny(libc::EACCES);
            }
        }
        (Some(since), Some(entry)) => {
            let kind = kind(tree, disk, entry.ino);
            listing.add(name.as_bytes(), kind, kind != Kind::Dir && disk.ctime(entry.ino) >= since);
        }
        (None, Some(entry)) if tree.follows_links() => listing.add(name.as_bytes(), kind(tree, disk, entry.ino), false),
        (Some(_), None) => {}
        (None, _) => listing.add(name.as_bytes(), Kind::File, false),
    }
}

/// What an entry is.
fn kind(tree: &Tree, disk: &Disk, ino: Ino) -> Kind {
    match disk.body(ino) {
        Body::Dir(_) => Kind::Dir,
        Body::Link(target) if tree.follows_links() => {
            let leads = disk.open_path(target, true);
            if leads.is_ok_and(|ino| disk.is_dir(ino)) { Kind::Link } else { Kind::File }
        }
        _ => Kind::File,
    }
}

fn look_up(disk: &Disk, dir: Ino, name: &str) -> Result<Option<Ino>, Obstacle> {
    if !disk.is_searchable(dir) {
        return Err(Obstacle::Refused(libc::EACCES));
    }
    Ok(disk.entry(dir, name).map(|entry| entry.ino))
}

/// Opens a directory to pass through it.
fn enter(disk: &mut Disk, dir: Ino, name: &str, held: &mut Vec<Ino>) -> Result<Ino, Obstacle> {
    let ino = look_up(disk, dir, name)?.ok_or(Obstacle::Nothing)?;
    if !disk.is_dir(ino) {
        return Err(Obstacle::File);
    }
    disk.hold(ino);
    held.push(ino);
    Ok(ino)
}

/// The disk's clock as a watcher sees it.
pub(crate) fn tick(clock: u64) -> Tick {
    Tick::new(i64::try_from(clock).unwrap(), 0)
}

fn text(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}
