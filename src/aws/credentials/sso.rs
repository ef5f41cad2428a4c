//! Credentials of a role of IAM Identity Center, with the token of `aws sso login`.

use aws_sdk_sso::error::ProvideErrorMetadata as _;
use time::OffsetDateTime;

use super::Failure;
use super::json::{Dated, is_sendable};
use super::token::Token;
use crate::aws::client::Aws;
use crate::aws::error::AwsError;
use crate::aws::sts_error::{conceal, is_code};
use crate::aws::transport::Server;
use crate::credentials::Keys;
use crate::plan::Sso;
use crate::secret::Secret;
use crate::timestamp;

impl Aws {
    pub(super) fn sso_credentials(&self, sso: &Sso, failed: impl Fn(Failure) -> AwsError) -> Result<Dated, AwsError> {
        let log_in = || Some(sso.log_in());
        let token = Token::read(&sso.token_file).map_err(|reason| failed((reason, log_in())))?;
        let token = self.renewed(token, sso)?;
        if token.is_over() {
            let end = timestamp::format(token.expires_at).unwrap_or_default();
            return Err(failed((format!("the SSO token expired at {end}"), log_in())));
        }
        let config = self.config(&sso.portal, true)?;
        let client = aws_sdk_sso::Client::from_conf(aws_sdk_sso::config::Builder::from(&config).build());
        let request = client
            .get_role_credentials()
            .account_id(&sso.account_id.value)
            .role_name(&sso.role_name.value)
            .access_token(token.secret.expose());
        let hint = "check that the endpoint is an SSO portal (`AWS_ENDPOINT_URL_SSO`, `endpoint_url`)";
        let server = Server::at(&sso.portal, hint, || "the SSO portal".to_owned());
        let answer = match self.wait(request.send())? {
            Ok(answer) => answer,
            Err(error) => {
                let refusal = server.failed(error)?;
                if refusal.is_unauthorized_exception() {
                    return Err(failed(("the SSO token is no longer valid".to_owned(), log_in())));
                }
                let message = conceal(refusal.message().unwrap_or_default(), &[token.secret]);
                let Some(code) = refusal.code().filter(|code| is_code(code)) else {
                    return Err(server.invalid_response("not a response from an SSO portal"));
                };
                return Err(failed((
                    format!(
                        "the SSO portal denied role `{}` of account {}: {code}: {message}",
                        sso.role_name.value, sso.account_id.value
                    ),
                    Some("check `sso_account_id` and `sso_role_name`, and that the role is assigned to you".to_owned()),
                )));
            }
        };
        let issued = answer
            .role_credentials
            .ok_or_else(|| server.invalid_response("no credentials in the response"))?;
        let need = |field: Option<String>| match field {
            Some(text) if !text.is_empty() && is_sendable(&text) => Ok(text),
            _ => Err(server.invalid_response("the credentials are incomplete or contain control characters")),
        };
        let keys = Keys {
            access_key_id: need(issued.access_key_id)?,
            secret_access_key: Secret::new(need(issued.secret_access_key)?),
            session_token: Some(Secret::new(need(issued.session_token)?)),
            account_id: Some(sso.account_id.value.clone()),
        };
        let end = OffsetDateTime::from_unix_timestamp(issued.expiration / 1000).ok();
        Ok((keys, end.filter(|_| issued.expiration > 0)))
    }
}
