//! What an STS remembers of a request.

use std::collections::BTreeMap;

use super::{validate::members, world::Principal};
use crate::refusal::Refusal;

/// A request to an STS as it arrived, and what became of it.
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
    /// Who it comes from, or what is not in order.
    pub(crate) caller: Result<Principal, Refusal>,
}

impl Request {
    /// The first value of a header; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        crate::http::header(&self.headers, name)
    }

    /// The keys and values of `Tags`, in their order.
    pub fn tags(&self) -> Vec<(&str, &str)> {
        let values = members(&self.form, "Tags", ".Value");
        members(&self.form, "Tags", ".Key").zip(values).collect()
    }

    /// `TransitiveTagKeys`, in their order.
    pub fn transitive_tag_keys(&self) -> Vec<&str> {
        members(&self.form, "TransitiveTagKeys", "").collect()
    }

    /// The ARNs of `PolicyArns`, in their order.
    pub fn policy_arns(&self) -> Vec<&str> {
        members(&self.form, "PolicyArns", ".arn").collect()
    }

    /// `SourceIdentity`.
    pub fn source_identity(&self) -> Option<&str> {
        self.form.get("SourceIdentity").map(String::as_str)
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
