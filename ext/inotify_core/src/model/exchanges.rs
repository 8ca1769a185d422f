//! Which renames are exchanges. One of `a` and `b` comes as two renames: `a` to `b`, and `b` to `a`. So the second
//! takes away what the first put there, and played as they come, one name would vanish. That something was at `b`
//! before can't be reported: the kernel makes one event of two that are equal.

use std::collections::VecDeque;

/// How many renames are remembered.
const RENAMES: usize = 128;

/// How many renames may be the second of an exchange whose first was lost.
const DOUBTFUL: usize = 16;

/// A name in the directory of a watch.
pub(super) type WatchedName = (i32, Box<[u8]>);

/// The last renames, in terms of the kernel: whether their directories are known or not.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    left: VecDeque<(u32, WatchedName)>,
    /// Where something arrived, and where it had left if that is known.
    arrived: VecDeque<(WatchedName, Option<WatchedName>)>,
    doubtful: usize,
}

/// Whether a rename is the second of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Exchange {
    No,
    /// If it goes to this place.
    To(WatchedName),
    Perhaps,
}

impl Exchanges {
    pub(super) fn left(&mut self, cookie: u32, wd: i32, name: &[u8]) {
        self.left.truncate(RENAMES - 1);
        self.left.push_front((cookie, (wd, name.into())));
    }

    pub(super) fn arrived(&mut self, cookie: u32, wd: i32, name: &[u8]) {
        let left = self.left.iter().find(|(left, _)| *left == cookie).map(|(_, watched_name)| watched_name.clone());
        self.arrived.truncate(RENAMES - 1);
        self.arrived.push_front(((wd, name.into()), left));
    }

    /// The queue overflowed, and with them the first halves of what follows.
    pub(super) fn forget(&mut self) {
        self.left.clear();
        self.arrived.clear();
        self.doubtful = DOUBTFUL;
    }

    /// What is renamed from here: does something else come in its place?
    pub(super) fn of(&mut self, wd: i32, name: &[u8]) -> Exchange {
        if self.doubtful > 0 {
            self.doubtful -= 1;
            return Exchange::Perhaps;
        }
        match self.arrived.iter().find(|((at, it), _)| *at == wd && **it == *name) {
            None => Exchange::No,
            Some((_, None)) => Exchange::Perhaps,
            Some((_, Some(left))) => Exchange::To(left.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_latest_renames_are_remembered() {
        let mut exchanges = Exchanges::default();
        for cookie in 0..1000 {
            exchanges.left(cookie, 1, b"from");
            exchanges.arrived(cookie, 1, b"to");
        }
        assert_eq!((exchanges.left.len(), exchanges.arrived.len()), (RENAMES, RENAMES));
    }

    #[test]
    fn what_arrived_where_another_leaves_is_exchanged_if_that_goes_where_it_came_from() {
        let mut exchanges = Exchanges::default();
        exchanges.left(1, 5, b"a");
        exchanges.arrived(1, 6, b"b");
        exchanges.arrived(2, 6, b"c");
        assert_eq!(exchanges.of(6, b"b"), Exchange::To((5, b"a".as_slice().into())));
        assert_eq!(exchanges.of(6, b"c"), Exchange::Perhaps);
        assert_eq!(exchanges.of(5, b"b"), Exchange::No);
        assert_eq!(exchanges.of(6, b"a"), Exchange::No);
    }

    #[test]
    fn after_a_loss_some_renames_are_doubtful() {
        let mut exchanges = Exchanges::default();
        exchanges.forget();
        for _ in 0..DOUBTFUL {
            assert_eq!(exchanges.of(1, b"a"), Exchange::Perhaps);
        }
        assert_eq!(exchanges.of(1, b"a"), Exchange::No);
    }
}
