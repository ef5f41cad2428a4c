//! The caller of a cached session, parsed from the provenance that `key` wrote. Contains no secret.

use crate::credentials::masked;

/// The source of a cached session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// `keys`, `process`, `sso`, `web-identity`, `container` or `instance`.
    pub kind: &'static str,
    /// For display.
    pub name: String,
    /// The number of roles between the source and the session.
    pub between: usize,
}

impl Caller {
    /// Parses the source of an entry.
    pub(super) fn read(source: &str) -> Self {
        let mut first = source;
        let mut between = 0;
        while let Some((before, key)) = first.rsplit_once('/')
            && super::list::is_key(key)
        {
            first = before;
            between += 1;
        }
        let (kind, name) = told(first);
        Self { kind, name, between }
    }
}

fn told(first: &str) -> (&'static str, String) {
    let (kind, rest) = first.split_once(':').unwrap_or(("", first));
    match kind {
        "process" => ("process", "a `credential_process`".to_owned()),
        "sso" => {
            let mut parts = rest.splitn(3, ':');
            let (account, role) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            ("sso", format!("SSO role `{role}` of account {account}"))
        }
        "web-identity" => {
            let path = rest.split_once(':').map_or(rest, |(_, path)| path);
            ("web-identity", format!("the token in `{path}`"))
        }
        "container" => ("container", "container role".to_owned()),
        "instance" => ("instance", "instance role".to_owned()),
        _ => ("keys", masked(first)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha1_hex;

    #[test]
    fn every_source_is_told() {
        let key = sha1_hex("x");
        for (source, kind, name, between) in [
            ("AKIAIOSFODNN7EXAMPLE", "keys", "AKIA...MPLE", 0),
            (&format!("AKIAIOSFODNN7EXAMPLE/{key}/{key}"), "keys", "AKIA...MPLE", 2),
            (&format!("process:{key}"), "process", "a `credential_process`", 0),
            (
                "sso:444444444444:Admin:https://a.awsapps.com/start",
                "sso",
                "SSO role `Admin` of account 444444444444",
                0,
            ),
            (
                &format!("web-identity:{key}:/run/token/{key}"),
                "web-identity",
                "the token in `/run/token`",
                1,
            ),
            (
                "container:http://169.254.170.2/x?y=secret",
                "container",
                "container role",
                0,
            ),
            ("instance:http://169.254.169.254", "instance", "instance role", 0),
            ("wJalrXUtnFEMI/K7MDENG", "keys", "***", 0),
            ("", "keys", "...", 0),
        ] {
            let expected = Caller {
                kind,
                name: name.to_owned(),
                between,
            };
            assert_eq!(Caller::read(source), expected, "{source}");
        }
    }
}
