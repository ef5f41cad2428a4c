//! Any value, put into the real shells by our statements: it comes back byte for byte, or it was refused for a reason
//! that is documented. No value is ever run.
#![cfg(unix)]

use crate::support;

use crate::support::shells;
use crate::support::values;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use rolenv::env::{Change, Var};
use rolenv::shell::{Dialect, Shell as Language};

use shells::{Shell, exists};
use support::Home;
use values::{Batch, batch, carried, changes, check, compare, known_batches, os, plain, script};

in_every_shell!(every_value_comes_back: super::comes_back =>
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

in_every_shell!(plain_values_need_no_quotes_around_the_eval: super::comes_back_unquoted =>
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
