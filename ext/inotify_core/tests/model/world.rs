//! An engine, a disk in memory and a consumer, driven by a script.

use std::cell::{Ref, RefMut};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use inotify_core::checkpoint::Checkpoint;
use inotify_core::engine::{Engine, Options, WatchError};
use inotify_core::filter::Filter;
use inotify_core::model::{Change, Effect, Kind, Model};
use inotify_core::system::System;

use crate::consumer::{Consumer, Known, show, text};
use crate::disk::{Body, Disk, Entry, Ino};
use crate::script::{Op, Step};
use crate::system::Simulated;

/// How the roots are watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) roots: Vec<String>,
    pub(crate) recursive: bool,
    /// Whether a batch may be delivered before the events until the last one are read.
    pub(crate) lags: bool,
    /// Whether names that begin with `d` are ignored.
    pub(crate) ignores: bool,
    /// Whether only those files are included that begin with `a` or `b`, or are in a directory that does.
    pub(crate) only: bool,
    /// Whether symbolic links to directories are followed.
    pub(crate) follows: bool,
    /// Whether the disk's time stamps are of whole seconds, and of every other one, as on vfat.
    pub(crate) coarse: bool,
    /// Whether the disk knows when files were made.
    pub(crate) births: bool,
    /// Whether directories that cannot be watched are polled.
    pub(crate) polls: bool,
    /// Whether all are.
    pub(crate) always: bool,
    /// Whether the servers of shared directories know what they are asked for by its path.
    pub(crate) by_path: bool,
    /// Whether closed files are reported.
    pub(crate) closed: bool,
    /// Whether nobody can find out who has a file open.
    pub(crate) blind: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            roots: vec!["t".to_owned()],
            recursive: true,
            lags: false,
            ignores: false,
            only: false,
            follows: false,
            coarse: false,
            births: true,
            polls: false,
            always: false,
            by_path: false,
            closed: false,
            blind: false,
        }
    }
}

impl Settings {
    fn options(&self) -> Options {
        let mut options = Options::new(self.recursive);
        options.filter = self.filter();
        options.follow_links = self.follows;
        options.closed = self.closed;
        options.poll = self.polls.then_some(Duration::from_secs(1));
        options.poll_always = self.always;
        for root in &self.roots {
            options.add_as(root.as_bytes(), format!("/{root}").as_bytes());
        }
        options
    }

    fn filter(&self) -> Filter {
        let mut filter = Filter::new();
        if self.ignores {
            filter.ignore(&["d*"]).unwrap();
        }
        if self.only {
            filter.only(&["a*", "b*"]).unwrap();
        }
        filter
    }

    /// The roots below a root, relative to it.
    fn inner(&self, root: &str) -> impl Iterator<Item = &str> {
        let below = format!("{root}/");
        self.roots.iter().filter_map(move |inner| inner.strip_prefix(&below))
    }

    fn is_inner(&self, root: &str) -> bool {
        self.roots.iter().any(|outer| root.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/')))
    }

    /// Whether a path below a root is included.
    fn includes(&self, below: &str, isdir: bool) -> bool {
        let ignored = self.ignores && below.split('/').any(|name| name.starts_with('d'));
        // A directory that matches includes all its files.
        let wanted = !self.only || !isdir && below.split('/').any(|name| name.starts_with(['a', 'b']));
        !ignored && wanted
    }
}

/// This many rounds must make everything quiet.
const ROUNDS: usize = 40;

/// What is at a path.
struct Real {
    isdir: bool,
    ino: Ino,
    /// When it was changed last through this path, and what was in it then.
    changed: u64,
    version: u64,
    /// Whether it came unseen.
    polled: bool,
    /// A symbolic link to a file, which is the one described here.
    link: bool,
}

/// More effects than one another or so many events can cause.
const EFFECTS: usize = 1_000;

pub(crate) struct World {
    settings: Settings,
    system: Simulated,
    pub(crate) engine: Engine<Simulated>,
    consumer: Consumer,
    /// The effects that are not carried out.
    effects: Vec<Effect>,
    /// The position when changes were delivered last.
    mark: u64,
    /// How many batches were delivered when one was taken last, and the position then.
    taken: (u64, u64),
    /// How many batches the consumer had read when it said so last, and the position then.
    done: (u64, u64),
    begun: bool,
    /// The last checkpoint, and the consumer as it was then.
    checkpoint: Option<(Vec<u8>, Consumer)>,
    /// How many batches were reported before another process went on from it. `None`: none does.
    restarted: Option<usize>,
    /// Whether something happened before that.
    raced: bool,
    ready: Option<(Vec<Change>, u64)>,
    /// All reported changes, a batch a line.
    pub(crate) reported: Vec<Vec<String>>,
    /// Paths that cannot be watched or read, as reported.
    pub(crate) errors: Vec<String>,
    traced: bool,
}

impl World {
    pub(crate) fn new(settings: &Settings, before: &[Op]) -> Self {
        let mut disk = Disk::new();
        disk.stamps_dirs = settings.polls;
        for op in before {
            disk.perform(op);
        }
        let mut consumer = Consumer::default();
        consumer.directories = !settings.only;
        consumer.roots = settings.roots.clone();
        consumer.follows = settings.follows;
        consumer.closed = settings.closed;
        let system = Simulated::new(disk, settings);
        Self {
            settings: settings.clone(),
            engine: Engine::new(system.clone(), &settings.options()),
            system,
            consumer,
            effects: Vec::new(),
            mark: 0,
            taken: (0, 0),
            done: (0, 0),
            begun: false,
            checkpoint: None,
            restarted: None,
            raced: false,
            ready: None,
            reported: Vec::new(),
            errors: Vec::new(),
            traced: std::env::var_os("INOTIFY_RS_MODEL_TRACE").is_some(),
        }
    }

    fn disk(&self) -> Ref<'_, Disk> {
        self.system.disk()
    }

    fn disk_mut(&self) -> RefMut<'_, Disk> {
        self.system.disk_mut()
    }

    pub(crate) fn model(&self) -> &Model {
        self.engine.model()
    }

    /// Runs a script to its end, and on until all is quiet. Returns what is wrong.
    pub(crate) fn run(&mut self, steps: &[Step]) -> Result<(), String> {
        self.steps(steps)?;
        self.begin()?;
        self.sync().map_err(|what| format!("at the end: {what}"))
    }

    /// Runs a script only.
    pub(crate) fn steps(&mut self, steps: &[Step]) -> Result<(), String> {
        steps.iter().try_for_each(|step| {
            self.trace(|| step.to_string());
            self.step(step).map_err(|what| format!("at `{step}`: {what}"))
        })
    }

    fn trace(&self, what: impl FnOnce() -> String) {
        if self.traced {
            eprintln!("{}", what());
        }
    }

    /// Lets everything be read and watched. Then everything must be known and watched, and nothing else.
    pub(crate) fn verify(&mut self) -> Result<(), String> {
        for op in [Op::Release, Op::Limit(None), Op::Descriptors(None), Op::Capacity(usize::MAX)] {
            self.disk_mut().perform(&op);
        }
        self.disk_mut().permit_all();
        self.sync().map_err(|what| format!("with all permitted: {what}"))?;
        self.watches().map_err(|what| format!("with all permitted: {what}"))?;
        for dir in self.directories() {
            self.disk_mut().perform(&Op::Write(format!("{dir}/b-last")));
        }
        let links = self.disk().links();
        for (path, target) in &links {
            self.disk_mut().perform(&Op::Remove(path.clone()));
            self.disk_mut().perform(&Op::Symlink(target.clone(), path.clone()));
        }
        self.sync().map_err(|what| format!("after a last touch everywhere: {what}"))?;
        self.watches().map_err(|what| format!("after a last touch everywhere: {what}"))?;
        self.followed().map_err(|what| format!("after a last touch everywhere: {what}"))
    }

    pub(crate) fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Do(op) => {
                self.raced |= !self.begun && self.restarted.is_none();
                self.disk_mut().perform(op);
            }
            Step::Between(count, op) => self.disk_mut().perform_between(*count, op),
            Step::Forge(event) => self.disk_mut().forge(event.clone()),
            Step::Read => self.read(),
            Step::Apply(count) => self.apply(*count),
            Step::Work(None, _) => self.work_all()?,
            Step::Work(Some(which), during) => {
                self.raced |= !self.begun && self.restarted.is_none();
                self.work(*which, during);
            }
            Step::Close => self.engine.close_dirs(),
            Step::Finish => self.engine.steps().finish_pending(),
            Step::Poll(during) => self.poll(during)?,
            Step::Retry => self.engine.steps().retry(),
            Step::Begin => self.begin()?,
            Step::Deliver => self.deliver()?,
            Step::Merge => self.merge()?,
            Step::Take => self.take()?,
            Step::Consume => self.consume(),
            Step::Done => self.done(),
            Step::Sync if self.begun => self.sync()?,
            Step::Sync => {}
            Step::Checkpoint(during) if self.begun => self.write_checkpoint(during)?,
            Step::Checkpoint(_) => {}
            Step::Restart => self.restart(),
        }
        Ok(())
    }

    fn read(&mut self) {
        self.engine.steps().read().unwrap();
    }

    fn apply(&mut self, count: Option<usize>) {
        for _ in 0..count.unwrap_or(usize::MAX) {
            if !self.engine.has_events() {
                self.read();
            }
            if !self.engine.has_events() {
                return;
            }
            self.engine.steps().apply();
        }
    }

    /// An effect in words: `scan t/a`, `stat t/a/b`, `unwatch 7`.
    fn name(&self, effect: &Effect) -> String {
        let path = |node| self.model().path(node).map_or("nowhere".to_owned(), |path| text(&path));
        match effect {
            Effect::Scan(node) => format!("scan {}", path(*node)),
            Effect::ResolveRoot(root) => format!("resolve {}", path(*root)),
            Effect::ResolveLink(link) | Effect::ReleaseLink(link) => {
                let place = self.model().link_place(*link).map(|(dir, name)| format!("{}/{}", path(*dir), text(name)));
                let what = if matches!(effect, Effect::ResolveLink(_)) { "resolve" } else { "release" };
                format!("{what} {}", place.unwrap_or_default())
            }
            Effect::Stat(dir, name) => format!("stat {}/{}", path(*dir), text(name)),
            Effect::StatClosed(dir, name) => format!("closed {}/{}", path(*dir), text(name)),
            Effect::FindWriter(dir, name) => format!("writer {}/{}", path(*dir), text(name)),
            Effect::ReadRules(dir) => format!("rules {}", path(*dir)),
            Effect::Unwatch(wd) => format!("unwatch {wd}"),
        }
    }

    /// The open effects, the latest first.
    pub(crate) fn open(&mut self) -> Vec<String> {
        self.gather();
        self.effects.iter().rev().map(|effect| self.name(effect)).collect()
    }

    fn effect(&mut self, which: usize) -> Option<Effect> {
        self.gather();
        let count = self.effects.len();
        (count > 0).then(|| self.effects.remove(count - 1 - which % count))
    }

    fn gather(&mut self) {
        let begin = self.effects.len();
        while let Some(effect) = self.engine.steps().next_effect() {
            self.effects.push(effect);
        }
        // They came newest first.
        if let Some(new) = self.effects.get_mut(begin..) {
            new.reverse();
        }
    }

    /// Carries out an effect. Returns whether there was one.
    fn work(&mut self, which: usize, ops: &[(usize, Op)]) -> bool {
        self.system.begin(ops);
        let effect = self.effect(which);
        let any = effect.is_some();
        if let Some(effect) = effect {
            self.trace(|| format!("  effect {}", self.name(&effect)));
            self.engine.steps().carry_out(effect);
        }
        self.system.end();
        self.gather();
        let finished = self.effects.is_empty();
        any || finished && self.engine.steps().finish_effects()
    }

    /// Scans what is polled.
    fn poll(&mut self, during: &[(usize, Op)]) -> Result<(), String> {
        self.system.begin(during);
        let polled = self.engine.steps().poll();
        self.system.end();
        polled.map_err(|error| error.to_string())?;
        self.engine.close_dirs();
        Ok(())
    }

    fn work_all(&mut self) -> Result<(), String> {
        let mut count = 0;
        while self.work(0, &[]) {
            count += 1;
            if count + self.effects.len() > EFFECTS {
                return Err("effects come of effects without end".to_owned());
            }
        }
        self.engine.close_dirs();
        self.take_errors();
        Ok(())
    }

    fn take_errors(&mut self) {
        for error in self.engine.take_errors() {
            match error {
                WatchError::Denied(path, errno, _) => self.errors.push(format!("{} {errno}", text(&path))),
                WatchError::Polled(path, ..) => self.errors.push(format!("{} polled", text(&path))),
                _ => {}
            }
        }
    }

    fn begin(&mut self) -> Result<(), String> {
        if self.begun {
            return Ok(());
        }
        self.work_all()?;
        self.finish()?;
        if self.restarted.is_some() {
            return self.begin_since();
        }
        self.engine.begin(&mut |_| true).map_err(|error| error.to_string())?;
        self.begun = true;
        let clock = self.disk().clock;
        for (path, kind) in self.engine.paths() {
            let path = text(&path);
            let read = self.consumer.read_one(&self.system.disk(), &path);
            self.consumer.numbers += 1;
            let number = self.consumer.numbers;
            self.consumer
                .known
                .insert(path, Known { directory: kind == Kind::Dir, reported: clock, read, number, open: false });
        }
        Ok(())
    }

    /// Keeps what the consumer knows, and a checkpoint, with operations between its system calls.
    fn write_checkpoint(&mut self, during: &[(usize, Op)]) -> Result<(), String> {
        self.consume();
        self.apply(None);
        self.work_all()?;
        self.system.begin(during);
        let bytes = self.engine.checkpoint(&mut |_| true).map_err(|error| error.to_string())?;
        self.system.end();
        self.engine.close_dirs();
        self.checkpoint = bytes.map(|bytes| (bytes, self.consumer.clone()));
        Ok(())
    }

    /// Has another process go on from the last checkpoint.
    fn restart(&mut self) {
        let Some((_, consumer)) = &self.checkpoint else { return };
        self.consumer = consumer.clone();
        self.effects.clear();
        self.engine = Engine::new(self.system.clone(), &self.settings.options());
        self.engine.expect_checkpoint();
        self.system.reopen();
        (self.mark, self.taken, self.done, self.begun, self.ready) = (0, (0, 0), (0, 0), false, None);
        self.restarted = Some(self.reported.len());
    }

    fn begin_since(&mut self) -> Result<(), String> {
        let Some((bytes, _)) = &self.checkpoint else { return Ok(()) };
        let checkpoint = Checkpoint::decode(bytes.clone()).map_err(|defect| defect.to_string())?;
        if let Some(difference) = checkpoint.difference(&self.engine.settings()) {
            return Err(difference);
        }
        self.engine.begin_since(&checkpoint, &mut |_| true).map_err(|error| error.to_string())?;
        self.engine.close_dirs();
        self.begun = true;
        Ok(())
    }

    /// Finishes what waits for events, except for those that are read.
    fn finish(&mut self) -> Result<(), String> {
        self.engine.steps().finish_pending();
        self.work_all()
    }

    fn deliver(&mut self) -> Result<(), String> {
        if self.ready.is_some() || !self.begun {
            return Ok(());
        }
        while !self.settings.lags && !self.engine.has_passed(self.mark) {
            self.apply(Some(1));
        }
        self.finish()?;
        let changes = self.engine.take_changes();
        self.mark = self.engine.position();
        if !changes.is_empty() {
            self.trace(|| format!("  reported {:?}", changes.iter().map(show).collect::<Vec<_>>()));
            self.reported.push(changes.iter().map(show).collect());
            let clock = self.disk().clock;
            self.ready = Some((changes, clock));
        }
        let (batch, position) = self.done;
        self.engine.was_read_at(batch, position);
        self.note_taken();
        Ok(())
    }

    /// Adds all changes until now to the batch that is ready.
    fn merge(&mut self) -> Result<(), String> {
        let Some((old, _)) = self.ready.take() else { return self.deliver() };
        self.apply(None);
        self.finish()?;
        let mut merged = Vec::new();
        let count = self.engine.merge(|changes| {
            merged = changes;
            Some(old)
        });
        count.ok_or("the batch that lies ready is taken")?;
        self.mark = self.engine.position();
        self.trace(|| format!("  merged {:?}", merged.iter().map(show).collect::<Vec<_>>()));
        self.reported.pop();
        if !merged.is_empty() {
            self.reported.push(merged.iter().map(show).collect());
            let clock = self.disk().clock;
            self.ready = Some((merged, clock));
        }
        Ok(())
    }

    fn take(&mut self) -> Result<(), String> {
        self.consume();
        match self.ready.take() {
            Some((changes, clock)) => {
                self.engine.was_taken();
                let reported = self.reported.len() - self.restarted.unwrap_or(0);
                self.taken = (reported as u64, self.engine.position());
                self.note_taken();
                self.consumer.take(&changes, clock)
            }
            None => Ok(()),
        }
    }

    /// Says which batches had right paths when they were taken.
    fn note_taken(&mut self) {
        let (batch, position) = self.taken;
        self.engine.was_taken_at(batch, position);
    }

    fn consume(&mut self) {
        self.consumer.read(&self.system.disk());
    }

    fn done(&mut self) {
        self.consume();
        self.done = (self.taken.0, self.engine.position());
    }

    /// Lets the engine work as when it is polled, until all is quiet, and compares.
    fn sync(&mut self) -> Result<(), String> {
        self.take()?;
        let mut rounds = 0;
        loop {
            self.work_all()?;
            // All retries are due.
            self.system.advance(Duration::from_secs(1));
            let now = self.system.instant();
            let mut count = 0;
            let mut proceed = |_: &_| {
                count += 1;
                count < EFFECTS
            };
            self.engine.process(now, &mut proceed).map_err(|error| error.to_string())?;
            self.engine.finish_pending(&mut proceed).map_err(|error| error.to_string())?;
            if count >= EFFECTS {
                return Err("effects come of effects without end".to_owned());
            }
            self.engine.close_dirs();
            self.take_errors();
            let quiet = !self.engine.has_events() && self.disk().queue.is_empty();
            if quiet && (!self.model().has_pending() || self.model().has_denied()) {
                break;
            }
            rounds += 1;
            if rounds > ROUNDS {
                if self.model().has_denied() {
                    // Each retry may add and remove a watch, and so queue an event.
                    break;
                }
                return Err("it does not come to rest".to_owned());
            }
        }
        self.deliver()?;
        self.take()?;
        self.consume();
        self.compare()
    }

    // What must be true.

    /// The roots that exist: the path of each, and its inode.
    fn roots(&self) -> Vec<(String, Ino)> {
        let roots = self.settings.roots.iter();
        roots.filter_map(|path| Some((path.clone(), self.root(path)?))).collect()
    }

    fn root(&self, path: &str) -> Option<Ino> {
        // A link to nothing exists if it is in another root.
        self.disk().follow(path).or_else(|| self.disk().follow_parent(path).filter(|_| self.settings.is_inner(path)))
    }

    /// The directories that exist, by a path that leads there.
    fn directories(&self) -> Vec<String> {
        let mut dirs = Vec::new();
        for (root, ino) in self.roots() {
            let found = self.disk().walk(ino, &root, self.settings.recursive);
            if self.disk().is_dir(ino)
                && !self.disk().find(&root).is_none_or(|ino| matches!(self.disk().body(ino), Body::Link(_)))
            {
                dirs.push(root.clone());
                if self.settings.recursive {
                    dirs.extend(found.into_iter().filter(|(_, it)| self.disk().is_dir(it.ino)).map(|(path, _)| path));
                }
            }
        }
        dirs
    }

    /// Where links are followed: the watched inode by the path of each directory of the model. A link may lead
    /// elsewhere without an event if something on its path was renamed.
    fn entered(&self) -> BTreeMap<String, Option<Ino>> {
        let dirs = self.model().directories().into_iter().filter(|_| self.settings.follows);
        let watched = |node| self.ino(self.model().wd(node)?);
        dirs.filter_map(|node| Some((text(&self.model().path(node)?), watched(node)))).collect()
    }

    /// The directory of a wd, or of the number of a polled one.
    fn ino(&self, wd: i32) -> Option<Ino> {
        let polled = self.engine.polled_identity(wd).and_then(|(_, _, ino)| Ino::try_from(ino).ok());
        polled.or_else(|| self.disk().watched(wd))
    }

    /// Everything below a root.
    fn walk(&self, ino: Ino, root: &str, entered: &BTreeMap<String, Option<Ino>>) -> Vec<(String, Entry)> {
        let mut found = self.disk().walk(ino, root, self.settings.recursive && !self.settings.follows);
        let mut next = 0;
        while let Some((path, _)) = found.get(next) {
            if let Some(Some(ino)) = entered.get(path) {
                let below = self.disk().walk(*ino, path, false);
                found.extend(below);
            }
            next += 1;
        }
        found
    }

    /// The paths that must be known.
    fn real(&self) -> BTreeMap<String, Real> {
        let mut real = BTreeMap::new();
        let entered = self.entered();
        for (root, ino) in self.roots() {
            let isdir = self.disk().is_dir(ino);
            if !(isdir && self.settings.only) {
                let polled = self.disk().follow_to_entry(&root).is_some_and(|entry| entry.polled);
                real.insert(root.clone(), Real { isdir, ino, changed: 0, version: 0, polled, link: false });
            }
            let inner: Vec<String> = self.settings.inner(&root).map(|inner| format!("{root}/{inner}")).collect();
            let is_excluded = |path: &str| inner.iter().any(|it| Path::new(path).starts_with(it));
            for (path, entry) in self.walk(ino, &root, &entered).into_iter().filter(|(path, _)| !is_excluded(path)) {
                let isdir = self.disk().is_dir(entry.ino) || entered.contains_key(&path);
                if self.settings.includes(&path[root.len() + 1..], isdir) {
                    let target = self.target(&entry).filter(|_| !isdir);
                    let link = target.is_some();
                    let polled = entry.polled || target.as_ref().is_some_and(|target| target.polled);
                    let Entry { ino, changed, version, .. } = target.unwrap_or(entry);
                    real.insert(path, Real { isdir, ino, changed, version, polled, link });
                }
            }
        }
        real
    }

    /// The file that a symbolic link leads to, if links are followed.
    fn target(&self, entry: &Entry) -> Option<Entry> {
        let disk = self.disk();
        let Body::Link(text) = disk.body(entry.ino) else { return None };
        let target = disk.follow_to_entry(text).filter(|_| self.settings.follows)?;
        (*disk.body(target.ino) == Body::File).then(|| target.clone())
    }

    fn compare(&self) -> Result<(), String> {
        let path = |node| self.model().path(node).map_or(String::new(), |path| text(&path));
        let denied: Vec<String> = self.model().denied().map(|(node, _)| path(node)).collect();
        let excused = |path: &str| {
            denied.iter().any(|denied| {
                let below = path.strip_prefix(denied.as_str());
                below.is_some_and(|below| {
                    below.starts_with('/') || below.is_empty() && self.settings.roots.contains(denied)
                })
            })
        };
        let real = self.real();
        let mut wrong = Vec::new();
        for (path, known) in &self.consumer.known {
            match real.get(path) {
                _ if excused(path) => {}
                None => wrong.push(format!("not there: {path}")),
                Some(it) if it.isdir != known.directory => wrong.push(format!("the other kind: {path}")),
                Some(it) if it.isdir || it.polled => {}
                // Nobody sees the target of a link that cannot be followed.
                Some(it) if it.link && self.model().has_denied() => {}
                Some(it) => {
                    // Where nobody watched, a new name of a file that had others looks as one that it was renamed to,
                    // and two names that were exchanged as they were. What moved during the first scan is not found.
                    let is_unfound = self.raced && known.read.is_none();
                    let is_read = is_unfound || known.read == self.consumer.read_one(&self.disk(), path);
                    let is_renamed = is_read && (self.restarted.is_some() || self.settings.polls)
                        || self.restarted.is_some() && self.disk().names(it.ino) > 1;
                    let unread = known.read.is_none_or(|(ino, version)| ino != it.ino || version < it.version);
                    // These are examined later.
                    let is_held = self.disk().held.contains(&it.ino);
                    let is_later = is_held || it.link || self.settings.polls || !self.disk().is_searchable();
                    if known.open && !is_later {
                        wrong.push(format!("not reported as closed: {path}"));
                    }
                    if known.reported < it.changed && !is_renamed {
                        wrong.push(format!("not reported of its last change: {path}"));
                    } else if unread && !self.settings.lags && (!self.settings.follows || it.link) && !self.raced {
                        wrong.push(format!("not read since its last change: {path}"));
                    }
                }
            }
        }
        wrong.extend(
            real.keys()
                .filter(|path| !excused(path) && !self.consumer.known.contains_key(*path))
                .map(|path| format!("not known: {path}")),
        );
        let mut paths: Vec<String> = self.model().paths().iter().map(|(path, _)| text(path)).collect();
        paths.sort();
        if wrong.is_empty() && denied.is_empty() && !paths.iter().eq(real.keys()) {
            wrong.push(format!("the tree has other paths than it reported: {paths:?}"));
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
    }

    /// Every directory, behind a link or not, is entered somewhere.
    fn followed(&self) -> Result<(), String> {
        let entered = self.entered();
        let watched: BTreeSet<Ino> =
            self.model().directories().into_iter().filter_map(|dir| self.ino(self.model().wd(dir)?)).collect();
        for (path, it) in self.real().iter().filter(|_| self.settings.follows && self.settings.recursive) {
            let disk = self.disk();
            let ino = match disk.body(it.ino) {
                Body::Link(target) => disk.follow(target),
                _ => Some(it.ino),
            };
            let Some(ino) = ino.filter(|ino| disk.is_dir(*ino)) else { continue };
            if entered.get(path).copied().flatten().is_some_and(|other| other != ino) {
                return Err(format!("another directory is behind {path}"));
            }
            if !watched.contains(&ino) {
                return Err(format!("nobody entered {path}"));
            }
        }
        Ok(())
    }

    /// Everything is watched that must be, and nothing else.
    fn watches(&mut self) -> Result<(), String> {
        if self.model().has_denied() {
            return Err(format!("denied: {:?}", self.model().denied().collect::<Vec<_>>()));
        }
        let differences = self.engine.audit().map_err(|error| error.to_string())?;
        self.engine.close_dirs();
        match differences.first() {
            Some(difference) => Err(text(&difference.sentence)),
            None => Ok(()),
        }
    }
}
