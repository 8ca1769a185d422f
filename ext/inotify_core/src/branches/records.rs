//! Records as the kernel would have sent them, of what it could not report.

use crate::flags::Mask;
use crate::invariant::must;

/// Names are padded to a multiple of this, as the kernel does.
const PADDING: usize = 16;

/// Adds a record.
pub(super) fn push(records: &mut Vec<u8>, wd: i32, mask: Mask, name: &[u8]) {
    let padded = (name.len() + 1).next_multiple_of(PADDING);
    let len = must(u32::try_from(padded).ok(), "a name is short").unwrap_or(0);
    records.extend_from_slice(&wd.to_ne_bytes());
    for field in [mask.bits(), 0, len] {
        records.extend_from_slice(&field.to_ne_bytes());
    }
    records.extend_from_slice(name);
    records.resize(records.len() + padded - name.len(), 0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Events;

    #[test]
    fn records_read_as_those_of_the_kernel() {
        let mut records = Vec::new();
        push(&mut records, 1, Mask::CREATE | Mask::ISDIR, b"sixteen bytes 16");
        push(&mut records, 2, Mask::CLOSE_WRITE, b"x");
        let events: Vec<_> = Events::new(&records).map_while(Result::ok).collect();
        let told: Vec<_> = events.iter().map(|event| (event.wd, event.mask, event.name, event.len)).collect();
        let first: (i32, Mask, &[u8], u32) = (1, Mask::CREATE | Mask::ISDIR, b"sixteen bytes 16", 32);
        assert_eq!(told, [first, (2, Mask::CLOSE_WRITE, b"x", 16)]);
    }
}
