//! The parser before bytes that a kernel sends, and bytes that none would.

use crate::support::{events, padded, record};
use inotify_core::event::HEADER;
use inotify_core::{Event, Malformed, Mask};
use proptest::collection::vec;
use proptest::prelude::*;

/// The only record of `bytes`.
fn only(bytes: &[u8]) -> Event<'_> {
    let (event, rest) = Event::split_first(bytes).unwrap().unwrap();
    assert!(rest.is_empty());
    event
}

#[test]
fn the_fields_are_those_of_the_record() {
    let bytes = record(7, libc::IN_MOVED_TO | libc::IN_ISDIR, 99, &padded(b"sub"));
    let event = only(&bytes);
    assert_eq!((event.wd, event.mask, event.cookie), (7, Mask::MOVED_TO | Mask::ISDIR, 99));
    assert_eq!((event.len, event.name, event.record), (16, &b"sub"[..], &bytes[..]));
}

#[test]
fn no_bytes_are_no_record() {
    assert_eq!(Event::split_first(&[]), Ok(None));
}

#[test]
fn a_record_without_a_name_has_an_empty_one() {
    assert_eq!(only(&record(1, libc::IN_ATTRIB, 0, b"")).name, b"");
}

#[test]
fn overflow_is_an_event_of_watch_minus_one() {
    let bytes = record(-1, libc::IN_Q_OVERFLOW, 0, b"");
    assert_eq!((only(&bytes).wd, only(&bytes).mask), (-1, Mask::Q_OVERFLOW));
}

#[test]
fn unknown_bits_of_the_mask_are_kept() {
    assert_eq!(only(&record(1, 0x0fff_ffff, 0, b"")).mask.bits(), 0x0fff_ffff);
}

#[test]
fn a_name_ends_at_its_first_nul_or_with_the_record() {
    for (padded, name) in [
        (&b"name\0\0\0\0"[..], &b"name"[..]),
        (b"name", b"name"),
        (b"na\0me\0\0\0", b"na"),
        (b"\0\0\0\0", b""),
        (b"\xff\xfe\0\0", b"\xff\xfe"),
        (&[b'x'; 300], &[b'x'; 300]),
    ] {
        assert_eq!(only(&record(1, libc::IN_CREATE, 0, padded)).name, name);
    }
}

#[test]
fn every_cut_gives_the_whole_records_before_it_and_then_the_missing_length() {
    let records = [
        record(1, libc::IN_CREATE, 0, &padded(b"new")),
        record(1, libc::IN_ATTRIB, 0, b""),
        record(2, libc::IN_MOVED_FROM, 5, &padded(&[b'x'; 255])),
        record(-1, libc::IN_Q_OVERFLOW, 0, b""),
    ];
    let bytes = records.concat();
    for cut in 0..=bytes.len() {
        let mut left = cut;
        let whole =
            records.iter().take_while(|record| left.checked_sub(record.len()).inspect(|rest| left = *rest).is_some());
        let whole: Vec<_> = whole.map(Vec::as_slice).collect();

        let parsed: Vec<_> = events(&bytes[..cut]).collect();
        let read_back: Vec<_> = parsed.iter().flatten().map(|event| event.record).collect();
        assert_eq!(read_back, whole, "cut at {cut}");

        let expected = records.get(whole.len()).map(|record| if left < HEADER { HEADER } else { record.len() });
        let malformed = parsed.into_iter().find_map(Result::err);
        let missing = expected.filter(|_| left > 0).map(|size| Malformed { expected: size as u64, available: left });
        assert_eq!(malformed, missing, "cut at {cut}");
    }
}

#[test]
fn a_length_that_overruns_the_bytes_is_malformed() {
    for (len, expected) in [(1, 17), (17, 33), (u32::MAX - 15, 1 << 32), (u32::MAX, (1 << 32) + 15)] {
        let mut bytes = record(1, libc::IN_CREATE, 0, b"");
        bytes[12..].copy_from_slice(&len.to_ne_bytes());
        assert_eq!(Event::split_first(&bytes), Err(Malformed { expected, available: HEADER }));
    }
}

#[test]
fn a_malformed_record_says_how_much_of_it_is_there() {
    let malformed = Event::split_first(&[1; HEADER - 1]).unwrap_err();
    assert_eq!(malformed.to_string(), "an event record of 16 bytes was cut short after 15");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn records_come_back_as_they_were_written(
        written in vec((any::<i32>(), any::<u32>(), any::<u32>(), vec(1_u8.., 0..=255)), 0..20)
    ) {
        let bytes: Vec<u8> = written.iter().flat_map(|(wd, mask, cookie, name)| record(*wd, *mask, *cookie, &padded(name))).collect();
        let read: Vec<_> = events(&bytes)
            .map(|event| event.map(|event| (event.wd, event.mask.bits(), event.cookie, event.name.to_vec())))
            .collect::<Result<_, _>>()
            .unwrap();
        prop_assert_eq!(read, written);
    }

    #[test]
    fn no_byte_is_lost_whatever_the_bytes_are(bytes in vec(any::<u8>(), 0..400), len in 0_u32..64, plausible: bool) {
        let mut bytes = bytes;
        // Arbitrary lengths are nearly always too long to get past the first record.
        if plausible && bytes.len() >= HEADER {
            bytes[12..HEADER].copy_from_slice(&len.to_ne_bytes());
        }
        let mut read_back = Vec::new();
        for event in events(&bytes) {
            match event {
                Ok(event) => read_back.extend_from_slice(event.record),
                Err(malformed) => {
                    prop_assert!(malformed.expected > malformed.available as u64);
                    read_back.extend_from_slice(&bytes[bytes.len() - malformed.available..]);
                }
            }
        }
        prop_assert_eq!(read_back, bytes);
    }
}
