//! What reads the output of a command line. It is known even if the command line does not parse: a typing error must fail
//! in the very shell that evaluates the output.

use std::ffi::OsString;

use clap::ValueEnum as _;

use super::options::Format;
use crate::shell::{Dialect, Shell};

/// The commands whose output no shell evaluates.
const NOT_EVALUATED: [&str; 5] = ["explain", "status", "cache", "version", "help"];

/// The commands that print statements.
const EVALUATED: [&str; 2] = ["assume", "clear"];

/// Who reads the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Whether a shell or another program evaluates the output. True for unknown commands: one may be misspelled.
    pub evaluates: bool,
    /// Whether the command prints statements, so that not even its help may be printed to standard output.
    pub prints_statements: bool,
    /// What `--shell` or `--format` names.
    pub dialect: Option<Dialect>,
}

impl Reader {
    /// Reads the arguments without the program's name.
    pub fn of(arguments: &[OsString]) -> Self {
        let arguments: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
        let command = arguments.first().copied().unwrap_or_default();
        // No option takes a value that starts with `-`, so each of these options is one wherever it is.
        let options = arguments.split(|argument| *argument == "--").next().unwrap_or_default();
        Self {
            evaluates: !NOT_EVALUATED.contains(&command),
            prints_statements: EVALUATED.contains(&command),
            dialect: (0..options.len()).find_map(|start| dialect_at(&options[start..])),
        }
    }
}

/// The dialect that the first of these arguments names.
fn dialect_at(arguments: &[&str]) -> Option<Dialect> {
    let (first, next) = (*arguments.first()?, arguments.get(1).copied());
    let value = |option: &str| match first.strip_prefix(option)? {
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
    let flags = first.strip_prefix('-')?.trim_start_matches('q').strip_prefix('s')?;
    shell(if flags.is_empty() {
        next?
    } else {
        flags.trim_start_matches('=')
    })
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::super::{Cli, OutputArgs};
    use super::*;

    fn reader(line: &str) -> Reader {
        Reader::of(&line.split(' ').map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn the_dialect_of_a_command_line_that_does_not_parse() {
        let fish = Some(Dialect::Shell(Shell::Fish));
        for line in [
            "assume --bogus --shell fish",
            "assume -s fish -x",
            "-sfish",
            "clear --shell=fish --no",
            "--shell fish --",
        ] {
            assert_eq!(reader(line).dialect, fish, "{line}");
        }
        assert_eq!(reader("assume --format json --bogus").dialect, Some(Dialect::Json));
        for line in ["assume x", "assume --shell klingon", "-- --shell fish", "--shell"] {
            assert_eq!(reader(line).dialect, None, "{line}");
        }
    }

    #[test]
    fn the_dialect_is_the_one_that_clap_reads() {
        for line in [
            "assume x",
            "assume x -qs fish",
            "assume x -qsfish",
            "assume -s=pwsh x",
            "assume --session-name shell --shell bash x",
            "assume --format dotenv x",
            "clear --shell cmd",
        ] {
            let parsed = Cli::try_parse_from(["rolenv"].into_iter().chain(line.split(' ')));
            let parsed = parsed.map(|cli| cli.command.output().and_then(OutputArgs::dialect));
            assert_eq!(parsed.ok(), Some(reader(line).dialect), "{line}");
        }
    }

    #[test]
    fn every_command_is_in_one_of_the_lists() {
        let mut root = Cli::command();
        root.build();
        let mut commands: Vec<&str> = root.get_subcommands().map(clap::Command::get_name).collect();
        let mut lists = [&NOT_EVALUATED[..], &EVALUATED[..]].concat();
        commands.sort_unstable();
        lists.sort_unstable();
        assert_eq!(lists, commands);
        for command in EVALUATED {
            let parsed = Cli::try_parse_from(["rolenv", command]);
            assert!(parsed.is_ok_and(|cli| cli.command.output().is_some()), "{command}");
        }
    }
}
