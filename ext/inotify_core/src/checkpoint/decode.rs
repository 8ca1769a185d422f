//! Reads checkpoints. Whatever the bytes are, it neither panics nor takes more memory than some times their length.

use crate::invariant::must;
use crate::paths::NAME;
use crate::stamp::Stamp;

use super::codec::{Cursor, EARLY};
use super::{
    BORN, BORN_AT_CHANGE, CHANGED_WITH_CONTENT, Checkpoint, Defect, Dir, Entry, KNOWN, MAGIC, Root, SETTLED, Settings,
    UNREAD, VERSION,
};

const OUT_OF_ORDER: Defect = Defect::Damaged("a name out of order");

/// The magic, the version and the length of the body.
pub(super) const HEAD: usize = MAGIC.len() + 2 + 8;

/// The checksum.
const TAIL: usize = 4;

/// Reads the head. Returns how long the whole checkpoint must be.
pub(super) fn length(bytes: &[u8]) -> Result<u64, Defect> {
    let (magic, rest) = bytes.split_first_chunk().ok_or(Defect::Foreign)?;
    if magic != MAGIC {
        return Err(Defect::Foreign);
    }
    let (version, rest) = rest.split_first_chunk().ok_or(EARLY)?;
    let version = u16::from_le_bytes(*version);
    if version != VERSION {
        return Err(Defect::Version(version));
    }
    let body = u64::from_le_bytes(*rest.first_chunk().ok_or(EARLY)?);
    Ok(body.saturating_add((HEAD + TAIL) as u64))
}

impl Checkpoint {
    /// Reads a checkpoint.
    ///
    /// # Errors
    /// [`Defect`].
    pub fn decode(mut bytes: Vec<u8>) -> Result<Self, Defect> {
        let expected = length(&bytes)?;
        match (bytes.len() as u64).cmp(&expected) {
            std::cmp::Ordering::Less => return Err(EARLY),
            std::cmp::Ordering::Greater => return Err(Defect::Damaged("something follows its end")),
            std::cmp::Ordering::Equal => {}
        }
        let (checked, checksum) = bytes.split_last_chunk::<TAIL>().ok_or(EARLY)?;
        if crc32fast::hash(checked) != u32::from_le_bytes(*checksum) {
            return Err(Defect::Damaged("its checksum is wrong"));
        }
        bytes.truncate(bytes.len() - TAIL);
        let mut cursor = Cursor::new(&bytes, HEAD);
        let settings = settings(&mut cursor)?;
        let mut trees = Trees { bytes: &bytes, cursor, dirs: Vec::new() };
        let roots = settings.roots.iter().map(|_| trees.root()).collect::<Result<Vec<Root>, Defect>>()?;
        if !trees.cursor.is_at_end() {
            return Err(Defect::Damaged("something follows its end"));
        }
        trees.check_names()?;
        let dirs = trees.dirs;
        Ok(Self { bytes, settings, roots, dirs })
    }

    /// The names and entries of the files of a directory, in the order of the names.
    pub fn files(&self, dir: usize) -> impl Iterator<Item = (Box<[u8]>, Option<Entry>)> + '_ {
        files(self.bytes_of_files(dir))
    }

    /// The bytes of that.
    pub(crate) fn bytes_of_files(&self, dir: usize) -> &[u8] {
        let files = self.dirs.get(dir).and_then(|dir| self.bytes.get(dir.files.clone()));
        must(files, "a directory has bytes").unwrap_or_default()
    }
}

/// The names and entries of the files of a directory, in the order of the names, from bytes that have passed all
/// checks.
pub(crate) fn files(bytes: &[u8]) -> impl Iterator<Item = (Box<[u8]>, Option<Entry>)> + '_ {
    let mut files = Files::begin(Cursor::new(bytes, 0)).ok();
    std::iter::from_fn(move || {
        let next = must(files.as_mut()?.next().ok(), "it has passed all checks")?;
        next.map(|(name, entry)| (name.into(), entry))
    })
}

/// Reads the entry of a directory whose bytes have passed all checks.
pub(super) fn dir_entry(bytes: &[u8]) -> Option<Entry> {
    must(entry(&mut Cursor::new(bytes, 0), &mut Stamp::default()).ok(), "it has passed all checks")?
}

fn settings(cursor: &mut Cursor<'_>) -> Result<Settings, Defect> {
    let mut settings = Settings::default();
    for _ in 0..cursor.number()? {
        let given = cursor.bytes()?.to_vec();
        settings.roots.push((given, cursor.bytes()?.to_vec()));
    }
    for _ in 0..cursor.number()? {
        settings.options.push(cursor.bytes()?.to_vec());
    }
    Ok(settings)
}

/// The trees, as they are read.
struct Trees<'a> {
    bytes: &'a [u8],
    cursor: Cursor<'a>,
    dirs: Vec<Dir>,
}

impl Trees<'_> {
    fn root(&mut self) -> Result<Root, Defect> {
        match self.cursor.byte()? {
            0 => Ok(Root::Nothing),
            1 => Ok(Root::File(entry(&mut self.cursor, &mut Stamp::default())?)),
            2 => self.tree(),
            _ => Err(Defect::Damaged("a root of an unknown kind")),
        }
    }

    fn tree(&mut self) -> Result<Root, Defect> {
        let root = self.dir(None, 0..0)?;
        // The directories that lead to the last one.
        let mut above = vec![root];
        // The name of the last directory at each depth.
        let mut last: Vec<&[u8]> = Vec::new();
        loop {
            let depth = match usize::try_from(self.cursor.number()?) {
                Ok(0) => return Ok(Root::Dir(root)),
                Ok(depth) if depth <= above.len() => depth,
                _ => return Err(Defect::Damaged("a directory without a parent")),
            };
            let name = self.cursor.bytes()?;
            check_name(name)?;
            let range = self.cursor.at() - name.len()..self.cursor.at();
            last.truncate(depth);
            match last.get_mut(depth - 1) {
                Some(before) if *before >= name => return Err(OUT_OF_ORDER),
                Some(before) => *before = name,
                None => last.push(name),
            }
            above.truncate(depth);
            let dir = self.dir(above.last().copied(), range)?;
            above.push(dir);
        }
    }

    /// Reads the rest of a directory, and returns its number.
    fn dir(&mut self, parent: Option<usize>, name: std::ops::Range<usize>) -> Result<usize, Defect> {
        let entry = entry(&mut self.cursor, &mut Stamp::default())?;
        let begin = self.cursor.at();
        let mut files = Files::begin(self.cursor.clone())?;
        while files.next()?.is_some() {}
        self.cursor = files.cursor;
        self.dirs.push(Dir { parent, name, entry, files: begin..self.cursor.at() });
        Ok(self.dirs.len() - 1)
    }

    /// No file has the name of a directory.
    fn check_names(&self) -> Result<(), Defect> {
        let mut below: Vec<(usize, &[u8])> = Vec::new();
        for dir in &self.dirs {
            if let Some(parent) = dir.parent {
                let name = must(self.bytes.get(dir.name.clone()), "a name is in the bytes").unwrap_or_default();
                below.push((parent, name));
            }
        }
        below.sort_unstable();
        for dirs in below.chunk_by(|one, other| one.0 == other.0) {
            let Some(parent) = dirs.first().and_then(|(parent, _)| self.dirs.get(*parent)) else { continue };
            let mut names = dirs.iter().map(|(_, name)| *name).peekable();
            let mut files = Files::begin(Cursor::new(self.bytes, parent.files.start))?;
            while let Some((file, _)) = files.next()? {
                while names.next_if(|name| *name < file).is_some() {}
                if names.peek().is_some_and(|name| *name == file) {
                    return Err(Defect::Damaged("a file and a directory of one name"));
                }
            }
        }
        Ok(())
    }
}

/// The name of a file, and its entry.
type File<'n> = (&'n [u8], Option<Entry>);

/// The files of a directory, as they are read.
struct Files<'a> {
    cursor: Cursor<'a>,
    left: u64,
    name: Vec<u8>,
    last: Stamp,
}

impl<'a> Files<'a> {
    fn begin(mut cursor: Cursor<'a>) -> Result<Self, Defect> {
        let left = cursor.number()?;
        Ok(Self { cursor, left, name: Vec::new(), last: Stamp::default() })
    }

    fn next(&mut self) -> Result<Option<File<'_>>, Defect> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let shared = usize::try_from(self.cursor.number()?).unwrap_or(usize::MAX);
        let rest = self.cursor.bytes()?;
        let before = self.name.get(shared..).ok_or(Defect::Damaged("a name that shares more than there is"))?;
        // Of two names that share a beginning, the rests are in the order of the names.
        if !self.name.is_empty() && before >= rest {
            return Err(OUT_OF_ORDER);
        }
        self.name.truncate(shared);
        self.name.extend_from_slice(rest);
        check_name(&self.name)?;
        let entry = entry(&mut self.cursor, &mut self.last)?;
        Ok(Some((&self.name, entry)))
    }
}

fn check_name(name: &[u8]) -> Result<(), Defect> {
    let possible = (1..=NAME).contains(&name.len()) && name != b"." && name != b"..";
    if possible && !name.contains(&b'/') && !name.contains(&0) {
        Ok(())
    } else {
        Err(Defect::Damaged("a name that no file can have"))
    }
}

/// Reads an entry. `last`: the stamp of the entry before in the same directory.
fn entry(cursor: &mut Cursor<'_>, last: &mut Stamp) -> Result<Option<Entry>, Defect> {
    let flags = cursor.byte()?;
    let settled = flags & SETTLED != 0;
    let known = KNOWN | SETTLED | BORN | CHANGED_WITH_CONTENT | BORN_AT_CHANGE | UNREAD;
    if flags == 0 {
        return Ok(None);
    }
    if flags & !known != 0 || flags & KNOWN == 0 || !settled && flags & CHANGED_WITH_CONTENT != 0 {
        return Err(Defect::Damaged("an entry of an unknown kind"));
    }
    let mut stamp = Stamp::default();
    let inode = i128::from(last.identity.2).wrapping_add(cursor.signed()?);
    stamp.identity.2 = u64::try_from(inode).map_err(|_| Defect::Damaged("an inode that no file can have"))?;
    last.identity.2 = stamp.identity.2;
    if settled {
        stamp.size = i64::try_from(cursor.signed()?).map_err(|_| Defect::Damaged("a size that no file can have"))?;
        stamp.modified = last.modified.wrapping_add(cursor.signed()?);
        last.modified = stamp.modified;
        let after = if flags & CHANGED_WITH_CONTENT == 0 { cursor.signed()? } else { 0 };
        stamp.changed = stamp.modified.wrapping_add(after);
    }
    if flags & BORN != 0 {
        let after = if flags & BORN_AT_CHANGE == 0 { cursor.signed()? } else { 0 };
        stamp.born = Some(stamp.changed.wrapping_add(after));
    }
    Ok(Some(Entry { stamp, settled, unread: flags & UNREAD != 0 }))
}
