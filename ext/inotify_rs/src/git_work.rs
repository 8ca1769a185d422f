//! `Inotify::Internal::GitWork`: whether git works on files.

use std::cell::RefCell;
use std::time::Instant;

use inotify_core::git::Work;
use magnus::{DataTypeFunctions, Error, Module, Object, RArray, RModule, Ruby, function, method};

use crate::ruby;

pub(crate) struct GitWork(RefCell<Work>);

ruby::typed_data!(GitWork, c"Inotify::Internal::GitWork", free_immediately);

impl DataTypeFunctions for GitWork {}

impl GitWork {
    /// Of the work trees that these absolute paths are in.
    fn new(paths: RArray) -> Result<Self, Error> {
        let paths = ruby::string_bytes_of(paths)?;
        Ok(Self(RefCell::new(Work::new(paths.iter().map(Vec::as_slice), Work::LONGEST))))
    }

    /// How many seconds changes must wait until this is asked again.
    fn wait(&self) -> f64 {
        self.0.borrow_mut().wait(Instant::now()).as_secs_f64()
    }
}

pub(crate) fn init(ruby: &Ruby, internal: RModule) -> Result<(), Error> {
    let class = ruby::define_class::<GitWork>(ruby, internal, "GitWork")?;
    class.const_set("LONGEST", Work::LONGEST.as_secs_f64())?;
    class.define_singleton_method("new", function!(GitWork::new, 1))?;
    class.define_method("wait", method!(GitWork::wait, 0))
}
