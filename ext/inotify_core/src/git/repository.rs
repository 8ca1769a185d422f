//! Finds repositories, and reads what they say of all paths in their work trees.
//!
//! `.git` is a directory, or in a worktree or submodule a file: `gitdir: ../.git/worktrees/one`. A worktree shares the
//! configuration and `info/exclude` of the main one, which the file `commondir` leads to.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::config::{Setting, parse};
use super::{DirRules, Environment, Repository};
use crate::gitignore::{Case, Rules};
use crate::gitignore::{DOT_GIT, GITIGNORE};
use crate::system::{Files, Stat, Symlinks};
use crate::wildmatch::{Slashes, matches};

/// How deep files may include one another.
const INCLUDES: usize = 10;

/// Where a repository's files are.
#[derive(Debug)]
struct Place {
    top: PathBuf,
    git: PathBuf,
    /// Where what all worktrees share is.
    common: PathBuf,
    /// Whether it may lead to other files.
    trusted: bool,
}

/// Reads a repository, and notes which paths what it found depends on: whether they are there or not, and what is in
/// them.
pub(crate) struct Reader<'e, S> {
    system: &'e S,
    environment: &'e Environment,
    pub(crate) sources: Vec<PathBuf>,
}

/// What of the configuration counts here.
#[derive(Debug, Default)]
struct Config {
    excludes_file: Option<Vec<u8>>,
    case: Case,
    per_worktree: bool,
    /// Directories that are trusted although they belong to others.
    safe: Vec<Vec<u8>>,
}

impl<'e, S: Files> Reader<'e, S> {
    pub(crate) fn new(system: &'e S, environment: &'e Environment) -> Self {
        Self { system, environment, sources: Vec::new() }
    }

    /// What git's files say of a directory whose .gitignore file has this text: those of the repository whose work tree
    /// has its top there, or for a root those of the work tree that it lies in.
    pub(crate) fn rules(&mut self, dir: &[u8], is_root: bool, gitignore: Option<&[u8]>) -> DirRules {
        let mut rules = DirRules::new(gitignore);
        let dir = Path::new(OsStr::from_bytes(dir));
        if is_root {
            self.read_above(dir, &mut rules);
        } else {
            self.read_top(dir, &mut rules);
        }
        rules
    }

    /// Adds the rules of the repository whose work tree has its top at this directory, if there is one.
    fn read_top(&mut self, dir: &Path, rules: &mut DirRules) {
        let dir = self.real(dir);
        if let Some(place) = self.find(&dir) {
            rules.set_repository(self.repository(&place, &dir));
        }
    }

    /// Adds the rules of the work tree that a root lies in, and those of the .gitignore files between its top and the
    /// root.
    fn read_above(&mut self, root: &Path, rules: &mut DirRules) {
        let root = self.real(root);
        let Some(place) = root.ancestors().find_map(|dir| self.find(dir)) else { return };
        let between: Vec<&Path> = root.ancestors().skip(1).take_while(|dir| dir.starts_with(&place.top)).collect();
        for dir in between.into_iter().rev() {
            let text = self.read(&dir.join(OsStr::from_bytes(GITIGNORE)), Symlinks::Kept);
            if let (Some(text), Ok(path)) = (text, root.strip_prefix(dir)) {
                rules.add_above(&text, path.as_os_str().as_bytes().to_vec());
            }
        }
        rules.set_repository(self.repository(&place, &root));
    }

    fn real(&self, path: &Path) -> PathBuf {
        let real = self.system.real_path(path.as_os_str().as_bytes());
        real.map_or_else(|_| path.to_path_buf(), |real| PathBuf::from(OsString::from_vec(real)))
    }

    fn stat(&self, path: &Path, symlinks: Symlinks) -> Option<Stat> {
        self.system.stat(None, path.as_os_str().as_bytes(), symlinks).ok()
    }

    /// Whether a path leads to something of this format.
    fn leads_to(&self, path: &Path, format: libc::mode_t) -> bool {
        self.stat(path, Symlinks::Followed).is_some_and(|stat| stat.format == format)
    }

    fn read(&mut self, path: &Path, symlinks: Symlinks) -> Option<Vec<u8>> {
        self.depend_on(path);
        self.system.read_file(None, path.as_os_str().as_bytes(), symlinks)
    }

    fn depend_on(&mut self, path: &Path) {
        if !self.sources.iter().any(|source| source == path) {
            self.sources.push(path.to_path_buf());
        }
    }

    /// The repository whose work tree has its top at this directory.
    fn find(&mut self, top: &Path) -> Option<Place> {
        let dot_git = top.join(OsStr::from_bytes(DOT_GIT));
        self.depend_on(&dot_git);
        let found = self.stat(&dot_git, Symlinks::Kept)?.format;
        let safe = self.is_safe(top);
        // Whoever else may write here must not have any file be read or watched.
        let trusted = safe || self.trusts(top) && self.trusts(&dot_git);
        let is_link = found == libc::S_IFLNK && trusted && self.leads_to(&dot_git, libc::S_IFREG);
        let git = if found == libc::S_IFREG || is_link {
            let text = self.read(&dot_git, if trusted { Symlinks::Followed } else { Symlinks::Kept })?;
            named_dir(top, &text)?
        } else {
            dot_git
        };
        let shared = if trusted { self.read(&git.join("commondir"), Symlinks::Followed) } else { None };
        let common = match &shared {
            Some(text) => git.join(path_in(text)?),
            None => git.clone(),
        };
        let needed = [git.join("HEAD"), common.join("objects"), common.join("refs")];
        if trusted || found == libc::S_IFDIR {
            needed.iter().for_each(|path| self.depend_on(path));
        }
        let [head, objects, refs] = needed;
        let there = self.stat(&head, Symlinks::Kept).is_some()
            && self.leads_to(&objects, libc::S_IFDIR)
            && self.leads_to(&refs, libc::S_IFDIR);
        let trusted = safe || trusted && self.trusts(&git);
        there.then(|| Place { top: top.to_path_buf(), git, common, trusted })
    }

    /// Whether a path belongs to whom this process works for.
    fn trusts(&self, path: &Path) -> bool {
        self.stat(path, Symlinks::Kept).is_some_and(|stat| self.environment.trusts(stat.user))
    }

    /// Whether `safe.directory` says that this directory may belong to anybody. git does not work in a repository of
    /// somebody else otherwise.
    fn is_safe(&mut self, top: &Path) -> bool {
        let config = self.configuration(None);
        let path = top.as_os_str().as_bytes();
        config.safe.iter().any(|safe| match safe.strip_suffix(b"/*") {
            _ if safe == b"*" => true,
            Some(above) => path.strip_prefix(above).is_some_and(|rest| rest.starts_with(b"/")),
            None => self.environment.expand(safe).is_some_and(|safe| safe == top),
        })
    }

    /// What the user and the machine have configured.
    fn configuration(&mut self, place: Option<&Place>) -> Config {
        let mut config = Config::default();
        for path in self.environment.configs() {
            self.configure(&mut config, place, &path, 0);
        }
        config
    }

    /// What a repository says of a directory in its work tree.
    fn repository(&mut self, place: &Place, dir: &Path) -> Repository {
        let mut config = self.configuration(Some(place));
        let mut excluded = None;
        if place.trusted {
            self.configure(&mut config, Some(place), &place.common.join("config"), 0);
            if config.per_worktree {
                self.configure(&mut config, Some(place), &place.git.join("config.worktree"), 0);
            }
            excluded = self.read(&place.common.join("info/exclude"), Symlinks::Followed);
        }
        let file = match &config.excludes_file {
            Some(path) => self.environment.expand(path).map(|path| place.top.join(path)),
            None => self.environment.excludes_file(),
        };
        let everywhere = file.and_then(|path| self.read(&path, Symlinks::Followed));
        let excludes = [excluded, everywhere].iter().flatten().map(|text| Rules::new(text)).collect();
        let path = dir.strip_prefix(&place.top).unwrap_or(Path::new("")).as_os_str().as_bytes().to_vec();
        Repository { path, excludes, case: config.case }
    }

    /// `place`: the repository; `None`: it does not matter.
    fn configure(&mut self, config: &mut Config, place: Option<&Place>, path: &Path, depth: usize) {
        let Some(text) = self.read(path, Symlinks::Followed) else { return };
        for setting in parse(&text) {
            if setting.is("core", "excludesfile") {
                config.excludes_file.clone_from(&setting.value);
            } else if setting.is("core", "ignorecase") {
                config.case = if setting.is_true() { Case::Ignored } else { Case::Respected };
            } else if setting.is("extensions", "worktreeconfig") {
                config.per_worktree = setting.is_true();
            } else if setting.is("safe", "directory") {
                match setting.value.as_deref() {
                    None | Some(b"") => config.safe.clear(),
                    Some(value) => config.safe.push(value.to_vec()),
                }
            } else if depth < INCLUDES && self.is_included(&setting, place, path) {
                let included = setting.value.as_deref().and_then(|value| self.environment.expand(value));
                if let (Some(included), Some(dir)) = (included, path.parent()) {
                    self.configure(config, place, &dir.join(included), depth + 1);
                }
            }
        }
    }

    /// Whether a setting includes another file here: `include.path`, and `includeIf.gitdir:….path`.
    fn is_included(&self, setting: &Setting, place: Option<&Place>, path: &Path) -> bool {
        if setting.is("include", "path") {
            return true;
        }
        let condition =
            setting.subsection.as_deref().filter(|_| setting.section == b"includeif" && setting.key == b"path");
        let (Some(condition), Some(place)) = (condition, place) else { return false };
        let (pattern, case) = match (condition.strip_prefix(b"gitdir:"), condition.strip_prefix(b"gitdir/i:")) {
            (Some(pattern), _) => (pattern, Case::Respected),
            (_, Some(pattern)) => (pattern, Case::Ignored),
            _ => return false,
        };
        let pattern = match pattern.strip_prefix(b"./") {
            Some(rest) => path.parent().map(|dir| dir.join(OsStr::from_bytes(rest))),
            None => self.environment.expand(pattern),
        };
        let Some(pattern) = pattern else { return false };
        let anywhere: &[u8] = if pattern.is_absolute() { b"" } else { b"**/" };
        let pattern = pattern.as_os_str().as_bytes();
        let all: &[u8] = if pattern.ends_with(b"/") { b"**" } else { b"" };
        let pattern = [anywhere, pattern, all].concat();
        [self.real(&place.git), place.git.clone()]
            .iter()
            .any(|git| matches(&pattern, git.as_os_str().as_bytes(), Slashes::Apart, case))
    }
}

/// The directory of git that the text of a file `.git` names. `top`: where that file is.
pub(super) fn named_dir(top: &Path, text: &[u8]) -> Option<PathBuf> {
    Some(top.join(path_in(text.strip_prefix(b"gitdir: ")?)?))
}

/// The path that a file consists of.
fn path_in(text: &[u8]) -> Option<&Path> {
    let end = text.iter().rposition(|byte| !b"\r\n".contains(byte))?;
    Some(Path::new(OsStr::from_bytes(text.get(..=end)?)))
}
