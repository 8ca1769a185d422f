//! The tree without a kernel: told events and looks of a disk in memory, what does it conclude?
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::panic_in_result_fn)]

mod bounds;
mod case;
mod consumer;
mod disk;
mod hands;
mod links;
mod merging;
mod overflows;
mod races;
mod random;
mod refused;
mod renames;
mod roots;
mod script;
mod world;
