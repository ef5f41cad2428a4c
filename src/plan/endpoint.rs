//! Where requests go: region, endpoint, certificates, retries and proxy, in the order of precedence of AWS CLI v2.

use std::path::PathBuf;

use super::error::PlanError;
use super::proxy::{self, Proxy};
use super::role::partition_of_region;
use super::settings::{variable, within};
use super::{RoleArn, limits};
use crate::cli::RoleArgs;
use crate::config::{Located, Origin, Profile, Profiles, keys};
use crate::env::{Environment, NotText, Var, variables};

/// How a service is reached.
#[derive(Clone)]
pub struct EndpointConfig {
    /// `None` is the global endpoint.
    pub region: Option<Located<String>>,
    /// A custom endpoint URL.
    pub endpoint: Option<Located<String>>,
    /// Use the FIPS endpoint. Ignored for a custom endpoint.
    pub fips: bool,
    /// Use the dual-stack endpoint. Ignored for a custom endpoint.
    pub dual_stack: bool,
    /// Certificates to trust in place of the system's.
    pub ca_bundle: Option<Located<PathBuf>>,
    /// The maximum number of attempts.
    pub attempts: Located<u32>,
    /// The proxy, if one is used.
    pub proxy: Option<Proxy>,
}

/// A service whose endpoint can be configured.
#[derive(Clone, Copy)]
pub(super) enum Service {
    Sts,
    Sso,
    SsoOidc,
}

impl Service {
    /// The first part of its host names.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::Sso => "portal.sso",
            Self::SsoOidc => "oidc",
        }
    }

    /// The variable for its endpoint, and its key in a `[services]` section, by botocore's rule.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Sts => (variables::AWS_ENDPOINT_URL_STS, "sts"),
            Self::Sso => (variables::AWS_ENDPOINT_URL_SSO, "sso"),
            Self::SsoOidc => (variables::AWS_ENDPOINT_URL_SSO_OIDC, "sso_oidc"),
        }
    }
}

/// The layers of settings: the command line, the environment and the target profile. Never its source profile, never
/// `[default]`.
#[derive(Clone, Copy)]
pub(super) struct ConfigLayers<'search> {
    pub(super) request: &'search RoleArgs,
    /// The user's own environment, or with `--chain` the current one.
    pub(super) environment: &'search Environment,
    pub(super) profiles: &'search Profiles<'search>,
    pub(super) session_profile: Option<Profile<'search>>,
}

impl<'search> ConfigLayers<'search> {
    /// The endpoint of STS.
    pub(super) fn sts(&self) -> Result<EndpointConfig, PlanError> {
        self.endpoint_config(Service::Sts, self.region()?)
    }

    /// The endpoint of a service in a region.
    pub(super) fn endpoint_config(
        &self,
        service: Service,
        region: Option<Located<String>>,
    ) -> Result<EndpointConfig, PlanError> {
        let ignores = self.is_true(
            variables::AWS_IGNORE_CONFIGURED_ENDPOINT_URLS,
            keys::IGNORE_CONFIGURED_ENDPOINT_URLS,
        )?;
        let endpoint = if ignores { None } else { self.endpoint(service)? };
        let mut endpoint_config = EndpointConfig {
            region,
            proxy: None,
            endpoint,
            fips: self.is_true(variables::AWS_USE_FIPS_ENDPOINT, keys::USE_FIPS_ENDPOINT)?,
            dual_stack: self.is_true(variables::AWS_USE_DUALSTACK_ENDPOINT, keys::USE_DUALSTACK_ENDPOINT)?,
            ca_bundle: self.ca_bundle()?,
            attempts: self.attempts()?,
        };
        let is_plain = endpoint_config.is_plain();
        endpoint_config.proxy = proxy::find(self.environment, is_plain, &endpoint_config.authority(service))?;
        Ok(endpoint_config)
    }

    /// A setting from a variable or the target profile. The variable wins; empty values are ignored.
    pub(super) fn setting(&self, variable: &'static str, key: &str) -> Result<Option<Located<String>>, NotText> {
        if let Some(found) = self.variable(variable)? {
            return Ok(Some(found));
        }
        Ok(self.key(key).map(|setting| setting.owned()))
    }

    fn variable(&self, name: &'static str) -> Result<Option<Located<String>>, NotText> {
        Ok(variable(self.environment, name)?.map(|found| found.owned()))
    }

    fn key(&self, key: &str) -> Option<Located<&'search str>> {
        let setting = self.session_profile?.get(key);
        setting.filter(|setting| !setting.value.is_empty())
    }

    /// Only `true`, in any case, like in the AWS CLI: `1` is false.
    pub(super) fn is_true(&self, variable: &'static str, key: &str) -> Result<bool, NotText> {
        let found = self.setting(variable, key)?;
        Ok(found.is_some_and(|found| found.value.eq_ignore_ascii_case("true")))
    }

    /// A whole number of at least 1.
    pub(super) fn number(&self, variable: &'static str, key: &str) -> Result<Option<Located<u32>>, PlanError> {
        let Some(found) = self.setting(variable, key)? else {
            return Ok(None);
        };
        match limits::whole_number(&found.value) {
            Some(number) if number >= 1 => {
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                Ok(Some(found.map(|_| number)))
            }
            _ => {
                let message = format_args!("`{}` must be a whole number of at least 1", found.value);
                Err(PlanError::at(&found.origin, message))
            }
        }
    }

    /// `--region`, the environment, the profile.
    fn region(&self) -> Result<Option<Located<String>>, PlanError> {
        if let Some(region) = &self.request.region {
            return Ok(Some(Located::flag(region.clone(), "--region")));
        }
        for name in [Var::Region.name(), Var::DefaultRegion.name()] {
            if let Some(region) = self.variable(name)? {
                return within(&limits::REGION, region).map(Some);
            }
        }
        self.session_profile.map_or(Ok(None), region_of)
    }

    /// The service's own variable, `AWS_ENDPOINT_URL`, its entry in the profile's `services` section, the profile's
    /// `endpoint_url`.
    fn endpoint(&self, service: Service) -> Result<Option<Located<String>>, PlanError> {
        let (variable, entry) = service.names();
        for name in [variable, variables::AWS_ENDPOINT_URL] {
            if let Some(url) = self.variable(name)? {
                return checked_url(url).map(Some);
            }
        }
        if let Some(services) = self.key(keys::SERVICES) {
            let Some(section) = self.profiles.services(services.value)? else {
                return Err(missing_section(keys::SERVICES, &services));
            };
            let setting = section.nested(entry, keys::ENDPOINT_URL);
            if let Some(setting) = setting.filter(|setting| !setting.value.is_empty()) {
                return checked_url(setting.owned()).map(Some);
            }
        }
        self.key(keys::ENDPOINT_URL)
            .map(|setting| checked_url(setting.owned()))
            .transpose()
    }

    /// `AWS_CA_BUNDLE`, the profile's `ca_bundle`, and what Python's HTTP library goes by.
    fn ca_bundle(&self) -> Result<Option<Located<PathBuf>>, NotText> {
        let named = match self.setting(variables::AWS_CA_BUNDLE, keys::CA_BUNDLE)? {
            None => self.variable(variables::REQUESTS_CA_BUNDLE)?,
            named => named,
        };
        Ok(named.map(|found| found.map(PathBuf::from)))
    }

    /// Three, like the AWS CLI's `standard` mode; five for `legacy`.
    fn attempts(&self) -> Result<Located<u32>, PlanError> {
        let mode = self.setting(variables::AWS_RETRY_MODE, keys::RETRY_MODE)?;
        let default = match &mode {
            None => Located {
                value: 3,
                origin: Origin::Default,
            },
            Some(mode) => {
                let attempts = match mode.value.as_str() {
                    "legacy" => 5,
                    "standard" | "adaptive" => 3,
                    _ => {
                        let message = format_args!("`{}` must be legacy, standard or adaptive", mode.value);
                        return Err(PlanError::at(&mode.origin, message));
                    }
                };
                mode.clone().map(|_| attempts)
            }
        };
        let number = self.number(variables::AWS_MAX_ATTEMPTS, keys::MAX_ATTEMPTS)?;
        Ok(number.unwrap_or(default))
    }
}

impl EndpointConfig {
    /// Whether the endpoint has no TLS.
    pub fn is_plain(&self) -> bool {
        is_plain(self.endpoint.as_ref())
    }

    /// The host, with the port of a custom endpoint.
    fn authority(&self, service: Service) -> String {
        let custom = self
            .endpoint
            .as_ref()
            .and_then(|url| url.value.parse::<http::Uri>().ok());
        let authority = custom.as_ref().and_then(http::Uri::authority);
        authority.map_or_else(|| self.host(service.prefix()), ToString::to_string)
    }

    /// The AWS host of a service in the region, without regard to a custom endpoint.
    pub fn host(&self, service: &str) -> String {
        let region = self.region.as_ref().map(|region| region.value.as_str());
        let region = region.unwrap_or("aws-global");
        if region == "aws-global" && !self.fips && !self.dual_stack {
            return format!("{service}.amazonaws.com");
        }
        let partition = partition_of_region(region).unwrap_or("aws");
        let (suffix, dual_stack) = match partition {
            "aws-cn" => ("amazonaws.com.cn", "api.amazonwebservices.com.cn"),
            "aws-iso" => ("c2s.ic.gov", "api.aws.ic.gov"),
            "aws-iso-b" => ("sc2s.sgov.gov", "api.aws.scloud"),
            "aws-iso-e" => ("cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
            "aws-iso-f" => ("csp.hci.ic.gov", "api.aws.hci.ic.gov"),
            "aws-eusc" => ("amazonaws.eu", "api.amazonwebservices.eu"),
            _ => ("amazonaws.com", "api.aws"),
        };
        // GovCloud's own endpoints are FIPS endpoints.
        let is_fips_anyway = partition == "aws-us-gov" && !self.dual_stack;
        let fips = if self.fips && !is_fips_anyway { "-fips" } else { "" };
        let suffix = if self.dual_stack { dual_stack } else { suffix };
        format!("{service}{fips}.{region}.{suffix}")
    }

    /// Fails if the region and the role are in different partitions.
    pub(super) fn check_partition(&self, role: &RoleArn) -> Result<(), PlanError> {
        let wrong = |reason: String| {
            let partition = role.partition();
            let message = format_args!("role `{role}` is in partition {partition}, but {reason}");
            Err(PlanError::config(message).with_hint(format!(
                "set a region of partition {partition} with `--region` or `region` in the profile"
            )))
        };
        match &self.region {
            Some(region) => match partition_of_region(&region.value) {
                Some(partition) if partition != role.partition() => wrong(format!(
                    "region `{}` ({}) is in partition {partition}",
                    region.value, region.origin
                )),
                _ => Ok(()),
            },
            // The global endpoint is in partition aws; a custom one may be in any.
            None if self.endpoint.is_none() && role.partition() != "aws" => {
                wrong("without a region the request goes to partition aws".to_owned())
            }
            None => Ok(()),
        }
    }
}

fn is_plain(endpoint: Option<&Located<String>>) -> bool {
    let scheme = endpoint.and_then(|url| url.value.get(..7));
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
}

/// A key names a section that does not exist.
pub(super) fn missing_section(key: &str, named: &Located<&str>) -> PlanError {
    let (name, section) = (named.value, key.replace('_', "-"));
    let message = format_args!("`{key} = {name}`: section `[{section} {name}]` does not exist");
    PlanError::at(&named.origin, message)
}

/// The region of a profile.
pub(super) fn region_of(profile: Profile<'_>) -> Result<Option<Located<String>>, PlanError> {
    match profile.get(keys::REGION).filter(|setting| !setting.value.is_empty()) {
        None => Ok(None),
        Some(setting) => within(&limits::REGION, setting.owned()).map(Some),
    }
}

/// A URL that the HTTP client accepts. Checked here because the client's error would contain the request's body.
pub(super) fn checked_url(url: Located<String>) -> Result<Located<String>, PlanError> {
    let parsed = url.value.parse::<http::Uri>().ok();
    let fits = parsed.is_some_and(|uri| {
        let scheme = matches!(uri.scheme_str(), Some("http" | "https"));
        let host = uri.host().is_some_and(|host| !host.is_empty());
        // A user name or a query is not supported, and may be a secret. `Uri` ignores an invalid port.
        let plain = uri.query().is_none()
            && uri.authority().is_some_and(|authority| {
                let rest = authority.as_str().strip_prefix(authority.host());
                rest.is_some_and(|rest| rest.is_empty() || authority.port_u16().is_some())
            });
        scheme && host && plain
    });
    if fits {
        Ok(url)
    } else {
        // The URL may contain a password.
        let message = "invalid endpoint: must be `https://HOST[:PORT][/PATH]` or `http://...`";
        Err(PlanError::at(&url.origin, message))
    }
}
