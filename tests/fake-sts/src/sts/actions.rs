//! The four actions: what each checks, in which order, and what it answers.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use time::OffsetDateTime;

use super::{
    limits,
    request::Request,
    role::{Arn, Role, Visit},
    tags,
    validate::Validator,
    world::{KnownRole, Mfa, Principal, World},
    xml::{assumed_role_user, credentials, text},
};
use crate::{Fault, refusal::Refusal};

const VERSION: &str = "2011-06-15";
const HOUR: u32 = 3600;
const MAX_ROLE_SESSION: u32 = 12 * HOUR;
const MAX_USER_SESSION: u32 = 36 * HOUR;
/// The documented limit of a session policy in plain text; the packed form's is a secret.
const MAX_POLICY: usize = 2048;

/// A request that is carried out.
pub(crate) struct Call<'a> {
    pub(crate) request: &'a Request,
    /// A fault that changes what a reply says about a session.
    pub(crate) lie: Option<&'a Fault>,
    pub(crate) now: OffsetDateTime,
}

impl<'a> Call<'a> {
    fn caller(&self) -> Result<&'a Principal, Refusal> {
        self.request.caller.as_ref().map_err(Clone::clone)
    }

    fn form(&self) -> &'a BTreeMap<String, String> {
        &self.request.form
    }
}

/// The content of the `<ActionResult>` element.
pub(crate) fn run(world: &mut World, call: &Call) -> Result<String, Refusal> {
    let version = call.form().get("Version").map(String::as_str).unwrap_or_default();
    match call.request.action.as_str() {
        action if version != VERSION => Err(Refusal::unknown_action(action, version)),
        "AssumeRole" => assume_role(world, call),
        "AssumeRoleWithWebIdentity" => assume_role_with_web_identity(world, call),
        "GetCallerIdentity" => get_caller_identity(call),
        "GetSessionToken" => get_session_token(world, call),
        other => Err(Refusal::unknown_action(other, version)),
    }
}

fn get_caller_identity(call: &Call) -> Result<String, Refusal> {
    let caller = call.caller()?;
    let fields = [
        text("Arn", &caller.arn),
        text("UserId", &caller.user_id),
        text("Account", caller.account()),
    ];
    Ok(fields.concat())
}

fn get_session_token(world: &mut World, call: &Call) -> Result<String, Refusal> {
    let caller = call.caller()?;
    let mut form = Validator::new(call.form());
    let duration = form.duration(MAX_USER_SESSION);
    let mfa = (
        form.optional(&limits::SERIAL_NUMBER),
        form.optional(&limits::TOKEN_CODE),
    );
    form.finish()?;
    if caller.in_session {
        return Err(Refusal::session_of_a_session());
    }
    let mfa = spend(world, caller, mfa, call.now)?;
    if !world.may_get_session_token(caller) {
        return Err(Refusal::may_not_get_session_token(&caller.arn));
    }
    // A root session longer than an hour is shortened, not refused.
    let longest = if caller.is_root() { HOUR } else { MAX_USER_SESSION };
    let duration = duration.unwrap_or(12 * HOUR).min(longest);
    let holder = Principal {
        mfa,
        in_session: true,
        ..caller.clone()
    };
    Ok(credentials(&world.issue(holder, duration, call.now, call.lie)))
}

fn assume_role(world: &mut World, call: &Call) -> Result<String, Refusal> {
    let caller = call.caller()?;
    let mut form = Validator::new(call.form());
    let role_arn = form.required(&limits::ROLE_ARN);
    let session_name = form.required(&limits::SESSION_NAME);
    let duration = form.duration(MAX_ROLE_SESSION).unwrap_or(HOUR);
    let external_id = form.optional(&limits::EXTERNAL_ID);
    let mfa = (
        form.optional(&limits::SERIAL_NUMBER),
        form.optional(&limits::TOKEN_CODE),
    );
    let source_identity = form.optional(&limits::SOURCE_IDENTITY);
    form.list(&limits::POLICY_ARNS);
    form.list(&limits::TAGS);
    form.list(&limits::TRANSITIVE_TAG_KEYS);
    form.finish()?;
    check_role_arn(role_arn)?;
    let packed = packed_policy_size(call)?;
    tags::check(call.request)?;
    check_caller(caller, duration)?;

    // The code goes before the trust policy is read: whether there is one is a condition in it.
    let mfa = spend(world, caller, mfa, call.now)?;
    let shown = mfa.as_ref().or(caller.mfa.as_ref());
    let visit = Visit {
        caller_arn: &caller.arn,
        external_id,
        mfa: shown.map(|mfa| mfa.serial.as_str()),
        mfa_age: shown.map(|mfa| call.now - mfa.at),
    };
    let known = find_role(world, role_arn, duration, |role| role.admits(&visit))?
        .ok_or_else(|| Refusal::not_authorized(&caller.arn, role_arn))?;

    let holder = session_of(&known, session_name, mfa);
    let user = assumed_role_user(&holder.user_id, &holder.arn);
    let credentials = credentials(&world.issue(holder, duration, call.now, call.lie));
    let source_identity = source_identity.map(|identity| text("SourceIdentity", identity));
    Ok([source_identity.unwrap_or_default(), user, credentials, packed].concat())
}

/// Needs no signature. This server knows no identity providers: a token is one that the role takes.
fn assume_role_with_web_identity(world: &mut World, call: &Call) -> Result<String, Refusal> {
    let mut form = Validator::new(call.form());
    let role_arn = form.required(&limits::ROLE_ARN);
    let session_name = form.required(&limits::SESSION_NAME);
    let duration = form.duration(MAX_ROLE_SESSION).unwrap_or(HOUR);
    let token = form.required(&limits::WEB_IDENTITY_TOKEN);
    form.list(&limits::POLICY_ARNS);
    form.finish()?;
    check_role_arn(role_arn)?;
    let packed = packed_policy_size(call)?;
    let known = find_role(world, role_arn, duration, Role::admits_web_identities)?
        .ok_or_else(Refusal::not_authorized_for_web_identity)?;
    if !known.role.believes(token) {
        return Err(Refusal::wrong_identity_token());
    }

    let holder = session_of(&known, session_name, None);
    let user = assumed_role_user(&holder.user_id, &holder.arn);
    let fields = [
        text("SubjectFromWebIdentityToken", "subject"),
        text("Audience", "sts.amazonaws.com"),
        user,
        credentials(&world.issue(holder, duration, call.now, call.lie)),
        packed,
        text("Provider", "issuer.example"),
    ];
    Ok(fields.concat())
}

fn check_caller(caller: &Principal, duration: u32) -> Result<(), Refusal> {
    if caller.is_root() {
        Err(Refusal::root_account())
    } else if caller.is_assumed_role() && duration > HOUR {
        Err(Refusal::chained_too_long())
    } else {
        Ok(())
    }
}

fn check_role_arn(arn: &str) -> Result<(), Refusal> {
    let is_role = Arn::parse(arn).is_some_and(|arn| arn.is_role());
    if is_role {
        Ok(())
    } else {
        Err(Refusal::validation(format!("{arn} is invalid")))
    }
}

/// The role, if it exists and lets the caller in. Only who is let in learns how long it lasts.
fn find_role(
    world: &World,
    arn: &str,
    duration: u32,
    admits: impl Fn(&Role) -> bool,
) -> Result<Option<KnownRole>, Refusal> {
    match world.role(arn).filter(|known| admits(&known.role)) {
        Some(known) if duration > known.role.max_duration => Err(Refusal::longer_than_role_allows()),
        known => Ok(known.cloned()),
    }
}

/// The code that was accepted, if one was sent.
fn spend(
    world: &mut World,
    caller: &Principal,
    mfa: (Option<&str>, Option<&str>),
    now: OffsetDateTime,
) -> Result<Option<Mfa>, Refusal> {
    match mfa {
        (None, None) => Ok(None),
        (Some(serial), Some(digits)) => {
            world.spend_code(caller, serial, digits)?;
            Ok(Some(Mfa {
                serial: serial.to_owned(),
                at: now,
            }))
        }
        _ => Err(Refusal::half_of_mfa()),
    }
}

fn session_of(known: &KnownRole, session_name: &str, mfa: Option<Mfa>) -> Principal {
    Principal {
        arn: known.role.session_arn(session_name),
        user_id: format!("{}:{session_name}", known.unique_id),
        mfa,
        in_session: true,
    }
}

/// The element that says how full a session policy is, if there is one.
fn packed_policy_size(call: &Call) -> Result<String, Refusal> {
    let Some(policy) = call.form().get("Policy") else {
        return Ok(String::new());
    };
    serde_json::from_str::<Map<String, Value>>(policy).map_err(|_| Refusal::malformed_policy())?;
    match (policy.len() * 100).div_ceil(MAX_POLICY) {
        percent @ ..=100 => Ok(text("PackedPolicySize", &percent.to_string())),
        percent => Err(Refusal::packed_policy(percent)),
    }
}
