//! Cached sessions in words, without secrets and complete access key IDs.

use time::OffsetDateTime;

use crate::cache::{CacheFile, CachedSession, Contents, EntryKind, Removed};
use crate::terminal::Terminal;
use crate::timestamp::{self, roughly};

/// The text for an unknown value.
const UNKNOWN: &str = "unknown";

/// The target of a session.
pub(super) fn target(session: &CachedSession) -> &str {
    session.target().unwrap_or(UNKNOWN)
}

/// The kind of a session.
pub(super) const fn kind(session: &CachedSession) -> &'static str {
    match session.kind {
        EntryKind::Role => "role session",
        EntryKind::Mfa => "MFA session",
    }
}

/// The caller of a session.
pub(super) fn caller(session: &CachedSession) -> String {
    match (&session.caller, session.chain_length) {
        (None, _) => "the AWS CLI".to_owned(),
        (Some(caller), 0) => caller.name(),
        (Some(caller), 1) => format!("{} via 1 role", caller.name()),
        (Some(caller), several) => format!("{} via {several} roles", caller.name()),
    }
}

/// `in 43m, 2026-11-22T15:04:05Z`, or `expired 2h ago`.
pub(super) fn expiration(session: &CachedSession, now: OffsetDateTime) -> String {
    let left = session.expiration - now;
    let until = timestamp::format(session.expiration).unwrap_or_default();
    if left.is_positive() {
        format!("in {}, {until}", roughly(left))
    } else {
        format!("expired {} ago", roughly(left.abs()))
    }
}

/// A line for each removed file, their number, and a line for each skipped file.
pub(super) fn removals(cleared: &Removed) -> Vec<String> {
    let mut lines: Vec<String> = cleared.removed.iter().map(|file| change("removed", file)).collect();
    match cleared.temporary_files {
        0 => {}
        1 => lines.push("removed 1 temporary file of a killed process".to_owned()),
        several => lines.push(format!("removed {several} temporary files of killed processes")),
    }
    if !lines.is_empty() {
        let count = cleared.removed.len() + cleared.temporary_files;
        lines.push(format!("{count} {} removed", if count == 1 { "file" } else { "files" }));
    }
    lines.extend(cleared.skipped.iter().map(|file| change("skipped:", file)));
    lines
}

/// A line about a file.
fn change(what: &str, file: &CacheFile) -> String {
    let line = match &file.contents {
        Contents::Corrupt { reason, .. } => format!("{what} corrupt file `{}`: {reason}", file.path.display()),
        Contents::Session(session) => format!("{what} {} {} ({})", kind(session), target(session), caller(session)),
    };
    Terminal::line(&line)
}
