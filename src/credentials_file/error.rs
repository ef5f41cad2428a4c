//! Why a session was not written to a profile.

use std::path::PathBuf;

use crate::config::{EditError, Malformed, Origin, Unreadable};

/// Why a session was not written to a profile.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsFileError {
    #[error(transparent)]
    EditError(#[from] EditError),
    #[error("cannot write profile `{profile}`: `AWS_SHARED_CREDENTIALS_FILE` is empty")]
    NoFile { profile: String },
    #[error("cannot write to `{}`: not a regular file", .path.display())]
    NotAFile { path: PathBuf },
    #[error(transparent)]
    Files(#[from] Unreadable),
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("cannot overwrite profile `{profile}`: this session is created with its credentials")]
    Source { profile: String },
    #[error("cannot overwrite profile `{profile}`: its role is part of this session's chain")]
    OnTheWay { profile: String },
    #[error("nothing to write: {owner} has long-term keys, not a session")]
    NoSession { owner: String },
    #[error("{origin}: profile `{profile}` {what}; not overwritten")]
    Taken {
        profile: String,
        what: Existing,
        origin: Origin,
    },
    #[error(
        "{origin}: profile `{profile}` has `{key}`, which takes precedence over the credentials file in the AWS CLI"
    )]
    Hidden {
        profile: String,
        key: &'static str,
        origin: Origin,
    },
    #[error(
        "cannot lock `{}`: {}",
        .lock_file.display(),
        if *.is_busy { "another process has held the lock for 10 s" } else { "cannot create it" }
    )]
    NoLock { lock_file: PathBuf, is_busy: bool },
    #[error("cannot write `{}`: {reason}", .path.display())]
    CannotWrite { path: PathBuf, reason: String },
}

/// Existing content of a profile that would be lost or hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Existing {
    #[error("contains long-term keys")]
    LongTermKeys,
    #[error("contains a session that rolenv did not write")]
    OtherSession,
    #[error("has `{0}`, another identity")]
    Identity(&'static str),
}

impl CredentialsFileError {
    /// Whether it is a usage error.
    pub const fn is_usage(&self) -> bool {
        matches!(self, Self::EditError(EditError::Name { .. }))
    }

    /// The next step.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Taken { .. } => "use `--force` to overwrite it, or another name for `--write-profile`",
            Self::Source { .. } | Self::OnTheWay { .. } => "use another name for `--write-profile`",
            Self::Hidden { .. } => {
                "use another name for `--write-profile`; `--force` only replaces the profile's section in the credentials \
                 file"
            }
            Self::NoSession { .. } => "omit `--write-profile`, or assume a role",
            Self::NoFile { .. } | Self::NotAFile { .. } | Self::Files(_) => {
                "set `AWS_SHARED_CREDENTIALS_FILE` to another file, or unset it for `~/.aws/credentials`"
            }
            Self::Malformed(_) => "fix that line",
            Self::CannotWrite { .. } | Self::NoLock { is_busy: false, .. } => "omit `--write-profile` to skip writing",
            Self::EditError(_) | Self::NoLock { is_busy: true, .. } => return None,
        })
    }
}
