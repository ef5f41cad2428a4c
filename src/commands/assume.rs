//! `rolenv assume`: from a target to statements.

use std::ffi::OsString;

use time::{OffsetDateTime, UtcOffset};

use super::{CORRUPT_RESTORE, Context, script, write_request};
use crate::cli::{self, AssumeArgs, RoleArgs};
use crate::config::Origin;
use crate::credentials::{AssumedRole, Session};
use crate::credentials_file;
use crate::env::{Basis, Change, Environment, Var};
use crate::error::Error;
use crate::output::Output;
use crate::plan::{Plan, is_account};
use crate::session;
use crate::terminal::Terminal;
use crate::timestamp;

/// The target that stands for the role that this shell was in before.
const PREVIOUS: &str = "-";

pub(super) fn run(options: &AssumeArgs, context: &Context<'_>) -> Result<Output, Error> {
    let terminal = Terminal::new(options.output.quiet);
    let dialect = context.dialect(&options.output);
    context.guard(&options.output, dialect, "credentials are")?;
    // The system tells the zone only while the process has one thread.
    let zone = if Terminal::shows_notes() {
        UtcOffset::current_local_offset().ok()
    } else {
        None
    };

    let previous = match options.role.target.as_deref() {
        Some(PREVIOUS) => Some(previous(options, context)?),
        _ => None,
    };
    let (role, request) = match &previous {
        Some((role, request)) => (role, request.clone()),
        None => (&options.role, cli::redact::role_options(context.arguments)),
    };
    let plan = context.plan(role, &terminal)?;
    for note in &plan.notes {
        terminal.note(note);
    }
    // A name that the shell cannot represent is reported before an MFA code is used.
    let name = Change::Set(Var::RolenvProfile, plan.target.clone().into());
    dialect.carries(&name)?;
    let store = write_request(&options.write_profile);
    if let Some(write_request) = &store {
        credentials_file::check(write_request, &plan, context.original())?;
    }
    if context.environment.cleared().basis == Basis::Corrupt {
        terminal.note(CORRUPT_RESTORE);
    }
    let session_context = context.session_context(&plan, role, &request, &options.cache, &terminal);
    let session = session::session(&plan, session_context)?;
    let request = std::iter::once(plan.target.clone()).chain(request).collect();
    let variables = variables(&plan, &session, context.original());
    let changes = context.environment.assumed(variables, request);
    let script = script(&options.output, dialect, &changes)?;
    if let Some(write_request) = &store {
        context.store(write_request, &plan, &session, &terminal)?;
    }
    let notes = replaced(&plan, &changes, context.original());
    for note in plan.region_note.iter().chain(&notes) {
        terminal.note(note);
    }
    terminal.success(success(&plan, &session, &changes, zone));
    Ok(script)
}

/// The request before the last one in this shell, and its options.
fn previous(options: &AssumeArgs, context: &Context<'_>) -> Result<(RoleArgs, Vec<String>), Error> {
    let usage = |message: &str, hint: &str| Error::Usage {
        message: message.to_owned(),
        hint: Some(hint.to_owned()),
    };
    if !cli::redact::role_options(context.arguments).is_empty() {
        return Err(usage(
            "`-` repeats a request with its options; it cannot be used with others",
            "run `rolenv assume -`, or name the target",
        ));
    }
    let [_, request] = context.environment.requests();
    let role = cli::role(request).ok_or_else(|| {
        let message = "`-` is the role before the current one: this shell was in no other role";
        usage(message, "name the target: `rolenv assume PROFILE`")
    })?;
    if role.chain {
        return Err(usage(
            "`-` cannot repeat a request with `--chain`: the role that it started from is no longer in this shell",
            "assume the first role of the chain again, then the next with `--chain`",
        ));
    }
    let role = RoleArgs {
        mfa_code: options.role.mfa_code.clone(),
        ..role
    };
    Ok((role, request.iter().skip(1).cloned().collect()))
}

fn variables(plan: &Plan, session: &Session, original: &Environment) -> Vec<(Var, OsString)> {
    let mut variables = session.variables();
    variables.push((Var::RolenvProfile, plan.target.clone().into()));
    if let Some(role) = plan.roles().last() {
        variables.push((Var::RolenvRoleArn, role.to_string().into()));
    }
    for var in [Var::Region, Var::DefaultRegion] {
        // Without a region of the target, the user's own stays.
        let region = match &plan.region {
            Some(region) => Some(region.value.clone().into()),
            None => original.get(var.name()).map(ToOwned::to_owned),
        };
        variables.extend(region.map(|region| (var, region)));
    }
    variables.extend(account(plan, session).map(|account| (Var::AccountId, account.into())));
    variables
}

/// The account of the session, by which SDKs choose endpoints.
fn account(plan: &Plan, session: &Session) -> Option<String> {
    let of_role = plan.roles().last().map(|role| role.account().to_owned());
    let account = of_role.or_else(|| session.keys.account_id.clone());
    account.filter(|account| is_account(account))
}

/// Notes about variables of the user that have another value now.
fn replaced(plan: &Plan, changes: &[Change], original: &Environment) -> Vec<String> {
    let mut notes = Vec::new();
    let user = |var: Var| original.text(var.name()).ok().flatten();
    if let Some(region) = &plan.region
        && !matches!(region.origin, Origin::Flag(_))
        && let Some((var, own)) = [Var::Region, Var::DefaultRegion]
            .into_iter()
            .find_map(|var| Some((var, user(var)?)))
        && own != region.value
    {
        notes.push(format!(
            "region `{}` of the target replaces `{}={own}`",
            region.value,
            var.name()
        ));
    }
    let account = changes.iter().find_map(|change| match change {
        Change::Set(Var::AccountId, account) => account.to_str(),
        _ => None,
    });
    if let (Some(own), Some(account)) = (user(Var::AccountId), account)
        && own != account
    {
        notes.push(format!(
            "account `{account}` of the session replaces `AWS_ACCOUNT_ID={own}`"
        ));
    }
    notes
}

/// `TARGET: ROLE in ACCOUNT, REGION, 59m left (until 15:04)`; the time in this machine's zone, else in UTC.
fn success(plan: &Plan, session: &Session, changes: &[Change], zone: Option<UtcOffset>) -> String {
    let role = session.assumed.as_ref().and_then(AssumedRole::role);
    let identity = match (role, account(plan, session)) {
        (Some(role), Some(account)) => format!("{role} in {account}"),
        (Some(role), None) => role.to_owned(),
        (None, _) if session.keys.session_token.is_some() => "session".to_owned(),
        (None, _) => "long-term access key".to_owned(),
    };
    let region = changes.iter().find_map(|change| match change {
        Change::Set(Var::Region | Var::DefaultRegion, region) => region.to_str(),
        _ => None,
    });
    let expiration = session.expiration.map(|expiration| {
        let left = timestamp::minutes(expiration - OffsetDateTime::now_utc());
        let local = expiration.to_offset(zone.unwrap_or(UtcOffset::UTC));
        let utc = if zone.is_none() { "Z" } else { "" };
        format!("{left} left (until {:02}:{:02}{utc})", local.hour(), local.minute())
    });
    let cached = session.is_cached.then(|| "cached".to_owned());
    let parts = [Some(identity), region.map(str::to_owned), expiration, cached];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("{}: {}", plan.target, parts.join(", "))
}
