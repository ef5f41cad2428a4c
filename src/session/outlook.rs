//! What a run would find kept on disk, and what it would have to ask for. Gets nothing and changes nothing.

use time::{Duration, OffsetDateTime};

use super::Reuse;
use super::mfa::{exported_slot, serves};
use crate::cache::{Cache, Slot};
use crate::env::Environment;
use crate::plan::{MfaDevice, Plan, SourceKind};

/// What is kept of one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// A session that is of use.
    Until {
        end: OffsetDateTime,
        left: Duration,
    },
    Nothing,
    /// Nothing; but a session that comes later on the way is kept.
    NotNeeded,
    /// AWS gives none, as is remembered until then.
    Refused {
        until: OffsetDateTime,
    },
    /// Where it would be kept is not known before the first credentials are there.
    Unknown,
    /// The cache is not consulted.
    Unused,
}

/// What is kept of one hop.
pub struct HopOutlook {
    pub role: Stored,
    /// The MFA session that spares it a code; `None` where none is used.
    pub device: Option<Stored>,
}

/// What is kept of a plan.
pub struct Outlook<'plan> {
    /// The session that stands at the start: a web identity's, or a device's that is exported as it is.
    pub first: Stored,
    /// One for each hop.
    pub hops: Vec<HopOutlook>,
    /// Whether the first credentials are needed.
    pub takes_source: bool,
    /// Whether STS is asked.
    pub takes_requests: bool,
    /// The MFA devices whose codes are needed, in their order.
    pub devices: Vec<&'plan MfaDevice>,
}

impl Stored {
    const fn is_there(self) -> bool {
        matches!(self, Self::Until { .. })
    }
}

impl<'plan> Outlook<'plan> {
    /// Looks at what is kept, as [`super::session`] will. `token` is what is shown to get the first credentials.
    pub fn new(plan: &'plan Plan, original: &Environment, reuse: Reuse, token: Option<&'plan str>) -> Self {
        let look = Look {
            plan,
            token,
            cache: Cache::of(original).filter(|_| reuse != Reuse::Ignored),
            is_renewed: reuse == Reuse::Renewed,
        };
        let mut hops = look.hops();
        let next = hops
            .iter()
            .rposition(|hop| hop.role.is_there())
            .map_or(0, |nearest| nearest + 1);
        let spare = |stored: &mut Stored, is_spared| {
            if is_spared && *stored == Stored::Nothing {
                *stored = Stored::NotNeeded;
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

/// A look at the cache.
struct Look<'plan> {
    plan: &'plan Plan,
    /// What is shown to get the first credentials.
    token: Option<&'plan str>,
    cache: Option<Cache>,
    /// Sessions of roles are got anew.
    is_renewed: bool,
}

impl<'plan> Look<'plan> {
    /// The session in a slot that is found out from the cache.
    fn stored(&self, slot: impl FnOnce(&Cache) -> Option<Slot>) -> Stored {
        match &self.cache {
            Some(cache) if !self.is_renewed => in_slot(cache, slot(cache).as_ref()),
            _ => Stored::Unused,
        }
    }

    fn first(&self) -> Stored {
        let plan = self.plan;
        match (&plan.source.kind, &plan.mfa_session) {
            (SourceKind::WebIdentity(identity), _) => {
                self.stored(|cache| Some(cache.web_identity(plan, identity, self.token?)))
            }
            (SourceKind::Keys { keys, .. }, Some(wanted)) => {
                self.stored(|cache| exported_slot(cache, plan, wanted, &keys.access_key_id))
            }
            (_, Some(_)) if self.cache.is_some() && !self.is_renewed => Stored::Unknown,
            _ => Stored::Unused,
        }
    }

    fn hops(&self) -> Vec<HopOutlook> {
        let slots = self
            .cache
            .as_ref()
            .map_or_else(Vec::new, |cache| cache.roles(self.plan, self.token));
        let mut slots = slots.into_iter();
        let hops = self.plan.hops.iter().enumerate();
        hops.map(|(index, hop)| HopOutlook {
            role: self.stored(|_| slots.next()),
            device: hop.mfa.as_ref().and_then(|device| self.device(index, device)),
        })
        .collect()
    }

    /// The MFA session that spares a hop its code. Getting a role anew takes no code either.
    fn device(&self, index: usize, device: &MfaDevice) -> Option<Stored> {
        let cache = self.cache.as_ref().filter(|_| serves(self.plan, index, device))?;
        match &self.plan.source.kind {
            SourceKind::Keys { keys, .. } if keys.session_token.is_none() => {
                let slot = cache.mfa_session(self.plan, &keys.access_key_id, device, None);
                Some(match (in_slot(cache, Some(&slot)), cache.refused_until(&slot)) {
                    (Stored::Nothing, Some(until)) => Stored::Refused { until },
                    (stored, _) => stored,
                })
            }
            SourceKind::Process { .. } => Some(Stored::Unknown),
            // Those are sessions themselves, which get none.
            _ => None,
        }
    }

    /// The devices whose codes are needed from the hop on that is `next`.
    fn devices(&self, first: Stored, hops: &[HopOutlook], next: usize) -> Vec<&'plan MfaDevice> {
        let exported = self.plan.mfa_session.as_ref();
        let exported = exported.filter(|_| next == 0 && !first.is_there());
        let left = self.plan.hops.iter().zip(hops).skip(next);
        let left = left.filter(|(_, kept)| !kept.device.is_some_and(Stored::is_there));
        let roles = left.filter_map(|(hop, _)| hop.mfa.as_ref());
        exported
            .map(|session| &session.device)
            .into_iter()
            .chain(roles)
            .collect()
    }
}

fn in_slot(cache: &Cache, slot: Option<&Slot>) -> Stored {
    let session = slot.and_then(|slot| cache.session(slot, None));
    match session.and_then(|session| session.expiration) {
        Some(end) => Stored::Until {
            end,
            left: end - OffsetDateTime::now_utc(),
        },
        None => Stored::Nothing,
    }
}
