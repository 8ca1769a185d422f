//! Listing a directory, and what is reported about the entries.

use std::io;
use std::os::fd::BorrowedFd;

use rustix::fs::FileType;

use super::walk::{Step, Walk, is_gone};
use super::{Branches, NONE};
use crate::directory;
use crate::flags::Mask;
use crate::moment::Since;
use crate::sys::{self, Stat};

/// In which what happened to a file is reported.
const ORDER: [Mask; 4] = [Mask::CREATE, Mask::MODIFY, Mask::ATTRIB, Mask::CLOSE_WRITE];

impl Branches {
    pub(super) fn list(&mut self, id: u32, dir: BorrowedFd<'_>, tell: bool, walk: &mut Walk) -> io::Result<()> {
        if let Some(since) = walk.since.filter(|_| !tell) {
            self.tell_directory(id, dir, since, walk);
        }
        directory::each_entry(dir, |entry_type, name| self.list_entry(id, dir, entry_type, name, tell, walk))
    }

    /// Reports that entries were added to a directory or removed from it since: on its parent, or as `.` of a root.
    fn tell_directory(&self, id: u32, dir: BorrowedFd<'_>, since: Since, walk: &mut Walk) {
        let Some(node) = self.node(id) else { return };
        if sys::fstat(dir).is_ok_and(|stat| since.includes(stat.changed)) {
            let (wd, name): (i32, &[u8]) = match self.node(node.parent) {
                Some(parent) => (parent.wd, &node.name),
                None => (node.wd, b"."),
            };
            if wd >= 0 {
                self.tell(id, Mask::ATTRIB | Mask::ISDIR, wd, name, &mut walk.records);
            }
        }
    }

    fn list_entry(
        &mut self,
        id: u32,
        dir: BorrowedFd<'_>,
        entry_type: FileType,
        name: &[u8],
        tell: bool,
        walk: &mut Walk,
    ) {
        let nothing_to_tell = !tell && walk.since.is_none();
        match entry_type {
            FileType::Directory if nothing_to_tell => {
                let root = self.node(id).map_or(NONE, |node| node.root);
                walk.steps.push(Step { parent: id, root, name: name.into(), link: false, tell });
            }
            FileType::Symlink | FileType::Unknown => self.look_at_entry(id, dir, entry_type, name, tell, walk),
            _ if nothing_to_tell => {}
            _ => self.look_at_entry(id, dir, entry_type, name, tell, walk),
        }
    }

    fn look_at_entry(
        &mut self,
        id: u32,
        dir: BorrowedFd<'_>,
        entry_type: FileType,
        name: &[u8],
        tell: bool,
        walk: &mut Walk,
    ) {
        let Some(asked) = self.asked(id) else { return };
        let (wanted, follows_links) = (asked.wanted, asked.follows_links);
        let format = match entry_type {
            FileType::Directory => libc::S_IFDIR,
            FileType::Symlink => libc::S_IFLNK,
            FileType::RegularFile => libc::S_IFREG,
            FileType::Unknown => match sys::lstatat(Some(dir), name) {
                Ok(stat) => stat.format,
                Err(error) => return self.deny(id, name, &error, walk),
            },
            _ => 0,
        };
        // Where that can't be known, it is tried.
        let leads_to_directory = || match sys::statat(Some(dir), name) {
            Ok(target) => target.format == libc::S_IFDIR,
            Err(error) => !is_gone(&error),
        };
        let link = format == libc::S_IFLNK && follows_links && leads_to_directory();
        let directory = format == libc::S_IFDIR;
        let Some(node) = self.node(id) else { return };
        let (wd, root) = (node.wd, node.root);
        // Where it can't be: removed since it was listed, which an event reports.
        let stat = || sys::lstatat(Some(dir), name);
        let happened = match walk.since.filter(|_| !tell) {
            _ if tell && directory => Mask::CREATE | Mask::ISDIR,
            _ if tell => made(format, wanted, stat),
            Some(since) if !directory => match stat() {
                Ok(it) => {
                    let born = sys::born(dir, name).ok().flatten().is_none_or(|born| since.includes(born));
                    changed(&it, since, born)
                }
                Err(error) => {
                    self.deny(id, name, &error, walk);
                    Mask::empty()
                }
            },
            _ => Mask::empty(),
        };
        let isdir = happened & Mask::ISDIR;
        for bit in ORDER.into_iter().filter(|bit| happened.contains(*bit)) {
            self.tell(id, bit | isdir, wd, name, &mut walk.records);
        }
        if tell {
            self.told.entry(wd).or_default().insert(name.into());
        }
        if directory || link {
            walk.steps.push(Step { parent: id, root, name: name.into(), link, tell });
        }
    }
}

/// What happened to a file that was just made, as far as it is wanted: only then it is scanned.
fn made(format: libc::mode_t, wanted: Mask, stat: impl Fn() -> io::Result<Stat>) -> Mask {
    let mut mask = Mask::CREATE;
    if format == libc::S_IFREG {
        mask |= Mask::CLOSE_WRITE;
        if wanted.contains(Mask::MODIFY) && stat().is_ok_and(|stat| stat.size > 0) {
            mask |= Mask::MODIFY;
        }
    }
    mask
}

/// What happened to a file since.
fn changed(stat: &Stat, since: Since, born: bool) -> Mask {
    let mut mask = Mask::empty();
    if since.includes(stat.changed) {
        mask |= Mask::ATTRIB;
        if born {
            mask |= Mask::CREATE;
        }
        if since.includes(stat.modified) && stat.format == libc::S_IFREG {
            mask |= Mask::MODIFY | Mask::CLOSE_WRITE;
        }
    }
    mask
}
