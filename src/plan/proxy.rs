//! The proxy for a service, by the rules of Python's `urllib`, like in the AWS CLI: other rules could send signed
//! requests to another host.

use std::fmt;

use super::error::PlanError;
use crate::config::Origin;
use crate::env::{Environment, NotText, variables};
use crate::secret::Secret;

/// A proxy.
#[derive(Clone)]
pub struct Proxy {
    /// The variable that contains it.
    variable: &'static str,
    /// It may contain a password.
    url: Secret,
}

impl Proxy {
    /// The URL.
    pub const fn url(&self) -> &Secret {
        &self.url
    }
}

/// For messages.
impl fmt::Display for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the proxy in `{}`", self.variable)
    }
}

/// The proxy for requests to `host`, which may have a port. Each scheme has its own variable; `ALL_PROXY` is ignored.
pub(super) fn find(environment: &Environment, is_plain: bool, host: &str) -> Result<Option<Proxy>, PlanError> {
    let names = if is_plain {
        variables::HTTP_PROXY
    } else {
        variables::HTTPS_PROXY
    };
    let Some((variable, url)) = setting(environment, names)? else {
        return Ok(None);
    };
    let exceptions = setting(environment, variables::NO_PROXY)?;
    if exceptions.is_some_and(|(_, exceptions)| is_excepted(host, exceptions)) {
        return Ok(None);
    }
    if !is_proxy(url) {
        // The URL may contain a password.
        let message = "invalid proxy: must be `http://[USER:PASSWORD@]HOST[:PORT]` or `https://...`";
        let hint = "in the user name and password, write `%40` for `@`, `%2F` for `/`, `%23` for `#`, `%3A` for `:`";
        return Err(PlanError::at(&Origin::Variable(variable), message).with_hint(hint));
    }
    Ok(Some(Proxy {
        variable,
        url: Secret::new(url),
    }))
}

/// The first of two variables that is set. An empty one hides the other.
fn setting<'run>(
    environment: &'run Environment,
    names: [&'static str; 2],
) -> Result<Option<(&'static str, &'run str)>, NotText> {
    let set = names.into_iter().find(|name| environment.get(name).is_some());
    let Some(name) = set else {
        return Ok(None);
    };
    Ok(environment.text(name)?.map(|text| (name, text)))
}

/// `*`, or a list of hosts, with or without port, and domains.
fn is_excepted(host: &str, exceptions: &str) -> bool {
    let host = host.to_lowercase();
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let alone = host
        .rsplit_once(':')
        .filter(|(_, port)| is_port(port))
        .map_or(host.as_str(), |(name, _)| name);
    exceptions.trim() == "*"
        || exceptions.split(',').any(|exception| {
            let name = exception.trim().trim_start_matches('.').to_lowercase();
            let is_domain = |host: &str| host == name || host.ends_with(&format!(".{name}"));
            !name.is_empty() && (is_domain(alone) || is_domain(&host))
        })
}

/// `http://`, `https://` or no scheme, optionally user and password, a host, optionally a port. A password with a
/// character that ends the authority would send requests, and the rest of the password, to another host.
fn is_proxy(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else {
        return false;
    };
    let Some(authority) = uri.authority() else {
        return false;
    };
    let (user, address) = authority.as_str().rsplit_once('@').unwrap_or(("", authority.as_str()));
    let has_port = address
        .strip_prefix(authority.host())
        .is_some_and(|port| !port.is_empty());
    // `Uri` silently ignores a fragment and an invalid port.
    let ends = matches!(uri.path(), "" | "/") && uri.query().is_none() && !url.contains('#');
    let fits = !authority.host().is_empty() && !user.contains('@') && (!has_port || authority.port_u16().is_some());
    matches!(uri.scheme_str(), None | Some("http" | "https")) && fits && ends
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)], is_plain: bool, host: &str) -> Result<Option<&'static str>, String> {
        let environment = variables.iter().copied().collect();
        let found = find(&environment, is_plain, host).map_err(|error| error.to_string())?;
        Ok(found.map(|proxy| proxy.variable))
    }

    #[test]
    fn each_scheme_has_its_proxy() {
        let both = [("HTTP_PROXY", "a:1"), ("https_proxy", "b:1")];
        assert_eq!(found(&both, true, "h"), Ok(Some("HTTP_PROXY")));
        assert_eq!(found(&both, false, "h"), Ok(Some("https_proxy")));
        assert_eq!(found(&both[..1], false, "h"), Ok(None));
        let twins = [("HTTPS_PROXY", "a:1"), ("https_proxy", "b:1"), ("ALL_PROXY", "c:1")];
        assert_eq!(found(&twins, false, "h"), Ok(Some("https_proxy")), "lower case win");
        let hidden = [("HTTPS_PROXY", "a:1"), ("https_proxy", ""), ("all_proxy", "c:1")];
        assert_eq!(found(&hidden, false, "h"), Ok(None), "an empty one hides its twin");
        assert!(found(&[("HTTPS_PROXY", "socks5://p")], false, "h").is_err());
    }

    /// As Python's `proxy_bypass_environment` has it.
    #[test]
    fn hosts_that_no_proxy_is_asked_for() {
        for (host, exceptions) in [
            ("sts.amazonaws.com", "*"),
            ("sts.amazonaws.com", "amazonaws.com"),
            ("sts.amazonaws.com", "x, .amazonaws.com"),
            ("STS.amazonaws.com", "sts.AMAZONAWS.com"),
            ("127.0.0.1:7000", "127.0.0.1:7000"),
            ("127.0.0.1:7000", "127.0.0.1"),
            ("[::1]:7000", "[::1]"),
        ] {
            assert!(is_excepted(host, exceptions), "{host} {exceptions}");
        }
        for (host, exceptions) in [
            ("sts.amazonaws.com", "zonaws.com"),
            ("sts.amazonaws.com", "x,"),
            ("127.0.0.1:7000", "127.0.0.0/8"),
            ("127.0.0.1:7000", "127.0.0.1:7001"),
        ] {
            assert!(!is_excepted(host, exceptions), "{host} {exceptions}");
        }
        let small = [("HTTPS_PROXY", "p"), ("no_proxy", "x"), ("NO_PROXY", "amazonaws.com")];
        assert_eq!(found(&small, false, "sts.amazonaws.com"), Ok(Some("HTTPS_PROXY")));
    }

    #[test]
    fn proxies_that_the_client_can_use() {
        for url in [
            "proxy",
            "proxy:3128",
            "http://proxy",
            "http://proxy:3128/",
            "https://10.0.0.1:443",
            "http://[::1]:3128",
            "http://ana:s%40cret@proxy:3128",
            "ana:secret@proxy:3128",
        ] {
            assert!(is_proxy(url), "{url}");
        }
        for url in [
            " http://proxy",
            "http://",
            "http:///",
            "http://:3128",
            "http://proxy:",
            "http://proxy:99999",
            "http://proxy:port",
            "http://proxy:3128/path",
            "http://proxy:3128?x",
            "socks5://proxy:1080",
            "ftp://proxy",
            "http://ana:s@cret@proxy:3128",
            "http://ana:12/34@proxy:3128",
            "http://ana:12#34@proxy:3128",
            "http://ana:se cret@proxy:3128",
        ] {
            assert!(!is_proxy(url), "{url}");
        }
    }
}
