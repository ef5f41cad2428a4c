//! `rolenv assume`: from a target to statements.

use std::ffi::OsString;

use time::OffsetDateTime;

use super::{Context, DAMAGED, script};
use crate::aws::Sts;
use crate::cli::{Assume, Role};
use crate::environment::{Basis, Change, Var};
use crate::error::Error;
use crate::mfa::{self, Code};
use crate::profile::{Files, Plan, PlanError, Profiles, Request, Signer};
use crate::session::Session;
use crate::terminal::Terminal;

pub(super) fn run(options: &Assume, context: &Context<'_>) -> Result<Vec<u8>, Error> {
    let terminal = Terminal::new(options.output.quiet);
    let dialect = context.dialect(&options.output);
    context.guard(&options.output, dialect, "credentials are")?;

    let plan = plan(&options.role, context, &terminal)?;
    // A name that the shell cannot carry is told before a code is spent.
    let name = Change::Set(Var::RolenvProfile, plan.target.clone().into());
    dialect.carries(&name)?;
    let code = mfa::code(
        plan.mfa_serials(),
        options.role.mfa_code.as_deref(),
        context.environment,
    )?;

    if context.environment.cleared().basis == Basis::Damage {
        terminal.note(DAMAGED);
    }
    let session = session(&plan, code)?;
    let changes = context.environment.assumed(variables(&plan, &session));
    let script = script(&options.output, dialect, &changes)?;
    tell(&plan, &session, options.role.chain, context, &terminal);
    Ok(script)
}

fn plan(role: &Role, context: &Context<'_>, terminal: &Terminal) -> Result<Plan, Error> {
    let files = Files::read(&context.environment.original())?;
    let profiles = Profiles::parse(&files);
    let plan = Plan::new(&request(role), &files, &profiles, context.environment);
    // When the damage is what stops us, the error says it.
    if !matches!(plan, Err(PlanError::Malformed(_))) {
        for damage in profiles.damage() {
            terminal.note(format_args!("{damage}; the AWS CLI would not read this file"));
        }
    }
    let plan = plan?;
    for note in &plan.notes {
        terminal.note(note);
    }
    Ok(plan)
}

fn request(role: &Role) -> Request {
    Request {
        target: role.target.clone(),
        source_profile: role.source_profile.clone(),
        duration: role.duration,
        session_name: role.session_name.clone(),
        external_id: role.external_id.clone(),
        region: role.region.clone(),
        mfa_serial: role.mfa_serial.clone(),
        chain: role.chain,
    }
}

/// Goes the planned way, request by request. A target that holds its own keys needs none.
fn session(plan: &Plan, mut code: Option<Code>) -> Result<Session, Error> {
    let mut session = Session {
        keys: plan.signer.keys.clone(),
        expiration: None,
        arn: None,
    };
    if plan.mfa_session.is_none() && plan.hops.is_empty() {
        return Ok(session);
    }
    let sts = Sts::open(&plan.reach)?;
    let mut signer = plan.signer.clone();
    if let Some(wanted) = &plan.mfa_session {
        session = sts.get_session_token(&signer, wanted, code.take())?;
    }
    for hop in &plan.hops {
        let own_code = if hop.mfa_serial.is_some() { code.take() } else { None };
        session = sts.assume_role(&signer, hop, own_code)?;
        signer = Signer {
            keys: session.keys.clone(),
            whose: format!("role `{}`", hop.role),
        };
    }
    Ok(session)
}

fn variables(plan: &Plan, session: &Session) -> Vec<(Var, OsString)> {
    let mut variables = session.variables();
    variables.push((Var::RolenvProfile, plan.target.clone().into()));
    if let Some(hop) = plan.hops.last() {
        variables.push((Var::RolenvRoleArn, hop.role.to_string().into()));
    }
    if let Some(region) = &plan.region {
        variables.push((Var::Region, region.into()));
        variables.push((Var::DefaultRegion, region.into()));
    }
    variables
}

/// One line: who the shell is now, and for how long; and what a person may miss.
fn tell(plan: &Plan, session: &Session, chain: bool, context: &Context<'_>, terminal: &Terminal) {
    let who = session.arn.as_deref().unwrap_or(&plan.target);
    match (session.expiration, session.expiration_text()) {
        (Some(expiration), Some(until)) => {
            let left = expiration - OffsetDateTime::now_utc();
            terminal.note(format_args!("{who} for {}, until {until}", minutes(left)));
        }
        _ if session.keys.session_token.is_some() => {
            terminal.note(format_args!(
                "{who} with the session that the profile holds; nobody said when it ends"
            ));
        }
        _ => terminal.note(format_args!("{who} with its own keys, which do not expire")),
    }
    if plan.region.is_none() {
        // With --chain the region of the role before goes, too.
        let before = if chain {
            context.environment.clone()
        } else {
            context.environment.original()
        };
        let lost = [Var::Region, Var::DefaultRegion]
            .into_iter()
            .find(|var| before.get(var.name()).is_some());
        if let Some(var) = lost {
            terminal.note(format_args!(
                "`{}` is unset: the target names no region; `--region` gives one",
                var.name()
            ));
        }
    }
}

/// `1h`, `59m`, `1h30m`; to the nearest minute.
fn minutes(duration: time::Duration) -> String {
    let minutes = (duration.whole_seconds() + 30) / 60;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h{minutes}m"),
    }
}
