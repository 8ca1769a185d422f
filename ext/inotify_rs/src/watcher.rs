//! `Inotify::WatcherThread`: the native part of `Inotify::Watcher`, for `lib/` alone; and `Inotify::Watcher#take`, which
//! is native for the reason that `Inotify::Instance#read` is.

use std::os::fd::{AsRawFd, RawFd};
use std::sync::Arc;
use std::time::Duration;

use inotify_core::filter::{BadPattern, Filter};
use inotify_core::tree::Kind;
use inotify_core::watcher::{Differences, Options, Paths, Request, Watcher};
use magnus::scan_args::{get_kwargs, scan_args};
use magnus::typed_data::Obj;
use magnus::value::ReprValue;
use magnus::{
    Class, DataTypeFunctions, Error, Exception, Module, Object, RArray, RHash, RModule, RString, Ruby, TryConvert,
    TypedData, Value, function, method,
};

use crate::change::{Change, path_string};
use crate::{errors, ruby};

#[derive(TypedData)]
#[magnus(class = "Inotify::WatcherThread", free_immediately)]
struct WatcherThread(Watcher);

impl DataTypeFunctions for WatcherThread {}

/// Something asked of the thread: `Inotify::WatcherRequest`.
#[derive(TypedData)]
#[magnus(class = "Inotify::WatcherRequest", free_immediately)]
enum WatcherRequest {
    Sync(Arc<Request<()>>),
    Paths(Arc<Request<Paths>>),
    Audit(Arc<Request<Differences>>),
}

impl DataTypeFunctions for WatcherRequest {}

impl WatcherThread {
    fn start(ruby: &Ruby, paths: RArray, options: RHash) -> Result<Self, Error> {
        let debounce = Duration::try_from_secs_f64(option(ruby, options, "debounce")?)
            .map_err(|error| Error::new(ruby.exception_arg_error(), format!("debounce: {error}")))?;
        let filter = filter(ruby, options)?;
        let mut options = Options::new(option(ruby, options, "recursive")?, debounce)
            .filter(filter)
            .follow_links(option(ruby, options, "follow_symlinks")?);
        for path in paths {
            let path = RString::try_convert(path)?;
            options
                .add(&ruby::string_bytes(path))
                .map_err(|error| errors::io(ruby, "the working directory", &error))?;
        }
        Watcher::start(&options).map(Self).map_err(|error| errors::raise(ruby, &error))
    }

    fn pid(&self) -> u32 {
        self.0.pid()
    }

    fn ready_fd(&self) -> RawFd {
        self.0.ready().fd().as_raw_fd()
    }

    fn is_ready(&self) -> bool {
        self.0.ready().take().is_some()
    }

    fn fd(&self) -> RawFd {
        self.0.fd().as_raw_fd()
    }

    fn has_changes(&self) -> bool {
        self.0.has_changes()
    }

    fn take(ruby: &Ruby, rb_self: &Self) -> Result<RArray, Error> {
        let changes = rb_self.0.take();
        let array = ruby.ary_new_capa(changes.len());
        for change in changes {
            array.push(Change::wrap(ruby, change))?;
        }
        Ok(array)
    }

    fn troubles(ruby: &Ruby, rb_self: &Self) -> Result<RArray, Error> {
        let array = ruby.ary_new();
        for trouble in rb_self.0.take_troubles() {
            array.push(errors::trouble(ruby, &trouble)?)?;
        }
        Ok(array)
    }

    fn failure(ruby: &Ruby, rb_self: &Self) -> Result<Option<Exception>, Error> {
        rb_self.0.take_failure().map(|error| errors::exception(ruby, &error)).transpose()
    }

    fn has_ended(&self) -> bool {
        self.0.has_ended()
    }

    fn wake(&self) {
        self.0.wake();
    }

    fn stats(ruby: &Ruby, rb_self: &Self) -> Result<RHash, Error> {
        let stats = rb_self.0.stats();
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

    fn audit(ruby: &Ruby, rb_self: &Self) -> Result<WatcherRequest, Error> {
        rb_self.0.audit().map(WatcherRequest::Audit).map_err(|error| errors::io(ruby, "eventfd", &error))
    }

    /// The directories that are to be judged: `[[number, path], …]`.
    fn questions(ruby: &Ruby, rb_self: &Self) -> Result<RArray, Error> {
        let array = ruby.ary_new();
        for (question, path) in rb_self.0.take_questions() {
            array.push((question, path_string(ruby, &path)))?;
        }
        Ok(array)
    }

    /// Takes `[[number, whether it counts], …]`.
    fn judge(&self, judgements: Vec<(u64, bool)>) {
        self.0.judge(judgements);
    }

    fn sync(ruby: &Ruby, rb_self: &Self) -> Result<WatcherRequest, Error> {
        rb_self.0.sync().map(WatcherRequest::Sync).map_err(|error| errors::io(ruby, "eventfd", &error))
    }

    fn paths(ruby: &Ruby, rb_self: &Self) -> Result<WatcherRequest, Error> {
        rb_self.0.paths().map(WatcherRequest::Paths).map_err(|error| errors::io(ruby, "eventfd", &error))
    }

    fn close(&self) {
        ruby::without_vm_lock(|| self.0.close());
    }
}

/// An option that `lib/` always gives.
fn option<T: TryConvert>(ruby: &Ruby, options: RHash, name: &str) -> Result<T, Error> {
    options.fetch(ruby.to_symbol(name))
}

fn filter(ruby: &Ruby, options: RHash) -> Result<Filter, Error> {
    let bad = |error: BadPattern| bad_pattern(ruby, &error);
    let mut filter = Filter::new();
    if let Some(patterns) = option::<Option<Vec<String>>>(ruby, options, "only")? {
        filter.only(&patterns).map_err(bad)?;
    }
    if let Some(patterns) = option::<Option<Vec<String>>>(ruby, options, "ignore")? {
        filter.ignore(&patterns).map_err(bad)?;
    }
    if option(ruby, options, "gitignore")? {
        filter.honour_gitignore();
    }
    if option(ruby, options, "files_only")? {
        filter.tell_files_only();
    }
    if option(ruby, options, "judged")? {
        filter.have_judged();
    }
    Ok(filter)
}

impl WatcherRequest {
    fn fd(&self) -> RawFd {
        match self {
            Self::Sync(request) => request.fd().as_raw_fd(),
            Self::Paths(request) => request.fd().as_raw_fd(),
            Self::Audit(request) => request.fd().as_raw_fd(),
        }
    }

    /// The answer: true, or an Array of paths; nil when there is none.
    fn answer(ruby: &Ruby, rb_self: &Self) -> Result<Value, Error> {
        match rb_self {
            Self::Sync(request) => Ok(match request.take() {
                Some(()) => ruby.qtrue().as_value(),
                None => ruby.qnil().as_value(),
            }),
            Self::Paths(request) => {
                let Some(paths) = request.take() else { return Ok(ruby.qnil().as_value()) };
                let array = ruby.ary_new_capa(paths.len());
                for (path, _) in paths as Vec<(Vec<u8>, Kind)> {
                    array.push(path_string(ruby, &path))?;
                }
                Ok(array.as_value())
            }
            Self::Audit(request) => {
                let Some(sentences) = request.take() else { return Ok(ruby.qnil().as_value()) };
                let sentences = sentences.iter().map(|sentence| path_string(ruby, sentence));
                Ok(ruby.ary_from_iter(sentences).as_value())
            }
        }
    }
}

fn take(ruby: &Ruby, rb_self: Value, arguments: &[Value]) -> Result<RArray, Error> {
    let arguments = scan_args::<(), (), (), (), _, ()>(arguments)?;
    let keywords = get_kwargs::<_, (), (Option<Value>,), ()>(arguments.keywords, &[], &["timeout"])?;
    let timeout = keywords.optional.0.unwrap_or_else(|| ruby.qnil().as_value());
    let ready: Value = rb_self.funcall("await", (timeout,))?;
    if ready.is_nil() {
        return Ok(ruby.ary_new());
    }
    if let Some(batch) = RArray::from_value(ready) {
        // A filtered batch: from here on it is the caller's.
        rb_self.funcall::<_, _, Value>("instance_variable_set", (ruby.to_symbol("@batch"), ruby.qnil()))?;
        return Ok(batch);
    }
    let thread = Obj::<WatcherThread>::try_convert(ready)?;
    WatcherThread::take(ruby, &thread)
}

/// Patterns where they are to be matched together with what is not a pattern: `Inotify::Globs`.
#[derive(TypedData)]
#[magnus(class = "Inotify::Globs", free_immediately, frozen_shareable)]
struct Globs(Filter);

impl DataTypeFunctions for Globs {}

impl Globs {
    fn new(ruby: &Ruby, patterns: Vec<String>) -> Result<Self, Error> {
        let mut filter = Filter::new();
        filter.only(&patterns).map_err(|error| bad_pattern(ruby, &error))?;
        Ok(Self(filter))
    }

    fn is_match(&self, path: RString) -> bool {
        self.0.matches_file(&ruby::string_bytes(path))
    }
}

fn bad_pattern(ruby: &Ruby, error: &BadPattern) -> Error {
    Error::new(ruby.exception_arg_error(), format!("bad pattern {:?}: {}", error.pattern, error.reason))
}

pub(crate) fn init(ruby: &Ruby, inotify: RModule) -> Result<(), Error> {
    let class = inotify.define_class("WatcherThread", ruby.class_object())?;
    inotify.funcall::<_, _, Value>("private_constant", (ruby.to_symbol("WatcherThread"),))?;
    class.undef_default_alloc_func();
    class.define_singleton_method("start", function!(WatcherThread::start, 2))?;
    class.define_method("pid", method!(WatcherThread::pid, 0))?;
    class.define_method("ready_fd", method!(WatcherThread::ready_fd, 0))?;
    class.define_method("ready?", method!(WatcherThread::is_ready, 0))?;
    class.define_method("fd", method!(WatcherThread::fd, 0))?;
    class.define_method("changes?", method!(WatcherThread::has_changes, 0))?;
    class.define_method("take", method!(WatcherThread::take, 0))?;
    class.define_method("troubles", method!(WatcherThread::troubles, 0))?;
    class.define_method("failure", method!(WatcherThread::failure, 0))?;
    class.define_method("ended?", method!(WatcherThread::has_ended, 0))?;
    class.define_method("wake", method!(WatcherThread::wake, 0))?;
    class.define_method("stats", method!(WatcherThread::stats, 0))?;
    class.define_method("audit", method!(WatcherThread::audit, 0))?;
    class.define_method("questions", method!(WatcherThread::questions, 0))?;
    class.define_method("judge", method!(WatcherThread::judge, 1))?;
    class.define_method("sync", method!(WatcherThread::sync, 0))?;
    class.define_method("paths", method!(WatcherThread::paths, 0))?;
    class.define_method("close", method!(WatcherThread::close, 0))?;

    let class = inotify.define_class("WatcherRequest", ruby.class_object())?;
    inotify.funcall::<_, _, Value>("private_constant", (ruby.to_symbol("WatcherRequest"),))?;
    class.undef_default_alloc_func();
    class.define_method("fd", method!(WatcherRequest::fd, 0))?;
    class.define_method("answer", method!(WatcherRequest::answer, 0))?;

    let class = inotify.define_class("Globs", ruby.class_object())?;
    inotify.funcall::<_, _, Value>("private_constant", (ruby.to_symbol("Globs"),))?;
    class.undef_default_alloc_func();
    class.define_singleton_method("new", function!(Globs::new, 1))?;
    class.define_method("match?", method!(Globs::is_match, 1))?;

    let class = inotify.define_class("Watcher", ruby.class_object())?;
    class.define_method("take", method!(take, -1))
}
