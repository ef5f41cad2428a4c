//! The grammar of elvish.

use std::ffi::OsStr;
use std::fmt::Write as _;

use super::{Grammar, NOT_UNICODE, Refusal};
use crate::env::Var;

pub(super) struct Elvish;

impl Grammar for Elvish {
    fn set(&self, var: Var, value: &OsStr) -> Result<Vec<u8>, Refusal> {
        let value = match value.to_str() {
            // A line break would split the script into two values, of which `eval` takes one.
            Some(text) if !text.contains(['\n', '\r']) => quoted(text),
            Some(text) => escaped(text.as_bytes()),
            None if cfg!(unix) => escaped(value.as_encoded_bytes()),
            None => return Err(NOT_UNICODE),
        };
        Ok(format!("set-env {} {value}", var.name()).into_bytes())
    }

    fn unset(&self, var: Var) -> String {
        format!("unset-env {}", var.name())
    }

    /// One line: elvish makes a value of each line, and `eval (...)` takes one.
    fn separator(&self) -> &'static str {
        "; "
    }

    fn failing(&self) -> &'static str {
        "fail 'rolenv: failed, the environment is unchanged'\n"
    }

    fn word(&self, word: &str) -> String {
        quoted(word)
    }

    fn line(&self, command: &str) -> String {
        format!("eval ({command})")
    }
}

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// Elvish reads source as UTF-8 and would replace other bytes, but `"\xff"` is the byte itself.
fn escaped(value: &[u8]) -> String {
    let mut word = String::from("\"");
    for &byte in value {
        if byte.is_ascii_alphanumeric() {
            word.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(word, "\\x{byte:02x}");
        }
    }
    word.push('"');
    word
}
