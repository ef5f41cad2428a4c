//! One JSON object from variable name to value, `null` to unset. Also for nushell, which has no `eval`, and reads it
//! with `load-env`.

use std::ffi::OsStr;

use serde_json::Value;

use super::{Grammar, NOT_UNICODE, Refusal};
use crate::env::{Change, Var};

pub(super) struct Json;

impl Grammar for Json {
    fn set(&self, var: Var, value: &OsStr) -> Result<Vec<u8>, Refusal> {
        let value = Value::from(value.to_str().ok_or(NOT_UNICODE)?);
        Ok(format!("\"{}\": {value}", var.name()).into_bytes())
    }

    fn unset(&self, var: Var) -> String {
        format!("\"{}\": null", var.name())
    }

    /// Nothing: `from json | load-env` fails on empty input, and so do other JSON parsers.
    fn failing(&self) -> &'static str {
        ""
    }

    fn word(&self, word: &str) -> String {
        // A JSON string is also a string literal of nushell.
        Value::from(word).to_string()
    }

    fn line(&self, command: &str) -> String {
        format!("{command} | from json | load-env")
    }

    fn statements(&self, changes: &[Change]) -> Result<Vec<Vec<u8>>, (Var, Refusal)> {
        let pairs: Result<Vec<_>, _> = changes.iter().map(|change| self.statement(change)).collect();
        Ok(vec![[b"{", pairs?.join(&b", "[..]).as_slice(), b"}"].concat()])
    }
}
