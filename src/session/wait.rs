//! Waiting for another process that is getting the very session that is wanted here.

use std::time::{Duration, Instant};

use super::SessionRequester;
use crate::cache::CacheKey;
use crate::fs::Lock;
use crate::plan::Plan;
use crate::terminal::Terminal;

/// Longer than a request takes that gets no answer. After that we go on alone: who holds the lock is stuck.
const REQUEST: Duration = Duration::from_secs(30);

/// The same where a person has to find the device and type a code.
const PERSON: Duration = Duration::from_secs(150);

/// From when on a person is told what is waited for.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Until when a run waits for others, all its locks together.
pub(super) fn deadline(plan: &Plan) -> Instant {
    let takes_codes = plan.mfa_devices().next().is_some();
    Instant::now() + if takes_codes { PERSON } else { REQUEST }
}

impl SessionRequester<'_> {
    /// Sees to it that only one process at a time gets the session of `key`.
    pub(super) fn lock(&self, key: &CacheKey) -> Option<Lock> {
        let why = "which is requesting the same session";
        self.cache.as_ref()?.lock(key, self.patience(why))
    }

    /// Sees to it that only one process at a time sends codes of the device `serial`.
    pub(super) fn lock_device(&self, serial: &str) -> Option<Lock> {
        let why = "which is using a code of the same MFA device";
        self.cache.as_ref()?.lock_own(serial, self.patience(why))
    }

    /// Sees to it that only one process at a time asks at this terminal.
    pub(super) fn lock_terminal(&self) -> Option<Lock> {
        let terminal = format!("terminal {}", Terminal::session()?);
        let why = "which is prompting at this terminal";
        self.cache.as_ref()?.lock_own(&terminal, self.patience(why))
    }

    fn patience(&self, why: &'static str) -> impl FnMut(Duration) -> bool {
        let mut told = false;
        move |passed| {
            if passed >= TIMEOUT && !told {
                told = true;
                let most = self.deadline.saturating_duration_since(Instant::now()).as_secs();
                let note = format_args!("waiting up to {most}s for another rolenv process, {why}");
                self.means.terminal.note(note);
            }
            Instant::now() < self.deadline
        }
    }
}
