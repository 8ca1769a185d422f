//! The disk in memory as the system that an engine reaches, call by call, with whatever happens between two of them.

use std::cell::{Cell, Ref, RefCell, RefMut};
use std::io;
use std::rc::Rc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use inotify_core::fdinfo::KernelWatch;
use inotify_core::moment::Moment;
use inotify_core::system::{FileType, Files, Job, OFlags, Stat, Symlinks, System};
use inotify_core::tick::Tick;
use inotify_core::{Error, Mask};

use crate::disk::{Body, Disk, Ino, Queued, TOP};
use crate::script::Op;
use crate::world::Settings;

/// In nanoseconds.
const SECOND: i64 = 1_000_000_000;

#[derive(Debug)]
struct Shared {
    coarse: bool,
    blind: bool,
    births: bool,
    disk: RefCell<Disk>,
    /// What happens before the call of a number.
    during: RefCell<Vec<(usize, Op)>>,
    calls: Cell<usize>,
    /// How many descriptors are open.
    open: Cell<usize>,
    /// How many bytes of events were read.
    read: Cell<u64>,
    /// How many mounts there were when that was last asked.
    mounted: Cell<usize>,
    began: Instant,
    passed: Cell<Duration>,
}

/// See the module's description. A clone is the same one.
#[derive(Clone, Debug)]
pub(crate) struct Simulated(Rc<Shared>);

/// Something open, which does not vanish meanwhile.
#[derive(Debug)]
pub(crate) struct Open {
    shared: Rc<Shared>,
    ino: Ino,
    /// How many portions of its entries are read.
    portions: Cell<usize>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.shared.open.set(self.shared.open.get() - 1);
        self.shared.disk.borrow_mut().release(self.ino);
    }
}

fn failed(errno: i32) -> io::Error {
    io::Error::from_raw_os_error(errno)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Files are stamped in the middle of the second that an operation takes, and the clocks are read near its end. No two
/// operations have the same nanosecond, however the clock is set.
fn stamp(disk: &Disk, clock: u64, coarse: bool) -> (i64, i64) {
    let seconds = disk.shown(clock);
    if coarse { (seconds & !1, 0) } else { (seconds, SECOND / 2 + i64::try_from(clock).unwrap()) }
}

fn moment(seconds: i64) -> i64 {
    seconds * SECOND + SECOND / 10 * 9
}

/// As the kernel writes a `struct inotify_event`.
fn record(event: &Queued) -> Vec<u8> {
    let padded = if event.name.is_empty() { 0 } else { (event.name.len() / 16 + 1) * 16 };
    let mut record = event.wd.to_ne_bytes().to_vec();
    record.extend(event.mask.bits().to_ne_bytes());
    record.extend(event.cookie.to_ne_bytes());
    record.extend(u32::try_from(padded).unwrap().to_ne_bytes());
    record.extend(event.name.as_bytes());
    record.resize(16 + padded, 0);
    record
}

impl Simulated {
    pub(crate) fn new(disk: Disk, settings: &Settings) -> Self {
        Self(Rc::new(Shared {
            disk: RefCell::new(disk),
            coarse: settings.coarse,
            blind: settings.blind,
            births: settings.births,
            during: RefCell::default(),
            calls: Cell::default(),
            open: Cell::default(),
            read: Cell::default(),
            mounted: Cell::default(),
            began: Instant::now(),
            passed: Cell::default(),
        }))
    }

    pub(crate) fn disk(&self) -> Ref<'_, Disk> {
        self.0.disk.borrow()
    }

    pub(crate) fn disk_mut(&self) -> RefMut<'_, Disk> {
        self.0.disk.borrow_mut()
    }

    /// Has these happen, each before the call of its number.
    pub(crate) fn begin(&self, ops: &[(usize, Op)]) {
        *self.0.during.borrow_mut() = ops.to_vec();
        self.0.calls.set(0);
    }

    /// Has those happen that were to happen later than there were calls.
    pub(crate) fn end(&self) {
        for (_, op) in self.0.during.take() {
            self.disk_mut().perform(&op);
        }
    }

    /// Has an instance of its own again, as a forked child has.
    pub(crate) fn reopen(&self) {
        self.0.read.set(0);
        self.disk_mut().reopen();
    }

    /// The one that files are stamped by, and the one that nobody sets.
    fn clocks(&self) -> (i64, i64) {
        let disk = self.disk();
        (moment(disk.shown(disk.clock)), moment(i64::try_from(disk.clock).unwrap()))
    }

    pub(crate) fn advance(&self, time: Duration) {
        self.0.passed.set(self.0.passed.get() + time);
    }

    fn call(&self) -> RefMut<'_, Disk> {
        let number = self.0.calls.get();
        self.0.calls.set(number + 1);
        let now = {
            let mut during = self.0.during.borrow_mut();
            let (now, later) = during.drain(..).partition(|(when, _)| *when == number);
            *during = later;
            now
        };
        let now: Vec<(usize, Op)> = now;
        for (_, op) in now {
            self.disk_mut().perform(&op);
        }
        self.disk_mut()
    }

    fn hold(&self, mut disk: RefMut<'_, Disk>, ino: Ino, flags: OFlags) -> io::Result<Open> {
        let passed = flags.contains(OFlags::PATH);
        if flags.contains(OFlags::DIRECTORY) && !disk.is_dir(ino) {
            return Err(failed(libc::ENOTDIR));
        }
        if !passed && matches!(disk.body(ino), Body::Link(_)) {
            return Err(failed(libc::ELOOP));
        }
        if !passed && !disk.is_readable(ino) {
            return Err(failed(libc::EACCES));
        }
        if self.0.open.get() >= disk.descriptors {
            return Err(failed(libc::EMFILE));
        }
        disk.hold(ino);
        self.0.open.set(self.0.open.get() + 1);
        Ok(Open { shared: Rc::clone(&self.0), ino, portions: Cell::default() })
    }
}

/// Where a path begins.
fn start(dir: Option<&Open>) -> Ino {
    dir.map_or(TOP, |dir| dir.ino)
}

impl Files for Simulated {
    type File = Open;

    fn open(&self, dir: Option<&Open>, path: &[u8], flags: OFlags) -> io::Result<Open> {
        let disk = self.call();
        let follow = !flags.contains(OFlags::NOFOLLOW);
        let ino = disk.resolve(start(dir), &text(path), follow).map_err(failed)?;
        self.hold(disk, ino, flags)
    }

    fn open_beneath(&self, dir: &Open, path: &[u8], flags: OFlags) -> io::Result<Open> {
        let disk = self.call();
        let ino = disk.resolve_beneath(dir.ino, &text(path)).map_err(failed)?;
        self.hold(disk, ino, flags)
    }

    /// In two portions.
    fn entries(&self, dir: &Open, mut found: impl FnMut(FileType, &[u8])) -> io::Result<()> {
        while dir.portions.get() < 2 {
            let disk = self.call();
            let portion = dir.portions.replace(dir.portions.get() + 1);
            if disk.is_dead(dir.ino) {
                return Err(failed(libc::ENOENT));
            }
            let entries = disk.entries(dir.ino).ok_or_else(|| failed(libc::ENOTDIR))?.iter();
            let of_portion = |name: &str| name.bytes().map(usize::from).sum::<usize>() % 2 == portion;
            let read: Vec<_> = entries
                .filter(|(name, _)| of_portion(name))
                .map(|(name, entry)| (disk.entry_type(entry.ino), name.clone()))
                .collect();
            // The engine makes other calls meanwhile.
            drop(disk);
            for (entry_type, name) in read {
                found(entry_type, name.as_bytes());
            }
        }
        Ok(())
    }

    fn rewind(&self, dir: &Open) -> io::Result<()> {
        drop(self.call());
        dir.portions.set(0);
        Ok(())
    }

    fn stat(&self, dir: Option<&Open>, path: &[u8], symlinks: Symlinks) -> io::Result<Stat> {
        let disk = self.call();
        let ino = match dir.filter(|_| path.is_empty()) {
            Some(file) => file.ino,
            None => disk.resolve(start(dir), &text(path), symlinks == Symlinks::Followed).map_err(failed)?,
        };
        Ok(Stat {
            format: disk.format(ino),
            names: disk.names(ino),
            identity: (0, 1, ino as u64),
            modified: stamp(&disk, disk.version(ino), self.0.coarse),
            changed: stamp(&disk, disk.ctime(ino), self.0.coarse),
            size: 1,
            // No inode is used twice.
            born: self.0.births.then_some((0, 0)),
            ..Stat::default()
        })
    }

    fn is_in_proc(&self, _: &Open) -> io::Result<bool> {
        Ok(false)
    }

    fn read_link(&self, dir: &Open, name: &[u8]) -> io::Result<Vec<u8>> {
        let disk = self.call();
        let ino = disk.resolve(dir.ino, &text(name), false).map_err(failed)?;
        match disk.body(ino) {
            Body::Link(target) => Ok(format!("/{target}").into_bytes()),
            _ => Err(failed(libc::EINVAL)),
        }
    }

    fn read_file(&self, _: Option<&Open>, _: &[u8], _: Symlinks) -> Option<Vec<u8>> {
        drop(self.call());
        None
    }

    fn has_writer(&self, dir: Option<&Open>, path: &[u8], symlinks: Symlinks) -> Option<bool> {
        let disk = self.call();
        let ino = disk.resolve(start(dir), &text(path), symlinks == Symlinks::Followed).ok()?;
        (!self.0.blind).then(|| disk.has_writer(ino))
    }

    fn real_path(&self, path: &[u8]) -> io::Result<Vec<u8>> {
        self.call().real_path(&text(path)).map(String::into_bytes).map_err(failed)
    }

    fn moment(&self) -> Moment {
        let (real, running) = self.clocks();
        Moment::new(real, running)
    }

    fn tick(&self) -> Tick {
        let (real, running) = self.clocks();
        Tick::new(real, running)
    }
}

impl System for Simulated {
    fn watch(&self, file: &Open, mask: Mask) -> io::Result<i32> {
        self.call().add_watch(file.ino, mask).map_err(failed)
    }

    fn unwatch(&self, wd: i32) {
        self.call().remove_watch(wd);
    }

    fn watches(&self) -> io::Result<Vec<KernelWatch>> {
        Ok(self.disk().kernel_watches())
    }

    fn read(&self, buffer: &mut [u8]) -> Result<usize, Error> {
        let mut disk = self.disk_mut();
        let mut length = 0;
        while let Some(event) = disk.queue.front() {
            let record = record(event);
            let Some(room) = buffer.get_mut(length..length + record.len()) else { break };
            room.copy_from_slice(&record);
            length += record.len();
            disk.queue.pop_front();
        }
        self.0.read.set(self.0.read.get() + length as u64);
        Ok(length)
    }

    fn position(&self) -> u64 {
        let queued: usize = self.disk().queue.iter().map(|event| record(event).len()).sum();
        self.0.read.get() + queued as u64
    }

    /// At once.
    fn elsewhere<J: Job>(&self, _: &[u8], mut job: J, done: &Sender<J>) {
        job.run(self);
        done.send(job).unwrap();
    }

    fn mountinfo(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.disk().mountinfo().into_bytes())
    }

    fn mounts_changed(&self) -> bool {
        let mounted = self.disk().mounted;
        self.0.mounted.replace(mounted) != mounted
    }

    fn instant(&self) -> Instant {
        self.0.began + self.0.passed.get()
    }
}
