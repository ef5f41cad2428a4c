//! What assuming a target takes, worked out before anything is sent: who signs first, which roles follow, where
//! the requests go.

use super::limits::{self, Unfit};
use super::{BadRoleArn, Files, Keys, Malformed, Profiles, RoleArn, chain, reach, suggest};
use crate::environment::{Environment, NotText};

/// What a person asks for: the words of the command line, which win over the profile's keys.
#[derive(Clone, Default)]
pub struct Request {
    pub target: Option<String>,
    pub source_profile: Option<String>,
    /// In seconds.
    pub duration: Option<u32>,
    pub session_name: Option<String>,
    pub external_id: Option<String>,
    pub region: Option<String>,
    pub mfa_serial: Option<String>,
    /// Start from the role that is in the environment now.
    pub chain: bool,
}

/// The way to a session. Nothing in it was asked of AWS.
pub struct Plan {
    /// The target as resolved: the profile's name, or the role's whole ARN.
    pub target: String,
    pub first: First,
    /// Turn the first keys into a session before all else.
    pub mfa_session: Option<MfaSession>,
    /// The roles to assume, each signed with what the one before gave.
    pub hops: Vec<Hop>,
    /// The region to export: what the target or `--region` names.
    pub region: Option<String>,
    /// The region to send the requests to; `None` is the global endpoint.
    pub sts_region: Option<String>,
    /// A custom endpoint, scheme and all.
    pub endpoint: Option<String>,
    /// What the person should know about the plan.
    pub notes: Vec<String>,
}

/// The credentials that sign the first request.
#[derive(Clone)]
pub struct First {
    pub keys: Keys,
    /// Whose they are, for messages: "profile `base`".
    pub whose: String,
}

/// One AssumeRole request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    pub role: RoleArn,
    pub session_name: String,
    pub external_id: Option<String>,
    pub mfa_serial: Option<String>,
    /// In seconds.
    pub duration: Option<u32>,
}

/// One GetSessionToken request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MfaSession {
    pub mfa_serial: String,
    /// In seconds.
    pub duration: Option<u32>,
}

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
    #[error("{place}: endpoint `{url}` is not valid: it is `https://HOST[:PORT][/PATH]`, or `http://`")]
    BadEndpoint { place: String, url: String },
    #[error(
        "{place}: `duration_seconds` is {seconds}, less than the {} that STS allows",
        limits::SHORTEST
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
            Self::NoTarget | Self::BadTarget(_) | Self::BadOption(_) | Self::OptionNeedsRole { .. } | Self::TwoStarts
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
            Self::UnreadSource { .. } => {
                "`aws configure export-credentials` can put them into the environment; assume the role by its ARN then"
            }
            Self::NothingToAssumeWith { .. } => "`--source-profile NAME` says whose keys may assume the role",
            Self::Malformed(_) => "mend that line; rolenv does not guess what it was to say",
            Self::NoTarget => "rolenv assume PROFILE, or rolenv assume arn:aws:iam::ACCOUNT:role/NAME",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

impl Plan {
    /// Works out the way to `request`'s target.
    ///
    /// `environment` is that of this process; unless `request.chain`, only what `clear` would leave of it counts.
    ///
    /// # Errors
    /// [`PlanError`], before anything was asked of AWS.
    pub fn new(
        request: &Request,
        files: &Files,
        profiles: &Profiles<'_>,
        environment: &Environment,
    ) -> Result<Self, PlanError> {
        if request.chain && request.source_profile.is_some() {
            return Err(PlanError::TwoStarts);
        }
        request.check()?;
        let original = environment.original();
        let (asked, named_by) = target_name(request, &original)?;
        let search = chain::Search {
            request,
            files,
            profiles,
            original: &original,
            now: environment,
        };
        let (target, way, own, session_profile) = match profiles.profile(&asked)? {
            Some(profile) => (asked, search.to_profile(profile)?, Some(profile), Some(profile)),
            None => match RoleArn::parse_target(&asked) {
                Some(role) => {
                    let role = role?;
                    let target = role.to_string();
                    let (way, source) = search.to_role(role)?;
                    (target, way, None, source)
                }
                None => {
                    let hint = suggest::hint(&asked, files, profiles);
                    return Err(PlanError::UnknownProfile {
                        name: asked,
                        named_by,
                        hint,
                    });
                }
            },
        };
        let own_region = own.map(reach::region_of).transpose()?.flatten();
        Ok(Self {
            target,
            region: request.region.clone().or(own_region),
            sts_region: reach::region(request, &original, session_profile)?,
            endpoint: reach::endpoint(&original, session_profile)?,
            first: way.first,
            mfa_session: way.mfa_session,
            hops: way.hops,
            notes: way.notes,
        })
    }

    /// The MFA serials for which a code will be needed, in the order of the requests.
    pub fn mfa_serials(&self) -> impl Iterator<Item = &str> {
        let first = self.mfa_session.iter().map(|session| session.mfa_serial.as_str());
        first.chain(self.hops.iter().filter_map(|hop| hop.mfa_serial.as_deref()))
    }
}

impl Request {
    fn check(&self) -> Result<(), Unfit> {
        for (value, limit) in [
            (&self.session_name, &limits::SESSION_NAME),
            (&self.external_id, &limits::EXTERNAL_ID),
            (&self.mfa_serial, &limits::MFA_SERIAL),
            (&self.region, &limits::REGION),
        ] {
            if let Some(value) = value {
                limit.check(value)?;
            }
        }
        Ok(())
    }
}

/// The target named on the command line, else the profile that the person's environment names, and by what.
fn target_name(request: &Request, original: &Environment) -> Result<(String, Option<&'static str>), PlanError> {
    let (name, named_by) = match &request.target {
        Some(target) => (target.as_str(), None),
        None => selected_profile(original)?.ok_or(PlanError::NoTarget)?,
    };
    if name.is_empty() {
        return Err(PlanError::NoTarget);
    }
    Ok((name.to_owned(), named_by))
}

/// A profile's name, and which variable names it.
type Selected<'name> = (&'name str, Option<&'static str>);

/// `AWS_PROFILE`, else `AWS_DEFAULT_PROFILE`: the order of AWS CLI v2.
pub(super) fn selected_profile(original: &Environment) -> Result<Option<Selected<'_>>, NotText> {
    for (variable, place) in [
        ("AWS_PROFILE", "`AWS_PROFILE`"),
        ("AWS_DEFAULT_PROFILE", "`AWS_DEFAULT_PROFILE`"),
    ] {
        if let Some(name) = original.text(variable)? {
            return Ok(Some((name, Some(place))));
        }
    }
    Ok(None)
}
