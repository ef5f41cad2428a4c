//! A report about a plan: requests, signers, the origin of each value, problems, and the IAM policies. Makes no
//! request.

mod json;
mod policies;
mod principal;
mod report;
mod text;

pub use json::to_json;
pub use report::report;
pub use text::to_text;

use crate::config::Located;
use crate::session::CacheState;

/// The report.
pub struct Report {
    /// The target as resolved.
    pub target: String,
    /// The region that will be exported.
    pub region: Option<Located<String>>,
    /// The source, for display.
    pub source: String,
    /// `keys`, `process`, `sso`, `web-identity`, `container` or `instance`.
    pub source_kind: &'static str,
    pub source_origin: String,
    /// The endpoint of the source, if it has one.
    pub source_endpoint: Option<Located<String>>,
    /// The STS endpoint.
    pub sts: Destination,
    pub steps: Vec<Step>,
    /// Problems that would prevent a session.
    pub in_the_way: Vec<String>,
    pub notes: Vec<String>,
}

/// An endpoint and the origin of its settings.
pub struct Destination {
    pub url: Located<String>,
    /// The region of the signature.
    pub region: Located<String>,
    /// Further settings, for display.
    pub details: Vec<String>,
}

/// One request.
pub struct Step {
    /// The action of the STS API.
    pub action: &'static str,
    /// The role, unless it is GetSessionToken.
    pub role: Option<Located<String>>,
    pub signer: String,
    /// The cached session.
    pub stored: CacheState,
    /// The cached MFA session that makes a code unnecessary; `None` if none is used.
    pub mfa_session: Option<CacheState>,
    /// Parameters by their names in a profile, in a fixed order.
    pub parameters: Vec<(&'static str, Located<String>)>,
    /// The permission policy of the caller; `None` if none is needed.
    pub permission_policy: Option<String>,
    /// The trust policy of the role.
    pub trust_policy: Option<String>,
    /// A placeholder in the policies, and its meaning.
    pub placeholder: Option<(&'static str, &'static str)>,
}
