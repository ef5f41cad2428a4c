//! The role of the machine: the credentials endpoint of ECS and EKS, the metadata service of EC2.

use std::net::IpAddr;

use super::Sources;
use crate::config::{Located, Origin, keys};
use crate::env::{NotText, variables};
use crate::plan::endpoint::checked_url;
use crate::plan::error::PlanError;
use crate::plan::source::{Authorization, Container, Instance, Source, SourceKind};
use crate::secret::Secret;

/// The hosts of ECS and EKS.
const CONTAINER_HOSTS: [&str; 4] = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "localhost"];

impl Sources<'_> {
    /// The endpoint in the variables that ECS and EKS set. The relative form wins.
    pub(in crate::plan) fn container(&self) -> Result<Option<Source>, PlanError> {
        const RELATIVE: &str = variables::AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;
        const FULL: &str = variables::AWS_CONTAINER_CREDENTIALS_FULL_URI;
        // An empty variable counts, like in the AWS CLI: it must not lead to another identity.
        let is_set = |name| self.original.get(name).is_some();
        let text = |name| -> Result<&str, NotText> { Ok(self.original.text(name)?.unwrap_or_default()) };
        let url = if is_set(RELATIVE) {
            container_url(text(RELATIVE)?, RELATIVE)?
        } else if is_set(FULL) {
            checked_container_url(text(FULL)?, FULL)?
        } else {
            return Ok(None);
        };
        let token_file = self.original.get(variables::AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE);
        let token = self.original.text(variables::AWS_CONTAINER_AUTHORIZATION_TOKEN)?;
        let authorization = match token_file {
            Some(file) => Some(Authorization::File(file.into())),
            None => token.map(|token| Authorization::Token(Secret::new(token))),
        };
        Ok(Some(Source::new(
            None,
            url.origin.clone(),
            SourceKind::Container(Container { url, authorization }),
        )))
    }

    /// The metadata service, unless it is disabled.
    pub(in crate::plan) fn instance(&self) -> Result<Option<Source>, PlanError> {
        let disabled = self.original.text(variables::AWS_EC2_METADATA_DISABLED)?;
        if disabled.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        let settings = &self.layers;
        let endpoint = settings.setting(
            variables::AWS_EC2_METADATA_SERVICE_ENDPOINT,
            keys::EC2_METADATA_SERVICE_ENDPOINT,
        )?;
        let mode = settings.setting(
            variables::AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE,
            keys::EC2_METADATA_SERVICE_ENDPOINT_MODE,
        )?;
        let endpoint = match endpoint {
            Some(url) => checked_url(url)?.map(|url| url.trim_end_matches('/').to_owned()),
            None => instance_endpoint(mode)?,
        };
        let number = |variable, key| settings.number(variable, key);
        let timeout = number(variables::AWS_METADATA_SERVICE_TIMEOUT, keys::METADATA_SERVICE_TIMEOUT)?;
        let attempts = number(
            variables::AWS_METADATA_SERVICE_NUM_ATTEMPTS,
            keys::METADATA_SERVICE_NUM_ATTEMPTS,
        )?;
        Ok(Some(Source::new(
            None,
            endpoint.origin.clone(),
            SourceKind::Instance(Instance {
                endpoint,
                v1_disabled: settings
                    .is_true(variables::AWS_EC2_METADATA_V1_DISABLED, keys::EC2_METADATA_V1_DISABLED)?,
                timeout: timeout.map_or(1, |found| found.value),
                attempts: attempts.map_or(1, |found| found.value),
            }),
        )))
    }
}

/// The URL for a path that ECS sets.
fn container_url(path: &str, variable: &'static str) -> Result<Located<String>, PlanError> {
    let url = Located {
        value: format!("http://{}{path}", CONTAINER_HOSTS[0]),
        origin: Origin::Variable(variable),
    };
    // Without a leading slash it would become a part of the host name.
    if !path.starts_with('/') || url.value.parse::<http::Uri>().is_err() {
        return Err(bad_container_url(&url.origin));
    }
    Ok(url)
}

/// A complete URL. Without TLS only loopback and the hosts of ECS and EKS are accepted, like in the AWS CLI, because
/// the token is a secret.
fn checked_container_url(url: &str, variable: &'static str) -> Result<Located<String>, PlanError> {
    let origin = Origin::Variable(variable);
    let fits = url.parse::<http::Uri>().is_ok_and(|uri| {
        let host = uri.host().unwrap_or_default();
        let is_known = || CONTAINER_HOSTS.contains(&host) || is_loopback(host);
        match uri.scheme_str() {
            Some("https") => !host.is_empty(),
            Some("http") => is_known(),
            _ => false,
        }
    });
    if fits {
        Ok(Located {
            value: url.to_owned(),
            origin,
        })
    } else {
        Err(bad_container_url(&origin))
    }
}

fn bad_container_url(origin: &Origin) -> PlanError {
    PlanError::at(
        origin,
        "invalid container credentials URL: must be `https://`, or `http://` to this machine or the hosts of ECS and EKS; \
         the relative form must be a path",
    )
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The metadata service for a mode: `IPv4` or `IPv6`, in any case.
fn instance_endpoint(mode: Option<Located<String>>) -> Result<Located<String>, PlanError> {
    let mode = mode.unwrap_or_else(|| Located {
        value: "ipv4".to_owned(),
        origin: Origin::Default,
    });
    let address = match mode.value.to_lowercase().as_str() {
        "ipv4" => "http://169.254.169.254",
        "ipv6" => "http://[fd00:ec2::254]",
        _ => {
            let message = format_args!("`{}` must be IPv4 or IPv6", mode.value);
            return Err(PlanError::at(&mode.origin, message));
        }
    };
    checked_url(mode.map(|_| address.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_container_addresses_will_do() {
        for url in [
            "http://127.0.0.1:51679/creds?a=b",
            "http://[::1]/x",
            "http://localhost/x",
            "http://169.254.170.23/v1/credentials",
            "http://[fd00:ec2::23]/v1",
            "https://anywhere.example/x",
        ] {
            assert!(checked_container_url(url, "V").is_ok(), "{url}");
        }
        for url in [
            "",
            "x",
            "http://evil.example/x",
            "ftp://localhost/",
            "http://127.0.0.1.evil.example/",
            "https://",
            "/x",
        ] {
            assert!(checked_container_url(url, "V").is_err(), "{url}");
        }
        let path = container_url("/v2/credentials/1", "V").ok();
        assert_eq!(
            path.map(|found| found.value).as_deref(),
            Some("http://169.254.170.2/v2/credentials/1")
        );
        for path in [".evil.example/", ":80/", "@evil.example/", "/a b"] {
            assert!(container_url(path, "V").is_err(), "{path}");
        }
    }
}
