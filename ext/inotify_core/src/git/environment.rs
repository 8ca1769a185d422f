//! Where git's files are that belong to a user or a machine, as git-config(1) has it.

use std::env;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What the environment says when a watcher starts. Only then is it sure that nobody changes it meanwhile.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    home: Option<PathBuf>,
    /// Where a user's configuration is.
    directory: Option<PathBuf>,
    /// `GIT_CONFIG_GLOBAL`, and `GIT_CONFIG_SYSTEM` or what it stands for.
    global: Option<PathBuf>,
    system: Option<PathBuf>,
    /// Whose files are trusted: the user's own, and behind sudo(8) those of who called it.
    users: Vec<u32>,
}

impl Environment {
    pub(crate) fn new() -> Self {
        let path = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = path("HOME");
        let directory = path("XDG_CONFIG_HOME").or_else(|| home.as_ref().map(|home| home.join(".config")));
        let without_system =
            env::var("GIT_CONFIG_NOSYSTEM").is_ok_and(|value| super::config::is_true(value.as_bytes()));
        let system = path("GIT_CONFIG_SYSTEM").unwrap_or_else(|| PathBuf::from("/etc/gitconfig"));
        let user = rustix::process::geteuid().as_raw();
        let caller = env::var("SUDO_UID").ok().filter(|_| user == 0).and_then(|uid| uid.parse().ok());
        Self {
            home,
            directory: directory.map(|directory| directory.join("git")),
            global: path("GIT_CONFIG_GLOBAL"),
            system: (!without_system).then_some(system),
            users: [user].into_iter().chain(caller).collect(),
        }
    }

    /// The configuration that is no repository's, the weakest first.
    pub(crate) fn configs(&self) -> Vec<PathBuf> {
        let own = [self.in_directory("config"), self.home.as_ref().map(|home| home.join(".gitconfig"))];
        let global = if self.global.is_some() { [self.global.clone(), None] } else { own };
        [self.system.clone()].into_iter().chain(global).flatten().collect()
    }

    /// What `core.excludesFile` is where nothing says so.
    pub(crate) fn excludes_file(&self) -> Option<PathBuf> {
        self.in_directory("ignore")
    }

    /// Whether files of this user may lead to others.
    pub(crate) fn trusts(&self, user: u32) -> bool {
        self.users.contains(&user)
    }

    /// A path as a configuration has it, where `~/` is the home directory.
    pub(crate) fn expand(&self, path: &[u8]) -> Option<PathBuf> {
        match path.strip_prefix(b"~/") {
            Some(rest) => Some(self.home.as_ref()?.join(OsStr::from_bytes(rest))),
            None if path.starts_with(b"~") => None,
            None => Some(Path::new(OsStr::from_bytes(path)).to_path_buf()),
        }
    }

    fn in_directory(&self, name: &str) -> Option<PathBuf> {
        self.directory.as_ref().map(|directory| directory.join(name))
    }
}
