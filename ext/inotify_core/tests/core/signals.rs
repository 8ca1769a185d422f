use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

use inotify_core::engine::Options;
use inotify_core::watcher::Watcher;

use crate::support::Directory;

/// The signals that each thread of a watcher in this process has blocked, one bit for each.
fn blocked() -> Vec<u64> {
    let tasks = fs::read_dir("/proc/self/task").unwrap().map(|task| task.unwrap().path());
    let watchers = tasks.filter(|task| fs::read_to_string(task.join("comm")).is_ok_and(|name| name == "inotify_rs\n"));
    let status = watchers.map(|task| fs::read_to_string(task.join("status")).unwrap());
    let blocked = status.map(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("SigBlk:")).unwrap();
        u64::from_str_radix(line.trim(), 16).unwrap()
    });
    blocked.collect()
}

#[test]
fn the_thread_of_a_watcher_leaves_signals_to_the_program_but_those_of_its_own_mistakes() {
    let root = Directory::new();
    let mut options = Options::new(true);
    options.add(root.path().as_os_str().as_bytes()).unwrap();
    let watcher = Watcher::start(&options, Duration::ZERO).unwrap();
    // The thread gives itself its name.
    let end = Instant::now() + Duration::from_secs(60);
    while watcher.ready().take().is_none() {
        assert!(Instant::now() < end, "not ready in time");
        std::thread::yield_now();
    }
    let has = |blocked: u64, signal: i32| blocked & (1 << (signal - 1)) != 0;
    let blocked = blocked();
    assert!(!blocked.is_empty(), "no thread");
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGCHLD, libc::SIGUSR1] {
        assert!(blocked.iter().all(|blocked| has(*blocked, signal)), "{signal} is not blocked");
    }
    for signal in [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL] {
        assert!(!blocked.iter().any(|blocked| has(*blocked, signal)), "{signal} is blocked");
    }
    watcher.close();
}
