//! From a target and the config files to a plan: the source of credentials, the requests, the endpoint. Sends
//! nothing.

mod assume_role;
mod chain;
mod endpoint;
mod environment;
mod error;
mod limits;
mod options;
mod proxy;
mod role;
mod search;
mod settings;
mod source;
mod sources;
mod step;

pub use endpoint::EndpointConfig;
pub use environment::environment_credentials;
pub use error::PlanError;
pub use limits::is_region;
pub use options::SessionOptions;
pub use proxy::Proxy;
pub use role::{BadRoleArn, RoleArn, is_account};
pub use source::{Authorization, Container, Instance, Source, SourceKind, Sso};
pub use step::{AssumeRole, AssumeRoleWithWebIdentity, GetSessionToken, MfaDevice, Step};

use crate::cli::RoleArgs;
use crate::config::{Files, Located, Origin, Profiles, keys};
use crate::env::{Environment, NotText, Var};

/// The plan for a session.
pub struct Plan {
    /// The resolved target: the profile's name, or the complete role ARN.
    pub target: String,
    pub source: Source,
    /// The requests, in order. None: the source's credentials are exported unchanged.
    pub steps: Vec<Step>,
    /// The region to export, from the target or `--region`.
    pub region: Option<Located<String>>,
    /// The endpoint of the STS requests.
    pub endpoint_config: EndpointConfig,
    /// Notes for the user.
    pub notes: Vec<String>,
    /// What a session without a region means for the user.
    pub region_note: Option<String>,
}

impl Plan {
    /// Resolves the target of `request`, with the options that were read from it. `environment` is that of this process; it is used as `clear` would leave it,
    /// or unchanged with `request.chain`.
    pub fn new(
        request: &RoleArgs,
        options: &SessionOptions,
        files: &Files,
        profiles: &Profiles<'_>,
        environment: &Environment,
    ) -> Result<Self, PlanError> {
        let original = environment.original();
        let search = search::Search {
            request,
            options,
            files,
            profiles,
            original: &original,
            now: environment,
            session_name: assume_role::default_session_name(&original),
        };
        let (asked, named_by) = target_name(request, &original)?;
        let (target, resolved) = match profiles.profile(&asked)? {
            Some(profile) => (asked, search.to_profile(profile)?),
            None => match RoleArn::parse_target(&asked) {
                Some(role) => {
                    let role = role?;
                    (role.to_string(), search.to_role(role)?)
                }
                None if asked.len() == 6 && asked.bytes().all(|byte| byte.is_ascii_digit()) => {
                    // The code is not repeated.
                    let message = "the target looks like an MFA code: use `--mfa-code CODE`";
                    return Err(PlanError::usage(message));
                }
                None => {
                    return Err(search.unknown_profile(&asked, named_by.as_ref()));
                }
            },
        };
        let region = match &request.region {
            Some(region) => Some(Located::flag(region.clone(), "--region")),
            None => resolved.region,
        };
        let region_note = match &region {
            Some(_) => None,
            None => no_region(profiles, &original)?,
        };
        let plan = Self {
            target,
            region,
            endpoint_config: resolved.endpoint_config,
            source: resolved.source,
            steps: resolved.steps,
            notes: resolved.notes,
            region_note,
        };
        if request.mfa_code.is_some() && plan.mfa_devices().next().is_none() {
            let message = format!(
                "`--mfa-code` has no effect: no MFA device is configured for `{}`",
                plan.target
            );
            return Err(PlanError::usage(message).with_hint("name the device with `mfa_serial` or `--mfa-serial`"));
        }
        plan.roles()
            .try_for_each(|role| plan.endpoint_config.check_partition(role))?;
        Ok(plan)
    }

    /// The roles in the order in which they are assumed.
    pub fn roles(&self) -> impl Iterator<Item = &RoleArn> {
        self.steps.iter().filter_map(Step::role).map(|role| &role.value)
    }

    /// The MFA devices whose codes the requests need, in order.
    pub fn mfa_devices(&self) -> impl Iterator<Item = &MfaDevice> {
        self.steps.iter().filter_map(Step::mfa)
    }
}

/// The note if neither the target nor the user's environment has a region.
fn no_region(profiles: &Profiles<'_>, original: &Environment) -> Result<Option<String>, PlanError> {
    for var in [Var::Region, Var::DefaultRegion] {
        if original.text(var.name())?.is_some() {
            return Ok(None);
        }
    }
    // A malformed `[default]` is not needed here.
    let default = profiles.profile("default").ok().flatten();
    let region = default.and_then(|profile| profile.get(keys::REGION));
    Ok(Some(match region.filter(settings::is_full) {
        Some(region) => format!(
            "the target has no region: AWS tools use `{}` of profile `default`",
            region.value
        ),
        None => "the target has no region, and most AWS tools need one (use `--region`)".to_owned(),
    }))
}

/// The target on the command line, else the profile in the environment and its variable.
fn target_name(request: &RoleArgs, original: &Environment) -> Result<(String, Option<Origin>), PlanError> {
    let (name, named_by) = match &request.target {
        Some(target) => (target.as_str(), None),
        None => {
            let found = selected_profile(original)?.ok_or_else(no_target)?;
            (found.value, Some(found.origin))
        }
    };
    if name.is_empty() {
        return Err(no_target());
    }
    Ok((name.to_owned(), named_by))
}

fn no_target() -> PlanError {
    PlanError::usage("no target: pass a profile or a role ARN, or set `AWS_PROFILE`")
        .with_hint("run `rolenv assume PROFILE`, or `rolenv assume arn:aws:iam::ACCOUNT:role/NAME`")
}

/// `AWS_PROFILE`, else `AWS_DEFAULT_PROFILE`: the order of AWS CLI v2.
fn selected_profile(original: &Environment) -> Result<Option<Located<&str>>, NotText> {
    match settings::variable(original, Var::Profile.name())? {
        None => settings::variable(original, Var::DefaultProfile.name()),
        found => Ok(found),
    }
}
