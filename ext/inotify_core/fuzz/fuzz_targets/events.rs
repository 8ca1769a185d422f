//! No bytes make the parser panic, and it loses none of them: what the property test shows in small, for hours.
//! `rake fuzz` runs it for FUZZ_SECONDS with no more than cargo and a C++ compiler; so does `cargo fuzz run events`.
#![no_main]

use inotify_core::Event;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut left = bytes;
    loop {
        match Event::split_first(left) {
            Ok(None) => return assert!(left.is_empty()),
            Ok(Some((event, rest))) => {
                assert_eq!(left.strip_prefix(event.record), Some(rest), "records come in order");
                left = rest;
            }
            Err(malformed) => return assert_eq!(malformed.available, left.len()),
        }
    }
});
