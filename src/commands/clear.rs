//! `rolenv clear`: restores the identity from before the first assume. Reads no file and makes no request.

use super::{CORRUPT_RESTORE, Context, script};
use crate::cli::ClearArgs;
use crate::credentials::masked;
use crate::env::{Basis, Change, Environment, Var, in_order};
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
        Basis::Missing if context.environment.is_set(Var::AccessKeyId) => {
            terminal.note(if cleared.changes.contains(&Change::Unset(Var::AccessKeyId)) {
                "`ROLENV_RESTORE` is not set: temporary credentials were unset, nothing was restored"
            } else {
                "nothing to clear: rolenv assumed no role in this shell"
            });
        }
        Basis::Valid | Basis::Missing => {}
    }
    for var in &cleared.overridden {
        terminal.note(format_args!(
            "`{}`, which was set after the role was assumed, is no longer in effect",
            var.name()
        ));
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
    let changes = in_order(changes);
    let script = script(&options.output, dialect, &changes)?;
    terminal.success(returned_to(&context.environment.with(&changes)));
    Ok(script)
}

/// The identity that AWS tools use in this environment, for the user.
fn returned_to(environment: &Environment) -> String {
    let text = |var: Var| environment.get(var.name()).map(|value| value.to_string_lossy());
    let profile = [Var::Profile, Var::DefaultProfile]
        .into_iter()
        .find(|var| environment.is_set(*var));
    match (text(Var::AccessKeyId).filter(|id| !id.is_empty()), profile) {
        (Some(id), _) => format!("back to access key {} in the environment", masked(&id)),
        (None, Some(var)) => format!("back to `{}={}`", var.name(), text(var).unwrap_or_default()),
        (None, None) => "back to no credentials in the environment: AWS tools use the default profile".to_owned(),
    }
}
