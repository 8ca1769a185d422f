//! The tree without a kernel: what it concludes from events and scans of a disk in memory.
//!
//! A [`case`] is what there is, what happens in the words of [`script`], and what is reported or asked for then; a
//! consumer that knows only the reported changes must know the disk in the end, and everything must be watched and
//! nothing else. The rules that make it so, and where each of them is tried:
//!
//! | rule | module |
//! |---|---|
//! | watch, then list: what both report is one, and the directory listed is the one watched | [`races`] |
//! | a directory is scanned again wherever an event brings it, and where it was believed | [`races`] |
//! | a scan makes sure of the parent, and is repeated when it was stale | [`races`] |
//! | halves of renames pair by cookie, however far apart; those left alone are settled by what follows | [`renames`] |
//! | what was moved out says nothing any more, and gives its watches back | [`renames`] |
//! | a victim goes, and an exchange loses no name, even if half of it was lost | [`renames`] |
//! | removals, renames and creations are reported in an order that can be applied | [`renames`], [`merging`] |
//! | what happened between two batches is one change | [`merging`] |
//! | lost events are repaired: what is new, gone or changed is reported, and nothing else | [`overflows`] |
//! | files that a consumer may have read in the wrong moment are reported again | [`overflows`], [`roots`] |
//! | roots come, go, are replaced, and are found on other ways | [`roots`] |
//! | roots are added and removed while others are watched | [`added`] |
//! | another instance goes on where one left off | [`forked`] |
//! | what is denied is said once, and taken up again | [`denied`] |
//! | a directory that links lead to is entered once | [`links`] |
//! | nothing grows with what happens meanwhile | [`bounds`] |
//!
//! [`random`] tries them all at once, the disk being any number of operations ahead of the queue.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::panic_in_result_fn)]

mod added;
mod bounds;
mod case;
mod consumer;
mod denied;
mod disk;
mod forked;
mod links;
mod merging;
mod overflows;
mod races;
mod random;
mod renames;
mod roots;
mod script;
mod system;
mod world;
