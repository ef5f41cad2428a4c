//! Errors on the way to a server and back, told apart: names, connections, TLS, time.

use std::error::Error;

use aws_sdk_sts::error::{ConnectorError, SdkError};

use super::error::AwsError;
use crate::plan::EndpointConfig;

/// A server, as messages name it.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) name: String,
    /// What to do when it answers nonsense.
    hint: Option<&'static str>,
}

impl Server {
    /// A server that is asked without a proxy.
    pub(super) const fn direct(name: String) -> Self {
        Self { name, hint: None }
    }

    /// The service that `endpoint_config` leads to, at its custom endpoint or under the name that it has else. `hint` is for the
    /// case that it is another service.
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

    /// Translates all of the SDK's errors but those that the service itself answers, which are given back. Their texts
    /// are not passed on: they can contain the request with its code.
    pub(super) fn failed<Failure>(&self, error: SdkError<Failure>) -> Result<Failure, AwsError> {
        Err(match error {
            SdkError::ServiceError(answer) if answer.raw().status().as_u16() == 407 => self.proxy_auth_required(),
            SdkError::ResponseError(answer) if answer.raw().status().as_u16() == 407 => self.proxy_auth_required(),
            SdkError::ServiceError(answer) => return Ok(answer.into_err()),
            SdkError::ResponseError(_) => self.invalid_response("it is not an answer of the service"),
            SdkError::TimeoutError(_) => self.timed_out(),
            SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
                Some(error) => self.connection_failed(error),
                None => self.unreachable("the request could not be sent", None),
            },
            _ => self.unreachable("the request could not be made", None),
        })
    }

    /// A connection that did not come about, or broke.
    pub(super) fn connection_failed(&self, error: &ConnectorError) -> AwsError {
        if error.is_timeout() {
            return self.timed_out();
        }
        for cause in causes(error) {
            if let Some(told) = cause.to_string().strip_prefix("tunnel error: ") {
                return self.proxy_failed(told, error);
            }
            if let Some(error) = cause.downcast_ref::<rustls::Error>() {
                return self.tls(error);
            }
        }
        let system = system_error(error);
        let told = system.map(crate::system_error::describe);
        // A lookup fails with the words of the C library, and no kind of its own.
        if causes(error).any(|cause| cause.to_string().contains("dns error")) {
            let reason = told.unwrap_or_else(|| "its name cannot be looked up".to_owned());
            return self.unreachable(&reason, Some("is this machine online, and is the region's name right?"));
        }
        match system.map(std::io::Error::kind) {
            Some(std::io::ErrorKind::ConnectionRefused) => self.unreachable(
                "connection refused",
                Some("is the endpoint right, and does the server run?"),
            ),
            Some(_) => self.unreachable(&told.unwrap_or_default(), None),
            None => self.unreachable("the connection was closed before an answer came", None),
        }
    }

    pub(super) fn timed_out(&self) -> AwsError {
        self.unreachable(
            "no answer in time",
            Some("is there a way to it from here (VPN, proxy, firewall)?"),
        )
    }

    /// A proxy that does not let a connection through. The HTTP client tells why by its texts only.
    fn proxy_failed(&self, told: &str, error: &ConnectorError) -> AwsError {
        match told {
            "proxy authorization required" => self.proxy_auth_required(),
            "failed to create underlying connection" => {
                let reason =
                    system_error(error).map_or_else(|| "no connection".to_owned(), crate::system_error::describe);
                self.unreachable(
                    &format!("the proxy itself cannot be reached: {reason}"),
                    Some("is the proxy's address right, and does it run?"),
                )
            }
            _ => self.unreachable(
                "the proxy refuses to connect to it",
                Some("`NO_PROXY` names the hosts that no proxy is to be asked for"),
            ),
        }
    }

    fn proxy_auth_required(&self) -> AwsError {
        self.unreachable(
            "the proxy asks for a user and a password, or for others",
            Some("they stand in front of its address: `http://USER:PASSWORD@HOST:PORT`"),
        )
    }

    fn tls(&self, error: &rustls::Error) -> AwsError {
        use rustls::{CertificateError, Error as Tls};
        let (reason, hint) = match error {
            // A bad signature is that of an authority with the name, but not the key, of one that is trusted.
            Tls::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => (
                "its certificate is signed by an authority that this machine does not trust",
                Some("behind a proxy that opens TLS, name its certificate in `AWS_CA_BUNDLE`"),
            ),
            Tls::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
                ("its certificate has expired", Some("is this machine's clock right?"))
            }
            Tls::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            ) => ("its certificate is for another name", None),
            Tls::InvalidCertificate(_) => ("its certificate is not valid", None),
            Tls::InvalidMessage(_) => (
                "it does not speak TLS",
                Some("does the endpoint start with `https://` where it should be `http://`?"),
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

/// An error and what caused it. `io::Error::source` leaves out the error it wraps, `get_ref` does not.
fn causes<'error>(error: &'error (dyn Error + 'static)) -> impl Iterator<Item = &'error (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<std::io::Error>() {
        Some(system) => system.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}

/// What the system has to say about it.
fn system_error(error: &ConnectorError) -> Option<&std::io::Error> {
    causes(error).filter_map(|cause| cause.downcast_ref()).last()
}
