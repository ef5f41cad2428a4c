//! One HTTP request to a metadata service: no proxy, no retry, a short timeout, a short response.

use std::time::Duration;

use aws_sdk_sts::config::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_sdk_sts::error::ConnectorError;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::TlsContext;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

use crate::aws::client::{Aws, finish};
use crate::aws::error::AwsError;
use crate::aws::limited_body::read;
use crate::aws::transport::Server;

/// The request.
pub(super) struct FetchRequest<'question> {
    pub(super) method: &'static str,
    pub(super) url: &'question str,
    pub(super) headers: &'question [(&'static str, &'question str)],
    /// For the connection, again for the first byte, and again for the whole response.
    pub(super) timeout: Duration,
    pub(super) tls: Option<TlsContext>,
}

/// The response.
pub(super) struct FetchResponse {
    pub(super) status: u16,
    pub(super) body: String,
}

/// Why there is no response.
pub(super) enum FetchError {
    /// The server accepted the connection, but did not send a complete response.
    Timeout,
    Transport(AwsError),
}

impl Aws {
    /// Sends the request and waits for the response.
    pub(super) fn ask(&self, server: &Server, question: FetchRequest<'_>) -> Result<FetchResponse, FetchError> {
        let mut request = HttpRequest::empty();
        let built = request.set_method(question.method).is_ok() && request.set_uri(question.url.to_owned()).is_ok();
        let headers = request.headers_mut();
        let fits = question
            .headers
            .iter()
            .all(|(name, value)| headers.try_insert(*name, (*value).to_owned()).is_ok());
        if !built || !fits {
            return Err(FetchError::Transport(
                server.invalid_response("the request is not valid HTTP"),
            ));
        }
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(question.timeout)
            .read_timeout(question.timeout)
            .build();
        let connector = Connector::builder()
            .connector_settings(settings)
            .sleep_impl(SharedAsyncSleep::new(TokioSleep));
        let tls = question.tls;
        let answer = self.wait(async move {
            let response = finish(connector, tls).call(request).await?;
            let status = response.status().as_u16();
            let body = tokio::time::timeout(question.timeout, read(response.into_body()));
            Ok((status, body.await))
        });
        match answer.map_err(FetchError::Transport)? {
            Ok((status, Ok(Ok(body)))) => match String::from_utf8(body) {
                Ok(body) => Ok(FetchResponse { status, body }),
                Err(_) => Err(FetchError::Transport(
                    server.invalid_response("the response is not valid UTF-8"),
                )),
            },
            Ok((_, Ok(Err(_)))) => Err(FetchError::Transport(
                server.invalid_response("the response is incomplete or too long"),
            )),
            Ok((_, Err(_))) => Err(FetchError::Timeout),
            Err(error) => Err(no_answer(server, &error)),
        }
    }
}

fn no_answer(server: &Server, error: &ConnectorError) -> FetchError {
    // The connector distinguishes its two timeouts only by their text.
    let source = std::error::Error::source(error).map(ToString::to_string);
    if error.is_timeout() && source.is_some_and(|text| text.contains("read timeout")) {
        FetchError::Timeout
    } else {
        FetchError::Transport(server.connection_failed(error))
    }
}

/// The runtime's timer, for the connector's timeouts.
#[derive(Debug)]
struct TokioSleep;

impl AsyncSleep for TokioSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(tokio::time::sleep(duration))
    }
}
