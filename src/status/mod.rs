//! What the environment says of the identity in it, told to a person or a program: whose it is, until when, what is wrong
//! with it, and what `clear` returns to. Reads no file and asks nobody.

mod json;
mod problems;
mod read;
mod text;

pub use json::to_json;
pub use text::to_text;

use time::{Duration, OffsetDateTime};

use crate::env::{Basis, Environment, Var};

/// All there is to tell.
pub struct Status {
    pub set_by: SetBy,
    /// `ROLENV_PROFILE`.
    pub target: Option<String>,
    /// `ROLENV_ROLE_ARN`.
    pub role: Option<String>,
    /// Masked.
    pub access_key: Option<String>,
    /// Whether there is a session token, too.
    pub is_session: bool,
    pub end: Option<End>,
    /// By variable.
    pub region: Option<(Var, String)>,
    /// By variable: the profile that programs take, if there are no keys.
    pub profile: Option<(Var, String)>,
    pub clear: ClearPreview,
    /// Why programs in this environment fail, or are somebody else than they seem.
    pub problems: Vec<String>,
    pub notes: Vec<String>,
    pub verification: Verification,
}

/// What STS says of the keys.
pub enum Verification {
    NotAsked,
    /// It could not be asked.
    Unreachable,
    /// It does not take them.
    Refused,
    Accepted(Identity),
}

/// Who put the credentials there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetBy {
    /// There are none.
    None,
    /// The person, or another program.
    User,
    Rolenv,
}

/// When a session ends.
pub struct End {
    pub at: OffsetDateTime,
    /// What is left of it; negative when it is over.
    pub left: Duration,
}

/// What `clear` would change.
pub struct ClearPreview {
    pub basis: Basis,
    /// With the value, unless that is a secret.
    pub restores: Vec<(Var, Option<String>)>,
    pub unsets: Vec<Var>,
}

/// What STS answers to the question who signed.
pub struct Identity {
    pub arn: String,
    pub account: String,
    pub user_id: String,
}

/// What is left is too little to begin anything with. The AWS tools renew a session from here on.
const ENDS_SOON: Duration = Duration::minutes(15);

impl Status {
    /// Whether what is in the environment, or that there is nothing in it, is as it seems.
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }

    /// Whether a new session is due.
    pub fn is_due(&self) -> bool {
        !self.is_ok() || self.ends_soon()
    }

    /// Whether a new session takes `--refresh`: what is kept on disk may be the one that is here, over soon or revoked.
    pub fn takes_refresh(&self) -> bool {
        matches!(self.verification, Verification::Refused) || self.ends_soon()
    }

    fn ends_soon(&self) -> bool {
        let left = self.end.as_ref().map(|end| end.left);
        left.is_some_and(|left| left.is_positive() && left < ENDS_SOON)
    }

    /// Takes in that STS does not take the keys, why, and what can be done about it.
    pub fn refused(&mut self, reason: &str, hint: Option<String>) {
        self.problems.push(format!("STS rejected the credentials: {reason}"));
        // What was assumed is assumed again.
        self.notes.extend(hint.filter(|_| self.target.is_none()));
        self.verification = Verification::Refused;
    }

    /// Takes in that STS could not be asked.
    pub fn unverified(&mut self) {
        self.verification = Verification::Unreachable;
    }

    /// Takes in what STS says.
    pub fn verified(&mut self, identity: Identity) {
        let wrong = self
            .role
            .as_deref()
            .and_then(|role| problems::another_role(role, &identity.arn));
        self.problems.extend(wrong);
        self.verification = Verification::Accepted(identity);
    }
}

/// A variable's value; none when it is empty, as to all of the AWS tools. What is not Unicode is shown as far as it is.
fn text(environment: &Environment, var: Var) -> Option<String> {
    let value = environment.get(var.name())?.to_string_lossy().into_owned();
    Some(value).filter(|value| !value.is_empty())
}

/// The session token that the AWS CLI takes: it tries the old name first.
fn token(environment: &Environment) -> Option<String> {
    text(environment, Var::SecurityToken).or_else(|| text(environment, Var::SessionToken))
}
