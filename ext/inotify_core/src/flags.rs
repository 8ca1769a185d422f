//! The bits of inotify_init1(2), inotify_add_watch(2) and of the events.

use bitflags::bitflags;

bitflags! {
    /// Flags of inotify_init1(2).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct InitFlags: i32 {
        /// Reads return `EAGAIN` instead of waiting.
        const NONBLOCK = libc::IN_NONBLOCK;
        /// The descriptor closes on execve(2).
        const CLOEXEC = libc::IN_CLOEXEC;
    }
}

bitflags! {
    /// The events of a watch, or of an event (inotify(7), "inotify events").
    ///
    /// Bits without a name here are kept, never denied: a newer kernel may know more.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Mask: u32 {
        /// File was read or executed.
        const ACCESS = libc::IN_ACCESS;
        /// File was written or truncated.
        const MODIFY = libc::IN_MODIFY;
        /// Metadata changed: permissions, times, owner, link count, extended attributes.
        const ATTRIB = libc::IN_ATTRIB;
        /// File opened for writing was closed.
        const CLOSE_WRITE = libc::IN_CLOSE_WRITE;
        /// File or directory not opened for writing was closed.
        const CLOSE_NOWRITE = libc::IN_CLOSE_NOWRITE;
        /// File or directory was opened.
        const OPEN = libc::IN_OPEN;
        /// The old name of a rename.
        const MOVED_FROM = libc::IN_MOVED_FROM;
        /// The new name of a rename.
        const MOVED_TO = libc::IN_MOVED_TO;
        /// File or directory was made in the watched directory.
        const CREATE = libc::IN_CREATE;
        /// File or directory was removed from the watched directory.
        const DELETE = libc::IN_DELETE;
        /// The watched file or directory was itself removed.
        const DELETE_SELF = libc::IN_DELETE_SELF;
        /// The watched file or directory was itself renamed.
        const MOVE_SELF = libc::IN_MOVE_SELF;

        /// The file system of the watched object was unmounted.
        const UNMOUNT = libc::IN_UNMOUNT;
        /// The queue was full and events were dropped; wd is −1.
        const Q_OVERFLOW = libc::IN_Q_OVERFLOW;
        /// The watch is gone; its wd will not be heard of again.
        const IGNORED = libc::IN_IGNORED;
        /// The subject of the event is a directory.
        const ISDIR = libc::IN_ISDIR;

        /// Watch the path only if it is a directory.
        const ONLYDIR = libc::IN_ONLYDIR;
        /// Do not follow a symbolic link at the path.
        const DONT_FOLLOW = libc::IN_DONT_FOLLOW;
        /// Exclude events of children that were unlinked.
        const EXCL_UNLINK = libc::IN_EXCL_UNLINK;
        /// Fail with `EEXIST` if the inode has a watch.
        const MASK_CREATE = libc::IN_MASK_CREATE;
        /// Add to the mask of an existing watch instead of replacing it.
        const MASK_ADD = libc::IN_MASK_ADD;
        /// Remove the watch after its first event.
        const ONESHOT = libc::IN_ONESHOT;

        const _ = !0;
    }
}
