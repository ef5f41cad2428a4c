//! Follows source profiles back to the credentials that sign first, by the rules of botocore's
//! `AssumeRoleProvider`.

use std::collections::HashSet;

use super::assume_role;
use super::endpoint::{ConfigLayers, EndpointConfig, region_of};
use super::error::PlanError;
use super::search::Search;
use super::settings::{can_sign, has_static_keys, role_of};
use super::source::{Source, SourceKind};
use super::sources::{Sources, Start, environment_keys};
use super::step::{AssumeRole, GetSessionToken, Step};
use super::{RoleArn, selected_profile};
use crate::config::{Located, Origin, Profile, keys, suggestion};
use crate::env::Var;
use crate::shell::quote;

/// The result of a search: the source, the requests, and the endpoint.
pub(super) struct Resolved {
    pub(super) source: Source,
    pub(super) steps: Vec<Step>,
    /// The region to export: of the target's profile, for a role ARN of the profile whose credentials assume it.
    pub(super) region: Option<Located<String>>,
    pub(super) endpoint_config: EndpointConfig,
    pub(super) notes: Vec<String>,
}

/// What assumes a role: credentials, or a profile.
enum ChainLink<'search> {
    Start(Box<Start>),
    Profile(Profile<'search>),
}

impl<Found: Into<Start>> From<Found> for ChainLink<'_> {
    fn from(found: Found) -> Self {
        Self::Start(Box::new(found.into()))
    }
}

impl<'search> Search<'search> {
    /// Resolves a profile.
    pub(super) fn to_profile(&'search self, profile: Profile<'search>) -> Result<Resolved, PlanError> {
        let sources = self.sources(Some(profile));
        sources.check_sso_session(profile)?;
        let Some(role) = role_of(profile)? else {
            return self.to_own_credentials(profile, sources);
        };
        let last = self.target_role(role, Some(profile), None)?;
        let caller = self.caller_of_target(profile, sources)?;
        self.follow(caller, last, Some(profile), sources)
    }

    /// Resolves a role ARN. Region and endpoint are those of the profile whose credentials assume it.
    pub(super) fn to_role(&'search self, role: RoleArn) -> Result<Resolved, PlanError> {
        let role = Located {
            value: role,
            origin: Origin::Argument,
        };
        let named = self.profile_for_roles()?;
        let last = self.target_role(role, None, named)?;
        let sources = self.sources(named);
        let caller = match named {
            _ if self.request.chain => ChainLink::from(self.current()?),
            Some(profile) if self.is_chosen(profile) => {
                sources.check_sso_session(profile)?;
                ChainLink::Profile(profile)
            }
            _ => {
                let nothing = PlanError::config(format_args!(
                    "no credentials to assume `{}`: no `--source-profile`, no `AWS_PROFILE`, no usable `default` profile, \
                     no `AWS_ACCESS_KEY_ID`, no `AWS_WEB_IDENTITY_TOKEN_FILE`",
                    last.role.value
                ))
                .with_hint("pass `--source-profile NAME`: the profile whose credentials assume the role");
                ChainLink::from(sources.of_environment(nothing)?)
            }
        };
        self.follow(caller, last, None, sources)
    }

    fn sources(&'search self, session_profile: Option<Profile<'search>>) -> Sources<'search> {
        Sources {
            layers: ConfigLayers {
                request: self.request,
                environment: if self.request.chain { self.now } else { self.original },
                profiles: self.profiles,
                session_profile,
            },
            original: self.original,
            session_name: &self.session_name,
        }
    }

    /// A profile without a role stands for its own credentials; without any, the container or instance role is used
    /// (AWS CLI).
    fn to_own_credentials(&self, profile: Profile<'search>, sources: Sources<'search>) -> Result<Resolved, PlanError> {
        let Start { source, step } = match sources.of_profile(profile)? {
            Some(start) => start,
            None => sources.of_machine(no_credentials(profile))?.into(),
        };
        self.check_fit(profile, &source)?;
        let duration = self.duration(Some(profile))?;
        let mut steps = Vec::new();
        if let Some(mut step) = step {
            // Only the command line sets its duration, like in the AWS CLI.
            step.duration = self.given_duration();
            step.options = self.options.clone();
            if let Some(name) = &self.request.session_name {
                step.session_name = Located::flag(name.clone(), "--session-name");
            }
            steps.push(Step::AssumeRoleWithWebIdentity(step));
        } else if has_keys(&source) {
            let device = self.device(Some(profile), None)?;
            if self.request.duration.is_some() && device.is_none() {
                return Err(option_needs_role("--duration", profile));
            }
            let session = device.map(|device| GetSessionToken { device, duration });
            // GetSessionToken cannot be called with temporary credentials; if the user asked explicitly, AWS
            // reports it.
            let session = session.filter(|session| !source.has_session() || session.is_asked_for());
            steps.extend(session.map(Step::GetSessionToken));
        }
        Ok(Resolved {
            source,
            steps,
            endpoint_config: sources.layers.sts()?,
            region: region_of(profile)?,
            notes: Vec::new(),
        })
    }

    /// Rejects options that need AssumeRole, for a profile without a role; a web identity accepts some of them.
    fn check_fit(&self, profile: Profile<'_>, source: &Source) -> Result<(), PlanError> {
        let request = self.request;
        let options = self.options;
        let is_identity = matches!(source.kind, SourceKind::WebIdentity(_));
        let has_keys = has_keys(source);
        for (given, option) in [
            (request.chain, "--chain"),
            (request.source_profile.is_some(), "--source-profile"),
            (request.external_id.is_some(), "--external-id"),
            (!options.tags.is_empty(), "--tag"),
            (!options.transitive_tags.is_empty(), "--transitive-tag"),
            (options.source_identity.is_some(), "--source-identity"),
            (request.session_name.is_some() && !is_identity, "--session-name"),
            (options.policy.is_some() && !is_identity, "--policy"),
            (!options.policy_arns.is_empty() && !is_identity, "--policy-arn"),
            (request.duration.is_some() && !is_identity && !has_keys, "--duration"),
            (request.mfa_serial.is_some() && !has_keys, "--mfa-serial"),
        ] {
            if given {
                return Err(option_needs_role(option, profile));
            }
        }
        Ok(())
    }

    /// Follows source profiles until one has credentials, then reverses the list into request order.
    fn follow(
        &self,
        mut caller: ChainLink<'search>,
        last: AssumeRole,
        target: Option<Profile<'search>>,
        sources: Sources<'search>,
    ) -> Result<Resolved, PlanError> {
        let mut roles = vec![last];
        // A role ARN has the region of the profile whose credentials assume it.
        let region_of_profile = match (&caller, target) {
            (_, Some(target)) => Some(target),
            (ChainLink::Profile(profile), None) => Some(*profile),
            (ChainLink::Start(_), None) => None,
        };
        let mut visited: Vec<&str> = target.iter().map(Profile::name).collect();
        let mut known: HashSet<&str> = visited.iter().copied().collect();
        let start = loop {
            let profile = match caller {
                ChainLink::Start(start) => break *start,
                ChainLink::Profile(profile) => profile,
            };
            let itself = visited.last() == Some(&profile.name());
            let again = !known.insert(profile.name());
            visited.push(profile.name());
            // Access keys end a chain, and let a profile be its own source.
            let stops = has_static_keys(profile) && (itself || !again);
            if again && !stops {
                let names: Vec<String> = visited.iter().map(|name| format!("`{name}`")).collect();
                let message = format!("`source_profile` cycle: {}", names.join(" -> "));
                return Err(PlanError::config(message)
                    .with_hint("give one of these profiles access keys, or another `source_profile`"));
            }
            let role = if stops { None } else { role_of(profile)? };
            let Some(role) = role else {
                break sources.of_profile(profile)?.ok_or_else(|| no_credentials(profile))?;
            };
            roles.push(self.source_role(role, profile)?);
            caller = self.caller_of(profile, sources)?;
        };
        roles.reverse();
        let is_role = start.source.is_role() || start.step.is_some();
        let notes = assume_role::limit_chained_durations(&mut roles, is_role);
        let first = start.step.map(Step::AssumeRoleWithWebIdentity);
        Ok(Resolved {
            source: start.source,
            steps: first
                .into_iter()
                .chain(roles.into_iter().map(|role| Step::AssumeRole(role.into())))
                .collect(),
            endpoint_config: sources.layers.sts()?,
            region: region_of_profile.map_or(Ok(None), region_of)?,
            notes,
        })
    }

    fn caller_of_target(
        &self,
        profile: Profile<'search>,
        sources: Sources<'search>,
    ) -> Result<ChainLink<'search>, PlanError> {
        if self.request.chain {
            return Ok(self.current()?.into());
        }
        match &self.request.source_profile {
            Some(name) => self
                .named(name, &Origin::Flag("--source-profile"))
                .map(ChainLink::Profile),
            None => self.caller_of(profile, sources),
        }
    }

    /// The profile for a role ARN: `--source-profile`, `AWS_PROFILE`, `default`. None with `--chain`.
    fn profile_for_roles(&self) -> Result<Option<Profile<'search>>, PlanError> {
        if self.request.chain {
            return Ok(None);
        }
        let named = match &self.request.source_profile {
            Some(name) => Some(Located::flag(name.as_str(), "--source-profile")),
            None => selected_profile(self.original)?,
        };
        match named {
            Some(Located { value, origin }) => self.named(value, &origin).map(Some),
            None => Ok(self.profiles.profile("default")?),
        }
    }

    /// Whether a profile's credentials assume a role ARN: if it was named, or has any credentials.
    fn is_chosen(&self, profile: Profile<'_>) -> bool {
        let is_named = self.request.source_profile.is_some() || matches!(selected_profile(self.original), Ok(Some(_)));
        is_named || can_sign(profile)
    }

    /// What assumes the role of `profile`: its `source_profile` or `credential_source`.
    fn caller_of(&self, profile: Profile<'search>, sources: Sources<'search>) -> Result<ChainLink<'search>, PlanError> {
        let name = profile.name();
        match (profile.get(keys::SOURCE_PROFILE), profile.get(keys::CREDENTIAL_SOURCE)) {
            (Some(_), Some(_)) => Err(PlanError::config(format_args!(
                "profile `{name}` has both `source_profile` and `credential_source`"
            ))
            .with_hint("remove one of the two")),
            (None, None) => {
                let origin = profile.get(keys::ROLE_ARN).map_or(Origin::Default, |role| role.origin);
                let message = format_args!(
                    "profile `{name}` has `role_arn` but neither `source_profile` nor `credential_source`"
                );
                Err(PlanError::at(&origin, message)
                    .with_hint("add `source_profile = NAME`: the profile whose credentials assume the role"))
            }
            (Some(source), None) => match self.profiles.profile(source.value)? {
                Some(found) => Ok(ChainLink::Profile(found)),
                None => {
                    let missing = source.value;
                    let message =
                        format_args!("profile `{name}` has `source_profile = {missing}`, which does not exist");
                    Err(PlanError::at(&source.origin, message).with_hint(suggestion(
                        missing,
                        self.files,
                        self.profiles,
                    )))
                }
            },
            (None, Some(source)) => self.credential_source(&source, sources).map(ChainLink::from),
        }
    }

    fn credential_source(&self, named: &Located<&str>, sources: Sources<'_>) -> Result<Source, PlanError> {
        let (found, why) = match named.value {
            "Environment" => (environment_keys(self.original)?, "`AWS_ACCESS_KEY_ID` is not set"),
            "EcsContainer" => (
                sources.container()?,
                "neither `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` nor `AWS_CONTAINER_CREDENTIALS_FULL_URI` is set",
            ),
            "Ec2InstanceMetadata" => (sources.instance()?, "`AWS_EC2_METADATA_DISABLED` is `true`"),
            other => {
                let message = format_args!(
                    "`credential_source = {other}` must be Environment, Ec2InstanceMetadata or EcsContainer"
                );
                return Err(PlanError::at(&named.origin, message));
            }
        };
        found.ok_or_else(|| {
            let message = format_args!("`credential_source = {}`: no credentials: {why}", named.value);
            PlanError::at(&named.origin, message)
        })
    }

    /// The current credentials in the environment, for `--chain`.
    fn current(&self) -> Result<Source, PlanError> {
        let source = environment_keys(self.now)?.ok_or_else(|| {
            PlanError::config("`--chain` needs credentials in the environment: `AWS_ACCESS_KEY_ID` is not set")
                .with_hint("`--chain` needs a role that `rolenv assume` put into this shell")
        })?;
        let role = self
            .now
            .text(Var::RolenvRoleArn.name())?
            .and_then(|arn| RoleArn::parse(arn).ok());
        Ok(Source { role, ..source })
    }

    fn named(&self, name: &str, named_by: &Origin) -> Result<Profile<'search>, PlanError> {
        let profile = self.profiles.profile(name)?;
        profile.ok_or_else(|| self.unknown_profile(name, Some(named_by)))
    }

    pub(super) fn unknown_profile(&self, name: &str, named_by: Option<&Origin>) -> PlanError {
        let named_by = named_by.map(|origin| format!(" (from {origin})")).unwrap_or_default();
        PlanError::config(format_args!("no profile named `{name}`{named_by}")).with_hint(suggestion(
            name,
            self.files,
            self.profiles,
        ))
    }
}

const fn has_keys(source: &Source) -> bool {
    matches!(source.kind, SourceKind::Keys { .. } | SourceKind::Process { .. })
}

fn option_needs_role(option: &'static str, profile: Profile<'_>) -> PlanError {
    PlanError::usage(format_args!(
        "`{option}` cannot be used with profile `{}`, which does not assume a role",
        profile.name()
    ))
}

fn no_credentials(profile: Profile<'_>) -> PlanError {
    let name = profile.name();
    PlanError::config(format_args!(
        "profile `{name}` has no credentials: no `aws_access_key_id`, no `role_arn`, no other credential source"
    ))
    .with_hint(format!(
        "run `aws configure --profile {}` to store access keys",
        quote(name)
    ))
}
