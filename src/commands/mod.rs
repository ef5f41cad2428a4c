//! One module per command, with its renderers.

mod assume;
mod cache;
mod clear;
mod explain;
mod status;

use std::cell::OnceCell;
use std::ffi::OsString;

use crate::cli::{self, Command};
use crate::config::{Files, Profiles};
use crate::credentials::Session;
use crate::credentials_file::{self, WriteRequest};
use crate::env::{Change, Environment};
use crate::error::Error;
use crate::mfa::Codes;
use crate::output::{Done, Output};
use crate::plan::{Plan, PlanError, SessionOptions};
use crate::session::{CacheMode, SessionContext};
use crate::shell::{Dialect, Shell, detect, quote};
use crate::terminal::Terminal;

/// The note about a corrupt `ROLENV_RESTORE`.
const CORRUPT_RESTORE: &str = "`ROLENV_RESTORE` is corrupt: credentials were unset, nothing was restored";

/// The input of a command.
pub struct Context<'run> {
    pub environment: &'run Environment,
    /// The arguments, for messages.
    pub arguments: &'run [OsString],
    original: OnceCell<Environment>,
}

/// Runs a command. Prints nothing to stdout.
pub fn run(command: &Command, context: &Context<'_>) -> Result<Done, Error> {
    match command {
        Command::Assume(options) => assume::run(options, context).map(Done::from),
        Command::Clear(options) => clear::run(options, context).map(Done::from),
        Command::Explain(options) => explain::run(options, context).map(Done::from),
        Command::Status(options) => Ok(status::run(options, context)),
        Command::Cache(cli::CacheCommand::List(options)) => Ok(cache::list(options, context)),
        Command::Cache(cli::CacheCommand::Clear(options)) => cache::clear(options, context),
        Command::Version => Ok(Output::Text(cli::VERSION.to_owned()).into()),
    }
}

impl<'run> Context<'run> {
    /// The context for these arguments and the environment of this process.
    pub const fn new(environment: &'run Environment, arguments: &'run [OsString]) -> Self {
        Self {
            environment,
            arguments,
            original: OnceCell::new(),
        }
    }

    /// The user's own environment.
    fn original(&self) -> &Environment {
        self.original.get_or_init(|| self.environment.original())
    }

    fn dialect(&self, output: &cli::OutputArgs) -> Dialect {
        output
            .dialect()
            .unwrap_or_else(|| Dialect::Shell(detect::shell(self.environment)))
    }

    /// Resolves the target, and prints notes about invalid lines of the config files.
    fn plan(&self, role: &cli::RoleArgs, terminal: &Terminal) -> Result<Plan, Error> {
        let options = SessionOptions::read(role)?;
        let files = Files::read(self.original())?;
        let profiles = Profiles::parse(&files);
        let plan = Plan::new(role, &options, &files, &profiles, self.environment);
        // If an invalid line is the error, it is not a note.
        if !matches!(plan, Err(PlanError::Malformed(_))) {
            for problem in profiles.problems() {
                terminal.note(format_args!("{problem}; the AWS CLI cannot read this file"));
            }
        }
        Ok(plan?)
    }

    /// The input for getting a session. `options`: those of the role, for messages.
    fn session_context<'context>(
        &'context self,
        plan: &Plan,
        role: &'context cli::RoleArgs,
        options: &[String],
        cache: &cli::CacheArgs,
        terminal: &'context Terminal,
    ) -> SessionContext<'context> {
        let words = std::iter::once(&plan.target).chain(options);
        let words: Vec<_> = words.map(|word| quote(word)).collect();
        SessionContext {
            original: self.original(),
            cache_mode: self::cache_mode(cache),
            codes: Codes::new(role, self.environment, terminal),
            terminal,
            explain: format!("rolenv explain {}", words.join(" ")),
        }
    }

    /// Writes the session to the profile of `--write-profile`, and prints a note.
    fn store(
        &self,
        write_request: &WriteRequest<'_>,
        plan: &Plan,
        session: &Session,
        terminal: &Terminal,
    ) -> Result<(), Error> {
        let region = plan.region.as_ref().map(|region| region.value.as_str());
        let path = credentials_file::write(write_request, session, region, self.original())?;
        terminal.note(format_args!(
            "session written to profile `{}` in `{}`",
            write_request.profile,
            path.display()
        ));
        Ok(())
    }

    /// Fails if secrets would be printed to a terminal, before a prompt or a request.
    fn guard(&self, output: &cli::OutputArgs, dialect: Dialect, what: &'static str) -> Result<(), Error> {
        if output.show || !Terminal::shows_output() {
            return Ok(());
        }
        let hint = match dialect {
            Dialect::Shell(shell) => {
                let named = output.dialect().map(|_| shell);
                let line = self.line_to_type(named, cli::redact::arguments(self.arguments));
                format!("run this instead:\n\n    {line}")
            }
            Dialect::Dotenv | Dialect::Json => "redirect the output to a file or a pipe, or add `--show`".to_owned(),
        };
        Err(Error::Terminal { what, hint })
    }

    /// The line to type to evaluate rolenv with these arguments, in the named shell, else in the one that runs rolenv.
    fn line_to_type(&self, named: Option<Shell>, words: Vec<String>) -> String {
        let shell = named.unwrap_or_else(|| detect::shell(self.environment));
        let mut line = vec!["rolenv".to_owned()];
        line.extend(words);
        // `for /f` runs the program through another cmd.exe, which may not be the direct parent.
        if shell == Shell::Cmd && named.is_none() {
            line.extend(["--shell".to_owned(), "cmd".to_owned()]);
        }
        shell.line_to_type(&line)
    }
}

fn write_request(store: &cli::WriteProfileArgs) -> Option<WriteRequest<'_>> {
    let profile = store.write_profile.as_deref()?;
    Some(WriteRequest {
        profile,
        force: store.force,
    })
}

/// How the cache is used.
const fn cache_mode(options: &cli::CacheArgs) -> CacheMode {
    match (options.refresh, options.no_cache) {
        (_, true) => CacheMode::Off,
        (true, false) => CacheMode::Refresh,
        (false, false) => CacheMode::ReadWrite,
    }
}

/// The output.
fn script(output: &cli::OutputArgs, dialect: Dialect, changes: &[Change]) -> Result<Output, Error> {
    let script = dialect.script(changes, output.show && Terminal::shows_output())?;
    Ok(Output::Script(script))
}
