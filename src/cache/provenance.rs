//! How a cached session was requested: the `Rolenv` member of its entry. A cached session is used only for the same
//! request.

use serde::{Deserialize, Serialize};

use super::Caller;

/// The caller, the endpoint and the parameters of a request.
///
/// Its text is also the name of the session's lock. That is free of deadlocks: the text contains the whole chain, so the
/// holder of a lock only ever waits for locks of shorter chains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Provenance {
    pub(super) source: Caller,
    /// The file names of the sessions between the source and this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) via: Vec<String>,
    /// The custom endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) endpoint: Option<String>,
    /// The role; `None` in an MFA session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) role_arn: Option<String>,
    /// The MFA device of an MFA session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) serial_number: Option<String>,
    /// The file name of the session: a digest of all parameters.
    pub(super) key: String,
}

impl Provenance {
    /// The name of the lock.
    pub(super) fn lock_name(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
