//! Python's `shlex.split`, by which the AWS CLI reads the names in section headers and a `credential_process`.

use std::borrow::Cow;

/// The words of `text` under the quoting rules of POSIX; `None` when a quote is not closed or the text ends in a
/// backslash, for which Python raises.
#[must_use]
pub fn split(text: &str) -> Option<Vec<String>> {
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

/// A word as it can be typed into a shell of the POSIX family, for the hints that say what to type.
#[must_use]
pub fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@+,".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', r"'\''")).into()
}

#[cfg(test)]
mod tests {
    use super::{quoted, split};

    #[test]
    fn quoted_words_are_single_ones() {
        for word in ["", "plain", "a b", "it's", "$(x)", "a\\b", "\u{fc}"] {
            assert_eq!(split(&quoted(word)), Some(vec![word.to_owned()]), "{word}");
        }
        assert_eq!(quoted("team/prod-1"), "team/prod-1");
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
