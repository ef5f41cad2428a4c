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

    /// A universal variable (`set -Ux AWS_PROFILE dev`) belongs to all of the user's sessions and is stored on disk. It
    /// is never erased; an empty global variable that is not exported hides it in this session. Programs still see it
    /// (a known bug of fish), so a message tells how to erase it. (An exported empty variable would hide it, but the
    /// AWS CLI reads an empty `AWS_PROFILE` as a profile name.) `true` at the end, because erasing a missing variable
    /// returns status 4.
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
