//! `Inotify::Internal::WatchTable`: the descriptor of an instance, and the watch that an event of it belongs to.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::CString;
use std::os::fd::RawFd;
use std::sync::Arc;

use inotify_core::event::Record;
use inotify_core::tree_marks::{TreeMark, TreeMarks};
use inotify_core::{Mask, fdinfo, inotify};
use magnus::gc::Marker;
use magnus::typed_data::Obj;
use magnus::value::{Opaque, ReprValue};
use magnus::{DataTypeFunctions, Error, Module, Object, RArray, RModule, RString, Ruby, function, method};

use crate::descriptor::{self, Descriptor};
use crate::watch::{Registration, Watch};
use crate::{errors, ruby};

/// A watch in the table.
#[derive(Clone)]
struct Entry {
    registration: Arc<Registration>,
    /// The one added last.
    watch: Opaque<Obj<Watch>>,
}

/// The watches of one instance by wd, from `add` until their `IN_IGNORED` is read.
pub(crate) struct WatchTable {
    descriptor: Arc<Descriptor>,
    /// Borrowed for one step at a time and never while Ruby allocates: marking borrows it too.
    watches: RefCell<BTreeMap<i32, Entry>>,
    /// The wds of marks whose `IN_IGNORED` is not read yet.
    marks: RefCell<Vec<i32>>,
    /// Whether an overflow may have swallowed an `IN_IGNORED`.
    overflowed: Cell<bool>,
    /// A watch of ours while someone waits and there is no other: closing removes it to wake them.
    reserve: Cell<Option<i32>>,
    /// Before the descriptor is: someone may wait for it still.
    closed: Cell<bool>,
}

ruby::typed_data!(WatchTable, c"Inotify::Internal::WatchTable", free_immediately, size, mark);

impl DataTypeFunctions for WatchTable {
    fn mark(&self, marker: &Marker) {
        for entry in self.watches.borrow().values() {
            marker.mark(entry.watch);
        }
    }
}

impl WatchTable {
    /// With a new instance of the kernel's.
    fn open(ruby: &Ruby) -> Result<Self, Error> {
        let descriptor = Descriptor::open().map_err(|error| errors::raise(ruby, &error))?;
        Ok(Self {
            descriptor: Arc::new(descriptor),
            watches: RefCell::default(),
            marks: RefCell::default(),
            overflowed: Cell::new(false),
            reserve: Cell::new(None),
            closed: Cell::new(false),
        })
    }

    /// The descriptor's number, while it is open and of this process.
    pub(crate) fn fd(&self, ruby: &Ruby) -> Result<RawFd, Error> {
        self.descriptor.fd(ruby)
    }

    pub(crate) fn check_process(&self, ruby: &Ruby) -> Result<(), Error> {
        self.descriptor.check_process(ruby)
    }

    fn fileno(ruby: &Ruby, rb_self: &Self) -> Result<RawFd, Error> {
        rb_self.fd(ruby)
    }

    /// Watches `path`, a frozen String. The same inode again gives a new `Watch` on the same registration, and events
    /// read from now on have the new path.
    pub(crate) fn add(ruby: &Ruby, rb_self: &Self, path: RString, mask: u32) -> Result<Obj<Watch>, Error> {
        let bytes = CString::new(ruby::string_bytes(path))
            .map_err(|_| Error::new(ruby.exception_arg_error(), "path contains a NUL byte"))?;
        let asked = Mask::from_bits_retain(mask);
        ruby::stat_first(&bytes, !asked.contains(Mask::DONT_FOLLOW))?;
        if rb_self.closed.get() {
            return Err(errors::closed(ruby, descriptor::NAME));
        }
        let fd = rb_self.fd(ruby)?;
        // It could be the same inode. Who waits takes another, or finds this watch.
        rb_self.unreserve(ruby);
        let wd = inotify::add_watch(fd, &bytes, asked).map_err(|error| errors::raise(ruby, &error))?;
        drop(bytes);
        let registration = rb_self.register(wd, asked);
        let watch = ruby.obj_wrap(Watch::new(Arc::clone(&registration), path));
        watch.freeze();
        rb_self.watches.borrow_mut().insert(wd, Entry { registration, watch: watch.into() });
        Ok(watch)
    }

    fn register(&self, wd: i32, asked: Mask) -> Arc<Registration> {
        if let Some(Entry { registration: known, .. }) = self.watches.borrow().get(&wd) {
            known.ask(asked);
            return Arc::clone(known);
        }
        Registration::new(&self.descriptor, wd, asked)
    }

    /// The watch of `wd`; `None` for an overflow, or a wd that was not added here.
    pub(crate) fn find(&self, wd: i32) -> Option<Opaque<Obj<Watch>>> {
        self.watches.borrow().get(&wd).map(|entry| entry.watch)
    }

    /// Puts a mark into the kernel's queue, which makes it readable. There may be no room for the watch that takes.
    fn put_mark(&self, fd: RawFd) {
        if let Some(wd) = inotify::mark(fd) {
            self.marks.borrow_mut().push(wd);
        }
    }

    pub(crate) fn has_marks(&self) -> bool {
        !self.marks.borrow().is_empty()
    }

    /// Whether `event` is a mark of ours, which is nobody else's business. Forgets the mark.
    pub(crate) fn is_mark(&self, event: &Record<'_>) -> bool {
        let mut marks = self.marks.borrow_mut();
        let Some(position) = marks.iter().position(|wd| *wd == event.wd) else { return false };
        marks.swap_remove(position);
        true
    }

    /// Notes an event that is delivered.
    pub(crate) fn note_event(&self, event: &Record<'_>) {
        if event.mask.contains(Mask::Q_OVERFLOW) {
            self.overflowed.set(true);
        }
        if event.mask.contains(Mask::IGNORED) {
            self.end(event.wd);
        }
    }

    fn end(&self, wd: i32) {
        if let Some(entry) = self.watches.borrow_mut().remove(&wd) {
            entry.registration.end();
        }
    }

    /// After an overflow: ends the watches that the kernel no longer has. For an empty queue: only then is every event
    /// read.
    pub(crate) fn reconcile(&self, ruby: &Ruby) {
        if !self.overflowed.get() {
            return;
        }
        let Ok(fd) = self.fd(ruby) else { return };
        let Ok(kernel) = fdinfo::watches(fd) else { return };
        // What came meanwhile may be an `IN_IGNORED` with the same effect.
        if inotify::is_readable(fd).is_ok_and(|readable| !readable) {
            self.overflowed.set(false);
            self.marks.borrow_mut().clear();
            self.end_all_but(&kernel);
        }
    }

    fn end_all_but(&self, kernel: &[fdinfo::KernelWatch]) {
        let kernel: BTreeSet<i32> = kernel.iter().map(|watch| watch.wd).collect();
        self.watches.borrow_mut().retain(|wd, entry| {
            let there = kernel.contains(wd);
            if !there {
                entry.registration.end();
            }
            there
        });
    }

    fn list(ruby: &Ruby, rb_self: &Self) -> Result<RArray, Error> {
        let entries: Vec<Entry> = rb_self.watches.borrow().values().cloned().collect();
        let list = ruby.ary_new_capa(entries.len());
        for entry in entries.into_iter().filter(|entry| !entry.registration.is_ended()) {
            list.push(ruby.get_inner(entry.watch))?;
        }
        Ok(list)
    }

    /// Whether nothing more is to be done with the descriptor but closing it.
    pub(crate) fn is_out_of_use(&self) -> bool {
        self.closed.get() || self.is_foreign()
    }

    /// Whether this is a forked child's copy.
    fn is_foreign(&self) -> bool {
        self.descriptor.is_foreign()
    }

    /// Ends all watches. The descriptor stays open until `release`.
    pub(crate) fn close(&self) {
        self.closed.set(true);
        for entry in self.watches.take().into_values() {
            entry.registration.end();
        }
    }

    /// Adds a watch that `wake` can remove, if there is none, or `always`. Returns false if there is no room for one.
    pub(crate) fn reserve(&self, ruby: &Ruby, always: bool) -> bool {
        if (always || self.watches.borrow().is_empty()) && self.reserve.get().is_none() {
            self.reserve.set(self.fd(ruby).ok().and_then(inotify::add_unused_watch));
            return self.reserve.get().is_some();
        }
        true
    }

    /// Gives up what `reserve` took. Its `IN_IGNORED` is a mark then.
    pub(crate) fn unreserve(&self, ruby: &Ruby) {
        let Some(wd) = self.reserve.take() else { return };
        if self.fd(ruby).is_ok_and(|fd| inotify::rm_watch(fd, wd).is_ok()) {
            self.marks.borrow_mut().push(wd);
        }
    }

    /// Makes the descriptor readable for who waits for it, where there is a watch to remove or room for one.
    pub(crate) fn wake(&self, ruby: &Ruby) {
        if let Ok(fd) = self.fd(ruby) {
            inotify::wake(fd);
        }
    }

    /// Makes the descriptor readable, but leaves the watches of the program alone. Where there is no room for that,
    /// whoever waits has not `reserve`d anything and waits for a moment only.
    pub(crate) fn wake_waiter(&self, ruby: &Ruby) {
        if self.is_out_of_use() {
            return;
        }
        if self.reserve.get().is_some() {
            self.unreserve(ruby);
        } else if let Ok(fd) = self.fd(ruby) {
            self.put_mark(fd);
        }
    }

    /// Makes the descriptor readable if it is not.
    pub(crate) fn make_readable(&self, ruby: &Ruby) {
        if let Ok(fd) = self.fd(ruby) {
            if inotify::is_readable(fd).is_ok_and(|readable| !readable) {
                self.put_mark(fd);
            }
        }
    }

    /// From now on the queue has [marks](inotify_core::tree_marks). Returns what puts one.
    pub(crate) fn mark_trees(&self, ruby: &Ruby) -> Result<Option<Arc<dyn Fn() + Send + Sync>>, Error> {
        self.fd(ruby)?;
        self.descriptor.mark_trees().map_err(|error| errors::raise(ruby, &error))?;
        Ok(self.descriptor.tree_marks().as_ref().map(TreeMarks::waker))
    }

    /// Takes the mark that an event of this wd is, if it is one.
    pub(crate) fn take_tree_mark(&self, wd: i32) -> Option<TreeMark> {
        self.descriptor.tree_marks().as_ref().and_then(|marks| marks.take(wd))
    }

    /// Events were lost, and such marks with them perhaps.
    pub(crate) fn lose_tree_marks(&self) {
        if let Some(marks) = self.descriptor.tree_marks().as_ref() {
            marks.lose();
        }
    }

    /// Closes the descriptor.
    pub(crate) fn release(&self) {
        self.descriptor.close();
    }
}

impl Drop for WatchTable {
    fn drop(&mut self) {
        self.close();
    }
}

pub(crate) fn init(ruby: &Ruby, internal: RModule) -> Result<(), Error> {
    let class = ruby::define_class::<WatchTable>(ruby, internal, "WatchTable")?;
    class.define_singleton_method("open", function!(WatchTable::open, 0))?;
    class.define_method("fileno", method!(WatchTable::fileno, 0))?;
    class.define_method("add", method!(WatchTable::add, 2))?;
    class.define_method("list", method!(WatchTable::list, 0))?;
    class.define_method("foreign?", method!(WatchTable::is_foreign, 0))
}
