//! The sum of the modules' failures: exit status and hint.

use crate::aws::AwsError;
use crate::config::Unreadable;
use crate::credentials_file::CredentialsFileError;
use crate::env::NotText;
use crate::mfa::MfaError;
use crate::plan::PlanError;
use crate::shell::CannotCarry;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line does not parse.
    #[error("{message}")]
    Usage { message: String, hint: Option<String> },
    /// Secrets would have been printed to a terminal.
    #[error("{what} not printed to a terminal")]
    Terminal { what: &'static str, hint: String },
    #[error(transparent)]
    Files(#[from] Unreadable),
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Mfa(#[from] MfaError),
    #[error(transparent)]
    Aws(#[from] AwsError),
    #[error(transparent)]
    Shell(#[from] CannotCarry),
    #[error(transparent)]
    Store(#[from] CredentialsFileError),
    #[error(transparent)]
    NotText(#[from] NotText),
    #[error("cannot write to standard output: {reason}")]
    Output { reason: String },
}

impl Error {
    /// 1: it cannot be done; 2: usage.
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::Usage { .. } | Self::Terminal { .. } => 2,
            Self::Plan(error) if error.is_usage() => 2,
            Self::Store(error) if error.is_usage() => 2,
            _ => 1,
        }
    }

    /// The next step, if there is one.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. } => hint.clone(),
            Self::Terminal { hint, .. } => Some(hint.clone()),
            Self::Plan(error) => error.hint().map(str::to_owned),
            Self::Mfa(error) => error.hint().map(str::to_owned),
            Self::Aws(error) => error.hint().map(str::to_owned),
            Self::Files(_) => {
                Some("set `AWS_CONFIG_FILE` or `AWS_SHARED_CREDENTIALS_FILE` to read another file".to_owned())
            }
            Self::Shell(_) => Some("change that value, or choose another `--shell` or `--format`".to_owned()),
            Self::Store(error) => error.hint().map(str::to_owned),
            Self::NotText(_) | Self::Output { .. } => None,
        }
    }
}
