//! A place for one session, and what a session has to be to fit in there.

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

/// What a session must have left to be handed out, as the AWS CLI has it.
const MIN_LEFT: Duration = Duration::minutes(15);

/// The longest session of a role, in seconds.
const MAX_DURATION: u32 = 43_200;

/// What may be left beyond the longest session: the clocks of those who write entries differ.
const CLOCK_TOLERANCE: Duration = Duration::minutes(5);

/// A place for one session.
pub struct CacheKey {
    /// The file that it is kept in.
    pub(super) path: PathBuf,
    /// Who asked whom for what: a session with another provenance is another person's or another server's. It names the lock,
    /// too: callers who would not take each other's session need not wait for each other. As the source has the whole way
    /// to the role in it, whoever holds a lock wants only those of shorter ways, and nobody waits in a circle.
    pub(super) provenance: Value,
    /// Whose session it is, and what it is called if somebody chose that.
    role: Option<(RoleArn, Option<String>)>,
    /// Whether the AWS CLI could have got it.
    is_common: bool,
    /// What it must have left, and may have.
    left: RangeInclusive<Duration>,
}

impl CacheKey {
    /// Whether this file is one that the key's session is kept in.
    pub fn is_at(&self, path: &Path) -> bool {
        self.path == path
    }

    /// Whether a kept session is the one that this key is for, with enough time left.
    pub(super) fn accepts(&self, entry: &Entry, now: OffsetDateTime) -> bool {
        let is_ours = match &entry.provenance {
            Some(provenance) => *provenance == self.provenance,
            // The AWS CLI does not say which server it asked.
            None => self.is_common && self.provenance["Endpoint"].is_null(),
        };
        let arn = entry.session.assumed.as_ref().map(|assumed| assumed.arn.as_str());
        let is_right = match (&self.role, arn) {
            // Servers that are not AWS's may not say.
            (Some(_), None | Some("")) => true,
            (Some((role, name)), Some(arn)) => role.is_session(arn, name.as_deref()),
            (None, arn) => arn.is_none() && entry.provenance.is_some(),
        };
        is_ours && is_right && self.left.contains(&(entry.expiration - now))
    }
}

impl Cache {
    /// The keys of a plan's roles, in the order of its hops. `token` is what a web identity or a container shows.
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
            // The caller of the next one.
            source = format!("{source}/{key}");
            session
        };
        plan.hops.iter().map(key_of).collect()
    }

    /// The key of a plan that starts from a web identity, whose token this is.
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

    /// The key of the MFA session that a device opens to a long-term key. `asked`: for how many seconds, if somebody
    /// wants one of his own; otherwise it is the one that serves all roles.
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
            // One that lasts longer than this profile wants is not for it; one that was opened for less is.
            left: left(lasts, lasts.map_or(MAX_DURATION, |duration| duration.value)),
        }
    }

    fn role_path(&self, key: &str) -> PathBuf {
        self.roles.join(Path::new(key).with_extension("json"))
    }
}

/// What a session must have left (half of it, if it was asked for half an hour or less), and may have: what seems to last
/// longer than `longest`, in seconds, is not what it says it is.
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

/// Who the first caller is, without asking for any credentials. A web identity and a container are known by the token that
/// they show, an instance by the machine's name, as homes may be shared.
fn source(source: &Source, token: Option<&str>) -> String {
    let token = || sha1_hex(token.unwrap_or_default());
    match &source.kind {
        SourceKind::Keys { keys, .. } => keys.access_key_id.clone(),
        // Its arguments may be secret.
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
