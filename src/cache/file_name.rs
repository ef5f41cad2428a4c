//! File names of cached sessions: a digest of the request's parameters, as the AWS CLI computes it (botocore's
//! `BaseAssumeRoleCredentialFetcher`).

use serde_json::{Map, Value, json};

use super::python_json;
use crate::config::{Located, Origin};
use crate::digest::sha1_hex;
use crate::plan::{AssumeRole, AssumeRoleWithWebIdentity, MfaDevice, RoleArn, SessionOptions, Step};

/// The name for the session of a role. `None`: not a role, or a web identity without its token.
pub(super) fn of_role(step: &Step, token: Option<&str>) -> Option<String> {
    match step {
        Step::AssumeRole(step) => Some(of_assume_role(step)),
        Step::AssumeRoleWithWebIdentity(step) => Some(of_web_identity(step, token?)),
        Step::GetSessionToken(_) => None,
    }
}

/// A default session name is not part of the name; parameters that only rolenv can send are.
fn of_assume_role(step: &AssumeRole) -> String {
    let mut arguments = arguments(&step.role.value, &step.session_name, &step.options);
    let device = step.mfa.as_ref();
    fill(
        &mut arguments,
        [
            ("ExternalId", step.external_id.as_ref().map(|id| json!(id.value))),
            ("SerialNumber", device.map(|device| json!(device.serial.value))),
            ("DurationSeconds", seconds(step.duration.as_ref())),
        ],
    );
    digest(&arguments)
}

/// The name includes the token, as in the AWS CLI since 1.46 and 2.37.9. Without the token it would be the name of an
/// AssumeRole session of the same role, which has another caller.
fn of_web_identity(step: &AssumeRoleWithWebIdentity, token: &str) -> String {
    let mut arguments = arguments(&step.role.value, &step.session_name, &step.options);
    fill(
        &mut arguments,
        [
            ("DurationSeconds", seconds(step.duration.as_ref())),
            ("WebIdentityToken", Some(json!(token))),
        ],
    );
    digest(&arguments)
}

/// The name for an MFA session: one for each access key, device, endpoint and requested duration.
pub(super) fn of_mfa_session(
    access_key_id: &str,
    device: &MfaDevice,
    endpoint: Option<&str>,
    asked: Option<u32>,
) -> String {
    digest(&Map::from_iter([
        ("AccessKeyId".to_owned(), json!(access_key_id)),
        ("SerialNumber".to_owned(), json!(device.serial.value)),
        ("Endpoint".to_owned(), json!(endpoint)),
        ("DurationSeconds".to_owned(), json!(asked)),
    ]))
}

fn arguments(role: &RoleArn, session_name: &Located<String>, options: &SessionOptions) -> Map<String, Value> {
    let chosen = session_name.origin != Origin::Default;
    let arns = options.policy_arns.iter().map(|arn| json!({ "arn": arn }));
    let tags = options.tags.iter();
    let tags = tags.map(|(key, value)| json!({ "Key": key, "Value": value }));
    let transitive = options.transitive_tags.iter().map(|key| json!(key));
    let mut arguments = Map::new();
    fill(
        &mut arguments,
        [
            ("RoleArn", Some(json!(role.to_string()))),
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

fn digest(arguments: &Map<String, Value>) -> String {
    sha1_hex(&python_json::dumps(arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<Value>(value: Value) -> Located<Value> {
        Located::flag(value, "--x")
    }

    fn plain() -> Option<AssumeRole> {
        Some(AssumeRole {
            profile: None,
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
        let name = |change: fn(&mut AssumeRole)| {
            demo.clone().map(|mut step| {
                change(&mut step);
                of_assume_role(&step)
            })
        };
        let expected = |name: &str| Some(name.to_owned());
        assert_eq!(name(|_| {}), expected("5f52c9c583acfd120a607977e4f21fe86b7fa42d"));
        let renamed = name(|step| {
            step.external_id = Some(found("ext-42".to_owned()));
            step.duration = Some(found(3600));
        });
        assert_eq!(renamed, expected("ee88d4330cb6d6bd029ea38acc5d2237a2744cb4"));
        let secured = name(|step| {
            step.session_name = found("alice".to_owned());
            step.mfa = Some(MfaDevice {
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
                demo.clone().map(|mut step| {
                    change(&mut step.options);
                    of_assume_role(&step)
                })
            })
            .collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), changes.len());
    }
}
