//! `Inotify::Internal::Branches`: which wd is which directory of a tree. For `lib/inotify_rs/rb_inotify` alone.

use std::cell::RefCell;
use std::os::fd::RawFd;

use inotify_core::Mask;
use inotify_core::branches::{Asked, Branches as Core, Remounted, Tell};
use magnus::typed_data::Obj;
use magnus::{DataTypeFunctions, Error, Module, Object, RModule, RString, Ruby, function, method};

use crate::change::path_string;
use crate::moment::Moment;
use crate::{errors, ruby};

/// Borrowed for one call at a time, in which nothing of Ruby runs but the making of its answer.
#[derive(Default)]
struct Branches(RefCell<Core>);

ruby::typed_data!(Branches, c"Inotify::Internal::Branches", free_immediately);

impl DataTypeFunctions for Branches {}

impl Branches {
    fn new() -> Self {
        Self::default()
    }

    /// Watches all below `path`, a directory that is watched as `wd`. Answers the tree's number.
    fn plant(ruby: &Ruby, rb_self: &Self, fd: RawFd, wd: i32, asked: (RString, u32, u32, bool)) -> Result<u32, Error> {
        let (path, mask, wanted, follows_links) = asked;
        let asked = Asked {
            path: ruby::string_bytes(path),
            mask: Mask::from_bits_retain(mask),
            wanted: Mask::from_bits_retain(wanted),
            follows_links,
        };
        let planted = rb_self.0.borrow_mut().plant(fd, wd, asked);
        planted.map_err(|error| errors::raise(ruby, &error))
    }

    /// Looks at `name` in a directory, and at all below. Answers records of what is to be told; nil if it is not there.
    fn look(ruby: &Ruby, rb_self: &Self, fd: RawFd, wd: i32, name: RString, all: bool) -> Option<RString> {
        let name = ruby::string_bytes(name);
        let records = rb_self.0.borrow_mut().look(fd, wd, &name, if all { Tell::All } else { Tell::New });
        records.map(|records| ruby.str_from_slice(&records))
    }

    /// Answers records of all that is in the directories that were told of since the queue was empty.
    fn tell_again(ruby: &Ruby, rb_self: &Self, fd: RawFd) -> RString {
        let records = rb_self.0.borrow_mut().tell_again(fd);
        ruby.str_from_slice(&records)
    }

    /// Answers records of the directories that were told to be deleted but are there.
    fn tell_deleted_again(ruby: &Ruby, rb_self: &Self, fd: RawFd) -> RString {
        let records = rb_self.0.borrow_mut().tell_deleted_again(fd);
        ruby.str_from_slice(&records)
    }

    fn note_told(&self, wd: i32, mask: u32, name: RString) {
        let name = ruby::string_bytes(name);
        self.0.borrow_mut().note_told(wd, Mask::from_bits_retain(mask), &name);
    }

    fn has_deleted(&self) -> bool {
        self.0.borrow().has_deleted()
    }

    fn rename(&self, wd: i32, name: RString, to_wd: i32, to_name: RString) {
        let names = [name, to_name].map(ruby::string_bytes);
        let [name, to_name] = &names;
        self.0.borrow_mut().rename(wd, name, to_wd, to_name);
    }

    /// Looks at everything. Answers records of what has changed since a moment, and the wds of watches that have ended.
    fn look_again(ruby: &Ruby, rb_self: &Self, fd: RawFd, moment: Obj<Moment>) -> (RString, Vec<i32>) {
        let (records, ended) = rb_self.0.borrow_mut().look_again(fd, moment.0.since());
        (ruby.str_from_slice(&records), ended)
    }

    /// Looks where something was mounted or unmounted. Answers records of what is to be told, the wds of watches that
    /// have ended, and of trees whose root is another directory now the number and the wd.
    fn remounted(ruby: &Ruby, rb_self: &Self, fd: RawFd) -> (RString, Vec<i32>, Vec<(u32, i32)>) {
        let Remounted { records, ended, roots } = rb_self.0.borrow_mut().remounted(fd);
        (ruby.str_from_slice(&records), ended, roots)
    }

    /// A directory was moved into a tree, with what is mounted in it. Answers the wds of watches that have ended.
    fn find_moved_files(&self, fd: RawFd) -> Vec<i32> {
        self.0.borrow_mut().find_moved_files(fd)
    }

    /// Answers records of what an event of a mounted file is to be told as; nil for others.
    fn of_file(ruby: &Ruby, rb_self: &Self, wd: i32, mask: u32) -> Option<RString> {
        let records = rb_self.0.borrow().of_file(wd, Mask::from_bits_retain(mask));
        records.map(|records| ruby.str_from_slice(&records))
    }

    fn depart(&self, fd: RawFd, wd: i32, name: RString) -> Vec<i32> {
        let name = ruby::string_bytes(name);
        self.0.borrow_mut().depart(fd, wd, &name)
    }

    fn prune(&self, fd: RawFd, wd: i32) -> Vec<i32> {
        self.0.borrow_mut().prune(fd, wd)
    }

    fn forget(&self, wd: i32) {
        self.0.borrow_mut().forget(wd);
    }

    fn repeats(&self, wd: i32, mask: u32, name: RString) -> bool {
        let name = ruby::string_bytes(name);
        self.0.borrow_mut().repeats(wd, Mask::from_bits_retain(mask), &name)
    }

    fn settle(&self) {
        self.0.borrow_mut().settle();
    }

    fn root(&self, wd: i32) -> Option<u32> {
        self.0.borrow().root(wd)
    }

    fn path(ruby: &Ruby, rb_self: &Self, wd: i32) -> Option<RString> {
        let path = rb_self.0.borrow().path(wd);
        path.map(|path| path_string(ruby, &path))
    }

    fn moves(&self) -> u64 {
        self.0.borrow().moves()
    }

    fn wds(&self) -> Vec<i32> {
        self.0.borrow().wds().collect()
    }

    /// The first directory that could not be watched since this was asked, and the errno.
    fn refused(ruby: &Ruby, rb_self: &Self) -> Option<(RString, i32)> {
        let refused = rb_self.0.borrow_mut().take_refused();
        refused.map(|(path, errno)| (path_string(ruby, &path), errno))
    }
}

pub(crate) fn init(ruby: &Ruby, internal: RModule) -> Result<(), Error> {
    let class = ruby::define_class::<Branches>(ruby, internal, "Branches")?;
    class.define_singleton_method("new", function!(Branches::new, 0))?;
    class.define_method("plant", method!(Branches::plant, 3))?;
    class.define_method("look", method!(Branches::look, 4))?;
    class.define_method("look_again", method!(Branches::look_again, 2))?;
    class.define_method("tell_again", method!(Branches::tell_again, 1))?;
    class.define_method("note_told", method!(Branches::note_told, 3))?;
    class.define_method("tell_deleted_again", method!(Branches::tell_deleted_again, 1))?;
    class.define_method("deleted?", method!(Branches::has_deleted, 0))?;
    class.define_method("rename", method!(Branches::rename, 4))?;
    class.define_method("depart", method!(Branches::depart, 3))?;
    class.define_method("prune", method!(Branches::prune, 2))?;
    class.define_method("forget", method!(Branches::forget, 1))?;
    class.define_method("remounted", method!(Branches::remounted, 1))?;
    class.define_method("find_moved_files", method!(Branches::find_moved_files, 1))?;
    class.define_method("of_file", method!(Branches::of_file, 2))?;
    class.define_method("repeats?", method!(Branches::repeats, 3))?;
    class.define_method("settle", method!(Branches::settle, 0))?;
    class.define_method("root", method!(Branches::root, 1))?;
    class.define_method("path", method!(Branches::path, 1))?;
    class.define_method("moves", method!(Branches::moves, 0))?;
    class.define_method("wds", method!(Branches::wds, 0))?;
    class.define_method("refused", method!(Branches::refused, 0))
}
