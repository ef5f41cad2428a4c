//! Removing what the cache holds, whatever other processes do with it at the same moment: who misses a session gets it
//! anew, and who writes one is not disturbed.

use std::fs;
use std::path::Path;

use super::{Cache, CacheError, Held, What};
use crate::disk;

/// What was removed.
#[derive(Default)]
pub struct Cleared {
    pub removed: Vec<Held>,
    /// How many locks and unfinished files were removed that processes left behind.
    pub leftovers: usize,
    /// What could not be removed or looked at.
    pub failures: Vec<CacheError>,
}

impl Cache {
    /// Removes what `is_meant`. Only what is told by [`Cache::held`] is removed, and of that only what is a session of a
    /// role or a device, or a file that nobody has any use for.
    #[must_use]
    pub fn clear(&self, is_meant: impl Fn(&Held) -> bool) -> Cleared {
        let (held, failures) = self.held();
        let mut cleared = Cleared {
            failures,
            ..Cleared::default()
        };
        for held in held {
            let is_ours = !matches!(held.what, What::Damaged { is_useless: false, .. });
            if !is_ours || !is_meant(&held) {
                continue;
            }
            match disk::remove(&held.path) {
                Ok(true) => cleared.removed.push(held),
                Ok(false) => {}
                Err(error) => cleared.failures.push(CacheError::Unremovable {
                    reason: disk::reason(&error),
                    path: held.path,
                }),
            }
        }
        cleared
    }

    /// Removes what processes left behind that were killed: how many files.
    #[must_use]
    pub fn sweep(&self) -> usize {
        let codes = self.codes();
        let directories = [Some(&*self.roles), Some(&*self.own), Some(&*codes), self.own.parent()];
        let unfinished = directories.into_iter().flatten().map(disk::sweep).sum::<usize>();
        unfinished + sweep_locks(&self.locks)
    }
}

/// Who takes a lock and lets it go removes its file. One that is held is left alone.
fn sweep_locks(directory: &Path) -> usize {
    let Ok(entries) = fs::read_dir(directory) else {
        return 0;
    };
    let paths = entries.flatten().map(|entry| entry.path());
    let locks = paths.filter(|path| path.extension().is_some_and(|extension| extension == "lock"));
    locks
        .filter(|path| disk::lock(path, |_| false).is_some() && !path.exists())
        .count()
}
