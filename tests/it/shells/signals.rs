//! An assume that is ended by a signal while it waits for STS fails like any other, and Ctrl-C ends the script, too.
#![cfg(unix)]

use crate::support;
use crate::support::golden;

use crate::support::shells;

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fake_sts::{FakeSts, Fault};

use shells::{Shell, exists, on_terminal, shown, with_rolenv};
use support::{Home, Run, world};

in_every_shell!(nothing_is_deployed_after_a_signal: super::nothing_is_deployed);

in_every_shell!(ctrl_c_ends_the_script: super::ctrl_c_ends);

/// Far longer than any test waits.
const STALL: Duration = Duration::from_mins(2);

/// A signal that reaches rolenv alone, as from a supervisor or `kill`.
fn nothing_is_deployed(shell: &Shell) {
    for signal in ["INT", "TERM"] {
        let sts = stalling();
        let home = home(&sts);
        let lines = [shell.and_then("sh slowly", "touch deployed"), shell.show("after")];
        let child = spawn(&mut shell.command(&home, &lines));
        wait_for_request(&sts);
        kill(signal, &home);
        let run = Run::from(child.wait_with_output().expect("the shell"));
        assert!(!exists(&home, "deployed"), "{} SIG{signal}: {run:?}", shell.name);
        let after = shown(&home, "after");
        assert!(
            !after.keys().any(|name| name == "AWS_SESSION_TOKEN"),
            "{} SIG{signal}: {run:?}",
            shell.name
        );
    }
}

#[test]
fn the_status_names_the_signal_and_the_statement_fails() {
    for (signal, status) in [
        ("INT", 130),
        ("TERM", 143),
        ("HUP", 129),
        ("QUIT", 131),
        ("USR1", 138),
        ("ALRM", 142),
    ] {
        let sts = stalling();
        let home = home(&sts);
        let child = spawn(home.command("sh").args(["slowly", "--shell=sh"]));
        wait_for_request(&sts);
        kill(signal, &home);
        let run = Run::from(child.wait_with_output().expect("rolenv"));
        assert_eq!((run.status, run.stdout.as_str()), (Some(status), "false;\n"), "{run:?}");
    }
}

/// Long before there is a request: here the config file is a pipe that nobody writes to.
#[test]
fn a_signal_fails_it_while_it_reads_a_file() {
    let sts = world().start();
    let home = home(&sts);
    let made = Command::new("mkfifo").arg(home.path("pipe")).status();
    assert!(made.expect("mkfifo").success());
    let pipe = home.path("pipe");
    let home = home.set("AWS_CONFIG_FILE", pipe);
    let child = spawn(home.command("sh").args(["slowly", "--shell=sh"]));
    let handled = || {
        let pid = std::fs::read_to_string(home.path("pid")).unwrap_or_default();
        let status = std::fs::read_to_string(format!("/proc/{}/status", pid.trim())).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        caught
            .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
            .is_some_and(|mask| mask & (1 << 14) != 0)
    };
    let start = Instant::now();
    while cfg!(target_os = "linux") && !handled() {
        assert!(start.elapsed() < Duration::from_secs(30), "SIGTERM is not handled");
        std::thread::sleep(Duration::from_millis(5));
    }
    kill("TERM", &home);
    let run = Run::from(child.wait_with_output().expect("rolenv"));
    assert_eq!((run.status, run.stdout.as_str()), (Some(143), "false;\n"), "{run:?}");
}

/// The terminal sends the signal to the shell as well, which decides for itself. What counts is that the next line is
/// not run as the wrong identity, even in a script that does not stop at errors.
fn ctrl_c_ends(shell: &Shell) {
    let sts = stalling();
    let home = home(&sts);
    shell.write(
        &home,
        &[
            shell.evaluate("rolenv assume marketingadmin"),
            "touch deployed".to_owned(),
        ],
    );
    let Some(mut command) = on_terminal(&home, &shell.line()) else {
        return;
    };
    let mut child = spawn(command.stdin(Stdio::piped()));
    wait_for_request(&sts);
    let mut keyboard = child.stdin.take().expect("a pipe");
    keyboard.write_all(b"\x03").expect("a keystroke");
    let start = Instant::now();
    let run = Run::from(child.wait_with_output().expect("the terminal"));
    drop(keyboard);
    assert!(start.elapsed() < STALL / 2, "{}: not interrupted: {run:?}", shell.name);
    assert!(!exists(&home, "deployed"), "{}: {run:?}", shell.name);
    golden::record(&run);
}

fn stalling() -> FakeSts {
    let sts = world().start();
    sts.always(Fault::Stall(STALL));
    sts
}

/// A home with a script `slowly` that says which process rolenv becomes.
fn home(sts: &FakeSts) -> Home {
    let home = with_rolenv(Home::new(sts));
    home.write("slowly", "echo $$ >pid\nexec rolenv assume marketingadmin \"$@\"\n");
    home
}

fn spawn(command: &mut Command) -> Child {
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process")
}

fn wait_for_request(sts: &FakeSts) {
    let start = Instant::now();
    while sts.requests().is_empty() {
        assert!(start.elapsed() < Duration::from_secs(30), "no request came");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn kill(signal: &str, home: &Home) {
    let pid = std::fs::read_to_string(home.path("pid")).expect("a process id");
    let status = Command::new("kill").args(["-s", signal, pid.trim()]).status();
    assert!(status.expect("kill").success());
}
