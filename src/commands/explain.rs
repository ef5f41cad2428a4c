//! `rolenv explain`: what `assume` would do. Makes no request.

use super::{Context, reuse};
use crate::aws::readiness;
use crate::cli::ExplainArgs;
use crate::error::Error;
use crate::explain::{report, to_json, to_text};
use crate::mfa::Codes;
use crate::output::Output;
use crate::secret::Secret;
use crate::session::CacheReport;
use crate::terminal::Terminal;

pub(super) fn run(options: &ExplainArgs, context: &Context<'_>) -> Result<Output, Error> {
    let terminal = Terminal::new(options.quiet);
    let plan = context.plan(&options.role, &terminal)?;
    let ready = readiness(&plan, context.original());
    let token = ready.token.as_ref().map(Secret::expose);
    let outlook = CacheReport::new(&plan, context.original(), reuse(&options.cache), token);
    let mut in_the_way = Vec::new();
    if outlook.takes_source {
        in_the_way.extend(ready.of_source);
    }
    if outlook.takes_requests {
        in_the_way.extend(ready.of_requests);
    }
    let codes = Codes::new(options.role.mfa_code.as_deref(), context.environment, &terminal);
    let no_code = codes.check(outlook.devices.iter().copied()).err();
    in_the_way.extend(no_code.map(|error| error.to_string()));
    let report = report(&plan, &outlook, in_the_way, token);
    Ok(if options.json {
        Output::Json(to_json(&report))
    } else {
        Output::Text(to_text(&report))
    })
}
