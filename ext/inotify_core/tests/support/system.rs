//! What else the system may do to a watcher.

use std::env;
use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::path::Path;

/// Runs `make` while instances get a queue of so few events, as root. The limit is everybody's, and is put back whatever
/// happens.
pub(crate) fn with_queue_of<T>(events: u32, make: impl FnOnce() -> T) -> T {
    const LIMIT: &str = "/proc/sys/fs/inotify/max_queued_events";
    struct Restore(String);
    impl Drop for Restore {
        fn drop(&mut self) {
            fs::write(LIMIT, &self.0).unwrap();
        }
    }
    // The one of spec/support/queue_limit.rb: two that lower it at a time would restore the lower one.
    let shm = Path::new("/dev/shm");
    let dir = if shm.is_dir() { shm.to_owned() } else { env::temp_dir() };
    let lock = File::create(dir.join("inotify_rs_queue_limit.lock")).unwrap();
    // SAFETY: the descriptor is open.
    unsafe { libc::flock(lock.as_raw_fd(), libc::LOCK_EX) };
    let before = fs::read_to_string(LIMIT).unwrap();
    // Only root may.
    fs::write(LIMIT, events.to_string()).unwrap();
    let restore = Restore(before);
    let made = make();
    drop(restore);
    made
}

/// Runs `work` in a thread without privileges; the others keep theirs.
pub(crate) fn unprivileged<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(|| give_up_privileges().then(work)).join()).unwrap().unwrap()
}

fn give_up_privileges() -> bool {
    const NOBODY: libc::uid_t = 65_534;
    // SAFETY: it only returns a value.
    if unsafe { libc::geteuid() } != 0 {
        return true;
    }
    // SAFETY: the system call, other than the function of libc, concerns this thread alone, and what it starts.
    let result = unsafe { libc::syscall(libc::SYS_setresuid, NOBODY, NOBODY, NOBODY) };
    // SAFETY: a number; without it /proc/self is closed to this thread.
    unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 1) };
    result == 0
}
