//! The command line as types, and what messages repeat of it.

mod options;
mod reader;
pub mod redact;
pub mod usage;

use clap::{Args, Parser, Subcommand};

pub use options::{CacheArgs, OutputArgs, RoleArgs, WriteProfileArgs};
pub use reader::Reader;

/// What `version` and `--version` print.
pub const VERSION: &str = concat!("rolenv ", env!("CARGO_PKG_VERSION"), "\n");

/// Put an AWS IAM role into the current shell, and remove it again
#[derive(Parser)]
#[command(
    name = "rolenv",
    version,
    propagate_version = true,
    arg_required_else_help = false,
    after_help = "Examples:\n  eval \"$(rolenv assume marketingadmin)\"   assume a role in bash, zsh, sh or ksh\n  \
                  rolenv status                            show the identity in this shell\n  \
                  eval \"$(rolenv clear)\"                   return to your own identity"
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// The definition of a command is built only when that command was given.
#[derive(Subcommand)]
#[command(defer = true)]
pub enum Command {
    /// Assume a role and print the statements that export its credentials
    ///
    /// Evaluate the output in your shell: eval "$(rolenv assume PROFILE)" in bash, zsh, sh and ksh, rolenv assume PROFILE |
    /// source in fish, Invoke-Expression (rolenv assume PROFILE) in PowerShell. When stdout is a terminal, no secrets are
    /// printed; the command to run is shown instead.
    #[command(after_help = ASSUME_EXAMPLES)]
    Assume(Box<AssumeArgs>),
    /// Print the statements that restore the identity from before the first assume
    #[command(after_help = "Examples:\n  eval \"$(rolenv clear)\"\n  Invoke-Expression (rolenv clear)")]
    Clear(ClearArgs),
    /// Show what assume would do and which IAM policies it needs, without contacting AWS
    #[command(after_help = "Examples:\n  rolenv explain marketingadmin\n  rolenv explain 123456789012:admin --json")]
    Explain(Box<ExplainArgs>),
    /// Show the identity in this shell, when it expires, any problems, and what clear would restore
    ///
    /// Exit status: 0 if the credentials in the environment can be used; 1 if there is a problem, for example an expired
    /// session, or if --verify finds another identity; 3 if the variables hold no credentials.
    #[command(after_help = "Examples:\n  rolenv status\n  rolenv status --verify && terraform apply")]
    Status(StatusArgs),
    /// List or remove cached sessions
    #[command(subcommand)]
    Cache(CacheCommand),
    /// Print the version
    Version,
}

const ASSUME_EXAMPLES: &str = "Examples:
  eval \"$(rolenv assume marketingadmin)\"
  eval \"$(rolenv assume 123456789012:admin --source-profile work --duration 1h)\"
  rolenv assume ci --format json
  rolenv assume marketingadmin --write-profile marketing";

/// The role that these arguments of `assume` describe, the target first; `None` if they are not valid.
pub fn role(arguments: &[String]) -> Option<RoleArgs> {
    let (target, options) = arguments.split_first()?;
    let options = options.iter().map(String::as_str);
    // The target may begin with a dash.
    let words = ["rolenv", "assume"].into_iter().chain(options).chain(["--", target]);
    match Cli::try_parse_from(words).ok()?.command {
        Command::Assume(options) => Some(options.role),
        _ => None,
    }
}

impl Command {
    /// The output options; `None` if no shell evaluates the output.
    pub fn output(&self) -> Option<&OutputArgs> {
        match self {
            Self::Assume(options) => Some(&options.output),
            Self::Clear(options) => Some(&options.output),
            Self::Explain(_) | Self::Status(_) | Self::Cache(_) | Self::Version => None,
        }
    }
}

#[derive(Args)]
pub struct AssumeArgs {
    #[command(flatten)]
    pub role: RoleArgs,
    #[command(flatten)]
    pub cache: CacheArgs,
    #[command(flatten)]
    pub write_profile: WriteProfileArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Args)]
pub struct ClearArgs {
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Args)]
pub struct ExplainArgs {
    #[command(flatten)]
    pub role: RoleArgs,
    #[command(flatten)]
    pub cache: CacheArgs,
    /// Print one JSON object instead of text
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Print no notes on stderr
    #[arg(short, long, help_heading = "Output")]
    pub quiet: bool,
}

#[derive(Args)]
pub struct StatusArgs {
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// Ask STS for the identity
    #[arg(long)]
    pub verify: bool,
    /// Print no notes on stderr
    #[arg(short, long)]
    pub quiet: bool,
}

#[derive(Subcommand)]
pub enum CacheCommand {
    /// List cached sessions: target, source and expiration
    List(CacheListArgs),
    /// Remove cached sessions, including the role sessions of the AWS CLI
    ///
    /// With TARGET, only the sessions of that role; MFA sessions stay, so that no code is needed.
    Clear(CacheClearArgs),
}

#[derive(Args)]
pub struct CacheListArgs {
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct CacheClearArgs {
    /// Profile, role ARN, or the shorthand [PARTITION:]ACCOUNT:[PATH/]NAME [default: all sessions]
    pub target: Option<String>,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// Print no notes on stderr
    #[arg(short, long)]
    pub quiet: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_are_consistent() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }
}
