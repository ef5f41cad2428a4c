//! One run, from the command line to the exit status: everything succeeds and is printed in one write, or a failing
//! statement is printed instead.

use std::ffi::OsString;
use std::io::Write as _;
use std::sync::{OnceLock, mpsc};
use std::thread::{self, ThreadId};
use std::time::Duration;

use clap::Parser as _;
use clap::error::ErrorKind;

use crate::cli::{self, Cli, Reader, usage};
use crate::commands::{self, Context};
use crate::env::{Environment, home};
use crate::error::Error;
use crate::output::{Done, Output};
use crate::shell::{self, Dialect, detect};
use crate::signals;
use crate::terminal::Terminal;

/// Runs the command line (with the program's name in front) and returns the exit status.
pub fn run(command_line: &[OsString]) -> u8 {
    let environment = Environment::of_process();
    let arguments = command_line.get(1..).unwrap_or_default();
    let reader = Reader::of(arguments);
    Terminal::set_home(&home(&environment));
    if let Some(Dialect::Shell(shell)) = reader.dialect {
        shell::set_user_shell(shell);
    }
    fail_on_panic(reader);
    let outcome = match Cli::try_parse_from(command_line) {
        Ok(cli) => {
            fail_on_signals(reader);
            let context = Context::new(&environment, arguments);
            commands::run(&cli.command, &context)
        }
        Err(error) if !error.use_stderr() => Ok(help(&error, reader, &environment)),
        Err(error) => {
            let (message, hint) = usage::describe(&error);
            Err(Error::Usage { message, hint })
        }
    };
    match outcome.and_then(|done| print(&done.output.into_bytes()).map(|()| done.exit_status)) {
        Ok(exit_status) => exit_status,
        Err(error) => {
            Terminal::error(&error, error.hint().as_deref());
            print_failing_statement(reader, &environment);
            error.exit_status()
        }
    }
}

/// Help and version as clap renders them. A shell would evaluate the help of a command that prints statements, so there it
/// goes to standard error, with the failing statement in its place.
fn help(asked: &clap::Error, reader: Reader, environment: &Environment) -> Done {
    let text = match asked.kind() {
        ErrorKind::DisplayVersion => cli::VERSION.to_owned(),
        _ => asked.render().to_string(),
    };
    if !reader.prints_statements || Terminal::shows_output() {
        return Output::Text(text).into();
    }
    Terminal::help(&text);
    Done {
        output: Output::Script(failing_statement(reader, environment).into()),
        exit_status: 2,
    }
}

/// Makes a panic end like every other failure: with a failing statement, and without the panic's message, which may
/// contain a secret.
pub fn fail_on_panic(reader: Reader) {
    std::panic::set_hook(Box::new(move |panic| {
        Terminal::restore();
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        Terminal::panicked(&place);
        print_failing_statement(reader, &Environment::of_process());
        std::process::exit(1);
    }));
}

/// How long printing the last message may take.
const MESSAGE_TIMEOUT: Duration = Duration::from_millis(300);

/// Makes a signal end like every other failure, with exit status 128 + its number.
fn fail_on_signals(reader: Reader) {
    signals::set_actions(Terminal::resume, move |signal| {
        // A script that is already being printed is printed completely.
        if PRINTER.get().is_none() {
            Terminal::restore();
            print_failing_statement(reader, &Environment::of_process());
            // A terminal stopped with Ctrl-S must not block the exit.
            let (said, hears) = mpsc::channel();
            let _ = thread::Builder::new().spawn(move || {
                Terminal::interrupted();
                let _ = said.send(());
            });
            let _ = hears.recv_timeout(MESSAGE_TIMEOUT);
            std::process::exit(128 + signal);
        }
    });
}

/// The only thread that writes to stdout, once: the output or a failing statement.
static PRINTER: OnceLock<ThreadId> = OnceLock::new();

/// Not at a terminal, where no shell evaluates it, and not if writing the output failed.
fn print_failing_statement(reader: Reader, environment: &Environment) {
    if !Terminal::shows_output() && PRINTER.get() != Some(&thread::current().id()) {
        let statement = failing_statement(reader, environment);
        // If stdout is closed, no shell evaluates it.
        let _ = print(statement.as_bytes());
    }
}

/// The statement that fails in the shell that reads the output. Empty if no shell evaluates it.
fn failing_statement(reader: Reader, environment: &Environment) -> &'static str {
    if !reader.evaluates {
        return "";
    }
    let dialect = reader.dialect;
    dialect
        .unwrap_or_else(|| Dialect::Shell(detect::shell(environment)))
        .failing_statement()
}

fn print(output: &[u8]) -> Result<(), Error> {
    let own = thread::current().id();
    if *PRINTER.get_or_init(|| own) != own {
        // The other thread ends the process.
        loop {
            thread::park();
        }
    }
    let mut stdout = std::io::stdout().lock();
    stdout
        .write_all(output)
        .and_then(|()| stdout.flush())
        .map_err(|error| Error::Output {
            reason: error.kind().to_string(),
        })
}
