//! The core before the real kernel, real files and made-up bytes.
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod buffer;
mod calls;
mod checkpoint;
mod coalesce;
mod dir_trees;
mod imports;
mod parser;
mod signals;
mod support;
mod tree_marks;
