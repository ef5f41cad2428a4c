//! Limits the size of responses, so that an endless one does not fill the memory, and reads the date of each response.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use time::OffsetDateTime;

use super::clock::ClockSkew;

/// The longest response, in bytes. Those of AWS are a hundred times shorter.
const MAX_BODY_SIZE: usize = 1 << 20;

/// The body of a response, unless it is too long or incomplete.
pub(super) async fn read(body: SdkBody) -> Result<Vec<u8>, ConnectorError> {
    let mut stream = ByteStream::new(body);
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| ConnectorError::io(error.into()))?);
        if bytes.len() > MAX_BODY_SIZE {
            return Err(ConnectorError::other("the response is too long".into(), None));
        }
    }
    Ok(bytes)
}

/// An HTTP client with the limit, which also compares clocks.
#[derive(Debug)]
pub(super) struct LimitedBody {
    pub(super) client: SharedHttpClient,
    pub(super) clock: ClockSkew,
}

impl HttpClient for LimitedBody {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(LimitedConnector {
            connector: self.client.http_connector(settings, components),
            clock: self.clock.clone(),
        })
    }
}

#[derive(Debug)]
struct LimitedConnector {
    connector: SharedHttpConnector,
    clock: ClockSkew,
}

impl HttpConnector for LimitedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let start = OffsetDateTime::now_utc();
        let clock = self.clock.clone();
        let answer = self.connector.call(request);
        HttpConnectorFuture::new(async move {
            let mut response = answer.await?;
            clock.compare(start, &response);
            let body = std::mem::replace(response.body_mut(), SdkBody::taken());
            *response.body_mut() = read(body).await?.into();
            Ok(response)
        })
    }
}
