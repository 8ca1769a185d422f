//! `Inotify::Instance#read`: the one method of it that is not written in Ruby.
//!
//! A method written in Ruby lets `Thread#raise` and `Timeout` in as it returns, when the events it took are already
//! out of the queue and not yet in their caller's hands. A native one does not.

use magnus::scan_args::{get_kwargs, scan_args};
use magnus::typed_data::Obj;
use magnus::value::ReprValue;
use magnus::{Error, Module, RArray, RModule, Ruby, Value, method};

use crate::buffer::{self, Buffer};

fn read(ruby: &Ruby, rb_self: Value, arguments: &[Value]) -> Result<RArray, Error> {
    let arguments = scan_args::<(), (), (), (), _, ()>(arguments)?;
    let keywords = get_kwargs::<_, (), (Option<Value>,), ()>(arguments.keywords, &[], &["timeout"])?;
    let timeout = keywords.optional.0.unwrap_or_else(|| ruby.qnil().as_value());
    let buffer: Option<Obj<Buffer>> = rb_self.funcall("await", (timeout,))?;
    buffer.map_or_else(|| Ok(ruby.ary_new()), |buffer| buffer::take(ruby, buffer))
}

pub(crate) fn init(ruby: &Ruby, inotify: RModule) -> Result<(), Error> {
    let instance = inotify.define_class("Instance", ruby.class_object())?;
    instance.define_method("read", method!(read, -1))
}
