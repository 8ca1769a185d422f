//! No bytes make the reader of checkpoints panic, or take much memory, even if their checksum is right.
#![no_main]

use inotify_core::checkpoint::Checkpoint;

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    let mut bytes = [b"\x89inotify", &1_u16.to_le_bytes()[..], &(body.len() as u64).to_le_bytes(), body].concat();
    let checksum = crc32fast::hash(&bytes);
    bytes.extend(checksum.to_le_bytes());
    let Ok(checkpoint) = Checkpoint::decode(bytes) else { return };
    for dir in 0..checkpoint.dirs() {
        let mut last = None;
        for (name, _) in checkpoint.files(dir) {
            assert!(last.as_ref() < Some(&name), "names are in order");
            last = Some(name);
        }
        assert!(checkpoint.place(dir).is_none_or(|(parent, _)| parent < dir));
    }
});
