//! One run, from the command line to the exit status: everything succeeds and is printed in one write, or a failing
//! statement is printed instead.

use std::ffi::OsString;
use std::io::Write as _;
use std::sync::{OnceLock, mpsc};
use std::thread::{self, ThreadId};
use std::time::Duration;

use clap::Parser as _;
use clap::error::ErrorKind;

use crate::cli::{self, Cli};
use crate::commands::{self, Context, Done};
use crate::env::Environment;
use crate::error::Error;
use crate::mfa::without_codes;
use crate::signals;
use crate::terminal::Terminal;

/// Runs the command line (with the program's name in front) and returns the exit status.
pub fn run(command_line: &[OsString]) -> u8 {
    let environment = Environment::of_process();
    let arguments: Vec<OsString> = command_line.iter().skip(1).cloned().collect();
    fail_on_panic(arguments.clone());
    let outcome = match Cli::try_parse_from(command_line) {
        Ok(cli) => {
            fail_on_signals(arguments.clone());
            let context = Context::new(&environment, &arguments);
            commands::run(&cli.command, &context)
        }
        Err(error) if !error.use_stderr() => Ok(help(&error, &arguments, &environment)),
        Err(error) => Err(usage(&error)),
    };
    match outcome.and_then(|done| print(&done.output).map(|()| done.exit_status)) {
        Ok(exit_status) => exit_status,
        Err(error) => {
            Terminal::error(&error, error.hint().as_deref());
            print_failing_statement(&arguments, &environment);
            error.exit_status()
        }
    }
}

/// Help and version as clap renders them. A shell would evaluate the help of a command that prints statements, so there it
/// goes to standard error, with the failing statement in its place.
fn help(asked: &clap::Error, arguments: &[OsString], environment: &Environment) -> Done {
    let text = match asked.kind() {
        ErrorKind::DisplayVersion => cli::VERSION.to_owned(),
        _ => asked.render().to_string(),
    };
    if !cli::prints_statements(arguments) || Terminal::shows_output() {
        return Done::from(text.into_bytes());
    }
    Terminal::help(&text);
    Done {
        output: commands::failing_statement(arguments, environment).into(),
        exit_status: 2,
    }
}

/// Makes a panic end as every other failure does: a failing statement, and no word about what was in memory.
pub fn fail_on_panic(arguments: Vec<OsString>) {
    std::panic::set_hook(Box::new(move |panic| {
        Terminal::restore();
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        Terminal::panicked(&place);
        print_failing_statement(&arguments, &Environment::of_process());
        std::process::exit(1);
    }));
}

/// How long the last words of a run may take.
const MESSAGE_TIMEOUT: Duration = Duration::from_millis(300);

/// Makes a signal end as every other failure does, with 128 + its number as status.
fn fail_on_signals(arguments: Vec<OsString>) {
    signals::set_actions(Terminal::resume, move |signal| {
        // A script that is being printed already is printed to its end, and is the last that is done.
        if PRINTER.get().is_none() {
            Terminal::restore();
            print_failing_statement(&arguments, &Environment::of_process());
            // A screen that is held (Ctrl-S) must not hold the end.
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

/// The thread that prints to standard output, be it the script or a failing statement: there is one, and it does it once.
static PRINTER: OnceLock<ThreadId> = OnceLock::new();

/// On a screen nobody evaluates it, and it would only puzzle. Where the script could not be written, this cannot be.
fn print_failing_statement(arguments: &[OsString], environment: &Environment) {
    if !Terminal::shows_output() && PRINTER.get() != Some(&thread::current().id()) {
        let statement = commands::failing_statement(arguments, environment);
        // When standard output is gone there is no reader to be warned.
        let _ = print(statement.as_bytes());
    }
}

fn print(output: &[u8]) -> Result<(), Error> {
    let own = thread::current().id();
    if *PRINTER.get_or_init(|| own) != own {
        // The other thread ends the process when it is done.
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

/// clap's error in our form: one line, names in backticks, then a hint.
fn usage(error: &clap::Error) -> Error {
    if matches!(
        error.kind(),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        let text = error.render().to_string();
        let usage = text.lines().find_map(|line| line.trim().strip_prefix("Usage: "));
        let command = usage.and_then(|usage| usage.split(['<', '[']).next());
        let command = command.unwrap_or("rolenv").trim_end();
        return Error::Usage {
            message: "no command given".to_owned(),
            hint: Some(format!("`{command} --help` lists the commands")),
        };
    }
    let mut text = backticks(&error.render().to_string());
    if matches!(error.kind(), ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand) {
        // A word that is not expected may be an MFA code, or a part of one, where a blank went wrong.
        text = without_codes(&text);
    }
    let mut first = text.lines().next().unwrap_or_default().to_owned();
    if error.kind() == ErrorKind::MissingRequiredArgument {
        // What they are stands below, one a line.
        let missing = text.lines().skip(1).take_while(|line| line.starts_with(' '));
        let missing: Vec<_> = missing.map(|line| format!("`{}`", line.trim())).collect();
        first = format!("this is missing: {}", missing.join(", "));
    }
    let detail = |start| {
        text.lines()
            .find_map(|line| Some(line.trim().strip_prefix(start)?.to_owned()))
    };
    let values = || detail("[possible values: ").map(|values| format!("it is one of {}", values.trim_end_matches(']')));
    let usage = || detail("Usage: ").map(|usage| format!("the form is `{usage}`"));
    Error::Usage {
        message: first.trim_start_matches("error: ").to_owned(),
        hint: detail("tip: ").or_else(values).or_else(usage),
    }
}

/// clap's quotes as ours: those at the edge of a word, not the one in `it's`.
fn backticks(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let inside = |index: Option<usize>| {
        index
            .and_then(|index| letters.get(index))
            .is_some_and(|letter| letter.is_alphanumeric())
    };
    let spelled = |(index, &letter): (usize, &char)| match letter {
        '\'' if !(inside(index.checked_sub(1)) && inside(Some(index + 1))) => '`',
        _ => letter,
    };
    letters.iter().enumerate().map(spelled).collect()
}
