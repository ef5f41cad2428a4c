//! The codes of one run, one after the other, and never the same one twice.

use std::thread;
use std::time::{Duration, Instant};

use super::{Code, MfaError, digits, without_codes};
use crate::environment::Environment;
use crate::keys::Secret;
use crate::plan::MfaDevice;
use crate::program::Program;
use crate::terminal::{NoAnswer, Terminal};

/// How long a device may go on showing a code that was used: half a minute, and a clock that is a little off.
const NEXT_CODE: Duration = Duration::from_secs(35);

/// How often `mfa_process` is run in that time.
const PAUSE: Duration = Duration::from_secs(2);

const USED: &str = "this code was used already: wait for the next one";

/// Where the codes of this run come from, in this order: `--mfa-code`, `ROLENV_MFA_CODE`, `mfa_process`, the person.
pub struct Codes<'run> {
    flag: Option<&'run str>,
    environment: &'run Environment,
    terminal: &'run Terminal,
    /// The flag's or the variable's code was taken, or there was none.
    given_is_gone: bool,
    /// With the device whose they are.
    handed_out: Vec<(String, Secret)>,
    /// What the person is told before the next question.
    remarks: Vec<String>,
}

impl<'run> Codes<'run> {
    /// `flag` is `--mfa-code`, and `environment` that of the process. Nothing is read yet.
    #[must_use]
    pub const fn new(flag: Option<&'run str>, environment: &'run Environment, terminal: &'run Terminal) -> Self {
        Self {
            flag,
            environment,
            terminal,
            given_is_gone: false,
            handed_out: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// Tells, without asking anyone, what keeps this run from having a code of each of `devices`, in their order.
    ///
    /// # Errors
    /// The first [`MfaError`] that can be foreseen.
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
            Some(device) if !Terminal::can_ask() => Err(needed(device)),
            _ => Ok(()),
        }
    }

    /// A code of `device`, for `what`, that this run has not handed out before, nor `is_spent`.
    ///
    /// # Errors
    /// [`MfaError`] when there is none.
    pub fn next(
        &mut self,
        device: &MfaDevice,
        what: &str,
        is_spent: &dyn Fn(&Secret) -> bool,
    ) -> Result<Code, MfaError> {
        if device.is_security_key() {
            return Err(security_key(device));
        }
        let given = self.given()?;
        self.given_is_gone = true;
        let code = match (given, &device.process) {
            (Some(code), _) if !self.was_used(device, &code, is_spent) => code,
            (Some(_), _) if !self.has_more(device) => {
                return Err(MfaError::Used {
                    serial: device.serial.value.clone(),
                });
            }
            (given, process) => {
                self.remarks.extend(given.map(|_| USED.to_owned()));
                match process {
                    Some(process) => self.run_process(device, &process.value, is_spent)?,
                    None => self.ask_person(device, what, is_spent)?,
                }
            }
        };
        self.handed_out.push((device.serial.value.clone(), code.clone()));
        Ok(Code(code))
    }

    /// Whether a person would be asked for the next code of `device`.
    #[must_use]
    pub fn asks_person(&self, device: &MfaDevice, is_spent: &dyn Fn(&Secret) -> bool) -> bool {
        let given = self.given().ok().flatten();
        device.process.is_none() && given.is_none_or(|code| self.was_used(device, &code, is_spent))
    }

    /// Whether there may be another code of `device`, now that the last one was of no use.
    #[must_use]
    pub fn has_more(&self, device: &MfaDevice) -> bool {
        device.process.is_some() || Terminal::can_ask()
    }

    /// Tells the person `why` before the next question.
    pub fn say_first(&mut self, why: String) {
        self.remarks.push(why);
    }

    /// The flag's code, else the variable's. It is good for the first request that needs one.
    fn given(&self) -> Result<Option<Secret>, MfaError> {
        if self.given_is_gone {
            return Ok(None);
        }
        let (place, text) = match self.flag {
            Some(text) => ("`--mfa-code`", text),
            None => match self.environment.text("ROLENV_MFA_CODE")? {
                Some(text) => ("`ROLENV_MFA_CODE`", text),
                None => return Ok(None),
            },
        };
        digits(text).map(Some).ok_or(MfaError::NotACode { place })
    }

    /// Runs `mfa_process` until it prints a code that was not used.
    fn run_process(
        &mut self,
        device: &MfaDevice,
        words: &[String],
        is_spent: &dyn Fn(&Secret) -> bool,
    ) -> Result<Secret, MfaError> {
        for remark in self.remarks.drain(..) {
            self.terminal.note(remark);
        }
        let end = Instant::now() + NEXT_CODE;
        let environment = self.environment.original();
        let mut waits = false;
        loop {
            let code = printed(words, &environment).map_err(|reason| MfaError::Process {
                serial: device.serial.value.clone(),
                reason,
            })?;
            if !self.was_used(device, &code, is_spent) {
                return Ok(code);
            }
            if end < Instant::now() {
                return Err(MfaError::Process {
                    serial: device.serial.value.clone(),
                    reason: "`mfa_process` goes on printing a code that was used".to_owned(),
                });
            }
            if !std::mem::replace(&mut waits, true) {
                self.terminal.note("waiting for the next code of `mfa_process`");
            }
            thread::sleep(PAUSE);
        }
    }

    /// Asks at the terminal until what is typed may be a new code.
    fn ask_person(
        &mut self,
        device: &MfaDevice,
        what: &str,
        is_spent: &dyn Fn(&Secret) -> bool,
    ) -> Result<Secret, MfaError> {
        let question = format!("MFA code of `{}` for {what}", device.serial.value);
        loop {
            let remarks = std::mem::take(&mut self.remarks);
            let line = self.terminal.ask(&remarks, &question);
            let line = line.map_err(|why| match why {
                NoAnswer::NoTerminal => needed(device),
                NoAnswer::Nothing => MfaError::Nothing,
                NoAnswer::Lost { reason } => MfaError::Terminal { reason },
            })?;
            match digits(line.expose()) {
                None => self.say_first("a code is six digits".to_owned()),
                Some(code) if self.was_used(device, &code, is_spent) => self.say_first(USED.to_owned()),
                Some(code) => return Ok(code),
            }
        }
    }

    fn was_used(&self, device: &MfaDevice, code: &Secret, is_spent: &dyn Fn(&Secret) -> bool) -> bool {
        let mut known = self.handed_out.iter();
        let is_known =
            |(serial, known): &(String, Secret)| *serial == device.serial.value && known.expose() == code.expose();
        known.any(is_known) || is_spent(code)
    }
}

fn security_key(device: &MfaDevice) -> MfaError {
    MfaError::SecurityKey {
        serial: device.serial.value.clone(),
    }
}

fn needed(device: &MfaDevice) -> MfaError {
    MfaError::Needed {
        serial: device.serial.value.clone(),
    }
}

/// The code that `mfa_process` prints in its first line. Nothing else that it prints or says may show one.
fn printed(words: &[String], environment: &Environment) -> Result<Secret, String> {
    let program = Program {
        key: "mfa_process",
        words,
    };
    let mut overheard = |said: &[u8]| Terminal::overheard(said);
    let output = program.output(environment, &mut overheard).map_err(|mut failure| {
        failure.said = without_codes(&failure.said);
        failure.to_string()
    })?;
    let text = std::str::from_utf8(&output).unwrap_or_default().trim();
    if text.is_empty() && output.is_empty() {
        return Err("`mfa_process` printed nothing".to_owned());
    }
    let code = text.lines().next().and_then(digits);
    code.ok_or_else(|| "what `mfa_process` printed is not six digits".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Found, Origin};

    const TERMINAL: Terminal = Terminal::new(true);

    fn device(serial: &str) -> MfaDevice {
        MfaDevice {
            serial: Found {
                value: serial.to_owned(),
                origin: Origin::Default,
            },
            process: None,
            session: None,
        }
    }

    /// The first code, where nobody has to be asked for it.
    fn first(flag: Option<&str>, variable: Option<&str>) -> Result<String, String> {
        let environment = variable.into_iter().map(|code| ("ROLENV_MFA_CODE", code)).collect();
        let mut codes = Codes::new(flag, &environment, &TERMINAL);
        let told = |error: MfaError| error.to_string();
        codes.check([&device("GAHT12345678")]).map_err(told)?;
        let code = codes
            .next(&device("GAHT12345678"), "`role`", &|_| false)
            .map_err(told)?;
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
            let told = first(Some(junk), None).err().unwrap_or_default();
            assert_eq!(told, "the MFA code in `--mfa-code` is not six digits");
        }
    }

    #[test]
    fn a_security_key_is_told_before_anything_else() {
        let environment = Environment::default();
        let mut codes = Codes::new(Some("junk"), &environment, &TERMINAL);
        let key = device("arn:aws:iam::111111111111:u2f/user/ana/key");
        let expected =
            "`arn:aws:iam::111111111111:u2f/user/ana/key` is a security key: STS takes codes of other devices only";
        for error in [codes.check([&key]).err(), codes.next(&key, "`role`", &|_| false).err()] {
            assert_eq!(error.map(|error| error.to_string()).as_deref(), Some(expected));
        }
    }

    #[test]
    fn nobody_is_needed_where_there_is_no_device() {
        let environment = Environment::default();
        assert!(Codes::new(Some("junk"), &environment, &TERMINAL).check([]).is_ok());
    }
}
