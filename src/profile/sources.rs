//! The first credentials that a profile or an environment holds itself, in botocore's order of precedence.

use super::failure::PlanError;
use super::limits::{self, Limit};
use super::request::Signer;
use super::{Keys, Kind, Profile, RoleArn, Secret, Setting};
use crate::environment::Environment;

/// The role of a profile. A `web_identity_token_file` beside it makes it another matter: that role is assumed
/// without credentials.
pub(super) fn role_of(profile: Profile<'_>) -> Result<Option<RoleArn>, PlanError> {
    match profile.get("role_arn") {
        Some(setting) if profile.get("web_identity_token_file").is_none() => match RoleArn::parse(setting.value) {
            Ok(role) => Ok(Some(role)),
            Err(error) => Err(PlanError::BadRole {
                place: setting.place(),
                error,
            }),
        },
        _ => Ok(None),
    }
}

pub(super) fn has_static_keys(profile: Profile<'_>) -> bool {
    profile.get("aws_access_key_id").is_some() || profile.get("aws_secret_access_key").is_some()
}

/// Whether a profile has anything to sign with; a bare `[default]` with a region has not.
pub(super) fn can_sign(profile: Profile<'_>) -> bool {
    let elsewhere = || {
        BEFORE_KEYS
            .iter()
            .chain(&BETWEEN_KEYS)
            .any(|key| profile.get(key).is_some())
    };
    has_static_keys(profile) || profile.get("role_arn").is_some() || elsewhere()
}

/// Sources that win over static keys in either file.
const BEFORE_KEYS: [&str; 3] = ["web_identity_token_file", "sso_role_name", "sso_account_id"];

/// Sources that win over static keys in the config file, but not over those in the credentials file.
const BETWEEN_KEYS: [&str; 2] = ["login_session", "credential_process"];

/// The credentials that a profile holds itself; its role, if it has one, does not count.
pub(super) fn credentials(profile: Profile<'_>) -> Result<Signer, PlanError> {
    let elsewhere = |keys: &[&'static str]| {
        let found = keys.iter().find_map(|&key| Some((key, profile.get(key)?)));
        found.map_or(Ok(()), |(key, setting)| {
            Err(PlanError::UnreadSource {
                profile: profile.name().to_owned(),
                key,
                place: setting.place(),
            })
        })
    };
    elsewhere(&BEFORE_KEYS)?;
    if let Some(keys) = static_keys(profile, Kind::Credentials)? {
        return Ok(keys);
    }
    elsewhere(&BETWEEN_KEYS)?;
    if let Some(keys) = static_keys(profile, Kind::Config)? {
        return Ok(keys);
    }
    Err(PlanError::NoCredentials {
        profile: profile.name().to_owned(),
    })
}

/// The keys that one of the files holds; the other file does not complete them.
fn static_keys(profile: Profile<'_>, kind: Kind) -> Result<Option<Signer>, PlanError> {
    let Some(access_key_id) = profile.get_in(kind, "aws_access_key_id") else {
        return Ok(None);
    };
    let partial = |has, lacks, at: Setting<'_>| PlanError::PartialCredentials {
        profile: profile.name().to_owned(),
        has,
        lacks,
        place: at.place(),
    };
    let get = |key| profile.get_in(kind, key).filter(|setting| !setting.value.is_empty());
    let Some(secret) = get("aws_secret_access_key") else {
        return Err(partial("aws_access_key_id", "aws_secret_access_key", access_key_id));
    };
    if access_key_id.value.is_empty() {
        return Err(partial("aws_secret_access_key", "aws_access_key_id", access_key_id));
    }
    // botocore tries the old name first.
    let token = get("aws_security_token").or_else(|| get("aws_session_token"));
    for setting in [Some(access_key_id), Some(secret), token].into_iter().flatten() {
        if !is_sendable(setting.value) {
            return Err(PlanError::BadKey { place: setting.place() });
        }
    }
    Ok(Some(Signer {
        keys: Keys {
            access_key_id: access_key_id.value.to_owned(),
            secret_access_key: Secret::new(secret.value),
            session_token: token.map(|token| Secret::new(token.value)),
        },
        whose: format!("profile `{}`", profile.name()),
    }))
}

/// Keys and tokens are of printable ASCII. Anything else is a slip of copying, and no request could carry it.
fn is_sendable(key: &str) -> bool {
    key.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The credentials in an environment; `None` when it has none.
pub(super) fn environment_keys(environment: &Environment) -> Result<Option<Signer>, PlanError> {
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
                place: format!("`{name}`"),
            });
        }
    }
    Ok(Some(Signer {
        keys: Keys {
            access_key_id: access_key_id.to_owned(),
            secret_access_key: Secret::new(secret),
            session_token: token.map(Secret::new),
        },
        whose: "the keys in the environment".to_owned(),
    }))
}

/// A profile's value, checked; `None` when absent or empty.
pub(super) fn checked(setting: Option<Setting<'_>>, limit: &Limit) -> Result<Option<String>, PlanError> {
    let Some(setting) = setting.filter(|setting| !setting.value.is_empty()) else {
        return Ok(None);
    };
    match limit.check(setting.value) {
        Ok(()) => Ok(Some(setting.value.to_owned())),
        Err(error) => Err(PlanError::BadValue {
            place: setting.place(),
            error,
        }),
    }
}

/// `duration_seconds`, in seconds. What is not a whole number is ignored, as the AWS CLI ignores it.
pub(super) fn profile_duration(profile: Profile<'_>) -> Result<Option<u32>, PlanError> {
    let Some(setting) = profile.get("duration_seconds") else {
        return Ok(None);
    };
    let Ok(seconds) = setting.value.trim().parse::<i64>() else {
        return Ok(None);
    };
    if seconds < i64::from(*limits::DURATION.start()) {
        return Err(PlanError::ShortDuration {
            place: setting.place(),
            seconds,
        });
    }
    // No maximum: the role's own is STS's to tell. The API's integers are signed.
    Ok(Some(
        u32::try_from(seconds).unwrap_or(u32::MAX).min(i32::MAX.cast_unsigned()),
    ))
}
