//! The AssumeRole requests of a chain, parameter by parameter. The limit for chained roles is here.

use super::error::PlanError;
use super::limits::{self, Limit};
use super::search::Search;
use super::settings::{checked, command_of, mfa_session, profile_duration};
use super::step::{AssumeRole, MfaDevice};
use super::{RoleArn, SessionOptions};
use crate::config::{Located, Origin, Profile, keys};
use crate::env::{Environment, variables};

impl<'search> Search<'search> {
    /// The request for the target's role: options win over the profile's keys. Without a profile, MFA codes come from
    /// the `mfa_process` of `caller`.
    pub(super) fn target_role(
        &self,
        role: Located<RoleArn>,
        profile: Option<Profile<'search>>,
        caller: Option<Profile<'search>>,
    ) -> Result<AssumeRole, PlanError> {
        let request = self.request;
        let or = |given: &Option<String>, option, key, limit: &Limit| match given {
            Some(given) => Ok(Some(Located::flag(given.clone(), option))),
            None => checked(profile.and_then(|profile| profile.get(key)), limit),
        };
        let (name, id) = (&request.session_name, &request.external_id);
        let session_name = or(name, "--session-name", keys::ROLE_SESSION_NAME, &limits::SESSION_NAME)?;
        Ok(AssumeRole {
            profile: profile.map(|profile| profile.name().to_owned()),
            role,
            session_name: session_name.unwrap_or_else(|| self.session_name.clone()),
            external_id: or(id, "--external-id", keys::EXTERNAL_ID, &limits::EXTERNAL_ID)?,
            mfa: self.device(profile, caller)?,
            duration: self.duration(profile)?,
            options: self.options.clone(),
            chained: false,
        })
    }

    /// The request for another role of the chain: only its own profile counts.
    pub(super) fn source_role(
        &self,
        role: Located<RoleArn>,
        profile: Profile<'search>,
    ) -> Result<AssumeRole, PlanError> {
        let session_name = checked(profile.get(keys::ROLE_SESSION_NAME), &limits::SESSION_NAME)?;
        let serial = checked(profile.get(keys::MFA_SERIAL), &limits::MFA_SERIAL)?;
        Ok(AssumeRole {
            profile: Some(profile.name().to_owned()),
            role,
            session_name: session_name.unwrap_or_else(|| self.session_name.clone()),
            external_id: checked(profile.get(keys::EXTERNAL_ID), &limits::EXTERNAL_ID)?,
            mfa: self.device_of(serial, Some(profile))?,
            duration: profile_duration(profile)?,
            options: SessionOptions::default(),
            chained: false,
        })
    }

    /// The MFA device of `--mfa-serial`, else of the profile.
    pub(super) fn device(
        &self,
        profile: Option<Profile<'_>>,
        caller: Option<Profile<'_>>,
    ) -> Result<Option<MfaDevice>, PlanError> {
        let serial = match &self.request.mfa_serial {
            Some(serial) => Some(Located::flag(serial.clone(), "--mfa-serial")),
            None => checked(
                profile.and_then(|profile| profile.get(keys::MFA_SERIAL)),
                &limits::MFA_SERIAL,
            )?,
        };
        self.device_of(serial, profile.or(caller))
    }

    fn device_of(
        &self,
        serial: Option<Located<String>>,
        profile: Option<Profile<'_>>,
    ) -> Result<Option<MfaDevice>, PlanError> {
        let Some(serial) = serial else {
            return Ok(None);
        };
        Ok(Some(MfaDevice {
            serial,
            process: profile.map_or(Ok(None), |profile| command_of(profile, keys::MFA_PROCESS))?,
            session: mfa_session(self.original, profile)?,
        }))
    }

    pub(super) fn given_duration(&self) -> Option<Located<u32>> {
        self.request
            .duration
            .map(|seconds| Located::flag(seconds, "--duration"))
    }

    pub(super) fn duration(&self, profile: Option<Profile<'search>>) -> Result<Option<Located<u32>>, PlanError> {
        match (self.given_duration(), profile) {
            (None, Some(profile)) => profile_duration(profile),
            (given, _) => Ok(given),
        }
    }
}

/// `rolenv-USER`, shown by CloudTrail; characters that STS does not allow become `-`.
pub(super) fn default_session_name(environment: &Environment) -> Located<String> {
    let user = [variables::USER, variables::LOGNAME, variables::USERNAME]
        .into_iter()
        .find_map(|name| environment.text(name).ok().flatten())
        .unwrap_or("user");
    let fit = |character: char| character.is_ascii_alphanumeric() || "_+=,.@-".contains(character);
    let user = user
        .chars()
        .map(|character| if fit(character) { character } else { '-' });
    Located {
        value: "rolenv-".chars().chain(user).take(64).collect(),
        origin: Origin::Default,
    }
}

/// Marks the roles that a role session assumes ("role chaining"), and limits their duration to the 1 hour that AWS
/// allows. Returns notes about that.
pub(super) fn limit_chained_durations(roles: &mut [AssumeRole], from_role: bool) -> Vec<String> {
    let mut notes = Vec::new();
    for step in roles.iter_mut().skip(usize::from(!from_role)) {
        step.chained = true;
        if let Some(duration) = &mut step.duration
            && duration.value > limits::MAX_CHAINED_DURATION
        {
            *duration = Located {
                value: limits::MAX_CHAINED_DURATION,
                origin: Origin::Rule("AWS limits chained roles to 1 h"),
            };
            notes.push(format!(
                "duration of `{}` shortened to 1 h: AWS limits chained roles to 1 h",
                step.role.value
            ));
        }
    }
    notes
}
