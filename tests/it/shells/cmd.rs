//! cmd.exe: values, there and back, failures. wine runs it; what wine cannot do is done in another way, as said there.
#![cfg(unix)]

use crate::support;

use crate::support::cmd;
use crate::support::shells;
use crate::support::values;

use std::ffi::OsString;

use fake_sts::FakeSts;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use rolenv::env::Var;
use rolenv::shell::{Dialect, Shell as Language};

use shells::{Variables, aws, exists, in_the_role};
use support::{Home, KEY, ROLE, Run, world};
use values::{Value, batch, carried, changes, check, compare, is_refused, known, known_batches, script};

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
    match cmd::run(home, &Variables::new(), &[line]) {
        Some(after) => compare(line, &changes, &after),
        None => Ok(()),
    }
}

/// wine waits for no Linux program, so what `for /f` would read is fetched between two batch files.
#[test]
fn clear_in_cmd_returns_to_what_was_there() {
    let sts = world().start();
    let environments: [&[(&str, &str)]; 3] = [
        &[],
        &[
            ("AWS_PROFILE", "dev"),
            ("AWS_REGION", "eu-north-1"),
            ("AWS_ACCESS_KEY_ID", KEY.0),
            ("AWS_SECRET_ACCESS_KEY", KEY.1),
        ],
        &[
            ("AWS_PROFILE", " a & b | c > d ^ (e) 'f' "),
            ("AWS_ACCOUNT_ID", "=1"),
            ("AWS_SECURITY_TOKEN", "~*?;,"),
        ],
    ];
    for environment in environments {
        let start: Variables = environment
            .iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        let Some(first) = in_cmd(&sts, &start, &["assume", "marketingadmin"]) else {
            return;
        };
        in_the_role(&first, "marketingadmin", ROLE);
        let second = in_cmd(&sts, &first, &["assume", "chained"]).expect("wine");
        in_the_role(&second, "chained", "arn:aws:iam::333333333333:role/deep/inner");
        assert_eq!(in_cmd(&sts, &second, &["clear"]).expect("wine"), start);
    }
}

#[test]
fn clear_in_cmd_unsets_what_it_cannot_restore_and_says_so() {
    let sts = world().start();
    let start = Variables::from([
        ("AWS_PROFILE".into(), "100%".into()),
        ("AWS_SESSION_TOKEN".into(), "!".into()),
        ("AWS_ACCOUNT_ID".into(), "1".into()),
    ]);
    let Some(first) = in_cmd(&sts, &start, &["assume", "marketingadmin"]) else {
        return;
    };
    let end = in_cmd(&sts, &first, &["clear"]).expect("wine");
    assert_eq!(end, Variables::from([("AWS_ACCOUNT_ID".into(), "1".into())]));
}

/// The managed variables after cmd.exe read what rolenv printed.
fn in_cmd(sts: &FakeSts, before: &Variables, arguments: &[&str]) -> Option<Variables> {
    let mut home = Home::new(sts);
    for (name, value) in before {
        home = home.set(name.to_str().expect("a name"), value);
    }
    let run = home.rolenv(&[arguments, &["--shell", "cmd"]].concat());
    assert_eq!(run.status, Some(0), "{run:?}");
    home.write("statements.bat", run.stdout);
    let after = cmd::run(&home, before, &["call statements.bat"])?;
    let is_managed = |name: &OsString| Var::ALL.iter().any(|var| name == var.name());
    Some(after.into_iter().filter(|(name, _)| is_managed(name)).collect())
}

#[test]
fn nothing_is_deployed_after_a_failed_assume_in_cmd() {
    let sts = world().start();
    for arguments in [
        &["assume", "typo", "--shell", "cmd"][..],
        &["assume", "--bogus", "--shell", "cmd"],
        &["--shell", "cmd"],
        &["asume", "x", "--shell", "cmd"],
        &["assume", "forbidden", "--shell", "cmd"],
    ] {
        let home = Home::new(&sts);
        let run = home.rolenv(arguments);
        home.write("statements.bat", &run.stdout);
        // wine runs both sides of `&&`, so the status is asked for as older scripts do.
        for line in [
            "call statements.bat",
            "for /f \"tokens=1*\" %%a in (statements.bat) do @%%a %%b",
        ] {
            let lines = [
                line,
                "if not errorlevel 1 echo x>deployed",
                "if errorlevel 1 echo x>stopped",
            ];
            let before = Variables::from([("AWS_PROFILE".into(), "dev".into())]);
            let Some(after) = cmd::run(&home, &before, &lines) else {
                return;
            };
            assert!(
                exists(&home, "stopped") && !exists(&home, "deployed"),
                "{arguments:?} {line}: {run:?}"
            );
            assert_eq!(
                aws(after),
                before.into_iter().chain(aws_of(&home)).collect::<Variables>()
            );
            std::fs::remove_file(home.path("stopped")).expect("a file");
        }
    }
}

/// What the home itself has.
fn aws_of(home: &Home) -> Variables {
    let run = Run::of(home.command("env").arg("-0"));
    aws(shells::variables(run.stdout.as_bytes()))
}
