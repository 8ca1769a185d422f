//! Roots that are added to an engine that runs, and removed from it: each is a tree of its own, whatever others
//! contain.

use std::collections::BTreeMap;
use std::time::Duration;

use hashbrown::HashSet;
use inotify_core::engine::{Engine, Options};
use inotify_core::model::{NodeId, Scope};
use inotify_core::system::System;

use crate::consumer::{show, text};
use crate::disk::Disk;
use crate::script::{Step, parse};
use crate::system::Simulated;
use crate::world::Settings;

/// An engine, its roots by their name, and a disk in memory.
pub(crate) struct Roots {
    system: Simulated,
    engine: Engine<Simulated>,
    roots: BTreeMap<String, NodeId>,
}

impl Roots {
    /// None yet, with this on the disk. Symbolic links are followed; what begins with `d` is ignored.
    pub(crate) fn new(before: &str) -> Self {
        let system = Simulated::new(Disk::new(), &Settings::default());
        let mut options = Options::new(true);
        options.filter.ignore(&["d*"]).unwrap();
        options.follow_links = true;
        options.separate_roots = true;
        let mut engine = Engine::new(system.clone(), &options);
        engine.scan(&mut |_| true).unwrap();
        engine.begin(&mut |_| true).unwrap();
        let mut roots = Self { system, engine, roots: BTreeMap::new() };
        roots.happen(before);
        roots
    }

    pub(crate) fn happen(&mut self, script: &str) {
        for step in parse(script) {
            match step {
                Step::Do(op) => drop(self.system.disk_mut().perform(&op)),
                other => panic!("not on the disk: {other}"),
            }
        }
    }

    pub(crate) fn add(&mut self, name: &str, path: &str) {
        self.add_unscanned(name, path, Scope::Tree);
        self.begin(name);
    }

    pub(crate) fn add_names(&mut self, name: &str, path: &str) {
        self.add_unscanned(name, path, Scope::Names);
        self.begin(name);
    }

    fn add_unscanned(&mut self, name: &str, path: &str, scope: Scope) {
        let path = format!("/{path}").into_bytes();
        let root = self.engine.add_root(name.into(), path, scope, [b"apart".to_vec()].into());
        self.roots.insert(name.to_owned(), root);
    }

    fn begin(&mut self, name: &str) {
        self.process();
        self.engine.begin_roots(&HashSet::from([self.roots[name]]));
    }

    fn remove(&mut self, name: &str) {
        let root = self.roots.remove(name).unwrap();
        self.engine.remove_root(root);
    }

    pub(crate) fn process(&mut self) {
        self.engine.process(self.system.instant(), &mut |_| true).unwrap();
        self.engine.finish_pending(&mut |_| true).unwrap();
        assert!(self.engine.is_settled());
        self.engine.close_dirs();
    }

    /// What comes then is watched by another instance.
    pub(crate) fn start_over(&mut self) {
        self.system.reopen();
        self.engine.start_over(self.system.clone());
    }

    pub(crate) fn take(&mut self) -> Vec<String> {
        let changes = self.engine.take_changes();
        self.engine.was_taken();
        changes.iter().map(show).collect()
    }

    /// What happened is reported as this, and what is watched is just what is needed.
    #[track_caller]
    pub(crate) fn report(&mut self, expected: &[&str]) {
        self.process();
        assert_eq!(self.take(), expected, "reported on the left");
        let differences = self.engine.audit().unwrap();
        self.engine.close_dirs();
        assert_eq!(differences.iter().map(|it| text(&it.sentence)).collect::<Vec<_>>(), [""; 0]);
    }

    /// Whether the directory at a path is watched.
    fn is_watched(&self, path: &str) -> bool {
        let disk = self.system.disk();
        let ino = disk.find(path).unwrap();
        self.engine.model().wds().any(|wd| disk.watched(wd) == Some(ino))
    }
}

#[test]
fn what_is_in_a_root_that_is_added_is_no_change_and_what_happens_then_is() {
    let mut roots = Roots::new("mkdir t; write t/a; mkdir t/s; write t/s/b");
    roots.add("1", "t");
    roots.report(&[]);
    roots.happen("write t/s/b; write t/c; rm t/a");
    roots.report(&["deleted 1/a", "created 1/c", "modified 1/s/b"]);
}

#[test]
fn what_happened_in_others_before_a_root_was_added_is_reported() {
    let mut roots = Roots::new("mkdir t; write t/a; mkdir o; write o/a");
    roots.add("1", "t");
    roots.happen("write t/a; mv t/a o/b");
    roots.add("2", "o");
    roots.report(&["deleted 1/a"]);
}

#[test]
fn what_moves_from_one_root_to_one_that_is_being_added_is_missing_in_the_first() {
    let mut roots = Roots::new("mkdir t; write t/a; mkdir o; mkdir t/s; write t/s/b");
    roots.add("1", "t");
    roots.add_unscanned("2", "o", Scope::Tree);
    roots.process();
    roots.happen("mv t/a o/a; mv t/s o/s");
    roots.begin("2");
    roots.report(&["renamed 1/a 2/a", "renamed 1/s 2/s/"]);
    roots.happen("write o/s/b");
    roots.report(&["modified 2/s/b"]);
}

#[test]
fn a_root_that_is_removed_is_reported_as_deleted_and_gives_its_watches_back() {
    let mut roots = Roots::new("mkdir t; write t/a; mkdir t/s; mkdir o");
    roots.add("1", "t");
    roots.add("2", "o");
    roots.remove("1");
    roots.report(&["deleted 1/a?", "deleted 1/s/?", "deleted 1/?"]);
    assert!(!roots.is_watched("t") && !roots.is_watched("t/s") && roots.is_watched("o"));
    roots.happen("write t/a; write o/a");
    roots.report(&["created 2/a"]);
}

#[test]
fn a_root_that_is_removed_while_changes_are_pending_leaves_those_of_others() {
    let mut roots = Roots::new("mkdir t; write t/a; write t/b; mkdir o; write o/c");
    roots.add("1", "t");
    roots.add("2", "o");
    roots.happen("mv t/a o/a; mv o/c t/c");
    roots.process();
    roots.remove("1");
    roots.happen("write o/b");
    roots.report(&["deleted 1/b?", "deleted 2/c?", "renamed 1/a 2/a", "deleted 1/?", "created 2/b"]);
}

#[test]
fn a_root_in_another_is_a_tree_of_its_own() {
    let mut roots = Roots::new("mkdir t; mkdir t/s; mkdir t/s/u; write t/s/u/a");
    roots.add("1", "t");
    roots.add("2", "t/s");
    roots.happen("write t/s/u/a");
    roots.report(&["modified 1/s/u/a", "modified 2/u/a"]);
    roots.remove("1");
    roots.report(&["deleted 1/s/u/a?", "deleted 1/s/u/?", "deleted 1/s/?", "deleted 1/?"]);
    roots.happen("write t/s/u/a; write t/b");
    roots.report(&["modified 2/u/a"]);
}

#[test]
fn a_root_around_another_outlives_it() {
    let mut roots = Roots::new("mkdir t; mkdir t/s; write t/s/a");
    roots.add("2", "t/s");
    roots.add("1", "t");
    roots.remove("2");
    roots.report(&["deleted 2/a?", "deleted 2/?"]);
    roots.happen("write t/s/a; mv t/s t/u; write t/u/b");
    roots.report(&["renamed 1/s 1/u/", "created 1/u/b", "modified 1/u/a"]);
}

#[test]
fn the_same_path_may_be_added_again_and_again() {
    let mut roots = Roots::new("mkdir t; write t/a");
    roots.add("1", "t");
    roots.add("2", "t");
    roots.remove("1");
    roots.add("3", "t");
    roots.happen("write t/a");
    roots.report(&["deleted 1/a?", "deleted 1/?", "modified 2/a", "modified 3/a"]);
    roots.remove("2");
    roots.remove("3");
    roots.report(&["deleted 2/a?", "deleted 3/a?", "deleted 2/?", "deleted 3/?"]);
    assert!(!roots.is_watched("t"));
}

#[test]
fn a_root_behind_a_link_is_followed_until_it_is_removed() {
    let mut roots = Roots::new("mkdir o; mkdir o/1; write o/1/a; mkdir o/2; ln-s o/1 l");
    roots.add("1", "l");
    roots.happen("ln-s o/2 n; mv n l; write o/2/b; write o/1/a");
    roots.report(&["deleted 1/a?", "created 1/b?"]);
    roots.remove("1");
    roots.report(&["deleted 1/b?", "deleted 1/?"]);
    roots.happen("rm l; ln-s o/1 l");
    roots.report(&[]);
}

#[test]
fn a_directory_behind_links_is_entered_once_for_each_root() {
    let mut roots = Roots::new("mkdir t; mkdir o; write o/a; ln-s o t/l; ln-s o t/m");
    roots.add("1", "t");
    roots.add("2", "o");
    roots.add("3", "t");
    roots.happen("write o/a");
    roots.process();
    let mut reported: Vec<String> = roots.engine.take_changes().iter().map(show).collect();
    reported.retain(|it| it.starts_with("modified") && it.ends_with("/a"));
    assert_eq!(reported.len(), 3, "{reported:?}");
    roots.remove("2");
    roots.process();
    roots.engine.take_changes();
    roots.happen("rm t/l; rm t/m");
    roots.process();
    roots.engine.take_changes();
    roots.happen("write o/a");
    roots.report(&[]);
}

#[test]
fn a_root_that_is_not_there_is_found_when_it_appears_unless_it_is_removed() {
    let mut roots = Roots::new("");
    roots.add("1", "p/q/t");
    roots.add("2", "p/q/u");
    roots.report(&[]);
    roots.happen("mkdir p");
    roots.report(&[]);
    roots.remove("2");
    roots.happen("mkdir p/q; mkdir p/q/t; write p/q/t/a; mkdir p/q/u");
    roots.report(&["created 1/?", "created 1/a?"]);
}

#[test]
fn a_root_may_be_removed_before_it_is_scanned() {
    let mut roots = Roots::new("mkdir t; write t/a");
    roots.add_unscanned("1", "t", Scope::Tree);
    roots.remove("1");
    roots.report(&[]);
    assert!(!roots.is_watched("t"));
}

#[test]
fn of_names_none_is_followed_nor_entered_and_all_count() {
    let mut roots = Roots::new("mkdir t; mkdir t/s; mkdir o; ln-s o t/l");
    roots.add_names("1", "t");
    assert!(!roots.is_watched("t/s"));
    roots.happen("write o/a; write t/s/a; write t/d; ln-s o t/m; rm t/l; mkdir t/u");
    roots.report(&["deleted 1/l", "created 1/d", "created 1/m", "created 1/u/"]);
    roots.happen("rm t/d; mv t/u t/v");
    roots.report(&["deleted 1/d", "renamed 1/u 1/v/"]);
}

#[test]
fn a_file_is_a_root_of_names() {
    let mut roots = Roots::new("write f; write g");
    roots.add_names("1", "f");
    roots.happen("write f; write g");
    roots.report(&["modified 1"]);
    roots.happen("rm f; mkdir f; write f/a");
    roots.report(&["deleted 1", "created 1/?", "created 1/a?"]);
    roots.remove("1");
    roots.report(&["deleted 1/a?", "deleted 1/?"]);
}

#[test]
fn what_is_apart_or_ignored_is_not_watched() {
    let mut roots = Roots::new("mkdir t; mkdir t/apart; mkdir t/d; mkdir t/s; mkdir t/s/apart");
    roots.add("1", "t");
    assert!(!roots.is_watched("t/apart") && !roots.is_watched("t/d") && roots.is_watched("t/s/apart"));
    roots.happen("write t/apart/a; write t/d/a; write t/s/apart/a");
    roots.report(&["created 1/s/apart/a"]);
}

#[test]
fn a_close_counts_by_when_the_root_was_read() {
    let mut roots = Roots::new("mkdir t; write t/a; mkdir o; write o/a");
    roots.add("1", "t");
    roots.happen("map t/a");
    roots.system.advance(Duration::from_secs(1));
    roots.add("2", "o");
    roots.happen("reopen t/a; reopen o/a");
    roots.report(&["modified 1/a"]);
    roots.happen("map t/a");
    roots.engine.was_read(roots.roots["1"]);
    roots.happen("reopen t/a");
    roots.report(&[]);
}

#[test]
fn an_overflow_is_made_up_for_in_roots_that_were_added() {
    let mut roots = Roots::new("mkdir t; write t/a; mkdir o; write o/a; mkdir p");
    roots.add("1", "t");
    roots.add("2", "o");
    roots.add("3", "p");
    roots.happen("capacity 1; write p/x; write t/b; rm o/a; capacity 100000");
    roots.remove("3");
    roots.process();
    let changes = roots.engine.take_changes();
    let mut reported: Vec<String> = changes.iter().map(show).collect();
    reported.retain(|it| !it.contains(" 3"));
    assert_eq!(reported, ["deleted 2/a?", "created 1/b?"]);
}

#[test]
fn of_a_link_to_a_directory_that_is_entered_elsewhere_only_the_root_is_known() {
    let mut roots = Roots::new("mkdir t; mkdir t/s; write t/s/a; ln-s t/s t/l; mkdir o");
    roots.add("1", "t");
    roots.add("2", "o");
    assert!(roots.engine.take_relinked().is_empty());
    let root = HashSet::from([roots.roots["1"]]);
    for script in ["ln-s t/s t/m", "rm t/m"] {
        roots.happen(script);
        roots.process();
        assert_eq!(roots.engine.take_relinked(), root);
    }
    roots.happen("write t/s/a");
    roots.process();
    roots.start_over();
    roots.process();
    assert!(roots.engine.take_relinked().is_empty());
}
