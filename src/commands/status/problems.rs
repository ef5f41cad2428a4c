//! Problems of an environment: AWS tools would fail in a confusing way, or act as another identity.

use super::report::{SetBy, Status};
use crate::env::{Basis, Environment, Var};
use crate::timestamp;

/// Why programs in `environment` fail, or act as another identity.
pub(super) fn problems(environment: &Environment, status: &Status) -> Vec<String> {
    let is_set = |var| text(environment, var).is_some();
    let mut problems: Vec<String> = end(environment, status).into_iter().collect();
    match (is_set(Var::AccessKeyId), is_set(Var::SecretAccessKey)) {
        (true, true) => problems.extend(keys(environment, status)),
        (true, false) => problems.push("`AWS_ACCESS_KEY_ID` is set but `AWS_SECRET_ACCESS_KEY` is not".to_owned()),
        (false, true) => problems.push("`AWS_SECRET_ACCESS_KEY` is set but `AWS_ACCESS_KEY_ID` is not".to_owned()),
        (false, false) if status.set_by == SetBy::Rolenv => {
            problems
                .push("the credentials that rolenv set are missing: programs use your own configuration".to_owned());
        }
        (false, false) => {}
    }
    let credentials = [
        Var::AccessKeyId,
        Var::SecretAccessKey,
        Var::SessionToken,
        Var::SecurityToken,
    ];
    let garbled = credentials
        .into_iter()
        .filter(|var| environment.text(var.name()).is_err());
    problems.extend(garbled.map(|var| format!("the value of `{}` is not valid UTF-8", var.name())));
    problems
}

/// An expired session, or one with an invalid expiration.
fn end(environment: &Environment, status: &Status) -> Option<String> {
    let written = text(environment, Var::CredentialExpiration)?;
    match &status.end {
        Some(end) if end.left.is_positive() => None,
        Some(end) => Some(format!(
            "the session expired {} ago, at {}",
            timestamp::roughly(-end.left),
            timestamp::format(end.at).unwrap_or(written)
        )),
        None if status.access_key.is_none() => None,
        None => Some(format!(
            "`AWS_CREDENTIAL_EXPIRATION` is `{written}`, not a timestamp like 2026-11-22T15:04:05Z: the AWS CLI rejects \
             the credentials"
        )),
    }
}

/// Keys and tokens that do not belong together.
fn keys(environment: &Environment, status: &Status) -> Vec<String> {
    let mut problems = Vec::new();
    let old = text(environment, Var::SecurityToken);
    if old.is_some() && old != text(environment, Var::SessionToken) {
        problems.push(
            "`AWS_SECURITY_TOKEN` differs from `AWS_SESSION_TOKEN`; the AWS CLI uses the former, and AWS will reject \
             it"
            .to_owned(),
        );
    }
    let id = text(environment, Var::AccessKeyId).unwrap_or_default();
    let key = status.access_key.as_deref().unwrap_or_default();
    match (id.get(..4), token(environment)) {
        _ if status.lacks_token => problems.push(format!(
            "access key `{key}` is temporary, but `AWS_SESSION_TOKEN` is not set: AWS will reject it"
        )),
        (Some("AKIA"), Some(_)) => problems.push(format!(
            "access key `{key}` is long-term, but a session token is set: AWS will reject it"
        )),
        (Some("AKIA"), None) if status.role.is_some() => problems.push(format!(
            "access key `{key}` is long-term: it was set after the role was assumed"
        )),
        _ => {}
    }
    problems
}

/// Whether the access key is temporary, but there is no session token. These are AWS's prefixes; the keys of other
/// servers may have others.
pub(super) fn lacks_token(environment: &Environment) -> bool {
    let id = text(environment, Var::AccessKeyId);
    id.is_some_and(|id| id.starts_with("ASIA")) && token(environment).is_none()
}

/// Notes: remarkable, but not a problem.
pub(super) fn notes(environment: &Environment, status: &Status) -> Vec<String> {
    let mut notes = Vec::new();
    let since = match status.set_by {
        SetBy::Rolenv => " after the role was assumed",
        SetBy::None | SetBy::User => "",
    };
    if let Some((var, profile)) = status.profile.as_ref().filter(|_| status.access_key.is_some()) {
        notes.push(format!(
            "`{}` (`{profile}`) is set in addition to the keys{since}: the AWS CLI uses the keys but fails if the profile \
             does not exist, the SDK for JavaScript uses the profile",
            var.name()
        ));
    }
    if environment.changed_inside().contains(&Var::AccountId) && text(environment, Var::AccountId).is_some() {
        notes.push(
            "`AWS_ACCOUNT_ID` was set after the role was assumed: newer SDKs use it as the account of the keys"
                .to_owned(),
        );
    }
    if let (Some(region), Some(other)) = (text(environment, Var::Region), text(environment, Var::DefaultRegion))
        && region != other
    {
        notes.push(format!(
            "`AWS_REGION` is `{region}`, `AWS_DEFAULT_REGION` is `{other}`: AWS CLI v1 reads only the second one"
        ));
    }
    match status.clear.basis {
        Basis::Corrupt => {
            notes
                .push("`ROLENV_RESTORE` is corrupt: `clear` will unset the credentials and restore nothing".to_owned());
        }
        Basis::Missing if status.set_by == SetBy::Rolenv => notes.push(
            if status.clear.unsets.contains(&Var::AccessKeyId) {
                "`ROLENV_RESTORE` is not set: `clear` will unset the credentials and restore nothing"
            } else {
                "`ROLENV_RESTORE` is not set: `clear` will restore nothing"
            }
            .to_owned(),
        ),
        Basis::Missing | Basis::Valid => {}
    }
    notes
}

/// A variable's value, if it is not empty. Invalid Unicode is replaced.
pub(super) fn text(environment: &Environment, var: Var) -> Option<String> {
    let value = environment.get(var.name())?.to_string_lossy().into_owned();
    Some(value).filter(|value| !value.is_empty())
}

/// The session token that the AWS CLI uses: it reads the old name first.
pub(super) fn token(environment: &Environment) -> Option<String> {
    text(environment, Var::SecurityToken).or_else(|| text(environment, Var::SessionToken))
}
