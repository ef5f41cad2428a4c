//! The status of an environment, as plain data.

use time::{Duration, OffsetDateTime};

use crate::env::{Basis, Var};
use crate::plan::RoleArn;

/// The report.
pub(super) struct Status {
    pub(super) set_by: SetBy,
    /// `ROLENV_PROFILE`.
    pub(super) target: Option<String>,
    /// `ROLENV_ROLE_ARN`.
    pub(super) role: Option<String>,
    /// Shortened.
    pub(super) access_key: Option<String>,
    /// Whether there is a session token.
    pub(super) is_session: bool,
    /// Whether the access key needs a session token that is not there.
    pub(super) lacks_token: bool,
    pub(super) end: Option<End>,
    /// By variable.
    pub(super) region: Option<(Var, String)>,
    /// By variable: the profile that programs use if there are no keys.
    pub(super) profile: Option<(Var, String)>,
    pub(super) clear: ClearPreview,
    /// Why programs in this environment fail, or act as another identity.
    pub(super) problems: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) verification: Verification,
}

/// The result of `--verify`.
pub(super) enum Verification {
    NotAsked,
    /// STS could not be asked, or there are no credentials to ask with.
    Unreachable,
    /// STS rejected the credentials.
    Refused,
    Accepted(Identity),
}

/// What set the credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SetBy {
    /// There are no credentials.
    None,
    /// The user or another program.
    User,
    Rolenv,
}

/// The expiration of a session.
pub(super) struct End {
    pub(super) at: OffsetDateTime,
    /// The time left; negative if expired.
    pub(super) left: Duration,
}

/// What `clear` would change.
pub(super) struct ClearPreview {
    pub(super) basis: Basis,
    /// With the value, unless it is a secret.
    pub(super) restores: Vec<(Var, Option<String>)>,
    pub(super) unsets: Vec<Var>,
}

/// The response of GetCallerIdentity.
pub(super) struct Identity {
    pub(super) arn: String,
    pub(super) account: String,
    pub(super) user_id: String,
}

/// The AWS tools renew a session with less time left.
const ENDS_SOON: Duration = Duration::minutes(15);

impl Status {
    /// Whether there are no problems.
    pub(super) fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }

    /// Whether a new session is due.
    pub(super) fn is_due(&self) -> bool {
        !self.is_ok() || self.ends_soon()
    }

    /// Whether renewing needs `--refresh`: the cached session may be the one in this shell, which expires soon or was
    /// revoked.
    pub(super) fn takes_refresh(&self) -> bool {
        matches!(self.verification, Verification::Refused) || self.ends_soon()
    }

    fn ends_soon(&self) -> bool {
        let left = self.end.as_ref().map(|end| end.left);
        left.is_some_and(|left| left.is_positive() && left < ENDS_SOON)
    }

    /// Records that STS rejected the credentials.
    pub(super) fn refused(&mut self, reason: &str, hint: Option<String>) {
        self.problems.push(format!("STS rejected the credentials: {reason}"));
        // For an assumed role, the renew command is shown instead.
        self.notes.extend(hint.filter(|_| self.target.is_none()));
        self.verification = Verification::Refused;
    }

    /// Records that STS could not be asked.
    pub(super) fn unverified(&mut self) {
        self.verification = Verification::Unreachable;
    }

    /// Records the identity that STS returned.
    pub(super) fn verified(&mut self, identity: Identity) {
        let wrong = self.role.as_deref().and_then(|role| another_role(role, &identity.arn));
        self.problems.extend(wrong);
        self.verification = Verification::Accepted(identity);
    }
}

/// The problem if the ARN of STS is not a session of the role.
fn another_role(role: &str, arn: &str) -> Option<String> {
    let is_session = RoleArn::parse(role).is_ok_and(|role| role.is_session(arn, None));
    (!is_session).then(|| format!("credentials belong to `{arn}`, but `ROLENV_ROLE_ARN` is `{role}`"))
}

#[cfg(test)]
mod tests {
    use super::another_role;

    #[test]
    fn a_session_is_one_of_its_role() {
        let role = "arn:aws-cn:iam::222222222222:role/team/admin";
        let session = "arn:aws-cn:sts::222222222222:assumed-role/admin/ana";
        assert_eq!(another_role(role, session), None);
        for other in [
            "arn:aws-cn:sts::222222222222:assumed-role/admin/",
            "arn:aws-cn:sts::222222222222:assumed-role/admin2/ana",
            "arn:aws-cn:sts::333333333333:assumed-role/admin/ana",
            "arn:aws:sts::222222222222:assumed-role/admin/ana",
            "arn:aws-cn:iam::222222222222:user/admin",
            "",
        ] {
            assert!(another_role(role, other).is_some(), "{other}");
        }
        assert!(another_role("x", session).is_some());
    }
}
