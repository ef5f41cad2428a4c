//! Locks between processes. The system releases a lock when its holder ends, however that happens. Lock files are empty and
//! are never removed: a removed file could be locked by one process while another one locks its successor.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::{PREFIX, create_dir_private};
use crate::signals;

/// The poll interval while another process holds the lock.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// Holds a lock until it is dropped.
pub struct Lock {
    _file: File,
}

/// The path of the lock file with this name in a directory.
pub fn lock_file(directory: &Path, name: &str) -> PathBuf {
    directory.join(format!("{PREFIX}{name}.lock"))
}

/// Acquires the lock of a file, which is created if it does not exist. While another process holds it, `waiting` is called
/// repeatedly with the time that has passed, until it returns false.
///
/// `None`: `waiting` returned false, or the file cannot be locked (read-only directory, file system without locks,
/// directory of another user, something else than a plain file in its place).
pub fn lock(path: &Path, mut waiting: impl FnMut(Duration) -> bool) -> Option<Lock> {
    create_dir_private(path.parent()?).ok()?;
    // To open a pipe would wait forever.
    if fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return None;
    }
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .ok()?;
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Some(Lock { _file: file }),
            Err(TryLockError::WouldBlock) if waiting(start.elapsed()) => {
                signals::watch();
                thread::sleep(POLL_INTERVAL);
            }
            Err(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_at_a_time() -> std::io::Result<()> {
        let home = tempfile::tempdir()?;
        let path = home.path().join("locks/a.lock");
        let guard = lock(&path, |_| false);
        assert!(guard.is_some());
        assert!(lock(&path, |_| false).is_none());
        assert!(lock(&path, |passed| passed < Duration::from_millis(30)).is_none());
        drop(guard);
        let inside = std::sync::atomic::AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let guard = lock(&path, |_| true);
                        assert!(guard.is_some());
                        assert!(!inside.swap(true, std::sync::atomic::Ordering::SeqCst));
                        inside.store(false, std::sync::atomic::Ordering::SeqCst);
                    }
                });
            }
        });
        Ok(())
    }

    #[test]
    fn no_lock_where_no_file_can_be_created() {
        assert!(lock(Path::new("/dev/null/x/a.lock"), |_| true).is_none());
    }
}
