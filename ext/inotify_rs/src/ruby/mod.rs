//! Ruby's C API where magnus has no call for it or a dearer one. All `unsafe` code of this crate is here.
//!
//! Ruby leaves C functions by longjmp(3), over Rust's frames. So what may raise runs under `protect`, and between such
//! calls the stack holds only `Copy` values: nothing there needs dropping.
#![allow(unsafe_code)]

mod event;
mod memory;
mod typed_data;

use std::ffi::{CStr, OsStr, c_int, c_void};
use std::fs;
use std::os::fd::RawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use magnus::rb_sys::{AsRawValue, protect};
use magnus::value::ReprValue;
use magnus::{Error, Object, RArray, RFile, RObject, RString, Ruby, TryConvert, Value, kwargs};
use rb_sys::{Qnil, VALUE};

pub(crate) use event::{collect_events, define_event, is_overflow, make_events, yield_events, yield_shifted};
pub(crate) use memory::Memory;
pub(crate) use typed_data::{define_class, find_class, typed_data};

const NIL: VALUE = Qnil as VALUE;

const SIGNAL_SAFE: c_int = rb_sys::RB_NOGVL_UBF_ASYNC_SAFE as c_int;

/// Says that every method of this extension may run in any Ractor. It holds because what two of them can reach is
/// immutable (events) or locked and atomic (watches); buffers and tables are not shareable, and the core keeps no state
/// of its own.
pub(crate) fn declare_ractor_safe() {
    // SAFETY: called from the extension's init function, as Ruby asks.
    unsafe { rb_sys::rb_ext_ractor_safe(true) };
}

/// Waits until `io` is readable or the time is over, by `rb_io_wait`: other threads run, or other fibers where a scheduler
/// is set; signals, `Thread#kill` and `Thread#raise` end it.
pub(crate) fn wait_readable(ruby: &Ruby, io: RFile, timeout: Option<Duration>) -> Result<(), Error> {
    const READABLE: isize = rb_sys::RB_WAITFD_IN as isize;
    let timeout = timeout.map_or(NIL, |timeout| ruby.float_from_f64(timeout.as_secs_f64()).as_raw());
    // SAFETY: both are live values on this stack; what it raises, `protect` catches.
    protect(|| unsafe { rb_sys::rb_io_wait(io.as_raw(), fixnum(READABLE), timeout) })?;
    Ok(())
}

/// Kernel#sleep, of which a Fiber scheduler knows.
pub(crate) fn sleep(ruby: &Ruby, time: Duration) -> Result<(), Error> {
    ruby.module_kernel().funcall::<_, _, Value>("sleep", (time.as_secs_f64(),)).map(drop)
}

/// An instance variable of an object of ours.
pub(crate) fn instance_variable<T: TryConvert>(object: Value, name: &str) -> Result<T, Error> {
    let object = RObject::try_convert(object)?;
    object.ivar_get(name)
}

/// An IO of a descriptor that somebody else closes.
pub(crate) fn io(ruby: &Ruby, fd: RawFd) -> Result<RFile, Error> {
    ruby.class_io().funcall("for_fd", (fd, kwargs!("autoclose" => false)))
}

/// IO#close, as IO itself defines it.
pub(crate) fn close_io(io: RFile) -> Result<(), Error> {
    // SAFETY: a live IO on this stack; what it raises, `protect` catches.
    protect(|| unsafe { rb_sys::rb_io_close(io.as_raw()) })?;
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

/// The bytes of a String, copied.
pub(crate) fn string_bytes(string: RString) -> Vec<u8> {
    // SAFETY: copied before anything else can run.
    unsafe { string.as_slice() }.to_vec()
}

/// The bytes of Strings, copied.
pub(crate) fn string_bytes_of(strings: RArray) -> Result<Vec<Vec<u8>>, Error> {
    strings.into_iter().map(|string| Ok(string_bytes(RString::try_convert(string)?))).collect()
}

/// Runs `work` while other threads have the VM lock. It must not touch Ruby. Nothing interrupts it, but an interrupt that
/// waits may strike before it, which is then left undone, or after it.
pub(crate) fn without_vm_lock<W: FnOnce()>(work: W) -> Result<(), Error> {
    release_vm_lock(work, None, ptr::null_mut())
}

/// The same, and an interrupt meanwhile sets `interrupted`: then `work` should end soon.
pub(crate) fn without_vm_lock_until<W: FnOnce()>(interrupted: &AtomicBool, work: W) -> Result<(), Error> {
    unsafe extern "C" fn interrupt(interrupted: *mut c_void) {
        // SAFETY: the pointer is to the flag that was borrowed for the call.
        unsafe { &*interrupted.cast::<AtomicBool>() }.store(true, Ordering::Relaxed);
    }
    release_vm_lock(work, Some(interrupt), ptr::from_ref(interrupted).cast_mut().cast())
}

/// Stats a path without the VM lock, if there are other threads: who asks for it next finds it cached. So a server that does
/// not reply blocks this thread alone.
pub(crate) fn stat_first(path: &CStr, follow: bool) -> Result<(), Error> {
    // SAFETY: the caller has the VM lock.
    if unsafe { rb_sys::rb_thread_alone() } != 0 {
        return Ok(());
    }
    let path = Path::new(OsStr::from_bytes(path.to_bytes()));
    without_vm_lock(|| drop(if follow { fs::metadata(path) } else { fs::symlink_metadata(path) }))
}

fn release_vm_lock<W: FnOnce()>(
    work: W,
    interrupt: rb_sys::rb_unblock_function_t,
    argument: *mut c_void,
) -> Result<(), Error> {
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
        // it. What an interrupt raises, `protect` catches. A signal handler may set a flag: without saying so, Ruby starts
        // a thread for it.
        unsafe { rb_sys::rb_nogvl(Some(call::<W>), pointer, interrupt, argument, SIGNAL_SAFE) };
        NIL
    })?;
    Ok(())
}
