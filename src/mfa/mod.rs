//! Where MFA codes come from. Does not know their purpose.

mod codes;
mod process;

pub use codes::{Codes, Need};

use crate::env::NotText;
use crate::secret::Secret;

/// Six digits for one request. No `Debug`, no `Display`.
pub struct Code(Secret);

impl Code {
    /// The digits, to keep them out of messages.
    pub const fn secret(&self) -> &Secret {
        &self.0
    }

    /// The digits, for the request. Takes the code: it is never sent twice.
    pub fn spend(self) -> Secret {
        self.0
    }
}

/// Why no code is available.
#[derive(Debug, thiserror::Error)]
pub enum MfaError {
    #[error("the MFA code in {place} must be six digits")]
    NotACode { place: &'static str },
    #[error(transparent)]
    NotText(#[from] NotText),
    #[error("`{serial}` is a security key; STS accepts codes from other MFA devices only")]
    SecurityKey { serial: String },
    #[error("an MFA code from `{serial}` is needed{why}")]
    Needed { serial: String, why: String },
    #[error("this MFA code from `{serial}` was already used")]
    Used { serial: String },
    #[error("the MFA code was consumed, but no session was issued: {reason}")]
    InVain { reason: String },
    #[error("no MFA code entered")]
    Nothing,
    #[error("cannot ask for an MFA code at the terminal: {reason}")]
    Terminal { reason: String },
    #[error("no MFA code from `{serial}`: {reason}")]
    Process { serial: String, reason: String },
}

impl MfaError {
    /// Whether only a code is missing.
    pub const fn is_missing(&self) -> bool {
        matches!(self, Self::Needed { .. } | Self::Nothing)
    }

    /// The next step.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotACode { .. } | Self::NotText(_) | Self::Nothing => None,
            Self::Process { .. } => Some("`--mfa-code` and `ROLENV_MFA_CODE` take precedence over `mfa_process`"),
            Self::Used { .. } => Some("AWS accepts each code once; wait for the next one"),
            Self::InVain { .. } => Some(
                "retry with the next code and `ROLENV_MFA_SESSION=off` (or `mfa_session_duration = off` in the profile), \
                 which sends it with AssumeRole",
            ),
            Self::SecurityKey { .. } => Some(
                "register an authenticator app or a hardware token as a second device, and name it in `mfa_serial`",
            ),
            Self::Needed { .. } | Self::Terminal { .. } => Some(
                "pass one with `--mfa-code CODE`, `ROLENV_MFA_CODE` or the profile's `mfa_process`, or run rolenv at a \
                 terminal",
            ),
        }
    }
}

/// The code in a typed line. Authenticator apps display it with spaces.
fn digits(text: &str) -> Option<Secret> {
    let mut digits = String::with_capacity(text.len());
    digits.extend(text.chars().filter(|character| !character.is_whitespace()));
    let digits = Secret::new(digits);
    let is_code = digits.expose().len() == 6 && digits.expose().bytes().all(|byte| byte.is_ascii_digit());
    is_code.then_some(digits)
}
