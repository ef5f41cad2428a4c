//! The command line, as types. Knows no other room but the shells' names.

use std::ffi::OsString;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::moment;
use crate::shell::{Dialect, Shell};

/// Put an AWS IAM role into the shell you are in, and take it out again.
#[derive(Parser)]
#[command(
    name = "rolenv",
    version,
    disable_help_subcommand = true,
    arg_required_else_help = false
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// Each is built only when it is the one that was asked for.
#[derive(Subcommand)]
#[command(defer = true)]
pub enum Command {
    /// Assume a role and print the statements that export its credentials
    ///
    /// The shell has to read what is printed: eval "$(rolenv assume PROFILE)" in bash, zsh and sh;
    /// rolenv assume PROFILE | source in fish. On a terminal nothing secret is printed, but the line to type is.
    Assume(Box<Assume>),
    /// Print the statements that return to the identity from before the first assume
    Clear(Clear),
    /// Tell what assume would do and which policies that takes, without calling anything
    Explain(Box<Explain>),
    /// Tell who this shell is, for how long, what is wrong with it, and what clear returns to
    ///
    /// The exit status is 0 when the credentials in the environment can be used, or when there are none; and 1 when
    /// they cannot, because the session has expired for example, or when --verify finds somebody else.
    Status(Status),
    /// Tell or remove the sessions that are kept on disk
    #[command(subcommand)]
    Cache(Sessions),
}

impl Command {
    /// Whether it may have to wait for a file or a server.
    #[must_use]
    pub const fn can_wait(&self) -> bool {
        matches!(self, Self::Assume(_) | Self::Status(Status { verify: true, .. }))
    }

    /// How this command's answer is printed; `None` when no shell is to read it.
    #[must_use]
    pub fn output(&self) -> Option<&Output> {
        match self {
            Self::Assume(options) => Some(&options.output),
            Self::Clear(options) => Some(&options.output),
            Self::Explain(_) | Self::Status(_) | Self::Cache(_) => None,
        }
    }
}

#[derive(Args)]
pub struct Assume {
    #[command(flatten)]
    pub role: Role,
    #[command(flatten)]
    pub cache: Cache,
    #[command(flatten)]
    pub store: Store,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Args)]
pub struct Clear {
    #[command(flatten)]
    pub output: Output,
}

#[derive(Args)]
pub struct Explain {
    #[command(flatten)]
    pub role: Role,
    #[command(flatten)]
    pub cache: Cache,
    /// One JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// No notes on standard error
    #[arg(short, long)]
    pub quiet: bool,
}

#[derive(Args)]
pub struct Status {
    /// One JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// Ask STS who this is
    #[arg(long)]
    pub verify: bool,
    /// No notes on standard error
    #[arg(short, long)]
    pub quiet: bool,
}

#[derive(Subcommand)]
pub enum Sessions {
    /// Tell which sessions are kept on disk, for whom, and until when
    List(ListSessions),
    /// Remove sessions from the disk, those of the AWS CLI's roles included
    ///
    /// With TARGET only those of the role that it stands for; the session of your MFA device stays, and no code is needed.
    Clear(ClearSessions),
}

#[derive(Args)]
pub struct ListSessions {
    /// One JSON object instead of text
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct ClearSessions {
    /// A profile, a role ARN, or the short hand [PARTITION:]ACCOUNT:[PATH/]NAME [default: all that is kept]
    pub target: Option<String>,
    /// One JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// No notes on standard error
    #[arg(short, long)]
    pub quiet: bool,
}

// Which role, and how. (A doc comment would take the place of the command's own words in its help.)
#[derive(Args, Default)]
pub struct Role {
    /// A profile, a role ARN, or the short hand [PARTITION:]ACCOUNT:[PATH/]NAME [default: AWS_PROFILE]
    pub target: Option<String>,
    /// The profile whose credentials assume a role ARN [default: AWS_PROFILE, default, the environment]
    #[arg(long, value_name = "PROFILE")]
    pub source_profile: Option<String>,
    /// How long the session lasts: 900, 15m, 1h, 12h
    #[arg(short, long, value_name = "DURATION", value_parser = duration)]
    pub duration: Option<u32>,
    /// The name of the session, which CloudTrail shows [default: rolenv-USER]
    #[arg(long, value_name = "NAME")]
    pub session_name: Option<String>,
    /// The external id that the role's trust policy asks for
    #[arg(long, value_name = "ID")]
    pub external_id: Option<String>,
    /// The region to ask and to export
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// The MFA device: its ARN or its hardware serial
    #[arg(long, value_name = "SERIAL")]
    pub mfa_serial: Option<String>,
    /// The device's present code [default: ROLENV_MFA_CODE, then mfa_process, then you are asked]
    #[arg(long, value_name = "CODE")]
    pub mfa_code: Option<String>,
    /// A session policy that narrows the role: JSON, or a file of it
    #[arg(long, value_name = "FILE|JSON")]
    pub policy: Option<String>,
    /// A managed policy that narrows the role (may be repeated)
    #[arg(long, value_name = "ARN")]
    pub policy_arn: Vec<String>,
    /// A session tag (may be repeated)
    #[arg(long, value_name = "KEY=VALUE")]
    pub tag: Vec<String>,
    /// The key of a tag that roles assumed from this session inherit (may be repeated)
    #[arg(long, value_name = "KEY")]
    pub transitive_tag: Vec<String>,
    /// Who is behind the session, for CloudTrail; stays through every role assumed from it
    #[arg(long, value_name = "TEXT")]
    pub source_identity: Option<String>,
    /// Assume the role from the one that is in this shell already
    #[arg(long)]
    pub chain: bool,
}

impl Role {
    /// The words that ask for the same role, `target` by its resolved name. A code is no part of it, nor is a session
    /// policy, which may be long.
    #[must_use]
    pub fn words(&self, target: &str) -> Vec<String> {
        let duration = self.duration.map(|seconds| seconds.to_string());
        let mut words = vec![target.to_owned()];
        for (option, value) in [
            ("--source-profile", &self.source_profile),
            ("--duration", &duration),
            ("--session-name", &self.session_name),
            ("--external-id", &self.external_id),
            ("--region", &self.region),
            ("--mfa-serial", &self.mfa_serial),
            ("--source-identity", &self.source_identity),
        ] {
            words.extend(value.iter().flat_map(|value| [option.to_owned(), value.clone()]));
        }
        for (option, values) in [("--tag", &self.tag), ("--transitive-tag", &self.transitive_tag)] {
            words.extend(values.iter().flat_map(|value| [option.to_owned(), value.clone()]));
        }
        words.extend(self.chain.then(|| "--chain".to_owned()));
        words
    }
}

// What sessions on disk are good for.
#[derive(Args)]
pub struct Cache {
    /// Get the role's session anew, whatever is kept on disk
    #[arg(long, conflicts_with = "no_cache")]
    pub refresh: bool,
    /// Neither use nor keep sessions on disk
    #[arg(long)]
    pub no_cache: bool,
}

// Where the session is kept besides.
#[derive(Args)]
pub struct Store {
    /// Store the session as this profile in the shared credentials file, too
    #[arg(long, value_name = "PROFILE")]
    pub write_profile: Option<String>,
    /// Let --write-profile replace keys that rolenv did not write, or another identity
    #[arg(long, requires = "write_profile")]
    pub force: bool,
}

// How the answer is printed.
#[derive(Args)]
pub struct Output {
    /// The shell that will read the output [default: the shell that runs this]
    #[arg(short, long, value_name = "SHELL", value_parser = shells(), conflicts_with = "format")]
    shell: Option<Shell>,
    /// Print a file format instead of statements
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Print secrets although standard output is a terminal
    #[arg(long)]
    pub show: bool,
    /// No notes on standard error
    #[arg(short, long)]
    pub quiet: bool,
}

impl Output {
    /// What was asked for; `None` leaves it to the shell that runs us.
    #[must_use]
    pub fn dialect(&self) -> Option<Dialect> {
        match self.format {
            Some(format) => Some(format.dialect()),
            None => self.shell.map(Dialect::Shell),
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// KEY=value lines
    Dotenv,
    /// One JSON object, null for what is to be unset
    Json,
}

impl Format {
    const fn dialect(self) -> Dialect {
        match self {
            Self::Dotenv => Dialect::Dotenv,
            Self::Json => Dialect::Json,
        }
    }
}

/// The names that help lists, and those of the programs that speak the same.
fn shells() -> impl TypedValueParser<Value = Shell> {
    let named = |shell: Shell| PossibleValue::new(shell.name()).aliases(shell.programs());
    PossibleValuesParser::new(Shell::ALL.map(named)).try_map(|name| Shell::named(&name).ok_or("no such shell"))
}

/// Reads a duration: seconds, or numbers with `h`, `m`, `s`. Whether it is a fitting one is not for the grammar to say.
fn duration(text: &str) -> Result<u32, &'static str> {
    moment::seconds(text).ok_or("it is seconds, or like 15m, 1h, 1h30m")
}

/// What a command line asks to be printed in, even when it does not parse: a typing error has to fail the very shell
/// that reads us.
#[must_use]
pub fn dialect_of(arguments: &[OsString]) -> Option<Dialect> {
    let program = [OsString::from("rolenv")];
    match Cli::try_parse_from(program.iter().chain(arguments)) {
        Ok(cli) => cli.command.output().and_then(Output::dialect),
        Err(_) => {
            let words: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
            let options = words.split(|word| *word == "--").next().unwrap_or_default();
            (0..options.len()).find_map(|start| dialect_at(&options[start..]))
        }
    }
}

/// Whether a shell evaluates what this command line prints, even when it does not parse: some print for people.
#[must_use]
pub fn is_for_a_shell(arguments: &[OsString]) -> bool {
    arguments
        .first()
        .is_none_or(|command| !["explain", "status", "cache"].iter().any(|name| command == name))
}

/// The dialect that the first of these words asks for.
fn dialect_at(words: &[&str]) -> Option<Dialect> {
    let (word, next) = (*words.first()?, words.get(1).copied());
    let value = |option: &str| match word.strip_prefix(option)? {
        "" => next,
        rest => rest.strip_prefix('='),
    };
    let shell = |name: &str| Shell::named(name).map(Dialect::Shell);
    if let Some(format) = value("--format") {
        return Format::from_str(format, false).ok().map(Format::dialect);
    }
    if let Some(name) = value("--shell") {
        return shell(name);
    }
    // `-s NAME`, `-sNAME`, `-qs NAME`.
    let flags = word.strip_prefix('-')?.trim_start_matches('q').strip_prefix('s')?;
    shell(if flags.is_empty() { next? } else { flags })
}

/// `arguments` as a person would type them again, without what must not be repeated.
#[must_use]
pub fn words(arguments: &[OsString]) -> Vec<String> {
    let mut words = Vec::new();
    let mut is_code = false;
    for argument in arguments {
        let argument = argument.to_string_lossy();
        words.push(match () {
            () if is_code => "CODE".to_owned(),
            () if argument.starts_with("--mfa-code=") => "--mfa-code=CODE".to_owned(),
            // A code that lost its option.
            () if argument.len() == 6 && argument.bytes().all(|byte| byte.is_ascii_digit()) => "CODE".to_owned(),
            () => argument.clone().into_owned(),
        });
        is_code = argument == "--mfa-code";
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn durations() {
        for (text, expected) in [
            ("900", 900),
            ("15m", 900),
            ("59m", 3540),
            ("1h", 3600),
            ("1h30m", 5400),
            ("12h", 43_200),
            ("3600s", 3600),
        ] {
            assert_eq!(duration(text), Ok(expected), "{text}");
        }
        for text in [
            "",
            "12 parsecs",
            "h",
            "m15",
            "1m1h",
            "-900",
            "+900",
            "1.5h",
            "99999999999h",
            "1h ",
            "\u{661}h",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_dialect_of_a_broken_command_line() {
        let dialect = |line: &str| dialect_of(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        let fish = Some(Dialect::Shell(Shell::Fish));
        for line in [
            "assume --bogus --shell fish",
            "assume -s fish -x",
            "-sfish",
            "clear --shell=fish --no",
            "--shell fish --",
        ] {
            assert_eq!(dialect(line), fish, "{line}");
        }
        assert_eq!(dialect("assume --format json --bogus"), Some(Dialect::Json));
        for line in ["assume x", "assume --shell klingon", "-- --shell fish", "--shell"] {
            assert_eq!(dialect(line), None, "{line}");
        }
    }

    #[test]
    fn codes_are_not_repeated() {
        let line = ["assume", "x y", "--mfa-code", "123456", "--mfa-code=123456", "123456"].map(OsString::from);
        assert_eq!(
            words(&line),
            ["assume", "x y", "--mfa-code", "CODE", "--mfa-code=CODE", "CODE"]
        );
    }
}
