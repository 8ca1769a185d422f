//! The thread of a watcher: runs an engine, carries out commands, and delivers batches.

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::checkpoint::{self, Checkpoint};
use crate::engine::Engine;
use crate::error::{Error, Operation};
use crate::git::Work;
use crate::sys;

use super::mailbox::{Command, Mailbox, Query, Reply, Request};

pub(crate) struct Thread {
    mailbox: Arc<Mailbox>,
    engine: Engine,
    debounce: Duration,
    /// How long changes wait at most.
    cap: Duration,
    /// When the first and the last pending change happened.
    first: Option<Instant>,
    last: Instant,
    /// `None`: batches do not wait for git.
    git: Option<Work>,
    /// Until when the next batch waits for git.
    git_until: Option<Instant>,
    /// The position in the queue when git was found to do nothing.
    git_ended: Option<u64>,
    /// Requests for a sync or an audit, each with what it waits for.
    waiting: Vec<(Goal, Arc<Request>)>,
    /// Checkpoints to be written.
    checkpoints: Vec<Writing>,
    /// The thread that writes the last one.
    writer: Option<JoinHandle<()>>,
    since: Option<Since>,
    /// The number of the last batch that the consumer is done with, and the position then.
    done: (u64, u64),
}

/// What the first batch is compared with.
pub(crate) struct Since {
    pub(crate) checkpoint: Checkpoint,
    /// The real paths of its files.
    pub(crate) files: Vec<Vec<u8>>,
}

/// A checkpoint to be written.
struct Writing {
    path: Vec<u8>,
    files: WrittenFiles,
    request: Arc<Request>,
}

/// The real paths of the files of a checkpoint.
enum WrittenFiles {
    Unknown,
    /// A thread finds them.
    Sought,
    Found(Vec<Vec<u8>>),
}

/// What a request waits for.
#[derive(Clone, Copy, Debug)]
struct Goal {
    /// In the queue.
    position: u64,
    /// Of what is polled.
    scan: u64,
}

impl Goal {
    /// All that has happened until now.
    fn now(engine: &mut Engine) -> Self {
        Self { position: engine.position(), scan: engine.request_scan() }
    }

    fn is_reached(self, engine: &Engine) -> bool {
        self.is_reached_where_it_replies(engine) && engine.has_scanned(self.scan)
    }

    /// The same, except for places that do not reply.
    fn is_reached_where_it_replies(self, engine: &Engine) -> bool {
        engine.has_passed(self.position)
            && engine.has_scanned_what_replies(self.scan)
            && !engine.awaits_predicate()
            && engine.certain_at().is_none()
    }
}

impl Thread {
    pub(crate) fn new(
        mailbox: Arc<Mailbox>,
        engine: Engine,
        debounce: Duration,
        since: Option<Since>,
        git: Option<Work>,
    ) -> Self {
        Self {
            mailbox,
            engine,
            debounce,
            cap: (debounce * 10).max(Duration::from_millis(500)),
            first: None,
            last: Instant::now(),
            git,
            git_until: None,
            git_ended: None,
            waiting: Vec::new(),
            checkpoints: Vec::new(),
            writer: None,
            since,
            done: (0, 0),
        }
    }

    /// Runs until the watcher is closed.
    pub(crate) fn run(mut self) {
        let mailbox = Arc::downgrade(&self.mailbox);
        self.engine.own_thread(Arc::new(move || {
            if let Some(mailbox) = mailbox.upgrade() {
                mailbox.wake_thread();
            }
        }));
        self.mailbox.set_tail(self.engine.tail());
        // Whatever happens, nobody waits for ever.
        let ended = panic::catch_unwind(AssertUnwindSafe(|| self.watch())).unwrap_or_else(|_| Err(panicked()));
        let waiting = self.waiting.into_iter().map(|(_, request)| request);
        self.mailbox.end(ended.err(), waiting.chain(self.checkpoints.into_iter().map(|writing| writing.request)));
    }

    fn watch(&mut self) -> Result<(), Error> {
        self.work(Engine::scan)?;
        self.send_predicate_requests();
        while (self.engine.awaits_predicate() || self.engine.is_scanning()) && !self.mailbox.is_closed() {
            self.wait();
            self.follow_commands();
            self.work(Engine::scan)?;
            self.send_predicate_requests();
        }
        while self.engine.certain_at().is_some() && !self.mailbox.is_closed() {
            self.wait();
            self.follow_commands();
        }
        match self.since.take() {
            None => self.work(Engine::begin)?,
            Some(Since { checkpoint, files }) => {
                files.iter().for_each(|file| self.engine.exclude_file(file));
                self.work(|engine, proceed| engine.begin_since(&checkpoint, proceed))?;
                self.work(Engine::finish_pending)?;
                // The first batch is there as soon as the watcher is.
                self.deliver_changes();
            }
        }
        self.report_errors();
        self.report_stats();
        self.engine.close_dirs();
        self.mailbox.ready.reply(Ok(Reply::Done));
        while !self.mailbox.is_closed() {
            self.wait();
            self.follow_commands();
            let now = Instant::now();
            self.work(|engine, proceed| engine.process(now, proceed))?;
            self.send_predicate_requests();
            if self.engine.take_fresh() {
                self.last = Instant::now();
            }
            if self.engine.has_changes() && self.first.is_none() {
                self.first = Some(self.last);
            }
            self.report_errors();
            self.deliver()?;
            self.reply_to(
                Query::Audit,
                |engine, goal| goal.is_reached_where_it_replies(engine),
                |engine| engine.audit().map(Reply::Audit),
            );
            self.write_checkpoints()?;
            self.report_stats();
            self.engine.close_dirs();
        }
        Ok(())
    }

    /// Makes the engine do something that may take long, unless the watcher is closed meanwhile.
    fn work<T>(&mut self, what: impl FnOnce(&mut Engine, crate::engine::Proceed<'_>) -> T) -> T {
        let mailbox = &self.mailbox;
        what(&mut self.engine, &mut |stats| {
            mailbox.set_stats(*stats);
            !mailbox.is_closed()
        })
    }

    /// Blocks until there are events or commands, or something is due.
    fn wait(&mut self) {
        let due = [self.due_changes(), self.engine.due(), self.engine.certain_at()].into_iter().flatten().min();
        let timeout = due.map(|due| due.saturating_duration_since(Instant::now()));
        if self.engine.has_events() {
            return;
        }
        let commands = self.mailbox.commands_fd();
        let pause = self.engine.pause();
        if !pause.is_zero() {
            sys::poll([commands, commands], None, Some(timeout.map_or(pause, |timeout| timeout.min(pause))));
        } else if sys::poll([self.engine.fd(), commands], self.engine.mounts_fd(), timeout) {
            self.engine.mounts_changed();
        }
    }

    /// When the changes are delivered: after the debounce time, or when they have waited long enough, unless git works
    /// then.
    fn due_changes(&self) -> Option<Instant> {
        if self.mailbox.has_changes() {
            return None;
        }
        let first = self.first?;
        let due = (self.last + self.debounce).min(first + self.cap);
        Some(self.git_until.map_or(due, |until| due.max(until)))
    }

    /// Whether the changes are delivered now.
    fn is_due(&mut self) -> bool {
        let now = Instant::now();
        if self.due_changes().is_none_or(|due| due > now) {
            return false;
        }
        let Some(git) = &mut self.git else { return true };
        let wait = git.wait(now);
        self.git_until = (!wait.is_zero()).then(|| now + wait);
        if self.git_until.is_some() {
            return false;
        }
        // What it did until then belongs to the batch.
        let ended = *self.git_ended.get_or_insert_with(|| self.engine.position());
        let passed = self.engine.has_passed(ended);
        if passed {
            self.git_ended = None;
        }
        passed
    }

    fn follow_commands(&mut self) {
        let done = self.mailbox.done();
        if done > self.done.0 {
            self.done = (done, self.engine.position());
        }
        self.note_taken();
        for command in self.mailbox.commands() {
            match command {
                Command::Request(request) => self.follow(request),
                Command::CheckpointFiles(request, files) => {
                    let mut checkpoints = self.checkpoints.iter_mut();
                    if let Some(writing) = checkpoints.find(|it| Arc::ptr_eq(&it.request, &request)) {
                        writing.files = WrittenFiles::Found(files);
                    }
                }
                Command::PredicateReplies(replies) => {
                    for (request, included) in replies {
                        self.engine.apply_predicate(request, included);
                    }
                }
            }
        }
    }

    fn follow(&mut self, request: Arc<Request>) {
        match &request.query {
            // Replied to without a request.
            Query::Ready => {}
            Query::Paths => request.reply(Ok(Reply::Paths(self.engine.paths()))),
            Query::Sync | Query::Audit => self.waiting.push((Goal::now(&mut self.engine), request)),
            Query::Checkpoint(path) => {
                let path = path.clone();
                self.checkpoints.push(Writing { path, files: WrittenFiles::Unknown, request });
            }
        }
    }

    fn note_taken(&mut self) {
        let (batch, position) = self.mailbox.taken();
        self.engine.was_taken_at(batch, position);
    }

    /// Delivers what is due or requested.
    fn deliver(&mut self) -> Result<(), Error> {
        let mut syncs = self.waiting.iter().filter(|(_, request)| request.query == Query::Sync).peekable();
        let has_syncs = syncs.peek().is_some();
        let passed = syncs.any(|(goal, _)| goal.is_reached(&self.engine));
        let due = self.is_due();
        if passed || due {
            self.work(Engine::finish_pending)?;
        }
        let ready = self.note_held();
        // A sync request finds all in the next batch, even in one that is ready.
        let merged = ready && passed && self.engine.has_changes() && self.merge();
        if (passed || due) && !merged && !self.note_held() {
            self.deliver_changes();
        }
        let (batch, position) = self.done;
        self.engine.was_read_at(batch, position);
        self.note_taken();
        if has_syncs {
            // The figures include what the requests wait for.
            self.report_stats();
        }
        self.reply_to(Query::Sync, |engine, goal| goal.is_reached(engine), |_| Ok(Reply::Done));
        Ok(())
    }

    /// Notes whether the last batch is taken, and whether the program has got all that are. Returns whether it is not.
    fn note_held(&mut self) -> bool {
        let (ready, held) = self.mailbox.has_changes_and_held();
        self.engine.set_held(held);
        if !ready {
            self.engine.was_taken();
        }
        ready
    }

    fn deliver_changes(&mut self) {
        let changes = self.engine.take_changes();
        self.first = None;
        if !changes.is_empty() {
            self.report_errors();
            self.mailbox.deliver(changes);
        }
    }

    /// Adds the changes since then to the batch that is ready. Returns `false` if that is taken.
    fn merge(&mut self) -> bool {
        let mailbox = &self.mailbox;
        let merged = self.engine.merge(|changes| mailbox.replace(changes)).is_some();
        if merged {
            self.first = None;
            self.report_errors();
        }
        merged
    }

    /// Reports errors, if the last ones are taken.
    fn report_errors(&mut self) {
        if self.mailbox.has_errors() {
            return;
        }
        let errors = self.engine.take_errors();
        if !errors.is_empty() {
            self.mailbox.report(errors);
        }
    }

    /// Has the predicate asked about new directories.
    fn send_predicate_requests(&mut self) {
        if self.engine.awaits_predicate() {
            // A directory that is gone when the last requests are taken needs none.
            let predicate_requests =
                if self.mailbox.has_predicate_requests() { Vec::new() } else { self.engine.take_predicate_requests() };
            self.mailbox.send_predicate_requests(predicate_requests);
            // Everybody who waits for a reply may reply to the predicate.
            self.waiting.iter().for_each(|(_, request)| request.nudge());
        }
    }

    /// Replies to the requests of a kind that have what they wait for.
    fn reply_to(
        &mut self,
        query: Query,
        is_reached: impl Fn(&Engine, Goal) -> bool,
        reply: impl Fn(&mut Engine) -> Result<Reply, Error>,
    ) {
        let engine = &mut self.engine;
        self.waiting.retain(|(goal, request)| {
            let is_due = request.query == query && is_reached(engine, *goal);
            if is_due {
                request.reply(reply(engine));
            }
            !is_due
        });
    }

    /// Makes the requested checkpoints. Other threads find out which files they are for, and write them, one after the
    /// other: the disk may be slow, and the kernel's queue is not.
    fn write_checkpoints(&mut self) -> Result<(), Error> {
        for mut writing in std::mem::take(&mut self.checkpoints) {
            let files = match std::mem::replace(&mut writing.files, WrittenFiles::Sought) {
                WrittenFiles::Found(files) => files,
                WrittenFiles::Sought => {
                    self.checkpoints.push(writing);
                    continue;
                }
                WrittenFiles::Unknown => {
                    match self.find_files(&writing) {
                        Ok(()) => self.checkpoints.push(writing),
                        Err(error) => writing.request.reply(Err(error)),
                    }
                    continue;
                }
            };
            let Writing { path, request, .. } = writing;
            files.iter().for_each(|file| self.engine.exclude_file(file));
            let Some(bytes) = self.work(|engine, proceed| engine.checkpoint(proceed))? else {
                // It was closed.
                request.nudge();
                continue;
            };
            let before = self.writer.take();
            let reply = Arc::clone(&request);
            let write = move || {
                // A panic has been reported where it happened.
                before.and_then(|before| before.join().ok());
                reply.reply(checkpoint::write(&path, &bytes).map(|()| Reply::Done));
            };
            match spawn(write) {
                Ok(writer) => self.writer = Some(writer),
                Err(error) => request.reply(Err(error)),
            }
        }
        Ok(())
    }

    /// Has another thread find the files of a checkpoint.
    fn find_files(&self, writing: &Writing) -> Result<(), Error> {
        let (path, request) = (writing.path.clone(), Arc::clone(&writing.request));
        let mailbox = Arc::downgrade(&self.mailbox);
        let find = move || {
            let files = checkpoint::files(&path);
            if let Some(mailbox) = mailbox.upgrade() {
                mailbox.send(Command::CheckpointFiles(request, files));
            }
        };
        spawn(find).map(drop)
    }

    fn report_stats(&self) {
        self.mailbox.set_stats(self.engine.stats());
    }
}

/// Starts a thread of the watcher's.
fn spawn(work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Error> {
    let thread = std::thread::Builder::new().name("inotify_rs".to_owned());
    sys::with_signals_blocked(|| thread.spawn(work)).map_err(|error| Error::os(Operation::Thread, &error))
}

/// The message of the panic is on stderr.
fn panicked() -> Error {
    let error = io::Error::from_raw_os_error(libc::EIO);
    Error::os(Operation::Read, &error)
        .remarking("the watcher's thread panicked, which is a bug in inotify_rs: please report it")
}
