//! The calls, and what their errors say.

use std::ffi::CStr;
use std::fs::File;
use std::os::fd::AsRawFd;

use crate::support::{Directory, Instance, all_events, c_path, close};
use inotify_core::fdinfo::{self, KernelWatch};
use inotify_core::limits::{Limit, Sysctl};
use inotify_core::{Error, ErrorKind, InitFlags, Mask, Operation, inotify};

/// What an error is and says.
fn parts(error: &Error) -> (Operation, i32, String) {
    assert_eq!(error.kind(), ErrorKind::Os);
    (error.operation(), error.errno(), error.to_string())
}

fn add_watch(path: &CStr, mask: Mask) -> Error {
    let instance = Instance::new(InitFlags::empty());
    inotify::add_watch(instance.0, path, mask).unwrap_err()
}

#[test]
fn a_descriptor_closes_on_exec_and_blocks_without_a_flag() {
    for (flags, nonblocking) in [(InitFlags::empty(), false), (InitFlags::CLOEXEC, false), (InitFlags::NONBLOCK, true)]
    {
        let instance = Instance::new(flags);
        let fdinfo = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", instance.0)).unwrap();
        let flags = fdinfo.lines().find_map(|line| line.strip_prefix("flags:")).unwrap();
        let flags = i32::from_str_radix(flags.trim(), 8).unwrap();
        assert_ne!(flags & libc::O_CLOEXEC, 0);
        assert_eq!(flags & libc::O_NONBLOCK != 0, nonblocking);
        assert_eq!(inotify::is_nonblocking(instance.0).unwrap(), nonblocking);
    }
}

#[test]
fn an_unknown_flag_is_answered_with_the_known_ones() {
    let error = inotify::init(InitFlags::from_bits_retain(1)).unwrap_err();
    let text = "inotify_init1: flags 0x1 are not known; IN_NONBLOCK and IN_CLOEXEC are";
    assert_eq!(parts(&error), (Operation::Init, libc::EINVAL, text.to_owned()));
}

#[test]
fn an_error_names_its_path_whatever_the_bytes() {
    for (path, text) in [
        (c"/no/such", "inotify_add_watch /no/such"),
        (c"/no/caf\xc3\xa9", "inotify_add_watch /no/café"),
        (c"/no/caf\xe9/x\xff", r"inotify_add_watch /no/caf\xe9/x\xff"),
        (c"", "inotify_add_watch : the path is empty"),
    ] {
        let error = add_watch(path, Mask::CREATE);
        assert_eq!(parts(&error), (Operation::AddWatch, libc::ENOENT, text.to_owned()));
        assert_eq!(error.path(), Some(path));
    }
}

#[test]
fn a_mask_that_the_kernel_refuses_is_explained() {
    let dir = Directory::new();
    let path = c_path(dir.path());
    for (mask, reason) in [
        (Mask::empty(), "mask 0x0 asks for no event"),
        (Mask::MASK_ADD | Mask::MASK_CREATE | Mask::CREATE, "IN_MASK_ADD and IN_MASK_CREATE exclude each other"),
    ] {
        let error = add_watch(&path, mask);
        assert_eq!(error.errno(), libc::EINVAL);
        assert_eq!(error.to_string(), format!("inotify_add_watch {}: {reason}", dir.path().display()));
    }
}

#[test]
fn mask_create_changes_no_watch() {
    let dir = Directory::new();
    let instance = Instance::watching(dir.path(), Mask::CREATE);
    let error = inotify::add_watch(instance.0, &c_path(dir.path()), Mask::DELETE | Mask::MASK_CREATE).unwrap_err();
    assert_eq!(error.errno(), libc::EEXIST);
    assert!(error.to_string().ends_with(": it has a watch already, and IN_MASK_CREATE refuses to change it"));
}

#[test]
fn onlydir_refuses_a_file() {
    let dir = Directory::new();
    let file = dir.touch("file");
    assert_eq!(add_watch(&c_path(&file), Mask::MODIFY | Mask::ONLYDIR).errno(), libc::ENOTDIR);
}

#[test]
fn a_watch_ends_once_and_says_so() {
    let dir = Directory::new();
    let instance = Instance::new(InitFlags::empty());
    let wd = instance.watch(dir.path(), Mask::CREATE);
    inotify::rm_watch(instance.0, wd).unwrap();
    let events = all_events(instance.0);
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].wd, events[0].mask), (wd, Mask::IGNORED));

    let error = inotify::rm_watch(instance.0, wd).unwrap_err();
    let text = format!("inotify_rm_watch: fd {} has no watch {wd}; it may have ended by itself", instance.0);
    assert_eq!(parts(&error), (Operation::RmWatch, libc::EINVAL, text));
}

#[test]
fn any_other_descriptor_is_an_error_and_stays_open() {
    let file = File::open("/dev/null").unwrap();
    let fd = file.as_raw_fd();
    let is_not = format!("fd {fd} is not an inotify descriptor; Inotify.init makes one");
    for (operation, text, result) in [
        (Operation::Read, format!("read: {is_not}"), inotify::check(fd)),
        (Operation::Close, format!("close: {is_not}"), close(fd)),
        (Operation::RmWatch, format!("inotify_rm_watch: {is_not}"), inotify::rm_watch(fd, 1)),
        (
            Operation::AddWatch,
            format!("inotify_add_watch /: {is_not}"),
            inotify::add_watch(fd, c"/", Mask::CREATE).map(drop),
        ),
    ] {
        assert_eq!(parts(&result.unwrap_err()), (operation, libc::EINVAL, text));
    }
    assert!(file.metadata().is_ok());
}

#[test]
fn a_descriptor_that_is_not_open_is_an_error() {
    for (operation, result) in [
        (Operation::Read, inotify::check(-1)),
        (Operation::Read, inotify::is_nonblocking(-1).map(drop)),
        (Operation::Read, inotify::read(-1, &mut [0; 16]).map(drop)),
        (Operation::Close, close(-1)),
        (Operation::RmWatch, inotify::rm_watch(-1, 1)),
        (Operation::AddWatch, inotify::add_watch(-1, c"/", Mask::CREATE).map(drop)),
    ] {
        let (done, errno, text) = parts(&result.unwrap_err());
        assert_eq!((done, errno), (operation, libc::EBADF));
        assert!(text.ends_with(": fd -1 is not open"), "{text}");
    }
}

#[test]
fn a_buffer_shorter_than_the_next_record_reads_nothing() {
    let dir = Directory::new();
    let instance = Instance::watching(dir.path(), Mask::CREATE);
    dir.touch("new");
    assert_eq!(inotify::read(instance.0, &mut [0; 31]).unwrap_err().errno(), libc::EINVAL);
    assert_eq!(inotify::read(instance.0, &mut [0; 32]).unwrap(), 32);
}

#[test]
fn a_readable_descriptor_without_bytes_is_not_inotify() {
    let null = File::open("/dev/null").unwrap();
    let (done, errno, text) = parts(&inotify::read(null.as_raw_fd(), &mut [0; 64]).unwrap_err());
    assert_eq!((done, errno), (Operation::Read, libc::EINVAL));
    assert!(text.contains("is not an inotify descriptor"), "{text}");
}

#[test]
fn waking_makes_a_quiet_queue_readable_and_leaves_no_watch() {
    let instance = Instance::new(InitFlags::empty());
    assert!(inotify::wake(instance.0));
    assert!(!all_events(instance.0).is_empty());
    assert_eq!(fdinfo::watches(instance.0).unwrap(), []);
}

#[test]
fn other_descriptors_cannot_be_woken() {
    assert!(!inotify::wake(-1));
    assert!(!inotify::wake(File::open("/dev/null").unwrap().as_raw_fd()));
}

#[test]
fn the_kernel_lists_its_watches() {
    let dir = Directory::new();
    let instance = Instance::new(InitFlags::empty());
    let wd = instance.watch(dir.path(), Mask::CREATE | Mask::EXCL_UNLINK);
    let watches = fdinfo::watches(instance.0).unwrap();
    assert!(matches!(watches[..], [KernelWatch { wd: w, mask }] if w == wd && mask.contains(Mask::CREATE)));
}

#[test]
fn a_limit_names_its_sysctl_its_value_and_the_remedy() {
    let limit = |sysctl, value, namespaced| Limit { sysctl, value, namespaced }.to_string();
    assert_eq!(
        limit(Sysctl::Watches, Some(8192), false),
        "this user has no watches left: fs.inotify.max_user_watches is 8192; raise it with \
         `sudo sysctl fs.inotify.max_user_watches=1048576`, for good in a file under /etc/sysctl.d"
    );
    assert_eq!(
        limit(Sysctl::Instances, Some(2000), true),
        "this user has no inotify instances left: user.max_inotify_instances is 2000; raise it with \
         `sudo sysctl user.max_inotify_instances=4000`, for good in a file under /etc/sysctl.d"
    );
    let unknown = limit(Sysctl::Instances, None, false);
    assert!(unknown.contains(
        "left: fs.inotify.max_user_instances; raise it with `sudo sysctl fs.inotify.max_user_instances=1024`"
    ));
    let largest = limit(Sysctl::Watches, Some(u64::MAX), false);
    assert!(largest.contains(&format!("max_user_watches={}`", u64::MAX)));
}

#[test]
fn the_limit_that_holds_is_the_smaller_one() {
    for sysctl in [Sysctl::Instances, Sysctl::Watches] {
        let read = |namespaced| -> Option<u64> {
            let path = sysctl.name(namespaced).replace('.', "/");
            std::fs::read_to_string(format!("/proc/sys/{path}")).ok()?.trim().parse().ok()
        };
        let limit = sysctl.limit();
        assert_eq!(limit.value, read(false).into_iter().chain(read(true)).min());
        assert_eq!(limit.value, read(limit.namespaced));
    }
}

#[test]
fn flags_are_those_of_the_header() {
    assert_eq!(Mask::all().bits(), u32::MAX);
    assert_eq!(Mask::from_bits_retain(libc::IN_ALL_EVENTS).iter_names().count(), 12);
    assert_eq!(Mask::ONESHOT.bits(), 0x8000_0000);
    assert_eq!(InitFlags::all().bits(), libc::IN_NONBLOCK | libc::IN_CLOEXEC);
}
