//! The cached sessions of a plan, and what is left to request. Requests nothing and changes nothing.

use std::time::SystemTime;

use time::{Duration, OffsetDateTime};

use crate::cache::{Cache, CacheKey};
use crate::credentials::Session;
use crate::env::Environment;
use crate::plan::{AssumeRole, GetSessionToken, MfaDevice, Plan, SourceKind, Step};

/// How this run uses the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheMode {
    /// Sessions are read and written.
    ReadWrite,
    /// Role sessions are requested and replaced. MFA sessions are read, so that no code is needed.
    Refresh,
    /// Sessions are neither read nor written.
    Off,
}

/// The longest role session that an MFA session is used for, in seconds. For a longer one, AWS requires the code in the
/// AssumeRole request.
const MAX_DURATION_WITHOUT_CODE: u32 = 3_600;

/// A plan, and the cache entries of its steps.
pub struct Route<'plan> {
    plan: &'plan Plan,
    mode: CacheMode,
    /// Also with [`CacheMode::Off`], for locks and used codes. `None` without a home.
    pub(super) cache: Option<Cache>,
    /// One for each step whose session is cached and whose key is known.
    keys: Vec<Option<CacheKey>>,
}

/// The state of one cache entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheState {
    /// A usable session.
    Cached {
        expiration: OffsetDateTime,
        left: Duration,
    },
    Missing,
    /// Not cached, and not needed: a later session of the chain is cached.
    NotNeeded,
    /// The name of the entry is unknown until the source's credentials are available.
    Unknown,
    /// The cache is not read.
    Unused,
}

/// The cache entries of one step.
pub struct StepState {
    pub session: CacheState,
    /// The MFA session that makes a code unnecessary; `None` if none is used.
    pub mfa_session: Option<CacheState>,
}

/// What a run would find in the cache, and what it would have to do.
pub struct RouteReport<'plan> {
    /// One for each step.
    pub steps: Vec<StepState>,
    /// Whether the source's credentials are needed.
    pub needs_source: bool,
    /// Whether a request to STS is needed.
    pub needs_requests: bool,
    /// The MFA devices whose codes are needed, in order.
    pub mfa_devices: Vec<&'plan MfaDevice>,
}

impl CacheState {
    const fn is_cached(self) -> bool {
        matches!(self, Self::Cached { .. })
    }

    fn of(session: Option<Session>) -> Self {
        match session.and_then(|session| session.expiration) {
            Some(expiration) => Self::Cached {
                expiration,
                left: expiration - OffsetDateTime::now_utc(),
            },
            None => Self::Missing,
        }
    }
}

impl<'plan> Route<'plan> {
    /// The route of a plan for the cache in the user's own environment. `token`: the token of a web identity or a
    /// container.
    pub fn new(plan: &'plan Plan, original: &Environment, mode: CacheMode, token: Option<&str>) -> Self {
        let cache = Cache::of(original);
        let used = cache.as_ref().filter(|_| mode != CacheMode::Off);
        let key = |index| used?.key(plan, index, token);
        Self {
            plan,
            mode,
            keys: (0..plan.steps.len()).map(key).collect(),
            cache,
        }
    }

    /// Whether sessions are written, and MFA sessions are used.
    pub(super) const fn uses_cache(&self) -> bool {
        self.cache.is_some() && !matches!(self.mode, CacheMode::Off)
    }

    /// The key of the session that a step returns.
    pub fn key(&self, index: usize) -> Option<&CacheKey> {
        self.keys.get(index)?.as_ref()
    }

    /// The last cached session of the steps before `end`, and the number of its step. `since`: only one that was written
    /// after that.
    pub(super) fn nearest(&self, end: usize, since: Option<SystemTime>) -> Option<(usize, Session)> {
        let cached = |index| Some((index, self.cache.as_ref()?.read(self.key(index)?, since)?));
        (0..end).rev().find_map(cached)
    }

    /// The key of an MFA session that is exported.
    pub(super) fn exported_mfa_session(&self, step: &GetSessionToken, access_key_id: &str) -> Option<CacheKey> {
        let cache = self.cache.as_ref().filter(|_| self.uses_cache())?;
        cache.exported_mfa_session(self.plan, access_key_id, step)
    }

    /// The key of the MFA session that serves roles.
    pub(super) fn mfa_session(&self, device: &MfaDevice, access_key_id: &str) -> Option<CacheKey> {
        let cache = self.cache.as_ref()?;
        Some(cache.mfa_session(self.plan, access_key_id, device, None))
    }

    /// Whether the MFA session of its device can be used for a role, if long-term keys sign the request.
    pub(super) fn uses_mfa_session(&self, index: usize, step: &AssumeRole) -> bool {
        let duration = step.duration.as_ref();
        index == 0
            && self.uses_cache()
            && step.mfa.as_ref().is_some_and(|device| device.session.is_some())
            && duration.is_none_or(|duration| duration.value <= MAX_DURATION_WITHOUT_CODE)
    }

    /// Reads the cache as [`super::session`] will.
    pub fn report(&self) -> RouteReport<'plan> {
        let plan = self.plan;
        let mut steps: Vec<StepState> = (0..plan.steps.len()).map(|index| self.state(index)).collect();
        let cached = steps.iter().rposition(|step| step.session.is_cached());
        let next = cached.map_or(0, |index| index + 1);
        for step in steps.iter_mut().take(next) {
            for state in [Some(&mut step.session), step.mfa_session.as_mut()]
                .into_iter()
                .flatten()
            {
                if *state == CacheState::Missing {
                    *state = CacheState::NotNeeded;
                }
            }
        }
        let has_keys = matches!(plan.source.kind, SourceKind::Keys { .. } | SourceKind::Process { .. });
        let is_done = next == steps.len() && (next > 0 || has_keys);
        let left = plan.steps.iter().zip(&steps).skip(next);
        let needs_code = left.filter(|(_, state)| !state.mfa_session.is_some_and(CacheState::is_cached));
        RouteReport {
            needs_source: next == 0,
            needs_requests: !is_done,
            mfa_devices: needs_code.filter_map(|(step, _)| step.mfa()).collect(),
            steps,
        }
    }

    fn state(&self, index: usize) -> StepState {
        let step = &self.plan.steps[index];
        let cache = self.cache.as_ref().filter(|_| self.mode == CacheMode::ReadWrite);
        let session = match (cache, self.key(index), step) {
            (None, ..) => CacheState::Unused,
            (Some(cache), Some(key), _) => CacheState::of(cache.read(key, None)),
            (Some(_), None, Step::GetSessionToken(_)) if !matches!(self.plan.source.kind, SourceKind::Keys { .. }) => {
                CacheState::Unknown
            }
            (Some(_), None, _) => CacheState::Missing,
        };
        let mfa_session = match step {
            Step::AssumeRole(step) => self.mfa_session_state(index, step),
            _ => None,
        };
        StepState { session, mfa_session }
    }

    /// The MFA session that makes a code unnecessary. With `--refresh` it is used, too.
    fn mfa_session_state(&self, index: usize, step: &AssumeRole) -> Option<CacheState> {
        let device = step.mfa.as_ref().filter(|_| self.uses_mfa_session(index, step))?;
        match &self.plan.source.kind {
            SourceKind::Keys { keys, .. } if keys.session_token.is_none() => {
                let key = self.mfa_session(device, &keys.access_key_id)?;
                Some(CacheState::of(self.cache.as_ref()?.read(&key, None)))
            }
            SourceKind::Process { .. } => Some(CacheState::Unknown),
            // Temporary credentials cannot get an MFA session.
            _ => None,
        }
    }
}
