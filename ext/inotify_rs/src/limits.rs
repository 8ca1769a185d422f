//! `Inotify::Internal.user_limit`: a limit of the user.

use inotify_core::limits::Sysctl;
use magnus::{Error, Object, RModule, function};

/// The name of the limit of instances or watches that holds for this process, its value if /proc has one, and a value that
/// is enough for most users.
fn user_limit(watches: bool) -> (&'static str, Option<u64>, u64) {
    let sysctl = if watches { Sysctl::Watches } else { Sysctl::Instances };
    let limit = sysctl.limit();
    (limit.name(), limit.value, sysctl.ample())
}

pub(crate) fn init(internal: RModule) -> Result<(), Error> {
    internal.define_singleton_method("user_limit", function!(user_limit, 1))
}
