//! Carries out the effects that the model asks for.

use crate::error::Error;
use crate::flags::Mask;
use crate::model::{Effect, FIRST_POLLED, Followed, FoundLink, FoundRoot, Kind, LinkId, NodeId, Writers, is_polled};
use crate::moment::Since;
use crate::system::{Stat, System};
use crate::tick::Clocks;

use super::access::{Obstacle, TREE_MASK};
use super::dir_cache::Entered;
use super::jobs::Subject;
use super::resolver::{Resolved, Start, Target};
use super::snapshot::PolledFile;
use super::{Engine, Proceed};

/// The queue is read again after this many effects.
pub(super) const EFFECTS: usize = 32;

impl<S: System> Engine<S> {
    /// Carries out the model's effects, and those that they cause. Reads the queue meanwhile, so that it does not
    /// overflow.
    pub(super) fn carry_out_effects(&mut self, proceed: Proceed<'_>) -> Result<(), Error> {
        let mut count = 0;
        // The entries of a listed directory, the mounts and scans elsewhere may cause further effects.
        loop {
            let effect =
                self.model.next_effect().or_else(|| self.read_mounts().then(|| self.model.next_effect()).flatten());
            match effect {
                Some(effect) => self.carry_out(effect),
                None if self.exchange() => continue,
                None => break,
            }
            count += 1;
            if count % EFFECTS == 0 {
                self.queue.drain(&self.system)?;
                if !proceed(&self.stats()) {
                    break;
                }
            }
        }
        self.finish_effects();
        Ok(())
    }

    pub(super) fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Scan(node) => self.scan_dir(node),
            Effect::ResolveRoot(root) => self.resolve_root(root),
            Effect::ResolveLink(link) => self.resolve_link(link),
            Effect::ReleaseLink(link) => self.release(Followed::Link(link)),
            Effect::Stat(dir, name) => self.stat(dir, &name),
            Effect::StatClosed(dir, name) => self.stat_closed(dir, &name),
            Effect::FindWriter(dir, name) => self.find_writer(dir, &name),
            Effect::ReadRules(dir) => self.read_rules(dir),
            Effect::Unwatch(wd) => self.unwatch(wd),
        }
    }

    /// Releases everything that only finished effects needed.
    pub(super) fn finish_effects(&mut self) {
        self.finish_passes();
        self.release_git_rules();
        // Overflows that are repaired everywhere are forgotten.
        if !self.overflows.is_empty() && self.overflows.retain(&self.model.open_overflows()) {
            self.rescans += 1;
        }
    }

    /// Files in this directory with a later time stamp may have changed unseen.
    pub(super) fn changed_since(&self, node: NodeId) -> Option<Since> {
        self.overflows
            .since(self.model.overflow(Followed::Dir(node))?)
            .map(|moment| moment.since_at(self.system.moment()))
    }

    /// Whether a file of this time stamp may have changed since an overflow.
    fn is_changed(&self, overflow: Option<u64>, stamp: i128) -> bool {
        let moment = overflow.and_then(|overflow| self.overflows.since(overflow));
        moment.is_some_and(|moment| moment.since_at(self.system.moment()).includes(stamp))
    }

    /// Reports to the model if a path has another target than when another instance watched.
    fn compare_end(&mut self, followed: Followed) {
        if let Some(end) = self.ends.remove(&followed) {
            if self.resolver.real_paths(followed).last() != Some(&end) {
                self.model.retarget(followed);
            }
        }
    }

    pub(super) fn scan_dir(&mut self, node: NodeId) {
        if self.scan_elsewhere(node) {
            return;
        }
        let since = self.changed_since(node);
        let result = self.dirs.scan(&self.system, &self.model, node, since);
        self.apply_scan(node, result);
    }

    fn apply_scan(&mut self, node: NodeId, result: Result<Entered, Obstacle>) {
        match result {
            Ok(entered) => self.apply_entered(node, &entered),
            Err(obstacle) => self.apply_failed(node, obstacle),
        }
    }

    /// Applies the result of a scan that did not reach its directory.
    pub(super) fn apply_failed(&mut self, node: NodeId, obstacle: Obstacle) {
        let place = self.model.place(node);
        if let Some((snapshot, name)) = place.and_then(|(dir, name)| Some((self.dirs.polled.get_mut(dir)?, name))) {
            match obstacle {
                Obstacle::Nothing => snapshot.forget_dir(name),
                Obstacle::File => snapshot.dir_replaced(name),
                Obstacle::Stale | Obstacle::Denied(_) => {}
            }
        }
        self.model.apply_scan(node, Err(obstacle));
    }

    /// Applies a scan of a directory.
    fn apply_entered(&mut self, node: NodeId, entered: &Entered) {
        if let Some(before) = entered.polled_as {
            self.model.renumber(before, entered.wd, node);
            self.dirs.polled.forget(before);
        }
        if entered.listed && self.model.uses_gitignore() {
            let rules = self.rules(node, &entered.git_files);
            self.model.set_rules(node, rules);
        }
        self.apply_listing(node, entered.wd, entered.listed);
        self.record(node);
        if self.dirs.polled.is_on() {
            self.settle_polled(node);
            self.note_polled(node);
        }
    }

    /// `listed`: whether the listing is of this directory.
    pub(super) fn apply_listing(&mut self, node: NodeId, wd: i32, listed: bool) {
        let listing = listed.then_some(&self.dirs.listing);
        if self.model.is_root(node) {
            self.model.apply_root(node, Ok(FoundRoot::Directory((wd, listing))));
        } else {
            self.model.apply_scan(node, Ok((wd, listing)));
        }
    }

    /// Resolves a path, and has it scanned if it leads to a place that may not reply. Returns its target, and the wds
    /// that are not needed any more.
    fn resolve(&mut self, followed: Followed, start: &Start<S::File>, path: &[u8]) -> Resolved<S::File> {
        let (target, unused) = self.resolver.resolve(&self.system, &mut self.dirs.polled, followed, start, path);
        self.model.set_polled(followed, self.resolver.is_polled(followed));
        self.compare_end(followed);
        match &target {
            Ok(Target::Elsewhere(place)) => self.request(place, followed.into(), true),
            _ => self.elsewhere.forget(followed.into()),
        }
        (target, unused)
    }

    pub(super) fn resolve_root(&mut self, root: NodeId) {
        let Some(path) = self.dirs.open.roots.get(&root).cloned() else { return };
        let followed = Followed::Dir(root);
        if self.elsewhere.always {
            return self.request(&path, Subject::Root(root), true);
        }
        let clocks = self.system.clocks();
        let (target, unused) = match Start::top(&self.system) {
            Ok(start) => self.resolve(followed, &start, &path),
            Err(obstacle) => (Err(obstacle), Vec::new()),
        };
        self.report_cycle(root, matches!(target, Ok(Target::Cycle)));
        match target {
            Ok(Target::Elsewhere(_)) => {}
            Ok(Target::Directory(dir)) => self.enter_root(root, dir),
            Ok(Target::File(_, _, None)) if self.inner.contains(&root) => self.apply_missing_root(root),
            Ok(Target::File(wd, name, stat)) => {
                self.dirs.unchecked.insert(root);
                let changed = stat.map(|stat| {
                    let polled = self.set_target(followed, wd, PolledFile::new(&self.system, stat, &clocks));
                    polled || self.is_changed(self.model.overflow(followed), stat.stamp.changed)
                });
                self.model.apply_root(root, Ok(FoundRoot::File(wd, &name, changed)));
                self.note_polled(root);
            }
            Ok(Target::Nothing | Target::Cycle) | Err(Obstacle::Nothing | Obstacle::File | Obstacle::Stale) => {
                self.apply_missing_root(root);
            }
            Err(obstacle) => self.model.apply_root(root, Err(obstacle)),
        }
        self.unwatch_all(unused);
    }

    /// Resolves a symbolic link.
    fn resolve_link(&mut self, link: LinkId) {
        let Some((dir, name)) = self.model.link_place(link).cloned() else { return };
        if self.request_in_place_of(dir, Subject::Link(link)) {
            return;
        }
        let clocks = self.system.clocks();
        let start = match self.dirs.check(&self.system, &self.model, dir, &name) {
            Ok(Some((Kind::Link, _))) => self.dirs.start(&self.system, &self.model, dir),
            Ok(found) => return self.apply_stat(dir, &name, found, &clocks),
            Err(obstacle) => Err(obstacle),
        };
        let start = match start {
            Ok(start) => start,
            Err(obstacle @ Obstacle::Denied(_)) => return self.model.apply_link(link, Err(obstacle)),
            Err(_) => return self.model.stat_failed(dir, &name),
        };
        let followed = Followed::Link(link);
        let (target, unused) = self.resolve(followed, &start, &name);
        match target {
            Ok(Target::Elsewhere(_)) => {}
            Ok(Target::Directory(dir)) if self.model.enters(link) => self.enter_link(link, dir),
            Ok(Target::Directory(_)) => self.model.apply_link(link, Ok(FoundLink::Directory)),
            Ok(Target::File(wd, name, Some(stat))) => {
                let polled = self.set_target(followed, wd, PolledFile::new(&self.system, stat, &clocks));
                let changed = polled || self.is_changed(self.model.overflow(followed), stat.stamp.changed);
                self.model.apply_link(link, Ok(FoundLink::File(wd, &name, changed)));
            }
            Ok(Target::File(_, _, None) | Target::Nothing | Target::Cycle) => {
                self.model.apply_link(link, Err(Obstacle::Nothing));
            }
            Err(obstacle) => self.model.apply_link(link, Err(obstacle)),
        }
        self.unwatch_all(unused);
    }

    fn enter_link(&mut self, link: LinkId, dir: S::File) {
        match self.dirs.polled.watch(&self.system, &dir, TREE_MASK.union(Mask::MASK_ADD)) {
            Ok(wd) => match self.model.enter_link(link, wd) {
                Some(node) => {
                    // The node may be that of a directory that is gone, and was scanned there.
                    self.elsewhere.forget(Subject::Dir(node));
                    let since = self.changed_since(node);
                    let result = self.dirs.enter(&self.system, &self.model, (node, dir), since);
                    self.apply_scan(node, result);
                }
                None => self.unwatch(wd),
            },
            Err(obstacle) => self.model.apply_link(link, Err(obstacle)),
        }
    }

    /// The path of a root or link is not needed any more.
    pub(super) fn release(&mut self, followed: Followed) {
        self.dirs.polled.forget_target(followed);
        self.elsewhere.forget(followed.into());
        let unused = self.resolver.release(followed);
        self.unwatch_all(unused);
    }

    pub(super) fn unwatch_all(&mut self, wds: Vec<i32>) {
        wds.into_iter().for_each(|wd| self.unwatch(wd));
    }

    /// The path of a root has no target. If it is a symbolic link in another root, it is a file there.
    fn apply_missing_root(&mut self, root: NodeId) {
        let path = self.dirs.open.roots.get(&root).filter(|_| self.inner.contains(&root));
        match path.map(|path| self.dirs.polled.link_at(&self.system, path)) {
            Some(Ok((wd, name, link))) => {
                let followed = Followed::Dir(root);
                let is_new = self.dirs.polled.target(followed).is_none();
                // A path with something that cannot be watched is resolved at intervals: it is compared as if it were polled.
                let changed = self.set_target(followed, FIRST_POLLED, link) || is_new;
                // A file that was here may have a watch of its own.
                self.dirs.unchecked.insert(root);
                self.model.apply_root(root, Ok(FoundRoot::File(wd, &name, Some(changed))));
            }
            Some(Err(obstacle)) => self.model.apply_root(root, Err(obstacle)),
            None => self.model.apply_root(root, Err(Obstacle::Nothing)),
        }
    }

    fn enter_root(&mut self, root: NodeId, dir: S::File) {
        let since = self.changed_since(root);
        match self.dirs.enter(&self.system, &self.model, (root, dir), since) {
            Ok(entered) => {
                self.dirs.polled.forget_target(Followed::Dir(root));
                self.apply_entered(root, &entered);
            }
            Err(obstacle) => self.model.apply_root(root, Err(obstacle)),
        }
    }

    pub(super) fn stat(&mut self, dir: NodeId, name: &[u8]) {
        if self.elsewhere.has_dir(dir) {
            return self.model.stat_failed(dir, name);
        }
        let clocks = self.system.clocks();
        match self.dirs.check(&self.system, &self.model, dir, name) {
            Ok(found) => self.apply_stat(dir, name, found, &clocks),
            Err(_) => self.model.stat_failed(dir, name),
        }
    }

    /// `clocks`: before the entry was stat'ed.
    fn apply_stat(&mut self, dir: NodeId, name: &[u8], found: Option<(Kind, Stat)>, clocks: &Clocks) {
        self.model.apply_stat(dir, name, found.map(|(kind, _)| kind));
        if let Some(snapshot) = self.dirs.polled.get_mut(dir) {
            snapshot.entry_examined(&self.system, name, found, clocks);
        }
    }

    fn stat_closed(&mut self, dir: NodeId, name: &[u8]) {
        if self.elsewhere.has_dir(dir) {
            return self.model.stat_closed_failed(dir, name);
        }
        let Some(stamp) = self.dirs.stamp(&self.system, &self.model, dir, name) else {
            return self.model.stat_closed_failed(dir, name);
        };
        let changed =
            self.model.last_reported(dir, name).is_none_or(|tick| tick.may_precede(stamp, self.system.moment()));
        self.model.apply_closed(dir, name, changed);
    }

    fn find_writer(&mut self, dir: NodeId, name: &[u8]) {
        let tick = self.system.tick();
        if !self.model.may_find_writer(dir, name, tick) {
            return;
        }
        // A server that does not reply must not stop the rest.
        let unknown = Writers { any: None, is_empty: false, is_new: false, has_names: false };
        let found = if self.elsewhere.has_dir(dir) || self.elsewhere.file(dir, name).is_some() {
            Ok(unknown)
        } else {
            self.dirs.writers(&self.system, &self.model, dir, name)
        };
        match found {
            Ok(found) => self.model.apply_writers(dir, name, found, tick),
            Err(Obstacle::Denied(_)) => self.model.apply_writers(dir, name, unknown, tick),
            Err(obstacle) => self.model.find_writer_failed(dir, name, obstacle != Obstacle::Stale),
        }
    }

    pub(super) fn read_rules(&mut self, dir: NodeId) {
        let subject = if self.model.is_root(dir) { Subject::Root(dir) } else { Subject::Dir(dir) };
        if self.request_in_place_of(dir, subject) {
            return;
        }
        match self.dirs.git_files_of(&self.system, &self.model, dir) {
            Ok(found) => {
                let rules = self.rules(dir, &found);
                self.model.apply_rules(dir, rules);
            }
            Err(_) => self.model.read_rules_failed(dir),
        }
    }

    pub(super) fn unwatch(&mut self, wd: i32) {
        if is_polled(wd) {
            if !self.model.knows(wd) {
                self.dirs.polled.forget(wd);
            }
        } else if !self.model.knows(wd) && !self.resolver.contains(wd) && !self.git_rules.resolver.contains(wd) {
            self.system.unwatch(wd);
        }
    }
}
