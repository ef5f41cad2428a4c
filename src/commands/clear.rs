//! `rolenv clear`: restores the identity from before the first assume. Reads no file and makes no request.

use super::{CORRUPT_RESTORE, Context, script};
use crate::cli::ClearArgs;
use crate::env::{Basis, Change, Var, in_order};
use crate::error::Error;
use crate::output::Output;
use crate::terminal::Terminal;

pub(super) fn run(options: &ClearArgs, context: &Context<'_>) -> Result<Output, Error> {
    let terminal = Terminal::new(options.output.quiet);
    let dialect = context.dialect(&options.output);
    context.guard(&options.output, dialect, "the restored values are")?;

    let cleared = context.environment.cleared();
    match cleared.basis {
        Basis::Corrupt => terminal.note(CORRUPT_RESTORE),
        Basis::Missing if context.environment.get(Var::AccessKeyId.name()).is_some() => {
            terminal.note("`ROLENV_RESTORE` is not set: credentials were unset, nothing was restored");
        }
        Basis::Valid | Basis::Missing => {}
    }
    // A value that cannot be restored is unset, so that `clear` always leaves the role.
    let changes = cleared
        .changes
        .into_iter()
        .map(|change| match dialect.carries(&change) {
            Ok(()) => change,
            Err(error) => {
                terminal.note(format_args!("{error}; it was unset, not restored"));
                Change::Unset(change.var())
            }
        });
    script(&options.output, dialect, &in_order(changes))
}
