//! What one checker watches, and what counts as a change of it.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::model::{Change, ChangeType};

/// A directory to check.
#[derive(Debug)]
pub struct Dir {
    /// Absolute.
    pub path: Vec<u8>,
    /// Of the files that count; none: all do.
    pub extensions: Vec<Vec<u8>>,
    /// What is ignored in it, relative to it.
    pub ignored: Vec<Vec<u8>>,
}

/// What a checker watches, and what is known of it.
#[derive(Debug)]
pub struct Paths {
    pub(super) files: Vec<Vec<u8>>,
    pub(super) dirs: Vec<Dir>,
    changed: AtomicBool,
    /// Whether the engine has its roots.
    pub(super) added: AtomicBool,
    /// The name of the first of them; the others follow.
    pub(super) first_root: AtomicU64,
    /// Whether the checker is gone.
    released: AtomicBool,
}

impl Paths {
    /// Absolute paths, as bytes.
    #[must_use]
    pub fn new(files: Vec<Vec<u8>>, dirs: Vec<Dir>) -> Self {
        Self {
            files,
            dirs,
            changed: AtomicBool::new(false),
            added: AtomicBool::new(false),
            first_root: AtomicU64::new(0),
            released: AtomicBool::new(false),
        }
    }

    /// Whether something changed that is not known yet.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.changed.load(Ordering::Relaxed)
    }

    /// Something changed, or may have.
    pub fn change(&self) {
        self.changed.store(true, Ordering::Relaxed);
    }

    /// All that changed until now is known.
    pub(super) fn mark_read(&self) {
        self.changed.store(false, Ordering::Relaxed);
    }

    /// Whether they are to be added to the engine.
    #[must_use]
    pub fn is_new(&self) -> bool {
        !self.added.load(Ordering::Relaxed) && !self.is_released()
    }

    /// Nobody checks them any more.
    pub fn release(&self) {
        self.released.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_released(&self) -> bool {
        self.released.load(Ordering::Relaxed)
    }

    /// They are to be added to another engine, and anything may have changed until then.
    pub fn start_over(&self) {
        self.change();
        self.added.store(false, Ordering::Relaxed);
    }

    /// The names of its roots.
    pub(super) fn root_names(&self) -> Range<u64> {
        let first = self.first_root.load(Ordering::Relaxed);
        let count = if self.added.load(Ordering::Relaxed) { self.files.len() + self.dirs.len() } else { 0 };
        first..first + count as u64
    }

    /// Whether a change counts of what is at `rest` below one of these paths. `doubtful`: directories whose attributes
    /// changed may have been replaced.
    pub(super) fn includes(&self, dir: Option<usize>, change: &Change, rest: &[u8], doubtful: bool) -> bool {
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
        !rest.is_empty()
            && (dir.extensions.is_empty() || dir.extensions.iter().any(|extension| rest.ends_with(extension)))
    }
}
