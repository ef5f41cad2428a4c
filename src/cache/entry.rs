//! One file of the cache: the AWS CLI's body of an AssumeRole answer, with a `"Rolenv"` object beside it that the CLI
//! does not read.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::keys::{Keys, Secret};
use crate::moment;
use crate::session::{AssumedRole, Session};

/// The key of what rolenv adds.
pub(super) const MARK: &str = "Rolenv";

/// An entry that is whole.
pub(super) struct Entry {
    pub(super) session: Session,
    pub(super) expiration: OffsetDateTime,
    /// What rolenv knows of it; `None` in an entry of the AWS CLI.
    pub(super) mark: Option<Value>,
}

/// Reads an entry. `None` for anything odd, whoever wrote it: it is a miss then, and will be replaced. (A moment without a
/// zone is as odd as a lost bracket: the AWS CLI fails on both.)
pub(super) fn read(bytes: &[u8]) -> Option<Entry> {
    let mut entry: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
    // What AWS CLI v2 keeps of SSO is its own affair.
    if entry.contains_key("ProviderType") {
        return None;
    }
    let credentials = entry.get("Credentials")?;
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let full = |key| {
        let text = text(credentials, key)?;
        (!text.is_empty() && !text.chars().any(char::is_control)).then_some(text)
    };
    let expiration = moment::parse(&full("Expiration")?)?;
    let user = entry.get("AssumedRoleUser");
    let assumed = user.and_then(|user| {
        Some(AssumedRole {
            arn: text(user, "Arn")?,
            id: text(user, "AssumedRoleId").unwrap_or_default(),
        })
    });
    let session = Session {
        keys: Keys {
            access_key_id: full("AccessKeyId")?,
            secret_access_key: Secret::new(full("SecretAccessKey")?),
            session_token: Some(Secret::new(full("SessionToken")?)),
        },
        expiration: Some(expiration),
        whose: assumed.as_ref().map(AssumedRole::told).unwrap_or_default(),
        assumed,
    };
    Some(Entry {
        session,
        expiration,
        mark: entry.remove(MARK),
    })
}

/// Writes an entry, on one line. `None` for a session without a token or an end, which no request gives.
pub(super) fn write(session: &Session, mark: &Value) -> Option<Secret> {
    let keys = &session.keys;
    let mut entry = json!({
        "Credentials": {
            "AccessKeyId": keys.access_key_id,
            "SecretAccessKey": keys.secret_access_key.expose(),
            "SessionToken": keys.session_token.as_ref()?.expose(),
            "Expiration": session.expiration_text()?,
        },
        MARK: mark,
    });
    if let Some(assumed) = &session.assumed {
        entry["AssumedRoleUser"] = json!({ "AssumedRoleId": assumed.id, "Arn": assumed.arn });
        entry["Credentials"]["AccountId"] = json!(assumed.arn.split(':').nth(4));
    }
    Some(Secret::new(entry.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"{"Credentials": {"AccessKeyId": "A", "SecretAccessKey": "s", "SessionToken": "t",
        "Expiration": "2026-11-22T15:04:05+00:00", "AccountId": null},
        "AssumedRoleUser": {"AssumedRoleId": "AROA:x", "Arn": "arn:aws:sts::222222222222:assumed-role/r/x"}}"#;

    #[test]
    fn what_is_written_is_read() -> Result<(), &'static str> {
        let entry = read(WHOLE.as_bytes()).ok_or("an entry")?;
        assert!(entry.mark.is_none());
        let mark = json!({"Source": "AKIA"});
        let again = write(&entry.session, &mark).ok_or("text")?;
        let again = read(again.expose().as_bytes()).ok_or("an entry again")?;
        assert_eq!(again.mark, Some(mark));
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
        assert!(read(WHOLE.as_bytes()).is_some());
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
        ] {
            let odd = WHOLE.replacen(from, to, 1);
            assert_ne!(odd, WHOLE);
            assert!(read(odd.as_bytes()).is_none(), "{odd}");
        }
        for cut in 0..WHOLE.len() {
            assert!(read(&WHOLE.as_bytes()[..cut]).is_none());
        }
        assert!(read(b"\xff\xfe").is_none());
    }
}
