//! What happened between two batches is reported as what came of it.

use crate::case::{Case, case};
use crate::script::parse;

#[test]
fn a_new_file_is_created_however_often_it_is_written() {
    case("", "write t/a; append t/a; append t/a").reports(&["created t/a"]);
}

#[test]
fn a_file_made_and_removed_was_not_there() {
    case("", "write t/a; rm t/a").reports(&[]);
}

#[test]
fn a_directory_made_and_removed_was_not_there() {
    case("", "mkdir t/a; write t/a/b; rm-r t/a").reports(&[]);
}

#[test]
fn a_file_is_modified_once() {
    case("write t/a", "append t/a; append t/a; chmod t/a").reports(&["modified t/a"]);
}

#[test]
fn a_file_closed_without_a_write_is_not_modified() {
    case("write t/a", "reopen t/a; hold t/a; release").reports(&[]);
    case("", "write t/a; deliver; take; reopen t/a").reports(&["created t/a"]);
    case("write t/a", "append t/a; deliver; reopen t/a").reports(&["modified t/a"]);
    case("write t/a", "append t/a; mv t/a t/b; reopen t/b").reports(&["renamed t/a t/b", "modified t/b"]);
}

#[test]
fn a_file_closed_in_a_directory_that_is_renamed_before_it_is_examined_is_not_modified() {
    case("mkdir t/d; write t/d/a", "reopen t/d/a; apply; mv t/d t/e; work").reports(&["renamed t/d t/e/"]);
    case("mkdir t/d; write t/d/a", "map t/d/a; apply; mv t/d t/e; work")
        .reports(&["renamed t/d t/e/", "modified t/e/a"]);
    case("mkdir t/d; write t/d/a", "reopen t/d/a; apply; mv t/d o/d; work").reports(&["deleted t/d/a", "deleted t/d/"]);
}

#[test]
fn a_file_written_through_a_memory_map_is_modified_when_it_is_closed() {
    case("write t/a", "map t/a").reports(&["modified t/a"]);
    case("write t/a", "map t/a; mv t/a t/b").reports(&["renamed t/a t/b", "modified t/b"]);
    case("write t/a", "append t/a; sync; map t/a; sync; reopen t/a; sync; map t/a").reports(&[
        "modified t/a",
        "|",
        "modified t/a",
        "|",
        "modified t/a",
    ]);
    // What was reported at its place was another file.
    let script = "write t/b; apply; mv t/b t/c; mv t/a t/b; map t/b; deliver; take";
    case("write t/a", script).reports(&[
        "created t/b",
        "|",
        "renamed t/b t/c",
        "renamed t/a t/b",
        "modified t/b",
        "modified t/c",
    ]);
}

#[test]
fn a_root_that_is_a_file_is_modified_only_by_what_changes_it() {
    case("write r", "reopen r").roots(&["r"]).reports(&[]);
    case("write r", "map r; deliver; take; reopen r").roots(&["r"]).reports(&["modified r"]);
}

#[test]
fn a_file_modified_and_removed_is_deleted() {
    case("write t/a", "append t/a; rm t/a").reports(&["deleted t/a"]);
}

#[test]
fn a_file_removed_and_made_again_is_modified() {
    case("write t/a", "rm t/a; write t/a").reports(&["modified t/a"]);
}

#[test]
fn a_directory_removed_and_made_again_keeps_its_name() {
    case("mkdir t/a; write t/a/b", "rm-r t/a; mkdir t/a; write t/a/c").reports(&["deleted t/a/b", "created t/a/c?"]);
}

#[test]
fn a_file_in_a_directory_removed_and_made_again_is_modified() {
    case("mkdir t/a; write t/a/b", "rm-r t/a; mkdir t/a; write t/a/b").reports(&["modified t/a/b?"]);
}

#[test]
fn permissions_are_attributes() {
    case("write t/a; mkdir t/b", "chmod t/a; chmod t/b").reports(&["attributes t/a", "attributes t/b/"]);
}

#[test]
fn permissions_of_a_root_are_reported_it() {
    case("", "chmod t").reports(&["attributes t/"]);
}

#[test]
fn batches_are_merged_each_for_itself() {
    case("", "write t/a; deliver; take; rm t/a; deliver; take").reports(&["created t/a", "|", "deleted t/a"]);
}

#[test]
fn a_new_tree_is_reported_from_its_top() {
    case("", "mkdir t/a; mkdir t/a/b; write t/a/b/c").reports(&["created t/a/", "created t/a/b/?", "created t/a/b/c?"]);
}

#[test]
fn a_removed_tree_is_reported_from_its_leaves() {
    case("mkdir t/a; mkdir t/a/b; write t/a/b/c", "rm-r t/a").reports(&[
        "deleted t/a/b/c",
        "deleted t/a/b/",
        "deleted t/a/",
    ]);
}

#[test]
fn an_atomic_save_modifies() {
    case("write t/a", "write t/b; mv t/b t/a").reports(&["modified t/a"]);
}

#[test]
fn an_atomic_save_from_outside_modifies() {
    case("write t/a", "write o/b; mv o/b t/a").reports(&["modified t/a"]);
}

#[test]
fn a_save_that_keeps_a_copy_modifies() {
    case("write t/a", "mv t/a t/b; write t/a").reports(&["renamed t/a t/b", "created t/a"]);
}

#[test]
fn a_save_that_removes_the_copy_modifies() {
    case("write t/a", "mv t/a t/b; write t/a; rm t/b").reports(&["modified t/a"]);
}

#[test]
fn a_file_of_another_kind_is_another_entry() {
    case("write t/a", "rm t/a; mkdir t/a").reports(&["deleted t/a", "created t/a/"]);
}

#[test]
fn a_directory_that_becomes_a_file_is_another_entry() {
    case("mkdir t/a; write t/a/b", "rm-r t/a; write t/a").reports(&["deleted t/a/b", "deleted t/a/", "created t/a"]);
}

#[test]
fn a_hard_link_is_a_file_of_its_own() {
    case("write t/a", "ln t/a t/b; append t/b").reports(&["created t/b"]);
}

#[test]
fn a_symbolic_link_is_a_file() {
    case("mkdir t/a; write t/a/b", "ln-s t/a t/c; rm t/c; ln-s t t/d").reports(&["created t/d"]);
}

#[test]
fn a_removed_file_that_is_still_written_is_gone() {
    case("write t/a", "hold t/a; rm t/a; scribble; release").reports(&["deleted t/a"]);
}

#[test]
fn a_file_that_is_renamed_while_it_is_written_is_reported_under_its_name() {
    case("write t/a", "hold t/a; mv t/a t/b; scribble; release").reports(&["renamed t/a t/b", "modified t/b"]);
}

#[test]
fn what_happens_while_a_batch_lies_ready_can_be_merged_into_it() {
    case("write t/m", "write t/a; apply; deliver; write t/b; append t/a; rm t/m; merge; take").reports(&[
        "deleted t/m",
        "created t/a",
        "created t/b",
    ]);
}

#[test]
fn a_merged_batch_may_be_empty() {
    case("", "mkdir t/a; write t/a/x; apply; deliver; rm-r t/a; merge; take; write t/b").reports(&["created t/b"]);
}

#[test]
fn a_rename_of_what_a_batch_that_lies_ready_reports_of_is_merged() {
    case("mkdir t/d", "mkdir t/a; write t/a/x; apply; work; deliver; mv t/a t/d/b; merge; mv t/d t/e; merge; take")
        .reports(&["renamed t/d t/e/", "created t/e/b/", "created t/e/b/x?"]);
}

#[test]
fn what_happens_after_a_batch_is_taken_is_in_the_next() {
    case("", "write t/a; apply; deliver; write t/b; apply; take; merge; take").reports(&[
        "created t/a",
        "|",
        "created t/b",
    ]);
}

#[test]
fn what_happens_during_the_first_scan_is_known_when_it_ends() {
    let during = |script: &str| Case { steps: parse(script), ..case("write t/b", "") };
    during("work; write t/a; begin; rm t/a").reports(&["deleted t/a"]);
    during("work; write t/a; append t/b; mv t/b t/c; begin").reports(&[]);
    during("work; mkdir t/d; write t/d/e; begin; append t/d/e").reports(&["modified t/d/e"]);
}

#[test]
fn a_file_that_was_elsewhere_when_it_was_read_is_reported_again_though_the_rename_was_undone_before_it_was_taken() {
    for merged in ["", "sync; "] {
        let case = case(
            "mkdir t/a",
            &format!(
                "{merged}write t/a/f; apply; deliver; take; mv t/a t/b; apply; done; deliver; mv t/b t/a; apply; merge"
            ),
        );
        case.holds();
    }
}

#[test]
fn a_file_that_was_not_found_before_a_rename_of_its_directory_was_taken_is_reported_with_its_next_rename() {
    // The consumer has read the first batch when it takes the second one, which brings it to `t/b/f`.
    let read = "write t/a/f; apply; deliver; take; mv t/a t/b; apply; deliver; done; take; deliver";
    for (then, renamed, modified) in [
        ("mv t/b/f t/b/g", "renamed t/b/f t/b/g", "modified t/b/g"),
        ("mv t/b t/c", "renamed t/b t/c/", "modified t/c/f"),
    ] {
        case("mkdir t/a", &format!("{read}; {then}; write t/d")).reports(&[
            "created t/a/f",
            "|",
            "renamed t/a t/b/",
            "|",
            renamed,
            "created t/d",
            modified,
        ]);
    }
}
