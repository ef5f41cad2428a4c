//! Prompts with hidden input, at the terminal itself, whatever stdin and stdout are.

use super::{Terminal, Typed, message, sys};
use crate::secret::Secret;
use crate::signals;
use crate::system_error::describe;

/// Why a prompt returned nothing.
#[derive(Debug)]
pub enum NoAnswer {
    /// There is no terminal.
    NoTerminal,
    /// The line was empty, or end of file.
    Nothing,
    /// The terminal cannot be read.
    Lost { reason: String },
}

impl Terminal {
    /// Whether there is a terminal to prompt at.
    pub fn can_ask() -> bool {
        sys::is_there()
    }

    /// An ID that all processes at the same terminal share; `None` if unknown.
    pub fn session() -> Option<u32> {
        sys::session()
    }

    /// Prompts for a line with hidden input. `remarks` are printed before, one per line.
    pub fn ask(&self, remarks: &[String], question: &str) -> Result<Secret, NoAnswer> {
        let mut lines: Vec<String> = remarks.iter().map(|remark| format!("rolenv: {remark}")).collect();
        lines.push(format!("{question}: "));
        let lines: Vec<String> = lines.iter().map(|line| message(line)).collect();
        let text = lines.join("\n");
        signals::watch();
        match sys::ask(&text) {
            Ok(Some(Typed::Line(line))) if line.expose().trim().is_empty() => Err(NoAnswer::Nothing),
            Ok(Some(Typed::Line(line))) => Ok(line),
            Ok(Some(Typed::End)) => Err(NoAnswer::Nothing),
            Ok(None) => Err(NoAnswer::NoTerminal),
            Err(error) => Err(NoAnswer::Lost {
                reason: describe(&error),
            }),
        }
    }

    /// Restores the terminal settings before the process ends. No prompt may follow. Safe to call from any thread at
    /// any time.
    pub fn restore() {
        sys::restore();
    }

    /// Resumes an open prompt after the process was stopped and continued. Safe to call from any thread.
    pub fn resume() {
        sys::resume();
    }
}
