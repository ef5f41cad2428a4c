//! MFA codes that a person types: at the terminal, whatever standard input and output are, and not seen.
#![cfg(unix)]

use crate::support;

use crate::support::pty;

use crate::support::outcome;

use std::io::Write as _;
use std::process::Command;
use std::time::Duration;

use fake_sts::{FakeSts, Fault};
use rustix::process::Signal;

use outcome::{assert_fails, assume};
use pty::{Person, Wiring};
use support::{CONFIG, CREDENTIALS, Home, MFA, rolenv, world};

const QUESTION: &str = "MFA code for `arn:aws:iam::222222222222:role/secured` (mfa/ana): ";

/// Far longer than any test waits.
const STALL: Duration = Duration::from_mins(2);

fn command(home: &Home, arguments: &[&str]) -> Command {
    let mut command = home.command(rolenv());
    command.args(["assume", "secured", "--shell", "sh"]).args(arguments);
    command
}

/// A person who is asked by `rolenv assume secured`, whose input and output are pipes.
fn asked(home: &Home) -> Person {
    let mut person = Person::at(&mut command(home, &[]), Wiring::Pipes);
    person.sees(QUESTION);
    person
}

/// The codes that were sent, in their order.
fn sent(sts: &FakeSts) -> Vec<String> {
    let code = |request: fake_sts::Request| request.form.get("TokenCode").cloned();
    sts.requests().into_iter().filter_map(code).collect()
}

fn assert_no_code_in(person: &Person, printed: &str, codes: &[&str]) {
    for code in codes {
        assert!(!person.screen().contains(code), "{:?}", person.screen());
        assert!(!printed.contains(code), "{printed}");
    }
}

#[test]
fn a_person_is_asked_although_input_and_output_are_pipes() {
    let sts = world().start();
    let home = Home::new(&sts);
    let mut person = Person::at(&mut command(&home, &[]), Wiring::Pipes);
    person.sees(QUESTION);
    // What comes through the pipe is not for us.
    person.pipe().write_all(b"000000\n").expect("a pipe");
    assert!(!person.shows_keys());
    assert!(sts.requests().is_empty());
    person.types_hidden("123456");
    let (status, printed) = person.waits_for_the_end();
    assert_eq!(status, 0, "{}", person.screen());
    assert!(printed.contains("export AWS_SESSION_TOKEN="), "{printed}");
    assert!(!printed.contains("MFA code"), "{printed}");
    assert_eq!(sent(&sts), ["123456"]);
    person.finds_the_terminal_as_it_was();
    assert_no_code_in(&person, &printed, &["123456"]);
}

#[test]
fn a_person_is_asked_although_input_and_output_are_closed() {
    let sts = world().start();
    let home = Home::new(&sts);
    let mut sh = home.command("sh");
    sh.arg("-c")
        .arg("exec \"$0\" assume secured --shell sh <&- >&- 2>&-")
        .arg(rolenv());
    let mut person = Person::at(&mut sh, Wiring::Terminal);
    person.sees(QUESTION);
    person.types_hidden("123456");
    person.waits_for_the_end();
    assert_eq!(sent(&sts), ["123456"]);
    person.finds_the_terminal_as_it_was();
}

#[test]
fn blanks_in_a_code_are_fine() {
    let sts = world().start();
    let home = Home::new(&sts);
    let mut person = asked(&home);
    person.types_hidden(" 123 456 ");
    assert_eq!(person.waits_for_the_end().0, 0, "{}", person.screen());
    assert_eq!(sent(&sts), ["123456"]);
}

#[test]
fn what_is_no_code_is_asked_again_and_neither_repeated_nor_sent() {
    let sts = world().start();
    let home = Home::new(&sts);
    let mut person = asked(&home);
    for junk in ["12345", "1234567", "hunter2", "--help", &"7".repeat(3000)] {
        person.types_hidden(junk);
        person.sees("rolenv: the code must be six digits\r\n");
        person.sees(QUESTION);
    }
    assert!(sts.requests().is_empty());
    person.types_hidden("123456");
    let (status, printed) = person.waits_for_the_end();
    assert_eq!(status, 0, "{}", person.screen());
    assert_no_code_in(&person, &printed, &["hunter2", "--help", "77777777", "1234567"]);
}

#[test]
fn a_refused_code_is_asked_for_again_until_three_were_refused() {
    let sts = world().mfa_code(MFA, "111222").start();
    let home = Home::new(&sts);
    let mut person = asked(&home);
    person.types_hidden("000001");
    person.sees("rolenv: AWS rejected the code");
    person.sees(QUESTION);
    person.types_hidden("111222");
    assert_eq!(person.waits_for_the_end().0, 0, "{}", person.screen());
    assert_eq!(sent(&sts), ["000001", "111222"]);

    sts.clear_requests();
    // A home of its own: what was obtained before takes no code.
    let home = Home::new(&sts);
    let mut person = asked(&home);
    for code in ["000001", "000002"] {
        person.types_hidden(code);
        person.sees("rolenv: AWS rejected the code");
        person.sees(QUESTION);
    }
    person.types_hidden("000003");
    let (status, printed) = person.waits_for_the_end();
    assert_eq!((status, printed.as_str()), (1, "false;\n"), "{}", person.screen());
    person.sees("invalid MFA one time pass code");
    assert_eq!(sent(&sts), ["000001", "000002", "000003"]);
    person.finds_the_terminal_as_it_was();
    assert_no_code_in(&person, &printed, &["000001", "000002", "000003"]);
}

#[test]
fn a_refused_code_is_not_sent_again_when_it_is_typed_again() {
    let sts = world().start();
    let home = Home::new(&sts);
    let mut person = asked(&home);
    person.types_hidden("000001");
    person.sees("rolenv: AWS rejected the code");
    person.sees(QUESTION);
    for _ in 0..3 {
        person.types_hidden("000 001");
        person.sees("rolenv: this code was already used; wait for the next one\r\n");
        person.sees(QUESTION);
    }
    assert_eq!(sent(&sts), ["000001"]);
    person.types_hidden("123456");
    assert_eq!(person.waits_for_the_end().0, 0, "{}", person.screen());
    assert_eq!(sent(&sts), ["000001", "123456"]);
}

#[test]
fn a_refused_code_of_the_flag_is_followed_by_a_question() {
    let sts = world().start();
    for given in ["--mfa-code", "ROLENV_MFA_CODE"] {
        let sts_home = Home::new(&sts);
        let mut command = if given == "--mfa-code" {
            command(&sts_home, &["--mfa-code", "000001"])
        } else {
            let mut command = command(&sts_home, &[]);
            command.env(given, "000001");
            command
        };
        sts.clear_requests();
        let mut person = Person::at(&mut command, Wiring::Pipes);
        person.sees("rolenv: AWS rejected the code");
        person.sees(QUESTION);
        // The last of three.
        person.types_hidden("000002");
        person.sees(QUESTION);
        person.types_hidden("000003");
        let (status, printed) = person.waits_for_the_end();
        assert_eq!((status, printed.as_str()), (1, "false;\n"), "{}", person.screen());
        assert_eq!(sent(&sts), ["000001", "000002", "000003"]);
    }
}

#[test]
fn a_code_that_may_have_arrived_is_not_sent_again() {
    let later = Fault::Error {
        status: 503,
        code: "ServiceUnavailable".into(),
        message: "later".into(),
    };
    for fault in [Fault::Drop, Fault::Cut, later, Fault::Stall(STALL)] {
        let sts = world().start();
        let home = Home::new(&sts);
        sts.always(fault.clone());
        let mut person = asked(&home);
        person.types_hidden("123456");
        let (status, printed) = person.waits_for_the_end();
        assert_eq!((status, printed.as_str()), (1, "false;\n"), "{fault:?}");
        assert_eq!(sent(&sts), ["123456"], "{fault:?}");
        assert_no_code_in(&person, &printed, &["123456"]);
    }
}

#[test]
fn two_devices_are_two_questions() {
    let second = "arn:aws:iam::111111111111:mfa/second";
    let sts = world()
        .mfa_code(second, "123456")
        .role(
            fake_sts::Role::new("arn:aws:iam::444444444444:role/inner")
                .trusts("arn:aws:iam::222222222222:role/secured"),
        )
        .start();
    let config = format!(
        "{CONFIG}\n[profile twice]\nrole_arn = arn:aws:iam::444444444444:role/inner\nsource_profile = secured\n\
         mfa_serial = {second}\n"
    );
    let home = Home::with(&config, CREDENTIALS).set("AWS_ENDPOINT_URL_STS", sts.url());
    let mut command = home.command(rolenv());
    let mut person = Person::at(command.args(["assume", "twice", "--shell", "sh"]), Wiring::Pipes);
    person.sees(QUESTION);
    person.types_hidden("123456");
    person.sees("MFA code for `arn:aws:iam::444444444444:role/inner` (mfa/second): ");
    // The same six digits of another device are another code.
    person.types_hidden("123456");
    person.waits_for_the_end();
    assert_eq!(sent(&sts), ["123456", "123456"]);
}

#[test]
fn an_empty_line_and_the_end_of_input_are_failures() {
    let sts = world().start();
    let home = Home::new(&sts);
    for keys in ["\r", "   \r", "\x04", "123\x04\x04"] {
        let mut person = asked(&home);
        person.types(keys);
        let (status, printed) = person.waits_for_the_end();
        assert_eq!((status, printed.as_str()), (1, "false;\n"), "{}", person.screen());
        person.sees("rolenv: no MFA code entered");
        person.finds_the_terminal_as_it_was();
    }
    assert!(sts.requests().is_empty());
}

#[test]
fn signals_leave_the_terminal_as_they_found_it() {
    let sts = world().start();
    let home = Home::new(&sts);
    for (signal, status) in [
        (None, 130),
        (Some(Signal::INT), 130),
        (Some(Signal::TERM), 143),
        (Some(Signal::HUP), 129),
        (Some(Signal::QUIT), 131),
    ] {
        let mut person = Person::at(&mut command(&home, &[]), Wiring::Pipes);
        person.sees(QUESTION);
        person.types("123");
        match signal {
            Some(signal) => person.signal(signal),
            None => person.types("\x03"),
        }
        let ended = person.waits_for_the_end();
        assert_eq!(
            ended,
            (status, "false;\n".to_owned()),
            "{signal:?}: {}",
            person.screen()
        );
        person.sees("\r\nrolenv: interrupted\r\n");
        person.finds_the_terminal_as_it_was();
        assert_no_code_in(&person, &ended.1, &["123"]);
    }
    assert!(sts.requests().is_empty());
}

#[test]
fn a_signal_between_two_questions_leaves_the_terminal_alone() {
    let sts = world().start();
    let home = Home::new(&sts);
    let mut person = Person::at(&mut command(&home, &[]), Wiring::Pipes);
    person.sees(QUESTION);
    sts.always(Fault::Stall(STALL));
    person.types_hidden("123456");
    person.waits_until("the request is sent", |_| !sts.requests().is_empty());
    person.types("\x03");
    assert_eq!(person.waits_for_the_end(), (130, "false;\n".to_owned()));
    person.finds_the_terminal_as_it_was();
}

#[test]
fn a_closed_window_is_a_failure() {
    let sts = world().start();
    let home = Home::new(&sts);
    let (status, printed) = asked(&home).closes_the_window();
    assert!([1, 129].contains(&status), "{status}");
    assert_eq!(printed, "false;\n");
    assert!(sts.requests().is_empty());
}

#[test]
fn a_window_that_changes_its_size_interrupts_nothing() {
    let sts = world().start();
    let home = Home::new(&sts);
    let mut person = asked(&home);
    person.types("123");
    person.resizes();
    person.signal(Signal::WINCH);
    person.signal(Signal::CONT);
    person.types("456\r");
    assert_eq!(person.waits_for_the_end().0, 0, "{}", person.screen());
    assert_eq!(sent(&sts), ["123456"]);
}

/// Nothing that a file says may draw on the screen.
#[test]
fn the_question_is_one_plain_line() {
    let sts = world().start();
    let home = Home::new(&sts);
    // A serial cannot hold such letters, nor can a role's name; but a profile's can.
    let name = "a\x1b[31mb\u{202e}c";
    home.write(".aws/config", format!("[profile {name}]\nmfa_serial = {MFA}\n"));
    home.write(".aws/credentials", CREDENTIALS.replace("[base]", &format!("[{name}]")));
    let mut command = home.command(rolenv());
    let mut person = Person::at(command.args(["assume", name, "--shell", "sh"]), Wiring::Pipes);
    person.sees("MFA code for `a\u{fffd}[31mb\u{fffd}c` (mfa/ana): ");
    person.types("\r");
    person.waits_for_the_end();
    assert!(!person.screen().contains(['\x1b', '\u{202e}']), "{:?}", person.screen());
}

#[test]
fn without_a_terminal_the_error_says_how_to_give_a_code() {
    let sts = world().start();
    let run = assume(&Home::new(&sts), &["secured"]);
    assert_fails(&run, 1);
    assert!(sts.requests().is_empty());
}

#[test]
fn a_security_key_is_told_before_any_question() {
    let sts = world().start();
    let config = CONFIG.replace(":mfa/ana", ":u2f/user/ana/key");
    let config = config.replace(
        "source_profile = base\nmfa_serial",
        "source_profile = base\nmfa_process = touch ran\nmfa_serial",
    );
    let home = Home::with(&config, CREDENTIALS).set("AWS_ENDPOINT_URL_STS", sts.url());
    let mut person = Person::at(&mut command(&home, &["--mfa-code", "123456"]), Wiring::Pipes);
    assert_eq!(person.waits_for_the_end(), (1, "false;\n".to_owned()));
    person.sees("is a security key; STS accepts codes from other MFA devices only");
    person.sees("hint: register an authenticator app");
    assert!(!person.screen().contains("MFA code for") && !home.path("ran").exists());
    assert!(sts.requests().is_empty());
}

#[test]
fn where_a_person_can_be_asked_a_code_is_not_in_the_way() {
    let home = Home::with(CONFIG, CREDENTIALS);
    for (code, is_in_the_way) in [("", false), ("junk1", true)] {
        let mut command = home.command(rolenv());
        command.args(["explain", "secured"]).env("ROLENV_MFA_CODE", code);
        let (status, told) = Person::at(&mut command, Wiring::Pipes).waits_for_the_end();
        assert_eq!(status, 0, "{told}");
        assert_eq!(told.contains("`ROLENV_MFA_CODE`"), is_in_the_way, "{told}");
        assert!(code.is_empty() || !told.contains(code), "{told}");
    }
}
