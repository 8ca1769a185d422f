//! Where the bodies of events lie: those that were read together, side by side.

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

use rb_sys::VALUE;

/// What an `Inotify::Event` holds: its watch, then the kernel's record as it came, with `len` bytes of name behind.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Body {
    /// The memory this lies in.
    pub(super) chunk: *mut Chunk,
    /// An `Inotify::Watch`, or `nil` where the event was read by descriptor number.
    pub(super) watch: VALUE,
    pub(super) wd: i32,
    pub(super) mask: u32,
    pub(super) cookie: u32,
    pub(super) len: u32,
}

/// One allocation for the bodies of several events that were read together, which follow this head. The last of them
/// that the collector takes away frees it.
#[repr(C)]
pub(super) struct Chunk {
    /// The bodies in use, and `OPEN` while more may be added.
    live: AtomicUsize,
}

/// More than there are bodies in any chunk.
const OPEN: usize = 1 << 30;

/// How large a chunk may be, in bytes: with malloc's own, a page. An event that is kept keeps the others' memory.
const CHUNK: usize = (4 << 10) - 32;

/// The chunk that events of one buffer are being put into.
#[derive(Debug)]
pub(crate) struct Memory {
    chunk: Cell<*mut Chunk>,
    /// Where the next body goes, and where the chunk ends, in bytes from its head.
    next: Cell<usize>,
    end: Cell<usize>,
    bodies: Cell<usize>,
}

impl Default for Memory {
    fn default() -> Self {
        Self { chunk: Cell::new(ptr::null_mut()), next: Cell::new(0), end: Cell::new(0), bodies: Cell::new(0) }
    }
}

// SAFETY: it goes with its buffer, which one Ractor uses at a time; a chunk is counted by an atomic.
unsafe impl Send for Memory {}

impl Memory {
    /// Room for a body of `size` bytes, the first of `count` like it or so. Must run under `protect`.
    pub(super) unsafe fn room(&self, size: usize, count: impl FnOnce() -> usize) -> *mut Body {
        if self.end.get() - self.next.get() < size {
            self.close();
            let length = size_of::<Chunk>() + (size * count()).min(CHUNK).max(size);
            // SAFETY: raises if there is no memory, and then nothing has happened yet.
            let chunk = unsafe { rb_sys::ruby_xmalloc(length as rb_sys::size_t) }.cast::<Chunk>();
            // SAFETY: the memory made just now.
            unsafe { chunk.write(Chunk { live: AtomicUsize::new(OPEN) }) };
            self.chunk.set(chunk);
            self.next.set(size_of::<Chunk>());
            self.end.set(length);
        }
        let chunk = self.chunk.get();
        // SAFETY: inside the chunk, as was seen to above.
        let body = unsafe { chunk.cast::<u8>().add(self.next.get()) }.cast::<Body>();
        // SAFETY: there is room for a body.
        unsafe { (*body).chunk = chunk };
        body
    }

    /// The body is that of an event now.
    pub(super) fn keep(&self, size: usize) {
        self.next.set(self.next.get() + size);
        self.bodies.set(self.bodies.get() + 1);
    }

    /// No more bodies come into this chunk.
    fn close(&self) {
        let chunk = self.chunk.replace(ptr::null_mut());
        self.next.set(0);
        self.end.set(0);
        let bodies = self.bodies.take();
        if !chunk.is_null() {
            // SAFETY: it is there as long as it is open.
            unsafe { release(chunk, OPEN - bodies) };
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.close();
    }
}

/// Takes `count` off the count of a chunk, and frees it if nothing is left.
pub(super) unsafe fn release(chunk: *mut Chunk, count: usize) {
    // SAFETY: whoever is counted keeps the chunk.
    let live = unsafe { &(*chunk).live };
    if live.fetch_sub(count, Ordering::AcqRel) == count {
        // SAFETY: made by `ruby_xmalloc`; nobody is left to use it.
        unsafe { rb_sys::ruby_xfree(chunk.cast()) };
    }
}
