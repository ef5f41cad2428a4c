//! The requests of a plan, as plain data, named like the actions of the STS API.

use super::{RoleArn, SessionOptions};
use crate::config::{Located, Origin};

/// One request. Each is made with the credentials that the previous one returned, the first with those of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    AssumeRole(Box<AssumeRole>),
    /// Only as the first step, with the token of the source.
    AssumeRoleWithWebIdentity(AssumeRoleWithWebIdentity),
    /// Only as the only step.
    GetSessionToken(GetSessionToken),
}

/// One AssumeRole request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumeRole {
    /// The profile whose role it is; `None` for a role ARN.
    pub profile: Option<String>,
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

/// One AssumeRoleWithWebIdentity request, which is unsigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumeRoleWithWebIdentity {
    pub role: Located<RoleArn>,
    pub session_name: Located<String>,
    /// In seconds.
    pub duration: Option<Located<u32>>,
    /// Policies only: the tags come from the token.
    pub options: SessionOptions,
}

/// One GetSessionToken request, which returns an MFA session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetSessionToken {
    pub device: MfaDevice,
    /// In seconds.
    pub duration: Option<Located<u32>>,
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

impl Step {
    /// The role that is assumed.
    pub const fn role(&self) -> Option<&Located<RoleArn>> {
        match self {
            Self::AssumeRole(step) => Some(&step.role),
            Self::AssumeRoleWithWebIdentity(step) => Some(&step.role),
            Self::GetSessionToken(_) => None,
        }
    }

    /// The MFA device whose code the request needs.
    pub const fn mfa(&self) -> Option<&MfaDevice> {
        match self {
            Self::AssumeRole(step) => step.mfa.as_ref(),
            Self::AssumeRoleWithWebIdentity(_) => None,
            Self::GetSessionToken(step) => Some(&step.device),
        }
    }
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

impl GetSessionToken {
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
