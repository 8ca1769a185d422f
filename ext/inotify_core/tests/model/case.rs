//! A case: how a tree is watched, what exists before, what happens then, and what the engine must report. All on a disk in
//! memory ([`disk`](crate::disk)), with every step between the kernel and the consumer in the hands of the test. The words
//! are those of [`script`](crate::script). One case, word by word:
//!
//! ```text
//! case("mkdir t/a; write t/a/f",       // before: `t` is the root, `o` a directory beside it, and both exist always
//!      "mv t/a t/b; \                   // happens on the disk: two events are in the kernel's queue
//!       apply; \                        // the engine reads the queue; the model pairs the rename and asks for a scan of t/b
//!       work 0 [1 write t/b/g]; \       // the scan is carried out; before its second system call t/b/g is created
//!       apply; \                        // its event comes: whether the scan found the file or not, it is created once
//!       deliver; take; \                // the debounce time is over; the consumer takes the batch
//!       rm t/b/g")                      // happens after that
//!     .reports(&["renamed t/a t/b/",    // the first batch: the directory, with what is in it
//!                "created t/b/g",
//!                "|",                   // the second batch
//!                "deleted t/b/g"]);
//! ```
//!
//! After the last word everything runs on until all is quiet. Then a consumer that applied the changes to a set of paths
//! must have the paths of the disk, each directory must be watched, and nothing else. `asks_for` compares the open effects
//! instead of the changes, `denies` the errors.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::script::{Op, Step, parse, show};
use crate::world::{Settings, World};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) settings: Settings,
    pub(crate) before: Vec<Op>,
    pub(crate) steps: Vec<Step>,
}

/// The root `t` with this in it and `o` beside it, and what happens when it is watched.
pub(crate) fn case(before: &str, script: &str) -> Case {
    let before = parse(&format!("mkdir t; mkdir o; {before}")).into_iter().map(|step| match step {
        Step::Do(op) => op,
        other => panic!("not before the beginning: {other}"),
    });
    let steps = [vec![Step::Begin], parse(script)].concat();
    Case { settings: Settings::default(), before: before.collect(), steps }
}

impl Case {
    /// Other roots than `t`.
    pub(crate) fn roots(mut self, roots: &[&str]) -> Self {
        self.settings.roots = roots.iter().map(|&root| root.to_owned()).collect();
        self
    }

    /// Directories below the roots are not entered.
    pub(crate) fn flat(mut self) -> Self {
        self.settings.recursive = false;
        self
    }

    /// Of the files only those count that begin with `a` or `b`, and directories are not reported.
    pub(crate) fn only(mut self) -> Self {
        self.settings.only = true;
        self
    }

    /// Symbolic links to directories are followed.
    pub(crate) fn follows(mut self) -> Self {
        self.settings.follows = true;
        self
    }

    /// The disk's time stamps are of whole seconds, and of every other one.
    pub(crate) fn coarse(mut self) -> Self {
        self.settings.coarse = true;
        self
    }

    /// The disk does not know when files were made.
    pub(crate) fn birthless(mut self) -> Self {
        self.settings.births = false;
        self
    }

    /// Names that begin with `d` are ignored.
    pub(crate) fn ignoring(mut self) -> Self {
        self.settings.ignores = true;
        self
    }

    /// Closed files are reported.
    pub(crate) fn closes(mut self) -> Self {
        self.settings.closed = true;
        self
    }

    /// The same where nobody can find out who has a file open.
    pub(crate) fn closes_blindly(mut self) -> Self {
        self.settings.blind = true;
        self.closes()
    }

    /// Directories that cannot be watched are polled.
    pub(crate) fn polls(mut self) -> Self {
        self.settings.polls = true;
        self
    }

    /// All directories are polled.
    pub(crate) fn always_polls(mut self) -> Self {
        self.settings.always = true;
        self.polls()
    }

    /// The servers of shared directories know what they are asked for by its path.
    pub(crate) fn by_path(mut self) -> Self {
        self.settings.by_path = true;
        self
    }

    /// The script happens during the first scan, which is over where it says `begin`.
    pub(crate) fn during_first_scan(mut self) -> Self {
        self.steps.remove(0);
        self
    }

    /// Runs to the end and on until all is quiet. What is wrong, if anything is?
    pub(crate) fn outcome(&self) -> Result<(), String> {
        let run = || {
            let mut world = World::new(&self.settings, &self.before);
            world.run(&self.steps).and_then(|()| world.verify())
        };
        catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err("it panicked".to_owned()))
    }

    /// Nothing is wrong, whatever it reports.
    #[track_caller]
    pub(crate) fn holds(&self) {
        assert_eq!(self.outcome(), Ok(()), "{}", self.show());
    }

    #[track_caller]
    fn ends(&self) -> World {
        let mut world = World::new(&self.settings, &self.before);
        if let Err(what) = world.run(&self.steps) {
            panic!("{what}; reported: {:?}", world.reported);
        }
        world
    }

    /// It reports just this, `|` standing between batches, and then everything is known and watched.
    #[track_caller]
    pub(crate) fn reports(self, expected: &[&str]) {
        let mut world = self.ends();
        let reported = world.reported.join(&"|".to_owned());
        assert_eq!(reported, expected, "reported on the left");
        if let Err(what) = world.verify() {
            panic!("{what}; reported: {:?}", world.reported);
        }
    }

    /// It can't watch or read these, says so once, and when all is permitted everything is known and watched.
    #[track_caller]
    pub(crate) fn denies(self, expected: &[&str]) {
        let mut world = self.ends();
        assert_eq!(world.errors, expected, "errors on the left");
        if let Err(what) = world.verify() {
            panic!("{what}; reported: {:?}", world.reported);
        }
    }

    /// After the last step it asks for just this, the latest first; and when that is done, everything is known and
    /// watched.
    #[track_caller]
    pub(crate) fn asks_for(self, expected: &[&str]) {
        let mut world = World::new(&self.settings, &self.before);
        let open = world.steps(&self.steps).map(|()| world.open());
        assert_eq!(open.as_deref(), Ok(expected.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>().as_slice()));
        if let Err(what) = world.run(&[]).and_then(|()| world.verify()) {
            panic!("{what}; reported: {:?}", world.reported);
        }
    }

    /// As it would be written in a test.
    pub(crate) fn show(&self) -> String {
        let before: Vec<Step> = self.before.iter().cloned().map(Step::Do).collect();
        format!("{:?}\nbefore: {}\nscript: {}", self.settings, show(&before), show(&self.steps))
    }
}

/// The example of the module's description.
#[test]
fn a_case_is_what_there_is_what_happens_and_what_is_reported() {
    case("mkdir t/a; write t/a/f", "mv t/a t/b; apply; work 0 [1 write t/b/g]; apply; deliver; take; rm t/b/g")
        .reports(&["renamed t/a t/b/", "created t/b/g", "|", "deleted t/b/g"]);
}
