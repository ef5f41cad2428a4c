//! Cached sessions as text and JSON, without secrets and complete access key IDs.

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::cache::{CacheFile, CachedSession, Caller, Contents, EntryKind, Removed};
use crate::credentials::masked;
use crate::terminal::Terminal;
use crate::timestamp::{self, roughly};

/// The text for an unknown value.
const UNKNOWN: &str = "unknown";

/// The target of a session.
pub(super) fn target(kept: &CachedSession) -> &str {
    kept.target().unwrap_or(UNKNOWN)
}

/// The caller of a session.
pub(super) fn caller(kept: &CachedSession) -> String {
    match &kept.caller {
        None => "the AWS CLI".to_owned(),
        Some(Caller { name, between: 0, .. }) => name.clone(),
        Some(Caller { name, between: 1, .. }) => format!("{name} via 1 role"),
        Some(Caller { name, between, .. }) => format!("{name} via {between} roles"),
    }
}

/// `in 43m, 2026-11-22T15:04:05Z`, or `expired 2h ago`.
pub(super) fn end(kept: &CachedSession, now: OffsetDateTime) -> String {
    let left = kept.until - now;
    let until = timestamp::format(kept.until).unwrap_or_default();
    if left.is_positive() {
        format!("in {}, {until}", roughly(left))
    } else {
        format!("expired {} ago", roughly(left.abs()))
    }
}

/// A line for each removed file, their number, and a line for each skipped file.
pub(super) fn removals(cleared: &Removed) -> Vec<String> {
    let mut lines: Vec<String> = cleared.removed.iter().map(|held| done("removed", held)).collect();
    match cleared.leftovers {
        0 => {}
        1 => lines.push("removed 1 temporary file of a killed process".to_owned()),
        several => lines.push(format!("removed {several} temporary files of killed processes")),
    }
    if !lines.is_empty() {
        let count = cleared.removed.len() + cleared.leftovers;
        lines.push(format!("{count} {} removed", if count == 1 { "file" } else { "files" }));
    }
    lines.extend(cleared.left.iter().map(|held| done("skipped:", held)));
    lines
}

/// A line about a file.
fn done(what: &str, held: &CacheFile) -> String {
    let line = match &held.what {
        Contents::Damaged { reason, .. } => format!("{what} corrupt file `{}`: {reason}", held.path.display()),
        Contents::Session(kept) => {
            let kind = match kept.kind {
                EntryKind::Role => "role session",
                EntryKind::Mfa => "MFA session",
            };
            format!("{what} {kind} {} ({})", target(kept), caller(kept))
        }
    };
    Terminal::line(&line)
}

/// All with the same members, `null` if unknown.
pub(super) fn objects(held: &[CacheFile], now: OffsetDateTime) -> Vec<Value> {
    held.iter().map(|held| object(held, now)).collect()
}

fn object(held: &CacheFile, now: OffsetDateTime) -> Value {
    let (kept, reason) = match &held.what {
        Contents::Session(kept) => (Some(kept), None),
        Contents::Damaged { reason, .. } => (None, Some(reason)),
    };
    let kind = kept.map_or("corrupt", |kept| match kept.kind {
        EntryKind::Role => "role",
        EntryKind::Mfa => "mfa",
    });
    let caller = kept.and_then(|kept| kept.caller.as_ref());
    let caller =
        caller.map(|caller| json!({ "kind": caller.kind, "name": caller.name, "chain_length": caller.between }));
    let writer = kept.map(|_| if caller.is_some() { "rolenv" } else { "aws-cli" });
    json!({
        "kind": kind,
        "role_arn": kept.and_then(|kept| kept.role.as_ref()),
        "session_arn": kept.and_then(|kept| kept.assumed.as_ref()),
        "mfa_serial": kept.and_then(|kept| kept.device.as_ref()),
        "access_key_id": kept.and_then(|kept| kept.access_key_id.as_deref()).map(masked),
        "written_by": writer,
        "source": caller,
        "endpoint": kept.and_then(|kept| kept.endpoint.as_ref()),
        "expires_at": kept.and_then(|kept| timestamp::format(kept.until)),
        "seconds_left": kept.map(|kept| (kept.until - now).whole_seconds()),
        "file": held.path.to_string_lossy(),
        "reason": reason,
    })
}
