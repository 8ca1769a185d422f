//! `Inotify::Instance#read`: the one method of it that is not written in Ruby.
//!
//! Each call that returns in Ruby may let `Thread#raise` and `Timeout` in, when the events are already out of the queue
//! and not yet in their caller's hands. A native method has one such place instead of several.

use magnus::scan_args::{get_kwargs, scan_args};
use magnus::typed_data::Obj;
use magnus::value::ReprValue;
use magnus::{Error, Module, RArray, RModule, Ruby, Value, method};

use crate::buffer::{self, Buffer};

fn read(ruby: &Ruby, rb_self: Value, arguments: &[Value]) -> Result<RArray, Error> {
    let arguments = scan_args::<(), (), (), (), _, ()>(arguments)?;
    let keywords = get_kwargs::<_, (), (Option<Value>,), ()>(arguments.keywords, &[], &["timeout"])?;
    let timeout = keywords.optional.0.unwrap_or_else(|| ruby.qnil().as_value());
    let (deadline, buffer): (Value, Obj<Buffer>) = rb_self.funcall("before_read", (timeout,))?;
    let events = await_events(ruby, rb_self, deadline, buffer);
    // Whatever happened, what is taken is handed over.
    buffer::rearm(ruby, &buffer).ok();
    events
}

fn await_events(ruby: &Ruby, rb_self: Value, deadline: Value, buffer: Obj<Buffer>) -> Result<RArray, Error> {
    while rb_self.funcall("await", (deadline,))? {
        let events = buffer::take(ruby, buffer)?;
        // Another thread may have taken them.
        if !events.is_empty() {
            return Ok(events);
        }
    }
    Ok(ruby.ary_new())
}

pub(crate) fn init(ruby: &Ruby, inotify: RModule) -> Result<(), Error> {
    let instance = inotify.define_class("Instance", ruby.class_object())?;
    instance.define_method("read", method!(read, -1))
}
