//! git's configuration files, as git-config(1) describes their syntax.

/// One setting: `[section "subsection"] key = value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    /// In lower case, as the key is.
    pub(super) section: Vec<u8>,
    pub(super) subsection: Option<Vec<u8>>,
    pub(super) key: Vec<u8>,
    /// `None`: the key alone, which means true.
    pub(super) value: Option<Vec<u8>>,
}

impl Setting {
    pub(super) fn is(&self, section: &str, key: &str) -> bool {
        self.subsection.is_none() && self.section == section.as_bytes() && self.key == key.as_bytes()
    }

    pub(super) fn is_true(&self) -> bool {
        self.value.as_deref().is_none_or(is_true)
    }
}

/// Whether a value is a boolean that is true.
pub(super) fn is_true(value: &[u8]) -> bool {
    let number = || std::str::from_utf8(value).ok().and_then(|text| text.trim().parse::<i64>().ok());
    ["true", "yes", "on"].iter().any(|it| value.eq_ignore_ascii_case(it.as_bytes()))
        || number().is_some_and(|it| it != 0)
}

/// The settings of a file in their order, up to the first mistake.
pub(super) fn parse(text: &[u8]) -> Vec<Setting> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut parser = Parser { text, at: 0 };
    let mut settings = Vec::new();
    let mut section = (Vec::new(), None);
    while let Some(byte) = parser.next() {
        match byte {
            b'#' | b';' => parser.skip_line(),
            b'[' => match parser.section() {
                Some(new) => section = new,
                None => break,
            },
            byte if byte.is_ascii_whitespace() => {}
            byte if byte.is_ascii_alphabetic() => {
                parser.at -= 1;
                let Some((key, value)) = parser.setting() else { break };
                let (section, subsection) = section.clone();
                settings.push(Setting { section, subsection, key, value });
            }
            _ => break,
        }
    }
    settings
}

struct Parser<'t> {
    text: &'t [u8],
    at: usize,
}

impl Parser<'_> {
    /// The next byte, where CR LF is one line end.
    fn next(&mut self) -> Option<u8> {
        if self.text.get(self.at..self.at + 2) == Some(b"\r\n") {
            self.at += 1;
        }
        let byte = self.text.get(self.at).copied()?;
        self.at += 1;
        Some(byte)
    }

    fn skip_line(&mut self) {
        while self.next().is_some_and(|byte| byte != b'\n') {}
    }

    /// What is behind a bracket, up to the closing one.
    fn section(&mut self) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
        let mut name = Vec::new();
        loop {
            match self.next()? {
                b']' => return Some((name, None)),
                b' ' | b'\t' => break,
                byte if byte.is_ascii_alphanumeric() || b"-.".contains(&byte) => name.push(byte.to_ascii_lowercase()),
                _ => return None,
            }
        }
        let mut byte = self.next()?;
        while matches!(byte, b' ' | b'\t') {
            byte = self.next()?;
        }
        if byte != b'"' {
            return None;
        }
        let mut subsection = Vec::new();
        loop {
            match self.next()? {
                b'"' => break,
                b'\n' => return None,
                b'\\' => subsection.push(self.next().filter(|byte| *byte != b'\n')?),
                byte => subsection.push(byte),
            }
        }
        (self.next()? == b']').then_some((name, Some(subsection)))
    }

    fn setting(&mut self) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
        let mut key = Vec::new();
        let mut next = self.next();
        while let Some(byte) = next.filter(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') {
            key.push(byte.to_ascii_lowercase());
            next = self.next();
        }
        while matches!(next, Some(b' ' | b'\t')) {
            next = self.next();
        }
        match next {
            None | Some(b'\n') => Some((key, None)),
            Some(b'=') => Some((key, Some(self.value()?))),
            Some(_) => None,
        }
    }

    /// Up to the end of the line; spaces at its ends and comments are no part of it, unless they are quoted.
    fn value(&mut self) -> Option<Vec<u8>> {
        let mut value = Vec::new();
        // Where it ends if only spaces follow.
        let mut end = 0;
        let mut quoted = false;
        loop {
            match self.next() {
                None | Some(b'\n') if quoted => return None,
                None | Some(b'\n') => break,
                Some(byte) if byte.is_ascii_whitespace() && !quoted => {
                    if !value.is_empty() {
                        value.push(byte);
                    }
                    continue;
                }
                Some(b'#' | b';') if !quoted => {
                    self.skip_line();
                    break;
                }
                Some(b'"') => quoted = !quoted,
                Some(b'\\') => match self.next()? {
                    b'\n' => {}
                    b't' => value.push(b'\t'),
                    b'b' => value.push(8),
                    b'n' => value.push(b'\n'),
                    byte if b"\\\"".contains(&byte) => value.push(byte),
                    _ => return None,
                },
                Some(byte) => value.push(byte),
            }
            end = value.len();
        }
        value.truncate(end);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let settings = parse(text.as_bytes()).into_iter();
        settings
            .map(|it| {
                let subsection = it.subsection.map(|it| format!(".{}", shown(&it))).unwrap_or_default();
                let value = it.value.map(|it| format!("={}", shown(&it))).unwrap_or_default();
                format!("{}{subsection}.{}{value}", shown(&it.section), shown(&it.key))
            })
            .collect()
    }

    #[test]
    fn settings_are_read_as_git_reads_them() {
        for (text, expected) in [
            ("[core]\n\texcludesFile = ~/x\n", vec!["core.excludesfile=~/x"]),
            ("[Core] ignoreCase\n", vec!["core.ignorecase"]),
            ("[a \"B c\\\"\"]\nk=v", vec!["a.B c\".k=v"]),
            ("[a]k = v w  # comment\nl=\"v # w \" \n", vec!["a.k=v w", "a.l=v # w "]),
            ("[a]\nk = \"a\"b\\\\\\n\\\nc\n", vec!["a.k=ab\\\nc"]),
            ("; c\n# d\n[a]\r\nk = v\r\n", vec!["a.k=v"]),
            ("[a]\nk =\nl", vec!["a.k=", "a.l"]),
            ("[a]\nk = v\n[b\n", vec!["a.k=v"]),
            ("[a]\nk = \"v\nl = w\n", vec![]),
            ("[a]\nk = \\x\n", vec![]),
            ("k = v\n", vec![".k=v"]),
            ("", vec![]),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }

    #[test]
    fn booleans_are_words_and_numbers() {
        for (value, expected) in [("true", true), ("YES", true), ("on", true), ("1", true), ("-2", true), ("0", false)]
        {
            assert_eq!(is_true(value.as_bytes()), expected, "{value}");
        }
        for value in ["false", "no", "off", "", "maybe"] {
            assert!(!is_true(value.as_bytes()), "{value}");
        }
    }
}
