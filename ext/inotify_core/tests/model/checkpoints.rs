//! A consumer that goes on from a checkpoint: what changed meanwhile is the first batch.

use crate::case::{Case, case};

/// What happens between a checkpoint and the end of the next process's first scan.
fn meanwhile(before: &str, what: &str) -> Case {
    case(before, &format!("checkpoint; restart; {what}; begin"))
}

#[test]
fn where_nothing_happened_nothing_is_reported() {
    meanwhile("write t/a; mkdir t/s; write t/s/b; mkdir t/s/u", "").reports(&[]);
    meanwhile("write t/a; mkdir t/s; write t/s/b", "reopen t/a").reports(&[]);
}

#[test]
fn what_is_new_gone_or_changed_is_reported() {
    meanwhile(
        "write t/a; write t/b; mkdir t/s; write t/s/c; write t/s/d; mkdir t/v; write t/v/w",
        "append t/b; rm t/s/c; mkdir t/u; write t/u/x; rm-r t/v; chmod t/s/d",
    )
    .reports(&[
        "deleted t/s/c?",
        "deleted t/v/w?",
        "deleted t/v/?",
        "created t/u/?",
        "created t/u/x?",
        "modified t/b?",
        "modified t/s/d?",
    ]);
}

#[test]
fn renames_are_reported_as_such() {
    meanwhile("write t/a", "mv t/a t/b").reports(&["renamed t/a t/b?"]);
    meanwhile("write t/a", "mv t/a t/b; append t/b").reports(&["renamed t/a t/b?", "modified t/b?"]);
    meanwhile("write t/a; write t/b", "mv t/a t/b").reports(&["renamed t/a t/b?"]);
    meanwhile("write t/a", "mv t/a t/b; write t/a").reports(&["renamed t/a t/b?", "created t/a?"]);
    meanwhile("write t/a; mkdir t/s", "mv t/a t/s/a; mv t/s t/u").reports(&["renamed t/s t/u/?", "renamed t/a t/u/a?"]);
    meanwhile("mkdir t/s; write t/s/a; mkdir t/s/u; write t/s/u/b", "mv t/s t/x; append t/x/u/b")
        .reports(&["renamed t/s t/x/?", "modified t/x/u/b?"]);
    meanwhile("mkdir t/s; mkdir t/s/u", "mv t/s/u t/v; mv t/s t/v/s")
        .reports(&["renamed t/s/u t/v/?", "renamed t/s t/v/s/?"]);
    meanwhile("mkdir t/s; write t/s/a; mkdir t/u", "mv t/s t/x; mv t/u t/s; mv t/x t/u")
        .only()
        .reports(&["renamed t/s/a t/u/a?"]);
}

#[test]
fn a_file_that_was_moved_during_the_first_scan_is_renamed_by_another_name_of_it() {
    for then in ["mv t/b t/d", "ln t/b t/d; rm t/b"] {
        case("write t/a", &format!("work; mv t/a t/b; begin; checkpoint; restart; {then}; mkdir t/e"))
            .during_first_scan()
            .always_polls()
            .reports(&["renamed t/a t/d?", "created t/e/?"]);
    }
}

#[test]
fn a_file_that_was_replaced_is_modified_and_a_directory_is_not() {
    meanwhile("write t/a", "rm t/a; write t/a").reports(&["modified t/a?"]);
    meanwhile("write t/a; write o/a", "mv o/a t/a").reports(&["modified t/a?"]);
    meanwhile("mkdir t/s; write t/s/a", "rm-r t/s; mkdir t/s").reports(&["deleted t/s/a?"]);
    meanwhile("write t/a", "rm t/a; mkdir t/a").reports(&["deleted t/a?", "created t/a/?"]);
    meanwhile("mkdir t/a; write t/a/b", "rm-r t/a; write t/a").reports(&[
        "deleted t/a/b?",
        "deleted t/a/?",
        "created t/a?",
    ]);
    meanwhile("mkdir t/s; mkdir t/u", "rm-r t/s; mv t/u t/s").reports(&["deleted t/s/?", "renamed t/u t/s/?"]);
}

#[test]
fn live_changes_follow_seamlessly() {
    case("write t/a", "checkpoint; restart; append t/a; begin; rm t/a; write t/b")
        .reports(&["deleted t/a", "created t/b"]);
    case("write t/a", "checkpoint; restart; append t/a; begin; deliver; take; mv t/a t/b").reports(&[
        "modified t/a?",
        "|",
        "renamed t/a t/b",
    ]);
    case("mkdir t/s; write t/s/a", "checkpoint; restart; rm-r t/s; begin; deliver; take; mkdir t/s").reports(&[
        "deleted t/s/a?",
        "deleted t/s/?",
        "|",
        "created t/s/",
    ]);
    case("mkdir t/s; write t/s/a", "checkpoint; restart; rm-r t/s; begin; mkdir t/s; write t/s/a")
        .reports(&["modified t/s/a?"]);
}

#[test]
fn what_was_not_taken_is_reported_again() {
    case("write t/a; mkdir t/s; write t/s/b", "write t/c; append t/a; mv t/s t/u; checkpoint; restart; begin")
        .reports(&["renamed t/s t/u/?", "created t/c?", "modified t/a?"]);
    case("write t/a", "rm t/a; apply; deliver; checkpoint; restart; begin").reports(&[
        "deleted t/a",
        "|",
        "deleted t/a?",
    ]);
    case("write t/a", "append t/a; apply; deliver; mv t/a t/b; checkpoint; restart; begin").reports(&[
        "modified t/a",
        "|",
        "renamed t/a t/b?",
        "modified t/b?",
    ]);
    case("write t/a", "append t/a; apply; deliver; take; checkpoint; restart; begin").reports(&["modified t/a"]);
}

#[test]
fn what_was_renamed_before_it_was_read_is_reported_again() {
    case("mkdir t/s", "write t/s/a; apply; deliver; mv t/s t/u; take; checkpoint; restart; begin").reports(&[
        "created t/s/a",
        "|",
        "renamed t/s t/u/?",
        "modified t/u/a?",
    ]);
}

#[test]
fn a_change_within_the_tick_of_the_checkpoint_is_reported_again() {
    case("write t/a; write t/b; write o/c", "append t/b; apply; deliver; take; checkpoint; restart; begin")
        .coarse()
        .reports(&["modified t/b", "|", "modified t/b?"]);
    case(
        "write t/a; write t/b; write o/c",
        "append t/b; apply; deliver; take; write o/d; write o/e; checkpoint; restart; begin",
    )
    .coarse()
    .reports(&["modified t/b"]);
}

#[test]
fn a_later_checkpoint_has_what_happened_since_the_one_before() {
    let before = "write t/a; mkdir t/s; write t/s/b; mkdir t/u; write t/u/c; write o/x";
    let later = "write o/y; checkpoint; restart; begin";
    for (what, reported) in [
        ("append t/s/b", "modified t/s/b"),
        ("write t/s/d", "created t/s/d"),
        ("rm t/s/b", "deleted t/s/b"),
        ("mv t/s/b t/u/b", "renamed t/s/b t/u/b"),
        ("mv t/s t/u/s", "renamed t/s t/u/s/"),
    ] {
        case(before, &format!("checkpoint; {what}; apply; deliver; take; {later}")).reports(&[reported]);
        let again =
            if let Some(dir) = reported.strip_suffix('/') { format!("{dir}/?") } else { format!("{reported}?") };
        case(before, &format!("checkpoint; {what}; apply; {later}")).reports(&[&again]);
    }
}

#[test]
fn a_later_checkpoint_has_what_was_taken_since_the_one_before() {
    case(
        "mkdir t/s; write t/s/b",
        "write t/s/z; checkpoint; apply; deliver; take; append t/s/b; checkpoint; restart; begin",
    )
    .reports(&["created t/s/z", "|", "modified t/s/b?"]);
}

#[test]
fn roots_that_came_went_or_changed_their_kind_are_reported() {
    meanwhile("write t/a", "rm-r t").reports(&["deleted t/a?", "deleted t/?"]);
    meanwhile("write t/a", "rm-r t; write t").reports(&["deleted t/a?", "deleted t/?", "created t?"]);
    meanwhile("write f", "append f").roots(&["f"]).reports(&["modified f?"]);
    meanwhile("write f", "").roots(&["f"]).reports(&[]);
    meanwhile("write f", "rm f").roots(&["f"]).reports(&["deleted f?"]);
    meanwhile("write f", "rm f; mkdir f; write f/a").roots(&["f"]).reports(&[
        "deleted f?",
        "created f/?",
        "created f/a?",
    ]);
    meanwhile("", "write f").roots(&["f"]).reports(&["created f?"]);
    meanwhile("mkdir t/s; write t/s/a", "mv t/s o/s").roots(&["t", "o"]).reports(&["renamed t/s o/s/?"]);
    // Into a root that is below its path.
    let case = |before| meanwhile(before, "mv t/s o/s; mkdir t/s; mkdir t/s/u; mv o/s t/s/u/s").roots(&["t", "t/s/u"]);
    case("mkdir t/s; write t/s/a").reports(&[
        "deleted t/s/a",
        "deleted t/s/",
        "created t/s/?",
        "created t/s/u/?",
        "created t/s/u/s/",
        "created t/s/u/s/a",
    ]);
    case("mkdir t/s; mkdir t/s/u; write t/s/a").reports(&[
        "deleted t/s/u/",
        "deleted t/s/a",
        "deleted t/s/",
        "created t/s/?",
        "created t/s/u/",
        "created t/s/u/s/",
        "created t/s/u/s/a",
        "created t/s/u/s/u/?",
    ]);
    case("write t/s").reports(&["deleted t/s?", "created t/s/?", "created t/s/u/?", "created t/s/u/s?"]);
    // Into what was in such a root.
    meanwhile("mkdir t/s; mkdir t/s/u; mkdir t/s/u/v", "mv t/s o/s; mkdir t/s; mv o/s/u/v t/s/v; mv o/s t/s/v/s")
        .roots(&["t", "t/s/u"])
        .reports(&[
            "deleted t/s/u/v/",
            "deleted t/s/u/",
            "deleted t/s/",
            "created t/s/?",
            "created t/s/v/",
            "created t/s/v/s/",
            "created t/s/v/s/u/?",
        ]);
}

#[test]
fn a_root_that_is_a_file_by_now_and_cannot_be_followed_then_is_no_directory() {
    let before =
        "mkdir t/s; write t/s/a; write o/f; ln-s t/s l; ln-s o/f file; mkdir o/d; ln-s o/d/f denied; permit o/d -";
    case(before, "checkpoint; restart; mv file l; work; mv denied l; begin").roots(&["l"]).reports(&[
        "deleted l/a?",
        "deleted l/?",
        "created l?",
    ]);
}

#[test]
fn symbolic_links_are_followed() {
    let before = "mkdir o/s; write o/s/a; write o/f; ln-s o/s t/l; ln-s o/f t/m";
    meanwhile(before, "").follows().reports(&[]);
    meanwhile(before, "append o/s/a; append o/f").follows().reports(&["modified t/l/a?", "modified t/m?"]);
    meanwhile(before, "mkdir o/u; ln-s o/u t/n; mv t/n t/l").follows().reports(&["deleted t/l/a?"]);
}

#[test]
fn a_link_that_leads_to_an_old_file_while_a_checkpoint_is_taken_is_reported_again() {
    let old = "write o/f; write o/g; ln-s o/g new";
    for call in 0..8 {
        let script = |link| format!("checkpoint [{call} mv new {link}]; restart; begin");
        case(&format!("{old}; ln-s o/f l; ln-s l t/m"), &script("l")).follows().reports(&["modified t/m?"]);
        case(&format!("{old}; ln-s o/f f"), &script("f")).roots(&["f"]).reports(&["modified f?"]);
    }
}

#[test]
fn a_file_with_several_names_is_not_renamed() {
    meanwhile("write t/a; ln t/a o/a", "mv t/a t/b").reports(&["deleted t/a?", "created t/b?"]);
    case("write o/b; ln o/b t/a", "append o/b; checkpoint; rm-r t/a; restart; ln-s o/b t/b; begin")
        .follows()
        .reports(&["deleted t/a?", "created t/b?"]);
}

#[test]
fn only_the_names_of_a_flat_root_are_compared() {
    meanwhile("write t/a; mkdir t/s; write t/s/b", "append t/s/b; append t/a; mkdir t/u")
        .flat()
        .reports(&["created t/u/?", "modified t/a?"]);
}

#[test]
fn what_cannot_be_watched_at_the_start_is_not_deleted() {
    let before = "mkdir t/s; write t/s/a; mkdir t/s/u; write t/s/u/b";
    case(before, "checkpoint; restart; limit 2; begin; deliver; take; limit -; retry; work; deliver; take").reports(&[
        "attributes t/s/",
        "modified t/s/a?",
        "attributes t/s/u/",
        "modified t/s/u/b?",
    ]);
}

#[test]
fn what_changed_in_a_directory_that_could_not_be_watched_at_the_start_is_found_later() {
    case(
        "mkdir t/s; write t/s/a; mkdir t/s/u; write t/s/u/b",
        "checkpoint; restart; rm t/s/u/b; write t/s/c; limit 2; begin; deliver; take; limit -; retry; work; deliver; take",
    )
    .reports(&["deleted t/s/u/b?", "created t/s/c?", "attributes t/s/", "modified t/s/a?", "attributes t/s/u/"]);
}

/// Two watches: one for the top, and one for `t`. What is in it is polled.
const LIMIT: &str = "mkdir t/a; write t/a/f; write t/a/g; mkdir t/a/b; write t/a/b/x; limit 2";

/// A directory that others change unseen.
const SHARE: &str = "mkdir o/s; write o/s/f; mkdir o/s/a; write o/s/a/g; share o/s t/s";

#[test]
fn what_is_polled_is_reported_only_if_it_changed() {
    for case in [meanwhile(LIMIT, "").polls(), meanwhile(LIMIT, "").always_polls(), meanwhile(SHARE, "").polls()] {
        case.reports(&[]);
    }
    for case in [meanwhile(LIMIT, "append t/a/f; rm t/a/g; write t/a/b/y; mv t/a/b/x t/a/z"), {
        let limit = LIMIT.replace("; limit 2", "");
        meanwhile(&limit, "append t/a/f; rm t/a/g; write t/a/b/y; mv t/a/b/x t/a/z").always_polls()
    }] {
        case.polls().reports(&["deleted t/a/g?", "renamed t/a/b/x t/a/z?", "created t/a/b/y?", "modified t/a/f?"]);
    }
    meanwhile(SHARE, "append o/s/a/g; mv o/s/a o/s/b").polls().reports(&["renamed t/s/a t/s/b/?", "modified t/s/b/g?"]);
}

#[test]
fn what_changed_in_a_polled_directory_before_the_checkpoint_and_was_not_found_yet_is_reported() {
    case(LIMIT, "append t/a/f; checkpoint; restart; begin").polls().reports(&["modified t/a/f?"]);
    case(SHARE, "append o/s/f; checkpoint; restart; begin").polls().reports(&["modified t/s/f?"]);
}

#[test]
fn what_was_found_in_a_polled_directory_is_reported_again_only_if_it_was_not_taken() {
    case(LIMIT, "append t/a/f; sync; checkpoint; restart; begin").polls().reports(&["modified t/a/f?"]);
    case(LIMIT, "append t/a/f; poll; deliver; checkpoint; restart; begin").polls().reports(&[
        "modified t/a/f?",
        "|",
        "modified t/a/f?",
    ]);
}

#[test]
fn what_was_elsewhere_for_a_while_when_it_was_read_is_reported_again_where_all_is_polled() {
    for report in
        ["poll; deliver; take", "checkpoint; restart; begin; deliver; take", "poll; poll; deliver; take; poll"]
    {
        for (away, back) in [("mv t/a o/a", "mv o/a t/a"), ("mv t/a/b t/b", "mv t/b t/a/b"), ("mv t o/t", "mv o/t t")] {
            for then in ["", "; write t/a/x", "; write t/x; write t/a/b/x"] {
                // Its own times are all that is known of a root.
                if away == "mv t o/t" && then.contains("write t/x") {
                    continue;
                }
                let script = format!("write t/a/b/b; {report}; {away}; checkpoint; {back}{then}; restart");
                let case = case("mkdir t/a; mkdir t/a/b", &script).always_polls();
                case.holds();
            }
        }
    }
}

#[test]
fn what_was_moved_in_a_polled_directory_before_it_was_read_is_reported_again() {
    let share = "mkdir o/s; mkdir o/s/a; share o/s t/s";
    for (moved, renamed, modified) in [
        ("o/s/a o/s/b", "renamed t/s/a t/s/b/?", "modified t/s/b/g?"),
        ("o/s/a/g o/s/g", "renamed t/s/a/g t/s/g?", "modified t/s/g?"),
    ] {
        let script = format!("write o/s/a/g; poll; deliver; mv {moved}; take; checkpoint; restart; begin");
        case(share, &script).polls().reports(&["created t/s/a/g?", "|", renamed, modified]);
    }
    case(share, "write o/s/a/g; poll; deliver; take; checkpoint; restart; begin")
        .polls()
        .reports(&["created t/s/a/g?"]);
}

#[test]
fn a_directory_that_cannot_be_reached_at_the_start_is_not_taken_for_one_that_was_entered_by_a_link_and_left() {
    let before = "mkdir t/c; mkdir t/c/b; write t/c/b/a; share t/c/b t/b; ln-s t/b t/l";
    let script = "checkpoint; permit t/c x; write t/b/a; restart; begin";
    case(before, script).polls().follows().holds();
}

#[test]
fn a_root_in_a_directory_that_was_renamed_and_cannot_be_read_at_the_start_is_known_once() {
    for root in ["mkdir t/d/c/a; write t/d/c/a/f", "write t/d/c/a"] {
        let before = format!("mkdir t/d; mkdir t/d/c; {root}");
        let case = meanwhile(&before, "mv t/d/c t/c; permit t/c x").roots(&["t", "t/c/a"]);
        case.holds();
    }
}

#[test]
fn a_polled_change_within_the_tick_of_its_scan_is_reported_again() {
    case(&format!("{LIMIT}; write o/x; write o/y"), "append t/a/f; sync; checkpoint; restart; begin")
        .polls()
        .coarse()
        .reports(&["modified t/a/f?", "|", "modified t/a/f?"]);
}

#[test]
fn what_a_link_leads_to_over_a_directory_that_is_not_watched_is_reported_only_if_it_changed() {
    let script = |what| format!("{what}; checkpoint; restart; begin");
    for (before, change) in [
        ("ln-s o/f t/l; limit 2", "write o/f"),
        ("ln-s o/d/f t/l; mkdir o/d; permit o x", "write o/d/f"),
        ("ln-s o/d/f t/l; mkdir o/d; write o/d/f; permit o x", "rm o/d/f"),
        ("ln-s o/d/f t/l; mkdir o/d; write o/d/f; mkdir o/c; write o/c/f; permit o x", "xchg o/c o/d"),
    ] {
        case(before, &script("apply")).follows().polls().reports(&[]);
        case(before, &script(change)).follows().polls().reports(&["modified t/l?"]);
    }
}

#[test]
fn a_link_to_a_polled_file_and_a_root_that_is_one_are_reported_only_if_they_changed() {
    let before = format!("{SHARE}; ln-s t/s/f t/l");
    meanwhile(&before, "").polls().follows().reports(&[]);
    meanwhile(&before, "append o/s/f").polls().follows().reports(&["modified t/l?", "modified t/s/f?"]);
    meanwhile("write f; limit 0", "").roots(&["f"]).polls().reports(&[]);
    meanwhile("write f; limit 0", "append f").roots(&["f"]).polls().reports(&["modified f?"]);
    meanwhile("write f", "").roots(&["f"]).always_polls().reports(&[]);
    meanwhile("write f", "append f").roots(&["f"]).always_polls().reports(&["modified f?"]);
}

#[test]
fn what_a_link_in_a_polled_directory_leads_to_is_reported_only_if_it_changed() {
    let links = "ln-s o/f t/d/l; ln-s o/n t/d/m; ln-s o/g t/d/k; ln t/d/k t/d/n; ln-s o/g x/y";
    let before = format!("write o/f; write o/g; mkdir t/d; mkdir x; {links}; limit 3");
    let case = |script: &str| case(&before, script).roots(&["t", "o"]).follows().polls();
    let during = |what| case(&format!("checkpoint; restart; {what}; begin"));
    during("").reports(&[]);
    during("append o/f").reports(&["modified o/f?", "modified t/d/l?"]);
    during("write o/n").reports(&["created o/n?", "modified t/d/m?"]);
    during("rm o/f").reports(&["deleted o/f?", "modified t/d/l?"]);
    for call in 0..10 {
        case(&format!("checkpoint [{call} mv x/y t/d/l]; restart; begin")).reports(&["modified t/d/l?"]);
    }
}

#[test]
fn what_changes_while_a_checkpoint_is_taken_is_reported_again() {
    for call in 0..5 {
        let during = format!("checkpoint [{call} append t/a]; restart; begin");
        case("write t/a; write t/b", &during).reports(&["modified t/a?"]);
    }
}

#[test]
fn nothing_is_missed_however_the_clock_is_set_after_a_checkpoint() {
    for seconds in [-20, -3, -1, 1, 20] {
        let before = "write t/a; write t/b; mkdir t/s; write t/s/c";
        let set = format!("clock {seconds}");
        meanwhile(before, &set).reports(&[]);
        meanwhile(before, &format!("{set}; append t/a; write t/d; mv t/s/c t/c")).reports(&[
            "renamed t/s/c t/c?",
            "created t/d?",
            "modified t/a?",
        ]);
        case(before, &format!("checkpoint; restart; append t/a; {set}; begin")).reports(&["modified t/a?"]);
        case(before, &format!("checkpoint; restart; {set}; begin; append t/a")).reports(&["modified t/a"]);
    }
}

#[test]
fn nothing_is_missed_however_the_clock_is_set_while_checkpoints_are_taken() {
    for seconds in [-20, -3, -1, 1, 20] {
        for (call, change) in
            (0..5).flat_map(|call| [(call, "append t/a"), (call, "append t/s/c"), (call, "write t/d")])
        {
            let script = format!(
                "checkpoint; clock {seconds}; {change}; apply; deliver; take; checkpoint [{call} {change}]; \
                 checkpoint [{call} clock {seconds}] [{call} {change}]; restart; begin"
            );
            let case = case("write t/a; write t/b; mkdir t/s; write t/s/c", &script);
            case.holds();
        }
    }
}

#[test]
fn files_that_were_changed_in_the_future_are_reported_again_until_then() {
    let before = "write t/a; write t/b";
    let change = "append t/a; apply; deliver; take; clock -9";
    case(before, &format!("{change}; checkpoint; restart; begin")).reports(&[
        "modified t/a",
        "|",
        "modified t/a?",
        "modified t/b?",
    ]);
    let later = ["write o/x"; 10].join("; ");
    case(before, &format!("{change}; {later}; checkpoint; restart; begin")).reports(&["modified t/a"]);
}

#[test]
fn another_name_of_a_renamed_file_at_the_path_that_it_left_is_reported() {
    case("write t/b", "ln t/b o/a; append o/a; mv t/b t/d; mv o/a t/b; checkpoint; restart; begin")
        .reports(&["created t/d?", "modified t/b?"]);
    let before = "mkdir t/s; write t/s/b; mkdir o/s; ln t/s/b o/s/b";
    case(before, "append o/s/b; mv t/s t/u; mv o/s t/s; checkpoint; restart; begin").birthless().reports(&[
        "created t/u/?",
        "created t/u/b?",
        "modified t/s/b?",
    ]);
}

#[test]
fn without_birth_times_what_was_renamed_is_deleted_and_created() {
    let case = |what| meanwhile("write t/a; mkdir t/s; write t/s/b; mkdir t/s/u; write t/s/u/c", what).birthless();
    case("").reports(&[]);
    case("append t/s/u/c").reports(&["modified t/s/u/c?"]);
    case("mv t/a t/s/a").reports(&["deleted t/a?", "created t/s/a?"]);
    case("mv t/s/b t/a").reports(&["deleted t/s/b?", "modified t/a?"]);
    case("rm t/a; write t/a").reports(&["modified t/a?"]);
    case("mv t/s/u t/u").reports(&["deleted t/s/u/c?", "deleted t/s/u/?", "created t/u/?", "created t/u/c?"]);
    case("rm-r t/s/u; mkdir t/s/u; write t/s/u/d").reports(&["deleted t/s/u/c?", "created t/s/u/d?"]);
}

#[test]
fn a_root_whose_link_led_to_what_is_a_root_below_it_now_is_created_anew() {
    let to_a_link = "ln-s o/b o/c; xchg o/c t; ln-s o/c/a o/b; sync";
    case("write t/a", &format!("{to_a_link}; checkpoint; xchg o/c t; restart; begin"))
        .roots(&["t", "t/a"])
        .follows()
        .reports(&["deleted t/a?", "deleted t/?", "created t?", "|", "deleted t?", "created t/?", "created t/a?"]);
}
