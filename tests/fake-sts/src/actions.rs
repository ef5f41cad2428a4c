//! The four actions: what each checks, in which order, and what it answers.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use crate::{
    Fault, Role,
    refusal::Refusal,
    reply::{assumed_role_user, text},
    role::{Arn, Visit},
    validate::{self, Validator},
    world::{KnownRole, Principal, World},
};

const VERSION: &str = "2011-06-15";
const HOUR: u32 = 3600;
const MAX_ROLE_SESSION: u32 = 12 * HOUR;
const MAX_USER_SESSION: u32 = 36 * HOUR;
/// The documented limit of a session policy in plain text; the packed form's is a secret.
const MAX_POLICY: usize = 2048;

/// A request, understood.
pub(crate) struct Call<'a> {
    pub(crate) action: &'a str,
    pub(crate) form: &'a BTreeMap<String, String>,
    pub(crate) caller: Result<Principal, Refusal>,
    /// A fault that changes what a reply says about a session.
    pub(crate) lie: Option<&'a Fault>,
}

impl Call<'_> {
    fn caller(&self) -> Result<&Principal, Refusal> {
        self.caller.as_ref().map_err(Clone::clone)
    }
}

/// The content of the `<ActionResult>` element.
pub(crate) fn run(world: &mut World, call: &Call, now: OffsetDateTime) -> Result<String, Refusal> {
    let version = call.form.get("Version").map(String::as_str).unwrap_or_default();
    match call.action {
        _ if version != VERSION => Err(Refusal::unknown_action(call.action, version)),
        "AssumeRole" => assume_role(world, call, now),
        "AssumeRoleWithWebIdentity" => assume_role_with_web_identity(world, call, now),
        "GetCallerIdentity" => get_caller_identity(call),
        "GetSessionToken" => get_session_token(world, call, now),
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

fn get_session_token(world: &mut World, call: &Call, now: OffsetDateTime) -> Result<String, Refusal> {
    let caller = call.caller()?;
    let mut form = Validator::new(call.form);
    let duration = form.duration(MAX_USER_SESSION);
    let mfa = (
        form.optional(&validate::SERIAL_NUMBER),
        form.optional(&validate::TOKEN_CODE),
    );
    form.finish()?;
    if caller.in_session {
        return Err(Refusal::session_of_a_session());
    }
    let mfa = spend(world, caller, mfa)?;
    // A root session longer than an hour is shortened, not refused.
    let longest = if caller.is_root() { HOUR } else { MAX_USER_SESSION };
    let duration = duration.unwrap_or(12 * HOUR).min(longest);
    let holder = Principal {
        mfa,
        in_session: true,
        ..caller.clone()
    };
    Ok(world.issue(holder, duration, now, call.lie).element())
}

fn assume_role(world: &mut World, call: &Call, now: OffsetDateTime) -> Result<String, Refusal> {
    let caller = call.caller()?;
    let mut form = Validator::new(call.form);
    let role_arn = form.required(&validate::ROLE_ARN);
    let session_name = form.required(&validate::SESSION_NAME);
    let duration = form.duration(MAX_ROLE_SESSION).unwrap_or(HOUR);
    let external_id = form.optional(&validate::EXTERNAL_ID);
    let mfa = (
        form.optional(&validate::SERIAL_NUMBER),
        form.optional(&validate::TOKEN_CODE),
    );
    let source_identity = form.optional(&validate::SOURCE_IDENTITY);
    form.finish()?;
    check_role_arn(role_arn)?;
    let packed = packed_policy_size(call.form)?;
    if caller.is_root() {
        return Err(Refusal::root_account());
    }
    if caller.is_assumed_role() && duration > HOUR {
        return Err(Refusal::chained_too_long());
    }

    // The code goes before the trust policy is read: whether there is one is a condition in it.
    let mfa = spend(world, caller, mfa)?;
    let visit = Visit {
        caller_arn: &caller.arn,
        external_id,
        mfa: mfa.as_deref().or(caller.mfa.as_deref()),
    };
    let known = find_role(world, role_arn, duration, |role| role.admits(&visit))?
        .ok_or_else(|| Refusal::not_authorized(&caller.arn, role_arn))?;

    let holder = session_of(&known, session_name, mfa);
    let user = assumed_role_user(&holder.user_id, &holder.arn);
    let credentials = world.issue(holder, duration, now, call.lie).element();
    let source_identity = source_identity.map(|identity| text("SourceIdentity", identity));
    let packed = packed.map(|percent| text("PackedPolicySize", &percent.to_string()));
    let (first, last) = (source_identity.unwrap_or_default(), packed.unwrap_or_default());
    Ok([first, user, credentials, last].concat())
}

/// Needs no signature. Any token will do: this server knows no identity providers.
fn assume_role_with_web_identity(world: &mut World, call: &Call, now: OffsetDateTime) -> Result<String, Refusal> {
    let mut form = Validator::new(call.form);
    let role_arn = form.required(&validate::ROLE_ARN);
    let session_name = form.required(&validate::SESSION_NAME);
    let duration = form.duration(MAX_ROLE_SESSION).unwrap_or(HOUR);
    form.required(&validate::WEB_IDENTITY_TOKEN);
    form.finish()?;
    check_role_arn(role_arn)?;
    let known = find_role(world, role_arn, duration, Role::admits_web_identities)?
        .ok_or_else(Refusal::not_authorized_for_web_identity)?;

    let holder = session_of(&known, session_name, None);
    let user = assumed_role_user(&holder.user_id, &holder.arn);
    let fields = [
        text("SubjectFromWebIdentityToken", "subject"),
        text("Audience", "sts.amazonaws.com"),
        user,
        world.issue(holder, duration, now, call.lie).element(),
        text("Provider", "issuer.example"),
    ];
    Ok(fields.concat())
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

/// The serial whose code was accepted, if one was sent.
fn spend(world: &mut World, caller: &Principal, mfa: (Option<&str>, Option<&str>)) -> Result<Option<String>, Refusal> {
    match mfa {
        (None, None) => Ok(None),
        (Some(serial), Some(digits)) => {
            world.spend_code(caller, serial, digits)?;
            Ok(Some(serial.to_owned()))
        }
        _ => Err(Refusal::half_of_mfa()),
    }
}

fn session_of(known: &KnownRole, session_name: &str, mfa: Option<String>) -> Principal {
    Principal {
        arn: known.role.session_arn(session_name),
        user_id: format!("{}:{session_name}", known.unique_id),
        mfa,
        in_session: true,
    }
}

/// How full a session policy is, in percent, if there is one.
fn packed_policy_size(form: &BTreeMap<String, String>) -> Result<Option<usize>, Refusal> {
    let Some(policy) = form.get("Policy") else {
        return Ok(None);
    };
    match (policy.len() * 100).div_ceil(MAX_POLICY) {
        percent @ ..=100 => Ok(Some(percent)),
        percent => Err(Refusal::packed_policy(percent)),
    }
}
