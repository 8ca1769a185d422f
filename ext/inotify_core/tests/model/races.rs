//! What happens while a directory is scanned, and what the queue reports it later.
//!
//! A scan opens the parent (0) and makes sure of it by its watch (1), opens the directory in it (2), watches it (3) and
//! lists it in two portions (4, 5): the operations in brackets come before the system call of that number.

use crate::case::case;

#[test]
fn a_path_made_in_one_go_is_known_to_its_end() {
    case("", "mkdir t/a; mkdir t/a/b; mkdir t/a/b/c; mkdir t/a/b/c/d; write t/a/b/c/d/e").reports(&[
        "created t/a/",
        "created t/a/b/?",
        "created t/a/b/c/?",
        "created t/a/b/c/d/?",
        "created t/a/b/c/d/e?",
    ]);
}

#[test]
fn a_new_directory_is_scanned() {
    case("", "mkdir t/a; write t/a/b; apply").asks_for(&["scan t/a"]);
}

#[test]
fn what_is_made_between_watch_and_listing_is_reported_once() {
    case("", "mkdir t/a; apply; work 0 [4 write t/a/x]").reports(&["created t/a/", "created t/a/x"]);
}

#[test]
fn what_is_removed_while_it_is_listed_was_not_there() {
    case("", "mkdir t/a; write t/a/b; write t/a/c; apply; work 0 [5 rm t/a/b]")
        .reports(&["created t/a/", "created t/a/c?"]);
}

#[test]
fn a_directory_renamed_while_it_is_listed_is_known_under_its_new_name() {
    case("", "mkdir t/a; write t/a/b; apply; work 0 [4 mv t/a t/c]; write t/c/d").reports(&[
        "created t/c/",
        "created t/c/b?",
        "created t/c/d",
    ]);
}

#[test]
fn a_directory_renamed_before_it_is_watched_is_known_under_its_new_name() {
    case("", "mkdir t/a; write t/a/b; apply; work 0 [1 mv t/a t/c]; write t/c/d").reports(&[
        "created t/c/",
        "created t/c/b?",
        "created t/c/d?",
    ]);
}

#[test]
fn a_directory_moved_out_while_it_is_listed_says_nothing() {
    case("", "mkdir t/a; mkdir t/a/b; apply; work 0 [4 mv t/a o/a]; write o/a/c; write o/a/b/c").reports(&[]);
}

#[test]
fn a_directory_moved_in_while_the_queue_waits_is_known_with_all_in_it() {
    case("mkdir o/a; mkdir o/a/b; write o/a/b/c", "mv o/a t/a; write t/a/b/d; mv t/a/b t/b; write t/b/e").reports(&[
        "created t/a/",
        "created t/b/",
        "created t/b/c?",
        "created t/b/d?",
        "created t/b/e?",
    ]);
}

#[test]
fn a_directory_made_again_at_once_has_what_is_in_it_now() {
    case("mkdir t/a; mkdir t/a/b; write t/a/b/c", "rm-r t/a; mkdir t/a; mkdir t/a/b; write t/a/b/d")
        .reports(&["deleted t/a/b/c", "created t/a/b/d?"]);
}

#[test]
fn a_directory_held_open_while_removed_takes_nothing_from_its_successor() {
    case("mkdir t/a; write t/a/b", "hold t/a; rm-r t/a; mkdir t/a; write t/a/c; apply; work; release; write t/a/d")
        .reports(&["deleted t/a/b", "created t/a/c?", "created t/a/d"]);
}

#[test]
fn a_child_is_not_taken_for_that_of_another_directory_of_its_parents_name() {
    // When `t/a/b` is scanned, `t/a` is another directory, which has a `b` of its own.
    let script = "mkdir t/a/b; apply; mv t/a t/c; mkdir t/a; mkdir t/a/b; write t/a/b/x; work; write t/c/b/y";
    case("mkdir t/a", script).reports(&[
        "renamed t/a t/c/",
        "created t/a/",
        "created t/a/b/?",
        "created t/a/b/x?",
        "created t/c/b/",
        "created t/c/b/y?",
    ]);
}

#[test]
fn a_stale_scan_is_repeated_where_the_directory_is() {
    case("mkdir t/a", "mkdir t/a/b; apply; mv t/a t/c; work; apply").asks_for(&["scan t/c", "scan t/c/b"]);
}

#[test]
fn events_queued_for_an_old_place_do_not_land_on_the_new_one() {
    case("mkdir t/a; write t/a/x; mkdir t/b; write t/b/x", "append t/a/x; mv t/a t/c; mv t/b t/a; append t/c/x")
        .reports(&["renamed t/a t/c/", "renamed t/b t/a/", "modified t/c/x"]);
}

#[test]
fn a_file_that_is_not_known_is_looked_for_when_it_is_written() {
    case("", "hold o; write t/a; apply; event 2 2 0 b; apply").asks_for(&["stat t/b"]);
}

#[test]
fn a_directory_taken_for_another_that_had_its_name_is_itself_again_where_it_was_renamed_to() {
    // When `t/a` is scanned, `t/q` has its name already.
    let script = "mkdir t/a; write t/a/y; apply; mv t/a t/z; mv t/q t/a; work; apply; work; write t/z/v; write t/a/w";
    case("mkdir t/q; write t/q/x", script).reports(&[
        "deleted t/q/x?",
        "deleted t/q/?",
        "created t/a/",
        "created t/a/w",
        "created t/a/x?",
        "created t/z/",
        "created t/z/v",
        "created t/z/y?",
    ]);
}

#[test]
fn a_directory_whose_watch_the_kernel_dropped_is_scanned() {
    case("mkdir t/a", "event 3 8000 0; apply").asks_for(&["scan t/a"]);
}

#[test]
fn a_directory_taken_for_its_child_does_not_go_into_itself() {
    // `t/a` is scanned when its child has its name already, and it is in that.
    let ahead = "event 3 8000 0; mv t/a/b t/x; mv t/a t/x/a; mv t/x t/a; apply 1; work";
    case("mkdir t/a; mkdir t/a/b; write t/a/b/y", &format!("{ahead}; apply; work; write t/a/z")).reports(&[
        "deleted t/a/b/y?",
        "deleted t/a/b/?",
        "created t/a/a/?",
        "created t/a/y?",
        "created t/a/z",
    ]);
}
