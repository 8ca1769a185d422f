//! In which order the changes of a batch are emitted: each waits for what is in its way.
//!
//! `mv a b/c; mv b d` leaves two renamed directories. The one that was `a` is in the one that was `b`, so it waits
//! until that has its final path: `renamed b → d`, `renamed a → d/c`. So a program that opens a path finds there what
//! the change says, and only `from` may be a path in between.

use std::collections::HashSet;

use super::batch::Place;
use super::diff::Diff;
use super::nodes::NodeId;
use super::reported_tree::Departure;
use super::roots::ITSELF;

/// Something that can wait for something else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// A file is renamed to this place.
    File(Place),
    /// A directory is renamed.
    Dir(NodeId),
    /// A directory is created.
    New(NodeId),
    /// A directory is deleted.
    Gone(NodeId),
    /// A root is deleted.
    GoneRoot(NodeId),
}

impl Diff<'_> {
    /// Emits all renames, and whatever they wait for.
    pub(super) fn rename_all(&mut self) {
        let mut files: Vec<_> = self.moved_files.iter().map(|(to, from)| (from.clone(), to.clone())).collect();
        files.sort();
        let files = files.into_iter().map(|(_, to)| Step::File(to));
        let dirs: Vec<_> = self.moved_dirs.iter().map(|dir| Step::Dir(*dir)).collect();
        for step in files.chain(dirs) {
            while self.is_open(&step) {
                self.advance(step.clone());
            }
        }
    }

    fn is_open(&self, step: &Step) -> bool {
        match step {
            Step::File(to) => self.moved_files.contains_key(to),
            Step::Dir(dir) => self.moved_dirs.contains(dir),
            Step::New(dir) => self.reported.uncreated.contains(dir),
            Step::Gone(dir) => self.reported.places.contains_key(dir),
            Step::GoneRoot(root) => self.gone_roots.contains(root),
        }
    }

    /// Takes a step after all that it waits for. Where steps wait for each other, one of them is given up, and this one
    /// is to be retried.
    fn advance(&mut self, step: Step) {
        let mut waiting = vec![step.clone()];
        let mut seen = HashSet::from([step]);
        while let Some(step) = waiting.last() {
            match self.obstacle(step) {
                None => {
                    if let Some(step) = waiting.pop() {
                        // What it waited for may have settled it, too.
                        if self.is_open(&step) {
                            self.take(&step);
                        }
                        seen.remove(&step);
                    }
                }
                Some(next) if seen.contains(&next) => {
                    let begin = waiting.iter().position(|step| *step == next).unwrap_or(0);
                    self.break_cycle(waiting.get(begin..).unwrap_or_default());
                    return;
                }
                Some(next) => {
                    seen.insert(next.clone());
                    waiting.push(next);
                }
            }
        }
    }

    pub(super) fn take(&mut self, step: &Step) {
        match step {
            Step::File(to) => self.rename_file(to),
            Step::Dir(dir) => self.rename_dir(*dir),
            Step::New(dir) => self.create_dir(*dir),
            Step::Gone(dir) => self.delete_dir(*dir),
            Step::GoneRoot(root) => self.delete_root(*root),
        }
    }

    /// What must be done before a step can be taken.
    fn obstacle(&self, step: &Step) -> Option<Step> {
        match step {
            Step::File(to) => self.in_the_way(to),
            // A root has no place; and where one was a file, that is in its way.
            Step::Dir(dir) | Step::New(dir) => self.in_the_way(&self.place(*dir).unwrap_or((*dir, ITSELF.into()))),
            Step::Gone(dir) | Step::GoneRoot(dir) => {
                self.reported.departures.get(dir)?.values().find_map(Departure::step)
            }
        }
    }

    /// What must be done before something can be put to `place` under its final path.
    fn in_the_way(&self, place: &Place) -> Option<Step> {
        let (dir, name) = place;
        if name.as_ref() == ITSELF {
            if self.gone_roots.contains(dir) {
                return Some(Step::GoneRoot(*dir));
            }
        } else if let Some(above) = self.misplaced_above(*dir) {
            return Some(above);
        }
        let departure = self.reported.departure(place).and_then(Departure::step);
        departure.or_else(|| self.left_behind_at(place))
    }

    /// The nearest directory from `dir` upwards that isn't at its final place yet.
    fn misplaced_above(&self, dir: NodeId) -> Option<Step> {
        let mut at = Some(dir);
        while let Some(dir) = at {
            if self.reported.uncreated.contains(&dir) {
                return Some(Step::New(dir));
            }
            if self.moved_dirs.contains(&dir) {
                return Some(Step::Dir(dir));
            }
            at = self.reported.nodes.parent(dir);
        }
        None
    }

    /// What was left behind at the path of `place` when the directory it is in was renamed: see
    /// [`files_below`](Emitter::files_below).
    fn left_behind_at(&self, place: &Place) -> Option<Step> {
        let (dirs, files) = (&self.reported.left_dirs, &self.reported.left_files);
        if dirs.is_empty() && files.is_empty() {
            return None;
        }
        let path = self.reported.path(place.0, &place.1);
        let mut dirs = dirs.iter().filter(|(_, left)| left.is_within(&path)).map(|(dir, _)| Step::Dir(*dir));
        let mut files = files.iter().filter(|(_, left)| left.is_within(&path));
        dirs.next().or_else(|| files.find_map(|(from, _)| self.reported.departure(from)?.step()))
    }
}
