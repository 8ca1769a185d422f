//! `Inotify::Internal::CheckedPaths`: what one `Inotify::FileUpdateChecker` watches. For `lib/` alone.
//!
//! All of a process share one engine, which has no thread: whoever asks does the work, without the VM lock where there is
//! any. An interrupt ends the work at once; what is left of it is done by whoever asks next. Every checker's paths are roots
//! of their own in the engine, whose names are numbers.

use std::ffi::OsStr;
use std::mem;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use hashbrown::{HashMap, HashSet};
use inotify_core::engine::{Engine, Options, WatchError};
use inotify_core::filter::Filter;
use inotify_core::model::{Change, ChangeType, NodeId, Scope};
use inotify_core::mountinfo;
use inotify_core::system::Linux;
use magnus::{
    Class, DataTypeFunctions, Error, Exception, Module, Object, RArray, RModule, RString, Ruby, TryConvert, Value,
    function, method,
};

use crate::change::path_string;
use crate::{errors, ruby};

/// How long whoever asks sleeps while another thread works.
const PAUSE: Duration = Duration::from_millis(1);

/// Between scans of what inotify cannot see; but it is scanned whenever a checker is asked.
const POLL: Duration = Duration::from_secs(1);

/// How often it is tried to get an instance where there was none to be had.
const RETRY: Duration = Duration::from_secs(1);

/// A directory to check.
struct Dir {
    path: Vec<u8>,
    /// Of the files that count; none: all do.
    endings: Vec<Vec<u8>>,
    /// What is ignored in it, relative to it.
    apart: Vec<Vec<u8>>,
}

/// What a checker watches, and what is known of it.
struct Paths {
    files: Vec<Vec<u8>>,
    dirs: Vec<Dir>,
    changed: AtomicBool,
    /// Whether the engine has its roots.
    added: AtomicBool,
    /// The name of the first of them; the others follow.
    first_root: AtomicU64,
    /// Whether they are scanned: from then on, what is found is a change.
    begun: AtomicBool,
    /// Whether the checker is gone.
    released: AtomicBool,
}

impl Paths {
    fn change(&self) {
        self.changed.store(true, Ordering::Relaxed);
    }

    /// The names of its roots.
    fn root_names(&self) -> Range<u64> {
        let first = self.first_root.load(Ordering::Relaxed);
        let count = if self.added.load(Ordering::Relaxed) { self.files.len() + self.dirs.len() } else { 0 };
        first..first + count as u64
    }

    /// Whether a change counts of what is at `rest` below one of these paths. `doubtful`: directories whose attributes
    /// changed may have been replaced.
    fn counts(&self, dir: Option<usize>, change: &Change, rest: &[u8], doubtful: bool) -> bool {
        let what = change.change_type;
        let Some(dir) = dir.and_then(|dir| self.dirs.get(dir)) else {
            // A directory that is given as a file has the names in it for its content.
            return rest.is_empty() || matches!(what, ChangeType::Created | ChangeType::Deleted | ChangeType::Renamed);
        };
        if change.directory {
            return match what {
                ChangeType::Created => rest.is_empty(),
                ChangeType::Renamed => true,
                ChangeType::Attributes => doubtful,
                ChangeType::Modified | ChangeType::Deleted | ChangeType::Closed => false,
            };
        }
        // Where a directory is expected, a file does not count.
        !rest.is_empty() && (dir.endings.is_empty() || dir.endings.iter().any(|ending| rest.ends_with(ending)))
    }
}

/// One path in the engine.
struct Root {
    node: NodeId,
    path: Vec<u8>,
    /// Which of the directories it is; `None`: a file.
    dir: Option<usize>,
    paths: Weak<Paths>,
}

impl Root {
    fn is_released(&self) -> bool {
        self.paths.upgrade().is_none_or(|paths| paths.released.load(Ordering::Relaxed))
    }
}

/// What all share. Locked without the VM lock, or for moments.
#[derive(Default)]
struct State {
    engine: Option<Engine>,
    /// Whether the engine still has the instance of this process' parent.
    inherited: bool,
    roots: HashMap<u64, Root>,
    /// Those that were added and have not begun.
    new: Vec<Weak<Paths>>,
    /// Whether there may be roots that nobody checks any more.
    has_released: bool,
    /// The name of the last root.
    last: u64,
    /// How many batches were taken.
    batches: u64,
    /// How many overflows are known.
    overflows: u64,
    /// When it was last tried in vain to get an instance.
    failed: Option<Instant>,
    /// What is to be reported.
    denied: Vec<Denied>,
}

/// What checkers can't notice.
enum Denied {
    /// What changes at this path.
    Path(Vec<u8>, inotify_core::Error),
    /// The same, but it is scanned whenever a checker is asked.
    Polled(Vec<u8>, inotify_core::Error),
    /// What is mounted, for this errno.
    Mounts(i32),
}

impl Denied {
    /// The path, if it is one, why, and whether it is scanned.
    fn to_ruby(&self, ruby: &Ruby) -> Result<(Option<RString>, Exception, bool), Error> {
        match self {
            Self::Path(path, error) => Ok((Some(path_string(ruby, path)), errors::exception(ruby, error)?, false)),
            Self::Polled(path, error) => Ok((Some(path_string(ruby, path)), errors::exception(ruby, error)?, true)),
            Self::Mounts(errno) => {
                Ok((None, ruby.exception_system_call_error().new_instance((mountinfo::PATH, *errno))?, false))
            }
        }
    }
}

/// What is asked for.
struct Task<'a> {
    newcomers: &'a [Arc<Paths>],
    /// Whether a checker is gone that the engine has roots of.
    released: bool,
    /// Whose changes are known from now on.
    known: Option<&'a Paths>,
}

impl State {
    /// Whether nothing happened, and nothing is due.
    fn is_idle(&mut self) -> Result<bool, inotify_core::Error> {
        match &mut self.engine {
            _ if !self.denied.is_empty() => Ok(false),
            // Nobody says when something happens in what is polled.
            Some(engine) if !self.inherited => Ok(!engine.polls() && engine.is_idle(Instant::now())?),
            _ => Ok(self.roots.is_empty()),
        }
    }

    /// Does what there is to do, unless that is interrupted. Returns whether all is done.
    fn work(&mut self, task: &Task<'_>, interrupted: &AtomicBool) -> Result<bool, inotify_core::Error> {
        let proceed = &mut |_: &_| !interrupted.load(Ordering::Relaxed);
        self.has_released |= task.released;
        self.close_unused();
        if !self.open(task)? {
            return Ok(true);
        }
        self.remove_released();
        self.add(task.newcomers);
        let Some(engine) = &mut self.engine else { return Ok(true) };
        if engine.polls() {
            engine.request_scan();
        }
        engine.process(Instant::now(), proceed)?;
        if !engine.is_settled() {
            return Ok(false);
        }
        engine.finish_pending(proceed)?;
        if !engine.is_settled() {
            return Ok(false);
        }
        // At most two ticks of the clock that files are stamped by: then a later change has another stamp.
        if let Some(certain) = engine.certain_at() {
            thread::sleep(certain.saturating_duration_since(Instant::now()));
        }
        self.take();
        self.take_errors();
        if let Some(paths) = task.known {
            self.settle(paths);
        }
        if let Some(engine) = &mut self.engine {
            engine.close_dirs();
        }
        Ok(true)
    }

    /// Closes the instance if nobody checks anything any more.
    fn close_unused(&mut self) {
        if self.roots.is_empty() || self.has_released && self.roots.values().all(Root::is_released) {
            let (last, failed, denied) = (self.last, self.failed, mem::take(&mut self.denied));
            *self = Self { last, failed, denied, ..Self::default() };
        }
    }

    /// Removes what nobody checks any more; never from the instance of this process' parent.
    fn remove_released(&mut self) {
        let Self { engine: Some(engine), inherited: false, roots, has_released, .. } = self else { return };
        if !mem::take(has_released) {
            return;
        }
        roots.retain(|_, root| {
            let released = root.is_released();
            if released {
                engine.remove_root(root.node);
            }
            !released
        });
    }

    /// Removes the roots of a checker that is gone.
    fn release(&mut self, paths: &Paths) {
        match self {
            Self { engine: Some(engine), inherited: false, roots, .. } => {
                let released = paths.root_names().filter_map(|name| roots.remove(&name));
                released.for_each(|root| engine.remove_root(root.node));
            }
            _ => self.has_released = true,
        }
        self.close_unused();
    }

    /// Makes sure that there is an engine with an instance of this process, if anything is to be checked. Returns whether
    /// there is.
    fn open(&mut self, task: &Task<'_>) -> Result<bool, inotify_core::Error> {
        if self.engine.is_some() && !self.inherited {
            return Ok(true);
        }
        let is_waiting = self.failed.is_some_and(|failed| failed.elapsed() < RETRY);
        if is_waiting || self.engine.is_none() && task.newcomers.is_empty() {
            return Ok(false);
        }
        let system = match Linux::new() {
            Ok(system) => system,
            Err(error) => {
                if self.failed.replace(Instant::now()).is_none() {
                    self.denied.push(Denied::Path(b"/".to_vec(), error));
                }
                return Ok(false);
            }
        };
        // Nothing was known until now.
        if self.failed.take().is_some() {
            task.newcomers.iter().for_each(|paths| paths.change());
        }
        match &mut self.engine {
            Some(engine) => engine.start_over(system),
            None => {
                let mut engine = Engine::new(system, &options());
                engine.begin(&mut |_| true)?;
                self.engine = Some(engine);
            }
        }
        self.inherited = false;
        Ok(true)
    }

    fn add(&mut self, newcomers: &[Arc<Paths>]) {
        let Self { engine: Some(engine), roots, new, last, .. } = self else { return };
        for paths in newcomers.iter().filter(|paths| !paths.added.swap(true, Ordering::Relaxed)) {
            paths.first_root.store(*last + 1, Ordering::Relaxed);
            new.push(Arc::downgrade(paths));
            let files = paths.files.iter().map(|path| (None, path, HashSet::new()));
            let dirs = paths
                .dirs
                .iter()
                .enumerate()
                .map(|(dir, it)| (Some(dir), &it.path, it.apart.iter().cloned().collect()));
            for (dir, path, apart) in files.chain(dirs) {
                *last += 1;
                let scope = if dir.is_some() { Scope::Tree } else { Scope::Names };
                let node = engine.add_root(last.to_string().into_bytes(), path.clone(), scope, apart);
                roots.insert(*last, Root { node, path: path.clone(), dir, paths: Arc::downgrade(paths) });
            }
        }
    }

    /// Takes the changes, and notes whose they are.
    fn take(&mut self) {
        let Self { engine: Some(engine), roots, new, .. } = self else { return };
        let new: Vec<Arc<Paths>> = new.drain(..).filter_map(|paths| paths.upgrade()).collect();
        if !new.is_empty() {
            let names = new.iter().flat_map(|paths| paths.root_names());
            engine.begin_roots(&names.filter_map(|name| Some(roots.get(&name)?.node)).collect());
            new.iter().for_each(|paths| paths.begun.store(true, Ordering::Relaxed));
        }
        let overflows = engine.overflows();
        let doubtful = mem::replace(&mut self.overflows, overflows) != overflows;
        let changes = engine.take_changes();
        engine.was_taken();
        if !changes.is_empty() {
            self.batches += 1;
            let position = engine.position();
            engine.was_read_at(self.batches, position);
        }
        for change in &changes {
            for path in std::iter::once(&change.path).chain(&change.from) {
                let path = path.to_bytes();
                let Some((root, rest)) = root_of(roots, &path) else { continue };
                if let Some(paths) = root.paths.upgrade().filter(|paths| !paths.changed.load(Ordering::Relaxed)) {
                    if paths.counts(root.dir, change, rest, doubtful) {
                        paths.change();
                    }
                }
            }
        }
        let mut changed = engine.take_relinked();
        if doubtful {
            // What could not be scanned may have changed.
            changed.extend(engine.denied_roots());
        }
        if !changed.is_empty() {
            let changed = roots.values().filter(|root| changed.contains(&root.node));
            changed.filter_map(|root| root.paths.upgrade()).for_each(|paths| paths.change());
        }
    }

    fn take_errors(&mut self) {
        let Self { engine: Some(engine), roots, denied, .. } = self else { return };
        for error in engine.take_errors() {
            match error {
                // A path that leads in a circle leads nowhere.
                WatchError::Denied(_, libc::ELOOP, _)
                | WatchError::Vanished(_)
                // It is scanned, which is as good.
                | WatchError::Remote(..) => {}
                WatchError::Denied(path, errno, _) => {
                    if let Some(path) = full_path(roots, &path) {
                        let path = searchable(&path);
                        let error = WatchError::failed(errno, &path);
                        denied.push(Denied::Path(path, error));
                    }
                }
                WatchError::Polled(path, ..) => {
                    if let Some(path) = full_path(roots, &path) {
                        let error = WatchError::failed(libc::ENOSPC, &path);
                        denied.push(Denied::Polled(path, error));
                    }
                }
                WatchError::MountsUnreadable(errno) => denied.push(Denied::Mounts(errno)),
            }
        }
    }

    /// All that changed until now is known.
    fn settle(&mut self, paths: &Paths) {
        if let Some(engine) = &mut self.engine {
            let own = paths.root_names().filter_map(|name| self.roots.get(&name));
            own.for_each(|root| engine.was_read(root.node));
        }
        paths.changed.store(false, Ordering::Relaxed);
    }
}

fn options() -> Options {
    let mut filter = Filter::new();
    // Hidden files and directories. This is a good pattern.
    filter.ignore(&[".*"]).ok();
    Options::new(true).filter(filter).follow_links(true).separate_roots().poll(Some(POLL))
}

/// The absolute path for a path of the engine.
fn full_path(roots: &HashMap<u64, Root>, path: &[u8]) -> Option<Vec<u8>> {
    let (root, rest) = root_of(roots, path)?;
    let rest = if rest.is_empty() { Vec::new() } else { [b"/", rest].concat() };
    Some([root.path.as_slice(), &rest].concat())
}

/// The path, or that of the directory above it that can't be searched.
fn searchable(path: &[u8]) -> Vec<u8> {
    let mut path = Path::new(OsStr::from_bytes(path));
    while let (Err(error), Some(parent)) = (path.symlink_metadata(), path.parent()) {
        if error.raw_os_error() != Some(libc::EACCES) {
            break;
        }
        path = parent;
    }
    path.as_os_str().as_bytes().to_vec()
}

/// The root that a path of the engine is in, and what of the path is below that.
fn root_of<'a, 'p>(roots: &'a HashMap<u64, Root>, path: &'p [u8]) -> Option<(&'a Root, &'p [u8])> {
    let slash = path.iter().position(|byte| *byte == b'/');
    let (name, rest) = match slash {
        Some(slash) => (path.get(..slash)?, path.get(slash + 1..)?),
        None => (path, &b""[..]),
    };
    Some((roots.get(&std::str::from_utf8(name).ok()?.parse::<u64>().ok()?)?, rest))
}

/// See the module's description.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Whether a checker is gone that the engine has roots of.
    released: AtomicBool,
}

impl Shared {
    /// `None`: another thread works.
    fn try_lock(&self) -> Option<MutexGuard<'_, State>> {
        match self.state.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Waits for another thread, unless that is interrupted.
    fn lock(&self, interrupted: &AtomicBool) -> Option<MutexGuard<'_, State>> {
        loop {
            let state = self.try_lock();
            if state.is_some() || interrupted.load(Ordering::Relaxed) {
                return state;
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
        match parents.try_lock().map(|mut state| mem::take(&mut *state)) {
            Some(state) => {
                let inherited = state.engine.is_some();
                let state = State { inherited, has_released: true, ..state };
                self.shared = Arc::new(Shared { state: Mutex::new(state), ..Shared::default() });
            }
            None => {
                // Nobody will ever unlock it, nor must it be dropped half changed.
                mem::forget(Arc::clone(&parents));
                for paths in self.all.iter().filter_map(Weak::upgrade) {
                    paths.change();
                    paths.added.store(false, Ordering::Relaxed);
                    paths.begun.store(false, Ordering::Relaxed);
                }
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
        let is_new =
            |paths: &Arc<Paths>| !paths.added.load(Ordering::Relaxed) && !paths.released.load(Ordering::Relaxed);
        let new: Vec<_> = self.new.iter().filter_map(Weak::upgrade).filter(is_new).collect();
        self.new = new.iter().map(Arc::downgrade).collect();
        new
    }
}

pub(crate) struct CheckedPaths(Arc<Paths>);

ruby::typed_data!(CheckedPaths, c"Inotify::Internal::CheckedPaths", free_immediately);

impl DataTypeFunctions for CheckedPaths {}

impl CheckedPaths {
    /// `dirs`: `[path, endings, paths relative to it that are ignored]` each. All are absolute, as bytes.
    fn new(files: RArray, dirs: RArray) -> Result<Self, Error> {
        let dirs = dirs.into_iter().map(|dir| {
            let (path, endings, apart) = <(RString, RArray, RArray)>::try_convert(dir)?;
            Ok(Dir {
                path: ruby::string_bytes(path),
                endings: ruby::string_bytes_of(endings)?,
                apart: ruby::string_bytes_of(apart)?,
            })
        });
        Ok(Self(Arc::new(Paths {
            files: ruby::string_bytes_of(files)?,
            dirs: dirs.collect::<Result<_, Error>>()?,
            changed: AtomicBool::new(false),
            added: AtomicBool::new(false),
            first_root: AtomicU64::new(0),
            begun: AtomicBool::new(false),
            released: AtomicBool::new(false),
        })))
    }

    /// Begins to watch. Returns as `refresh` does.
    fn add(ruby: &Ruby, rb_self: &Self) -> Result<Option<RArray>, Error> {
        Process::current(|process| process.add(&rb_self.0));
        refresh(ruby, None)
    }

    fn is_changed(&self) -> bool {
        self.0.changed.load(Ordering::Relaxed)
    }

    fn change(&self) {
        self.0.change();
    }

    /// The same as `refresh`; and what changed until then is known.
    fn settle(ruby: &Ruby, rb_self: &Self) -> Result<Option<RArray>, Error> {
        refresh(ruby, Some(&rb_self.0))
    }

    /// A finalizer: the checker is gone. Closes the instance with the last one. Of another, removes the watches if there is nothing else
    /// to do, or leaves that to whoever asks next. Keeps the VM lock: a finalizer that releases it when the process exits
    /// does not get it again.
    fn call(&self, _id: Value) {
        self.0.released.store(true, Ordering::Relaxed);
        let process = PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Process { pid, shared, .. }) = &*process else { return };
        if *pid != process::id() {
            return;
        }
        let Some(mut state) = shared.try_lock() else {
            shared.released.store(true, Ordering::Relaxed);
            return;
        };
        let is_idle = state.is_idle().is_ok_and(|idle| idle);
        state.release(&self.0);
        if is_idle {
            let task = Task { newcomers: &[], released: false, known: None };
            // What fails, or is left, is for whoever asks next.
            let done = state.work(&task, &AtomicBool::new(false));
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
        if let Some(mut state) = shared.try_lock() {
            if state.is_idle().map_err(raise)? {
                known.iter().for_each(|paths| state.settle(paths));
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
            if let Some(mut state) = shared.lock(&interrupted) {
                task.released = shared.released.swap(false, Ordering::Relaxed);
                done = state.work(&task, &interrupted);
            }
        })?;
    }
    let denied = shared.try_lock().map(|mut state| mem::take(&mut state.denied)).unwrap_or_default();
    if denied.is_empty() {
        return Ok(None);
    }
    let array = ruby.ary_new_capa(denied.len());
    denied.iter().try_for_each(|denied| array.push(denied.to_ruby(ruby)?))?;
    Ok(Some(array))
}

pub(crate) fn init(ruby: &Ruby, internal: RModule) -> Result<(), Error> {
    let class = ruby::define_class::<CheckedPaths>(ruby, internal, "CheckedPaths")?;
    class.define_singleton_method("new", function!(CheckedPaths::new, 2))?;
    class.define_singleton_method("refresh", function!(|ruby: &Ruby| refresh(ruby, None), 0))?;
    class.define_method("add", method!(CheckedPaths::add, 0))?;
    class.define_method("changed?", method!(CheckedPaths::is_changed, 0))?;
    class.define_method("change", method!(CheckedPaths::change, 0))?;
    class.define_method("settle", method!(CheckedPaths::settle, 0))?;
    class.define_method("call", method!(CheckedPaths::call, 1))
}
