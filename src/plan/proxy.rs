//! The proxy on the way to a service. The HTTP client finds it in the environment by itself, but goes without one that
//! it cannot read: whether it can is looked at here.

use std::fmt;

use super::failure::PlanError;
use crate::environment::Environment;

/// A proxy, as messages name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// The variable that names it.
    variable: &'static str,
    /// Whether there are hosts that it is not asked for. Which ones is for the HTTP client to tell.
    has_exceptions: bool,
}

impl fmt::Display for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the proxy that `{}` names", self.variable)?;
        if self.has_exceptions {
            formatter.write_str(" (unless `NO_PROXY` excepts it)")?;
        }
        Ok(())
    }
}

/// The proxy that the requests go through.
///
/// # Errors
/// [`PlanError::BadProxy`] when the HTTP client could not use what is in there.
pub(super) fn find(environment: &Environment, is_plain: bool) -> Result<Option<Proxy>, PlanError> {
    let own = if is_plain {
        ["HTTP_PROXY", "http_proxy"]
    } else {
        ["HTTPS_PROXY", "https_proxy"]
    };
    // The order of the HTTP client, for which an empty variable hides its twin.
    let set = |names: [&'static str; 2]| names.into_iter().find(|name| environment.get(name).is_some());
    for names in [own, ["ALL_PROXY", "all_proxy"]] {
        let Some(name) = set(names) else {
            continue;
        };
        match environment.text(name)? {
            Some(url) if is_proxy(url) => {
                let exceptions = set(["NO_PROXY", "no_proxy"]).and_then(|name| environment.get(name));
                return Ok(Some(Proxy {
                    variable: name,
                    has_exceptions: exceptions.is_some_and(|hosts| !hosts.is_empty()),
                }));
            }
            Some(_) => return Err(PlanError::BadProxy { variable: name }),
            None => {}
        }
    }
    Ok(None)
}

/// `http://`, `https://` or nothing, maybe a user and a password, a host, maybe a port. A password with a character that
/// ends the host's name would send the requests, and the rest of the password, to somebody else.
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
    // Uri cuts off what follows a `#` without a word, and leaves a port that is none unread.
    let ends = matches!(uri.path(), "" | "/") && uri.query().is_none() && !url.contains('#');
    let fits = !authority.host().is_empty() && !user.contains('@') && (!has_port || authority.port_u16().is_some());
    matches!(uri.scheme_str(), None | Some("http" | "https")) && fits && ends
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)], is_plain: bool) -> Result<Option<&'static str>, String> {
        let environment = variables.iter().copied().collect();
        let found = find(&environment, is_plain).map_err(|error| error.to_string())?;
        Ok(found.map(|proxy| proxy.variable))
    }

    #[test]
    fn each_scheme_has_its_proxy() {
        let both = [("HTTP_PROXY", "a:1"), ("https_proxy", "b:1")];
        assert_eq!(found(&both, true), Ok(Some("HTTP_PROXY")));
        assert_eq!(found(&both, false), Ok(Some("https_proxy")));
        assert_eq!(found(&both[..1], false), Ok(None));
        let hidden = [("HTTPS_PROXY", ""), ("https_proxy", "b:1"), ("all_proxy", "c:1")];
        assert_eq!(found(&hidden, false), Ok(Some("all_proxy")));
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
