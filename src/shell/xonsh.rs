//! The grammar of xonsh: Python, with a `$` before names of variables.

use std::ffi::OsStr;
use std::fmt::Write as _;

use super::{Grammar, NOT_UNICODE, Refusal};
use crate::env::Var;

pub(super) struct Xonsh;

impl Grammar for Xonsh {
    fn set(&self, var: Var, value: &OsStr) -> Result<Vec<u8>, Refusal> {
        if value.to_str().is_none() && !cfg!(unix) {
            return Err(NOT_UNICODE);
        }
        let value = literal(value.as_encoded_bytes());
        Ok(format!("${} = {value}", var.name()).into_bytes())
    }

    /// `del $NAME` fails if the variable is not set.
    fn unset(&self, var: Var) -> String {
        format!("${{...}}.pop('{}', None)", var.name())
    }

    fn failing(&self) -> &'static str {
        "raise RuntimeError('rolenv: failed, the environment is unchanged')\n"
    }

    fn word(&self, word: &str) -> String {
        literal(word.as_bytes())
    }

    fn line(&self, command: &str) -> String {
        format!("execx($({command}))")
    }
}

/// A Python string literal in ASCII. Invalid UTF-8 becomes lone surrogates, as in Python's environment (PEP 383).
fn literal(value: &[u8]) -> String {
    let mut literal = String::from("'");
    for chunk in value.utf8_chunks() {
        for character in chunk.valid().chars() {
            // Writing to a String cannot fail.
            let _ = match character {
                '\'' | '\\' => write!(literal, "\\{character}"),
                ' '..='~' => write!(literal, "{character}"),
                _ => write!(literal, "\\U{:08x}", u32::from(character)),
            };
        }
        for byte in chunk.invalid() {
            let _ = write!(literal, "\\udc{byte:02x}");
        }
    }
    literal.push('\'');
    literal
}
