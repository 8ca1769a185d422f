//! Invariants: a broken one fails a test, as tests run with debug assertions, and never ends a program.

/// Returns `value`, which must be there: `rule` says why.
#[inline]
#[track_caller]
pub(crate) fn must<T>(value: Option<T>, rule: &str) -> Option<T> {
    debug_assert!(value.is_some(), "broken invariant: {rule}");
    value
}
