//! A failed assume fails: what stands behind it is not run, in any shell, and the environment is what it was.
#![cfg(unix)]

use crate::support;
use crate::support::golden;

use crate::support::shells;

use shells::{Shell, aws, exists, shown, with_rolenv};
use support::{Home, KEY, world};

in_every_shell!(nothing_is_deployed_after_a_failed_assume: super::nothing_is_deployed =>
    in_bash BASH,
    in_bash_posix BASH_POSIX,
    in_zsh ZSH,
    in_dash DASH,
    in_ksh93 KSH93,
    in_mksh MKSH,
    in_fish FISH,
    in_tcsh TCSH,
    in_elvish ELVISH,
    in_xonsh XONSH,
    in_nushell NUSHELL,
);

in_every_shell!(a_script_that_stops_at_errors_stops_at_a_failed_assume: super::the_script_stops =>
    in_bash BASH,
    in_bash_posix BASH_POSIX,
    in_zsh ZSH,
    in_dash DASH,
    in_ksh93 KSH93,
    in_mksh MKSH,
    in_fish FISH,
    in_tcsh TCSH,
    in_tcsh_e TCSH_E,
    in_elvish ELVISH,
    in_xonsh XONSH,
    in_nushell NUSHELL,
);

in_every_shell!(the_failing_statement_fails_by_itself: super::the_statement_fails);

/// Every kind of failure, as a command line.
const FAILURES: [&str; 14] = [
    "rolenv assume typo",
    "rolenv assume --bogus",
    "rolenv assume marketingadmin --bogus",
    "rolenv asume marketingadmin",
    "rolenv",
    "rolenv assume",
    "rolenv assume marketingadmin --duration 13h",
    "rolenv assume marketingadmin --duration parsecs",
    "rolenv assume marketingadmin --shell klingon",
    "rolenv assume arn:aws:iam::12:role/x",
    // No request for help, although it looks like one.
    "rolenv assume --bogus -h",
    "rolenv assume -- -h",
    // Refused by STS.
    "rolenv assume forbidden",
    // Nobody listens there.
    "env AWS_ENDPOINT_URL_STS=http://127.0.0.1:1 rolenv assume marketingadmin",
];

/// Requests for help where a shell evaluates what is printed.
const HELP: [&str; 5] = [
    "rolenv assume --help",
    "rolenv assume marketingadmin -h",
    "rolenv assume -V",
    "rolenv clear --help",
    "rolenv clear --version",
];

in_every_shell!(help_is_never_evaluated: super::help_is_not_evaluated);

fn help_is_not_evaluated(shell: &Shell) {
    let home = with_rolenv(Home::empty());
    for line in HELP {
        for lines in [
            shell.and_then(line, "touch deployed"),
            shell.or_stop(line, "touch deployed"),
        ] {
            let run = shell.run(&home, &[lines]);
            assert!(!exists(&home, "deployed"), "{} {line}: {run:?}", shell.name);
            let is_shown = run.stderr.contains("Usage: rolenv ") || run.stderr.contains("rolenv 0.");
            assert!(is_shown, "{} {line}: {run:?}", shell.name);
        }
    }
}

fn nothing_is_deployed(shell: &Shell) {
    let sts = world().start();
    let home = home(&sts);
    for failure in FAILURES {
        let lines = [
            shell.show("before"),
            shell.and_then(failure, "touch deployed"),
            shell.show("after"),
        ];
        let run = shell.run(&home, &lines);
        assert!(!exists(&home, "deployed"), "{} {failure}: {run:?}", shell.name);
        let [before, after] = ["before", "after"].map(|file| aws(shown(&home, file)));
        assert_eq!(after, before, "{} {failure}: {run:?}", shell.name);
        std::fs::remove_file(home.path("after")).expect("a file");
        golden::record(&run);
    }
    // The same lines with a target that can be assumed do come to the end.
    let run = shell.run(
        &home,
        &[shell.and_then("rolenv assume marketingadmin", "touch deployed")],
    );
    assert!(exists(&home, "deployed"), "{}: {run:?}", shell.name);
}

fn the_script_stops(shell: &Shell) {
    let sts = world().start();
    let home = home(&sts);
    for failure in FAILURES {
        let run = shell.run(&home, &[shell.or_stop(failure, "touch deployed")]);
        assert!(!exists(&home, "deployed"), "{} {failure}: {run:?}", shell.name);
        assert_ne!(run.status, Some(0), "{} {failure}: {run:?}", shell.name);
    }
    let run = shell.run(
        &home,
        &[shell.or_stop("rolenv assume marketingadmin", "touch deployed")],
    );
    assert!(exists(&home, "deployed"), "{}: {run:?}", shell.name);
    assert_eq!(run.status, Some(0), "{}: {run:?}", shell.name);
}

/// Some shells look at the status of the command as well, but not all of their versions do, and not in every form.
fn the_statement_fails(shell: &Shell) {
    let home = Home::empty();
    home.write("statements", shell.dialect().failing_statement());
    for lines in [
        shell.and_then("cat statements", "touch deployed"),
        shell.or_stop("cat statements", "touch deployed"),
    ] {
        let run = shell.run(&home, &[lines]);
        assert!(!exists(&home, "deployed"), "{}: {run:?}", shell.name);
    }
}

/// Somebody who has keys already, which must not be lost to a failure.
fn home(sts: &fake_sts::FakeSts) -> Home {
    with_rolenv(Home::new(sts))
        .set("AWS_ACCESS_KEY_ID", KEY.0)
        .set("AWS_SECRET_ACCESS_KEY", KEY.1)
}

/// The two grammars in which no program is read back at run time fail at once on nothing.
#[test]
fn a_failure_prints_nothing_for_readers_of_files() {
    let sts = world().start();
    for arguments in [
        ["assume", "typo", "--format", "json"],
        ["assume", "typo", "--shell", "nushell"],
    ] {
        let run = Home::new(&sts).rolenv(&arguments);
        assert_eq!((run.status, run.stdout.as_str()), (Some(1), ""), "{run:?}");
    }
}
