//! inotify(7) without Ruby.
//!
//! Data flows one way, from the kernel up. Each module imports only modules before it:
//!
//! - `sys` makes the system calls for which rustix has no safe function; it alone holds `unsafe` code;
//! - [`moment`] compares the time stamps of files with moments;
//! - [`tick`] is the clock of time stamps;
//! - `directory` opens and reads directories;
//! - [`inotify`] gives them types, errors and limits;
//! - [`fdinfo`] asks the kernel which watches it holds;
//! - [`event`] reads the kernel's records out of bytes, in safe code;
//! - [`mountinfo`] reads what is mounted where;
//! - [`gather`] says when waiting before a read is worth it;
//! - [`buffer`] reads one batch of a queue and returns its events one by one;
//! - [`tree_marks`] puts a mark into a queue when something is mounted, or what is polled has changes;
//! - [`stamp`] is what a stat says, kept to be compared;
//! - [`checkpoint`] keeps what a consumer was given in a file;
//! - [`system`] is what the engine needs of the operating system, as one trait;
//! - [`git`] reads what git ignores;
//! - [`filter`] says which paths are included;
//! - [`model`] is what exists in the trees, kept true by events and scans, without a system call;
//! - [`engine`] carries out what the model asks for, and takes its changes;
//! - [`dir_trees`] follows directories for users of the kernel's own events, and adds those that the kernel could not send;
//! - [`checker`] is an engine without a thread, which many share;
//! - [`watcher`] is an engine on a thread, with a mailbox.

mod braces;
pub mod buffer;
pub mod checker;
pub mod checkpoint;
pub mod dir_trees;
mod directory;
pub mod engine;
pub mod error;
pub mod event;
pub mod fdinfo;
pub mod filter;
pub mod flags;
pub mod gather;
pub mod git;
mod gitignore;
pub mod inotify;
mod invariant;
pub mod limits;
pub mod model;
pub mod moment;
pub mod mountinfo;
mod paths;
pub mod stamp;
mod sys;
pub mod system;
pub mod tick;
pub mod tree_marks;
pub mod watcher;
mod wildmatch;

pub use buffer::EventBuffer;
pub use error::{Error, ErrorKind, Operation};
pub use event::{Event, Malformed};
pub use flags::{InitFlags, Mask};
