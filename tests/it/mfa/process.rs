//! `mfa_process`: a command that prints MFA codes, its place among the other ways to give one, and what is made of what it
//! prints.
#![cfg(unix)]

use crate::support;

use crate::support::pty;

use crate::support::outcome;

use fake_sts::{FakeSts, Request};

use outcome::{assert_fails, assume};
use pty::{Person, Wiring};
use support::{CONFIG, CREDENTIALS, Home, MFA, rolenv, world};

/// A home whose profile `secured` has this `mfa_process`.
fn with_process(sts: &FakeSts, command: &str) -> Home {
    let config = CONFIG.replace("mfa_serial =", &format!("mfa_process = {command}\nmfa_serial ="));
    Home::with(&config, CREDENTIALS).set("AWS_ENDPOINT_URL_STS", sts.url())
}

/// The same, with a script as the command.
fn with_script(sts: &FakeSts, body: &str) -> Home {
    let home = with_process(sts, "sh script");
    home.write("script", body);
    home
}

fn sent(sts: &FakeSts) -> Vec<String> {
    let code = |request: Request| request.form.get("TokenCode").cloned();
    sts.requests().into_iter().filter_map(code).collect()
}

#[test]
fn the_flag_comes_first_then_the_variable_then_the_process() {
    let sts = world().mfa_code(MFA, "222222").mfa_code(MFA, "333333").start();
    for (arguments, variable, code) in [
        (&["secured"][..], "", "333333"),
        (&["secured"], "222222", "222222"),
        (&["secured", "--mfa-code", "123456"], "222222", "123456"),
    ] {
        sts.clear_requests();
        // A home of its own: what was obtained before takes no code.
        let home = with_script(&sts, "echo ran >>ran; echo 333333").set("ROLENV_MFA_CODE", variable);
        let run = assume(&home, arguments);
        assert_eq!(run.status, Some(0), "{run:?}");
        assert_eq!(sent(&sts), [code]);
        assert_eq!(
            home.path("ran").exists(),
            code == "333333",
            "who is not needed is not run"
        );
    }
}

#[test]
fn a_person_is_not_asked_where_there_is_a_process() {
    let sts = world().start();
    let home = with_process(&sts, "echo 123456");
    let mut command = home.command(rolenv());
    let mut person = Person::at(command.args(["assume", "secured", "--shell", "sh"]), Wiring::Pipes);
    assert_eq!(person.waits_for_the_end().0, 0, "{}", person.screen());
    assert!(!person.screen().contains("MFA code"), "{}", person.screen());
}

#[test]
fn its_first_line_is_the_code_and_no_shell_reads_its_words() {
    for (command, accepted) in [
        ("printf 123456", true),
        ("printf '\\n 123 456 \\r\\n'", true),
        ("printf '123456\\nuntil 12:00\\n'", true),
        ("echo 123456 ; touch ran", false),
        ("echo $(echo 123456)", false),
    ] {
        let sts = world().start();
        let home = with_process(&sts, command);
        let run = assume(&home, &["secured"]);
        assert_eq!(run.status == Some(0), accepted, "{command}: {run:?}");
        assert_eq!(sent(&sts).len(), usize::from(accepted), "{command}");
        assert!(!home.path("ran").exists());
    }
}

#[test]
fn it_runs_in_the_person_s_own_environment() {
    let sts = world().start();
    let home = with_script(&sts, "echo \"<$AWS_SESSION_TOKEN|$PERSON>\" >environment; echo 123456");
    let inside = assume(&home, &["marketingadmin"]);
    let home = home.after(&inside).set("PERSON", "ana");
    let run = assume(&home, &["secured"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    let environment = std::fs::read_to_string(home.path("environment"));
    assert_eq!(environment.expect("an environment"), "<|ana>\n");
}

#[test]
fn what_it_prints_is_not_repeated_where_it_may_be_a_code() {
    let sts = world().start();
    for body in [
        "",
        "echo",
        "echo 12345",
        "echo aws 654321",
        "printf '\\377\\377\\377'",
        "echo 123456; exit 3",
        "kill -9 $$",
    ] {
        let run = assume(&with_script(&sts, body), &["secured"]);
        assert_fails(&run, 1);
        for code in ["12345", "654321"] {
            assert!(!run.stderr.contains(code), "{run:?}");
        }
    }
    let run = assume(
        &with_process(&sts, "/nonexistent/helper --secret hunter2"),
        &["secured"],
    );
    assert_fails(&run, 1);
    assert!(!run.stderr.contains("hunter2"), "{run:?}");
    assert!(sts.requests().is_empty());
}

/// A device goes on showing a code for half a minute.
#[test]
#[ignore = "waits for the next code, up to half a minute"]
fn a_code_that_was_refused_is_waited_out() {
    let sts = world().start();
    let home = with_script(
        &sts,
        "echo x >>count; case $(wc -l <count) in *1|*2) echo 000001;; *) echo 123456;; esac",
    );
    let run = assume(&home, &["secured"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert_eq!(sent(&sts), ["000001", "123456"]);
    let note = "rolenv: waiting for the next code of `mfa_process`\n";
    assert_eq!(run.stderr.matches(note).count(), 1, "{run:?}");
}

#[test]
fn three_refusals_are_the_end() {
    let sts = world().start();
    let home = with_script(&sts, "echo x >>count; echo 00000$(($(wc -l <count)))");
    let run = assume(&home, &["secured", "--quiet"]);
    assert_fails(&run, 1);
    assert_eq!(sent(&sts), ["000001", "000002", "000003"]);
}

#[test]
fn it_is_asked_when_the_code_of_the_flag_is_refused() {
    let sts = world().start();
    let home = with_process(&sts, "echo 123456");
    let run = assume(&home, &["secured", "--mfa-code", "000001"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert_eq!(sent(&sts), ["000001", "123456"]);
}
