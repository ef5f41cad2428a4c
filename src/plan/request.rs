//! The requests of a plan, as plain data.

use super::error::PlanError;
use super::limits;
use super::{RoleArn, SessionOptions};
use crate::cli::RoleArgs;
use crate::config::{Located, Origin};

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
    /// Whether the caller is a role session.
    pub chained: bool,
}

/// An MFA device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MfaDevice {
    pub serial: Located<String>,
    /// `mfa_process`: a command that prints a code.
    pub process: Option<Located<Vec<String>>>,
    /// The duration of the MFA session in seconds; `None`: each request needs a code.
    pub session: Option<Located<u32>>,
}

impl MfaDevice {
    /// The serial, of an ARN only the resource: `mfa/NAME`.
    pub fn name(&self) -> &str {
        let serial = self.serial.value.as_str();
        let resource = serial.strip_prefix("arn:").and_then(|arn| arn.splitn(5, ':').nth(4));
        resource.unwrap_or(serial)
    }

    /// Whether it is a FIDO security key or a passkey, which has no codes.
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
    /// Whether the command line requests it.
    pub fn is_asked_for(&self) -> bool {
        let duration = self.duration.as_ref().map(|duration| &duration.origin);
        let origins = [Some(&self.device.serial.origin), duration];
        origins
            .into_iter()
            .flatten()
            .any(|origin| matches!(origin, Origin::Flag(_)))
    }
}

/// Checks everything in the command line that needs no file.
pub(super) fn check(request: &RoleArgs) -> Result<(), PlanError> {
    if request.chain && request.source_profile.is_some() {
        return Err(PlanError::TwoStarts);
    }
    if let Some(seconds) = request.duration.filter(|seconds| !limits::DURATION.contains(seconds)) {
        return Err(PlanError::BadDuration { seconds });
    }
    for (value, limit) in [
        (&request.session_name, &limits::SESSION_NAME),
        (&request.external_id, &limits::EXTERNAL_ID),
        (&request.mfa_serial, &limits::MFA_SERIAL),
        (&request.region, &limits::REGION),
    ] {
        if let Some(value) = value {
            limit.check(value)?;
        }
    }
    Ok(())
}
