//! Descriptors that are waited for. They stay open while somebody waits; after closing, the last who waits closes them.
//!
//! A poll that sleeps in the kernel does not notice that its descriptor closes, and the number could be in use again
//! before it wakes. Counting, looking who is left and closing is native code without a call of Ruby in between: Ruby
//! lets interrupts in wherever a method or block ends, and in an `ensure` as well.

use std::cell::{Cell, RefCell};
use std::process;
use std::time::Duration;

use magnus::gc::Marker;
use magnus::rb_sys::AsRawValue;
use magnus::value::Opaque;
use magnus::{Error, RFile, Ruby, Thread};

use crate::ruby;

/// What owns the descriptors.
pub(crate) trait Leased {
    fn lease(&self) -> &Lease;

    /// Closes the descriptors. Nobody waits for them any more.
    fn release(&self, ruby: &Ruby) -> Result<(), Error>;
}

#[derive(Default)]
pub(crate) struct Lease {
    /// What programs and schedulers wait for; closed with the descriptors, before them.
    io: Cell<Option<Opaque<RFile>>>,
    /// Borrowed for moments in which Ruby does nothing.
    holders: RefCell<Vec<Holder>>,
    /// The number of the last holder.
    last: Cell<u64>,
    closed: Cell<bool>,
    released: Cell<bool>,
}

/// A wait, or what else needs the descriptors open. The fibers of a thread may each have one.
struct Holder {
    number: u64,
    thread: Opaque<Thread>,
    pid: u32,
}

impl Holder {
    /// After a fork, the child has one of the threads that there were, and that is its main thread.
    fn is_alive(&self, ruby: &Ruby) -> bool {
        self.pid == process::id() || ruby.get_inner(self.thread).as_raw() == ruby.thread_main().as_raw()
    }
}

impl Lease {
    pub(crate) fn mark(&self, marker: &Marker) {
        if let Some(io) = self.io.get() {
            marker.mark(io);
        }
        for holder in self.holders.borrow().iter() {
            marker.mark(holder.thread);
        }
    }

    /// Has this IO closed with the descriptors.
    pub(crate) fn set_io(&self, io: RFile) {
        self.io.set(Some(io.into()));
    }

    pub(crate) fn io(&self, ruby: &Ruby) -> Option<RFile> {
        self.io.get().map(|io| ruby.get_inner(io))
    }

    /// Does `work`, however it ends, while the descriptors stay open. Nothing of `work` is on the heap: the fiber may
    /// be dropped in the middle of it.
    pub(crate) fn hold<T>(
        ruby: &Ruby,
        owner: &impl Leased,
        work: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        let lease = owner.lease();
        let number = lease.last.get() + 1;
        lease.last.set(number);
        let thread = ruby.thread_current().into();
        lease.holders.borrow_mut().push(Holder { number, thread, pid: process::id() });
        let done = work();
        lease.holders.borrow_mut().retain(|holder| holder.number != number);
        let released = Self::release_unused(ruby, owner);
        done.and_then(|done| released.map(|()| done))
    }

    /// Waits until `io` is readable or the time is over, unless it is closed already.
    pub(crate) fn wait(ruby: &Ruby, owner: &impl Leased, io: RFile, timeout: Option<Duration>) -> Result<(), Error> {
        Self::hold(
            ruby,
            owner,
            || {
                if owner.lease().is_closed() { Ok(()) } else { ruby::wait_readable(ruby, io, timeout) }
            },
        )
    }

    /// From here on the descriptors are to be closed. Returns whether it was this call that did it; then `wake` those
    /// who wait, and call [`release_unused`](Self::release_unused).
    pub(crate) fn close(&self) -> bool {
        !self.closed.replace(true)
    }

    /// Closes the descriptors, once, if they are to be closed and nobody waits for them.
    pub(crate) fn release_unused(ruby: &Ruby, owner: &impl Leased) -> Result<(), Error> {
        let lease = owner.lease();
        if !lease.closed.get() || lease.is_held(ruby) || lease.released.replace(true) {
            return Ok(());
        }
        let closed = lease.io.take().map_or(Ok(()), |io| ruby::close_io(ruby.get_inner(io)));
        owner.release(ruby)?;
        closed
    }

    pub(crate) fn is_held(&self, ruby: &Ruby) -> bool {
        self.holders.borrow().iter().any(|holder| holder.is_alive(ruby))
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Whether the descriptors are closed, too.
    pub(crate) fn is_released(&self) -> bool {
        self.released.get()
    }
}
