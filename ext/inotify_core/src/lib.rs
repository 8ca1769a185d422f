//! inotify(7) without Ruby.
//!
//! Data flows one way, from the kernel up. Each module imports only modules before it:
//!
//! - [`paths`] are bytes;
//! - [`moment`] compares the time stamps of files with moments;
//! - [`tick`] is the clock of time stamps;
//! - [`stamp`] is the part of a stat that is kept to be compared;
//! - `sys` makes the system calls for which rustix has no safe function; only there is `unsafe` code, except that
//!   [`inotify::close`] passes on what its caller promises;
//! - `directory` opens and reads directories;
//! - [`fdinfo`] lists the watches that the kernel has;
//! - [`inotify`] gives the calls types, errors and limits;
//! - [`event`] reads the kernel's records out of bytes, in safe code;
//! - [`mountinfo`] reads the table of mounts;
//! - [`coalesce`] decides when waiting before a read is worth it;
//! - [`buffer`] reads one batch of a queue and returns its records one by one;
//! - [`tree_marks`] puts a mark into a queue when something is mounted, or a polled directory has changes;
//! - [`checkpoint`] writes and reads the trees as a consumer knows them;
//! - [`system`] is everything that the engine needs of the operating system, as one trait;
//! - [`git`] reads git's own rules;
//! - [`filter`] decides which paths are included;
//! - [`model`] has all entries of the trees, kept true by events and scans, without a system call;
//! - [`engine`] carries out the effects of the model, and takes its changes;
//! - [`checker`] is an engine without a thread, which many share;
//! - [`watcher`] is an engine on a thread, with a mailbox;
//! - [`dir_trees`] follows directories for users of the kernel's own events, and adds those that the kernel could not
//!   send.

mod braces;
pub mod buffer;
pub mod checker;
pub mod checkpoint;
pub mod coalesce;
pub mod dir_trees;
mod directory;
pub mod engine;
pub mod error;
pub mod event;
pub mod fdinfo;
pub mod filter;
pub mod flags;
pub mod git;
mod gitignore;
pub mod inotify;
mod invariant;
pub mod limits;
pub mod model;
pub mod moment;
pub mod mountinfo;
pub mod paths;
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
