//! GetCallerIdentity: the identity of given credentials. It needs no permission.

use super::client::Aws;
use super::error::AwsError;
use super::sts_error::{Action, Call};
use crate::credentials::Keys;
use crate::credentials::Session;
use crate::plan::EndpointConfig;

/// The response of GetCallerIdentity.
pub struct CallerIdentity {
    pub arn: String,
    pub account: String,
    pub user_id: String,
}

impl Aws {
    /// Calls GetCallerIdentity with `keys`. `owner`: the owner, for messages.
    pub fn get_caller_identity(
        &self,
        endpoint_config: &EndpointConfig,
        keys: &Keys,
        owner: &str,
    ) -> Result<CallerIdentity, AwsError> {
        let caller = Session {
            keys: keys.clone(),
            expiration: None,
            owner: owner.to_owned(),
            assumed: None,
            is_cached: false,
        };
        let call = Call {
            what: "get the caller identity".to_owned(),
            action: Action::CallerIdentity,
            ..self.call(endpoint_config, &caller, None)
        };
        let request = self.client(endpoint_config, Some(keys), false)?.get_caller_identity();
        let answer = self.wait(request.send())?.map_err(|error| call.failed(error))?;
        match (answer.arn, answer.account, answer.user_id) {
            (Some(arn), Some(account), Some(user_id)) => Ok(CallerIdentity { arn, account, user_id }),
            _ => Err(call.server.invalid_response("no caller identity in the response")),
        }
    }
}
