//! `Inotify::Internal::Mounts`: what is mounted where.

use inotify_core::mountinfo::Mounts;
use magnus::{Error, Module, Object, RModule, RString, Ruby, function};

use crate::ruby;

/// The path and the type of the mount that a real path is on. `None`: it can't be read what is mounted.
fn around(ruby: &Ruby, path: RString) -> Option<(RString, RString)> {
    let mounts = Mounts::read();
    let path = ruby::string_bytes(path);
    let (at, mount) = mounts.around(&path)?;
    Some((ruby.str_from_slice(at), ruby.str_from_slice(&mount.kind)))
}

pub(crate) fn init(internal: RModule) -> Result<(), Error> {
    internal.define_module("Mounts")?.define_singleton_method("around", function!(around, 1))
}
