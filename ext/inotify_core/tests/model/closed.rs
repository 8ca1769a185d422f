//! Files that are complete: written and closed.

use crate::case::case;

#[test]
fn a_file_is_closed_once_however_long_its_writing_takes() {
    case("", "write t/a").closes().reports(&["created t/a", "closed t/a"]);
    case(
        "write t/a",
        "hold t/a; scribble; apply; deliver; take; scribble; apply; deliver; take; scribble; apply; deliver; take; release",
    )
    .closes()
    .reports(&["modified t/a", "|", "modified t/a", "|", "modified t/a", "|", "closed t/a"]);
    case("write t/a", "hold t/a; scribble; apply; deliver; take; scribble; release").closes().reports(&[
        "modified t/a",
        "|",
        "modified t/a",
        "closed t/a",
    ]);
    case("", "write t/a; apply; deliver; take; append t/a; append t/a").closes().reports(&[
        "created t/a",
        "closed t/a",
        "|",
        "modified t/a",
        "closed t/a",
    ]);
}

#[test]
fn nobody_gets_it_without_asking() {
    case("", "write t/a; mv t/a t/b; apply; deliver; take; append t/b").reports(&["created t/b", "|", "modified t/b"]);
}

#[test]
fn a_close_without_a_write_is_reported_only_if_the_file_may_have_had_that_writer_before() {
    case("", "write t/a; apply; deliver; take; reopen t/a").closes().reports(&["created t/a", "closed t/a"]);
    case("write t/a; hold t/a", "release").closes().reports(&["closed t/a"]);
    case("write t/a", "reopen t/a; apply; deliver; take; reopen t/a").closes().reports(&["closed t/a"]);
    case("", "write t/a; apply; deliver; take; map t/a").closes().reports(&[
        "created t/a",
        "closed t/a",
        "|",
        "modified t/a",
        "closed t/a",
    ]);
}

#[test]
fn a_file_that_is_moved_into_place_is_complete_unless_somebody_writes_it() {
    case("write o/a", "mv o/a t/a").closes().reports(&["created t/a", "closed t/a"]);
    case("write o/a; hold o/a", "mv o/a t/a; apply; deliver; take; scribble; apply; deliver; take; release")
        .closes()
        .reports(&["created t/a", "|", "modified t/a", "|", "closed t/a"]);
    case("write t/a", "append t/a; apply; deliver; take; mv t/a t/b").closes().reports(&[
        "modified t/a",
        "closed t/a",
        "|",
        "renamed t/a t/b",
        "closed t/b",
    ]);
    case("write t/a; write o/b", "mv o/b t/a").closes().reports(&["modified t/a", "closed t/a"]);
    case("write t/a", "mv t/a t/b").closes().reports(&["renamed t/a t/b", "closed t/b"]);
    case("write t/a", "hold t/a; scribble; mv t/a t/b; apply; deliver; take; release").closes().reports(&[
        "renamed t/a t/b",
        "modified t/b",
        "|",
        "closed t/b",
    ]);
}

#[test]
fn files_that_come_with_their_directory_are_complete_unless_somebody_writes_them() {
    case("mkdir o/d; write o/d/a; mkdir o/d/e; write o/d/e/b", "mv o/d t/d").closes().reports(&[
        "created t/d/",
        "created t/d/a?",
        "created t/d/e/?",
        "created t/d/e/b?",
        "closed t/d/a?",
        "closed t/d/e/b?",
    ]);
    case("mkdir o/d; write o/d/a; write o/d/b; hold o/d/a", "mv o/d t/d; apply; work; deliver; take; release")
        .closes()
        .reports(&["created t/d/", "created t/d/a?", "created t/d/b?", "closed t/d/b?", "|", "closed t/d/a"]);
    case("mkdir t/d; mkdir t/d/e; write t/d/a; write t/d/e/b", "mv t/d t/f").closes().reports(&[
        "renamed t/d t/f/",
        "closed t/f/a",
        "closed t/f/e/b",
    ]);
    case("mkdir t/d; write t/d/a; write t/d/b; hold t/d/a", "mv t/d t/e; apply; work; deliver; take; release")
        .closes()
        .reports(&["renamed t/d t/e/", "closed t/e/b", "|", "closed t/e/a"]);
}

#[test]
fn a_link_is_complete() {
    case("write o/a", "ln o/a t/a").closes().reports(&["created t/a", "closed t/a"]);
    case("", "ln-s o t/a").closes().reports(&["created t/a", "closed t/a"]);
}

#[test]
fn a_file_that_is_closed_by_another_name_is_examined_again() {
    case(
        "write o/a; hold o/a",
        "ln o/a t/a; apply; deliver; take; write o/x; retry; sync; release; write o/y; retry; sync",
    )
    .closes()
    .reports(&["created t/a", "|", "closed t/a?"]);
}

#[test]
fn an_overflow_loses_no_close() {
    case("write t/a", "hold t/a; scribble; apply; deliver; take; capacity 1; write t/b; write t/c; release")
        .closes()
        .reports(&["modified t/a", "|", "created t/b", "created t/c?", "closed t/a?", "closed t/b", "closed t/c?"]);
    case("write t/a", "hold t/a; capacity 1; write t/b; scribble; apply; work; deliver; take; capacity 99; release")
        .closes()
        .reports(&["created t/b", "modified t/a?", "closed t/b", "|", "closed t/a"]);
}

#[test]
fn what_cannot_be_found_out_is_taken_as_complete_unless_events_report_its_writes() {
    case("write o/a; hold o/a", "mv o/a t/a").closes_blindly().reports(&["created t/a", "closed t/a"]);
    case("write t/a", "hold t/a; scribble; apply; deliver; take; release").closes_blindly().reports(&[
        "modified t/a",
        "|",
        "closed t/a",
    ]);
    case("write t/a", "hold t/a; capacity 1; write t/b; scribble; apply; work; deliver; take; capacity 99; release")
        .closes_blindly()
        .reports(&["created t/b", "modified t/a?", "closed t/a?", "closed t/b"]);
}

#[test]
fn a_checkpoint_forgets_no_file_that_is_not_closed() {
    case("write t/a", "hold t/a; scribble; apply; deliver; take; checkpoint; release; restart; begin")
        .closes()
        .reports(&["modified t/a", "|", "modified t/a?", "closed t/a?"]);
    case("write t/a", "append t/a; apply; deliver; take; write o/x; checkpoint; restart; begin; reopen t/a")
        .closes()
        .reports(&["modified t/a", "closed t/a"]);
    case("write t/a", "checkpoint; restart; write t/b; append t/a; begin").closes().reports(&[
        "created t/b?",
        "modified t/a?",
        "closed t/a?",
        "closed t/b?",
    ]);
    case("write t/a", "checkpoint; restart; hold t/a; scribble; begin; deliver; take; release").closes().reports(&[
        "modified t/a?",
        "|",
        "closed t/a",
    ]);
}

#[test]
fn a_checkpoint_forgets_no_file_that_is_examined_later() {
    case("", "write t/a; poll; deliver; take; write o/x; checkpoint; restart; write o/y; begin")
        .closes()
        .always_polls()
        .reports(&["created t/a?", "|", "modified t/a?"]);
    case("write o/a; hold o/a", "ln o/a t/a; apply; deliver; take; write o/x; checkpoint; release; restart; begin")
        .closes()
        .reports(&["created t/a", "|", "modified t/a?", "closed t/a?"]);
}

#[test]
fn files_in_polled_directories_are_closed_when_a_scan_finds_them_as_they_were() {
    case("", "write t/a; poll; deliver; take; write o/x; poll; work; sync").closes().always_polls().reports(&[
        "created t/a?",
        "|",
        "closed t/a?",
    ]);
    case("write t/a", "hold t/a; scribble; poll; deliver; take; scribble; poll; deliver; take; release; poll; sync")
        .closes()
        .always_polls()
        .reports(&["modified t/a?", "|", "modified t/a?", "|", "closed t/a?"]);
}

#[test]
fn a_file_that_is_found_at_the_last_moment_is_closed_soon() {
    case("write o/b; write t/a", "xchg o/b t/a; apply; deliver").closes().reports(&[
        "modified t/a?",
        "|",
        "closed t/a?",
    ]);
}

#[test]
fn a_link_to_a_file_that_nobody_can_examine_is_complete_in_a_later_batch_too() {
    case("write o/a; mkdir t/c; mkdir t/c/a", "ln o/a t/c/a/c; apply 1; mv t/c/a t/d; merge")
        .closes_blindly()
        .reports(&["created t/c/a/c", "|", "renamed t/c/a t/d/", "modified t/d/c", "closed t/d/c"]);
}

#[test]
fn an_exchanged_root_file_is_complete_where_nobody_can_examine_it() {
    case("write o/a; write t/c", "xchg o/a t/c").roots(&["t", "o/a"]).closes_blindly().reports(&[
        "modified o/a",
        "modified t/c?",
        "closed o/a",
        "closed t/c?",
    ]);
}

#[test]
fn a_new_file_is_examined_at_once_though_one_before_it_was_waited_for() {
    // Each word takes its time: the wait for the first file is not over at the end.
    case(
        "",
        "mkdir t/c; work 0 [1 write t/c/d] [1 mv t/c/d t/d]; begin; mv t/d t/a; apply; hold t/a; merge; hold o/d; sync; \
         write o/x/a; sync; work 0 [0 mv o/x/a t/d] [5 mkdir t/b/d]; sync; rm-r t; mkdir t; write t/a; merge; deliver",
    )
    .closes()
    .during_first_scan()
    .reports(&["renamed t/d t/a", "|", "deleted t/c/", "modified t/a?", "|", "closed t/a?"]);
}

#[test]
fn a_file_that_replaced_a_link_to_it_is_closed_though_a_directory_came_to_its_old_place() {
    case("write o/d; ln-s o/d t/b", "mv o/d t/b; mkdir o/d")
        .follows()
        .closes_blindly()
        .reports(&["modified t/b", "closed t/b"]);
}

#[test]
fn a_root_that_is_a_file_is_complete_when_a_directory_above_it_leaves_another_root_and_comes_back() {
    case("mkdir t/c; write t/c/a; mkdir o/b", "mv t/c o/b/d; mv o/b/d t/c").roots(&["t", "t/c/a"]).closes().reports(&[
        "deleted t/c/a",
        "deleted t/c/",
        "created t/c/",
        "created t/c/a",
        "closed t/c/a",
    ]);
}

#[test]
fn a_file_of_an_inner_root_that_is_reported_once_more_is_reported_as_closed() {
    // The root may have been elsewhere when the consumer read it.
    case("mkdir t/c; mkdir t/c/a; write t/c/a/f", "mv t/c o/c; mv o/c t/c; apply 1; deliver")
        .roots(&["t", "t/c/a"])
        .closes()
        .reports(&[
            "deleted t/c/a/f",
            "deleted t/c/a/",
            "deleted t/c/",
            "created t/c/a/",
            "created t/c/a/f",
            "closed t/c/a/f",
            "|",
            "created t/c/",
            "modified t/c/a/f",
            "closed t/c/a/f",
        ]);
}

#[test]
fn a_file_behind_a_link_is_closed_though_its_directory_cannot_be_searched_any_more() {
    let case = case("mkdir o/a; write o/a/d; ln-s o/a/d t/d", "permit o/a -; map o/a/d").follows().closes();
    case.holds();
}
