//! The model and the engine without a kernel, on a disk in memory.
//!
//! A [`case`] says what exists, what happens, and what must be reported or asked for. A consumer that knows only the
//! reported changes must know the disk in the end; every directory must be watched, and nothing else. The rules that
//! make it so, and their tests:
//!
//! | rule | module |
//! |---|---|
//! | watch, then list: an entry that both report is one, and the listed directory is the watched one | [`races`] |
//! | a directory is scanned again where an event brings it, and where it was before | [`races`] |
//! | a scan checks the parent, and is repeated when it was stale | [`races`] |
//! | the events of a rename pair by cookie, however far apart; one without the other ends by what follows | [`renames`] |
//! | a directory that was moved out reports nothing any more, and its watches are removed | [`renames`] |
//! | a replaced entry is gone, and an exchange loses no name, even if one of its events is lost | [`renames`] |
//! | deletions, renames and creations are reported in an order that can be applied | [`renames`], [`merging`] |
//! | what happened between two batches is one change | [`merging`] |
//! | overflows are repaired: what is new, gone or changed is reported, and nothing else | [`overflows`] |
//! | files that a consumer may have read in the wrong moment are reported again | [`overflows`], [`roots`] |
//! | roots come, go, are replaced, and are found by other paths | [`roots`] |
//! | roots are added and removed while others are watched | [`added`] |
//! | another instance goes on where one left off | [`forked`] |
//! | another process goes on from a checkpoint, and nothing is lost between | [`checkpoints`] |
//! | a file is reported as closed when nobody writes it any more, once | [`closed`] |
//! | what is denied is reported once, and watched as soon as it can be | [`denied`] |
//! | directories beyond the limit of watches are polled, and watched as soon as they can be | [`polled`] |
//! | a directory that links lead to is entered once | [`links`] |
//! | no memory grows with what happens meanwhile | [`bounds`] |
//!
//! [`random`] tries all of them at once, with the disk any number of operations ahead of the queue.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::panic_in_result_fn)]

mod added;
mod bounds;
mod case;
mod checkpoints;
mod closed;
mod consumer;
mod denied;
mod disk;
mod forked;
mod links;
mod merging;
mod overflows;
mod polled;
mod races;
mod random;
mod renames;
mod roots;
mod script;
mod system;
mod world;
