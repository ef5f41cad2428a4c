//! The report as JSON.

use serde_json::{Map, Value, json};

use super::report::{Destination, Report, StepReport};
use crate::config::Located;
use crate::session::CacheState;
use crate::timestamp;

/// The report as one object.
pub(super) fn to_json(report: &Report) -> Value {
    let steps: Vec<Value> = report.steps.iter().map(|step| self::step(step, &report.sts)).collect();
    json!({
        "target": report.target,
        "source": {
            "kind": report.source_kind,
            "description": report.source,
            "origin": report.source_origin,
            "endpoint": report.source_endpoint.as_ref().map(located),
        },
        "exported_region": report.region.as_ref().map(located),
        "steps": steps,
        "problems": report.problems,
        "notes": report.notes,
    })
}

fn step(step: &StepReport, sts: &Destination) -> Value {
    let placeholders: Map<String, Value> = step
        .placeholder
        .iter()
        .map(|(word, what)| ((*word).to_owned(), json!(what)))
        .collect();
    json!({
        "action": step.action,
        "role_arn": step.role.as_ref().map(located),
        "signer": step.signer,
        "cached": cached(step.cached),
        "mfa_session": step.mfa_session.map(|state| json!({
            "cached": cached(state),
        })),
        "region": located(&sts.region),
        "endpoint": located(&sts.url),
        "parameters": parameters(step),
        "permission_policy": policy(step.permission_policy.as_ref()),
        "trust_policy": policy(step.trust_policy.as_ref()),
        "placeholders": placeholders,
    })
}

fn cached(state: CacheState) -> Value {
    match state {
        CacheState::Cached { expiration, left } => json!({
            "expires_at": timestamp::format(expiration),
            "seconds_left": left.whole_seconds(),
        }),
        _ => Value::Null,
    }
}

/// By name; a repeatable option is a list.
fn parameters(step: &StepReport) -> Map<String, Value> {
    let mut parameters = Map::new();
    for (name, found) in &step.parameters {
        let key = name.replace('-', "_");
        if ["policy_arn", "tag", "transitive_tag"].contains(&key.as_str()) {
            let list = parameters.entry(key).or_insert_with(|| json!([]));
            if let Value::Array(list) = list {
                list.push(located(found));
            }
        } else {
            parameters.insert(key, located(found));
        }
    }
    parameters
}

fn located(found: &Located<String>) -> Value {
    json!({ "value": found.value, "origin": found.origin.to_string() })
}

fn policy(text: Option<&String>) -> Value {
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or(Value::Null)
}
