//! An engine that all checkers of a process share. It has no thread: each call of a checker does the work there is. If an
//! interrupt ends a call, the next one does the rest. Each path of each checker is a root of its own in the engine, and has
//! a number for a name.

mod paths;

use std::ffi::OsStr;
use std::mem;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use hashbrown::{HashMap, HashSet};

use crate::Error;
use crate::engine::{Engine, Options, WatchError};
use crate::invariant::must;
use crate::model::{NodeId, Scope};
use crate::system::Linux;

pub use paths::{Dir, Paths};

/// Between scans of what inotify cannot see; but it is scanned whenever a checker is asked.
const POLL: Duration = Duration::from_secs(1);

/// How often it is tried to get an instance where there was none to be had.
const RETRY: Duration = Duration::from_secs(1);

/// One path in the engine.
#[derive(Debug)]
struct Root {
    node: NodeId,
    path: Vec<u8>,
    /// Which of the directories it is; `None`: a file.
    dir: Option<usize>,
    paths: Weak<Paths>,
}

impl Root {
    fn is_released(&self) -> bool {
        self.paths.upgrade().is_none_or(|paths| paths.is_released())
    }
}

/// What all checkers of a process share.
#[derive(Default)]
pub struct Checker {
    engine: Option<Engine>,
    /// Whether the engine still has the instance of this process' parent.
    inherited: bool,
    roots: HashMap<u64, Root>,
    /// Those that were added and are not scanned: from then on, what is found is a change.
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
#[derive(Debug)]
pub enum Denied {
    /// What changes at this path.
    Path(Vec<u8>, Error),
    /// The same, but it is scanned whenever a checker is asked.
    Polled(Vec<u8>, Error),
    /// What is mounted, for this errno.
    Mounts(i32),
}

/// What is asked for.
#[derive(Debug)]
pub struct Task<'a> {
    /// Those that are to be added.
    pub newcomers: &'a [Arc<Paths>],
    /// Whether a checker is gone that the engine has roots of.
    pub released: bool,
    /// Whose changes are known from now on.
    pub known: Option<&'a Paths>,
}

impl Checker {
    /// Whether nothing happened, and nothing is due.
    ///
    /// # Errors
    ///
    /// The queue cannot be asked.
    pub fn is_idle(&mut self) -> Result<bool, Error> {
        match &mut self.engine {
            _ if !self.denied.is_empty() => Ok(false),
            // Nobody says when something happens in what is polled.
            Some(engine) if !self.inherited => Ok(!engine.polls() && engine.is_idle(Instant::now())?),
            _ => Ok(self.roots.is_empty()),
        }
    }

    /// Does what there is to do, unless that is interrupted. Returns whether all is done.
    ///
    /// # Errors
    ///
    /// The queue cannot be read.
    pub fn work(&mut self, task: &Task<'_>, interrupted: &AtomicBool) -> Result<bool, Error> {
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
            self.mark_read(paths);
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
    pub fn release(&mut self, paths: &Paths) {
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
    fn open(&mut self, task: &Task<'_>) -> Result<bool, Error> {
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
                .map(|(dir, it)| (Some(dir), &it.path, it.ignored.iter().cloned().collect()));
            for (dir, path, ignored) in files.chain(dirs) {
                *last += 1;
                let scope = if dir.is_some() { Scope::Tree } else { Scope::Names };
                let node = engine.add_root(last.to_string().into_bytes(), path.clone(), scope, ignored);
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
                if let Some(paths) = root.paths.upgrade().filter(|paths| !paths.is_changed()) {
                    if paths.includes(root.dir, change, rest, doubtful) {
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
    pub fn mark_read(&mut self, paths: &Paths) {
        if let Some(engine) = &mut self.engine {
            let own = paths.root_names().filter_map(|name| self.roots.get(&name));
            own.for_each(|root| engine.was_read(root.node));
        }
        paths.mark_read();
    }

    /// The same in a forked child: the engine has the instance of the parent until it gets its own.
    #[must_use]
    pub fn inherited(self) -> Self {
        Self { inherited: self.engine.is_some(), has_released: true, ..self }
    }

    /// Takes what is to be reported.
    pub fn take_denied(&mut self) -> Vec<Denied> {
        mem::take(&mut self.denied)
    }
}

fn options() -> Options {
    let mut options = Options::new(true);
    // Hidden files and directories.
    must(options.filter.ignore(&[".*"]).ok(), "the pattern is good");
    options.follow_links = true;
    options.separate_roots = true;
    options.poll = Some(POLL);
    options
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
