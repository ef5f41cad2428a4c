//! The syntax of the AWS CLI's two files: Python's `RawConfigParser`, read in one pass.
//!
//! The AWS CLI rejects the whole file for one bad line; here the line is reported with its section, and reading
//! continues.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// A parsed file.
#[derive(Default)]
pub(super) struct Document<'text> {
    pub(super) sections: Vec<Section<'text>>,
    pub(super) problems: Vec<Problem<'text>>,
}

/// `[header]` and its entries.
pub(super) struct Section<'text> {
    /// The text between the brackets, verbatim.
    pub(super) header: &'text str,
    /// The line of the header.
    pub(super) line: usize,
    pub(super) entries: Vec<KeyValue<'text>>,
}

/// `key = value`, with its continuation lines.
pub(super) struct KeyValue<'text> {
    /// In lower case, like in `RawConfigParser`.
    pub(super) key: Cow<'text, str>,
    pub(super) value: Cow<'text, str>,
    pub(super) line: usize,
    /// The last line of its value.
    pub(super) last: usize,
}

/// A line that the AWS CLI rejects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Problem<'text> {
    /// 1 for the first line of the file.
    pub(super) line: usize,
    /// The header of the affected section.
    pub(super) section: Option<&'text str>,
    pub(super) what: ProblemKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ProblemKind {
    #[error("byte order mark at the start")]
    ByteOrderMark,
    #[error("not valid UTF-8")]
    NotUtf8,
    #[error("line before the first `[section]`")]
    NoSection,
    #[error("section header without closing `]`")]
    UnterminatedHeader,
    #[error("not of the form `key = value`")]
    NotAnEntry,
    #[error("duplicate section")]
    DuplicateSection,
    #[error("duplicate key")]
    DuplicateKey,
    #[error("unexpected indented continuation line")]
    Continued,
    #[error("the indented block contains a line that is not of the form `key = value`")]
    BadBlock,
}

impl Section<'_> {
    /// The entry of a key in lower case. If it is repeated, the last one wins.
    pub(super) fn entry(&self, key: &str) -> Option<&KeyValue<'_>> {
        self.entries.iter().rev().find(|entry| entry.key == key)
    }
}

/// Parses a file. Never fails: invalid lines are among the problems.
pub(super) fn parse(text: &[u8]) -> Document<'_> {
    let mut reader = Reader::default();
    let body = text.strip_prefix(b"\xef\xbb\xbf");
    if body.is_some() {
        reader.problem(1, ProblemKind::ByteOrderMark);
    }
    for (index, line) in lines(body.unwrap_or(text)).enumerate() {
        match std::str::from_utf8(line) {
            Ok(line) => reader.line(index + 1, line),
            Err(_) => reader.broken_line(index + 1, line),
        }
    }
    reader.finish()
}

/// Lines like in Python's text mode: ended by `\n`, `\r\n` or `\r`.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| byte == b'\n').flat_map(|line| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        line.split(|&byte| byte == b'\r')
    })
}

/// From this many entries on, a section's keys are looked up in a set, so that reading stays linear.
const LONG: usize = 16;

#[derive(Default)]
struct Reader<'text> {
    document: Document<'text>,
    /// The headers so far, and the indices of their sections.
    seen: HashMap<&'text str, usize>,
    /// The keys of long sections, with their section.
    keys: HashSet<(usize, Cow<'text, str>)>,
    /// The current section; none before the first header and after an invalid one.
    current: Option<usize>,
    /// Whether there was a header.
    started: bool,
    /// The indentation of the last key: a line further in continues its value.
    indentation: usize,
    /// Whether there is a key whose value can be continued.
    open: bool,
}

impl<'text> Reader<'text> {
    /// A line that is not text. It may have been a header, so the section of the following lines is unknown.
    fn broken_line(&mut self, number: usize, line: &[u8]) {
        self.open = false;
        self.problem(number, ProblemKind::NotUtf8);
        if line.trim_ascii_start().starts_with(b"[") {
            self.current = None;
        }
    }

    fn line(&mut self, number: usize, line: &'text str) {
        let content = line.trim_matches(is_blank);
        if content.is_empty() {
            self.continue_value(number, "");
            return;
        }
        if content.starts_with(['#', ';']) {
            return;
        }
        let indentation = line.chars().take_while(|&character| is_blank(character)).count();
        if self.open && indentation > self.indentation {
            self.continue_value(number, content);
            return;
        }
        self.indentation = indentation;
        if let Some(header) = content.strip_prefix('[') {
            self.header(number, header);
        } else {
            self.entry(number, content);
        }
    }

    /// Text after the last `]` is ignored, like in `RawConfigParser`.
    fn header(&mut self, number: usize, header: &'text str) {
        self.open = false;
        self.started = true;
        let Some((header, _)) = header.rsplit_once(']').filter(|(name, _)| !name.is_empty()) else {
            self.current = None;
            self.problem(number, ProblemKind::UnterminatedHeader);
            return;
        };
        if let Some(&known) = self.seen.get(header) {
            self.current = Some(known);
            // Python's parser reports several of these as one.
            if header != "DEFAULT" {
                self.problem(number, ProblemKind::DuplicateSection);
            }
            return;
        }
        self.seen.insert(header, self.document.sections.len());
        self.current = Some(self.document.sections.len());
        self.document.sections.push(Section {
            header,
            line: number,
            entries: Vec::new(),
        });
    }

    fn entry(&mut self, number: usize, content: &'text str) {
        if !self.started {
            self.problem(number, ProblemKind::NoSection);
            return;
        }
        let Some((key, value)) = content.split_once(['=', ':']) else {
            self.open = false;
            self.problem(number, ProblemKind::NotAnEntry);
            return;
        };
        let key = key.trim_end_matches(is_blank);
        if key.is_empty() {
            self.open = false;
            self.problem(number, ProblemKind::NotAnEntry);
            return;
        }
        self.open = true;
        let Some(index) = self.current else {
            return;
        };
        let Some(section) = self.document.sections.get_mut(index) else {
            return;
        };
        let key = if key.chars().any(char::is_uppercase) {
            Cow::Owned(key.to_lowercase())
        } else {
            Cow::Borrowed(key)
        };
        let duplicate = match section.entries.len() {
            0..LONG => section.entry(&key).is_some(),
            length => {
                if length == LONG {
                    self.keys
                        .extend(section.entries.iter().map(|entry| (index, entry.key.clone())));
                }
                !self.keys.insert((index, key.clone()))
            }
        };
        section.entries.push(KeyValue {
            key,
            value: Cow::Borrowed(value.trim_matches(is_blank)),
            line: number,
            last: number,
        });
        if duplicate {
            self.problem(number, ProblemKind::DuplicateKey);
        }
    }

    /// Adds a line to the value of the last key. Blank lines are kept until [`Reader::finish`] finds none after them.
    fn continue_value(&mut self, number: usize, content: &str) {
        if !self.open {
            return;
        }
        let section = self.current.and_then(|index| self.document.sections.get_mut(index));
        if let Some(entry) = section.and_then(|section| section.entries.last_mut()) {
            let value = entry.value.to_mut();
            value.push('\n');
            value.push_str(content);
            if !content.is_empty() {
                entry.last = number;
            }
        }
    }

    fn problem(&mut self, line: usize, what: ProblemKind) {
        let section = self.current.and_then(|index| self.document.sections.get(index));
        self.document.problems.push(Problem {
            line,
            section: section.map(|section| section.header),
            what,
        });
    }

    fn finish(mut self) -> Document<'text> {
        let Document { sections, problems } = &mut self.document;
        for section in sections {
            for entry in &mut section.entries {
                let Cow::Owned(value) = &mut entry.value else {
                    continue;
                };
                value.truncate(value.trim_end_matches('\n').len());
                // A block of entries below a key, one level deep, where only `=` separates.
                let mut block = value.strip_prefix('\n').unwrap_or_default().lines();
                if block.any(|line| !line.is_empty() && !line.contains('=')) {
                    problems.push(Problem {
                        line: entry.line,
                        section: Some(section.header),
                        what: ProblemKind::BadBlock,
                    });
                }
            }
        }
        problems.sort_by_key(|problem| problem.line);
        self.document
    }
}

/// Whitespace of Python's `str.strip`: Unicode's, and the four ASCII separators.
pub(super) fn is_blank(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str, header: &str) -> Vec<(String, String, usize)> {
        let document = parse(text.as_bytes());
        let section = document.sections.iter().find(|section| section.header == header);
        let entries = section.map(|section| &section.entries[..]).unwrap_or_default();
        entries
            .iter()
            .map(|entry| (entry.key.to_string(), entry.value.to_string(), entry.line))
            .collect()
    }

    fn one(key: &str, value: &str, line: usize) -> Vec<(String, String, usize)> {
        vec![(key.to_owned(), value.to_owned(), line)]
    }

    fn problems(text: &[u8]) -> Vec<(usize, Option<&str>, ProblemKind)> {
        let problems = parse(text).problems;
        problems
            .into_iter()
            .map(|found| (found.line, found.section, found.what))
            .collect()
    }

    #[test]
    fn entries_as_people_write_them() {
        for text in [
            "[a]\nk = v",
            "[a]\nk=v\n",
            "[a]\r\nk : v\r\n",
            "[a]\rK\t=\tv\r",
            "  [a]  # comment\n\n  k = v\n",
            "[a]\n# note\nk = v\n; note\n",
        ] {
            let (key, value, _) = &values(text, "a")[0];
            assert_eq!((key.as_str(), value.as_str()), ("k", "v"), "{text:?}");
            assert!(problems(text.as_bytes()).is_empty(), "{text:?}");
        }
    }

    #[test]
    fn values_are_taken_to_the_end_of_the_line() {
        assert_eq!(values("[a]\nk = b # d", "a"), one("k", "b # d", 2));
        assert_eq!(values("[a]\nk = \"q\" = 'r'", "a"), one("k", "\"q\" = 'r'", 2));
        assert_eq!(values("[a]\nk =", "a"), one("k", "", 2));
    }

    #[test]
    fn indented_lines_continue_a_value() {
        assert_eq!(
            values("[a]\ns3 =\n  x = 1\n\n  y = 2\n\n\n[b]\n", "a"),
            one("s3", "\nx = 1\n\ny = 2", 2)
        );
        assert_eq!(values("[a]\nk = 1\n # not this\n 2\n", "a"), one("k", "1\n2", 2));
    }

    #[test]
    fn headers_end_at_the_last_bracket() {
        let document = parse(b"[profile a] # [x]\n[b]c\n[d]]\n[ e ]\n");
        let headers: Vec<_> = document.sections.iter().map(|section| section.header).collect();
        assert_eq!(headers, ["profile a] # [x", "b", "d]", " e "]);
    }

    #[test]
    fn trouble_is_told_with_its_line_and_section() {
        assert_eq!(problems(b"k = v\n[a]\n"), [(1, None, ProblemKind::NoSection)]);
        assert_eq!(
            problems(b"[a]\nk = v\nnonsense\n"),
            [(3, Some("a"), ProblemKind::NotAnEntry)]
        );
        assert_eq!(problems(b"[a]\n= v\n"), [(2, Some("a"), ProblemKind::NotAnEntry)]);
        assert_eq!(
            problems(b"[a]\n[b\nk = v\n"),
            [(2, None, ProblemKind::UnterminatedHeader)]
        );
        assert_eq!(problems(b"[a]\n[]\n"), [(2, None, ProblemKind::UnterminatedHeader)]);
        assert_eq!(problems(b"[a]\nk = \xff\n"), [(2, Some("a"), ProblemKind::NotUtf8)]);
        assert_eq!(problems(b"\xef\xbb\xbf[a]\n"), [(1, None, ProblemKind::ByteOrderMark)]);
        assert_eq!(
            problems(b"[a]\n[b]\n[a]\n"),
            [(3, Some("a"), ProblemKind::DuplicateSection)]
        );
        assert_eq!(
            problems(b"[a]\nk=1\nK=2\n"),
            [(3, Some("a"), ProblemKind::DuplicateKey)]
        );
        assert_eq!(
            problems(b"[a]\ns3 =\n x = 1\n y: 2\nb\n"),
            [
                (2, Some("a"), ProblemKind::BadBlock),
                (5, Some("a"), ProblemKind::NotAnEntry)
            ]
        );
    }

    #[test]
    fn a_lost_header_takes_its_entries_with_it() {
        assert_eq!(values("[a]\nk = 1\n[b\nk = 2\n", "a"), one("k", "1", 2));
    }
}
