//! Where the requests go: region and endpoint, in the order of precedence of AWS CLI v2.

use super::failure::PlanError;
use super::request::Request;
use super::{Profile, Profiles, Setting, limits};
use crate::environment::{Environment, NotText};

/// The way to STS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// `None` is the global endpoint.
    pub region: Option<String>,
    /// A custom endpoint, scheme and all.
    pub endpoint: Option<String>,
    /// The region's FIPS endpoint. Without effect on a custom one.
    pub fips: bool,
    /// The region's dual-stack endpoint. Without effect on a custom one.
    pub dual_stack: bool,
}

/// Works the way out from the command line, the environment and the profile that was asked for: never from a source
/// profile behind it, never from `[default]`.
pub(super) fn reach(
    request: &Request,
    environment: &Environment,
    profiles: &Profiles<'_>,
    session_profile: Option<Profile<'_>>,
) -> Result<Reach, PlanError> {
    let is_set = |variable, key| is_true(environment, variable, session_profile, key);
    let endpoint = if is_set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")? {
        None
    } else {
        endpoint(environment, profiles, session_profile)?
    };
    Ok(Reach {
        region: region(request, environment, session_profile)?,
        endpoint,
        fips: is_set("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")?,
        dual_stack: is_set("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")?,
    })
}

/// The region that a profile names.
pub(super) fn region_of(profile: Profile<'_>) -> Result<Option<String>, PlanError> {
    let Some(setting) = non_empty(profile, "region") else {
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

/// `--region`, the environment, the profile.
fn region(
    request: &Request,
    environment: &Environment,
    session_profile: Option<Profile<'_>>,
) -> Result<Option<String>, PlanError> {
    if let Some(region) = &request.region {
        return Ok(Some(region.clone()));
    }
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        if let Some(region) = environment.text(name)? {
            limits::REGION.check(region).map_err(|error| PlanError::BadValue {
                place: format!("`{name}`"),
                error,
            })?;
            return Ok(Some(region.to_owned()));
        }
    }
    session_profile.map_or(Ok(None), region_of)
}

/// `AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL`, the `sts` of the profile's `services` section, its `endpoint_url`.
fn endpoint(
    environment: &Environment,
    profiles: &Profiles<'_>,
    session_profile: Option<Profile<'_>>,
) -> Result<Option<String>, PlanError> {
    for name in ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"] {
        if let Some(url) = environment.text(name)? {
            return checked_url(url, || format!("`{name}`")).map(Some);
        }
    }
    let Some(profile) = session_profile else {
        return Ok(None);
    };
    if let Some(services) = non_empty(profile, "services") {
        let Some(section) = profiles.services(services.value) else {
            return Err(PlanError::MissingServices {
                name: services.value.to_owned(),
                place: services.place(),
            });
        };
        let setting = section.nested("sts", "endpoint_url");
        if let Some(setting) = setting.filter(|setting| !setting.value.is_empty()) {
            return checked_url(setting.value, || setting.place()).map(Some);
        }
    }
    match non_empty(profile, "endpoint_url") {
        Some(setting) => checked_url(setting.value, || setting.place()).map(Some),
        None => Ok(None),
    }
}

fn non_empty<'profiles>(profile: Profile<'profiles>, key: &str) -> Option<Setting<'profiles>> {
    profile.get(key).filter(|setting| !setting.value.is_empty())
}

/// Only `true`, in any case, counts, as in the AWS CLI: `1` does not. The variable wins over the profile's key.
fn is_true(
    environment: &Environment,
    variable: &str,
    profile: Option<Profile<'_>>,
    key: &str,
) -> Result<bool, NotText> {
    let value = match environment.text(variable)? {
        Some(value) => Some(value),
        None => profile
            .and_then(|profile| profile.get(key))
            .map(|setting| setting.value),
    };
    Ok(value.is_some_and(|value| value.eq_ignore_ascii_case("true")))
}

/// An URL that the HTTP client will take; told here because its own error would show the request's body.
fn checked_url(url: &str, place: impl Fn() -> String) -> Result<String, PlanError> {
    let parsed = url.parse::<http::Uri>().ok();
    let fits = parsed.is_some_and(|uri| {
        let scheme = matches!(uri.scheme_str(), Some("http" | "https"));
        let host = uri.host().is_some_and(|host| !host.is_empty());
        // A user name or a query has no place in front of an STS, and may be a secret. Uri leaves a port that is none
        // unread.
        let plain = uri.query().is_none()
            && uri.authority().is_some_and(|authority| {
                let rest = authority.as_str().strip_prefix(authority.host());
                rest.is_some_and(|rest| rest.is_empty() || authority.port_u16().is_some())
            });
        scheme && host && plain
    });
    if fits {
        Ok(url.to_owned())
    } else {
        Err(PlanError::BadEndpoint { place: place() })
    }
}
