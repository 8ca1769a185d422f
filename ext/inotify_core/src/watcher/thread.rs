//! The thread of a watcher: runs an engine, follows commands, and delivers batches.

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::engine::{Audit, Engine};
use crate::error::{Error, Operation};
use crate::sys;

use super::mailbox::{Command, Mailbox, Request};

pub(crate) struct Thread {
    mailbox: Arc<Mailbox>,
    engine: Engine,
    debounce: Duration,
    /// How long changes wait for quiet at most.
    cap: Duration,
    /// When the first and the last of the pending changes happened.
    first: Option<Instant>,
    last: Instant,
    /// Who waits for what had happened at this position.
    syncs: Vec<(u64, Arc<Request<()>>)>,
    /// Who waits for an audit.
    audits: Vec<(u64, Arc<Request<Audit>>)>,
    /// The last batch that whoever takes the changes is known to be done with, and the position then.
    done: (u64, u64),
}

impl Thread {
    pub(crate) fn new(mailbox: Arc<Mailbox>, engine: Engine, debounce: Duration) -> Self {
        Self {
            mailbox,
            engine,
            debounce,
            cap: (debounce * 10).max(Duration::from_millis(500)),
            first: None,
            last: Instant::now(),
            syncs: Vec::new(),
            audits: Vec::new(),
            done: (0, 0),
        }
    }

    /// Runs until the watcher is closed.
    pub(crate) fn run(mut self) {
        self.engine.own_thread();
        self.mailbox.set_tail(self.engine.tail());
        // Whatever happens, nobody is left waiting.
        let ended = panic::catch_unwind(AssertUnwindSafe(|| self.watch())).unwrap_or_else(|_| Err(panicked()));
        let syncs = self.syncs.into_iter().map(|(_, request)| Command::Sync(request));
        let audits = self.audits.into_iter().map(|(_, request)| Command::Audit(request));
        self.mailbox.end(ended.err(), syncs.chain(audits).collect());
    }

    fn watch(&mut self) -> Result<(), Error> {
        self.work(Engine::scan)?;
        self.send_predicate_requests();
        while self.engine.awaits_predicate() && !self.mailbox.is_closed() {
            self.wait();
            self.follow_commands();
            self.work(Engine::scan)?;
            self.send_predicate_requests();
        }
        self.work(Engine::begin)?;
        self.report_errors();
        self.report_stats();
        self.engine.close_dirs();
        self.mailbox.ready.reply(());
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
            self.audit();
            self.report_stats();
            self.engine.close_dirs();
        }
        Ok(())
    }

    /// Has the engine do something that may take long, unless the watcher is closed meanwhile.
    fn work<T>(&mut self, what: impl FnOnce(&mut Engine, crate::engine::Proceed<'_>) -> T) -> T {
        let mailbox = &self.mailbox;
        what(&mut self.engine, &mut |stats| {
            mailbox.set_stats(*stats);
            !mailbox.is_closed()
        })
    }

    /// Waits for events, commands, or for something to be due.
    fn wait(&mut self) {
        let due = [self.due_changes(), self.engine.due()].into_iter().flatten().min();
        let timeout = due.map(|due| due.saturating_duration_since(Instant::now()));
        if !self.engine.has_events() {
            let readable = [self.engine.fd(), self.mailbox.commands_fd()];
            if sys::poll(readable, self.engine.mounts_fd(), timeout) {
                self.engine.mounts_changed();
            }
        }
    }

    /// When the changes are delivered: after a quiet time, or when they have waited long enough.
    fn due_changes(&self) -> Option<Instant> {
        if self.mailbox.has_changes() {
            return None;
        }
        let first = self.first?;
        Some((self.last + self.debounce).min(first + self.cap))
    }

    fn follow_commands(&mut self) {
        let done = self.mailbox.done();
        if done > self.done.0 {
            self.done = (done, self.engine.position());
        }
        self.note_taken();
        for command in self.mailbox.commands() {
            match command {
                Command::Sync(request) => self.syncs.push((self.engine.position(), request)),
                Command::Paths(request) => request.reply(self.engine.paths()),
                Command::Audit(request) => self.audits.push((self.engine.position(), request)),
                Command::PredicateReplies(replies) => {
                    for (request, included) in replies {
                        self.engine.apply_predicate(request, included);
                    }
                }
            }
        }
    }

    fn note_taken(&mut self) {
        let (batch, position) = self.mailbox.taken();
        self.engine.was_taken_at(batch, position);
    }

    /// Delivers what is due: to whoever takes changes, and to those who wait for a `sync`.
    fn deliver(&mut self) -> Result<(), Error> {
        let has_predicate = !self.engine.awaits_predicate();
        let passed = has_predicate && self.syncs.iter().any(|(position, _)| self.engine.has_passed(*position));
        let due = self.due_changes().is_some_and(|due| due <= Instant::now());
        if passed || due {
            self.work(Engine::finish_pending)?;
        }
        let ready = self.mailbox.has_changes();
        if !ready {
            self.engine.was_taken();
        }
        // Who waits for a `sync` finds all in the next batch, be it one that lies ready.
        let merged = ready && passed && self.engine.has_changes() && self.merge();
        if (passed || due) && !merged && !self.mailbox.has_changes() {
            let changes = self.engine.take_changes();
            self.first = None;
            if !changes.is_empty() {
                self.report_errors();
                self.mailbox.deliver(changes);
            }
        }
        let (batch, position) = self.done;
        self.engine.was_read_at(batch, position);
        self.note_taken();
        if !self.syncs.is_empty() {
            // The figures are those of what they wait for.
            self.report_stats();
        }
        let engine = &self.engine;
        self.syncs.retain(|(position, request)| {
            let waiting = !has_predicate || !engine.has_passed(*position);
            if !waiting {
                request.reply(());
            }
            waiting
        });
        Ok(())
    }

    /// Puts what happened since into the batch that lies ready. Returns whether it did: not if that is taken.
    fn merge(&mut self) -> bool {
        let mailbox = &self.mailbox;
        let merged = self.engine.merge(|changes| mailbox.replace(changes)).is_some();
        if merged {
            self.first = None;
            self.report_errors();
        }
        merged
    }

    /// Reports the errors there are, when the last ones are taken.
    fn report_errors(&mut self) {
        if self.mailbox.has_errors() {
            return;
        }
        let errors = self.engine.take_errors();
        if !errors.is_empty() {
            self.mailbox.report(errors);
        }
    }

    /// Asks about directories that were found.
    fn send_predicate_requests(&mut self) {
        if self.engine.awaits_predicate() {
            // What is gone when the last ones are taken is not asked about.
            let predicate_requests =
                if self.mailbox.has_predicate_requests() { Vec::new() } else { self.engine.take_predicate_requests() };
            self.mailbox.send_predicate_requests(predicate_requests);
            // Whoever waits is to reply, those too who began after the predicate requests were asked.
            self.syncs.iter().for_each(|(_, request)| request.nudge());
            self.audits.iter().for_each(|(_, request)| request.nudge());
        }
    }

    /// Replies to those who wait for an audit, when all that happened before they asked is applied.
    fn audit(&mut self) {
        for (position, request) in std::mem::take(&mut self.audits) {
            if self.engine.has_passed(position) && !self.engine.awaits_predicate() {
                request.reply(self.engine.audit());
            } else {
                self.audits.push((position, request));
            }
        }
    }

    fn report_stats(&self) {
        self.mailbox.set_stats(self.engine.stats());
    }
}

/// The message of the panic is on stderr.
fn panicked() -> Error {
    let error = io::Error::from_raw_os_error(libc::EIO);
    Error::os(Operation::Read, &error).remarking("the thread that watches panicked, which is a mistake in inotify_rs")
}
