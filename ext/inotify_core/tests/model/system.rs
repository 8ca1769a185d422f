//! The disk in memory as the system that an engine reaches, call by call, with whatever happens between two of them.

use std::cell::{Cell, Ref, RefCell, RefMut};
use std::io;
use std::rc::Rc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use inotify_core::fdinfo::KernelWatch;
use inotify_core::moment::Moment;
use inotify_core::stamp::Stamp;
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
    by_path: bool,
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
pub(crate) struct Simulated {
    shared: Rc<Shared>,
    /// Whether a server replies, which knows what is open for reading by its inode, and all else by its path.
    by_path: bool,
}

/// Something open, which does not vanish meanwhile.
#[derive(Debug)]
pub(crate) struct Open {
    shared: Rc<Shared>,
    ino: Ino,
    /// What the server knows it by.
    path: Option<String>,
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
fn stamp(disk: &Disk, clock: u64, coarse: bool) -> i128 {
    let seconds = disk.shown(clock);
    let stamp =
        if coarse { (seconds & !1) * SECOND } else { seconds * SECOND + SECOND / 2 + i64::try_from(clock).unwrap() };
    stamp.into()
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
        let shared = Rc::new(Shared {
            disk: RefCell::new(disk),
            coarse: settings.coarse,
            blind: settings.blind,
            births: settings.births,
            by_path: settings.by_path,
            during: RefCell::default(),
            calls: Cell::default(),
            open: Cell::default(),
            read: Cell::default(),
            mounted: Cell::default(),
            began: Instant::now(),
            passed: Cell::default(),
        });
        Self { shared, by_path: false }
    }

    pub(crate) fn disk(&self) -> Ref<'_, Disk> {
        self.shared.disk.borrow()
    }

    pub(crate) fn disk_mut(&self) -> RefMut<'_, Disk> {
        self.shared.disk.borrow_mut()
    }

    /// Has these happen, each before the call of its number.
    pub(crate) fn begin(&self, ops: &[(usize, Op)]) {
        *self.shared.during.borrow_mut() = ops.to_vec();
        self.shared.calls.set(0);
    }

    /// Has those happen that were to happen later than there were calls.
    pub(crate) fn end(&self) {
        for (_, op) in self.shared.during.take() {
            self.disk_mut().perform(&op);
        }
    }

    /// Has an instance of its own again, as a forked child has.
    pub(crate) fn reopen(&self) {
        self.shared.read.set(0);
        self.disk_mut().reopen();
    }

    /// The one that files are stamped by, and the one that nobody sets.
    fn clocks(&self) -> (i64, i64) {
        let disk = self.disk();
        (moment(disk.shown(disk.clock)), moment(i64::try_from(disk.clock).unwrap()))
    }

    pub(crate) fn advance(&self, time: Duration) {
        self.shared.passed.set(self.shared.passed.get() + time);
    }

    fn call(&self) -> RefMut<'_, Disk> {
        let number = self.shared.calls.get();
        self.shared.calls.set(number + 1);
        let now = {
            let mut during = self.shared.during.borrow_mut();
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

    fn hold(&self, mut disk: RefMut<'_, Disk>, (ino, path): (Ino, String), flags: OFlags) -> io::Result<Open> {
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
        if self.shared.open.get() >= disk.descriptors {
            return Err(failed(libc::EMFILE));
        }
        disk.hold(ino);
        self.shared.open.set(self.shared.open.get() + 1);
        let path = self.by_path.then_some(path);
        Ok(Open { shared: Rc::clone(&self.shared), ino, path, portions: Cell::default() })
    }
}

impl Open {
    /// What is at its path, if a server knows it by that.
    fn ino(&self, disk: &Disk) -> io::Result<Ino> {
        self.path.as_ref().map_or(Ok(self.ino), |path| disk.resolve(TOP, path, false).map_err(failed))
    }

    /// The path of something in it.
    fn path_of(&self, below: &str) -> String {
        format!("{}/{below}", self.path.as_deref().unwrap_or_default())
    }
}

/// Where a path begins.
fn start(disk: &Disk, dir: Option<&Open>) -> io::Result<Ino> {
    dir.map_or(Ok(TOP), |dir| dir.ino(disk))
}

impl Files for Simulated {
    type File = Open;

    fn open(&self, dir: Option<&Open>, path: &[u8], flags: OFlags) -> io::Result<Open> {
        let disk = self.call();
        let follow = !flags.contains(OFlags::NOFOLLOW);
        let ino = disk.resolve(start(&disk, dir)?, &text(path), follow).map_err(failed)?;
        let real = match dir {
            Some(dir) => dir.path_of(&text(path)),
            None => disk.real_path(&text(path)).map_err(failed)?,
        };
        self.hold(disk, (ino, real), flags)
    }

    fn open_beneath(&self, dir: &Open, path: &[u8], flags: OFlags) -> io::Result<Open> {
        let disk = self.call();
        let ino = disk.resolve_beneath(dir.ino(&disk)?, &text(path)).map_err(failed)?;
        self.hold(disk, (ino, dir.path_of(&text(path))), flags)
    }

    /// In two portions.
    fn entries(&self, dir: &Open, mut found: impl FnMut(FileType, &[u8])) -> io::Result<()> {
        while dir.portions.get() < 2 {
            let disk = self.call();
            let portion = dir.portions.replace(dir.portions.get() + 1);
            if disk.is_dead(dir.ino) {
                return Ok(());
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

    fn stat(&self, dir: Option<&Open>, path: &[u8], symlinks: Symlinks) -> io::Result<Stat> {
        let disk = self.call();
        let ino = match dir.filter(|_| path.is_empty()) {
            Some(file) => file.ino(&disk)?,
            None => disk.resolve(start(&disk, dir)?, &text(path), symlinks == Symlinks::Followed).map_err(failed)?,
        };
        Ok(Stat {
            format: disk.format(ino),
            names: disk.names(ino),
            user: 0,
            stamp: Stamp {
                identity: (0, 1, ino as u64),
                modified: stamp(&disk, disk.version(ino), self.shared.coarse),
                changed: stamp(&disk, disk.ctime(ino), self.shared.coarse),
                size: 1,
                // No inode is used twice.
                born: self.shared.births.then_some(0),
            },
        })
    }

    fn is_in_proc(&self, _: &Open) -> io::Result<bool> {
        Ok(false)
    }

    fn read_link(&self, dir: &Open, name: &[u8]) -> io::Result<Vec<u8>> {
        let disk = self.call();
        let ino = disk.resolve(dir.ino(&disk)?, &text(name), false).map_err(failed)?;
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
        let ino = disk.resolve(start(&disk, dir).ok()?, &text(path), symlinks == Symlinks::Followed).ok()?;
        (!self.shared.blind).then(|| disk.has_writer(ino))
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
        self.shared.read.set(self.shared.read.get() + length as u64);
        Ok(length)
    }

    fn position(&self) -> u64 {
        let queued: usize = self.disk().queue.iter().map(|event| record(event).len()).sum();
        self.shared.read.get() + queued as u64
    }

    /// At once.
    fn elsewhere<J: Job>(&self, _: &[u8], mut job: J, done: &Sender<J>) {
        job.run(&Self { by_path: self.shared.by_path, ..self.clone() });
        done.send(job).unwrap();
    }

    fn mountinfo(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.disk().mountinfo().into_bytes())
    }

    fn mounts_changed(&self) -> bool {
        let mounted = self.disk().mounted;
        self.shared.mounted.replace(mounted) != mounted
    }

    fn instant(&self) -> Instant {
        self.shared.began + self.shared.passed.get()
    }
}
