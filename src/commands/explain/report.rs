//! The report of `explain`, as plain data.

use crate::config::Located;
use crate::session::CacheState;

/// The report.
pub(super) struct Report {
    /// The target as resolved.
    pub(super) target: String,
    /// The region that will be exported.
    pub(super) region: Option<Located<String>>,
    /// The source, for display.
    pub(super) source: String,
    /// `keys`, `process`, `sso`, `web-identity`, `container` or `instance`.
    pub(super) source_kind: &'static str,
    pub(super) source_origin: String,
    /// The endpoint of the source, if it has one.
    pub(super) source_endpoint: Option<Located<String>>,
    /// The STS endpoint.
    pub(super) sts: Destination,
    pub(super) steps: Vec<StepReport>,
    /// Problems that would prevent a session.
    pub(super) problems: Vec<String>,
    pub(super) notes: Vec<String>,
}

/// An endpoint and the origin of its settings.
pub(super) struct Destination {
    pub(super) url: Located<String>,
    /// The region of the signature.
    pub(super) region: Located<String>,
    /// Further settings, for display.
    pub(super) details: Vec<String>,
}

/// One request.
pub(super) struct StepReport {
    /// The action of the STS API.
    pub(super) action: &'static str,
    /// The role, unless it is GetSessionToken.
    pub(super) role: Option<Located<String>>,
    pub(super) signer: String,
    /// The cached session.
    pub(super) cached: CacheState,
    /// The cached MFA session that makes a code unnecessary; `None` if none is used.
    pub(super) mfa_session: Option<CacheState>,
    /// Parameters by their names in a profile, in a fixed order.
    pub(super) parameters: Vec<(&'static str, Located<String>)>,
    /// The permission policy of the caller; `None` if none is needed.
    pub(super) permission_policy: Option<String>,
    /// The trust policy of the role.
    pub(super) trust_policy: Option<String>,
    /// A placeholder in the policies, and its meaning.
    pub(super) placeholder: Option<(&'static str, &'static str)>,
}

impl StepReport {
    /// A request without a role and policies, whose cache entries are not looked up.
    pub(super) const fn new(
        action: &'static str,
        signer: String,
        parameters: Vec<(&'static str, Located<String>)>,
    ) -> Self {
        Self {
            action,
            role: None,
            signer,
            cached: CacheState::Missing,
            mfa_session: None,
            parameters,
            permission_policy: None,
            trust_policy: None,
            placeholder: None,
        }
    }
}
