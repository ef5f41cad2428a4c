//! AssumeRole and GetSessionToken, one blocking call each.

use std::mem::ManuallyDrop;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_sts::Client;
use aws_sdk_sts::config::{Builder, Credentials, SharedCredentialsProvider};
use aws_sdk_sts::types::Credentials as Issued;
use time::OffsetDateTime;
use tokio::runtime::Runtime;

use super::client;
use super::failure::{Action, Call, StsError};
use crate::mfa::Code;
use crate::profile::{Hop, Keys, MfaSession, Reach, Secret, Signer};
use crate::session::Session;

/// A connection to STS. Nothing is sent until a call is made.
pub struct Sts {
    /// Never shut down: that would wait for a name that is still being looked up, long after an interrupt.
    runtime: ManuallyDrop<Runtime>,
    config: SdkConfig,
    endpoint: String,
}

impl Sts {
    /// Prepares requests.
    ///
    /// # Errors
    /// [`StsError::NoRuntime`] when the system has no file descriptors or threads left.
    pub fn open(reach: &Reach) -> Result<Self, StsError> {
        let runtime = client::runtime().map_err(|error| StsError::no_runtime(&error))?;
        let place = match (&reach.endpoint, &reach.region) {
            (Some(url), _) => format!("`{url}`"),
            (None, Some(region)) => format!("STS in `{region}`"),
            (None, None) => "STS at its global endpoint".to_owned(),
        };
        Ok(Self {
            runtime: ManuallyDrop::new(runtime),
            config: client::config(reach),
            endpoint: place,
        })
    }

    /// Assumes `hop`'s role with `signer`'s keys.
    ///
    /// # Errors
    /// [`StsError`], which says as whom and what for.
    pub fn assume_role(&self, signer: &Signer, hop: &Hop, code: Option<Code>) -> Result<Session, StsError> {
        let call = self.call(
            signer,
            Action::AssumeRole {
                role: hop.role.to_string(),
                with_external_id: hop.external_id.is_some(),
                with_mfa: hop.mfa_serial.is_some(),
            },
            code.as_ref(),
        );
        let request = self
            .client(&signer.keys, code.is_some())
            .assume_role()
            .role_arn(hop.role.to_string())
            .role_session_name(&hop.session_name)
            .set_external_id(hop.external_id.clone())
            .set_serial_number(hop.mfa_serial.clone())
            .set_token_code(code.map(reveal))
            .set_duration_seconds(hop.duration.map(u32::cast_signed));
        let answer = self
            .runtime
            .block_on(request.send())
            .map_err(|error| call.failed(&error))?;
        let arn = answer.assumed_role_user().map(|user| user.arn().to_owned());
        session(&call, answer.credentials, arn)
    }

    /// Turns `signer`'s long-term keys into a session with MFA.
    ///
    /// # Errors
    /// [`StsError`], which says as whom and what for.
    pub fn get_session_token(
        &self,
        signer: &Signer,
        wanted: &MfaSession,
        code: Option<Code>,
    ) -> Result<Session, StsError> {
        let call = self.call(
            signer,
            Action::GetSessionToken {
                mfa_serial: wanted.mfa_serial.clone(),
            },
            code.as_ref(),
        );
        let request = self
            .client(&signer.keys, code.is_some())
            .get_session_token()
            .serial_number(&wanted.mfa_serial)
            .set_token_code(code.map(reveal))
            .set_duration_seconds(wanted.duration.map(u32::cast_signed));
        let answer = self
            .runtime
            .block_on(request.send())
            .map_err(|error| call.failed(&error))?;
        session(&call, answer.credentials, None)
    }

    fn call(&self, signer: &Signer, action: Action, code: Option<&Code>) -> Call {
        let keys = &signer.keys;
        let secrets = [
            Some(&keys.secret_access_key),
            keys.session_token.as_ref(),
            code.map(Code::secret),
        ];
        Call {
            secrets: secrets.into_iter().flatten().cloned().collect(),
            action,
            whose: signer.whose.clone(),
            access_key_id: signer.keys.access_key_id.clone(),
            endpoint: self.endpoint.clone(),
        }
    }

    /// A code is good for one request, so a request that carries one is not repeated.
    fn client(&self, keys: &Keys, with_code: bool) -> Client {
        let credentials = Credentials::new(
            &keys.access_key_id,
            keys.secret_access_key.expose(),
            keys.session_token.as_ref().map(|token| token.expose().to_owned()),
            None,
            "rolenv",
        );
        let mut config = Builder::from(&self.config).credentials_provider(SharedCredentialsProvider::new(credentials));
        if with_code {
            config.set_retry_config(Some(RetryConfig::disabled()));
        }
        Client::from_conf(config.build())
    }
}

fn reveal(code: Code) -> String {
    code.spend().expose().to_owned()
}

/// What STS issued, checked: whatever answers on an endpoint is put into a shell.
fn session(call: &Call, issued: Option<Issued>, arn: Option<String>) -> Result<Session, StsError> {
    let issued = issued.ok_or_else(|| call.garbled("it has no credentials"))?;
    let fields = [&issued.access_key_id, &issued.secret_access_key, &issued.session_token];
    if fields.iter().any(|field| field.is_empty()) {
        return Err(call.garbled("a part of the credentials is empty"));
    }
    if fields.iter().any(|field| field.chars().any(char::is_control)) {
        return Err(call.garbled("the credentials have control characters"));
    }
    let seconds = issued.expiration.secs();
    let expiration = OffsetDateTime::from_unix_timestamp(seconds).ok();
    let expiration = expiration.ok_or_else(|| call.garbled("its expiration is not a time"))?;
    if expiration <= OffsetDateTime::now_utc() {
        return Err(StsError::Over {
            endpoint: call.endpoint.clone(),
        });
    }
    Ok(Session {
        keys: Keys {
            access_key_id: issued.access_key_id,
            secret_access_key: Secret::new(issued.secret_access_key),
            session_token: Some(Secret::new(issued.session_token)),
        },
        expiration: Some(expiration),
        arn,
    })
}
