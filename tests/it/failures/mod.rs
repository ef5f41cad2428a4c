//! Every way to fail: what is said, with which status, and that the shell is made to fail.

mod sts;

use crate::support;
use crate::support::golden;

use fake_sts::Fault;
use support::{Home, KEY, Run, world};

/// Fails unless `run` failed as every failure has to: the shell's failing statement, a message in our form, no
/// secret, no word of Rust.
fn assert_fails(run: &Run, status: i32) {
    assert_eq!(run.status, Some(status), "{run:?}");
    assert_eq!(run.stdout, "false;\n", "{run:?}");

    assert!(run.stderr.starts_with("rolenv: "), "{run:?}");
    for leak in [
        KEY.1, "123456", "Action=", "{ ", "Error(", "os error", "panicked", "\x1b",
    ] {
        assert!(!run.stderr.contains(leak), "{leak:?} in {run:?}");
    }
    let message = run.stderr.split("\n\n").next().unwrap_or_default();
    assert_eq!(message.lines().count(), 1, "{run:?}");
    if let Some(hint) = run.stderr.split_once("\n\n") {
        assert!(hint.1.starts_with("hint: "), "{run:?}");
    }
    golden::record(run);
}

fn assume(home: &Home, arguments: &[&str]) -> Run {
    home.rolenv(&[&["assume", "--shell", "sh"], arguments].concat())
}

#[test]
fn command_lines_that_do_not_parse() {
    let home = Home::with(support::CONFIG, support::CREDENTIALS);
    for arguments in [
        &["assume", "x", "--bogus"][..],
        &["asume", "x"],
        &[],
        &["assume", "x", "y"],
        &["assume", "x", "--shell", "klingon"],
        &["assume", "x", "--shell", "sh", "--format", "json"],
        &["assume", "x", "-d", "0"],
        &["assume", "x", "-d", "14m"],
        &["assume", "x", "-d", "13h"],
        &["assume", "x", "-d", "12 parsecs"],
        &["clear", "now"],
    ] {
        // `--shell` may stand before or behind what does not parse, or be missing.
        let run = Run::of(
            home.command("sh")
                .arg("-c")
                .arg("\"$@\"; exit $?")
                .arg("-")
                .arg(support::rolenv())
                .args(arguments),
        );
        if arguments.contains(&"json") {
            assert_eq!((run.status, run.stdout.is_empty()), (Some(2), false), "{run:?}");
        } else {
            assert_fails(&run, 2);
        }
    }
}

#[test]
fn help_and_version_are_printed_where_no_shell_evaluates_them() {
    let home = Home::empty();
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["version"],
        &["help"],
        &["help", "assume"],
        &["help", "cache", "clear"],
        &["status", "-h"],
        &["cache", "list", "--help"],
    ] {
        let run = home.rolenv(arguments);
        assert_eq!(run.status, Some(0), "{run:?}");
        assert!(run.stdout.contains("rolenv") && run.stderr.is_empty(), "{run:?}");
        assert!(
            !run.stdout.contains("How the answer"),
            "a command's help starts with what it does: {run:?}"
        );
    }
}

#[test]
fn the_help_of_a_command_that_prints_statements_goes_to_standard_error() {
    let home = Home::empty();
    for (arguments, statement) in [
        (&["assume", "-h"][..], "false;\n"),
        (&["clear", "--help"], "false;\n"),
        (&["assume", "--version"], "false;\n"),
        (&["clear", "-V", "--shell", "cmd"], "cmd /c exit 1\n"),
        (&["assume", "--help", "--format", "json"], ""),
    ] {
        let run = home.rolenv(arguments);
        assert_eq!((run.status, run.stdout.as_str()), (Some(2), statement), "{run:?}");
        golden::record(&run);
    }
}

/// A command in a hint can be pasted into the shell that the output is for.
#[test]
fn commands_in_hints_are_quoted_for_the_shell() {
    let home = Home::with("[profile \"it's\"]\nregion = eu-west-1\n", "");
    for (shell, quoted) in [
        ("bash", r"'it'\''s'"),
        ("fish", r"'it\'s'"),
        ("powershell", "'it''s'"),
        ("cmd", "\"it's\""),
        ("xonsh", r"'it\'s'"),
    ] {
        let run = home.rolenv(&["assume", "it's", "--shell", shell]);
        assert_eq!(run.status, Some(1), "{run:?}");
        assert!(run.stderr.contains(&format!("--profile {quoted}`")), "{shell}: {run:?}");
        golden::record(&run);
    }
}

/// The command line is checked before any file is read.
#[test]
fn usage_errors_come_before_those_of_files() {
    let home = Home::with("", "");
    let directory = home.path(".aws");
    let home = home.set("AWS_CONFIG_FILE", directory);
    for options in [
        &["--tag", "x"][..],
        &["--policy", "{"],
        &["--session-name", "a b"],
        &["-d", "1m"],
    ] {
        assert_fails(&assume(&home, &[&["marketingadmin"], options].concat()), 2);
    }
}

#[test]
fn files_that_cannot_be_read() {
    let run = assume(&Home::empty(), &["x"]);
    assert_fails(&run, 1);
    golden::record(&run);

    let home = Home::with("", "").set("AWS_CONFIG_FILE", "/nonexistent/config");
    let run = assume(&home, &["x"]);
    golden::record(&run);

    let home = Home::with("", "");
    let directory = home.path(".aws");
    let run = assume(&home.set("AWS_CONFIG_FILE", directory.clone()), &["x"]);
    assert_fails(&run, 1);

    let run = assume(&Home::with("", "").set("AWS_CONFIG_FILE", "/dev/zero"), &["x"]);
    assert_fails(&run, 1);
}

#[test]
fn what_stands_in_the_wrong_place_is_not_repeated() {
    let home = Home::with(support::CONFIG, support::CREDENTIALS);
    let run = assume(&home, &["secured", "--mfa-serial", "123456"]);
    assert_fails(&run, 2);
    let home = home.set("AWS_ENDPOINT_URL_STS", "http://ana:hunter2@sts.example");
    let run = assume(&home, &["marketingadmin"]);
    assert_fails(&run, 1);
    assert!(!run.stderr.contains("hunter2"), "{run:?}");
}

/// An indented key is a part of the value above it, and may be a secret.
#[test]
fn a_value_that_goes_on_is_not_repeated() {
    for key in [
        "region",
        "role_arn",
        "source_profile",
        "role_session_name",
        "endpoint_url",
        "aws_access_key_id",
    ] {
        let config = format!(
            "[profile x]\nrole_arn = {}\nsource_profile = base\n[profile y]\n{key} = value\n  aws_secret_access_key = HUNTER2\n",
            support::ROLE
        );
        let home = Home::with(&config, support::CREDENTIALS);
        let run = assume(&home, &["y"]);
        assert_fails(&run, 1);
        assert!(!run.stderr.contains("HUNTER2"), "{run:?}");
    }
}

#[test]
fn mfa_codes_that_are_missing_or_wrong() {
    let sts = world().start();
    let home = Home::new(&sts);
    let run = assume(&home, &["secured"]);
    assert_fails(&run, 1);
    golden::record(&run);
    for junk in ["12345", "12345x", "1234567"] {
        let run = assume(&home, &["secured", "--mfa-code", junk]);
        assert_fails(&run, 1);
        assert!(!run.stderr.contains(junk), "{run:?}");
    }
    assert!(sts.requests().is_empty());

    let wrong = assume(&home, &["secured", "--mfa-code", "000000"]);
    assert_fails(&wrong, 1);
    assert!(
        wrong.stderr.contains("wait for the next one") && !wrong.stderr.contains("000000"),
        "{wrong:?}"
    );
    assert_eq!(sts.requests().len(), 1);
}

#[test]
fn a_code_is_never_sent_twice() {
    let sts = world().start();
    for fault in [
        Fault::Drop,
        Fault::Cut,
        Fault::Error {
            status: 503,
            code: "ServiceUnavailable".into(),
            message: "later".into(),
        },
    ] {
        sts.clear_requests();
        sts.always(fault);
        let run = assume(&Home::new(&sts), &["secured", "--mfa-code", "123456"]);
        assert_eq!(run.status, Some(1), "{run:?}");
        assert_eq!(sts.requests().len(), 1, "{run:?}");
    }
}

/// A code that went to the wrong place is not repeated on the screen.
#[test]
fn slips_with_a_code_do_not_show_it() {
    let home = Home::with(support::CONFIG, support::CREDENTIALS);
    for arguments in [
        &["secured", "123456"][..],
        &["secured", "--mfa-code123456"],
        &["secured", "--mfa-code", "123", "456"],
        &["123456"],
    ] {
        let run = assume(&home, arguments);
        assert_eq!(run.status, Some(2), "{run:?}");
        assert!(!run.stderr.contains("123") && !run.stderr.contains("456"), "{run:?}");
    }
}

#[test]
fn a_full_disk_is_not_a_success() {
    let sts = world().start();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let Ok(full) = full else {
        return;
    };
    let home = Home::new(&sts);
    let mut command = home.command(support::rolenv());
    let status = command.args(["assume", "marketingadmin"]).stdout(full).status();
    assert_eq!(status.ok().and_then(|status| status.code()), Some(1));
}
