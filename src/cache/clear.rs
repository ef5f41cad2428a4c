//! Removing what the cache holds, whatever other processes do with it at the same moment: who misses a session gets it
//! anew, and who writes one is not disturbed.

use super::{Cache, CacheError, CacheFile, Contents};
use crate::fs;
use crate::system_error::describe;

/// What was removed.
#[derive(Default)]
pub struct Removed {
    pub removed: Vec<CacheFile>,
    /// What stands in the place of a session and is not ours to remove.
    pub left: Vec<CacheFile>,
    /// How many locks and unfinished files were removed that processes left behind.
    pub leftovers: usize,
    /// What could not be removed or looked at.
    pub failures: Vec<CacheError>,
}

impl Cache {
    /// Removes what `is_meant`. Only what is told by [`Cache::held`] is removed, and of that only what is a session of a
    /// role or a device, or a file that nobody has any use for.
    pub fn clear(&self, is_meant: impl Fn(&CacheFile) -> bool) -> Removed {
        let (held, failures) = self.held();
        let mut cleared = Removed {
            failures,
            ..Removed::default()
        };
        for held in held {
            if !is_meant(&held) {
                continue;
            }
            if matches!(
                held.what,
                Contents::Damaged {
                    is_disposable: false,
                    ..
                }
            ) {
                cleared.left.push(held);
                continue;
            }
            match fs::remove(&held.path) {
                Ok(true) => cleared.removed.push(held),
                Ok(false) => {}
                Err(error) => cleared.failures.push(CacheError::Unremovable {
                    reason: describe(&error),
                    path: held.path,
                }),
            }
        }
        cleared
    }

    /// Removes what processes left behind that were killed: how many files.
    pub fn sweep(&self) -> usize {
        let codes = self.codes();
        let directories = [&*self.roles, &*self.own, &*codes, &*self.locks];
        // And where the credentials file is, as a rule.
        let directories = directories.into_iter().chain(self.own.parent());
        directories.map(fs::sweep).sum()
    }
}
