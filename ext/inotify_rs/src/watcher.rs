//! `Inotify::WatcherThread`: the native part of `Inotify::Watcher`, for `lib/` alone; and `Inotify::Watcher#take`, which
//! is native for the reason that `Inotify::Instance#read` is.

use std::cell::RefCell;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::process;
use std::sync::Arc;
use std::time::Duration;

use inotify_core::engine::{Audit, Options, Paths};
use inotify_core::filter::{BadPattern, Filter};
use inotify_core::watcher::{Request, Watcher};
use magnus::rb_sys::AsRawValue;
use magnus::scan_args::{get_kwargs, scan_args};
use magnus::typed_data::Obj;
use magnus::value::ReprValue;
use magnus::{
    DataTypeFunctions, Error, Exception, Module, Object, RArray, RHash, RModule, RString, Ruby, TryConvert, Value,
    function, method,
};

use crate::change::{Change, path_string};
use crate::{errors, ruby};

pub(crate) struct WatcherThread {
    /// `None`: not started, or released, and its descriptors with it. Borrowed for moments only.
    watcher: RefCell<Option<Arc<Watcher>>>,
}

ruby::typed_data!(WatcherThread, c"Inotify::WatcherThread", free_immediately);

impl DataTypeFunctions for WatcherThread {}

/// Something asked of the thread.
enum Asked {
    Sync(Arc<Request<()>>),
    Paths(Arc<Request<Paths>>),
    Audit(Arc<Request<Audit>>),
}

/// Something asked of the thread: `Inotify::WatcherRequest`. `None`: released, and its descriptor with it.
struct WatcherRequest(RefCell<Option<Asked>>);

impl WatcherThread {
    /// One that is not started: who starts it has it already, whatever comes in between then.
    fn new() -> Self {
        Self { watcher: RefCell::new(None) }
    }

    fn start(ruby: &Ruby, rb_self: &Self, paths: RArray, options: RHash) -> Result<(), Error> {
        let debounce = Duration::try_from_secs_f64(option(ruby, options, "debounce")?)
            .map_err(|error| Error::new(ruby.exception_arg_error(), format!("debounce: {error}")))?;
        let filter = filter(ruby, options)?;
        let mut options = Options::new(option(ruby, options, "recursive")?).filter(filter).follow_links(option(
            ruby,
            options,
            "follow_symlinks",
        )?);
        for path in paths {
            let path = RString::try_convert(path)?;
            options
                .add(&ruby::string_bytes(path))
                .map_err(|error| errors::io(ruby, "the working directory", &error))?;
        }
        let watcher = Watcher::start(&options, debounce).map_err(|error| errors::raise(ruby, &error))?;
        rb_self.watcher.replace(Some(Arc::new(watcher)));
        Ok(())
    }

    /// `None` in a forked child, too: a thread that is not there may have held the lock.
    fn watcher(&self) -> Option<Arc<Watcher>> {
        self.watcher.borrow().as_ref().filter(|watcher| watcher.pid() == process::id()).map(Arc::clone)
    }

    fn open(&self, ruby: &Ruby) -> Result<Arc<Watcher>, Error> {
        self.watcher().ok_or_else(|| Error::new(ruby.exception_io_error(), "closed Inotify::Watcher"))
    }

    fn ready_fd(ruby: &Ruby, rb_self: &Self) -> Result<RawFd, Error> {
        Ok(rb_self.open(ruby)?.ready().fd().as_raw_fd())
    }

    fn is_ready(&self) -> bool {
        self.watcher().is_some_and(|watcher| watcher.ready().take().is_some())
    }

    fn fd(ruby: &Ruby, rb_self: &Self) -> Result<RawFd, Error> {
        Ok(rb_self.open(ruby)?.fd().as_raw_fd())
    }

    fn has_changes(&self) -> bool {
        self.watcher().is_some_and(|watcher| watcher.has_changes())
    }

    fn rest(&self) {
        if let Some(watcher) = self.watcher() {
            watcher.done_with_taken();
        }
    }

    /// Whether there are errors to take.
    fn has_errors(&self) -> bool {
        self.watcher().is_some_and(|watcher| watcher.has_errors())
    }

    /// Adds the changes there are to an Array of batches. One method, so that no signal handler comes in between.
    fn shift_to(ruby: &Ruby, rb_self: &Self, batches: RArray) -> Result<(), Error> {
        Self::shift(ruby, rb_self)?.map_or(Ok(()), |changes| batches.push(changes))
    }

    /// Moves what became of a batch from one Array to another, unless another thread or signal handler has.
    fn settle(batch: RArray, from: RArray, sifted: RArray, to: RArray) -> Result<(), Error> {
        let first: Option<RArray> = from.entry(0)?;
        if first.is_none_or(|first| first.as_raw() != batch.as_raw()) {
            return Ok(());
        }
        from.shift::<Value>()?;
        if sifted.is_empty() { Ok(()) } else { to.push(sifted) }
    }

    /// The changes there are; `None` when there are none.
    fn shift(ruby: &Ruby, rb_self: &Self) -> Result<Option<RArray>, Error> {
        let changes = rb_self.watcher().map(|watcher| watcher.take()).unwrap_or_default();
        if changes.is_empty() {
            return Ok(None);
        }
        let array = ruby.ary_new_capa(changes.len());
        for change in changes {
            array.push(Change::wrap(ruby, change))?;
        }
        Ok(Some(array))
    }

    fn errors(ruby: &Ruby, rb_self: &Self) -> Result<RArray, Error> {
        let array = ruby.ary_new();
        for error in rb_self.watcher().map(|watcher| watcher.take_errors()).unwrap_or_default() {
            array.push(errors::watch_error(ruby, &error)?)?;
        }
        Ok(array)
    }

    fn failure(ruby: &Ruby, rb_self: &Self) -> Result<Option<Exception>, Error> {
        let failure = rb_self.watcher().and_then(|watcher| watcher.take_failure());
        failure.map(|error| errors::exception(ruby, &error)).transpose()
    }

    fn has_ended(&self) -> bool {
        self.watcher().is_none_or(|watcher| watcher.has_ended())
    }

    fn wake(&self) {
        if let Some(watcher) = self.watcher() {
            watcher.wake();
        }
    }

    fn calm(&self) {
        if let Some(watcher) = self.watcher() {
            watcher.calm();
        }
    }

    fn stats(ruby: &Ruby, rb_self: &Self) -> Result<RHash, Error> {
        let stats = rb_self.open(ruby)?.stats();
        let hash = ruby.hash_new();
        hash.aset(ruby.to_symbol("directories"), stats.directories)?;
        hash.aset(ruby.to_symbol("files"), stats.files)?;
        hash.aset(ruby.to_symbol("watches"), stats.watches)?;
        hash.aset(ruby.to_symbol("events"), stats.events)?;
        hash.aset(ruby.to_symbol("merged"), stats.events.saturating_sub(stats.changes))?;
        hash.aset(ruby.to_symbol("changes"), stats.changes)?;
        hash.aset(ruby.to_symbol("overflows"), stats.overflows)?;
        hash.aset(ruby.to_symbol("rescans"), stats.rescans)?;
        hash.aset(ruby.to_symbol("queue_depth"), stats.queued_bytes)?;
        hash.aset(ruby.to_symbol("lag"), stats.lag)?;
        Ok(hash)
    }

    /// Adds the directories that are to be judged to an Array: `[number, path]` each.
    fn questions_to(ruby: &Ruby, rb_self: &Self, array: RArray) -> Result<(), Error> {
        for (question, path) in rb_self.watcher().map(|watcher| watcher.take_predicate_requests()).unwrap_or_default() {
            array.push((question, path_string(ruby, &path)))?;
        }
        Ok(())
    }

    /// Takes `[[number, whether it counts], …]`.
    fn judge(&self, judgements: Vec<(u64, bool)>) {
        if let Some(watcher) = self.watcher() {
            watcher.reply_predicate(judgements);
        }
    }

    fn sync(ruby: &Ruby, rb_self: &Self) -> Result<WatcherRequest, Error> {
        WatcherRequest::new(ruby, rb_self.open(ruby)?.sync().map(Asked::Sync))
    }

    fn paths(ruby: &Ruby, rb_self: &Self) -> Result<WatcherRequest, Error> {
        WatcherRequest::new(ruby, rb_self.open(ruby)?.paths().map(Asked::Paths))
    }

    fn audit(ruby: &Ruby, rb_self: &Self) -> Result<WatcherRequest, Error> {
        WatcherRequest::new(ruby, rb_self.open(ruby)?.audit().map(Asked::Audit))
    }

    /// Tells the thread to end, and wakes who waits. Does not wait itself, so that nothing can come in between.
    pub(crate) fn close(&self) {
        if let Some(watcher) = self.watcher() {
            watcher.end();
        }
    }

    /// Waits until the thread has ended.
    fn join(&self) -> Result<(), Error> {
        let Some(watcher) = self.watcher() else { return Ok(()) };
        ruby::without_vm_lock(move || watcher.join())
    }

    /// Closes the descriptors. Nobody may wait for them any more.
    pub(crate) fn release(&self) {
        drop(self.watcher.take());
    }
}

/// An option that `lib/` always gives.
fn option<T: TryConvert>(ruby: &Ruby, options: RHash, name: &str) -> Result<T, Error> {
    options.fetch(ruby.to_symbol(name))
}

fn filter(ruby: &Ruby, options: RHash) -> Result<Filter, Error> {
    let bad = |error: BadPattern| bad_pattern(ruby, &error);
    let mut filter = Filter::new();
    if let Some(patterns) = option::<Option<RArray>>(ruby, options, "only")? {
        filter.only(&bytes_of(patterns)?).map_err(bad)?;
    }
    if let Some(patterns) = option::<Option<RArray>>(ruby, options, "ignore")? {
        filter.ignore(&bytes_of(patterns)?).map_err(bad)?;
    }
    if option(ruby, options, "gitignore")? {
        filter.use_gitignore();
    }
    if option(ruby, options, "files_only")? {
        filter.report_files_only();
    }
    if option(ruby, options, "judged")? {
        filter.use_predicate();
    }
    Ok(filter)
}

fn bytes_of(patterns: RArray) -> Result<Vec<Vec<u8>>, Error> {
    patterns.into_iter().map(|pattern| Ok(ruby::string_bytes(RString::try_convert(pattern)?).to_vec())).collect()
}

ruby::typed_data!(WatcherRequest, c"Inotify::WatcherRequest", free_immediately);

impl DataTypeFunctions for WatcherRequest {}

impl WatcherRequest {
    fn new(ruby: &Ruby, asked: io::Result<Asked>) -> Result<Self, Error> {
        asked.map(|asked| Self(RefCell::new(Some(asked)))).map_err(|error| errors::io(ruby, "eventfd", &error))
    }

    /// The descriptor that becomes readable with the answer.
    fn fd(&self) -> RawFd {
        match &*self.0.borrow() {
            Some(Asked::Sync(request)) => request.fd().as_raw_fd(),
            Some(Asked::Paths(request)) => request.fd().as_raw_fd(),
            Some(Asked::Audit(request)) => request.fd().as_raw_fd(),
            None => -1,
        }
    }

    /// The answer: true, an Array of paths, or one of `[sentence, directory that is not known]`; nil when there is none.
    fn answer(ruby: &Ruby, rb_self: &Self) -> Result<Value, Error> {
        let nil = ruby.qnil().as_value();
        Ok(match &*rb_self.0.borrow() {
            Some(Asked::Sync(request)) => request.take().map_or(nil, |()| ruby.qtrue().as_value()),
            Some(Asked::Paths(request)) => request.take().map_or(nil, |paths| {
                let paths = paths.iter().map(|(path, _)| path_string(ruby, path));
                ruby.ary_from_iter(paths).as_value()
            }),
            Some(Asked::Audit(request)) => match request.take() {
                Some(Ok(differences)) => {
                    let differences = differences.iter().map(|difference| {
                        let unknown_dir = difference.unknown_dir.as_ref().map(|path| path_string(ruby, path));
                        (path_string(ruby, &difference.sentence), unknown_dir)
                    });
                    ruby.ary_from_iter(differences).as_value()
                }
                Some(Err(error)) => return Err(errors::raise(ruby, &error)),
                None => nil,
            },
            None => nil,
        })
    }

    /// Closes the descriptor, when nobody waits for it any more.
    fn release(&self) {
        drop(self.0.take());
    }
}

fn take(ruby: &Ruby, rb_self: Value, arguments: &[Value]) -> Result<Value, Error> {
    let arguments = scan_args::<(), (), (), (), _, ()>(arguments)?;
    let keywords = get_kwargs::<_, (), (Option<Value>,), ()>(arguments.keywords, &[], &["timeout"])?;
    let timeout = keywords.optional.0.unwrap_or_else(|| ruby.qnil().as_value());
    let deadline: Value = rb_self.funcall("before_take", (timeout,))?;
    loop {
        // What has changes: the thread, or an Array of batches.
        let ready: Value = rb_self.funcall("await", (deadline,))?;
        if ready.is_nil() {
            return Ok(ruby.ary_new().as_value());
        }
        // Another thread may have taken them.
        if let Some(changes) = take_from(ruby, ready)? {
            return Ok(changes);
        }
    }
}

/// Takes what comes first: the changes of a thread, or what is in an Array. By no method of theirs: at its end interrupts
/// are let in, and what it answers would be lost.
fn take_from(ruby: &Ruby, ready: Value) -> Result<Option<Value>, Error> {
    match RArray::from_value(ready) {
        Some(array) => array.shift(),
        None => {
            let thread = Obj::<WatcherThread>::try_convert(ready)?;
            Ok(WatcherThread::shift(ruby, &thread)?.map(ReprValue::as_value))
        }
    }
}

/// Yields what `take_from` takes, unless another thread was faster. Nothing can come between taking and yielding.
fn deliver(ruby: &Ruby, ready: Value) -> Result<(), Error> {
    match take_from(ruby, ready)? {
        Some(first) => ruby.yield_value::<_, Value>(first).map(drop),
        None => Ok(()),
    }
}

/// Patterns where they are to be matched together with what is not a pattern: `Inotify::Globs`.
struct Globs(Filter);

ruby::typed_data!(Globs, c"Inotify::Globs", free_immediately, frozen_shareable);

impl DataTypeFunctions for Globs {}

impl Globs {
    fn new(ruby: &Ruby, patterns: RArray) -> Result<Self, Error> {
        let mut filter = Filter::new();
        filter.only(&bytes_of(patterns)?).map_err(|error| bad_pattern(ruby, &error))?;
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

pub(crate) fn init(ruby: &Ruby, inotify: RModule) -> Result<(), Error> {
    let class = ruby::define_class::<WatcherThread>(ruby, inotify, "WatcherThread")?;
    inotify.funcall::<_, _, Value>("private_constant", (ruby.to_symbol("WatcherThread"),))?;
    class.define_singleton_method("new", function!(WatcherThread::new, 0))?;
    class.define_method("start", method!(WatcherThread::start, 2))?;
    class.define_method("ready_fd", method!(WatcherThread::ready_fd, 0))?;
    class.define_method("ready?", method!(WatcherThread::is_ready, 0))?;
    class.define_method("fd", method!(WatcherThread::fd, 0))?;
    class.define_method("changes?", method!(WatcherThread::has_changes, 0))?;
    class.define_method("rest", method!(WatcherThread::rest, 0))?;
    class.define_method("shift_to", method!(WatcherThread::shift_to, 1))?;
    class.define_singleton_method("settle", function!(WatcherThread::settle, 4))?;
    class.define_singleton_method("deliver", function!(deliver, 1))?;
    class.define_method("troubles?", method!(WatcherThread::has_errors, 0))?;
    class.define_method("troubles", method!(WatcherThread::errors, 0))?;
    class.define_method("failure", method!(WatcherThread::failure, 0))?;
    class.define_method("ended?", method!(WatcherThread::has_ended, 0))?;
    class.define_method("wake", method!(WatcherThread::wake, 0))?;
    class.define_method("calm", method!(WatcherThread::calm, 0))?;
    class.define_method("stats", method!(WatcherThread::stats, 0))?;
    class.define_method("audit", method!(WatcherThread::audit, 0))?;
    class.define_method("questions_to", method!(WatcherThread::questions_to, 1))?;
    class.define_method("judge", method!(WatcherThread::judge, 1))?;
    class.define_method("sync", method!(WatcherThread::sync, 0))?;
    class.define_method("paths", method!(WatcherThread::paths, 0))?;
    class.define_method("join", method!(WatcherThread::join, 0))?;

    let class = ruby::define_class::<WatcherRequest>(ruby, inotify, "WatcherRequest")?;
    inotify.funcall::<_, _, Value>("private_constant", (ruby.to_symbol("WatcherRequest"),))?;
    class.define_method("fd", method!(WatcherRequest::fd, 0))?;
    class.define_method("answer", method!(WatcherRequest::answer, 0))?;
    class.define_method("release", method!(WatcherRequest::release, 0))?;

    let class = ruby::define_class::<Globs>(ruby, inotify, "Globs")?;
    inotify.funcall::<_, _, Value>("private_constant", (ruby.to_symbol("Globs"),))?;
    class.define_singleton_method("new", function!(Globs::new, 1))?;
    class.define_method("match?", method!(Globs::is_match, 1))?;

    let class = inotify.define_class("Watcher", ruby.class_object())?;
    class.define_method("take", method!(take, -1))
}
