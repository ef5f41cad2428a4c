//! Problems that would stop a plan before its first request, found in local files. Makes no request.

use std::path::Path;

use time::OffsetDateTime;

use super::source_token;
use super::token::Token;
use crate::aws::ca_bundle;
use crate::env::{Environment, variables};
use crate::plan::{Plan, SourceKind};
use crate::secret::Secret;
use crate::subprocess::program_name;
use crate::timestamp;

/// Problems, as messages.
pub struct Readiness {
    /// Of the source.
    pub of_source: Vec<String>,
    /// Of every request.
    pub of_requests: Vec<String>,
    /// The token of a web identity or a container.
    pub token: Option<Secret>,
}

/// Checks the local files that a plan needs.
pub fn readiness(plan: &Plan, environment: &Environment) -> Readiness {
    let mut problems = Vec::new();
    let mut token = None;
    match &plan.source.kind {
        SourceKind::Keys { expiration, .. } => {
            if let Some(end) = expiration.filter(|end| *end <= OffsetDateTime::now_utc()) {
                let end = timestamp::format(end).unwrap_or_default();
                problems.push(format!("{} expired at {end}", plan.source));
            }
        }
        SourceKind::Process { command } => {
            if !is_there(command.first().map_or("", String::as_str), environment) {
                let program = program_name(command);
                problems.push(format!("`credential_process`: program `{program}` not found"));
            }
        }
        SourceKind::Sso(sso) => {
            let log_in = sso.log_in();
            match Token::read(&sso.token_file) {
                Err(reason) => problems.push(format!("{reason}: {log_in}")),
                Ok(token) if token.is_over() && !(sso.session.is_some() && token.is_renewable()) => {
                    let end = timestamp::format(token.expires_at).unwrap_or_default();
                    problems.push(format!("the SSO token expired at {end}: {log_in}"));
                }
                Ok(_) => {}
            }
        }
        SourceKind::WebIdentity(_) | SourceKind::Container(_) => match source_token(&plan.source.kind) {
            Ok(read) => token = read,
            Err(reason) => problems.push(reason),
        },
        SourceKind::Instance(_) => {}
    }
    let bundle = plan.endpoint_config.ca_bundle.as_ref();
    let bundle = bundle.and_then(|bundle| ca_bundle::read(bundle).err());
    Readiness {
        of_source: problems,
        of_requests: bundle.iter().map(ToString::to_string).collect(),
        token,
    }
}

/// Whether a program can be found, as `credential_process` is run.
fn is_there(program: &str, environment: &Environment) -> bool {
    if program.contains(std::path::is_separator) {
        return Path::new(program).is_file();
    }
    let path = environment.get(variables::PATH).unwrap_or_default();
    std::env::split_paths(path).any(|directory| {
        let place = directory.join(program);
        place.is_file() || place.with_extension("exe").is_file()
    })
}
