//! File names of cached sessions: a digest of the request's parameters, as the AWS CLI computes it (botocore's
//! `BaseAssumeRoleCredentialFetcher`).

use serde_json::{Map, Value, json};

use super::python_json;
use crate::config::{Located, Origin};
use crate::digest::sha1_hex;
use crate::plan::{Hop, MfaDevice, SessionOptions, WebIdentity};

/// The name for a role session. A default session name is not part of it; parameters that only rolenv can send are.
pub(super) fn of_hop(hop: &Hop) -> String {
    let mut arguments = arguments(&hop.role.value.to_string(), &hop.session_name, &hop.options);
    let device = hop.mfa.as_ref();
    fill(
        &mut arguments,
        [
            ("ExternalId", hop.external_id.as_ref().map(|id| json!(id.value))),
            ("SerialNumber", device.map(|device| json!(device.serial.value))),
            ("DurationSeconds", seconds(hop.duration.as_ref())),
        ],
    );
    digest(arguments)
}

/// The name for a web identity's session, which includes the token, as in the AWS CLI since 1.46 and 2.37.9. Without
/// the token it would be the name of an AssumeRole session of the same role, which has another caller.
pub(super) fn of_web_identity(identity: &WebIdentity, token: &str) -> String {
    let mut arguments = arguments(
        &identity.role.value.to_string(),
        &identity.session_name,
        &identity.options,
    );
    fill(
        &mut arguments,
        [
            ("DurationSeconds", seconds(identity.duration.as_ref())),
            ("WebIdentityToken", Some(json!(token))),
        ],
    );
    digest(arguments)
}

/// The name for an MFA session: one for each access key, device, endpoint and requested duration.
pub(super) fn of_mfa_session(
    access_key_id: &str,
    device: &MfaDevice,
    endpoint: Option<&str>,
    asked: Option<u32>,
) -> String {
    digest(Map::from_iter([
        ("AccessKeyId".to_owned(), json!(access_key_id)),
        ("SerialNumber".to_owned(), json!(device.serial.value)),
        ("Endpoint".to_owned(), json!(endpoint)),
        ("DurationSeconds".to_owned(), json!(asked)),
    ]))
}

fn arguments(role: &str, session_name: &Located<String>, options: &SessionOptions) -> Map<String, Value> {
    let chosen = session_name.origin != Origin::Default;
    let arns = options.policy_arns.iter().map(|arn| json!({ "arn": arn }));
    let tags = options.tags.iter();
    let tags = tags.map(|(key, value)| json!({ "Key": key, "Value": value }));
    let transitive = options.transitive_tags.iter().map(|key| json!(key));
    let mut arguments = Map::new();
    fill(
        &mut arguments,
        [
            ("RoleArn", Some(json!(role))),
            ("RoleSessionName", chosen.then(|| json!(session_name.value))),
            // Verbatim: how duplicate keys are read is up to AWS.
            ("Policy", options.policy.as_ref().map(|text| json!(text))),
            ("PolicyArns", list(arns)),
            ("Tags", list(tags)),
            ("TransitiveTagKeys", list(transitive)),
            (
                "SourceIdentity",
                options.source_identity.as_ref().map(|identity| json!(identity)),
            ),
        ],
    );
    arguments
}

/// Adds the entries that have a value.
fn fill<const N: usize>(arguments: &mut Map<String, Value>, entries: [(&str, Option<Value>); N]) {
    let there = entries
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    arguments.extend(there);
}

fn list(values: impl Iterator<Item = Value>) -> Option<Value> {
    let values: Vec<Value> = values.collect();
    (!values.is_empty()).then_some(Value::Array(values))
}

fn seconds(duration: Option<&Located<u32>>) -> Option<Value> {
    duration.map(|duration| json!(duration.value))
}

fn digest(arguments: Map<String, Value>) -> String {
    sha1_hex(&python_json::dumps(&Value::Object(arguments)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::RoleArn;

    fn found<Value>(value: Value) -> Located<Value> {
        Located::flag(value, "--x")
    }

    fn plain() -> Option<Hop> {
        Some(Hop {
            role: found(RoleArn::parse("arn:aws:iam::123456789012:role/demo").ok()?),
            session_name: Located {
                value: "rolenv-ana".to_owned(),
                origin: Origin::Default,
            },
            external_id: None,
            mfa: None,
            duration: None,
            options: SessionOptions::default(),
            chained: false,
        })
    }

    /// The names of files that the AWS CLI made.
    #[test]
    fn names_as_the_aws_cli_makes_them() {
        let demo = plain();
        let name = |change: fn(&mut Hop)| {
            demo.clone().map(|mut hop| {
                change(&mut hop);
                of_hop(&hop)
            })
        };
        let expected = |name: &str| Some(name.to_owned());
        assert_eq!(name(|_| {}), expected("5f52c9c583acfd120a607977e4f21fe86b7fa42d"));
        let renamed = name(|hop| {
            hop.external_id = Some(found("ext-42".to_owned()));
            hop.duration = Some(found(3600));
        });
        assert_eq!(renamed, expected("ee88d4330cb6d6bd029ea38acc5d2237a2744cb4"));
        let secured = name(|hop| {
            hop.session_name = found("alice".to_owned());
            hop.mfa = Some(MfaDevice {
                serial: found("arn:aws:iam::111111111111:mfa/alice".to_owned()),
                process: None,
                session: None,
            });
        });
        assert_eq!(secured, expected("9799f899135586a369d7576884c16b8e4a747333"));
    }

    #[test]
    fn what_only_rolenv_asks_for_makes_another_key() {
        let demo = plain();
        let changes: [fn(&mut SessionOptions); 6] = [
            |_| {},
            |options| options.policy = Some("{\"b\": 1, \"a\": 2}".to_owned()),
            |options| options.policy_arns = vec!["arn:aws:iam::aws:policy/X".to_owned()],
            |options| options.tags = vec![("k".to_owned(), "v".to_owned())],
            |options| options.transitive_tags = vec!["k".to_owned()],
            |options| options.source_identity = Some("ana".to_owned()),
        ];
        let mut names: Vec<_> = changes
            .iter()
            .map(|change| {
                demo.clone().map(|mut hop| {
                    change(&mut hop.options);
                    of_hop(&hop)
                })
            })
            .collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), changes.len());
    }
}
