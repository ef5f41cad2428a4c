//! The identity in the environment: expiration, problems, and what `clear` would restore. Reads no file and makes no
//! request.

mod json;
mod problems;
mod read;
mod text;

pub use json::to_json;
pub use text::to_text;

use time::{Duration, OffsetDateTime};

use crate::env::{Basis, Environment, Var};

/// The report.
pub struct Status {
    pub set_by: SetBy,
    /// `ROLENV_PROFILE`.
    pub target: Option<String>,
    /// `ROLENV_ROLE_ARN`.
    pub role: Option<String>,
    /// Shortened.
    pub access_key: Option<String>,
    /// Whether there is a session token.
    pub is_session: bool,
    pub end: Option<End>,
    /// By variable.
    pub region: Option<(Var, String)>,
    /// By variable: the profile that programs use if there are no keys.
    pub profile: Option<(Var, String)>,
    pub clear: ClearPreview,
    /// Why programs in this environment fail, or act as another identity.
    pub problems: Vec<String>,
    pub notes: Vec<String>,
    pub verification: Verification,
}

/// The result of `--verify`.
pub enum Verification {
    NotAsked,
    /// STS could not be asked.
    Unreachable,
    /// STS rejected the credentials.
    Refused,
    Accepted(Identity),
}

/// What set the credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetBy {
    /// There are no credentials.
    None,
    /// The user or another program.
    User,
    Rolenv,
}

/// The expiration of a session.
pub struct End {
    pub at: OffsetDateTime,
    /// The time left; negative if expired.
    pub left: Duration,
}

/// What `clear` would change.
pub struct ClearPreview {
    pub basis: Basis,
    /// With the value, unless it is a secret.
    pub restores: Vec<(Var, Option<String>)>,
    pub unsets: Vec<Var>,
}

/// The response of GetCallerIdentity.
pub struct Identity {
    pub arn: String,
    pub account: String,
    pub user_id: String,
}

/// The AWS tools renew a session with less time left.
const ENDS_SOON: Duration = Duration::minutes(15);

impl Status {
    /// Whether there are no problems.
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }

    /// Whether a new session is due.
    pub fn is_due(&self) -> bool {
        !self.is_ok() || self.ends_soon()
    }

    /// Whether renewing needs `--refresh`: the cached session may be the one in this shell, which expires soon or was
    /// revoked.
    pub fn takes_refresh(&self) -> bool {
        matches!(self.verification, Verification::Refused) || self.ends_soon()
    }

    fn ends_soon(&self) -> bool {
        let left = self.end.as_ref().map(|end| end.left);
        left.is_some_and(|left| left.is_positive() && left < ENDS_SOON)
    }

    /// Records that STS rejected the credentials.
    pub fn refused(&mut self, reason: &str, hint: Option<String>) {
        self.problems.push(format!("STS rejected the credentials: {reason}"));
        // For an assumed role, the renew command is shown instead.
        self.notes.extend(hint.filter(|_| self.target.is_none()));
        self.verification = Verification::Refused;
    }

    /// Records that STS could not be asked.
    pub fn unverified(&mut self) {
        self.verification = Verification::Unreachable;
    }

    /// Records the identity that STS returned.
    pub fn verified(&mut self, identity: Identity) {
        let wrong = self
            .role
            .as_deref()
            .and_then(|role| problems::another_role(role, &identity.arn));
        self.problems.extend(wrong);
        self.verification = Verification::Accepted(identity);
    }
}

/// A variable's value, if it is not empty. Invalid Unicode is replaced.
fn text(environment: &Environment, var: Var) -> Option<String> {
    let value = environment.get(var.name())?.to_string_lossy().into_owned();
    Some(value).filter(|value| !value.is_empty())
}

/// The session token that the AWS CLI uses: it reads the old name first.
fn token(environment: &Environment) -> Option<String> {
    text(environment, Var::SecurityToken).or_else(|| text(environment, Var::SessionToken))
}
