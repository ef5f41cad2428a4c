//! Creates the report for a plan.

use serde_json::Value;

use super::policies::{self, Claims, PROVIDER};
use super::principal::{ACCOUNT, Principal, first_caller};
use super::{Destination, Report, Step};
use crate::config::{Located, Origin};
use crate::credentials::masked;
use crate::plan::{EndpointConfig, Hop, Plan, SessionOptions, SourceKind, WebIdentity};
use crate::session::{CacheReport, CacheState};
use crate::subprocess::program_name;

/// The report for a plan and its cache entries. `in_the_way`: problems found so far. `token`: the web identity's token,
/// of which only public claims are shown.
pub fn report(plan: &Plan, outlook: &CacheReport<'_>, mut in_the_way: Vec<String>, token: Option<&str>) -> Report {
    if outlook.takes_source
        && let Some((nothing, _)) = &plan.source.last_resort
    {
        in_the_way.push(format!(
            "{nothing}; the only other source is the role of an EC2 instance"
        ));
    }
    let sts = destination(plan);
    Report {
        target: plan.target.clone(),
        region: plan.region.clone(),
        source: source(plan),
        source_kind: kind(&plan.source.kind),
        source_origin: plan.source.origin.to_string(),
        source_endpoint: source_endpoint(&plan.source.kind),
        steps: steps(plan, outlook, token),
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
            format!("{whose}: {what} {}", masked(&keys.access_key_id))
        }
        // The arguments may contain secrets.
        SourceKind::Process { command } => {
            format!("{whose}: what `{}` prints", program_name(command))
        }
        SourceKind::Sso(sso) => format!(
            "{whose}: role `{}` of account {} by SSO ({})",
            sso.role_name.value, sso.account_id.value, sso.start_url.value
        ),
        SourceKind::WebIdentity(identity) => format!("{whose}: the token in `{}`", identity.token_file.value),
        SourceKind::Container(_) | SourceKind::Instance(_) => whose.clone(),
    }
}

fn source_endpoint(source: &SourceKind) -> Option<Located<String>> {
    match source {
        SourceKind::Sso(sso) => Some(url(&sso.portal, "portal.sso")),
        SourceKind::Container(container) => Some(container.url.clone()),
        SourceKind::Instance(instance) => Some(instance.endpoint.clone()),
        SourceKind::Keys { .. } | SourceKind::Process { .. } | SourceKind::WebIdentity(_) => None,
    }
}

/// The custom endpoint, else the region's.
fn url(endpoint_config: &EndpointConfig, service: &str) -> Located<String> {
    let region = endpoint_config.region.as_ref();
    endpoint_config.endpoint.clone().unwrap_or_else(|| Located {
        value: format!("https://{}", endpoint_config.host(service)),
        origin: region.map_or(Origin::Default, |region| region.origin.clone()),
    })
}

fn destination(plan: &Plan) -> Destination {
    let endpoint_config = &plan.endpoint_config;
    let default = |value: &str| Located {
        value: value.to_owned(),
        origin: Origin::Default,
    };
    let region = endpoint_config.region.clone();
    let mut details = Vec::new();
    if endpoint_config.endpoint.is_some() && (endpoint_config.fips || endpoint_config.dual_stack) {
        details.push("FIPS and dual-stack have no effect on a custom endpoint".to_owned());
    }
    if matches!(plan.source.kind, SourceKind::Instance(_))
        && endpoint_config.region.is_none()
        && endpoint_config.endpoint.is_none()
    {
        details.push("the instance's region, if its metadata service provides one".to_owned());
    }
    if let Some(bundle) = &endpoint_config.ca_bundle {
        details.push(format!("trusts `{}` ({})", bundle.value.display(), bundle.origin));
    }
    if endpoint_config.attempts.origin != Origin::Default {
        details.push(format!(
            "{} attempts at most ({})",
            endpoint_config.attempts.value, endpoint_config.attempts.origin
        ));
    }
    Destination {
        url: url(endpoint_config, "sts"),
        region: region.unwrap_or_else(|| default("us-east-1")),
        details,
    }
}

fn steps(plan: &Plan, outlook: &CacheReport<'_>, token: Option<&str>) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut signer = plan.source.whose.clone();
    if let SourceKind::WebIdentity(identity) = &plan.source.kind {
        steps.push(Step {
            stored: outlook.first,
            ..web_identity(identity, token)
        });
        signer = format!("`{}`", identity.role.value.session(&identity.session_name.value));
    }
    if let Some(session) = &plan.mfa_session {
        let mut parameters = vec![("mfa_serial", session.device.serial.clone())];
        parameters.extend(seconds(session.duration.as_ref()));
        steps.push(Step {
            action: "GetSessionToken",
            role: None,
            signer: signer.clone(),
            stored: outlook.first,
            mfa_session: None,
            parameters,
            permission_policy: None,
            trust_policy: None,
            placeholder: None,
        });
    }
    let mut before: Option<&Hop> = None;
    for (hop, kept) in plan.hops.iter().zip(&outlook.hops) {
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
            stored: kept.role,
            mfa_session: kept.device,
            parameters: parameters(hop),
            permission_policy: Some(policies::permission(hop)),
            trust_policy: Some(policies::trust(hop, &caller)),
            placeholder: unknown.then_some((ACCOUNT, "the caller's account, which is unknown before a request")),
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
        signer: "unsigned (web identity token)".to_owned(),
        stored: CacheState::Nothing,
        mfa_session: None,
        parameters,
        permission_policy: None,
        trust_policy: Some(policies::web_identity_trust(&identity.role.value, &claims)),
        placeholder: unknown.then_some((PROVIDER, "the identity provider, which the token does not contain")),
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

fn seconds(duration: Option<&Located<u32>>) -> Option<(&'static str, Located<String>)> {
    let duration = duration?.clone();
    Some(("duration_seconds", duration.map(|seconds| seconds.to_string())))
}

fn parameters(hop: &Hop) -> Vec<(&'static str, Located<String>)> {
    let mut parameters = vec![("role_session_name", hop.session_name.clone())];
    parameters.extend(hop.external_id.iter().map(|id| ("external_id", id.clone())));
    parameters.extend(hop.mfa.iter().map(|device| ("mfa_serial", device.serial.clone())));
    parameters.extend(seconds(hop.duration.as_ref()));
    parameters.extend(given(&hop.options));
    parameters
}

fn given(options: &SessionOptions) -> impl Iterator<Item = (&'static str, Located<String>)> {
    let given = options.given().into_iter();
    given.map(|(flag, value)| (flag.trim_start_matches('-'), Located::flag(value, flag)))
}
