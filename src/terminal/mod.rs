//! All that a person sees, on standard error, and types, at the terminal itself; and whether standard output is a
//! screen. Decides nothing.

#[cfg(unix)]
mod echo;
#[cfg(windows)]
#[path = "console.rs"]
mod keyboard;
#[cfg(unix)]
mod keyboard;
mod prompt;

use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};

pub use prompt::NoAnswer;

/// The person's screen.
pub struct Terminal {
    quiet: bool,
}

impl Terminal {
    /// `quiet`: no notes, errors only.
    pub const fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// Whether what is printed to standard output would appear on a screen instead of reaching a shell.
    pub fn shows_output() -> bool {
        std::io::stdout().is_terminal()
    }

    /// Something worth knowing that stops nothing.
    pub fn note(&self, note: impl Display) {
        if !self.quiet {
            say(&format!("rolenv: {}", message(&note.to_string())));
        }
    }

    /// Says, when it is called, that `what` is waited for.
    pub fn waits(&self, what: &'static str) -> impl Fn() + 'static {
        let terminal = Self::new(self.quiet);
        move || terminal.note(format_args!("waiting for {what}"))
    }

    /// What another program says while a person waits for it, as it says it.
    pub fn overheard(said: &[u8]) {
        let _ = std::io::stderr().lock().write_all(said);
    }

    /// Why it could not be done, and what to do next.
    pub fn error(message: impl Display, hint: Option<&str>) {
        let message = self::message(&message.to_string());
        match hint {
            Some(hint) => say(&format!("rolenv: {message}\n\nhint: {}", Self::safe(hint))),
            None => say(&format!("rolenv: {message}")),
        }
    }

    /// Help that must not go to standard output.
    pub fn help(text: &str) {
        say(text.trim_end());
    }

    /// The last words of a run that a signal ends.
    pub fn interrupted() {
        say("rolenv: interrupted");
    }

    /// The last words of a run that met a mistake of ours. What was in the program's hands stays there.
    pub fn panicked(place: &str) {
        say(&format!(
            "rolenv: internal error at {place}\n\nhint: please report this; nothing was changed"
        ));
    }

    /// JSON in which nothing draws on a screen: such letters stand in its strings only, and are escaped there.
    pub fn escaped(json: &str) -> String {
        let spelled = |letter: char| match letter {
            _ if draws(letter) => format!("\\u{:04x}", u32::from(letter)),
            _ => letter.to_string(),
        };
        json.chars().map(spelled).collect()
    }

    /// A text as one line, without anything in it that would draw on a screen: it must not look like several of ours.
    pub fn line(text: &str) -> String {
        Self::safe(&text.replace(['\n', '\r'], " "))
    }

    /// A text of several lines without anything in it that would draw on a screen.
    pub fn safe(text: &str) -> String {
        text.chars()
            .map(|letter| match letter {
                '\n' => letter,
                _ if draws(letter) => '\u{fffd}',
                _ => letter,
            })
            .collect()
    }
}

/// Terminal escapes, and marks that turn the direction of writing round.
fn draws(letter: char) -> bool {
    let turns = matches!(
        letter,
        '\u{061c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    );
    turns || (letter.is_control() && letter != '\n')
}

/// The longest message, in characters: whatever a file or a server has to say, the screen is the person's.
const MAX_LINE_LEN: usize = 2000;

/// In one write, because other processes may be saying something, too. A screen that is gone is no reason to fail.
fn say(text: &str) {
    let _ = std::io::stderr().lock().write_all(format!("{text}\n").as_bytes());
}

/// A message of ours, with what servers and files have to say in it.
fn message(text: &str) -> String {
    let text = Terminal::line(text);
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
