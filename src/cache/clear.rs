//! Removing cached sessions. Safe while other processes run: one that no longer finds its session requests a new one.

use super::{Cache, CacheError, CacheFile, Contents};
use crate::fs;
use crate::system_error::describe;

/// The result of removing sessions.
#[derive(Default)]
pub struct Removed {
    pub removed: Vec<CacheFile>,
    /// Files in the place of a session that rolenv must not remove.
    pub skipped: Vec<CacheFile>,
    /// The number of removed temporary files of killed processes.
    pub temporary_files: usize,
    /// Files that could not be read or removed.
    pub failures: Vec<CacheError>,
}

impl Cache {
    /// Removes the files for which `is_meant` is true, if [`Cache::files`] lists them and they are sessions or useless
    /// files.
    pub fn clear(&self, is_meant: impl Fn(&CacheFile) -> bool) -> Removed {
        let (files, failures) = self.files();
        let mut cleared = Removed {
            failures,
            ..Removed::default()
        };
        for file in files {
            if !is_meant(&file) {
                continue;
            }
            if matches!(
                file.contents,
                Contents::Corrupt {
                    is_disposable: false,
                    ..
                }
            ) {
                cleared.skipped.push(file);
                continue;
            }
            match fs::remove(&file.path) {
                Ok(true) => cleared.removed.push(file),
                Ok(false) => {}
                Err(error) => cleared.failures.push(CacheError::Unremovable {
                    reason: describe(&error),
                    path: file.path,
                }),
            }
        }
        cleared
    }

    /// Removes temporary files of killed processes. Returns how many.
    pub fn sweep(&self) -> usize {
        let codes = self.codes();
        let directories = [&*self.roles, &*self.own, &*codes, &*self.locks];
        // Also where the credentials file usually is.
        let directories = directories.into_iter().chain(self.own.parent());
        directories.map(fs::sweep).sum()
    }
}
