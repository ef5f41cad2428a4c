//! `rolenv assume`: from a target to statements.

use std::ffi::OsString;

use time::OffsetDateTime;

use super::{CORRUPT_RESTORE, Context, script, write_request};
use crate::cli::{AssumeArgs, RoleArgs};
use crate::credentials::Session;
use crate::credentials_file;
use crate::env::{Basis, Change, Var};
use crate::error::Error;
use crate::output::Output;
use crate::plan::Plan;
use crate::session;
use crate::terminal::Terminal;
use crate::timestamp::minutes;

pub(super) fn run(options: &AssumeArgs, context: &Context<'_>) -> Result<Output, Error> {
    let terminal = Terminal::new(options.output.quiet);
    let dialect = context.dialect(&options.output);
    context.guard(&options.output, dialect, "credentials are")?;

    let plan = context.plan(&options.role, &terminal)?;
    for note in &plan.notes {
        terminal.note(note);
    }
    tell_ignored(&options.role, context, &terminal);
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
    let session_context = context.session_context(&plan, &options.role, &options.cache, &terminal);
    let session = session::session(&plan, session_context)?;
    let changes = context.environment.assumed(variables(&plan, &session));
    let script = script(&options.output, dialect, &changes)?;
    if let Some(write_request) = &store {
        context.store(write_request, &plan, &session, &terminal)?;
    }
    tell(&plan, &session, options.role.chain, context, &terminal);
    Ok(script)
}

/// Inside a role, a profile variable that was set since is ignored, with a note.
fn tell_ignored(role: &RoleArgs, context: &Context<'_>, terminal: &Terminal) {
    let is_named = role.target.as_ref().is_some_and(|target| !target.contains(':'));
    if is_named || role.chain || role.source_profile.is_some() {
        return;
    }
    if let Some(var) = context.environment.profile_set_inside() {
        terminal.note(format_args!(
            "ignoring `{}`, which was set after a role was assumed: pass the profile name, or run `rolenv clear` first",
            var.name()
        ));
    }
}

fn variables(plan: &Plan, session: &Session) -> Vec<(Var, OsString)> {
    let mut variables = session.variables();
    variables.push((Var::RolenvProfile, plan.target.clone().into()));
    if let Some(role) = plan.roles().last() {
        variables.push((Var::RolenvRoleArn, role.to_string().into()));
    }
    if let Some(region) = &plan.region {
        variables.push((Var::Region, region.value.clone().into()));
        variables.push((Var::DefaultRegion, region.value.clone().into()));
    }
    variables
}

/// The success line, and a note about a region that was unset.
fn tell(plan: &Plan, session: &Session, chain: bool, context: &Context<'_>, terminal: &Terminal) {
    let who = session.assumed.as_ref().map_or(&plan.target, |assumed| &assumed.arn);
    match (session.expiration, session.expiration_text()) {
        (Some(expiration), Some(until)) => {
            let left = expiration - OffsetDateTime::now_utc();
            terminal.note(format_args!("{who} for {}, until {until}", minutes(left)));
        }
        _ if session.keys.session_token.is_some() => {
            terminal.note(format_args!("{who}: temporary credentials, expiration unknown"));
        }
        _ => terminal.note(format_args!("{who}: long-term access key")),
    }
    if plan.region.is_none() {
        // With --chain the region of the previous role is unset, too.
        let before = if chain { context.environment } else { context.original() };
        let lost = [Var::Region, Var::DefaultRegion]
            .into_iter()
            .find(|var| before.get(var.name()).is_some());
        if let Some(var) = lost {
            terminal.note(format_args!(
                "unset `{}`: the target does not specify a region (use `--region`)",
                var.name()
            ));
        }
    }
}
