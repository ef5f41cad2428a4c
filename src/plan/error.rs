//! Why there is no plan: the reason, the file and line, the next step.

use super::limits::{self, InvalidValue};
use super::{BadRoleArn, BadSessionOption};
use crate::config::{Located, Malformed, Origin};
use crate::env::NotText;
use crate::shell::quote;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error("no target: pass a profile or a role ARN, or set `AWS_PROFILE`")]
    NoTarget,
    #[error("no profile named `{name}`{}", .named_by.as_ref().map(|origin| format!(" (from {origin})")).unwrap_or_default())]
    UnknownProfile {
        name: String,
        named_by: Option<Origin>,
        hint: String,
    },
    /// The code is not repeated.
    #[error("the target looks like an MFA code: use `--mfa-code CODE`")]
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
    /// The URL may contain a password.
    #[error("{origin}: invalid endpoint: must be `https://HOST[:PORT][/PATH]` or `http://...`")]
    BadEndpoint { origin: Origin },
    /// The proxy's URL may contain a password.
    #[error("`{variable}`: invalid proxy: must be `http://[USER:PASSWORD@]HOST[:PORT]` or `https://...`")]
    BadProxy { variable: &'static str },
    #[error("{origin}: `{value}` must be IPv4 or IPv6")]
    BadEndpointMode { value: String, origin: Origin },
    #[error(
        "{origin}: invalid container credentials URL: must be `https://`, or `http://` to this machine or the hosts of \
         ECS and EKS; the relative form must be a path"
    )]
    BadContainerUrl { origin: Origin },
    #[error("{origin}: `{value}` must be a whole number of at least 1")]
    BadNumber { value: String, origin: Origin },
    #[error("{origin}: invalid MFA session duration `{value}`: must be 15m to 12h, or `off`")]
    BadMfaSession { value: String, origin: Origin },
    #[error("{origin}: `{value}` must be legacy, standard or adaptive")]
    BadRetryMode { value: String, origin: Origin },
    #[error("{origin}: `{key} = {name}`: section `[{} {name}]` does not exist", .key.replace('_', "-"))]
    MissingSection {
        key: &'static str,
        name: String,
        origin: Origin,
    },
    #[error("invalid duration of {seconds} seconds: must be between 15m and 12h")]
    BadDuration { seconds: u32 },
    #[error(
        "{origin}: `duration_seconds` is {seconds}; STS requires at least {}",
        limits::DURATION.start()
    )]
    ShortDuration { origin: Origin, seconds: i64 },
    #[error(
        "role `{role}` is in partition {partition}, but {}",
        match .region {
            Some(region) => format!("region `{}` ({}) is in partition {of_region}", region.value, region.origin),
            None => format!("without a region the request goes to partition {of_region}"),
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
    #[error("`source_profile` cycle: {}", .0.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" -> "))]
    Loop(Vec<String>),
    #[error("{origin}: `credential_source = {value}` must be Environment, Ec2InstanceMetadata or EcsContainer")]
    BadCredentialSource { value: String, origin: Origin },
    #[error("{origin}: `credential_source = {value}`: no credentials: {why}")]
    EmptyCredentialSource {
        value: String,
        origin: Origin,
        why: &'static str,
    },
    #[error(
        "profile `{profile}` has no credentials: no `aws_access_key_id`, no `role_arn`, no other credential source"
    )]
    NoCredentials { profile: String },
    #[error("{origin}: profile `{profile}` has `{has}` but no `{lacks}`")]
    PartialCredentials {
        profile: String,
        has: &'static str,
        lacks: &'static str,
        origin: Origin,
    },
    #[error("{origin}: invalid key: it contains whitespace, control or non-ASCII characters")]
    BadKey { origin: Origin },
    #[error("`--chain` needs credentials in the environment: `AWS_ACCESS_KEY_ID` is not set")]
    NothingToChain,
    #[error("`AWS_ACCESS_KEY_ID` is set but `AWS_SECRET_ACCESS_KEY` is not")]
    PartialEnvironment,
    #[error("`AWS_CREDENTIAL_EXPIRATION` is `{text}`: must be a timestamp like 2026-11-22T15:04:05Z")]
    BadExpiration { text: String },
    #[error("{origin}: `{key}` is not a valid command: it is empty, or a quote is not closed")]
    BadProcess { key: &'static str, origin: Origin },
    #[error("{origin} sets a web identity token file, but `{key}` is not set")]
    NoRole { origin: Origin, key: &'static str },
    #[error("{origin}: profile `{profile}` uses SSO but lacks {}", .lacks.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", "))]
    SsoIncomplete {
        profile: String,
        lacks: Vec<&'static str>,
        origin: Origin,
    },
    #[error("{own}: `{key}` differs from the sso-session's ({shared})")]
    SsoMismatch { key: String, own: Origin, shared: Origin },
    #[error("{origin}: profile `{profile}` uses `login_session`, which rolenv does not support")]
    UnreadSource { profile: String, origin: Origin },
    #[error(
        "no credentials to assume `{role}`: no `--source-profile`, no `AWS_PROFILE`, no usable `default` profile, no `AWS_ACCESS_KEY_ID`, \
         no `AWS_WEB_IDENTITY_TOKEN_FILE`"
    )]
    NothingToAssumeWith { role: String },
    #[error("`{option}` cannot be used with profile `{profile}`, which does not assume a role")]
    OptionNeedsRole { option: &'static str, profile: String },
    #[error("`--chain` cannot be used with `--source-profile`")]
    TwoStarts,
}

impl PlanError {
    /// Whether it is a usage error.
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

    /// The next step, if there is one.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::UnknownProfile { hint, .. } | Self::MissingSource { hint, .. } => return Some(hint.clone()),
            Self::NoSource { .. } => "add `source_profile = NAME`: the profile whose credentials assume the role",
            Self::BadProxy { .. } => {
                "in the user name and password, write `%40` for `@`, `%2F` for `/`, `%23` for `#`, `%3A` for `:`"
            }
            Self::TwoSources { .. } => "remove one of the two",
            Self::Loop(_) => "give one of these profiles access keys, or another `source_profile`",
            Self::NoCredentials { profile } => {
                return Some(format!(
                    "run `aws configure --profile {}` to store access keys",
                    quote(profile)
                ));
            }
            Self::NothingToChain => "`--chain` needs a role that `rolenv assume` put into this shell",
            Self::UnreadSource { profile, .. } => {
                return Some(format!(
                    "evaluate `aws configure export-credentials --profile {} --format env`, then run `rolenv assume ROLE \
                     --chain`",
                    quote(profile)
                ));
            }
            Self::ForeignPartition { partition, .. } => {
                return Some(format!(
                    "set a region of partition {partition} with `--region` or `region` in the profile"
                ));
            }
            Self::NothingToAssumeWith { .. } => {
                "pass `--source-profile NAME`: the profile whose credentials assume the role"
            }
            Self::Malformed(_) => "fix that line",
            Self::NoTarget => "run `rolenv assume PROFILE`, or `rolenv assume arn:aws:iam::ACCOUNT:role/NAME`",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}
