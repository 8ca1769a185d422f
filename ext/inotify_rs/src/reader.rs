//! `Inotify::Internal::Reader`: reads an inotify descriptor, waits for it, and delivers what was read as
//! `Inotify::Event`s; and `Inotify::Instance#read`.
//!
//! Ruby lets interrupts in wherever a method ends. So an event leaves the reader in native code that yields it, or in
//! the one native method that returns it to the program: nothing comes in between.

use std::cell::{Cell, RefCell};
use std::os::fd::RawFd;
use std::sync::LazyLock;
use std::time::Duration;

use inotify_core::event::Record;
use inotify_core::{EventBuffer, Mask, fdinfo, inotify};
use magnus::gc::Marker;
use magnus::typed_data::Obj;
use magnus::value::Opaque;
use magnus::{DataTypeFunctions, Error, Module, Object, RArray, RFile, RModule, Ruby, Value, function, method};

use crate::deadline::{self, Deadline};
use crate::lease::{Lease, Leased};
use crate::watch::Watch;
use crate::watch_table::WatchTable;
use crate::{descriptor, errors, ruby};

/// The longest wait that closing may be unable to end. To wake who waits takes a watch to remove, or room for one; at
/// the limit of watches an instance may have neither.
const UNWAKEABLE: Duration = Duration::from_secs(1);

/// Whether closing an IO ends a wait for another one of the same number. Since Ruby 4.0 it does not, and the kernel's
/// poll does not either: then the end of the descriptor is found within `UNWAKEABLE`.
const CLOSING_ENDS_WAITS: bool = cfg!(not(ruby_gte_4_0));

/// The longest wait. With Ruby's M:N threads, the second thread that waits without a limit for one descriptor is woken
/// at once, again and again. With a limit it waits as others do.
static LONGEST: LazyLock<Option<Duration>> = LazyLock::new(|| {
    std::env::var_os("RUBY_MN_THREADS").is_some_and(|value| value == "1").then(|| Duration::from_secs(86_400))
});

/// The next event, and its watch.
#[derive(Clone, Copy)]
pub(crate) struct Next {
    /// The bytes of its record, where they lie until the buffer is used again.
    pub(crate) record: *const [u8],
    /// How many bytes are left of the batch, with this record.
    pub(crate) left: usize,
    pub(crate) watch: Option<Obj<Watch>>,
}

pub(crate) struct Reader {
    /// Borrowed for one step at a time and never across a yield: the block may come back here.
    events: RefCell<EventBuffer>,
    /// Where the events that are made of them live.
    pub(crate) memory: ruby::Memory,
    /// Whether an event reported the end of a watch, or that events are lost, which may have.
    lost_watch: Cell<bool>,
    source: Source,
    lease: Lease,
    /// What is waited for.
    io: Cell<Option<Opaque<RFile>>>,
    /// Whether the program may wait for it, too.
    io_known: Cell<bool>,
    /// Whether the descriptor is known to have a watch.
    watched: Cell<bool>,
}

/// Where events come from.
enum Source {
    /// A descriptor that the program knows by number.
    Number(RawFd),
    /// An instance, whose events have watches.
    Instance(Opaque<Obj<WatchTable>>),
}

ruby::typed_data!(Reader, c"Inotify::Internal::Reader", free_immediately, size, mark);

impl DataTypeFunctions for Reader {
    fn mark(&self, marker: &Marker) {
        self.lease.mark(marker);
        if let Some(io) = self.io.get() {
            marker.mark(io);
        }
        if let Source::Instance(watches) = self.source {
            marker.mark(watches);
        }
    }
}

impl Leased for Reader {
    fn lease(&self) -> &Lease {
        &self.lease
    }

    fn release(&self, ruby: &Ruby) -> Result<(), Error> {
        match self.source {
            #[allow(unsafe_code, reason = "programs pass numbers around")]
            // SAFETY: a number of the program, which asks for that; one that Rust owns is never shown as such.
            Source::Number(fd) => unsafe { inotify::close(fd) }.map_err(|error| errors::raise(ruby, &error)),
            Source::Instance(watches) => {
                ruby.get_inner(watches).release();
                Ok(())
            }
        }
    }
}

impl Reader {
    fn new(source: Source) -> Self {
        Self {
            events: RefCell::default(),
            memory: ruby::Memory::default(),
            lost_watch: Cell::default(),
            source,
            lease: Lease::default(),
            io: Cell::default(),
            io_known: Cell::default(),
            watched: Cell::default(),
        }
    }

    /// A reader of a descriptor that the program holds as a number.
    fn of_number(ruby: &Ruby, fd: RawFd) -> Result<Obj<Self>, Error> {
        let reader = ruby.obj_wrap(Self::new(Source::Number(fd)));
        reader.io.set(Some(ruby::io(ruby, fd)?.into()));
        Ok(reader)
    }

    fn of_instance(watches: Obj<WatchTable>) -> Self {
        Self::new(Source::Instance(watches.into()))
    }

    /// Sets the IO of an instance, which closes with it.
    fn set_io(&self, io: RFile) {
        self.lease.set_io(io);
        self.io.set(Some(io.into()));
    }

    /// The IO, for the program to wait for.
    pub(crate) fn io(ruby: &Ruby, rb_self: &Self) -> Option<RFile> {
        rb_self.io_known.set(true);
        rb_self.io.get().map(|io| ruby.get_inner(io))
    }

    /// Whether the second half of a rename is about to come. Reads on if nothing else is.
    pub(crate) fn is_paired(&self, ruby: &Ruby, cookie: u32) -> bool {
        // A failure is that of the next read.
        Self::fill(ruby, self).ok();
        let events = self.events.borrow();
        let mut records = events.pending_records();
        records.any(|record| record.cookie == cookie && record.mask.contains(Mask::MOVED_TO))
    }

    fn watches(&self, ruby: &Ruby) -> Option<Obj<WatchTable>> {
        match self.source {
            Source::Number(_) => None,
            Source::Instance(watches) => Some(ruby.get_inner(watches)),
        }
    }

    fn fd(&self, ruby: &Ruby) -> Result<RawFd, Error> {
        match self.source {
            Source::Number(fd) => Ok(fd),
            Source::Instance(watches) => ruby.get_inner(watches).fd(ruby),
        }
    }

    /// Reads one batch if nothing is pending. Returns whether there is an event to deliver: none once it is closed.
    pub(crate) fn fill(ruby: &Ruby, rb_self: &Self) -> Result<bool, Error> {
        if rb_self.lease.is_closed() {
            return Ok(false);
        }
        let fd = rb_self.fd(ruby)?;
        loop {
            if Self::is_pending(ruby, rb_self) {
                return Ok(true);
            }
            // Making an exception calls Ruby, and another thread may come here then.
            let filled = rb_self.events.borrow_mut().fill(fd);
            if !filled.map_err(|error| errors::raise(ruby, &error))? {
                return Ok(false);
            }
        }
    }

    /// Waits until there is an event to deliver. Returns false when the deadline passed first, or it was closed.
    fn wait(ruby: &Ruby, rb_self: &Self, deadline: Deadline) -> Result<bool, Error> {
        if !deadline.has_passed() {
            rb_self.coalesce(ruby, deadline.left())?;
        }
        while !Self::fill(ruby, rb_self)? {
            rb_self.reconcile(ruby);
            if rb_self.lease.is_closed() || deadline.has_passed() {
                return Ok(false);
            }
            rb_self.wait_once(ruby, deadline.left())?;
        }
        Ok(true)
    }

    /// See [`WatchTable::reconcile`].
    pub(crate) fn reconcile(&self, ruby: &Ruby) {
        if let Some(watches) = self.watches(ruby) {
            watches.reconcile(ruby);
        }
    }

    /// Waits until the queue may be readable. For an empty one.
    pub(crate) fn wait_once(&self, ruby: &Ruby, timeout: Option<Duration>) -> Result<(), Error> {
        let waited = self.wait_readable(ruby, timeout);
        if let Some(watches) = self.watches(ruby) {
            watches.unreserve(ruby);
        }
        waited
    }

    /// While events keep coming, lets them coalesce for a millisecond: fewer and larger reads cost less.
    pub(crate) fn coalesce(&self, ruby: &Ruby, left: Option<Duration>) -> Result<(), Error> {
        let pause = self.events.borrow_mut().pause();
        if pause.is_zero() { Ok(()) } else { ruby::sleep(ruby, left.map_or(pause, |left| left.min(pause))) }
    }

    fn wait_readable(&self, ruby: &Ruby, timeout: Option<Duration>) -> Result<(), Error> {
        let Some(io) = self.io.get().map(|io| ruby.get_inner(io)) else { return Ok(()) };
        Lease::hold(ruby, self, || {
            // Before it is known to be open: closing would find nothing to wake by.
            let wakeable = self.is_wakeable(ruby);
            if self.lease.is_closed() {
                return Ok(());
            }
            let longest = if wakeable { *LONGEST } else { Some(UNWAKEABLE) };
            let waited = ruby::wait_readable(ruby, io, timeout.into_iter().chain(longest).min());
            match self.source {
                Source::Number(fd) => Self::check_number(ruby, fd, waited),
                Source::Instance(_) => waited,
            }
        })
    }

    /// A wait ends when an IO of this number is closed, too: one of the program's.
    fn check_number(ruby: &Ruby, fd: RawFd, waited: Result<(), Error>) -> Result<(), Error> {
        match waited {
            Err(error) if errors::is_closed(ruby, &error) => Err(errors::closed_number(ruby, fd)),
            Ok(()) if !CLOSING_ENDS_WAITS => inotify::check(fd).map_err(|_| errors::closed_number(ruby, fd)),
            waited => waited,
        }
    }

    /// Whether closing ends a wait. A number's watches are counted in /proc; from then on its events say when one ends.
    /// A wait with a limit of its own makes each event dearer: the kernel sets a timer and takes it back.
    fn is_wakeable(&self, ruby: &Ruby) -> bool {
        match self.source {
            Source::Instance(watches) => ruby.get_inner(watches).reserve(ruby, false),
            Source::Number(fd) => {
                if self.lost_watch.take() || !self.watched.get() {
                    self.watched.set(fdinfo::any(fd));
                }
                self.watched.get() && CLOSING_ENDS_WAITS
            }
        }
    }

    fn is_pending(ruby: &Ruby, rb_self: &Self) -> bool {
        rb_self.drop_marks(ruby);
        rb_self.events.borrow().is_pending()
    }

    /// Whether there is an event to deliver or to read.
    fn is_waiting(ruby: &Ruby, rb_self: &Self) -> Result<bool, Error> {
        rearm(ruby, rb_self)?;
        if Self::is_pending(ruby, rb_self) {
            return Ok(true);
        }
        inotify::is_readable(rb_self.fd(ruby)?).map_err(|error| errors::raise(ruby, &error))
    }

    fn clear(&self) {
        self.events.borrow_mut().clear();
    }

    /// Closes: drops what is left and wakes who waits; the last of them closes the descriptor.
    fn close(ruby: &Ruby, rb_self: &Self) -> Result<(), Error> {
        if !rb_self.lease.close() {
            return Ok(());
        }
        rb_self.clear();
        // Who waits for a known IO by other means is not counted. Without need nobody is woken: that makes closing a
        // millisecond slower, and a number may be shared with another process, whose queue it would change.
        let wakes = rb_self.io_known.get() || rb_self.lease.is_held(ruby);
        match rb_self.source {
            Source::Number(fd) if wakes => drop(inotify::wake(fd)),
            Source::Number(_) => {}
            Source::Instance(watches) => {
                let watches = ruby.get_inner(watches);
                watches.close();
                if wakes {
                    watches.wake(ruby);
                }
            }
        }
        Lease::release_unused(ruby, rb_self)
    }

    /// An error when it is closed, and in a forked child.
    pub(crate) fn check_open(ruby: &Ruby, rb_self: &Self) -> Result<(), Error> {
        if let Some(watches) = rb_self.watches(ruby) {
            watches.check_process(ruby)?;
        }
        if rb_self.lease.is_closed() { Err(errors::closed(ruby, descriptor::NAME)) } else { Ok(()) }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lease.is_closed()
    }

    /// Whether the descriptor is closed, too.
    fn is_released(&self) -> bool {
        self.lease.is_released()
    }

    /// Drops the marks that come next. Only `fill` and this take from the queue undelivered events.
    fn drop_marks(&self, ruby: &Ruby) {
        let Some(watches) = self.watches(ruby).filter(|watches| watches.has_marks()) else { return };
        let mut events = self.events.borrow_mut();
        while let Ok(Some(record)) = events.peek_record() {
            if !watches.is_mark(&record) {
                break;
            }
            let length = record.bytes.len();
            events.advance(length);
        }
    }

    /// What comes next, left pending; `None` at the end of the batch.
    pub(crate) fn peek(&self, ruby: &Ruby) -> Option<Next> {
        self.drop_marks(ruby);
        let events = self.events.borrow();
        let record = events.peek_record().ok().flatten()?;
        let watch = self.watches(ruby).and_then(|watches| watches.find(record.wd));
        let watch = watch.map(|watch| ruby.get_inner(watch));
        Some(Next { record: record.bytes, left: events.pending_len(), watch })
    }

    /// Takes what `peek` gave: it is delivered.
    pub(crate) fn advance(&self, ruby: &Ruby, next: Next) {
        let mut events = self.events.borrow_mut();
        if let Ok(Some(record)) = events.peek_record() {
            self.note(ruby, &record);
        }
        events.advance(next.record.len());
    }

    /// Takes the bytes of what comes next; false at the end of the batch.
    pub(crate) fn take_record(&self, ruby: &Ruby, bytes: &mut Vec<u8>) -> bool {
        self.drop_marks(ruby);
        let mut events = self.events.borrow_mut();
        let Ok(Some(record)) = events.peek_record() else { return false };
        bytes.clear();
        bytes.extend_from_slice(record.bytes);
        self.note(ruby, &record);
        events.advance(bytes.len());
        true
    }

    /// Notes what an event says of watches.
    fn note(&self, ruby: &Ruby, record: &Record<'_>) {
        if record.mask.intersects(Mask::IGNORED | Mask::Q_OVERFLOW) {
            self.lost_watch.set(true);
        }
        if let Some(watches) = self.watches(ruby) {
            watches.note_event(record);
        }
    }

    /// Ends a batch. What is left of it then is no event and is dropped.
    pub(crate) fn finish(&self, ruby: &Ruby) -> Result<(), Error> {
        let Err(malformed) = self.events.borrow().peek_record().map(drop) else { return Ok(()) };
        self.clear();
        Err(errors::malformed(ruby, malformed))
    }
}

/// Leaves the kernel's queue readable if events are left here, for those who wait for it by other means, and free of
/// what was put into it for that if none is.
pub(crate) fn rearm(ruby: &Ruby, reader: &Reader) -> Result<(), Error> {
    let Some(watches) = reader.watches(ruby).filter(|watches| !watches.is_out_of_use()) else { return Ok(()) };
    let pending = if watches.has_marks() { Reader::fill(ruby, reader)? } else { Reader::is_pending(ruby, reader) };
    if pending {
        watches.make_readable(ruby);
    }
    Ok(())
}

/// Waits for events and yields those of one batch, each with its name when `pairs`. Returns how many; 0 when the
/// deadline passed first, or it was closed.
fn deliver(ruby: &Ruby, rb_self: Obj<Reader>, deadline: Obj<Deadline>, pairs: bool) -> Result<usize, Error> {
    while Reader::wait(ruby, &rb_self, *deadline)? {
        let count = ruby::yield_events(ruby, rb_self, pairs)?;
        rb_self.finish(ruby)?;
        // Another thread may have been faster.
        if count > 0 {
            return Ok(count);
        }
    }
    match rb_self.source {
        Source::Number(fd) if rb_self.lease.is_closed() => Err(errors::closed_number(ruby, fd)),
        _ => Ok(0),
    }
}

/// `Inotify::Instance#read`.
fn read(ruby: &Ruby, rb_self: Value, arguments: &[Value]) -> Result<RArray, Error> {
    let deadline = deadline::of(ruby, arguments)?;
    let reader: Obj<Reader> = ruby::instance_variable(rb_self, "@reader")?;
    let events = take(ruby, reader, deadline);
    // Whatever happened, all that was taken is delivered.
    rearm(ruby, &reader).ok();
    events
}

/// Waits for events and takes those of one batch.
fn take(ruby: &Ruby, reader: Obj<Reader>, deadline: Deadline) -> Result<RArray, Error> {
    Reader::check_open(ruby, &reader)?;
    while Reader::wait(ruby, &reader, deadline)? {
        let events = ruby::collect_events(ruby, reader)?;
        reader.finish(ruby)?;
        // Another thread may have been faster.
        if !events.is_empty() {
            return Ok(events);
        }
    }
    Reader::check_open(ruby, &reader)?;
    Ok(ruby.ary_new())
}

pub(crate) fn init(ruby: &Ruby, inotify: RModule, internal: RModule) -> Result<(), Error> {
    let class = ruby::define_class::<Reader>(ruby, internal, "Reader")?;
    class.define_singleton_method("of_number", function!(Reader::of_number, 1))?;
    class.define_singleton_method("of_instance", function!(Reader::of_instance, 1))?;
    class.define_method("io=", method!(Reader::set_io, 1))?;
    class.define_method("io", method!(Reader::io, 0))?;
    class.define_method("deliver", method!(deliver, 2))?;
    class.define_method("waiting?", method!(Reader::is_waiting, 0))?;
    class.define_method("rearm", method!(rearm, 0))?;
    class.define_method("close", method!(Reader::close, 0))?;
    class.define_method("closed?", method!(Reader::is_closed, 0))?;
    class.define_method("check_open", method!(Reader::check_open, 0))?;
    class.define_method("released?", method!(Reader::is_released, 0))?;
    let instance = inotify.define_class("Instance", ruby.class_object())?;
    instance.define_method("read", method!(read, -1))
}
