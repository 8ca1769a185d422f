//! `Inotify::Internal::Mounts`: what is mounted where.

use std::cell::RefCell;

use inotify_core::mountinfo::{Mount, Mounts as Core, PATH, Source};
use magnus::value::ReprValue;
use magnus::{
    DataTypeFunctions, Error, Module, Object, RArray, RHash, RModule, RString, Ruby, Value, function, method,
};

use crate::ruby;

/// Borrowed for one call at a time, in which nothing of Ruby runs except for making its result.
struct Mounts(RefCell<(Source, Core)>);

ruby::typed_data!(Mounts, c"Inotify::Internal::Mounts", free_immediately);

impl DataTypeFunctions for Mounts {}

impl Mounts {
    fn new() -> Self {
        let (mut source, mut mounts) = (Source::default(), Core::default());
        mounts.update(source.text());
        Self(RefCell::new((source, mounts)))
    }

    /// Whether a mount was added or removed since this was asked last. Never waits.
    fn is_changed(&self) -> bool {
        self.0.borrow().0.changed()
    }

    /// Reads them again. Returns the paths where something else may be mounted than before.
    fn read(ruby: &Ruby, rb_self: &Self) -> Result<RArray, Error> {
        let (source, mounts) = &mut *rb_self.0.borrow_mut();
        let doubtful = mounts.update(source.text());
        let paths = ruby.ary_new_capa(doubtful.len());
        doubtful.iter().try_for_each(|path| paths.push(ruby.str_from_slice(path)))?;
        Ok(paths)
    }

    /// What is mounted, by path: two are equal where nothing says that another one is mounted.
    fn to_h(ruby: &Ruby, rb_self: &Self) -> Result<RHash, Error> {
        let mounted = ruby.hash_new();
        for (path, mount) in rb_self.0.borrow().1.table() {
            let Mount { id, parent, device, root, kind: _ } = mount;
            let numbers = format!("{id} {parent} ");
            let identity = [numbers.as_bytes(), device, b" ", root].concat();
            mounted.aset(ruby.str_from_slice(path), ruby.str_from_slice(&identity))?;
        }
        Ok(mounted)
    }

    /// The path and the type of the mount that a real path is on.
    fn around(ruby: &Ruby, rb_self: &Self, path: RString) -> Option<(RString, RString)> {
        let path = ruby::string_bytes(path);
        let mounts = &rb_self.0.borrow().1;
        let (at, mount) = mounts.around(&path)?;
        Some((ruby.str_from_slice(at), ruby.str_from_slice(&mount.kind)))
    }

    /// Why they can't be read: a `SystemCallError`, not raised.
    fn failure(ruby: &Ruby, rb_self: &Self) -> Result<Option<Value>, Error> {
        let failure = rb_self.0.borrow().1.failure();
        failure.map(|errno| ruby.exception_system_call_error().funcall("new", (PATH, errno))).transpose()
    }

    fn close(&self) {
        self.0.borrow_mut().0.close();
    }
}

pub(crate) fn init(ruby: &Ruby, internal: RModule) -> Result<(), Error> {
    let class = ruby::define_class::<Mounts>(ruby, internal, "Mounts")?;
    class.define_singleton_method("new", function!(Mounts::new, 0))?;
    class.define_method("changed?", method!(Mounts::is_changed, 0))?;
    class.define_method("read", method!(Mounts::read, 0))?;
    class.define_method("to_h", method!(Mounts::to_h, 0))?;
    class.define_method("around", method!(Mounts::around, 1))?;
    class.define_method("failure", method!(Mounts::failure, 0))?;
    class.define_method("close", method!(Mounts::close, 0))
}
