//! One cache file: an AssumeRole response as the AWS CLI writes it, with a `"Rolenv"` object that the CLI ignores.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::provenance::Provenance;
use crate::credentials::Keys;
use crate::credentials::{AssumedRole, Session};
use crate::secret::Secret;
use crate::timestamp;

/// The member that rolenv adds.
const PROVENANCE: &str = "Rolenv";

/// A complete entry.
pub(super) struct Entry {
    pub(super) session: Session,
    pub(super) expiration: OffsetDateTime,
    /// The request, if rolenv wrote the entry; `None` in an entry of the AWS CLI.
    pub(super) provenance: Option<Provenance>,
}

/// Why a file is not a valid entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ParseError {
    /// An SSO entry of AWS CLI v2, which rolenv does not use.
    SsoEntry,
    /// Other JSON.
    NotASession,
    /// A session with a `Rolenv` member of another version: its ARN, if it is a role's.
    OtherVersion(Option<String>),
    /// A corrupt entry: the reason, for messages.
    Corrupt(&'static str),
}

/// Parses an entry. Anything invalid is a miss and will be replaced. (A timestamp without a time zone is as invalid as
/// a missing bracket: the AWS CLI fails on both.)
pub(super) fn read(bytes: &[u8]) -> Result<Entry, ParseError> {
    let mut entry = object(bytes)?;
    if entry.contains_key("ProviderType") {
        return Err(ParseError::SsoEntry);
    }
    let credentials = entry.get("Credentials").ok_or(ParseError::NotASession)?;
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let full = |key, otherwise| {
        let text = text(credentials, key);
        let text = text.filter(|text| !text.is_empty() && !text.chars().any(char::is_control));
        text.ok_or(ParseError::Corrupt(otherwise))
    };
    let no_end = "no `Expiration` with a time zone";
    let expiration = timestamp::parse(&full("Expiration", no_end)?).ok_or(ParseError::Corrupt(no_end))?;
    let user = entry.get("AssumedRoleUser");
    let assumed = user.and_then(|user| {
        Some(AssumedRole {
            arn: text(user, "Arn")?,
            id: text(user, "AssumedRoleId").unwrap_or_default(),
        })
    });
    let session = Session {
        keys: Keys {
            access_key_id: full("AccessKeyId", "no `AccessKeyId`")?,
            secret_access_key: Secret::new(full("SecretAccessKey", "no `SecretAccessKey`")?),
            session_token: Some(Secret::new(full("SessionToken", "no `SessionToken`")?)),
            account_id: text(credentials, "AccountId"),
        },
        expiration: Some(expiration),
        owner: assumed.as_ref().map(AssumedRole::quoted).unwrap_or_default(),
        assumed,
        is_cached: true,
    };
    let Ok(provenance) = entry.remove(PROVENANCE).map(serde_json::from_value).transpose() else {
        return Err(ParseError::OtherVersion(session.assumed.map(|assumed| assumed.arn)));
    };
    Ok(Entry {
        session,
        expiration,
        provenance,
    })
}

fn object(bytes: &[u8]) -> Result<Map<String, Value>, ParseError> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(ParseError::Corrupt("not a JSON object")),
        Err(_) if bytes.is_empty() => Err(ParseError::Corrupt("empty")),
        Err(_) => Err(ParseError::Corrupt("not valid JSON")),
    }
}

/// Serializes an entry on one line. `None` for a session without a token or an expiration.
pub(super) fn write(session: &Session, provenance: &Provenance) -> Option<Secret> {
    let keys = &session.keys;
    let mut entry = json!({
        "Credentials": {
            "AccessKeyId": keys.access_key_id,
            "SecretAccessKey": keys.secret_access_key.expose(),
            "SessionToken": keys.session_token.as_ref()?.expose(),
            "Expiration": session.expiration_text()?,
        },
        PROVENANCE: provenance,
    });
    if let Some(assumed) = &session.assumed {
        entry["AssumedRoleUser"] = json!({ "AssumedRoleId": assumed.id, "Arn": assumed.arn });
    }
    if let Some(account) = &keys.account_id {
        entry["Credentials"]["AccountId"] = json!(account);
    }
    Some(Secret::new(entry.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Caller;

    const WHOLE: &str = r#"{"Credentials": {"AccessKeyId": "A", "SecretAccessKey": "s", "SessionToken": "t",
        "Expiration": "2026-11-22T15:04:05+00:00", "AccountId": null},
        "AssumedRoleUser": {"AssumedRoleId": "AROA:x", "Arn": "arn:aws:sts::222222222222:assumed-role/r/x"}}"#;

    #[test]
    fn what_is_written_is_read() -> Result<(), ParseError> {
        let entry = read(WHOLE.as_bytes())?;
        assert!(entry.provenance.is_none());
        let provenance = Provenance {
            source: Caller::Keys {
                access_key_id: "AKIA".to_owned(),
            },
            via: Vec::new(),
            endpoint: None,
            role_arn: None,
            serial_number: Some("s".to_owned()),
            key: "k".to_owned(),
        };
        let again = write(&entry.session, &provenance).ok_or(ParseError::SsoEntry)?;
        let again = read(again.expose().as_bytes())?;
        assert_eq!(again.provenance, Some(provenance));
        assert_eq!(again.expiration, entry.expiration);
        assert_eq!(again.session.keys.access_key_id, "A");
        assert_eq!(
            again.session.assumed.map(|assumed| assumed.id).as_deref(),
            Some("AROA:x")
        );
        Ok(())
    }

    #[test]
    fn what_is_odd_is_a_miss() {
        assert!(read(WHOLE.as_bytes()).is_ok());
        for (from, to) in [
            ("{\"Credentials", "[{\"Credentials"),
            ("\"AccessKeyId\": \"A\"", "\"AccessKeyId\": \"\""),
            ("\"SecretAccessKey\": \"s\"", "\"SecretAccessKey\": 1"),
            ("\"SessionToken\"", "\"Token\""),
            ("05+00:00", "05"),
            ("\"2026-11-22T15:04:05+00:00\"", "1795359845"),
            ("\"t\"", "\"t\\n\""),
            ("{\"Credentials", "{\"ProviderType\": \"sso\", \"Credentials"),
            ("{\"Credentials", "\u{feff}{\"Credentials"),
            ("{\"Credentials", "{\"Rolenv\": {\"Source\": \"AKIA\"}, \"Credentials"),
        ] {
            let odd = WHOLE.replacen(from, to, 1);
            assert_ne!(odd, WHOLE);
            assert!(read(odd.as_bytes()).is_err(), "{odd}");
        }
        for cut in 0..WHOLE.len() {
            assert!(read(&WHOLE.as_bytes()[..cut]).is_err());
        }
        assert!(read(b"\xff\xfe").is_err());
        let foreign = WHOLE.replacen("{\"Cr", "{\"ProviderType\": \"sso\", \"Cr", 1);
        assert_eq!(read(foreign.as_bytes()).err(), Some(ParseError::SsoEntry));
    }
}
