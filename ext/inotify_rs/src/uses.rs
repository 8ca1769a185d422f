//! `Inotify::Uses`: who uses the descriptors of a queue or a watcher right now. Once they are to be closed, the last of
//! these closes them. For `lib/` alone.
//!
//! Ruby lets interrupts in wherever a call or block ends, in an `ensure` as well, which then ends there. So to count in
//! and out, to see who is left and to close is native code, with nothing but the block in between.

use std::cell::{Cell, RefCell};
use std::process;

use magnus::gc::Marker;
use magnus::rb_sys::AsRawValue;
use magnus::typed_data::Obj;
use magnus::value::{Opaque, ReprValue};
use magnus::{
    DataTypeFunctions, Error, Module, Object, RFile, RModule, Ruby, Thread, TypedData, Value, function, method,
};

use crate::buffer::Buffer;
use crate::ruby;
use crate::watcher::WatcherThread;

struct Uses {
    owner: Owner,
    /// What programs and schedulers wait for; closed with the descriptors, before them.
    io: Cell<Option<Opaque<RFile>>>,
    /// Borrowed for moments in which Ruby does nothing.
    uses: RefCell<Vec<Use>>,
    /// The number of the last use.
    last: Cell<u64>,
    closed: Cell<bool>,
    released: Cell<bool>,
}

/// What the descriptors belong to.
enum Owner {
    Queue(Opaque<Obj<Buffer>>),
    Watcher(Opaque<Obj<WatcherThread>>),
}

/// A wait, or what else needs the descriptors open. The fibers of a thread may each have one.
struct Use {
    number: u64,
    thread: Opaque<Thread>,
    pid: u32,
}

impl Use {
    /// Of the threads that there were before a fork, the child has one, which is its main thread.
    fn is_alive(&self, ruby: &Ruby) -> bool {
        self.pid == process::id() || ruby.get_inner(self.thread).as_raw() == ruby.thread_main().as_raw()
    }
}

ruby::typed_data!(Uses, c"Inotify::Uses", free_immediately, mark);

impl DataTypeFunctions for Uses {
    fn mark(&self, marker: &Marker) {
        match self.owner {
            Owner::Queue(buffer) => marker.mark(buffer),
            Owner::Watcher(thread) => marker.mark(thread),
        }
        if let Some(io) = self.io.get() {
            marker.mark(io);
        }
        for entry in self.uses.borrow().iter() {
            marker.mark(entry.thread);
        }
    }
}

impl Uses {
    fn new(owner: Owner) -> Self {
        Self {
            owner,
            io: Cell::default(),
            uses: RefCell::default(),
            last: Cell::default(),
            closed: Cell::default(),
            released: Cell::default(),
        }
    }

    fn of_queue(buffer: Obj<Buffer>) -> Self {
        Self::new(Owner::Queue(buffer.into()))
    }

    fn of_watcher(thread: Obj<WatcherThread>) -> Self {
        Self::new(Owner::Watcher(thread.into()))
    }

    fn set_io(&self, io: RFile) {
        self.io.set(Some(io.into()));
    }

    /// Yields. The descriptors stay open until the block is left, however it is.
    fn during(ruby: &Ruby, rb_self: &Self) -> Result<Value, Error> {
        let number = rb_self.last.get() + 1;
        rb_self.last.set(number);
        let thread = ruby.thread_current().into();
        rb_self.uses.borrow_mut().push(Use { number, thread, pid: process::id() });
        let answer = ruby.yield_values(());
        rb_self.uses.borrow_mut().retain(|entry| entry.number != number);
        let released = rb_self.release(ruby);
        answer.and_then(|answer| released.map(|()| answer))
    }

    /// From here on the descriptors are to be closed. Wakes those who use them, and those who are not counted if `all`.
    /// Answers whether it was this call that did it.
    fn close(ruby: &Ruby, rb_self: &Self, all: bool) -> Result<bool, Error> {
        if rb_self.closed.replace(true) {
            return Ok(false);
        }
        match rb_self.owner {
            Owner::Queue(buffer) => ruby.get_inner(buffer).close(ruby, all || rb_self.is_used(ruby)),
            Owner::Watcher(thread) => ruby.get_inner(thread).close(),
        }
        rb_self.release(ruby)?;
        Ok(true)
    }

    /// Closes the descriptors, once, if they are to be closed and nobody uses them.
    fn release(&self, ruby: &Ruby) -> Result<(), Error> {
        if !self.closed.get() || self.is_used(ruby) || self.released.replace(true) {
            return Ok(());
        }
        let closed = self.io.take().map_or(Ok(()), |io| ruby::close_io(ruby.get_inner(io)));
        match self.owner {
            Owner::Queue(buffer) => ruby.get_inner(buffer).release(ruby)?,
            Owner::Watcher(thread) => ruby.get_inner(thread).release(),
        }
        closed
    }

    fn is_used(&self, ruby: &Ruby) -> bool {
        self.uses.borrow().iter().any(|entry| entry.is_alive(ruby))
    }

    fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Whether the descriptors are closed, too.
    fn is_released(&self) -> bool {
        self.released.get()
    }
}

pub(crate) fn init(ruby: &Ruby, inotify: RModule) -> Result<(), Error> {
    let class = ruby::define_class::<Uses>(ruby, inotify, "Uses")?;
    class.define_singleton_method("of_queue", function!(Uses::of_queue, 1))?;
    class.define_singleton_method("of_watcher", function!(Uses::of_watcher, 1))?;
    class.define_method("io=", method!(Uses::set_io, 1))?;
    class.define_method("during", method!(Uses::during, 0))?;
    class.define_method("close", method!(Uses::close, 1))?;
    class.define_method("closed?", method!(Uses::is_closed, 0))?;
    class.define_method("released?", method!(Uses::is_released, 0))?;
    Uses::class(ruby);
    inotify.funcall::<_, _, Value>("private_constant", (ruby.to_symbol("Uses"),)).map(drop)
}
