//! Replies in the XML of the STS query protocol.

use crate::{keys::Issued, refusal::Refusal};

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

pub(crate) fn credentials(issued: &Issued) -> String {
    let fields = [
        text("AccessKeyId", &issued.access_key_id),
        text("SecretAccessKey", &issued.secret),
        text("SessionToken", &issued.token),
        text("Expiration", &issued.expiration),
    ];
    wrap("Credentials", &fields.concat())
}

/// `<AssumedRoleUser>`; its id is `AROA...:SESSION`.
pub(crate) fn assumed_role_user(id: &str, arn: &str) -> String {
    wrap(
        "AssumedRoleUser",
        &[text("AssumedRoleId", id), text("Arn", arn)].concat(),
    )
}

/// The reply to an action that was carried out.
pub(crate) fn success(action: &str, result: &str, request_id: &str) -> String {
    let result = wrap(&format!("{action}Result"), result);
    let metadata = wrap("ResponseMetadata", &text("RequestId", request_id));
    let name = format!("{action}Response");
    format!("<{name} xmlns=\"{NAMESPACE}\">\n{result}{metadata}</{name}>\n")
}

/// The reply to one that was refused.
pub(crate) fn error(refusal: &Refusal, request_id: &str) -> String {
    let blame = if refusal.status < 500 { "Sender" } else { "Receiver" };
    let fields = [
        text("Type", blame),
        text("Code", &refusal.code),
        text("Message", &refusal.message),
    ];
    let error = wrap("Error", &fields.concat());
    let id = text("RequestId", request_id);
    format!("<ErrorResponse xmlns=\"{NAMESPACE}\">\n{error}{id}</ErrorResponse>\n")
}

/// An element with text in it.
pub(crate) fn text(name: &str, value: &str) -> String {
    format!("<{name}>{}</{name}>\n", escape(value))
}

fn wrap(name: &str, content: &str) -> String {
    format!("<{name}>\n{content}</{name}>\n")
}

/// A carriage return is written as a reference, because a reader turns a raw one into a line feed
/// (XML 1.0, 2.11), and faults may put one into a credential.
fn escape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(text("Arn", "a<b>&\r\n"), "<Arn>a&lt;b&gt;&amp;&#13;\n</Arn>\n");
    }

    #[test]
    fn the_service_takes_the_blame_from_500_on() {
        let refusal = Refusal::new(503, "ServiceUnavailable", "try later");
        assert!(error(&refusal, "id").contains("<Type>Receiver</Type>"));
        assert!(error(&Refusal::unsigned(), "id").contains("<Type>Sender</Type>"));
    }
}
