//! On a terminal nothing secret is printed: a person is told the line to type in this very shell, and nobody is asked
//! for anything before that.
#![cfg(unix)]

use crate::support;
use crate::support::golden;

use crate::support::shells;

use fake_sts::FakeSts;

use shells::{Shell, on_terminal, with_rolenv};
use support::{Home, KEY, Run, world};

in_every_shell!(assume_on_a_terminal_says_what_to_type: super::says_what_to_type);

fn says_what_to_type(shell: &Shell) {
    let sts = world().start();
    let home = with_rolenv(Home::new(&sts));
    let line = "rolenv assume marketingadmin --duration 1h";
    let Some(run) = on_screen(shell, &home, line) else {
        return;
    };
    golden::record_text(&format!("$ {line}\n{}", run.stdout));
    // The very line with which the tests of this shell evaluate what is printed.
    assert!(
        run.stdout.contains(&format!("    {}\n", shell.evaluate(line))),
        "{run:?}"
    );
    for part in ["export ", "AWS_", "ASIA", "false;", "fail '", "raise "] {
        assert!(!run.stdout.contains(part), "{part}: {run:?}");
    }
    assert!(sts.requests().is_empty());
}

/// What a person sees when a script of this shell runs `line` on a terminal.
fn on_screen(shell: &Shell, home: &Home, line: &str) -> Option<Run> {
    // Not the last command, so that the shell stays.
    shell.write(home, &[line.to_owned(), "true".to_owned()]);
    let mut run = Run::of(&mut on_terminal(home, &shell.line())?);
    run.stdout = run.stdout.replace("\r\n", "\n");
    Some(run)
}

/// The same without a shell that has its own idea of a status.
fn status(home: &Home, line: &str) -> Option<Run> {
    Some(Run::of(&mut on_terminal(home, &format!("exec {line}"))?))
}

fn home(sts: &FakeSts) -> Home {
    with_rolenv(Home::new(sts))
}

#[test]
fn the_status_of_the_guard_is_that_of_a_usage_error() {
    let sts = world().start();
    for line in [
        "rolenv assume marketingadmin",
        "rolenv clear",
        "rolenv assume typo",
        "rolenv assume secured",
    ] {
        if let Some(run) = status(&home(&sts), line) {
            assert_eq!(run.status, Some(2), "{run:?}");
        }
    }
    assert!(sts.requests().is_empty());
}

/// A code on the command line is good for one use, and is not repeated on a screen.
#[test]
fn the_line_to_type_repeats_no_code() {
    let sts = world().start();
    for line in [
        "rolenv assume secured --mfa-code 123456",
        "rolenv assume secured --mfa-code=123456",
    ] {
        let home = home(&sts);
        if let Some(run) = on_screen(&shells::BASH, &home, line) {
            assert!(run.stdout.contains("CODE") && !run.stdout.contains("123456"), "{run:?}");
        }
    }
    assert!(sts.requests().is_empty());
}

/// A name with blanks and quotes, typed again as it has to be: what the line prints is what the shell would run.
#[test]
fn the_line_to_type_can_be_typed() {
    let sts = world().start();
    let name = r#"it's a "b" ü"#;
    for (shell, typed) in [
        (shells::BASH, r#"rolenv assume 'it'\''s a "b" ü' --region us-east-1"#),
        (shells::ZSH, r#"rolenv assume 'it'\''s a "b" ü' --region us-east-1"#),
        (shells::FISH, r#"rolenv assume 'it\'s a "b" ü' --region us-east-1"#),
        (shells::ELVISH, r#"rolenv assume 'it''s a "b" ü' --region us-east-1"#),
        (shells::NUSHELL, r#"rolenv assume "it's a \"b\" ü" --region us-east-1"#),
    ] {
        if !shell.is_there() {
            continue;
        }
        let home = home(&sts);
        let Some(run) = on_screen(&shell, &home, typed) else {
            return;
        };
        let told = run
            .stdout
            .lines()
            .find_map(|line| line.strip_prefix("    "))
            .expect("a line to type");
        sts.clear_requests();
        let shown = shell.run(&home, &[told.to_owned(), shell.show("after")]);
        assert_eq!(sts.requests().len(), 1, "{}: `{told}`: {shown:?}", shell.name);
        let after = shells::shown(&home, "after");
        assert_eq!(
            after[std::ffi::OsStr::new("ROLENV_PROFILE")],
            name,
            "{}: `{told}`",
            shell.name
        );
    }
}

/// Shells that ignore lines with a blank in front keep them out of their history.
#[test]
fn show_prints_statements_with_a_blank_in_front() {
    let sts = world().start();
    let home = home(&sts);
    let Some(run) = on_screen(&shells::BASH, &home, "rolenv assume marketingadmin --show --quiet") else {
        return;
    };
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines.len() > 8, "{run:?}");
    assert!(
        lines
            .iter()
            .all(|line| line.starts_with(" export ") || line.starts_with(" unset ")),
        "{run:?}"
    );
    // Away from a terminal there is nothing to keep out of a history.
    let run = home.rolenv(&["assume", "marketingadmin", "--show", "--shell", "sh"]);
    golden::record(&run);
}

/// What `clear` restores may be somebody's long-term keys.
#[test]
fn clear_on_a_terminal_prints_no_restored_key() {
    let sts = world().start();
    let home = home(&sts)
        .set("AWS_ACCESS_KEY_ID", KEY.0)
        .set("AWS_SECRET_ACCESS_KEY", KEY.1);
    let run = home.rolenv(&["assume", "marketingadmin", "--format", "json"]);
    let restore = run.variable("ROLENV_RESTORE").expect("what was there before");
    let home = home.set("ROLENV_RESTORE", restore);
    for shell in [shells::BASH, shells::FISH, shells::TCSH, shells::ELVISH] {
        if !shell.is_there() {
            continue;
        }
        let Some(run) = on_screen(&shell, &home, "rolenv clear") else {
            return;
        };
        assert!(
            !run.stdout.contains(KEY.0) && !run.stdout.contains(KEY.1),
            "{}: {run:?}",
            shell.name
        );
        assert!(
            run.stdout
                .contains(&format!("    {}\n", shell.evaluate("rolenv clear"))),
            "{run:?}"
        );
    }
    // With `--show` they are there, so the silence above is the guard's.
    let run = on_screen(&shells::BASH, &home, "rolenv clear --show").expect("a terminal");
    assert!(run.stdout.contains(KEY.1), "{run:?}");
}
