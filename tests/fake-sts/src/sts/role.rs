//! Roles, and whom they trust.

use time::Duration;

/// A role and its trust policy, for [`Builder::role`](crate::Builder::role).
#[derive(Clone, Debug)]
pub struct Role {
    pub(crate) arn: String,
    trusts: Vec<String>,
    external_id: Option<String>,
    pub(crate) mfa: Option<String>,
    /// Seconds.
    mfa_age: Option<u32>,
    web_identity_token: Option<String>,
    pub(crate) max_duration: u32,
}

/// What a caller shows to be let in.
#[derive(Debug)]
pub(crate) struct Visit<'a> {
    pub(crate) caller_arn: &'a str,
    pub(crate) external_id: Option<&'a str>,
    /// The device whose code came with the call or made the caller's session.
    pub(crate) mfa: Option<&'a str>,
    /// How long ago that was.
    pub(crate) mfa_age: Option<Duration>,
}

impl Role {
    /// A role that trusts everybody the server knows, for at most an hour.
    pub fn new(arn: &str) -> Self {
        Self {
            arn: arn.to_owned(),
            trusts: Vec::new(),
            external_id: None,
            mfa: None,
            mfa_age: None,
            web_identity_token: None,
            max_duration: 3600,
        }
    }

    /// Trust only this principal, and those of further calls. An assumed role matches by its own
    /// ARN or by the ARN of its role; an account's `:root` stands for everybody in the account; an
    /// `oidc-provider` lets in web identities.
    pub fn trusts(mut self, arn: &str) -> Self {
        self.trusts.push(arn.to_owned());
        self
    }

    /// Demand this external id.
    pub fn external_id(mut self, external_id: &str) -> Self {
        self.external_id = Some(external_id.to_owned());
        self
    }

    /// Demand a code of this device, with the call or for the session that makes the call.
    pub fn mfa(mut self, serial: &str) -> Self {
        self.mfa = Some(serial.to_owned());
        self
    }

    /// Demand a code that is younger than this many seconds: `aws:MultiFactorAuthAge`. One that comes with the call is
    /// of age 0. Any device will do, unless [`mfa`](Self::mfa) names one.
    pub fn mfa_age(mut self, seconds: u32) -> Self {
        self.mfa_age = Some(seconds);
        self
    }

    /// Take only this token from web identities; without it, any.
    pub fn web_identity_token(mut self, token: &str) -> Self {
        self.web_identity_token = Some(token.to_owned());
        self
    }

    /// The longest session, in seconds: `MaxSessionDuration`.
    pub fn max_duration(mut self, seconds: u32) -> Self {
        self.max_duration = seconds;
        self
    }

    pub(crate) fn admits(&self, visit: &Visit) -> bool {
        let trusted =
            self.trusts.is_empty() || self.trusts.iter().any(|trusted| is_or_holds(trusted, visit.caller_arn));
        let knows_id = self.external_id.is_none() || self.external_id.as_deref() == visit.external_id;
        let has_mfa = self.mfa.is_none() || self.mfa.as_deref() == visit.mfa;
        let is_young = |limit: u32| visit.mfa_age.is_some_and(|age| age < Duration::seconds(limit.into()));
        trusted && knows_id && has_mfa && self.mfa_age.is_none_or(is_young)
    }

    pub(crate) fn admits_web_identities(&self) -> bool {
        self.trusts.is_empty() || self.trusts.iter().any(|arn| arn.contains(":oidc-provider/"))
    }

    pub(crate) fn believes(&self, web_identity_token: &str) -> bool {
        self.web_identity_token
            .as_ref()
            .is_none_or(|token| token == web_identity_token)
    }

    /// The ARN of a session of this role: without the role's path, in the role's partition.
    pub(crate) fn session_arn(&self, session_name: &str) -> String {
        let arn = Arn::parse(&self.arn).unwrap_or_default();
        let name = arn.last_segment();
        format!(
            "arn:{}:sts::{}:assumed-role/{name}/{session_name}",
            arn.partition, arn.account
        )
    }
}

/// Whether the principal of a trust policy is this caller, the caller's role, or its account.
pub(crate) fn is_or_holds(trusted: &str, caller: &str) -> bool {
    if trusted == caller {
        return true;
    }
    let (Some(trusted), Some(caller)) = (Arn::parse(trusted), Arn::parse(caller)) else {
        return false;
    };
    if (trusted.partition, trusted.account) != (caller.partition, caller.account) {
        return false;
    }
    // Role names are unique in an account whatever their paths, so the name alone decides.
    let same_role =
        trusted.resource.starts_with("role/") && caller.role_name().is_some_and(|name| name == trusted.last_segment());
    trusted.resource == "root" || same_role
}

/// The parts of an ARN that STS looks at.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    pub(crate) partition: &'a str,
    pub(crate) service: &'a str,
    pub(crate) account: &'a str,
    pub(crate) resource: &'a str,
}

impl<'a> Arn<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next() != Some("arn") {
            return None;
        }
        let partition = parts.next()?;
        let service = parts.next()?;
        let _region = parts.next()?;
        let account = parts.next()?;
        let resource = parts.next()?;
        Some(Self {
            partition,
            service,
            account,
            resource,
        })
    }

    pub(crate) fn is_role(&self) -> bool {
        let name = self.resource.strip_prefix("role/");
        self.service == "iam"
            && self.account.len() == 12
            && self.account.bytes().all(|byte| byte.is_ascii_digit())
            && name.is_some_and(|name| !name.is_empty() && !name.ends_with('/'))
    }

    /// `NAME` of `assumed-role/NAME/SESSION`.
    pub(crate) fn role_name(&self) -> Option<&'a str> {
        let (name, _session) = self.resource.strip_prefix("assumed-role/")?.split_once('/')?;
        Some(name)
    }

    pub(crate) fn last_segment(&self) -> &'a str {
        self.resource.rsplit('/').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_loses_the_path_and_keeps_the_partition() {
        let role = Role::new("arn:aws-cn:iam::222222222222:role/teams/red/admin");
        assert_eq!(
            role.session_arn("ana"),
            "arn:aws-cn:sts::222222222222:assumed-role/admin/ana"
        );
    }

    #[test]
    fn trust_is_by_principal_role_or_account() {
        let session = "arn:aws:sts::222222222222:assumed-role/hub/ana";
        assert!(is_or_holds(session, session));
        assert!(is_or_holds("arn:aws:iam::222222222222:role/path/hub", session));
        assert!(is_or_holds("arn:aws:iam::222222222222:root", session));
        assert!(!is_or_holds("arn:aws:iam::222222222222:role/hub2", session));
        assert!(!is_or_holds("arn:aws:iam::333333333333:role/hub", session));
        assert!(!is_or_holds("arn:aws-cn:iam::222222222222:root", session));
        assert!(!is_or_holds("arn:aws:iam::222222222222:user/hub", session));
    }
}
