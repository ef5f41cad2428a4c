//! Where MFA codes come from. Does not know what they are for.

mod codes;
mod process;

pub use codes::{Codes, Need};

use crate::env::NotText;
use crate::secret::Secret;

/// Six digits that are good for one request. No `Debug`, no `Display`.
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

/// Why there is no code.
#[derive(Debug, thiserror::Error)]
pub enum MfaError {
    #[error("the MFA code in {place} is not six digits")]
    NotACode { place: &'static str },
    #[error(transparent)]
    NotText(#[from] NotText),
    #[error("`{serial}` is a security key: STS takes codes of other devices only")]
    SecurityKey { serial: String },
    #[error("an MFA code from `{serial}` is needed{why}")]
    Needed { serial: String, why: String },
    #[error("this MFA code of `{serial}` was used already")]
    Used { serial: String },
    #[error("the MFA code was spent on nothing: {reason}")]
    InVain { reason: String },
    #[error("no MFA code was typed")]
    Nothing,
    #[error("cannot ask for an MFA code at the terminal: {reason}")]
    Terminal { reason: String },
    #[error("no MFA code from `{serial}`: {reason}")]
    Process { serial: String, reason: String },
}

impl MfaError {
    /// Whether a code is missing, and nothing else is wrong.
    pub const fn is_missing(&self) -> bool {
        matches!(self, Self::Needed { .. } | Self::Nothing)
    }

    /// What to do next.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotACode { .. } | Self::NotText(_) | Self::Nothing => None,
            Self::Process { .. } => {
                Some("a code in `--mfa-code` or `ROLENV_MFA_CODE` comes before that of `mfa_process`")
            }
            Self::Used { .. } => Some("AWS takes each code once: wait for the next one"),
            Self::InVain { .. } => Some(
                "try again with the next code, and with `ROLENV_MFA_SESSION=off` or `mfa_session_duration = off` in the \
                 profile: it is then sent for the role itself",
            ),
            Self::SecurityKey { .. } => Some(
                "register an authenticator app or a hardware token as a second device, and name it in `mfa_serial`",
            ),
            Self::Needed { .. } | Self::Terminal { .. } => Some(
                "give one with `--mfa-code CODE`, in `ROLENV_MFA_CODE`, or by the profile's `mfa_process`; or type it \
                 at a terminal",
            ),
        }
    }
}

/// The code in what a person typed: authenticators show it with blanks in it.
fn digits(text: &str) -> Option<Secret> {
    let mut digits = String::with_capacity(text.len());
    digits.extend(text.chars().filter(|letter| !letter.is_whitespace()));
    let digits = Secret::new(digits);
    let is_code = digits.expose().len() == 6 && digits.expose().bytes().all(|byte| byte.is_ascii_digit());
    is_code.then_some(digits)
}

/// Words for the screen in which there may be an MFA code, or a part of one.
pub fn without_codes(text: &str) -> String {
    let mut hidden = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let length = from.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(from.len());
        hidden.push_str(before);
        hidden.push_str(if length < 3 { &from[..length] } else { "***" });
        rest = &from[length..];
    }
    hidden + rest
}
