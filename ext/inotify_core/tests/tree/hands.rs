//! Carries out a tree's wishes on a disk in memory, system call by system call as the watcher does, with whatever happens
//! between two of them.

use std::collections::{BTreeMap, BTreeSet};

use inotify_core::Mask;
use inotify_core::tick::Tick;
use inotify_core::tree::{Followed, Kind, LinkId, LinkSight, Listing, NodeId, RootSight, Sight, Tree, Wish};

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
    /// What there is, if anything.
    File(i32, String, Option<Ino>),
    Nothing,
}

/// See the module's description.
#[derive(Default)]
pub(crate) struct Hands {
    /// The paths of the roots.
    pub(crate) roots: BTreeMap<NodeId, String>,
    /// Those that are below others.
    pub(crate) inner: BTreeSet<NodeId>,
    open: Vec<(i32, Ino)>,
    /// What the ways of roots and links depend on: by wd, and by wd and name.
    places: BTreeMap<i32, BTreeSet<Followed>>,
    names: BTreeMap<(i32, String), BTreeSet<Followed>>,
    /// Those on whose way there is something that can't be watched.
    unseen: BTreeSet<Followed>,
    /// From when on events were lost, by the number of the loss.
    pub(crate) losses: BTreeMap<u64, u64>,
}

impl Hands {
    /// Whether a watch is needed for a way.
    pub(crate) fn anchors(&self, wd: i32) -> bool {
        self.places.contains_key(&wd)
    }

    /// What an event may be of interest to.
    pub(crate) fn concerned(&self, event: &Queued) -> Vec<Followed> {
        let ends = SELF | Mask::IGNORED | Mask::UNMOUNT;
        let followed = if event.name.is_empty() {
            self.places.get(&event.wd).filter(|_| event.mask.intersects(ends))
        } else {
            self.names.get(&(event.wd, event.name.clone()))
        };
        let is_way = event.name.is_empty() || event.mask.intersects(NAMES);
        let followed = followed.into_iter().flatten().copied();
        followed.filter(|followed| is_way || matches!(followed, Followed::Link(_))).collect()
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
            Wish::Follow(link) => self.follow_link(tree, disk, link, during),
            Wish::Release(link) => {
                let before = self.release(Followed::Link(link));
                before.into_iter().for_each(|wd| self.unwatch(tree, disk, wd));
            }
            other => panic!("not expected: {other:?}"),
        }
    }

    fn unwatch(&self, tree: &Tree, disk: &mut Disk, wd: i32) {
        if !tree.knows(wd) && !self.anchors(wd) {
            disk.remove_watch(wd);
        }
    }

    fn look(&mut self, tree: &mut Tree, disk: &mut Disk, node: NodeId, during: &mut During<'_>) {
        let sight = self.sight(tree, disk, node, during);
        saw(tree, node, sight);
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
        let dir = disk.entry(parent, &name).ok_or(Obstacle::Nothing)?.ino;
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
                list_entry(tree, disk, dir, &name, isdir, since, &mut listing);
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
        let dir_node = dir;
        let found = if name.is_empty() {
            self.roots.get(&dir).and_then(|path| disk.follow(path))
        } else {
            let dir = self.dir(tree, disk, dir, during).ok().filter(|dir| disk.is_searchable(*dir));
            let found = dir.and_then(|dir| disk.entry(dir, &text(name))).map(|entry| entry.ino);
            let link = tree.kind(dir_node, name) == Some(Kind::Link);
            match found.map(|ino| disk.body(ino)) {
                Some(Body::Link(target)) if link => disk.open_path(target, true).ok(),
                _ => found,
            }
        };
        during.pass(disk);
        let Some(ino) = found else { return tree.could_not_see_closed(dir, name) };
        let changed = tree.reported(dir, name).is_none_or(|reported| tick(disk.ctime(ino)) >= reported);
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

    // Ways.

    /// Forgets what a way depended on. Answers all wds that anything did.
    fn release(&mut self, followed: Followed) -> Vec<i32> {
        let before = self.places.keys().copied().collect();
        self.places.values_mut().chain(self.names.values_mut()).for_each(|all| {
            all.remove(&followed);
        });
        self.places.retain(|_, all| !all.is_empty());
        self.names.retain(|_, all| !all.is_empty());
        before
    }

    fn follow_link(&mut self, tree: &mut Tree, disk: &mut Disk, link: LinkId, during: &mut During<'_>) {
        let Some((dir, name)) = tree.link_place(link).cloned() else { return };
        let ino = match self.dir(tree, disk, dir, during) {
            Ok(ino) => ino,
            Err(Obstacle::Refused(errno)) => return tree.saw_link(link, LinkSight::Refused(errno)),
            Err(_) => return tree.could_not_check(dir, &name),
        };
        during.pass(disk);
        if !disk.is_searchable(ino) {
            return tree.saw_link(link, LinkSight::Refused(libc::EACCES));
        }
        let kind = disk.entry(ino, &text(&name)).map(|it| kind(tree, disk, it.ino));
        if kind != Some(Kind::Link) {
            return tree.saw_entry(dir, &name, kind);
        }
        during.pass(disk);
        let followed = Followed::Link(link);
        let before = self.release(followed);
        let mut held = Vec::new();
        let target = self.follow_to_end(tree, disk, followed, (ino, &text(&name)), &mut held, during);
        match target {
            Ok(Target::Directory(dir)) if tree.enters(link) => self.enter_link(tree, disk, link, dir, during),
            Ok(Target::Directory(_)) => tree.saw_link(link, LinkSight::Directory),
            Ok(Target::File(wd, name, Some(ino))) => {
                let since = tree.link_loss(link).and_then(|loss| self.losses.get(&loss));
                let changed = since.is_some_and(|since| disk.ctime(ino) >= *since);
                tree.saw_link(link, LinkSight::File(wd, name.as_bytes(), changed));
            }
            Err(Obstacle::Refused(errno)) => tree.saw_link(link, LinkSight::Refused(errno)),
            Ok(Target::File(..) | Target::Nothing) | Err(_) => tree.saw_link(link, LinkSight::Nothing),
        }
        held.into_iter().for_each(|ino| disk.release(ino));
        before.into_iter().for_each(|wd| self.unwatch(tree, disk, wd));
    }

    fn enter_link(&mut self, tree: &mut Tree, disk: &mut Disk, link: LinkId, dir: Ino, during: &mut During<'_>) {
        disk.hold(dir);
        during.pass(disk);
        match disk.add_watch(dir, TREE | Mask::MASK_ADD) {
            Ok(wd) => match tree.enter_link(link, wd) {
                Some(node) => {
                    let sight = self.see(tree, disk, node, dir, during);
                    saw(tree, node, sight);
                }
                None => self.unwatch(tree, disk, wd),
            },
            Err(errno) => tree.saw_link(link, LinkSight::Refused(errno)),
        }
        disk.release(dir);
    }

    fn follow_to_end(
        &mut self,
        tree: &mut Tree,
        disk: &mut Disk,
        followed: Followed,
        start: (Ino, &str),
        held: &mut Vec<Ino>,
        during: &mut During<'_>,
    ) -> Result<Target, Obstacle> {
        self.unseen.remove(&followed);
        let mut target = self.follow(disk, followed, start, false, held, during);
        let link = matches!(followed, Followed::Link(_));
        let end = match &target {
            Ok(Target::File(_, _, ino)) => link && ino.is_some(),
            Ok(Target::Directory(_)) | Err(Obstacle::Refused(_)) => true,
            _ => false,
        };
        if !end {
            target = self.follow(disk, followed, start, true, held, during);
        }
        tree.set_unseen(followed, self.unseen.contains(&followed));
        target
    }

    fn resolve(&mut self, tree: &mut Tree, disk: &mut Disk, root: NodeId, during: &mut During<'_>) {
        let before = self.release(Followed::Root(root));
        let path = self.roots.get(&root).cloned().unwrap();
        let mut held = Vec::new();
        let target = self.follow_to_end(tree, disk, Followed::Root(root), (TOP, &path), &mut held, during);
        match target {
            Ok(Target::Directory(dir)) => match self.see(tree, disk, root, dir, during) {
                Ok((wd, listing)) => tree.saw_root(root, RootSight::Directory(wd, listing.as_ref())),
                Err(Obstacle::Refused(errno)) => tree.saw_root(root, RootSight::Refused(errno)),
                Err(_) => tree.saw_root(root, RootSight::Nothing),
            },
            Ok(Target::File(wd, name, ino)) if ino.is_some() || !self.inner.contains(&root) => {
                tree.saw_root(root, RootSight::File(wd, name.as_bytes(), ino.is_some()));
            }
            Ok(Target::File(..) | Target::Nothing) | Err(Obstacle::Nothing | Obstacle::File | Obstacle::Astray) => {
                during.pass(disk);
                match self.link_at(disk, root, &path) {
                    Some(Ok((wd, name))) => tree.saw_root(root, RootSight::File(wd, name.as_bytes(), true)),
                    Some(Err(errno)) => tree.saw_root(root, RootSight::Refused(errno)),
                    None => tree.saw_root(root, RootSight::Nothing),
                }
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

    /// The symbolic link at the path of a root below another.
    fn link_at(&self, disk: &mut Disk, root: NodeId, path: &str) -> Option<Result<(i32, String), i32>> {
        let (dir, name) = path.rsplit_once('/').filter(|_| self.inner.contains(&root))?;
        let dir = match disk.open_path(dir, true) {
            Ok(dir) if !disk.is_dir(dir) => return None,
            Ok(dir) if !disk.is_readable(dir) || !disk.is_searchable(dir) => return Some(Err(libc::EACCES)),
            Ok(dir) => dir,
            Err(libc::ENOENT | libc::ENOTDIR | libc::ELOOP) => return None,
            Err(errno) => return Some(Err(errno)),
        };
        let entry = disk.entry(dir, name)?;
        matches!(disk.body(entry.ino), Body::Link(_))
            .then(|| Ok((disk.add_watch(dir, TREE | Mask::MASK_ADD)?, name.to_owned())))
    }

    fn follow(
        &mut self,
        disk: &mut Disk,
        followed: Followed,
        (start, path): (Ino, &str),
        each: bool,
        held: &mut Vec<Ino>,
        during: &mut During<'_>,
    ) -> Result<Target, Obstacle> {
        let mut names = split(path);
        let mut dir = start;
        let mut links = 0;
        let mut way: Option<(Ino, String)> = None;
        // Somebody else sees when a link in a tree is replaced.
        let mut seen = matches!(followed, Followed::Link(_));
        while let Some(name) = names.pop_front() {
            let last = names.is_empty();
            let seen = std::mem::take(&mut seen);
            if !seen {
                let mut here = self.anchor(disk, followed, dir, None)?;
                during.pass(disk);
                while let Some((parent, name)) = &way {
                    dir = enter(disk, *parent, name, held)?;
                    let again = self.anchor(disk, followed, dir, None)?;
                    if again == here {
                        break;
                    }
                    here = again;
                }
            }
            during.pass(disk);
            let mut found = look_up(disk, dir, &name)?;
            if !seen && (each || last || !found.is_some_and(|ino| disk.is_dir(ino))) {
                self.anchor(disk, followed, dir, Some(&name))?;
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
                    let there = look_up(disk, dir, &name)?;
                    return Ok(Target::File(wd, name, there));
                }
                _ => return Ok(Target::Nothing),
            }
        }
        if disk.is_readable(dir) { Ok(Target::Directory(dir)) } else { Err(Obstacle::Refused(libc::EACCES)) }
    }

    fn anchor(
        &mut self,
        disk: &mut Disk,
        followed: Followed,
        dir: Ino,
        name: Option<&str>,
    ) -> Result<Option<i32>, Obstacle> {
        let mask = if name.is_some() { SELF | NAMES } else { SELF };
        let wd = match disk.add_watch(dir, mask | Mask::MASK_ADD) {
            Ok(wd) => wd,
            Err(libc::EACCES) => {
                self.unseen.insert(followed);
                return Ok(None);
            }
            Err(errno) => return Err(Obstacle::Refused(errno)),
        };
        self.places.entry(wd).or_default().insert(followed);
        if let Some(name) = name {
            self.names.entry((wd, name.to_owned())).or_default().insert(followed);
        }
        Ok(Some(wd))
    }
}

fn saw(tree: &mut Tree, node: NodeId, sight: Result<(i32, Option<Listing>), Obstacle>) {
    match sight {
        Ok((wd, listing)) => tree.saw(node, Sight::Directory(wd, listing.as_ref())),
        Err(Obstacle::Nothing) => tree.saw(node, Sight::Nothing),
        Err(Obstacle::File) => tree.saw(node, Sight::File),
        Err(Obstacle::Astray) => tree.saw(node, Sight::Astray),
        Err(Obstacle::Refused(errno)) => tree.saw(node, Sight::Refused(errno)),
    }
}

fn list_entry(
    tree: &Tree,
    disk: &Disk,
    dir: Ino,
    name: &str,
    isdir: bool,
    changed_since: Option<u64>,
    listing: &mut Listing,
) {
    match (changed_since, disk.entry(dir, name)) {
        _ if isdir => listing.add(name.as_bytes(), Kind::Dir, false),
        (since, Some(entry)) if !disk.is_searchable(dir) => {
            listing.add(name.as_bytes(), kind(tree, disk, entry.ino), false);
            if since.is_some() {
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
        Body::Link(_) if tree.follows_links() => Kind::Link,
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
