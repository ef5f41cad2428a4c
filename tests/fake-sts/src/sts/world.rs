//! Who exists: keys and their holders, roles, MFA devices, and the sessions handed out.

use std::collections::HashMap;

use time::{Duration, OffsetDateTime};

use super::{
    role::{Arn, Role, is_or_holds},
    sigv4::Authorization,
};
use crate::{
    Fault,
    http::HttpRequest,
    keys::{Issued, timestamp},
    names,
    refusal::Refusal,
};

/// All accounts together.
#[derive(Debug, Default)]
pub(crate) struct World {
    keys: HashMap<String, Key>,
    roles: HashMap<String, KnownRole>,
    devices: HashMap<String, Vec<Code>>,
    /// Who may not call `GetSessionToken`.
    sessionless: Vec<String>,
    /// Oldest first.
    pub(crate) handed_out: Vec<HandedOut>,
}

/// A session as its reply told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedOut {
    pub access_key_id: String,
    pub secret: String,
    pub token: String,
    /// Whose it is: what `GetCallerIdentity` answers.
    pub arn: String,
}

/// An access key, long-term if it comes without a token.
#[derive(Debug)]
struct Key {
    secret: String,
    session: Option<Session>,
    holder: Principal,
}

#[derive(Debug)]
struct Session {
    token: String,
    expires: OffsetDateTime,
}

/// Who a request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Principal {
    pub(crate) arn: String,
    pub(crate) user_id: String,
    /// The code that the session was made with.
    pub(crate) mfa: Option<Mfa>,
    /// Whether the key is a temporary one.
    pub(crate) in_session: bool,
}

/// A code that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mfa {
    /// The device's serial number.
    pub(crate) serial: String,
    pub(crate) at: OffsetDateTime,
}

impl Principal {
    pub(crate) fn account(&self) -> &str {
        Arn::parse(&self.arn).unwrap_or_default().account
    }

    pub(crate) fn is_root(&self) -> bool {
        Arn::parse(&self.arn).is_some_and(|arn| arn.resource == "root")
    }

    pub(crate) fn is_assumed_role(&self) -> bool {
        Arn::parse(&self.arn).is_some_and(|arn| arn.role_name().is_some())
    }
}

/// A role and the id under which its sessions appear.
#[derive(Clone, Debug)]
pub(crate) struct KnownRole {
    pub(crate) role: Role,
    pub(crate) unique_id: String,
}

#[derive(Debug)]
struct Code {
    digits: String,
    used: bool,
}

impl World {
    pub(crate) fn add_user(&mut self, access_key_id: &str, secret: &str, arn: &str) {
        let holder = self.principal(arn, false);
        let key = Key {
            secret: secret.to_owned(),
            session: None,
            holder,
        };
        self.keys.insert(access_key_id.to_owned(), key);
    }

    pub(crate) fn add_session(
        &mut self,
        access_key_id: &str,
        secret: &str,
        token: &str,
        arn: &str,
        expires: OffsetDateTime,
    ) {
        let holder = self.principal(arn, true);
        let session = Some(Session {
            token: token.to_owned(),
            expires,
        });
        let key = Key {
            secret: secret.to_owned(),
            session,
            holder,
        };
        self.keys.insert(access_key_id.to_owned(), key);
    }

    pub(crate) fn add_role(&mut self, role: Role) {
        if let Some(serial) = &role.mfa {
            self.devices.entry(serial.clone()).or_default();
        }
        let unique_id = names::unique_id("AROA");
        self.roles.insert(role.arn.clone(), KnownRole { role, unique_id });
    }

    pub(crate) fn add_mfa_code(&mut self, serial: &str, digits: &str) {
        let code = Code {
            digits: digits.to_owned(),
            used: false,
        };
        self.devices.entry(serial.to_owned()).or_default().push(code);
    }

    pub(crate) fn forbid_session_token(&mut self, arn: &str) {
        self.sessionless.push(arn.to_owned());
    }

    pub(crate) fn may_get_session_token(&self, caller: &Principal) -> bool {
        !self.sessionless.iter().any(|arn| is_or_holds(arn, &caller.arn))
    }

    /// A holder as `GetCallerIdentity` will show it; the same user has one id on every key.
    fn principal(&self, arn: &str, in_session: bool) -> Principal {
        let known = self.keys.values().find(|key| key.holder.arn == arn);
        let user_id = known.map_or_else(|| new_user_id(arn), |key| key.holder.user_id.clone());
        Principal {
            arn: arn.to_owned(),
            user_id,
            mfa: None,
            in_session,
        }
    }

    pub(crate) fn role(&self, arn: &str) -> Option<&KnownRole> {
        self.roles.get(arn)
    }

    /// Who holds this key, if anybody.
    pub(crate) fn holder(&self, access_key_id: &str) -> Option<&str> {
        self.keys.get(access_key_id).map(|key| key.holder.arn.as_str())
    }

    /// Who signed; the refusals come in the order in which the service can tell.
    pub(crate) fn authenticate(
        &self,
        request: &HttpRequest,
        authorization: Option<&Result<Authorization<'_>, Refusal>>,
        now: OffsetDateTime,
    ) -> Result<Principal, Refusal> {
        let authorization = authorization.ok_or_else(Refusal::unsigned)?;
        let authorization = authorization.as_ref().map_err(Clone::clone)?;
        let key = self
            .keys
            .get(authorization.access_key_id)
            .ok_or_else(Refusal::invalid_token)?;
        let token = key.session.as_ref().map(|session| session.token.as_str());
        if token != request.header("x-amz-security-token") {
            return Err(Refusal::invalid_token());
        }
        if key.session.as_ref().is_some_and(|session| session.expires <= now) {
            return Err(Refusal::expired_token());
        }
        authorization.verify(request, &key.secret, "sts", now)?;
        Ok(key.holder.clone())
    }

    /// Use up a code. Only a user has devices, and only of the own account.
    pub(crate) fn spend_code(&mut self, caller: &Principal, serial: &str, digits: &str) -> Result<(), Refusal> {
        let foreign = Arn::parse(serial).is_some_and(|arn| arn.account != caller.account());
        let codes = self.devices.get_mut(serial);
        let codes = codes.filter(|_| !foreign && !caller.is_assumed_role());
        let codes = codes.ok_or_else(Refusal::unknown_device)?;
        let fresh = codes.iter_mut().find(|code| code.digits == digits && !code.used);
        fresh.ok_or_else(Refusal::wrong_code)?.used = true;
        Ok(())
    }

    /// Make and remember a session of `holder`; `lie` is what its reply will say instead.
    pub(crate) fn issue(
        &mut self,
        holder: Principal,
        seconds: u32,
        now: OffsetDateTime,
        lie: Option<&Fault>,
    ) -> Issued {
        let expires = now + Duration::seconds(seconds.into());
        let issued = Issued {
            access_key_id: self.unused_key_id(),
            secret: names::secret(),
            token: names::session_token(),
            expiration: timestamp(expires),
        };
        let issued = issued.under(lie);
        let session = Some(Session {
            token: issued.token.clone(),
            expires,
        });
        self.handed_out.push(HandedOut {
            access_key_id: issued.access_key_id.clone(),
            secret: issued.secret.clone(),
            token: issued.token.clone(),
            arn: holder.arn.clone(),
        });
        let key = Key {
            secret: issued.secret.clone(),
            session,
            holder,
        };
        self.keys.insert(issued.access_key_id.clone(), key);
        issued
    }

    fn unused_key_id(&self) -> String {
        std::iter::repeat_with(names::session_key_id)
            .find(|id| !self.keys.contains_key(id))
            .expect("an endless supply")
    }
}

fn new_user_id(arn: &str) -> String {
    match Arn::parse(arn) {
        Some(arn) if arn.resource == "root" => arn.account.to_owned(),
        Some(arn) if arn.role_name().is_some() => {
            format!("{}:{}", names::unique_id("AROA"), arn.last_segment())
        }
        _ => names::unique_id("AIDA"),
    }
}
