//! Cache keys: where a session is stored, and which cached session may be used.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::Cache;
use super::entry::Entry;
use super::file_name;
use crate::config::{Located, Origin};
use crate::digest::sha1_hex;
use crate::plan::{Hop, MfaDevice, Plan, RoleArn, SessionOptions, Source, SourceKind, WebIdentity};

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
    /// Caller, endpoint and role of the request. A cached session is used only if this matches. Also the name of the
    /// lock. Deadlock-free: the value contains the whole chain, so the holder of a lock only ever waits for locks of
    /// shorter chains.
    pub(super) provenance: Value,
    /// The role, and the session name if it was configured.
    role: Option<(RoleArn, Option<String>)>,
    /// Whether the AWS CLI could have requested it.
    is_common: bool,
    /// The time that a usable session has left.
    left: RangeInclusive<Duration>,
}

impl CacheKey {
    /// Whether this is the file of the session.
    pub fn is_at(&self, path: &Path) -> bool {
        self.path == path
    }

    /// Whether a cached session belongs to this key and has enough time left.
    pub(super) fn accepts(&self, entry: &Entry, now: OffsetDateTime) -> bool {
        let is_ours = match &entry.provenance {
            Some(provenance) => *provenance == self.provenance,
            // The AWS CLI does not record the endpoint.
            None => self.is_common && self.provenance["Endpoint"].is_null(),
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
    /// The keys of a plan's roles, in order. `token`: the token of a web identity or a container.
    pub fn roles(&self, plan: &Plan, token: Option<&str>) -> Vec<CacheKey> {
        let mut source = source(&plan.source, token);
        if let SourceKind::WebIdentity(identity) = &plan.source.kind {
            source = format!(
                "{source}/{}",
                file_name::of_web_identity(identity, token.unwrap_or_default())
            );
        }
        let key_of = |hop: &Hop| {
            let key = file_name::of_hop(hop);
            let session = CacheKey {
                path: self.role_path(&key),
                provenance: provenance(plan, &source, &key, &hop.role.value),
                is_common: hop.options == SessionOptions::default(),
                role: Some((hop.role.value.clone(), chosen(&hop.session_name))),
                left: left(hop.duration.as_ref(), MAX_DURATION),
            };
            // The caller of the next role.
            source = format!("{source}/{key}");
            session
        };
        plan.hops.iter().map(key_of).collect()
    }

    /// The key of the web identity that a plan starts from.
    pub fn web_identity(&self, plan: &Plan, identity: &WebIdentity, token: &str) -> CacheKey {
        let key = file_name::of_web_identity(identity, token);
        let source = source(&plan.source, Some(token));
        CacheKey {
            path: self.role_path(&key),
            provenance: provenance(plan, &source, &key, &identity.role.value),
            is_common: identity.options == SessionOptions::default(),
            role: Some((identity.role.value.clone(), chosen(&identity.session_name))),
            left: left(identity.duration.as_ref(), MAX_DURATION),
        }
    }

    /// The key of an MFA session. `asked`: the duration in seconds of an explicitly requested session; `None` is the
    /// session for all roles.
    pub fn mfa_session(
        &self,
        plan: &Plan,
        access_key_id: &str,
        device: &MfaDevice,
        asked: Option<&Located<u32>>,
    ) -> CacheKey {
        let endpoint = plan.endpoint_config.endpoint.as_ref().map(|url| url.value.as_str());
        let key = file_name::of_mfa_session(access_key_id, device, endpoint, asked.map(|duration| duration.value));
        let lasts = asked.or(device.session.as_ref());
        CacheKey {
            path: self.own.join(format!("{key}.json")),
            provenance: json!({
                "Source": access_key_id,
                "Endpoint": endpoint,
                "SerialNumber": device.serial.value,
                "DurationSeconds": asked.map(|duration| duration.value),
            }),
            role: None,
            is_common: false,
            // A longer session than this profile allows is not used; a shorter one is.
            left: left(lasts, lasts.map_or(MAX_DURATION, |duration| duration.value)),
        }
    }

    fn role_path(&self, key: &str) -> PathBuf {
        self.roles.join(Path::new(key).with_extension("json"))
    }
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

fn provenance(plan: &Plan, source: &str, key: &str, role: &RoleArn) -> Value {
    json!({
        "Source": source,
        "Key": key,
        "Endpoint": plan.endpoint_config.endpoint.as_ref().map(|url| &url.value),
        "Partition": role.partition(),
        "RoleArn": role.to_string(),
    })
}

/// Identifies the source without reading credentials: a web identity and a container by their token, an instance by the
/// machine's name, because homes may be shared.
fn source(source: &Source, token: Option<&str>) -> String {
    let token = || sha1_hex(token.unwrap_or_default());
    match &source.kind {
        SourceKind::Keys { keys, .. } => keys.access_key_id.clone(),
        // The arguments may be secret.
        SourceKind::Process { command } => format!("process:{}", sha1_hex(&command.join("\0"))),
        SourceKind::Sso(sso) => format!(
            "sso:{}:{}:{}",
            sso.account_id.value, sso.role_name.value, sso.start_url.value
        ),
        SourceKind::WebIdentity(identity) => {
            format!("web-identity:{}:{}", token(), identity.token_file.value)
        }
        SourceKind::Container(container) => format!("container:{}:{}", token(), container.url.value),
        SourceKind::Instance(instance) => format!("instance:{}:{}", machine(), instance.endpoint.value),
    }
}

#[cfg(unix)]
fn machine() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn machine() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}
