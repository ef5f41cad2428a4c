//! The keys of a role profile: its ARN, and the parameters of the request.

use super::error::PlanError;
use super::{RoleArn, limits};
use crate::config::{Located, Origin, Profile, Setting, command};
use crate::env::Environment;
use crate::timestamp;

/// The role of a profile, unless it is assumed with a web identity.
pub(super) fn role_of(profile: Profile<'_>) -> Result<Option<Located<RoleArn>>, PlanError> {
    match profile.get("role_arn") {
        Some(setting) if profile.get("web_identity_token_file").is_none() => read_role(setting.found()).map(Some),
        _ => Ok(None),
    }
}

pub(super) fn read_role(found: Located<String>) -> Result<Located<RoleArn>, PlanError> {
    match RoleArn::parse(&found.value) {
        Ok(role) => Ok(found.map(|_| role)),
        Err(error) => Err(PlanError::BadRole {
            origin: found.origin,
            error,
        }),
    }
}

/// Whether a profile has any credentials; a `[default]` with only a region has none.
pub(super) fn can_sign(profile: Profile<'_>) -> bool {
    const OTHERS: [&str; 6] = [
        "role_arn",
        "web_identity_token_file",
        "sso_role_name",
        "sso_account_id",
        "login_session",
        "credential_process",
    ];
    has_static_keys(profile) || OTHERS.iter().any(|key| profile.get(key).is_some())
}

/// A profile's value, checked; `None` when absent or empty.
pub(super) fn checked(
    setting: Option<Setting<'_>>,
    limit: &limits::Limit,
) -> Result<Option<Located<String>>, PlanError> {
    let setting = setting.filter(is_full);
    setting.map(|setting| within(limit, setting.found())).transpose()
}

/// A value that fits a limit.
pub(super) fn within(limit: &limits::Limit, found: Located<String>) -> Result<Located<String>, PlanError> {
    match limit.check(&found.value) {
        Ok(()) => Ok(found),
        Err(error) => Err(PlanError::BadValue {
            origin: found.origin,
            error,
        }),
    }
}

/// Whether a profile contains access keys, complete or not.
pub(super) fn has_static_keys(profile: Profile<'_>) -> bool {
    profile.get("aws_access_key_id").is_some() || profile.get("aws_secret_access_key").is_some()
}

/// `duration_seconds`, in seconds. A value that is not a whole number is ignored, like in the AWS CLI.
pub(super) fn profile_duration(profile: Profile<'_>) -> Result<Option<Located<u32>>, PlanError> {
    let Some(setting) = profile.get("duration_seconds") else {
        return Ok(None);
    };
    let Some(seconds) = limits::whole_number(setting.value) else {
        return Ok(None);
    };
    if seconds < i64::from(*limits::DURATION.start()) {
        return Err(PlanError::ShortDuration {
            origin: setting.origin(),
            seconds,
        });
    }
    // No maximum: STS knows that of the role. The API's integers are signed.
    let seconds = u32::try_from(seconds).unwrap_or(u32::MAX).min(i32::MAX.cast_unsigned());
    Ok(Some(setting.found().map(|_| seconds)))
}

/// `credential_process` or `mfa_process`, split into arguments like in the AWS CLI, without a shell.
pub(super) fn command_of(profile: Profile<'_>, key: &'static str) -> Result<Option<Located<Vec<String>>>, PlanError> {
    let Some(setting) = profile.get(key) else {
        return Ok(None);
    };
    match command(setting.value).filter(|words| !words.is_empty()) {
        Some(words) => Ok(Some(setting.found().map(|_| words))),
        None => Err(PlanError::BadProcess {
            key,
            origin: setting.origin(),
        }),
    }
}

/// The duration of an MFA session in seconds: `ROLENV_MFA_SESSION`, the profile's `mfa_session_duration`, 12 hours.
/// `None` if it is off.
pub(super) fn mfa_session(
    environment: &Environment,
    profile: Option<Profile<'_>>,
) -> Result<Option<Located<u32>>, PlanError> {
    const VARIABLE: &str = "ROLENV_MFA_SESSION";
    let variable = environment.text(VARIABLE)?.map(|text| Located {
        value: text.to_owned(),
        origin: Origin::Variable(VARIABLE),
    });
    let setting = || profile?.get("mfa_session_duration").filter(is_full);
    let Some(found) = variable.or_else(|| setting().map(|setting| setting.found())) else {
        return Ok(Some(Located {
            value: *limits::DURATION.end(),
            origin: Origin::Default,
        }));
    };
    match timestamp::seconds(&found.value) {
        Some(seconds) if limits::DURATION.contains(&seconds) => Ok(Some(found.map(|_| seconds))),
        Some(0) => Ok(None),
        None if ["off", "no", "false"].contains(&found.value.to_ascii_lowercase().as_str()) => Ok(None),
        _ => Err(PlanError::BadMfaSession {
            value: found.value,
            origin: found.origin,
        }),
    }
}

/// Whether the value is not empty.
pub(super) fn is_full(setting: &Setting<'_>) -> bool {
    !setting.value.is_empty()
}
