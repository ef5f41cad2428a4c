//! Transport errors: name resolution, connections, proxies, TLS, timeouts.

use std::error::Error;

use aws_sdk_sts::error::{ConnectorError, SdkError};

use super::error::AwsError;
use crate::plan::EndpointConfig;

/// A server, for messages.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) name: String,
    /// The hint for an unexpected response.
    hint: Option<&'static str>,
}

impl Server {
    /// A server without a proxy.
    pub(super) const fn direct(name: String) -> Self {
        Self { name, hint: None }
    }

    /// The service at `endpoint_config`: its custom endpoint, else `name`. `hint`: for a response of another service.
    pub(super) fn at(endpoint_config: &EndpointConfig, hint: &'static str, name: impl FnOnce() -> String) -> Self {
        let name = match &endpoint_config.endpoint {
            Some(url) => format!("`{}`", url.value),
            None => name(),
        };
        Self {
            name: match &endpoint_config.proxy {
                Some(proxy) => format!("{name} through {proxy}"),
                None => name,
            },
            hint: Some(hint),
        }
    }

    pub(super) fn invalid_response(&self, reason: &'static str) -> AwsError {
        AwsError::Garbled {
            endpoint: self.name.clone(),
            reason,
            hint: self.hint,
        }
    }

    /// Converts all SDK errors except error responses, which are returned. The SDK's texts are not used, because they
    /// may contain the request with its MFA code.
    pub(super) fn failed<Failure>(&self, error: SdkError<Failure>) -> Result<Failure, AwsError> {
        Err(match error {
            SdkError::ServiceError(answer) if answer.raw().status().as_u16() == 407 => self.proxy_auth_required(),
            SdkError::ResponseError(answer) if answer.raw().status().as_u16() == 407 => self.proxy_auth_required(),
            SdkError::ServiceError(answer) => return Ok(answer.into_err()),
            SdkError::ResponseError(_) => self.invalid_response("not a response from the service"),
            SdkError::TimeoutError(_) => self.timed_out(),
            SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
                Some(error) => self.connection_failed(error),
                None => self.unreachable("cannot send the request", None),
            },
            _ => self.unreachable("cannot build the request", None),
        })
    }

    /// A connection that failed or was closed.
    pub(super) fn connection_failed(&self, error: &ConnectorError) -> AwsError {
        if error.is_timeout() {
            return self.timed_out();
        }
        for cause in causes(error) {
            if let Some(message) = cause.to_string().strip_prefix("tunnel error: ") {
                return self.proxy_failed(message, error);
            }
            if let Some(error) = cause.downcast_ref::<rustls::Error>() {
                return self.tls(error);
            }
        }
        let system = system_error(error);
        let description = system.map(crate::system_error::describe);
        // A failed lookup has the C library's text, and no error kind.
        if causes(error).any(|cause| cause.to_string().contains("dns error")) {
            let reason = description.unwrap_or_else(|| "cannot resolve the host name".to_owned());
            return self.unreachable(&reason, Some("check the network connection and the region"));
        }
        match system.map(std::io::Error::kind) {
            Some(std::io::ErrorKind::ConnectionRefused) => self.unreachable(
                "connection refused",
                Some("check the endpoint, and that the server is running"),
            ),
            Some(_) => self.unreachable(&description.unwrap_or_default(), None),
            None => self.unreachable("the connection was closed before a response arrived", None),
        }
    }

    pub(super) fn timed_out(&self) -> AwsError {
        self.unreachable("no response in time", Some("check VPN, proxy and firewall settings"))
    }

    /// A proxy that refused a connection. The HTTP client only reports the reason as text.
    fn proxy_failed(&self, message: &str, error: &ConnectorError) -> AwsError {
        match message {
            "proxy authorization required" => self.proxy_auth_required(),
            "failed to create underlying connection" => {
                let reason =
                    system_error(error).map_or_else(|| "no connection".to_owned(), crate::system_error::describe);
                self.unreachable(
                    &format!("cannot connect to the proxy: {reason}"),
                    Some("check the proxy's address, and that it is running"),
                )
            }
            _ => self.unreachable(
                "the proxy refused the connection",
                Some("list hosts that need no proxy in `NO_PROXY`"),
            ),
        }
    }

    fn proxy_auth_required(&self) -> AwsError {
        self.unreachable(
            "proxy authentication failed",
            Some("put the credentials in the proxy URL: `http://USER:PASSWORD@HOST:PORT`"),
        )
    }

    fn tls(&self, error: &rustls::Error) -> AwsError {
        use rustls::{CertificateError, Error as Tls};
        let (reason, hint) = match error {
            // A bad signature: an authority with the name, but not the key, of a trusted one.
            Tls::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => (
                "its certificate is signed by an authority that this machine does not trust",
                Some("behind a proxy that inspects TLS, set `AWS_CA_BUNDLE` to its certificate"),
            ),
            Tls::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
                ("its certificate has expired", Some("check this machine's clock"))
            }
            Tls::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            ) => ("its certificate is for another name", None),
            Tls::InvalidCertificate(_) => ("its certificate is not valid", None),
            Tls::InvalidMessage(_) => (
                "it does not speak TLS",
                Some("check whether the endpoint must start with `http://`"),
            ),
            _ => ("the TLS handshake failed", None),
        };
        self.unreachable(reason, hint)
    }

    fn unreachable(&self, reason: &str, hint: Option<&'static str>) -> AwsError {
        AwsError::Unreachable {
            endpoint: self.name.clone(),
            reason: reason.to_owned(),
            hint,
        }
    }
}

/// An error and its causes. `io::Error::source` omits the wrapped error, `get_ref` does not.
fn causes<'error>(error: &'error (dyn Error + 'static)) -> impl Iterator<Item = &'error (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<std::io::Error>() {
        Some(system) => system.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}

/// The operating system's error, if there is one.
fn system_error(error: &ConnectorError) -> Option<&std::io::Error> {
    causes(error).filter_map(|cause| cause.downcast_ref()).last()
}
