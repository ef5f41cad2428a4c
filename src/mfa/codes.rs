//! The MFA codes of a run, in order and without repetition.

use super::{Code, MfaError, digits, process};
use crate::cli::RoleArgs;
use crate::env::{Environment, variables};
use crate::plan::MfaDevice;
use crate::secret::Secret;
use crate::terminal::{NoAnswer, Terminal};

/// The note about a code that must not be sent again.
const USED: &str = "this code was already used; wait for the next one";

/// Where the codes of this run come from, in this order: `--mfa-code`, `ROLENV_MFA_CODE`, `mfa_process`, a prompt.
pub struct Codes<'run> {
    flag: Option<&'run str>,
    environment: &'run Environment,
    terminal: &'run Terminal,
    /// The code of the option or the variable was used, or there was none.
    given_is_gone: bool,
    /// Used codes, with their device.
    handed_out: Vec<(String, Secret)>,
    /// Notes to print before the next prompt.
    remarks: Vec<String>,
}

/// What a code is needed for.
pub struct Need<'need> {
    pub device: &'need MfaDevice,
    /// The purpose, for the prompt.
    pub purpose: &'need str,
    /// Whether any process has already sent this code.
    pub is_spent: &'need dyn Fn(&Secret) -> bool,
}

impl<'run> Codes<'run> {
    /// For a command line. Reads nothing yet.
    pub fn new(request: &'run RoleArgs, environment: &'run Environment, terminal: &'run Terminal) -> Self {
        Self {
            flag: request.mfa_code.as_deref(),
            environment,
            terminal,
            given_is_gone: false,
            handed_out: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// Checks, without a prompt, whether this run can get a code of each of `devices`, in order. Fails with the first
    /// foreseeable [`MfaError`].
    pub fn check<'plan>(&self, devices: impl IntoIterator<Item = &'plan MfaDevice>) -> Result<(), MfaError> {
        let devices: Vec<_> = devices.into_iter().collect();
        if devices.is_empty() {
            return Ok(());
        }
        if let Some(device) = devices.iter().find(|device| device.is_security_key()) {
            return Err(security_key(device));
        }
        let given = self.given()?.is_some();
        let mut others = devices.into_iter().skip(usize::from(given));
        match others.find(|device| device.process.is_none()) {
            Some(device) if !Terminal::can_ask() => Err(needed(device, &[])),
            _ => Ok(()),
        }
    }

    /// The next code that neither this run nor another process has used.
    pub fn next(&mut self, need: &Need<'_>) -> Result<Code, MfaError> {
        let device = need.device;
        if device.is_security_key() {
            return Err(security_key(device));
        }
        let given = self.given()?;
        self.given_is_gone = true;
        let code = match (given, &device.process) {
            (Some(code), _) if !self.was_used(need, &code) => {
                // It needs no prompt.
                self.remarks.clear();
                code
            }
            (Some(_), _) if !self.has_more(device) => {
                return Err(MfaError::Used {
                    serial: device.serial.value.clone(),
                });
            }
            (given, process) => {
                self.remarks.extend(given.map(|_| USED.to_owned()));
                match process {
                    Some(process) => self.ask_process(need, &process.value)?,
                    None => self.ask_person(need)?,
                }
            }
        };
        self.handed_out.push((device.serial.value.clone(), code.clone()));
        Ok(Code(code))
    }

    /// Whether the next code would come from a prompt.
    pub fn asks_person(&self, need: &Need<'_>) -> bool {
        let given = self.given().ok().flatten();
        need.device.process.is_none() && given.is_none_or(|code| self.was_used(need, &code))
    }

    /// Whether there may be another code of `device` after the last one was rejected.
    pub fn has_more(&self, device: &MfaDevice) -> bool {
        device.process.is_some() || Terminal::can_ask()
    }

    /// Prints `why` before the next prompt.
    pub fn say_first(&mut self, why: String) {
        self.remarks.push(why);
    }

    /// The code of the option, else of the variable, for the first request that needs one.
    fn given(&self) -> Result<Option<Secret>, MfaError> {
        if self.given_is_gone {
            return Ok(None);
        }
        let (place, text) = match self.flag {
            Some(text) => ("`--mfa-code`", text),
            None => match self.environment.text(variables::ROLENV_MFA_CODE)? {
                Some(text) => ("`ROLENV_MFA_CODE`", text),
                None => return Ok(None),
            },
        };
        digits(text).map(Some).ok_or(MfaError::NotACode { place })
    }

    /// Runs `mfa_process` until it prints an unused code.
    fn ask_process(&mut self, need: &Need<'_>, words: &[String]) -> Result<Secret, MfaError> {
        for remark in self.remarks.drain(..) {
            self.terminal.note(remark);
        }
        let environment = self.environment.original();
        let code = process::unused_code(words, &environment, self.terminal, |code| self.was_used(need, code));
        code.map_err(|reason| MfaError::Process {
            serial: need.device.serial.value.clone(),
            reason,
        })
    }

    /// Prompts until the input may be a new code.
    fn ask_person(&mut self, need: &Need<'_>) -> Result<Secret, MfaError> {
        let question = format!("MFA code for {} ({})", need.purpose, need.device.name());
        loop {
            let remarks = std::mem::take(&mut self.remarks);
            let line = self.terminal.ask(&remarks, &question);
            let line = line.map_err(|why| match why {
                NoAnswer::NoTerminal => needed(need.device, &remarks),
                NoAnswer::Nothing => MfaError::Nothing,
                NoAnswer::Lost { reason } => MfaError::Terminal { reason },
            })?;
            match digits(line.expose()) {
                None => self.say_first("the code must be six digits".to_owned()),
                Some(code) if self.was_used(need, &code) => self.say_first(USED.to_owned()),
                Some(code) => return Ok(code),
            }
        }
    }

    fn was_used(&self, need: &Need<'_>, code: &Secret) -> bool {
        let is_it =
            |(serial, used): &(String, Secret)| *serial == need.device.serial.value && used.expose() == code.expose();
        self.handed_out.iter().any(is_it) || (need.is_spent)(code)
    }
}

fn security_key(device: &MfaDevice) -> MfaError {
    MfaError::SecurityKey {
        serial: device.serial.value.clone(),
    }
}

/// `why`: the notes that would have preceded the prompt.
fn needed(device: &MfaDevice, why: &[String]) -> MfaError {
    MfaError::Needed {
        serial: device.serial.value.clone(),
        why: [&[String::new()], why].concat().join(": "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Located, Origin};

    const TERMINAL: Terminal = Terminal::new(true);

    fn device(serial: &str) -> MfaDevice {
        MfaDevice {
            serial: Located {
                value: serial.to_owned(),
                origin: Origin::Default,
            },
            process: None,
            session: None,
        }
    }

    fn need(device: &MfaDevice) -> Need<'_> {
        Need {
            device,
            purpose: "`role`",
            is_spent: &|_| false,
        }
    }

    fn request(flag: Option<&str>) -> RoleArgs {
        RoleArgs {
            mfa_code: flag.map(str::to_owned),
            ..RoleArgs::default()
        }
    }

    /// The first code, if it needs no prompt.
    fn first(flag: Option<&str>, variable: Option<&str>) -> Result<String, String> {
        let environment = variable.into_iter().map(|code| ("ROLENV_MFA_CODE", code)).collect();
        let request = request(flag);
        let mut codes = Codes::new(&request, &environment, &TERMINAL);
        let message = |error: MfaError| error.to_string();
        codes.check([&device("GAHT12345678")]).map_err(message)?;
        let code = codes.next(&need(&device("GAHT12345678"))).map_err(message)?;
        Ok(code.spend().expose().to_owned())
    }

    #[test]
    fn the_flag_comes_before_the_variable() {
        assert_eq!(first(Some("123 456"), Some("654321")), Ok("123456".to_owned()));
        assert_eq!(first(None, Some("654321")), Ok("654321".to_owned()));
        assert_eq!(first(Some("123456"), Some("junk")), Ok("123456".to_owned()));
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
            let message = first(Some(junk), None).err().unwrap_or_default();
            assert_eq!(message, "the MFA code in `--mfa-code` must be six digits");
        }
    }

    #[test]
    fn a_security_key_is_told_before_anything_else() {
        let environment = Environment::default();
        let request = request(Some("junk"));
        let mut codes = Codes::new(&request, &environment, &TERMINAL);
        let key = device("arn:aws:iam::111111111111:u2f/user/ana/key");
        let expected = "`arn:aws:iam::111111111111:u2f/user/ana/key` is a security key; STS accepts codes from other MFA devices only";
        for error in [codes.check([&key]).err(), codes.next(&need(&key)).err()] {
            assert_eq!(error.map(|error| error.to_string()).as_deref(), Some(expected));
        }
    }

    #[test]
    fn nobody_is_needed_where_there_is_no_device() {
        let environment = Environment::default();
        let request = request(Some("junk"));
        assert!(Codes::new(&request, &environment, &TERMINAL).check([]).is_ok());
    }
}
