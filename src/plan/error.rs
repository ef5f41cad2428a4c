//! Why there is no plan, in the words of a person: what is wrong, where it stands, what to do next.

use super::limits::{self, InvalidValue};
use super::{BadRoleArn, BadSessionOption};
use crate::config::{Located, Malformed, Origin, quoted};
use crate::env::NotText;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error("no target: give a profile or a role ARN, or set `AWS_PROFILE`")]
    NoTarget,
    #[error("no profile named `{name}`{}", .named_by.as_ref().map(|origin| format!(", which {origin} names")).unwrap_or_default())]
    UnknownProfile {
        name: String,
        named_by: Option<Origin>,
        hint: String,
    },
    /// The code itself is not repeated.
    #[error("the target looks like an MFA code: `--mfa-code CODE` takes that")]
    CodeAsTarget,
    #[error(transparent)]
    BadTarget(#[from] BadRoleArn),
    #[error("{origin}: {error}")]
    BadRole { origin: Origin, error: BadRoleArn },
    #[error("{origin}: {error}")]
    BadValue { origin: Origin, error: InvalidValue },
    #[error(transparent)]
    InvalidOption(#[from] InvalidValue),
    #[error(transparent)]
    BadSessionOption(#[from] BadSessionOption),
    /// The URL itself may hold a password.
    #[error("{origin}: the endpoint is not valid: it is `https://HOST[:PORT][/PATH]`, or `http://`")]
    BadEndpoint { origin: Origin },
    /// The proxy's URL itself may hold a password.
    #[error("`{variable}`: the proxy is not valid: it is `http://[USER:PASSWORD@]HOST[:PORT]`, or `https://`")]
    BadProxy { variable: &'static str },
    #[error("{origin}: `{value}` is not one of IPv4, IPv6")]
    BadEndpointMode { value: String, origin: Origin },
    #[error(
        "{origin} is not an address of container credentials: it is `https://`, or `http://` to this machine or to the \
         hosts of ECS and EKS; the relative form is a path"
    )]
    BadContainerUrl { origin: Origin },
    #[error("{origin}: `{value}` is not a whole number of at least 1")]
    BadNumber { value: String, origin: Origin },
    #[error("{origin}: `{value}` is not how long an MFA session lasts: 900 or 15m to 12h, or `off` for none")]
    BadMfaSession { value: String, origin: Origin },
    #[error("{origin}: `{value}` is not one of legacy, standard, adaptive")]
    BadRetryMode { value: String, origin: Origin },
    #[error("{origin}: `{key} = {name}` names a `[{} {name}]` section that does not exist", .key.replace('_', "-"))]
    MissingSection {
        key: &'static str,
        name: String,
        origin: Origin,
    },
    #[error("a duration of {seconds} seconds is not valid: it is between 15m and 12h")]
    BadDuration { seconds: u32 },
    #[error(
        "{origin}: `duration_seconds` is {seconds}, less than the {} that STS allows",
        limits::DURATION.start()
    )]
    ShortDuration { origin: Origin, seconds: i64 },
    #[error(
        "`{role}` is a role of partition {partition}, but {}",
        match .region {
            Some(region) => format!("region `{}` ({}) is in {of_region}", region.value, region.origin),
            None => format!("without a region the request goes to {of_region}"),
        }
    )]
    ForeignPartition {
        role: String,
        partition: String,
        region: Option<Located<String>>,
        of_region: &'static str,
    },
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error(transparent)]
    NotText(#[from] NotText),
    #[error("{origin}: profile `{profile}` has `role_arn` but neither `source_profile` nor `credential_source`")]
    NoSource { profile: String, origin: Origin },
    #[error("profile `{profile}` has both `source_profile` and `credential_source`")]
    TwoSources { profile: String },
    #[error("{origin}: profile `{profile}` has `source_profile = {source_profile}`, which does not exist")]
    MissingSource {
        profile: String,
        source_profile: String,
        origin: Origin,
        hint: String,
    },
    #[error("the source profiles go in a circle: {}", .0.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" -> "))]
    Loop(Vec<String>),
    #[error("{origin}: `credential_source = {value}` is not one of Environment, Ec2InstanceMetadata, EcsContainer")]
    BadCredentialSource { value: String, origin: Origin },
    #[error("{origin}: `credential_source = {value}` finds no credentials: {why}")]
    EmptyCredentialSource {
        value: String,
        origin: Origin,
        why: &'static str,
    },
    #[error("profile `{profile}` has no credentials: no `aws_access_key_id`, no role and nothing that gives any")]
    NoCredentials { profile: String },
    #[error("{origin}: profile `{profile}` has `{has}` but no `{lacks}`")]
    PartialCredentials {
        profile: String,
        has: &'static str,
        lacks: &'static str,
        origin: Origin,
    },
    #[error("{origin}: the key is not valid: it has blanks, control characters or letters beyond ASCII")]
    BadKey { origin: Origin },
    #[error("`--chain` needs credentials in the environment: `AWS_ACCESS_KEY_ID` is not set")]
    NothingToChain,
    #[error("`AWS_ACCESS_KEY_ID` is set but `AWS_SECRET_ACCESS_KEY` is not")]
    PartialEnvironment,
    #[error("`AWS_CREDENTIAL_EXPIRATION` is `{text}`, which is not a time such as 2026-11-22T15:04:05Z")]
    BadExpiration { text: String },
    #[error("{origin}: `{key}` is not a command: it is empty, or a quote is not closed")]
    BadProcess { key: &'static str, origin: Origin },
    #[error("{origin} names a web identity token, but there is no `{key}`")]
    NoRole { origin: Origin, key: &'static str },
    #[error("{origin}: profile `{profile}` uses SSO but lacks {}", .lacks.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", "))]
    SsoIncomplete {
        profile: String,
        lacks: Vec<&'static str>,
        origin: Origin,
    },
    #[error("{own}: `{key}` differs from that of the sso-session, {shared}")]
    SsoMismatch { key: String, own: Origin, shared: Origin },
    #[error("{origin}: profile `{profile}` takes its credentials from `login_session`, which rolenv cannot read")]
    UnreadSource { profile: String, origin: Origin },
    #[error(
        "nothing to assume `{role}` with: no `--source-profile`, no `AWS_PROFILE`, no usable `default` profile, no `AWS_ACCESS_KEY_ID`, \
         no `AWS_WEB_IDENTITY_TOKEN_FILE`"
    )]
    NothingToAssumeWith { role: String },
    #[error("`{option}` does not fit profile `{profile}`: there is no AssumeRole request to put it into")]
    OptionNeedsRole { option: &'static str, profile: String },
    #[error("`--chain` and `--source-profile` exclude each other: both say whose credentials to start from")]
    TwoStarts,
}

impl PlanError {
    /// Whether the command line is at fault, rather than a file or the world.
    pub const fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::NoTarget
                | Self::CodeAsTarget
                | Self::BadTarget(_)
                | Self::InvalidOption(_)
                | Self::BadSessionOption(_)
                | Self::BadDuration { .. }
                | Self::OptionNeedsRole { .. }
                | Self::TwoStarts
        )
    }

    /// What to do next, where there is more to say than the message itself.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::UnknownProfile { hint, .. } | Self::MissingSource { hint, .. } => return Some(hint.clone()),
            Self::NoSource { .. } => "add `source_profile = NAME` with the profile whose keys may assume the role",
            Self::BadProxy { .. } => {
                "in a user's name or password, write `%40` for `@`, `%2F` for `/`, `%23` for `#`, `%3A` for `:`"
            }
            Self::TwoSources { .. } => "remove one of the two",
            Self::Loop(_) => "one profile of the circle needs keys, or another `source_profile`",
            Self::NoCredentials { profile } => {
                return Some(format!(
                    "`aws configure --profile {}` stores keys for it",
                    quoted(profile)
                ));
            }
            Self::NothingToChain => {
                "`--chain` starts from the role that an earlier `rolenv assume` put into this shell"
            }
            Self::UnreadSource { profile, .. } => {
                return Some(format!(
                    "`aws configure export-credentials --profile {} --format env` prints them: `eval` that instead, or \
                     before `rolenv assume ROLE --chain`",
                    quoted(profile)
                ));
            }
            Self::ForeignPartition { partition, .. } => {
                return Some(format!(
                    "choose a region of {partition} with `--region` or `region` in the profile"
                ));
            }
            Self::NothingToAssumeWith { .. } => "`--source-profile NAME` says whose keys may assume the role",
            Self::Malformed(_) => "mend that line; rolenv does not guess what it was to say",
            Self::NoTarget => "rolenv assume PROFILE, or rolenv assume arn:aws:iam::ACCOUNT:role/NAME",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}
