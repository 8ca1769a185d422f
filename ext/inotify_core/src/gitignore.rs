//! The rules of one .gitignore file, as git reads them: gitignore(5). Patterns are rules that are given one by one.

use crate::braces::{self, Excess, LONGEST};
use crate::invariant::must;
use crate::paths::last_name;
use crate::wildmatch::{Slashes, matches};

pub(crate) use crate::wildmatch::Case;

/// The name of the files with git's rules.
pub(crate) const GITIGNORE: &[u8] = b".gitignore";

/// The name of git's own directory at the top of a work tree.
pub(crate) const DOT_GIT: &[u8] = b".git";

/// Whether a name is that of git's own directory, which git ignores without a rule: in a worktree or
/// submodule a file.
pub(crate) fn is_for_itself(name: &[u8], case: Case) -> bool {
    name == DOT_GIT || case == Case::Ignored && name.eq_ignore_ascii_case(DOT_GIT)
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    pattern: Box<[u8]>,
    /// How much of the pattern is literal, from its beginning on.
    literal: usize,
    negated: bool,
    dirs_only: bool,
    /// Whether it is about paths, not about names in any directory.
    whole_path: bool,
}

/// See the module's description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rules(Vec<Rule>);

impl Rules {
    pub(crate) fn new(text: &[u8]) -> Self {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        Self(text.split(|byte| *byte == b'\n').filter_map(rule).collect())
    }

    /// Adds a pattern, in which `{a,b}` stands for `a` and for `b`.
    pub(crate) fn add(&mut self, pattern: &[u8]) -> Result<(), Excess> {
        if let Some((negated, pattern)) = line(pattern) {
            self.0.extend(braces::expand(pattern)?.iter().filter_map(|pattern| Rule::new(pattern, negated)));
        }
        Ok(())
    }

    /// Whether an entry is ignored or in an ignored directory: the nearest that a rule is about decides.
    pub(crate) fn includes_file(&self, path: &[u8]) -> bool {
        let mut path = path;
        let mut is_dir = false;
        loop {
            if let Some(ignored) = self.ignores(path, is_dir, Case::Respected) {
                return ignored;
            }
            let Some(slash) = path.iter().rposition(|byte| *byte == b'/') else { return false };
            path = must(path.get(..slash), "a slash is in the path").unwrap_or_default();
            is_dir = true;
        }
    }

    /// Whether an entry is ignored, by its path from the directory of the file on; `None`: no rule is about it.
    pub(crate) fn ignores(&self, path: &[u8], is_dir: bool, case: Case) -> Option<bool> {
        let name = last_name(path);
        let rules = self.0.iter().rev().filter(|rule| is_dir || !rule.dirs_only);
        let mut deciding = rules.filter(|rule| rule.is_about(path, name, case));
        deciding.next().map(|rule| !rule.negated)
    }
}

impl Rule {
    fn new(pattern: &[u8], negated: bool) -> Option<Self> {
        // No path is as long.
        if pattern.len() > LONGEST {
            return None;
        }
        let (dirs_only, line) = match pattern.strip_suffix(b"/") {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        let whole_path = line.contains(&b'/');
        let pattern = line.strip_prefix(b"/").unwrap_or(line);
        let literal = pattern.iter().position(|byte| b"*?[\\".contains(byte)).unwrap_or(pattern.len());
        Some(Self { pattern: pattern.into(), literal, negated, dirs_only, whole_path })
    }

    fn is_about(&self, path: &[u8], name: &[u8], case: Case) -> bool {
        let (text, slashes) = if self.whole_path { (path, Slashes::Apart) } else { (name, Slashes::Plain) };
        let Some((literal, pattern)) = self.pattern.split_at_checked(self.literal) else { return false };
        let Some((begin, rest)) = text.split_at_checked(self.literal) else { return false };
        let begins = begin == literal || case == Case::Ignored && begin.eq_ignore_ascii_case(literal);
        // A pattern behind a literal beginning is one of its own: so it is in git.
        begins && matches(pattern, rest, slashes, case)
    }
}

fn rule(text: &[u8]) -> Option<Rule> {
    let (negated, pattern) = line(text)?;
    Rule::new(pattern, negated)
}

/// The parts of a line: whether it is negated, and the pattern.
fn line(line: &[u8]) -> Option<(bool, &[u8])> {
    if line.is_empty() || line.starts_with(b"#") {
        return None;
    }
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line.split(|byte| *byte == 0).next()?;
    let line = without_trailing_spaces(line);
    Some(match line.strip_prefix(b"!") {
        Some(rest) => (true, rest),
        None => (false, line),
    })
}

/// A space may be escaped; then it stays, with everything before it.
fn without_trailing_spaces(line: &[u8]) -> &[u8] {
    let mut end = 0;
    let mut at = 0;
    while let Some(byte) = line.get(at) {
        at += if *byte == b'\\' { 2 } else { 1 };
        if *byte != b' ' {
            end = at;
        }
    }
    line.get(..end).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_rule_that_is_about_an_entry_decides() {
        let rules = Rules::new(b"*.log\n!keep.log\n/tmp/\nlib/*.o\n# a comment\n");
        assert_eq!(rules.ignores(b"a.log", false, Case::Respected), Some(true));
        assert_eq!(rules.ignores(b"x/keep.log", false, Case::Respected), Some(false));
        assert_eq!(rules.ignores(b"tmp", true, Case::Respected), Some(true));
        assert_eq!(rules.ignores(b"tmp", false, Case::Respected), None);
        assert_eq!(rules.ignores(b"x/tmp", true, Case::Respected), None);
        assert_eq!(rules.ignores(b"lib/a.o", false, Case::Respected), Some(true));
        assert_eq!(rules.ignores(b"x/lib/a.o", false, Case::Respected), None);
    }

    #[test]
    fn entries_of_a_matching_directory_are_included_unless_a_nearer_rule_excludes_them() {
        let mut rules = Rules::default();
        for pattern in ["lib/", "!*_spec.rb", "{a,b/c}.txt"] {
            rules.add(pattern.as_bytes()).unwrap();
        }
        for (path, expected) in [
            ("lib/x/a.rb", true),
            ("x/lib/a.rb", true),
            ("lib", false),
            ("lib/a_spec.rb", false),
            ("x/a.txt", true),
            ("b/c.txt", true),
            ("x/b/c.txt", false),
        ] {
            assert_eq!(rules.includes_file(path.as_bytes()), expected, "{path}");
        }
    }

    #[test]
    fn trailing_spaces_count_where_they_are_escaped() {
        assert_eq!(without_trailing_spaces(b"a  "), b"a");
        assert_eq!(without_trailing_spaces(b"a\\  "), b"a\\ ");
        assert_eq!(without_trailing_spaces(b"a b "), b"a b");
        assert_eq!(without_trailing_spaces(b"a\\"), b"a\\");
        assert_eq!(without_trailing_spaces(b"  "), b"");
    }
}
