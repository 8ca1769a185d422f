//! Threads for calls that may block for ever: one for each place.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use hashbrown::HashMap;

use super::{Disk, Job};
use crate::sys;

type Task = Box<dyn FnOnce() + Send>;

/// Called when a job is done.
pub(crate) type Waker = Arc<dyn Fn() + Send + Sync>;

/// The threads, each of which ends after the job that it runs when this is dropped. Nobody waits for them: a call to a
/// server that hangs ends with the process.
pub(super) struct Threads {
    waker: Waker,
    tasks: RefCell<HashMap<Vec<u8>, Sender<Task>>>,
}

impl fmt::Debug for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Threads").field("places", &self.tasks.borrow().len()).finish_non_exhaustive()
    }
}

impl Threads {
    pub(super) fn new(waker: Waker) -> Self {
        Self { waker, tasks: RefCell::default() }
    }

    pub(super) fn run<J: Job>(&self, place: &[u8], mut job: J, done: &Sender<J>) {
        let (done, waker) = (done.clone(), Arc::clone(&self.waker));
        let task = move || {
            job.run(&Disk);
            // Nobody may be there any more.
            if done.send(job).is_ok() {
                waker();
            }
        };
        let mut tasks = self.tasks.borrow_mut();
        let Some(sender) = tasks.get(place).cloned().or_else(start) else {
            // No thread can be started: at worst it blocks.
            return task();
        };
        tasks.insert(place.to_vec(), sender.clone());
        drop(tasks);
        // The thread ends no sooner than this is dropped.
        sender.send(Box::new(task)).ok();
    }
}

fn start() -> Option<Sender<Task>> {
    let (sender, tasks) = channel::<Task>();
    let run = move || tasks.into_iter().for_each(|task| task());
    let thread = thread::Builder::new().name("inotify_rs poll".to_owned());
    sys::with_signals_blocked(|| thread.spawn(run)).ok().map(|_| sender)
}
