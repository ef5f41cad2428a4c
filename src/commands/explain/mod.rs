//! `rolenv explain`: what `assume` would do: requests, signers, the origin of each value, problems, and the IAM policies.
//! Makes no request.

mod build;
mod json;
mod policies;
mod principal;
mod report;
mod text;

use super::{Context, cache_mode};
use crate::aws::readiness;
use crate::cli::ExplainArgs;
use crate::error::Error;
use crate::mfa::Codes;
use crate::output::Output;
use crate::secret::Secret;
use crate::session::Route;
use crate::terminal::Terminal;

pub(super) fn run(options: &ExplainArgs, context: &Context<'_>) -> Result<Output, Error> {
    let terminal = Terminal::new(options.quiet);
    let plan = context.plan(&options.role, &terminal)?;
    let ready = readiness(&plan, context.original());
    let token = ready.token.as_ref().map(Secret::expose);
    let route = Route::new(&plan, context.original(), cache_mode(&options.cache), token).report();
    let mut problems = Vec::new();
    if route.needs_source {
        problems.extend(ready.of_source);
    }
    if route.needs_requests {
        problems.extend(ready.of_requests);
    }
    let codes = Codes::new(&options.role, context.environment, &terminal);
    let no_code = codes.check(route.mfa_devices.iter().copied()).err();
    problems.extend(no_code.map(|error| error.to_string()));
    let report = build::report(&plan, &route, problems, token);
    Ok(if options.json {
        Output::Json(json::to_json(&report))
    } else {
        Output::Text(text::to_text(&report))
    })
}
