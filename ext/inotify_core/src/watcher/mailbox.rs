//! What the thread of a watcher and its users share.

use std::os::fd::BorrowedFd;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::{fmt, io, mem};

use crate::engine::{Difference, Paths, Stats, WatchError};
use crate::error::Error;
use crate::model::Change;
use crate::sys::Signal;
use crate::system::{Tail, Waker};

use super::Watcher;

/// A request to the thread, and the reply.
#[derive(Debug)]
pub struct Request {
    pub(super) query: Query,
    signal: Signal,
    reply: Mutex<Option<Result<Reply, Error>>>,
}

/// What is requested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// The roots are scanned: from then on no change is lost.
    Ready,
    /// All that has happened is delivered, or is in the next batch.
    Sync,
    /// All paths.
    Paths,
    /// The differences between the model, the kernel's watches and the disk: a sentence each, right only for trees that
    /// are quiet. Every directory is listed. The reply is an error where no descriptor is left.
    Audit,
    /// A checkpoint of the last batch that was taken is on the disk, at this absolute path: see [`crate::checkpoint`].
    /// Changes of the file are not reported from here on.
    Checkpoint(Vec<u8>),
}

/// The reply to a request.
#[derive(Debug)]
pub enum Reply {
    /// It is as requested.
    Done,
    /// All paths, directories before their entries.
    Paths(Paths),
    /// The differences.
    Audit(Vec<Difference>),
}

impl Request {
    fn new(query: Query) -> io::Result<Self> {
        Ok(Self { query, signal: Signal::new()?, reply: Mutex::new(None) })
    }

    pub(super) fn reply(&self, reply: Result<Reply, Error>) {
        *lock(&self.reply) = Some(reply);
        self.signal.raise();
    }

    /// Wakes whoever waits for the reply: to reply to the predicate first, or because there will be no reply.
    pub(super) fn nudge(&self) {
        self.signal.raise();
    }

    /// Readable when there is a reply, or will be none.
    #[must_use]
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.signal.fd()
    }

    /// The reply. `None`: there is none yet, or the watcher was closed.
    pub fn take(&self) -> Option<Result<Reply, Error>> {
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
pub(super) enum Command {
    Request(Arc<Request>),
    PredicateReplies(Vec<(u64, bool)>),
    /// The real paths of the files of the checkpoint of this request.
    CheckpointFiles(Arc<Request>, Vec<Vec<u8>>),
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
pub(super) struct Mailbox {
    state: Mutex<State>,
    /// Wakes the thread: there are commands, changes were taken, or it is to end.
    commands: Signal,
    /// Wakes the users: there are changes or errors, or will be none any more.
    changes: Signal,
    pub(super) ready: Request,
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
    pub(super) fn new(waker: Option<Waker>) -> io::Result<Self> {
        Ok(Self {
            state: Mutex::default(),
            commands: Signal::new()?,
            changes: Signal::new()?,
            ready: Request::new(Query::Ready)?,
            tail: OnceLock::new(),
            waker,
        })
    }

    pub(super) fn commands_fd(&self) -> BorrowedFd<'_> {
        self.commands.fd()
    }

    pub(super) fn changes_fd(&self) -> BorrowedFd<'_> {
        self.changes.fd()
    }

    pub(super) fn commands(&self) -> Vec<Command> {
        self.commands.lower();
        mem::take(&mut lock(&self.state).commands)
    }

    /// Sets the end of the queue, which is read when changes are taken.
    pub(super) fn set_tail(&self, tail: Tail) {
        self.tail.set(tail).ok();
    }

    pub(super) fn is_closed(&self) -> bool {
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
    pub(super) fn wake_thread(&self) {
        self.commands.raise();
    }

    /// Whether the last batch is still to be taken.
    pub(super) fn has_changes(&self) -> bool {
        !lock(&self.state).changes.is_empty()
    }

    /// The same, and whether batches that are taken are held.
    pub(super) fn has_changes_and_held(&self) -> (bool, bool) {
        let state = lock(&self.state);
        (!state.changes.is_empty(), state.held)
    }

    pub(super) fn deliver(&self, changes: Vec<Change>) {
        let mut state = lock(&self.state);
        state.changes = changes;
        state.delivered += 1;
        self.raise();
    }

    /// Replaces the changes of the last batch, and returns the old ones. `None`: they are taken.
    pub(super) fn replace(&self, changes: Vec<Change>) -> Option<Vec<Change>> {
        let mut state = lock(&self.state);
        if state.changes.is_empty() {
            return None;
        }
        let old = mem::replace(&mut state.changes, changes);
        self.lower(&state);
        Some(old)
    }

    /// How many batches the consumer is done with.
    pub(super) fn done(&self) -> u64 {
        lock(&self.state).done
    }

    /// The number of the last batch that is taken, and the position in the queue then.
    pub(super) fn taken(&self) -> (u64, u64) {
        let state = lock(&self.state);
        (state.taken, state.taken_at)
    }

    /// Whether reported errors are still to be taken.
    pub(super) fn has_errors(&self) -> bool {
        !lock(&self.state).errors.is_empty()
    }

    pub(super) fn report(&self, errors: Vec<WatchError>) {
        let mut state = lock(&self.state);
        state.errors = errors;
        self.raise();
    }

    pub(super) fn set_stats(&self, stats: Stats) {
        lock(&self.state).stats = stats;
    }

    /// Whether predicate requests are still to be taken.
    pub(super) fn has_predicate_requests(&self) -> bool {
        !lock(&self.state).predicate_requests.is_empty()
    }

    /// Has the predicate asked about directories.
    pub(super) fn send_predicate_requests(&self, predicate_requests: Vec<(u64, Vec<u8>)>) {
        if !predicate_requests.is_empty() {
            let mut state = lock(&self.state);
            state.predicate_requests.extend(predicate_requests);
            self.changes.raise();
        }
        self.ready.nudge();
    }

    /// The thread ends: nobody waits for it any more, nor for these requests.
    pub(super) fn end(&self, failure: Option<Error>, requests: impl Iterator<Item = Arc<Request>>) {
        let commands = {
            let mut state = lock(&self.state);
            state.ended = true;
            state.failure = failure;
            mem::take(&mut state.commands)
        };
        self.drop_commands(requests.map(Command::Request).chain(commands));
    }

    fn drop_commands(&self, commands: impl IntoIterator<Item = Command>) {
        for command in commands {
            if let Command::Request(request) = command {
                request.nudge();
            }
        }
        self.ready.nudge();
        self.raise();
    }

    /// Sends the thread a command; one that comes too late is dropped.
    pub(super) fn send(&self, command: Command) {
        let late = {
            let mut state = lock(&self.state);
            if state.ended || state.closed {
                Some(command)
            } else {
                state.commands.push(command);
                None
            }
        };
        if late.is_some() {
            self.drop_commands(late);
        }
        self.commands.raise();
    }

    pub(super) fn close(&self) {
        lock(&self.state).closed = true;
        self.commands.raise();
        self.changes.raise();
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

    fn take<T>(&self, of: impl FnOnce(&mut State) -> &mut Vec<T>) -> Vec<T> {
        let mut state = lock(&self.state);
        let taken = mem::take(of(&mut state));
        self.lower(&state);
        drop(state);
        self.go_on(!taken.is_empty());
        taken
    }
}

/// What its users call. Nothing of it blocks.
impl Watcher {
    /// Sends a request to the thread.
    ///
    /// # Errors
    /// `EMFILE`.
    pub fn request(&self, query: Query) -> io::Result<Arc<Request>> {
        let request = Arc::new(Request::new(query)?);
        self.mailbox.send(Command::Request(Arc::clone(&request)));
        Ok(request)
    }

    /// Takes the delivered changes.
    #[must_use]
    pub fn take(&self) -> Vec<Change> {
        self.take_holding(false)
    }

    /// The same. `hold`: the consumer gets them when [`release`](Self::release) is called, and until then they are in no
    /// checkpoint.
    #[must_use]
    pub fn take_holding(&self, hold: bool) -> Vec<Change> {
        self.mailbox.take(|state| {
            state.held |= hold && !state.changes.is_empty();
            if state.taken < state.delivered {
                state.taken = state.delivered;
                state.taken_at = self.mailbox.tail.get().and_then(Tail::position).unwrap_or(0);
            }
            &mut state.changes
        })
    }

    /// Says that the consumer was given all changes that were taken.
    pub fn release(&self) {
        let held = mem::take(&mut lock(&self.mailbox.state).held);
        self.mailbox.go_on(held);
    }

    /// Says that the consumer is done with all changes that were taken. It need not: but then files are not reported
    /// again when they are renamed later.
    pub fn done_with_taken(&self) {
        let mut state = lock(&self.mailbox.state);
        if state.done < state.taken {
            state.done = state.taken;
            drop(state);
            self.mailbox.commands.raise();
        }
    }

    /// The figures of a moment ago.
    #[must_use]
    pub fn stats(&self) -> Stats {
        lock(&self.mailbox.state).stats
    }

    /// Whether there are errors to take.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.mailbox.has_errors()
    }

    /// Takes the errors that are reported.
    #[must_use]
    pub fn take_errors(&self) -> Vec<WatchError> {
        self.mailbox.take(|state| &mut state.errors)
    }

    /// Takes the directories about which the predicate is to be asked: the number of the request, and the path.
    #[must_use]
    pub fn take_predicate_requests(&self) -> Vec<(u64, Vec<u8>)> {
        self.mailbox.take(|state| &mut state.predicate_requests)
    }

    /// Replies to predicate requests: by number, whether the directory is included.
    pub fn reply_predicates(&self, replies: Vec<(u64, bool)>) {
        self.mailbox.send(Command::PredicateReplies(replies));
    }

    /// Whether the thread has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        lock(&self.mailbox.state).ended
    }

    /// Wakes whoever waits for [`fd`](Self::fd), which stays readable until [`unwake`](Self::unwake).
    pub fn wake(&self) {
        self.mailbox.changes.raise();
    }

    /// Makes [`fd`](Self::fd) readable only if there is something to take.
    pub fn unwake(&self) {
        self.mailbox.lower(&lock(&self.mailbox.state));
    }

    /// Takes the error that ended the thread: only for want of memory or descriptors.
    #[must_use]
    pub fn take_failure(&self) -> Option<Error> {
        lock(&self.mailbox.state).failure.take()
    }
}
