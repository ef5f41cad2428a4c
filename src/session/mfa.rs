//! Roles that require MFA: with the MFA session, which one code opens for hours, or with a code in the request.

use super::Requester;
use crate::aws::AwsError;
use crate::cache::CacheKey;
use crate::config::{Located, Origin};
use crate::credentials::Session;
use crate::error::Error;
use crate::mfa::{Code, MfaError, Need};
use crate::plan::{AssumeRole, GetSessionToken, MfaDevice};

/// How many codes AWS may reject for one request.
const REFUSALS: u8 = 3;

/// The outcome of looking for or requesting an MFA session.
enum MfaSession {
    /// Requested with a code in this run.
    New(Session),
    Cached(Session),
    /// AWS denied it.
    Denied(AwsError),
    /// There is no cache directory.
    Uncached,
}

/// An AssumeRole request that requires MFA.
struct MfaRole<'run> {
    index: usize,
    step: &'run AssumeRole,
    device: &'run MfaDevice,
    caller: &'run Session,
}

impl Requester<'_> {
    /// Assumes a role that requires MFA.
    pub(super) fn with_mfa(
        &mut self,
        index: usize,
        step: &AssumeRole,
        device: &MfaDevice,
        caller: &Session,
    ) -> Result<Session, Error> {
        let role = MfaRole {
            index,
            step,
            device,
            caller,
        };
        let has_long_term_keys = caller.keys.session_token.is_none();
        if !has_long_term_keys || !self.route.uses_mfa_session(index, step) {
            // Otherwise MFA sessions are off, or cannot be used for another reason.
            if has_long_term_keys && self.route.uses_cache() && index == 0 && device.session.is_some() {
                self.say_first("a role session of more than 1 h needs its own code");
            }
            return self.with_code(&role);
        }
        loop {
            let (session, is_cached) = match self.mfa_session(&role)? {
                MfaSession::New(session) => (session, false),
                // Cached sessions do not record the caller's name.
                MfaSession::Cached(session) => (session.of(&caller.owner), true),
                MfaSession::Denied(denial) => return self.without_session(&role, &denial),
                MfaSession::Uncached => return self.with_code(&role),
            };
            match self.assume(index, step, &session, None) {
                Err(denial) if is_cached && denial.is_denied() => return self.with_fresh_code(&role, denial),
                // It was revoked, or its long-term key was deleted: request another one, once.
                Err(error) if is_cached && error.is_about_keys() && self.revoked_key_id.is_none() => {
                    self.say_first("the cached MFA session is no longer valid; a new code is required");
                    self.remove(&role, session);
                }
                done => return Ok(done?),
            }
        }
    }

    /// Assumes the role with a code in the request.
    fn with_code(&mut self, role: &MfaRole<'_>) -> Result<Session, Error> {
        self.send(role.device, &role.name(), |requester, code| {
            requester.assume(role.index, role.step, role.caller, Some(code))
        })
    }

    /// Makes a request with an MFA code, and repeats it with another code while AWS rejects it and there is one.
    /// Processes send the codes of a device one after the other, and no code twice. `purpose`: for the
    /// prompt.
    fn send(
        &mut self,
        device: &MfaDevice,
        purpose: &str,
        request: impl Fn(&Self, Code) -> Result<Session, AwsError>,
    ) -> Result<Session, Error> {
        let serial = &device.serial.value;
        let cache = self.route.cache.as_ref();
        let need = Need {
            device,
            purpose,
            is_spent: &|code| cache.is_some_and(|cache| cache.is_spent(serial, code)),
        };
        let _device = self.lock_device(serial);
        let mut terminal = None;
        let mut refusals = 0;
        loop {
            refusals += 1;
            if terminal.is_none() && self.context.codes.asks_person(&need) {
                terminal = self.lock_terminal();
            }
            let code = self.context.codes.next(&need)?;
            // No other process will send it from now on.
            self.write(|cache| cache.spend(serial, code.secret()));
            match request(self, code) {
                Err(error) if error.is_wrong_code() && refusals < REFUSALS && self.context.codes.has_more(device) => {
                    self.say_first("AWS rejected the code: it is wrong or was already used");
                }
                done => return Ok(done.map_err(AwsError::after_a_code)?),
            }
        }
    }

    fn say_first(&mut self, why: impl Into<String>) {
        self.context.codes.say_first(why.into());
    }

    /// Assumes the role with a code of its own after AWS denied an MFA session. The denial has used up a code, so this takes
    /// the next one.
    fn without_session(&mut self, role: &MfaRole<'_>, denial: &AwsError) -> Result<Session, Error> {
        self.say_first(
            "GetSessionToken is denied in this account; AssumeRole needs another code (set `mfa_session_duration = off` in \
             the profile to skip the first)",
        );
        match self.with_code(role) {
            Err(Error::Mfa(error)) if error.is_missing() => {
                let reason = denial.to_string();
                Err(MfaError::InVain { reason }.into())
            }
            done => done,
        }
    }

    /// The role denied the MFA session. Its trust policy may require a recent code (`aws:MultiFactorAuthAge`); without
    /// one the denial is returned.
    fn with_fresh_code(&mut self, role: &MfaRole<'_>, denial: AwsError) -> Result<Session, Error> {
        let next = match role.device.process {
            None => "enter one, or press Enter to cancel",
            Some(_) => "`mfa_process` provides one",
        };
        self.say_first(format!(
            "access to {} was denied with the cached MFA session; the role may require a recent code: {next}",
            role.name()
        ));
        match self.with_code(role) {
            Err(Error::Mfa(error)) if error.is_missing() => Err(denial.into()),
            done => done,
        }
    }

    /// The MFA session for all roles of a device.
    fn mfa_session(&mut self, role: &MfaRole<'_>) -> Result<MfaSession, Error> {
        let Some(key) = self.mfa_key(role) else {
            return Ok(MfaSession::Uncached);
        };
        if let Some(cached) = self.cached_mfa_session(&key) {
            return Ok(cached);
        }
        let _lock = self.lock(&key);
        if let Some(cached) = self.cached_mfa_session(&key) {
            return Ok(cached);
        }
        match self.request_mfa_session(role.device, None, role.caller, &role.name()) {
            Err(Error::Aws(denial)) if denial.is_denied() => Ok(MfaSession::Denied(denial)),
            Err(error) => Err(error),
            Ok(session) => {
                self.write(|cache| cache.write(&key, &session));
                Ok(MfaSession::New(session))
            }
        }
    }

    fn mfa_key(&self, role: &MfaRole<'_>) -> Option<CacheKey> {
        self.route.mfa_session(role.device, &role.caller.keys.access_key_id)
    }

    /// Also with `--refresh`, so that no code is needed.
    fn cached_mfa_session(&self, key: &CacheKey) -> Option<MfaSession> {
        let cached = self.route.cache.as_ref()?.read(key, None);
        cached
            .filter(|cached| Some(&cached.keys.access_key_id) != self.revoked_key_id.as_ref())
            .map(MfaSession::Cached)
    }

    /// The MFA session that a profile without a role stands for.
    pub(super) fn exported_mfa_session(
        &mut self,
        index: usize,
        step: &GetSessionToken,
        caller: Session,
    ) -> Result<Session, Error> {
        // As in the plan, for a `credential_process`, whose keys were unknown then.
        if caller.keys.session_token.is_some() && !step.is_asked_for() {
            return Ok(caller);
        }
        let request = |requester: &mut Self| {
            let purpose = format!("`{}`", requester.plan.target);
            requester.request_mfa_session(&step.device, step.duration.clone(), &caller, &purpose)
        };
        if self.route.key(index).is_some() {
            // This process holds the lock of the entry.
            return request(self);
        }
        let key = self.route.exported_mfa_session(step, &caller.keys.access_key_id);
        self.once(key.as_ref(), request)
    }

    /// Requests an MFA session with a code. `duration`: from the command line, else the configured one is used. `purpose`:
    /// for the prompt.
    fn request_mfa_session(
        &mut self,
        device: &MfaDevice,
        duration: Option<Located<u32>>,
        caller: &Session,
        purpose: &str,
    ) -> Result<Session, Error> {
        let configured = device.session.clone();
        let configured = configured.filter(|duration| duration.origin != Origin::Default);
        let step = GetSessionToken {
            device: device.clone(),
            duration: duration.or(configured),
        };
        self.send(device, purpose, |requester, code| {
            requester
                .aws
                .get_session_token(requester.endpoint_config(), caller, &step, code)
        })
    }

    /// Removes a rejected session from the cache, unless another process has replaced it.
    fn remove(&mut self, role: &MfaRole<'_>, rejected: Session) {
        self.revoked_key_id = Some(rejected.keys.access_key_id);
        let (Some(cache), Some(key)) = (&self.route.cache, self.mfa_key(role)) else {
            return;
        };
        let _lock = self.lock(&key);
        let cached = cache.read(&key, None).map(|cached| cached.keys.access_key_id);
        if cached == self.revoked_key_id {
            cache.remove(&key);
        }
    }
}

impl MfaRole<'_> {
    /// For messages.
    fn name(&self) -> String {
        format!("`{}`", self.step.role.value)
    }
}
