//! Errors on the way to a server and back, told apart: names, connections, TLS, time.

use std::error::Error;

use aws_sdk_sts::error::{ConnectorError, SdkError};

use super::failure::AwsError;

/// A server, as messages name it.
#[derive(Clone)]
pub(super) struct Peer(pub(super) String);

impl Peer {
    pub(super) fn garbled(&self, reason: &'static str) -> AwsError {
        AwsError::Garbled {
            endpoint: self.0.clone(),
            reason,
        }
    }

    /// Translates all of the SDK's errors but those that the service itself answers, which are given back. Their texts
    /// are not passed on: they can contain the request with its code.
    pub(super) fn failed<Failure, Response>(&self, error: SdkError<Failure, Response>) -> Result<Failure, AwsError> {
        Err(match error {
            SdkError::ServiceError(answer) => return Ok(answer.into_err()),
            SdkError::ResponseError(_) => self.garbled("it is not an answer of the service"),
            SdkError::TimeoutError(_) => self.timed_out(),
            SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
                Some(error) => self.lost(error),
                None => self.unreachable("the request could not be sent", None),
            },
            _ => self.unreachable("the request could not be made", None),
        })
    }

    /// A connection that did not come about, or broke.
    pub(super) fn lost(&self, error: &ConnectorError) -> AwsError {
        if error.is_timeout() {
            return self.timed_out();
        }
        for cause in causes(error) {
            if let Some(error) = cause.downcast_ref::<rustls::Error>() {
                return self.tls(error);
            }
        }
        let system = causes(error)
            .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
            .last();
        let told = system.map(crate::profile::reason);
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

    fn tls(&self, error: &rustls::Error) -> AwsError {
        use rustls::{CertificateError, Error as Tls};
        let (reason, hint) = match error {
            Tls::InvalidCertificate(CertificateError::UnknownIssuer) => (
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
            endpoint: self.0.clone(),
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
