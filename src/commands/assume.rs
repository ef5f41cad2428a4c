//! `rolenv assume`: from a target to statements.

use std::ffi::OsString;

use time::OffsetDateTime;

use super::{Context, DAMAGED, script};
use crate::aws::{Aws, AwsError};
use crate::cli::{Assume, Role};
use crate::environment::{Basis, Change, Var};
use crate::error::Error;
use crate::mfa::{Code, Codes};
use crate::moment::minutes;
use crate::plan::{MfaDevice, Plan};
use crate::profile::quoted;
use crate::session::Session;
use crate::terminal::Terminal;

pub(super) fn run(options: &Assume, context: &Context<'_>) -> Result<Vec<u8>, Error> {
    let terminal = Terminal::new(options.output.quiet);
    let dialect = context.dialect(&options.output);
    context.guard(&options.output, dialect, "credentials are")?;

    let plan = context.plan(&options.role, &terminal)?;
    for note in &plan.notes {
        terminal.note(note);
    }
    // A name that the shell cannot carry is told before a code is spent.
    let name = Change::Set(Var::RolenvProfile, plan.target.clone().into());
    dialect.carries(&name)?;
    let mut codes = Codes::new(options.role.mfa_code.as_deref(), context.environment, &terminal);
    // What can be foreseen is told before anyone is asked for anything.
    codes.check(plan.mfa_devices())?;

    if context.environment.cleared().basis == Basis::Damage {
        terminal.note(DAMAGED);
    }
    let session = session(&plan, &options.role, &mut codes, context)?;
    let changes = context.environment.assumed(variables(&plan, &session));
    let script = script(&options.output, dialect, &changes)?;
    tell(&plan, &session, options.role.chain, context, &terminal);
    Ok(script)
}

/// Goes the planned way, request by request. A target that holds its own keys needs none.
fn session(plan: &Plan, role: &Role, codes: &mut Codes<'_>, context: &Context<'_>) -> Result<Session, Error> {
    let explain: Vec<String> = role.words(&plan.target);
    let explain: Vec<_> = explain.iter().map(|word| quoted(word)).collect();
    let aws = Aws::new(&plan.reach, format!("rolenv explain {}", explain.join(" ")));
    let original = context.environment.original();
    let mut overheard = |said: &[u8]| Terminal::overheard(said);
    let mut session = aws.credentials(&plan.source, &plan.reach, &original, &mut overheard)?;
    if let Some(wanted) = &plan.mfa_session {
        session = with_code(codes, &wanted.device, "a session", |code| {
            aws.get_session_token(&plan.reach, &session, wanted, Some(code))
        })?;
    }
    if plan.hops.is_empty() {
        return Ok(session);
    }
    let reach = aws.located(plan);
    for (index, hop) in plan.hops.iter().enumerate() {
        let position = (index + 1, plan.hops.len());
        let assume = |code| aws.assume_role(&reach, &session, hop, code, position);
        session = match &hop.mfa {
            Some(device) => {
                let what = format!("`{}`", hop.role.value);
                with_code(codes, device, &what, |code| assume(Some(code)))?
            }
            None => assume(None)?,
        };
    }
    Ok(session)
}

/// Makes a request that takes a code, with another code for as long as AWS refuses it and there is one.
fn with_code(
    codes: &mut Codes<'_>,
    device: &MfaDevice,
    what: &str,
    request: impl Fn(Code) -> Result<Session, AwsError>,
) -> Result<Session, Error> {
    loop {
        match request(codes.next(device, what)?) {
            Err(error) if error.is_wrong_code() && codes.refused() => {}
            answer => return Ok(answer?),
        }
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

/// One line: who the shell is now, and for how long; and what a person may miss.
fn tell(plan: &Plan, session: &Session, chain: bool, context: &Context<'_>, terminal: &Terminal) {
    let who = session.assumed.as_ref().map_or(&plan.target, |assumed| &assumed.arn);
    match (session.expiration, session.expiration_text()) {
        (Some(expiration), Some(until)) => {
            let left = expiration - OffsetDateTime::now_utc();
            terminal.note(format_args!("{who} for {}, until {until}", minutes(left)));
        }
        _ if session.keys.session_token.is_some() => {
            terminal.note(format_args!("{who} with a session; nobody said when it ends"));
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
