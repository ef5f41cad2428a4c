//! One process at a time: a lock that the system takes back when its holder ends, however that happens.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::PREFIX;
use super::replace::make;

/// How the names of locks end.
pub(super) const SUFFIX: &str = ".lock";

/// How often is looked whether the holder is done.
const BLINK: Duration = Duration::from_millis(10);

/// A lock that is held until this is dropped.
pub struct Lock {
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix can remove a file that is open"))]
    path: PathBuf,
    _file: File,
}

/// Where the lock of this name is, in this directory.
pub fn lock_file(directory: &Path, name: &str) -> PathBuf {
    directory.join(format!("{PREFIX}{name}{SUFFIX}"))
}

/// Takes the lock that `path` stands for. While another process holds it, `waiting` is called again and again with the
/// time that has passed, for at most as long as it answers with true.
///
/// `None` when it could not be had: in time, or because there can be no such file (a disk that is read-only, a file
/// system without locks, a directory of another user, something else in its place).
pub fn lock(path: &Path, mut waiting: impl FnMut(Duration) -> bool) -> Option<Lock> {
    make(path.parent()?).ok()?;
    let start = Instant::now();
    loop {
        match attempt(path) {
            Attempt::Taken(lock) => return Some(lock),
            Attempt::Hopeless => return None,
            Attempt::Busy if !waiting(start.elapsed()) => return None,
            Attempt::Busy => thread::sleep(BLINK),
        }
    }
}

/// What came of trying once.
enum Attempt {
    Taken(Lock),
    /// Somebody else is there.
    Busy,
    /// There is no such lock.
    Hopeless,
}

fn attempt(path: &Path) -> Attempt {
    // A pipe would never open, and where a link leads to is never here (see `is_at`).
    if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
        return Attempt::Hopeless;
    }
    match File::options().create(true).truncate(false).write(true).open(path) {
        Ok(file) => take(file, path),
        // On Windows a file that is about to vanish cannot be opened.
        Err(_) if cfg!(windows) => Attempt::Busy,
        Err(_) => Attempt::Hopeless,
    }
}

fn take(file: File, path: &Path) -> Attempt {
    match file.try_lock() {
        Ok(()) if is_at(&file, path) => Attempt::Taken(Lock {
            path: path.to_owned(),
            _file: file,
        }),
        // The one before removed it in between: nobody else would find this lock.
        Ok(()) | Err(TryLockError::WouldBlock) => Attempt::Busy,
        Err(TryLockError::Error(_)) => {
            let _ = fs::remove_file(path);
            Attempt::Hopeless
        }
    }
}

#[cfg(unix)]
impl Drop for Lock {
    /// It is still locked when it goes, so nobody takes a file that is no longer there for the lock (see `is_at`).
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(unix)]
pub(super) fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(own), Ok(found)) = (file.metadata(), fs::symlink_metadata(path)) else {
        return false;
    };
    (own.dev(), own.ino()) == (found.dev(), found.ino())
}

/// Where nobody removes it, it stays where it is.
#[cfg(not(unix))]
pub(super) fn is_at(_file: &File, _path: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_nothing_is_left() -> std::io::Result<()> {
        let home = tempfile::tempdir()?;
        let path = home.path().join("locks/a.lock");
        let held = lock(&path, |_| false);
        assert!(held.is_some());
        assert!(lock(&path, |_| false).is_none());
        assert!(lock(&path, |passed| passed < Duration::from_millis(30)).is_none());
        drop(held);
        assert!(!path.exists());
        let inside = std::sync::atomic::AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let held = lock(&path, |_| true);
                        assert!(held.is_some());
                        assert!(!inside.swap(true, std::sync::atomic::Ordering::SeqCst));
                        inside.store(false, std::sync::atomic::Ordering::SeqCst);
                    }
                });
            }
        });
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_not_at_its_path_is_waited_for() -> std::io::Result<()> {
        let home = tempfile::tempdir()?;
        let path = home.path().join("a.lock");
        let removed = File::create(&path)?;
        fs::remove_file(&path)?;
        assert!(matches!(take(removed, &path), Attempt::Busy));
        let replaced = File::create(&path)?;
        fs::remove_file(&path)?;
        let _other = File::create(&path)?;
        assert!(matches!(take(replaced, &path), Attempt::Busy));
        assert!(matches!(attempt(&path), Attempt::Taken(_)));
        Ok(())
    }

    #[test]
    fn where_no_file_can_be_there_is_no_lock() {
        assert!(lock(Path::new("/dev/null/x/a.lock"), |_| true).is_none());
    }
}
