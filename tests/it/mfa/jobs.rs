//! A question in a shell's job: stopped and continued, in the background, in `$(...)` and in a pipe that the shell reads.
#![cfg(unix)]

use crate::support;

use crate::support::pty;

use crate::support::shells;

use std::process::Command;

use fake_sts::FakeSts;
use rustix::process::{Pid, Signal, kill_process};

use pty::{Person, Wiring};
use shells::with_rolenv;
use support::{Home, tool, world};

const QUESTION: &str = "MFA code for `arn:aws:iam::222222222222:role/secured` (mfa/ana): ";
const EVAL: &str = "eval \"$(rolenv assume secured)\"";

const BASH: &[&str] = &["--norc", "--noprofile", "-i"];
const ZSH: &[&str] = &["-f", "-i"];
const FISH: &[&str] = &[
    "--no-config",
    "-i",
    "-C",
    "function fish_prompt; echo -n \"ready> \"; end",
];

/// A person at an interactive shell that no file configures, once it is ready.
fn at_shell(home: &Home, shell: &str, options: &[&str]) -> Option<Person> {
    let mut command = home.command(tool(shell)?);
    command.args(options).env("TERM", "dumb").env("PS1", "ready> ");
    let mut person = Person::at(&mut command, Wiring::Terminal);
    person.sees("ready> ");
    Some(person)
}

fn at_bash(home: &Home) -> Person {
    at_shell(home, "bash", BASH).expect("bash")
}

fn home(sts: &FakeSts) -> Home {
    with_rolenv(Home::new(sts))
}

/// How many codes were sent.
fn codes(sts: &FakeSts) -> usize {
    let requests = sts.requests();
    requests
        .iter()
        .filter(|request| request.form.contains_key("TokenCode"))
        .count()
}

/// Types a line at a shell, and waits until it is done. The shell shows the line as it is typed, so the mark is put together.
fn does(person: &mut Person, line: &str) {
    person.types(&format!("{line}; echo do\"\"ne\r"));
    person.sees("done\r\n");
    person.sees("ready> ");
}

/// What `stty -a` shows at the shell now.
fn settings(person: &mut Person, home: &Home) -> String {
    does(person, "stty -a >settings");
    std::fs::read_to_string(home.path("settings")).expect("settings")
}

fn assert_in_the_role(person: &mut Person, home: &Home) {
    does(person, "env >environment");
    let environment = std::fs::read_to_string(home.path("environment")).expect("an environment");
    assert!(environment.contains("ROLENV_PROFILE=secured\n"), "{}", person.screen());
}

#[test]
fn a_stopped_question_leaves_the_terminal_alone_and_is_asked_again() {
    for line in [
        "sh -c 'eval \"$(rolenv assume secured)\" && env >inner'",
        "rolenv assume secured >inner",
        "rolenv assume secured | cat >inner",
    ] {
        let sts = world().start();
        let home = home(&sts);
        let mut person = at_bash(&home);
        let before = settings(&mut person, &home);
        person.types(&format!("{line}\r"));
        for _ in 0..2 {
            person.sees(QUESTION);
            // The half that was typed is gone with the question.
            person.types("123\x1a");
            person.sees("Stopped");
            person.sees("ready> ");
            assert_eq!(settings(&mut person, &home), before, "{line}");
            person.types("fg\r");
        }
        person.sees(QUESTION);
        assert!(!person.shows_keys());
        person.types_hidden("123456");
        person.sees("ready> ");
        let inner = std::fs::read_to_string(home.path("inner")).expect("what was printed");
        assert!(inner.contains("ROLENV_PROFILE"), "{line}: {inner}: {}", person.screen());
        assert_eq!(settings(&mut person, &home), before, "{line}");
        assert!(!person.screen().contains("123"), "{}", person.screen());
    }
}

/// The shell shows again what is typed, and does not know that it was hidden.
#[test]
fn a_question_that_somebody_else_stopped_is_hidden_again() {
    for signal in ["STOP", "TSTP"] {
        let sts = world().start();
        let home = home(&sts);
        let mut person = at_bash(&home);
        person.types("sh -c 'echo $$ >pid; exec rolenv assume secured >inner'\r");
        person.sees(QUESTION);
        let pid = std::fs::read_to_string(home.path("pid")).expect("a process id");
        let sent = Command::new("kill").args(["-s", signal, pid.trim()]).status();
        assert!(sent.expect("kill").success());
        person.sees("Stopped");
        person.sees("ready> ");
        let found = settings(&mut person, &home);
        assert!(found.contains(" echo "), "{found}");
        person.types("fg\r");
        person.sees(QUESTION);
        person.types_hidden("123456");
        person.sees("ready> ");
        assert_eq!(settings(&mut person, &home), found);
        assert_eq!(codes(&sts), 1);
        assert!(!person.screen().contains("123456"), "{}", person.screen());
    }
}

/// A shell that waits for what it reads cannot continue it.
#[test]
fn what_a_shell_waits_for_is_not_stopped() {
    for (shell, options, line) in [
        ("bash", BASH, EVAL),
        ("bash", BASH, "source <(rolenv assume secured)"),
        ("zsh", ZSH, EVAL),
        ("dash", &["-i"], EVAL),
        ("fish", FISH, "rolenv assume secured | source"),
        ("fish", FISH, "eval (rolenv assume secured | string collect)"),
    ] {
        let sts = world().start();
        let home = home(&sts);
        let Some(mut person) = at_shell(&home, shell, options) else {
            continue;
        };
        person.types(&format!("{line}\r"));
        for _ in 0..2 {
            person.sees(QUESTION);
            person.types("\x1a");
        }
        person.sees(QUESTION);
        person.types_hidden("123456");
        person.sees("\nsecured: secured in 222222222222, ");
        person.sees("ready> ");
        assert_in_the_role(&mut person, &home);
        assert_eq!(codes(&sts), 1, "{shell}");
    }
}

#[test]
fn ctrl_c_comes_back_to_a_sane_shell() {
    for (shell, options, line) in [
        ("bash", BASH, "eval \"$(rolenv assume secured)\" && touch deployed"),
        ("zsh", ZSH, "eval \"$(rolenv assume secured)\" && touch deployed"),
        ("fish", FISH, "rolenv assume secured | source; and touch deployed"),
    ] {
        let sts = world().start();
        let home = home(&sts);
        let Some(mut person) = at_shell(&home, shell, options) else {
            continue;
        };
        let before = settings(&mut person, &home);
        person.types(&format!("{line}\r"));
        person.sees(QUESTION);
        person.types("123\x03");
        person.sees("rolenv: interrupted");
        // A shell forgets what was typed before.
        person.sees("ready> ");
        assert_eq!(settings(&mut person, &home), before, "{shell}");
        assert!(!shells::exists(&home, "deployed"), "{shell}: {}", person.screen());
        assert!(sts.requests().is_empty());
    }
}

/// As any program that wants to read.
#[cfg(target_os = "linux")]
#[test]
fn in_the_background_it_waits_stopped_and_asks_in_the_foreground() {
    let sts = world().start();
    let home = home(&sts);
    let mut person = at_bash(&home);
    person.types("rolenv assume secured >out & echo $! >pid\r");
    person.waits_until("it is stopped", |_| {
        let pid = std::fs::read_to_string(home.path("pid")).unwrap_or_default();
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'))
    });
    assert!(!person.screen().contains(QUESTION));
    let before = settings(&mut person, &home);
    person.types("fg\r");
    person.sees(QUESTION);
    person.types_hidden("123456");
    person.sees("ready> ");
    assert_eq!(settings(&mut person, &home), before);
    let out = std::fs::read_to_string(home.path("out")).expect("statements");
    assert!(out.starts_with("unset "), "{out}");
}

/// Where nobody can stop it, it does not wait for ever.
#[test]
fn in_the_background_for_good_it_fails() {
    let sts = world().start();
    let home = home(&sts);
    let mut person = at_bash(&home);
    person.types("(trap '' TTIN; rolenv assume secured --shell sh >out 2>err; echo $? >status) &\r");
    person.waits_until("it ends", |_| {
        std::fs::read_to_string(home.path("status")).is_ok_and(|status| status == "1\n")
    });
    let read = |file: &str| std::fs::read_to_string(home.path(file)).expect("a file");
    assert_eq!(read("out"), "false;\n");
    assert!(
        read("err").contains("this process is in the background"),
        "{}",
        read("err")
    );
    assert!(!person.screen().contains(QUESTION));
}

/// A home with a second device, and an STS for it.
fn two_devices() -> (FakeSts, Home) {
    let other = "arn:aws:iam::111111111111:mfa/spare";
    let sts = world()
        .role(fake_sts::Role::new("arn:aws:iam::222222222222:role/other").mfa(other))
        .mfa_code(other, "654321")
        .start();
    let config = format!(
        "{}\n[profile other]\nrole_arn = arn:aws:iam::222222222222:role/other\nsource_profile = base\nmfa_serial = {other}\n",
        support::CONFIG
    );
    let home = home(&sts);
    home.write(".aws/config", config);
    (sts, home)
}

/// Without a place for locks two questions can be there at once. Whoever answers one does not show the other answer.
#[test]
fn two_questions_at_once_stay_hidden() {
    let (sts, home) = two_devices();
    // No lock can be made below a file.
    home.write(".aws/rolenv", "");
    let mut person = at_bash(&home);
    let before = settings(&mut person, &home);
    person.types("sh -c 'rolenv assume secured >one & sleep 0.5; rolenv assume other >two; wait'; echo do\"\"ne\r");
    person.sees(QUESTION);
    person.sees("MFA code for `arn:aws:iam::222222222222:role/other` (");
    // Nobody knows which of the two takes it: each is told three times that its code is wrong.
    let wrong = ["100001", "200002", "300003", "400004", "500005", "600006"];
    for (before, code) in wrong.into_iter().enumerate() {
        person.types_hidden(code);
        person.waits_until("it was sent", |_| codes(&sts) > before);
        // What is typed while somebody asks anew is forgotten, as it may have been seen.
        person.waits_until("it is refused", |person| {
            let screen = person.screen();
            let refused = ["AWS rejected the code", "invalid MFA one time pass code"];
            refused.map(|words| screen.matches(words).count()).iter().sum::<usize>() > before
        });
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
    person.sees("done\r\n");
    person.sees("ready> ");
    assert_eq!(settings(&mut person, &home), before);
    for code in wrong {
        assert!(!person.screen().contains(code), "{}", person.screen());
    }
}

/// A screen that is held (Ctrl-S) holds nobody who is to end.
#[test]
fn a_held_screen_does_not_hold_the_end() {
    let sts = world().start();
    let home = home(&sts);
    let mut command = home.command("sh");
    let script = "echo $$ >pid; exec rolenv assume secured --shell sh >out";
    let mut person = Person::at(command.args(["-c", script]), Wiring::Terminal);
    person.sees(QUESTION);
    person.types("\x13");
    std::thread::sleep(std::time::Duration::from_millis(300));
    let pid = std::fs::read_to_string(home.path("pid")).expect("a process");
    let pid = Pid::from_raw(pid.trim().parse().expect("its number")).expect("a process");
    kill_process(pid, Signal::TERM).expect("a signal sent");
    assert_eq!(person.waits_for_the_end().0, 143);
    assert_eq!(std::fs::read_to_string(home.path("out")).expect("a file"), "false;\n");
    assert!(person.shows_keys());
}

/// Two devices, one terminal: the second question waits for the first answer, and neither code is seen.
#[test]
fn two_runs_at_one_terminal_ask_one_after_the_other() {
    let (_sts, home) = two_devices();
    let mut person = at_bash(&home);
    let before = settings(&mut person, &home);
    person.types("sh -c 'rolenv assume secured >one & rolenv assume other >two; wait'; echo do\"\"ne\r");
    person.sees("MFA code for `");
    person.waits_until("one waits for the other", |person| {
        person.screen().contains("prompting at this terminal")
    });
    let first = person
        .screen()
        .contains("for `arn:aws:iam::222222222222:role/secured` (");
    let (now, then) = if first {
        ("123456", "654321")
    } else {
        ("654321", "123456")
    };
    person.types_hidden(now);
    person.sees("MFA code for `");
    person.types_hidden(then);
    person.sees("done\r\n");
    person.sees("ready> ");
    assert_eq!(settings(&mut person, &home), before);
    person.waits_until("both have what they asked for", |_| {
        ["one", "two"].iter().all(|file| {
            let text = std::fs::read_to_string(home.path(file)).unwrap_or_default();
            text.contains("AWS_SESSION_TOKEN")
        })
    });
    for code in ["123456", "654321"] {
        assert!(!person.screen().contains(code), "{}", person.screen());
    }
}

/// Who was killed while asking leaves a terminal that shows nothing; the next question repairs it.
#[test]
fn a_terminal_that_a_killed_question_left_is_mended() {
    let sts = world().start();
    let home = home(&sts);
    let mut command = home.command(tool("dash").expect("dash"));
    let mut person = Person::at(
        command.args(["-i"]).env("PS1", "ready> ").env("TERM", "dumb"),
        Wiring::Terminal,
    );
    person.sees("ready> ");
    let before = settings(&mut person, &home);
    person.types("sh -c 'echo $$ >pid; exec rolenv assume secured >out'\r");
    person.sees(QUESTION);
    let pid = std::fs::read_to_string(home.path("pid")).expect("a process");
    let pid = Pid::from_raw(pid.trim().parse().expect("its number")).expect("a process");
    kill_process(pid, Signal::KILL).expect("a process less");
    person.sees("ready> ");
    assert!(!person.shows_keys());
    person.types("rolenv assume secured >out\r");
    person.sees(QUESTION);
    person.types_hidden("123456");
    person.sees("ready> ");
    assert_eq!(settings(&mut person, &home), before);
}
