//! Creates the report for a plan.

use serde_json::Value;

use super::policies::{self, Claims, PROVIDER};
use super::principal::{ACCOUNT, Principal, first_caller};
use super::report::{Destination, Report, StepReport};
use crate::config::{Located, Origin};
use crate::credentials::masked;
use crate::plan::{
    AssumeRole, AssumeRoleWithWebIdentity, EndpointConfig, GetSessionToken, Plan, RoleArn, SessionOptions, SourceKind,
    Step,
};
use crate::session::RouteReport;
use crate::subprocess::program_name;

/// The report for a plan and its cache entries. `problems`: found so far. `token`: the web identity's token,
/// of which only public claims are shown.
pub(super) fn report(plan: &Plan, route: &RouteReport<'_>, mut problems: Vec<String>, token: Option<&str>) -> Report {
    if route.needs_source
        && let Some(nothing) = &plan.source.fallback_for
    {
        problems.push(format!(
            "{nothing}; the only other source is the role of an EC2 instance"
        ));
    }
    let sts = destination(plan);
    Report {
        target: plan.target.clone(),
        region: plan.region.clone(),
        source: source(plan),
        source_kind: plan.source.kind.name(),
        source_origin: plan.source.origin.to_string(),
        source_endpoint: source_endpoint(&plan.source.kind),
        steps: steps(plan, route, token),
        sts,
        problems,
        notes: plan.notes.clone(),
    }
}

fn source(plan: &Plan) -> String {
    let owner = &plan.source;
    match &plan.source.kind {
        SourceKind::Keys { keys, .. } => {
            let what = match keys.session_token {
                Some(_) => "a session with access key",
                None => "access key",
            };
            format!("{owner}: {what} {}", masked(&keys.access_key_id))
        }
        // The arguments may contain secrets.
        SourceKind::Process { command } => {
            format!("{owner}: what `{}` prints", program_name(command))
        }
        SourceKind::Sso(sso) => format!(
            "{owner}: role `{}` of account {} by SSO ({})",
            sso.role_name.value, sso.account_id.value, sso.start_url.value
        ),
        SourceKind::WebIdentity(token_file) => format!("{owner}: the token in `{}`", token_file.value),
        SourceKind::Container(_) | SourceKind::Instance(_) => owner.to_string(),
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

fn steps(plan: &Plan, route: &RouteReport<'_>, token: Option<&str>) -> Vec<StepReport> {
    let mut signer = plan.source.to_string();
    let mut previous: Option<&Step> = None;
    let mut steps = Vec::new();
    for (step, state) in plan.steps.iter().zip(&route.steps) {
        let report = match step {
            Step::AssumeRole(step) => {
                let caller = match previous.and_then(Step::role) {
                    Some(role) => Principal::Arn(role.value.to_string()),
                    None => first_caller(plan, step.role.value.partition()),
                };
                assume_role(step, signer, &caller)
            }
            Step::AssumeRoleWithWebIdentity(step) => web_identity(step, plan, token),
            Step::GetSessionToken(step) => session_token(step, signer),
        };
        steps.push(StepReport {
            cached: state.session,
            mfa_session: state.mfa_session,
            ..report
        });
        signer = match step {
            Step::AssumeRole(step) => session_name(&step.role, &step.session_name),
            Step::AssumeRoleWithWebIdentity(step) => session_name(&step.role, &step.session_name),
            Step::GetSessionToken(_) => plan.source.to_string(),
        };
        previous = Some(step);
    }
    steps
}

/// The session of a role, for display.
fn session_name(role: &Located<RoleArn>, name: &Located<String>) -> String {
    format!("`{}`", role.value.session(&name.value))
}

fn assume_role(step: &AssumeRole, signer: String, caller: &Principal) -> StepReport {
    let mut parameters = vec![("role_session_name", step.session_name.clone())];
    parameters.extend(step.external_id.iter().map(|id| ("external_id", id.clone())));
    parameters.extend(step.mfa.iter().map(|device| ("mfa_serial", device.serial.clone())));
    parameters.extend(seconds(step.duration.as_ref()));
    parameters.extend(given(&step.options));
    let is_unknown = matches!(caller, Principal::Unknown { .. });
    StepReport {
        role: Some(step.role.clone().map(|role| role.to_string())),
        permission_policy: Some(policies::permission(step)),
        trust_policy: Some(policies::trust(step, caller)),
        placeholder: is_unknown.then_some((ACCOUNT, "the caller's account, which is unknown before a request")),
        ..StepReport::new("AssumeRole", signer, parameters)
    }
}

fn session_token(step: &GetSessionToken, signer: String) -> StepReport {
    let mut parameters = vec![("mfa_serial", step.device.serial.clone())];
    parameters.extend(seconds(step.duration.as_ref()));
    StepReport::new("GetSessionToken", signer, parameters)
}

fn web_identity(step: &AssumeRoleWithWebIdentity, plan: &Plan, token: Option<&str>) -> StepReport {
    let claims = token.and_then(claims).unwrap_or_default();
    let is_unknown = claims.issuer.is_none();
    let mut parameters = vec![("role_session_name", step.session_name.clone())];
    if let SourceKind::WebIdentity(token_file) = &plan.source.kind {
        parameters.push(("web_identity_token_file", token_file.clone()));
    }
    parameters.extend(seconds(step.duration.as_ref()));
    parameters.extend(given(&step.options));
    StepReport {
        role: Some(step.role.clone().map(|role| role.to_string())),
        trust_policy: Some(policies::web_identity_trust(&step.role.value, &claims)),
        placeholder: is_unknown.then_some((PROVIDER, "the identity provider, which the token does not contain")),
        ..StepReport::new(
            "AssumeRoleWithWebIdentity",
            "unsigned (web identity token)".to_owned(),
            parameters,
        )
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

fn given(options: &SessionOptions) -> impl Iterator<Item = (&'static str, Located<String>)> {
    let given = options.given().into_iter();
    given.map(|(flag, value)| (flag.trim_start_matches('-'), Located::flag(value, flag)))
}
