//! The options that several commands share.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use crate::shell::{Dialect, Shell};
use crate::timestamp;

// Which role, and how. (A doc comment would take the place of the command's own words in its help.)
#[derive(Args, Default)]
pub struct RoleArgs {
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

impl RoleArgs {
    /// The words that ask for the same role, `target` by its resolved name. A code is no part of it, nor is a session
    /// policy, which may be long.
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
pub struct CacheArgs {
    /// Get the role's session anew, whatever is kept on disk
    #[arg(long, conflicts_with = "no_cache")]
    pub refresh: bool,
    /// Neither use nor keep sessions on disk
    #[arg(long)]
    pub no_cache: bool,
}

// Where the session is kept besides.
#[derive(Args)]
pub struct WriteProfileArgs {
    /// Store the session as this profile in the shared credentials file, too
    #[arg(long, value_name = "PROFILE")]
    pub write_profile: Option<String>,
    /// Let --write-profile replace keys that rolenv did not write, or another identity
    #[arg(long, requires = "write_profile")]
    pub force: bool,
}

// How the answer is printed.
#[derive(Args)]
pub struct OutputArgs {
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

impl OutputArgs {
    /// What was asked for; `None` leaves it to the shell that runs us.
    pub fn dialect(&self) -> Option<Dialect> {
        match self.format {
            Some(format) => Some(format.dialect()),
            None => self.shell.map(Dialect::Shell),
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Format {
    /// KEY=value lines
    Dotenv,
    /// One JSON object, null for what is to be unset
    Json,
}

impl Format {
    pub(super) const fn dialect(self) -> Dialect {
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
    timestamp::seconds(text).ok_or("it is seconds, or like 15m, 1h, 1h30m")
}
