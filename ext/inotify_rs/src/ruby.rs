//! Ruby's C API where magnus has no call for it or a dearer one. All `unsafe` code of this crate is here.
//!
//! Ruby leaves C functions by longjmp(3), over Rust's frames. So what may raise runs under `protect`, and between such
//! calls the stack holds only `Copy` values: nothing there needs dropping.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{CStr, c_int, c_long, c_void};
use std::mem::{offset_of, transmute};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{ptr, slice};

use magnus::rb_sys::{AsRawValue, FromRawValue, protect};
use magnus::typed_data::Obj;
use magnus::{Error, RArray, RClass, RString, Ruby, TryConvert, Value};
use rb_sys::{Qnil, VALUE};

use crate::buffer::Buffer;

const NIL: VALUE = Qnil as VALUE;

/// Says that every method of this extension may run in any Ractor. It holds because what two of them can reach is
/// immutable (events) or locked and atomic (watches); buffers and tables are not shareable, and the core keeps no state
/// of its own.
pub(crate) fn declare_ractor_safe() {
    // SAFETY: called from the extension's init function, as Ruby asks.
    unsafe { rb_sys::rb_ext_ractor_safe(true) };
}

/// `rb_io_wait` for readability.
pub(crate) fn wait_readable(io: Value, timeout: Value) -> Result<(), Error> {
    const READABLE: isize = rb_sys::RB_WAITFD_IN as isize;
    // SAFETY: both are live values on this stack; what it raises, `protect` catches.
    protect(|| unsafe { rb_sys::rb_io_wait(io.as_raw(), fixnum(READABLE), timeout.as_raw()) })?;
    Ok(())
}

fn fixnum(number: isize) -> VALUE {
    // SAFETY: makes an Integer of a number; it cannot raise for one this small.
    unsafe { rb_sys::rb_int2inum(number) }
}

fn unsigned(number: u32) -> VALUE {
    // SAFETY: makes an Integer of a number.
    unsafe { rb_sys::rb_uint2inum(number as usize) }
}

/// What an `Inotify::Event` holds: its watch, then the kernel's record as it came, with `len` bytes of name behind.
#[derive(Clone, Copy)]
#[repr(C)]
struct Body {
    /// The memory this lies in.
    chunk: *mut Chunk,
    /// An `Inotify::Watch`, or `nil` where the event was read by descriptor number.
    watch: VALUE,
    wd: i32,
    mask: u32,
    cookie: u32,
    len: u32,
}

/// One allocation for the bodies of several events that were read together, which follow this head. The last of them
/// that the collector takes away frees it.
#[repr(C)]
struct Chunk {
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
    unsafe fn room(&self, size: usize, count: impl FnOnce() -> usize) -> *mut Body {
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
    fn keep(&self, size: usize) {
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
unsafe fn release(chunk: *mut Chunk, count: usize) {
    // SAFETY: whoever is counted keeps the chunk.
    let live = unsafe { &(*chunk).live };
    if live.fetch_sub(count, Ordering::AcqRel) == count {
        // SAFETY: made by `ruby_xmalloc`; nobody is left to use it.
        unsafe { rb_sys::ruby_xfree(chunk.cast()) };
    }
}

/// Where the record begins in a body.
const RECORD: usize = offset_of!(Body, wd);

/// Ruby keeps the address of this for as long as it runs.
struct EventType(rb_sys::rb_data_type_t);

// SAFETY: it is never written; the pointers in it are to statics and functions.
unsafe impl Sync for EventType {}

const fn event_type(mark: rb_sys::RUBY_DATA_FUNC, parent: *const rb_sys::rb_data_type_t) -> EventType {
    EventType(rb_sys::rb_data_type_t {
        wrap_struct_name: c"Inotify::Event".as_ptr(),
        function: rb_sys::rb_data_type_struct__bindgen_ty_1 {
            dmark: mark,
            dfree: Some(free_event),
            dsize: Some(event_size),
            dcompact: None,
            reserved: [std::ptr::null_mut(); 1],
        },
        parent,
        data: std::ptr::null_mut(),
        flags: (rb_sys::rbimpl_typeddata_flags::RUBY_TYPED_FREE_IMMEDIATELY as VALUE)
            | (rb_sys::rbimpl_typeddata_flags::RUBY_TYPED_FROZEN_SHAREABLE as VALUE)
            | (rb_sys::rbimpl_typeddata_flags::RUBY_TYPED_WB_PROTECTED as VALUE),
    })
}

/// An event read by descriptor number: the collector has nothing to look for in it.
static EVENT_TYPE: EventType = event_type(None, std::ptr::null());

/// An event with a watch.
static WATCHED_EVENT_TYPE: EventType = event_type(Some(mark_event), &raw const EVENT_TYPE.0);

unsafe extern "C" fn free_event(body: *mut c_void) {
    // SAFETY: Ruby passes the body of an event.
    let body = unsafe { &*body.cast::<Body>() };
    // SAFETY: this body is counted, once.
    unsafe { release(body.chunk, 1) };
}

unsafe extern "C" fn event_size(body: *const c_void) -> rb_sys::size_t {
    // SAFETY: Ruby passes the body of an event.
    let body = unsafe { &*body.cast::<Body>() };
    (size_of::<Body>() + body.len as usize) as rb_sys::size_t
}

unsafe extern "C" fn mark_event(body: *mut c_void) {
    // SAFETY: Ruby passes the body of an event.
    let body = unsafe { &*body.cast::<Body>() };
    // SAFETY: a live Watch, or nil.
    unsafe { rb_sys::rb_gc_mark(body.watch) };
}

/// `Inotify::Event`, pinned by `define_event_methods`.
static EVENT_CLASS: AtomicUsize = AtomicUsize::new(0);

/// Makes the next event of `buffer` an `Inotify::Event`; `None` at the batch's end. Must run under `protect`.
///
/// The object comes first and the event is taken after it: running out of memory loses nothing.
unsafe fn next_event(ruby: &Ruby, buffer: Obj<Buffer>) -> Option<(VALUE, *const Body)> {
    let next = buffer.peek(ruby)?;
    let data_type = if next.watch.is_some() { &WATCHED_EVENT_TYPE } else { &EVENT_TYPE };
    let size = (RECORD + next.record.len()).next_multiple_of(align_of::<Body>());
    // SAFETY: under `protect`.
    let body = unsafe { buffer.memory.room(size, || next.left.div_ceil(next.record.len())) };
    // SAFETY: the memory goes on to the end of the record.
    let record = unsafe { body.cast::<u8>().add(RECORD) };
    // SAFETY: allocating runs no code that uses the buffer, so the bytes are where they were; there is room for them.
    unsafe { record.copy_from_nonoverlapping(next.record.cast(), next.record.len()) };
    let class = EVENT_CLASS.load(Ordering::Relaxed) as VALUE;
    // SAFETY: class and type are set and live for ever; the new object owns the body and is on this stack.
    let event = unsafe { rb_sys::rb_data_typed_object_wrap(class, body.cast(), &raw const data_type.0) };
    // SAFETY: the collector has not seen the new object, so it needs no barrier.
    unsafe { (*body).watch = next.watch.map_or(NIL, AsRawValue::as_raw) };
    buffer.memory.keep(size);
    buffer.advance(ruby, next);
    // SAFETY: an object made just now.
    unsafe { freeze(event) };
    Some((event, body))
}

/// Freezes a new object without a singleton class.
#[cfg(ruby_lt_3_2)]
unsafe fn freeze(object: VALUE) {
    let basic = object as *mut rb_sys::RBasic;
    // SAFETY: what RB_OBJ_FREEZE_RAW does: the flags of a live object.
    unsafe { (*basic).flags |= rb_sys::ruby_fl_type::RUBY_FL_FREEZE as VALUE };
}

/// Freezes an object, which has a shape that tells it, too.
#[cfg(not(ruby_lt_3_2))]
unsafe fn freeze(object: VALUE) {
    // SAFETY: an object of ours.
    unsafe { rb_sys::rb_obj_freeze(object) };
}

/// The body of an event; raises `TypeError` for any other object.
unsafe fn body(event: VALUE) -> *mut Body {
    // SAFETY: any VALUE may be asked.
    unsafe { rb_sys::rb_check_typeddata(event, &raw const EVENT_TYPE.0) }.cast()
}

/// The fields of an event; raises `TypeError` for any other object.
unsafe fn head(event: VALUE) -> Body {
    // SAFETY: `body` raises for what is no event.
    let body = unsafe { body(event) };
    // SAFETY: it points to a `Body`, which the event keeps alive.
    unsafe { body.read() }
}

/// A new String of the name behind `body`, in the filesystem encoding. Must run under `protect`, or as a method.
unsafe fn name_string(body: *const Body) -> VALUE {
    // SAFETY: a live body.
    let len = unsafe { (*body).len } as usize;
    // SAFETY: the name lies right behind the body.
    let name = unsafe { body.add(1) }.cast::<u8>();
    // SAFETY: `len` bytes of it, which the event keeps alive and nobody writes.
    let padded = unsafe { slice::from_raw_parts(name, len) };
    // The padding is short and a name has no NUL: looking from behind finds its end at once.
    let len = padded.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    // SAFETY: it copies bytes that are there.
    let string = unsafe { rb_sys::rb_str_new(name.cast(), len as c_long) };
    // SAFETY: a String made just now.
    unsafe { set_filesystem_encoding(string) };
    string
}

/// Sets the encoding of a new binary String.
unsafe fn set_filesystem_encoding(string: VALUE) {
    const SHIFT: u32 = rb_sys::ruby_encoding_consts::RUBY_ENCODING_SHIFT as u32;
    const INLINE_MAX: c_int = rb_sys::ruby_encoding_consts::RUBY_ENCODING_INLINE_MAX as c_int;
    // On Linux it is the default external one, which is found without a look into the table of names.
    // SAFETY: answers a pointer to a static table's entry.
    let encoding = unsafe { rb_sys::rb_default_external_encoding() };
    // SAFETY: an encoding of that table.
    let index = unsafe { rb_sys::rb_enc_to_index(encoding) };
    if index < INLINE_MAX {
        // What RB_ENCODING_SET_INLINED does: a binary String has zeros there.
        let basic = string as *mut rb_sys::RBasic;
        // SAFETY: the flags of a live String.
        unsafe { (*basic).flags |= (index as VALUE) << SHIFT };
    } else {
        // SAFETY: a live String and the index of an encoding.
        unsafe { rb_sys::rb_enc_associate_index(string, index) };
    }
}

/// Yields the events of the batch in `buffer`, under one `protect` for all of them.
pub(crate) fn yield_events(ruby: &Ruby, buffer: Obj<Buffer>, pairs: bool) -> Result<usize, Error> {
    let mut count = 0_usize;
    let counter = &raw mut count;
    protect(|| {
        // SAFETY: under `protect`.
        while let Some((event, body)) = unsafe { next_event(ruby, buffer) } {
            // SAFETY: `count` outlives the closure, and nothing else uses it meanwhile.
            unsafe { *counter += 1 };
            if pairs {
                // SAFETY: the event's body; the event is on this stack.
                let values = [event, unsafe { name_string(body) }];
                // SAFETY: two live values.
                unsafe { rb_sys::rb_yield_values2(2, values.as_ptr()) };
            } else {
                // SAFETY: one live value.
                unsafe { rb_sys::rb_yield(event) };
            }
        }
        NIL
    })?;
    Ok(count)
}

/// Takes the events of the batch in `buffer` into an Array.
pub(crate) fn collect_events(ruby: &Ruby, buffer: Obj<Buffer>) -> Result<RArray, Error> {
    let events = protect(|| {
        // SAFETY: under `protect`.
        let events = unsafe { rb_sys::rb_ary_new() };
        // SAFETY: under `protect`.
        while let Some((event, _)) = unsafe { next_event(ruby, buffer) } {
            // SAFETY: a live Array of ours.
            unsafe { rb_sys::rb_ary_push(events, event) };
        }
        events
    })?;
    // SAFETY: the Array made above.
    RArray::try_convert(unsafe { Value::from_raw(events) })
}

unsafe extern "C" fn event_wd(event: VALUE) -> VALUE {
    // SAFETY: called as a method.
    fixnum(unsafe { head(event) }.wd as isize)
}

unsafe extern "C" fn event_mask(event: VALUE) -> VALUE {
    // SAFETY: called as a method.
    unsigned(unsafe { head(event) }.mask)
}

unsafe extern "C" fn event_cookie(event: VALUE) -> VALUE {
    // SAFETY: called as a method.
    unsigned(unsafe { head(event) }.cookie)
}

unsafe extern "C" fn event_len(event: VALUE) -> VALUE {
    // SAFETY: called as a method.
    unsigned(unsafe { head(event) }.len)
}

unsafe extern "C" fn event_name(event: VALUE) -> VALUE {
    // SAFETY: called as a method; raises for what is no event.
    let body = unsafe { body(event) };
    // SAFETY: it points to a `Body`, which the event keeps alive.
    if unsafe { (*body).len } == 0 {
        return NIL;
    }
    // SAFETY: an event's body.
    unsafe { name_string(body) }
}

unsafe extern "C" fn event_watch(event: VALUE) -> VALUE {
    // SAFETY: called as a method.
    unsafe { head(event) }.watch
}

/// The bytes of a String, copied.
pub(crate) fn string_bytes(string: RString) -> Vec<u8> {
    // SAFETY: copied before anything else can run.
    unsafe { string.as_slice() }.to_vec()
}

/// Runs `work` while other threads have the VM lock. It must not touch Ruby. Nothing interrupts it, but an interrupt that
/// waits may strike before it, which is then left undone, or after it.
pub(crate) fn without_vm_lock<W: FnOnce()>(work: W) -> Result<(), Error> {
    unsafe extern "C" fn call<W: FnOnce()>(work: *mut c_void) -> *mut c_void {
        // SAFETY: the pointer is to the `Option` below, which outlives the call.
        let work = unsafe { &mut *work.cast::<Option<W>>() };
        if let Some(work) = work.take() {
            work();
        }
        ptr::null_mut()
    }
    let mut work = Some(work);
    let pointer = (&raw mut work).cast();
    protect(|| {
        // SAFETY: the function takes the pointer given with it; it holds the VM lock no longer when it is called, nor needs
        // it. What an interrupt raises, `protect` catches.
        unsafe { rb_sys::rb_thread_call_without_gvl(Some(call::<W>), pointer, None, ptr::null_mut()) };
        NIL
    })?;
    Ok(())
}

/// Defines the methods that read an event, written for the C API: half the cost of a call through magnus.
pub(crate) fn define_event_methods(class: RClass) {
    let class = class.as_raw();
    // SAFETY: the class lives on in a constant; registering keeps it where it is when the heap is compacted.
    unsafe { rb_sys::rb_gc_register_mark_object(class) };
    EVENT_CLASS.store(class as usize, Ordering::Relaxed);
    reader(class, c"wd", event_wd);
    reader(class, c"mask", event_mask);
    reader(class, c"cookie", event_cookie);
    reader(class, c"len", event_len);
    reader(class, c"name", event_name);
    reader(class, c"watch", event_watch);
}

/// Defines a method without arguments.
fn reader(class: VALUE, name: &CStr, function: unsafe extern "C" fn(VALUE) -> VALUE) {
    const ARGUMENTS: c_int = 0;
    // SAFETY: Ruby calls a function of no arguments with the receiver alone, as this one is declared.
    let function =
        unsafe { transmute::<unsafe extern "C" fn(VALUE) -> VALUE, unsafe extern "C" fn() -> VALUE>(function) };
    // SAFETY: the name is NUL-terminated.
    unsafe { rb_sys::rb_define_method(class, name.as_ptr(), Some(function), ARGUMENTS) };
}
