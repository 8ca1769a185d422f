//! `Inotify::Internal::CheckedPaths`: what one `Inotify::FileUpdateChecker` watches. For `lib/` alone.
//!
//! All of a process share one [`Checker`]: whoever asks does the work, without the VM lock where there is any. An interrupt
//! ends it at once.

use std::mem;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak};
use std::thread;
use std::time::Duration;

use inotify_core::checker::{Checker, Denied, Dir, Paths, Task};
use inotify_core::mountinfo;
use magnus::{
    Class, DataTypeFunctions, Error, Exception, Module, Object, RArray, RModule, RString, Ruby, TryConvert, Value,
    function, method,
};

use crate::change::path_string;
use crate::{errors, ruby};

/// How long whoever asks sleeps while another thread works.
const PAUSE: Duration = Duration::from_millis(1);

/// What all share.
#[derive(Default)]
struct Shared {
    /// Locked without the VM lock, or for moments.
    checker: Mutex<Checker>,
    /// Whether a checker is gone that the engine has roots of.
    released: AtomicBool,
}

impl Shared {
    /// `None`: another thread works.
    fn try_lock(&self) -> Option<MutexGuard<'_, Checker>> {
        match self.checker.try_lock() {
            Ok(checker) => Some(checker),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Waits for another thread, unless that is interrupted.
    fn lock(&self, interrupted: &AtomicBool) -> Option<MutexGuard<'_, Checker>> {
        loop {
            let checker = self.try_lock();
            if checker.is_some() || interrupted.load(Ordering::Relaxed) {
                return checker;
            }
            thread::sleep(PAUSE);
        }
    }
}

/// The checkers of a process. Locked with the VM lock and never across its release, so that no thread that a forked child
/// does not have holds it.
struct Process {
    pid: u32,
    shared: Arc<Shared>,
    all: Vec<Weak<Paths>>,
    /// How many there may be until those that are gone are dropped.
    most: usize,
    /// Those that are not added yet.
    new: Vec<Weak<Paths>>,
}

static PROCESS: Mutex<Option<Process>> = Mutex::new(None);

impl Process {
    /// Calls the function with this process' checkers.
    fn current<T>(function: impl FnOnce(&mut Self) -> T) -> T {
        let mut process = PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
        let pid = process::id();
        let current = process.get_or_insert_with(|| Self {
            pid,
            shared: Arc::default(),
            all: Vec::new(),
            most: 0,
            new: Vec::new(),
        });
        if current.pid != pid {
            current.adopt(pid);
        }
        function(current)
    }

    /// Goes on in a forked child with what the parent knew. If a thread of the parent was at work, nothing is known.
    fn adopt(&mut self, pid: u32) {
        let parents = mem::take(&mut self.shared);
        self.pid = pid;
        match parents.try_lock().map(|mut checker| mem::take(&mut *checker)) {
            Some(checker) => {
                self.shared = Arc::new(Shared { checker: Mutex::new(checker.inherited()), ..Shared::default() });
            }
            None => {
                // Nobody will ever unlock it, nor must it be dropped half changed.
                mem::forget(Arc::clone(&parents));
                self.all.iter().filter_map(Weak::upgrade).for_each(|paths| paths.start_over());
                self.new.clone_from(&self.all);
            }
        }
    }

    /// Adds a checker.
    fn add(&mut self, paths: &Arc<Paths>) {
        if self.all.len() >= self.most {
            self.all.retain(|paths| paths.strong_count() > 0);
            self.most = 2 * self.all.len() + 1;
        }
        self.all.push(Arc::downgrade(paths));
        self.new.push(Arc::downgrade(paths));
    }

    /// Those that are to be added to the engine.
    fn newcomers(&mut self) -> Vec<Arc<Paths>> {
        let new: Vec<_> = self.new.iter().filter_map(Weak::upgrade).filter(|paths| paths.is_new()).collect();
        self.new = new.iter().map(Arc::downgrade).collect();
        new
    }
}

pub(crate) struct CheckedPaths(Arc<Paths>);

ruby::typed_data!(CheckedPaths, c"Inotify::Internal::CheckedPaths", free_immediately);

impl DataTypeFunctions for CheckedPaths {}

impl CheckedPaths {
    /// `dirs`: `[path, extensions, paths relative to it that are ignored]` each. All are absolute, as bytes.
    fn new(files: RArray, dirs: RArray) -> Result<Self, Error> {
        let dirs = dirs.into_iter().map(|dir| {
            let (path, extensions, ignored) = <(RString, RArray, RArray)>::try_convert(dir)?;
            Ok(Dir {
                path: ruby::string_bytes(path),
                extensions: ruby::string_bytes_of(extensions)?,
                ignored: ruby::string_bytes_of(ignored)?,
            })
        });
        let dirs = dirs.collect::<Result<_, Error>>()?;
        Ok(Self(Arc::new(Paths::new(ruby::string_bytes_of(files)?, dirs))))
    }

    /// Begins to watch. Returns as `refresh` does.
    fn add(ruby: &Ruby, rb_self: &Self) -> Result<Option<RArray>, Error> {
        Process::current(|process| process.add(&rb_self.0));
        refresh(ruby, None)
    }

    fn is_changed(&self) -> bool {
        self.0.is_changed()
    }

    fn change(&self) {
        self.0.change();
    }

    /// The same as `refresh`; and what changed until then is known.
    fn mark_read(ruby: &Ruby, rb_self: &Self) -> Result<Option<RArray>, Error> {
        refresh(ruby, Some(&rb_self.0))
    }

    /// A finalizer: the checker is gone. Closes the instance with the last one. Of another, removes the watches if there is nothing else
    /// to do, or leaves that to whoever asks next. Keeps the VM lock: a finalizer that releases it when the process exits
    /// does not get it again.
    fn call(&self, _id: Value) {
        self.0.release();
        let process = PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Process { pid, shared, .. }) = &*process else { return };
        if *pid != process::id() {
            return;
        }
        let Some(mut checker) = shared.try_lock() else {
            shared.released.store(true, Ordering::Relaxed);
            return;
        };
        let is_idle = checker.is_idle().is_ok_and(|idle| idle);
        checker.release(&self.0);
        if is_idle {
            let task = Task { newcomers: &[], released: false, known: None };
            // What fails, or is left, is for whoever asks next.
            let done = checker.work(&task, &AtomicBool::new(false));
            shared.released.fetch_or(!done.is_ok_and(|done| done), Ordering::Relaxed);
        }
    }
}

/// Takes note of all that has happened. Returns what can't be noticed and was not reported yet, `[path, exception]` each;
/// nil: nothing.
fn refresh(ruby: &Ruby, known: Option<&Paths>) -> Result<Option<RArray>, Error> {
    let (shared, newcomers) = Process::current(|process| (Arc::clone(&process.shared), process.newcomers()));
    let raise = |error: inotify_core::Error| errors::raise(ruby, &error);
    if newcomers.is_empty() && !shared.released.load(Ordering::Relaxed) {
        if let Some(mut checker) = shared.try_lock() {
            if checker.is_idle().map_err(raise)? {
                known.iter().for_each(|paths| checker.mark_read(paths));
                return Ok(None);
            }
        }
    }
    let mut task = Task { newcomers: &newcomers, released: false, known };
    let mut done = Ok(false);
    while !done.map_err(raise)? {
        done = Ok(false);
        let interrupted = AtomicBool::new(false);
        ruby::without_vm_lock_until(&interrupted, || {
            if let Some(mut checker) = shared.lock(&interrupted) {
                task.released = shared.released.swap(false, Ordering::Relaxed);
                done = checker.work(&task, &interrupted);
            }
        })?;
    }
    let denied = shared.try_lock().map(|mut checker| checker.take_denied()).unwrap_or_default();
    if denied.is_empty() {
        return Ok(None);
    }
    let array = ruby.ary_new_capa(denied.len());
    denied.iter().try_for_each(|denied| array.push(denied_to_ruby(ruby, denied)?))?;
    Ok(Some(array))
}

/// The path that cannot be noticed, if it is one, why, and whether it is scanned.
fn denied_to_ruby(ruby: &Ruby, denied: &Denied) -> Result<(Option<RString>, Exception, bool), Error> {
    match denied {
        Denied::Path(path, error) => Ok((Some(path_string(ruby, path)), errors::exception(ruby, error)?, false)),
        Denied::Polled(path, error) => Ok((Some(path_string(ruby, path)), errors::exception(ruby, error)?, true)),
        Denied::Mounts(errno) => {
            Ok((None, ruby.exception_system_call_error().new_instance((mountinfo::PATH, *errno))?, false))
        }
    }
}

pub(crate) fn init(ruby: &Ruby, internal: RModule) -> Result<(), Error> {
    let class = ruby::define_class::<CheckedPaths>(ruby, internal, "CheckedPaths")?;
    class.define_singleton_method("new", function!(CheckedPaths::new, 2))?;
    class.define_singleton_method("refresh", function!(|ruby: &Ruby| refresh(ruby, None), 0))?;
    class.define_method("add", method!(CheckedPaths::add, 0))?;
    class.define_method("changed?", method!(CheckedPaths::is_changed, 0))?;
    class.define_method("change", method!(CheckedPaths::change, 0))?;
    class.define_method("mark_read", method!(CheckedPaths::mark_read, 0))?;
    class.define_method("call", method!(CheckedPaths::call, 1))
}
