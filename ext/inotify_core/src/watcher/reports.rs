//! What a watcher says of itself: troubles, figures, audits, questions.

use std::collections::{BTreeMap, HashSet};

use crate::tree::{Change, ChangeType, NodeId};

use super::audit;
use super::shared::{Audit, Stats, Trouble};
use super::worker::Worker;

impl Worker {
    /// Has file systems told of that others change unseen: all, or those mounted at these places.
    pub(super) fn note_remote(&mut self, places: Option<&[Vec<u8>]>) {
        let mounts = self.paths.values().flat_map(|path| self.mounts.remote(path));
        let remote: Vec<Trouble> = mounts.map(|(place, kind)| Trouble::Remote(place, kind)).collect();
        // What is no longer there need not be told of.
        self.untold.retain(|trouble| !matches!(trouble, Trouble::Remote(..)) || remote.contains(trouble));
        for trouble in remote {
            let Trouble::Remote(place, _) = &trouble else { continue };
            if places.is_none_or(|places| places.contains(place)) {
                self.note(trouble);
            }
        }
    }

    /// Has a trouble told of when the last ones are taken.
    pub(super) fn note(&mut self, trouble: Trouble) {
        if !self.untold.contains(&trouble) {
            self.untold.push(trouble);
        }
    }

    /// The troubles of the roots that these changes leave deleted.
    pub(super) fn vanished(&self, changes: &[Change]) -> Vec<Trouble> {
        let is_deleted = |change: &&Change| change.change_type == ChangeType::Deleted;
        if !changes.iter().any(|change| is_deleted(&change)) {
            return Vec::new();
        }
        let roots: HashSet<Vec<u8>> = self.paths.keys().filter_map(|root| self.tree.path(*root)).collect();
        let lengths: HashSet<usize> = roots.iter().map(Vec::len).collect();
        let last: BTreeMap<Vec<u8>, &Change> = changes
            .iter()
            .filter(|change| lengths.contains(&change.path.len()))
            .map(|change| (change.path.to_bytes(), change))
            .filter(|(path, _)| roots.contains(path))
            .collect();
        last.into_iter().filter(|(_, change)| is_deleted(change)).map(|(path, _)| Trouble::Vanished(path)).collect()
    }

    pub(super) fn note_all(&mut self, troubles: Vec<Trouble>) {
        troubles.into_iter().for_each(|trouble| self.note(trouble));
    }

    /// Has a root told of once that is a symbolic link without end.
    pub(super) fn heed_circle(&mut self, root: NodeId, circular: bool) {
        let trouble = |path| Trouble::NotCovered(path, libc::ELOOP, None);
        if circular && self.circular.insert(root) {
            self.note(trouble(self.tree.path(root).unwrap_or_default()));
        } else if !circular && self.circular.remove(&root) {
            let over = trouble(self.tree.path(root).unwrap_or_default());
            self.untold.retain(|trouble| *trouble != over);
        }
    }

    /// Tells of the troubles there are, when the last ones are taken: what is over by then is not kept.
    pub(super) fn tell_troubles(&mut self) {
        if self.shared.has_troubles() {
            return;
        }
        let mut troubles = std::mem::take(&mut self.untold);
        troubles.extend(self.tree.take_troubles().into_iter().map(|(node, path, errno)| {
            let needed = node.filter(|_| errno == libc::ENOSPC);
            let needed = needed.map(|node| self.places.count_directories(&self.tree, node));
            Trouble::NotCovered(path, errno, needed)
        }));
        if !troubles.is_empty() {
            self.shared.tell(troubles);
        }
    }

    /// Answers those who wait for an audit, when all that happened before they asked is applied.
    pub(super) fn audit(&mut self) {
        for (position, request) in std::mem::take(&mut self.audits) {
            if self.queue.has_passed(position) && !self.tree.awaits_judgement() {
                let differences = self.differences();
                request.answer(differences);
            } else {
                self.audits.push((position, request));
            }
        }
    }

    fn differences(&mut self) -> Audit {
        let mut found =
            audit::differences(self.queue.fd(), &self.tree, &mut self.places, [&self.anchors, &self.sources.anchors])?;
        let files = self.mounted_files().into_iter();
        let unwatched = files.filter(|(place, _)| !self.tree.has_mounted(place));
        found.extend(unwatched.map(|(_, path)| audit::told("a mounted file that is not watched: ", &path)));
        Ok(found)
    }

    /// Asks about directories that were found.
    pub(super) fn ask(&mut self) {
        if self.tree.awaits_judgement() {
            // What is gone when the last ones are taken is not asked about.
            let questions = if self.shared.has_questions() { Vec::new() } else { self.tree.take_questions() };
            self.shared.ask(questions);
            // Whoever waits is to answer, those too who began after the questions were asked.
            self.syncs.iter().for_each(|(_, request)| request.nudge());
            self.audits.iter().for_each(|(_, request)| request.nudge());
        }
    }

    pub(super) fn report(&self) {
        let (files, directories) = self.tree.counts_of_entries();
        self.shared.set_stats(Stats {
            directories,
            files,
            watches: self.tree.watches(),
            events: self.queue.events,
            changes: self.changes,
            overflows: self.overflows,
            rescans: self.rescans,
            queued_bytes: self.queue.held() as u64,
            lag: self.queue.lag.as_secs_f64(),
        });
    }
}
