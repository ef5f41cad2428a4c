//! Access keys in a file or in the environment.

use crate::config::{FileKind, Origin, Profile, Setting};
use crate::credentials::Keys;
use crate::env::Environment;
use crate::plan::error::PlanError;
use crate::plan::settings::is_full;
use crate::plan::source::{Source, SourceKind};
use crate::secret::Secret;
use crate::timestamp;

/// The expiration of stored keys. saml2aws and okta-aws-cli write this key, and prompts such as starship read it. The
/// AWS CLI and the SDKs ignore it.
pub const EXPIRES: &str = "x_security_token_expires";

/// The keys in one of the files; the other file does not complete them.
pub(super) fn static_keys(profile: Profile<'_>, kind: FileKind) -> Result<Option<Source>, PlanError> {
    let Some(access_key_id) = profile.get_in(kind, "aws_access_key_id") else {
        return Ok(None);
    };
    let partial = |has, lacks, at: Setting<'_>| PlanError::PartialCredentials {
        profile: profile.name().to_owned(),
        has,
        lacks,
        origin: at.origin(),
    };
    let get = |key| profile.get_in(kind, key).filter(is_full);
    let Some(secret) = get("aws_secret_access_key") else {
        return Err(partial("aws_access_key_id", "aws_secret_access_key", access_key_id));
    };
    if access_key_id.value.is_empty() {
        return Err(partial("aws_secret_access_key", "aws_access_key_id", access_key_id));
    }
    // botocore reads the old name first.
    let token = get("aws_security_token").or_else(|| get("aws_session_token"));
    for setting in [Some(access_key_id), Some(secret), token].into_iter().flatten() {
        if !is_sendable(setting.value) {
            return Err(PlanError::BadKey {
                origin: setting.origin(),
            });
        }
    }
    // Long-term keys do not expire: a remaining expiration belongs to an earlier session.
    let expires = token.and_then(|_| get(EXPIRES));
    Ok(Some(Source::new(
        Some(profile.name()),
        access_key_id.origin(),
        SourceKind::Keys {
            keys: Keys {
                access_key_id: access_key_id.value.to_owned(),
                secret_access_key: Secret::new(secret.value),
                session_token: token.map(|token| Secret::new(token.value)),
            },
            expiration: expires.and_then(|setting| timestamp::parse(setting.value)),
        },
    )))
}

/// Keys and tokens are printable ASCII. Anything else is a copying error that no request could contain.
fn is_sendable(key: &str) -> bool {
    key.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The keys in an environment, if there are any.
pub(in crate::plan) fn environment_keys(environment: &Environment) -> Result<Option<Source>, PlanError> {
    let Some(access_key_id) = environment.text("AWS_ACCESS_KEY_ID")? else {
        return Ok(None);
    };
    let Some(secret) = environment.text("AWS_SECRET_ACCESS_KEY")? else {
        return Err(PlanError::PartialEnvironment);
    };
    let token = match environment.text("AWS_SECURITY_TOKEN")? {
        Some(token) => Some(token),
        None => environment.text("AWS_SESSION_TOKEN")?,
    };
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", Some(access_key_id)),
        ("AWS_SECRET_ACCESS_KEY", Some(secret)),
        ("AWS_SESSION_TOKEN", token),
    ] {
        if value.is_some_and(|value| !is_sendable(value)) {
            return Err(PlanError::BadKey {
                origin: Origin::Variable(name),
            });
        }
    }
    // botocore reads it together with the keys, and fails if it is invalid.
    let expiration = match environment.text("AWS_CREDENTIAL_EXPIRATION")? {
        None => None,
        Some(text) => Some(timestamp::parse(text).ok_or_else(|| PlanError::BadExpiration { text: text.to_owned() })?),
    };
    Ok(Some(Source::new(
        None,
        Origin::Variable("AWS_ACCESS_KEY_ID"),
        SourceKind::Keys {
            keys: Keys {
                access_key_id: access_key_id.to_owned(),
                secret_access_key: Secret::new(secret),
                session_token: token.map(Secret::new),
            },
            expiration,
        },
    )))
}
