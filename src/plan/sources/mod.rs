//! The credentials that a profile or an environment provides itself, in botocore's order of precedence.

mod machine;
mod sso;
mod static_keys;

use super::endpoint::ConfigLayers;
use super::error::PlanError;
use super::limits;
use super::settings::{checked, command_of, is_full, read_role, variable, within};
use super::source::{Source, SourceKind};
use super::step::AssumeRoleWithWebIdentity;
use super::{RoleArn, SessionOptions};
use crate::config::{FileKind, Located, Origin, Profile, keys};
use crate::env::{Environment, NotText, variables};
use crate::shell::quote;
pub(super) use static_keys::environment_keys;
use static_keys::static_keys;

/// The input for finding credentials.
#[derive(Clone, Copy)]
pub(super) struct Sources<'search> {
    pub(super) layers: ConfigLayers<'search>,
    /// The user's own environment.
    pub(super) original: &'search Environment,
    /// The default session name.
    pub(super) session_name: &'search Located<String>,
}

/// Where a plan starts: its source, and the request that turns the token of a web identity into credentials.
pub(super) struct Start {
    pub(super) source: Source,
    pub(super) step: Option<AssumeRoleWithWebIdentity>,
}

impl From<Source> for Start {
    fn from(source: Source) -> Self {
        Self { source, step: None }
    }
}

impl Sources<'_> {
    /// The credentials that a profile provides itself, without its role.
    pub(super) fn of_profile(&self, profile: Profile<'_>) -> Result<Option<Start>, PlanError> {
        if let Some(start) = self.web_identity_of(profile)? {
            return Ok(Some(start));
        }
        Ok(self.credentials_of(profile)?.map(Start::from))
    }

    fn credentials_of(&self, profile: Profile<'_>) -> Result<Option<Source>, PlanError> {
        if let Some(source) = self.sso_of(profile)? {
            return Ok(Some(source));
        }
        if let Some(source) = static_keys(profile, FileKind::Credentials)? {
            return Ok(Some(source));
        }
        if let Some(login) = profile.get(keys::LOGIN_SESSION) {
            let name = profile.name();
            let message = format_args!("profile `{name}` uses `login_session`, which rolenv does not support");
            return Err(PlanError::at(&login.origin, message).with_hint(format!(
                "evaluate `aws configure export-credentials --profile {} --format env`, then run `rolenv assume ROLE --chain`",
                quote(name)
            )));
        }
        if let Some(source) = process_of(profile)? {
            return Ok(Some(source));
        }
        static_keys(profile, FileKind::Config)
    }

    /// The last resort of the AWS CLI: the container or instance role. If there is none, fails with `nothing`.
    pub(super) fn of_machine(&self, nothing: PlanError) -> Result<Source, PlanError> {
        if let Some(source) = self.container()? {
            return Ok(source);
        }
        match self.instance()? {
            Some(source) => Ok(Source {
                fallback_for: Some(Box::new(nothing)),
                ..source
            }),
            None => Err(nothing),
        }
    }

    /// The credentials without a profile: environment keys, web identity, container or instance role.
    pub(super) fn of_environment(&self, nothing: PlanError) -> Result<Start, PlanError> {
        if let Some(source) = environment_keys(self.original)? {
            return Ok(source.into());
        }
        match self.web_identity_of_environment()? {
            Some(start) => Ok(start),
            None => self.of_machine(nothing).map(Start::from),
        }
    }

    fn web_identity_of(&self, profile: Profile<'_>) -> Result<Option<Start>, PlanError> {
        let Some(token_file) = profile.get(keys::WEB_IDENTITY_TOKEN_FILE).filter(is_full) else {
            return Ok(None);
        };
        let Some(role) = profile.get(keys::ROLE_ARN).filter(is_full) else {
            return Err(no_role(&token_file.origin, keys::ROLE_ARN));
        };
        let session_name = checked(profile.get(keys::ROLE_SESSION_NAME), &limits::SESSION_NAME)?;
        let role = read_role(role.owned())?;
        let name = Some(profile.name());
        Ok(Some(self.web_identity(name, role, token_file.owned(), session_name)))
    }

    fn web_identity_of_environment(&self) -> Result<Option<Start>, PlanError> {
        let get = |name| -> Result<_, NotText> { Ok(variable(self.original, name)?.map(|found| found.owned())) };
        let Some(token_file) = get(variables::AWS_WEB_IDENTITY_TOKEN_FILE)? else {
            return Ok(None);
        };
        let Some(role) = get(variables::AWS_ROLE_ARN)? else {
            return Err(no_role(&token_file.origin, variables::AWS_ROLE_ARN));
        };
        let session_name = get(variables::AWS_ROLE_SESSION_NAME)?;
        let session_name = session_name
            .map(|name| within(&limits::SESSION_NAME, name))
            .transpose()?;
        let role = read_role(role)?;
        Ok(Some(self.web_identity(None, role, token_file, session_name)))
    }

    fn web_identity(
        &self,
        profile: Option<&str>,
        role: Located<RoleArn>,
        token_file: Located<String>,
        session_name: Option<Located<String>>,
    ) -> Start {
        let origin = token_file.origin.clone();
        Start {
            source: Source::new(profile, origin, SourceKind::WebIdentity(token_file)),
            step: Some(AssumeRoleWithWebIdentity {
                role,
                session_name: session_name.unwrap_or_else(|| self.session_name.clone()),
                duration: None,
                options: SessionOptions::default(),
            }),
        }
    }
}

fn no_role(token_file: &Origin, key: &str) -> PlanError {
    PlanError::config(format_args!(
        "{token_file} sets a web identity token file, but `{key}` is not set"
    ))
}

fn process_of(profile: Profile<'_>) -> Result<Option<Source>, PlanError> {
    let found = command_of(profile, keys::CREDENTIAL_PROCESS)?;
    Ok(found.map(|Located { value: command, origin }| {
        Source::new(Some(profile.name()), origin, SourceKind::Process { command })
    }))
}
