//! The keys of a role profile: its ARN, and the parameters of the request.

use super::error::PlanError;
use super::{RoleArn, limits};
use crate::config::{Located, Origin, Profile, command, keys};
use crate::env::{Environment, NotText, variables};
use crate::timestamp;

/// The role of a profile, unless it is assumed with a web identity.
pub(super) fn role_of(profile: Profile<'_>) -> Result<Option<Located<RoleArn>>, PlanError> {
    match profile.get(keys::ROLE_ARN) {
        Some(setting) if profile.get(keys::WEB_IDENTITY_TOKEN_FILE).is_none() => read_role(setting.owned()).map(Some),
        _ => Ok(None),
    }
}

pub(super) fn read_role(found: Located<String>) -> Result<Located<RoleArn>, PlanError> {
    match RoleArn::parse(&found.value) {
        Ok(role) => Ok(found.map(|_| role)),
        Err(error) => Err(PlanError::at(&found.origin, error)),
    }
}

/// Whether a profile has any credentials; a `[default]` with only a region has none.
pub(super) fn can_sign(profile: Profile<'_>) -> bool {
    let others = [keys::LOGIN_SESSION, keys::CREDENTIAL_PROCESS];
    let mut keys = keys::OVERRIDING.into_iter().chain(others);
    has_static_keys(profile) || keys.any(|key| profile.get(key).is_some())
}

/// A profile's value, checked; `None` when absent or empty.
pub(super) fn checked(
    setting: Option<Located<&str>>,
    limit: &limits::Limit,
) -> Result<Option<Located<String>>, PlanError> {
    let setting = setting.filter(is_full);
    setting.map(|setting| within(limit, setting.owned())).transpose()
}

/// A value that fits a limit.
pub(super) fn within(limit: &limits::Limit, found: Located<String>) -> Result<Located<String>, PlanError> {
    match limit.check(&found.value) {
        Ok(()) => Ok(found),
        Err(error) => Err(PlanError::at(&found.origin, error)),
    }
}

/// Whether a profile contains access keys, complete or not.
pub(super) fn has_static_keys(profile: Profile<'_>) -> bool {
    profile.get(keys::AWS_ACCESS_KEY_ID).is_some() || profile.get(keys::AWS_SECRET_ACCESS_KEY).is_some()
}

/// `duration_seconds`, in seconds. A value that is not a whole number is ignored, like in the AWS CLI.
pub(super) fn profile_duration(profile: Profile<'_>) -> Result<Option<Located<u32>>, PlanError> {
    let Some(setting) = profile.get(keys::DURATION_SECONDS) else {
        return Ok(None);
    };
    let Some(seconds) = limits::whole_number(setting.value) else {
        return Ok(None);
    };
    if seconds < i64::from(*limits::DURATION.start()) {
        let least = limits::DURATION.start();
        let message = format_args!("`duration_seconds` is {seconds}; STS requires at least {least}");
        return Err(PlanError::at(&setting.origin, message));
    }
    // No maximum: STS knows that of the role. The API's integers are signed.
    let seconds = u32::try_from(seconds).unwrap_or(u32::MAX).min(i32::MAX.cast_unsigned());
    Ok(Some(setting.owned().map(|_| seconds)))
}

/// `credential_process` or `mfa_process`, split into arguments like in the AWS CLI, without a shell.
pub(super) fn command_of(profile: Profile<'_>, key: &'static str) -> Result<Option<Located<Vec<String>>>, PlanError> {
    let Some(setting) = profile.get(key) else {
        return Ok(None);
    };
    match command(setting.value).filter(|words| !words.is_empty()) {
        Some(words) => Ok(Some(setting.owned().map(|_| words))),
        None => {
            let message = format_args!("`{key}` is not a valid command: it is empty, or a quote is not closed");
            Err(PlanError::at(&setting.origin, message))
        }
    }
}

/// The duration of an MFA session in seconds: `ROLENV_MFA_SESSION`, the profile's `mfa_session_duration`, 12 hours.
/// `None` if it is off.
pub(super) fn mfa_session(
    environment: &Environment,
    profile: Option<Profile<'_>>,
) -> Result<Option<Located<u32>>, PlanError> {
    let setting = || profile?.get(keys::MFA_SESSION_DURATION).filter(is_full);
    let Some(found) = variable(environment, variables::ROLENV_MFA_SESSION)?.or_else(setting) else {
        return Ok(Some(Located {
            value: *limits::DURATION.end(),
            origin: Origin::Default,
        }));
    };
    match timestamp::seconds(found.value) {
        Some(seconds) if limits::DURATION.contains(&seconds) => Ok(Some(found.map(|_| seconds))),
        Some(0) => Ok(None),
        None if ["off", "no", "false"].contains(&found.value.to_ascii_lowercase().as_str()) => Ok(None),
        _ => {
            let value = found.value;
            let message = format_args!("invalid MFA session duration `{value}`: must be 15m to 12h, or `off`");
            Err(PlanError::at(&found.origin, message))
        }
    }
}

/// The value of a variable; `None` if it is unset or empty.
pub(super) fn variable<'run>(
    environment: &'run Environment,
    name: &'static str,
) -> Result<Option<Located<&'run str>>, NotText> {
    let origin = Origin::Variable(name);
    Ok(environment.text(name)?.map(|value| Located { value, origin }))
}

/// Whether the value is not empty.
pub(super) fn is_full(setting: &Located<&str>) -> bool {
    !setting.value.is_empty()
}
