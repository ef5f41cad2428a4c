//! The credentials in the environment, and the STS endpoint for them.

use super::endpoint::{ConfigLayers, EndpointConfig};
use super::error::PlanError;
use super::source::SourceKind;
use super::sources::environment_keys;
use crate::cli::RoleArgs;
use crate::config::Profiles;
use crate::credentials::Keys;
use crate::env::{Environment, Var};

/// The credentials in `environment`, if there are any, and the endpoint to verify them at. Settings that the environment
/// does not contain come from the assumed profile, else from the profile that the AWS CLI would use.
pub fn environment_credentials(
    environment: &Environment,
    profiles: &Profiles<'_>,
) -> Result<Option<(Keys, EndpointConfig)>, PlanError> {
    let Some(source) = environment_keys(environment)? else {
        return Ok(None);
    };
    let SourceKind::Keys { keys, .. } = source.kind else {
        return Ok(None);
    };
    let mut name = "default";
    for variable in [
        Var::DefaultProfile.name(),
        Var::Profile.name(),
        Var::RolenvProfile.name(),
    ] {
        name = environment.text(variable)?.unwrap_or(name);
    }
    let layers = ConfigLayers {
        request: &RoleArgs::default(),
        environment,
        profiles,
        // A malformed profile is ignored: the credentials do not depend on it.
        session_profile: profiles.profile(name).ok().flatten(),
    };
    Ok(Some((keys, layers.sts()?)))
}
