//! Writes a session to a profile of the shared credentials file: checks whether that is allowed, changes the section,
//! replaces the file under a lock.

mod error;
mod rules;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use error::CredentialsFileError;
use error::OTHER_FILE;
use rules::{STALE_KEYS, Writable};

use crate::config::{Files, Profiles, check_name, credentials_path, keys};
use crate::credentials::Session;
use crate::env::Environment;
use crate::fs::{self, Lock, Preserve};
use crate::plan::{Plan, SourceKind, Step};
use crate::system_error::describe;

/// How long to wait for other writers. Each holds the lock while it writes a file.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// The hint if only writing the profile fails.
const SKIP: &str = "omit `--write-profile` to skip writing";

/// The profile to write to.
pub struct WriteRequest<'wanted> {
    pub profile: &'wanted str,
    /// Also if it contains other keys or another identity.
    pub force: bool,
}

/// Checks whether a session of `plan` can be written, before a request is made and an MFA code is used.
pub fn check(wanted: &WriteRequest<'_>, plan: &Plan, environment: &Environment) -> Result<(), CredentialsFileError> {
    check_name(wanted.profile)?;
    let is_part = |what: &str| {
        let message = format!("cannot overwrite profile `{}`: {what}", wanted.profile);
        CredentialsFileError::refused(message, "use another name for `--write-profile`")
    };
    if plan.source.profile.as_deref() == Some(wanted.profile) {
        return Err(is_part("this session is created with its credentials"));
    }
    if plan.steps.is_empty()
        && matches!(&plan.source.kind, SourceKind::Keys { keys, .. } if keys.session_token.is_none())
    {
        return Err(no_session(&plan.source.to_string()));
    }
    let files = Files::read(environment)?;
    let target = target(file(wanted, &files)?)?;
    let profiles = Profiles::parse(&files);
    let is_wanted =
        |step: &Step| matches!(step, Step::AssumeRole(step) if step.profile.as_deref() == Some(wanted.profile));
    if plan.steps.iter().any(is_wanted) {
        return Err(is_part("its role is part of this session's chain"));
    }
    rules::check(wanted, &profiles)?;
    // If no lock can be created, no file can. A missing directory is created when the session is written.
    if fs::directory(&target).is_dir() {
        drop(lock(&target)?);
    }
    Ok(())
}

/// Writes a session and its region. Returns the path of the credentials file. On an error the file is unchanged.
pub fn write(
    wanted: &WriteRequest<'_>,
    session: &Session,
    region: Option<&str>,
    environment: &Environment,
) -> Result<PathBuf, CredentialsFileError> {
    let target = target(&credentials_path(environment))?;
    let _lock = lock(&target)?;
    let files = Files::read(environment)?;
    let path = file(wanted, &files)?;
    let found = rules::check(wanted, &Profiles::parse(&files))?;
    let text = text(wanted, session, region, &files, found)?;
    fs::replace(&target, &text, Preserve::Permissions).map_err(|error| cannot_write(path, &error))?;
    Ok(path.to_owned())
}

/// The file to write. Dot files are often symbolic links, which are kept.
fn target(path: &Path) -> Result<PathBuf, CredentialsFileError> {
    fs::target(path).map_err(|error| cannot_write(path, &error))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> CredentialsFileError {
    unwritable(path, &describe(error))
}

fn unwritable(path: &Path, reason: &str) -> CredentialsFileError {
    let message = format!("cannot write `{}`: {reason}", path.display());
    CredentialsFileError::refused(message, SKIP)
}

fn no_session(owner: &str) -> CredentialsFileError {
    let message = format!("nothing to write: {owner} has long-term keys, not a session");
    CredentialsFileError::refused(message, "omit `--write-profile`, or assume a role")
}

/// Locks the file, with a lock file in the same directory.
fn lock(target: &Path) -> Result<Lock, CredentialsFileError> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let lock_file = fs::lock_file(fs::directory(target), &name);
    let mut is_busy = false;
    let waiting = |passed| {
        is_busy = true;
        passed < LOCK_TIMEOUT
    };
    fs::lock(&lock_file, waiting).ok_or_else(|| {
        let (reason, hint) = if is_busy {
            ("another process has held the lock for 10 s", None)
        } else {
            ("cannot create it", Some(SKIP))
        };
        let message = format!("cannot lock `{}`: {reason}", lock_file.display());
        CredentialsFileError::Refused { message, hint }
    })
}

/// The text of the credentials file with the session.
fn text(
    wanted: &WriteRequest<'_>,
    session: &Session,
    region: Option<&str>,
    files: &Files,
    found: Writable,
) -> Result<Vec<u8>, CredentialsFileError> {
    let credentials = &session.keys;
    let Some(token) = &credentials.session_token else {
        return Err(no_session(&session.owner));
    };
    let expiration = session.expiration_text();
    let marker = rules::marker(&credentials.access_key_id, region);
    let mut entries = vec![
        (keys::AWS_ACCESS_KEY_ID, Some(credentials.access_key_id.as_str())),
        (
            keys::AWS_SECRET_ACCESS_KEY,
            Some(credentials.secret_access_key.expose()),
        ),
        (keys::AWS_SESSION_TOKEN, Some(token.expose())),
        (keys::X_SECURITY_TOKEN_EXPIRES, expiration.as_deref()),
    ];
    // A region that the user configured stays; one that was written with the previous session is replaced.
    if region.is_some() || found.has_our_region {
        entries.push((keys::REGION, region));
    }
    entries.push((keys::ROLENV_SESSION, Some(&marker)));
    entries.extend(STALE_KEYS.iter().chain(&keys::IDENTITY).map(|key| (*key, None)));
    Ok(files.edited(wanted.profile, &entries)?)
}

/// The credentials file's path, if it is or can be a regular file.
fn file<'files>(wanted: &WriteRequest<'_>, files: &'files Files) -> Result<&'files Path, CredentialsFileError> {
    let [_, path] = files.paths();
    if path.as_os_str().is_empty() {
        let name = wanted.profile;
        let message = format!("cannot write profile `{name}`: `AWS_SHARED_CREDENTIALS_FILE` is empty");
        return Err(CredentialsFileError::refused(message, OTHER_FILE));
    }
    match std::fs::metadata(path) {
        // A device like `/dev/null` would be replaced by a file.
        Ok(found) if !found.is_file() => {
            let message = format!("cannot write to `{}`: not a regular file", path.display());
            Err(CredentialsFileError::refused(message, OTHER_FILE))
        }
        Ok(found) if found.permissions().readonly() => Err(unwritable(path, "it is read-only")),
        _ => Ok(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_device_is_not_replaced_by_a_file() {
        let environment = [("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")].into_iter().collect();
        let wanted = WriteRequest {
            profile: "p",
            force: true,
        };
        let message =
            Files::read(&environment).map(|files| file(&wanted, &files).map(drop).map_err(|error| error.to_string()));
        let expected = "cannot write to `/dev/null`: not a regular file";
        assert_eq!(message.ok(), Some(Err(expected.to_owned())));
    }
}
