//! No bytes make the reader of checkpoints panic: what the fuzz target shows for hours, in small.

use inotify_core::checkpoint::Checkpoint;
use proptest::collection::vec;
use proptest::prelude::*;

/// With a right head and checksum.
fn sealed(body: &[u8]) -> Vec<u8> {
    let length = u64::try_from(body.len()).unwrap();
    let mut bytes = [b"\x89inotify", &1_u16.to_le_bytes()[..], &length.to_le_bytes(), body].concat();
    let checksum = crc32fast::hash(&bytes);
    bytes.extend(checksum.to_le_bytes());
    bytes
}

/// Reads all there is. The names of a directory are in order.
fn read(bytes: Vec<u8>) -> bool {
    let Ok(checkpoint) = Checkpoint::decode(bytes) else { return false };
    for dir in 0..checkpoint.dirs() {
        let names: Vec<Box<[u8]>> = checkpoint.files(dir).map(|(name, _)| name).collect();
        assert!(names.is_sorted_by(|one, other| one < other));
        assert!(checkpoint.place(dir).is_none_or(|(parent, _)| parent < dir));
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn any_bytes_are_an_error(bytes in vec(any::<u8>(), 0..200)) {
        prop_assert!(!read(bytes));
    }

    #[test]
    fn any_body_with_a_right_checksum_is_read_or_an_error(body in vec(0_u8..6, 0..60)) {
        read(sealed(&[&[0, 0], &body[..]].concat()));
        read(sealed(&[&[1, 0, 0, 0, 2], &body[..]].concat()));
        read(sealed(&body));
    }
}
