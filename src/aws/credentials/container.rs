//! The credentials endpoint that ECS and EKS give to a container.

use std::time::Duration;

use super::Failure;
use super::fetch::{FetchError, FetchRequest, FetchResponse};
use super::json::{self, Dated};
use crate::aws::client::Aws;
use crate::aws::error::AwsError;
use crate::aws::transport::Server;
use crate::plan::Container;
use crate::secret::Secret;

/// Three attempts of two seconds each, like in botocore.
const ATTEMPTS: u32 = 3;
const TIMEOUT: Duration = Duration::from_secs(2);
const RETRY_DELAY: Duration = Duration::from_millis(300);

impl Aws {
    pub(super) fn container_credentials(
        &self,
        container: &Container,
        token: Option<&Secret>,
        failed: impl Fn(Failure) -> AwsError,
    ) -> Result<Dated, AwsError> {
        let url = &container.url.value;
        let server = Server::direct(format!(
            "the container's credentials endpoint ({})",
            container.url.origin
        ));
        // A line break would end the header.
        if token.as_ref().is_some_and(|token| !json::is_sendable(token.expose())) {
            return Err(failed((
                "the authorization token contains a line break or a control character".to_owned(),
                None,
            )));
        }
        let mut headers = vec![("accept", "application/json")];
        headers.extend(token.as_ref().map(|token| ("authorization", token.expose())));
        let tls = if url.starts_with("https://") {
            Some(self.tls()?)
        } else {
            None
        };
        let mut attempt = 1;
        let answer = loop {
            let question = FetchRequest {
                method: "GET",
                url,
                headers: &headers,
                timeout: TIMEOUT,
                tls: tls.clone(),
            };
            match self.ask(&server, question) {
                Ok(FetchResponse { status: 200, body }) => break body,
                Ok(FetchResponse { status, .. }) if attempt == ATTEMPTS || status < 500 => {
                    return Err(failed((format!("{} returned HTTP status {status}", server.name), None)));
                }
                Err(FetchError::Timeout) if attempt == ATTEMPTS => return Err(server.timed_out()),
                Err(FetchError::Transport(error)) if attempt == ATTEMPTS => return Err(error),
                _ => {}
            }
            attempt += 1;
            // The timer needs the runtime.
            self.wait(async { tokio::time::sleep(RETRY_DELAY).await })?;
        };
        let document = serde_json::from_str(&answer).map_err(|_| server.invalid_response("not valid JSON"))?;
        json::credentials(&document, "Token").map_err(|reason| failed((format!("invalid response: {reason}"), None)))
    }
}
