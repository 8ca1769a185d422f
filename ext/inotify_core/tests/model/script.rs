//! The words of a case: operations on the disk, and what the engine and the consumer do meanwhile. See
//! [`case`](crate::case) for an example.
//!
//! Operations are named as in a shell: `mkdir`, `write` (makes or changes a file), `append`, `map` (writes through a
//! memory map), `reopen` (opens for writing and closes), `rm`, `rm-r`, `mv`, `xchg` (RENAME_EXCHANGE), `ln`, `ln-s
//! TARGET PATH`, `chmod`, `permit PATH rx` (or `r`, `x`, `-`), `hold` (keep open), `scribble` (write to what is held),
//! `release`, `mount DIR AT` (the same directory under a second path), `share DIR AT`
//! (the same as a file system of a type that others change unseen), `limit N` (watches; `-`: none), `descriptors N`,
//! `capacity N` (of the queue), `clock -N` (sets the clock back that files are stamped by, or forward). `between N OP`: it happens before the last N events are queued, as from another thread.
//! `event WD MASK COOKIE NAME`: one that nothing caused, its mask in hexadecimal.
//!
//! The engine and the consumer: `read` (empties the kernel's queue), `apply N` (applies N events; all), `work` (carries
//! out all effects), `work K [1 OP] [3 OP]` (carries out the K-th effect, with operations between its system calls),
//! `close` (closes the directories that are kept open), `finish` (no event will come), `retry` (what is denied), `poll`
//! (scans what is polled; operations between its system calls may follow, as with `work`), `begin` (ends the first scan), `deliver` (makes the next batch ready), `merge` (adds to the batch that is ready),
//! `take` (the consumer takes it), `consume` (it reads the reported files), `done` (the same, and it says so), `sync` (all of that, until all is quiet;
//! then everything must be right), `checkpoint` (the consumer reads the reported files, and keeps what it knows with a
//! checkpoint; operations between its system calls may follow, as with `work`), `restart` (another process goes on from that; `begin` ends its first scan).

use std::fmt;

use inotify_core::Mask;

use crate::disk::Queued;

/// An operation on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Mkdir(String),
    Write(String),
    Append(String),
    Map(String),
    Reopen(String),
    Remove(String),
    RemoveAll(String),
    Rename(String, String),
    Exchange(String, String),
    Link(String, String),
    Symlink(String, String),
    Chmod(String),
    Permit(String, bool, bool),
    Hold(String),
    Scribble,
    Release,
    Mount(String, String),
    Share(String, String),
    Limit(Option<usize>),
    Descriptors(Option<usize>),
    Capacity(usize),
    Clock(i64),
}

/// One step of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Do(Op),
    Between(usize, Op),
    Forge(Queued),
    Read,
    Apply(Option<usize>),
    Work(Option<usize>, Vec<(usize, Op)>),
    Close,
    Finish,
    Poll(Vec<(usize, Op)>),
    Retry,
    Begin,
    Deliver,
    Merge,
    Take,
    Consume,
    Done,
    Sync,
    Checkpoint(Vec<(usize, Op)>),
    Restart,
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mkdir(path) => write!(f, "mkdir {path}"),
            Self::Write(path) => write!(f, "write {path}"),
            Self::Append(path) => write!(f, "append {path}"),
            Self::Map(path) => write!(f, "map {path}"),
            Self::Reopen(path) => write!(f, "reopen {path}"),
            Self::Remove(path) => write!(f, "rm {path}"),
            Self::RemoveAll(path) => write!(f, "rm-r {path}"),
            Self::Rename(from, to) => write!(f, "mv {from} {to}"),
            Self::Exchange(one, other) => write!(f, "xchg {one} {other}"),
            Self::Link(from, to) => write!(f, "ln {from} {to}"),
            Self::Symlink(target, path) => write!(f, "ln-s {target} {path}"),
            Self::Chmod(path) => write!(f, "chmod {path}"),
            Self::Permit(path, r, x) => {
                let bits = [("r", r), ("x", x)].into_iter().filter(|(_, on)| **on).map(|(bit, _)| bit);
                let bits: String = bits.collect();
                write!(f, "permit {path} {}", if bits.is_empty() { "-" } else { &bits })
            }
            Self::Hold(path) => write!(f, "hold {path}"),
            Self::Scribble => write!(f, "scribble"),
            Self::Release => write!(f, "release"),
            Self::Mount(from, at) => write!(f, "mount {from} {at}"),
            Self::Share(from, at) => write!(f, "share {from} {at}"),
            Self::Limit(None) => write!(f, "limit -"),
            Self::Limit(Some(limit)) => write!(f, "limit {limit}"),
            Self::Descriptors(None) => write!(f, "descriptors -"),
            Self::Descriptors(Some(limit)) => write!(f, "descriptors {limit}"),
            Self::Capacity(capacity) => write!(f, "capacity {capacity}"),
            Self::Clock(seconds) => write!(f, "clock {seconds}"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Do(op) => write!(f, "{op}"),
            Self::Between(count, op) => write!(f, "between {count} {op}"),
            Self::Forge(event) => {
                write!(f, "event {} {:x} {} {}", event.wd, event.mask.bits(), event.cookie, event.name)
            }
            Self::Read => write!(f, "read"),
            Self::Apply(None) => write!(f, "apply"),
            Self::Apply(Some(count)) => write!(f, "apply {count}"),
            Self::Work(None, _) => write!(f, "work"),
            Self::Work(Some(which), during) => {
                write!(f, "work {which}")?;
                show_during(during, f)
            }
            Self::Close => write!(f, "close"),
            Self::Finish => write!(f, "finish"),
            Self::Poll(during) => {
                write!(f, "poll")?;
                show_during(during, f)
            }
            Self::Retry => write!(f, "retry"),
            Self::Begin => write!(f, "begin"),
            Self::Deliver => write!(f, "deliver"),
            Self::Merge => write!(f, "merge"),
            Self::Take => write!(f, "take"),
            Self::Consume => write!(f, "consume"),
            Self::Done => write!(f, "done"),
            Self::Sync => write!(f, "sync"),
            Self::Checkpoint(during) => {
                write!(f, "checkpoint")?;
                show_during(during, f)
            }
            Self::Restart => write!(f, "restart"),
        }
    }
}

fn show_during(during: &[(usize, Op)], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    during.iter().try_for_each(|(when, op)| write!(f, " [{when} {op}]"))
}

/// The script of these steps.
pub(crate) fn show(steps: &[Step]) -> String {
    steps.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// The steps of a script, which are separated by semicolons.
pub(crate) fn parse(script: &str) -> Vec<Step> {
    script.split(';').map(str::trim).filter(|line| !line.is_empty()).map(step).collect()
}

fn step(line: &str) -> Step {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["read"] => Step::Read,
        ["apply"] => Step::Apply(None),
        ["apply", count] => Step::Apply(Some(count.parse().unwrap())),
        ["between", count, op @ ..] => Step::Between(count.parse().unwrap(), self::op(&op.join(" "))),
        ["work"] => Step::Work(None, Vec::new()),
        ["work", which, ..] => Step::Work(Some(which.parse().unwrap()), during(line)),
        ["close"] => Step::Close,
        ["finish"] => Step::Finish,
        ["poll", ..] => Step::Poll(during(line)),
        ["retry"] => Step::Retry,
        ["begin"] => Step::Begin,
        ["deliver"] => Step::Deliver,
        ["merge"] => Step::Merge,
        ["take"] => Step::Take,
        ["consume"] => Step::Consume,
        ["done"] => Step::Done,
        ["sync"] => Step::Sync,
        ["checkpoint", ..] => Step::Checkpoint(during(line)),
        ["restart"] => Step::Restart,
        ["event", wd, mask, cookie, name @ ..] => Step::Forge(Queued {
            wd: wd.parse().unwrap(),
            mask: Mask::from_bits_retain(u32::from_str_radix(mask, 16).unwrap()),
            cookie: cookie.parse().unwrap(),
            name: name.first().copied().unwrap_or_default().to_owned(),
        }),
        _ => Step::Do(op(line)),
    }
}

fn during(line: &str) -> Vec<(usize, Op)> {
    let parts = line.split('[').skip(1).map(|part| part.trim_end().trim_end_matches(']'));
    parts.map(|part| part.split_once(' ').map(|(when, what)| (when.parse().unwrap(), op(what))).unwrap()).collect()
}

fn op(line: &str) -> Op {
    let words: Vec<&str> = line.split_whitespace().collect();
    let own = |path: &&str| (*path).to_owned();
    match words.as_slice() {
        ["mkdir", path] => Op::Mkdir(own(path)),
        ["write", path] => Op::Write(own(path)),
        ["append", path] => Op::Append(own(path)),
        ["map", path] => Op::Map(own(path)),
        ["reopen", path] => Op::Reopen(own(path)),
        ["rm", path] => Op::Remove(own(path)),
        ["rm-r", path] => Op::RemoveAll(own(path)),
        ["mv", from, to] => Op::Rename(own(from), own(to)),
        ["xchg", one, other] => Op::Exchange(own(one), own(other)),
        ["ln", from, to] => Op::Link(own(from), own(to)),
        ["ln-s", target, path] => Op::Symlink(own(target), own(path)),
        ["chmod", path] => Op::Chmod(own(path)),
        ["permit", path, bits] => Op::Permit(own(path), bits.contains('r'), bits.contains('x')),
        ["hold", path] => Op::Hold(own(path)),
        ["scribble"] => Op::Scribble,
        ["release"] => Op::Release,
        ["mount", from, at] => Op::Mount(own(from), own(at)),
        ["share", from, at] => Op::Share(own(from), own(at)),
        ["limit", "-"] => Op::Limit(None),
        ["limit", limit] => Op::Limit(Some(limit.parse().unwrap())),
        ["descriptors", "-"] => Op::Descriptors(None),
        ["descriptors", limit] => Op::Descriptors(Some(limit.parse().unwrap())),
        ["capacity", capacity] => Op::Capacity(capacity.parse().unwrap()),
        ["clock", seconds] => Op::Clock(seconds.parse().unwrap()),
        _ => panic!("no such step: {line}"),
    }
}
