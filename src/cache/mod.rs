//! The sessions on disk: those of roles where the AWS CLI keeps its own, under the same names, and those of MFA devices
//! in a directory of rolenv's. Asks nobody for a session, and looking for one never fails: what is odd is a miss.

mod caller;
mod clear;
mod entry;
mod held;
mod key;
mod python;
mod refusal;
mod slot;
mod spent;

use std::io::Error;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use time::OffsetDateTime;

use crate::config::home;
use crate::credentials::Session;
use crate::digest::sha1_hex;
use crate::env::Environment;
use crate::fs::{self, Lock, Preserve};
use crate::system_error::describe;
pub use caller::Caller;
pub use clear::Cleared;
pub use held::{Held, Kept, Kind, What};
use refusal::Refusal;
pub use slot::Slot;

/// The largest file that is read, in bytes. Tokens of sessions with many tags reach some thousands.
const LARGEST: u64 = 1 << 20;

/// Where one person's sessions are kept.
pub struct Cache {
    /// The AWS CLI's role cache, which no setting moves.
    roles: PathBuf,
    /// What is rolenv's alone: MFA sessions, and the codes that were sent.
    own: PathBuf,
    locks: PathBuf,
}

/// A file that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`: {reason}", .path.display())]
pub struct Unwritable {
    path: PathBuf,
    reason: String,
}

/// What cannot be told or removed.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    #[error("cannot read `{}`: {reason}", .path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("cannot remove `{}`: {reason}", .path.display())]
    Unremovable { path: PathBuf, reason: String },
}

impl Cache {
    /// The cache in the person's home; `None` without one.
    pub fn of(environment: &Environment) -> Option<Self> {
        let aws = home(environment).join(".aws");
        let own = aws.join("rolenv");
        aws.is_absolute().then(|| Self {
            roles: aws.join("cli").join("cache"),
            locks: own.join("locks"),
            own,
        })
    }

    /// The session that is kept in `slot`, if it is of use. `since`: only if it was written after that.
    pub fn session(&self, slot: &Slot, since: Option<SystemTime>) -> Option<Session> {
        let now = OffsetDateTime::now_utc();
        let entry = entry::read(&fs::read_own(&slot.path, LARGEST).ok()?).ok()?;
        // A timestamp in the future is one of a clock that was set back since.
        let is_late = |since| written(&slot.path).is_some_and(|at| at >= since && at <= SystemTime::now());
        (since.is_none_or(is_late) && slot.takes(&entry, now)).then_some(entry.session)
    }

    /// Keeps a session in `slot`. Whatever stood there is replaced.
    /// Errors: [`Unwritable`]; the session is as good as before.
    pub fn keep(&self, slot: &Slot, session: &Session) -> Result<(), Unwritable> {
        match entry::write(session, &slot.mark) {
            None => Ok(()),
            Some(text) => put(&slot.path, text.expose()),
        }
    }

    /// Until when it is taken for granted that there will be no session for `slot`, because the account allows none.
    pub fn refused_until(&self, slot: &Slot) -> Option<OffsetDateTime> {
        let now = OffsetDateTime::now_utc();
        let kept = fs::read_own(&slot.path, LARGEST).ok();
        let refusal = kept.and_then(|bytes| Refusal::read(&bytes));
        let refusal = refusal.filter(|refusal| refusal.mark == slot.mark && refusal.counts(now));
        Some(refusal?.until())
    }

    /// Remembers that there will be no session for `slot`.
    pub fn refuse(&self, slot: &Slot) -> Result<(), Unwritable> {
        let refusal = Refusal {
            at: OffsetDateTime::now_utc(),
            mark: slot.mark.clone(),
        };
        put(&slot.path, &refusal.text())
    }

    /// Forgets what is kept in `slot`, if that can be.
    pub fn forget(&self, slot: &Slot) {
        let _ = fs::remove(&slot.path);
    }

    /// Sees to it that only one process at a time gets the session of `slot`; `waiting` as for [`fs::lock`].
    pub fn lock(&self, slot: &Slot, waiting: impl FnMut(Duration) -> bool) -> Option<Lock> {
        self.lock_own(&slot.mark.to_string(), waiting)
    }

    /// Sees to it that only one process at a time uses something of the person's, which `what` names.
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
