//! `Inotify::WatcherThread`: the native part of `Inotify::Watcher`, for `lib/` alone; and `Inotify::Watcher#take`, which
//! is native for the reason that `Inotify::Instance#read` is.

use std::os::fd::{AsRawFd, RawFd};
use std::sync::Arc;
use std::time::Duration;

use inotify_core::tree::Kind;
use inotify_core::watcher::{Options, Paths, Request, Watcher};
use magnus::scan_args::{get_kwargs, scan_args};
use magnus::typed_data::Obj;
use magnus::value::ReprValue;
use magnus::{
    Class, DataTypeFunctions, Error, Exception, Module, Object, RArray, RModule, RString, Ruby, TryConvert, TypedData,
    Value, function, method,
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
}

impl DataTypeFunctions for WatcherRequest {}

impl WatcherThread {
    fn start(ruby: &Ruby, paths: RArray, recursive: bool, debounce: f64) -> Result<Self, Error> {
        let debounce = Duration::try_from_secs_f64(debounce)
            .map_err(|error| Error::new(ruby.exception_arg_error(), format!("debounce: {error}")))?;
        let mut options = Options::new(recursive, debounce);
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
            array.push(errors::exception(ruby, &trouble.into_error())?)?;
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

impl WatcherRequest {
    fn fd(&self) -> RawFd {
        match self {
            Self::Sync(request) => request.fd().as_raw_fd(),
            Self::Paths(request) => request.fd().as_raw_fd(),
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
        }
    }
}

fn take(ruby: &Ruby, rb_self: Value, arguments: &[Value]) -> Result<RArray, Error> {
    let arguments = scan_args::<(), (), (), (), _, ()>(arguments)?;
    let keywords = get_kwargs::<_, (), (Option<Value>,), ()>(arguments.keywords, &[], &["timeout"])?;
    let timeout = keywords.optional.0.unwrap_or_else(|| ruby.qnil().as_value());
    let thread: Option<Obj<WatcherThread>> = rb_self.funcall("await", (timeout,))?;
    thread.map_or_else(|| Ok(ruby.ary_new()), |thread| WatcherThread::take(ruby, &thread))
}

pub(crate) fn init(ruby: &Ruby, inotify: RModule) -> Result<(), Error> {
    let class = inotify.define_class("WatcherThread", ruby.class_object())?;
    inotify.funcall::<_, _, Value>("private_constant", (ruby.to_symbol("WatcherThread"),))?;
    class.undef_default_alloc_func();
    class.define_singleton_method("start", function!(WatcherThread::start, 3))?;
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
    class.define_method("sync", method!(WatcherThread::sync, 0))?;
    class.define_method("paths", method!(WatcherThread::paths, 0))?;
    class.define_method("close", method!(WatcherThread::close, 0))?;

    let class = inotify.define_class("WatcherRequest", ruby.class_object())?;
    inotify.funcall::<_, _, Value>("private_constant", (ruby.to_symbol("WatcherRequest"),))?;
    class.undef_default_alloc_func();
    class.define_method("fd", method!(WatcherRequest::fd, 0))?;
    class.define_method("answer", method!(WatcherRequest::answer, 0))?;

    let class = inotify.define_class("Watcher", ruby.class_object())?;
    class.define_method("take", method!(take, -1))
}
