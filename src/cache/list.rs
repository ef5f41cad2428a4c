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
    pub contents: Contents,
}

/// The content of a cache file.
pub enum Contents {
    Session(Box<CachedSession>),
    /// Not a session, but in the place of one.
    Corrupt {
        /// The reason, for messages.
        reason: String,
        /// Whether it may be removed.
        is_disposable: bool,
        /// The ARN of the role session, if it contains one.
        assumed: Option<String>,
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
    pub serial: Option<String>,
    /// The caller; `None` in an entry of the AWS CLI.
    pub caller: Option<Caller>,
    /// The number of roles between the caller and the session.
    pub chain_length: usize,
    /// The custom endpoint.
    pub endpoint: Option<String>,
    /// The session's access key ID.
    pub access_key_id: Option<String>,
    /// In UTC.
    pub expiration: OffsetDateTime,
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
        let found = self.serial.as_ref().or(self.role.as_ref()).or(self.assumed.as_ref());
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
        let (caller, chain_length, role, serial, endpoint) = match entry.provenance {
            None => (None, 0, None, None, None),
            Some(request) => (
                Some(request.source),
                request.via.len(),
                request.role_arn,
                request.serial_number,
                request.endpoint,
            ),
        };
        Self {
            kind: if serial.is_some() {
                EntryKind::Mfa
            } else {
                EntryKind::Role
            },
            role,
            assumed: entry.session.assumed.map(|assumed| assumed.arn),
            serial,
            caller,
            chain_length,
            endpoint,
            access_key_id: Some(entry.session.keys.access_key_id),
            expiration: entry.expiration,
        }
    }
}

impl Cache {
    /// All cache files in display order, and the failures. Other files of the AWS CLI are not listed.
    pub fn files(&self) -> (Vec<CacheFile>, Vec<CacheError>) {
        let (mut found, mut failures) = (Vec::new(), Vec::new());
        for directory in [&self.roles, &self.own] {
            match paths(directory) {
                Err(failure) => failures.push(failure),
                Ok(paths) => found.extend(paths.into_iter().filter_map(|path| {
                    let contents = contents(&path, directory == &self.own)?;
                    Some(CacheFile { path, contents })
                })),
            }
        }
        // Corrupt files come last.
        found.sort_by_cached_key(|CacheFile { path, contents }| {
            let session = match contents {
                Contents::Session(session) => {
                    Some((session.kind, session.target().map(str::to_owned), session.expiration))
                }
                Contents::Corrupt { .. } => None,
            };
            (session.is_none(), session, path.clone())
        });
        (found, failures)
    }
}

/// Whether this is a SHA-1 digest in hexadecimal.
fn is_key(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The files in a directory that have the name of a session.
fn paths(directory: &Path) -> Result<Vec<PathBuf>, CacheError> {
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
fn contents(path: &Path, is_own: bool) -> Option<Contents> {
    let corrupt = |reason: &str, is_disposable| {
        Some(Contents::Corrupt {
            reason: reason.to_owned(),
            is_disposable,
            assumed: None,
        })
    };
    let metadata = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        metadata => metadata.ok(),
    };
    if metadata.is_some_and(|metadata| metadata.is_symlink()) {
        return corrupt("a symbolic link", true);
    }
    let bytes = match fs::read_own(path, MAX_FILE_SIZE) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        // Its content is unknown.
        Err(error) => return corrupt(&describe(&error), false),
    };
    let session = match entry::read(&bytes) {
        Ok(entry) => CachedSession::of_entry(entry),
        Err(ParseError::SsoEntry) if !is_own => return None,
        Err(ParseError::SsoEntry) => return corrupt("not an MFA session", true),
        Err(ParseError::NotASession) => return corrupt("no `Credentials`", is_own),
        Err(ParseError::OtherVersion(assumed)) => {
            return Some(Contents::Corrupt {
                reason: "invalid `Rolenv`".to_owned(),
                is_disposable: true,
                assumed,
            });
        }
        Err(ParseError::Corrupt(reason)) => return corrupt(reason, true),
    };
    match (is_own, session.kind) {
        (true, EntryKind::Role) => corrupt("not an MFA session", true),
        (false, EntryKind::Mfa) => corrupt("not a role session", true),
        _ => Some(Contents::Session(Box::new(session))),
    }
}
