//! The kernel's own list of the watches of an instance: proc(5), "/proc/pid/fdinfo/".

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::os::fd::RawFd;

use crate::flags::Mask;

/// One watch as the kernel holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KernelWatch {
    /// The watch descriptor.
    pub wd: i32,
    /// The events that are watched for.
    pub mask: Mask,
}

/// Reads the list. The kernel makes it line by line: later changes may or may not be in it.
///
/// # Errors
/// When /proc is not there or `fd` is not open.
pub fn watches(fd: RawFd) -> io::Result<Vec<KernelWatch>> {
    let text = fs::read_to_string(path(fd))?;
    Ok(text.lines().filter_map(watch).collect())
}

/// Whether the instance has a watch. Reads no further than the first; `false` also where /proc does not report.
#[must_use]
pub fn any(fd: RawFd) -> bool {
    let Ok(list) = File::open(path(fd)) else { return false };
    BufReader::new(list).lines().map_while(Result::ok).any(|line| line.starts_with("inotify "))
}

fn path(fd: RawFd) -> String {
    format!("/proc/self/fdinfo/{fd}")
}

/// Reads a line such as `inotify wd:1 ino:2 sdev:fe00001 mask:fce ignored_mask:0 fhandle-bytes:8 …`, all hexadecimal.
fn watch(line: &str) -> Option<KernelWatch> {
    let fields = line.strip_prefix("inotify ")?;
    let field = |name: &str| {
        let value = fields.split(' ').find_map(|field| field.strip_prefix(name)?.strip_prefix(':'))?;
        u64::from_str_radix(value, 16).ok()
    };
    Some(KernelWatch {
        wd: i32::try_from(field("wd")?).ok()?,
        mask: Mask::from_bits_retain(u32::try_from(field("mask")?).ok()?),
    })
}
