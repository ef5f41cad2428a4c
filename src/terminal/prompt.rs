//! Questions to the person at the terminal, whose answers nobody else sees: the terminal itself is asked, whatever
//! standard input and output are.

use super::{Terminal, keyboard, message};
use crate::secret::Secret;
use crate::signals;
use crate::system_error::describe;

/// What came from the person.
pub(super) enum Typed {
    Line(Secret),
    /// The line was closed without one.
    End,
}

/// Why a person gave no answer.
#[derive(Debug)]
pub enum NoAnswer {
    /// There is no terminal to ask at.
    NoTerminal,
    /// The line was left empty, or closed.
    Nothing,
    /// The terminal cannot be read.
    Lost { reason: String },
}

impl Terminal {
    /// Whether there is a terminal to ask a person at.
    pub fn can_ask() -> bool {
        keyboard::is_there()
    }

    /// What the processes have in common that share a terminal; `None` where that is not known.
    pub fn session() -> Option<u32> {
        keyboard::session()
    }

    /// Asks for a line that is not shown while it is typed. `remarks` come before the question, a line each.
    pub fn ask(&self, remarks: &[String], question: &str) -> Result<Secret, NoAnswer> {
        let mut lines: Vec<String> = remarks.iter().map(|remark| format!("rolenv: {remark}")).collect();
        lines.push(format!("{question}: "));
        let lines: Vec<String> = lines.iter().map(|line| message(line)).collect();
        let text = lines.join("\n");
        signals::watch();
        match keyboard::ask(&text) {
            Ok(Some(Typed::Line(line))) if line.expose().trim().is_empty() => Err(NoAnswer::Nothing),
            Ok(Some(Typed::Line(line))) => Ok(line),
            Ok(Some(Typed::End)) => Err(NoAnswer::Nothing),
            Ok(None) => Err(NoAnswer::NoTerminal),
            Err(error) => Err(NoAnswer::Lost {
                reason: describe(&error),
            }),
        }
    }

    /// Gives the terminal back as it was before a question, for good: the process ends, and no question comes after
    /// this. Safe to call from any thread, at any time.
    pub fn restore() {
        keyboard::restore();
    }

    /// Takes an open question up again after the process was stopped and continued. Safe to call from any thread.
    pub fn resume() {
        keyboard::resume();
    }
}
