//! Events that are lost because the queue is full: what they would have reported is found by a scan.

use crate::case::case;

#[test]
fn a_file_is_reported_again_if_its_directory_was_elsewhere_when_the_queue_overflowed() {
    // The consumer, which got `t/a/b/x`, reads it while `t/a` is not there.
    let reported = "write t/a/b/x; apply; deliver; take";
    let away = "capacity 0; mv t/a t/c; consume; mv t/c t/a; capacity 9";
    case("mkdir t/a; mkdir t/a/b", &format!("{reported}; {away}")).reports(&[
        "created t/a/b/x",
        "|",
        "modified t/a/b/x",
    ]);
}

#[test]
fn a_file_is_reported_again_if_its_root_was_elsewhere_when_the_queue_overflowed() {
    let away = "capacity 0; mv t p; consume; mv p t; capacity 9";
    case("", &format!("write t/x; apply; deliver; take; {away}")).reports(&["created t/x", "|", "modified t/x"]);
}

#[test]
fn a_file_is_not_reported_again_if_its_directory_stayed_when_the_queue_overflowed() {
    case("mkdir t/a; mkdir t/b", "write t/a/x; sync; write t/b/x; sync; capacity 0; write t/b/y; capacity 9")
        .reports(&["created t/a/x", "|", "created t/b/x", "|", "created t/b/y?"]);
}

#[test]
fn what_was_lost_behind_a_link_is_found() {
    case("mkdir o/a; mkdir o/a/b; ln-s o/a t/l", "capacity 0; write o/a/b/c; capacity 9")
        .follows()
        .reports(&["created t/l/b/c?"]);
}

#[test]
fn a_link_that_leads_elsewhere_since_the_queue_overflowed_is_entered() {
    let case = case("ln-s t t/l; mkdir o/a; write o/a/b", "capacity 0; rm t/l; ln-s o/a t/l; capacity 9").follows();
    case.reports(&["deleted t/l?", "created t/l/?", "created t/l/b?"]);
}

#[test]
fn a_link_that_leads_where_it_led_when_the_queue_overflowed_is_not_reported() {
    case("ln-s t t/l; mkdir o/a; ln-s o/a t/m", "write t/b; sync; capacity 0; append t/b; capacity 9")
        .follows()
        .reports(&["created t/b", "|", "modified t/b?"]);
}

#[test]
fn what_is_new_gone_and_changed_since_the_queue_overflowed_is_reported_and_nothing_else() {
    let before = "mkdir t/a; write t/a/b; write t/a/c; mkdir t/d; write t/d/e; write t/f";
    case(before, "capacity 0; rm t/a/b; append t/a/c; write t/a/g; mkdir t/h; write t/h/i; capacity 9").reports(&[
        "deleted t/a/b?",
        "created t/a/g?",
        "created t/h/?",
        "created t/h/i?",
        "modified t/a/c?",
    ]);
}

#[test]
fn a_directory_renamed_when_the_queue_overflowed_has_its_new_name_and_its_watch() {
    case("mkdir t/a; write t/a/b", "capacity 0; mv t/a t/c; capacity 9; apply; work; write t/c/d").reports(&[
        "deleted t/a/b?",
        "deleted t/a/?",
        "created t/c/?",
        "created t/c/b?",
        "created t/c/d",
    ]);
}

#[test]
fn a_directory_that_took_the_name_of_another_when_the_queue_overflowed_has_its_own_entries() {
    case(
        "mkdir t/a; write t/a/x; mkdir t/b; write t/b/y",
        "capacity 0; mv t/a t/c; mv t/b t/a; capacity 9; apply; work; write t/a/z",
    )
    .reports(&[
        "deleted t/a/x?",
        "deleted t/b/y?",
        "deleted t/b/?",
        "created t/a/y?",
        "created t/a/z",
        "created t/c/?",
        "created t/c/x?",
    ]);
}

#[test]
fn events_lost_during_a_repair_are_made_up_for_by_the_next() {
    let again = "capacity 0; write t/a/c; append t/a/b; capacity 9";
    case("mkdir t/a; write t/a/b", &format!("capacity 0; write t/d; capacity 9; apply; work 0; {again}; work"))
        .reports(&["created t/a/c?", "created t/d?", "modified t/a/b?"]);
}

#[test]
fn events_lost_while_a_directory_is_listed_are_made_up_for() {
    case("", "mkdir t/a; write t/a/b; apply; capacity 0; work 0 [5 rm t/a/b] [5 write t/a/d]; capacity 9")
        .reports(&["created t/a/", "created t/a/d?"]);
}

#[test]
fn a_root_removed_when_the_queue_overflowed_is_deleted() {
    case("mkdir t/a; write t/a/b", "capacity 0; rm-r t; capacity 9").reports(&[
        "deleted t/a/b?",
        "deleted t/a/?",
        "deleted t/?",
    ]);
}

#[test]
fn a_root_made_again_when_the_queue_overflowed_is_watched() {
    case("write t/a", "capacity 0; rm-r t; mkdir t; capacity 9; apply; work; write t/b")
        .reports(&["deleted t/a?", "created t/b"]);
}

#[test]
fn what_leaves_a_directory_before_it_is_repaired_is_reported_as_modified() {
    case("mkdir t/a; write t/a/b", "capacity 0; append t/a/b; capacity 9; apply; mv t/a/b t/b; apply; work")
        .reports(&["renamed t/a/b t/b?", "modified t/b?"]);
}

#[test]
fn a_directory_that_leaves_another_before_that_is_repaired_is_repaired() {
    case(
        "mkdir t/a; mkdir t/a/b; write t/a/b/c",
        "capacity 0; append t/a/b/c; capacity 9; apply; work 0; mv t/a/b t/b; apply; work",
    )
    .reports(&["renamed t/a/b t/b/", "modified t/b/c?"]);
}

#[test]
fn an_unpaired_rename_whose_other_half_was_lost_is_finished() {
    case("mkdir t/a", "capacity 1; mv t/a t/b; apply; capacity 9").asks_for(&["resolve t", "unwatch 3"]);
}

#[test]
fn what_was_modified_when_the_queue_overflowed_is_reported_however_coarse_the_stamps() {
    let lost = "sync; capacity 0; append t/a; capacity 9";
    case("write t/a", lost).coarse().reports(&["modified t/a?"]);
    case("write t/a; mkdir t/b", lost).coarse().reports(&["modified t/a?"]);
}
