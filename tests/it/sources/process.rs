//! `credential_process`: how the command is run, what is made of what it prints and says, and how long it may take.
#![cfg(unix)]

use crate::support;

use crate::support::outcome;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use outcome::{SESSION, TARGET, assert_fails, assert_session, assume};
use support::{Home, Run, world};

/// What a well-behaved process prints.
const DOCUMENT: &str = r#"{"Version": 1, "AccessKeyId": "ASIAIOSFODNN7SESSION", "SecretAccessKey": "sourcesecret/+9",
    "SessionToken": "sourcetoken/+=", "Expiration": "2999-01-01T00:00:00Z"}"#;

/// A home whose profile `p` runs the script `body`, with these words behind it. `$D` prints [`DOCUMENT`].
fn home(body: &str, words: &str) -> Home {
    let home = Home::with("", "");
    home.write("document", DOCUMENT);
    let script = home.write("script", format!("D='cat document'\n{body}\n"));
    let config = format!(
        "[profile p]\ncredential_process = sh {} {words}\n\n[profile r]\nrole_arn = {TARGET}\nsource_profile = p\n",
        script.display()
    );
    home.write(".aws/config", config);
    home
}

fn read(home: &Home, name: &str) -> String {
    std::fs::read_to_string(home.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn it_runs_in_the_person_s_own_environment() {
    let sts = world().start();
    let home = home("env >environment; $D", "")
        .set("AWS_ENDPOINT_URL_STS", sts.url())
        .set("AWS_ACCESS_KEY_ID", "AKIAOWN")
        .set("AWS_REGION", "eu-north-1")
        .set("PERSON", "ana\nb");
    home.write(".aws/credentials", support::CREDENTIALS);
    let config = format!("{}\n{}", read(&home, ".aws/config"), support::CONFIG);
    home.write(".aws/config", config);
    let inside = assume(&home, &["marketingadmin"]);
    let home = home.after(&inside);
    assert_session(&assume(&home, &["p"]));
    let environment = read(&home, "environment");
    for line in ["AWS_ACCESS_KEY_ID=AKIAOWN", "AWS_REGION=eu-north-1", "PERSON=ana", "b"] {
        assert!(environment.lines().any(|found| found == line), "{line}: {environment}");
    }
    for name in [
        "ROLENV_",
        "AWS_SESSION_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "marketingadmin",
    ] {
        assert!(!environment.contains(name), "{name}: {environment}");
    }
}

#[test]
fn how_it_ended_is_told() {
    for body in ["exit 3", "$D; exit 1", "kill -9 $$"] {
        assert_fails(&assume(&home(body, ""), &["p"]), 1);
    }
    // It inherits standard error: its own message comes first, and is not repeated.
    let run = assume(&home("echo no such account >&2; exit 3", ""), &["p"]);
    assert!(run.stderr.starts_with("no such account\nrolenv: "), "{run:?}");
    assert_eq!(run.stderr.matches("no such account").count(), 1, "{run:?}");
}

#[test]
fn what_a_slow_one_says_is_passed_on_while_it_waits() {
    let home = home(
        "printf 'touch the key\\n' >&2; while ! test -e touched; do sleep 0.05; done; echo thanks >&2; $D",
        "",
    );
    let mut command = home.command(support::rolenv());
    let command = command.args(["assume", "p", "--quiet", "--format", "json"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("rolenv");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    stderr.read_line(&mut line).expect("a line");
    assert_eq!(line, "touch the key\n");
    assert!(child.try_wait().expect("a status").is_none(), "it still waits");
    home.write("touched", "");
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).expect("the rest");
    assert_eq!(rest, "thanks\n");
    assert_session(&Run::from(child.wait_with_output().expect("rolenv")));
}

/// Fails unless `run` was quick: none of these processes would ever end.
fn in_time(run: impl FnOnce() -> Run) -> Run {
    let start = Instant::now();
    let run = run();
    assert!(
        start.elapsed() < Duration::from_secs(8),
        "{:?}: {run:?}",
        start.elapsed()
    );
    run
}

#[test]
fn too_much_output_stops_it() {
    for body in [
        "head -c 100000000 /dev/zero",
        "exec yes",
        // Not even the signal of a broken pipe ends this one.
        "trap '' PIPE; while :; do printf %65536s x; done 2>/dev/null",
    ] {
        let home = home(&format!("echo $$ >pid; {body}"), "");
        let run = in_time(|| assume(&home, &["p"]));
        assert_fails(&run, 1);
        let pid = read(&home, "pid");
        let alive = Command::new("kill")
            .args(["-0", pid.trim()])
            .stderr(Stdio::null())
            .status();
        assert!(!alive.expect("kill").success(), "{body}: still there");
    }
}

#[test]
fn what_it_leaves_running_is_not_waited_for() {
    for (body, token) in [
        // Standard error is the test's own pipe, which it would hold open.
        ("sleep 20 >/dev/null 2>&1 & $D", Some(SESSION.2)),
        ("sleep 20 2>/dev/null & $D", Some(SESSION.2)),
        ("(while sleep 0.01; do :; done) 2>/dev/null & $D", Some(SESSION.2)),
        ("sleep 20 2>/dev/null & exit 4", None),
    ] {
        let home = home(body, "");
        let run = in_time(|| assume(&home, &["p"]));
        match token {
            Some(_) => assert_session(&run),
            None => assert_fails(&run, 1),
        }
    }
}

#[test]
fn an_interrupt_fails_it_while_the_process_runs() {
    let home = home("echo $$ >started; exec sleep 20 2>/dev/null", "");
    let mut command = home.command(support::rolenv());
    let command = command.args(["assume", "p", "--shell", "sh"]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("rolenv");
    let start = Instant::now();
    while !home.path("started").exists() {
        assert!(start.elapsed() < Duration::from_secs(30), "it was not started");
        std::thread::sleep(Duration::from_millis(10));
    }
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-s", "INT", &pid])
            .status()
            .expect("kill")
            .success()
    );
    let run = in_time(|| Run::from(child.wait_with_output().expect("rolenv")));
    assert_eq!((run.status, run.stdout.as_str()), (Some(130), "false;\n"), "{run:?}");
    assert_eq!(run.stderr, "rolenv: interrupted\n");
}
