//! `Inotify::Internal::Deadline`: when a wait ends.

use std::time::{Duration, Instant};

use magnus::scan_args::{get_kwargs, scan_args};
use magnus::typed_data::Obj;
use magnus::value::ReprValue;
use magnus::{DataTypeFunctions, Error, Float, Integer, Module, Object, RModule, Ruby, Value, function, method};

use crate::ruby;

/// A wait of this many seconds has no end: the kernel counts 63 bits of nanoseconds.
const ENDLESS: f64 = 4_294_967_296.0;

/// `None`: never.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

ruby::typed_data!(Deadline, c"Inotify::Internal::Deadline", free_immediately, frozen_shareable);

impl DataTypeFunctions for Deadline {}

impl Deadline {
    /// The end of a wait of `timeout` seconds from now on; nil, infinity and what comes near it: never.
    pub(crate) fn after(ruby: &Ruby, timeout: Value) -> Result<Self, Error> {
        if timeout.is_nil() {
            return Ok(Self(None));
        }
        let seconds = seconds(ruby, timeout)?;
        if seconds.is_nan() {
            return Err(Error::new(ruby.exception_arg_error(), "timeout must be a number of seconds, not NaN"));
        }
        if seconds < 0.0 {
            return Err(Error::new(ruby.exception_arg_error(), format!("timeout must not be negative: {timeout}")));
        }
        Ok(Self((seconds < ENDLESS).then(|| Instant::now() + Duration::from_secs_f64(seconds))))
    }

    fn make(ruby: &Ruby, timeout: Value) -> Result<Obj<Self>, Error> {
        let deadline = ruby.obj_wrap(Self::after(ruby, timeout)?);
        deadline.freeze();
        Ok(deadline)
    }

    /// The time left, zero at least; `None`: no end.
    pub(crate) fn left(self) -> Option<Duration> {
        self.0.map(|end| end.saturating_duration_since(Instant::now()))
    }

    pub(crate) fn has_passed(self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }

    fn remaining(&self) -> Option<f64> {
        self.left().map(|left| left.as_secs_f64())
    }

    fn passed(&self) -> bool {
        self.has_passed()
    }
}

/// The number of seconds that a Numeric stands for.
fn seconds(ruby: &Ruby, timeout: Value) -> Result<f64, Error> {
    if let Some(integer) = Integer::from_value(timeout) {
        // Floats have no room for the largest ones, and Ruby warns of that.
        let negative = || Ok(if timeout.funcall("negative?", ())? { f64::NEG_INFINITY } else { f64::INFINITY });
        return integer.to_i32().map_or_else(|_| negative(), |seconds| Ok(f64::from(seconds)));
    }
    if let Some(float) = Float::from_value(timeout) {
        return Ok(float.to_f64());
    }
    if timeout.is_kind_of(ruby.class_numeric()) && timeout.funcall("real?", ())? {
        return timeout.funcall("to_f", ());
    }
    let message = format!("timeout must be a number of seconds or nil, not {}", timeout.inspect());
    Err(Error::new(ruby.exception_type_error(), message))
}

/// The deadline of a native method whose only argument is `timeout:`.
pub(crate) fn of(ruby: &Ruby, arguments: &[Value]) -> Result<Deadline, Error> {
    let arguments = scan_args::<(), (), (), (), _, ()>(arguments)?;
    let keywords = get_kwargs::<_, (), (Option<Value>,), ()>(arguments.keywords, &[], &["timeout"])?;
    Deadline::after(ruby, keywords.optional.0.unwrap_or_else(|| ruby.qnil().as_value()))
}

pub(crate) fn init(ruby: &Ruby, internal: RModule) -> Result<(), Error> {
    let class = ruby::define_class::<Deadline>(ruby, internal, "Deadline")?;
    class.define_singleton_method("after", function!(Deadline::make, 1))?;
    class.define_method("remaining", method!(Deadline::remaining, 0))?;
    class.define_method("passed?", method!(Deadline::passed, 0))
}
