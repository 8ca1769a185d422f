//! Random scripts: whatever happens in whatever order, the consumer knows the disk in the end.
//!
//! `INOTIFY_RS_MODEL_CASES` sets how many are tried, `INOTIFY_RS_MODEL_SEED` the seed of the first. A failing one is
//! reduced, and printed in the words of [`script`](crate::script).

use crate::case::Case;
use crate::disk::{Disk, TOP};
use crate::script::{Op, Step};
use crate::world::Settings;

/// Splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    fn chance(&mut self, in_hundred: usize) -> bool {
        self.below(100) < in_hundred
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() { None } else { from.get(self.below(from.len())) }
    }
}

impl Case {
    /// As small as it gets while it still fails.
    fn reduce(mut self) -> Self {
        let mut left = 20_000;
        let mut fails = |case: &Self| {
            left -= 1;
            left > 0 && case.outcome().is_err()
        };
        loop {
            let old = self.clone();
            let steps = reduced(&self.steps, |steps| fails(&Self { steps: steps.to_vec(), ..self.clone() }));
            self.steps = steps;
            let before = reduced(&self.before, |before| fails(&Self { before: before.to_vec(), ..self.clone() }));
            self.before = before;
            for index in 0..self.steps.len() {
                for simpler in simpler(&self.steps[index]) {
                    let mut case = self.clone();
                    case.steps[index] = simpler;
                    if fails(&case) {
                        self = case;
                    }
                }
            }
            for settings in simpler_settings(&self.settings) {
                let case = Self { settings, ..self.clone() };
                if fails(&case) {
                    self = case;
                }
            }
            if self == old {
                return self;
            }
        }
    }
}

/// Without as many elements as possible.
fn reduced<T: Clone>(from: &[T], mut fails: impl FnMut(&[T]) -> bool) -> Vec<T> {
    let mut list = from.to_vec();
    let mut size = list.len().div_ceil(2).max(1);
    loop {
        let mut begin = 0;
        while begin < list.len() {
            let mut without = list.clone();
            without.drain(begin..(begin + size).min(list.len()));
            if fails(&without) {
                list = without;
            } else {
                begin += size;
            }
        }
        if size == 1 {
            return list;
        }
        size = size.div_ceil(2);
    }
}

fn simpler(step: &Step) -> Vec<Step> {
    match step {
        Step::Work(Some(which), during) => {
            let mut all = vec![Step::Work(None, Vec::new()), Step::Work(Some(0), during.clone())];
            for index in 0..during.len() {
                let mut fewer = during.clone();
                let (_, op) = fewer.remove(index);
                all.push(Step::Work(Some(*which), fewer));
                all.push(Step::Do(op));
            }
            all
        }
        Step::Checkpoint(during) if !during.is_empty() => vec![Step::Checkpoint(Vec::new())],
        Step::Poll(during) if !during.is_empty() => vec![Step::Poll(Vec::new())],
        Step::Apply(Some(_)) => vec![Step::Apply(None), Step::Apply(Some(1))],
        _ => Vec::new(),
    }
}

fn simpler_settings(settings: &Settings) -> Vec<Settings> {
    let mut all = vec![
        Settings { lags: false, ..settings.clone() },
        Settings { ignores: false, ..settings.clone() },
        Settings { only: false, ..settings.clone() },
        Settings { recursive: true, ..settings.clone() },
        Settings { follows: false, ..settings.clone() },
        Settings { coarse: false, ..settings.clone() },
        Settings { births: true, ..settings.clone() },
        Settings { polls: false, always: false, ..settings.clone() },
        Settings { always: false, ..settings.clone() },
        Settings { by_path: false, ..settings.clone() },
        Settings { closed: false, ..settings.clone() },
        Settings { blind: false, ..settings.clone() },
    ];
    for index in 0..settings.roots.len() {
        let mut roots = settings.roots.clone();
        roots.remove(index);
        all.push(Settings { roots, ..settings.clone() });
    }
    all
}

/// Makes cases, on a disk of its own: so that most operations are possible.
struct Maker {
    random: Random,
    disk: Disk,
    permissions: bool,
    limits: bool,
    links: bool,
    follows: bool,
    coarse: bool,
    births: bool,
    by_path: bool,
    polls: bool,
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

impl Maker {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let permissions = random.chance(25);
        let polls = seed % 4 == 0;
        let limits = random.chance(if polls { 80 } else { 20 });
        let links = random.chance(40);
        let follows = random.chance(15);
        Self {
            random,
            disk: Disk::new(),
            permissions,
            limits,
            links: links || follows,
            follows,
            coarse: seed % 10 == 0,
            births: seed % 7 != 0,
            by_path: seed % 16 == 4,
            polls,
        }
    }

    fn case(mut self) -> Case {
        let settings = self.settings();
        let mut before = Vec::new();
        for op in [Op::Mkdir("t".to_owned()), Op::Mkdir("o".to_owned())] {
            self.perform(op, &mut before);
        }
        if settings.roots.contains(&"l".to_owned()) {
            let target = ["t/a", "t/b", "o/a", "t"][self.random.below(4)];
            self.perform(Op::Symlink(target.to_owned(), "l".to_owned()), &mut before);
        }
        for _ in 0..self.random.below(20) {
            self.operate(&mut before);
        }
        if self.random.chance(15) {
            let (from, to) = (self.directory(), self.target());
            self.perform(Op::Mount(from, to), &mut before);
        }
        if self.polls && self.random.chance(50) {
            let (from, to) = (self.directory(), self.target());
            self.perform(Op::Share(from, to), &mut before);
        }
        let length = [3, 8, 20, 60][self.random.below(4)];
        let pace = [0, 10, 40, 80, 95][self.random.below(5)];
        let mut steps = Vec::new();
        if self.random.chance(25) {
            steps.push(Step::Do(Op::Capacity([1, 2, 4, 8, 16][self.random.below(5)])));
        }
        if self.polls && self.limits && self.random.chance(60) {
            before.push(Op::Limit(Some(self.random.below(6))));
        }
        if self.random.chance(70) {
            steps.push(Step::Begin);
        }
        for number in 0..length {
            let mut ops = Vec::new();
            self.operate(&mut ops);
            steps.extend(ops.into_iter().map(Step::Do));
            while self.random.chance(pace) {
                let step = self.work();
                steps.push(step);
            }
            if number == length / 3 {
                steps.push(Step::Begin);
            }
        }
        Case { settings, before, steps }
    }

    fn settings(&mut self) -> Settings {
        let mut roots = vec!["t".to_owned()];
        if self.random.chance(15) {
            roots.push(["l", "o/f", "m/x", "o/a"][self.random.below(4)].to_owned());
        }
        if self.random.chance(5) {
            roots.push(["t/a", "t/c/a"][self.random.below(2)].to_owned());
        } else if self.random.chance(5) {
            roots.remove(0);
            roots.push("t/a".to_owned());
            roots.dedup();
        }
        Settings {
            roots,
            recursive: !self.random.chance(8),
            lags: self.random.chance(40),
            ignores: self.random.chance(10),
            only: self.random.chance(10),
            follows: self.follows,
            coarse: self.coarse,
            births: self.births,
            polls: self.polls,
            always: self.polls && self.random.chance(25),
            by_path: self.by_path,
            closed: false,
            blind: false,
        }
    }

    fn perform(&mut self, op: Op, ops: &mut Vec<Op>) {
        // One in ten that is not possible is kept: it may be possible where it is retried.
        if self.disk.perform(&op) || self.random.chance(10) {
            ops.push(op);
        }
    }

    fn entries(&self) -> Vec<(String, bool)> {
        let mut found = self.disk.walk(TOP, "", true);
        found.truncate(200);
        found.into_iter().map(|(path, it)| (path[1..].to_owned(), self.disk.is_dir(it.ino))).collect()
    }

    fn entry(&mut self, isdir: Option<bool>) -> String {
        let entries: Vec<String> = self
            .entries()
            .into_iter()
            .filter(|(path, dir)| isdir.is_none_or(|isdir| isdir == *dir) && path != "o" && path != "l")
            .map(|(path, _)| path)
            .collect();
        // What all stands and falls with is not chosen often.
        let chosen = self.random.pick(&entries).cloned().unwrap_or_else(|| "t".to_owned());
        if chosen == "t" && !self.random.chance(25) {
            self.random.pick(&entries).cloned().unwrap_or(chosen)
        } else {
            chosen
        }
    }

    fn directory(&mut self) -> String {
        let dirs: Vec<String> = self.entries().into_iter().filter(|(_, dir)| *dir).map(|(path, _)| path).collect();
        let mut chosen = self.random.pick(&dirs).cloned().unwrap_or_else(|| "t".to_owned());
        while chosen.matches('/').count() > 3 {
            chosen = chosen.rsplit_once('/').map_or(chosen.clone(), |(parent, _)| parent.to_owned());
        }
        chosen
    }

    /// A path that need not exist, in a directory that does.
    fn target(&mut self) -> String {
        format!("{}/{}", self.directory(), NAMES[self.random.below(NAMES.len())])
    }

    /// Something that is done, in one or several operations.
    fn operate(&mut self, ops: &mut Vec<Op>) {
        if self.follows && self.random.chance(10) {
            let op = match self.random.below(4) {
                0 => Op::Symlink(self.entry(Some(true)), self.target()),
                1 => Op::Symlink(self.entry(Some(false)), self.target()),
                2 => Op::Symlink(self.target(), self.target()),
                // Over a link that is replaced now and then.
                _ => Op::Symlink(["l", "l/a", "l/b"][self.random.below(3)].to_owned(), self.target()),
            };
            return self.perform(op, ops);
        }
        match self.random.below(100) {
            0..12 => {
                let op = Op::Mkdir(self.target());
                self.perform(op, ops);
            }
            12..24 => {
                let op = Op::Write(self.target());
                self.perform(op, ops);
            }
            24..29 => {
                let path = self.entry(Some(false));
                let op = match self.random.below(4) {
                    0 => Op::Map(path),
                    1 => Op::Reopen(path),
                    _ => Op::Append(path),
                };
                self.perform(op, ops);
            }
            29..34 => {
                let op = Op::Remove(self.entry(None));
                self.perform(op, ops);
            }
            34..38 => {
                let op = Op::RemoveAll(self.entry(None));
                self.perform(op, ops);
            }
            38..54 => {
                let op = Op::Rename(self.entry(None), self.target());
                self.perform(op, ops);
            }
            54..58 => {
                let op = Op::Rename(self.entry(Some(true)), self.target());
                self.perform(op, ops);
            }
            58..64 => {
                let op = Op::Exchange(self.entry(None), self.entry(None));
                self.perform(op, ops);
            }
            64..67 => {
                let op = Op::Link(self.entry(Some(false)), self.target());
                self.perform(op, ops);
            }
            67..79 => self.operate_at_length(ops),
            79..81 => {
                let op = Op::Chmod(self.entry(None));
                self.perform(op, ops);
            }
            81..84 => {
                let op = Op::Hold(self.entry(None));
                self.perform(op, ops);
            }
            84..86 => self.perform(Op::Scribble, ops),
            86..88 => self.perform(Op::Release, ops),
            88..92 if self.permissions => {
                let op = Op::Permit(self.entry(Some(true)), self.random.chance(50), self.random.chance(50));
                self.perform(op, ops);
            }
            92..95 if self.limits => {
                let limit = if self.random.chance(40) { None } else { Some(self.random.below(9)) };
                self.perform(Op::Limit(limit), ops);
            }
            95..97 if self.links => {
                let target = self.entry(None);
                let op = Op::Symlink(target, if self.random.chance(50) { "l".to_owned() } else { self.target() });
                self.perform(op, ops);
            }
            97..99 => {
                // A link that is replaced at once.
                let target = self.entry(None);
                self.perform(Op::Symlink(target, "l-new".to_owned()), ops);
                self.perform(Op::Rename("l-new".to_owned(), "l".to_owned()), ops);
            }
            _ => self.perform(Op::Mkdir("t".to_owned()), ops),
        }
    }

    fn operate_at_length(&mut self, ops: &mut Vec<Op>) {
        match self.random.below(6) {
            0 => {
                let path = self.target();
                let temporary = self.target();
                self.perform(Op::Write(temporary.clone()), ops);
                self.perform(Op::Rename(temporary, path), ops);
            }
            1 => {
                let path = self.entry(Some(true));
                self.perform(Op::RemoveAll(path.clone()), ops);
                self.perform(Op::Mkdir(path.clone()), ops);
                self.perform(Op::Write(format!("{path}/a")), ops);
            }
            2 => {
                let mut path = self.target();
                for name in ["a", "b", "c"] {
                    self.perform(Op::Mkdir(path.clone()), ops);
                    path = format!("{path}/{name}");
                }
                self.perform(Op::Write(path), ops);
            }
            3 => {
                // Two change places.
                let (one, other, third) = (self.entry(None), self.entry(None), self.target());
                self.perform(Op::Rename(one.clone(), third.clone()), ops);
                self.perform(Op::Rename(other.clone(), one), ops);
                self.perform(Op::Rename(third, other), ops);
            }
            4 => {
                // One directory goes into another, which is renamed then.
                let (one, other, third) = (self.entry(Some(true)), self.entry(Some(true)), self.target());
                self.perform(Op::Rename(one, format!("{other}/d")), ops);
                self.perform(Op::Rename(other, third), ops);
            }
            _ => {
                // A child takes the place of its parent, and the parent goes into it.
                let parent = self.entry(Some(true));
                let (inner, away) = (format!("{parent}/b"), self.target());
                self.perform(Op::Mkdir(inner.clone()), ops);
                self.perform(Op::Rename(inner, away.clone()), ops);
                self.perform(Op::Rename(parent.clone(), format!("{away}/a")), ops);
                self.perform(Op::Rename(away, parent), ops);
            }
        }
    }

    /// Something that the watcher or its user does.
    fn work(&mut self) -> Step {
        match self.random.below(100) {
            0..6 => Step::Read,
            6..22 => Step::Apply(Some(1 + self.random.below(4))),
            22..30 => Step::Apply(None),
            30..38 => Step::Work(None, Vec::new()),
            38..66 => {
                let which = if self.random.chance(70) { 0 } else { self.random.below(6) };
                Step::Work(Some(which), self.during(6))
            }
            66..70 => Step::Close,
            70..74 => Step::Finish,
            74..77 if self.polls => Step::Poll(self.during(30)),
            74..77 => Step::Retry,
            77..82 => Step::Deliver,
            82..85 => Step::Merge,
            85..91 => Step::Take,
            91..93 => Step::Consume,
            93..95 => Step::Done,
            _ => Step::Sync,
        }
    }

    /// What happens between so many system calls.
    fn during(&mut self, calls: usize) -> Vec<(usize, Op)> {
        let mut during = Vec::new();
        while self.random.chance(35) {
            let mut ops = Vec::new();
            self.operate(&mut ops);
            let when = self.random.below(calls);
            during.extend(ops.into_iter().map(|op| (when, op)));
        }
        // In the order in which they were made.
        during.sort_by_key(|(when, _)| *when);
        during
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Has closed files reported in every third case, and in every ninth where nobody can find out who has a file open.
fn with_closed(mut case: Case, seed: u64) -> Case {
    case.settings.closed = seed % 3 == 0;
    case.settings.blind = seed % 9 == 0;
    case
}

/// Has the consumer keep checkpoints, and other processes go on from them. The clock may be set meanwhile.
fn with_restarts(mut case: Case, seed: u64) -> Case {
    let mut random = Random(!seed);
    let mut at = 0;
    let mut set_back = false;
    for _ in 0..=random.below(3) {
        let mut steps: Vec<Step> = (0..3).map(|_| Step::Checkpoint(during(&case, &mut random))).collect();
        steps.extend([Step::Restart, Step::Begin]);
        // Stamps of whole seconds would be the same again.
        if !case.settings.coarse && random.chance(30) {
            let mut seconds = i64::try_from(random.below(40)).unwrap() - 25;
            // What changes while the clock is set back has an old stamp. Once the clock is set forward again, nobody can
            // see that.
            if set_back {
                seconds = -seconds.abs();
            }
            set_back |= seconds < 0;
            steps.insert(random.below(steps.len()), Step::Do(Op::Clock(seconds)));
        }
        for step in steps {
            at += random.below(case.steps.len().saturating_sub(at).min(12) + 1);
            case.steps.insert(at, step);
            at += 1;
        }
    }
    case
}

/// Some of what happens in a case, between the system calls of a checkpoint.
fn during(case: &Case, random: &mut Random) -> Vec<(usize, Op)> {
    let ops: Vec<&Op> =
        case.steps.iter().filter_map(|step| if let Step::Do(op) = step { Some(op) } else { None }).collect();
    let mut during = Vec::new();
    while random.chance(30) {
        let when = random.below(8);
        during.extend(random.pick(&ops).map(|op| (when, (*op).clone())));
    }
    during.sort_by_key(|(when, _)| *when);
    during
}

#[test]
fn whatever_happens_the_consumer_knows_the_disk() {
    try_all(4000, 60, |seed| with_closed(Maker::new(seed).case(), seed));
}

#[test]
fn whatever_happens_a_consumer_that_goes_on_from_checkpoints_knows_the_disk() {
    try_all(2000, 30, |seed| with_restarts(with_closed(Maker::new(seed).case(), seed), seed));
}

/// Tries so many cases, or `factor` for each that is asked for.
fn try_all(usual: u64, factor: u64, make: impl Fn(u64) -> Case) {
    let asked = number("INOTIFY_RS_MODEL_CASES");
    let cases = asked.map_or(usual, |cases| cases * factor);
    // The same ones each time, unless more are asked for.
    let first = number("INOTIFY_RS_MODEL_SEED").unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        asked.map_or(1, |_| u64::try_from(now.as_nanos() % 1_000_000_000_000).unwrap())
    });
    for seed in first..first + cases {
        let case = make(seed);
        if case.outcome().is_err() {
            let reduced = case.reduce();
            let what = reduced.outcome().unwrap_err();
            panic!("seed {seed}: {what}\n{}", reduced.show());
        }
    }
}
