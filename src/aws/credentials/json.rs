//! Credentials as JSON, in the forms of `credential_process` and metadata services.

use serde_json::Value;
use time::OffsetDateTime;

use crate::credentials::Keys;
use crate::secret::Secret;
use crate::timestamp;

/// Keys and their expiration; `None` if the document has none.
pub(super) type Dated = (Keys, Option<OffsetDateTime>);

/// Parses an object with `AccessKeyId`, `SecretAccessKey`, `Expiration` and a token with the name `token`. Errors
/// repeat no value.
pub(super) fn credentials(document: &Value, token: &str) -> Result<Dated, String> {
    let text = |key: &str| match document.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if is_sendable(text) => Ok(Some(text.as_str())),
        Some(Value::String(_)) => Err(format!("`{key}` contains control characters")),
        Some(_) => Err(format!("`{key}` is not a string")),
    };
    let full = |key: &str| text(key).map(|text| text.filter(|text| !text.is_empty()));
    let need = |key: &str| full(key)?.ok_or_else(|| format!("`{key}` is missing"));
    let expiration = match text("Expiration")? {
        None => None,
        Some(written) => {
            let read = timestamp::parse(written);
            Some(read.ok_or_else(|| "`Expiration` must be a timestamp like 2026-11-22T15:04:05Z".to_owned())?)
        }
    };
    let keys = Keys {
        access_key_id: need("AccessKeyId")?.to_owned(),
        secret_access_key: Secret::new(need("SecretAccessKey")?),
        session_token: full(token)?.map(Secret::new),
        account_id: full("AccountId").ok().flatten().map(str::to_owned),
    };
    Ok((keys, expiration))
}

/// Whether a header and a shell can carry the value.
pub(in crate::aws) fn is_sendable(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, Option<String>), String> {
        let document = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let (keys, expiration) = credentials(&document, "Token")?;
        Ok((keys.access_key_id, expiration.and_then(timestamp::format)))
    }

    #[test]
    fn what_is_there_is_read() {
        let full =
            r#"{"AccessKeyId": "A", "SecretAccessKey": "s", "Token": "t", "Expiration": "2026-11-22T15:04:05+00:00"}"#;
        assert_eq!(
            read(full),
            Ok(("A".to_owned(), Some("2026-11-22T15:04:05Z".to_owned())))
        );
        let least = r#"{"AccessKeyId": "A", "SecretAccessKey": "s", "Expiration": null}"#;
        assert_eq!(read(least), Ok(("A".to_owned(), None)));
    }

    #[test]
    fn what_is_wrong_is_told_without_its_value() {
        for (text, message) in [
            ("{}", "`AccessKeyId` is missing"),
            (r#"{"AccessKeyId": "A"}"#, "`SecretAccessKey` is missing"),
            (
                r#"{"AccessKeyId": "", "SecretAccessKey": "s"}"#,
                "`AccessKeyId` is missing",
            ),
            (
                r#"{"AccessKeyId": 1, "SecretAccessKey": "s"}"#,
                "`AccessKeyId` is not a string",
            ),
            (
                r#"{"AccessKeyId": "A", "SecretAccessKey": "s\n"}"#,
                "`SecretAccessKey` contains control characters",
            ),
            (
                r#"{"AccessKeyId": "A", "SecretAccessKey": "s", "Expiration": "soon"}"#,
                "`Expiration` must be a timestamp like 2026-11-22T15:04:05Z",
            ),
            ("[]", "`AccessKeyId` is missing"),
        ] {
            assert_eq!(read(text), Err(message.to_owned()), "{text}");
        }
    }
}
