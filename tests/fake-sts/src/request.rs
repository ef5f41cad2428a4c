//! What the server remembers of a request.

use std::collections::BTreeMap;

/// A request as it arrived, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The `Action` parameter; empty when there was none.
    pub action: String,
    /// Every parameter of the form, decoded, `Action` and `Version` included.
    pub form: BTreeMap<String, String>,
    /// Whose access key it names, if that key is known. Believe it only when `verified`.
    pub signer: Option<Signer>,
    /// The region in the scope of the signature.
    pub region: Option<String>,
    /// The session token that came along, right or wrong.
    pub session_token: Option<String>,
    /// Header names, in lower case, and values, in the order of arrival.
    pub headers: Vec<(String, String)>,
    /// Whether key, token, date and signature were all in order.
    pub verified: bool,
    /// The HTTP status answered; `None` when a fault left no HTTP reply.
    pub status: Option<u16>,
}

impl Request {
    /// The first value of a header; `name` in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        crate::http::header(&self.headers, name)
    }
}

/// The holder of an access key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The access key id of the signature.
    pub access_key_id: String,
    /// Who holds it: a user's ARN, or that of an assumed role.
    pub arn: String,
}
