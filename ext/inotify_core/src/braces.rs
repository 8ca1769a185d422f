//! `{a,b}` in patterns, which gitignore(5) does not have. A pattern stands for one without braces for each alternative.
//!
//! `{a}`, and a brace without its other half, stand for themselves, as for git.

use hashbrown::HashMap;

use crate::invariant::must;
use crate::wildmatch::{Case, match_class};

/// How many patterns one may stand for.
const MOST: usize = 4096;

/// How deep braces may lie in one another.
const DEEPEST: usize = 32;

/// The longest pattern: no path is as long.
pub(crate) const LONGEST: usize = 4096;

/// Why a pattern cannot be expanded.
pub(crate) type Excess = &'static str;

const LENGTH: Excess = "it is longer than 4096 bytes";
const DEPTH: Excess = "its braces are nested more than 32 deep";
const ALTERNATIVES: Excess = "its braces have more than 4096 alternatives";

/// The patterns without alternatives that this one stands for.
pub(crate) fn expand(pattern: &[u8]) -> Result<Vec<Vec<u8>>, Excess> {
    if pattern.len() > LONGEST {
        return Err(LENGTH);
    }
    Braces { pattern, ends: find(pattern) }.expand(0, pattern.len(), 0)
}

struct Braces<'p> {
    pattern: &'p [u8],
    /// By where a brace with alternatives begins: where each of them ends.
    ends: HashMap<usize, Vec<usize>>,
}

impl Braces<'_> {
    fn expand(&self, begin: usize, end: usize, depth: usize) -> Result<Vec<Vec<u8>>, Excess> {
        if depth > DEEPEST {
            return Err(DEPTH);
        }
        let mut expanded = vec![Vec::new()];
        let mut at = begin;
        while at < end {
            let Some(ends) = self.ends.get(&at) else {
                let behind = at + length(self.pattern, at);
                let literal = must(self.pattern.get(at..behind), "a character is in the pattern").unwrap_or_default();
                expanded.iter_mut().for_each(|pattern: &mut Vec<u8>| pattern.extend_from_slice(literal));
                at = behind;
                continue;
            };
            let mut pieces = Vec::new();
            for end in ends {
                pieces.extend(self.expand(at + 1, *end, depth + 1)?);
                at = *end;
            }
            if expanded.len().saturating_mul(pieces.len()) > MOST {
                return Err(ALTERNATIVES);
            }
            expanded =
                expanded.iter().flat_map(|before| pieces.iter().map(|piece| [&**before, piece].concat())).collect();
            at += 1;
        }
        Ok(expanded)
    }
}

/// The braces that have alternatives.
fn find(pattern: &[u8]) -> HashMap<usize, Vec<usize>> {
    let mut found = HashMap::new();
    let mut open: Vec<(usize, Vec<usize>)> = Vec::new();
    let mut at = 0;
    while let Some(byte) = pattern.get(at) {
        match (byte, open.last_mut()) {
            (b'{', _) => open.push((at, Vec::new())),
            (b',', Some((_, ends))) => ends.push(at),
            (b'}', Some(_)) => {
                if let Some((begin, mut ends)) = open.pop() {
                    if !ends.is_empty() {
                        ends.push(at);
                        found.insert(begin, ends);
                    }
                }
            }
            _ => {}
        }
        at += length(pattern, at);
    }
    found
}

/// How long the class, the escaped byte or the byte at `at` is.
fn length(pattern: &[u8], at: usize) -> usize {
    match pattern.get(at) {
        Some(b'\\') if at + 1 < pattern.len() => 2,
        Some(b'[') => match_class(pattern, at + 1, 0, Case::Respected).map_or(1, |(end, _)| end + 1 - at),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brace_stands_for_each_of_its_alternatives() {
        for (pattern, expected) in [
            ("a", "a"),
            ("*.{rb,js}", "*.rb *.js"),
            ("{a,b}{1,2}", "a1 a2 b1 b2"),
            ("{a,{b,c}d}", "a bd cd"),
            ("x{,y}", "x xy"),
            ("{a}", "{a}"),
            ("{}", "{}"),
            ("{a,b", "{a,b"),
            ("{{a,b}", "{a {b"),
            ("{{a,b},c", "{a,c {b,c"),
            ("{{a}}", "{{a}}"),
            ("{{a},b}", "{a} b"),
            ("a}", "a}"),
            ("\\{a,b}", "\\{a,b}"),
            ("{a\\,b,c}", "a\\,b c"),
            ("[{,}]", "[{,}]"),
            ("{[,],[}]}", "[,] [}]"),
            ("[{a,b}", "[a [b"),
            ("a\\", "a\\"),
        ] {
            let expanded = expand(pattern.as_bytes()).unwrap();
            let expanded: Vec<_> = expanded.iter().map(|it| String::from_utf8_lossy(it)).collect();
            assert_eq!(expanded.join(" "), expected, "{pattern}");
        }
    }

    #[test]
    fn too_many_alternatives_are_an_error() {
        assert_eq!(expand("{a,b}".repeat(12).as_bytes()).unwrap().len(), 4096);
        assert_eq!(expand("{a,b}".repeat(60).as_bytes()), Err(ALTERNATIVES));
        assert_eq!(expand("{a,b}".repeat(12).repeat(2).as_bytes()), Err(ALTERNATIVES));
        assert_eq!(expand(nested(32).as_bytes()).unwrap().len(), 33);
        assert_eq!(expand(nested(33).as_bytes()), Err(DEPTH));
        assert_eq!(expand(nested(800).as_bytes()), Err(DEPTH));
        assert_eq!(expand(nested(100_000).as_bytes()), Err(LENGTH));
    }

    fn nested(depth: usize) -> String {
        "{a,".repeat(depth) + "b" + &"}".repeat(depth)
    }

    #[test]
    fn braces_without_alternatives_stand_for_themselves_however_many() {
        for pattern in
            ["{".repeat(LONGEST), "{".repeat(2000) + &"}".repeat(2000), "[".repeat(LONGEST), "{,".repeat(2000)]
        {
            assert_eq!(expand(pattern.as_bytes()), Ok(vec![pattern.clone().into_bytes()]));
        }
        let long = "{a,b}".repeat(12) + &"x".repeat(4000);
        assert!(expand(long.as_bytes()).unwrap().iter().all(|pattern| pattern.len() == 4012));
    }
}
