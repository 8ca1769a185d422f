//! Symbolic links, where they are followed: each directory is entered once, by its own path if it has one. What they
//! lead to may change anywhere on the way there.

use crate::case::case;

#[test]
fn a_link_to_a_directory_is_reported_as_one_with_all_in_it() {
    case("mkdir o/a; write o/a/b", "ln-s o/a t/l; apply; work; append o/a/b")
        .follows()
        .reports(&["created t/l/?", "created t/l/b"]);
}

#[test]
fn a_link_to_a_file_is_a_file() {
    case("write o/a", "ln-s o/a t/l; ln-s o/b t/m").follows().reports(&["created t/l", "created t/m"]);
}

#[test]
fn what_happens_behind_a_link_is_reported_under_it() {
    case("mkdir o/a; write o/a/b; ln-s o/a t/l", "append o/a/b; mkdir o/a/c; apply; work; mv o/a/b o/a/c/d")
        .follows()
        .reports(&["created t/l/c/", "renamed t/l/b t/l/c/d", "modified t/l/c/d"]);
}

#[test]
fn a_link_to_a_directory_of_the_tree_is_reported_as_a_file() {
    case("mkdir t/a; write t/a/b", "ln-s t/a t/l").follows().reports(&["created t/l"]);
}

#[test]
fn links_in_a_circle_have_an_end() {
    case("mkdir t/a; mkdir t/b; ln-s t/b t/a/b; ln-s t/a t/b/a; ln-s t t/t", "ln-s t/t t/a/t; write t/a/x")
        .follows()
        .reports(&["created t/a/t", "created t/a/x"]);
}

#[test]
fn links_behind_links_in_a_circle_have_an_end() {
    case("mkdir o/a; mkdir o/b; ln-s o/b o/a/b; ln-s o/a o/b/a", "ln-s o/a t/l; apply; work; write o/b/x")
        .follows()
        .reports(&["created t/l/?", "created t/l/b/?", "created t/l/b/a?", "created t/l/b/x"]);
}

#[test]
fn a_link_to_what_the_tree_is_in_has_an_end() {
    // `t/l/t` is `t`, and reported as a directory without what is in it.
    case("mkdir m; mkdir m/t; write m/t/a", "ln-s m m/t/l; sync; write m/x; mkdir m/t/b; write m/t/b/c")
        .follows()
        .roots(&["m/t"])
        .reports(&[
            "created m/t/l/?",
            "created m/t/l/t/?",
            "|",
            "created m/t/b/",
            "created m/t/b/c?",
            "created m/t/l/x",
        ]);
}

#[test]
fn a_directory_that_a_link_in_it_leads_back_to_is_entered_once() {
    // `o/b/a` is left when `o/b` is, and entered again by the link to it; in it there is one to `o/b`.
    case("mkdir o/b; mkdir o/b/a; ln-s o/b/a t/d; ln-s o/b t/a", "mv t/a o/b/a/b").follows().reports(&[
        "deleted t/d?",
        "deleted t/a/a/?",
        "deleted t/a/?",
        "created t/d/?",
        "created t/d/b/?",
        "created t/d/b/a/?",
    ]);
}

#[test]
fn of_two_links_to_a_directory_the_second_is_a_file_until_the_first_is_gone() {
    case("mkdir o/a; write o/a/b", "ln-s o/a t/l; sync; ln-s o/a t/m; sync; rm t/l").follows().reports(&[
        "created t/l/?",
        "created t/l/b?",
        "|",
        "created t/m",
        "|",
        "deleted t/l/b?",
        "deleted t/m?",
        "deleted t/l/?",
        "created t/m/?",
        "created t/m/b?",
    ]);
}

#[test]
fn a_link_that_was_reported_as_a_file_is_entered_under_its_new_name() {
    case("mkdir o/a; write o/a/b; ln-s o/a t/l", "ln-s o/a t/m; sync; mv t/m t/n; sync; rm t/l").follows().reports(&[
        "created t/m",
        "|",
        "renamed t/m t/n",
        "|",
        "deleted t/l/b?",
        "deleted t/n?",
        "deleted t/l/?",
        "created t/n/?",
        "created t/n/b?",
    ]);
}

#[test]
fn a_link_that_was_reported_as_a_file_may_lead_elsewhere_next() {
    case("mkdir t/a; ln-s t/a t/l; mkdir o/b; write o/b/c", "rm t/l; apply; ln-s o/b t/l").follows().reports(&[
        "deleted t/l?",
        "created t/l/?",
        "created t/l/c?",
    ]);
}

#[test]
fn a_link_that_is_reported_as_a_file_counts_as_one() {
    case("mkdir t/b", "ln-s t/b t/l; ln-s t/b t/a").follows().only().reports(&["created t/a"]);
}

#[test]
fn a_link_that_leads_elsewhere_has_what_is_there() {
    case("mkdir o/a; write o/a/x; mkdir o/b; write o/b/y; ln-s o/a t/l", "ln-s o/b t/n; mv t/n t/l")
        .follows()
        .reports(&["deleted t/l/x", "created t/l/y?"]);
}

#[test]
fn a_link_that_becomes_a_directory_is_one() {
    case("mkdir o/a; write o/a/x; ln-s o/a t/l", "rm t/l; mkdir t/l; write t/l/y; sync; ln-s t/l t/m; rm-r t/l")
        .follows()
        .reports(&["deleted t/l/x?", "created t/l/y?", "|", "deleted t/l/y", "deleted t/l/", "created t/m"]);
}

#[test]
fn a_link_to_a_directory_that_is_removed_is_a_file() {
    case("mkdir o/a; write o/a/x; ln-s o/a t/l", "rm-r o/a").follows().reports(&[
        "deleted t/l/x",
        "deleted t/l/?",
        "created t/l?",
    ]);
}

#[test]
fn a_directory_that_is_moved_in_is_entered_by_its_own_path() {
    case("mkdir o/a; write o/a/x; ln-s o/a t/l", "mv o/a t/a").follows().reports(&[
        "deleted t/l/x?",
        "deleted t/l/?",
        "created t/a/",
        "created t/a/x?",
        "created t/l?",
    ]);
}

#[test]
fn a_link_in_a_new_directory_is_entered_whatever_was_in_others() {
    // `t/d/x` leads to `t`, and is no file that counts.
    case("mkdir t/d; ln-s t t/d/x; mkdir o/q; write o/q/a", "mv t/d o/d; sync; mkdir t/e; ln-s o/q t/e/x")
        .only()
        .follows()
        .reports(&["created t/e/x/a?"]);
}

#[test]
fn a_directory_in_place_of_a_link_has_what_is_in_it() {
    // `t/c/x/e` is `t/c`, and reported as a directory without what is in it.
    let before = "mkdir o/d; mkdir o/d/e; ln-s o/d o/d/e/x; ln-s o/d/e t/c; mkdir o/n; mkdir o/q; write o/q/a";
    case(before, "ln-s o/q o/n/e; xchg o/n o/d/e/x").follows().reports(&["created t/c/x/e/a?"]);
}

#[test]
fn a_link_over_a_link_that_is_replaced_has_what_is_there_now() {
    // Capistrano's `current`.
    case(
        "mkdir o/1; write o/1/a; mkdir o/2; write o/2/b; ln-s o/1 o/c; ln-s o/c t/l",
        "ln-s o/2 o/n; mv o/n o/c; write o/2/d",
    )
    .follows()
    .reports(&["deleted t/l/a?", "created t/l/b?", "created t/l/d?"]);
}

#[test]
fn a_directory_on_the_way_that_is_replaced_leads_elsewhere() {
    case("mkdir o/p; mkdir o/p/d; write o/p/d/a; ln-s o/p/d t/l", "mv o/p o/q; mkdir o/p; mkdir o/p/d; write o/p/d/b")
        .follows()
        .reports(&["deleted t/l/a?", "created t/l/b?"]);
}

#[test]
fn a_directory_on_the_way_that_is_renamed_leads_nowhere() {
    case("mkdir o/p; mkdir o/p/d; write o/p/d/a; ln-s o/p/d t/l", "mv o/p o/q").follows().reports(&[
        "deleted t/l/a?",
        "deleted t/l/?",
        "created t/l?",
    ]);
}

#[test]
fn a_target_that_appears_later_is_entered() {
    case("ln-s o/p/d t/l", "mkdir o/p; mkdir o/p/d; write o/p/d/a").follows().reports(&[
        "deleted t/l?",
        "created t/l/?",
        "created t/l/a?",
    ]);
}

#[test]
fn a_target_that_is_removed_and_made_again_is_entered_again() {
    case("mkdir o/d; write o/d/a; ln-s o/d t/l", "rm-r o/d; sync; mkdir o/d; write o/d/b").follows().reports(&[
        "deleted t/l/a",
        "deleted t/l/?",
        "created t/l?",
        "|",
        "deleted t/l?",
        "created t/l/?",
        "created t/l/b?",
    ]);
}

#[test]
fn a_target_may_be_a_file_and_then_a_directory_and_back() {
    case("write o/d; ln-s o/d t/l", "rm o/d; mkdir o/d; write o/d/a; sync; rm-r o/d; write o/d").follows().reports(&[
        "deleted t/l?",
        "created t/l/?",
        "created t/l/a?",
        "|",
        "deleted t/l/a",
        "deleted t/l/?",
        "created t/l?",
    ]);
}

#[test]
fn a_write_to_the_file_a_link_leads_to_modifies_the_link() {
    case("write o/a; ln-s o/a t/l", "append o/a; sync; write o/n; mv o/n o/a; sync; chmod o/a").follows().reports(&[
        "modified t/l",
        "|",
        "modified t/l",
        "|",
        "attributes t/l",
    ]);
}

#[test]
fn a_link_to_a_file_over_a_directory_link_is_modified_when_that_leads_elsewhere() {
    // A ConfigMap of Kubernetes: `app.yml -> ..data/app.yml`, `..data -> ..1`.
    let before = "mkdir t/1; write t/1/a; ln-s t/1 t/data; ln-s t/data/a t/a";
    case(before, "mkdir t/2; write t/2/a; ln-s t/2 t/n; mv t/n t/data; rm-r t/1").follows().reports(&[
        "deleted t/1/a",
        "deleted t/1/",
        "created t/2/",
        "created t/2/a?",
        "modified t/a?",
        "modified t/data?",
    ]);
}

#[test]
fn a_file_that_comes_or_goes_modifies_the_links_to_it() {
    case("ln-s o/a t/l", "write o/a; sync; rm o/a; sync; write o/b; rm t/l; append o/b").follows().reports(&[
        "modified t/l?",
        "|",
        "modified t/l",
        "|",
        "deleted t/l",
    ]);
}

#[test]
fn a_link_to_a_file_that_is_renamed_is_one_under_its_new_name() {
    case("write o/a; ln-s o/a t/l", "mv t/l t/m; sync; append o/a; sync; rm t/m; append o/a").follows().reports(&[
        "renamed t/l t/m",
        "|",
        "modified t/m",
        "|",
        "deleted t/m",
    ]);
}

#[test]
fn what_an_overflow_hid_of_a_links_target_is_found() {
    case(
        "write o/a; write o/b; ln-s o/a t/l; ln-s o/b t/m",
        "capacity 1; write t/x; write t/y; append o/a; capacity 99",
    )
    .follows()
    .reports(&["created t/x", "created t/y?", "modified t/l?"]);
}

#[test]
fn a_link_that_cannot_be_followed_is_reported() {
    case("mkdir o/p; write o/p/a; permit o/p -; ln-s o/p/a t/l", "write t/x").follows().denies(&["t/l 13"]);
}

#[test]
fn a_link_that_is_replaced_is_modified_where_both_lead_nowhere_and_an_overflow_hid_it() {
    case("ln-s o/a t/l", "capacity 1; write t/x; ln-s o/b o/l; mv o/l t/l; capacity 99")
        .follows()
        .reports(&["created t/x", "modified t/l?"]);
}

#[test]
fn a_link_in_a_flat_root_that_cannot_be_followed_can_be_again() {
    case("mkdir o/p; mkdir o/p/d; ln-s o/p/d t/l", "permit o/p r; ln-s o/p t/n; sync; mv o/p o/q; mv o/q o/p")
        .flat()
        .follows()
        .denies(&["t/n 13", "t/l 13"]);
}

#[test]
fn a_link_is_followed_when_the_directory_it_is_in_has_come_from_one_place_to_another() {
    // When the link is to be followed, its directory has left the one place, and is open.
    let script = "mkdir t/a/b; ln-s o/d t/a/b/l; apply; work 0; mv t/a t/c; apply 1; work";
    case("mkdir t/a; mkdir o/d; write o/d/x", script).follows().reports(&[
        "renamed t/a t/c/",
        "created t/c/b/",
        "created t/c/b/l/?",
        "created t/c/b/l/x?",
    ]);
}

#[test]
fn a_directory_that_takes_the_place_of_a_link_is_known_where_it_is_renamed_to() {
    let outside = "mkdir t/b; mkdir o/d; mkdir o/a; write o/a/x; ln-s o/d t/b/d";
    case(outside, "xchg t/b/d o/a; mv t/b/d t/d; write t/d/y").follows().reports(&[
        "deleted t/b/d/?",
        "created t/d/",
        "created t/d/x?",
        "created t/d/y?",
    ]);
    let inside = "write o/b; mkdir t/a; ln-s o/b t/a/d; mkdir t/a/b; write t/a/b/x";
    case(inside, "xchg t/a/d t/a/b; apply 2; write t/a/d/y").follows().reports(&[
        "deleted t/a/b/x",
        "deleted t/a/b/",
        "renamed t/a/d t/a/b",
        "created t/a/d/",
        "created t/a/d/x?",
        "created t/a/d/y?",
    ]);
}

#[test]
fn a_renamed_directory_takes_along_only_the_links_that_are_included_below_its_new_name() {
    for unsearchable in ["", "; permit t/b r"] {
        let before = format!("mkdir t/b; ln-s t t/b/c{unsearchable}");
        case(&before, "mv t/b t/d").follows().only().reports(&["deleted t/b/c?"]);
    }
}

#[test]
fn a_link_that_another_file_took_the_place_of_is_followed_where_it_is_renamed_to() {
    let before = "write o/f; ln-s o/f t/a; write t/g";
    case(before, "rm o/f; apply; mv t/a t/b; mv t/g t/a; work; apply; sync; write o/f").follows().reports(&[
        "renamed t/a t/b?",
        "renamed t/g t/a",
        "modified t/b?",
        "|",
        "modified t/b",
    ]);
}

#[test]
fn what_is_renamed_to_where_only_directories_are_included_may_be_a_link_to_one_or_take_its_place() {
    let link = "mkdir o/d; write o/d/a; ln-s o/d t/d";
    for (before, script, expected) in [
        (link, "write t/a; apply; work; mv t/a t/d", &["deleted t/d/a?"][..]),
        ("ln-s o/f t/a", "mv t/a t/d; sync; mkdir o/f; write o/f/a", &["deleted t/a", "|", "created t/d/a?"]),
    ] {
        case(before, script).only().follows().reports(expected);
    }
}

#[test]
fn a_link_that_is_gone_while_it_is_followed_leaves_no_watch_of_a_directory_that_was_polled() {
    for call in 0..8 {
        let script = format!("limit -; finish; work 0 [{call} mv t/b/a o/c]; mv t o/d");
        let case = case("mkdir t/b; ln-s o/x t/b/a; limit 2", &script).follows().polls();
        case.holds();
    }
}
