//! `Inotify::Watch`, and the table that finds the one an event belongs to.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ffi::CString;
use std::os::fd::RawFd;
use std::process;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use inotify_core::{Event, Mask, fdinfo, inotify};
use magnus::gc::Marker;
use magnus::typed_data::Obj;
use magnus::value::{Opaque, ReprValue};
use magnus::{
    Class, DataTypeFunctions, Error, Module, Object, RArray, RModule, RString, Ruby, TypedData, Value, function, method,
};

use crate::errors;

/// What the watches of one instance share, in whichever Ractor they are.
#[derive(Debug)]
struct Owner {
    fd: RawFd,
    pid: u32,
    /// Held while a watch is removed: the descriptor's number must not change hands meanwhile.
    open: Mutex<bool>,
}

/// One watch of the kernel. Several `Watch`es stand for it when its inode was watched under several paths.
#[derive(Debug)]
struct Registration {
    owner: Arc<Owner>,
    wd: i32,
    mask: AtomicU32,
    ended: AtomicBool,
}

impl Registration {
    /// Answers whether it was this call that removed it.
    fn remove(&self, ruby: &Ruby) -> Result<bool, Error> {
        if process::id() != self.owner.pid {
            return Err(errors::foreign(ruby, self.owner.pid));
        }
        let open = self.owner.open.lock().unwrap_or_else(PoisonError::into_inner);
        if !*open || self.ended.swap(true, Ordering::AcqRel) {
            return Ok(false);
        }
        // The kernel may have dropped it already.
        Ok(inotify::rm_watch(self.owner.fd, self.wd).is_ok())
    }
}

#[derive(TypedData)]
#[magnus(class = "Inotify::Watch", free_immediately, size, mark, frozen_shareable)]
pub(crate) struct Watch {
    registration: Arc<Registration>,
    /// A frozen String, as it was given.
    path: Opaque<RString>,
}

impl DataTypeFunctions for Watch {
    fn mark(&self, marker: &Marker) {
        marker.mark(self.path);
    }
}

impl Watch {
    fn wd(&self) -> i32 {
        self.registration.wd
    }

    fn path(ruby: &Ruby, rb_self: &Self) -> RString {
        ruby.get_inner(rb_self.path)
    }

    fn mask(&self) -> u32 {
        self.registration.mask.load(Ordering::Acquire)
    }

    fn removed(&self) -> bool {
        self.registration.ended.load(Ordering::Acquire)
    }

    fn is_same(&self, other: Obj<Self>) -> bool {
        Arc::ptr_eq(&self.registration, &other.registration)
    }

    /// Equal for the watches of one registration.
    fn hash(&self) -> usize {
        Arc::as_ptr(&self.registration).addr()
    }

    fn remove(ruby: &Ruby, rb_self: &Self) -> Result<bool, Error> {
        rb_self.registration.remove(ruby)
    }
}

/// A watch in the table.
#[derive(Clone)]
struct Entry {
    registration: Arc<Registration>,
    /// The one added last.
    watch: Opaque<Obj<Watch>>,
}

/// The watches of one instance by wd, from `add` until their `IN_IGNORED` is read.
#[derive(TypedData)]
#[magnus(class = "Inotify::WatchTable", free_immediately, size, mark)]
pub(crate) struct WatchTable {
    owner: Arc<Owner>,
    /// Borrowed for one step at a time and never while Ruby allocates: marking borrows it too.
    watches: RefCell<BTreeMap<i32, Entry>>,
    /// The wds of marks whose `IN_IGNORED` is not read yet.
    marks: RefCell<Vec<i32>>,
    /// Whether an overflow may have swallowed an `IN_IGNORED`.
    overflowed: Cell<bool>,
}

impl DataTypeFunctions for WatchTable {
    fn mark(&self, marker: &Marker) {
        for entry in self.watches.borrow().values() {
            marker.mark(entry.watch);
        }
    }
}

impl WatchTable {
    fn new(fd: RawFd) -> Self {
        let owner = Owner { fd, pid: process::id(), open: Mutex::new(true) };
        Self {
            owner: Arc::new(owner),
            watches: RefCell::default(),
            marks: RefCell::default(),
            overflowed: Cell::new(false),
        }
    }

    /// Watches `path`, a frozen String. The same inode again gives a new `Watch` on the same registration, and events
    /// read from now on are told under the new path.
    fn add(ruby: &Ruby, rb_self: &Self, path: RString, mask: u32) -> Result<Obj<Watch>, Error> {
        let asked = Mask::from_bits_retain(mask);
        let wd = {
            let bytes = CString::new(crate::ruby::string_bytes(path))
                .map_err(|_| Error::new(ruby.exception_arg_error(), "path contains a NUL byte"))?;
            inotify::add_watch(rb_self.owner.fd, &bytes, asked).map_err(|error| errors::raise(ruby, &error))?
        };
        let registration = rb_self.register(wd, asked);
        let watch = ruby.obj_wrap(Watch { registration: Arc::clone(&registration), path: path.into() });
        watch.freeze();
        rb_self.watches.borrow_mut().insert(wd, Entry { registration, watch: watch.into() });
        Ok(watch)
    }

    fn register(&self, wd: i32, asked: Mask) -> Arc<Registration> {
        let mask = asked.difference(Mask::MASK_ADD | Mask::MASK_CREATE).bits();
        if let Some(Entry { registration: known, .. }) = self.watches.borrow().get(&wd) {
            if asked.contains(Mask::MASK_ADD) {
                known.mask.fetch_or(mask, Ordering::AcqRel);
            } else {
                known.mask.store(mask, Ordering::Release);
            }
            return Arc::clone(known);
        }
        let owner = Arc::clone(&self.owner);
        Arc::new(Registration { owner, wd, mask: AtomicU32::new(mask), ended: AtomicBool::new(false) })
    }

    /// The watch of `wd`; `None` for an overflow, or a wd that was not added here.
    pub(crate) fn find(&self, wd: i32) -> Option<Opaque<Obj<Watch>>> {
        self.watches.borrow().get(&wd).map(|entry| entry.watch)
    }

    /// Whether `event` is a mark of ours, which is nobody else's business. Forgets the mark.
    pub(crate) fn is_mark(&self, event: &Event<'_>) -> bool {
        let mut marks = self.marks.borrow_mut();
        let Some(position) = marks.iter().position(|wd| *wd == event.wd) else { return false };
        marks.swap_remove(position);
        true
    }

    /// Takes note of an event that is being handed out.
    pub(crate) fn settle(&self, event: &Event<'_>) {
        if event.mask.contains(Mask::Q_OVERFLOW) {
            self.overflowed.set(true);
        }
        if event.mask.contains(Mask::IGNORED) {
            self.end(event.wd);
        }
    }

    fn end(&self, wd: i32) {
        if let Some(entry) = self.watches.borrow_mut().remove(&wd) {
            entry.registration.ended.store(true, Ordering::Release);
        }
    }

    /// After an overflow: ends the watches that the kernel no longer has. For an empty queue: only then has it told all.
    fn reconcile(&self) {
        if !self.overflowed.get() {
            return;
        }
        let fd = self.owner.fd;
        let Ok(kernel) = fdinfo::watches(fd) else { return };
        // What came meanwhile may be an `IN_IGNORED` that is about to tell the same.
        if inotify::is_readable(fd).is_ok_and(|readable| !readable) {
            self.overflowed.set(false);
            self.marks.borrow_mut().clear();
            let known: Vec<i32> = self.watches.borrow().keys().copied().collect();
            for wd in known.into_iter().filter(|wd| !kernel.iter().any(|watch| watch.wd == *wd)) {
                self.end(wd);
            }
        }
    }

    /// Makes the queue readable for those who wait for it with select(2), while events are pending that it gave before.
    fn rearm(&self) {
        if let Some(wd) = inotify::mark(self.owner.fd) {
            self.marks.borrow_mut().push(wd);
        }
    }

    fn list(ruby: &Ruby, rb_self: &Self) -> Result<RArray, Error> {
        let entries: Vec<Entry> = rb_self.watches.borrow().values().cloned().collect();
        let list = ruby.ary_new_capa(entries.len());
        for entry in entries.into_iter().filter(|entry| !entry.registration.ended.load(Ordering::Acquire)) {
            list.push(ruby.get_inner(entry.watch))?;
        }
        Ok(list)
    }

    fn close(&self) {
        *self.owner.open.lock().unwrap_or_else(PoisonError::into_inner) = false;
        for entry in self.watches.take().into_values() {
            entry.registration.ended.store(true, Ordering::Release);
        }
    }
}

pub(crate) fn init(ruby: &Ruby, inotify: RModule) -> Result<(), Error> {
    let class = inotify.define_class("Watch", ruby.class_object())?;
    class.undef_default_alloc_func();
    class.define_method("wd", method!(Watch::wd, 0))?;
    class.define_method("path", method!(Watch::path, 0))?;
    class.define_method("mask", method!(Watch::mask, 0))?;
    class.define_method("removed?", method!(Watch::removed, 0))?;
    class.define_method("remove", method!(Watch::remove, 0))?;
    class.define_method("hash", method!(Watch::hash, 0))?;
    class.define_private_method("same?", method!(Watch::is_same, 1))?;

    let class = inotify.define_class("WatchTable", ruby.class_object())?;
    inotify.funcall::<_, _, Value>("private_constant", (ruby.to_symbol("WatchTable"),))?;
    class.define_singleton_method("new", function!(WatchTable::new, 1))?;
    class.define_method("add", method!(WatchTable::add, 2))?;
    class.define_method("list", method!(WatchTable::list, 0))?;
    class.define_method("rearm", method!(WatchTable::rearm, 0))?;
    class.define_method("reconcile", method!(WatchTable::reconcile, 0))?;
    class.define_method("close", method!(WatchTable::close, 0))
}
