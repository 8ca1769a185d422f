//! The part of a stat that is about the content of a file, kept to be compared with a later one.

/// The inode, size and times of an entry. Two stamps that differ mean that the entry changed or is another one.
///
/// Equal stamps mean that nothing changed, except within one tick of the file system's clock: see
/// [`Moment`](crate::moment::Moment) and [`Tick`](crate::tick::Tick).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// The device, major and minor number, and the inode.
    pub identity: (u32, u32, u64),
    /// In bytes.
    pub size: i64,
    /// The time the content was changed last, in nanoseconds.
    pub modified: i128,
    /// The time of the last change, in nanoseconds.
    pub changed: i128,
    /// The time it was made, in nanoseconds. `None`: the file system does not record it.
    pub born: Option<i128>,
}

impl Stamp {
    /// Whether the directory was renamed since it had another stamp: that sets only one of its times.
    pub(crate) fn is_of_rename_since(&self, before: &Self) -> bool {
        self.changed != before.changed && self.changed != self.modified
    }

    /// Whether the content of both is the same, if they are of one file. A rename changes the time of the last change.
    pub(crate) fn has_same_content(&self, other: &Self) -> bool {
        (self.size, self.modified) == (other.size, other.modified)
    }

    /// The same without the number of the device.
    pub(crate) fn without_device(mut self) -> Self {
        self.identity = (0, 0, self.identity.2);
        self
    }
}
