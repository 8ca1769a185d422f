//! A watcher and the real kernel under random operations, against the real tree.
//!
//! A consumer that knows nothing but the changes it is told keeps a set of paths, and reads each file it is told of. When
//! the tree is quiet, the set must be the tree, and what it read last must be what the files contain.
//!
//! `INOTIFY_RS_MODEL_CASES` sets how many workloads are tried (default 60 a scenario); a failing one is reduced and
//! printed.
#![allow(missing_docs, unsafe_code, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError};

use support::model::{Scene, operations};

fn config() -> Config {
    let cases = std::env::var("INOTIFY_RS_MODEL_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(60);
    Config { cases, max_shrink_iters: 300, failure_persistence: None, ..Config::default() }
}

fn agree(scene: &mut Scene) -> Result<(), TestCaseError> {
    scene.settle();
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
        let mut scene = Scene::prepared(Duration::from_millis(5), &before);
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
}
