//! What a run would find in the cache, and what it would have to request. Requests nothing and changes nothing.

use time::{Duration, OffsetDateTime};

use super::CacheMode;
use super::mfa::{exported_slot, serves};
use crate::cache::{Cache, CacheKey};
use crate::env::Environment;
use crate::plan::{MfaDevice, Plan, SourceKind};

/// The state of one cache entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheState {
    /// A usable session.
    Until {
        end: OffsetDateTime,
        left: Duration,
    },
    Nothing,
    /// Not cached, and not needed: a later session of the chain is cached.
    NotNeeded,
    /// The name of the entry is unknown until the source's credentials are available.
    Unknown,
    /// The cache is not read.
    Unused,
}

/// The cache entries of one role.
pub struct HopCacheReport {
    pub role: CacheState,
    /// The MFA session that makes a code unnecessary; `None` if none is used.
    pub device: Option<CacheState>,
}

/// The cache entries of a plan.
pub struct CacheReport<'plan> {
    /// The first session: of a web identity, or an MFA session that is exported unchanged.
    pub first: CacheState,
    /// One for each role.
    pub hops: Vec<HopCacheReport>,
    /// Whether the source's credentials are needed.
    pub takes_source: bool,
    /// Whether a request to STS is needed.
    pub takes_requests: bool,
    /// The MFA devices whose codes are needed, in order.
    pub devices: Vec<&'plan MfaDevice>,
}

impl CacheState {
    const fn is_there(self) -> bool {
        matches!(self, Self::Until { .. })
    }
}

impl<'plan> CacheReport<'plan> {
    /// Reads the cache as [`super::session`] will. `token` is the token of a web identity or a container.
    pub fn new(plan: &'plan Plan, original: &Environment, reuse: CacheMode, token: Option<&'plan str>) -> Self {
        let look = Look {
            plan,
            token,
            cache: Cache::of(original).filter(|_| reuse != CacheMode::Off),
            is_renewed: reuse == CacheMode::Refresh,
        };
        let mut hops = look.hops();
        let next = hops
            .iter()
            .rposition(|hop| hop.role.is_there())
            .map_or(0, |nearest| nearest + 1);
        let spare = |stored: &mut CacheState, is_spared| {
            if is_spared && *stored == CacheState::Nothing {
                *stored = CacheState::NotNeeded;
            }
        };
        let mut first = look.first();
        spare(&mut first, next > 0);
        for (index, hop) in hops.iter_mut().enumerate() {
            spare(&mut hop.role, index < next);
            if let Some(device) = &mut hop.device {
                spare(device, next > 0);
            }
        }
        let source = &plan.source.kind;
        let is_local =
            matches!(source, SourceKind::Keys { .. } | SourceKind::Process { .. }) && plan.mfa_session.is_none();
        let is_done = next == hops.len() && (next > 0 || first.is_there() || is_local);
        Self {
            takes_source: next == 0,
            takes_requests: !is_done,
            devices: look.devices(first, &hops, next),
            first,
            hops,
        }
    }
}

/// Reads the cache for a plan.
struct Look<'plan> {
    plan: &'plan Plan,
    /// The token of a web identity or a container.
    token: Option<&'plan str>,
    cache: Option<Cache>,
    /// Cached role sessions are ignored.
    is_renewed: bool,
}

impl<'plan> Look<'plan> {
    /// The state of the entry whose key is computed with the cache.
    fn stored(&self, key: impl FnOnce(&Cache) -> Option<CacheKey>) -> CacheState {
        match &self.cache {
            Some(cache) if !self.is_renewed => in_slot(cache, key(cache).as_ref()),
            _ => CacheState::Unused,
        }
    }

    fn first(&self) -> CacheState {
        let plan = self.plan;
        match (&plan.source.kind, &plan.mfa_session) {
            (SourceKind::WebIdentity(identity), _) => {
                self.stored(|cache| Some(cache.web_identity(plan, identity, self.token?)))
            }
            (SourceKind::Keys { keys, .. }, Some(wanted)) => {
                self.stored(|cache| exported_slot(cache, plan, wanted, &keys.access_key_id))
            }
            (_, Some(_)) if self.cache.is_some() && !self.is_renewed => CacheState::Unknown,
            _ => CacheState::Unused,
        }
    }

    fn hops(&self) -> Vec<HopCacheReport> {
        let keys = self
            .cache
            .as_ref()
            .map_or_else(Vec::new, |cache| cache.roles(self.plan, self.token));
        let mut keys = keys.into_iter();
        let hops = self.plan.hops.iter().enumerate();
        hops.map(|(index, hop)| HopCacheReport {
            role: self.stored(|_| keys.next()),
            device: hop.mfa.as_ref().and_then(|device| self.device(index, device)),
        })
        .collect()
    }

    /// The MFA session that makes a code unnecessary. With `--refresh` it is used, too.
    fn device(&self, index: usize, device: &MfaDevice) -> Option<CacheState> {
        let cache = self.cache.as_ref().filter(|_| serves(self.plan, index, device))?;
        match &self.plan.source.kind {
            SourceKind::Keys { keys, .. } if keys.session_token.is_none() => {
                let key = cache.mfa_session(self.plan, &keys.access_key_id, device, None);
                Some(in_slot(cache, Some(&key)))
            }
            SourceKind::Process { .. } => Some(CacheState::Unknown),
            // Temporary credentials cannot get an MFA session.
            _ => None,
        }
    }

    /// The devices whose codes are needed from the role `next` on.
    fn devices(&self, first: CacheState, hops: &[HopCacheReport], next: usize) -> Vec<&'plan MfaDevice> {
        let exported = self.plan.mfa_session.as_ref();
        let exported = exported.filter(|_| next == 0 && !first.is_there());
        let left = self.plan.hops.iter().zip(hops).skip(next);
        let left = left.filter(|(_, kept)| !kept.device.is_some_and(CacheState::is_there));
        let roles = left.filter_map(|(hop, _)| hop.mfa.as_ref());
        exported
            .map(|session| &session.device)
            .into_iter()
            .chain(roles)
            .collect()
    }
}

fn in_slot(cache: &Cache, key: Option<&CacheKey>) -> CacheState {
    let session = key.and_then(|key| cache.session(key, None));
    match session.and_then(|session| session.expiration) {
        Some(end) => CacheState::Until {
            end,
            left: end - OffsetDateTime::now_utc(),
        },
        None => CacheState::Nothing,
    }
}
