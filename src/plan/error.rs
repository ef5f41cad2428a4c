//! Why there is no plan: the reason, with the file and line, the variable or the option, and the next step.

use std::fmt::Display;

use super::BadRoleArn;
use super::limits::InvalidValue;
use crate::config::{Malformed, Origin};
use crate::env::NotText;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The command line is invalid.
    #[error("{message}")]
    Usage { message: String, hint: Option<String> },
    /// A file or a variable has an invalid value, or something is missing.
    #[error("{message}")]
    Config { message: String, hint: Option<String> },
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error(transparent)]
    NotText(#[from] NotText),
}

impl PlanError {
    /// A usage error.
    pub(super) fn usage(message: impl Display) -> Self {
        Self::Usage {
            message: message.to_string(),
            hint: None,
        }
    }

    /// A problem of a file or a variable.
    pub(super) fn config(message: impl Display) -> Self {
        Self::Config {
            message: message.to_string(),
            hint: None,
        }
    }

    /// A problem of the value with this origin.
    pub(super) fn at(origin: &Origin, message: impl Display) -> Self {
        Self::config(format_args!("{origin}: {message}"))
    }

    /// The same error with a next step.
    pub(super) fn with_hint(mut self, next: impl Into<String>) -> Self {
        if let Self::Usage { hint, .. } | Self::Config { hint, .. } = &mut self {
            *hint = Some(next.into());
        }
        self
    }

    /// Whether it is a usage error.
    pub const fn is_usage(&self) -> bool {
        matches!(self, Self::Usage { .. })
    }

    /// The next step, if there is one.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Usage { hint, .. } | Self::Config { hint, .. } => hint.as_deref(),
            Self::Malformed(_) => Some("fix that line"),
            Self::NotText(_) => None,
        }
    }
}

/// A target.
impl From<BadRoleArn> for PlanError {
    fn from(error: BadRoleArn) -> Self {
        Self::usage(error)
    }
}

/// The value of an option.
impl From<InvalidValue> for PlanError {
    fn from(error: InvalidValue) -> Self {
        Self::usage(error)
    }
}
