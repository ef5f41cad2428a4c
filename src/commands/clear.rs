//! `rolenv clear`: back to the identity from before the first assume. Reads no file and asks nobody.

use super::{Context, script};
use crate::cli::Clear;
use crate::environment::Change;
use crate::error::Error;
use crate::terminal::Terminal;

pub(super) fn run(options: &Clear, context: &Context<'_>) -> Result<Vec<u8>, Error> {
    let terminal = Terminal::new(options.output.quiet);
    let dialect = context.dialect(&options.output);
    context.guard(&options.output, dialect, "what was there before is")?;

    let cleared = context.environment.cleared();
    if cleared.damaged {
        terminal.note("`ROLENV_RESTORE` is damaged: the credentials are unset, nothing is restored");
    }
    // Nobody is to be stuck in a role because of one value: what cannot be restored is unset.
    let (mut unset, mut set) = (Vec::new(), Vec::new());
    for change in cleared.changes {
        match change {
            Change::Unset(_) => unset.push(change),
            Change::Set(var, _) => match dialect.carries(&change) {
                Ok(()) => set.push(change),
                Err(error) => {
                    terminal.note(format_args!("{error}; it is unset instead of restored"));
                    unset.push(Change::Unset(var));
                }
            },
        }
    }
    unset.sort_by_key(Change::var);
    unset.append(&mut set);
    script(&options.output, dialect, &unset)
}
