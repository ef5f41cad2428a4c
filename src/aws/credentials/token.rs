//! The token of `aws sso login` in the AWS CLI's cache: read, and renewed if possible.

use std::path::Path;

use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};

use super::json::is_sendable;
use crate::aws::client::Aws;
use crate::aws::error::AwsError;
use crate::fs::{self, Preserve};
use crate::plan::Sso;
use crate::secret::Secret;
use crate::system_error::describe;
use crate::timestamp;

/// The AWS CLI renews a token that expires within this time.
const RENEWED_BEFORE: Duration = Duration::minutes(15);

/// The longest entry, in bytes. Usual ones have two or three thousand.
const MAX_FILE_SIZE: u64 = 1 << 20;

/// A cached token.
pub(super) struct Token {
    pub(super) secret: Secret,
    pub(super) expires_at: OffsetDateTime,
    /// The complete entry, all of which is written back.
    entry: Map<String, Value>,
}

impl Token {
    /// Reads a cached token.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let text = match fs::read(path, MAX_FILE_SIZE) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err("no SSO token".to_owned());
            }
            Err(error) => {
                let reason = describe(&error);
                return Err(format!("cannot read the SSO token in `{}`: {reason}", path.display()));
            }
        };
        let entry: Map<String, Value> = serde_json::from_slice(&text).unwrap_or_default();
        let field = |key: &str| entry.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        match (field("accessToken"), field("expiresAt").and_then(timestamp::parse)) {
            (Some(token), Some(expires_at)) if is_sendable(token) => Ok(Self {
                secret: Secret::new(token),
                expires_at,
                entry,
            }),
            _ => Err(format!("the SSO token in `{}` is corrupt", path.display())),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.expires_at <= OffsetDateTime::now_utc()
    }

    /// Whether it expires soon and contains everything for a renewal.
    pub(super) fn is_renewable(&self) -> bool {
        let now = OffsetDateTime::now_utc();
        let registration = self.text("registrationExpiresAt").and_then(timestamp::parse);
        let whole = ["refreshToken", "clientId", "clientSecret"]
            .iter()
            .all(|key| self.text(key).is_some());
        self.expires_at - now < RENEWED_BEFORE && whole && registration.is_some_and(|end| end > now)
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.entry.get(key).and_then(Value::as_str)
    }

    /// Writes it to the cache.
    fn write(&self, path: &Path) -> std::io::Result<()> {
        let text = Value::Object(self.entry.clone()).to_string();
        fs::replace(path, text.as_bytes(), Preserve::Nothing)
    }
}

impl Aws {
    /// The token, renewed if it expires soon and can be renewed.
    pub(super) fn renewed(&self, mut token: Token, sso: &Sso) -> Result<Token, AwsError> {
        if sso.session.is_none() || !token.is_renewable() {
            return Ok(token);
        }
        let config = self.config(&sso.oidc, false)?;
        let client = aws_sdk_ssooidc::Client::from_conf(aws_sdk_ssooidc::config::Builder::from(&config).build());
        let request = client
            .create_token()
            .grant_type("refresh_token")
            .client_id(token.text("clientId").unwrap_or_default())
            .client_secret(token.text("clientSecret").unwrap_or_default())
            .refresh_token(token.text("refreshToken").unwrap_or_default());
        let Ok(answer) = self.wait(request.send())? else {
            return Ok(token);
        };
        let Some(access_token) = answer
            .access_token()
            .filter(|text| !text.is_empty() && is_sendable(text))
        else {
            return Ok(token);
        };
        token.expires_at = OffsetDateTime::now_utc() + Duration::seconds(answer.expires_in().into());
        token.secret = Secret::new(access_token);
        let mut put = |key: &str, text: &str| token.entry.insert(key.to_owned(), text.into());
        put("accessToken", access_token);
        put("expiresAt", &timestamp::format(token.expires_at).unwrap_or_default());
        if let Some(refresh_token) = answer.refresh_token() {
            put("refreshToken", refresh_token);
        }
        // If it cannot be written, this run uses it anyway.
        let _ = token.write(&sso.token_file);
        Ok(token)
    }
}
