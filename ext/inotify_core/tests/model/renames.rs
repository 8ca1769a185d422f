//! Renames within, in, out and over each other.

use crate::case::case;

#[test]
fn a_file_is_renamed() {
    case("write t/a", "mv t/a t/b").reports(&["renamed t/a t/b"]);
}

#[test]
fn a_file_is_renamed_and_modified() {
    case("write t/a", "mv t/a t/b; append t/b").reports(&["renamed t/a t/b", "modified t/b"]);
}

#[test]
fn a_file_is_moved_to_another_directory() {
    case("mkdir t/a; write t/a/b; mkdir t/c", "mv t/a/b t/c/d").reports(&["renamed t/a/b t/c/d"]);
}

#[test]
fn a_directory_is_renamed_with_all_in_it_at_once() {
    case("mkdir t/a; mkdir t/a/b; write t/a/b/c", "mv t/a t/d").reports(&["renamed t/a t/d/"]);
}

#[test]
fn names_on_the_way_are_not_reported() {
    case("write t/a", "mv t/a t/b; mv t/b t/c; mv t/c t/d").reports(&["renamed t/a t/d"]);
}

#[test]
fn what_is_renamed_and_back_may_have_been_exchanged() {
    // An exchange with something else reports the same, so the file is scanned.
    case("write t/a; mkdir t/b", "mv t/a t/c; mv t/c t/a; mv t/b t/d; mv t/d t/b").reports(&["modified t/a?"]);
}

#[test]
fn a_new_file_has_its_last_name() {
    case("", "write t/a; mv t/a t/b").reports(&["created t/b"]);
}

#[test]
fn a_new_directory_has_its_last_name() {
    case("", "mkdir t/a; write t/a/b; mv t/a t/c").reports(&["created t/c/", "created t/c/b?"]);
}

#[test]
fn what_is_moved_in_is_created_with_all_in_it() {
    case("mkdir o/a; mkdir o/a/b; write o/a/b/c", "mv o/a t/a").reports(&[
        "created t/a/",
        "created t/a/b/?",
        "created t/a/b/c?",
    ]);
}

#[test]
fn what_is_moved_out_is_deleted_with_all_in_it() {
    case("mkdir t/a; mkdir t/a/b; write t/a/b/c", "mv t/a o/a").reports(&[
        "deleted t/a/b/c",
        "deleted t/a/b/",
        "deleted t/a/",
    ]);
}

#[test]
fn what_was_moved_out_says_nothing_any_more() {
    case("mkdir t/a; mkdir t/a/b", "mv t/a o/a; write o/a/x; write o/a/b/x; mkdir o/a/c")
        .reports(&["deleted t/a/b/", "deleted t/a/"]);
}

#[test]
fn what_is_moved_out_and_in_again_is_reported_anew() {
    case("mkdir t/a; write t/a/b", "mv t/a o/a; write o/a/c; mv o/a t/d").reports(&[
        "deleted t/a/b",
        "deleted t/a/",
        "created t/d/",
        "created t/d/b?",
        "created t/d/c?",
    ]);
}

#[test]
fn a_file_renamed_over_another_takes_its_place() {
    case("write t/a; write t/b", "mv t/a t/b").reports(&["renamed t/a t/b"]);
}

#[test]
fn a_directory_renamed_over_an_empty_one_takes_its_place() {
    case("mkdir t/a; write t/a/x; mkdir t/b", "mv t/a t/b").reports(&["deleted t/b/", "renamed t/a t/b/"]);
}

#[test]
fn a_directory_moved_in_over_an_empty_one_keeps_the_name() {
    case("mkdir o/a; write o/a/x; mkdir t/b", "mv o/a t/b").reports(&["created t/b/x?"]);
}

#[test]
fn a_hard_link_renamed_over_another_of_its_file_stays() {
    case("write t/a; ln t/a t/b", "mv t/a t/b").reports(&[]);
}

#[test]
fn renames_in_batches_of_their_own_are_two_changes() {
    case("write t/a; mkdir t/d; mkdir t/e", "mv t/a t/b; apply 1; deliver; take; apply; deliver; take").reports(&[
        "deleted t/a",
        "|",
        "created t/b",
    ]);
}

#[test]
fn renames_of_a_directory_in_batches_of_their_own_are_two_changes() {
    case("mkdir t/a; write t/a/x", "mv t/a t/b; apply 1; deliver; take; apply; deliver; take").reports(&[
        "deleted t/a/x",
        "deleted t/a/",
        "|",
        "created t/b/",
        "created t/b/x?",
    ]);
}

#[test]
fn renames_with_other_events_between_them_are_one_rename() {
    case("write t/a; write t/c; mkdir t/d", "mv t/a t/d/b; between 1 append t/c")
        .reports(&["renamed t/a t/d/b", "modified t/c"]);
}

#[test]
fn a_second_half_alone_is_an_arrival() {
    case("", "write o/a; mv o/a t/b").reports(&["created t/b"]);
}

#[test]
fn a_name_whose_file_left_and_was_made_again_is_modified() {
    case("write t/a", "mv t/a o/a; write t/a").reports(&["modified t/a"]);
}

#[test]
fn exchanged_files_have_both_changed() {
    case("write t/a; write t/b", "xchg t/a t/b").reports(&["modified t/a?", "modified t/b?"]);
}

#[test]
fn exchanged_directories_have_each_what_the_other_had() {
    case("mkdir t/a; write t/a/x; mkdir t/b; write t/b/y", "xchg t/a t/b; write t/a/z; write t/b/z").reports(&[
        "deleted t/a/x?",
        "deleted t/b/y",
        "created t/a/y?",
        "created t/a/z?",
        "created t/b/x?",
        "created t/b/z?",
    ]);
}

#[test]
fn an_exchanged_file_and_directory_are_both_there() {
    case("write t/a; mkdir t/b; write t/b/x", "xchg t/a t/b").reports(&[
        "deleted t/b/x",
        "deleted t/b/",
        "renamed t/a t/b",
        "created t/a/",
        "created t/a/x?",
        "modified t/b",
    ]);
}

#[test]
fn a_file_exchanged_with_one_outside_is_modified() {
    case("write t/a; write o/a", "xchg t/a o/a").reports(&["modified t/a"]);
}

#[test]
fn a_directory_exchanged_with_one_outside_is_another() {
    case("mkdir t/a; write t/a/x; mkdir o/a; write o/a/y", "xchg t/a o/a; write o/a/z")
        .reports(&["deleted t/a/x", "created t/a/y?"]);
}

#[test]
fn a_directory_exchanged_with_a_file_outside_is_a_file() {
    case("mkdir t/a; write t/a/x; write o/a", "xchg o/a t/a").reports(&[
        "deleted t/a/x",
        "deleted t/a/",
        "created t/a",
    ]);
}

#[test]
fn two_files_that_change_places_are_reported_as_far_as_it_goes() {
    case("write t/a; write t/b", "mv t/a t/c; mv t/b t/a; mv t/c t/b").reports(&[
        "deleted t/b",
        "renamed t/a t/b",
        "created t/a",
    ]);
}

#[test]
fn three_names_that_rotate_are_reported_as_far_as_it_goes() {
    case("write t/a; write t/b; write t/c", "mv t/a t/d; mv t/b t/a; mv t/c t/b; mv t/d t/c").reports(&[
        "deleted t/c",
        "renamed t/a t/c",
        "renamed t/b t/a",
        "created t/b",
    ]);
}

#[test]
fn two_directories_that_change_places_are_reported_as_far_as_it_goes() {
    case("mkdir t/a; write t/a/x; mkdir t/b; write t/b/y", "mv t/a t/c; mv t/b t/a; mv t/c t/b").reports(&[
        "deleted t/a/x",
        "deleted t/a/",
        "renamed t/b t/a/",
        "created t/b/",
        "created t/b/x",
    ]);
}

#[test]
fn a_file_and_a_directory_that_change_places_are_reported_as_far_as_it_goes() {
    case("write t/a; mkdir t/b; write t/b/y", "mv t/a t/c; mv t/b t/a; mv t/c t/b").reports(&[
        "deleted t/a",
        "renamed t/b t/a/",
        "created t/b",
    ]);
}

#[test]
fn a_child_takes_the_place_of_its_parent_and_the_parent_goes_into_it() {
    case("mkdir t/a; write t/a/x; mkdir t/a/b; write t/a/b/y", "mv t/a/b t/b; mv t/a t/b/a")
        .reports(&["renamed t/a/b t/b/", "renamed t/a t/b/a/"]);
}

#[test]
fn parent_and_child_change_their_names() {
    case("mkdir t/a; write t/a/x; mkdir t/a/b; write t/a/b/y", "mv t/a/b t/c; mv t/a t/c/b; mv t/c t/a").reports(&[
        "deleted t/a/b/y",
        "deleted t/a/b/",
        "deleted t/a/x",
        "deleted t/a/",
        "created t/a/",
        "created t/a/b/",
        "created t/a/b/x",
        "created t/a/y",
    ]);
}

#[test]
fn what_leaves_a_directory_that_goes_is_renamed_first() {
    case("mkdir t/a; write t/a/x; write t/a/y", "mv t/a/x t/x; rm-r t/a").reports(&[
        "deleted t/a/y",
        "renamed t/a/x t/x",
        "deleted t/a/",
    ]);
}

#[test]
fn what_goes_into_a_new_directory_finds_it_there() {
    case("write t/a", "mkdir t/b; mkdir t/b/c; apply; work; mv t/a t/b/c/a").reports(&[
        "created t/b/",
        "created t/b/c/?",
        "renamed t/a t/b/c/a",
    ]);
}

#[test]
fn what_goes_into_a_renamed_directory_finds_it_there() {
    case("mkdir t/a; write t/x", "mv t/a t/b; mv t/x t/b/x").reports(&["renamed t/a t/b/", "renamed t/x t/b/x"]);
}

#[test]
fn paths_of_nested_renames_are_final() {
    case("mkdir t/a; write t/a/x; mkdir t/b", "mv t/a t/b/c; mv t/b t/d")
        .reports(&["renamed t/b t/d/", "renamed t/a t/d/c/"]);
}

#[test]
fn a_directory_leaves_another_after_that_is_renamed() {
    case("mkdir t/a; mkdir t/a/s; write t/a/s/x; write t/a/y", "mv t/a/s t/s; mv t/a t/b")
        .reports(&["renamed t/a t/b/", "renamed t/b/s t/s/"]);
}

#[test]
fn new_directories_in_a_renamed_one_have_final_paths() {
    case("mkdir t/a; write t/x", "mkdir t/a/n; apply; work; mv t/x t/a/n/x; mv t/a t/b").reports(&[
        "renamed t/a t/b/",
        "created t/b/n/",
        "renamed t/x t/b/n/x",
    ]);
}

#[test]
fn a_directory_in_the_way_of_its_new_parent_is_created_anew() {
    case("mkdir t/a; write t/a/y; mkdir t/g; mkdir t/g/x; write t/g/x/f", "mv t/g/x t/a/x; rm t/g; mv t/a t/g")
        .reports(&[
            "deleted t/g/x/f",
            "deleted t/g/x/",
            "deleted t/g/",
            "renamed t/a t/g/",
            "created t/g/x/",
            "created t/g/x/f",
        ]);
}

#[test]
fn files_below_nested_renames_have_final_paths() {
    case("mkdir t/a; mkdir t/a/s; write t/a/a; write t/a/s/a; mkdir t/b", "mv t/a/s t/s; mv t/a t/b/c; mv t/b t/d")
        .only()
        .reports(&["renamed t/a/a t/d/c/a", "renamed t/a/s/a t/s/a"]);
}

#[test]
fn files_below_directories_that_follow_each_other_have_final_paths() {
    case(
        "mkdir t/a; mkdir t/a/s; write t/a/s/a; mkdir t/c; mkdir t/c/s; write t/c/s/a",
        "mv t/a/s t/s; mv t/a t/b; mv t/c t/a",
    )
    .only()
    .reports(&["renamed t/a/s/a t/s/a", "renamed t/c/s/a t/a/s/a"]);
}

#[test]
fn a_chain_of_renames_is_reported_from_its_end() {
    case("write t/a; write t/b; write t/c", "mv t/c t/d; mv t/b t/c; mv t/a t/b").reports(&[
        "renamed t/c t/d",
        "renamed t/b t/c",
        "renamed t/a t/b",
    ]);
}

#[test]
fn a_name_is_free_when_its_file_is_renamed() {
    case("write t/a; mkdir t/b; write t/b/x", "mv t/a t/c; mv t/b t/a")
        .reports(&["renamed t/a t/c", "renamed t/b t/a/"]);
}

#[test]
fn a_child_that_takes_the_place_of_its_removed_parent() {
    case("mkdir t/a; mkdir t/a/b; write t/a/b/x", "mv t/a/b t/c; rm-r t/a; mv t/c t/a").reports(&[
        "deleted t/a/b/x",
        "deleted t/a/b/",
        "deleted t/a/",
        "created t/a/",
        "created t/a/x",
    ]);
}

#[test]
fn a_file_that_takes_the_name_of_its_removed_directory() {
    case("mkdir t/a; write t/a/b", "mv t/a/b t/c; rm-r t/a; mv t/c t/a").reports(&[
        "deleted t/a/b",
        "deleted t/a/",
        "created t/a",
    ]);
}

#[test]
fn a_renamed_directory_is_modified_under_its_new_name() {
    case("mkdir t/a; write t/a/x; write t/a/y", "mv t/a t/b; append t/b/x; rm t/b/y; write t/b/z").reports(&[
        "deleted t/a/y",
        "renamed t/a t/b/",
        "created t/b/z",
        "modified t/b/x",
    ]);
}

#[test]
fn directories_below_a_flat_root_are_entries_only() {
    case("mkdir t/a; write t/b", "write t/a/x; mv t/a t/c; mv t/b t/d; write t/c/y; rm-r t/c")
        .flat()
        .reports(&["deleted t/a/", "renamed t/b t/d"]);
}

#[test]
fn an_exchange_whose_first_rename_was_lost_loses_no_name() {
    // The queue was full when the first was reported, and emptied before the second was.
    let second = "event 2 40 2 b; event 2 80 2 a";
    let script = format!("capacity 0; xchg t/a t/b; apply; work; capacity 9; {second}");
    case("write t/a; write t/b", &script).reports(&["renamed t/b t/a?", "created t/b?", "modified t/a?"]);
}

#[test]
fn a_file_exchanged_and_renamed_at_once_is_reported_as_modified() {
    case("write t/a; write t/b", "xchg t/a t/b; mv t/a t/c").reports(&[
        "renamed t/a t/c?",
        "modified t/b?",
        "modified t/c?",
    ]);
}

#[test]
fn an_unpaired_rename_is_finished_as_soon_as_something_else_has_its_name() {
    case("mkdir t/a", "mv t/a o/a; mkdir t/a; apply").asks_for(&["scan t/a", "unwatch 3"]);
}

#[test]
fn a_rename_in_a_directory_with_two_paths_is_reported_under_both() {
    case("mkdir t/a; write t/a/x; mkdir t/a/d; mount t/a t/m", "mv t/a/x t/a/y; mv t/a/d t/a/e; write t/a/e/z")
        .reports(&[
            "deleted t/a/x",
            "deleted t/m/x",
            "deleted t/a/d/",
            "deleted t/m/d/",
            "created t/a/e/",
            "created t/a/e/z?",
            "created t/a/y",
            "created t/m/e/",
            "created t/m/e/z?",
            "created t/m/y",
        ]);
}

#[test]
fn a_directory_with_two_paths_is_removed_from_both() {
    case("mkdir t/a; mkdir t/a/b; mount t/a/b t/a/b-too; write t/a/b/x", "mv t/a o/a; write o/a/b/y").reports(&[
        "deleted t/a/b-too/x",
        "deleted t/a/b/x",
        "deleted t/a/b/",
        "deleted t/a/b-too/",
        "deleted t/a/",
    ]);
}

#[test]
fn a_file_outside_that_is_exchanged_with_one_inside_takes_its_name() {
    case("write t/a; write o/a", "xchg o/a t/a").reports(&["modified t/a?"]);
}

#[test]
fn a_directory_outside_that_is_exchanged_with_one_inside_takes_its_name() {
    case("mkdir t/a; write t/a/x; mkdir o/a; write o/a/y", "xchg o/a t/a; write t/a/z").reports(&[
        "deleted t/a/x",
        "created t/a/y?",
        "created t/a/z?",
    ]);
}

#[test]
fn a_file_that_was_reported_is_not_reported_again_when_nothing_but_a_rename_happens() {
    case("mkdir t/a", "write t/a/f; sync; mv t/a t/b").reports(&["created t/a/f", "|", "renamed t/a t/b/"]);
    case("", "write t/a; apply; deliver; take; mv t/a t/b").reports(&["created t/a", "|", "renamed t/a t/b"]);
}

#[test]
fn a_file_that_was_reported_where_it_was_no_longer_is_reported_again() {
    case("mkdir t/a", "write t/a/f; apply; deliver; mv t/a t/b; take").reports(&[
        "created t/a/f",
        "|",
        "renamed t/a t/b/",
        "modified t/b/f",
    ]);
    case("mkdir t/a; mkdir t/c; write t/c/f", "write t/a/f; apply; deliver; take; mv t/a t/b; mv t/c t/a").reports(&[
        "created t/a/f",
        "|",
        "renamed t/a t/b/",
        "renamed t/c t/a/",
        "modified t/b/f",
    ]);
}

#[test]
fn a_file_whose_directory_was_renamed_is_reported_again_when_another_takes_its_path() {
    case("mkdir t/a; mkdir t/c; write t/c/f", "write t/a/f; sync; mv t/a t/b; sync; mv t/c t/a").reports(&[
        "created t/a/f",
        "|",
        "renamed t/a t/b/",
        "|",
        "renamed t/c t/a/",
        "modified t/b/f",
    ]);
    case("mkdir t/a", "write t/a/f; sync; mv t/a t/b; sync; write t/g; sync; mkdir t/a").reports(&[
        "created t/a/f",
        "|",
        "renamed t/a t/b/",
        "|",
        "created t/g",
        "|",
        "created t/a/",
        "modified t/b/f",
    ]);
    case("", "write t/a; sync; mv t/a t/b; sync; write t/a").reports(&[
        "created t/a",
        "|",
        "renamed t/a t/b",
        "|",
        "created t/a",
        "modified t/b",
    ]);
}

#[test]
fn a_file_that_was_reported_three_batches_ago_is_reported_again_when_more_than_renames_happens() {
    case("mkdir t/a", "write t/a/f; sync; write t/1; sync; write t/2; sync; mv t/a t/b; write t/3").reports(&[
        "created t/a/f",
        "|",
        "created t/1",
        "|",
        "created t/2",
        "|",
        "renamed t/a t/b/",
        "created t/3",
        "modified t/b/f",
    ]);
}

#[test]
fn a_file_that_was_reported_earlier_is_not() {
    case("mkdir t/a", "write t/a/f; sync; write t/1; sync; write t/2; sync; write t/3; sync; mv t/a t/b").reports(&[
        "created t/a/f",
        "|",
        "created t/1",
        "|",
        "created t/2",
        "|",
        "created t/3",
        "|",
        "renamed t/a t/b/",
    ]);
}

#[test]
fn what_a_batch_reports_again_is_reported_by_the_one_in_its_place_too() {
    let script = "write t/a/f; sync; write t/c; apply; deliver; mv t/a t/b; take; map t/b/f; deliver; merge";
    case("mkdir t/a", script).reports(&[
        "created t/a/f",
        "|",
        "created t/c",
        "|",
        "renamed t/a t/b/",
        "modified t/b/f",
    ]);
}

#[test]
fn a_file_that_was_renamed_is_reported_again_if_another_directory_comes_to_the_path_of_the_one_that_it_left() {
    let before = "mkdir t/a; write o/f";
    let renamed = "mkdir t/a/b; mv o/f t/a/b/a; apply; work; deliver; take; mv t/a/b/a t/c; apply; deliver";
    let another = "mkdir t/a; mkdir t/a/b; write t/a/b/a";
    let reported = ["created t/a/b/", "created t/a/b/a?", "|", "renamed t/a/b/a t/c", "|"];
    case(before, &format!("{renamed}; rm-r t/a; {another}"))
        .reports(&[&reported[..], &["created t/a/b/a?", "modified t/c"]].concat());
    let moved = ["renamed t/a t/d/", "created t/a/", "created t/a/b/?", "created t/a/b/a?", "modified t/c"];
    case(before, &format!("{renamed}; mv t/a t/d; {another}")).reports(&[&reported[..], &moved].concat());
}
