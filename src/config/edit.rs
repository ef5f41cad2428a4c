//! Changes keys of one section of the credentials file, and leaves every other byte unchanged.

use std::borrow::Cow;

use super::Files;
use super::ini::{self, Section, is_blank};

/// A key and its new value; `None` to remove it.
type KeyValue<'entry> = (&'entry str, Option<&'entry str>);

type Lines<'text> = Vec<Cow<'text, [u8]>>;

/// A name or value that the file cannot represent.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    #[error("`{name}` is not a valid profile name for the credentials file: {why}")]
    Name { name: String, why: &'static str },
    #[error("cannot write the session: its `{key}` is empty or contains whitespace or control characters")]
    Value { key: String },
}

/// Whether this can be the name of a section.
pub fn check_name(name: &str) -> Result<(), EditError> {
    let why = match name {
        "" => "empty",
        "DEFAULT" => "`[DEFAULT]` applies to every profile",
        _ if name.contains(']') => "a section header ends at `]`",
        _ if name.chars().any(char::is_control) => "it contains control characters",
        _ if name.trim_matches(is_blank).len() < name.len() => "it begins or ends with a space",
        _ => return Ok(()),
    };
    Err(EditError::Name {
        name: name.to_owned(),
        why,
    })
}

impl Files {
    /// The text of the credentials file with `entries` changed in the section of this name, which is added if it does
    /// not exist. The caller must check that [`super::Profiles::profile`] can read the section.
    pub fn edited(&self, name: &str, entries: &[KeyValue<'_>]) -> Result<Vec<u8>, EditError> {
        check_name(name)?;
        for (key, value) in entries {
            let unfit = |value: &str| {
                value.is_empty()
                    || value
                        .chars()
                        .any(|character| character.is_control() || is_blank(character))
            };
            if value.is_some_and(unfit) {
                return Err(EditError::Value { key: (*key).to_owned() });
            }
        }
        Ok(edited(&self.credentials.text, name, entries))
    }
}

fn edited(text: &[u8], name: &str, entries: &[KeyValue<'_>]) -> Vec<u8> {
    let document = ini::parse(text);
    let mut lines = lines(text);
    match document.sections.iter().find(|section| section.header == name) {
        Some(section) => change(&mut lines, section, entries),
        None => append(&mut lines, name, entries),
    }
    lines.concat()
}

/// The line ending for text added after `line`, so that a lone `\r` and our `\n` never merge: that of the line, else of the
/// file's first line.
fn ending_below(lines: &Lines<'_>, line: Option<usize>) -> Vec<u8> {
    let ends = [line, Some(0)].into_iter().flatten().filter_map(|line| lines.get(line));
    let mut ends = ends.map(|line| ending(line)).filter(|end| !end.is_empty());
    ends.next().unwrap_or(b"\n").to_owned()
}

/// A new section at the end of the file, after an empty line.
fn append(lines: &mut Lines<'_>, name: &str, entries: &[KeyValue<'_>]) {
    let line_end = &ending_below(lines, lines.len().checked_sub(1))[..];
    let mut section = Vec::new();
    if let Some(last) = lines.last() {
        if ending(last).is_empty() {
            section.extend(line_end);
        }
        if content(last).is_none_or(|content| !content.is_empty()) {
            section.extend(line_end);
        }
    }
    section.extend([b"[", name.as_bytes(), b"]", line_end].concat());
    for (key, value) in entries {
        if let Some(value) = value {
            section.extend([key.as_bytes(), b" = ", value.as_bytes(), line_end].concat());
        }
    }
    lines.push(section.into());
}

/// Changes existing keys in place, and adds the others after the section's last key.
fn change(lines: &mut Lines<'_>, section: &Section<'_>, entries: &[KeyValue<'_>]) {
    let indentation = indentation(lines, section);
    let anchor = section
        .entries
        .iter()
        .map(|entry| entry.last)
        .max()
        .unwrap_or(section.line)
        - 1;
    let line_end = &ending_below(lines, Some(anchor))[..];
    let mut added = Vec::new();
    for (key, value) in entries {
        let Some(old) = section.entry(key) else {
            added.extend(value.map(|value| format!("{indentation}{key} = {value}")));
            continue;
        };
        let first = &mut lines[old.line - 1];
        *first = value.map_or_else(Vec::new, |value| with_value(first, value)).into();
        // Comments between the lines of a value do not belong to it.
        for line in &mut lines[old.line..old.last] {
            if content(line).is_some_and(|content| !is_comment_or_blank(content)) {
                *line = Cow::Borrowed(b"");
            }
        }
    }
    let anchor = &mut lines[anchor];
    // If the file ends here without a line break, it still does.
    let is_open = !anchor.is_empty() && ending(anchor).is_empty();
    for line in added {
        let line = line.as_bytes();
        let parts = if is_open { [line_end, line] } else { [line, line_end] };
        anchor.to_mut().extend(parts.concat());
    }
}

/// Indentation for added lines: that of the section's last entry, so that the parser does not take them for its
/// continuation; in an empty section that of the next line, so that line is not taken for a continuation of ours.
fn indentation(lines: &Lines<'_>, section: &Section<'_>) -> String {
    let model = match section.entries.last() {
        Some(entry) => lines.get(entry.line - 1),
        None => lines[section.line..]
            .iter()
            .find(|line| content(line).is_some_and(|content| !is_comment_or_blank(content))),
    };
    let text = model
        .and_then(|line| std::str::from_utf8(line).ok())
        .unwrap_or_default();
    text.chars()
        .take_while(|&character| is_blank(character) && !"\r\n".contains(character))
        .collect()
}

/// The line of an entry with another value: key, delimiter and line break stay.
fn with_value(line: &[u8], value: &str) -> Vec<u8> {
    let start = line
        .iter()
        .position(|byte| b"=:".contains(byte))
        .map_or(0, |index| index + 1);
    let (key, rest) = line.split_at(start);
    let rest = &rest[..rest.len() - ending(rest).len()];
    let blanks = rest.iter().take_while(|byte| b" \t".contains(byte)).count();
    let blanks = if blanks < rest.len() { &rest[..blanks] } else { b" " };
    [key, blanks, value.as_bytes(), ending(line)].concat()
}

/// The lines of a file with their line breaks, counted like the parser counts them.
fn lines(text: &[u8]) -> Lines<'_> {
    let mut lines = Lines::new();
    let mut rest = text;
    while let Some(end) = rest.iter().position(|byte| b"\r\n".contains(byte)) {
        let length = if rest[end..].starts_with(b"\r\n") { 2 } else { 1 };
        let (line, after) = rest.split_at(end + length);
        lines.push(line.into());
        rest = after;
    }
    if !rest.is_empty() {
        lines.push(rest.into());
    }
    lines
}

/// The line break at the end of a line.
fn ending(line: &[u8]) -> &[u8] {
    let length = match line {
        [.., b'\r', b'\n'] => 2,
        [.., b'\r' | b'\n'] => 1,
        _ => 0,
    };
    &line[line.len() - length..]
}

/// A line without surrounding whitespace; `None` if it is not text.
fn content(line: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(line).ok()?;
    Some(text.trim_matches(is_blank))
}

fn is_comment_or_blank(content: &str) -> bool {
    content.is_empty() || content.starts_with(['#', ';'])
}

#[cfg(test)]
mod tests;
