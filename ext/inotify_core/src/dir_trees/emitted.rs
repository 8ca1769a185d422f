//! What is reported: records as the kernel sends them, and what each is about.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::event::Record;
use crate::flags::Mask;
use crate::invariant::must;

/// Names are padded to a multiple of this, as the kernel does.
const PADDING: usize = 16;

/// A directory of a tree as it was when an event of it was applied.
#[derive(Debug)]
pub struct Dir {
    /// Its path.
    pub path: Vec<u8>,
    /// The number of its tree.
    pub tree: u32,
    /// Whether it is the root of that.
    pub is_root: bool,
    /// What is reported of it.
    pub(super) reported: Mask,
    has_object: AtomicBool,
}

impl Dir {
    pub(super) fn new(path: Vec<u8>, tree: u32, is_root: bool, reported: Mask) -> Self {
        Self { path, tree, is_root, reported, has_object: AtomicBool::new(false) }
    }

    /// Whether the caller has an object for it under its wd, as it [said](Self::set_object).
    #[must_use]
    pub fn has_object(&self) -> bool {
        self.has_object.load(Ordering::Relaxed)
    }

    /// The caller has an object for it under its wd, or has none any more. It is kept here, where it costs no look-up.
    pub fn set_object(&self, has_object: bool) {
        self.has_object.store(has_object, Ordering::Relaxed);
    }
}

/// What a record is about.
#[derive(Clone, Debug)]
pub enum Target {
    /// What a wd stands for outside of trees.
    Watch(i32),
    /// A directory of a tree.
    Dir(Arc<Dir>),
    /// The queue overflowed: all of these watches.
    Watches(Vec<i32>),
}

/// See the module's description.
#[derive(Debug, Default)]
pub struct Emitted {
    records: Vec<u8>,
    /// What records that follow each other are about, and how many they are.
    runs: Vec<(Target, usize)>,
    ended: Vec<i32>,
}

impl Emitted {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty() && self.ended.is_empty()
    }

    /// The records, what each is about, and whether that differs from the one before.
    pub fn iter(&self) -> impl Iterator<Item = (Record<'_>, &Target, bool)> {
        let mut rest = self.records.as_slice();
        let targets = self.runs.iter().flat_map(|(target, count)| (0..*count).map(move |index| (target, index == 0)));
        targets.map_while(move |(target, is_first)| {
            let next = Record::split_first(rest).ok().flatten();
            let (record, after) = must(next, "what is emitted are whole records, each of a run")?;
            rest = after;
            Some((record, target, is_first))
        })
    }

    /// The watches that have ended behind the last of the records.
    #[must_use]
    pub fn ended(&self) -> &[i32] {
        &self.ended
    }

    /// Adds a record of the kernel about what is not in a tree.
    pub(super) fn pass(&mut self, record: &[u8], target: Target) {
        self.records.extend_from_slice(record);
        match (self.runs.last_mut(), &target) {
            (Some((Target::Watch(last), count)), Target::Watch(wd)) if last == wd => *count += 1,
            _ => self.runs.push((target, 1)),
        }
    }

    /// Adds a record of the kernel about a directory of a tree.
    pub(super) fn pass_of(&mut self, record: &[u8], dir: &Arc<Dir>) {
        self.records.extend_from_slice(record);
        match self.runs.last_mut() {
            Some((Target::Dir(last), count)) if Arc::ptr_eq(last, dir) => *count += 1,
            _ => self.runs.push((Target::Dir(Arc::clone(dir)), 1)),
        }
    }

    /// Adds a record that the kernel could not send.
    pub(super) fn push(&mut self, wd: i32, mask: Mask, cookie: u32, name: &[u8], target: Target) {
        let padded = if name.is_empty() { 0 } else { (name.len() + 1).next_multiple_of(PADDING) };
        let len = must(u32::try_from(padded).ok(), "a name is short").unwrap_or(0);
        self.records.extend_from_slice(&wd.to_ne_bytes());
        for field in [mask.bits(), cookie, len] {
            self.records.extend_from_slice(&field.to_ne_bytes());
        }
        self.records.extend_from_slice(name);
        self.records.resize(self.records.len() + padded - name.len(), 0);
        self.runs.push((target, 1));
    }

    pub(super) fn append(&mut self, mut other: Self) {
        self.records.append(&mut other.records);
        self.runs.append(&mut other.runs);
        self.ended.append(&mut other.ended);
    }

    /// A watch has ended.
    pub(super) fn end(&mut self, wd: i32) {
        self.ended.push(wd);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;

    #[test]
    fn records_read_as_those_of_the_kernel() {
        let mut emitted = Emitted::default();
        emitted.push(1, Mask::CREATE | Mask::ISDIR, 0, b"sixteen bytes 16", Target::Watch(1));
        emitted.push(2, Mask::CLOSE_WRITE, 7, b"x", Target::Watch(2));
        let (first, rest) = Event::split_first(&emitted.records).unwrap().unwrap();
        let (second, rest) = Event::split_first(rest).unwrap().unwrap();
        let read = [first, second].map(|event| (event.wd, event.mask, event.name, event.len));
        assert_eq!(read[0], (1, Mask::CREATE | Mask::ISDIR, &b"sixteen bytes 16"[..], 32));
        assert_eq!((read[1], rest), ((2, Mask::CLOSE_WRITE, &b"x"[..], 16), &b""[..]));
    }
}
