//! Cache keys: where a session is stored, and which cached session may be used.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use time::{Duration, OffsetDateTime};

use super::entry::Entry;
use super::file_name;
use super::provenance::Provenance;
use super::{Cache, Caller};
use crate::config::{Located, Origin};
use crate::plan::{GetSessionToken, MfaDevice, Plan, RoleArn, SessionOptions, SourceKind, Step};

/// The time that a reusable session must have left, as in the AWS CLI.
const MIN_LEFT: Duration = Duration::minutes(15);

/// The longest role session, in seconds.
const MAX_DURATION: u32 = 43_200;

/// Tolerated difference between the clocks of machines that write entries.
const CLOCK_TOLERANCE: Duration = Duration::minutes(5);

/// The key of one session.
pub struct CacheKey {
    /// The file of the session.
    pub(super) path: PathBuf,
    /// The request. A cached session is used only if its own is the same.
    pub(super) provenance: Provenance,
    /// The role, and the session name if it was configured.
    role: Option<(RoleArn, Option<String>)>,
    /// Whether the AWS CLI could have requested it.
    is_common: bool,
    /// The time that a usable session has left.
    left: RangeInclusive<Duration>,
}

impl CacheKey {
    /// Whether a cached session belongs to this key and has enough time left.
    pub(super) fn accepts(&self, entry: &Entry, now: OffsetDateTime) -> bool {
        let is_ours = match &entry.provenance {
            Some(provenance) => *provenance == self.provenance,
            // The AWS CLI does not record the endpoint.
            None => self.is_common && self.provenance.endpoint.is_none(),
        };
        let arn = entry.session.assumed.as_ref().map(|assumed| assumed.arn.as_str());
        let is_right = match (&self.role, arn) {
            // Other servers than AWS may omit it.
            (Some(_), None | Some("")) => true,
            (Some((role, name)), Some(arn)) => role.is_session(arn, name.as_deref()),
            (None, arn) => arn.is_none() && entry.provenance.is_some(),
        };
        is_ours && is_right && self.left.contains(&(entry.expiration - now))
    }
}

impl Cache {
    /// The key of the session that step `index` of a plan returns. `token`: the token of a web identity or a container.
    /// `None` if the session is not cached, or its key is unknown: without the token that the source needs, and of an MFA
    /// session without the access key.
    pub fn key(&self, plan: &Plan, index: usize, token: Option<&str>) -> Option<CacheKey> {
        let step = plan.steps.get(index)?;
        let (role, session_name, duration, options) = match step {
            Step::AssumeRole(step) => (&step.role, &step.session_name, &step.duration, &step.options),
            Step::AssumeRoleWithWebIdentity(step) => (&step.role, &step.session_name, &step.duration, &step.options),
            Step::GetSessionToken(step) => {
                return match &plan.source.kind {
                    SourceKind::Keys { keys, .. } => self.exported_mfa_session(plan, &keys.access_key_id, step),
                    _ => None,
                };
            }
        };
        let key = file_name::of_role(step, token)?;
        let before = plan.steps.iter().take(index);
        Some(CacheKey {
            path: self.role_file(&key),
            provenance: Provenance {
                source: Caller::of(&plan.source, token)?,
                via: before.filter_map(|step| file_name::of_role(step, token)).collect(),
                endpoint: endpoint(plan),
                role_arn: Some(role.value.to_string()),
                serial_number: None,
                key,
            },
            is_common: *options == SessionOptions::default(),
            role: Some((role.value.clone(), chosen(session_name))),
            left: left(duration.as_ref(), MAX_DURATION),
        })
    }

    /// The file of a role's session, whose name does not depend on the caller. `None`: not a role, or a web identity without
    /// its token.
    pub fn file(&self, step: &Step, token: Option<&str>) -> Option<PathBuf> {
        Some(self.role_file(&file_name::of_role(step, token)?))
    }

    fn role_file(&self, key: &str) -> PathBuf {
        self.roles.join(format!("{key}.json"))
    }

    /// The key of an MFA session that is exported: of the one that serves roles, unless a duration was given. `None` if it
    /// is not cached.
    pub fn exported_mfa_session(&self, plan: &Plan, access_key_id: &str, step: &GetSessionToken) -> Option<CacheKey> {
        let is_cached = step.duration.is_some() || step.device.session.is_some();
        is_cached.then(|| self.mfa_session(plan, access_key_id, &step.device, step.duration.as_ref()))
    }

    /// The key of an MFA session. `duration`: in seconds, of an explicitly requested session; `None` is the session that
    /// serves roles.
    pub fn mfa_session(
        &self,
        plan: &Plan,
        access_key_id: &str,
        device: &MfaDevice,
        duration: Option<&Located<u32>>,
    ) -> CacheKey {
        let endpoint = endpoint(plan);
        let seconds = duration.map(|duration| duration.value);
        let key = file_name::of_mfa_session(access_key_id, device, endpoint.as_deref(), seconds);
        let longest = duration.or(device.session.as_ref());
        CacheKey {
            path: self.own.join(format!("{key}.json")),
            provenance: Provenance {
                source: Caller::Keys {
                    access_key_id: access_key_id.to_owned(),
                },
                via: Vec::new(),
                endpoint,
                role_arn: None,
                serial_number: Some(device.serial.value.clone()),
                key,
            },
            role: None,
            is_common: false,
            // A longer session than this profile allows is not used; a shorter one is.
            left: left(longest, longest.map_or(MAX_DURATION, |duration| duration.value)),
        }
    }
}

/// The custom endpoint.
fn endpoint(plan: &Plan) -> Option<String> {
    plan.endpoint_config.endpoint.as_ref().map(|url| url.value.clone())
}

/// The time that a usable session has left: at least 15 minutes, or half of a session of 30 minutes or less; at most
/// `longest` seconds, because more is not plausible.
fn left(asked: Option<&Located<u32>>, longest: u32) -> RangeInclusive<Duration> {
    let least = match asked {
        Some(asked) if asked.value <= 1800 => Duration::seconds(asked.value.into()) / 2,
        _ => MIN_LEFT,
    };
    least..=Duration::seconds(longest.into()) + CLOCK_TOLERANCE
}

fn chosen(name: &Located<String>) -> Option<String> {
    (name.origin != Origin::Default).then(|| name.value.clone())
}
