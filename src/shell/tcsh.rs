//! The grammar of tcsh and csh.

use std::ffi::OsStr;

use super::{Grammar, NOT_UNICODE, Refusal};
use crate::env::Var;

pub(super) struct Tcsh;

impl Grammar for Tcsh {
    fn set(&self, var: Var, value: &OsStr) -> Result<Vec<u8>, Refusal> {
        let bytes = value.as_encoded_bytes();
        if value.to_str().is_none() && !cfg!(unix) {
            return Err(NOT_UNICODE);
        }
        if bytes.contains(&b'\n') {
            return Err("it contains a line break");
        }
        Ok([b"setenv ", var.name().as_bytes(), b" ", &quoted(bytes), b";"].concat())
    }

    fn unset(&self, var: Var) -> String {
        format!("unsetenv {};", var.name())
    }

    fn failing(&self) -> &'static str {
        "false;\n"
    }

    fn word(&self, word: &str) -> String {
        String::from_utf8_lossy(&quoted(word.as_bytes())).into_owned()
    }

    fn line(&self, command: &str) -> String {
        format!("eval \"`{command}`\"")
    }
}

/// Inside quotes, a quote cannot be written, `!` is history, and a backslash depends on `backslash_quote`: each of the
/// three is written outside the quotes, after a backslash.
fn quoted(value: &[u8]) -> Vec<u8> {
    let mut word = vec![b'\''];
    for &byte in value {
        match byte {
            b'\'' | b'!' | b'\\' => word.extend([b'\'', b'\\', byte, b'\'']),
            _ => word.push(byte),
        }
    }
    word.push(b'\'');
    word
}
