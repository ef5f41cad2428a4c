//! The status as JSON.

use serde_json::{Value, json};

use super::report::{SetBy, Status, Verification};
use crate::env::{Basis, Var};
use crate::timestamp;

/// The status as one object. `renew`: the command that renews the session, if that is due.
pub(super) fn to_json(status: &Status, renew: Option<&str>) -> Value {
    let named = |(var, value): &(Var, String)| json!({ "value": value, "variable": var.name() });
    let restores: Vec<Value> = status
        .clear
        .restores
        .iter()
        .map(|(var, value)| json!({ "variable": var.name(), "value": value }))
        .collect();
    let unsets: Vec<&str> = status.clear.unsets.iter().map(|var| var.name()).collect();
    let (verified, identity) = match &status.verification {
        Verification::NotAsked => (None, None),
        Verification::Unreachable => (Some(false), None),
        Verification::Refused => (Some(true), None),
        Verification::Accepted(identity) => (Some(true), Some(identity)),
    };
    json!({
        "ok": status.is_ok(),
        "problems": status.problems,
        "notes": status.notes,
        "renew_command": renew,
        "set_by": match status.set_by {
            SetBy::None => Value::Null,
            SetBy::User => json!("other"),
            SetBy::Rolenv => json!("rolenv"),
        },
        "target": status.target,
        "role_arn": status.role,
        "access_key_id": status.access_key,
        "expires_at": status.end.as_ref().and_then(|end| timestamp::format(end.at)),
        "seconds_left": status.end.as_ref().map(|end| end.left.whole_seconds()),
        "region": status.region.as_ref().map(named),
        "profile": status.profile.as_ref().map(named),
        "clear": {
            "restore": match status.clear.basis {
                Basis::Valid => "valid",
                Basis::Missing => "missing",
                Basis::Corrupt => "corrupt",
            },
            "restores": restores,
            "unsets": unsets,
        },
        "verified": verified,
        "identity": identity.map(|identity| json!({
            "arn": identity.arn,
            "account": identity.account,
            "user_id": identity.user_id,
        })),
    })
}
