//! Spells changes to the environment in the language of whoever reads our output; decides nothing, asks nobody.

mod cmd;
pub mod detect;
mod dotenv;
mod elvish;
mod fish;
mod json;
mod posix;
mod powershell;
mod tcsh;
mod xonsh;

use std::ffi::OsStr;

use crate::env::{Change, Var};

/// A shell whose statements we can print. Shells of one grammar differ only in how a person starts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    Bash,
    Zsh,
    Sh,
    Ksh,
    Fish,
    Tcsh,
    PowerShell,
    Cmd,
    Elvish,
    Xonsh,
    Nushell,
}

impl Shell {
    /// Every shell, in the order in which help and completions name them.
    pub const ALL: [Self; 11] = [
        Self::Bash,
        Self::Zsh,
        Self::Sh,
        Self::Ksh,
        Self::Fish,
        Self::Tcsh,
        Self::PowerShell,
        Self::Cmd,
        Self::Elvish,
        Self::Xonsh,
        Self::Nushell,
    ];

    /// The programs that speak this grammar; the first is the name that `--shell` lists.
    pub const fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Bash => &["bash", "rbash"],
            Self::Zsh => &["zsh", "rzsh"],
            Self::Sh => &["sh", "dash", "ash", "yash", "posh", "hush"],
            Self::Ksh => &["ksh", "mksh", "lksh", "oksh", "loksh", "pdksh", "rksh"],
            Self::Fish => &["fish"],
            Self::Tcsh => &["tcsh", "csh", "bsd-csh"],
            Self::PowerShell => &["powershell", "pwsh", "pwsh-preview"],
            Self::Cmd => &["cmd"],
            Self::Elvish => &["elvish"],
            Self::Xonsh => &["xonsh"],
            Self::Nushell => &["nushell", "nu"],
        }
    }

    /// The name that `--shell` lists.
    pub const fn name(self) -> &'static str {
        self.programs()[0]
    }

    /// The shell of a program's name or of a `--shell` value.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shell| shell.programs().contains(&name))
    }

    fn grammar(self) -> &'static dyn Grammar {
        match self {
            Self::Bash | Self::Zsh | Self::Sh | Self::Ksh => &posix::Posix,
            Self::Fish => &fish::Fish,
            Self::Tcsh => &tcsh::Tcsh,
            Self::PowerShell => &powershell::PowerShell,
            Self::Cmd => &cmd::Cmd,
            Self::Elvish => &elvish::Elvish,
            Self::Xonsh => &xonsh::Xonsh,
            Self::Nushell => &json::Json,
        }
    }

    /// The line that a person types in this shell to have the output of `words` take effect.
    pub fn line_to_type(self, words: &[String]) -> String {
        let grammar = self.grammar();
        let word = |word: &String| {
            if is_plain(word) {
                word.clone()
            } else {
                grammar.word(word)
            }
        };
        let words: Vec<String> = words.iter().map(word).collect();
        grammar.line(&words.join(" "))
    }
}

/// Words that no shell reads as anything but themselves.
fn is_plain(word: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:+".contains(&byte);
    !word.is_empty() && word.bytes().all(plain)
}

/// What standard output is written in: the statements of a shell, or a file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Shell(Shell),
    Dotenv,
    Json,
}

/// A value that the reader of our output cannot be handed unharmed.
#[derive(Debug, thiserror::Error)]
#[error("cannot pass the value of `{}` to {reader}: {reason}", .var.name())]
pub struct CannotCarry {
    var: Var,
    reader: &'static str,
    reason: &'static str,
}

impl Dialect {
    fn grammar(self) -> &'static dyn Grammar {
        match self {
            Self::Shell(shell) => shell.grammar(),
            Self::Dotenv => &dotenv::Dotenv,
            Self::Json => &json::Json,
        }
    }

    /// The reader's name, for messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shell(shell) => shell.name(),
            Self::Dotenv => "a dotenv file",
            Self::Json => "json",
        }
    }

    /// The statements for `changes`, in their order, without line ends.
    /// Errors: [`CannotCarry`] for the first value that this reader cannot be handed safely; there is no partial
    /// script.
    pub fn statements(self, changes: &[Change]) -> Result<Vec<Vec<u8>>, CannotCarry> {
        let refused = |(var, reason)| CannotCarry {
            var,
            reader: self.name(),
            reason,
        };
        for change in changes {
            let Change::Set(var, value) = change else {
                continue;
            };
            if value.as_encoded_bytes().contains(&0) {
                return Err(refused((*var, "it contains a NUL byte")));
            }
            if value.len() > MAX_VALUE_LEN {
                return Err(refused((*var, "it is too long for an environment variable")));
            }
        }
        self.grammar().statements(changes).map_err(refused)
    }

    /// The whole output for `changes`. `for_a_screen`: one statement per line, each after a space, which keeps lines that
    /// are pasted out of the history of shells that ignore such lines.
    /// Errors: [`CannotCarry`] as for [`Self::statements`].
    pub fn script(self, changes: &[Change], for_a_screen: bool) -> Result<Vec<u8>, CannotCarry> {
        let mut script = Vec::new();
        for (index, statement) in self.statements(changes)?.into_iter().enumerate() {
            if index > 0 {
                script.extend(if for_a_screen { "\n" } else { self.grammar().separator() }.as_bytes());
            }
            if for_a_screen {
                script.push(b' ');
            }
            script.extend(statement);
        }
        if !script.is_empty() {
            script.push(b'\n');
        }
        Ok(script)
    }

    /// Whether this reader can be handed `change` unharmed.
    /// Errors: [`CannotCarry`] with the reason when it cannot.
    pub fn carries(self, change: &Change) -> Result<(), CannotCarry> {
        match change {
            Change::Unset(_) => Ok(()),
            Change::Set(..) => self.statements(std::slice::from_ref(change)).map(drop),
        }
    }

    /// What makes the reader fail when nothing could be done: `eval` of an empty output would be a success.
    /// Empty where an empty input is itself an error.
    pub fn failing_statement(self) -> &'static str {
        self.grammar().failing()
    }
}

/// Linux starts no program with a variable of 128 KiB or more: not even the one that would clear it again.
const MAX_VALUE_LEN: usize = 100_000;

/// Why a value cannot be spelled.
type Refusal = &'static str;

const NOT_UNICODE: Refusal = "it is not valid Unicode";

/// One language. Names need no quoting ([`Var`] is closed); values are the reason these files exist.
trait Grammar {
    /// The statement that exports `var`, without the line end.
    fn set(&self, var: Var, value: &OsStr) -> Result<Vec<u8>, Refusal>;

    /// The statement that takes `var` away, and that succeeds when it is not there.
    fn unset(&self, var: Var) -> String;

    /// What stands between two statements.
    fn separator(&self) -> &'static str {
        "\n"
    }

    /// The statement that fails, with its line end.
    fn failing(&self) -> &'static str;

    /// `word` as one argument on a command line that a person types.
    fn word(&self, word: &str) -> String;

    /// What a person types to have the output of `command` take effect.
    fn line(&self, command: &str) -> String;

    /// All statements.
    fn statements(&self, changes: &[Change]) -> Result<Vec<Vec<u8>>, (Var, Refusal)> {
        changes.iter().map(|change| self.statement(change)).collect()
    }

    fn statement(&self, change: &Change) -> Result<Vec<u8>, (Var, Refusal)> {
        match change {
            Change::Unset(var) => Ok(self.unset(*var).into_bytes()),
            Change::Set(var, value) => self.set(*var, value).map_err(|reason| (*var, reason)),
        }
    }
}
