//! The command line, as types. Knows no other room but the shells' names.

mod options;
mod words;

use clap::{Args, Parser, Subcommand};

pub use options::{Output, Reuse, Role, Store};
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
    Cache(Cache),
    /// Print the version
    Version,
}

impl Command {
    /// How this command's answer is printed; `None` when no shell is to read it.
    pub fn output(&self) -> Option<&Output> {
        match self {
            Self::Assume(options) => Some(&options.output),
            Self::Clear(options) => Some(&options.output),
            Self::Explain(_) | Self::Status(_) | Self::Cache(_) | Self::Version => None,
        }
    }
}

#[derive(Args)]
pub struct Assume {
    #[command(flatten)]
    pub role: Role,
    #[command(flatten)]
    pub reuse: Reuse,
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
    pub reuse: Reuse,
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
pub enum Cache {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }
}
