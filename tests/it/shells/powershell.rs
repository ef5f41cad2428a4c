//! What is printed for PowerShell, read back by other people's parsers everywhere, and by the real program in each of
//! the ways in which people use it where it is installed.

use crate::support;
use crate::support::golden;

use crate::support::powershell;
use crate::support::values;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use rolenv::env::{Change, Var};
use rolenv::shell::{Dialect, Shell};

use powershell::{Assigned, FORMS, by_evaluation, by_grammar, can_be_evaluated};
use support::{Home, KEY, Run, rolenv, world};
use values::{Batch, Value, batch, check, known_batches};

const POWERSHELL: Dialect = Dialect::Shell(Shell::PowerShell);

#[test]
fn every_value_is_read_back_by_the_parsers() {
    let one = |batch: &Batch| {
        let changes = text_only(batch)?;
        let lines = lines(&changes)?;
        let expected = assigned(&changes);
        // As one text, as lines one by one, and as one line.
        prop_assert_eq!(&by_grammar(&lines.join("\n")), &expected);
        prop_assert_eq!(
            &lines.iter().flat_map(|line| by_grammar(line)).collect::<Assigned>(),
            &expected
        );
        prop_assert_eq!(&by_grammar(&lines.join(" ")), &expected);
        evaluated(&changes)
    };
    for batch in known_batches() {
        one(&batch).unwrap_or_else(|failure| panic!("{failure}"));
    }
    check(60, &batch(), |batch| one(&batch));
}

fn evaluated(changes: &[Change]) -> Result<(), TestCaseError> {
    let readable = |change: &&Change| match change {
        Change::Set(_, value) => value.to_str().is_some_and(can_be_evaluated),
        Change::Unset(_) => true,
    };
    let changes: Vec<Change> = changes.iter().filter(readable).cloned().collect();
    let expected = assigned(&changes);
    prop_assert_eq!(&by_evaluation(&lines(&changes)?.join("\n")), &expected);
    prop_assert_eq!(&by_evaluation(&lines(&changes)?.join(" ")), &expected);
    Ok(())
}

/// The changes of a batch without those values that are refused, which are those that are no text.
fn text_only(batch: &[Value]) -> Result<Vec<Change>, TestCaseError> {
    let mut carried = Vec::new();
    for (var, value) in Var::ALL.into_iter().zip(batch) {
        let change = Change::Set(var, values::os(value));
        let is_text = std::str::from_utf8(value).is_ok();
        prop_assert_eq!(POWERSHELL.carries(&change).is_ok(), is_text);
        carried.push(if is_text { change } else { Change::Unset(var) });
    }
    Ok(carried)
}

fn lines(changes: &[Change]) -> Result<Vec<String>, TestCaseError> {
    let statements = POWERSHELL.statements(changes);
    let statements = statements.map_err(|error| TestCaseError::fail(error.to_string()))?;
    let lines: Vec<String> = statements
        .into_iter()
        .filter_map(|line| String::from_utf8(line).ok())
        .collect();
    let is_line = |line: &String| line.ends_with(';') && line.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    prop_assert!(lines.len() == changes.len() && lines.iter().all(is_line), "{:?}", lines);
    Ok(lines)
}

fn assigned(changes: &[Change]) -> Assigned {
    let pair = |change: &Change| match change {
        Change::Set(var, value) => (var.name().to_owned(), value.to_str().map(str::to_owned)),
        Change::Unset(var) => (var.name().to_owned(), None),
    };
    changes.iter().map(pair).collect()
}

#[test]
fn clear_leads_back_as_the_parsers_read_it() {
    let sts = world().start();
    let before = [
        ("AWS_PROFILE", "it's \u{2019} \u{1f600}\n"),
        ("AWS_REGION", "eu-north-1"),
        ("AWS_ACCESS_KEY_ID", KEY.0),
    ];
    let mut shell: Assigned = Var::ALL.iter().map(|var| (var.name().to_owned(), None)).collect();
    shell.extend(before.map(|(name, value)| (name.to_owned(), Some(value.to_owned()))));
    let start = shell.clone();
    for arguments in [&["assume", "marketingadmin"][..], &["assume", "chained"], &["clear"]] {
        let mut home = Home::new(&sts);
        for (name, value) in &shell {
            home = value.iter().fold(home, |home, value| home.set(name, value));
        }
        let run = home.rolenv(&[arguments, &["--shell", "powershell"]].concat());
        assert_eq!((run.status, run.stdout.lines().count()), (Some(0), 1), "{run:?}");
        shell.extend(by_grammar(&run.stdout));
        if arguments[0] == "assume" {
            assert_eq!(shell["ROLENV_PROFILE"].as_deref(), Some(arguments[1]));
            assert_eq!(shell["AWS_PROFILE"], None);
            assert!(
                shell["AWS_SESSION_TOKEN"]
                    .as_ref()
                    .is_some_and(|token| token.len() > 100)
            );
        }
    }
    assert_eq!(shell, start);
}

#[test]
fn a_failure_is_one_statement_that_stops() {
    let sts = world().start();
    for arguments in [
        &["assume", "typo"][..],
        &["assume", "--bogus"],
        &["asume"],
        &[],
        &["assume", "forbidden"],
    ] {
        let run = Home::new(&sts).rolenv(&[arguments, &["--shell", "powershell"]].concat());
        assert_ne!(run.status, Some(0));
        let mut parser = tree_sitter::Parser::new();
        parser
            .set_language(&tree_sitter_powershell::LANGUAGE.into())
            .expect("a grammar");
        let tree = parser.parse(&run.stdout, None).expect("a tree");
        assert!(!tree.root_node().has_error(), "{run:?}");
        golden::record(&run);
    }
}

#[test]
fn every_value_comes_back_in_the_real_program() {
    let Some(program) = powershell::real() else { return };
    let cat = if cfg!(windows) {
        "cmd /c type statements"
    } else {
        "cat statements"
    };
    let home = Home::empty();
    let show = show();
    let one = |form: &str, batch: &Batch| {
        let changes = text_only(batch)?;
        home.write("statements", values::script(POWERSHELL, &changes)?);
        let run = powershell::run(&program, &home, &[form.replace("{}", cat), show.clone()]);
        prop_assert_eq!(run.status, Some(0), "{}: {:?}", form, run);
        // An empty value is no value up to PowerShell 7.4.
        let mut expected = assigned(&changes);
        expected.retain(|_, value| value.as_ref().is_some_and(|value| !value.is_empty()));
        prop_assert_eq!(shown(&home), expected, "{}", form);
        Ok(())
    };
    for form in FORMS {
        for batch in known_batches() {
            one(form, &batch).unwrap_or_else(|failure| panic!("{failure}"));
        }
        check(10, &batch(), |batch| one(form, &batch));
    }
    assert!(!home.path("pwned").exists(), "a value was run");
}

#[test]
fn the_real_program_goes_there_and_back() {
    let Some(program) = powershell::real() else { return };
    let sts = world().start();
    for form in FORMS {
        let home = Home::new(&sts)
            .set("AWS_PROFILE", "it's")
            .set("AWS_REGION", "eu-north-1");
        let evaluate = |arguments: &str| form.replace("{}", &format!("& '{}' {arguments}", rolenv().display()));
        let there = [evaluate("assume marketingadmin"), evaluate("assume chained"), show()];
        let run = powershell::run(&program, &home, &there);
        assert_eq!(run.status, Some(0), "{form}: {run:?}");
        assert_eq!(shown(&home)["ROLENV_PROFILE"].as_deref(), Some("chained"), "{form}");
        let back = [there[0].clone(), there[1].clone(), evaluate("clear"), show()];
        let run = powershell::run(&program, &home, &back);
        assert_eq!(run.status, Some(0), "{form}: {run:?}");
        let start = [("AWS_PROFILE", "it's"), ("AWS_REGION", "eu-north-1")];
        assert_eq!(
            shown(&home),
            start
                .map(|(name, value)| (name.to_owned(), Some(value.to_owned())))
                .into()
        );
    }
}

#[test]
fn the_real_program_stops_at_a_failure() {
    let Some(program) = powershell::real() else { return };
    let sts = world().start();
    for form in FORMS {
        for arguments in ["assume typo", "assume --bogus", "asume", "", "assume forbidden"] {
            let home = Home::new(&sts);
            let evaluate = form.replace("{}", &format!("& '{}' {arguments}", rolenv().display()));
            let run = powershell::run(&program, &home, &[evaluate, "'x' > deployed".to_owned()]);
            assert!(!home.path("deployed").exists(), "{form} {arguments}: {run:?}");
            assert_ne!(run.status, Some(0), "{form} {arguments}: {run:?}");
        }
    }
}

/// The line with which PowerShell writes our variables to a file, whatever the system.
fn show() -> String {
    let names: Vec<String> = Var::ALL.iter().map(|var| format!("'{}'", var.name())).collect();
    format!(
        "[IO.File]::WriteAllText((Join-Path (Get-Location) 'after'), -join ({} | ForEach-Object {{ $v = \
         [Environment]::GetEnvironmentVariable($_); if ($v) {{ $_ + '=' + $v + [char]0 }} }}))",
        names.join(",")
    )
}

fn shown(home: &Home) -> Assigned {
    let text = std::fs::read_to_string(home.path("after")).expect("what PowerShell wrote");
    let pairs = text.split('\0').filter_map(|line| line.split_once('='));
    pairs
        .map(|(name, value)| (name.to_owned(), Some(value.to_owned())))
        .collect()
}

/// A person may call it by either name.
#[test]
fn pwsh_and_powershell_are_one() {
    let printed = |shell| Run::of(Home::empty().command(rolenv()).args(["clear", "--shell", shell])).stdout;
    assert_eq!(printed("pwsh"), printed("powershell"));
}
