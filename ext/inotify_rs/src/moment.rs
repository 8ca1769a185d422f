//! `Inotify::Internal::Moment`: what a file's time stamp is compared with.

use inotify_core::moment::Moment as Core;
use magnus::{DataTypeFunctions, Error, Module, Object, RModule, Ruby, function, method};

use crate::ruby;

#[derive(Clone, Copy)]
pub(crate) struct Moment(Core);

ruby::typed_data!(Moment, c"Inotify::Internal::Moment", free_immediately, frozen_shareable);

impl DataTypeFunctions for Moment {}

impl Moment {
    fn new(real: i64, running: i64) -> Self {
        Self(Core::new(real, running))
    }

    /// Whether a file of this time stamp, in seconds and nanoseconds, may have been changed since.
    fn is_before(&self, seconds: i64, nanoseconds: i64) -> bool {
        self.0.since().includes(i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds))
    }
}

pub(crate) fn init(ruby: &Ruby, internal: RModule) -> Result<(), Error> {
    let class = ruby::define_class::<Moment>(ruby, internal, "Moment")?;
    class.define_singleton_method("new", function!(Moment::new, 2))?;
    class.define_method("before?", method!(Moment::is_before, 2))
}
