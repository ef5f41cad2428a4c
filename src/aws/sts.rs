//! AssumeRole, AssumeRoleWithWebIdentity and GetSessionToken, one blocking call each.

use aws_sdk_sts::Client;
use aws_sdk_sts::config::{Builder, Credentials, SharedCredentialsProvider};
use aws_sdk_sts::types::{AssumedRoleUser, Credentials as Issued, PolicyDescriptorType, Tag};
use time::OffsetDateTime;

use super::client::Aws;
use super::credentials::{is_sendable, token_or_read};
use super::error::AwsError;
use super::sts_error::{Action, Call};
use super::transport::Server;
use crate::config::Located;
use crate::credentials::Keys;
use crate::credentials::{AssumedRole, Session};
use crate::mfa::Code;
use crate::plan::{AssumeRole, AssumeRoleWithWebIdentity, EndpointConfig, GetSessionToken, SessionOptions, Source};
use crate::secret::Secret;

impl Aws {
    /// Assumes a role with the credentials of `caller`. `position`: the number of the role in the chain, from 1, and
    /// the length of the chain.
    pub fn assume_role(
        &self,
        endpoint_config: &EndpointConfig,
        caller: &Session,
        step: &AssumeRole,
        code: Option<Code>,
        position: (usize, usize),
    ) -> Result<Session, AwsError> {
        let role = step.role.value.to_string();
        let call = Call {
            what: assume(&role, position),
            action: Action::AssumeRole(step),
            ..self.call(endpoint_config, caller, code.as_ref())
        };
        let SessionOptions {
            policy,
            policy_arns,
            tags,
            transitive_tags,
            source_identity,
        } = &step.options;
        let tags: Option<Vec<Tag>> = tags.iter().map(|(key, value)| tag(key, value)).collect();
        let request = self
            .client(endpoint_config, Some(&caller.keys), code.is_some())?
            .assume_role()
            .role_arn(&role)
            .role_session_name(&step.session_name.value)
            .set_external_id(value(step.external_id.as_ref()))
            .set_serial_number(
                code.as_ref()
                    .and(step.mfa.as_ref())
                    .map(|device| device.serial.value.clone()),
            )
            .set_token_code(code.map(reveal))
            .set_duration_seconds(seconds(step.duration.as_ref()))
            .set_policy(policy.clone())
            .set_policy_arns(descriptors(policy_arns))
            .set_tags(tags.filter(|tags| !tags.is_empty()))
            .set_transitive_tag_keys(Some(transitive_tags.clone()).filter(|keys| !keys.is_empty()))
            .set_source_identity(source_identity.clone());
        let answer = self.wait(request.send())?.map_err(|error| call.failed(error))?;
        session(&call, answer.credentials, assumed(answer.assumed_role_user), &role)
    }

    /// Assumes a role with the token of `source`, unsigned. `token`: the token if it was already read, because a pipe can
    /// be read once. `position` as for [`Self::assume_role`].
    pub fn assume_role_with_web_identity(
        &self,
        endpoint_config: &EndpointConfig,
        source: &Source,
        token: Option<&Secret>,
        step: &AssumeRoleWithWebIdentity,
        position: (usize, usize),
    ) -> Result<Session, AwsError> {
        let owner = source.to_string();
        let token =
            token_or_read(source, token).and_then(|token| token.ok_or_else(|| "no web identity token".to_owned()));
        let token = token.map_err(|reason| AwsError::Source {
            owner: owner.clone(),
            reason,
            hint: None,
        })?;
        let role = step.role.value.to_string();
        let call = Call {
            what: assume(&role, position),
            action: Action::WebIdentity,
            owner: &owner,
            access_key_id: "",
            server: server(endpoint_config),
            clock: &self.clock,
            explain: &self.explain,
            secrets: vec![token.clone()],
        };
        let request = self
            .client(endpoint_config, None, false)?
            .assume_role_with_web_identity()
            .role_arn(&role)
            .role_session_name(&step.session_name.value)
            .web_identity_token(token.expose())
            .set_duration_seconds(seconds(step.duration.as_ref()))
            .set_policy(step.options.policy.clone())
            .set_policy_arns(descriptors(&step.options.policy_arns));
        let answer = self.wait(request.send())?.map_err(|error| call.failed(error))?;
        session(&call, answer.credentials, assumed(answer.assumed_role_user), &role)
    }

    /// Requests an MFA session with the long-term keys of `caller`.
    pub fn get_session_token(
        &self,
        endpoint_config: &EndpointConfig,
        caller: &Session,
        step: &GetSessionToken,
        code: Code,
    ) -> Result<Session, AwsError> {
        let call = Call {
            what: format!("get a session with `{}`", step.device.serial.value),
            action: Action::SessionToken,
            ..self.call(endpoint_config, caller, Some(&code))
        };
        let request = self
            .client(endpoint_config, Some(&caller.keys), true)?
            .get_session_token()
            .serial_number(&step.device.serial.value)
            .token_code(reveal(code))
            .set_duration_seconds(seconds(step.duration.as_ref()));
        let answer = self.wait(request.send())?.map_err(|error| call.failed(error))?;
        let mut session = session(&call, answer.credentials, None, &caller.owner)?;
        session.keys.account_id.clone_from(&caller.keys.account_id);
        Ok(session)
    }

    pub(super) fn call<'call>(
        &'call self,
        endpoint_config: &EndpointConfig,
        caller: &'call Session,
        code: Option<&Code>,
    ) -> Call<'call> {
        let keys = &caller.keys;
        let secrets = [
            Some(&keys.secret_access_key),
            keys.session_token.as_ref(),
            code.map(Code::secret),
        ];
        Call {
            what: String::new(),
            action: Action::SessionToken,
            owner: &caller.owner,
            access_key_id: &keys.access_key_id,
            server: server(endpoint_config),
            clock: &self.clock,
            explain: &self.explain,
            secrets: secrets.into_iter().flatten().cloned().collect(),
        }
    }

    /// AWS accepts a code once, so a request with one is not repeated.
    pub(super) fn client(
        &self,
        endpoint_config: &EndpointConfig,
        keys: Option<&Keys>,
        with_code: bool,
    ) -> Result<Client, AwsError> {
        let mut config = Builder::from(&self.config(endpoint_config, !with_code)?);
        if let Some(keys) = keys {
            let token = keys.session_token.as_ref().map(|token| token.expose().to_owned());
            let secret = keys.secret_access_key.expose();
            let credentials = Credentials::new(&keys.access_key_id, secret, token, None, "rolenv");
            config = config.credentials_provider(SharedCredentialsProvider::new(credentials));
        }
        Ok(Client::from_conf(config.build()))
    }
}

/// "assume `ROLE`", with its number in a chain.
fn assume(role: &str, position: (usize, usize)) -> String {
    match position {
        (_, 1) => format!("assume `{role}`"),
        (number, of) => format!("assume `{role}` (role {number} of {of})"),
    }
}

fn server(endpoint_config: &EndpointConfig) -> Server {
    let hint = "check that the endpoint is an STS (`AWS_ENDPOINT_URL_STS`, `endpoint_url`)";
    Server::at(endpoint_config, hint, || match &endpoint_config.region {
        Some(region) => format!("STS in `{}`", region.value),
        None => "STS at its global endpoint".to_owned(),
    })
}

fn value(found: Option<&Located<String>>) -> Option<String> {
    found.map(|found| found.value.clone())
}

fn seconds(found: Option<&Located<u32>>) -> Option<i32> {
    found.map(|found| found.value.cast_signed())
}

fn tag(key: &str, value: &str) -> Option<Tag> {
    Tag::builder().key(key).value(value).build().ok()
}

fn descriptors(arns: &[String]) -> Option<Vec<PolicyDescriptorType>> {
    let descriptor = |arn: &String| PolicyDescriptorType::builder().arn(arn).build();
    Some(arns.iter().map(descriptor).collect()).filter(|all: &Vec<_>| !all.is_empty())
}

fn reveal(code: Code) -> String {
    code.spend().expose().to_owned()
}

fn assumed(user: Option<AssumedRoleUser>) -> Option<AssumedRole> {
    user.map(|user| AssumedRole {
        arn: user.arn,
        id: user.assumed_role_id,
    })
}

/// The session in a response, checked, because it will be exported into a shell.
fn session(
    call: &Call<'_>,
    issued: Option<Issued>,
    assumed: Option<AssumedRole>,
    owner: &str,
) -> Result<Session, AwsError> {
    let server = &call.server;
    let issued = issued.ok_or_else(|| server.invalid_response("no credentials in the response"))?;
    let fields = [&issued.access_key_id, &issued.secret_access_key, &issued.session_token];
    if fields.iter().any(|field| field.is_empty()) {
        return Err(server.invalid_response("the credentials are incomplete"));
    }
    if !fields.iter().all(|field| is_sendable(field)) {
        return Err(server.invalid_response("the credentials contain control characters"));
    }
    let seconds = issued.expiration.secs();
    let expiration = OffsetDateTime::from_unix_timestamp(seconds).ok();
    let expiration = expiration.ok_or_else(|| server.invalid_response("the expiration is not a valid timestamp"))?;
    if expiration <= OffsetDateTime::now_utc() {
        return Err(AwsError::Over {
            endpoint: server.name.clone(),
        });
    }
    Ok(Session {
        keys: Keys {
            access_key_id: issued.access_key_id,
            secret_access_key: Secret::new(issued.secret_access_key),
            session_token: Some(Secret::new(issued.session_token)),
            account_id: assumed.as_ref().and_then(AssumedRole::account).map(str::to_owned),
        },
        expiration: Some(call.clock.end(expiration)),
        owner: assumed.as_ref().map_or_else(|| owner.to_owned(), AssumedRole::quoted),
        assumed,
        is_cached: false,
    })
}
