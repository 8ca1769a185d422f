//! What the thread of a watcher and its users share.

use std::os::fd::BorrowedFd;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::{fmt, io, mem};

use crate::engine::{Audit, Paths, Stats, WatchError};
use crate::error::Error;
use crate::model::Change;
use crate::sys::Signal;
use crate::system::{Tail, Waker};

/// A request to the thread, and the reply.
#[derive(Debug)]
pub struct Request<T> {
    signal: Signal,
    reply: Mutex<Option<T>>,
}

impl<T> Request<T> {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { signal: Signal::new()?, reply: Mutex::new(None) })
    }

    pub(crate) fn reply(&self, reply: T) {
        *lock(&self.reply) = Some(reply);
        self.signal.raise();
    }

    /// Wakes whoever waits for the reply, to reply to the predicate first.
    pub(crate) fn nudge(&self) {
        self.signal.raise();
    }

    /// Readable when there is a reply, or will be none.
    #[must_use]
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.signal.fd()
    }

    /// The reply. `None`: there is none yet, or the watcher was closed.
    pub fn take(&self) -> Option<T> {
        let mut reply = lock(&self.reply);
        if reply.is_none() {
            // It was woken to reply to the predicate.
            self.signal.lower();
        }
        reply.take()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the thread is to do.
#[derive(Debug)]
pub(crate) enum Command {
    Sync(Arc<Request<()>>),
    Paths(Arc<Request<Paths>>),
    PredicateReplies(Vec<(u64, bool)>),
    Audit(Arc<Request<Audit>>),
    Checkpoint(Writing),
    /// The files of the checkpoint of this request are found.
    CheckpointFiles(Arc<Request<Result<(), Error>>>, Vec<Vec<u8>>),
}

/// A checkpoint to be written, and the absolute path of its file.
#[derive(Debug)]
pub(crate) struct Writing {
    pub(crate) path: Vec<u8>,
    pub(crate) files: WrittenFiles,
    pub(crate) request: Arc<Request<Result<(), Error>>>,
}

/// The real paths of the files of a checkpoint.
#[derive(Debug)]
pub(crate) enum WrittenFiles {
    Unknown,
    /// A thread finds them.
    Sought,
    Found(Vec<Vec<u8>>),
}

#[derive(Debug, Default)]
struct State {
    predicate_requests: Vec<(u64, Vec<u8>)>,
    stats: Stats,
    changes: Vec<Change>,
    /// How many batches were delivered, and how many of them are taken.
    delivered: u64,
    taken: u64,
    /// The position in the queue when the last of them was taken.
    taken_at: u64,
    /// Whether some of them are held: the program has not got them yet.
    held: bool,
    /// How many of them the consumer is done with.
    done: u64,
    errors: Vec<WatchError>,
    commands: Vec<Command>,
    closed: bool,
    ended: bool,
    failure: Option<Error>,
}

/// See the module's description. The lock is held for moments only.
pub(crate) struct Mailbox {
    state: Mutex<State>,
    /// Wakes the thread: there are commands, changes were taken, or it is to end.
    commands: Signal,
    /// Wakes the users: there are changes or errors, or will be none any more.
    changes: Signal,
    pub(crate) ready: Request<()>,
    tail: OnceLock<Tail>,
    /// Called when there are changes or errors, or the thread has ended.
    waker: Option<Waker>,
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox").field("state", &self.state).finish_non_exhaustive()
    }
}

impl Mailbox {
    pub(crate) fn new(waker: Option<Waker>) -> io::Result<Self> {
        Ok(Self {
            state: Mutex::default(),
            commands: Signal::new()?,
            changes: Signal::new()?,
            ready: Request::new()?,
            tail: OnceLock::new(),
            waker,
        })
    }

    pub(crate) fn commands_fd(&self) -> BorrowedFd<'_> {
        self.commands.fd()
    }

    pub(crate) fn changes_fd(&self) -> BorrowedFd<'_> {
        self.changes.fd()
    }

    // For the thread.

    pub(crate) fn commands(&self) -> Vec<Command> {
        self.commands.lower();
        mem::take(&mut lock(&self.state).commands)
    }

    /// Sets the end of the queue, which is read when changes are taken.
    pub(crate) fn set_tail(&self, tail: Tail) {
        self.tail.set(tail).ok();
    }

    pub(crate) fn is_closed(&self) -> bool {
        lock(&self.state).closed
    }

    /// Wakes the users, and whoever waits for them.
    fn raise(&self) {
        self.changes.raise();
        if let Some(waker) = &self.waker {
            waker();
        }
    }

    /// Wakes the thread: something that it waits for is done.
    pub(crate) fn wake_thread(&self) {
        self.commands.raise();
    }

    /// Whether the last batch is still to be taken.
    pub(crate) fn has_changes(&self) -> bool {
        !lock(&self.state).changes.is_empty()
    }

    /// The same, and whether batches that are taken are held.
    pub(crate) fn has_changes_and_held(&self) -> (bool, bool) {
        let state = lock(&self.state);
        (!state.changes.is_empty(), state.held)
    }

    pub(crate) fn deliver(&self, changes: Vec<Change>) {
        let mut state = lock(&self.state);
        state.changes = changes;
        state.delivered += 1;
        self.raise();
    }

    /// Replaces the changes of the last batch, and returns the old ones. `None`: they are taken.
    pub(crate) fn replace(&self, changes: Vec<Change>) -> Option<Vec<Change>> {
        let mut state = lock(&self.state);
        if state.changes.is_empty() {
            return None;
        }
        let old = mem::replace(&mut state.changes, changes);
        self.lower(&state);
        Some(old)
    }

    /// How many batches the consumer is done with.
    pub(crate) fn done(&self) -> u64 {
        lock(&self.state).done
    }

    /// The number of the last batch that is taken, and the position in the queue then.
    pub(crate) fn taken(&self) -> (u64, u64) {
        let state = lock(&self.state);
        (state.taken, state.taken_at)
    }

    /// Whether reported errors are still to be taken.
    pub(crate) fn has_errors(&self) -> bool {
        !lock(&self.state).errors.is_empty()
    }

    pub(crate) fn report(&self, errors: Vec<WatchError>) {
        let mut state = lock(&self.state);
        state.errors = errors;
        self.raise();
    }

    pub(crate) fn set_stats(&self, stats: Stats) {
        lock(&self.state).stats = stats;
    }

    /// Whether predicate requests are still to be taken.
    pub(crate) fn has_predicate_requests(&self) -> bool {
        !lock(&self.state).predicate_requests.is_empty()
    }

    /// Has the predicate asked about directories.
    pub(crate) fn send_predicate_requests(&self, predicate_requests: Vec<(u64, Vec<u8>)>) {
        if !predicate_requests.is_empty() {
            let mut state = lock(&self.state);
            state.predicate_requests.extend(predicate_requests);
            self.changes.raise();
        }
        self.ready.nudge();
    }

    /// The thread ends: nobody waits for it any more, nor for these commands.
    pub(crate) fn end(&self, failure: Option<Error>, asked: Vec<Command>) {
        let commands = {
            let mut state = lock(&self.state);
            state.ended = true;
            state.failure = failure;
            mem::take(&mut state.commands)
        };
        self.drop_commands(commands);
        self.drop_commands(asked);
    }

    fn drop_commands(&self, commands: Vec<Command>) {
        for command in commands {
            match command {
                Command::Sync(request) => request.signal.raise(),
                Command::Paths(request) => request.signal.raise(),
                Command::Audit(request) => request.signal.raise(),
                Command::Checkpoint(writing) => writing.request.signal.raise(),
                Command::PredicateReplies(_) | Command::CheckpointFiles(..) => {}
            }
        }
        self.ready.signal.raise();
        self.raise();
    }

    // For the users.

    pub(crate) fn send(&self, command: Command) {
        let late = {
            let mut state = lock(&self.state);
            if state.ended || state.closed {
                vec![command]
            } else {
                state.commands.push(command);
                Vec::new()
            }
        };
        if !late.is_empty() {
            self.drop_commands(late);
        }
        self.commands.raise();
    }

    /// Takes the delivered changes. `hold`: the program gets them when [`release`](Self::release) is called.
    pub(crate) fn take_changes(&self, hold: bool) -> Vec<Change> {
        let mut state = lock(&self.state);
        let changes = mem::take(&mut state.changes);
        state.held |= hold && !changes.is_empty();
        if state.taken < state.delivered {
            state.taken = state.delivered;
            state.taken_at = self.tail.get().and_then(Tail::position).unwrap_or(0);
        }
        self.lower(&state);
        drop(state);
        self.go_on(!changes.is_empty());
        changes
    }

    pub(crate) fn release(&self) {
        let held = mem::take(&mut lock(&self.state).held);
        self.go_on(held);
    }

    pub(crate) fn done_with_taken(&self) {
        let mut state = lock(&self.state);
        if state.done < state.taken {
            state.done = state.taken;
            drop(state);
            self.commands.raise();
        }
    }

    pub(crate) fn take_errors(&self) -> Vec<WatchError> {
        let mut state = lock(&self.state);
        let errors = mem::take(&mut state.errors);
        self.lower(&state);
        drop(state);
        self.go_on(!errors.is_empty());
        errors
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

    pub(crate) fn take_predicate_requests(&self) -> Vec<(u64, Vec<u8>)> {
        let mut state = lock(&self.state);
        let predicate_requests = mem::take(&mut state.predicate_requests);
        self.lower(&state);
        drop(state);
        self.go_on(!predicate_requests.is_empty());
        predicate_requests
    }

    /// The thread may deliver more.
    fn go_on(&self, taken: bool) {
        if taken {
            self.commands.raise();
        }
    }

    /// Lowers the signal if there is nothing to take. Whoever raises it holds the lock, too: otherwise it might stay
    /// raised after that is taken.
    fn lower(&self, state: &State) {
        if state.predicate_requests.is_empty()
            && state.changes.is_empty()
            && state.errors.is_empty()
            && !state.ended
            && !state.closed
        {
            self.changes.lower();
        }
    }

    pub(crate) fn close(&self) {
        lock(&self.state).closed = true;
        self.commands.raise();
        self.changes.raise();
    }
}
