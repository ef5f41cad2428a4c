//! Access keys in a file or in the environment.

use crate::config::{FileKind, Located, Profile, keys};
use crate::credentials::Keys;
use crate::env::{Environment, Var};
use crate::plan::error::PlanError;
use crate::plan::settings::{is_full, variable};
use crate::plan::source::{Source, SourceKind};
use crate::secret::Secret;
use crate::timestamp;

/// The keys in one of the files; the other file does not complete them.
pub(super) fn static_keys(profile: Profile<'_>, kind: FileKind) -> Result<Option<Source>, PlanError> {
    let Some(access_key_id) = profile.get_in(kind, keys::AWS_ACCESS_KEY_ID) else {
        return Ok(None);
    };
    let partial = |has, lacks, value: &Located<&str>| {
        let message = format_args!("profile `{}` has `{has}` but no `{lacks}`", profile.name());
        PlanError::at(&value.origin, message)
    };
    let get = |key| profile.get_in(kind, key).filter(is_full);
    let Some(secret) = get(keys::AWS_SECRET_ACCESS_KEY) else {
        return Err(partial(
            keys::AWS_ACCESS_KEY_ID,
            keys::AWS_SECRET_ACCESS_KEY,
            &access_key_id,
        ));
    };
    if access_key_id.value.is_empty() {
        return Err(partial(
            keys::AWS_SECRET_ACCESS_KEY,
            keys::AWS_ACCESS_KEY_ID,
            &access_key_id,
        ));
    }
    // botocore reads the old name first.
    let token = get(keys::AWS_SECURITY_TOKEN).or_else(|| get(keys::AWS_SESSION_TOKEN));
    let mut checked = checked_keys(&access_key_id, &secret, token.as_ref())?;
    checked.account_id = get(keys::AWS_ACCOUNT_ID).map(|found| found.value.to_owned());
    // Long-term keys do not expire: a remaining expiration belongs to an earlier session.
    let expires = token.and_then(|_| get(keys::X_SECURITY_TOKEN_EXPIRES));
    let expiration = expires.and_then(|setting| timestamp::parse(setting.value));
    let kind = SourceKind::Keys {
        keys: checked,
        expiration,
    };
    Ok(Some(Source::new(Some(profile.name()), access_key_id.origin, kind)))
}

/// The keys in an environment, if there are any.
pub(in crate::plan) fn environment_keys(environment: &Environment) -> Result<Option<Source>, PlanError> {
    let get = |name| variable(environment, name);
    let Some(access_key_id) = get(Var::AccessKeyId.name())? else {
        return Ok(None);
    };
    let Some(secret) = get(Var::SecretAccessKey.name())? else {
        return Err(PlanError::config(
            "`AWS_ACCESS_KEY_ID` is set but `AWS_SECRET_ACCESS_KEY` is not",
        ));
    };
    let token = match get(Var::SecurityToken.name())? {
        Some(token) => Some(token),
        None => get(Var::SessionToken.name())?,
    };
    let keys = checked_keys(&access_key_id, &secret, token.as_ref())?;
    // botocore reads it together with the keys, and fails if it is invalid.
    let expiration = get(Var::CredentialExpiration.name())?;
    let expiration = expiration.map(|text| {
        timestamp::parse(text.value).ok_or_else(|| {
            PlanError::config(format_args!(
                "{} is `{}`: must be a timestamp like 2026-11-22T15:04:05Z",
                text.origin, text.value
            ))
        })
    });
    let kind = SourceKind::Keys {
        keys,
        expiration: expiration.transpose()?,
    };
    Ok(Some(Source::new(None, access_key_id.origin, kind)))
}

/// Keys and tokens are printable ASCII. Anything else is a copying error that no request could contain. The value is not
/// repeated.
fn checked_keys(
    access_key_id: &Located<&str>,
    secret: &Located<&str>,
    token: Option<&Located<&str>>,
) -> Result<Keys, PlanError> {
    for Located { value, origin } in [Some(access_key_id), Some(secret), token].into_iter().flatten() {
        if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            let message = "invalid key: it contains whitespace, control or non-ASCII characters";
            return Err(PlanError::at(origin, message));
        }
    }
    Ok(Keys {
        access_key_id: access_key_id.value.to_owned(),
        secret_access_key: Secret::new(secret.value),
        session_token: token.map(|token| Secret::new(token.value)),
        account_id: None,
    })
}
