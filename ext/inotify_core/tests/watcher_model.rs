//! A watcher and the real kernel under random operations, against the real tree.
//!
//! A consumer that knows nothing but the reported changes keeps a set of paths, and reads each reported file. When
//! the tree is quiet, the set must be the tree, and what it read last must be what the files contain.
//!
//! The same 20 workloads a scenario are tried each time. `INOTIFY_RS_MODEL_CASES` sets how many others are tried
//! instead; a failing one is reduced and printed.
#![allow(missing_docs, unsafe_code, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::ffi::CString;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

use support::model::{Scene, Setting};
use support::operations::{Names, operations};
use support::system::{unprivileged, with_queue_of};

fn config() -> Config {
    let asked = env::var("INOTIFY_RS_MODEL_CASES").ok().and_then(|cases| cases.parse().ok());
    let (cases, rng_seed) = asked.map_or((20, RngSeed::Fixed(1)), |cases| (cases, RngSeed::Random));
    Config { cases, rng_seed, max_shrink_iters: 300, failure_persistence: None, ..Config::default() }
}

/// What may not be read could not be compared.
fn agree(scene: &mut Scene) -> Result<(), TestCaseError> {
    scene.permit_all();
    scene.finish();
    let difference = scene.difference();
    prop_assert!(difference.is_none(), "{}", difference.unwrap_or_default());
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_consumer_that_keeps_up_knows_the_tree(operations in operations(40)) {
        let mut scene = Scene::new(Duration::ZERO);
        for operation in &operations {
            scene.perform(operation);
            scene.consume();
        }
        agree(&mut scene)?;
    }

    #[test]
    fn a_consumer_that_comes_late_knows_the_tree(operations in operations(120)) {
        let mut scene = Scene::new(Duration::from_millis(1));
        for operation in &operations {
            scene.perform(operation);
        }
        agree(&mut scene)?;
    }

    #[test]
    fn a_tree_that_was_there_before_is_known_too(before in operations(40), after in operations(60)) {
        let mut scene = Scene::set(&Setting { before: &before, debounce: Duration::from_millis(5), ..Setting::default() });
        for operation in &after {
            scene.perform(operation);
        }
        agree(&mut scene)?;
    }

    #[test]
    fn synchronized_now_and_then(operations in operations(80)) {
        let mut scene = Scene::new(Duration::from_millis(2));
        for (number, operation) in operations.iter().enumerate() {
            scene.perform(operation);
            if number % 9 == 0 {
                agree(&mut scene)?;
            }
        }
        agree(&mut scene)?;
    }

    #[test]
    fn writers_at_the_same_time(lists in prop::collection::vec(operations(60), 3)) {
        let mut scene = Scene::new(Duration::from_millis(1));
        scene.perform_at_once(&lists);
        agree(&mut scene)?;
    }

    #[test]
    fn a_consumer_that_stopped_for_long(operations in operations(40)) {
        let mut scene = Scene::new(Duration::ZERO);
        for _ in 0..20 {
            operations.iter().for_each(|operation| scene.perform(operation));
        }
        agree(&mut scene)?;
    }

    #[test]
    fn names_of_any_bytes(operations in operations(80)) {
        const LONGEST: &[u8] = &[b'n'; 255];
        const NAMES: Names = [b"caf\xe9", b" \n\xff", LONGEST];
        let mut scene = Scene::set(&Setting { names: NAMES, ..Setting::default() });
        for operation in &operations {
            scene.perform(operation);
        }
        agree(&mut scene)?;
    }

    #[test]
    fn roots_in_each_other_behind_links_missing_and_files(before in operations(20), after in operations(80)) {
        let roots = ["tree/a", "tree/a/b", "tree/b/c", "tree/b", "link", "tree/missing/a"];
        let mut scene = Scene::set(&Setting { before: &before, roots: &roots, ..Setting::default() });
        scene.perform_and_consume(&after);
        agree(&mut scene)?;
    }

    #[test]
    #[ignore = "lowers the limit of queued events, which is everybody's: `rake cargo:queue_limit` runs it alone"]
    fn a_queue_that_overflows_again_and_again(before in operations(30), after in operations(120)) {
        let make = || Scene::set(&Setting { before: &before, ..Setting::default() });
        let mut scene = with_queue_of(3, make);
        scene.perform_and_consume(&after);
        agree(&mut scene)?;
    }

    #[test]
    fn permissions_that_vanish_and_return(before in operations(30), after in operations(80)) {
        unprivileged(|| {
            let mut scene = Scene::set(&Setting { before: &before, ..Setting::default() });
            scene.perform_and_consume(&after);
            agree(&mut scene)
        })?;
    }
}

#[test]
fn very_many_entries_in_a_directory() {
    let count = if env::var_os("INOTIFY_RS_MODEL_CASES").is_some() { 100_000 } else { 10_000 };
    let mut scene = Scene::new(Duration::from_millis(1));
    let dir = scene.ground.root.join("many");
    fs::create_dir(&dir).unwrap();
    for number in 0..count {
        File::create(dir.join(number.to_string())).unwrap();
    }
    agree(&mut scene).unwrap();
    fs::rename(&dir, scene.ground.outside.join("many")).unwrap();
    fs::rename(scene.ground.outside.join("many"), &dir).unwrap();
    agree(&mut scene).unwrap();
}

#[test]
fn a_tree_deeper_than_a_path_may_be_long() {
    const LEVELS: usize = 80;
    let mut scene = Scene::new(Duration::from_millis(1));
    let name = CString::new([b'd'; 100]).unwrap();
    let mut dir = File::open(&scene.ground.outside).unwrap();
    for _ in 0..LEVELS {
        dir = below(&dir, &name);
    }
    // Its name has 100 bytes, too.
    let top = name.to_str().unwrap();
    fs::rename(scene.ground.outside.join(top), scene.ground.root.join(top)).unwrap();
    scene.finish();
    assert_eq!(scene.depths(), (1..=LEVELS).collect::<Vec<_>>());
    below(&dir, &name);
    scene.finish();
    assert_eq!(scene.depths(), (1..=LEVELS + 1).collect::<Vec<_>>());
    fs::remove_dir_all(scene.ground.root.join(top)).unwrap();
    agree(&mut scene).unwrap();
}

/// Makes a directory in another and opens it.
fn below(dir: &File, name: &CString) -> File {
    // SAFETY: an open descriptor, and a name with a NUL.
    assert_eq!(unsafe { libc::mkdirat(dir.as_raw_fd(), name.as_ptr(), 0o700) }, 0);
    let path = format!("/proc/self/fd/{}/{}", dir.as_raw_fd(), name.to_str().unwrap());
    File::open(path).unwrap()
}

const NAMESPACE: &str = "INOTIFY_RS_MODEL_NAMESPACE";

#[test]
fn a_watch_limit_that_is_reached_and_raised() {
    if !Command::new("unshare").args(["-Ur", "true"]).status().is_ok_and(|status| status.success()) {
        eprintln!("not tested: it needs user namespaces");
        return;
    }
    let mut command = Command::new("unshare");
    command.arg("-Ur").arg(env::current_exe().unwrap()).args(["--exact", "in_a_namespace", "--ignored"]);
    let output = command.env(NAMESPACE, "1").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
#[ignore = "changes the limits of its user namespace: run by the test before"]
fn in_a_namespace() {
    if env::var_os(NAMESPACE).is_none() {
        return;
    }
    let limit = |watches: u32| fs::write("/proc/sys/user/max_inotify_watches", watches.to_string()).unwrap();
    let config = Config { cases: config().cases.div_ceil(5), max_shrink_iters: 20, ..config() };
    let mut runner = TestRunner::new(config);
    let cases = (operations(40), operations(60));
    let tried = runner.run(&cases, |(before, after)| {
        let mut scene = Scene::set(&Setting { before: &before, ..Setting::default() });
        limit(10);
        for operation in &after {
            scene.perform(operation);
        }
        scene.finish();
        limit(10_000);
        scene.settle_within(Duration::from_secs(10));
        agree(&mut scene)
    });
    tried.unwrap();
}
