//! Waiting for another process that requests the same session.

use std::time::{Duration, Instant};

use super::Requester;
use crate::cache::CacheKey;
use crate::fs::Lock;
use crate::plan::Plan;
use crate::terminal::Terminal;

/// Longer than a request that times out. After that the holder of the lock is stuck, and this process continues without
/// it.
const REQUEST: Duration = Duration::from_secs(30);

/// The same if the user has to type an MFA code.
const PERSON: Duration = Duration::from_secs(150);

/// When a note about waiting is printed.
const TIMEOUT: Duration = Duration::from_secs(1);

/// When waiting ends, for all locks of a run together.
pub(super) fn deadline(plan: &Plan) -> Instant {
    let takes_codes = plan.mfa_devices().next().is_some();
    Instant::now() + if takes_codes { PERSON } else { REQUEST }
}

impl Requester<'_> {
    /// Locks the session of `key`.
    pub(super) fn lock(&self, key: &CacheKey) -> Option<Lock> {
        let why = "which is requesting the same session";
        self.route.cache.as_ref()?.lock(key, self.patience(why))
    }

    /// Locks the codes of the device `serial`.
    pub(super) fn lock_device(&self, serial: &str) -> Option<Lock> {
        let why = "which is using a code of the same MFA device";
        self.route.cache.as_ref()?.lock_own(serial, self.patience(why))
    }

    /// Locks this terminal for a prompt.
    pub(super) fn lock_terminal(&self) -> Option<Lock> {
        let terminal = format!("terminal {}", Terminal::session()?);
        let why = "which is prompting at this terminal";
        self.route.cache.as_ref()?.lock_own(&terminal, self.patience(why))
    }

    fn patience(&self, why: &'static str) -> impl FnMut(Duration) -> bool {
        let mut noted = false;
        move |passed| {
            if passed >= TIMEOUT && !noted {
                noted = true;
                let most = self.deadline.saturating_duration_since(Instant::now()).as_secs();
                let note = format_args!("waiting up to {most}s for another rolenv process, {why}");
                self.context.terminal.note(note);
            }
            Instant::now() < self.deadline
        }
    }
}
