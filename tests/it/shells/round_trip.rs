//! Assume, assume again, clear, in every shell with the real binary: whatever the environment was, it is that again,
//! byte for byte; and in between it is what STS issued.
#![cfg(unix)]

use crate::support;
use crate::support::golden;

use crate::support::shells;
use crate::support::values;

use std::ffi::{OsStr, OsString};

use fake_sts::FakeSts;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use rolenv::env::Var;
use rolenv::shell::Shell as Language;

use shells::{Shell, Variables, in_the_role, shown, with_rolenv};
use support::{Home, ROLE, world};
use values::{Value, check, known, os};

in_every_shell!(clear_returns_to_what_was_there: super::there_and_back =>
    in_bash BASH,
    in_bash_posix BASH_POSIX,
    in_zsh ZSH,
    in_zsh_with_odd_options ZSH_OPTIONS,
    in_dash DASH,
    in_ksh93 KSH93,
    in_mksh MKSH,
    in_fish FISH,
    in_tcsh TCSH,
    in_elvish ELVISH,
    in_xonsh XONSH,
    in_nushell NUSHELL,
);

/// Variables with the values that a person had before.
type Before = Vec<(String, Value)>;

fn there_and_back(shell: &Shell) {
    let sts = world().start();
    let one = |before: Before| round_trip(shell, &sts, &before);
    let everything = MANAGED.map(|var| {
        (
            var.name().to_owned(),
            b"'; touch pwned; ' \\ $(touch pwned)\t!x! =".to_vec(),
        )
    });
    one(Vec::new()).unwrap_or_else(|failure| panic!("{failure}"));
    one(everything.to_vec()).unwrap_or_else(|failure| panic!("{failure}"));
    check(6, &before(shell.language), one);
}

fn round_trip(shell: &Shell, sts: &FakeSts, before: &Before) -> Result<(), TestCaseError> {
    let home = home(sts, before);
    let run = shell.run(
        &home,
        &[
            shell.show("start"),
            shell.evaluate("rolenv assume marketingadmin"),
            shell.show("first"),
            shell.evaluate("rolenv assume chained"),
            shell.show("second"),
            shell.evaluate("rolenv clear"),
            shell.show("end"),
        ],
    );
    prop_assert_eq!(run.status, Some(0), "{}: {:?}", shell.name, run);
    let [start, first, second, end] = ["start", "first", "second", "end"].map(|file| person(shown(&home, file)));
    for (name, value) in before {
        // What some shells do to bytes that are not text, they do when they start.
        if shell.language != Language::Nushell || std::str::from_utf8(value).is_ok() {
            prop_assert_eq!(
                start.get(OsStr::new(name)),
                Some(&os(value)),
                "{} in {}",
                name,
                shell.name
            );
        }
    }
    in_the_role(&first, "marketingadmin", ROLE);
    in_the_role(&second, "chained", "arn:aws:iam::333333333333:role/deep/inner");
    prop_assert_ne!(
        first.get(OsStr::new("AWS_SESSION_TOKEN")),
        second.get(OsStr::new("AWS_SESSION_TOKEN"))
    );
    prop_assert_eq!(unmanaged(&first), unmanaged(&start), "{}", shell.name);
    prop_assert_eq!(unmanaged(&second), unmanaged(&start), "{}", shell.name);
    prop_assert_eq!(&end, &start, "{}", shell.name);
    prop_assert!(!shells::exists(&home, "pwned"), "a value was run");
    Ok(())
}

fn home(sts: &FakeSts, before: &Before) -> Home {
    let mut home = with_rolenv(Home::new(sts));
    for (name, value) in before {
        home = home.set(name, os(value));
    }
    home
}

/// Every variable but our own marks.
const MANAGED: [Var; 9] = [
    Var::AccessKeyId,
    Var::SecretAccessKey,
    Var::SessionToken,
    Var::CredentialExpiration,
    Var::Profile,
    Var::DefaultProfile,
    Var::SecurityToken,
    Var::SessionExpiration,
    Var::AccountId,
];

/// Without what shells change themselves from command to command.
fn person(mut variables: Variables) -> Variables {
    for name in ["_", "SHLVL", "PWD", "OLDPWD", "COLUMNS", "LINES"] {
        variables.remove(OsStr::new(name));
    }
    variables
}

fn unmanaged(variables: &Variables) -> Variables {
    let is_managed = |name: &OsString| Var::ALL.iter().any(|var| name == var.name());
    let others = variables.iter().filter(|(name, _)| !is_managed(name));
    others.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Any of the managed variables, and some that are nobody's business.
fn before(language: Language) -> impl Strategy<Value = Before> {
    let nasty: Vec<Value> = known()
        .into_iter()
        .filter(move |value| is_carried(language, value))
        .collect();
    let value = prop_oneof![Just(b"dev".to_vec()), prop::sample::select(nasty)];
    let region = prop::sample::select(vec![b"eu-north-1".to_vec(), b"us-east-1".to_vec(), Value::new()]);
    let managed = MANAGED.map(|var| (Just(var.name()), prop::option::of(value.clone())));
    let regions = ["AWS_REGION", "AWS_DEFAULT_REGION"].map(|name| (Just(name), prop::option::of(region.clone())));
    let others =
        ["OTHER", "AWS_PAGER", "AWS_ROLE_SESSION_NAMES"].map(|name| (Just(name), prop::option::of(value.clone())));
    (managed.to_vec(), regions.to_vec(), others.to_vec()).prop_map(|(managed, regions, others)| {
        let all = managed.into_iter().chain(regions).chain(others);
        all.filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect()
    })
}

fn is_carried(language: Language, value: &[u8]) -> bool {
    match language {
        Language::Tcsh => !value.contains(&b'\n'),
        Language::Nushell => std::str::from_utf8(value).is_ok(),
        _ => true,
    }
}

/// Its grammar has no way to write a line break: nobody is stuck in the role, and the note says what was lost.
#[test]
fn clear_in_tcsh_unsets_what_it_cannot_restore_and_says_so() {
    let shell = shells::TCSH;
    if !shell.is_there() {
        return;
    }
    let sts = world().start();
    let before = [
        ("AWS_PROFILE", "two\nlines"),
        ("AWS_SESSION_TOKEN", "\n"),
        ("AWS_ACCOUNT_ID", "1"),
    ];
    let home = home(
        &sts,
        &before.map(|(name, value)| (name.to_owned(), value.into())).to_vec(),
    );
    let lines = [
        shell.evaluate("rolenv assume marketingadmin"),
        shell.evaluate("rolenv clear"),
        shell.show("end"),
    ];
    let run = shell.run(&home, &lines);
    assert_eq!(run.status, Some(0), "{run:?}");
    golden::record(&run);
    let end = shown(&home, "end");
    for var in Var::ALL.into_iter().filter(|var| *var != Var::AccountId) {
        assert_eq!(end.get(OsStr::new(var.name())), None, "{}", var.name());
    }
    assert_eq!(end[OsStr::new("AWS_ACCOUNT_ID")], "1");
}

/// A universal variable is every session's of the person, and lives on disk: it is neither erased nor changed.
///
/// This session sees nothing of it in between. Its children do: fish (3.6 to 4) exports a universal variable although
/// a global that is not exported hides it, and an exported empty one would be worse, because the AWS CLI looks for a
/// profile without a name then.
#[test]
fn a_universal_variable_of_fish_is_hidden_and_comes_back() {
    let shell = shells::FISH_WITH_DISK;
    if !shell.is_there() {
        return;
    }
    let sts = world().start();
    let home = with_rolenv(Home::new(&sts));
    let profile = |file| format!("echo $AWS_PROFILE > {file}");
    let lines = [
        "set -Ux AWS_PROFILE dev".to_owned(),
        profile("before"),
        shell.evaluate("rolenv assume marketingadmin"),
        profile("first"),
        shell.evaluate("rolenv assume chained"),
        profile("second"),
        shell.evaluate("rolenv clear"),
        profile("end"),
        shell.show("exported"),
    ];
    let run = shell.run(&home, &lines);
    assert_eq!(run.status, Some(0), "{run:?}");
    golden::record(&run);
    let seen = ["before", "first", "second", "end"].map(|file| std::fs::read_to_string(home.path(file)).expect(file));
    assert_eq!(seen, ["dev\n", "\n", "\n", "dev\n"]);
    assert_eq!(shown(&home, "exported")[OsStr::new("AWS_PROFILE")], "dev");
    // The next session has it from disk.
    let run = shell.run(&home, &["set -qg AWS_PROFILE; and exit 9".to_owned(), profile("later")]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert_eq!(std::fs::read_to_string(home.path("later")).expect("later"), "dev\n");
}
