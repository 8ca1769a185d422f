//! `Inotify::Event`: made from records, yielded and read, all by the C API.

use std::ffi::{CStr, c_int, c_long, c_void};
use std::mem::{offset_of, transmute};
use std::slice;
use std::sync::atomic::{AtomicUsize, Ordering};

use inotify_core::Mask;
use inotify_core::event::Record;
use magnus::rb_sys::{AsRawValue, FromRawValue, protect};
use magnus::typed_data::Obj;
use magnus::{Class, Error, Module, RArray, RClass, RModule, Ruby, TryConvert, Value};
use rb_sys::VALUE;

use super::memory::{Body, Memory, release};
use super::{NIL, fixnum, unsigned};
use crate::reader::Reader;

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

/// An event read by descriptor number: the collector has nothing to mark in it.
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

/// `Inotify::Event`, pinned by `define_event`.
static EVENT_CLASS: AtomicUsize = AtomicUsize::new(0);

/// Makes the next event of `buffer` an `Inotify::Event`; `None` at the batch's end. Must run under `protect`.
///
/// The object comes first and the event is taken after it: running out of memory loses nothing.
unsafe fn next_event(ruby: &Ruby, buffer: Obj<Reader>) -> Option<(VALUE, *const Body)> {
    let next = buffer.peek(ruby)?;
    let watch = next.watch.map_or(NIL, AsRawValue::as_raw);
    // SAFETY: under `protect`; the bytes lie in the buffer until `advance`.
    let (event, body) = unsafe { make_event(&buffer.memory, event_class(), next.record, next.left, watch) };
    // SAFETY: an object made just now.
    unsafe { freeze(event) };
    buffer.advance(ruby, next);
    Some((event, body))
}

/// Makes an event of one record, the first of `left` bytes of them. Must run under `protect`.
unsafe fn make_event(
    memory: &Memory,
    class: VALUE,
    record: *const [u8],
    left: usize,
    watch: VALUE,
) -> (VALUE, *const Body) {
    let size = (RECORD + record.len()).next_multiple_of(align_of::<Body>());
    // SAFETY: under `protect`.
    let body = unsafe { memory.room(size, || left.div_ceil(record.len())) };
    // SAFETY: the memory goes on to the end of the record.
    let place = unsafe { body.cast::<u8>().add(RECORD) };
    // SAFETY: allocating runs no code that uses the buffer, so the bytes are where they were; there is room for them.
    unsafe { place.copy_from_nonoverlapping(record.cast(), record.len()) };
    let data_type = if watch == NIL { &EVENT_TYPE } else { &WATCHED_EVENT_TYPE };
    // SAFETY: class and type are set and live on; the new object owns the body and is on this stack.
    let event = unsafe { rb_sys::rb_data_typed_object_wrap(class, body.cast(), &raw const data_type.0) };
    // SAFETY: the collector has not seen the new object, so it needs no barrier.
    unsafe { (*body).watch = watch };
    memory.keep(size);
    (event, body)
}

fn event_class() -> VALUE {
    EVENT_CLASS.load(Ordering::Relaxed) as VALUE
}

/// Makes events of a class derived from `Inotify::Event` and adds them to an Array. They are not frozen, and each has an
/// object for its watch, which something else keeps alive until then.
pub(crate) fn make_events(
    memory: &Memory,
    class: RClass,
    records: &[(Record<'_>, Value)],
    events: RArray,
) -> Result<(), Error> {
    let mut left: usize = records.iter().map(|(record, _)| record.bytes.len()).sum();
    protect(|| {
        for (record, watch) in records {
            // SAFETY: under `protect`; the records outlive the call.
            let (event, _) = unsafe { make_event(memory, class.as_raw(), record.bytes, left, watch.as_raw()) };
            left -= record.bytes.len();
            // SAFETY: a live Array.
            unsafe { rb_sys::rb_ary_push(events.as_raw(), event) };
        }
        NIL
    })?;
    Ok(())
}

/// Takes what is in an Array one by one and yields it.
pub(crate) fn yield_shifted(values: RArray) -> Result<(), Error> {
    protect(|| {
        // SAFETY: a live Array.
        while unsafe { rb_sys::RARRAY_LEN(values.as_raw()) } > 0 {
            // SAFETY: the same one.
            let value = unsafe { rb_sys::rb_ary_shift(values.as_raw()) };
            // SAFETY: a live value, on this stack.
            unsafe { rb_sys::rb_yield(value) };
        }
        NIL
    })?;
    Ok(())
}

/// Freezes a new object without a singleton class.
#[cfg(ruby_lt_3_2)]
unsafe fn freeze(object: VALUE) {
    let basic = object as *mut rb_sys::RBasic;
    // SAFETY: what RB_OBJ_FREEZE_RAW does: the flags of a live object.
    unsafe { (*basic).flags |= rb_sys::ruby_fl_type::RUBY_FL_FREEZE as VALUE };
}

/// Freezes an object, which is noted in its shape, too.
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
    // On Linux it is the default external one, which is found without searching the table of names.
    // SAFETY: returns a pointer to a static table's entry.
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
pub(crate) fn yield_events(ruby: &Ruby, buffer: Obj<Reader>, pairs: bool) -> Result<usize, Error> {
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
pub(crate) fn collect_events(ruby: &Ruby, buffer: Obj<Reader>) -> Result<RArray, Error> {
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

/// Whether an event of ours says that the queue overflowed.
pub(crate) fn is_overflow(event: Value) -> bool {
    // SAFETY: events alone are passed.
    Mask::from_bits_retain(unsafe { head(event.as_raw()) }.mask).contains(Mask::Q_OVERFLOW)
}

/// Defines the methods that read an event, written for the C API: half the cost of a call through magnus.
pub(crate) fn define_event(ruby: &Ruby, inotify: RModule) -> Result<(), Error> {
    let class = inotify.define_class("Event", ruby.class_object())?;
    class.undef_default_alloc_func();
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
    Ok(())
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
