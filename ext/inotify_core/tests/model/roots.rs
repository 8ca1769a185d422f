//! Roots that come, go, and are replaced.

use crate::case::{Case, case};

#[test]
fn a_file_is_reported_again_when_the_way_to_it_can_be_followed_again_however_late() {
    // The consumer read what was reported last while `l` led to where nobody may go.
    let away = "append o/a; apply; deliver; ln-s o/d/x n; mv n l; take; consume";
    let others = "sync; write t/a; sync; write t/b; sync; write t/c; sync; write t/d; sync";
    case("mkdir o/d; permit o/d -; write o/a; ln-s o/a l", &format!("{away}; {others}; ln-s o/a n; mv n l"))
        .roots(&["t", "l"])
        .reports(&[
            "modified l",
            "|",
            "modified l",
            "|",
            "created t/a",
            "|",
            "created t/b",
            "|",
            "created t/c",
            "|",
            "created t/d",
            "|",
            "modified l",
        ]);
}

#[test]
fn a_file_is_reported_again_when_it_may_be_followed_to_on_another_way() {
    // `l` is believed to be `t/b` while it leads to `t/a`, which nobody may read: the consumer found nothing there.
    case("ln-s t/b l", "permit t r; ln-s t/a n; mv n l; write t/b; sync; ln-s t/b t/a; permit t rx")
        .roots(&["l"])
        .reports(&["created l", "|", "modified l"]);
}

#[test]
fn a_root_that_is_missing_is_created_when_it_is_made() {
    case("", "mkdir r; write r/a").roots(&["r"]).reports(&["created r/?", "created r/a?"]);
}

#[test]
fn a_root_in_a_missing_directory_is_created_when_both_are_made() {
    case("", "mkdir p; mkdir p/r; write p/r/a").roots(&["p/r"]).reports(&["created p/r/?", "created p/r/a?"]);
}

#[test]
fn a_root_that_is_removed_and_made_again_has_what_is_in_it_now() {
    case("write t/a; write t/b", "rm-r t; mkdir t; write t/b; write t/c").reports(&[
        "deleted t/a",
        "created t/c?",
        "modified t/b?",
    ]);
}

#[test]
fn a_root_that_is_replaced_by_a_rename_has_what_the_other_had() {
    case("write t/a; mkdir o/t; write o/t/b", "mv t o/u; mv o/t t; write t/c; write o/u/d").reports(&[
        "deleted t/a?",
        "created t/b?",
        "created t/c?",
    ]);
}

#[test]
fn a_root_that_is_moved_away_is_deleted_with_all_in_it() {
    case("mkdir t/a; write t/a/b", "mv t o/t; write o/t/a/c").reports(&[
        "deleted t/a/b?",
        "deleted t/a/?",
        "deleted t/?",
    ]);
}

#[test]
fn a_root_is_reached_when_a_directory_above_it_is_replaced() {
    case("mkdir p; mkdir p/r; write p/r/a", "mv p q; mkdir p; mkdir p/r; write p/r/b")
        .roots(&["p/r"])
        .reports(&["deleted p/r/a?", "created p/r/b?"]);
}

#[test]
fn a_file_is_a_root_that_survives_atomic_saves() {
    case("write f; write t/a", "write n; mv n f; append f; write n; mv n f").roots(&["f"]).reports(&["modified f"]);
}

#[test]
fn of_the_directory_of_a_root_that_is_a_file_nothing_else_is_reported() {
    case("write f", "write g; mkdir d; write f; rm g").roots(&["f"]).reports(&["modified f"]);
}

#[test]
fn a_root_may_be_a_file_and_then_a_directory() {
    case("write f", "rm f; mkdir f; write f/a").roots(&["f"]).reports(&["deleted f", "created f/?", "created f/a?"]);
}

#[test]
fn a_root_may_be_a_directory_and_then_a_file() {
    case("mkdir f; write f/a", "rm-r f; write f").roots(&["f"]).reports(&["deleted f/a", "deleted f/?", "created f?"]);
}

#[test]
fn a_link_that_is_a_root_may_be_replaced_at_once() {
    case("mkdir o/1; write o/1/a; mkdir o/2; write o/2/b; ln-s o/1 l", "ln-s o/2 n; mv n l; write o/2/c; write o/1/d")
        .roots(&["l"])
        .reports(&["deleted l/a?", "created l/b?", "created l/c?"]);
}

#[test]
fn a_root_in_another_root_is_reported_under_both() {
    case("mkdir t/a; ln-s t/a l", "write t/a/b; mkdir t/a/c; rm t/a/b")
        .roots(&["t", "l"])
        .reports(&["created l/c/", "created t/a/c/"]);
}

#[test]
fn a_root_that_is_a_link_in_a_circle_is_nothing_until_the_circle_is_open() {
    case("ln-s m l; ln-s l m", "rm m; mkdir m; write m/a").roots(&["l"]).reports(&["created l/?", "created l/a?"]);
}

#[test]
fn a_rename_beside_a_root_that_is_a_file_is_one() {
    case("write t/a; write t/f; ln-s t/f l", "mv t/a t/b; mv t/f t/c").roots(&["t", "l"]).reports(&[
        "deleted l",
        "renamed t/a t/b",
        "renamed t/f t/c",
    ]);
}

/// `t/c/a -> t/e` is a root, too.
fn inner(script: &str) -> Case {
    case("mkdir t/c; mkdir t/e; write t/e/x; ln-s t/e t/c/a", script).roots(&["t", "t/c/a"])
}

#[test]
fn a_link_in_a_root_that_is_a_root_is_the_directory_it_leads_to() {
    inner("write t/e/y").reports(&["created t/c/a/y", "created t/e/y"]);
}

#[test]
fn a_link_in_a_root_that_is_a_root_is_a_file_when_its_target_is_gone() {
    inner("rm-r t/e; sync; mkdir t/e; write t/e/z").reports(&[
        "deleted t/e/x",
        "deleted t/c/a/x",
        "deleted t/e/",
        "deleted t/c/a/?",
        "created t/c/a?",
        "|",
        "deleted t/c/a?",
        "created t/c/a/?",
        "created t/c/a/z?",
        "created t/e/",
        "created t/e/z?",
    ]);
}

#[test]
fn a_link_in_a_root_that_is_a_root_is_a_file_when_it_is_replaced_by_one_to_nothing() {
    inner("ln-s t/f o/n; mv o/n t/c/a").reports(&["deleted t/c/a/x?", "deleted t/c/a/?", "created t/c/a?"]);
}

#[test]
fn a_link_in_a_root_that_was_a_root_is_a_file_where_it_is_moved_to() {
    inner("mv t/c/a t/c/b").reports(&["deleted t/c/a/x?", "deleted t/c/a/?", "created t/c/b"]);
    inner("mv t/c t/d").reports(&["deleted t/c/a/x?", "deleted t/c/a/?", "renamed t/c t/d/", "created t/d/a?"]);
}

#[test]
fn a_link_in_a_root_that_is_a_root_goes_with_all_in_it() {
    inner("rm t/c/a").reports(&["deleted t/c/a/x?", "deleted t/c/a/?"]);
}

#[test]
fn a_root_below_a_renamed_directory_is_where_it_was_if_that_is_made_again() {
    inner("mv t/c t/d; mkdir t/c; ln-s t/e t/c/a; sync; rm-r t/c").reports(&[
        "deleted t/c/a/x",
        "deleted t/c/a/",
        "renamed t/c t/d/",
        "created t/c/",
        "created t/c/a/",
        "created t/c/a/x",
        "created t/d/a?",
        "|",
        "deleted t/c/a/x?",
        "deleted t/c/a/",
        "deleted t/c/",
    ]);
}

#[test]
fn a_root_in_a_directory_that_becomes_a_file_is_reported_deleted_before_it() {
    let before = "mkdir t/c; mkdir t/c/a; write o/f";
    case(before, "xchg t/c o/f; limit 0").roots(&["t", "t/c/a"]).reports(&[
        "deleted t/c/a/",
        "deleted t/c/",
        "created t/c",
    ]);
}

#[test]
fn a_root_behind_a_link_in_a_root_goes_with_the_link() {
    let behind = |script| case("ln-s o/c t/c; mkdir o/c; write o/c/a", script).roots(&["t", "t/c/a"]);
    behind("rm t/c").reports(&["deleted t/c/a?", "deleted t/c"]);
    behind("mv t/c t/d").reports(&["deleted t/c/a?", "renamed t/c t/d"]);
    behind("mv t/c o/d").reports(&["deleted t/c/a?", "deleted t/c"]);
}

#[test]
fn what_is_moved_out_of_a_root_in_a_directory_that_is_renamed_is_reported_once() {
    let before = "mkdir t/c; mkdir t/c/a; mkdir t/c/a/b; write t/c/a/b/x";
    case(before, "mv t/c/a/b t/c/d; mv t/c t/d").roots(&["t", "t/c/a"]).reports(&[
        "deleted t/c/a/b/x",
        "deleted t/c/a/b/",
        "deleted t/c/a/",
        "renamed t/c t/d/",
        "created t/d/a/?",
        "created t/d/d/",
        "created t/d/d/x",
    ]);
}

#[test]
fn a_root_that_is_a_file_goes_with_the_directory_it_is_in() {
    case("write t/a", "mkdir t/c; mv t o/d; apply 1; work; deliver").roots(&["t", "t/a"]).reports(&[
        "deleted t/a",
        "deleted t/?",
        "created t/a",
        "|",
        "deleted t/a?",
    ]);
}

#[test]
fn directories_of_a_root_in_a_root_are_deleted_once_when_both_are_moved_away() {
    case("mkdir t/c; mkdir t/c/a; mkdir t/c/a/a", "mv t o/d").roots(&["t", "t/c/a"]).reports(&[
        "deleted t/c/a/a/",
        "deleted t/c/a/",
        "deleted t/c/?",
        "deleted t/?",
    ]);
}

#[test]
fn directories_in_a_root_that_is_deleted_with_the_one_around_it_are_deleted_once() {
    case("mkdir t/c; mkdir t/c/a; mkdir t/c/a/b; mkdir t/c/a/b/d", "rm-r t/c/a; rm t/c")
        .roots(&["t", "t/c/a"])
        .reports(&["deleted t/c/a/b/d/", "deleted t/c/a/b/", "deleted t/c/a/", "deleted t/c/"]);
}

#[test]
fn a_link_to_nothing_below_a_directory_that_cannot_be_read_is_modified_only_when_it_is_replaced() {
    for before in ["mkdir o/d; permit o/d x; ln-s o/d/f t/a", "mkdir o/d; mkdir o/d/e; permit o/d x; ln-s o/d/e/f t/a"]
    {
        let script = "sync; sync; rm t/a; ln-s o/d/f t/a; sync; sync";
        case(before, script).roots(&["t", "t/a"]).reports(&["modified t/a"]);
    }
}

#[test]
fn a_root_in_a_directory_that_is_renamed_and_cannot_be_read_is_known_once() {
    case("mkdir t/d; mkdir t/d/c; mkdir t/d/c/a; write t/d/c/a/f", "mv t/d/c t/c; permit t/c x")
        .roots(&["t", "t/c/a"])
        .reports(&[
            "deleted t/d/c/a/f?",
            "deleted t/d/c/a/?",
            "renamed t/d/c t/c/",
            "created t/c/a/?",
            "created t/c/a/f?",
            "attributes t/c/",
        ]);
}

#[test]
fn a_link_to_nothing_that_replaced_a_root_with_another_name_is_not_modified_through_that_name() {
    let replace = "ln-s o/x o/l; mv o/l t/a";
    case("write t/b; ln t/b t/a", &format!("{replace}; sync; append t/b")).roots(&["t", "t/a"]).reports(&[
        "modified t/a",
        "|",
        "modified t/b",
    ]);
    // The events of that are lost.
    case("write t/b; ln t/b t/a", &format!("capacity 1; chmod t; {replace}; rm t/b")).roots(&["t", "t/a"]).reports(&[
        "deleted t/b?",
        "attributes t/",
        "modified t/a?",
    ]);
}

#[test]
fn the_watch_of_a_directory_that_a_root_leads_to_instead_of_a_file_keeps_its_mask() {
    // The root is denied: `o` is on its path, and cannot be watched.
    case("write f; ln-s f l; mount t o/c; ln-s o/c n", "limit 0; mv n l; sync; write t/a")
        .roots(&["t", "l"])
        .reports(&["created t/a"]);
}
