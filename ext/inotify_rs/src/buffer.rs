//! `Inotify::EventBuffer`: one batch of a queue, yielded or collected as `Inotify::Event`s. For `lib/` alone.

use std::cell::{Cell, RefCell};
use std::os::fd::RawFd;

use inotify_core::{EventBuffer, Mask, inotify};
use magnus::gc::Marker;
use magnus::typed_data::Obj;
use magnus::value::{Opaque, ReprValue};
use magnus::{
    DataTypeFunctions, Error, Module, Object, RArray, RClass, RHash, RModule, RString, Ruby, TypedData, Value,
    function, method,
};

use crate::watch::Watch;
use crate::watch_table::WatchTable;
use crate::{errors, ruby};

/// The next event, and its watch.
#[derive(Clone, Copy)]
pub(crate) struct Next {
    /// The bytes of its record, where they lie until the buffer is used again.
    pub(crate) record: *const [u8],
    /// How many bytes are left of the batch, with this record.
    pub(crate) left: usize,
    pub(crate) watch: Option<Obj<Watch>>,
}

pub(crate) struct Buffer {
    /// Borrowed for one step at a time and never across a yield: the block may come back here.
    events: RefCell<EventBuffer>,
    /// Where the events that are made of them live.
    pub(crate) memory: ruby::Memory,
    /// Whether an event told that a watch has ended, or that an event may be missing which did.
    lost_watch: Cell<bool>,
    closed: Cell<bool>,
    source: Source,
    maker: Cell<Option<Maker>>,
}

/// What makes events of a class of their own, each with an object that belongs to its wd.
#[derive(Clone, Copy)]
pub(crate) struct Maker {
    /// Derived from `Inotify::Event`.
    pub(crate) class: Opaque<RClass>,
    /// The objects by wd.
    pub(crate) by_wd: Opaque<RHash>,
    /// For a wd that is not in there.
    pub(crate) other: Opaque<Value>,
}

/// Where events come from.
enum Source {
    /// A descriptor that the program knows by number.
    Number(RawFd),
    /// An instance, whose events have watches.
    Instance(Opaque<Obj<WatchTable>>),
}

ruby::typed_data!(Buffer, c"Inotify::EventBuffer", free_immediately, size, mark);

impl DataTypeFunctions for Buffer {
    fn mark(&self, marker: &Marker) {
        if let Source::Instance(watches) = self.source {
            marker.mark(watches);
        }
        if let Some(maker) = self.maker.get() {
            marker.mark(maker.class);
            marker.mark(maker.by_wd);
            marker.mark(maker.other);
        }
    }
}

impl Buffer {
    fn of_number(fd: RawFd) -> Self {
        Self {
            events: RefCell::default(),
            memory: ruby::Memory::default(),
            lost_watch: Cell::default(),
            closed: Cell::default(),
            source: Source::Number(fd),
            maker: Cell::default(),
        }
    }

    fn of_instance(watches: Obj<WatchTable>) -> Self {
        Self {
            events: RefCell::default(),
            memory: ruby::Memory::default(),
            lost_watch: Cell::default(),
            closed: Cell::default(),
            source: Source::Instance(watches.into()),
            maker: Cell::default(),
        }
    }

    /// From now on events are of a class derived from `Inotify::Event`, not frozen, and their watch is what `by_wd` has.
    fn make(&self, class: RClass, by_wd: RHash, other: Value) {
        self.maker.set(Some(Maker { class: class.into(), by_wd: by_wd.into(), other: other.into() }));
    }

    pub(crate) fn maker(&self) -> Option<Maker> {
        self.maker.get()
    }

    /// Whether the second half of a rename is about to come. Reads on if nothing else is.
    fn is_paired(ruby: &Ruby, rb_self: &Self, cookie: u32) -> Result<bool, Error> {
        Self::fill(ruby, rb_self)?;
        let events = rb_self.events.borrow();
        let mut records = events.pending_records();
        Ok(records.any(|record| record.cookie == cookie && record.mask.contains(Mask::MOVED_TO)))
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

    /// Reads one batch if nothing is pending. Answers whether there is an event to hand out: none once it is closed.
    fn fill(ruby: &Ruby, rb_self: &Self) -> Result<bool, Error> {
        if rb_self.closed.get() {
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

    /// How long it pays to wait before the next read, in seconds; `nil`: not at all.
    fn pause(&self) -> Option<f64> {
        let pause = self.events.borrow_mut().pause();
        (!pause.is_zero()).then_some(pause.as_secs_f64())
    }

    /// Whether a watch may have ended since this was asked last.
    fn has_lost_watch(&self) -> bool {
        self.lost_watch.take()
    }

    fn is_pending(ruby: &Ruby, rb_self: &Self) -> bool {
        rb_self.drop_marks(ruby);
        rb_self.events.borrow().is_pending()
    }

    /// Whether there is an event to hand out or to read.
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

    /// Drops what is left, and makes the descriptor readable if someone is to wake up. It stays open until `release`.
    pub(crate) fn close(&self, ruby: &Ruby, wakes: bool) {
        self.closed.set(true);
        self.clear();
        match self.source {
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
    }

    /// Closes the descriptor.
    pub(crate) fn release(&self, ruby: &Ruby) -> Result<(), Error> {
        match self.source {
            // SAFETY: a number of the program, which asks for that; one that Rust owns is never shown as such.
            #[allow(unsafe_code, reason = "programs pass numbers around")]
            Source::Number(fd) => unsafe { inotify::close(fd) }.map_err(|error| errors::raise(ruby, &error)),
            Source::Instance(watches) => {
                ruby.get_inner(watches).release();
                Ok(())
            }
        }
    }

    /// Drops the marks that come next. Only `fill` and this take from the queue what is not handed out.
    fn drop_marks(&self, ruby: &Ruby) {
        let Some(watches) = self.watches(ruby).filter(|watches| watches.has_marks()) else { return };
        let mut events = self.events.borrow_mut();
        while events.peek_record().is_ok_and(|record| record.is_some_and(|record| watches.is_mark(&record))) {
            events.next_event().ok();
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

    /// Takes what `peek` gave: it has been handed out.
    pub(crate) fn advance(&self, ruby: &Ruby, next: Next) {
        let mut events = self.events.borrow_mut();
        if let Ok(Some(record)) = events.peek_record() {
            if record.mask.intersects(Mask::IGNORED | Mask::Q_OVERFLOW) {
                self.lost_watch.set(true);
            }
            if let Some(watches) = self.watches(ruby) {
                watches.settle(&record);
            }
        }
        events.advance(next.record.len());
    }

    /// Ends a batch. What is left of it then is no event and is dropped.
    fn finish(&self, ruby: &Ruby) -> Result<(), Error> {
        let Err(malformed) = self.events.borrow().peek().map(drop) else { return Ok(()) };
        self.clear();
        Err(errors::malformed(ruby, malformed))
    }
}

/// Leaves the kernel's queue readable if events are left here, for those who wait for it by other means, and free of
/// what was put into it for that if none is.
pub(crate) fn rearm(ruby: &Ruby, buffer: &Buffer) -> Result<(), Error> {
    let Some(watches) = buffer.watches(ruby).filter(|watches| !watches.is_out_of_use()) else { return Ok(()) };
    let pending = if watches.has_marks() { Buffer::fill(ruby, buffer)? } else { Buffer::is_pending(ruby, buffer) };
    if pending {
        let fd = watches.fd(ruby)?;
        if inotify::is_readable(fd).is_ok_and(|readable| !readable) {
            watches.put_mark(fd);
        }
    }
    Ok(())
}

/// Yields the events of one batch, each with its name when `pairs`. Answers how many.
fn deliver(ruby: &Ruby, rb_self: Obj<Buffer>, pairs: bool) -> Result<usize, Error> {
    let count = ruby::yield_events(ruby, rb_self, pairs)?;
    rb_self.finish(ruby)?;
    Ok(count)
}

/// Takes the events of one batch.
pub(crate) fn take(ruby: &Ruby, buffer: Obj<Buffer>) -> Result<RArray, Error> {
    let events = ruby::collect_events(ruby, buffer)?;
    buffer.finish(ruby)?;
    Ok(events)
}

/// Adds events of one batch to an Array, up to one whose mask has any of `bits`, or whose wd is not known. Answers that
/// one, which is in the Array as well; `nil` at the end of the batch.
fn collect(ruby: &Ruby, rb_self: Obj<Buffer>, events: RArray, bits: u32) -> Result<Value, Error> {
    let last = ruby::collect_until(ruby, rb_self, events, bits)?;
    if last.is_nil() {
        rb_self.finish(ruby)?;
    }
    Ok(last)
}

/// Events of records that no kernel has sent.
fn events_of(ruby: &Ruby, rb_self: Obj<Buffer>, records: RString) -> Result<RArray, Error> {
    ruby::events_of(ruby, rb_self, &ruby::string_bytes(records))
}

pub(crate) fn init(ruby: &Ruby, inotify: RModule) -> Result<(), Error> {
    let class = ruby::define_class::<Buffer>(ruby, inotify, "EventBuffer")?;
    class.define_singleton_method("of_number", function!(Buffer::of_number, 1))?;
    class.define_singleton_method("of_instance", function!(Buffer::of_instance, 1))?;
    class.define_method("fill", method!(Buffer::fill, 0))?;
    class.define_method("lost_watch?", method!(Buffer::has_lost_watch, 0))?;
    class.define_method("pause", method!(Buffer::pause, 0))?;
    class.define_method("deliver", method!(deliver, 1))?;
    class.define_method("make", method!(Buffer::make, 3))?;
    class.define_method("collect", method!(collect, 2))?;
    class.define_method("events_of", method!(events_of, 1))?;
    class.define_method("paired?", method!(Buffer::is_paired, 1))?;
    class.define_method("waiting?", method!(Buffer::is_waiting, 0))?;
    class.define_method("rearm", method!(rearm, 0))?;
    Buffer::class(ruby);
    inotify.funcall::<_, _, Value>("private_constant", (ruby.to_symbol("EventBuffer"),)).map(drop)
}
