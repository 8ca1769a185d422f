//! What the thread of a watcher and its users share.

use std::ffi::CString;
use std::os::fd::BorrowedFd;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::{io, mem};

use crate::error::Error;
use crate::inotify;
use crate::sys::Signal;
use crate::tree::{Change, Kind};

use super::queue::Tail;

/// Something that a watcher can't do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// This directory can't be watched or read, for this errno. How many watches what is in it needs, where that was
    /// counted.
    NotCovered(Vec<u8>, i32, Option<u64>),
    /// The root at this path is gone.
    Vanished(Vec<u8>),
    /// At this path is a file system of this type, whose changes by others are not told.
    Remote(Vec<u8>, Vec<u8>),
    /// What is mounted where can't be read, for this errno.
    MountsUnseen(i32),
}

/// What a refused watch means to a watcher.
const NOT_COVERED: &str = "what changes in it is not told until it can be watched, which is tried again and again";

/// What becomes of a root that is gone.
const VANISHED: &str = "it is watched again as soon as it is there";

impl Trouble {
    /// The error of what is not covered.
    #[must_use]
    pub fn error(&self) -> Option<Error> {
        let failed = |errno: i32, path: &[u8]| {
            let error = inotify::watch_failed(&io::Error::from_raw_os_error(errno));
            error.at(&CString::new(path).unwrap_or_default())
        };
        match self {
            Self::NotCovered(path, errno, needed) => {
                let error = failed(*errno, path);
                let error = match needed {
                    Some(needed) => error.remarking_more(&format!("it needs {needed} more")),
                    None => error,
                };
                Some(error.remarking_more(NOT_COVERED))
            }
            Self::Vanished(path) => Some(failed(libc::ENOENT, path).remarking_more(VANISHED)),
            Self::Remote(..) | Self::MountsUnseen(_) => None,
        }
    }
}

/// How a watcher is doing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    /// Directories it knows.
    pub directories: usize,
    /// Files it knows.
    pub files: usize,
    /// Watches of the kernel it has for directories.
    pub watches: usize,
    /// Events it read.
    pub events: u64,
    /// Changes it handed over.
    pub changes: u64,
    /// How often the kernel's queue overflowed.
    pub overflows: u64,
    /// How often everything was looked at again.
    pub rescans: u64,
    /// Bytes of events that are queued or read, and not applied yet.
    pub queued_bytes: u64,
    /// Seconds from the reading of the events applied last until they were.
    pub lag: f64,
}

/// Something asked of the thread, and its answer.
#[derive(Debug)]
pub struct Request<T> {
    signal: Signal,
    answer: Mutex<Option<T>>,
}

impl<T> Request<T> {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { signal: Signal::new()?, answer: Mutex::new(None) })
    }

    pub(crate) fn answer(&self, answer: T) {
        *lock(&self.answer) = Some(answer);
        self.signal.raise();
    }

    /// Wakes who waits for the answer, to do something without which there will be none.
    pub(crate) fn nudge(&self) {
        self.signal.raise();
    }

    /// Readable when there is an answer, or there will be none.
    #[must_use]
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.signal.fd()
    }

    /// The answer; `None` when there is none yet, or the watcher was closed.
    pub fn take(&self) -> Option<T> {
        let mut answer = lock(&self.answer);
        if answer.is_none() {
            // Somebody was woken to answer a question.
            self.signal.lower();
        }
        answer.take()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Something that a watcher believes and that is not so, or the other way round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// A sentence.
    pub sentence: Vec<u8>,
    /// The path of a directory that is there and not known: none, if somebody said that it doesn't count.
    pub unknown_dir: Option<Vec<u8>>,
}

/// What an audit finds.
pub type Differences = Vec<Difference>;

/// The same, or why there is nothing to look with.
pub type Audit = Result<Differences, Error>;

/// A path and what it is.
pub type Paths = Vec<(Vec<u8>, Kind)>;

/// What is asked of the thread.
#[derive(Debug)]
pub(crate) enum Demand {
    Sync(Arc<Request<()>>),
    Paths(Arc<Request<Paths>>),
    Judge(Vec<(u64, bool)>),
    Audit(Arc<Request<Audit>>),
}

#[derive(Debug, Default)]
struct State {
    questions: Vec<(u64, Vec<u8>)>,
    stats: Stats,
    changes: Vec<Change>,
    /// How many batches of changes were handed over, and up to which of them they are taken.
    handed_over: u64,
    taken: u64,
    /// Where the kernel's queue ended when the last of them was taken.
    taken_at: u64,
    /// Up to which of them whoever takes them is done.
    done: u64,
    troubles: Vec<Trouble>,
    demands: Vec<Demand>,
    closed: bool,
    ended: bool,
    failure: Option<Error>,
}

/// See the module's description. The lock is held for moments only.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    /// For the thread: there are demands, or changes were taken, or it is to end.
    demands: Signal,
    /// For the users: there are changes or troubles, or there will be none any more.
    changes: Signal,
    pub(crate) ready: Request<()>,
    tail: OnceLock<Tail>,
}

impl Shared {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            state: Mutex::default(),
            demands: Signal::new()?,
            changes: Signal::new()?,
            ready: Request::new()?,
            tail: OnceLock::new(),
        })
    }

    pub(crate) fn demands_fd(&self) -> BorrowedFd<'_> {
        self.demands.fd()
    }

    pub(crate) fn changes_fd(&self) -> BorrowedFd<'_> {
        self.changes.fd()
    }

    // For the thread.

    pub(crate) fn demands(&self) -> Vec<Demand> {
        self.demands.lower();
        mem::take(&mut lock(&self.state).demands)
    }

    /// Where the queue ends, which is asked for when changes are taken.
    pub(crate) fn set_tail(&self, tail: Tail) {
        self.tail.set(tail).ok();
    }

    pub(crate) fn is_closed(&self) -> bool {
        lock(&self.state).closed
    }

    /// Whether what was handed over last is still to be taken.
    pub(crate) fn has_changes(&self) -> bool {
        !lock(&self.state).changes.is_empty()
    }

    pub(crate) fn hand_over(&self, changes: Vec<Change>) {
        let mut state = lock(&self.state);
        state.changes = changes;
        state.handed_over += 1;
        self.changes.raise();
    }

    /// Puts these changes in the place of those that were handed over last, and answers those; `None`: they are taken.
    pub(crate) fn replace(&self, changes: &mut Vec<Change>) -> Option<Vec<Change>> {
        let mut state = lock(&self.state);
        if state.changes.is_empty() {
            return None;
        }
        let old = mem::replace(&mut state.changes, mem::take(changes));
        self.lower(&state);
        Some(old)
    }

    /// Up to which batch of changes whoever takes them is done with them.
    pub(crate) fn done(&self) -> u64 {
        lock(&self.state).done
    }

    /// The last batch of changes that is taken, and where the queue ended then.
    pub(crate) fn taken(&self) -> (u64, u64) {
        let state = lock(&self.state);
        (state.taken, state.taken_at)
    }

    /// Whether troubles that were told are still to be taken.
    pub(crate) fn has_troubles(&self) -> bool {
        !lock(&self.state).troubles.is_empty()
    }

    pub(crate) fn tell(&self, troubles: Vec<Trouble>) {
        let mut state = lock(&self.state);
        state.troubles = troubles;
        self.changes.raise();
    }

    pub(crate) fn set_stats(&self, stats: Stats) {
        lock(&self.state).stats = stats;
    }

    /// Whether questions that were asked are still to be taken.
    pub(crate) fn has_questions(&self) -> bool {
        !lock(&self.state).questions.is_empty()
    }

    /// Asks whoever waits whether directories count.
    pub(crate) fn ask(&self, questions: Vec<(u64, Vec<u8>)>) {
        if !questions.is_empty() {
            let mut state = lock(&self.state);
            state.questions.extend(questions);
            self.changes.raise();
        }
        self.ready.nudge();
    }

    /// The thread ends: nobody is to wait for it any more, not for what it was asked either.
    pub(crate) fn end(&self, failure: Option<Error>, asked: Vec<Demand>) {
        let demands = {
            let mut state = lock(&self.state);
            state.ended = true;
            state.failure = failure;
            mem::take(&mut state.demands)
        };
        self.leave(demands);
        self.leave(asked);
    }

    fn leave(&self, demands: Vec<Demand>) {
        for demand in demands {
            match demand {
                Demand::Sync(request) => request.signal.raise(),
                Demand::Paths(request) => request.signal.raise(),
                Demand::Audit(request) => request.signal.raise(),
                Demand::Judge(_) => {}
            }
        }
        self.ready.signal.raise();
        self.changes.raise();
    }

    // For the users.

    pub(crate) fn demand(&self, demand: Demand) {
        let late = {
            let mut state = lock(&self.state);
            if state.ended || state.closed {
                vec![demand]
            } else {
                state.demands.push(demand);
                Vec::new()
            }
        };
        if !late.is_empty() {
            self.leave(late);
        }
        self.demands.raise();
    }

    pub(crate) fn take_changes(&self) -> Vec<Change> {
        let mut state = lock(&self.state);
        let changes = mem::take(&mut state.changes);
        if state.taken < state.handed_over {
            state.taken = state.handed_over;
            state.taken_at = self.tail.get().and_then(Tail::position).unwrap_or(0);
        }
        self.lower(&state);
        drop(state);
        self.go_on(!changes.is_empty());
        changes
    }

    pub(crate) fn rest(&self) {
        let mut state = lock(&self.state);
        if state.done < state.taken {
            state.done = state.taken;
            drop(state);
            self.demands.raise();
        }
    }

    pub(crate) fn take_troubles(&self) -> Vec<Trouble> {
        let mut state = lock(&self.state);
        let troubles = mem::take(&mut state.troubles);
        self.lower(&state);
        drop(state);
        self.go_on(!troubles.is_empty());
        troubles
    }

    pub(crate) fn has_ended(&self) -> bool {
        lock(&self.state).ended
    }

    pub(crate) fn wake(&self) {
        self.changes.raise();
    }

    /// Undoes [`wake`](Self::wake).
    pub(crate) fn calm(&self) {
        self.lower(&lock(&self.state));
    }

    pub(crate) fn take_failure(&self) -> Option<Error> {
        lock(&self.state).failure.take()
    }

    pub(crate) fn stats(&self) -> Stats {
        lock(&self.state).stats
    }

    pub(crate) fn take_questions(&self) -> Vec<(u64, Vec<u8>)> {
        let mut state = lock(&self.state);
        let questions = mem::take(&mut state.questions);
        self.lower(&state);
        drop(state);
        self.go_on(!questions.is_empty());
        questions
    }

    /// What was handed over is taken: there may be more.
    fn go_on(&self, taken: bool) {
        if taken {
            self.demands.raise();
        }
    }

    /// Lowers the signal when there is nothing to take. Who raises it for something to take holds the lock, too: it would
    /// stay raised if that was taken in between.
    fn lower(&self, state: &State) {
        if state.questions.is_empty()
            && state.changes.is_empty()
            && state.troubles.is_empty()
            && !state.ended
            && !state.closed
        {
            self.changes.lower();
        }
    }

    pub(crate) fn close(&self) {
        lock(&self.state).closed = true;
        self.demands.raise();
        self.changes.raise();
    }
}
