//! One entry a shell, and more where an option of a shell changes what quotes mean.

use super::{Language, Shell};

const POSIX: Shell = Shell {
    name: "sh",
    language: Language::Sh,
    program: "dash",
    options: &[],
    setup: "",
    evaluate: "eval \"$({})\"",
    and_then: "eval \"$({})\" && {then}",
    or_stop: "set -e\neval \"$({})\"\n{then}",
};

pub const DASH: Shell = POSIX;

pub const BASH: Shell = Shell {
    name: "bash",
    language: Language::Bash,
    program: "bash",
    options: &["--norc", "--noprofile"],
    ..POSIX
};

pub const BASH_POSIX: Shell = Shell {
    name: "bash --posix",
    options: &["--norc", "--noprofile", "--posix"],
    ..BASH
};

/// `!` is history in every line that is read, as on a prompt.
pub const BASH_HISTORY: Shell = Shell {
    name: "bash with history",
    setup: "set -o history -o histexpand",
    ..BASH
};

/// Read as a file rather than as a word, which `eval` is never given.
pub const BASH_SOURCE: Shell = Shell {
    name: "bash with `source`",
    setup: "set -o history -o histexpand",
    evaluate: "source <({})",
    ..BASH
};

pub const ZSH: Shell = Shell {
    name: "zsh",
    language: Language::Zsh,
    program: "zsh",
    options: &["-f"],
    ..POSIX
};

/// Two options that change what quotes and `=` mean.
pub const ZSH_OPTIONS: Shell = Shell {
    name: "zsh with rcquotes and magicequalsubst",
    setup: "setopt rcquotes magicequalsubst",
    ..ZSH
};

pub const KSH93: Shell = Shell {
    name: "ksh93",
    language: Language::Ksh,
    program: "ksh93",
    ..POSIX
};

pub const MKSH: Shell = Shell {
    name: "mksh",
    language: Language::Ksh,
    program: "mksh",
    ..POSIX
};

pub const FISH: Shell = Shell {
    name: "fish",
    language: Language::Fish,
    program: "fish",
    options: &["--no-config"],
    evaluate: "{} | source",
    and_then: "{} | source; and {then}",
    // fish has no `set -e`; this is what its scripts write.
    or_stop: "{} | source; or exit 1\n{then}",
    ..POSIX
};

/// `--no-config` keeps universal variables in memory.
pub const FISH_WITH_DISK: Shell = Shell {
    name: "fish with its files",
    options: &[],
    ..FISH
};

pub const TCSH: Shell = Shell {
    name: "tcsh",
    language: Language::Tcsh,
    program: "tcsh",
    options: &["-f"],
    evaluate: "eval \"`{}`\"",
    and_then: "eval \"`{}`\" && {then}",
    or_stop: "eval \"`{}`\" || exit 1\n{then}",
    ..POSIX
};

/// An option that changes what a backslash means inside quotes.
pub const TCSH_QUOTE: Shell = Shell {
    name: "tcsh with backslash_quote",
    setup: "set backslash_quote",
    ..TCSH
};

/// Ends at the first status that is not zero.
pub const TCSH_E: Shell = Shell {
    name: "tcsh -e",
    options: &["-f", "-e"],
    or_stop: "eval \"`{}`\"\n{then}",
    ..TCSH
};

pub const ELVISH: Shell = Shell {
    name: "elvish",
    language: Language::Elvish,
    program: "elvish",
    options: &["-norc"],
    evaluate: "eval ({})",
    and_then: "try { eval ({}); {then} } catch e { nop }",
    or_stop: "eval ({})\n{then}",
    ..POSIX
};

pub const XONSH: Shell = Shell {
    name: "xonsh",
    language: Language::Xonsh,
    program: "xonsh",
    options: &["--no-rc"],
    evaluate: "execx($({}))",
    and_then: "try:\n    execx($({}))\n    {then}\nexcept BaseException:\n    pass",
    or_stop: "execx($({}))\n{then}",
    ..POSIX
};

pub const NUSHELL: Shell = Shell {
    name: "nushell",
    language: Language::Nushell,
    program: "nu",
    options: &["-n", "--no-std-lib"],
    evaluate: "{} | from json | load-env",
    and_then: "try { {} | from json | load-env; {then} }",
    or_stop: "{} | from json | load-env\n{then}",
    ..POSIX
};
