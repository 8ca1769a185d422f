//! `{a,b}` in patterns: what gitignore(5) does not have. A pattern stands for one without braces for each alternative.
//!
//! `{a}`, and a brace without its other half, stand for themselves, as for git.

use crate::wildmatch::match_class;

/// How many patterns one may stand for.
const MOST: usize = 4096;

/// A pattern stands for more than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

/// The patterns without alternatives that this one stands for.
pub(crate) fn expand(pattern: &[u8]) -> Result<Vec<Vec<u8>>, TooMany> {
    let mut expanded = vec![Vec::new()];
    let mut at = 0;
    while let Some(byte) = pattern.get(at) {
        let end = at + length(pattern, at);
        let pieces = match (byte, alternatives(pattern, at)) {
            (b'{', Some((pieces, behind))) => {
                at = behind;
                let pieces = pieces.into_iter().map(expand).collect::<Result<Vec<_>, _>>()?;
                pieces.concat()
            }
            _ => {
                let piece = pattern.get(at..end).unwrap_or_default().to_vec();
                at = end;
                vec![piece]
            }
        };
        if expanded.len().saturating_mul(pieces.len()) > MOST {
            return Err(TooMany);
        }
        expanded = expanded.iter().flat_map(|before| pieces.iter().map(|piece| [&**before, piece].concat())).collect();
    }
    Ok(expanded)
}

/// The alternatives of the brace at `begin`, and where it ends.
fn alternatives(pattern: &[u8], begin: usize) -> Option<(Vec<&[u8]>, usize)> {
    let mut pieces = Vec::new();
    let mut at = begin + 1;
    let mut from = at;
    let mut depth = 0;
    loop {
        match pattern.get(at)? {
            b'{' => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            b'}' => {
                pieces.push(pattern.get(from..at)?);
                return (pieces.len() > 1).then_some((pieces, at + 1));
            }
            b',' if depth == 0 => {
                pieces.push(pattern.get(from..at)?);
                from = at + 1;
            }
            _ => {}
        }
        at += length(pattern, at);
    }
}

/// How long the class, the escaped byte or the byte at `at` is.
fn length(pattern: &[u8], at: usize) -> usize {
    match pattern.get(at) {
        Some(b'\\') if at + 1 < pattern.len() => 2,
        Some(b'[') => match_class(pattern, at + 1, 0).map_or(1, |(end, _)| end + 1 - at),
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
    fn too_many_alternatives_are_refused() {
        assert_eq!(expand("{a,b}".repeat(12).as_bytes()).unwrap().len(), 4096);
        assert_eq!(expand("{a,b}".repeat(60).as_bytes()), Err(TooMany));
    }
}
