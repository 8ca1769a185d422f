//! Rules of git outside of the .gitignore files in the tree: the other files with rules are read, and watched wherever
//! they are.

use std::path::PathBuf;

use hashbrown::HashSet;

use crate::event::Event;
use crate::flags::Mask;
use crate::git::{DirRules, Environment, Reader};
use crate::model::{Followed, Model, NodeId};
use crate::system::System;

use super::Engine;
use super::dir_cache::{DirCache, GitFiles};
use super::resolver::Resolver;

/// The events of a file that was written, or may be readable now.
const CONTENT: Mask = Mask::CLOSE_WRITE.union(Mask::ATTRIB);

/// How often files are read again because they led to other files than before.
const READINGS: usize = 4;

/// The files with rules, and the directories that depend on them.
#[derive(Debug)]
pub(crate) struct GitRules {
    environment: Environment,
    pub(super) resolver: Resolver,
    dependent: HashSet<NodeId>,
}

impl GitRules {
    pub(super) fn new() -> Self {
        Self { environment: Environment::new(), resolver: Resolver::of_files(CONTENT), dependent: HashSet::new() }
    }

    /// The directories whose rules an event may have changed.
    pub(super) fn affected(&self, event: &Event<'_>) -> Vec<NodeId> {
        let affected = if self.resolver.contains(event.wd) { self.resolver.affected(event) } else { Vec::new() };
        let dir = |followed| match followed {
            Followed::Dir(dir) => Some(dir),
            Followed::Link(_) => None,
        };
        affected.into_iter().filter_map(dir).collect()
    }

    /// Reads the rules of a directory. Returns them, and the wds that are not needed any more.
    fn read<S: System>(
        &mut self,
        system: &S,
        dirs: &mut DirCache<S>,
        model: &Model,
        dir: NodeId,
        found: &GitFiles,
    ) -> (DirRules, Vec<i32>) {
        let gitignore = found.gitignore.as_deref();
        let mut rules = DirRules::new(gitignore);
        let has_sources = found.dot_git || model.is_root(dir);
        let path = if has_sources { dirs.path(model, dir) } else { None };
        let Some(path) = path else { return (rules, self.release(dir)) };
        self.dependent.insert(dir);
        let mut watched: Vec<PathBuf> = Vec::new();
        let mut unused = Vec::new();
        for _ in 0..READINGS {
            let mut reader = Reader::new(system, &self.environment);
            rules = reader.rules(&path, model.is_root(dir), gitignore);
            // A file that is read before it is watched may have changed meanwhile.
            if reader.sources == watched {
                break;
            }
            watched = reader.sources;
            unused.extend(self.resolver.depend(system, &mut dirs.polled, dir, &watched));
        }
        unused.retain(|wd| !self.resolver.contains(*wd));
        (rules, unused)
    }

    fn release(&mut self, dir: NodeId) -> Vec<i32> {
        if self.dependent.remove(&dir) { self.resolver.release(Followed::Dir(dir)) } else { Vec::new() }
    }

    /// Forgets the files that deleted directories depended on. Returns the wds that none depends on any more.
    fn release_gone(&mut self, model: &Model) -> Vec<i32> {
        let is_gone = |dir: &&NodeId| !model.is_root(**dir) && model.place(**dir).is_none();
        let gone: Vec<NodeId> = self.dependent.iter().filter(is_gone).copied().collect();
        gone.into_iter().flat_map(|dir| self.release(dir)).collect()
    }
}

impl<S: System> Engine<S> {
    /// The rules of a directory with these files.
    pub(super) fn rules(&mut self, dir: NodeId, found: &GitFiles) -> DirRules {
        let (rules, unused) = self.git_rules.read(&self.system, &mut self.dirs, &self.model, dir, found);
        self.unwatch_all(unused);
        rules
    }

    /// Removes the watches that only deleted directories depended on.
    pub(super) fn release_git_rules(&mut self) {
        let unused = self.git_rules.release_gone(&self.model);
        self.unwatch_all(unused);
    }
}
