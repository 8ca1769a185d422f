//! Events that are lost because the queue is full: what they would have told is found by looking.

use crate::case::case;

#[test]
fn a_file_is_told_again_if_its_directory_was_elsewhere_when_events_were_lost() {
    // Its user, who was told of `t/a/b/x`, looks for it while `t/a` is not there.
    let told = "write t/a/b/x; apply; hand; take";
    let away = "capacity 0; mv t/a t/c; look; mv t/c t/a; capacity 9";
    case("mkdir t/a; mkdir t/a/b", &format!("{told}; {away}")).tells(&["created t/a/b/x", "|", "modified t/a/b/x"]);
}

#[test]
fn a_file_is_told_again_if_its_root_was_elsewhere_when_events_were_lost() {
    let away = "capacity 0; mv t p; look; mv p t; capacity 9";
    case("", &format!("write t/x; apply; hand; take; {away}")).tells(&["created t/x", "|", "modified t/x"]);
}

#[test]
fn a_file_is_not_told_again_if_its_directory_stayed_when_events_were_lost() {
    case("mkdir t/a; mkdir t/b", "write t/a/x; sync; write t/b/x; sync; capacity 0; write t/b/y; capacity 9").tells(&[
        "created t/a/x",
        "|",
        "created t/b/x",
        "|",
        "created t/b/y?",
    ]);
}

#[test]
fn what_was_lost_behind_a_link_is_found() {
    case("mkdir o/a; mkdir o/a/b; ln-s o/a t/l", "capacity 0; write o/a/b/c; capacity 9")
        .follows()
        .tells(&["created t/l/b/c?"]);
}

#[test]
fn a_link_that_leads_elsewhere_since_events_were_lost_is_entered() {
    let case = case("ln-s t t/l; mkdir o/a; write o/a/b", "capacity 0; rm t/l; ln-s o/a t/l; capacity 9").follows();
    case.tells(&["deleted t/l?", "created t/l/?", "created t/l/b?"]);
}

#[test]
fn a_link_that_leads_where_it_led_when_events_were_lost_is_not_told() {
    case("ln-s t t/l; mkdir o/a; ln-s o/a t/m", "write t/b; sync; capacity 0; append t/b; capacity 9")
        .follows()
        .tells(&["created t/b", "|", "modified t/b?"]);
}
