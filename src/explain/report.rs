//! From a plan to what is told of it.

use serde_json::{Map, Value, json};

use super::policies::{self, Claims};
use super::principal::{Principal, first_caller};
use super::{Destination, Report, Step};
use crate::keys::Keys;
use crate::plan::{Hop, Plan, SessionOptions, SourceKind, WebIdentity};
use crate::profile::{Found, Origin};

/// Tells a plan. `in_the_way` is what was found missing on this machine; `token` is the text of the web identity's
/// token, of which only the public claims are told.
#[must_use]
pub fn report(plan: &Plan, mut in_the_way: Vec<String>, token: Option<&str>) -> Report {
    if let Some((nothing, _)) = &plan.source.last_resort {
        in_the_way.push(format!(
            "{nothing}; only the role of an EC2 instance is left, if this is one"
        ));
    }
    for serial in plan.mfa_serials() {
        in_the_way.push(if serial.contains(":u2f/") {
            format!("`{serial}` is a security key: STS takes codes of other devices only")
        } else {
            format!("a code of the MFA device `{serial}` is needed")
        });
    }
    let sts = destination(plan);
    Report {
        target: plan.target.clone(),
        region: plan.region.clone(),
        source: source(plan),
        source_kind: kind(&plan.source.kind),
        source_origin: plan.source.origin.to_string(),
        steps: steps(plan, token),
        sts,
        in_the_way,
        notes: plan.notes.clone(),
    }
}

const fn kind(source: &SourceKind) -> &'static str {
    match source {
        SourceKind::Keys { .. } => "keys",
        SourceKind::Process { .. } => "process",
        SourceKind::Sso(_) => "sso",
        SourceKind::WebIdentity(_) => "web-identity",
        SourceKind::Container(_) => "container",
        SourceKind::Instance(_) => "instance",
    }
}

fn source(plan: &Plan) -> String {
    let whose = &plan.source.whose;
    match &plan.source.kind {
        SourceKind::Keys { keys, .. } => {
            let what = match keys.session_token {
                Some(_) => "a session with access key",
                None => "access key",
            };
            format!("{whose}: {what} {}", masked(keys))
        }
        // Its arguments may hold secrets.
        SourceKind::Process { command } => {
            let program = command.first().map_or("", String::as_str);
            format!("{whose}: what `{program}` prints")
        }
        SourceKind::Sso(sso) => format!(
            "{whose}: role `{}` of account {} by SSO ({})",
            sso.role_name.value, sso.account_id.value, sso.start_url.value
        ),
        SourceKind::WebIdentity(identity) => format!("{whose}: the token in `{}`", identity.token_file.value),
        SourceKind::Container(container) => format!("{whose} ({})", container.url.origin),
        SourceKind::Instance(instance) => format!("{whose}, from `{}`", instance.endpoint.value),
    }
}

/// Enough of an access key id to find it again.
fn masked(keys: &Keys) -> String {
    let letters: Vec<char> = keys.access_key_id.chars().collect();
    let tail = letters.iter().skip(letters.len().saturating_sub(4).max(4));
    letters.iter().take(4).chain(&['.'; 3]).chain(tail).collect()
}

fn destination(plan: &Plan) -> Destination {
    let reach = &plan.reach;
    let default = |value: &str| Found {
        value: value.to_owned(),
        origin: Origin::Default,
    };
    let region = reach.region.clone();
    let mut details = Vec::new();
    let url = match &reach.endpoint {
        Some(url) => {
            if reach.fips || reach.dual_stack {
                details.push("FIPS and dual-stack have no effect on a custom endpoint".to_owned());
            }
            url.clone()
        }
        None => Found {
            value: format!("https://{}", reach.host()),
            origin: region.as_ref().map_or(Origin::Default, |region| region.origin.clone()),
        },
    };
    if let Some(bundle) = &reach.ca_bundle {
        details.push(format!("trusts `{}` ({})", bundle.value.display(), bundle.origin));
    }
    if reach.attempts.origin != Origin::Default {
        details.push(format!(
            "{} attempts at most ({})",
            reach.attempts.value, reach.attempts.origin
        ));
    }
    Destination {
        url,
        region: region.unwrap_or_else(|| default("us-east-1")),
        details,
    }
}

fn steps(plan: &Plan, token: Option<&str>) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut signer = plan.source.whose.clone();
    if let SourceKind::WebIdentity(identity) = &plan.source.kind {
        steps.push(web_identity(identity, token));
        signer = format!("`{}`", identity.role.value.session(&identity.session_name.value));
    }
    if let Some(session) = &plan.mfa_session {
        let mut parameters = vec![("mfa_serial", session.mfa_serial.clone())];
        parameters.extend(seconds(session.duration.as_ref()));
        steps.push(Step {
            action: "GetSessionToken",
            role: None,
            signer: signer.clone(),
            parameters,
            permission_policy: None,
            trust_policy: None,
            unknown: None,
        });
    }
    let mut before: Option<&Hop> = None;
    for hop in &plan.hops {
        let caller = match before {
            Some(before) => Principal::Arn(before.role.value.to_string()),
            None => first_caller(plan, hop.role.value.partition()),
        };
        let unknown = matches!(caller, Principal::Unknown { .. });
        steps.push(Step {
            action: "AssumeRole",
            role: Some(hop.role.clone().map(|role| role.to_string())),
            signer: std::mem::replace(
                &mut signer,
                format!("`{}`", hop.role.value.session(&hop.session_name.value)),
            ),
            parameters: parameters(hop),
            permission_policy: Some(policies::permission(hop)),
            trust_policy: Some(policies::trust(hop, &caller)),
            unknown: unknown.then_some("ACCOUNT stands for the caller's account, which only a request would tell"),
        });
        before = Some(hop);
    }
    steps
}

fn web_identity(identity: &WebIdentity, token: Option<&str>) -> Step {
    let claims = token.and_then(claims).unwrap_or_default();
    let unknown = claims.issuer.is_none();
    let mut parameters = vec![
        ("role_session_name", identity.session_name.clone()),
        ("web_identity_token_file", identity.token_file.clone()),
    ];
    parameters.extend(seconds(identity.duration.as_ref()));
    parameters.extend(given(&identity.options));
    Step {
        action: "AssumeRoleWithWebIdentity",
        role: Some(identity.role.clone().map(|role| role.to_string())),
        signer: "nobody: the token is the proof".to_owned(),
        parameters,
        permission_policy: None,
        trust_policy: Some(policies::web_identity_trust(&identity.role.value, &claims)),
        unknown: unknown.then_some("PROVIDER stands for the identity provider, which the token does not tell"),
    }
}

/// The public claims of a JSON Web Token.
fn claims(token: &str) -> Option<Claims> {
    let payload = token.trim().split('.').nth(1)?;
    let payload = base64_simd::URL_SAFE_NO_PAD
        .decode_to_vec(payload.trim_end_matches('='))
        .ok()?;
    let payload: Value = serde_json::from_slice(&payload).ok()?;
    let text = |claim: &str| match &payload[claim] {
        Value::Array(several) => several.first()?.as_str().map(str::to_owned),
        one => one.as_str().map(str::to_owned),
    };
    Some(Claims {
        issuer: text("iss"),
        audience: text("aud"),
        subject: text("sub"),
    })
}

fn seconds(duration: Option<&Found<u32>>) -> Option<(&'static str, Found<String>)> {
    let duration = duration?.clone();
    Some(("duration_seconds", duration.map(|seconds| seconds.to_string())))
}

fn parameters(hop: &Hop) -> Vec<(&'static str, Found<String>)> {
    let mut parameters = vec![("role_session_name", hop.session_name.clone())];
    parameters.extend(hop.external_id.iter().map(|id| ("external_id", id.clone())));
    parameters.extend(hop.mfa_serial.iter().map(|serial| ("mfa_serial", serial.clone())));
    parameters.extend(seconds(hop.duration.as_ref()));
    parameters.extend(given(&hop.options));
    parameters
}

fn given(options: &SessionOptions) -> impl Iterator<Item = (&'static str, Found<String>)> {
    let given = options.given().into_iter();
    given.map(|(flag, value)| (flag.trim_start_matches('-'), Found::flag(value, flag)))
}

/// The report as one JSON object.
#[must_use]
pub fn to_json(report: &Report) -> Value {
    let told = |found: &Found<String>| json!({ "value": found.value, "origin": found.origin.to_string() });
    let policy = |text: &Option<String>| {
        let parsed = text.as_ref().and_then(|text| serde_json::from_str(text).ok());
        parsed.unwrap_or(Value::Null)
    };
    let steps: Vec<Value> = report
        .steps
        .iter()
        .map(|step| {
            let mut parameters: Map<String, Value> = Map::new();
            for (name, found) in &step.parameters {
                let key = name.replace('-', "_");
                // What may be given several times is a list.
                if ["policy-arn", "tag", "transitive-tag"].contains(name) {
                    let list = parameters.entry(key).or_insert_with(|| json!([]));
                    if let Value::Array(list) = list {
                        list.push(told(found));
                    }
                } else {
                    parameters.insert(key, told(found));
                }
            }
            json!({
                "action": step.action,
                "role_arn": step.role.as_ref().map(told),
                "signer": step.signer,
                "region": told(&report.sts.region),
                "endpoint": told(&report.sts.url),
                "parameters": parameters,
                "permission_policy": policy(&step.permission_policy),
                "trust_policy": policy(&step.trust_policy),
            })
        })
        .collect();
    json!({
        "target": report.target,
        "source": {
            "kind": report.source_kind,
            "description": report.source,
            "origin": report.source_origin,
        },
        "exported_region": report.region.as_ref().map(told),
        "hops": steps,
        "in_the_way": report.in_the_way,
        "notes": report.notes,
    })
}
