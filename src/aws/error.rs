//! Failures of AWS requests. Contains no request, no secret and no SDK type.

use std::path::PathBuf;

use crate::config::Origin;

/// Why AWS returned no credentials.
#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    #[error("cannot start the runtime: {reason}")]
    NoRuntime { reason: String },
    #[error("cannot set up TLS")]
    NoTls,
    #[error("{origin}: cannot use the certificates in `{}`: {reason}", .path.display())]
    BadBundle {
        origin: Origin,
        path: PathBuf,
        reason: String,
    },
    #[error("cannot {what} as {owner}: {reason}")]
    Refused {
        what: String,
        owner: String,
        reason: String,
        hint: Option<String>,
        refusal: RefusalKind,
    },
    #[error("cannot {what} as {owner}: {clock}: {message}")]
    Clock {
        what: String,
        owner: String,
        /// The state of this machine's clock.
        clock: String,
        message: String,
    },
    #[error("cannot reach {endpoint}: {reason}")]
    Unreachable {
        endpoint: String,
        reason: String,
        hint: Option<&'static str>,
    },
    #[error("unexpected response from {endpoint}: {reason}")]
    Garbled {
        endpoint: String,
        reason: &'static str,
        hint: Option<&'static str>,
    },
    #[error("{endpoint} returned credentials that have already expired")]
    Over { endpoint: String },
    /// Nothing is configured, and there is no container or instance role.
    #[error("{what}; instance or container role: {reason}")]
    Fallback {
        what: String,
        reason: String,
        hint: Option<String>,
    },
    #[error("no credentials from {owner}: {reason}")]
    Source {
        owner: String,
        reason: String,
        hint: Option<String>,
    },
    /// The request contained an MFA code.
    #[error("{error}")]
    AfterACode { error: Box<AwsError>, hint: String },
}

/// The kinds of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// The MFA code is wrong or was already used.
    WrongCode,
    /// Denied by a policy.
    Denied,
    /// The caller's credentials are expired, revoked, unknown or wrong.
    Keys,
    /// AWS is throttling or failing.
    Trouble,
    Other,
}

impl AwsError {
    /// Whether STS rejected the MFA code.
    pub fn is_wrong_code(&self) -> bool {
        self.refusal() == Some(RefusalKind::WrongCode)
    }

    /// Whether a policy denied the request.
    pub fn is_denied(&self) -> bool {
        self.refusal() == Some(RefusalKind::Denied)
    }

    /// Whether the caller's credentials are not valid, or not valid any more.
    pub fn is_about_keys(&self) -> bool {
        self.refusal() == Some(RefusalKind::Keys)
    }

    const fn refusal(&self) -> Option<RefusalKind> {
        match self {
            Self::Refused { refusal, .. } => Some(*refusal),
            _ => None,
        }
    }

    /// The same error after a request with an MFA code. AWS may have accepted the code although the response was lost,
    /// so it is not sent again.
    pub fn after_a_code(self) -> Self {
        let is_lost = matches!(self, Self::Unreachable { .. } | Self::Garbled { .. });
        if !is_lost && self.refusal() != Some(RefusalKind::Trouble) {
            return self;
        }
        let next = "the MFA code may have been consumed; retry with the next one";
        let hint = match self.hint() {
            None => next.to_owned(),
            Some(hint) => format!("{hint}; {next}"),
        };
        let error = Box::new(self);
        Self::AfterACode { error, hint }
    }

    pub(super) fn no_runtime(error: &std::io::Error) -> Self {
        Self::NoRuntime {
            reason: error.kind().to_string(),
        }
    }

    /// The next step.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Refused { hint, .. } | Self::Source { hint, .. } | Self::Fallback { hint, .. } => hint.as_deref(),
            Self::AfterACode { hint, .. } => Some(hint),
            Self::Unreachable { hint, .. } | Self::Garbled { hint, .. } => *hint,
            Self::Clock { .. } => Some("set the clock (`timedatectl` shows whether it is synchronized)"),
            Self::Over { .. } => Some("check this machine's clock"),
            Self::BadBundle { .. } => Some("use a PEM file with the certificates to trust in place of the system's"),
            Self::NoRuntime { .. } | Self::NoTls => None,
        }
    }
}
