//! No bytes make the parser panic, and it loses none of them: what the property test shows in small, for hours.
//! `rake fuzz` runs it for FUZZ_SECONDS with no more than cargo and a C++ compiler; so does `cargo fuzz run events`.
#![no_main]

use inotify_core::Events;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut left = bytes;
    for event in Events::new(bytes) {
        match event {
            Ok(event) => left = left.strip_prefix(event.record).expect("records come in order"),
            Err(malformed) => return assert_eq!(malformed.available, left.len()),
        }
    }
    assert!(left.is_empty());
});
