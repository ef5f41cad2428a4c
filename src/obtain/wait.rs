//! Waiting for another process that is getting the very session that is wanted here.

use std::time::Duration;

use super::Way;
use crate::cache::Slot;
use crate::disk::Lock;

/// Longer than a request takes that gets no answer. After that we go on alone: who holds the lock is stuck.
pub(super) const REQUEST: Duration = Duration::from_secs(30);

/// The same where a person has to find the device and type a code.
pub(super) const PERSON: Duration = Duration::from_secs(150);

/// From when on a person is told what is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

impl Way<'_> {
    /// Sees to it that only one process at a time gets the session of a hop.
    pub(super) fn lock(&self, index: usize) -> Option<Lock> {
        let takes_codes = self.plan.mfa_devices().next().is_some();
        self.lock_slot(self.slots.get(index)?, if takes_codes { PERSON } else { REQUEST })
    }

    pub(super) fn lock_slot(&self, slot: &Slot, longest: Duration) -> Option<Lock> {
        let mut told = false;
        self.cache.as_ref()?.lock(slot, |passed| {
            if passed >= PATIENCE && !told {
                told = true;
                self.means
                    .terminal
                    .note("waiting for another rolenv, which is getting the same session");
            }
            passed < longest
        })
    }
}
