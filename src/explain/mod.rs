//! A plan told to a person or a program: who signs, what is asked of whom, where each value comes from, what is in the
//! way, and which policies it takes. Calls nothing and decides nothing.

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

/// All there is to tell.
pub struct Report {
    /// The target as resolved.
    pub target: String,
    /// The region that will be exported.
    pub region: Option<Located<String>>,
    /// Where the first credentials come from, as one sentence.
    pub source: String,
    /// What kind of source it is: `keys`, `process`, `sso`, `web-identity`, `container` or `instance`.
    pub source_kind: &'static str,
    pub source_origin: String,
    /// The server that gives them, if one does.
    pub source_endpoint: Option<Located<String>>,
    /// Where requests to STS go.
    pub sts: Destination,
    pub steps: Vec<Step>,
    /// What has to be done, or will go wrong, before a session is there.
    pub in_the_way: Vec<String>,
    pub notes: Vec<String>,
}

/// A server, and how it was chosen.
pub struct Destination {
    pub url: Located<String>,
    /// The region of the signature.
    pub region: Located<String>,
    /// Settings of little interest, each as a sentence.
    pub details: Vec<String>,
}

/// One request.
pub struct Step {
    /// The action of the STS API.
    pub action: &'static str,
    /// The role, unless it is GetSessionToken.
    pub role: Option<Located<String>>,
    pub signer: String,
    /// What is kept on disk of its answer.
    pub stored: CacheState,
    /// What is kept of the MFA session that spares it a code; `None` where none is used.
    pub mfa_session: Option<CacheState>,
    /// Parameters by their names in a profile, in a fixed order.
    pub parameters: Vec<(&'static str, Located<String>)>,
    /// What the caller must be allowed; `None` where nobody has to be.
    pub permission_policy: Option<String>,
    /// Whom the role must trust.
    pub trust_policy: Option<String>,
    /// A word of the policies that stands for what only a request could tell, and what that is.
    pub placeholder: Option<(&'static str, &'static str)>,
}
