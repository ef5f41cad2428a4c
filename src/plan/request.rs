//! What is asked for, and the steps that a plan is made of: plain data.

use super::error::PlanError;
use super::limits;
use super::{RoleArn, SessionOptions};
use crate::config::{Located, Origin};

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
    /// What no profile can ask for.
    pub options: SessionOptions,
    /// ChainLink from the role that is in the environment now.
    pub chain: bool,
}

/// One AssumeRole request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    pub role: Located<RoleArn>,
    pub session_name: Located<String>,
    pub external_id: Option<Located<String>>,
    pub mfa: Option<MfaDevice>,
    /// In seconds.
    pub duration: Option<Located<u32>>,
    pub options: SessionOptions,
    /// Whether the caller is a role's session itself.
    pub chained: bool,
}

/// What gives the codes that a request carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MfaDevice {
    pub serial: Located<String>,
    /// `mfa_process`: a command that prints a code.
    pub process: Option<Located<Vec<String>>>,
    /// How long the session lasts that one code is good for, in seconds; `None`: each request takes a code of its own.
    pub session: Option<Located<u32>>,
}

impl MfaDevice {
    /// Whether it is a FIDO security key or a passkey, which has no codes: the STS API takes those of other devices only.
    pub fn is_security_key(&self) -> bool {
        [":u2f/", ":passkey/"]
            .iter()
            .any(|kind| self.serial.value.contains(kind))
    }
}

/// One GetSessionToken request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MfaSession {
    pub device: MfaDevice,
    /// In seconds.
    pub duration: Option<Located<u32>>,
}

impl MfaSession {
    /// Whether the command line wants it.
    pub fn is_asked_for(&self) -> bool {
        let duration = self.duration.as_ref().map(|duration| &duration.origin);
        let origins = [Some(&self.device.serial.origin), duration];
        origins
            .into_iter()
            .flatten()
            .any(|origin| matches!(origin, Origin::Flag(_)))
    }
}

impl Request {
    /// What can be reported to be wrong without looking into any file.
    pub(super) fn check(&self) -> Result<(), PlanError> {
        if self.chain && self.source_profile.is_some() {
            return Err(PlanError::TwoStarts);
        }
        if let Some(seconds) = self.duration.filter(|seconds| !limits::DURATION.contains(seconds)) {
            return Err(PlanError::BadDuration { seconds });
        }
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
