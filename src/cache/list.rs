//! The files of the cache, without secrets. Reads every file, and changes none.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::entry::{self, Entry, ParseError};
use super::{Cache, CacheError, Caller, MAX_FILE_SIZE};
use crate::fs;
use crate::plan::RoleArn;
use crate::system_error::describe;

/// A cache file.
pub struct CacheFile {
    pub path: PathBuf,
    pub what: Contents,
}

/// The content of a cache file.
pub enum Contents {
    Session(Box<CachedSession>),
    /// Not a session, but in the place of one.
    Damaged {
        /// The reason, for messages.
        reason: String,
        /// Whether it may be removed.
        is_disposable: bool,
    },
}

/// A cached session.
pub struct CachedSession {
    pub kind: EntryKind,
    /// The role's ARN; `None` in an entry of the AWS CLI.
    pub role: Option<String>,
    /// The ARN of the assumed role session.
    pub assumed: Option<String>,
    /// The serial of the MFA device.
    pub device: Option<String>,
    /// The caller; `None` in an entry of the AWS CLI.
    pub caller: Option<Caller>,
    /// The custom endpoint.
    pub endpoint: Option<String>,
    /// The session's access key ID.
    pub access_key_id: Option<String>,
    /// In UTC.
    pub until: OffsetDateTime,
}

/// The kinds of sessions, in display order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A role session.
    Role,
    /// An MFA session.
    Mfa,
}

impl CachedSession {
    /// The target: the device, the role, or the session ARN.
    pub fn target(&self) -> Option<&str> {
        let found = self.device.as_ref().or(self.role.as_ref()).or(self.assumed.as_ref());
        found.map(String::as_str)
    }

    /// Whether it is a session of this role. The AWS CLI does not store the role's path.
    pub fn is_of(&self, role: &RoleArn) -> bool {
        match (&self.role, &self.assumed) {
            (Some(own), _) => *own == role.to_string(),
            (None, Some(assumed)) => role.is_session(assumed, None),
            (None, None) => false,
        }
    }

    fn of_entry(entry: Entry) -> Self {
        let provenance = entry.provenance.as_ref();
        let text = |key| Some(provenance?.get(key)?.as_str()?.to_owned());
        let device = text("SerialNumber");
        Self {
            kind: if device.is_some() {
                EntryKind::Mfa
            } else {
                EntryKind::Role
            },
            role: text("RoleArn"),
            assumed: entry.session.assumed.map(|assumed| assumed.arn),
            device,
            caller: provenance.map(|_| Caller::read(&text("Source").unwrap_or_default())),
            endpoint: text("Endpoint"),
            access_key_id: Some(entry.session.keys.access_key_id),
            until: entry.expiration,
        }
    }
}

impl Cache {
    /// All cache files in display order, and the failures. Other files of the AWS CLI are not listed.
    pub fn held(&self) -> (Vec<CacheFile>, Vec<CacheError>) {
        let (mut held, mut failures) = (Vec::new(), Vec::new());
        for directory in [&self.roles, &self.own] {
            match files(directory) {
                Err(failure) => failures.push(failure),
                Ok(paths) => held.extend(paths.into_iter().filter_map(|path| {
                    let what = look(&path, directory == &self.own)?;
                    Some(CacheFile { path, what })
                })),
            }
        }
        // Corrupt files come last.
        held.sort_by_cached_key(|CacheFile { path, what }| {
            let kept = match what {
                Contents::Session(kept) => Some((kept.kind, kept.target().map(str::to_owned), kept.until)),
                Contents::Damaged { .. } => None,
            };
            (kept.is_none(), kept, path.clone())
        });
        (held, failures)
    }
}

/// Whether this is a SHA-1 digest in hexadecimal.
pub(super) fn is_key(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The files in a directory that have the name of a session.
fn files(directory: &Path) -> Result<Vec<PathBuf>, CacheError> {
    let unreadable = |error: &std::io::Error| CacheError::Unreadable {
        path: directory.to_owned(),
        reason: describe(error),
    };
    let entries = match std::fs::read_dir(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| unreadable(&error))?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(&error))?.path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if name.strip_suffix(".json").is_some_and(is_key) {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// The content of a file; `None` if it does not exist any more, or is not listed.
fn look(path: &Path, is_own: bool) -> Option<Contents> {
    let damaged = |reason: &str, is_disposable| {
        Some(Contents::Damaged {
            reason: reason.to_owned(),
            is_disposable,
        })
    };
    let found = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        found => found.ok(),
    };
    if found.is_some_and(|found| found.is_symlink()) {
        return damaged("a symbolic link", true);
    }
    let bytes = match fs::read_own(path, MAX_FILE_SIZE) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        // Its content is unknown.
        Err(error) => return damaged(&describe(&error), false),
    };
    let kept = match entry::read(&bytes) {
        Ok(entry) => CachedSession::of_entry(entry),
        Err(ParseError::SsoEntry) if !is_own => return None,
        Err(ParseError::SsoEntry) => return damaged("not an MFA session", true),
        Err(ParseError::NotASession) => return damaged("no `Credentials`", is_own),
        Err(ParseError::Corrupt(reason)) => return damaged(reason, true),
    };
    match (is_own, kept.kind) {
        (true, EntryKind::Role) => damaged("not an MFA session", true),
        (false, EntryKind::Mfa) => damaged("not a role session", true),
        _ => Some(Contents::Session(Box::new(kept))),
    }
}
