//! Roles that require MFA: with the MFA session, which one code opens for hours, or with a code in the request.

use super::SessionRequester;
use crate::aws::AwsError;
use crate::cache::{Cache, CacheKey};
use crate::config::{Located, Origin};
use crate::credentials::Session;
use crate::error::Error;
use crate::mfa::{Code, MfaError, Need};
use crate::plan::{MfaDevice, MfaSession, Plan};

/// The longest role session that an MFA session is used for, in seconds. For a longer one, AWS requires the code in the
/// AssumeRole request.
const MAX_DURATION_WITHOUT_CODE: u32 = 3_600;

/// Whether the MFA session of its device can be used for a role, if long-term keys sign the request.
pub(super) fn serves(plan: &Plan, index: usize, device: &MfaDevice) -> bool {
    let duration = plan.hops[index].duration.as_ref();
    index == 0
        && device.session.is_some()
        && duration.is_none_or(|duration| duration.value <= MAX_DURATION_WITHOUT_CODE)
}

/// The key of the MFA session that a profile without a role stands for: the one for all roles, unless a duration was
/// given. `None` if it is not cached.
pub(super) fn exported_slot(cache: &Cache, plan: &Plan, wanted: &MfaSession, access_key_id: &str) -> Option<CacheKey> {
    let asked = wanted.duration.as_ref();
    let is_kept = asked.is_some() || wanted.device.session.is_some();
    is_kept.then(|| cache.mfa_session(plan, access_key_id, &wanted.device, asked))
}

/// How many codes AWS may reject for one request.
const REFUSALS: u8 = 3;

/// The outcome of looking for or requesting an MFA session.
enum MfaSessionResult {
    /// Requested with a code in this run.
    Now(Session),
    /// From the cache.
    Before(Session),
    /// AWS denied it.
    Denied(AwsError),
    /// There is no cache directory.
    Uncached,
}

impl SessionRequester<'_> {
    /// Assumes a role that requires MFA.
    pub(super) fn with_mfa(&mut self, index: usize, device: &MfaDevice, caller: &Session) -> Result<Session, Error> {
        if !self.serves(index, device, caller) {
            // Otherwise MFA sessions are off, or cannot be used for another reason.
            if self.takes_sessions(caller) && index == 0 && device.session.is_some() {
                self.say_first("a role session of more than 1 h needs its own code");
            }
            return self.with_code(index, device, caller);
        }
        let role = self.role(index);
        loop {
            let (opened, is_old) = match self.mfa_session(device, caller, &role)? {
                MfaSessionResult::Now(session) => (session, false),
                // Cached sessions do not record the caller's name.
                MfaSessionResult::Before(session) => (session.of(&caller.whose), true),
                MfaSessionResult::Denied(denial) => return self.without_session(index, device, caller, &denial),
                MfaSessionResult::Uncached => return self.with_code(index, device, caller),
            };
            match self.assume(index, &opened, None) {
                Err(denial) if is_old && denial.is_denied() => {
                    return self.with_fresh_code(index, device, caller, denial);
                }
                // It was revoked, or its long-term key was deleted: request another one, once.
                Err(error) if is_old && error.is_about_keys() && self.revoked_key_id.is_none() => {
                    self.say_first("the cached MFA session is no longer valid; a new code is required");
                    self.forget(device, caller, opened);
                }
                done => return Ok(done?),
            }
        }
    }

    fn serves(&self, index: usize, device: &MfaDevice, caller: &Session) -> bool {
        self.takes_sessions(caller) && serves(self.plan, index, device)
    }

    /// Whether MFA sessions are used, and the caller can get one.
    fn takes_sessions(&self, caller: &Session) -> bool {
        self.keeps_sessions() && caller.keys.session_token.is_none()
    }

    /// Assumes the role with a code in the request.
    fn with_code(&mut self, index: usize, device: &MfaDevice, caller: &Session) -> Result<Session, Error> {
        let role = self.role(index);
        self.send(device, &role, |way, code| way.assume(index, caller, Some(code)))
    }

    /// Makes a request with an MFA code, and repeats it with another code while AWS rejects it and there is one.
    /// Processes send the codes of a device one after the other, and no code twice. `what`: the purpose, for the
    /// prompt.
    fn send(
        &mut self,
        device: &MfaDevice,
        what: &str,
        request: impl Fn(&Self, Code) -> Result<Session, AwsError>,
    ) -> Result<Session, Error> {
        let serial = &device.serial.value;
        let cache = self.cache.clone();
        let need = Need {
            device,
            what,
            is_spent: &|code| cache.as_ref().is_some_and(|cache| cache.is_spent(serial, code)),
        };
        let _device = self.lock_device(serial);
        let mut terminal = None;
        let mut refusals = 0;
        loop {
            refusals += 1;
            if terminal.is_none() && self.means.codes.asks_person(&need) {
                terminal = self.lock_terminal();
            }
            let code = self.means.codes.next(&need)?;
            // No other process will send it from now on.
            self.write(|cache| cache.spend(serial, code.secret()));
            match request(self, code) {
                Err(error) if error.is_wrong_code() && refusals < REFUSALS && self.means.codes.has_more(device) => {
                    self.say_first("AWS rejected the code: it is wrong or was already used");
                }
                done => return Ok(done.map_err(AwsError::after_a_code)?),
            }
        }
    }

    fn say_first(&mut self, why: impl Into<String>) {
        self.means.codes.say_first(why.into());
    }

    /// Assumes the role with a code of its own after AWS denied an MFA session. The denial has used up a code, so this takes
    /// the next one.
    fn without_session(
        &mut self,
        index: usize,
        device: &MfaDevice,
        caller: &Session,
        denial: &AwsError,
    ) -> Result<Session, Error> {
        self.say_first(
            "GetSessionToken is denied in this account; AssumeRole needs another code (set `mfa_session_duration = off` in \
             the profile to skip the first)",
        );
        match self.with_code(index, device, caller) {
            Err(Error::Mfa(error)) if error.is_missing() => {
                let reason = denial.to_string();
                Err(MfaError::InVain { reason }.into())
            }
            done => done,
        }
    }

    /// The role denied the MFA session. Its trust policy may require a recent code (`aws:MultiFactorAuthAge`); without
    /// one the denial is returned.
    fn with_fresh_code(
        &mut self,
        index: usize,
        device: &MfaDevice,
        caller: &Session,
        denial: AwsError,
    ) -> Result<Session, Error> {
        let role = &self.plan.hops[index].role.value;
        let next = match device.process {
            None => "enter one, or press Enter to cancel",
            Some(_) => "`mfa_process` provides one",
        };
        self.say_first(format!(
            "access to `{role}` was denied with the cached MFA session; the role may require a recent code: {next}"
        ));
        match self.with_code(index, device, caller) {
            Err(Error::Mfa(error)) if error.is_missing() => Err(denial.into()),
            done => done,
        }
    }

    /// The MFA session for all roles of a device.
    fn mfa_session(&mut self, device: &MfaDevice, caller: &Session, what: &str) -> Result<MfaSessionResult, Error> {
        let Some(key) = self.slot_of(device, caller) else {
            return Ok(MfaSessionResult::Uncached);
        };
        if let Some(opened) = self.opened(&key) {
            return Ok(opened);
        }
        let _lock = self.lock(&key);
        if let Some(opened) = self.opened(&key) {
            return Ok(opened);
        }
        match self.open(device, None, caller, what) {
            Err(Error::Aws(denial)) if denial.is_denied() => Ok(MfaSessionResult::Denied(denial)),
            Err(error) => Err(error),
            Ok(session) => {
                self.keep(&key, &session);
                Ok(MfaSessionResult::Now(session))
            }
        }
    }

    fn opened(&self, key: &CacheKey) -> Option<MfaSessionResult> {
        let cache = self.cache.as_ref()?;
        let kept = cache.session(key, None);
        kept.filter(|kept| Some(&kept.keys.access_key_id) != self.revoked_key_id.as_ref())
            .map(MfaSessionResult::Before)
    }

    /// The MFA session that a profile without a role stands for.
    pub(super) fn exported_mfa_session(&mut self, keys: &Session, wanted: &MfaSession) -> Result<Session, Error> {
        let cache = self.cache.as_ref().filter(|_| self.keeps_sessions());
        let key = cache.and_then(|cache| exported_slot(cache, self.plan, wanted, &keys.keys.access_key_id));
        self.once(key.as_ref(), |way| {
            let what = format!("`{}`", way.plan.target);
            way.open(&wanted.device, wanted.duration.clone(), keys, &what)
        })
    }

    /// Requests an MFA session with a code. `asked`: the duration from the command line, else the configured one is
    /// used. `what`: the purpose, for the prompt.
    fn open(
        &mut self,
        device: &MfaDevice,
        asked: Option<Located<u32>>,
        keys: &Session,
        what: &str,
    ) -> Result<Session, Error> {
        let configured = device.session.clone();
        let configured = configured.filter(|duration| duration.origin != Origin::Default);
        let wanted = MfaSession {
            device: device.clone(),
            duration: asked.or(configured),
        };
        self.send(device, what, |way, code| {
            way.aws
                .get_session_token(&way.plan.endpoint_config, keys, &wanted, code)
        })
    }

    fn role(&self, index: usize) -> String {
        format!("`{}`", self.plan.hops[index].role.value)
    }

    /// Removes a rejected session from the cache, unless another process has replaced it.
    fn forget(&mut self, device: &MfaDevice, caller: &Session, opened: Session) {
        self.revoked_key_id = Some(opened.keys.access_key_id);
        let (Some(cache), Some(key)) = (&self.cache, self.slot_of(device, caller)) else {
            return;
        };
        let _lock = self.lock(&key);
        let kept = cache.session(&key, None).map(|kept| kept.keys.access_key_id);
        if kept == self.revoked_key_id {
            cache.forget(&key);
        }
    }

    fn slot_of(&self, device: &MfaDevice, caller: &Session) -> Option<CacheKey> {
        let cache = self.cache.as_ref()?;
        Some(cache.mfa_session(self.plan, &caller.keys.access_key_id, device, None))
    }
}
