//! The command line, as types. Knows no other room but the shells' names.

mod options;
mod words;

use clap::{Args, Parser, Subcommand};

pub use options::{CacheArgs, OutputArgs, RoleArgs, WriteProfileArgs};
pub use words::{dialect_of, is_for_a_shell, prints_statements, words};

/// What `version` and `--version` print.
pub const VERSION: &str = concat!("rolenv ", env!("CARGO_PKG_VERSION"), "\n");

/// Put an AWS IAM role into the shell you are in, and take it out again.
#[derive(Parser)]
#[command(name = "rolenv", version, propagate_version = true, arg_required_else_help = false)]
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
    Assume(Box<AssumeArgs>),
    /// Print the statements that return to the identity from before the first assume
    Clear(ClearArgs),
    /// Tell what assume would do and which policies that takes, without calling anything
    Explain(Box<ExplainArgs>),
    /// Tell who this shell is, for how long, what is wrong with it, and what clear returns to
    ///
    /// The exit status is 0 when the credentials in the environment can be used, or when there are none; and 1 when
    /// they cannot, because the session has expired for example, or when --verify finds somebody else.
    Status(StatusArgs),
    /// Tell or remove the sessions that are kept on disk
    #[command(subcommand)]
    Cache(CacheCommand),
    /// Print the version
    Version,
}

impl Command {
    /// How this command's answer is printed; `None` when no shell is to read it.
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
    /// One JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// No notes on standard error
    #[arg(short, long)]
    pub quiet: bool,
}

#[derive(Args)]
pub struct StatusArgs {
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
pub enum CacheCommand {
    /// Tell which sessions are kept on disk, for whom, and until when
    List(CacheListArgs),
    /// Remove sessions from the disk, those of the AWS CLI's roles included
    ///
    /// With TARGET only those of the role that it stands for; the session of your MFA device stays, and no code is needed.
    Clear(CacheClearArgs),
}

#[derive(Args)]
pub struct CacheListArgs {
    /// One JSON object instead of text
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct CacheClearArgs {
    /// A profile, a role ARN, or the short hand [PARTITION:]ACCOUNT:[PATH/]NAME [default: all that is kept]
    pub target: Option<String>,
    /// One JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// No notes on standard error
    #[arg(short, long)]
    pub quiet: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }
}
