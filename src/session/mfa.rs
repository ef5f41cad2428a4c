//! Roles that ask for MFA: by the session of the device, which one code opens for hours, or with a code of their own.

use super::SessionRequester;
use crate::aws::AwsError;
use crate::cache::{Cache, CacheKey};
use crate::config::{Located, Origin};
use crate::credentials::Session;
use crate::error::Error;
use crate::mfa::{Code, MfaError, Need};
use crate::plan::{MfaDevice, MfaSession, Plan};

/// The longest session of a role that the session of a device is used for, in seconds. For a longer one a code is sent
/// with the request itself.
const MAX_DURATION_WITHOUT_CODE: u32 = 3_600;

/// Whether the session of its device will do for a hop, if long-term keys sign: only those of an IAM user get one.
pub(super) fn serves(plan: &Plan, index: usize, device: &MfaDevice) -> bool {
    let duration = plan.hops[index].duration.as_ref();
    index == 0
        && device.session.is_some()
        && duration.is_none_or(|duration| duration.value <= MAX_DURATION_WITHOUT_CODE)
}

/// Where the session is kept that a profile without a role stands for. It is the one that serves all roles, unless a
/// duration was asked for. `None` where it is not kept.
pub(super) fn exported_slot(cache: &Cache, plan: &Plan, wanted: &MfaSession, access_key_id: &str) -> Option<CacheKey> {
    let asked = wanted.duration.as_ref();
    let is_kept = asked.is_some() || wanted.device.session.is_some();
    is_kept.then(|| cache.mfa_session(plan, access_key_id, &wanted.device, asked))
}

/// How many codes AWS may refuse for one request.
const REFUSALS: u8 = 3;

/// The session of a device.
enum MfaSessionResult {
    /// By a code of this run.
    Now(Session),
    /// By an earlier code.
    Before(Session),
    /// AWS denied it.
    Denied(AwsError),
    /// There is no place to keep one.
    Uncached,
}

impl SessionRequester<'_> {
    /// Assumes the role of a hop that asks for MFA.
    pub(super) fn with_mfa(&mut self, index: usize, device: &MfaDevice, caller: &Session) -> Result<Session, Error> {
        if !self.serves(index, device, caller) {
            // Otherwise each role takes a code, or this one is for another reason.
            if self.takes_sessions(caller) && index == 0 && device.session.is_some() {
                self.say_first("a role session of more than 1 h needs its own code");
            }
            return self.with_code(index, device, caller);
        }
        let role = self.role(index);
        loop {
            let (opened, is_old) = match self.mfa_session(device, caller, &role)? {
                MfaSessionResult::Now(session) => (session, false),
                // What is kept does not say whose it is.
                MfaSessionResult::Before(session) => (session.of(&caller.whose), true),
                MfaSessionResult::Denied(denial) => return self.without_session(index, device, caller, &denial),
                MfaSessionResult::Uncached => return self.with_code(index, device, caller),
            };
            match self.assume(index, &opened, None) {
                Err(denial) if is_old && denial.is_denied() => {
                    return self.with_fresh_code(index, device, caller, denial);
                }
                // It was revoked, or the key that it belongs to is gone: another one, once.
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

    /// Whether the sessions of devices are used, and the caller can have one.
    fn takes_sessions(&self, caller: &Session) -> bool {
        self.keeps_sessions() && caller.keys.session_token.is_none()
    }

    /// Assumes the role with a code in the request.
    fn with_code(&mut self, index: usize, device: &MfaDevice, caller: &Session) -> Result<Session, Error> {
        let role = self.role(index);
        self.send(device, &role, |way, code| way.assume(index, caller, Some(code)))
    }

    /// Makes a request that carries a code, with another one for as long as AWS refuses it and there is one. Codes of one
    /// device are sent one after the other, and none twice, whichever process has it. `what` it is for is told to the
    /// person.
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
            // From here on no other process sends it.
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

    /// The role does not let the device's session in. A trust policy may ask for a code that is younger
    /// (`aws:MultiFactorAuthAge`); if none can be had, the denial stands.
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

    /// The session of a device that serves all roles.
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

    /// The session that a profile without a role stands for.
    pub(super) fn exported_mfa_session(&mut self, keys: &Session, wanted: &MfaSession) -> Result<Session, Error> {
        let cache = self.cache.as_ref().filter(|_| self.keeps_sessions());
        let key = cache.and_then(|cache| exported_slot(cache, self.plan, wanted, &keys.keys.access_key_id));
        self.once(key.as_ref(), |way| {
            let what = format!("`{}`", way.plan.target);
            way.open(&wanted.device, wanted.duration.clone(), keys, &what)
        })
    }

    /// Asks for a session of the duration that was `asked` for, else of the configured one, with a code. `what` it is for
    /// is told to the person.
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

    /// Forgets a session that is no longer good, unless another process has opened a new one since.
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
