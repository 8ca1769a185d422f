//! Directories that are scanned at intervals, as they cannot be watched: nothing is lost there either.

use crate::case::case;

/// One watch for the top, and one for `t`: those in it are polled.
const LIMIT: &str = "mkdir t/a; write t/a/f; write t/a/g; mkdir t/a/b; write t/a/b/x; limit 2";

#[test]
fn what_happens_in_a_directory_beyond_the_limit_is_found_by_a_scan() {
    case(LIMIT, "write t/a/new; append t/a/f; rm t/a/g; append t/a/b/x").polls().reports(&[
        "deleted t/a/g?",
        "created t/a/new?",
        "modified t/a/b/x?",
        "modified t/a/f?",
    ]);
}

#[test]
fn a_directory_beyond_the_limit_is_said_once_with_all_below_it() {
    case(LIMIT, "write t/a/new; sync; append t/a/f; sync").polls().denies(&["t/a polled"]);
}

#[test]
fn a_scan_that_finds_nothing_new_reports_nothing() {
    case(LIMIT, "sync; poll; sync").polls().reports(&[]);
}

#[test]
fn a_file_that_is_renamed_is_told_by_its_inode() {
    case(LIMIT, "mv t/a/f t/a/b/f").polls().reports(&["renamed t/a/f t/a/b/f?"]);
}

#[test]
fn a_directory_that_is_renamed_is_told_by_its_inode_with_what_changed_in_it() {
    case(LIMIT, "mv t/a/b t/a/c; append t/a/c/x; write t/a/c/y").polls().reports(&[
        "renamed t/a/b t/a/c/?",
        "created t/a/c/y?",
        "modified t/a/c/x?",
    ]);
}

#[test]
fn a_file_that_is_renamed_while_its_directory_is_scanned_is_reported_of_what_changed_before() {
    for call in 0..30 {
        let script = format!("append t/d/a; write t/d/c; poll [{call} mv t/d/a t/a/b]");
        let case = case("mkdir t/a; mkdir t/d; write t/d/a", &script).always_polls();
        case.holds();
    }
}

#[test]
fn what_is_elsewhere_between_two_scans_while_it_is_read_is_reported_again() {
    for before in ["append t/d/a", "mkdir t/d; write t/d/a", "mkdir o/d; write o/d/a; poll; mv o/d t/d"] {
        for scans in ["", "; poll; poll"] {
            let away = format!("{before}; poll; deliver; take{scans}; mv t/d o/e; done; mv o/e t/d; deliver");
            for renamed in ["", "; mv t t2; mv t2 t", "; write t/x; poll; deliver; take"] {
                let case = case("mkdir t/d; write t/d/a", &format!("{away}{renamed}"));
                for case in [case.clone().always_polls(), case.always_polls().closes()] {
                    case.holds();
                }
            }
        }
    }
}

#[test]
fn what_is_elsewhere_between_two_scans_while_it_is_read_is_reported_again_however_many_batches_there_were() {
    let script = "append o/s/b/x; poll; deliver; take; mv o/s/b o/y; consume; mv o/y o/s/b; ";
    let others = "append t/n; apply; work; deliver; take; ".repeat(5);
    for done in ["", "done"] {
        let case = case(&format!("{SHARE}; write t/n"), &format!("{script}{others}{done}")).polls();
        case.holds();
    }
}

#[test]
fn two_names_that_are_exchanged_lose_none() {
    case(LIMIT, "xchg t/a/f t/a/g; sync; append t/a/f").polls().reports(&[
        "modified t/a/f?",
        "modified t/a/g?",
        "|",
        "modified t/a/f?",
    ]);
}

#[test]
fn a_file_with_several_names_is_not_renamed() {
    case(LIMIT, "ln t/a/f t/a/h; ln t/a/f t/a/i; rm t/a/f").polls().reports(&[
        "deleted t/a/f?",
        "created t/a/h?",
        "created t/a/i?",
    ]);
}

#[test]
fn another_directory_of_the_same_name_is_told_with_what_is_in_it() {
    case(LIMIT, "rm-r t/a/b; mkdir t/a/b; write t/a/b/y").polls().reports(&["deleted t/a/b/x?", "created t/a/b/y?"]);
}

#[test]
fn a_directory_is_watched_as_soon_as_the_limit_is_raised_and_nothing_is_told_twice() {
    case(LIMIT, "append t/a/f; sync; limit -; sync; append t/a/g").polls().reports(&[
        "modified t/a/f?",
        "|",
        "modified t/a/g",
    ]);
}

#[test]
fn what_happens_until_a_polled_directory_is_watched_is_found() {
    case(LIMIT, "append t/a/f; limit -; write t/a/new").polls().reports(&["created t/a/new?", "modified t/a/f?"]);
}

#[test]
fn a_watch_that_becomes_free_is_used_for_what_is_polled() {
    case(
        "mkdir t/a; mkdir t/b; write t/b/x; limit 3",
        "append t/b/x; sync; rm t/a; apply; work; poll; sync; append t/b/x",
    )
    .polls()
    .reports(&["modified t/b/x?", "|", "deleted t/a/", "|", "modified t/b/x"]);
}

#[test]
fn a_root_beyond_the_limit_is_polled() {
    case("write t/f; mkdir t/a; limit 0", "append t/f; write t/a/x; sync; rm-r t; sync; mkdir t; write t/g")
        .polls()
        .reports(&[
            "created t/a/x?",
            "modified t/f?",
            "|",
            "deleted t/a/x?",
            "deleted t/f?",
            "deleted t/a/?",
            "deleted t/?",
            "|",
            "created t/?",
            "created t/g?",
        ]);
}

#[test]
fn a_root_that_is_a_file_beyond_the_limit_is_polled() {
    case("write o/f; limit 0", "append o/f; sync; rm o/f; sync; write o/f").roots(&["o/f"]).polls().reports(&[
        "modified o/f?",
        "|",
        "deleted o/f?",
        "|",
        "created o/f?",
    ]);
}

#[test]
fn a_file_that_changes_in_the_moment_of_a_scan_is_told_again_however_coarse_the_stamps() {
    case(LIMIT, "append t/a/f; poll; deliver; take; append t/a/f; sync").polls().coarse().reports(&[
        "modified t/a/b/x?",
        "modified t/a/f?",
        "|",
        "modified t/a/f?",
        "|",
        "modified t/a/f?",
    ]);
}

#[test]
fn ignored_directories_and_files_are_not_scanned() {
    case("mkdir t/a; mkdir t/d; write t/d/x; write t/a/d; limit 2", "append t/a/d; append t/d/x")
        .ignoring()
        .polls()
        .reports(&[]);
}

#[test]
fn a_link_to_a_file_in_a_polled_directory_is_modified_with_it() {
    case("mkdir t/a; ln-s o/f t/a/l; write o/f; limit 2", "append o/f").follows().polls().reports(&["modified t/a/l?"]);
}

#[test]
fn the_queue_may_overflow_beside_what_is_polled() {
    case(LIMIT, "capacity 0; append t/a/f; write t/n; capacity 9; write t/a/m").polls().reports(&[
        "created t/a/m?",
        "created t/n?",
        "modified t/a/f?",
    ]);
}

/// `t/s` is on a file system that others change unseen.
const SHARE: &str = "mkdir o/s; write o/s/f; write o/s/g; mkdir o/s/b; write o/s/b/x; share o/s t/s";

#[test]
fn what_others_change_is_found_by_a_scan() {
    case(SHARE, "write o/s/new; append o/s/f; rm o/s/g; append o/s/b/x; write t/y").polls().reports(&[
        "deleted t/s/g?",
        "created t/s/new?",
        "created t/y",
        "modified t/s/b/x?",
        "modified t/s/f?",
    ]);
}

#[test]
fn what_others_rename_is_told_by_its_inode() {
    case(SHARE, "mv o/s/b o/s/c; mv o/s/f o/s/h").polls().reports(&["renamed t/s/f t/s/h?", "renamed t/s/b t/s/c/?"]);
}

#[test]
fn what_others_change_while_it_is_scanned_first_is_found_by_the_next_scan() {
    case(SHARE, "work 0; work 0 [5 append o/s/f]; work; begin; append o/s/g")
        .polls()
        .reports(&["modified t/s/f?", "modified t/s/g?"]);
}

#[test]
fn what_others_change_moves_with_the_directory_that_it_is_mounted_in() {
    case("mkdir t/b; mkdir o/s; share o/s t/b/d", "work 0; work 0; mv t/b t/c; begin; write o/s/f")
        .during_first_scan()
        .polls()
        .reports(&["created t/c/d/f?"]);
}

#[test]
fn a_root_that_others_change_is_polled() {
    case(SHARE, "append o/s/f; sync; rm o/s/g").roots(&["t/s"]).polls().reports(&[
        "modified t/s/f?",
        "|",
        "deleted t/s/g?",
    ]);
}

#[test]
fn a_root_that_is_a_file_that_others_change_is_polled() {
    case(SHARE, "append o/s/f; sync; rm o/s/f; sync; write o/s/f").roots(&["t/s/f"]).polls().reports(&[
        "modified t/s/f?",
        "|",
        "deleted t/s/f?",
        "|",
        "created t/s/f?",
    ]);
}

#[test]
fn a_link_to_what_others_change_is_followed() {
    case(&format!("{SHARE}; ln-s t/s o/l; mkdir o/r; ln-s t/s o/r/l; ln-s t/s/f o/r/m"), "append o/s/f; write o/s/n")
        .roots(&["o/r"])
        .follows()
        .polls()
        .reports(&["created o/r/l/n?", "modified o/r/l/f?", "modified o/r/m?"]);
}

#[test]
fn where_all_is_polled_nothing_is_watched() {
    case("mkdir t/a; write t/a/f; limit 0", "append t/a/f; mkdir t/b; write t/b/x; sync; mv t/a t/c")
        .always_polls()
        .reports(&["created t/b/?", "created t/b/x?", "modified t/a/f?", "|", "renamed t/a t/c/?", "modified t/c/f"]);
}

#[test]
fn a_root_that_does_not_exist_yet_is_polled_by_its_path() {
    case("", "mkdir o/r; write o/r/x; sync; rm-r o/r").roots(&["o/r"]).always_polls().reports(&[
        "created o/r/?",
        "created o/r/x?",
        "|",
        "deleted o/r/x?",
        "deleted o/r/?",
    ]);
}

#[test]
fn a_watched_directory_in_a_polled_one_is_replaced() {
    case(
        "limit 3",
        "mkdir o/a; work 0 [1 mkdir o/a/d]; work 0; mkdir o/a/d/b; mv o/a/d t/b; xchg t/b/b o/a; work 0; work 0; \
         mkdir o/c; work 0 [1 xchg o/c t/b/b]; begin; sync; write t/b/b/f",
    )
    .roots(&["t", "o/a"])
    .during_first_scan()
    .polls()
    .reports(&["created t/b/b/f?"]);
}

#[test]
fn a_file_that_could_not_be_examined_changed_before_it_is_watched() {
    case("mkdir t/a; mkdir t/a/c; write t/a/c/f; permit t/a/c r; limit 2", "write o/f; sync; mv o/f t/a/c/f; limit 4")
        .polls()
        .reports(&["modified t/a/c/f?"]);
}

#[test]
fn a_link_in_a_new_polled_directory_is_examined() {
    case("mkdir o/b; mkdir o/b/b; ln-s t/a o/b/b/c; write o/f; limit 2", "mv o/b t/b; sync; mv o/f t/b/b/c")
        .follows()
        .polls()
        .reports(&["created t/b/", "created t/b/b/?", "created t/b/b/c?", "|", "modified t/b/b/c?"]);
}

#[test]
fn a_directory_in_a_polled_one_that_was_found_gone_comes_back() {
    // The directories that are there at first give up their nodes, so that t/a/b and t/a/d are watched before t/a.
    case(
        "mkdir t/b",
        "limit 1; mkdir t/a; mkdir o/c; mkdir t/d; sync; rm-r t; mkdir o/c/b; sync; mkdir o/a; mv o/c o/a/c; \
         mv o/a/c/b o/a/c/c; mv o/a/c o/a/b; mkdir t; work 0 [2 mv o/a/b/c o/a/d] [2 mv o/a t/a]; sync; limit 4; \
         poll; mv t/a/d t/a/b/c; apply; work 0; work 0; mkdir t/a/d; write t/a/d/f",
    )
    .polls()
    .reports(&[
        "created t/a/",
        "created t/d/",
        "|",
        "deleted t/a/",
        "deleted t/b/",
        "deleted t/d/",
        "deleted t/?",
        "|",
        "created t/?",
        "created t/a/?",
        "created t/a/b/?",
        "created t/a/d/?",
        "|",
        "created t/a/b/c/",
        "created t/a/d/f?",
    ]);
}

#[test]
fn a_directory_that_was_denied_after_a_restart_is_compared_when_it_is_scanned_elsewhere() {
    case(
        "write o/c; mkdir t/c; share o t/c/c",
        "permit t/c r; checkpoint; restart; write o/c; work; begin; permit t/c rx",
    )
    .always_polls()
    .reports(&["attributes t/c/c/", "modified t/c/c/c?"]);
}

#[test]
fn a_watched_directory_in_a_polled_root_is_replaced() {
    case(
        "mv t o/c; limit 2",
        "mkdir t; begin; work 0 [4 mkdir t/b] [4 mv t/b o/a] [4 mv t o/a/a] [4 mv o/a t]; sync; xchg o/c t/a; write t/a/c",
    )
    .during_first_scan()
    .polls()
    .reports(&["created t/a/?", "|", "created t/a/c?"]);
}

#[test]
fn a_root_in_a_root_that_is_a_link_to_nothing_is_there_where_all_is_polled() {
    case("", "ln-s t/x t/a; sync; write t/x; sync; rm t/a").roots(&["t", "t/a"]).always_polls().reports(&[
        "created t/a?",
        "|",
        "created t/x?",
        "modified t/a?",
        "|",
        "deleted t/a?",
    ]);
    case("", "ln-s t/a o/l; mv o/l t/a").roots(&["t", "t/a"]).always_polls().reports(&["created t/a?"]);
    case("write o/f", "ln-s o/f/x o/l; mv o/l t/a").roots(&["t", "t/a"]).always_polls().reports(&["created t/a?"]);
}

#[test]
fn a_polled_file_that_changes_again_with_the_same_stamp_is_reported_again_through_a_root_and_a_link() {
    for before in ["write f; limit 0", "write f; limit 0; write o/x"] {
        let case = case(before, "append f; sync; append f; sync; append f").roots(&["f"]).coarse();
        for case in [case.clone().polls(), case.always_polls()] {
            case.reports(&["modified f?", "|", "modified f?", "|", "modified f?"]);
        }
    }
    let both = ["modified t/l?", "modified t/s/f?"];
    for limit in ["limit -", "limit -; write o/x", "limit 1", "limit 1; write o/x"] {
        let before = format!("mkdir o/s; write o/s/f; share o/s t/s; ln-s t/s/f t/l; {limit}");
        case(&before, "append o/s/f; sync; append o/s/f; sync; append o/s/f")
            .follows()
            .polls()
            .coarse()
            .reports(&[both[0], both[1], "|", both[0], both[1], "|", both[0], both[1]]);
    }
}

#[test]
fn what_changed_in_a_polled_root_that_is_a_file_while_it_could_not_be_reached_is_reported() {
    let link = "write o/c; mkdir o/a; write o/a/c; ln-s o/c l; limit 0";
    let file = "write o/c; limit 0";
    for (before, root, script, expected) in [
        (link, "l", "ln-s o/a/c l-new; mv l-new l; permit o/a r; sync; permit o/a rx", "modified l?"),
        (file, "o/c", "permit o r; sync; append o/c; permit o rx", "modified o/c?"),
    ] {
        let case = case(before, script).roots(&[root]);
        case.clone().polls().reports(&[expected]);
        case.always_polls().reports(&[expected]);
    }
}

#[test]
fn another_link_at_the_place_of_one_that_is_gone_before_a_scan_is_followed() {
    let script = "ln-s t/b/c o/c/b; sync; finish; work 0 [5 mv t/d t/b/d]; work 0; ln-s o/c t/d";
    let case = case("mkdir o/c; mkdir t/b; ln-s o/c t/d; limit 1", script).follows().polls().by_path();
    case.holds();
}

#[test]
fn a_polled_file_that_changes_again_with_the_same_stamp_is_reported_again_however_long_others_change() {
    for count in 0..8 {
        let others = "append t/a; poll; ".repeat(count);
        let script = format!("{others}append t/b; poll; deliver; take; consume; poll; append t/b");
        for before in ["write t/a; write t/b; limit 0", "write t/a; write t/b; write o/x; limit 0"] {
            let case = case(before, &script).coarse();
            for case in [case.clone().polls(), case.always_polls()] {
                case.holds();
            }
        }
    }
}

#[test]
fn what_changes_again_with_the_same_stamp_is_reported_however_long_a_scan_took() {
    for call in 0..30 {
        let long = format!("[{call} append o/x] ").repeat(4);
        for (op, again) in [("write t/a/b", "write t/a/c"), ("append t/a/a", "append t/a/a"), ("append f", "append f")]
        {
            for wait in ["", "append o/x; "] {
                let script = format!("{wait}mkdir t/d; poll {long}[{call} {op}]; poll; {again}");
                let case = case("mkdir t/a; write t/a/a; write f; write o/x; limit 0", &script);
                let case = case.roots(&["t", "f"]).coarse();
                for case in [case.clone().polls(), case.always_polls()] {
                    case.holds();
                }
            }
        }
    }
}

#[test]
fn what_came_and_went_between_two_scans_of_a_polled_directory_is_gone_though_a_stat_had_found_it() {
    let script = "work 0; mv t/c t/a; mv t/a t/d; limit 1; rm-r t; mkdir t; apply; work 0; ln-s l/a t/d; begin; rm t/d";
    let case = case("ln-s l/a t/c", script).during_first_scan().follows().polls();
    case.holds();
}

#[test]
fn a_directory_behind_a_link_that_is_renamed_is_polled_though_another_file_system_is_mounted_in_it() {
    let before = "mkdir o/a; write o/a/b; mkdir o/c; share o/c o/a/d; ln-s o/a t/a; write t/l; limit 3";
    for renamed in ["mv t/a t/b", "mv t/a t/b; mv t/b t/a", "xchg t/a t/l"] {
        let case = case(before, &format!("{renamed}; sync; append o/a/b")).polls().follows();
        case.holds();
    }
}

#[test]
fn a_link_in_a_directory_that_is_renamed_is_followed_where_it_is_then_though_it_leads_to_nothing_yet() {
    let before = "mkdir t/a; mkdir t/a/d; ln-s o/f t/a/d/c; write t/x";
    for (rename, make) in [("mv t/a t/b", "write o/f"), ("mv t/a t/b", "mv t/x o/f"), ("mv t/a/d t/d", "mv t/x o/f")] {
        let case = case(before, &format!("poll; sync; {rename}; {make}")).follows().always_polls();
        for case in [case.clone(), case.by_path()] {
            case.holds();
        }
    }
}

#[test]
fn the_mounts_are_read_again_when_a_scan_finds_another_directory() {
    let before =
        "write t/a; mkdir o/a; mkdir o/a/a; mkdir o/a/a/b; xchg t o/a/a/b; mount o/a/a/b o/a/a/a; share o/a t/a";
    let case = case(before, "mv t/a/a/b o/d; sync; xchg o/d o/a/a").polls();
    case.holds();
}

#[test]
fn a_directory_at_two_paths_is_watched_at_both_when_a_watch_is_free() {
    case("mkdir t/d; mount t/d t/a; limit 3", "begin; limit 8; mkdir t/a/b")
        .roots(&["t", "o/a"])
        .polls()
        .follows()
        .reports(&["created t/a/b/?", "created t/d/b/?"]);
    case("mkdir t/d; mount t/d t/a; limit 3", "begin; limit 8; mkdir t/a/b")
        .roots(&["t", "o/a"])
        .polls()
        .follows()
        .coarse()
        .reports(&["created t/a/b/?", "created t/d/b/?"]);
}

#[test]
fn what_happened_before_a_directory_at_two_paths_was_watched_is_reported_at_both() {
    let before = "ln-s t/b l; mkdir t/b; write t/b/d; limit 0";
    case(before, "write t/b/d; limit 4; finish; work 0; poll")
        .roots(&["t", "l"])
        .polls()
        .reports(&["modified l/d?", "modified t/b/d?"]);
}

/// Another directory comes to the path of each of two, and the first one back to it.
const BY_PATH: &str = "mkdir o/a; mkdir o/a/d; write o/a/d/f; mkdir o/b; mkdir o/b/d; share o t/s";

#[test]
fn a_directory_that_another_takes_the_place_of_during_its_scan_is_listed_again() {
    for first in 0..40 {
        for second in first..40 {
            let during = format!("sync; poll [{first} xchg o/a o/b] [{second} xchg o/a o/b]; sync; poll; sync");
            let outcome = case(BY_PATH, &during).polls().by_path().outcome();
            outcome.unwrap_or_else(|what| panic!("before calls {first} and {second}: {what}"));
        }
    }
}

#[test]
fn what_changed_in_a_directory_that_another_takes_the_place_of_during_its_scan_is_reported() {
    for first in 0..12 {
        for second in first..14 {
            let during = format!("poll [{first} append t/b/a/f] [{first} xchg t/b/a o/a] [{second} xchg t/b/a o/a]");
            let case = case("mkdir t/b; mkdir t/b/a; write t/b/a/f; mkdir o/a; limit 2", &during).polls();
            case.holds();
        }
    }
}

#[test]
fn a_file_that_is_removed_between_its_listing_and_its_examination_is_deleted() {
    for call in 0..20 {
        let during = format!("write t/a/new; rm t/a/new; poll [{call} rm t/a/g]");
        case(LIMIT, &during).polls().reports(&["deleted t/a/g?"]);
    }
}

#[test]
fn a_directory_that_a_file_takes_the_place_of_for_the_time_of_its_scan_is_entered_again() {
    let before = "mkdir o/d; mkdir o/d/a; write o/d/a/x; write o/f; limit 2";
    case(before, "mv o/d t/d; apply; work 0; xchg t/d/a o/f; work 0; xchg t/d/a o/f").polls().reports(&[
        "created t/d/",
        "created t/d/a/?",
        "created t/d/a/x?",
    ]);
}

#[test]
fn a_file_that_took_the_place_of_a_directory_before_its_scan_is_compared_with_the_next_one() {
    let before = "mkdir o/d; mkdir o/d/a; write o/f; limit 2";
    case(before, "mv o/d t/d; apply; work 0; xchg t/d/a o/f; work 0; deliver; take; consume; append t/d/a")
        .polls()
        .reports(&["created t/d/", "created t/d/a?", "|", "modified t/d/a?"]);
}

#[test]
fn a_link_that_is_gone_before_it_is_followed_is_forgotten() {
    case("ln-s t/x o/l; share o t/a", "work 0; work 0; rm t/a/l; poll; begin")
        .during_first_scan()
        .follows()
        .polls()
        .reports(&[]);
}

#[test]
fn a_file_that_could_not_be_read_as_its_directory_was_elsewhere_is_reported_again() {
    let script = "write o/s/b/new; poll; deliver; take; poll; poll; mv o/s/b o/s/c; consume; mv o/s/c o/s/b; write o/s/b/other; sync";
    case(SHARE, script).polls().reports(&["created t/s/b/new?", "|", "created t/s/b/other?", "modified t/s/b/new"]);
}

#[test]
fn a_file_that_an_event_made_known_before_a_scan_found_it_is_compared_with_the_next_scan() {
    // The event is of the directory that was at the path before.
    let found = "limit 1; event 2 2 0 d; apply; mv t o/t; mkdir t; apply; work 0; poll; write t/d; work; deliver; take";
    case("", found).polls().reports(&["created t/d?"]);
    case("", &format!("{found}; write o/d; mv o/d t/d")).polls().reports(&["created t/d?", "|", "modified t/d?"]);
}

#[test]
fn a_file_that_could_not_be_examined_changed_at_each_path_of_its_directory_when_that_is_watched() {
    let before = "mkdir t/a; mkdir t/a/b; write t/a/b/f; permit t/a/b r; mount t/a t/m; limit 2";
    case(before, "append t/a/b/f; sync; limit -").polls().reports(&["modified t/a/b/f?", "modified t/m/b/f?"]);
}
