//! What a run does not do: nobody sees a secret of it from outside, and one that has its session at hand asks nobody.
#![cfg(target_os = "linux")]

use crate::support;

use crate::support::devices;

use crate::support::kept;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use fake_sts::Fault;

use devices::{CODES, devices, with_process};
use kept::{asked, assert_no_secret, assumed, newest};
use support::{Home, KEY, Run, tool, world};

/// The command lines of a process and of those it started, as everybody on the machine can read them.
fn command_lines(process: u32) -> Vec<String> {
    let line = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    let mut lines = vec![String::from_utf8_lossy(&line).replace('\0', " ").trim().to_owned()];
    let threads = std::fs::read_dir(format!("/proc/{process}/task"))
        .into_iter()
        .flatten()
        .flatten();
    for thread in threads {
        let children = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        for child in children.split_whitespace() {
            lines.extend(command_lines(child.parse().expect("a process id")));
        }
    }
    lines
}

/// While the third request waits, the run holds long-term keys, a code, an MFA session and a role's.
#[test]
fn nobody_sees_a_secret_in_the_list_of_processes() {
    let sts = devices().start();
    let home = with_process(devices::home(&sts));
    let script = std::fs::read_to_string(home.path("next-code")).expect("a script");
    home.write("next-code", format!("{script}sleep 1\n"));
    let keys = format!(
        r#"{{"Version": 1, "AccessKeyId": "{}", "SecretAccessKey": "{}"}}"#,
        KEY.0, KEY.1
    );
    home.write("keys", keys);
    home.write("print-keys", "cat keys\nsleep 1\n");
    home.write(".aws/credentials", "[base]\ncredential_process = sh print-keys\n");
    let mut command = home.command(support::rolenv());
    let command = command.args(["assume", "inner", "--format", "json"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("rolenv starts");
    for _ in 0..3 {
        sts.next(Fault::Slow(Duration::from_millis(500)));
    }
    let mut lines = Vec::new();
    while child.try_wait().expect("a process").is_none() {
        lines.extend(command_lines(child.id()));
        std::thread::sleep(Duration::from_millis(20));
    }
    let run = Run::from(child.wait_with_output().expect("its end"));
    assert_eq!(kept::key(&run), newest(&sts), "{run:?}");
    lines.sort();
    lines.dedup();
    let own = format!("{} assume inner --format json", support::rolenv().display());
    for expected in [&own, "sh print-keys", "sh next-code"] {
        assert!(lines.iter().any(|line| line == expected), "{expected} in {lines:?}");
    }
    let mut texts: Vec<&str> = lines.iter().map(String::as_str).collect();
    texts.push(&run.stderr);
    assert_no_secret(&sts, &texts);
    assert_eq!((asked(&sts, "GetSessionToken"), asked(&sts, "AssumeRole")), (1, 2));
    assert!(texts.iter().all(|text| !text.contains(CODES[0])), "{texts:?}");
}

/// The calls that a run makes to the system, one a line.
fn calls(home: &Home, strace: &Path, arguments: &[&str]) -> Vec<String> {
    let log = home.path("calls");
    let mut command = home.command(strace);
    command
        .args(["-f", "-qq", "-s", "300", "-o"])
        .arg(&log)
        .arg(support::rolenv());
    let run = Run::of(command.args(["assume", "--format", "json"]).args(arguments));
    assert_eq!(run.status, Some(0), "{run:?}");
    let log = std::fs::read_to_string(log).expect("a log");
    // Without the number of the thread.
    let call = |line: &str| {
        line.split_once(' ')
            .map_or("", |(_, call)| call.trim_start())
            .to_owned()
    };
    log.lines().map(call).collect()
}

/// Calls of these names.
fn named<'calls>(calls: &'calls [String], names: &[&str]) -> Vec<&'calls str> {
    let is_named = |call: &&str| names.iter().any(|name| call.split('(').next() == Some(name));
    calls.iter().map(String::as_str).filter(is_named).collect()
}

#[test]
fn a_session_at_hand_takes_no_request_and_nothing_for_one() {
    let Some(strace) = tool("strace") else {
        return;
    };
    let traced = Command::new(&strace).args(["-f", "-o", "/dev/null", "true"]).output();
    if !traced.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: no process can be traced here");
        return;
    }
    let sts = world().start_tls();
    let home = Home::new(&sts);
    let bundle = home.write("bundle.pem", sts.ca_pem());
    let home = home.set("AWS_CA_BUNDLE", bundle);
    let connects = ["socket", "connect", "sendto", "sendmsg", "epoll_create1"];
    let threads = ["clone", "clone3", "fork", "vfork"];
    let opens = |calls: &[String]| {
        let calls = named(
            calls,
            &[
                "open",
                "openat",
                "stat",
                "statx",
                "newfstatat",
                "mkdir",
                "rename",
                "unlink",
                "flock",
            ],
        );
        let calls: Vec<_> = calls.into_iter().map(str::to_owned).collect();
        calls
    };

    // What a run that has to ask does, so that the silence below means something.
    let cold = calls(&home, &strace, &["marketingadmin"]);
    assert!(
        named(&cold, &connects).iter().any(|call| call.contains("htons")),
        "{cold:#?}"
    );
    assert!(opens(&cold).iter().any(|call| call.contains("bundle.pem")), "{cold:#?}");
    assert!(opens(&cold).iter().any(|call| call.contains(".lock")), "{cold:#?}");

    let warm = calls(&home, &strace, &["marketingadmin"]);
    assert_eq!(sts.requests().len(), 1);
    assert_eq!(named(&warm, &connects), Vec::<&str>::new());
    assert_eq!(named(&warm, &threads), Vec::<&str>::new());
    let own = home.path("").display().to_string();
    for call in opens(&warm) {
        for part in [
            "/ssl",
            "/pki",
            ".pem",
            ".crt",
            "/etc/resolv",
            "/etc/nsswitch",
            ".lock",
            "/.rolenv-",
        ] {
            assert!(!call.contains(part), "{call}");
        }
        if call.contains(&own) {
            let expected = [".aws/config\"", ".aws/credentials\"", ".json\""];
            assert!(expected.iter().any(|file| call.contains(file)), "{call}");
        }
    }
    // And none of the person's files is touched otherwise.
    let before = kept::everything(&home);
    assumed(&home, &["marketingadmin"]);
    assert_eq!(kept::everything(&home), before);
}
