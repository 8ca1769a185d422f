//! A file system in memory that reports what happens in it as inotify does: one watch per inode, events in their order,
//! equal neighbours merged, a queue that overflows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use inotify_core::Mask;
use inotify_core::fdinfo::KernelWatch;
use inotify_core::system::FileType;

use crate::script::Op;

/// An inode's number.
pub(crate) type Ino = usize;

/// A name in a directory.
type Name = (Ino, String);

/// The directory that all paths begin in.
pub(crate) const TOP: Ino = 0;

/// As many symbolic links as are followed.
const LINKS: usize = 40;

/// What an inode is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Dir(BTreeMap<String, Entry>),
    File,
    /// A symbolic link to a path from the top.
    Link(String),
}

/// A name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) ino: Ino,
    /// When the content was changed last through this name.
    pub(crate) changed: u64,
    /// What was in it then.
    pub(crate) version: u64,
    /// Whether something took this place unseen: the kernel made one event of two.
    pub(crate) polled: bool,
    /// Mounted here: it can't be renamed or removed.
    mounted: bool,
    /// As a file system of a type that others change unseen.
    shared: bool,
}

#[derive(Clone, Debug)]
struct Inode {
    body: Body,
    /// When the content was changed last.
    version: u64,
    /// When anything was changed last.
    ctime: u64,
    /// How many names it has.
    names: usize,
    /// How many hold it open.
    held: usize,
    /// A directory that was removed.
    dead: bool,
    readable: bool,
    searchable: bool,
    watch: Option<(i32, Mask)>,
}

/// One queued event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Queued {
    pub(crate) wd: i32,
    pub(crate) mask: Mask,
    pub(crate) cookie: u32,
    pub(crate) name: String,
}

/// A file that is open for writing, and the name it was opened by.
#[derive(Clone, Debug)]
struct Handle {
    ino: Ino,
    place: Option<(Ino, String)>,
    written: bool,
}

/// See the module's description.
#[derive(Debug)]
pub(crate) struct Disk {
    inodes: Vec<Inode>,
    handles: Vec<Handle>,
    /// Files that somebody held open.
    pub(crate) held: BTreeSet<Ino>,
    pub(crate) queue: VecDeque<Queued>,
    /// How many events the queue holds before it overflows.
    pub(crate) capacity: usize,
    /// How many events were queued since the beginning.
    pub(crate) queued: u64,
    /// Counts operations.
    pub(crate) clock: u64,
    /// When the clock that files are stamped by was set, and by how many seconds.
    set: Vec<(u64, i64)>,
    cookie: u32,
    next_wd: i32,
    /// How many watches there may be.
    pub(crate) limit: usize,
    /// How many descriptors there may be.
    pub(crate) descriptors: usize,
    /// How often something was mounted.
    pub(crate) mounted: usize,
    /// Whether a change of its entries sets a directory's time of the last change, too, as file systems do. Without it,
    /// that is the time of its last rename alone.
    pub(crate) stamps_dirs: bool,
    watches: BTreeMap<i32, Ino>,
}

type Errno = i32;

/// What becomes of a symbolic link at the end of a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Followed,
    Kept,
    /// Nor may there be one on the path.
    NoLinks,
}

/// What a path leads to.
struct Found<'a> {
    ino: Ino,
    /// `None`: it is where all paths begin.
    entry: Option<&'a Entry>,
    /// The names that lead there without links.
    real: Vec<String>,
}

impl Disk {
    pub(crate) fn new() -> Self {
        let mut disk = Self {
            inodes: Vec::new(),
            handles: Vec::new(),
            held: BTreeSet::new(),
            queue: VecDeque::new(),
            capacity: usize::MAX,
            queued: 0,
            clock: 1,
            set: Vec::new(),
            cookie: 0,
            next_wd: 1,
            limit: usize::MAX,
            descriptors: usize::MAX,
            stamps_dirs: false,
            mounted: 0,
            watches: BTreeMap::new(),
        };
        disk.create(Body::Dir(BTreeMap::new()));
        disk
    }

    fn create(&mut self, body: Body) -> Ino {
        self.inodes.push(Inode {
            body,
            version: self.clock,
            ctime: self.clock,
            names: 1,
            held: 0,
            dead: false,
            readable: true,
            searchable: true,
            watch: None,
        });
        self.inodes.len() - 1
    }

    // What there is.

    pub(crate) fn entries(&self, dir: Ino) -> Option<&BTreeMap<String, Entry>> {
        match &self.inodes[dir].body {
            Body::Dir(entries) => Some(entries),
            _ => None,
        }
    }

    fn entries_mut(&mut self, dir: Ino) -> Option<&mut BTreeMap<String, Entry>> {
        match &mut self.inodes[dir].body {
            Body::Dir(entries) => Some(entries),
            _ => None,
        }
    }

    pub(crate) fn body(&self, ino: Ino) -> &Body {
        &self.inodes[ino].body
    }

    pub(crate) fn is_dir(&self, ino: Ino) -> bool {
        matches!(self.inodes[ino].body, Body::Dir(_))
    }

    pub(crate) fn entry(&self, dir: Ino, name: &str) -> Option<&Entry> {
        self.entries(dir)?.get(name)
    }

    pub(crate) fn version(&self, ino: Ino) -> u64 {
        self.inodes[ino].version
    }

    pub(crate) fn ctime(&self, ino: Ino) -> u64 {
        self.inodes[ino].ctime
    }

    pub(crate) fn is_readable(&self, ino: Ino) -> bool {
        self.inodes[ino].readable
    }

    /// The directory and the name a path leads to, its last component not followed.
    fn place(&self, path: &str) -> Option<(Ino, String)> {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        Some((self.find(parent)?, name.to_owned()))
    }

    /// The inode at a path, links not followed.
    pub(crate) fn find(&self, path: &str) -> Option<Ino> {
        let mut at = TOP;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            at = self.entry(at, name)?.ino;
        }
        Some(at)
    }

    /// The inode at a path, links followed, whoever may.
    pub(crate) fn follow(&self, path: &str) -> Option<Ino> {
        self.lookup(TOP, path, false, Last::Followed).ok().map(|found| found.ino)
    }

    /// The inode at a path, links on the way followed, but not at its end.
    pub(crate) fn follow_parent(&self, path: &str) -> Option<Ino> {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        Some(self.entry(self.follow(parent)?, name)?.ino)
    }

    /// The inode at a path from a directory on, or from the top, as somebody finds it who is bound by permissions.
    pub(crate) fn resolve(&self, dir: Ino, path: &str, follow: bool) -> Result<Ino, Errno> {
        let last = if follow { Last::Followed } else { Last::Kept };
        self.lookup(dir, path, true, last).map(|found| found.ino)
    }

    /// The same where there is no link on the path.
    pub(crate) fn resolve_beneath(&self, dir: Ino, path: &str) -> Result<Ino, Errno> {
        self.lookup(dir, path, true, Last::NoLinks).map(|found| found.ino)
    }

    /// The path without links that a path leads to.
    pub(crate) fn real_path(&self, path: &str) -> Result<String, Errno> {
        let found = self.lookup(TOP, path, true, Last::Followed)?;
        Ok(format!("/{}", found.real.join("/")))
    }

    /// The entry that a path leads to at last, links followed.
    pub(crate) fn follow_to_entry(&self, path: &str) -> Option<&Entry> {
        self.lookup(TOP, path, false, Last::Followed).ok()?.entry
    }

    fn lookup(&self, dir: Ino, path: &str, bound: bool, last: Last) -> Result<Found<'_>, Errno> {
        let mut names: VecDeque<String> = split(path);
        let from = if path.starts_with('/') { TOP } else { dir };
        let mut found = Found { ino: from, entry: None, real: Vec::new() };
        let mut links = 0;
        if path.is_empty() && bound {
            return Err(libc::ENOENT);
        }
        while let Some(name) = names.pop_front() {
            let entries = self.entries(found.ino).ok_or(libc::ENOTDIR)?;
            if bound && !self.inodes[found.ino].searchable {
                return Err(libc::EACCES);
            }
            if name == "." {
                continue;
            }
            let entry = entries.get(&name).ok_or(libc::ENOENT)?;
            match &self.inodes[entry.ino].body {
                Body::Link(_) if last == Last::NoLinks => return Err(libc::ELOOP),
                Body::Link(target) if !names.is_empty() || last == Last::Followed => {
                    links += 1;
                    if links > LINKS {
                        return Err(libc::ELOOP);
                    }
                    found = Found { ino: TOP, entry: None, real: Vec::new() };
                    for name in split(target).into_iter().rev() {
                        names.push_front(name);
                    }
                }
                _ => {
                    found.ino = entry.ino;
                    found.entry = Some(entry);
                    found.real.push(name);
                }
            }
        }
        Ok(found)
    }

    pub(crate) fn is_dead(&self, ino: Ino) -> bool {
        self.inodes[ino].dead
    }

    pub(crate) fn names(&self, ino: Ino) -> u32 {
        u32::try_from(self.inodes[ino].names).unwrap()
    }

    /// The `S_IFMT` bits of an inode.
    pub(crate) fn format(&self, ino: Ino) -> libc::mode_t {
        match self.body(ino) {
            Body::Dir(_) => libc::S_IFDIR,
            Body::File => libc::S_IFREG,
            Body::Link(_) => libc::S_IFLNK,
        }
    }

    /// The type of an inode in a directory.
    pub(crate) fn entry_type(&self, ino: Ino) -> FileType {
        match self.body(ino) {
            Body::Dir(_) => FileType::Directory,
            Body::File => FileType::RegularFile,
            Body::Link(_) => FileType::Symlink,
        }
    }

    /// What is mounted, as proc(5) has it in `mountinfo`.
    pub(crate) fn mountinfo(&self) -> String {
        let walked = self.walk(TOP, "", true).into_iter().filter(|(_, entry)| entry.mounted);
        let mut mounts: Vec<(usize, String, bool)> =
            walked.enumerate().map(|(at, (path, entry))| (at + 2, path, entry.shared)).collect();
        mounts.insert(0, (1, "/".to_owned(), false));
        let parent = |path: &str| {
            let around = mounts
                .iter()
                .filter(|(_, at, _)| path != at && path.starts_with(&format!("{}/", at.trim_end_matches('/'))));
            around.max_by_key(|(_, at, _)| at.len()).map_or(0, |(id, _, _)| *id)
        };
        let line = |(id, path, shared): &(usize, String, bool)| {
            let kind = if *shared { "fuse" } else { "made" };
            format!("{id} {} 0:1 / {path} rw - {kind} up rw\n", parent(path))
        };
        mounts.iter().map(line).collect()
    }

    /// Every path at and below `ino`, reported under `path`, with its entry where it has one. Links are not entered.
    pub(crate) fn walk(&self, ino: Ino, path: &str, recursive: bool) -> Vec<(String, Entry)> {
        let mut found = Vec::new();
        let mut open = vec![(ino, path.to_owned())];
        while let Some((dir, path)) = open.pop() {
            for (name, entry) in self.entries(dir).into_iter().flatten() {
                let path = format!("{path}/{name}");
                if recursive && self.is_dir(entry.ino) {
                    open.push((entry.ino, path.clone()));
                }
                found.push((path, entry.clone()));
            }
        }
        found
    }

    /// All symbolic links: the path of each, and where it leads.
    pub(crate) fn links(&self) -> Vec<(String, String)> {
        let links = self.walk(TOP, "", true).into_iter().filter_map(|(path, entry)| match self.body(entry.ino) {
            Body::Link(target) => Some((path, target.clone())),
            _ => None,
        });
        links.collect()
    }

    /// Whether `inner` is `outer`, or below it.
    fn is_within(&self, inner: Ino, outer: Ino) -> bool {
        inner == outer || self.walk(outer, "", true).iter().any(|(_, entry)| entry.ino == inner)
    }

    // What is watched.

    pub(crate) fn add_watch(&mut self, ino: Ino, mask: Mask) -> Result<i32, Errno> {
        let inode = &mut self.inodes[ino];
        if !inode.readable {
            return Err(libc::EACCES);
        }
        let asked = mask.difference(Mask::MASK_ADD);
        if let Some((wd, old)) = &mut inode.watch {
            *old = if mask.contains(Mask::MASK_ADD) { *old | asked } else { asked };
            return Ok(*wd);
        }
        if self.watches.len() >= self.limit {
            return Err(libc::ENOSPC);
        }
        let wd = self.next_wd;
        self.next_wd += 1;
        inode.watch = Some((wd, asked));
        self.watches.insert(wd, ino);
        Ok(wd)
    }

    /// Another instance watches, which has another queue.
    pub(crate) fn reopen(&mut self) {
        for ino in std::mem::take(&mut self.watches).into_values() {
            self.inodes[ino].watch = None;
        }
        self.next_wd = 1;
        self.queue.clear();
        self.queued = 0;
    }

    pub(crate) fn remove_watch(&mut self, wd: i32) {
        if let Some(ino) = self.watches.remove(&wd) {
            self.inodes[ino].watch = None;
            self.enqueue(Queued { wd, mask: Mask::IGNORED, cookie: 0, name: String::new() });
        }
    }

    pub(crate) fn kernel_watches(&self) -> Vec<KernelWatch> {
        let mask = |ino: Ino| self.inodes[ino].watch.map_or(Mask::empty(), |(_, mask)| mask);
        let watches = self.watches.iter();
        watches.map(|(wd, ino)| KernelWatch { wd: *wd, mask: mask(*ino) }).collect()
    }

    pub(crate) fn watched(&self, wd: i32) -> Option<Ino> {
        self.watches.get(&wd).copied()
    }

    fn enqueue(&mut self, event: Queued) {
        if self.queue.back().is_some_and(|last| is_equal(last, &event)) {
            // Of the halves of two renames to one place, only the first is reported: so is what was moved there first.
            if event.mask.contains(Mask::MOVED_TO) {
                let dir = self.watches[&event.wd];
                if let Some(entry) = self.entries_mut(dir).and_then(|entries| entries.get_mut(&event.name)) {
                    entry.polled = true;
                }
            }
            return;
        }
        if self.queue.len() < self.capacity {
            self.queued += 1;
            self.queue.push_back(event);
        } else if !self.queue.iter().any(|event| event.mask.contains(Mask::Q_OVERFLOW)) {
            self.queued += 1;
            self.queue.push_back(Queued { wd: -1, mask: Mask::Q_OVERFLOW, cookie: 0, name: String::new() });
        }
    }

    fn notify(&mut self, ino: Ino, name: &str, mask: Mask, cookie: u32) {
        if let Some((wd, wanted)) = self.inodes[ino].watch {
            if mask.intersects(wanted) {
                self.enqueue(Queued { wd, mask, cookie, name: name.to_owned() });
            }
        }
    }

    fn kind_bit(&self, ino: Ino) -> Mask {
        if self.is_dir(ino) { Mask::ISDIR } else { Mask::empty() }
    }

    /// Puts an event into the queue that nothing caused.
    pub(crate) fn forge(&mut self, event: Queued) {
        self.enqueue(event);
    }

    /// Keeps an inode from vanishing.
    pub(crate) fn hold(&mut self, ino: Ino) {
        self.inodes[ino].held += 1;
    }

    pub(crate) fn release(&mut self, ino: Ino) {
        self.inodes[ino].held -= 1;
        self.evict(ino);
    }

    /// What has neither a name nor a holder vanishes, and says so.
    fn evict(&mut self, ino: Ino) {
        let inode = &self.inodes[ino];
        if inode.dead && inode.names == 0 && inode.held == 0 {
            self.notify(ino, "", Mask::DELETE_SELF, 0);
            if let Some((wd, _)) = self.inodes[ino].watch {
                self.remove_watch(wd);
            }
        }
    }

    // What is done. An operation that is not possible does nothing, and says so.

    pub(crate) fn perform(&mut self, op: &Op) -> bool {
        self.clock += 1;
        self.attempt(op).is_some()
    }

    /// Performs an operation before the last events are queued.
    pub(crate) fn perform_between(&mut self, count: usize, op: &Op) {
        let late = self.queue.split_off(self.queue.len().saturating_sub(count));
        self.queued -= late.len() as u64;
        self.perform(op);
        late.into_iter().for_each(|event| self.enqueue(event));
    }

    fn attempt(&mut self, op: &Op) -> Option<()> {
        match op {
            Op::Mkdir(path) => self.make(path, Body::Dir(BTreeMap::new())).map(drop),
            Op::Symlink(target, path) => self.make(path, Body::Link(target.clone())).map(drop),
            Op::Write(path) => self.write(path),
            Op::Append(path) => {
                let handle = self.open(path)?;
                self.scribble(handle);
                self.close(handle);
                Some(())
            }
            Op::Map(path) => {
                let handle = self.open(path)?;
                self.change(handle);
                self.close(handle);
                Some(())
            }
            Op::Reopen(path) => {
                let handle = self.open(path)?;
                self.close(handle);
                Some(())
            }
            Op::Remove(path) => self.remove(path),
            Op::RemoveAll(path) => self.remove_all(path),
            Op::Rename(from, to) => self.rename(from, to),
            Op::Exchange(one, other) => self.exchange(one, other),
            Op::Link(from, to) => self.link(from, to),
            Op::Chmod(path) => self.chmod(path, None),
            Op::Permit(path, readable, searchable) => self.chmod(path, Some((*readable, *searchable))),
            Op::Hold(path) => {
                let ino = self.find(path)?;
                if self.is_dir(ino) {
                    self.hold(ino);
                    self.handles.push(Handle { ino, place: None, written: false });
                    return Some(());
                }
                self.held.insert(ino);
                self.open(path).map(drop)
            }
            Op::Scribble => {
                for handle in 0..self.handles.len() {
                    self.scribble(handle);
                }
                Some(())
            }
            Op::Release => {
                while !self.handles.is_empty() {
                    self.close(0);
                }
                Some(())
            }
            Op::Limit(limit) => {
                self.limit = limit.unwrap_or(usize::MAX);
                Some(())
            }
            Op::Descriptors(limit) => {
                self.descriptors = limit.unwrap_or(usize::MAX);
                Some(())
            }
            Op::Capacity(capacity) => {
                self.capacity = *capacity;
                Some(())
            }
            Op::Clock(seconds) => {
                self.set.push((self.clock, *seconds));
                Some(())
            }
            Op::Mount(from, to) => self.mount(from, to, false),
            Op::Share(from, to) => self.mount(from, to, true),
        }
    }

    /// What the clock that files are stamped by showed, in seconds.
    pub(crate) fn shown(&self, clock: u64) -> i64 {
        let set: i64 = self.set.iter().filter(|(since, _)| *since <= clock).map(|(_, seconds)| seconds).sum();
        i64::try_from(clock).unwrap() + set
    }

    fn insert(&mut self, dir: Ino, name: &str, entry: Entry) {
        let entries = self.entries_mut(dir).unwrap();
        entries.insert(name.to_owned(), entry);
        self.stamp(dir);
    }

    /// The entries of a directory changed.
    fn stamp(&mut self, dir: Ino) {
        self.inodes[dir].version = self.clock;
        if self.stamps_dirs {
            self.inodes[dir].ctime = self.clock;
        }
    }

    fn make(&mut self, path: &str, body: Body) -> Option<(Ino, String)> {
        let (dir, name) = self.place(path)?;
        if self.inodes[dir].dead || self.entries(dir)?.contains_key(&name) {
            return None;
        }
        let ino = self.create(body);
        let changed = self.clock;
        self.insert(dir, &name, Entry { ino, changed, version: changed, polled: false, mounted: false, shared: false });
        let bit = self.kind_bit(ino);
        self.notify(dir, &name, Mask::CREATE | bit, 0);
        Some((dir, name))
    }

    fn write(&mut self, path: &str) -> Option<()> {
        if self.find(path).is_none() {
            self.make(path, Body::File)?;
        }
        let handle = self.open(path)?;
        self.scribble(handle);
        self.close(handle);
        Some(())
    }

    fn open(&mut self, path: &str) -> Option<usize> {
        let (dir, name) = self.place(path)?;
        let ino = self.entry(dir, &name)?.ino;
        if self.inodes[ino].body != Body::File {
            return None;
        }
        self.handles.push(Handle { ino, place: Some((dir, name)), written: false });
        Some(self.handles.len() - 1)
    }

    /// Whether somebody has a file open.
    pub(crate) fn has_writer(&self, ino: Ino) -> bool {
        self.handles.iter().any(|handle| handle.ino == ino)
    }

    fn scribble(&mut self, handle: usize) {
        let ino = self.handles[handle].ino;
        if let Some((dir, name)) = self.change(handle) {
            self.notify(dir, &name, Mask::MODIFY, 0);
            self.notify(ino, "", Mask::MODIFY, 0);
        }
    }

    /// Changes what is in an open file, and queues no event. Returns where it is.
    fn change(&mut self, handle: usize) -> Option<(Ino, String)> {
        let clock = self.clock;
        let Handle { ino, place, written } = &mut self.handles[handle];
        let (ino, place) = (*ino, place.clone());
        if self.inodes[ino].body != Body::File {
            return None;
        }
        *written = true;
        self.inodes[ino].version = clock;
        self.inodes[ino].ctime = clock;
        let (dir, name) = place?;
        if let Some(entry) = self.entries_mut(dir).and_then(|entries| entries.get_mut(&name)) {
            entry.changed = clock;
            entry.version = clock;
        }
        Some((dir, name))
    }

    fn close(&mut self, handle: usize) {
        let Handle { ino, place, .. } = self.handles.remove(handle);
        if self.is_dir(ino) {
            self.release(ino);
        } else if let Some((dir, name)) = place {
            self.notify(dir, &name, Mask::CLOSE_WRITE, 0);
            self.notify(ino, "", Mask::CLOSE_WRITE, 0);
        }
    }

    fn remove(&mut self, path: &str) -> Option<()> {
        let (dir, name) = self.place(path)?;
        let Entry { ino, mounted, .. } = *self.entry(dir, &name)?;
        if mounted || self.entries(ino).is_some_and(|entries| !entries.is_empty()) {
            return None;
        }
        self.unlink(dir, &name);
        Some(())
    }

    /// Takes a name away, with its event.
    fn unlink(&mut self, dir: Ino, name: &str) {
        let Some(Entry { ino, .. }) = self.entries_mut(dir).unwrap().remove(name) else { return };
        self.stamp(dir);
        let reported = Mask::DELETE | self.kind_bit(ino);
        let lingers = self.inodes[ino].held > 0 || self.inodes[ino].names > 1;
        if lingers {
            self.notify(dir, name, reported, 0);
        }
        self.forget(dir, name, ino);
        if !lingers {
            self.notify(dir, name, reported, 0);
        }
    }

    /// An inode lost a name.
    fn forget(&mut self, dir: Ino, name: &str, ino: Ino) {
        for handle in &mut self.handles {
            if handle.place.as_ref().is_some_and(|place| place.0 == dir && place.1 == name) {
                handle.place = None;
            }
        }
        let isdir = self.is_dir(ino);
        let clock = self.clock;
        let inode = &mut self.inodes[ino];
        inode.names -= 1;
        inode.dead = isdir || inode.names == 0;
        inode.ctime = clock;
        let dead = inode.dead;
        if !isdir {
            self.notify(ino, "", Mask::ATTRIB, 0);
        }
        if dead {
            self.evict(ino);
        }
    }

    fn remove_all(&mut self, path: &str) -> Option<()> {
        let ino = self.find(path)?;
        if let Some(entries) = self.entries(ino) {
            let names: Vec<String> = entries.keys().cloned().collect();
            for name in names {
                self.remove_all(&format!("{path}/{name}"))?;
            }
        }
        self.remove(path)
    }

    fn rename(&mut self, from: &str, to: &str) -> Option<()> {
        let (from_dir, from_name) = self.place(from)?;
        let (to_dir, to_name) = self.place(to)?;
        let moved = self.entry(from_dir, &from_name)?.clone();
        let target = self.entries(to_dir)?.get(&to_name).cloned();
        let isdir = self.is_dir(moved.ino);
        if moved.mounted || self.inodes[to_dir].dead || isdir && self.is_within(to_dir, moved.ino) {
            return None;
        }
        if let Some(target) = &target {
            if target.mounted || target.ino == moved.ino || self.is_dir(target.ino) != isdir {
                return None;
            }
            if self.entries(target.ino).is_some_and(|entries| !entries.is_empty()) {
                return None;
            }
        }
        self.entries_mut(from_dir)?.remove(&from_name);
        self.stamp(from_dir);
        let (bit, ino) = (self.kind_bit(moved.ino), moved.ino);
        self.insert(to_dir, &to_name, moved);
        self.cookie += 1;
        let cookie = self.cookie;
        self.notify(from_dir, &from_name, Mask::MOVED_FROM | bit, cookie);
        self.notify(to_dir, &to_name, Mask::MOVED_TO | bit, cookie);
        if let Some(target) = &target {
            self.notify(target.ino, "", Mask::ATTRIB | bit, 0);
        }
        self.notify(ino, "", Mask::MOVE_SELF, 0);
        if let Some(target) = &target {
            self.forget(to_dir, &to_name, target.ino);
        }
        self.moved(&[((from_dir, from_name), (to_dir, to_name))]);
        self.inodes[ino].ctime = self.clock;
        Some(())
    }

    /// Open files follow their names.
    fn moved(&mut self, moves: &[(Name, Name)]) {
        for handle in &mut self.handles {
            if let Some((_, to)) = moves.iter().find(|(from, _)| handle.place.as_ref() == Some(from)) {
                handle.place = Some(to.clone());
            }
        }
    }

    fn exchange(&mut self, one: &str, other: &str) -> Option<()> {
        let (one_dir, one_name) = self.place(one)?;
        let (other_dir, other_name) = self.place(other)?;
        let first = self.entry(one_dir, &one_name)?.clone();
        let second = self.entry(other_dir, &other_name)?.clone();
        let inside = |inner, outer| self.is_dir(outer) && self.is_within(inner, outer);
        if first.mounted || second.mounted || first.ino == second.ino {
            return None;
        }
        if inside(other_dir, first.ino) || inside(one_dir, second.ino) {
            return None;
        }
        let (first_bit, second_bit) = (self.kind_bit(first.ino), self.kind_bit(second.ino));
        let (first_ino, second_ino) = (first.ino, second.ino);
        self.insert(one_dir, &one_name, second);
        self.insert(other_dir, &other_name, first);
        self.cookie += 2;
        let cookie = self.cookie;
        self.notify(one_dir, &one_name, Mask::MOVED_FROM | first_bit, cookie - 1);
        self.notify(other_dir, &other_name, Mask::MOVED_TO | first_bit, cookie - 1);
        self.notify(first_ino, "", Mask::MOVE_SELF, 0);
        self.notify(other_dir, &other_name, Mask::MOVED_FROM | second_bit, cookie);
        self.notify(one_dir, &one_name, Mask::MOVED_TO | second_bit, cookie);
        self.notify(second_ino, "", Mask::MOVE_SELF, 0);
        let (here, there) = ((one_dir, one_name), (other_dir, other_name));
        self.moved(&[(here.clone(), there.clone()), (there, here)]);
        self.inodes[first_ino].ctime = self.clock;
        self.inodes[second_ino].ctime = self.clock;
        Some(())
    }

    fn link(&mut self, from: &str, to: &str) -> Option<()> {
        let ino = self.find(from)?;
        let (dir, name) = self.place(to)?;
        if self.is_dir(ino) || self.inodes[dir].dead || self.entries(dir)?.contains_key(&name) {
            return None;
        }
        self.inodes[ino].names += 1;
        self.inodes[ino].ctime = self.clock;
        let (changed, version) = (self.clock, self.inodes[ino].version);
        self.insert(dir, &name, Entry { ino, changed, version, polled: false, mounted: false, shared: false });
        self.notify(dir, &name, Mask::CREATE, 0);
        Some(())
    }

    fn chmod(&mut self, path: &str, permissions: Option<(bool, bool)>) -> Option<()> {
        let (dir, name) = self.place(path)?;
        let ino = self.entry(dir, &name)?.ino;
        if let Some((readable, searchable)) = permissions {
            if !self.is_dir(ino) {
                return None;
            }
            self.inodes[ino].readable = readable;
            self.inodes[ino].searchable = searchable;
        }
        self.inodes[ino].ctime = self.clock;
        let bit = self.kind_bit(ino);
        self.notify(dir, &name, Mask::ATTRIB | bit, 0);
        self.notify(ino, "", Mask::ATTRIB | bit, 0);
        Some(())
    }

    /// Lets every directory be read.
    pub(crate) fn permit_all(&mut self) {
        for inode in &mut self.inodes {
            inode.readable = true;
            inode.searchable = true;
        }
    }

    /// Whether every directory can be searched.
    pub(crate) fn is_searchable(&self) -> bool {
        self.inodes.iter().all(|inode| inode.searchable)
    }

    /// Makes a directory reachable by a second path, as a bind mount does. Queues no event.
    fn mount(&mut self, from: &str, to: &str, shared: bool) -> Option<()> {
        let ino = self.find(from)?;
        let (dir, name) = self.place(to)?;
        if !self.is_dir(ino) || ino == TOP || self.entries(dir)?.contains_key(&name) || self.is_within(dir, ino) {
            return None;
        }
        self.inodes[ino].names += 1;
        let changed = self.clock;
        self.insert(dir, &name, Entry { ino, changed, version: changed, polled: false, mounted: true, shared });
        self.mounted += 1;
        Some(())
    }
}

/// The kernel merges an event with the last one queued, and does not compare the cookie.
fn is_equal(one: &Queued, other: &Queued) -> bool {
    !one.mask.intersects(Mask::IGNORED | Mask::Q_OVERFLOW)
        && one.mask == other.mask
        && one.wd == other.wd
        && one.name == other.name
}

pub(crate) fn split(path: &str) -> VecDeque<String> {
    path.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
