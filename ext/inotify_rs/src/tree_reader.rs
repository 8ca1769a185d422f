//! `Inotify::Internal::TreeReader`: reads the events of an instance with directory trees, and delivers them as
//! `INotify::Event`s. For `lib/inotify_rs/rb_inotify` alone.
//!
//! What is read stays here until native code yields or returns it. Scans run without the VM lock; an interrupt ends them,
//! and the next read goes on.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::os::fd::AsRawFd;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::Duration;

use inotify_core::dir_trees::{Addition, Dir, DirTrees, Emitted, Options, Target};
use inotify_core::event::Record;
use inotify_core::{Event, Mask};
use magnus::block::Proc;
use magnus::gc::Marker;
use magnus::rb_sys::AsRawValue;
use magnus::typed_data::Obj;
use magnus::value::{Opaque, ReprValue};
use magnus::{
    Class, DataTypeFunctions, Error, Module, Object, RArray, RClass, RFile, RHash, RModule, RObject, RString,
    RTypedData, Ruby, TryConvert, Value, function, method,
};

use crate::change::path_string;
use crate::lease::Lease;
use crate::reader::{self, Reader};
use crate::watch_table::WatchTable;
use crate::{errors, ruby};

/// How long a thread that needs the trees sleeps while another one scans.
const PAUSE: Duration = Duration::from_millis(1);

/// How long a wait is before a watch is reserved to be woken by: while events keep coming that would only cost time.
const SHORT: Duration = Duration::from_millis(100);

/// How long a wait is where no watch is free for that.
const UNWAKEABLE: Duration = Duration::from_secs(1);

pub(crate) struct TreeReader {
    reader: Opaque<Obj<Reader>>,
    watches: Opaque<Obj<WatchTable>>,
    /// Locked with the VM lock for moments; without it for the time of a scan.
    trees: Mutex<DirTrees>,
    pid: u32,
    /// The interval at which what cannot be watched is scanned.
    poll: Duration,
    /// Of events, derived from `Inotify::Event`.
    event_class: Opaque<RClass>,
    /// Of the watcher of a directory in a tree.
    dir_watcher_class: Opaque<RClass>,
    /// The watch of an event that is of no watcher.
    notifier: Opaque<Value>,
    /// Is called with an error, and the path of a directory whose changes are lost.
    report: Opaque<Proc>,
    /// The watchers by wd. Those of directories in trees are made when they are needed.
    by_wd: Opaque<RHash>,
    /// The watchers of trees, by the number of the tree.
    roots: Opaque<RHash>,
    /// The directories that `by_wd` has watchers for, which know it. Borrowed for moments in which Ruby does nothing.
    made: RefCell<HashMap<i32, Arc<Dir>>>,
    /// What was read and is not delivered.
    pending: Opaque<RArray>,
    /// Watchers that others have replaced, while events of them are made.
    replaced: Opaque<RArray>,
    /// Whether the thread that waits, or waits next, returns though nothing has happened.
    woken: Cell<bool>,
}

ruby::typed_data!(TreeReader, c"Inotify::Internal::TreeReader", free_immediately, mark);

impl DataTypeFunctions for TreeReader {
    fn mark(&self, marker: &Marker) {
        marker.mark(self.reader);
        marker.mark(self.watches);
        marker.mark(self.event_class);
        marker.mark(self.dir_watcher_class);
        marker.mark(self.notifier);
        marker.mark(self.report);
        marker.mark(self.by_wd);
        marker.mark(self.roots);
        marker.mark(self.pending);
        marker.mark(self.replaced);
    }
}

impl Drop for TreeReader {
    fn drop(&mut self) {
        // In a forked child, a thread that scanned then is not there: what it left half changed must not be dropped.
        if process::id() != self.pid && matches!(self.trees.try_lock(), Err(TryLockError::WouldBlock)) {
            let trees = self.trees.get_mut().unwrap_or_else(PoisonError::into_inner);
            std::mem::forget(std::mem::replace(trees, DirTrees::new(-1)));
        }
    }
}

impl TreeReader {
    /// Of the instance, whose events are of a class derived from `Inotify::Event`.
    fn new(
        ruby: &Ruby,
        instance: Value,
        event: RClass,
        dir_watcher: RClass,
        notifier: Value,
        poll: f64,
    ) -> Result<Self, Error> {
        let reader: Obj<Reader> = ruby::instance_variable(instance, "@reader")?;
        let watches: Obj<WatchTable> = ruby::instance_variable(instance, "@watches")?;
        let trees = DirTrees::new(watches.fd(ruby)?);
        Ok(Self {
            reader: reader.into(),
            watches: watches.into(),
            trees: Mutex::new(trees),
            pid: process::id(),
            poll: Duration::from_secs_f64(poll),
            event_class: event.into(),
            dir_watcher_class: dir_watcher.into(),
            notifier: notifier.into(),
            report: ruby.block_proc()?.into(),
            by_wd: ruby.hash_new().into(),
            roots: ruby.hash_new().into(),
            made: RefCell::default(),
            pending: ruby.ary_new().into(),
            replaced: ruby.ary_new().into(),
            woken: Cell::default(),
        })
    }

    /// `None`: another thread scans.
    fn try_lock(&self) -> Option<MutexGuard<'_, DirTrees>> {
        match self.trees.try_lock() {
            Ok(trees) => Some(trees),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Waits for a thread that scans.
    fn lock(&self, ruby: &Ruby) -> Result<MutexGuard<'_, DirTrees>, Error> {
        loop {
            if let Some(trees) = self.try_lock() {
                return Ok(trees);
            }
            ruby::sleep(ruby, PAUSE)?;
        }
    }

    /// Scans without the VM lock until that is done, and no longer than until an interrupt raises. Hold the descriptor.
    fn scan(
        &self,
        ruby: &Ruby,
        mut work: impl FnMut(&mut DirTrees, &AtomicBool) -> Result<bool, inotify_core::Error>,
    ) -> Result<(), Error> {
        let mut done = Ok(false);
        while !done.map_err(|error| errors::raise(ruby, &error))? {
            done = Ok(false);
            let interrupted = AtomicBool::new(false);
            ruby::without_vm_lock_until(&interrupted, || {
                while !interrupted.load(Ordering::Relaxed) {
                    if let Some(mut trees) = self.try_lock() {
                        done = work(&mut trees, &interrupted);
                        return;
                    }
                    thread::sleep(PAUSE);
                }
            })?;
        }
        Ok(())
    }

    /// Watches a path. Returns the wd.
    fn add(ruby: &Ruby, rb_self: &Self, watcher: Value, path: RString, mask: u32) -> Result<i32, Error> {
        let mut trees = rb_self.lock(ruby)?;
        let wd = WatchTable::add(ruby, &ruby.get_inner(rb_self.watches), path, mask)?.wd();
        trees.add_single(wd);
        rb_self.set_made(wd, None);
        ruby.get_inner(rb_self.by_wd).aset(wd, watcher)?;
        Ok(wd)
    }

    /// Watches a directory and all below for the requested flags.
    fn add_tree(ruby: &Ruby, rb_self: &Self, watcher: Value, path: RString, requested: u32) -> Result<i32, Error> {
        let watches = ruby.get_inner(rb_self.watches);
        let reader = ruby.get_inner(rb_self.reader);
        let options = Options::new(ruby::string_bytes(path), Mask::from_bits_retain(requested), rb_self.poll);
        Lease::hold(ruby, &*reader, || {
            let mut addition = rb_self.begin_tree(ruby, &watches, path, options)?;
            let added = rb_self.finish_tree(ruby, &mut addition, watcher);
            if added.is_err() {
                // Another thread that scans is waited for: nothing may come in between.
                rb_self.trees.lock().unwrap_or_else(PoisonError::into_inner).cancel(&addition);
                rb_self.make_events(ruby)?;
            }
            added
        })
    }

    /// Watches the root of a tree; where inotify cannot, it is polled.
    fn begin_tree(
        &self,
        ruby: &Ruby,
        watches: &WatchTable,
        path: RString,
        options: Options,
    ) -> Result<Addition, Error> {
        let mut trees = self.lock(ruby)?;
        let remote = trees.remote_root(options.path());
        if remote.is_none() {
            match WatchTable::add(ruby, watches, path, options.first().bits()) {
                Ok(watch) => return Ok(trees.add(watch.wd(), options)),
                Err(error) if !(errors::is_watch_limit(ruby, &error) && trees.can_poll()) => return Err(error),
                Err(_) => {}
            }
        }
        let added = trees.add_polled(options, remote);
        drop(trees);
        added.map_err(|error| errors::raise(ruby, &error))
    }

    /// Scans a tree. Returns the wd of its root.
    fn finish_tree(&self, ruby: &Ruby, addition: &mut Addition, watcher: Value) -> Result<i32, Error> {
        self.scan(ruby, |trees, interrupted| trees.scan_addition(addition, interrupted))?;
        if let Some(wd) = self.lock(ruby)?.root_wd(addition) {
            ruby.get_inner(self.by_wd).aset(wd, watcher)?;
            ruby.get_inner(self.roots).aset(addition.tree, watcher)?;
        }
        self.await_polled(ruby, addition)?;
        self.make_events(ruby)?;
        Ok(addition.wd)
    }

    /// Waits until what is polled in a tree is scanned. Other threads go on: a file system may not reply for ever.
    fn await_polled(&self, ruby: &Ruby, addition: &Addition) -> Result<(), Error> {
        let reader = ruby.get_inner(self.reader);
        loop {
            Reader::check_open(ruby, &reader)?;
            let unready = self.lock(ruby)?.unready(addition);
            let Some(watcher) = unready else { break };
            let io = ruby::io(ruby, watcher.ready().fd().as_raw_fd())?;
            ruby::wait_readable(ruby, io, None)?;
        }
        let checked = self.lock(ruby)?.check_root(addition);
        checked.map_err(|error| errors::raise(ruby, &error))
    }

    /// Removes a directory of a tree, with all below. Returns whether it was one.
    fn remove_dir(ruby: &Ruby, rb_self: &Self, wd: i32) -> Result<bool, Error> {
        Reader::check_open(ruby, &ruby.get_inner(rb_self.reader))?;
        let removed = rb_self.lock(ruby)?.remove(wd);
        rb_self.make_events(ruby)?;
        Ok(removed)
    }

    /// A watch that was added by itself was removed.
    fn forget(ruby: &Ruby, rb_self: &Self, wd: i32) -> Result<(), Error> {
        rb_self.lock(ruby)?.remove_single(wd);
        rb_self.end(ruby, wd)
    }

    fn end(&self, ruby: &Ruby, wd: i32) -> Result<(), Error> {
        self.set_made(wd, None);
        ruby.get_inner(self.by_wd).delete::<_, Value>(wd).map(drop)
    }

    /// The watchers by wd, with one for each directory of a tree.
    fn watchers(ruby: &Ruby, rb_self: &Self) -> Result<RHash, Error> {
        let dirs = rb_self.lock(ruby)?.dirs();
        dirs.iter().try_for_each(|(wd, dir)| rb_self.dir_watcher(ruby, *wd, dir).map(drop))?;
        let all = ruby.hash_new();
        all.update(ruby.get_inner(rb_self.by_wd))?;
        Ok(all)
    }

    /// The watcher of a directory in a tree.
    fn dir_watcher(&self, ruby: &Ruby, wd: i32, dir: &Arc<Dir>) -> Result<Value, Error> {
        let (by_wd, roots) = (ruby.get_inner(self.by_wd), ruby.get_inner(self.roots));
        match by_wd.get(wd) {
            Some(watcher) if dir.has_object() => return Ok(watcher),
            Some(before) => ruby.get_inner(self.replaced).push(before)?,
            None => {}
        }
        let Some(root) = roots.get(dir.tree) else { return Ok(ruby.get_inner(self.notifier)) };
        let watcher = if dir.is_root {
            RObject::try_convert(root)?.ivar_set("@id", wd)?;
            root
        } else {
            // No method of Ruby is called, at whose end an interrupt could strike.
            let watcher = RObject::try_convert(ruby.get_inner(self.dir_watcher_class).obj_alloc()?)?;
            watcher.ivar_set("@root", root)?;
            watcher.ivar_set("@id", wd)?;
            watcher.ivar_set("@path", path_string(ruby, &dir.path))?;
            watcher.ivar_set("@closed", false)?;
            watcher.as_value()
        };
        by_wd.aset(wd, watcher)?;
        self.set_made(wd, Some(dir));
        Ok(watcher)
    }

    /// `by_wd` has a watcher for this directory now. `None`: for none.
    fn set_made(&self, wd: i32, dir: Option<&Arc<Dir>>) {
        let mut made = self.made.borrow_mut();
        let before = match dir {
            Some(dir) => made.insert(wd, Arc::clone(dir)),
            None => made.remove(&wd),
        };
        if let Some(before) = before {
            before.set_object(false);
        }
        if let Some(dir) = dir {
            dir.set_object(true);
        }
    }

    /// Waits until something is to be delivered, or may be. Does what was left to do at once.
    fn fill(ruby: &Ruby, rb_self: &Self) -> Result<(), Error> {
        let reader = ruby.get_inner(rb_self.reader);
        Reader::check_open(ruby, &reader)?;
        let filled = rb_self.fill_pending(ruby, &reader);
        if filled.is_err() && !reader.is_closed() {
            // What is left to do is not in the queue any more.
            ruby.get_inner(rb_self.watches).make_readable(ruby);
        }
        filled
    }

    fn fill_pending(&self, ruby: &Ruby, reader: &Reader) -> Result<(), Error> {
        let pending = ruby.get_inner(self.pending);
        if !pending.is_empty() {
            return Ok(());
        }
        if self.lock(ruby)?.is_idle() {
            if !Reader::fill(ruby, reader)? {
                self.lock(ruby)?.note_empty();
            }
            if !self.wait(ruby, reader)? {
                return Ok(());
            }
        }
        self.collect(ruby, reader)?;
        while pending.is_empty() && Reader::fill(ruby, reader)? {
            self.collect(ruby, reader)?;
        }
        Ok(())
    }

    /// Waits until there is an event. Returns false when there is none: it was closed, or woken.
    fn wait(&self, ruby: &Ruby, reader: &Reader) -> Result<bool, Error> {
        reader.coalesce(ruby, None)?;
        let watches = ruby.get_inner(self.watches);
        let mut is_first = true;
        while !Reader::fill(ruby, reader)? {
            if reader.is_closed() || self.woken.take() {
                return Ok(false);
            }
            let timeout = match std::mem::take(&mut is_first) {
                true => Some(SHORT),
                false if watches.reserve(ruby, true) => None,
                false => Some(UNWAKEABLE),
            };
            reader.reconcile(ruby);
            reader.wait_once(ruby, timeout)?;
        }
        Ok(true)
    }

    /// Makes the thread that waits return, or the one that waits next.
    fn wake(ruby: &Ruby, rb_self: &Self) {
        rb_self.woken.set(true);
        ruby.get_inner(rb_self.watches).wake_waiter(ruby);
    }

    /// Applies what one read gave, and makes events of what is to be delivered.
    fn collect(&self, ruby: &Ruby, reader: &Reader) -> Result<(), Error> {
        let mut record = Vec::new();
        let watches = ruby.get_inner(self.watches);
        let more = || Reader::fill(ruby, reader).is_ok_and(|filled| filled);
        while !reader.is_closed() {
            if self.lock(ruby)?.has_tasks() {
                let work = |trees: &mut DirTrees, interrupted: &_| Ok(trees.work(interrupted));
                Lease::hold(ruby, reader, || self.scan(ruby, work))?;
                continue;
            }
            // Nothing of Ruby runs from here on, so that what was taken is applied.
            let mut trees = self.lock(ruby)?;
            while !trees.has_tasks() && reader.take_record(ruby, &mut record) {
                if Record::split_first(&record).is_ok_and(|it| it.is_some_and(|(record, _)| trees.pass(&record))) {
                    continue;
                }
                let Ok(Some((event, _))) = Event::split_first(&record) else { break };
                if event.mask.contains(Mask::Q_OVERFLOW) {
                    watches.lose_tree_marks();
                }
                let paired =
                    event.mask.contains(Mask::MOVED_FROM.union(Mask::ISDIR)) && reader.is_paired(ruby, event.cookie);
                trees.apply(&event, paired, |wd| watches.take_tree_mark(wd));
            }
            // What there is is reported once more when all events that contradict it are applied.
            let goes_on = trees.has_tasks() || (trees.is_contradicted() && more()) || trees.repeat(|| !more());
            if !goes_on {
                break;
            }
        }
        reader.finish(ruby)?;
        self.make_events(ruby)
    }

    /// Makes events of what is to be delivered.
    fn make_events(&self, ruby: &Ruby) -> Result<(), Error> {
        let emitted = self.lock(ruby)?.take_emitted();
        let records = self.watchers_of(ruby, &emitted)?;
        let pending = ruby.get_inner(self.pending);
        let first = pending.len();
        let memory = &ruby.get_inner(self.reader).memory;
        ruby::make_events(memory, ruby.get_inner(self.event_class), &records, pending)?;
        ruby.get_inner(self.replaced).clear()?;
        // The events of a rename know each other. Those in the map are kept by what is pending.
        let mut moved: HashMap<u32, Vec<Value>> = HashMap::new();
        for (at, (record, _)) in records.iter().enumerate().filter(|(_, (record, _))| record.cookie != 0) {
            moved.entry(record.cookie).or_default().push(pending.entry((first + at) as isize)?);
        }
        for events in moved.values().filter(|events| events.len() > 1) {
            for event in events {
                let others = events.iter().filter(|other| other.as_raw() != event.as_raw());
                let others = ruby.ary_from_iter(others.copied());
                others.freeze();
                RTypedData::from_value(*event).map_or(Ok(()), |event| event.ivar_set("@related", others))?;
            }
        }
        if !emitted.ended().is_empty() {
            self.end_watches(ruby, emitted.ended())?;
        }
        self.report_errors(ruby)
    }

    /// Has the first directory that cannot be watched or read reported, and each place that is polled.
    fn report_errors(&self, ruby: &Ruby) -> Result<(), Error> {
        let (denied, errors) = {
            let mut trees = self.lock(ruby)?;
            (trees.take_denied(), trees.take_errors())
        };
        let report = ruby.get_inner(self.report);
        if let Some((path, errno)) = denied {
            report.call::<_, Value>((errors::errno(ruby, errno)?, path_string(ruby, &path)))?;
        }
        errors
            .iter()
            .try_for_each(|error| report.call::<_, Value>((errors::exception(ruby, &error.error())?,)).map(drop))
    }

    fn end_watches(&self, ruby: &Ruby, wds: &[i32]) -> Result<(), Error> {
        wds.iter().try_for_each(|wd| self.end(ruby, *wd))?;
        // The root of a tree may be another directory now, and a tree may be gone.
        let roots = self.lock(ruby)?.roots();
        let watchers = ruby.get_inner(self.roots);
        let all: RHash = watchers.funcall("dup", ())?;
        watchers.clear()?;
        for (wd, dir) in &roots {
            if let Some(watcher) = all.get(dir.tree) {
                watchers.aset(dir.tree, watcher)?;
                self.dir_watcher(ruby, *wd, dir)?;
            }
        }
        Ok(())
    }

    /// The records, and whose each is.
    fn watchers_of<'a>(&self, ruby: &Ruby, emitted: &'a Emitted) -> Result<Vec<(Record<'a>, Value)>, Error> {
        let by_wd = ruby.get_inner(self.by_wd);
        let notifier = ruby.get_inner(self.notifier);
        let watcher_of = |wd: i32| by_wd.get(wd).unwrap_or(notifier);
        let mut records: Vec<(Record<'a>, Value)> = Vec::new();
        let mut last = notifier;
        for (record, target, is_first) in emitted.iter() {
            match target {
                Target::Watch(wd) if is_first => last = watcher_of(*wd),
                Target::Dir(dir) if is_first => last = self.dir_watcher(ruby, record.wd, dir)?,
                Target::Watch(_) | Target::Dir(_) => {}
                Target::Watches(_) if ruby::instance_variable(notifier, "@raise_on_overflow")? => last = notifier,
                Target::Watches(wds) => {
                    records.extend(wds.iter().map(|wd| (record, watcher_of(*wd))));
                    continue;
                }
            }
            records.push((record, last));
        }
        Ok(records)
    }

    /// Yields what is pending. Leaving the block early loses nothing.
    fn deliver(ruby: &Ruby, rb_self: &Self) -> Result<(), Error> {
        let yielded = ruby::yield_shifted(ruby.get_inner(rb_self.pending));
        rb_self.rearm(ruby);
        yielded
    }

    /// Leaves the queue readable if events are left here, for those who wait for it by other means.
    fn rearm(&self, ruby: &Ruby) {
        if !ruby.get_inner(self.pending).is_empty() {
            ruby.get_inner(self.watches).make_readable(ruby);
        }
    }

    fn to_io(ruby: &Ruby, rb_self: &Self) -> Result<Option<RFile>, Error> {
        let reader = ruby.get_inner(rb_self.reader);
        Reader::check_open(ruby, &reader)?;
        reader::rearm(ruby, &reader)?;
        rb_self.rearm(ruby);
        Ok(Reader::io(ruby, &reader))
    }

    fn by_wd(ruby: &Ruby, rb_self: &Self) -> RHash {
        ruby.get_inner(rb_self.by_wd)
    }

    /// From now on the queue has marks where something is mounted, and what inotify cannot see is polled.
    fn mark_trees(ruby: &Ruby, rb_self: &Self) -> Result<(), Error> {
        if let Some(waker) = ruby.get_inner(rb_self.watches).mark_trees(ruby)? {
            rb_self.lock(ruby)?.set_waker(waker);
        }
        Ok(())
    }

    fn clear(ruby: &Ruby, rb_self: &Self) -> Result<(), Error> {
        if process::id() == rb_self.pid {
            rb_self.lock(ruby)?.close();
        }
        ruby.get_inner(rb_self.pending).clear()?;
        ruby.get_inner(rb_self.by_wd).clear()
    }
}

/// `INotify::Notifier#read_events`, defined natively: nothing comes between taking the events and returning them.
fn read_events(ruby: &Ruby, notifier: Value) -> Result<RArray, Error> {
    // After a fork it makes another reader.
    let reader: Obj<TreeReader> = notifier.funcall("current", ())?;
    TreeReader::fill(ruby, &reader)?;
    let pending = ruby.get_inner(reader.pending);
    let raises: bool = ruby::instance_variable(notifier, "@raise_on_overflow")?;
    let events = ruby.ary_new();
    while !pending.is_empty() {
        if raises && ruby::is_overflow(pending.entry(0)?) {
            if events.is_empty() {
                pending.shift::<Value>()?;
                return Err(errors::overflow(ruby)?.into());
            }
            break;
        }
        events.push(pending.shift::<Value>()?)?;
    }
    Ok(events)
}

fn define_read_events(class: RClass) -> Result<(), Error> {
    class.define_method("read_events", method!(read_events, 0))
}

pub(crate) fn init(ruby: &Ruby, internal: RModule) -> Result<(), Error> {
    let class = ruby::define_class::<TreeReader>(ruby, internal, "TreeReader")?;
    class.define_singleton_method("new", function!(TreeReader::new, 5))?;
    class.define_singleton_method("define_read_events", function!(define_read_events, 1))?;
    class.define_method("add", method!(TreeReader::add, 3))?;
    class.define_method("add_tree", method!(TreeReader::add_tree, 3))?;
    class.define_method("remove_dir", method!(TreeReader::remove_dir, 1))?;
    class.define_method("forget", method!(TreeReader::forget, 1))?;
    class.define_method("watchers", method!(TreeReader::watchers, 0))?;
    class.define_method("by_wd", method!(TreeReader::by_wd, 0))?;
    class.define_method("mark_trees", method!(TreeReader::mark_trees, 0))?;
    class.define_method("fill", method!(TreeReader::fill, 0))?;
    class.define_method("deliver", method!(TreeReader::deliver, 0))?;
    class.define_method("to_io", method!(TreeReader::to_io, 0))?;
    class.define_method("wake", method!(TreeReader::wake, 0))?;
    class.define_method("clear", method!(TreeReader::clear, 0))
}
