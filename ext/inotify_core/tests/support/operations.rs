//! What happens to a tree at random.

use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use proptest::prelude::*;

/// Where it happens.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub(crate) root: PathBuf,
    pub(crate) outside: PathBuf,
    pub(crate) names: Names,
}

/// What the parts of paths are.
pub(crate) type Names = [&'static [u8]; 3];

pub(crate) const PLAIN: Names = [b"a", b"b", b"c"];

/// A place in or outside of the tree: directories of up to four levels, and a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot(u8, u8, u8, u8);

impl Spot {
    fn path(self, root: &Path, outside: &Path, names: &Names) -> PathBuf {
        let Self(first, second, third, fourth) = self;
        let mut path = if first == 9 { outside.to_owned() } else { root.to_owned() };
        for part in [first, second, third, fourth] {
            if part > 0 && part < 9 {
                path.push(OsStr::from_bytes(names[usize::from(part - 1) % names.len()]));
            }
        }
        path
    }
}

impl fmt::Debug for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path(Path::new("tree"), Path::new("outside"), &PLAIN).display())
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Mkdir(Spot),
    Write(Spot, u8),
    Append(Spot),
    Remove(Spot),
    RemoveAll(Spot),
    Rename(Spot, Spot),
    Exchange(Spot, Spot),
    Save(Spot),
    Link(Spot, Spot),
    Symlink(Spot),
    Chmod(Spot),
    Replace(Spot),
    Deep(Spot),
    Permit(Spot, bool),
    RemoveRoot,
    RenameRoot,
}

fn spot() -> impl Strategy<Value = Spot> {
    let first = prop_oneof![6 => 1..=3_u8, 1 => Just(9)];
    (first, 0..=3_u8, 0..=3_u8, 0..=2_u8).prop_map(|(a, b, c, d)| Spot(a, b, c, d))
}

pub(crate) fn operations(most: usize) -> impl Strategy<Value = Vec<Operation>> {
    let operation = prop_oneof![
        12 => spot().prop_map(Operation::Mkdir),
        12 => (spot(), any::<u8>()).prop_map(|(at, byte)| Operation::Write(at, byte)),
        6 => spot().prop_map(Operation::Append),
        6 => spot().prop_map(Operation::Remove),
        4 => spot().prop_map(Operation::RemoveAll),
        14 => (spot(), spot()).prop_map(|(from, to)| Operation::Rename(from, to)),
        4 => (spot(), spot()).prop_map(|(from, to)| Operation::Exchange(from, to)),
        4 => spot().prop_map(Operation::Save),
        2 => (spot(), spot()).prop_map(|(from, to)| Operation::Link(from, to)),
        2 => spot().prop_map(Operation::Symlink),
        1 => spot().prop_map(Operation::Chmod),
        3 => spot().prop_map(Operation::Replace),
        4 => spot().prop_map(Operation::Deep),
        2 => (spot(), any::<bool>()).prop_map(|(at, permitted)| Operation::Permit(at, permitted)),
        1 => Just(Operation::RemoveRoot),
        1 => Just(Operation::RenameRoot),
    ];
    prop::collection::vec(operation, 1..most)
}

pub(crate) fn perform(ground: &Ground, operation: &Operation, serial: u32) -> io::Result<()> {
    let Ground { root, outside, names } = ground;
    let at = |spot: &Spot| spot.path(root, outside, names);
    match operation {
        Operation::Mkdir(spot) => fs::create_dir(at(spot)),
        Operation::Write(spot, byte) => fs::write(at(spot), format!("{byte}-{serial}")),
        Operation::Append(spot) => {
            use io::Write;
            let mut file = fs::OpenOptions::new().append(true).open(at(spot))?;
            file.write_all(format!("+{serial}").as_bytes())
        }
        Operation::Remove(spot) => fs::remove_file(at(spot)).or_else(|_| fs::remove_dir(at(spot))),
        Operation::RemoveAll(spot) => fs::remove_dir_all(at(spot)),
        Operation::Rename(from, to) => fs::rename(at(from), at(to)),
        Operation::Exchange(one, other) => exchange(&at(one), &at(other)),
        Operation::Save(spot) => {
            let path = at(spot);
            let temporary = path.with_file_name("saving");
            fs::write(&temporary, format!("saved-{serial}"))?;
            fs::rename(temporary, path)
        }
        Operation::Link(from, to) => fs::hard_link(at(from), at(to)),
        Operation::Symlink(spot) => std::os::unix::fs::symlink("..", at(spot)),
        Operation::Chmod(spot) => {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(at(spot), fs::Permissions::from_mode(0o700 + serial % 8))
        }
        Operation::Permit(spot, permitted) => {
            use std::os::unix::fs::PermissionsExt;
            let mode = if *permitted { 0o700 } else { [0, 0o300, 0o500, 0o600][usize::try_from(serial % 4).unwrap()] };
            // Not of what a link leads to, nor of files: their contents are to be compared.
            if !fs::symlink_metadata(at(spot))?.is_dir() {
                return Ok(());
            }
            fs::set_permissions(at(spot), fs::Permissions::from_mode(mode))
        }
        Operation::Replace(spot) => {
            let path = at(spot);
            fs::remove_dir_all(&path)?;
            fs::create_dir(&path)?;
            fs::write(path.join("a"), format!("again-{serial}"))
        }
        Operation::Deep(spot) => {
            let path = at(spot).join("a/b/c");
            fs::create_dir_all(&path)?;
            fs::write(path.join("d"), format!("deep-{serial}"))
        }
        Operation::RemoveRoot => {
            fs::remove_dir_all(root)?;
            fs::create_dir(root)
        }
        Operation::RenameRoot => {
            let away = outside.join(format!("root-{serial}"));
            fs::rename(root, &away)?;
            fs::create_dir(root)?;
            fs::write(root.join("a"), format!("new-{serial}"))
        }
    }
}

fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    let one = CString::new(one.as_os_str().as_bytes())?;
    let other = CString::new(other.as_os_str().as_bytes())?;
    let (here, one, other) = (libc::AT_FDCWD, one.as_ptr(), other.as_ptr());
    // Not every C library has a function for it.
    // SAFETY: both paths are NUL-terminated and live through the call.
    let result = unsafe { libc::syscall(libc::SYS_renameat2, here, one, here, other, libc::RENAME_EXCHANGE) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
