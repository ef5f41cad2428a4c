//! The grammar of POSIX `sh`, also for bash, zsh, ksh and mksh.

use std::ffi::OsStr;

use super::{Grammar, NOT_UNICODE, Refusal};
use crate::env::Var;

pub(super) struct Posix;

impl Grammar for Posix {
    fn set(&self, var: Var, value: &OsStr) -> Result<Vec<u8>, Refusal> {
        let value = quoted(value)?;
        Ok([b"export ", var.name().as_bytes(), b"=", &value, b";"].concat())
    }

    fn unset(&self, var: Var) -> String {
        format!("unset {};", var.name())
    }

    fn failing(&self) -> &'static str {
        "false;\n"
    }

    fn word(&self, word: &str) -> String {
        shell_escape::unix::escape(word.into()).into_owned()
    }

    fn line(&self, command: &str) -> String {
        format!("eval \"$({command})\"")
    }
}

/// Quotes a value.
///
/// `shell_escape` only accepts text, and does not quote a leading `=`, which zsh expands (`=ls` is `/usr/bin/ls`).
fn quoted(value: &OsStr) -> Result<Vec<u8>, Refusal> {
    match value.to_str() {
        Some(text) if !text.starts_with('=') => Ok(shell_escape::unix::escape(text.into()).into_owned().into_bytes()),
        None if !cfg!(unix) => Err(NOT_UNICODE),
        _ => {
            let mut word = vec![b'\''];
            for &byte in value.as_encoded_bytes() {
                match byte {
                    b'\'' => word.extend(br"'\''"),
                    _ => word.push(byte),
                }
            }
            word.push(b'\'');
            Ok(word)
        }
    }
}
