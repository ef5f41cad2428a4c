//! A command line as bare words: what it asks for when it does not parse, and how it is told to a person.

use std::ffi::OsString;

use clap::{Parser as _, ValueEnum as _};

use super::options::Format;
use super::{Cli, OutputArgs};
use crate::shell::{Dialect, Shell};

/// What a command line asks to be printed in, even when it does not parse: a typing error has to fail the very shell
/// that reads us.
pub fn dialect_of(arguments: &[OsString]) -> Option<Dialect> {
    let program = [OsString::from("rolenv")];
    match Cli::try_parse_from(program.iter().chain(arguments)) {
        Ok(cli) => cli.command.output().and_then(OutputArgs::dialect),
        Err(_) => {
            let words: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
            let options = words.split(|word| *word == "--").next().unwrap_or_default();
            (0..options.len()).find_map(|start| dialect_at(&options[start..]))
        }
    }
}

/// The commands whose answers no shell evaluates.
const FOR_A_PERSON: [&str; 5] = ["explain", "status", "cache", "version", "help"];

/// Whether a shell evaluates what this command line prints, even when it does not parse: some print for people.
pub fn is_for_a_shell(arguments: &[OsString]) -> bool {
    arguments
        .first()
        .is_none_or(|command| !FOR_A_PERSON.iter().any(|name| command == name))
}

/// Whether this is the command line of a command that prints statements: then even its help must not be evaluated.
pub fn prints_statements(arguments: &[OsString]) -> bool {
    arguments
        .first()
        .is_some_and(|command| command == "assume" || command == "clear")
}

/// The dialect that the first of these words asks for.
fn dialect_at(words: &[&str]) -> Option<Dialect> {
    let (word, next) = (*words.first()?, words.get(1).copied());
    let value = |option: &str| match word.strip_prefix(option)? {
        "" => next,
        rest => rest.strip_prefix('='),
    };
    let shell = |name: &str| Shell::named(name).map(Dialect::Shell);
    if let Some(format) = value("--format") {
        return Format::from_str(format, false).ok().map(Format::dialect);
    }
    if let Some(name) = value("--shell") {
        return shell(name);
    }
    // `-s NAME`, `-sNAME`, `-qs NAME`.
    let flags = word.strip_prefix('-')?.trim_start_matches('q').strip_prefix('s')?;
    shell(if flags.is_empty() { next? } else { flags })
}

/// `arguments` as a person would type them again, without what must not be repeated.
pub fn words(arguments: &[OsString]) -> Vec<String> {
    let mut words = Vec::new();
    let mut is_code = false;
    for argument in arguments {
        let argument = argument.to_string_lossy();
        words.push(match () {
            () if is_code => "CODE".to_owned(),
            () if argument.starts_with("--mfa-code=") => "--mfa-code=CODE".to_owned(),
            // A code that lost its option.
            () if argument.len() == 6 && argument.bytes().all(|byte| byte.is_ascii_digit()) => "CODE".to_owned(),
            () => argument.clone().into_owned(),
        });
        is_code = argument == "--mfa-code";
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialect_of_a_broken_command_line() {
        let dialect = |line: &str| dialect_of(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        let fish = Some(Dialect::Shell(Shell::Fish));
        for line in [
            "assume --bogus --shell fish",
            "assume -s fish -x",
            "-sfish",
            "clear --shell=fish --no",
            "--shell fish --",
        ] {
            assert_eq!(dialect(line), fish, "{line}");
        }
        assert_eq!(dialect("assume --format json --bogus"), Some(Dialect::Json));
        for line in ["assume x", "assume --shell klingon", "-- --shell fish", "--shell"] {
            assert_eq!(dialect(line), None, "{line}");
        }
    }

    #[test]
    fn every_command_is_for_a_shell_or_for_a_person() {
        use clap::CommandFactory as _;
        let mut root = Cli::command();
        root.build();
        let mut people = FOR_A_PERSON.to_vec();
        for command in root.get_subcommands().filter(|command| command.get_name() != "help") {
            let inner = command.get_subcommands().next().map(clap::Command::get_name);
            let line = ["rolenv"].into_iter().chain([command.get_name()]).chain(inner);
            let parsed = Cli::try_parse_from(line).map(|cli| cli.command.output().is_some());
            let is_for_a_shell = is_for_a_shell(&[command.get_name().into()]);
            assert_eq!(prints_statements(&[command.get_name().into()]), is_for_a_shell);
            assert_eq!(parsed.ok(), Some(is_for_a_shell), "{}", command.get_name());
            people.retain(|name| is_for_a_shell || *name != command.get_name());
        }
        assert!(people == ["help"], "no such command: {people:?}");
    }

    #[test]
    fn codes_are_not_repeated() {
        let line = ["assume", "x y", "--mfa-code", "123456", "--mfa-code=123456", "123456"].map(OsString::from);
        assert_eq!(
            words(&line),
            ["assume", "x y", "--mfa-code", "CODE", "--mfa-code=CODE", "CODE"]
        );
    }
}
