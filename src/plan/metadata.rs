//! The names and addresses that AWS gave to the places where credentials wait: metadata services, the token cache.

use std::net::IpAddr;

use sha1::{Digest as _, Sha1};

use super::failure::PlanError;
use super::reach::checked_url;
use crate::profile::{Found, Origin};

/// Where ECS answers, and where EKS does.
const CONTAINER_HOSTS: [&str; 4] = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "localhost"];

/// The address of a path that ECS gives.
pub(super) fn container_url(path: &str, variable: &'static str) -> Result<Found<String>, PlanError> {
    let url = Found {
        value: format!("http://{}{path}", CONTAINER_HOSTS[0]),
        origin: Origin::Variable(variable),
    };
    // What does not start with a slash would become a part of the host's name.
    if !path.starts_with('/') || url.value.parse::<http::Uri>().is_err() {
        return Err(PlanError::BadContainerUrl { origin: url.origin });
    }
    Ok(url)
}

/// A whole address. Without TLS only loopback and the hosts of ECS and EKS will do, as in the AWS CLI: the token that
/// goes there is a secret.
pub(super) fn checked_container_url(url: &str, variable: &'static str) -> Result<Found<String>, PlanError> {
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
        Ok(Found {
            value: url.to_owned(),
            origin,
        })
    } else {
        Err(PlanError::BadContainerUrl { origin })
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The metadata service of EC2 by its mode, `IPv4` or `IPv6` in any case.
pub(super) fn instance_endpoint(mode: Option<Found<String>>) -> Result<Found<String>, PlanError> {
    let mode = mode.unwrap_or_else(|| Found {
        value: "ipv4".to_owned(),
        origin: Origin::Default,
    });
    let address = match mode.value.to_lowercase().as_str() {
        "ipv4" => "http://169.254.169.254",
        "ipv6" => "http://[fd00:ec2::254]",
        _ => {
            return Err(PlanError::BadEndpointMode {
                value: mode.value,
                origin: mode.origin,
            });
        }
    };
    checked_url(mode.map(|_| address.to_owned()))
}

/// The names of the AWS CLI's cache files.
pub(super) fn sha1_hex(text: &str) -> String {
    use std::fmt::Write as _;
    let mut hex = String::new();
    for byte in Sha1::digest(text.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
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

    #[test]
    fn names_of_cached_tokens() {
        // As `sha1sum` has it.
        assert_eq!(sha1_hex("my-sso"), "0ad374308c5a4e22f723adf10145eafad7c4031c");
    }
}
