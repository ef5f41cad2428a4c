//! `rolenv cache list` and `rolenv cache clear`. Makes no request.

mod json;
mod table;
mod text;

use std::path::Path;

use serde_json::json;
use time::OffsetDateTime;

use super::Context;
use crate::aws::source_token;
use crate::cache::{Cache, CacheFile, Contents, Removed};
use crate::cli::{self, CacheClearArgs, CacheListArgs};
use crate::error::Error;
use crate::output::{Done, Output};
use crate::plan::{Plan, RoleArn, Step};
use crate::secret::Secret;
use crate::terminal::Terminal;

pub(super) fn list(options: &CacheListArgs, context: &Context<'_>) -> Done {
    let (files, failures) = Cache::of(context.original()).map_or_else(Default::default, |cache| cache.files());
    for failure in &failures {
        Terminal::error(failure, None);
    }
    let now = OffsetDateTime::now_utc();
    let output = if options.json {
        Output::Json(json!({ "sessions": json::objects(&files, now) }))
    } else if files.is_empty() && !failures.is_empty() {
        Output::None
    } else {
        Output::Text(table::table(&files, now))
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
    let lines = text::removals(&cleared);
    let output = if options.json {
        let now = OffsetDateTime::now_utc();
        let [removed, skipped] = [&cleared.removed, &cleared.skipped].map(|files| json::objects(files, now));
        Output::Json(json!({ "removed": removed, "skipped": skipped, "temporary_files": cleared.temporary_files }))
    } else if lines.is_empty() && cleared.failures.is_empty() {
        let target = options.target.as_ref().map(|target| format!(" of `{target}`"));
        let target = target.unwrap_or_default();
        Output::Text(format!("nothing to remove: no cached session{target}\n"))
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
                temporary_files: cache.sweep(),
                ..cache.clear(|_| true)
            };
        }
        Scope::Role(role) => return cache.clear(|file| is_of_role(file, role, None)),
        Scope::Plan(plan) => plan,
    };
    let Some(step) = plan.steps.last() else {
        return cache.clear(|_| false);
    };
    match (step.role(), step.mfa()) {
        (Some(role), _) => {
            // The token of a web identity is part of the name of its file.
            let token = match step {
                Step::AssumeRoleWithWebIdentity(_) => source_token(&plan.source.kind).ok().flatten(),
                Step::AssumeRole(_) | Step::GetSessionToken(_) => None,
            };
            let path = cache.file(step, token.as_ref().map(Secret::expose));
            cache.clear(|file| is_of_role(file, &role.value, path.as_deref()))
        }
        (None, device) => {
            let serial = device.map(|device| device.serial.value.as_str());
            cache.clear(|file| is_of_device(file, serial))
        }
    }
}

/// Whether a file is the MFA session of a device.
fn is_of_device(file: &CacheFile, serial: Option<&str>) -> bool {
    matches!(&file.contents, Contents::Session(session) if session.serial.is_some() && session.serial.as_deref() == serial)
}

/// Whether a file is a session of a role, or in its place.
fn is_of_role(file: &CacheFile, role: &RoleArn, path: Option<&Path>) -> bool {
    path == Some(&file.path)
        || match &file.contents {
            Contents::Session(session) => session.is_of(role),
            Contents::Corrupt { assumed, .. } => assumed.as_ref().is_some_and(|arn| role.is_session(arn, None)),
        }
}
