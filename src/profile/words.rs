//! Python's `shlex.split`, by which the AWS CLI reads the names in section headers.

/// The words of `text` under the quoting rules of POSIX; `None` when a quote is not closed or the text ends in a
/// backslash, for which Python raises.
pub(super) fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next()? {
                        end if end == letter => break,
                        '\\' if letter == '"' => match letters.next()? {
                            escaped @ ('"' | '\\') => word.push(escaped),
                            other => word.extend(['\\', other]),
                        },
                        inside => word.push(inside),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(letters.next()?),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::split;

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
