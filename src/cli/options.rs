//! The options that several commands share.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use crate::shell::{Dialect, Shell};
use crate::timestamp;

// The role and the parameters of the request. (A doc comment here would replace the command's own description in its help.)
#[derive(Args, Default)]
pub struct RoleArgs {
    /// Profile, role ARN, or the shorthand [PARTITION:]ACCOUNT:[PATH/]NAME [default: AWS_PROFILE]
    pub target: Option<String>,
    /// Profile whose credentials assume a role ARN [default: AWS_PROFILE, default, environment]
    #[arg(long, value_name = "PROFILE", help_heading = ROLE)]
    pub source_profile: Option<String>,
    /// Duration of the session, 15 minutes to 12 hours: 900, 15m, 1h
    #[arg(short, long, value_name = "DURATION", value_parser = duration, help_heading = ROLE)]
    pub duration: Option<u32>,
    /// Session name, which CloudTrail shows [default: rolenv-USER]
    #[arg(long, value_name = "NAME", help_heading = ROLE)]
    pub session_name: Option<String>,
    /// External ID that the role's trust policy requires
    #[arg(long, value_name = "ID", help_heading = ROLE)]
    pub external_id: Option<String>,
    /// Region to call STS in, and to export
    #[arg(long, value_name = "REGION", help_heading = ROLE)]
    pub region: Option<String>,
    /// Assume the role with the role already in this shell, not with your own identity
    #[arg(long, help_heading = ROLE)]
    pub chain: bool,
    /// MFA device: its ARN or its hardware serial number
    #[arg(long, value_name = "SERIAL", help_heading = MFA)]
    pub mfa_serial: Option<String>,
    /// Current MFA code [default: ROLENV_MFA_CODE, then mfa_process, then a prompt]
    #[arg(long, value_name = "CODE", help_heading = MFA)]
    pub mfa_code: Option<String>,
    /// Session policy that limits the role: JSON, or the path of a file with it
    #[arg(long, value_name = "FILE|JSON", help_heading = POLICIES)]
    pub policy: Option<String>,
    /// Managed policy that limits the role (repeatable)
    #[arg(long, value_name = "ARN", help_heading = POLICIES)]
    pub policy_arn: Vec<String>,
    /// Session tag (repeatable)
    #[arg(long, value_name = "KEY=VALUE", help_heading = POLICIES)]
    pub tag: Vec<String>,
    /// Key of a session tag that roles assumed from this session inherit (repeatable)
    #[arg(long, value_name = "KEY", help_heading = POLICIES)]
    pub transitive_tag: Vec<String>,
    /// Source identity for CloudTrail, which every role assumed from this session inherits
    #[arg(long, value_name = "TEXT", help_heading = POLICIES)]
    pub source_identity: Option<String>,
}

const ROLE: &str = "Role";
const MFA: &str = "MFA";
const POLICIES: &str = "Session policies and tags";

// Whether cached sessions are used.
#[derive(Args)]
#[command(next_help_heading = "Cache")]
pub struct CacheArgs {
    /// Ignore the cached role session and request a new one
    #[arg(long, conflicts_with = "no_cache")]
    pub refresh: bool,
    /// Do not read or write the session cache
    #[arg(long)]
    pub no_cache: bool,
}

// The profile that the session is also written to.
#[derive(Args)]
#[command(next_help_heading = "Output")]
pub struct WriteProfileArgs {
    /// Also write the session to this profile in the shared credentials file
    #[arg(long, value_name = "PROFILE")]
    pub write_profile: Option<String>,
    /// Let --write-profile replace keys that rolenv did not write, or another identity
    #[arg(long, requires = "write_profile")]
    pub force: bool,
}

// What the output is written for.
#[derive(Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Shell that evaluates the output [default: the shell that runs rolenv]
    #[arg(short, long, value_name = "SHELL", value_parser = shells(), conflicts_with = "format")]
    shell: Option<Shell>,
    /// File format to print instead of statements
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Print secrets even if stdout is a terminal
    #[arg(long)]
    pub show: bool,
    /// Print no notes on stderr
    #[arg(short, long)]
    pub quiet: bool,
}

impl OutputArgs {
    /// The dialect that was named; `None`: that of the shell that runs rolenv.
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
    /// One JSON object; variables to unset are null
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

/// The shells by name, and by the names of programs with the same syntax.
fn shells() -> impl TypedValueParser<Value = Shell> {
    let named = |shell: Shell| PossibleValue::new(shell.name()).aliases(shell.programs());
    PossibleValuesParser::new(Shell::ALL.map(named)).try_map(|name| Shell::named(&name).ok_or("no such shell"))
}

/// Parses a duration: seconds, or numbers with `h`, `m`, `s`. The limits are checked later.
fn duration(text: &str) -> Result<u32, &'static str> {
    timestamp::seconds(text).ok_or("use seconds, or a form like 15m, 1h, 1h30m")
}
