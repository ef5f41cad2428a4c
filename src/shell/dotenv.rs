//! `KEY=value` lines, as far as programs that read `.env` files agree on their meaning.

use std::ffi::OsStr;

use super::{Grammar, NOT_UNICODE, Refusal};
use crate::env::{Change, Var};

pub(super) struct Dotenv;

impl Grammar for Dotenv {
    /// Unquoted if every program reads it literally (`docker run --env-file` has no quotes, `sh` reads the file as
    /// code), else in single quotes, inside which programs disagree about backslashes and `$`.
    fn set(&self, var: Var, value: &OsStr) -> Result<Vec<u8>, Refusal> {
        let text = value.to_str().ok_or(NOT_UNICODE)?;
        let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:+=@,".contains(&byte);
        let statement = if text.bytes().all(bare) && !text.starts_with('=') {
            format!("{}={text}", var.name())
        } else if text.contains(['\'', '\\', '$', '`']) || text.chars().any(char::is_control) {
            return Err("it contains a quote, `\\`, `$`, a backtick or a control character");
        } else {
            format!("{}='{text}'", var.name())
        };
        Ok(statement.into_bytes())
    }

    /// The format cannot unset.
    fn unset(&self, _: Var) -> String {
        String::new()
    }

    fn failing(&self) -> &'static str {
        ""
    }

    fn word(&self, word: &str) -> String {
        word.to_owned()
    }

    fn line(&self, command: &str) -> String {
        format!("{command} > .env")
    }

    /// A new program reads the file: there is nothing to unset or restore. `ROLENV_RESTORE` may contain the user's
    /// long-term keys, which must not get into a file or a container.
    fn statements(&self, changes: &[Change]) -> Result<Vec<Vec<u8>>, (Var, Refusal)> {
        let is_printed = |change: &&Change| matches!(change, Change::Set(var, _) if *var != Var::RolenvRestore);
        changes
            .iter()
            .filter(is_printed)
            .map(|change| self.statement(change))
            .collect()
    }
}
