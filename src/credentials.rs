//! Credentials and sessions, and the variables that carry them.

use std::ffi::OsString;

use time::OffsetDateTime;

use crate::env::Var;
use crate::secret::Secret;
use crate::timestamp;

/// The credentials that sign a request: an access key pair, and the session token when the keys are temporary.
#[derive(Clone)]
pub struct Keys {
    pub access_key_id: String,
    pub secret_access_key: Secret,
    pub session_token: Option<Secret>,
    /// The account of the keys, if it is known.
    pub account_id: Option<String>,
}

/// An access key ID shortened for display: `AKIA...MPLE`.
pub fn masked(access_key_id: &str) -> String {
    // Anything else may be a secret in the wrong place.
    let is_id = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    if !access_key_id.chars().all(is_id) {
        return "***".to_owned();
    }
    let characters: Vec<char> = access_key_id.chars().collect();
    let tail = characters.iter().skip(characters.len().saturating_sub(4).max(4));
    characters.iter().take(4).chain(&['.'; 3]).chain(tail).collect()
}

/// Credentials that STS issued, or a profile's own. No `Debug`: it contains secrets.
pub struct Session {
    pub keys: Keys,
    /// The expiration in UTC; `None` for long-term keys and for sessions whose expiration is unknown.
    pub expiration: Option<OffsetDateTime>,
    /// The owner, for messages: "profile `base`".
    pub owner: String,
    /// The assumed role, as returned by STS; `None` without a request.
    pub assumed: Option<AssumedRole>,
    /// Whether it was read from the cache.
    pub is_cached: bool,
}

/// `AssumedRoleUser` of the STS API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumedRole {
    /// `arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    pub arn: String,
    /// `ROLE-ID:SESSION`; empty if unknown.
    pub id: String,
}

impl AssumedRole {
    /// For messages.
    pub fn quoted(&self) -> String {
        format!("`{}`", self.arn)
    }

    /// The account; `None` if the ARN has none.
    pub fn account(&self) -> Option<&str> {
        self.arn.split(':').nth(4).filter(|account| !account.is_empty())
    }

    /// The role's name; `None` if the ARN has none.
    pub fn role(&self) -> Option<&str> {
        self.arn.split('/').nth(1)
    }
}

impl Session {
    /// The same session with another owner for messages.
    pub fn of(mut self, owner: &str) -> Self {
        owner.clone_into(&mut self.owner);
        self
    }

    /// The variables that carry the session: keys, token, and the expiration in RFC 3339 with `Z` and whole seconds,
    /// which every SDK reads.
    pub fn variables(&self) -> Vec<(Var, OsString)> {
        let keys = &self.keys;
        let mut variables = vec![
            (Var::AccessKeyId, keys.access_key_id.clone().into()),
            (Var::SecretAccessKey, keys.secret_access_key.expose().into()),
        ];
        if let Some(token) = &keys.session_token {
            variables.push((Var::SessionToken, token.expose().into()));
        }
        if let Some(expiration) = self.expiration_text() {
            variables.push((Var::CredentialExpiration, expiration.into()));
        }
        variables
    }

    /// The expiration as `2026-11-22T15:04:05Z`.
    pub fn expiration_text(&self) -> Option<String> {
        timestamp::format(self.expiration?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_the_wrong_place_is_not_shown() {
        assert_eq!(masked("AKIAIOSFODNN7EXAMPLE"), "AKIA...MPLE");
        assert_eq!(masked("AKIA"), "AKIA...");
        assert_eq!(masked("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), "***");
    }

    #[test]
    fn variables_carry_what_there_is() -> Result<(), time::error::ComponentRange> {
        let mut session = Session {
            keys: Keys {
                access_key_id: "ASIA1".to_owned(),
                secret_access_key: Secret::new("s"),
                session_token: Some(Secret::new("t")),
                account_id: None,
            },
            expiration: Some(OffsetDateTime::from_unix_timestamp_nanos(1_795_358_645_123_000_000)?),
            owner: String::new(),
            assumed: None,
            is_cached: false,
        };
        let names = |session: &Session| session.variables().into_iter().map(|(var, _)| var).collect::<Vec<_>>();
        assert_eq!(
            names(&session),
            [
                Var::AccessKeyId,
                Var::SecretAccessKey,
                Var::SessionToken,
                Var::CredentialExpiration
            ]
        );
        assert_eq!(session.expiration_text().as_deref(), Some("2026-11-22T14:44:05Z"));
        session.expiration = None;
        session.keys.session_token = None;
        assert_eq!(names(&session), [Var::AccessKeyId, Var::SecretAccessKey]);
        Ok(())
    }
}
