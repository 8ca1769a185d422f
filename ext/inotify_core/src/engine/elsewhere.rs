//! Scans that may block for ever: those of file systems whose server may not reply, and of all directories where the
//! program asks for polling. The [`System`] carries them out where they block nobody; the results are applied later.
//!
//! A *place* is a mounted file system, or a root that is polled in any case: its scans are carried out one after the
//! other. A scan is of a [`Subject`], at a path below a base: the path of a root, or of a link that is followed.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use hashbrown::HashMap;

use crate::git::DirRules;
use crate::model::{Followed, FoundLink, FoundRoot, LinkId, Model, NodeId};
use crate::paths::join;
use crate::stamp::Stamp;
use crate::system::System;
use crate::tick::Tick;

use super::Engine;
use super::access::Obstacle;
use super::jobs::{Found, Scan, Scans, Subject};
use super::mounts::MountedFiles;
use super::roots::RootSet;
use super::snapshot::{How, PolledFile, Snapshot};

/// A place that has not replied for so long is taken to hang.
const PATIENCE: Duration = Duration::from_secs(2);

/// Something that is scanned in a place.
#[derive(Debug)]
struct Registered {
    place: Vec<u8>,
    serial: u64,
    /// For a root: the real path that it has.
    real_path: Option<Vec<u8>>,
}

#[derive(Debug)]
struct Place {
    /// The subjects to scan next, and whether their ignored entries are examined.
    open: BTreeMap<Subject, bool>,
    /// Since when scans are being carried out.
    running: Option<Instant>,
    /// When the last pass began, and how long it took.
    begun: Instant,
    took: Duration,
    /// When that pass began, and the last one that is over: by the clock that files are stamped by.
    tick: Tick,
    known: Tick,
    /// The request that the present pass is for.
    pass: Option<u64>,
    /// The last request that a pass has served.
    served: u64,
}

/// A file that is mounted by itself.
#[derive(Debug)]
struct MountedFile {
    /// Its directory and name.
    at: (NodeId, Box<[u8]>),
    /// `None`: it was not scanned yet.
    found: Option<PolledFile>,
}

/// See the module's description.
#[derive(Debug)]
pub(super) struct Elsewhere {
    /// Whether everything is scanned there.
    pub(super) always: bool,
    subjects: HashMap<Subject, Registered>,
    places: BTreeMap<Vec<u8>, Place>,
    files: BTreeMap<u64, MountedFile>,
    serial: u64,
    done: (Sender<Scans>, Receiver<Scans>),
}

impl Elsewhere {
    pub(super) fn new(always: bool) -> Self {
        Self {
            always,
            subjects: HashMap::new(),
            places: BTreeMap::new(),
            files: BTreeMap::new(),
            serial: 0,
            done: channel(),
        }
    }

    pub(super) fn contains(&self, subject: Subject) -> bool {
        self.subjects.contains_key(&subject)
    }

    /// Whether a directory is scanned in a place.
    pub(super) fn has_dir(&self, node: NodeId) -> bool {
        self.contains(Subject::Dir(node)) || self.contains(Subject::Root(node))
    }

    /// The real path of a root that is scanned in a place.
    pub(super) fn real_path(&self, root: NodeId) -> Option<&Vec<u8>> {
        self.subjects.get(&Subject::Root(root))?.real_path.as_ref()
    }

    fn place_of_dir(&self, node: NodeId) -> Option<&Vec<u8>> {
        let registered = self.subjects.get(&Subject::Dir(node)).or_else(|| self.subjects.get(&Subject::Root(node)));
        registered.map(|it| &it.place)
    }

    pub(super) fn forget(&mut self, subject: Subject) {
        if let Some(it) = self.subjects.remove(&subject) {
            if let Some(place) = self.places.get_mut(&it.place) {
                place.open.remove(&subject);
            }
        }
    }

    /// Forgets everything that does not exist any more.
    pub(super) fn retain(&mut self, model: &Model) {
        let Self { subjects, files, .. } = self;
        files.retain(|_, file| model.is_file(file.at.0, &file.at.1));
        subjects.retain(|subject, _| match subject {
            Subject::Root(root) => model.is_root(*root),
            Subject::Dir(node) => !model.is_root(*node) && model.place(*node).is_some(),
            Subject::Link(link) => model.link_place(*link).is_some(),
            Subject::File(number) => files.contains_key(number),
        });
    }

    fn register(&mut self, place: &[u8], subject: Subject) {
        if self.subjects.get(&subject).is_none_or(|it| it.place != place) {
            self.forget(subject);
            self.serial += 1;
            self.subjects.insert(subject, Registered { place: place.to_vec(), serial: self.serial, real_path: None });
        }
    }

    /// Has something scanned in a place.
    fn request(&mut self, place: &[u8], subject: Subject, includes_all: bool, (now, tick): (Instant, Tick)) {
        self.register(place, subject);
        let new = || Place {
            open: BTreeMap::new(),
            running: None,
            begun: now,
            took: Duration::ZERO,
            tick,
            known: tick,
            pass: None,
            served: 0,
        };
        *self.places.entry(place.to_vec()).or_insert_with(new).open.entry(subject).or_default() |= includes_all;
    }

    /// The directories and names of the files that are mounted by themselves.
    pub(super) fn files(&self) -> impl Iterator<Item = &(NodeId, Box<[u8]>)> {
        self.files.values().map(|file| &file.at)
    }

    /// The stamp of a file that is mounted by itself, if it was scanned. `None`: it is not mounted.
    pub(super) fn file(&self, dir: NodeId, name: &[u8]) -> Option<Option<Stamp>> {
        self.files.values().find(|file| file.at.0 == dir && *file.at.1 == *name).map(|file| Some(file.found?.stamp))
    }

    /// Whether scans are open or being carried out.
    pub(super) fn is_busy(&self) -> bool {
        self.places.values().any(|place| place.running.is_some() || !place.open.is_empty())
    }

    /// Whether every place has served a request, or hangs, if that is enough.
    pub(super) fn has_served(&self, request: u64, hung: Option<Instant>) -> bool {
        self.places.values().all(|place| place.served >= request && place.open.is_empty() || place.hangs(hung))
    }

    /// The places that hang.
    pub(super) fn hung(&self, now: Instant) -> impl Iterator<Item = &Vec<u8>> {
        self.places.iter().filter(move |(_, place)| place.hangs(Some(now))).map(|(path, _)| path)
    }

    /// Since when changes in each place may not be known. `hung`: of those that do not hang.
    pub(super) fn known(&self, hung: Option<Instant>) -> impl Iterator<Item = Tick> + '_ {
        self.places.values().filter(move |place| !place.hangs(hung)).map(|place| place.known)
    }

    /// How long the slowest pass took.
    pub(super) fn took(&self) -> Duration {
        self.places.values().map(|place| place.took).max().unwrap_or_default()
    }
}

impl<S: System> Engine<S> {
    /// Has the files that are mounted by themselves in some roots scanned, and no others there. They are given with the
    /// paths of the mounts.
    pub(super) fn scan_files(&mut self, mut files: MountedFiles, roots: &RootSet) {
        let mut changed = Vec::new();
        let Self { elsewhere, model, .. } = self;
        elsewhere.files.retain(|_, file| {
            let retained = !roots.contains(model.root_of(file.at.0)) || files.remove(&file.at).is_some();
            if !retained {
                changed.push(file.at.clone());
            }
            retained
        });
        for (at, path) in files {
            changed.push(at.clone());
            self.elsewhere.serial += 1;
            let number = self.elsewhere.serial;
            self.elsewhere.files.insert(number, MountedFile { at, found: None });
            self.request(&path, Subject::File(number), true);
        }
        // Another file is there now.
        changed.into_iter().for_each(|at| self.model.file_changed(&at));
    }

    fn apply_found_file(&mut self, number: u64, result: &Result<Reached, Obstacle>) {
        // Without a stamp it cannot be reached: the table of mounts says whether it is gone.
        let found = result.as_ref().ok().and_then(|entered| entered.file);
        let Self { system, model, elsewhere, passes, .. } = self;
        let (Some(mut found), Some(file)) = (found, elsewhere.files.get_mut(&number)) else { return };
        let place = Some((file.at.0, &*file.at.1));
        let changed = passes.compare(system, model, place, &mut found, file.found);
        file.found = Some(found);
        if changed {
            model.file_changed(&file.at);
        }
    }

    /// The place in which the directory of a node must be scanned; `None`: here.
    fn place_of(&self, node: NodeId) -> Option<Vec<u8>> {
        if self.elsewhere.always {
            return self.dirs.open.roots.get(&self.model.root_of(node)).cloned();
        }
        let polled = &self.dirs.polled;
        let (parent, name) = self.model.place(node).filter(|_| polled.has_remote())?;
        if let Some(place) = self.elsewhere.place_of_dir(parent) {
            return Some(place.clone());
        }
        if !polled.may_be_remote(name) {
            return None;
        }
        let real = |followed| self.resolver.real_paths(followed).last();
        let path = self.model.path_below(node, |at| {
            let link = || self.model.link_of(at).and_then(|link| real(Followed::Link(link)));
            let root = || real(Followed::Dir(at)).or_else(|| self.dirs.open.roots.get(&at));
            if self.model.is_root(at) { root() } else { link() }.map(Vec::as_slice)
        });
        path.filter(|path| polled.is_remote(path))
    }

    /// Has a directory scanned elsewhere if that is where it is. Returns whether it is.
    pub(super) fn scan_elsewhere(&mut self, node: NodeId) -> bool {
        let subject = Subject::Dir(node);
        match self.place_of(node) {
            Some(place) => {
                self.request(&place, subject, true);
                true
            }
            None => {
                self.elsewhere.forget(subject);
                false
            }
        }
    }

    /// Has something scanned in a place.
    pub(super) fn request(&mut self, place: &[u8], subject: Subject, includes_all: bool) {
        let now = (self.system.instant(), self.system.tick());
        self.elsewhere.request(place, subject, includes_all, now);
    }

    /// Has something scanned in the place in which a directory is scanned. Returns whether there is one.
    pub(super) fn request_in_place_of(&mut self, dir: NodeId, subject: Subject) -> bool {
        let Some(place) = self.elsewhere.place_of_dir(dir).cloned() else { return false };
        self.request(&place, subject, true);
        true
    }

    /// When a place must be scanned.
    pub(super) fn elsewhere_due(&self) -> Option<Instant> {
        let due = |place: &Place| match place.running {
            Some(since) => Some(since + PATIENCE).filter(|due| *due > self.system.instant()),
            None if place.pass.is_none() && self.passes.requested > place.served => Some(place.begun),
            None => place.begun.checked_add(self.passes.pause_after(place.took)),
        };
        self.elsewhere.places.values().filter_map(due).min()
    }

    /// Begins the passes that are due.
    pub(super) fn begin_passes(&mut self, now: Instant) {
        if self.elsewhere.places.is_empty() {
            return;
        }
        let tick = self.system.tick();
        let Self { elsewhere, passes, model, .. } = self;
        elsewhere.retain(model);
        let Elsewhere { subjects, places, .. } = elsewhere;
        let used: BTreeSet<&Vec<u8>> = subjects.values().map(|it| &it.place).collect();
        places.retain(|path, _| used.contains(path));
        for (path, place) in places {
            let idle = place.running.is_none() && place.pass.is_none();
            let due = place.begun.checked_add(passes.pause_after(place.took)).is_some_and(|due| due <= now);
            if idle && (due || passes.requested > place.served) {
                place.begun = now;
                place.tick = tick;
                place.pass = Some(passes.requested);
                // The target of a link is scanned with the link.
                let is_scanned = |subject: &Subject| !matches!(subject, Subject::Dir(node) if model.is_link(*node));
                let all = subjects.iter().filter(|(subject, it)| it.place == *path && is_scanned(subject));
                all.for_each(|(subject, _)| _ = place.open.entry(*subject).or_default());
            }
        }
    }

    /// Gives open scans to the system, and applies the results that are there. Returns whether there were any.
    pub(super) fn exchange(&mut self) -> bool {
        if self.elsewhere.places.is_empty() {
            return false;
        }
        self.dispatch();
        let mut any = false;
        while let Ok(scans) = self.elsewhere.done.1.try_recv() {
            self.receive(scans);
            any = true;
        }
        any
    }

    fn dispatch(&mut self) {
        let ready = |place: &&mut Place| place.running.is_none() && !place.open.is_empty();
        let mut all = Vec::new();
        for (path, place) in &mut self.elsewhere.places {
            if ready(&place) {
                all.push((path.clone(), mem::take(&mut place.open)));
            }
        }
        for (path, open) in all {
            let scans: Vec<Scan> = open.into_iter().filter_map(|(subject, all)| self.scan_of(subject, all)).collect();
            let now = self.system.instant();
            if let Some(place) = self.elsewhere.places.get_mut(&path) {
                if scans.is_empty() {
                    place.finish(now);
                    continue;
                }
                place.running = Some(now);
            }
            self.system.elsewhere(&path.clone(), Scans { place: path, scans }, &self.elsewhere.done.0);
        }
    }

    fn scan_of(&mut self, subject: Subject, includes_all: bool) -> Option<Scan> {
        let serial = self.elsewhere.subjects.get(&subject)?.serial;
        let (base, below) = self.split_path_of(subject)?;
        let node = self.node_of(subject);
        let since = node.and_then(|node| self.changed_since(node));
        let follows_links = self.model.follows_links();
        let how = How { follows_links, lists: includes_all, by_path: true, includes_all, since };
        // A copy: the last scan is kept even if the place does not reply.
        let last = node.and_then(|node| self.dirs.polled.get(node)).cloned();
        Some(Scan {
            subject,
            serial,
            base,
            below,
            last,
            how,
            rules: self.model.uses_gitignore(),
            inner: matches!(subject, Subject::Root(root) if self.inner.contains(&root)),
            found: None,
            real_path: None,
        })
    }

    /// An absolute path that may lead over symbolic links, and one below it that may not.
    fn split_path_of(&self, subject: Subject) -> Option<(Vec<u8>, Vec<u8>)> {
        let (dir, name) = match subject {
            Subject::Root(root) => return Some((self.dirs.open.roots.get(&root)?.clone(), Vec::new())),
            Subject::Dir(node) => return self.dirs.split_path(&self.model, node),
            Subject::Link(link) => self.model.link_place(link)?,
            Subject::File(number) => &self.elsewhere.files.get(&number)?.at,
        };
        Some((join(&self.dirs.path(&self.model, *dir)?, name), Vec::new()))
    }

    /// The directory of a subject. `None`: the link is not entered.
    fn node_of(&self, subject: Subject) -> Option<NodeId> {
        match subject {
            Subject::Root(node) | Subject::Dir(node) => Some(node),
            Subject::Link(link) => self.model.link_place(link).and_then(|(dir, name)| self.model.child(*dir, name)),
            Subject::File(_) => None,
        }
    }

    fn receive(&mut self, scans: Scans) {
        let Scans { place, scans } = scans;
        let mut found = Vec::new();
        let mut failed = Vec::new();
        for scan in scans {
            let registered = self.elsewhere.subjects.get_mut(&scan.subject).filter(|it| it.serial == scan.serial);
            let (Some(registered), Some(result)) = (registered, scan.found) else { continue };
            if scan.real_path.is_some() {
                registered.real_path = scan.real_path;
            }
            let node = self.node_of(scan.subject);
            if let (Err(obstacle), Subject::Dir(_) | Subject::Link(_)) = (&result, scan.subject) {
                failed.push((scan.subject, node, (scan.base, scan.below), *obstacle));
                continue;
            }
            let result = result.map(|found| match found {
                Found::Dir(snapshot, rules) => {
                    let (wd, news) = (self.dirs.polled.wd(snapshot.identity()), snapshot.is_news());
                    match node {
                        Some(node) => self.dirs.polled.put(node, *snapshot),
                        // It is kept as soon as it is entered.
                        None => return Reached { wd, news, rules, snapshot: Some(snapshot), file: None },
                    }
                    Reached { wd, news, rules, snapshot: None, file: None }
                }
                Found::File(file) => Reached { wd: 0, news: true, rules: None, snapshot: None, file: Some(file) },
            });
            found.push((scan.subject, node, result));
        }
        let known = |node: &NodeId, entered: &Reached| self.model.wd(*node) == Some(entered.wd);
        let news = found.iter().filter_map(|(_, node, result)| {
            let (node, entered) = (node.as_ref()?, result.as_ref().ok()?);
            (entered.news && known(node, entered)).then_some(*node)
        });
        self.apply_renames(&news.collect::<Vec<_>>());
        for (subject, node, result) in found {
            self.apply_found(subject, node, result);
        }
        for (subject, node, path, obstacle) in failed {
            if self.split_path_of(subject).as_ref() != Some(&path) {
                // It is renamed, as a scan of its parent or of one above found.
                self.request(&place, subject, false);
                continue;
            }
            let obstacle = match (subject, obstacle) {
                (Subject::Dir(_), Obstacle::Denied(_)) | (Subject::Link(_), _) => obstacle,
                // A directory above may have moved. If this one is gone, its parent's scan or events report that.
                _ => Obstacle::Stale,
            };
            self.apply_found(subject, node, Err(obstacle));
        }
        let now = self.system.instant();
        if let Some(place) = self.elsewhere.places.get_mut(&place) {
            place.running = None;
        }
        self.finish_pass(&place, now);
    }

    /// A pass ends when nothing that it found must be scanned.
    fn finish_pass(&mut self, path: &[u8], now: Instant) {
        let effects = self.model.has_effects();
        let Some(place) = self.elsewhere.places.get_mut(path) else { return };
        if !effects && place.open.is_empty() && place.running.is_none() {
            place.finish(now);
        }
    }

    /// Ends the passes after which nothing is left to be scanned.
    pub(super) fn finish_passes(&mut self) {
        let now = self.system.instant();
        for path in self.elsewhere.places.keys().cloned().collect::<Vec<_>>() {
            self.finish_pass(&path, now);
        }
    }

    fn apply_found(&mut self, subject: Subject, node: Option<NodeId>, result: Result<Reached, Obstacle>) {
        match (subject, result) {
            (Subject::Link(link), result) => self.apply_found_link(link, node, result),
            (Subject::File(number), result) => self.apply_found_file(number, &result),
            (Subject::Root(root), Ok(Reached { file: Some(file), .. })) => {
                let wd = self.dirs.polled.wd_of_file(root);
                let changed = self.set_target(Followed::Dir(root), wd, file);
                self.model.apply_root(root, Ok(FoundRoot::File(wd, b"file", Some(changed))));
            }
            (Subject::Root(root), Err(obstacle)) => {
                if !matches!(obstacle, Obstacle::Denied(_)) {
                    self.dirs.polled.forget_target(Followed::Dir(root));
                }
                self.model.apply_root(root, Err(obstacle));
            }
            (Subject::Root(node) | Subject::Dir(node), Ok(entered)) => self.apply_found_dir(node, entered),
            (Subject::Dir(node), Err(obstacle)) => self.apply_failed(node, obstacle),
        }
    }

    fn apply_found_dir(&mut self, node: NodeId, entered: Reached) {
        let Reached { wd, news, rules, .. } = entered;
        if !(news || self.model.wants_listing(node, wd)) {
            // It may have been denied.
            self.dirs.polled.settle(&self.model, node);
            return self.model.scan_succeeded(node);
        }
        let first = self.model.wd(node) != Some(wd);
        // Another directory is there, with other mounts below it.
        self.remounted |= first;
        if let Some(rules) = rules.clone().filter(|_| first) {
            self.model.set_rules(node, rules);
        }
        if self.dirs.fill(&self.system, &self.model, node) {
            self.dirs.polled.forget_target(Followed::Dir(node));
            self.apply_listing(node, wd, true);
            self.settle_polled(node);
        }
        if let Some(rules) = rules.filter(|_| !first) {
            self.model.apply_rules(node, rules);
        }
    }

    fn apply_found_link(&mut self, link: LinkId, node: Option<NodeId>, result: Result<Reached, Obstacle>) {
        match result {
            Ok(Reached { file: Some(file), .. }) => {
                let changed = self.set_target(Followed::Link(link), i32::MAX, file);
                self.model.apply_link(link, Ok(FoundLink::File(i32::MAX, b"", changed)));
            }
            Ok(_) if !self.model.enters(link) => self.model.apply_link(link, Ok(FoundLink::Directory)),
            Ok(mut entered) => {
                let Some(entered_node) = self.model.enter_link(link, entered.wd) else { return };
                match entered.snapshot.take() {
                    Some(snapshot) => self.dirs.polled.put(entered_node, *snapshot),
                    None if node != Some(entered_node) => return,
                    None => {}
                }
                if let Some(place) = self.elsewhere.subjects.get(&Subject::Link(link)).map(|it| it.place.clone()) {
                    self.elsewhere.register(&place, Subject::Dir(entered_node));
                }
                self.apply_found_dir(entered_node, entered);
            }
            Err(obstacle) => self.model.apply_link(link, Err(obstacle)),
        }
    }
}

impl Place {
    /// Whether it hangs at this moment; `None`: that does not matter.
    fn hangs(&self, now: Option<Instant>) -> bool {
        now.is_some_and(|now| self.running.is_some_and(|since| since + PATIENCE <= now))
    }

    fn finish(&mut self, now: Instant) {
        if let Some(request) = self.pass.take() {
            self.served = request;
            self.took = now.saturating_duration_since(self.begun);
            self.known = self.tick;
        }
    }
}

/// A directory or file that a scan found.
struct Reached {
    wd: i32,
    news: bool,
    rules: Option<DirRules>,
    /// For a link that is not entered yet.
    snapshot: Option<Box<Snapshot>>,
    file: Option<PolledFile>,
}
