//! Why a session was not written to a profile.

use crate::config::{EditError, Malformed, Unreadable};

/// Why a session was not written to a profile.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsFileError {
    #[error("{message}")]
    Refused {
        message: String,
        hint: Option<&'static str>,
    },
    #[error(transparent)]
    Edit(#[from] EditError),
    #[error(transparent)]
    Files(#[from] Unreadable),
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

pub(super) const OTHER_FILE: &str =
    "set `AWS_SHARED_CREDENTIALS_FILE` to another file, or unset it for `~/.aws/credentials`";

impl CredentialsFileError {
    pub(super) fn refused(message: String, hint: &'static str) -> Self {
        Self::Refused {
            message,
            hint: Some(hint),
        }
    }

    /// Whether it is a usage error.
    pub const fn is_usage(&self) -> bool {
        matches!(self, Self::Edit(EditError::Name { .. }))
    }

    /// The next step.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Refused { hint, .. } => *hint,
            Self::Edit(_) => None,
            Self::Files(_) => Some(OTHER_FILE),
            Self::Malformed(_) => Some("fix that line"),
        }
    }
}
