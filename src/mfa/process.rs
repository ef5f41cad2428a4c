//! `mfa_process`: the codes that a command prints.

use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::digits;
use crate::config::keys;
use crate::env::Environment;
use crate::secret::Secret;
use crate::subprocess::Program;
use crate::terminal::Terminal;

/// How long a device shows a code, in seconds: from each full and each half minute on.
const STEP: u64 = 30;

/// How long a used code may be printed again: its lifetime, and a small clock difference.
const NEXT_CODE: Duration = Duration::from_secs(STEP + 5);

/// How often the command runs once the next code should be available. Some devices must be touched each time.
const RETRY_DELAY: Duration = Duration::from_secs(5);

/// Runs the command in `environment` until it prints an unused code.
pub(super) fn unused_code(
    words: &[String],
    environment: &Environment,
    terminal: &Terminal,
    was_used: impl Fn(&Secret) -> bool,
) -> Result<Secret, String> {
    let end = Instant::now() + NEXT_CODE;
    let mut pause = None;
    loop {
        let code = code(words, environment, terminal)?;
        if !was_used(&code) {
            return Ok(code);
        }
        if end < Instant::now() {
            return Err("`mfa_process` keeps printing a code that was already used".to_owned());
        }
        let pause = pause.replace(RETRY_DELAY).unwrap_or_else(|| {
            terminal.note("waiting for the next code of `mfa_process`");
            until_the_next_code()
        });
        thread::sleep(pause);
    }
}

/// One second after devices show the next code.
fn until_the_next_code() -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let shown = Duration::new(now.as_secs() % STEP, now.subsec_nanos());
    Duration::from_secs(STEP + 1).saturating_sub(shown)
}

/// The code in the first line of the command's stdout.
fn code(words: &[String], environment: &Environment, terminal: &Terminal) -> Result<Secret, String> {
    let program = Program {
        key: keys::MFA_PROCESS,
        words,
    };
    let output = program.output(environment, || terminal.note("waiting for `mfa_process`"))?;
    if output.is_empty() {
        return Err("`mfa_process` printed nothing".to_owned());
    }
    let text = std::str::from_utf8(&output).unwrap_or_default().trim();
    let code = text.lines().next().and_then(digits);
    code.ok_or_else(|| "`mfa_process` must print six digits".to_owned())
}
