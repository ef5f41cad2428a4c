//! Where the requests go: region and endpoint, in the order of precedence of AWS CLI v2.

use super::plan::{PlanError, Request};
use super::{Profile, limits};
use crate::environment::{Environment, NotText};

/// The region that a profile names.
pub(super) fn region_of(profile: Profile<'_>) -> Result<Option<String>, PlanError> {
    let Some(setting) = profile.get("region").filter(|setting| !setting.value.is_empty()) else {
        return Ok(None);
    };
    match limits::REGION.check(setting.value) {
        Ok(()) => Ok(Some(setting.value.to_owned())),
        Err(error) => Err(PlanError::BadValue {
            place: setting.place(),
            error,
        }),
    }
}

/// The region to send requests to: `--region`, the environment, the profile that was asked for. Never that of a
/// source profile behind it, never `[default]`'s.
pub(super) fn region(
    request: &Request,
    original: &Environment,
    session_profile: Option<Profile<'_>>,
) -> Result<Option<String>, PlanError> {
    if let Some(region) = &request.region {
        return Ok(Some(region.clone()));
    }
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        if let Some(region) = original.text(name)? {
            limits::REGION.check(region).map_err(|error| PlanError::BadValue {
                place: format!("`{name}`"),
                error,
            })?;
            return Ok(Some(region.to_owned()));
        }
    }
    session_profile.map_or(Ok(None), region_of)
}

/// A custom endpoint: `AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL`, then the profile's `endpoint_url`.
pub(super) fn endpoint(
    original: &Environment,
    session_profile: Option<Profile<'_>>,
) -> Result<Option<String>, PlanError> {
    if is_true(original, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")? {
        return Ok(None);
    }
    for name in ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"] {
        if let Some(url) = original.text(name)? {
            return checked_url(url, || format!("`{name}`")).map(Some);
        }
    }
    let setting = session_profile.and_then(|profile| profile.get("endpoint_url"));
    match setting.filter(|setting| !setting.value.is_empty()) {
        Some(setting) => checked_url(setting.value, || setting.place()).map(Some),
        None => Ok(None),
    }
}

/// Only `true`, in any case, counts, as in the AWS CLI: `1` does not.
fn is_true(original: &Environment, name: &str) -> Result<bool, NotText> {
    let value = original.text(name)?;
    Ok(value.is_some_and(|value| value.eq_ignore_ascii_case("true")))
}

/// An URL that the HTTP client will take; told here because its own error would show the request's body.
fn checked_url(url: &str, place: impl Fn() -> String) -> Result<String, PlanError> {
    let parsed = url.parse::<http::Uri>().ok();
    let fits = parsed.is_some_and(|uri| {
        let scheme = matches!(uri.scheme_str(), Some("http" | "https"));
        let host = uri.host().is_some_and(|host| !host.is_empty());
        // Uri leaves a port that is none unread, and a user name has no place in front of an STS.
        let plain = uri.authority().is_some_and(|authority| {
            let named = authority.as_str();
            let rest = named.strip_prefix(authority.host()).unwrap_or(named);
            rest.is_empty() || authority.port_u16().is_some()
        });
        scheme && host && plain
    });
    if fits {
        return Ok(url.to_owned());
    }
    Err(PlanError::BadEndpoint {
        place: place(),
        url: url.to_owned(),
    })
}
