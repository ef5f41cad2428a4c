//! The report as JSON.

use serde_json::{Map, Value, json};

use super::{Destination, Report, Step};
use crate::config::Located;
use crate::session::CacheState;
use crate::timestamp;

/// The report as one object.
pub fn to_json(report: &Report) -> Value {
    let steps: Vec<Value> = report.steps.iter().map(|step| self::step(step, &report.sts)).collect();
    json!({
        "target": report.target,
        "source": {
            "kind": report.source_kind,
            "description": report.source,
            "origin": report.source_origin,
            "endpoint": report.source_endpoint.as_ref().map(told),
        },
        "exported_region": report.region.as_ref().map(told),
        "steps": steps,
        "problems": report.in_the_way,
        "notes": report.notes,
    })
}

fn step(step: &Step, sts: &Destination) -> Value {
    let placeholders: Map<String, Value> = step
        .placeholder
        .iter()
        .map(|(word, what)| ((*word).to_owned(), json!(what)))
        .collect();
    json!({
        "action": step.action,
        "role_arn": step.role.as_ref().map(told),
        "signer": step.signer,
        "cached": cached(step.stored),
        "mfa_session": step.mfa_session.map(|stored| json!({
            "cached": cached(stored),
        })),
        "region": told(&sts.region),
        "endpoint": told(&sts.url),
        "parameters": parameters(step),
        "permission_policy": policy(step.permission_policy.as_ref()),
        "trust_policy": policy(step.trust_policy.as_ref()),
        "placeholders": placeholders,
    })
}

fn cached(stored: CacheState) -> Value {
    match stored {
        CacheState::Until { end, left } => json!({
            "expires_at": timestamp::format(end),
            "seconds_left": left.whole_seconds(),
        }),
        _ => Value::Null,
    }
}

/// By name; a repeatable option is a list.
fn parameters(step: &Step) -> Map<String, Value> {
    let mut parameters = Map::new();
    for (name, found) in &step.parameters {
        let key = name.replace('-', "_");
        if ["policy_arn", "tag", "transitive_tag"].contains(&key.as_str()) {
            let list = parameters.entry(key).or_insert_with(|| json!([]));
            if let Value::Array(list) = list {
                list.push(told(found));
            }
        } else {
            parameters.insert(key, told(found));
        }
    }
    parameters
}

fn told(found: &Located<String>) -> Value {
    json!({ "value": found.value, "origin": found.origin.to_string() })
}

fn policy(text: Option<&String>) -> Value {
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or(Value::Null)
}
