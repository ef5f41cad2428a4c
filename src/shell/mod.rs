//! Renders changes to the environment as statements of a shell, or as a file format.

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
use std::sync::OnceLock;

use crate::env::{Change, Environment, Var};

/// A supported shell.
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
    /// All shells, in the order of the help.
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

    /// The names of the shell's programs; the first is the one that `--shell` lists.
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

    /// The line to type in this shell to evaluate the output of the command `words`.
    pub fn line_to_type(self, words: &[String]) -> String {
        let words: Vec<String> = words.iter().map(|word| self.quote(word)).collect();
        self.grammar().line(&words.join(" "))
    }

    /// Quotes an argument for a command line in this shell.
    fn quote(self, word: &str) -> String {
        if is_plain(word) {
            word.to_owned()
        } else {
            self.grammar().word(word)
        }
    }
}

/// The user's shell, for the commands in messages.
static USER_SHELL: OnceLock<Shell> = OnceLock::new();

/// Sets the shell that [`quote`] quotes for. Without it, that is the shell that runs rolenv.
pub fn set_user_shell(shell: Shell) {
    let _ = USER_SHELL.set(shell);
}

/// Quotes an argument of a command in a message, for the user's shell.
pub fn quote(word: &str) -> String {
    let shell = USER_SHELL.get_or_init(|| detect::shell(&Environment::of_process()));
    shell.quote(word)
}

/// Whether no shell needs quotes for a word.
fn is_plain(word: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:+".contains(&byte);
    !word.is_empty() && word.bytes().all(plain)
}

/// The language of the output: the statements of a shell, or a file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Shell(Shell),
    Dotenv,
    Json,
}

/// A value that a shell or format cannot represent.
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

    /// The name, for messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shell(shell) => shell.name(),
            Self::Dotenv => "a dotenv file",
            Self::Json => "json",
        }
    }

    /// The statements for `changes`, in their order, without line breaks. Fails for the first value that cannot be
    /// represented.
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

    /// The output for `changes`. `for_a_screen`: one statement per line, each after a space, which keeps pasted lines
    /// out of the history of shells that ignore such lines.
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

    /// Fails if `change` cannot be represented.
    pub fn carries(self, change: &Change) -> Result<(), CannotCarry> {
        match change {
            Change::Unset(_) => Ok(()),
            Change::Set(..) => self.statements(std::slice::from_ref(change)).map(drop),
        }
    }

    /// The failing statement: `eval` of an empty string would succeed. Empty where empty input fails.
    pub fn failing_statement(self) -> &'static str {
        self.grammar().failing()
    }
}

/// Linux starts no program with a variable of 128 KiB or more, not even rolenv to clear it.
const MAX_VALUE_LEN: usize = 100_000;

/// Why a value cannot be represented.
type Refusal = &'static str;

const NOT_UNICODE: Refusal = "it is not valid Unicode";

/// The grammar of a shell or format. Names need no quoting, because [`Var`] is closed.
trait Grammar {
    /// The statement that exports `var`, without a line break.
    fn set(&self, var: Var, value: &OsStr) -> Result<Vec<u8>, Refusal>;

    /// The statement that unsets `var`, and succeeds if it is not set.
    fn unset(&self, var: Var) -> String;

    /// The separator of statements.
    fn separator(&self) -> &'static str {
        "\n"
    }

    /// The failing statement, with a line break.
    fn failing(&self) -> &'static str;

    /// Quotes an argument for a command line.
    fn word(&self, word: &str) -> String;

    /// The line that evaluates the output of `command`.
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
