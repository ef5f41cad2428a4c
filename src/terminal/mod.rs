//! Everything that the user sees on stderr and types at the terminal, and whether stdout is a terminal.

mod prompt;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::OnceLock;

pub use prompt::NoAnswer;
#[cfg(unix)]
use unix as sys;
#[cfg(windows)]
use windows as sys;

use crate::secret::Secret;

/// What the user typed.
enum Typed {
    Line(Secret),
    /// End of file.
    End,
}

/// Prints notes and errors to stderr.
pub struct Terminal {
    quiet: bool,
}

impl Terminal {
    /// `quiet`: no notes, errors only.
    pub const fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// Sets the home whose paths messages abbreviate.
    pub fn set_home(home: &Path) {
        if let Some(home) = home.to_str().filter(|home| home.len() > 1) {
            let _ = HOME.set(home.trim_end_matches('/').to_owned());
        }
    }

    /// Paths below the home, after a backtick, are shown as `~/...`. Commands to type keep theirs: a shell does not expand `~`
    /// inside quotes.
    pub fn abbreviated(text: &str) -> String {
        match HOME.get() {
            Some(home) => text
                .replace(&format!("`{home}/"), "`~/")
                .replace(&format!("`{home}`"), "`~`"),
            None => text.to_owned(),
        }
    }

    /// Whether stdout is a terminal, so that no shell evaluates the output.
    pub fn shows_output() -> bool {
        std::io::stdout().is_terminal()
    }

    /// Prints a note.
    pub fn note(&self, note: impl Display) {
        if !self.quiet {
            say(&format!("rolenv: {}", message(&note.to_string())));
        }
    }

    /// Whether stderr is a terminal, where a user reads that a command has succeeded.
    pub fn shows_notes() -> bool {
        std::io::stderr().is_terminal()
    }

    /// Prints what a command has achieved, if a user reads it.
    pub fn success(&self, line: impl Display) {
        if !self.quiet && Self::shows_notes() {
            say(&message(&line.to_string()));
        }
    }

    /// Returns a function that prints a note about waiting for `what`.
    pub fn waits(&self, what: &'static str) -> impl Fn() + 'static {
        let terminal = Self::new(self.quiet);
        move || terminal.note(format_args!("waiting for {what}"))
    }

    /// Prints an error and the next step.
    pub fn error(message: impl Display, hint: Option<&str>) {
        let message = self::message(&message.to_string());
        match hint {
            Some(hint) => say(&format!(
                "rolenv: {message}\n\nhint: {}",
                Self::safe(&Self::abbreviated(hint))
            )),
            None => say(&format!("rolenv: {message}")),
        }
    }

    /// Prints help that must not go to stdout.
    pub fn help(text: &str) {
        say(text.trim_end());
    }

    /// The message of a run that a signal ends.
    pub fn interrupted() {
        say("rolenv: interrupted");
    }

    /// The message of a run that panicked, without the panic's own message, which may contain a secret.
    pub fn panicked(place: &str) {
        say(&format!(
            "rolenv: internal error at {place}\n\nhint: please report this; nothing was changed"
        ));
    }

    /// JSON without characters that a terminal interprets: they only occur in strings, and are escaped there.
    pub fn escaped(json: &str) -> String {
        let spelled = |character: char| match character {
            _ if draws(character) => format!("\\u{:04x}", u32::from(character)),
            _ => character.to_string(),
        };
        json.chars().map(spelled).collect()
    }

    /// Text as one line without characters that a terminal interprets, so that it cannot look like several messages.
    pub fn line(text: &str) -> String {
        Self::safe(&text.replace(['\n', '\r'], " "))
    }

    /// Text without characters that a terminal interprets, except line breaks.
    pub fn safe(text: &str) -> String {
        text.chars()
            .map(|character| if draws(character) { '\u{fffd}' } else { character })
            .collect()
    }
}

/// Control characters except line breaks, and characters that change the direction of text.
fn draws(character: char) -> bool {
    let turns = matches!(
        character,
        '\u{061c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    );
    turns || (character.is_control() && character != '\n')
}

/// The user's home, for [`Terminal::abbreviated`].
static HOME: OnceLock<String> = OnceLock::new();

/// The longest message, in characters. Files and servers may contain more.
const MAX_LINE_LEN: usize = 2000;

/// One write, because other processes may write, too. A closed stderr is not a failure.
fn say(text: &str) {
    let _ = std::io::stderr().lock().write_all(format!("{text}\n").as_bytes());
}

/// A message, which may contain text of servers and files.
fn message(text: &str) -> String {
    let text = Terminal::line(&Terminal::abbreviated(text));
    match text.char_indices().nth(MAX_LINE_LEN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_draws_on_the_screen() {
        assert_eq!(message("a\x1b[2Jb\nc\u{202e}d"), "a\u{fffd}[2Jb c\u{fffd}d");
        assert_eq!(
            Terminal::escaped("{\"a\": \"\u{9b}\u{202e}\u{fc}\"}\n"),
            "{\"a\": \"\\u009b\\u202e\u{fc}\"}\n"
        );
    }
}
