//! `Inotify::EventBuffer`: one batch of a queue, yielded or collected as `Inotify::Event`s. For `lib/` alone.

use std::cell::RefCell;
use std::os::fd::RawFd;

use inotify_core::EventBuffer;
use magnus::gc::Marker;
use magnus::typed_data::Obj;
use magnus::value::{Opaque, ReprValue};
use magnus::{DataTypeFunctions, Error, Module, Object, RArray, RModule, Ruby, TypedData, Value, function, method};

use crate::watch::{Watch, WatchTable};
use crate::{errors, ruby};

/// What the next event needs of memory, and its watch.
pub(crate) struct Next {
    pub(crate) record_len: usize,
    pub(crate) watch: Option<Obj<Watch>>,
}

#[derive(TypedData)]
#[magnus(class = "Inotify::EventBuffer", free_immediately, size, mark)]
pub(crate) struct Buffer {
    /// Borrowed for one step at a time and never across a yield: the block may come back here.
    events: RefCell<EventBuffer>,
    /// Where the watches of the events are found.
    watches: Option<Opaque<Obj<WatchTable>>>,
}

impl DataTypeFunctions for Buffer {
    fn mark(&self, marker: &Marker) {
        if let Some(watches) = self.watches {
            marker.mark(watches);
        }
    }
}

impl Buffer {
    fn new(watches: Option<Obj<WatchTable>>) -> Self {
        Self { events: RefCell::default(), watches: watches.map(Opaque::from) }
    }

    fn fill(ruby: &Ruby, rb_self: &Self, fd: RawFd) -> Result<bool, Error> {
        rb_self.events.borrow_mut().fill(fd).map_err(|error| errors::raise(ruby, &error))
    }

    fn is_pending(&self) -> bool {
        self.events.borrow().is_pending()
    }

    fn clear(&self) {
        self.events.borrow_mut().clear();
    }

    /// What comes next, left pending; `None` at the end of the batch. Marks are dropped on the way.
    pub(crate) fn peek(&self, ruby: &Ruby) -> Option<Next> {
        let watches = self.watches.map(|watches| ruby.get_inner(watches));
        let mut events = self.events.borrow_mut();
        loop {
            let event = events.peek().ok().flatten()?;
            if watches.is_some_and(|watches| watches.is_mark(&event)) {
                events.next_event().ok();
                continue;
            }
            let watch = watches.and_then(|watches| watches.find(event.wd));
            return Some(Next { record_len: event.record.len(), watch: watch.map(|watch| ruby.get_inner(watch)) });
        }
    }

    /// Hands the next record to `use_record`, which must not call back into Ruby.
    pub(crate) fn take_next(&self, ruby: &Ruby, use_record: impl FnOnce(&[u8])) {
        if let Ok(Some(event)) = self.events.borrow_mut().next_event() {
            use_record(event.record);
            if let Some(watches) = self.watches {
                ruby.get_inner(watches).settle(&event);
            }
        }
    }

    /// Ends a batch. What is left of it then is no event and is dropped.
    fn finish(&self, ruby: &Ruby) -> Result<(), Error> {
        let Err(malformed) = self.events.borrow().peek().map(drop) else { return Ok(()) };
        self.clear();
        Err(errors::malformed(ruby, malformed))
    }
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

pub(crate) fn init(ruby: &Ruby, inotify: RModule) -> Result<(), Error> {
    let class = inotify.define_class("EventBuffer", ruby.class_object())?;
    inotify.funcall::<_, _, Value>("private_constant", (ruby.to_symbol("EventBuffer"),))?;
    class.define_singleton_method("new", function!(Buffer::new, 1))?;
    class.define_method("fill", method!(Buffer::fill, 1))?;
    class.define_method("deliver", method!(deliver, 1))?;
    class.define_method("pending?", method!(Buffer::is_pending, 0))?;
    class.define_method("clear", method!(Buffer::clear, 0))
}
