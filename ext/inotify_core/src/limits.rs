//! The user's limits of inotify(7), "/proc interfaces", and of user_namespaces(7).

use std::fmt;
use std::fs;

/// A limit for each user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sysctl {
    /// Inotify instances.
    Instances,
    /// Watches, over all instances.
    Watches,
}

/// A limit and its value where this process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Which one.
    pub sysctl: Sysctl,
    /// Its value; `None` where /proc does not report.
    pub value: Option<u64>,
    /// Whether the limit of the user namespace is the one that holds, being below the system's.
    pub namespaced: bool,
}

impl Sysctl {
    /// Its name as sysctl(8) takes it.
    #[must_use]
    pub fn name(self, namespaced: bool) -> &'static str {
        match (self, namespaced) {
            (Self::Instances, false) => "fs.inotify.max_user_instances",
            (Self::Watches, false) => "fs.inotify.max_user_watches",
            (Self::Instances, true) => "user.max_inotify_instances",
            (Self::Watches, true) => "user.max_inotify_watches",
        }
    }

    /// A value that is enough for most users.
    #[must_use]
    pub fn ample(self) -> u64 {
        match self {
            Self::Instances => 1024,
            Self::Watches => 1_048_576,
        }
    }

    /// Reads the limit that holds for this process: the smaller of the system's and its user namespace's.
    #[must_use]
    pub fn limit(self) -> Limit {
        let read = |namespaced| {
            let path = format!("/proc/sys/{}", self.name(namespaced).replace('.', "/"));
            fs::read_to_string(path).ok()?.trim().parse::<u64>().ok()
        };
        match (read(false), read(true)) {
            (Some(system), Some(namespace)) if namespace < system => {
                Limit { sysctl: self, value: Some(namespace), namespaced: true }
            }
            (system, _) => Limit { sysctl: self, value: system, namespaced: false },
        }
    }
}

impl Limit {
    /// Its name as sysctl(8) takes it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.sysctl.name(self.namespaced)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        let kept = match self.sysctl {
            Sysctl::Instances => "inotify instances",
            Sysctl::Watches => "watches",
        };
        write!(f, "this user has no {kept} left: {name}")?;
        if let Some(value) = self.value {
            write!(f, " is {value}")?;
        }
        let ample = self.value.unwrap_or(0).saturating_mul(2).max(self.sysctl.ample());
        write!(f, "; raise it with `sudo sysctl {name}={ample}`, for good in a file under /etc/sysctl.d")
    }
}
