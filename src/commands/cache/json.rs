//! Cached sessions as JSON, without secrets and complete access key IDs.

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::cache::{CacheFile, Contents, EntryKind};
use crate::credentials::masked;
use crate::timestamp;

/// All with the same members, `null` if unknown.
pub(super) fn objects(files: &[CacheFile], now: OffsetDateTime) -> Vec<Value> {
    files.iter().map(|file| object(file, now)).collect()
}

fn object(file: &CacheFile, now: OffsetDateTime) -> Value {
    let (session, reason) = match &file.contents {
        Contents::Session(session) => (Some(session), None),
        Contents::Corrupt { reason, .. } => (None, Some(reason)),
    };
    let kind = session.map_or("corrupt", |session| match session.kind {
        EntryKind::Role => "role",
        EntryKind::Mfa => "mfa",
    });
    let caller = session.and_then(|session| session.caller.as_ref());
    let chain_length = session.map(|session| session.chain_length);
    let caller =
        caller.map(|caller| json!({ "kind": caller.kind(), "name": caller.name(), "chain_length": chain_length }));
    let writer = session.map(|_| if caller.is_some() { "rolenv" } else { "aws-cli" });
    json!({
        "kind": kind,
        "role_arn": session.and_then(|session| session.role.as_ref()),
        "session_arn": session.and_then(|session| session.assumed.as_ref()),
        "mfa_serial": session.and_then(|session| session.serial.as_ref()),
        "access_key_id": session.and_then(|session| session.access_key_id.as_deref()).map(masked),
        "written_by": writer,
        "source": caller,
        "endpoint": session.and_then(|session| session.endpoint.as_ref()),
        "expires_at": session.and_then(|session| timestamp::format(session.expiration)),
        "seconds_left": session.map(|session| (session.expiration - now).whole_seconds()),
        "file": file.path.to_string_lossy(),
        "reason": reason,
    })
}
