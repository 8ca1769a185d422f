//! The Ruby extension: converts arguments, makes objects, yields. What inotify does is in `inotify_core`, what waits
//! and decides is in `lib/`.
#![allow(missing_docs, reason = "nothing here is public but the init function that magnus writes")]

mod calls;
mod change;
mod checker;
mod deadline;
mod descriptor;
mod errors;
mod git_work;
mod lease;
mod limits;
mod moment;
mod mounts;
mod reader;
mod ruby;
mod sys;
mod tree_reader;
mod watch;
mod watch_table;
mod watcher;

use magnus::value::ReprValue;
use magnus::{Error, Module, Ruby, Value};

#[magnus::init]
fn init(ruby: &Ruby) -> Result<(), Error> {
    ruby::declare_ractor_safe();
    let inotify = ruby.define_module("Inotify")?;
    // For `lib/` alone.
    let internal = inotify.define_module("Internal")?;
    inotify.funcall::<_, _, Value>("private_constant", (ruby.to_symbol("Internal"),))?;
    sys::init(internal)?;
    deadline::init(ruby, internal)?;
    calls::init(inotify)?;
    ruby::define_event(ruby, inotify)?;
    watch::init(ruby, inotify)?;
    watch_table::init(ruby, internal)?;
    reader::init(ruby, inotify, internal)?;
    tree_reader::init(ruby, internal)?;
    limits::init(internal)?;
    mounts::init(internal)?;
    moment::init(ruby, internal)?;
    git_work::init(ruby, internal)?;
    change::init(internal)?;
    checker::init(ruby, internal)?;
    watcher::init(internal)
}
