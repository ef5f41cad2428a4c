//! Cached sessions: role sessions in the AWS CLI's directory, under the same names, MFA sessions in rolenv's own.
//! Requests nothing; a lookup never fails: anything invalid is a miss.

mod caller;
mod clear;
mod entry;
mod file_name;
mod key;
mod list;
mod provenance;
mod python_json;
mod used_codes;

use std::io::Error;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use time::OffsetDateTime;

use crate::credentials::Session;
use crate::digest::sha1_hex;
use crate::env::Environment;
use crate::env::home;
use crate::fs::{self, Lock, Preserve};
use crate::system_error::describe;
pub use caller::Caller;
pub use clear::Removed;
pub use key::CacheKey;
pub use list::{CacheFile, CachedSession, Contents, EntryKind};

/// The largest file that is read, in bytes. Tokens of sessions with many tags have several thousand.
const MAX_FILE_SIZE: u64 = 1 << 20;

/// The directories of a user's cached sessions.
pub struct Cache {
    /// The AWS CLI's role cache, whose path cannot be configured.
    roles: PathBuf,
    /// rolenv's own directory: MFA sessions, used codes, locks.
    own: PathBuf,
    locks: PathBuf,
}

/// A failed write.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`: {reason}", .path.display())]
pub struct Unwritable {
    path: PathBuf,
    reason: String,
}

/// A file that cannot be listed or removed.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    #[error("cannot read `{}`: {reason}", .path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("cannot remove `{}`: {reason}", .path.display())]
    Unremovable { path: PathBuf, reason: String },
}

impl Cache {
    /// The cache in the user's home; `None` without a home.
    pub fn of(environment: &Environment) -> Option<Self> {
        let aws = home(environment).join(".aws");
        let own = aws.join("rolenv");
        aws.is_absolute().then(|| Self {
            roles: aws.join("cli").join("cache"),
            locks: own.join("locks"),
            own,
        })
    }

    /// The cached session of `key`, if it is usable. `since`: only if it was written after that.
    pub fn read(&self, key: &CacheKey, since: Option<SystemTime>) -> Option<Session> {
        let now = OffsetDateTime::now_utc();
        let entry = entry::read(&fs::read_own(&key.path, MAX_FILE_SIZE).ok()?).ok()?;
        // A timestamp in the future was written before the clock was set back.
        let is_late = |since| written(&key.path).is_some_and(|at| at >= since && at <= SystemTime::now());
        (since.is_none_or(is_late) && key.accepts(&entry, now)).then_some(entry.session)
    }

    /// Writes a session to the cache.
    pub fn write(&self, key: &CacheKey, session: &Session) -> Result<(), Unwritable> {
        match entry::write(session, &key.provenance) {
            None => Ok(()),
            Some(text) => put(&key.path, text.expose()),
        }
    }

    /// Removes the entry of `key`, if possible.
    pub fn remove(&self, key: &CacheKey) {
        let _ = fs::remove(&key.path);
    }

    /// Locks the session of `key`; `waiting` as for [`fs::lock`].
    pub fn lock(&self, key: &CacheKey, waiting: impl FnMut(Duration) -> bool) -> Option<Lock> {
        self.lock_own(&key.provenance.lock_name(), waiting)
    }

    /// Locks something else of the user, which `what` names.
    pub fn lock_own(&self, what: &str, waiting: impl FnMut(Duration) -> bool) -> Option<Lock> {
        fs::lock(&fs::lock_file(&self.locks, &sha1_hex(what)), waiting)
    }
}

fn put(path: &std::path::Path, text: &str) -> Result<(), Unwritable> {
    fs::replace(path, text.as_bytes(), Preserve::Nothing).map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &std::path::Path, error: &Error) -> Unwritable {
    Unwritable {
        path: path.to_owned(),
        reason: describe(error),
    }
}

fn written(path: &std::path::Path) -> Option<SystemTime> {
    std::fs::metadata(path).ok()?.modified().ok()
}
