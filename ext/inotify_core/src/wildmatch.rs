//! Matches a name or path against a pattern, byte by byte as git does: gitignore(5), glob(7).

use hashbrown::HashMap;

use crate::invariant::must;

/// Whether `*`, `?` and classes match slashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slashes {
    /// As any other byte.
    Plain,
    /// Only `**` between slashes matches them.
    Apart,
}

/// Whether letters match those of the other case, of ASCII.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Case {
    #[default]
    Respected,
    Ignored,
}

/// How far a mismatch reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Match,
    Mismatch,
    /// No longer match of the last `*` helps, only one of an earlier `**`.
    NoStar,
    /// Nothing helps: the text has ended, or the pattern is none.
    Never,
}

pub(crate) fn matches(pattern: &[u8], text: &[u8], slashes: Slashes, case: Case) -> bool {
    Matcher { pattern, slashes, case, outcomes: HashMap::new(), depth: 0 }.attempt(0, text) == Outcome::Match
}

/// How many groups of stars are tried without remembering the results: most patterns have no more.
const FORGOTTEN: usize = 2;

struct Matcher<'p> {
    pattern: &'p [u8],
    slashes: Slashes,
    case: Case,
    /// The results of stars, by where they begin in the pattern and how long the rest of the text is. `**/**/**/a`
    /// would otherwise be tried twice as often for each further `**/`.
    outcomes: HashMap<(usize, usize), Outcome>,
    /// How many groups of stars are being tried.
    depth: usize,
}

impl Matcher<'_> {
    /// Matches the pattern from `at` on.
    fn attempt(&mut self, mut at: usize, mut text: &[u8]) -> Outcome {
        let pattern = self.pattern;
        while let Some(byte) = pattern.get(at).copied() {
            if byte == b'*' {
                return self.try_stars(at, text);
            }
            let Some((first, rest)) = text.split_first() else { return Outcome::Never };
            let first = self.folded(*first);
            let slash = self.slashes == Slashes::Apart && first == b'/';
            match byte {
                b'?' if slash => return Outcome::Mismatch,
                b'?' => {}
                b'[' => {
                    let Some((end, found)) = match_class(pattern, at + 1, first, self.case) else {
                        return Outcome::Never;
                    };
                    if !found || slash {
                        return Outcome::Mismatch;
                    }
                    at = end;
                }
                // As git has it, an escaped capital letter matches nothing where the case is ignored.
                b'\\' => {
                    at += 1;
                    if pattern.get(at) != Some(&first) {
                        return Outcome::Mismatch;
                    }
                }
                _ if self.folded(byte) != first => return Outcome::Mismatch,
                _ => {}
            }
            at += 1;
            text = rest;
        }
        if text.is_empty() { Outcome::Match } else { Outcome::Mismatch }
    }

    fn folded(&self, byte: u8) -> u8 {
        if self.case == Case::Ignored { byte.to_ascii_lowercase() } else { byte }
    }

    /// Matches the pattern from `begin` on, where there are one or more stars, once for each rest of the text.
    fn try_stars(&mut self, begin: usize, text: &[u8]) -> Outcome {
        if self.depth < FORGOTTEN {
            return self.match_stars(begin, text);
        }
        if let Some(outcome) = self.outcomes.get(&(begin, text.len())) {
            return *outcome;
        }
        let outcome = self.match_stars(begin, text);
        self.outcomes.insert((begin, text.len()), outcome);
        outcome
    }

    fn match_stars(&mut self, begin: usize, text: &[u8]) -> Outcome {
        self.depth += 1;
        let outcome = self.stars(begin, text);
        self.depth -= 1;
        outcome
    }

    fn stars(&mut self, begin: usize, text: &[u8]) -> Outcome {
        let pattern = self.pattern;
        let mut at = begin;
        while pattern.get(at) == Some(&b'*') {
            at += 1;
        }
        let next = pattern.get(at).copied();
        let between = (begin == 0 || pattern.get(begin - 1) == Some(&b'/'))
            && (matches!(next, None | Some(b'/')) || pattern.get(at..at + 2) == Some(b"\\/"));
        let double = at - begin > 1 && between;
        if double && next == Some(b'/') && self.attempt(at + 1, text) == Outcome::Match {
            return Outcome::Match;
        }
        let deep = self.slashes == Slashes::Plain || double;
        let slash = text.iter().position(|byte| *byte == b'/');
        match (next, slash) {
            (None, Some(_)) if !deep => return Outcome::NoStar,
            (None, _) => return Outcome::Match,
            (Some(b'/'), None) if !deep => return Outcome::Never,
            (Some(b'/'), Some(slash)) if !deep => {
                return self.attempt(at + 1, must(text.get(slash + 1..), "a slash is in the text").unwrap_or_default());
            }
            _ => {}
        }
        let mut rest = text;
        while let Some((first, after)) = rest.split_first() {
            match self.attempt(at, rest) {
                Outcome::Mismatch if !deep && *first == b'/' => return Outcome::NoStar,
                Outcome::Mismatch => {}
                Outcome::NoStar if deep => {}
                outcome => return outcome,
            }
            rest = after;
        }
        Outcome::Never
    }
}

/// Matches a class, which begins behind its bracket. Returns where it ends, and whether the byte is in it; `None`: it
/// does not end, or names a class that is none. Where the case is ignored the byte is no capital letter, and as git has
/// it only ranges and named classes match those.
pub(crate) fn match_class(pattern: &[u8], begin: usize, byte: u8, case: Case) -> Option<(usize, bool)> {
    let capital = if case == Case::Ignored { byte.to_ascii_uppercase() } else { byte };
    let negated = matches!(pattern.get(begin), Some(b'!' | b'^'));
    let mut at = begin + usize::from(negated);
    let mut previous = None;
    let mut found = false;
    loop {
        let mut current = Some(*pattern.get(at)?);
        match pattern.get(at..)? {
            [b'\\', escaped, ..] => {
                at += 1;
                found |= byte == *escaped;
                current = Some(*escaped);
            }
            [b'\\'] => return None,
            [b'-', last, rest @ ..] if previous.is_some() && *last != b']' => {
                let last = if *last == b'\\' { rest.first()? } else { last };
                at += if pattern.get(at + 1) == Some(&b'\\') { 2 } else { 1 };
                found |=
                    previous.is_some_and(|first| (first..=*last).contains(&byte) || (first..=*last).contains(&capital));
                current = None;
            }
            [b'[', b':', rest @ ..] => {
                let end = rest.iter().position(|byte| *byte == b']')?;
                match rest.get(..end)?.strip_suffix(b":") {
                    Some(name) => {
                        found |= is_of_class(byte, name)? || is_of_class(capital, name)?;
                        at += 2 + end;
                        current = None;
                    }
                    None => found |= byte == b'[',
                }
            }
            _ => found |= current == Some(byte),
        }
        previous = current;
        at += 1;
        if pattern.get(at) == Some(&b']') {
            return Some((at, found != negated));
        }
    }
}

/// Whether a byte is in a class such as `alpha`; `None`: there is no such class.
fn is_of_class(byte: u8, name: &[u8]) -> Option<bool> {
    Some(match name {
        b"alnum" => byte.is_ascii_alphanumeric(),
        b"alpha" => byte.is_ascii_alphabetic(),
        b"blank" => matches!(byte, b' ' | b'\t'),
        b"cntrl" => byte.is_ascii_control(),
        b"digit" => byte.is_ascii_digit(),
        b"graph" => byte.is_ascii_graphic(),
        b"lower" => byte.is_ascii_lowercase(),
        b"print" => byte.is_ascii_graphic() || byte == b' ',
        b"punct" => byte.is_ascii_punctuation(),
        // git's own: no VT and no FF.
        b"space" => matches!(byte, b' ' | b'\t' | b'\n' | b'\r'),
        b"upper" => byte.is_ascii_uppercase(),
        b"xdigit" => byte.is_ascii_hexdigit(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(pattern: &str, text: &str) -> bool {
        matches(pattern.as_bytes(), text.as_bytes(), Slashes::Apart, Case::Respected)
    }

    #[test]
    fn stars_stop_at_slashes_and_double_stars_do_not() {
        for (pattern, text, expected) in [
            ("*", "a", true),
            ("*", "a/b", false),
            ("a/*", "a/b", true),
            ("a/*/c", "a/b/c", true),
            ("a/*/c", "a/b/b/c", false),
            ("a/**/c", "a/c", true),
            ("a/**/c", "a/b/b/c", true),
            ("**/c", "c", true),
            ("**/c", "a/b/c", true),
            ("a/**", "a/b/c", true),
            ("a/**", "a", false),
            ("a**/c", "a/b/c", false),
            ("a/***/c", "a/b/b/c", true),
            ("?", "/", false),
            ("[/]", "/", false),
            ("*b*d", "abcd", true),
            ("*b*d", "ab/d", false),
        ] {
            assert_eq!(paths(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn classes_are_those_of_git() {
        for (pattern, text, expected) in [
            ("[ab]", "b", true),
            ("[!ab]", "b", false),
            ("[^ab]", "c", true),
            ("[a-c]", "b", true),
            ("[a-]", "-", true),
            ("[]a]", "]", true),
            ("[]-a]", "^", true),
            ("[\\]]", "]", true),
            ("[a-\\c]", "b", true),
            ("[[:digit:]x]", "7", true),
            ("[[:nothing:]]", "7", false),
            ("[[:]", ":", true),
            ("[[:x]", "[", true),
            ("[a", "[a", false),
            ("[a\\", "a", false),
        ] {
            assert_eq!(paths(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn spaces_are_those_of_git() {
        for (byte, expected) in [(b' ', true), (b'\t', true), (b'\r', true), (b'\x0b', false), (b'\x0c', false)] {
            assert_eq!(matches(b"[[:space:]]", &[byte], Slashes::Apart, Case::Respected), expected, "{byte}");
        }
    }

    #[test]
    fn many_stars_take_no_more_than_pattern_times_text() {
        let text = "a/".repeat(100) + &"a".repeat(200);
        for piece in ["*a", "**/", "**/a/", "*/**/", "**/*a", "**"] {
            assert!(!paths(&(piece.repeat(60) + "b"), &text), "{piece}");
        }
        assert!(paths(&("**/".repeat(60) + "*a"), &text));
    }

    #[test]
    fn letters_match_those_of_the_other_case_as_in_git() {
        for (pattern, text, expected) in [
            ("*.LOG", "a.log", true),
            ("?.log", "A.LOG", true),
            ("[A-C]x", "bX", true),
            ("[b]x", "BX", true),
            ("[B]x", "bx", false),
            ("\\A", "A", false),
            ("\\a", "A", true),
            ("[[:upper:]]", "a", true),
            ("[[:lower:]]", "A", true),
        ] {
            let found = matches(pattern.as_bytes(), text.as_bytes(), Slashes::Apart, Case::Ignored);
            assert_eq!(found, expected, "{pattern} {text}");
        }
    }

    #[test]
    fn escapes_and_bytes_are_literal() {
        assert!(paths("\\*\\a", "*a"));
        assert!(!paths("a\\", "a\\"));
        assert!(matches(b"caf\xe9*", b"caf\xe9s", Slashes::Plain, Case::Respected));
        assert!(matches(b"*", b"a/b", Slashes::Plain, Case::Respected));
    }
}
