//! IAM Identity Center: the portal that gives role credentials to who has signed in, and the OIDC
//! service that renews a sign-in. They share a port here, since their paths differ.
//!
//! <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/>,
//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/>

use std::collections::HashSet;

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::{
    Fault, Keys,
    fake::Fake,
    http::{HttpRequest, Reply},
    names,
    refusal::Refusal,
    service::{Answer, Service},
};

const CREDENTIALS_PATH: &str = "/federation/credentials";
const TOKEN_PATH: &str = "/token";
const TOKEN_LIFETIME: u32 = 8 * 3600;

/// A running portal.
pub type FakePortal = Fake<Portal>;

impl FakePortal {
    /// A portal where nobody has signed in yet.
    pub fn builder() -> Portal {
        Portal::default()
    }
}

/// Who has signed in, and for which roles.
#[derive(Debug, Default)]
pub struct Portal {
    access_tokens: HashSet<String>,
    refresh_tokens: HashSet<String>,
    grants: Vec<Grant>,
}

/// A role in an account, open to whoever has signed in.
#[derive(Debug)]
struct Grant {
    account_id: String,
    role_name: String,
    keys: Keys,
}

impl Portal {
    /// The token of somebody who has signed in.
    pub fn access_token(mut self, token: &str) -> Self {
        self.access_tokens.insert(token.to_owned());
        self
    }

    /// A token that buys new access tokens. Each comes with a refresh token of its own, and this
    /// one stays good.
    pub fn refresh_token(mut self, token: &str) -> Self {
        self.refresh_tokens.insert(token.to_owned());
        self
    }

    /// A role for everybody who has signed in. A [`Fault::Expiration`] stands in the reply as the
    /// JSON value that its text is, or else as a string.
    pub fn role(mut self, account_id: &str, role_name: &str, keys: Keys) -> Self {
        self.grants.push(Grant {
            account_id: account_id.to_owned(),
            role_name: role_name.to_owned(),
            keys,
        });
        self
    }

    /// Start answering.
    ///
    /// # Panics
    ///
    /// If no port of 127.0.0.1 can be listened on.
    pub fn start(self) -> FakePortal {
        Fake::start(self)
    }

    /// `GetRoleCredentials`.
    fn role_credentials(&self, request: &HttpRequest, lie: Option<&Fault>) -> Result<Answer, Refusal> {
        let token = request.header("x-amz-sso_bearer_token").unwrap_or_default();
        if !self.access_tokens.contains(token) {
            let message = "Session token not found or invalid";
            return Err(Refusal::new(401, "UnauthorizedException", message));
        }
        let parameter = |name| {
            let missing = || Refusal::new(400, "InvalidRequestException", format!("{name} is missing"));
            request.parameter(name).ok_or_else(missing)
        };
        let (account_id, role_name) = (parameter("account_id")?, parameter("role_name")?);
        let issued = self
            .grants
            .iter()
            .find(|grant| grant.account_id == account_id && grant.role_name == role_name)
            .ok_or_else(|| Refusal::new(403, "ForbiddenException", "No access"))?
            .keys
            .issue(epoch_millis, lie);
        let expiration = serde_json::from_str(&issued.expiration).unwrap_or(Value::String(issued.expiration));
        let credentials = json!({
            "accessKeyId": issued.access_key_id,
            "secretAccessKey": issued.secret,
            "sessionToken": issued.token,
            "expiration": expiration,
        });
        Ok(Reply::json(200, &json!({ "roleCredentials": credentials })).into())
    }

    /// `CreateToken`, for a refresh token only. Any client will do: this server registers none.
    fn create_token(&mut self, request: &HttpRequest) -> Result<Answer, Refusal> {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let field = |name: &str| {
            let missing = || Refusal::new(400, "InvalidRequestException", format!("{name} is missing"));
            body[name].as_str().ok_or_else(missing)
        };
        field("clientId")?;
        field("clientSecret")?;
        if field("grantType")? != "refresh_token" {
            let message = "Only refresh_token is known here";
            return Err(Refusal::new(400, "UnsupportedGrantTypeException", message));
        }
        if !self.refresh_tokens.contains(field("refreshToken")?) {
            return Err(Refusal::new(
                400,
                "InvalidGrantException",
                "Invalid refresh token provided",
            ));
        }
        let (access, refresh) = (names::opaque_token("aoaAAAAAG"), names::opaque_token("aorAAAAAG"));
        self.access_tokens.insert(access.clone());
        self.refresh_tokens.insert(refresh.clone());
        let tokens = json!({
            "accessToken": access,
            "expiresIn": TOKEN_LIFETIME,
            "refreshToken": refresh,
            "tokenType": "Bearer",
        });
        Ok(Reply::json(200, &tokens).into())
    }
}

impl Service for Portal {
    type Request = HttpRequest;

    fn receive(&mut self, request: HttpRequest) -> HttpRequest {
        request
    }

    fn answer(&mut self, request: &HttpRequest, lie: Option<&Fault>) -> Result<Answer, Refusal> {
        match (request.method.as_str(), request.path()) {
            ("GET", CREDENTIALS_PATH) => self.role_credentials(request, lie),
            ("POST", TOKEN_PATH) => self.create_token(request),
            _ => Err(Refusal::new(404, "ResourceNotFoundException", "There is nothing here")),
        }
    }

    /// The name of the exception is in a header; OIDC has its own names in the body besides.
    fn refuse(&self, request: &HttpRequest, refusal: &Refusal) -> Reply {
        let Refusal { status, code, message } = refusal;
        let body = if request.path() == TOKEN_PATH {
            json!({ "error": oauth_name(code), "error_description": message })
        } else {
            json!({ "message": message })
        };
        Reply::json(*status, &body).with("x-amzn-ErrorType", code)
    }
}

fn epoch_millis(time: OffsetDateTime) -> String {
    (time.unix_timestamp_nanos() / 1_000_000).to_string()
}

/// `invalid_grant` for `InvalidGrantException`.
fn oauth_name(exception: &str) -> String {
    let mut name = String::new();
    for character in exception.trim_end_matches("Exception").chars() {
        if character.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(character.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_have_names_in_oauth() {
        assert_eq!(oauth_name("InvalidGrantException"), "invalid_grant");
        assert_eq!(oauth_name("UnsupportedGrantTypeException"), "unsupported_grant_type");
        assert_eq!(oauth_name("slow_down"), "slow_down");
    }
}
