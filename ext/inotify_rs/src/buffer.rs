//! `Inotify::EventBuffer`: one batch of a queue, yielded or collected as `Inotify::Event`s. For `lib/` alone.

use std::cell::RefCell;
use std::os::fd::RawFd;

use inotify_core::{Event, EventBuffer, Malformed};
use magnus::typed_data::Obj;
use magnus::value::ReprValue;
use magnus::{Error, Module, Object, RArray, RModule, Ruby, Value, function, method};

use crate::{errors, ruby};

#[derive(Default)]
#[magnus::wrap(class = "Inotify::EventBuffer", free_immediately, size)]
pub(crate) struct Buffer {
    /// Borrowed for one step at a time and never across a yield: the block may come back here.
    events: RefCell<EventBuffer>,
}

impl Buffer {
    fn new() -> Self {
        Self::default()
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

    /// The length of the next event's name in bytes; `None` at the end of the batch.
    pub(crate) fn peek(&self) -> Result<Option<usize>, Malformed> {
        self.events.borrow().peek()
    }

    /// Hands the next event to `use_event`, which must not call back into Ruby.
    pub(crate) fn take_next(&self, use_event: impl FnOnce(&Event<'_>)) {
        if let Ok(Some(event)) = self.events.borrow_mut().next_event() {
            use_event(&event);
        }
    }

    /// Ends a batch. What is left of it then is no event and is dropped.
    fn finish(&self, ruby: &Ruby) -> Result<(), Error> {
        let Err(malformed) = self.peek() else { return Ok(()) };
        self.clear();
        Err(errors::malformed(ruby, malformed))
    }
}

/// Yields the events of one batch, each with its name when `pairs`. Answers how many.
fn deliver(ruby: &Ruby, rb_self: Obj<Buffer>, pairs: bool) -> Result<usize, Error> {
    let count = ruby::yield_events(rb_self, pairs)?;
    rb_self.finish(ruby)?;
    Ok(count)
}

/// Takes the events of one batch.
fn take(ruby: &Ruby, rb_self: Obj<Buffer>) -> Result<RArray, Error> {
    let events = ruby::collect_events(rb_self)?;
    rb_self.finish(ruby)?;
    Ok(events)
}

pub(crate) fn init(ruby: &Ruby, inotify: RModule) -> Result<(), Error> {
    let class = inotify.define_class("EventBuffer", ruby.class_object())?;
    inotify.funcall::<_, _, Value>("private_constant", (ruby.to_symbol("EventBuffer"),))?;
    class.define_singleton_method("new", function!(Buffer::new, 0))?;
    class.define_method("fill", method!(Buffer::fill, 1))?;
    class.define_method("deliver", method!(deliver, 1))?;
    class.define_method("take", method!(take, 0))?;
    class.define_method("pending?", method!(Buffer::is_pending, 0))?;
    class.define_method("clear", method!(Buffer::clear, 0))
}
