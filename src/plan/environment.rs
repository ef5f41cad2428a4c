//! The identity that is in the environment now, and the STS that knows it.

use super::endpoint::{ConfigLayers, EndpointConfig};
use super::error::PlanError;
use super::request::Request;
use super::source::SourceKind;
use super::sources::environment_keys;
use crate::config::Profiles;
use crate::credentials::Keys;
use crate::env::Environment;

/// Keys, and where to ask about them.
pub struct EnvironmentCredentials {
    pub keys: Keys,
    pub endpoint_config: EndpointConfig,
}

impl EnvironmentCredentials {
    /// The keys of `environment`; `None` when it has none. The STS is the one that `environment` leads to, and what it
    /// does not say, the profile that was assumed says, else the one that the AWS CLI would go by.
    pub fn new(environment: &Environment, profiles: &Profiles<'_>) -> Result<Option<Self>, PlanError> {
        let Some(source) = environment_keys(environment)? else {
            return Ok(None);
        };
        let SourceKind::Keys { keys, .. } = source.kind else {
            return Ok(None);
        };
        let mut name = "default";
        for variable in ["AWS_DEFAULT_PROFILE", "AWS_PROFILE", "ROLENV_PROFILE"] {
            name = environment.text(variable)?.unwrap_or(name);
        }
        let layers = ConfigLayers {
            request: &Request::default(),
            environment,
            profiles,
            // A profile that cannot be read has no say: the keys are there without it.
            session_profile: profiles.profile(name).ok().flatten(),
        };
        Ok(Some(Self {
            keys,
            endpoint_config: layers.sts()?,
        }))
    }
}
