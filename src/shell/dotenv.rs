//! `KEY=value` lines, as far as the readers of `.env` files agree on what they mean.

use std::ffi::OsStr;

use super::{Grammar, NOT_UNICODE, Refusal};
use crate::env::{Change, Var};

pub(super) struct Dotenv;

impl Grammar for Dotenv {
    /// Bare where every reader takes it literally (`docker run --env-file` knows no quotes, `sh` reads the file as
    /// code), else in single quotes. Inside those the readers part ways over backslashes and `$`.
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

    /// The format has no word for it.
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

    /// A file is read by a program that starts afresh: there is nothing to take away, and nothing to return to.
    /// `ROLENV_RESTORE` may hold the person's own long-term keys, which have no business in a file or a container.
    fn statements(&self, changes: &[Change]) -> Result<Vec<Vec<u8>>, (Var, Refusal)> {
        let kept = |change: &&Change| matches!(change, Change::Set(var, _) if *var != Var::RolenvRestore);
        changes
            .iter()
            .filter(kept)
            .map(|change| self.statement(change))
            .collect()
    }
}
