//! What can go wrong with STS, in the words of a person: no request, no secret and no type of the SDK gets out here.

use std::error::Error;
use std::fmt;

use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};

use crate::profile::Secret;

/// Why STS gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum StsError {
    #[error("cannot start: {reason}")]
    NoRuntime { reason: String },
    #[error("cannot {what} as {whose}: {reason}")]
    Refused {
        what: String,
        whose: String,
        reason: String,
        hint: Option<String>,
    },
    #[error("cannot reach {endpoint}: {reason}")]
    Unreachable {
        endpoint: String,
        reason: String,
        hint: Option<&'static str>,
    },
    #[error("{endpoint} answered nonsense: {reason}")]
    Garbled { endpoint: String, reason: &'static str },
    #[error("{endpoint} gave a session that is over already")]
    Over { endpoint: String },
}

impl StsError {
    pub(super) fn no_runtime(error: &std::io::Error) -> Self {
        Self::NoRuntime {
            reason: error.kind().to_string(),
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Refused { hint, .. } => hint.as_deref(),
            Self::Unreachable { hint, .. } => *hint,
            Self::Garbled { .. } => Some("is the endpoint an STS? `AWS_ENDPOINT_URL_STS` and `endpoint_url` change it"),
            Self::Over { .. } => Some("is this machine's clock right?"),
            Self::NoRuntime { .. } => None,
        }
    }
}

/// What a call was about, for the message when it fails.
pub(super) struct Call {
    pub(super) action: Action,
    pub(super) whose: String,
    pub(super) access_key_id: String,
    pub(super) endpoint: String,
    /// What the request carried that must not come back in a message.
    pub(super) secrets: Vec<Secret>,
}

/// What was asked for.
pub(super) enum Action {
    AssumeRole {
        role: String,
        with_external_id: bool,
        with_mfa: bool,
    },
    GetSessionToken {
        mfa_serial: String,
    },
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AssumeRole { role, .. } => write!(formatter, "assume `{role}`"),
            Self::GetSessionToken { mfa_serial } => write!(formatter, "get a session with `{mfa_serial}`"),
        }
    }
}

/// The longest message of a server that is passed on, in characters.
const LONGEST_MESSAGE: usize = 600;

impl Call {
    pub(super) fn garbled(&self, reason: &'static str) -> StsError {
        StsError::Garbled {
            endpoint: self.endpoint.clone(),
            reason,
        }
    }

    /// Translates the SDK's error. Only a service error's code and message are passed on: the texts of the others
    /// can contain the request with its code.
    pub(super) fn failed<Failure, Response>(&self, error: &SdkError<Failure, Response>) -> StsError
    where
        Failure: ProvideErrorMetadata + Error + Send + Sync + 'static,
        Response: std::fmt::Debug,
    {
        match error {
            SdkError::ServiceError(answer) => match (answer.err().code(), answer.err().message()) {
                (Some(code), message) if is_code(code) => self.refused(code, message.unwrap_or_default()),
                (Some(_), _) => self.garbled("it is an error with a code that is none"),
                (None, _) => self.garbled("it is an error without a code"),
            },
            SdkError::ResponseError(_) => self.garbled("it is not an answer of STS"),
            SdkError::TimeoutError(_) => self.timed_out(),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => self.timed_out(),
            SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
                Some(error) => self.unreachable(error),
                None => self.unreachable_because("the request could not be sent", None),
            },
            _ => self.unreachable_because("the request could not be made", None),
        }
    }

    fn refused(&self, code: &str, message: &str) -> StsError {
        let message: String = self.conceal(message).trim().chars().take(LONGEST_MESSAGE).collect();
        let (reason, hint) = self.explanation(code, &message);
        StsError::Refused {
            what: self.action.to_string(),
            whose: self.whose.clone(),
            reason,
            hint,
        }
    }

    /// A server that repeats the request must not get its secrets onto the screen.
    fn conceal(&self, message: &str) -> String {
        let secrets = self
            .secrets
            .iter()
            .map(Secret::expose)
            .filter(|secret| !secret.is_empty());
        secrets.fold(message.to_owned(), |message, secret| message.replace(secret, "***"))
    }

    /// What a code of STS means, and what to do about it.
    fn explanation(&self, code: &str, message: &str) -> (String, Option<String>) {
        let told = format!("{code}: {message}");
        let (reason, hint) = match code {
            "AccessDenied" => (told, self.denied(message)),
            "ExpiredToken" | "ExpiredTokenException" => (
                format!("the credentials of {} have expired", self.whose),
                "renew them where they come from, then try again".to_owned(),
            ),
            "InvalidClientTokenId" => (
                format!("AWS does not know the access key `{}`", self.masked_key()),
                "the key may be deleted, inactive, of another partition, or lack its session token".to_owned(),
            ),
            "SignatureDoesNotMatch" if is_clock_skew(message) => (
                format!("this machine's clock is wrong: {message}"),
                "set the clock (`timedatectl` tells whether it is synchronized)".to_owned(),
            ),
            "SignatureDoesNotMatch" => (
                format!("the secret key of `{}` is wrong: {code}", self.masked_key()),
                "compare `aws_secret_access_key` with the one that was issued for this key".to_owned(),
            ),
            "Throttling" | "ThrottlingException" | "RequestLimitExceeded" | "TooManyRequestsException" => (
                format!("STS is throttling: {message}"),
                "wait a little, then try again".to_owned(),
            ),
            "RegionDisabledException" => (told, "choose another region with `--region` or `AWS_REGION`".to_owned()),
            "ValidationError" if message.contains("MaxSessionDuration") => (
                told,
                "ask for less with `--duration`, or raise the role's maximum session duration".to_owned(),
            ),
            "ValidationError" if message.contains("role chaining") => {
                (told, "ask for `--duration 1h` or less".to_owned())
            }
            _ => return (told, None),
        };
        (reason, Some(hint))
    }

    /// The causes that STS tells with one and the same sentence, as far as they fit what was sent.
    fn denied(&self, message: &str) -> String {
        if message.contains("invalid MFA one time pass code") {
            return "the code is wrong, or was used before: wait for the next one".to_owned();
        }
        if message.contains("MultiFactorAuthentication") {
            return "is `mfa_serial` the device of the user whose keys these are?".to_owned();
        }
        if message.contains("root accounts") {
            return "use the keys of an IAM user or a role".to_owned();
        }
        let Action::AssumeRole {
            with_external_id,
            with_mfa,
            ..
        } = self.action
        else {
            return "only the long-term keys of an IAM user can be turned into an MFA session".to_owned();
        };
        let mut causes = vec![
            "the role does not exist or does not trust this identity",
            "this identity may not sts:AssumeRole it",
            if with_external_id {
                "the external id is another"
            } else {
                "it asks for an external id (`--external-id`)"
            },
        ];
        if !with_mfa {
            causes.push("it asks for MFA (`--mfa-serial`)");
        }
        format!("AWS says the same for each of these: {}", causes.join("; "))
    }

    /// Enough of an access key id to find it again.
    fn masked_key(&self) -> String {
        let letters: Vec<char> = self.access_key_id.chars().collect();
        let tail: String = letters.iter().skip(letters.len().saturating_sub(4).max(4)).collect();
        let head: String = letters.iter().take(4).collect();
        format!("{head}...{tail}")
    }

    fn timed_out(&self) -> StsError {
        StsError::Unreachable {
            endpoint: self.endpoint.clone(),
            reason: "no answer in time".to_owned(),
            hint: Some("is there a way to it from here (VPN, proxy, firewall)?"),
        }
    }

    fn unreachable(&self, error: &(dyn Error + 'static)) -> StsError {
        for cause in causes(error) {
            if let Some(error) = cause.downcast_ref::<rustls::Error>() {
                return self.tls(error);
            }
        }
        let system = causes(error)
            .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
            .last();
        let told = system.map(|error| plain(&error.to_string()));
        // A lookup fails with the words of the C library, and no kind of its own.
        if causes(error).any(|cause| cause.to_string().contains("dns error")) {
            let reason = told.unwrap_or_else(|| "its name cannot be looked up".to_owned());
            return self.unreachable_because(&reason, Some("is this machine online, and is the region's name right?"));
        }
        match system.map(std::io::Error::kind) {
            Some(std::io::ErrorKind::ConnectionRefused) => self.unreachable_because(
                "connection refused",
                Some("is the endpoint right, and does the server run?"),
            ),
            Some(_) => self.unreachable_because(&told.unwrap_or_default(), None),
            None => self.unreachable_because("the connection was closed before an answer came", None),
        }
    }

    fn tls(&self, error: &rustls::Error) -> StsError {
        use rustls::{CertificateError, Error as Tls};
        let (reason, hint) = match error {
            Tls::InvalidCertificate(CertificateError::UnknownIssuer) => (
                "its certificate is signed by an authority that this machine does not trust",
                Some("behind a proxy that opens TLS, name its certificate in `SSL_CERT_FILE`"),
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
        self.unreachable_because(reason, hint)
    }

    fn unreachable_because(&self, reason: &str, hint: Option<&'static str>) -> StsError {
        StsError::Unreachable {
            endpoint: self.endpoint.clone(),
            reason: reason.to_owned(),
            hint,
        }
    }
}

/// The form of every error code of AWS.
fn is_code(code: &str) -> bool {
    (1..=64).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
}

fn is_clock_skew(message: &str) -> bool {
    message.starts_with("Signature expired") || message.starts_with("Signature not yet current")
}

/// An error and what caused it. `io::Error::source` leaves out the error it wraps, `get_ref` does not.
fn causes<'error>(error: &'error (dyn Error + 'static)) -> impl Iterator<Item = &'error (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<std::io::Error>() {
        Some(system) => system.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}

/// The system's words without Rust's `(os error 111)`.
fn plain(text: &str) -> String {
    text.split(" (os error").next().unwrap_or(text).to_lowercase()
}
