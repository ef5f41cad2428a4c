//! Python's `shlex.split`, with which the AWS CLI splits section headers and `credential_process`.

/// Splits `text` by the quoting rules of POSIX. `None` if a quote is not closed or the text ends in a backslash.
pub(super) fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        end if end == character => break,
                        '\\' if character == '"' => match characters.next()? {
                            escaped @ ('"' | '\\') => word.push(escaped),
                            other => word.extend(['\\', other]),
                        },
                        inside => word.push(inside),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(characters.next()?),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    Some(words)
}

/// The arguments of a `credential_process`, split like in the AWS CLI on this system.
pub fn command(text: &str) -> Option<Vec<String>> {
    if cfg!(windows) {
        split_windows(text)
    } else {
        split(text)
    }
}

/// The rules of the Windows C runtime: spaces and tabs separate, only `"` quotes, and a backslash is literal unless a
/// quote follows. `None` if a quote is not closed.
fn split_windows(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut backslashes = 0;
    for character in text.chars() {
        if character == '\\' {
            backslashes += 1;
            continue;
        }
        // Before a quote, two backslashes are one, and a single one escapes the quote.
        let count = if character == '"' { backslashes / 2 } else { backslashes };
        let escaped = character == '"' && backslashes % 2 == 1;
        if backslashes > 0 {
            word.get_or_insert_default().push_str(&"\\".repeat(count));
            backslashes = 0;
        }
        match character {
            '"' if !escaped => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' | '\t' if !quoted => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    if backslashes > 0 {
        word.get_or_insert_default().push_str(&"\\".repeat(backslashes));
    }
    words.extend(word);
    (!quoted).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::{split, split_windows};

    /// Each pair was printed by botocore's splitter for Windows.
    #[test]
    fn words_as_windows_has_them() {
        for (text, words) in [
            (r"C:\tools\x.exe a", Some(vec![r"C:\tools\x.exe", "a"])),
            (
                r#""C:\Program Files\x.exe" "a b""#,
                Some(vec![r"C:\Program Files\x.exe", "a b"]),
            ),
            (
                r#"x \"a\" \\"b c\\" '' """#,
                Some(vec!["x", "\"a\"", r"\b c\", "''", ""]),
            ),
            ("x\t a\\", Some(vec!["x", r"a\"])),
            ("x \"a", None),
            ("", Some(vec![])),
        ] {
            let words: Option<Vec<String>> = words.map(|words| words.into_iter().map(str::to_owned).collect());
            assert_eq!(split_windows(text), words, "{text}");
        }
    }

    /// Each pair was printed by Python's `shlex.split`.
    #[test]
    fn words_as_python_has_them() {
        for (text, words) in [
            ("profile a", Some(vec!["profile", "a"])),
            ("profile\t'a b'", Some(vec!["profile", "a b"])),
            (r#"profile "a \" \\ \b""#, Some(vec!["profile", r#"a " \ \b"#])),
            (r"profile a\ b", Some(vec!["profile", "a b"])),
            ("profile ''", Some(vec!["profile", ""])),
            ("profile a'b'\"c\"", Some(vec!["profile", "abc"])),
            ("profile #a", Some(vec!["profile", "#a"])),
            ("profile a b", Some(vec!["profile", "a", "b"])),
            ("profile 'a", None),
            ("profile a\\", None),
            ("", Some(vec![])),
        ] {
            let words: Option<Vec<String>> = words.map(|words| words.into_iter().map(str::to_owned).collect());
            assert_eq!(split(text), words, "{text}");
        }
    }
}
