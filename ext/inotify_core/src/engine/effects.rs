//! Carries out what the tree wishes.

use crate::error::Error;
use crate::flags::Mask;
use crate::moment::Since;
use crate::system::System;
use crate::tree::{Followed, Kind, LinkId, LinkSight, NodeId, RootSight, Sight, Wish};

use super::dir_cache::{DirCache, Obstacle, TREE_MASK, watch};
use super::resolver::{Start, Target};
use super::{Engine, Proceed};

/// After how many wishes the queue is looked after.
const WISHES: usize = 32;

impl<S: System> Engine<S> {
    /// Carries out the tree's wishes, and those that come of it. Keeps the queue from overflowing meanwhile.
    pub(super) fn carry_out_effects(&mut self, proceed: Proceed<'_>) -> Result<(), Error> {
        let mut count = 0;
        // What a directory entered last holds, and what is mounted, may give rise to further wishes.
        while let Some(wish) =
            self.tree.next_wish().or_else(|| self.read_mounts().then(|| self.tree.next_wish()).flatten())
        {
            self.carry_out(wish);
            count += 1;
            if count % WISHES == 0 {
                self.queue.drain(&self.system)?;
                if !proceed(&self.stats()) {
                    break;
                }
            }
        }
        self.finish_effects();
        Ok(())
    }

    pub(super) fn carry_out(&mut self, wish: Wish) {
        match wish {
            Wish::Look(node) => self.look(node),
            Wish::Resolve(root) => self.resolve(root),
            Wish::Follow(link) => self.follow(link),
            Wish::Release(link) => self.release(link),
            Wish::Check(dir, name) => self.check(dir, &name),
            Wish::Close(dir, name) => self.look_at_closed(dir, &name),
            Wish::Rules(dir) => self.read_rules(dir),
            Wish::Unwatch(wd) => self.unwatch(wd),
        }
    }

    /// Forgets what only effects needed that are carried out.
    pub(super) fn finish_effects(&mut self) {
        self.release_git_rules();
        if !self.losses.is_empty() {
            self.make_up();
        }
    }

    /// Forgets the losses that are made up for.
    fn make_up(&mut self) {
        let earliest = self.losses.keys().next().copied();
        let open = self.tree.losses();
        self.losses.retain(|loss, _| open.contains(loss));
        if self.losses.keys().next().copied() != earliest {
            self.rescans += 1;
        }
    }

    /// From when on a file in this directory counts as changed.
    fn changed_since(&self, node: NodeId) -> Option<Since> {
        self.losses.get(&self.tree.loss(node)?).map(|moment| moment.since_at(self.system.moment()))
    }

    pub(super) fn look(&mut self, node: NodeId) {
        self.dirs.changed_since = self.changed_since(node);
        let sight = self.dirs.look(&self.system, &self.tree, node);
        self.see(node, sight);
    }

    fn see(&mut self, node: NodeId, sight: Result<(i32, bool), Obstacle>) {
        match sight {
            Ok((wd, listed)) => {
                if listed {
                    self.take_rules(node);
                }
                let listing = listed.then_some(&self.dirs.listing);
                self.tree.saw(node, Sight::Directory(wd, listing));
            }
            Err(Obstacle::Nothing) => self.tree.saw(node, Sight::Nothing),
            Err(Obstacle::File) => self.tree.saw(node, Sight::File),
            Err(Obstacle::Astray) => self.tree.saw(node, Sight::Astray),
            Err(Obstacle::Refused(errno)) => self.tree.saw(node, Sight::Refused(errno)),
        }
    }

    pub(super) fn resolve(&mut self, root: NodeId) {
        let Some(path) = self.paths.get(&root) else { return };
        let followed = Followed::Root(root);
        let (target, unused) = match Start::top(&self.system) {
            Ok(start) => self.resolver.resolve(&self.system, followed, &start, path),
            Err(obstacle) => (Err(obstacle), Vec::new()),
        };
        self.tree.set_unseen(followed, self.resolver.is_unseen(followed));
        self.heed_circle(root, matches!(target, Ok(Target::Circle)));
        match target {
            Ok(Target::Directory(dir)) => self.see_root(root, dir),
            Ok(Target::File(_, _, None)) if self.inner.contains(&root) => self.see_missing(root),
            Ok(Target::File(wd, name, stat)) => {
                self.dirs.entered = true;
                self.tree.saw_root(root, RootSight::File(wd, &name, stat.is_some()));
            }
            Ok(Target::Nothing | Target::Circle) | Err(Obstacle::Nothing | Obstacle::File | Obstacle::Astray) => {
                self.see_missing(root);
            }
            Err(Obstacle::Refused(errno)) => self.tree.saw_root(root, RootSight::Refused(errno)),
        }
        self.unwatch_all(unused);
    }

    /// Finds out what a symbolic link in a tree leads to.
    fn follow(&mut self, link: LinkId) {
        let Some((dir, name)) = self.tree.link_place(link).cloned() else { return };
        let start = match self.dirs.check(&self.system, &self.tree, dir, &name) {
            Ok(Some(Kind::Link)) => self.dirs.start(&self.system, &self.tree, dir),
            Ok(kind) => return self.tree.saw_entry(dir, &name, kind),
            Err(obstacle) => Err(obstacle),
        };
        let start = match start {
            Ok(start) => start,
            Err(Obstacle::Refused(errno)) => return self.tree.saw_link(link, LinkSight::Refused(errno)),
            Err(_) => return self.tree.could_not_check(dir, &name),
        };
        let followed = Followed::Link(link);
        let (target, unused) = self.resolver.resolve(&self.system, followed, &start, &name);
        self.tree.set_unseen(followed, self.resolver.is_unseen(followed));
        match target {
            Ok(Target::Directory(dir)) if self.tree.enters(link) => self.enter_link(link, dir),
            Ok(Target::Directory(_)) => self.tree.saw_link(link, LinkSight::Directory),
            Ok(Target::File(wd, name, Some(stat))) => {
                let loss = self.tree.link_loss(link).and_then(|loss| self.losses.get(&loss));
                let changed = loss.is_some_and(|moment| moment.since_at(self.system.moment()).includes(stat.changed));
                self.tree.saw_link(link, LinkSight::File(wd, &name, changed));
            }
            Err(Obstacle::Refused(errno)) => self.tree.saw_link(link, LinkSight::Refused(errno)),
            Ok(Target::File(_, _, None) | Target::Nothing | Target::Circle) | Err(_) => {
                self.tree.saw_link(link, LinkSight::Nothing);
            }
        }
        self.unwatch_all(unused);
    }

    fn enter_link(&mut self, link: LinkId, dir: S::File) {
        match watch(&self.system, &dir, TREE_MASK.union(Mask::MASK_ADD)) {
            Ok(wd) => match self.tree.enter_link(link, wd) {
                Some(node) => {
                    self.dirs.changed_since = self.changed_since(node);
                    let sight = self.dirs.enter(&self.system, &self.tree, node, dir);
                    self.see(node, sight);
                }
                None => self.unwatch(wd),
            },
            Err(Obstacle::Refused(errno)) => self.tree.saw_link(link, LinkSight::Refused(errno)),
            Err(_) => self.tree.saw_link(link, LinkSight::Nothing),
        }
    }

    fn release(&mut self, link: LinkId) {
        let unused = self.resolver.release(Followed::Link(link));
        self.unwatch_all(unused);
    }

    pub(super) fn unwatch_all(&self, wds: Vec<i32>) {
        wds.into_iter().for_each(|wd| self.unwatch(wd));
    }

    /// The path of a root leads to nothing. Where it is a symbolic link in another root, that is a file there.
    fn see_missing(&mut self, root: NodeId) {
        let path = self.paths.get(&root).filter(|_| self.inner.contains(&root));
        match path.map(|path| DirCache::link_at(&self.system, path)) {
            Some(Ok((wd, name))) => self.tree.saw_root(root, RootSight::File(wd, &name, true)),
            Some(Err(Obstacle::Refused(errno))) => self.tree.saw_root(root, RootSight::Refused(errno)),
            Some(Err(_)) | None => self.tree.saw_root(root, RootSight::Nothing),
        }
    }

    pub(super) fn see_root(&mut self, root: NodeId, dir: S::File) {
        self.dirs.changed_since = self.changed_since(root);
        let sight = self.dirs.enter(&self.system, &self.tree, root, dir);
        if matches!(sight, Ok((_, true))) {
            self.take_rules(root);
        }
        match sight {
            Ok((wd, listed)) => {
                let listing = listed.then_some(&self.dirs.listing);
                self.tree.saw_root(root, RootSight::Directory(wd, listing));
            }
            Err(Obstacle::Refused(errno)) => self.tree.saw_root(root, RootSight::Refused(errno)),
            Err(_) => self.tree.saw_root(root, RootSight::Nothing),
        }
    }

    pub(super) fn check(&mut self, dir: NodeId, name: &[u8]) {
        match self.dirs.check(&self.system, &self.tree, dir, name) {
            Ok(kind) => self.tree.saw_entry(dir, name, kind),
            Err(_) => self.tree.could_not_check(dir, name),
        }
    }

    fn look_at_closed(&mut self, dir: NodeId, name: &[u8]) {
        let Some(stamp) = self.dirs.stamp(&self.system, &self.tree, dir, name) else {
            return self.tree.could_not_see_closed(dir, name);
        };
        let changed = self.tree.reported(dir, name).is_none_or(|tick| tick.may_precede(stamp, self.system.moment()));
        self.tree.saw_closed(dir, name, changed);
    }

    /// Takes what git's files say of a directory that was listed just now.
    fn take_rules(&mut self, dir: NodeId) {
        if self.tree.honours_gitignore() {
            let found = std::mem::take(&mut self.dirs.rules);
            let rules = self.rules(dir, &found);
            self.tree.take_rules(dir, rules);
        }
    }

    pub(super) fn read_rules(&mut self, dir: NodeId) {
        match self.dirs.rules_of(&self.system, &self.tree, dir) {
            Ok(found) => {
                let rules = self.rules(dir, &found);
                self.tree.saw_rules(dir, rules);
            }
            Err(_) => self.tree.could_not_read_rules(dir),
        }
    }

    pub(super) fn unwatch(&self, wd: i32) {
        if !self.tree.knows(wd) && !self.resolver.contains(wd) && !self.git_rules.resolver.contains(wd) {
            self.system.unwatch(wd);
        }
    }
}
