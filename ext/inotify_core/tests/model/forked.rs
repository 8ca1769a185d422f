//! An engine that goes on with another instance, as a forked child must: what happened meanwhile is found by scanning.

use crate::added::Roots;

/// Roots of all kinds, and the child's view of what happens between the last events of the parent and its own first ones.
fn forked(before: &str, meanwhile: &str) -> Roots {
    let mut roots = Roots::new(&format!("mkdir t; mkdir o; {before}"));
    roots.add("1", "t");
    roots.report(&[]);
    roots.happen(meanwhile);
    roots.start_over();
    roots
}

#[test]
fn where_nothing_happened_nothing_is_reported_and_all_is_watched() {
    let before = "write t/a; mkdir t/s; write t/s/b; mkdir o/s; write o/s/c; ln-s o/s t/l; write o/f; ln-s o/f t/m; ln-s o/no t/n";
    let mut roots = forked(before, "");
    roots.report(&[]);
    roots.happen("write t/a; write t/s/b; write o/s/c; write o/f");
    roots.report(&["modified 1/a", "modified 1/l/c", "modified 1/m", "modified 1/s/b"]);
}

#[test]
fn what_is_new_gone_or_changed_is_reported() {
    let mut roots =
        forked("write t/a; mkdir t/s; write t/s/b; write t/s/c", "append t/s/b; rm t/s/c; mkdir t/u; write t/u/x");
    roots.report(&["deleted 1/s/c?", "created 1/u/?", "created 1/u/x?", "modified 1/s/b?"]);
    roots.report(&[]);
}

#[test]
fn what_was_read_and_not_applied_is_found() {
    let mut roots = forked("write t/a", "");
    roots.report(&[]);
    roots.happen("rm t/a");
    roots.start_over();
    roots.report(&["deleted 1/a?"]);
}

#[test]
fn a_directory_that_was_replaced_by_one_with_the_same_names_is_one_whose_attributes_changed() {
    let mut roots = forked(
        "mkdir t/s; mkdir t/s/u; write t/s/u/a; mkdir o/s; mkdir o/s/u; write o/s/u/a",
        "mv t/s o/z; mv o/s t/s",
    );
    roots.report(&["attributes 1/s/"]);
    roots.happen("write t/s/u/a; write o/z/u/a");
    roots.report(&["modified 1/s/u/a"]);
}

#[test]
fn a_way_that_leads_elsewhere_since_leads_to_other_files() {
    let mut roots =
        Roots::new("mkdir o; mkdir o/1; write o/1/a; mkdir o/2; write o/2/a; ln-s o/1 l; write f; write g; ln-s f k");
    roots.add("1", "l");
    roots.add_names("2", "k");
    roots.happen("ln-s o/2 n; mv n l");
    roots.start_over();
    roots.report(&["modified 1/a?"]);
    roots.happen("ln-s g n; mv n k");
    roots.start_over();
    roots.report(&["modified 2?"]);
}

#[test]
fn files_that_are_roots_are_judged_by_their_time_stamps() {
    let mut roots = Roots::new("write f; write g; write h");
    for (name, path) in [("1", "f"), ("2", "g"), ("3", "h"), ("4", "i")] {
        roots.add_names(name, path);
    }
    roots.happen("append g; rm h; write i");
    roots.start_over();
    roots.report(&["deleted 3?", "created 4?", "modified 2?"]);
}

#[test]
fn a_root_that_is_gone_or_has_come_is_reported() {
    let mut roots = forked("write t/a", "mv t o/t");
    roots.report(&["deleted 1/a?", "deleted 1/?"]);
    roots.happen("mv o/t t");
    roots.start_over();
    roots.report(&["created 1/?", "created 1/a?"]);
}

#[test]
fn what_changed_is_found_though_the_clock_was_set_back() {
    let mut roots = forked("write t/a; write t/b; write o/a; write o/a; write o/a", "");
    roots.report(&[]);
    roots.happen("clock -3; append t/b");
    roots.start_over();
    roots.process();
    assert!(roots.take().contains(&"modified 1/b?".to_owned()));
}
