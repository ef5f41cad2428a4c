//! Any value, put into the real shells by our statements: it comes back byte for byte, or it was refused for a reason
//! that is documented. No value is ever run.
#![cfg(unix)]

mod support;

#[path = "support/shells.rs"]
mod shells;
#[path = "support/values.rs"]
mod values;

use std::ffi::OsStr;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use rolenv::environment::{Change, Var};
use rolenv::shell::{Dialect, Shell as Language};

use shells::{Shell, Variables, exists};
use support::Home;
use values::{Batch, Value, batch, changes, check, known, known_batches, os, plain};

in_every_shell!(every_value_comes_back: crate::comes_back =>
    in_bash BASH,
    in_bash_posix BASH_POSIX,
    in_bash_with_history BASH_HISTORY,
    in_bash_by_source BASH_SOURCE,
    in_zsh ZSH,
    in_zsh_with_odd_options ZSH_OPTIONS,
    in_dash DASH,
    in_ksh93 KSH93,
    in_mksh MKSH,
    in_fish FISH,
    in_tcsh TCSH,
    in_tcsh_with_odd_quotes TCSH_QUOTE,
    in_elvish ELVISH,
    in_xonsh XONSH,
    in_nushell NUSHELL,
);

in_every_shell!(plain_values_need_no_quotes_around_the_eval: crate::comes_back_unquoted =>
    in_bash BASH,
    in_zsh ZSH,
    in_dash DASH,
    in_ksh93 KSH93,
    in_mksh MKSH,
);

fn comes_back(shell: &Shell) {
    let home = Home::empty();
    let evaluate = shell.evaluate("cat statements");
    for batch in known_batches() {
        one_batch(shell, &home, &evaluate, &batch).unwrap_or_else(|failure| panic!("{failure}"));
    }
    check(cases(shell), &batch(), |batch| {
        one_batch(shell, &home, &evaluate, &batch)
    });
}

/// xonsh starts 13 times as slowly as the others.
fn cases(shell: &Shell) -> u32 {
    if shell.language == Language::Xonsh { 12 } else { 60 }
}

/// Every line becomes a word of one long line, which still has to be one statement after the other.
fn comes_back_unquoted(shell: &Shell) {
    let home = Var::ALL
        .into_iter()
        .fold(Home::empty(), |home, var| home.set(var.name(), "before"));
    check(20, &prop::collection::vec(prop::option::of(plain()), 14), |values| {
        let (unset, set): (Vec<_>, Vec<_>) = Var::ALL.into_iter().zip(values).partition(|(_, value)| value.is_none());
        let unset = unset.into_iter().map(|(var, _)| Change::Unset(var));
        let set = set
            .into_iter()
            .filter_map(|(var, value)| Some(Change::Set(var, os(&value?))));
        let changes: Vec<Change> = unset.chain(set).collect();
        home.write("statements", script(shell.dialect(), &changes)?);
        let run = shell.run(&home, &["eval $(cat statements)".to_owned(), shell.show("after")]);
        prop_assert_eq!(run.status, Some(0), "{}: {:?}", shell.name, run);
        compare(shell.name, &changes, &shells::shown(&home, "after"))
    });
}

fn one_batch(shell: &Shell, home: &Home, evaluate: &str, batch: &Batch) -> Result<(), TestCaseError> {
    let changes = carried(shell.dialect(), changes(batch))?;
    home.write("statements", script(shell.dialect(), &changes)?);
    let run = shell.run(home, &[evaluate.to_owned(), shell.show("after")]);
    prop_assert_eq!(run.status, Some(0), "{}: {:?}", shell.name, run);
    compare(shell.name, &changes, &shells::shown(home, "after"))?;
    prop_assert!(!exists(home, "pwned"), "{}: a value was run", shell.name);
    Ok(())
}

/// The changes that this reader can be given; the others are refused for a documented reason, and for no other.
fn carried(dialect: Dialect, changes: Vec<Change>) -> Result<Vec<Change>, TestCaseError> {
    let mut carried = Vec::new();
    for change in changes {
        let Change::Set(_, value) = &change else {
            unreachable!("only values are set here")
        };
        let refused = dialect.carries(&change).err().map(|error| error.to_string());
        let expected = is_refused(dialect, value.as_encoded_bytes());
        prop_assert_eq!(refused.is_some(), expected, "{:?} {:?}: {:?}", dialect, value, refused);
        if !expected {
            carried.push(change);
        }
    }
    Ok(carried)
}

/// What the documentation says cannot be carried.
fn is_refused(dialect: Dialect, value: &[u8]) -> bool {
    let is_text = std::str::from_utf8(value).is_ok();
    match dialect {
        Dialect::Shell(Language::Tcsh) => value.contains(&b'\n'),
        Dialect::Shell(Language::Cmd) => {
            let bad = |byte: &u8| !(b' '..=b'~').contains(byte) || b"\"%!".contains(byte);
            value.is_empty() || value.len() > 8000 || value.iter().any(bad)
        }
        Dialect::Shell(Language::PowerShell | Language::Nushell) | Dialect::Json => !is_text,
        Dialect::Dotenv => {
            let bad = |letter: char| letter.is_control() || "'\\$`".contains(letter);
            !is_text || String::from_utf8_lossy(value).contains(bad)
        }
        Dialect::Shell(_) => false,
    }
}

fn script(dialect: Dialect, changes: &[Change]) -> Result<Vec<u8>, TestCaseError> {
    let statements = dialect.statements(changes);
    let statements = statements.map_err(|error| TestCaseError::fail(error.to_string()))?;
    Ok(statements
        .into_iter()
        .flat_map(|line| [line, b"\n".to_vec()].concat())
        .collect())
}

fn compare(reader: &str, changes: &[Change], after: &Variables) -> Result<(), TestCaseError> {
    for change in changes {
        let name = change.var().name();
        let expected = match change {
            Change::Set(_, value) => Some(value),
            Change::Unset(_) => None,
        };
        prop_assert_eq!(after.get(OsStr::new(name)), expected, "{} in {}", name, reader);
    }
    Ok(())
}

/// The ways in which a batch file reads statements: a line at a time through a FOR variable, or as a file.
///
/// wine's `for` takes a whole line for the name of a program, hence the two words of `set "NAME=value"`.
#[test]
fn every_value_comes_back_in_cmd() {
    let home = Home::empty();
    let carriable = known().into_iter().filter(|value| !is_refused(CMD, value));
    let carriable: Vec<Value> = carriable.collect();
    for line in [
        "for /f \"tokens=1*\" %%a in (statements.bat) do @set %%b",
        "for /f \"tokens=1*\" %%a in ('type statements.bat') do @set %%b",
        "call statements.bat",
    ] {
        let one = |batch: &[Value]| one_batch_in_cmd(&home, line, batch);
        for batch in carriable.chunks(14) {
            one(batch).unwrap_or_else(|failure| panic!("{failure}"));
        }
        check(3, &prop::collection::vec(harmless(), 14), |batch| one(&batch));
    }
    assert!(!exists(&home, "pwned"), "a value was run");
}

#[test]
fn cmd_refuses_what_it_would_read_otherwise() {
    check(200, &batch(), |batch| carried(CMD, changes(&batch)).map(drop));
    for batch in known_batches() {
        carried(CMD, changes(&batch)).unwrap_or_else(|failure| panic!("{failure}"));
    }
}

const CMD: Dialect = Dialect::Shell(Language::Cmd);

/// ASCII without the characters that cmd reads inside quotes, too.
fn harmless() -> impl Strategy<Value = Value> {
    let bytes: Vec<u8> = (b' '..=b'~').filter(|byte| !b"\"%!".contains(byte)).collect();
    prop::collection::vec(prop::sample::select(bytes), 1..40)
}

fn one_batch_in_cmd(home: &Home, line: &str, batch: &[Value]) -> Result<(), TestCaseError> {
    let changes = carried(CMD, changes(batch))?;
    home.write("statements.bat", script(CMD, &changes)?);
    match shells::cmd(home, &Variables::new(), &[line]) {
        Some(after) => compare(line, &changes, &after),
        None => Ok(()),
    }
}

/// Nobody's shell reads these, but everybody's JSON library does.
#[test]
fn every_value_comes_back_from_json() {
    check(200, &batch(), |batch| {
        let changes = carried(Dialect::Json, changes(&batch))?;
        let read: serde_json::Value = serde_json::from_slice(&script(Dialect::Json, &changes)?)
            .map_err(|error| TestCaseError::fail(error.to_string()))?;
        for change in &changes {
            if let Change::Set(var, value) = change {
                prop_assert_eq!(read[var.name()].as_str(), value.to_str());
            }
        }
        Ok(())
    });
}
