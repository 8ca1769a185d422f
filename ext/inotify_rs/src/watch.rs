//! `Inotify::Watch`: one path under watch.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Weak};

use inotify_core::Mask;
use magnus::gc::Marker;
use magnus::typed_data::Obj;
use magnus::value::Opaque;
use magnus::{DataTypeFunctions, Error, Module, RModule, RString, Ruby, TypedData, method};

use crate::descriptor::Descriptor;
use crate::ruby;

/// One watch of the kernel. Several `Watch`es stand for it when its inode was watched under several paths.
#[derive(Debug)]
pub(crate) struct Registration {
    /// Gone with the instance: a watch does not keep it.
    descriptor: Weak<Descriptor>,
    wd: i32,
    mask: AtomicU32,
    ended: AtomicBool,
}

impl Registration {
    pub(crate) fn new(descriptor: &Arc<Descriptor>, wd: i32, asked: Mask) -> Arc<Self> {
        let mask = AtomicU32::new(watched(asked));
        Arc::new(Self { descriptor: Arc::downgrade(descriptor), wd, mask, ended: AtomicBool::new(false) })
    }

    /// Notes a further inotify_add_watch(2) of the same inode.
    pub(crate) fn ask(&self, asked: Mask) {
        if asked.contains(Mask::MASK_ADD) {
            self.mask.fetch_or(watched(asked), Ordering::AcqRel);
        } else {
            self.mask.store(watched(asked), Ordering::Release);
        }
    }

    /// The kernel has dropped it, or its instance is closed.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }

    pub(crate) fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Returns whether it was this call that removed it.
    fn remove(&self, ruby: &Ruby) -> Result<bool, Error> {
        let Some(descriptor) = self.descriptor.upgrade() else { return Ok(false) };
        descriptor.check_process(ruby)?;
        Ok(!self.ended.swap(true, Ordering::AcqRel) && descriptor.remove(self.wd))
    }
}

/// What a watch has of the mask that was asked for: two flags are about asking only.
fn watched(asked: Mask) -> u32 {
    asked.difference(Mask::MASK_ADD | Mask::MASK_CREATE).bits()
}

pub(crate) struct Watch {
    registration: Arc<Registration>,
    /// A frozen String, as it was given.
    path: Opaque<RString>,
}

ruby::typed_data!(Watch, c"Inotify::Watch", free_immediately, size, mark, frozen_shareable);

impl DataTypeFunctions for Watch {
    fn mark(&self, marker: &Marker) {
        marker.mark(self.path);
    }
}

impl Watch {
    pub(crate) fn new(registration: Arc<Registration>, path: RString) -> Self {
        Self { registration, path: path.into() }
    }

    pub(crate) fn wd(&self) -> i32 {
        self.registration.wd
    }

    fn path(ruby: &Ruby, rb_self: &Self) -> RString {
        ruby.get_inner(rb_self.path)
    }

    fn mask(&self) -> u32 {
        self.registration.mask.load(Ordering::Acquire)
    }

    fn removed(&self) -> bool {
        self.registration.is_ended()
    }

    fn is_same(&self, other: Obj<Self>) -> bool {
        Arc::ptr_eq(&self.registration, &other.registration)
    }

    /// Equal for the watches of one registration.
    fn hash(&self) -> usize {
        Arc::as_ptr(&self.registration).addr()
    }

    fn remove(ruby: &Ruby, rb_self: &Self) -> Result<bool, Error> {
        rb_self.registration.remove(ruby)
    }
}

pub(crate) fn init(ruby: &Ruby, inotify: RModule) -> Result<(), Error> {
    let class = ruby::define_class::<Watch>(ruby, inotify, "Watch")?;
    class.define_method("wd", method!(Watch::wd, 0))?;
    class.define_method("path", method!(Watch::path, 0))?;
    class.define_method("mask", method!(Watch::mask, 0))?;
    class.define_method("removed?", method!(Watch::removed, 0))?;
    class.define_method("remove", method!(Watch::remove, 0))?;
    class.define_method("hash", method!(Watch::hash, 0))?;
    class.define_private_method("same?", method!(Watch::is_same, 1))?;
    // Looks its class up now, in one thread: Ractors could wait for one another in it.
    Watch::class(ruby);
    Ok(())
}
