//! `Inotify::Internal::WatcherThread`: the native part of `Inotify::Watcher`; and `Inotify::Watcher#take`.
//!
//! Ruby lets interrupts in wherever a method ends. So what is taken from the thread stays here until native code yields
//! it, or the one native method returns it to the program: nothing comes in between.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::os::fd::AsRawFd;
use std::process;
use std::sync::Arc;
use std::time::Duration;

use inotify_core::engine::Options;
use inotify_core::filter::{BadPattern, Filter};
use inotify_core::model::Kind;
use inotify_core::paths;
use inotify_core::watcher::{Query, Reply, Request, Watcher};
use magnus::block::Proc;
use magnus::gc::Marker;
use magnus::rb_sys::AsRawValue;
use magnus::typed_data::Obj;
use magnus::value::{Opaque, ReprValue};
use magnus::{
    DataTypeFunctions, Error, Exception, Fiber, Module, Object, RArray, RFile, RHash, RModule, RString, Ruby,
    TryConvert, Value, function, method,
};

use crate::change::{Change, path_string};
use crate::deadline::{self, Deadline};
use crate::lease::{Lease, Leased};
use crate::{errors, ruby};

/// In messages.
const NAME: &str = "Inotify::Watcher";

pub(crate) struct WatcherThread {
    /// `None`: not started, or released, and its descriptors with it. Borrowed for moments only: the fiber may be
    /// dropped in the middle of a wait.
    watcher: RefCell<Option<Arc<Watcher>>>,
    /// The process it is of.
    pid: u32,
    lease: Lease,
    /// What is to be done in Ruby before changes are taken.
    prepare: Cell<Option<Opaque<Proc>>>,
    /// Whether predicates decide in Ruby what is reported.
    has_predicates: Cell<bool>,
    /// The fibers that are asking a predicate.
    asking: RefCell<Vec<Opaque<Fiber>>>,
    /// Not delivered yet.
    errors: RefCell<VecDeque<Opaque<Exception>>>,
    /// Batches that predicates were not asked about yet, and those that they were.
    unfiltered: RefCell<VecDeque<Opaque<RArray>>>,
    filtered: RefCell<VecDeque<Opaque<RArray>>>,
    /// What ended the thread before its time.
    failure: Cell<Option<Opaque<Exception>>>,
    /// The object id of the fiber that took changes last.
    taker: Cell<Option<u64>>,
    /// Whether several fibers take changes.
    several_takers: Cell<bool>,
}

ruby::typed_data!(WatcherThread, c"Inotify::Internal::WatcherThread", free_immediately, mark);

impl DataTypeFunctions for WatcherThread {
    fn mark(&self, marker: &Marker) {
        self.lease.mark(marker);
        if let Some(prepare) = self.prepare.get() {
            marker.mark(prepare);
        }
        if let Some(failure) = self.failure.get() {
            marker.mark(failure);
        }
        for fiber in self.asking.borrow().iter() {
            marker.mark(*fiber);
        }
        for error in self.errors.borrow().iter() {
            marker.mark(*error);
        }
        for batch in self.unfiltered.borrow().iter().chain(self.filtered.borrow().iter()) {
            marker.mark(*batch);
        }
    }
}

impl Leased for WatcherThread {
    fn lease(&self) -> &Lease {
        &self.lease
    }

    fn release(&self, _ruby: &Ruby) -> Result<(), Error> {
        drop(self.watcher.take());
        Ok(())
    }
}

/// What a wait for changes ends with.
enum Waited {
    Batch(RArray),
    /// Something woke who waits: changes that another thread took, or `wake`.
    Woken,
    /// The deadline has passed, it was closed, or a predicate asks, which must not wait for itself.
    Over,
}

impl WatcherThread {
    /// One that is not started: who starts it has it already, whatever comes in between then.
    fn new(ruby: &Ruby) -> Result<Obj<Self>, Error> {
        let thread = ruby.obj_wrap(Self {
            watcher: RefCell::default(),
            pid: process::id(),
            lease: Lease::default(),
            prepare: Cell::default(),
            has_predicates: Cell::default(),
            asking: RefCell::default(),
            errors: RefCell::default(),
            unfiltered: RefCell::default(),
            filtered: RefCell::default(),
            failure: Cell::default(),
            taker: Cell::default(),
            several_takers: Cell::default(),
        });
        thread.prepare.set(Some(ruby.block_proc()?.into()));
        Ok(thread)
    }

    /// Returns those of the paths that are roots.
    fn start(ruby: &Ruby, rb_self: &Self, paths: RArray, options: RHash) -> Result<RArray, Error> {
        let debounce = Duration::try_from_secs_f64(option(ruby, options, "debounce")?)
            .map_err(|error| Error::new(ruby.exception_arg_error(), format!("debounce: {error}")))?;
        rb_self.has_predicates.set(option(ruby, options, "predicates")?);
        let since = option::<Option<RString>>(ruby, options, "since")?.map(ruby::string_bytes);
        let duration = |name| Ok::<_, Error>(option::<Option<f64>>(ruby, options, name)?.map(Duration::from_secs_f64));
        let mut watched = Options::new(option(ruby, options, "recursive")?);
        watched.filter = filter(ruby, options)?;
        watched.follow_links = option(ruby, options, "follow_symlinks")?;
        watched.poll = duration("poll")?;
        watched.poll_always = option(ruby, options, "poll_always")?;
        watched.closed = option(ruby, options, "closed")?;
        watched.git_wait = duration("git_wait")?;
        let paths = ruby::string_bytes_of(paths)?;
        let mut started = None;
        // The paths are examined, and a checkpoint is read: either may block.
        let ran = ruby::without_vm_lock(|| started = Some(start(&mut watched, &paths, since.as_deref(), debounce)));
        if let Some(Ok(watcher)) = started {
            // An interrupt leaves it to be closed, with its thread.
            let fd = watcher.fd().as_raw_fd();
            rb_self.watcher.replace(Some(Arc::new(watcher)));
            rb_self.lease.set_io(RFile::try_convert(ruby::io(ruby, fd)?.funcall("dup", ())?)?);
        } else if let Some(Err(error)) = started {
            ran?;
            return Err(errors::raise(ruby, &error));
        }
        ran?;
        Ok(ruby.ary_from_iter(watched.given().iter().map(|path| path_string(ruby, path))))
    }

    /// `None` in a forked child, too: a thread that is not there may have held the lock.
    fn watcher(&self) -> Option<Arc<Watcher>> {
        if self.is_foreign() { None } else { self.watcher.borrow().as_ref().map(Arc::clone) }
    }

    /// Whether this is the copy of a forked child.
    fn is_foreign(&self) -> bool {
        process::id() != self.pid
    }

    fn is_closed(&self) -> bool {
        self.lease.is_closed() || self.is_foreign()
    }

    fn pid(&self) -> u32 {
        self.pid
    }

    /// An error when it is closed, and in a forked child.
    fn check_open(ruby: &Ruby, rb_self: &Self) -> Result<(), Error> {
        rb_self.open(ruby).map(drop)
    }

    fn open(&self, ruby: &Ruby) -> Result<Arc<Watcher>, Error> {
        if self.is_foreign() {
            return Err(errors::foreign(ruby, NAME, self.pid));
        }
        self.watcher().filter(|_| !self.lease.is_closed()).ok_or_else(|| errors::closed(ruby, NAME))
    }

    /// Readable when there are changes, errors or predicate requests.
    fn io(ruby: &Ruby, rb_self: &Self) -> Result<Option<RFile>, Error> {
        Self::check_open(ruby, rb_self)?;
        Ok(rb_self.lease.io(ruby))
    }

    /// Whoever took changes is about to wait for more.
    fn done(ruby: &Ruby, rb_self: &Self) -> Result<(), Error> {
        if rb_self.taker.get() == Some(fiber_id(ruby)?) {
            rb_self.done_with_taken();
        }
        Ok(())
    }

    /// Whether the trees are scanned, or the thread has ended.
    fn is_ready(&self) -> bool {
        self.watcher().is_none_or(|watcher| watcher.ready().take().is_some() || watcher.has_ended())
    }

    /// Waits until `is_ready` may return something else, for so many seconds at most.
    fn await_ready(ruby: &Ruby, rb_self: &Self, timeout: Option<f64>) -> Result<(), Error> {
        let fd = rb_self.open(ruby)?.ready().fd().as_raw_fd();
        let io = ruby::io(ruby, fd)?;
        Lease::wait(ruby, rb_self, io, timeout.map(Duration::from_secs_f64))
    }

    /// Counts the fibers that take changes, two or more as several. A single one is done with what it took before.
    fn know_taker(&self, ruby: &Ruby) -> Result<(), Error> {
        let fiber = Some(fiber_id(ruby)?);
        let before = self.taker.replace(fiber);
        if before.is_some() && before != fiber {
            self.several_takers.set(true);
        }
        self.done_with_taken();
        Ok(())
    }

    /// All that was taken is done with, where there is nobody else who may be at it.
    fn done_with_taken(&self) {
        let holds = !(self.unfiltered.borrow().is_empty() && self.filtered.borrow().is_empty());
        if let Some(watcher) = self.watcher().filter(|_| !self.several_takers.get() && !holds) {
            watcher.done_with_taken();
        }
    }

    /// Waits for a batch, and takes it.
    fn next(&self, ruby: &Ruby, deadline: Deadline) -> Result<Waited, Error> {
        self.know_taker(ruby)?;
        if self.lease.is_closed() {
            return Ok(Waited::Over);
        }
        Self::check_open(ruby, self)?;
        self.prepare(ruby)?;
        Self::check_failure(ruby, self)?;
        if let Some(batch) = self.shift(ruby)? {
            return Ok(Waited::Batch(batch));
        }
        let over = deadline.has_passed() || Self::is_asking(ruby, self);
        let Some(io) = self.lease.io(ruby).filter(|_| !over) else { return Ok(Waited::Over) };
        Lease::wait(ruby, self, io, deadline.left())?;
        // It may be readable because of somebody who was woken.
        self.unwake();
        Ok(Waited::Woken)
    }

    /// Lets Ruby ask predicates and deliver errors.
    fn prepare(&self, ruby: &Ruby) -> Result<(), Error> {
        match self.prepare.get() {
            Some(prepare) if self.has_predicates.get() || self.has_errors() => {
                ruby.get_inner(prepare).call::<_, Value>(()).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Yields, and knows meanwhile that this fiber asks a predicate. Inside of one nobody waits: the thread waits for
    /// the predicate's own result.
    fn ask(ruby: &Ruby, rb_self: &Self) -> Result<Value, Error> {
        let fiber = ruby.fiber_current();
        rb_self.asking.borrow_mut().push(fiber.into());
        let reply = ruby.yield_values(());
        let mut asking = rb_self.asking.borrow_mut();
        if let Some(last) = asking.iter().rposition(|asking| is_same(ruby, *asking, fiber)) {
            asking.remove(last);
        }
        reply
    }

    /// Whether this fiber is asking a predicate: one that calls its own watcher, or a signal handler in the middle of
    /// one.
    fn is_asking(ruby: &Ruby, rb_self: &Self) -> bool {
        let fiber = ruby.fiber_current();
        rb_self.asking.borrow().iter().any(|asking| is_same(ruby, *asking, fiber))
    }

    /// The batch that is next; `None`: there is none.
    fn shift(&self, ruby: &Ruby) -> Result<Option<RArray>, Error> {
        if self.has_predicates.get() {
            let first = self.filtered.borrow_mut().pop_front();
            self.release();
            return Ok(first.map(|first| ruby.get_inner(first)));
        }
        self.take_changes(ruby)
    }

    /// Says that the program has got all changes that were taken, if it has.
    fn release(&self) {
        let holds = !(self.unfiltered.borrow().is_empty() && self.filtered.borrow().is_empty());
        if let Some(watcher) = self.watcher().filter(|_| !holds) {
            watcher.release();
        }
    }

    /// The changes that the thread has delivered. The program gets them later if predicates are asked before.
    fn take_changes(&self, ruby: &Ruby) -> Result<Option<RArray>, Error> {
        let hold = self.has_predicates.get();
        let changes = self.watcher().map(|watcher| watcher.take_holding(hold)).unwrap_or_default();
        if changes.is_empty() {
            return Ok(None);
        }
        let array = ruby.ary_new_capa(changes.len());
        for change in changes {
            array.push(Change::wrap(ruby, change))?;
        }
        Ok(Some(array))
    }

    /// Waits for changes and yields a batch of them. Returns false when there is nothing to wait for any more; true,
    /// too, when it was woken without changes.
    fn deliver(ruby: &Ruby, rb_self: &Self, deadline: Obj<Deadline>) -> Result<bool, Error> {
        match rb_self.next(ruby, *deadline)? {
            Waited::Batch(batch) => ruby.yield_value::<_, Value>(batch).map(|_| true),
            Waited::Woken => Ok(true),
            Waited::Over => Ok(false),
        }
    }

    /// The batch that predicates are to be asked about. It stays until [`filtered`](Self::filtered) is called.
    fn unfiltered(ruby: &Ruby, rb_self: &Self) -> Result<Option<RArray>, Error> {
        if rb_self.unfiltered.borrow().is_empty() {
            if let Some(changes) = rb_self.take_changes(ruby)? {
                rb_self.unfiltered.borrow_mut().push_back(changes.into());
            }
        }
        Ok(rb_self.unfiltered.borrow().front().map(|first| ruby.get_inner(*first)))
    }

    /// Says what is left of such a batch, unless another thread or signal handler has.
    fn filtered(ruby: &Ruby, rb_self: &Self, batch: RArray, left: RArray) {
        let first = rb_self.unfiltered.borrow().front().map(|first| ruby.get_inner(*first));
        if first.is_none_or(|first| first.as_raw() != batch.as_raw()) {
            return;
        }
        rb_self.unfiltered.borrow_mut().pop_front();
        if !left.is_empty() {
            rb_self.filtered.borrow_mut().push_back(left.into());
        }
        rb_self.release();
    }

    /// Whether a batch is left that predicates were asked about.
    fn has_filtered(&self) -> bool {
        !self.filtered.borrow().is_empty()
    }

    fn has_errors(&self) -> bool {
        !self.errors.borrow().is_empty() || self.watcher().is_some_and(|watcher| watcher.has_errors())
    }

    /// Adds an error to those that are delivered.
    fn report(&self, error: Exception) {
        self.errors.borrow_mut().push_back(error.into());
    }

    /// Yields all errors. When the block raises, the rest is left.
    fn deliver_errors(ruby: &Ruby, rb_self: &Self) -> Result<(), Error> {
        for error in rb_self.watcher().map(|watcher| watcher.take_errors()).unwrap_or_default() {
            rb_self.report(errors::exception(ruby, &error.error())?);
        }
        loop {
            let first = rb_self.errors.borrow_mut().pop_front();
            let Some(first) = first else { return Ok(()) };
            ruby.yield_value::<_, Value>(ruby.get_inner(first))?;
        }
    }

    /// Raises what ended the thread before its time: it ends all waits.
    fn check_failure(ruby: &Ruby, rb_self: &Self) -> Result<(), Error> {
        if let Some(error) = rb_self.watcher().filter(|it| it.has_ended()).and_then(|it| it.take_failure()) {
            rb_self.failure.set(Some(errors::exception(ruby, &error)?.into()));
        }
        rb_self.failure.get().map_or(Ok(()), |failure| Err(ruby.get_inner(failure).into()))
    }

    /// Wakes who waits for changes, until [`unwake`](Self::unwake).
    fn wake(&self) {
        if let Some(watcher) = self.watcher() {
            watcher.wake();
        }
    }

    /// Lets the descriptor be readable only if there is something to take.
    fn unwake(&self) {
        if let Some(watcher) = self.watcher() {
            watcher.unwake();
        }
    }

    fn stats(ruby: &Ruby, rb_self: &Self) -> Result<RHash, Error> {
        let stats = rb_self.open(ruby)?.stats();
        let hash = ruby.hash_new();
        hash.aset(ruby.to_symbol("directories"), stats.directories)?;
        hash.aset(ruby.to_symbol("files"), stats.files)?;
        hash.aset(ruby.to_symbol("watches"), stats.watches)?;
        hash.aset(ruby.to_symbol("polled_directories"), stats.polled_directories)?;
        hash.aset(ruby.to_symbol("polled_files"), stats.polled_files)?;
        hash.aset(ruby.to_symbol("poll_seconds"), stats.poll_seconds)?;
        hash.aset(ruby.to_symbol("poll_interval"), stats.poll_interval)?;
        hash.aset(ruby.to_symbol("events"), stats.events)?;
        hash.aset(ruby.to_symbol("merged"), stats.events.saturating_sub(stats.changes))?;
        hash.aset(ruby.to_symbol("changes"), stats.changes)?;
        hash.aset(ruby.to_symbol("overflows"), stats.overflows)?;
        hash.aset(ruby.to_symbol("rescans"), stats.rescans)?;
        hash.aset(ruby.to_symbol("queue_depth"), stats.queued_bytes)?;
        hash.aset(ruby.to_symbol("lag"), stats.lag)?;
        Ok(hash)
    }

    /// Adds the directories that predicates are to be asked about to a Hash of their paths by the numbers of the requests.
    fn requests_to(ruby: &Ruby, rb_self: &Self, requests: RHash) -> Result<(), Error> {
        for (number, path) in rb_self.watcher().map(|watcher| watcher.take_predicate_requests()).unwrap_or_default() {
            requests.aset(number, path_string(ruby, &path))?;
        }
        Ok(())
    }

    /// Replies to them: `[[number, whether it is included], …]`.
    fn reply_predicates(&self, replies: Vec<(u64, bool)>) {
        if let Some(watcher) = self.watcher() {
            watcher.reply_predicates(replies);
        }
    }

    /// Waits until all that happened before the call is delivered, or about to be. Returns true, or nil when there is
    /// no reply. This and the next three yield before each wait.
    fn sync(ruby: &Ruby, rb_self: &Self, deadline: Obj<Deadline>) -> Result<Value, Error> {
        rb_self.request(ruby, *deadline, Query::Sync)
    }

    /// Returns all paths: `[path, whether it is a directory]` each.
    fn paths(ruby: &Ruby, rb_self: &Self, deadline: Obj<Deadline>) -> Result<Value, Error> {
        rb_self.request(ruby, *deadline, Query::Paths)
    }

    /// Returns the differences: `[sentence, directory that is not known]` each.
    fn audit(ruby: &Ruby, rb_self: &Self, deadline: Obj<Deadline>) -> Result<Value, Error> {
        rb_self.request(ruby, *deadline, Query::Audit)
    }

    /// Writes a checkpoint of the last batch that the program took.
    fn checkpoint(ruby: &Ruby, rb_self: &Self, deadline: Obj<Deadline>, path: RString) -> Result<Value, Error> {
        let path = paths::absolute(&ruby::string_bytes(path)).map_err(|error| errors::raise(ruby, &error))?;
        rb_self.request(ruby, *deadline, Query::Checkpoint(path))
    }

    fn request(&self, ruby: &Ruby, deadline: Deadline, query: Query) -> Result<Value, Error> {
        let request = self.open(ruby)?.request(query).map_err(|error| errors::io(ruby, "eventfd", &error))?;
        // Ruby's, so that the collector finds it when the fiber is dropped in the middle of the wait.
        let request = ruby.obj_wrap(WatcherRequest(RefCell::new(Some(request))));
        let reply = self.await_reply(ruby, deadline, &request);
        // Closes its descriptor at once.
        request.0.take();
        reply
    }

    fn await_reply(&self, ruby: &Ruby, deadline: Deadline, request: &WatcherRequest) -> Result<Value, Error> {
        loop {
            let reply = request.0.borrow().as_ref().and_then(|request| request.take());
            if let Some(reply) = reply {
                return reply.map(|reply| reply_value(ruby, reply)).map_err(|error| errors::raise(ruby, &error));
            }
            if self.lease.is_closed() || deadline.has_passed() || Self::is_asking(ruby, self) {
                return Ok(ruby.qnil().as_value());
            }
            Self::check_failure(ruby, self)?;
            ruby.yield_values::<_, Value>(())?;
            let fd = request.0.borrow().as_ref().map_or(-1, |request| request.fd().as_raw_fd());
            Lease::wait(ruby, self, ruby::io(ruby, fd)?, deadline.left())?;
        }
    }

    /// Ends the thread and wakes who waits. Waits until it has ended.
    fn close(ruby: &Ruby, rb_self: &Self) -> Result<(), Error> {
        Lease::hold(ruby, rb_self, || {
            if !rb_self.lease.close() {
                return Ok(());
            }
            let Some(watcher) = rb_self.watcher() else { return Ok(()) };
            watcher.end();
            ruby::without_vm_lock(move || watcher.join())
        })
    }
}

fn is_same(ruby: &Ruby, asking: Opaque<Fiber>, fiber: Fiber) -> bool {
    ruby.get_inner(asking).as_raw() == fiber.as_raw()
}

fn fiber_id(ruby: &Ruby) -> Result<u64, Error> {
    ruby.fiber_current().funcall("object_id", ())
}

/// Holds a request while its reply is waited for.
struct WatcherRequest(RefCell<Option<Arc<Request>>>);

fn start(
    options: &mut Options,
    paths: &[Vec<u8>],
    since: Option<&[u8]>,
    debounce: Duration,
) -> Result<Watcher, inotify_core::Error> {
    paths.iter().try_for_each(|path| options.add(path))?;
    since.map_or(Ok(()), |since| options.since(since))?;
    Watcher::start(options, debounce)
}

/// An option that `lib/` always gives.
fn option<T: TryConvert>(ruby: &Ruby, options: RHash, name: &str) -> Result<T, Error> {
    options.fetch(ruby.to_symbol(name))
}

fn filter(ruby: &Ruby, options: RHash) -> Result<Filter, Error> {
    let bad = |error: BadPattern| bad_pattern(ruby, &error);
    let mut filter = Filter::new();
    if let Some(patterns) = option::<Option<RArray>>(ruby, options, "only")? {
        filter.only(&ruby::string_bytes_of(patterns)?).map_err(bad)?;
    }
    if let Some(patterns) = option::<Option<RArray>>(ruby, options, "ignore")? {
        filter.ignore(&ruby::string_bytes_of(patterns)?).map_err(bad)?;
    }
    if option(ruby, options, "gitignore")? {
        filter.use_gitignore();
    }
    if option(ruby, options, "files_only")? {
        filter.report_files_only();
    }
    if option(ruby, options, "ignore_predicates")? {
        filter.use_predicate();
    }
    for sentence in ruby::string_bytes_of(option::<RArray>(ruby, options, "sentences")?)? {
        filter.describe_predicate(&sentence);
    }
    Ok(filter)
}

ruby::typed_data!(WatcherRequest, c"Inotify::Internal::WatcherRequest", free_immediately);

impl DataTypeFunctions for WatcherRequest {}

/// A reply as Ruby gets it.
fn reply_value(ruby: &Ruby, reply: Reply) -> Value {
    match reply {
        Reply::Done => ruby.qtrue().as_value(),
        Reply::Paths(paths) => {
            let paths = paths.iter().map(|(path, kind)| (path_string(ruby, path), *kind == Kind::Dir));
            ruby.ary_from_iter(paths).as_value()
        }
        Reply::Audit(differences) => {
            let differences = differences.iter().map(|difference| {
                let unknown_dir = difference.unknown_dir.as_ref().map(|path| path_string(ruby, path));
                (path_string(ruby, &difference.sentence), unknown_dir)
            });
            ruby.ary_from_iter(differences).as_value()
        }
    }
}

/// `Inotify::Watcher#take`.
fn take(ruby: &Ruby, rb_self: Value, arguments: &[Value]) -> Result<RArray, Error> {
    let deadline = deadline::of(ruby, arguments)?;
    let thread: Obj<WatcherThread> = ruby::instance_variable(rb_self, "@thread")?;
    WatcherThread::check_open(ruby, &thread)?;
    loop {
        match thread.next(ruby, deadline)? {
            Waited::Batch(batch) => return Ok(batch),
            Waited::Woken => {}
            Waited::Over => break,
        }
    }
    WatcherThread::check_open(ruby, &thread)?;
    Ok(ruby.ary_new())
}

/// Patterns that are matched together with predicates: `Inotify::Internal::PatternSet`.
struct PatternSet(Filter);

ruby::typed_data!(PatternSet, c"Inotify::Internal::PatternSet", free_immediately, frozen_shareable);

impl DataTypeFunctions for PatternSet {}

impl PatternSet {
    fn new(ruby: &Ruby, patterns: RArray) -> Result<Self, Error> {
        let mut filter = Filter::new();
        filter.only(&ruby::string_bytes_of(patterns)?).map_err(|error| bad_pattern(ruby, &error))?;
        Ok(Self(filter))
    }

    fn is_match(&self, path: RString) -> bool {
        self.0.matches_file(&ruby::string_bytes(path))
    }
}

fn bad_pattern(ruby: &Ruby, error: &BadPattern) -> Error {
    Error::new(
        ruby.exception_arg_error(),
        format!("bad pattern {:?}: {}", String::from_utf8_lossy(&error.pattern), error.reason),
    )
}

pub(crate) fn init(internal: RModule) -> Result<(), Error> {
    internal.define_singleton_method("define_watcher", function!(define, 0))
}

/// Called by `lib/inotify_rs/watcher.rb`, which a program that watches no tree does not load.
fn define(ruby: &Ruby) -> Result<(), Error> {
    let inotify = ruby.define_module("Inotify")?;
    let internal = inotify.define_module("Internal")?;
    let class = ruby::define_class::<WatcherThread>(ruby, internal, "WatcherThread")?;
    class.define_singleton_method("new", function!(WatcherThread::new, 0))?;
    class.define_method("start", method!(WatcherThread::start, 2))?;
    class.define_method("ready?", method!(WatcherThread::is_ready, 0))?;
    class.define_method("await_ready", method!(WatcherThread::await_ready, 1))?;
    class.define_method("io", method!(WatcherThread::io, 0))?;
    class.define_method("done", method!(WatcherThread::done, 0))?;
    class.define_method("deliver", method!(WatcherThread::deliver, 1))?;
    class.define_method("unfiltered", method!(WatcherThread::unfiltered, 0))?;
    class.define_method("filtered", method!(WatcherThread::filtered, 2))?;
    class.define_method("filtered?", method!(WatcherThread::has_filtered, 0))?;
    class.define_method("ask", method!(WatcherThread::ask, 0))?;
    class.define_method("asking?", method!(WatcherThread::is_asking, 0))?;
    class.define_method("report", method!(WatcherThread::report, 1))?;
    class.define_method("deliver_errors", method!(WatcherThread::deliver_errors, 0))?;
    class.define_method("check_failure", method!(WatcherThread::check_failure, 0))?;
    class.define_method("requests_to", method!(WatcherThread::requests_to, 1))?;
    class.define_method("reply_predicates", method!(WatcherThread::reply_predicates, 1))?;
    class.define_method("wake", method!(WatcherThread::wake, 0))?;
    class.define_method("unwake", method!(WatcherThread::unwake, 0))?;
    class.define_method("stats", method!(WatcherThread::stats, 0))?;
    class.define_method("sync", method!(WatcherThread::sync, 1))?;
    class.define_method("paths", method!(WatcherThread::paths, 1))?;
    class.define_method("audit", method!(WatcherThread::audit, 1))?;
    class.define_method("checkpoint", method!(WatcherThread::checkpoint, 2))?;
    class.define_method("check_open", method!(WatcherThread::check_open, 0))?;
    class.define_method("close", method!(WatcherThread::close, 0))?;
    class.define_method("closed?", method!(WatcherThread::is_closed, 0))?;
    class.define_method("foreign?", method!(WatcherThread::is_foreign, 0))?;
    class.define_method("pid", method!(WatcherThread::pid, 0))?;
    ruby::define_class::<WatcherRequest>(ruby, internal, "WatcherRequest")?;

    let class = ruby::define_class::<PatternSet>(ruby, internal, "PatternSet")?;
    class.define_singleton_method("new", function!(PatternSet::new, 1))?;
    class.define_method("match?", method!(PatternSet::is_match, 1))?;

    let class = inotify.define_class("Watcher", ruby.class_object())?;
    class.define_method("take", method!(take, -1))
}
