//! Directories that can't be read, and a limit of watches: said once, and taken up again.

use crate::case::case;

const EACCES: &str = "13";
const ENOSPC: &str = "28";

#[test]
fn a_directory_that_may_not_be_read_is_said_once() {
    let error = format!("t/a {EACCES}");
    case("mkdir t/a; permit t/a -", "retry; work; write t/b; sync; retry; work").denies(&[&error]);
}

#[test]
fn what_may_not_be_read_leaves_the_rest_watched() {
    case("mkdir t/a; permit t/a -; mkdir t/b", "write t/a/x; write t/b/x").reports(&["created t/b/x"]);
}

#[test]
fn what_may_be_read_again_is_reported_with_all_that_is_in_it() {
    case("mkdir t/a; mkdir t/a/b; write t/a/b/c; permit t/a -", "write t/a/x; sync; permit t/a rx").reports(&[
        "created t/a/b/?",
        "created t/a/b/c?",
        "created t/a/x?",
        "attributes t/a/",
    ]);
}

#[test]
fn a_directory_that_is_watched_need_not_be_readable_any_more() {
    case("mkdir t/a; write t/a/b", "permit t/a -; write t/a/c; append t/a/b").reports(&[
        "created t/a/c",
        "attributes t/a/",
        "modified t/a/b",
    ]);
}

#[test]
fn what_may_be_listed_but_not_entered_has_names_only() {
    let error = format!("t/a/b {EACCES}");
    case("mkdir t/a; mkdir t/a/b; write t/a/b/c; permit t/a r", "").denies(&[&error]);
}

#[test]
fn a_directory_that_may_be_listed_but_not_searched_is_said_when_the_queue_overflowed() {
    let error = format!("t/a {EACCES}");
    let lost = "permit t/a r; sync; capacity 0; append t/a/b; capacity 9; sync; retry; work; sync";
    case("mkdir t/a; write t/a/b; write t/a/c", lost).denies(&[&error]);
}

#[test]
fn files_that_changed_when_the_queue_overflowed_are_modified_as_soon_as_their_directory_may_be_searched() {
    let lost = "permit t/a r; sync; capacity 0; append t/a/b; rm t/a/d; capacity 9; sync; permit t/a rx";
    case("mkdir t/a; write t/a/b; write t/a/c; write t/a/d", lost).reports(&[
        "attributes t/a/",
        "|",
        "deleted t/a/d?",
        "|",
        "attributes t/a/",
        "modified t/a/b?",
    ]);
}

#[test]
fn a_link_in_a_directory_that_may_not_be_searched_is_not_deleted_when_the_queue_overflowed() {
    let (dir, link) = (format!("t/a {EACCES}"), format!("t/a/l {EACCES}"));
    let lost = "permit t/a r; sync; capacity 0; append t/a/c; capacity 9; sync";
    case("mkdir t/a; mkdir o/b; write o/b/x; ln-s o/b t/a/l; write t/a/c", lost).follows().denies(&[&dir, &link]);
}

#[test]
fn a_limit_of_watches_is_said_for_each_directory_that_it_leaves_out() {
    let (a, b) = (format!("t/a {ENOSPC}"), format!("t/b {ENOSPC}"));
    // One watch for the top, one for `t`, and one more.
    case("mkdir t/a; mkdir t/b; mkdir t/c; limit 3", "mkdir t/b/x; retry; work").denies(&[&b, &a]);
}

#[test]
fn a_watch_that_becomes_free_is_used_for_what_was_left_out() {
    case("mkdir t/a; mkdir t/b; write t/b/x; limit 3", "write t/b/y; sync; rm t/a; apply; work; write t/b/z")
        .reports(&["deleted t/a/", "created t/b/x?", "created t/b/y?", "created t/b/z"]);
}

#[test]
fn a_root_that_may_not_be_read_is_said_once() {
    let error = format!("t {EACCES}");
    case("permit t -; write t/a", "retry; work; finish; work").denies(&[&error]);
}

#[test]
fn a_root_that_may_be_read_is_reported_with_all_that_is_in_it() {
    case("permit t -; write t/a", "sync; permit t rx").reports(&["created t/?", "created t/a?"]);
}

#[test]
fn a_directory_that_is_removed_while_it_may_not_be_read_is_deleted() {
    case("mkdir t/a; write t/a/b; permit t/a -", "sync; rm-r t/a").reports(&["deleted t/a/"]);
}

#[test]
fn a_directory_that_is_renamed_while_it_may_not_be_read_is_taken_up_where_it_is() {
    case("mkdir t/a; write t/a/b; permit t/a -", "mv t/a t/c; sync; permit t/c rx").reports(&[
        "renamed t/a t/c/",
        "|",
        "created t/c/b?",
        "attributes t/c/",
    ]);
}

#[test]
fn the_mounts_are_read_again_when_a_directory_that_was_denied_can_be_read() {
    let before = "permit t -; mkdir t/a; mkdir t/d; mount t/a t/d/c; mkdir o/d";
    let case =
        case(before, "ln-s t t/a/c; begin; sync; mv t/d o/d/b; mv t/a t/d").polls().follows().during_first_scan();
    case.holds();
}
