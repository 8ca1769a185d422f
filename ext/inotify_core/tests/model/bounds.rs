//! The memory of the model is bounded by the trees that it reported and will report, not by what happens meanwhile.

use std::collections::{BTreeSet, HashSet};

use inotify_core::model::Effect;

use crate::script::parse;
use crate::world::{Settings, World};

fn world(before: &str) -> World {
    let before = parse(before).into_iter().map(|step| match step {
        crate::script::Step::Do(op) => op,
        other => panic!("{other} is no operation"),
    });
    let mut world = World::new(&Settings::default(), &before.collect::<Vec<_>>());
    run(&mut world, "begin");
    world
}

fn run(world: &mut World, script: &str) {
    parse(script).iter().for_each(|step| world.step(step).unwrap());
}

/// Nobody takes the changes; the tree needs no more memory when this has happened many times than when it has a few
/// times.
#[track_caller]
fn repeat(world: &mut World, script: &str) {
    let mut after = |times: usize| {
        (0..times).for_each(|_| run(world, script));
        world.model().memory()
    };
    let (few, many) = (after(100), after(1_000));
    // Removed names are swept from time to time.
    assert!(many < few + 1_000, "{many} bytes after {few}");
}

#[test]
fn directories_made_and_removed_over_and_over_leave_nothing() {
    let mut world = world("mkdir t");
    repeat(&mut world, "mkdir t/a; mkdir t/a/b; write t/a/b/c; apply; work; rm-r t/a; apply; work");
}

#[test]
fn directories_moved_in_and_out_over_and_over_leave_nothing() {
    let mut world = world("mkdir t; mkdir o; mkdir o/a; mkdir o/a/b; write o/a/b/c");
    repeat(&mut world, "mv o/a t/a; apply; work; mv t/a o/a; apply; finish; work");
}

#[test]
fn an_effect_that_comes_again_and_again_is_open_once() {
    let mut world = world("mkdir t; mkdir t/a; write t/b");
    repeat(&mut world, "mv t/a t/c; mv t/c t/a; apply");
    let effects: Vec<Effect> = std::iter::from_fn(|| world.engine.steps().next_effect()).collect();
    let different: HashSet<&Effect> = effects.iter().collect();
    assert_eq!(effects.len(), different.len(), "{effects:?}");
}

#[test]
fn denied_directories_are_scanned_once_for_however_many_watches_that_become_free() {
    let dirs = |script: &str| (0..20).map(|number| script.replace('N', &format!("{number:02}"))).collect::<String>();
    let mut world = world(&format!("mkdir t; {}", dirs("mkdir t/free-N; ")));
    run(&mut world, &format!("limit 21; {} apply; work", dirs("mkdir t/denied-N; ")));
    assert_eq!(world.model().denied().count(), 20);
    run(&mut world, &format!("{} apply", dirs("rm-r t/free-N; ")));
    let effects: Vec<Effect> = std::iter::from_fn(|| world.engine.steps().next_effect()).collect();
    let again = world.model().denied().filter(|(dir, _)| effects.contains(&Effect::Scan(*dir)));
    assert_eq!(again.count(), 20);
}

#[test]
fn an_error_that_is_over_before_it_is_reported_is_not_kept() {
    let mut world = world("mkdir t");
    for _ in 0..10 {
        run(&mut world, "mkdir t/a; permit t/a -; apply; work 0; work 0; work 0");
        assert_eq!(world.model().denied().count(), 1);
        run(&mut world, "rm-r t/a; apply; work 0; work 0");
    }
    assert_eq!(world.engine.take_errors(), []);
}

#[test]
fn losses_are_kept_as_long_as_something_is_to_be_scanned_for_them() {
    let mut world = world("mkdir t; mkdir t/a; permit t/a -");
    run(&mut world, "capacity 1");
    for _ in 0..10 {
        run(&mut world, "write t/b; write t/c; write t/d; apply; work");
    }
    assert_eq!(world.model().open_overflows(), BTreeSet::from([1]));
    run(&mut world, "permit t/a rx; retry; work");
    assert_eq!(world.model().open_overflows(), BTreeSet::new());
}
