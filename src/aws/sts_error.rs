//! Explains errors of STS: the request, the caller, the possible causes, the next step.

use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};

use super::clock::ClockSkew;
use super::error::{AwsError, RefusalKind};
use super::transport::Server;
use crate::credentials::masked;
use crate::plan::{AssumeRole, SessionOptions};
use crate::secret::Secret;

/// A request, for the message if it fails.
pub(super) struct Call<'call> {
    /// "assume `ROLE`".
    pub(super) what: String,
    pub(super) action: Action<'call>,
    pub(super) owner: &'call str,
    pub(super) access_key_id: &'call str,
    pub(super) server: Server,
    pub(super) clock: &'call ClockSkew,
    /// The `rolenv explain` command line.
    pub(super) explain: &'call str,
    /// Secrets of the request, which must not be repeated in a message.
    pub(super) secrets: Vec<Secret>,
}

/// The action.
pub(super) enum Action<'call> {
    AssumeRole(&'call AssumeRole),
    WebIdentity,
    SessionToken,
    CallerIdentity,
}

/// The longest message of a server that is repeated, in characters.
const MAX_MESSAGE_LEN: usize = 600;

/// AWS's message for an MFA code that is wrong or was already used.
const WRONG_CODE: &str = "invalid MFA one time pass code";

impl Call<'_> {
    /// Converts an SDK error. Only the code and the message of the response are used.
    pub(super) fn failed<Failure>(&self, error: SdkError<Failure>) -> AwsError
    where
        Failure: ProvideErrorMetadata,
    {
        match self.server.failed(error) {
            Err(error) => error,
            Ok(answer) => match (answer.code(), answer.message()) {
                (Some(code), message) if is_code(code) => self.refused(code, message.unwrap_or_default()),
                (Some(_), _) => self.server.invalid_response("malformed error code"),
                (None, _) => self.server.invalid_response("error without a code"),
            },
        }
    }

    /// The original message is interpreted: redaction may have changed a word.
    fn refused(&self, code: &str, message: &str) -> AwsError {
        let concealed = |text: &str| conceal(text, &self.secrets);
        if code == "SignatureDoesNotMatch" && is_clock_skew(message) {
            return AwsError::Clock {
                what: self.what.clone(),
                owner: self.owner.to_owned(),
                clock: self.clock.description(),
                message: concealed(message),
            };
        }
        let (reason, hint) = self.explanation(code, message, &concealed(message));
        AwsError::Refused {
            what: self.what.clone(),
            owner: match caller(message).map(concealed) {
                Some(arn) if !self.owner.contains(&arn) => format!("{} (`{arn}`)", self.owner),
                _ => self.owner.to_owned(),
            },
            reason,
            hint,
            refusal: refusal(code, message),
        }
    }

    /// The meaning of an STS error code and the next step. `shown`: the redacted message.
    fn explanation(&self, code: &str, message: &str, shown: &str) -> (String, Option<String>) {
        let reason = format!("{code}: {shown}");
        let (reason, hint) = match code {
            "AccessDenied" => (reason, self.denied(message)),
            "ExpiredToken" | "ExpiredTokenException" if matches!(self.action, Action::WebIdentity) => {
                (reason, "the identity provider must write a new token".to_owned())
            }
            "ExpiredToken" | "ExpiredTokenException" => (
                format!("the credentials of {} have expired", self.owner),
                "renew them at their source, then retry".to_owned(),
            ),
            "InvalidClientTokenId" => (
                format!("AWS does not recognize the access key `{}`", masked(self.access_key_id)),
                "the key may be deleted, inactive, from another partition, or missing its session token".to_owned(),
            ),
            "SignatureDoesNotMatch" => (
                format!("the secret key for `{}` is wrong: {code}", masked(self.access_key_id)),
                "compare `aws_secret_access_key` with the one that was issued for this key".to_owned(),
            ),
            _ if is_throttling(code) => (
                format!("STS is throttling: {shown}"),
                "wait a moment, then retry".to_owned(),
            ),
            "RegionDisabledException" => (
                reason,
                "choose another region with `--region` or `AWS_REGION`".to_owned(),
            ),
            "ValidationError" if message.contains("MaxSessionDuration") => (reason, self.shorter()),
            "ValidationError" if message.contains("role chaining") => {
                (reason, "use `--duration 1h` or less".to_owned())
            }
            "InvalidIdentityToken" => (
                reason,
                "register the token's identity provider in the role's account, and trust it in the role's trust policy"
                    .to_owned(),
            ),
            "PackedPolicyTooLarge" => (reason, "shorten the session policy, or pass fewer tags".to_owned()),
            _ => return (reason, None),
        };
        (reason, Some(hint))
    }

    fn shorter(&self) -> String {
        let asked = match self.action {
            Action::AssumeRole(step) => step.duration.as_ref(),
            _ => None,
        };
        let asked = asked.map(|found| format!(" than the {} seconds of {}", found.value, found.origin));
        format!(
            "use a shorter `--duration`{}, or raise the role's maximum session duration",
            asked.unwrap_or_default()
        )
    }

    fn denied(&self, message: &str) -> String {
        if message.contains(WRONG_CODE) {
            return "the code is wrong or was already used; wait for the next one".to_owned();
        }
        if message.contains("MultiFactorAuthentication") {
            return "check that `mfa_serial` is a device of the user who owns these keys".to_owned();
        }
        if message.contains("root accounts") {
            return "use the keys of an IAM user or a role: the root user of an account cannot assume roles".to_owned();
        }
        let causes = match self.action {
            Action::SessionToken => {
                return "an MFA session needs the long-term keys of an IAM user".to_owned();
            }
            Action::CallerIdentity => {
                return "GetCallerIdentity needs no permission; a VPC endpoint policy may deny it".to_owned();
            }
            Action::WebIdentity => vec![
                "the role does not exist",
                "its trust policy does not allow the token's provider and subject",
            ],
            Action::AssumeRole(step) => causes(step),
        };
        format!(
            "possible causes: {}; `{}` shows the policies that would allow it",
            causes.join("; "),
            self.explain
        )
    }
}

fn refusal(code: &str, message: &str) -> RefusalKind {
    match code {
        "AccessDenied" if message.contains(WRONG_CODE) => RefusalKind::WrongCode,
        "AccessDenied" if message.contains("MultiFactorAuthentication") => RefusalKind::Other,
        "AccessDenied" => RefusalKind::Denied,
        "ExpiredToken" | "ExpiredTokenException" | "InvalidClientTokenId" | "SignatureDoesNotMatch" => {
            RefusalKind::Keys
        }
        "ServiceUnavailable" | "InternalFailure" | "InternalError" => RefusalKind::Trouble,
        _ if is_throttling(code) => RefusalKind::Trouble,
        _ => RefusalKind::Other,
    }
}

fn is_throttling(code: &str) -> bool {
    matches!(
        code,
        "Throttling" | "ThrottlingException" | "RequestLimitExceeded" | "TooManyRequestsException"
    )
}

/// The possible causes of AccessDenied that fit the request.
fn causes(step: &AssumeRole) -> Vec<&'static str> {
    let mut causes = vec![
        if step.chained {
            "the role does not exist, or its trust policy does not allow the previous role"
        } else {
            "the role does not exist, or its trust policy does not allow this identity"
        },
        "this identity lacks sts:AssumeRole for it",
        match step.external_id {
            Some(_) => "the external ID differs",
            None => "it requires an external ID (`external_id`, `--external-id`)",
        },
    ];
    match step.mfa {
        Some(_) => {}
        None if step.chained => causes.push("it requires MFA, which a role session cannot provide"),
        None => causes.push("it requires MFA (`mfa_serial`, `--mfa-serial`)"),
    }
    let SessionOptions {
        tags, source_identity, ..
    } = &step.options;
    if !tags.is_empty() {
        causes.push("a policy lacks sts:TagSession");
    }
    if source_identity.is_some() {
        causes.push("a policy lacks sts:SetSourceIdentity");
    }
    causes
}

/// A server's message, shortened and without secrets.
pub(super) fn conceal(message: &str, secrets: &[Secret]) -> String {
    let secrets = secrets.iter().map(Secret::expose).filter(|secret| !secret.is_empty());
    let message = secrets.fold(message.to_owned(), |message, secret| message.replace(secret, "***"));
    message.trim().chars().take(MAX_MESSAGE_LEN).collect()
}

/// The caller in a message of STS.
fn caller(message: &str) -> Option<&str> {
    let (arn, _) = message.strip_prefix("User: ")?.split_once(" is not authorized")?;
    arn.starts_with("arn:").then_some(arn)
}

/// Whether it has the form of an AWS error code.
pub(super) fn is_code(code: &str) -> bool {
    (1..=64).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
}

fn is_clock_skew(message: &str) -> bool {
    message.starts_with("Signature expired") || message.starts_with("Signature not yet current")
}
