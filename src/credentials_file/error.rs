//! Why a session was not stored, in the words of a person.

use std::path::PathBuf;

use crate::config::{EditError, Malformed, Origin, Unreadable};

/// Why a session was not stored.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsFileError {
    #[error(transparent)]
    EditError(#[from] EditError),
    #[error("`AWS_SHARED_CREDENTIALS_FILE` is empty: there is no credentials file to store profile `{profile}` in")]
    NoFile { profile: String },
    #[error("`{}` is not a plain file: nothing can be stored in it", .path.display())]
    NotAFile { path: PathBuf },
    #[error(transparent)]
    Files(#[from] Unreadable),
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("profile `{profile}` has the credentials that this session starts from: they are not overwritten")]
    Source { profile: String },
    #[error("profile `{profile}` is assumed on the way to this session: it is not overwritten by it")]
    OnTheWay { profile: String },
    #[error("{whose} has no session to store: its own keys do not expire")]
    NoSession { whose: String },
    #[error("{origin}: profile `{profile}` {what}: it is not overwritten")]
    Taken {
        profile: String,
        what: Existing,
        origin: Origin,
    },
    #[error(
        "{origin}: profile `{profile}` has `{key}`, which the AWS CLI takes rather than a session in the credentials file"
    )]
    Hidden {
        profile: String,
        key: &'static str,
        origin: Origin,
    },
    #[error(
        "cannot lock `{}`: {}",
        .lock_file.display(),
        if *.is_busy { "another process has been writing for 10 seconds" } else { "it cannot be made" }
    )]
    NoLock { lock_file: PathBuf, is_busy: bool },
    #[error("cannot write `{}`: {reason}", .path.display())]
    CannotWrite { path: PathBuf, reason: String },
}

/// What a profile holds that would be lost, or hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Existing {
    #[error("holds long-term keys")]
    LongTermKeys,
    #[error("holds a session that rolenv did not write")]
    OtherSession,
    #[error("has `{0}`, another identity")]
    Identity(&'static str),
}

impl CredentialsFileError {
    /// Whether the command line is at fault, rather than a file or the world.
    pub const fn is_usage(&self) -> bool {
        matches!(self, Self::EditError(EditError::Name { .. }))
    }

    /// What to do next.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Taken { .. } => "`--force` overwrites it; or give `--write-profile` another name",
            Self::Source { .. } | Self::OnTheWay { .. } => "give `--write-profile` another name",
            Self::Hidden { .. } => {
                "give `--write-profile` another name; `--force` changes only the profile's own section of the credentials \
                 file"
            }
            Self::NoSession { .. } => "leave `--write-profile` out, or assume a role",
            Self::NoFile { .. } | Self::NotAFile { .. } | Self::Files(_) => {
                "set `AWS_SHARED_CREDENTIALS_FILE` to another file, or unset it for `~/.aws/credentials`"
            }
            Self::Malformed(_) => "mend that line first: rolenv does not guess what it meant",
            Self::CannotWrite { .. } | Self::NoLock { is_busy: false, .. } => {
                "without `--write-profile` nothing needs to be written"
            }
            Self::EditError(_) | Self::NoLock { is_busy: true, .. } => return None,
        })
    }
}
