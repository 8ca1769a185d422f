//! Applies events in the order of the queue.

use crate::event::Event;
use crate::flags::Mask;
use crate::gitignore::{DOT_GIT, GITIGNORE};

use super::path::ITSELF;
use super::store::{Child, NodeId, Place, WriteState};
use super::{Effect, Model, Need};

impl Model {
    /// Applies one event. For an overflow, call [`rescan`](Self::rescan).
    pub(crate) fn apply(&mut self, event: &Event<'_>) {
        if event.mask.contains(Mask::IGNORED) {
            self.watch_dropped(event.wd);
            return;
        }
        if event.name.is_empty() && self.watches.has_files(event.wd) {
            self.apply_to_mounted(event.wd, event.mask);
            return;
        }
        if event.mask.contains(Mask::MOVED_FROM) {
            self.renames.left(event.cookie, event.wd, event.name);
        } else if event.mask.contains(Mask::MOVED_TO) {
            self.renames.arrived(event.cookie, event.wd, event.name);
        }
        let dirs: Vec<NodeId> = if event.name.is_empty() {
            self.watches.nodes(event.wd).collect()
        } else {
            self.watches.dirs(event.wd).chain(self.watches.file_roots(event.wd, event.name)).collect()
        };
        // A rename cannot be assigned to one of several places of its directory; nor, before the predicate replies, can
        // the new place be known to be included. A root that is a file needs events of its own name only.
        let has_predicate = self.inclusion.has_predicate();
        let shared = has_predicate || self.watches.nodes(event.wd).nth(1).is_some();
        let shared_whole = has_predicate || self.watches.dirs(event.wd).nth(1).is_some();
        for dir in dirs {
            if self.store.wd(dir) != Some(event.wd) {
                // The event removed this place when it was applied to another one of the directory.
                continue;
            }
            if event.name.is_empty() {
                self.apply_to_self(dir, event.mask);
                continue;
            }
            match self.roots.only(dir) {
                None => self.apply_to_child(dir, event.name, event, shared_whole),
                // The path is a directory now.
                Some(_) if event.mask.contains(Mask::ISDIR) => self.effects.add(Effect::ResolveRoot(dir)),
                Some(_) => self.apply_to_child(dir, ITSELF, event, shared),
            }
        }
    }

    /// The kernel dropped a watch: its directory was removed or unmounted. Scans its place.
    fn watch_dropped(&mut self, wd: i32) {
        let dirs: Vec<NodeId> = self.watches.nodes(wd).collect();
        for dir in dirs {
            self.watches.remove(wd, dir, self.roots.only(dir));
            self.store.set_wd(dir, None);
            self.scan(dir, Need::Watch);
        }
        self.watches.forget_files(wd);
        self.retry_skipped(wd);
        self.retry_denied(libc::ENOSPC);
    }

    fn apply_to_self(&mut self, dir: NodeId, mask: Mask) {
        if !self.roots.contains(dir) {
            if self.is_link(dir) && mask.intersects(Mask::DELETE_SELF | Mask::MOVE_SELF) {
                self.scan(dir, Need::Watch);
            }
            return;
        }
        if mask.intersects(Mask::DELETE_SELF | Mask::MOVE_SELF | Mask::UNMOUNT) {
            self.resolve_root_again(dir);
        }
        if mask.contains(Mask::ATTRIB) && self.roots.only(dir).is_none() {
            self.pending.dir_attributes(dir);
            self.retry_denied(libc::EACCES);
        }
    }

    fn apply_to_child(&mut self, dir: NodeId, name: &[u8], event: &Event<'_>, shared: bool) {
        let place = (dir, Box::from(name));
        let isdir = event.mask.contains(Mask::ISDIR);
        if (name == GITIGNORE || name == DOT_GIT) && self.inclusion.uses_gitignore() {
            self.rules_changed(dir);
        }
        // The renaming process holds a lock on the directory until MOVED_TO is queued: another event of the directory
        // shows that none will come.
        if !event.mask.contains(Mask::MOVED_TO) {
            self.finish_renames(Some(&place));
            if self.store.wd(dir) != Some(event.wd) {
                // The directory was below the removed one.
                return;
            }
        }
        if event.mask.intersects(Mask::DELETE | Mask::MOVED_FROM) && self.is_another(&place, isdir) {
            // The kernel means another entry: this is an exchange, or a scan was ahead of the event.
            self.request_stat(place);
        } else if event.mask.contains(Mask::CREATE) {
            self.appear(place.clone(), isdir, false);
            self.set_write_state(&place, WriteState::Created);
        } else if event.mask.contains(Mask::DELETE) {
            self.remove_child(&place, false);
        } else if event.mask.contains(Mask::MOVED_FROM) {
            self.move_from(place, event.cookie, shared);
        } else if event.mask.contains(Mask::MOVED_TO) {
            self.move_to(place, event.cookie, isdir, shared);
        } else if event.mask.contains(Mask::MODIFY) && !isdir {
            self.modify(place);
        } else if event.mask.contains(Mask::CLOSE_WRITE) && !isdir {
            self.closed(place);
        } else if event.mask.contains(Mask::ATTRIB) {
            self.change_attributes(place, isdir);
        }
    }

    /// Whether the model has a file where the kernel has a directory, or the other way round. A directory that was
    /// entered through a link is neither.
    fn is_another(&self, place: &Place, isdir: bool) -> bool {
        match self.store.find(place.0, &place.1) {
            Some(Child::Dir(child)) => !isdir || self.is_link(child),
            Some(Child::File) => isdir,
            None => false,
        }
    }

    fn modify(&mut self, place: Place) {
        match self.store.find(place.0, &place.1) {
            Some(Child::File) => self.file_modified(&place, false),
            Some(Child::Dir(_)) => {}
            None => self.check(place, false),
        }
    }

    fn change_attributes(&mut self, place: Place, isdir: bool) {
        match self.store.find(place.0, &place.1) {
            Some(Child::File) => self.pending.file_attributes(&place),
            Some(Child::Dir(child)) => {
                self.pending.dir_attributes(child);
                self.retry_denied(libc::EACCES);
            }
            None => self.check(place, isdir),
        }
    }

    /// An event of an unknown entry: it is removed and still written to, or a scan missed it.
    pub(super) fn check(&mut self, place: Place, isdir: bool) {
        if self.is_included(place.0, &place.1, isdir) {
            self.request_stat(place);
        }
    }

    pub(super) fn request_stat(&mut self, (dir, name): Place) {
        if self.roots.only(dir).is_none() {
            self.effects.add(Effect::Stat(dir, name));
            return;
        }
        if self.store.find(dir, &name).is_some() {
            let place = (dir, name);
            self.file_modified(&place, false);
            // It may be another file, which nobody writes.
            self.set_write_state(&place, WriteState::Unknown);
        }
        self.effects.add(Effect::ResolveRoot(dir));
    }
}
