//! What can go wrong with AWS, in the words of a person: no request, no secret and no type of the SDK gets out here.

use std::path::PathBuf;

use crate::profile::Origin;

/// Why there are no credentials.
#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    #[error("cannot start: {reason}")]
    NoRuntime { reason: String },
    #[error("cannot set up TLS")]
    NoTls,
    #[error("{origin}: cannot use the certificates in `{}`: {reason}", .path.display())]
    BadBundle {
        origin: Origin,
        path: PathBuf,
        reason: String,
    },
    #[error("cannot {what} as {whose}: {reason}")]
    Refused {
        what: String,
        whose: String,
        reason: String,
        hint: Option<String>,
        /// It is the MFA code that was refused: another one may do.
        wrong_code: bool,
    },
    #[error("cannot reach {endpoint}: {reason}")]
    Unreachable {
        endpoint: String,
        reason: String,
        hint: Option<&'static str>,
    },
    #[error("{endpoint} answered nonsense: {reason}")]
    Garbled {
        endpoint: String,
        reason: &'static str,
        hint: Option<&'static str>,
    },
    #[error("{endpoint} gave a session that is over already")]
    Over { endpoint: String },
    /// Nothing is configured, and the machine does not help.
    #[error("{what}; and the machine has none either: {reason}")]
    LastResort {
        what: String,
        reason: String,
        hint: Option<String>,
    },
    #[error("no credentials from {whose}: {reason}")]
    Source {
        whose: String,
        reason: String,
        hint: Option<String>,
    },
}

impl AwsError {
    pub(super) fn no_runtime(error: &std::io::Error) -> Self {
        Self::NoRuntime {
            reason: error.kind().to_string(),
        }
    }

    /// Whether AWS refused the MFA code of the request, and nothing else.
    #[must_use]
    pub const fn is_wrong_code(&self) -> bool {
        matches!(self, Self::Refused { wrong_code: true, .. })
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Refused { hint, .. } | Self::Source { hint, .. } | Self::LastResort { hint, .. } => hint.as_deref(),
            Self::Unreachable { hint, .. } | Self::Garbled { hint, .. } => *hint,
            Self::Over { .. } => Some("is this machine's clock right?"),
            Self::BadBundle { .. } => Some("it is a PEM file of the certificates to trust instead of the system's"),
            Self::NoRuntime { .. } | Self::NoTls => None,
        }
    }
}
