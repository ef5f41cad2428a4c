//! `rolenv cache list` and `rolenv cache clear`. Makes no request.

mod table;
mod told;

use serde_json::json;
use time::OffsetDateTime;

use super::Context;
use crate::aws::token_to_show;
use crate::cache::{Cache, CacheFile, CacheKey, Contents, Removed};
use crate::cli::{self, CacheClearArgs, CacheListArgs};
use crate::error::Error;
use crate::output::{Done, Output};
use crate::plan::{Plan, RoleArn, SourceKind};
use crate::terminal::Terminal;

pub(super) fn list(options: &CacheListArgs, context: &Context<'_>) -> Done {
    let (held, failures) = Cache::of(context.original()).map_or_else(Default::default, |it| it.held());
    for failure in &failures {
        Terminal::error(failure, None);
    }
    let now = OffsetDateTime::now_utc();
    let output = if options.json {
        Output::Json(json!({ "sessions": told::objects(&held, now) }))
    } else if held.is_empty() && !failures.is_empty() {
        Output::None
    } else {
        Output::Text(table::table(&held, now))
    };
    Done {
        output,
        exit_status: u8::from(!failures.is_empty()),
    }
}

pub(super) fn clear(options: &CacheClearArgs, context: &Context<'_>) -> Result<Done, Error> {
    let terminal = Terminal::new(options.quiet);
    let scope = match &options.target {
        Some(target) => scope(target, context, &terminal)?,
        None => Scope::All,
    };
    let cache = Cache::of(context.original());
    let cleared = cache.map(|cache| clear_scope(&cache, &scope));
    let cleared = cleared.unwrap_or_default();
    for failure in &cleared.failures {
        Terminal::error(failure, None);
    }
    let lines = told::removals(&cleared);
    let output = if options.json {
        let now = OffsetDateTime::now_utc();
        let [removed, skipped] = [&cleared.removed, &cleared.left].map(|held| told::objects(held, now));
        Output::Json(json!({ "removed": removed, "skipped": skipped, "temporary_files": cleared.leftovers }))
    } else if lines.is_empty() && cleared.failures.is_empty() {
        let whose = options.target.as_ref().map(|target| format!(" of `{target}`"));
        let whose = whose.unwrap_or_default();
        Output::Text(format!("nothing to remove: no cached session{whose}\n"))
    } else {
        Output::Text(lines.join("\n") + "\n")
    };
    Ok(Done {
        output,
        exit_status: u8::from(!cleared.failures.is_empty()),
    })
}

/// What to remove.
enum Scope {
    All,
    /// The sessions of the plan's last role with any options, or, without a role, of the MFA device. MFA sessions and
    /// the sessions of other roles of a chain stay, so that no code is needed.
    Plan(Box<Plan>),
    /// The sessions of a role for which there is no plan.
    Role(RoleArn),
}

fn scope(target: &str, context: &Context<'_>, terminal: &Terminal) -> Result<Scope, Error> {
    let role = cli::RoleArgs {
        target: Some(target.to_owned()),
        ..cli::RoleArgs::default()
    };
    match (context.plan(&role, terminal), RoleArn::parse_target(target)) {
        (Ok(plan), _) => Ok(Scope::Plan(Box::new(plan))),
        (Err(_), Some(Ok(role))) => Ok(Scope::Role(role)),
        (Err(error), _) => Err(error),
    }
}

fn clear_scope(cache: &Cache, scope: &Scope) -> Removed {
    let plan = match scope {
        Scope::All => {
            return Removed {
                leftovers: cache.sweep(),
                ..cache.clear(|_| true)
            };
        }
        Scope::Role(role) => return cache.clear(|held| is_of_role(held, role, None)),
        Scope::Plan(plan) => plan,
    };
    let key = match &plan.source.kind {
        // The token is part of the name of its file.
        SourceKind::WebIdentity(identity) if plan.hops.is_empty() => {
            let token = token_to_show(&plan.source.kind).ok().flatten();
            token.map(|token| cache.web_identity(plan, identity, token.expose()))
        }
        _ => cache.roles(plan, None).pop(),
    };
    let device = plan.mfa_session.as_ref().map(|session| &session.device.serial.value);
    cache.clear(|held| match plan.roles().last() {
        Some(role) => is_of_role(held, role, key.as_ref()),
        None => {
            matches!(&held.what, Contents::Session(kept) if kept.device.is_some() && kept.device.as_ref() == device)
        }
    })
}

/// Whether a file is a session of a role, or in its place.
fn is_of_role(held: &CacheFile, role: &RoleArn, key: Option<&CacheKey>) -> bool {
    let is_there = key.is_some_and(|key| key.is_at(&held.path));
    is_there || matches!(&held.what, Contents::Session(kept) if kept.is_of(role))
}
