//! `Inotify::Change`: its fields. What can be said in Ruby about them is in `lib/inotify_rs/change.rb`.

use inotify_core::model::{self, ChangeType};
use magnus::typed_data::Obj;
use magnus::value::ReprValue;
use magnus::{Error, Module, Object, RModule, RString, Ruby, Symbol, function, method};

use crate::ruby;

pub(crate) struct Change(model::Change);

ruby::typed_data!(Change, c"Inotify::Change", free_immediately, size, frozen_shareable);

impl magnus::DataTypeFunctions for Change {
    fn size(&self) -> usize {
        size_of::<Self>() + self.0.path.memory() + self.0.from.as_ref().map_or(0, model::Path::memory)
    }
}

impl Change {
    pub(crate) fn wrap(ruby: &Ruby, change: model::Change) -> Obj<Self> {
        let change = ruby.obj_wrap(Self(change));
        change.freeze();
        change
    }

    /// A change that is concluded from another.
    fn build(ruby: &Ruby, kind: Symbol, path: RString, directory: bool, rescanned: bool) -> Result<Obj<Self>, Error> {
        let change_type = match &*kind.name()? {
            "created" => ChangeType::Created,
            "deleted" => ChangeType::Deleted,
            other => return Err(Error::new(ruby.exception_arg_error(), format!("no such type of change: {other}"))),
        };
        let path = model::Path::from(ruby::string_bytes(path).as_slice());
        Ok(Self::wrap(ruby, model::Change { change_type, path, from: None, directory, rescanned }))
    }

    fn change_type(ruby: &Ruby, rb_self: &Self) -> Symbol {
        ruby.to_symbol(match rb_self.0.change_type {
            ChangeType::Created => "created",
            ChangeType::Modified => "modified",
            ChangeType::Deleted => "deleted",
            ChangeType::Renamed => "renamed",
            ChangeType::Attributes => "attributes",
            ChangeType::Closed => "closed",
        })
    }

    fn path(ruby: &Ruby, rb_self: &Self) -> RString {
        path_string(ruby, &rb_self.0.path.to_bytes())
    }

    fn from(ruby: &Ruby, rb_self: &Self) -> Option<RString> {
        rb_self.0.from.as_ref().map(|from| path_string(ruby, &from.to_bytes()))
    }

    fn is_directory(&self) -> bool {
        self.0.directory
    }

    fn is_rescanned(&self) -> bool {
        self.0.rescanned
    }
}

/// A new String of a path's bytes, in the filesystem encoding.
pub(crate) fn path_string(ruby: &Ruby, path: &[u8]) -> RString {
    ruby.enc_str_new(path, ruby.filesystem_encoding())
}

pub(crate) fn init(internal: RModule) -> Result<(), Error> {
    internal.define_singleton_method("define_change", function!(define, 0))
}

/// Called by `lib/inotify_rs/change.rb`, which a program that watches no tree does not load.
fn define(ruby: &Ruby) -> Result<(), Error> {
    let class = ruby::define_class::<Change>(ruby, ruby.define_module("Inotify")?, "Change")?;
    class.define_singleton_method("build", function!(Change::build, 4))?;
    class.define_method("type", method!(Change::change_type, 0))?;
    class.define_method("path", method!(Change::path, 0))?;
    class.define_method("from", method!(Change::from, 0))?;
    class.define_method("directory?", method!(Change::is_directory, 0))?;
    class.define_method("rescanned?", method!(Change::is_rescanned, 0))
}
