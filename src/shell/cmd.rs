//! The grammar of cmd.exe. Values that the quotes of `set "N=v"` cannot contain are refused.

use std::ffi::OsStr;

use super::{Grammar, Refusal};
use crate::env::Var;

pub(super) struct Cmd;

/// cmd.exe takes lines of at most 8191 characters; the rest of the statement needs a few of them.
const MAX_VALUE_LEN: usize = 8000;

impl Grammar for Cmd {
    fn set(&self, var: Var, value: &OsStr) -> Result<Vec<u8>, Refusal> {
        let value = value.as_encoded_bytes();
        if let Some(reason) = refusal(value) {
            return Err(reason);
        }
        Ok([b"set \"", var.name().as_bytes(), b"=", value, b"\""].concat())
    }

    fn unset(&self, var: Var) -> String {
        format!("set \"{}=\"", var.name())
    }

    fn failing(&self) -> &'static str {
        "cmd /c exit 1\n"
    }

    fn word(&self, word: &str) -> String {
        format!("\"{word}\"")
    }

    fn line(&self, command: &str) -> String {
        format!("for /f \"delims=\" %i in ('{command}') do @%i")
    }
}

/// `"` ends the quoting; `%` and `!` are expanded inside it, depending on how the line is read; line breaks end the
/// statement; non-ASCII characters depend on the console's code page.
fn refusal(value: &[u8]) -> Option<Refusal> {
    if value.is_empty() {
        return Some("cmd has no empty variables");
    }
    if value.len() > MAX_VALUE_LEN {
        return Some("longer than a cmd line can be");
    }
    value.iter().find_map(|byte| match byte {
        b'"' => Some("it has a double quote"),
        b'%' => Some("it has a percent sign"),
        b'!' => Some("it has an exclamation mark"),
        b' '..=b'~' => None,
        0x80.. => Some("it has characters beyond ASCII"),
        _ => Some("it has a control character"),
    })
}
