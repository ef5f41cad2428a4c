//! The grammar of fish.

use std::ffi::OsStr;

use super::{Grammar, NOT_UNICODE, Refusal};
use crate::env::Var;

pub(super) struct Fish;

impl Grammar for Fish {
    fn set(&self, var: Var, value: &OsStr) -> Result<Vec<u8>, Refusal> {
        if value.to_str().is_none() && !cfg!(unix) {
            return Err(NOT_UNICODE);
        }
        let value = quoted(value.as_encoded_bytes());
        Ok([b"set -gx ", var.name().as_bytes(), b" ", &value, b";"].concat())
    }

    /// A universal variable (`set -Ux AWS_PROFILE dev`) belongs to every session of the person and lives on disk:
    /// this session hides it behind an empty global that is not exported, and never erases it. Programs see it all the
    /// same, which fish calls a longstanding bug of its own, and which only the person can end: they are told. (An
    /// empty one that is exported would hide it, but the AWS CLI takes an empty `AWS_PROFILE` for a profile's name.)
    /// `true` at the end, because erasing what is not there is status 4.
    fn unset(&self, var: Var) -> String {
        let name = var.name();
        let advice = format!("rolenv: programs still see the universal {name}; erase it with: set -eU {name}");
        format!("set -eg {name}; set -qU {name}; and set -gu {name}; set -qUx {name}; and echo '{advice}' >&2; true;")
    }

    fn failing(&self) -> &'static str {
        "false;\n"
    }

    fn word(&self, word: &str) -> String {
        String::from_utf8_lossy(&quoted(word.as_bytes())).into_owned()
    }

    fn line(&self, command: &str) -> String {
        format!("{command} | source")
    }
}

/// Inside single quotes fish knows two escapes: `\\` and `\'`.
fn quoted(value: &[u8]) -> Vec<u8> {
    let mut word = vec![b'\''];
    for &byte in value {
        if matches!(byte, b'\\' | b'\'') {
            word.push(b'\\');
        }
        word.push(byte);
    }
    word.push(b'\'');
    word
}
