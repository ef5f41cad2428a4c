//! Why there is no plan, in the words of a person: what is wrong, where it stands, what to do next.

use super::limits::{self, Unfit};
use super::{BadRoleArn, Malformed};
use crate::environment::NotText;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error("no target: give a profile or a role ARN, or set `AWS_PROFILE`")]
    NoTarget,
    #[error("no profile named `{name}`{}", .named_by.map(|place| format!(", which {place} names")).unwrap_or_default())]
    UnknownProfile {
        name: String,
        named_by: Option<&'static str>,
        hint: String,
    },
    #[error(transparent)]
    BadTarget(#[from] BadRoleArn),
    #[error("{place}: {error}")]
    BadRole { place: String, error: BadRoleArn },
    #[error("{place}: {error}")]
    BadValue { place: String, error: Unfit },
    #[error(transparent)]
    BadOption(#[from] Unfit),
    /// The URL itself may hold a password.
    #[error("{place}: the endpoint is not valid: it is `https://HOST[:PORT][/PATH]`, or `http://`")]
    BadEndpoint { place: String },
    #[error("{place}: `services = {name}` names a `[services {name}]` section that does not exist")]
    MissingServices { name: String, place: String },
    #[error("a duration of {seconds} seconds is not valid: it is between 15m and 12h")]
    BadDuration { seconds: u32 },
    #[error(
        "{place}: `duration_seconds` is {seconds}, less than the {} that STS allows",
        limits::DURATION.start()
    )]
    ShortDuration { place: String, seconds: i64 },
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error(transparent)]
    NotText(#[from] NotText),
    #[error("{place}: profile `{profile}` has `role_arn` but neither `source_profile` nor `credential_source`")]
    NoSource { profile: String, place: String },
    #[error("profile `{profile}` has both `source_profile` and `credential_source`")]
    TwoSources { profile: String },
    #[error("{place}: profile `{profile}` has `source_profile = {source_profile}`, which does not exist")]
    MissingSource {
        profile: String,
        source_profile: String,
        place: String,
        hint: String,
    },
    #[error("the source profiles go in a circle: {}", .0.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" -> "))]
    Loop(Vec<String>),
    #[error("{place}: `credential_source = {value}` is not one of Environment, Ec2InstanceMetadata, EcsContainer")]
    BadCredentialSource { value: String, place: String },
    #[error("profile `{profile}` has no credentials: no `aws_access_key_id` and no role")]
    NoCredentials { profile: String },
    #[error("{place}: profile `{profile}` has `{has}` but no `{lacks}`")]
    PartialCredentials {
        profile: String,
        has: &'static str,
        lacks: &'static str,
        place: String,
    },
    #[error("{place}: the key is not valid: it has blanks, control characters or letters beyond ASCII")]
    BadKey { place: String },
    #[error("the environment has no credentials: `AWS_ACCESS_KEY_ID` is not set")]
    NoEnvironmentCredentials { why: &'static str },
    #[error("`AWS_ACCESS_KEY_ID` is set but `AWS_SECRET_ACCESS_KEY` is not")]
    PartialEnvironment,
    #[error("{place}: profile `{profile}` takes its credentials from `{key}`, which rolenv cannot read yet")]
    UnreadSource {
        profile: String,
        key: &'static str,
        place: String,
    },
    #[error(
        "nothing to assume `{role}` with: no `--source-profile`, no `AWS_PROFILE`, no usable `default` profile, no `AWS_ACCESS_KEY_ID`"
    )]
    NothingToAssumeWith { role: String },
    #[error("`{option}` does not fit profile `{profile}`: it has no `role_arn`")]
    OptionNeedsRole { option: &'static str, profile: String },
    #[error("`--chain` and `--source-profile` exclude each other: both say whose credentials to start from")]
    TwoStarts,
}

impl PlanError {
    /// Whether the command line is at fault, rather than a file or the world.
    #[must_use]
    pub const fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::NoTarget
                | Self::BadTarget(_)
                | Self::BadOption(_)
                | Self::BadDuration { .. }
                | Self::OptionNeedsRole { .. }
                | Self::TwoStarts
        )
    }

    /// What to do next, where there is more to say than the message itself.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::UnknownProfile { hint, .. } | Self::MissingSource { hint, .. } => return Some(hint.clone()),
            Self::NoSource { .. } => "add `source_profile = NAME` with the profile whose keys may assume the role",
            Self::TwoSources { .. } => "remove one of the two",
            Self::Loop(_) => "one profile of the circle needs keys, or another `source_profile`",
            Self::NoCredentials { .. } => "`aws configure --profile NAME` stores keys for a profile",
            Self::NoEnvironmentCredentials { why } => why,
            Self::UnreadSource { profile, .. } => {
                return Some(format!(
                    "`aws configure export-credentials --profile {profile} --format env` prints them: `eval` that, \
                     then assume the role with `--chain`"
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
