//! Where an MFA code comes from.

use crate::environment::{Environment, NotText};
use crate::keys::Secret;
use crate::plan::MfaDevice;

/// Six digits that are good for one request. No `Debug`, no `Display`.
pub struct Code(Secret);

impl Code {
    /// The digits, to keep them out of messages.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        &self.0
    }

    /// The digits, for the request. Takes the code: it is never sent twice.
    #[must_use]
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
    #[error("an MFA code from `{serial}` is needed")]
    Needed { serial: String },
    #[error("two MFA codes are needed, from `{first}` and from `{second}`, and a code is good for one request")]
    NeededTwice { first: String, second: String },
}

impl MfaError {
    /// What to do next.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotACode { .. } | Self::NotText(_) => None,
            Self::Needed { .. } => Some("give one with `--mfa-code CODE` or in `ROLENV_MFA_CODE`"),
            Self::NeededTwice { .. } => {
                Some("assume the first role with its code, then the second one with `--chain` and the next code")
            }
        }
    }
}

/// The code for `devices` that the requests to come will name: from the flag, else from
/// `ROLENV_MFA_CODE`. `None` when no request names any.
///
/// # Errors
/// [`MfaError`] when a code is needed and none is given, or one is not enough, or it is not one.
pub fn code<'devices>(
    mut devices: impl Iterator<Item = &'devices MfaDevice>,
    flag: Option<&str>,
    environment: &Environment,
) -> Result<Option<Code>, MfaError> {
    let Some(first) = devices.next() else {
        return Ok(None);
    };
    if let Some(second) = devices.next() {
        return Err(MfaError::NeededTwice {
            first: first.serial.value.clone(),
            second: second.serial.value.clone(),
        });
    }
    let (place, given) = match flag {
        Some(code) => ("`--mfa-code`", Some(code)),
        None => ("`ROLENV_MFA_CODE`", environment.text("ROLENV_MFA_CODE")?),
    };
    let given = given.ok_or_else(|| MfaError::Needed {
        serial: first.serial.value.clone(),
    })?;
    let digits: String = given.chars().filter(|letter| !letter.is_whitespace()).collect();
    if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(Some(Code(Secret::new(digits))))
    } else {
        Err(MfaError::NotACode { place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Found, Origin};

    fn ask(serials: &[&str], flag: Option<&str>, variable: Option<&str>) -> Result<Option<String>, String> {
        let environment = variable.into_iter().map(|code| ("ROLENV_MFA_CODE", code)).collect();
        let device = |serial: &&str| MfaDevice {
            serial: Found {
                value: (*serial).to_owned(),
                origin: Origin::Default,
            },
            process: None,
            session: None,
        };
        let devices: Vec<MfaDevice> = serials.iter().map(device).collect();
        let code = code(devices.iter(), flag, &environment);
        code.map(|code| code.map(|code| code.spend().expose().to_owned()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_code_is_asked_for_only_when_a_device_is_named() {
        assert_eq!(ask(&[], Some("123456"), None), Ok(None));
        assert_eq!(
            ask(&["d"], Some("123 456"), Some("654321")),
            Ok(Some("123456".to_owned()))
        );
        assert_eq!(ask(&["d"], None, Some("654321")), Ok(Some("654321".to_owned())));
        assert!(ask(&["d"], None, None).is_err());
        assert!(ask(&["d", "e"], Some("123456"), None).is_err());
    }

    #[test]
    fn what_is_no_code_is_not_repeated() {
        for junk in [
            "",
            "12345",
            "1234567",
            "12345x",
            "\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}",
        ] {
            let told = ask(&["d"], Some(junk), None).err().unwrap_or_default();
            assert_eq!(told, "the MFA code in `--mfa-code` is not six digits");
        }
    }
}
