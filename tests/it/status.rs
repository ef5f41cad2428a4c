//! `rolenv status`: who the shell is, what is wrong with it, what `clear` returns to; and with `--verify`, what STS says.

use crate::support;
use crate::support::golden;
use crate::support::outcome;

use std::time::Duration;

use fake_sts::{FakeSts, Fault};
use outcome::{HOLDER, SESSION, knowing_session};
use rolenv::timestamp;
use serde_json::{Value, json};
use support::{Home, KEY, ROLE, Run, USER, world};
use time::OffsetDateTime;

/// A person's own keys and profile.
fn person(sts: &FakeSts) -> Home {
    Home::new(sts)
        .set("AWS_PROFILE", "base")
        .set("AWS_REGION", "eu-north-1")
        .set("AWS_ACCESS_KEY_ID", KEY.0)
        .set("AWS_SECRET_ACCESS_KEY", KEY.1)
}

/// The same home with `target` assumed in its environment.
fn assumed(home: Home, target: &str) -> Home {
    taken(home, &["assume", target, "--format", "json"])
}

/// The same home with what a run prints in its environment.
fn taken(home: Home, arguments: &[&str]) -> Home {
    let run = home.rolenv(arguments);
    home.after(&run)
}

/// Seconds from now, as the variable has it.
fn at(seconds: i64) -> String {
    timestamp::format(OffsetDateTime::now_utc() + time::Duration::seconds(seconds)).expect("a time")
}

fn report(home: &Home, arguments: &[&str]) -> (Value, Option<i32>) {
    let run = home.rolenv(&[&["status", "--json"], arguments].concat());
    let value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    (value, run.status)
}

fn assert_no_secret(run: &Run, home: &Home) {
    for name in ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "ROLENV_RESTORE"] {
        let secret = home.variable(name).filter(|secret| !secret.is_empty());
        for output in [&run.stdout, &run.stderr] {
            assert!(secret.is_none_or(|secret| !output.contains(secret)), "{name}: {run:?}");
        }
    }
    assert!(!run.stdout.contains(KEY.1) && !run.stdout.contains(KEY.0), "{run:?}");
}

#[test]
fn an_empty_environment_is_nobody() {
    let home = Home::empty();
    let run = home.rolenv(&["status"]);
    assert_eq!((run.status, run.stderr.as_str()), (Some(3), ""), "{run:?}");
    golden::record(&run);
    let (told, status) = report(&home, &[]);
    assert_eq!(status, Some(3));
    assert_eq!((&told["ok"], &told["set_by"]), (&json!(true), &Value::Null));
}

#[test]
fn an_assumed_role_is_told_with_the_way_back() {
    let sts = world().start();
    let home = assumed(person(&sts), "marketingadmin");
    sts.clear_requests();
    let run = home.rolenv(&["status"]);
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    golden::record(&run);
    assert!(!run.stdout.contains("Note:"), "{run:?}");
    assert_no_secret(&run, &home);
    assert!(sts.requests().is_empty(), "only --verify asks");
}

/// The line to renew the session has the options of the request.
#[test]
fn the_renew_command_is_the_same_request() {
    let sts = world().start();
    let home = person(&sts);
    let options = [
        "--source-profile",
        "base",
        "--duration",
        "15m",
        "--session-name",
        "ticket-1",
    ];
    let home = taken(home, &[&["assume", "--format", "json", ROLE], &options[..]].concat());
    let (told, _) = report(&home, &[]);
    let renew = told["renew_command"].as_str().expect("a command");
    assert!(
        renew.contains("--source-profile base --duration 15m --session-name ticket-1"),
        "{renew}"
    );
}

/// It is no long-term key, and not usable.
#[test]
fn a_temporary_key_without_a_token_is_told() {
    let home = Home::empty()
        .set("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE")
        .set("AWS_SECRET_ACCESS_KEY", "secret");
    let run = home.rolenv(&["status"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    golden::record(&run);
}

#[test]
fn a_program_can_read_it() {
    let sts = world().start();
    let home = assumed(person(&sts), "marketingadmin");
    let (told, status) = report(&home, &[]);
    assert_eq!(status, Some(0));
    for (key, expected) in [
        ("ok", json!(true)),
        ("problems", json!([])),
        ("notes", json!([])),
        ("renew_command", Value::Null),
        ("set_by", json!("rolenv")),
        ("target", json!("marketingadmin")),
        ("role_arn", json!(ROLE)),
        ("region", json!({ "value": "us-west-2", "variable": "AWS_REGION" })),
        ("profile", Value::Null),
        ("identity", Value::Null),
    ] {
        assert_eq!(told[key], expected, "{key}");
    }
    let end = home.variable("AWS_CREDENTIAL_EXPIRATION").expect("an end");
    assert_eq!(told["expires_at"], end);
    assert!(
        told["seconds_left"]
            .as_i64()
            .is_some_and(|left| (3500..=3600).contains(&left)),
        "{told}"
    );
    assert_eq!(told["clear"]["restore"], "valid");
    let restores = told["clear"]["restores"].as_array().expect("a list");
    assert!(restores.contains(&json!({ "variable": "AWS_PROFILE", "value": "base" })));
    assert!(restores.contains(&json!({ "variable": "AWS_SECRET_ACCESS_KEY", "value": null })));
}

#[test]
fn keys_of_a_person_are_told_apart() {
    let sts = world().start();
    let (told, status) = report(&person(&sts).unset("AWS_PROFILE"), &[]);
    assert_eq!(status, Some(0));
    assert_eq!(
        (&told["set_by"], &told["access_key_id"]),
        (&json!("other"), &json!("AKIA...MPLE"))
    );
    assert_eq!(told["clear"]["restore"], "missing");
    let profile = Home::new(&sts).set("AWS_DEFAULT_PROFILE", "base");
    let (told, status) = report(&profile, &[]);
    assert_eq!((status, &told["set_by"]), (Some(3), &Value::Null));
    assert_eq!(
        told["profile"],
        json!({ "value": "base", "variable": "AWS_DEFAULT_PROFILE" })
    );
}

#[test]
fn a_session_that_is_over_is_told_first_with_the_line_to_type() {
    let sts = world().start();
    let home = assumed(Home::new(&sts), "marketingadmin");
    let over = at(-12 * 60);
    let run = home.set("AWS_CREDENTIAL_EXPIRATION", &over).rolenv(&["status"]);
    assert_eq!((run.status, run.stderr.as_str()), (Some(1), ""), "{run:?}");
    golden::record(&run);
}

#[test]
fn a_session_that_ends_soon_can_be_used_and_is_told() {
    let sts = world().start();
    let mut home = assumed(Home::new(&sts), "marketingadmin");
    for (seconds, is_soon) in [(8 * 60, true), (14 * 60, true), (16 * 60, false)] {
        home = home.set("AWS_CREDENTIAL_EXPIRATION", at(seconds));
        let run = home.rolenv(&["status"]);
        assert_eq!(run.status, Some(0), "{run:?}");
        golden::record(&run);
        let (told, _) = report(&home, &[]);
        assert_eq!(told["renew_command"].is_string(), is_soon, "{told}");
        let line = told["renew_command"].as_str().unwrap_or_default();
        assert_eq!(
            line.contains("rolenv assume marketingadmin --refresh"),
            is_soon,
            "{told}"
        );
    }
}

/// Half of a short session is good enough to be handed out again, and too little to begin anything with.
#[test]
fn the_line_for_a_session_that_ends_soon_gives_a_new_one() {
    let sts = world().start();
    let assume = ["assume", "marketingadmin", "--duration", "15m", "--format", "json"];
    let home = taken(person(&sts), &assume);
    let key = home.variable("AWS_ACCESS_KEY_ID").map(str::to_owned);
    assert_eq!(home.rolenv(&assume).variable("AWS_ACCESS_KEY_ID"), key);
    let (told, _) = report(&home, &[]);
    let line = told["renew_command"].as_str().expect("a line");
    assert!(line.contains("--refresh"), "{line}");
}

#[test]
fn what_makes_programs_fail_is_a_problem() {
    let sts = world().start();
    for changes in [
        &[("AWS_CREDENTIAL_EXPIRATION", Some("soon"))][..],
        &[("AWS_SECRET_ACCESS_KEY", None)],
        &[("AWS_ACCESS_KEY_ID", None)],
        &[("AWS_ACCESS_KEY_ID", Some(""))],
        &[("AWS_ACCESS_KEY_ID", None), ("AWS_SECRET_ACCESS_KEY", None)],
        &[("AWS_SESSION_TOKEN", None)],
        &[("AWS_SECURITY_TOKEN", Some("old"))],
        &[("AWS_ACCESS_KEY_ID", Some(KEY.0))],
        &[("AWS_ACCESS_KEY_ID", Some(KEY.0)), ("AWS_SESSION_TOKEN", None)],
    ] {
        let home = assumed(Home::new(&sts), "marketingadmin");
        let home = changes.iter().fold(home, |home, (name, value)| match value {
            Some(value) => home.set(name, *value),
            None => home.unset(name),
        });
        let (told, status) = report(&home, &[]);
        assert_eq!((status, &told["ok"]), (Some(1), &json!(false)), "{changes:?}: {told}");
        let problems = told["problems"].as_array().expect("a list");
        assert_eq!(problems.len(), 1, "{changes:?}: {told}");
        golden::record_text(&format!("{changes:?}: {}", told["problems"]));
        assert!(told["renew_command"].is_string(), "{told}");
    }
}

#[test]
fn what_was_changed_after_the_assume_is_a_note() {
    let sts = world().start();
    for (name, value) in [
        ("AWS_PROFILE", "other"),
        ("AWS_ACCOUNT_ID", "999999999999"),
        ("AWS_DEFAULT_REGION", "eu-west-3"),
        ("ROLENV_RESTORE", "damaged"),
        ("AWS_SECURITY_TOKEN", ""),
    ] {
        let home = assumed(Home::new(&sts), "marketingadmin").set(name, value);
        let (told, status) = report(&home, &[]);
        assert_eq!(status, Some(0), "{name}: {told}");
        golden::record_text(&format!("{name}={value}: {}", told["notes"]));
    }
    let home = assumed(Home::new(&sts), "marketingadmin").unset("ROLENV_RESTORE");
    golden::record_text(&format!("no ROLENV_RESTORE: {}", report(&home, &[]).0["notes"]));
}

#[test]
fn no_file_is_needed_and_nothing_draws_on_the_screen() {
    let sts = world().start();
    let home = assumed(Home::new(&sts), "marketingadmin")
        .set("AWS_CONFIG_FILE", "/")
        .set("AWS_PROFILE", "a\u{1b}[2J\nset by    me");
    let run = home.rolenv(&["status"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert!(
        !run.stdout.contains('\u{1b}') && !run.stdout.contains("\nset by    me"),
        "{run:?}"
    );
    let run = home.rolenv(&["status", "--json"]);
    assert!(!run.stdout.contains('\u{1b}'), "{run:?}");
}

#[test]
fn sts_is_asked_who_this_is() {
    let sts = world().start();
    let home = assumed(person(&sts), "marketingadmin");
    sts.clear_requests();
    let run = home.rolenv(&["status", "--verify"]);
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    let arn = "arn:aws:sts::222222222222:assumed-role/marketingadmin/rolenv-ana";
    golden::record(&run);
    golden::record(&run);
    assert_no_secret(&run, &home);
    let [request] = sts.requests().try_into().expect("one request");
    assert_eq!(request.action, "GetCallerIdentity");
    assert_eq!(request.region.as_deref(), Some("us-west-2"));
    assert_eq!(request.signer.map(|signer| signer.arn).as_deref(), Some(arn));

    let (told, status) = report(&person(&sts), &["--verify"]);
    assert_eq!((status, &told["identity"]["arn"]), (Some(0), &json!(USER)), "{told}");
}

#[test]
fn somebody_else_is_told_loudly() {
    let hour = Duration::from_hours(1);
    let sts = knowing_session()
        .session_user("ASIAOTHER", "secret", "token", USER, hour)
        .start();
    let other = "arn:aws:iam::222222222222:role/Dev";
    let home = Home::new(&sts)
        .set("AWS_ACCESS_KEY_ID", SESSION.0)
        .set("AWS_SECRET_ACCESS_KEY", SESSION.1)
        .set("AWS_SESSION_TOKEN", SESSION.2)
        .set("ROLENV_PROFILE", "marketingadmin")
        .set("ROLENV_ROLE_ARN", ROLE);
    let run = home.rolenv(&["status", "--verify"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    golden::record(&run);
    let home = home.set("ROLENV_ROLE_ARN", other);
    assert_eq!(home.rolenv(&["status", "--verify"]).status, Some(0));
    let home = home
        .set("AWS_ACCESS_KEY_ID", "ASIAOTHER")
        .set("AWS_SECRET_ACCESS_KEY", "secret")
        .set("AWS_SESSION_TOKEN", "token");
    assert_eq!(home.rolenv(&["status", "--verify"]).status, Some(1));
}

#[test]
fn keys_that_sts_refuses_are_a_problem() {
    let sts = world()
        .session_user("ASIAOVER", "secret", "token", HOLDER, Duration::ZERO)
        .session_user("ASIALIVE", "secret", "token", HOLDER, Duration::from_hours(1))
        .start();
    let keys = |home: Home, (id, secret): (&str, &str)| {
        home.set("AWS_ACCESS_KEY_ID", id)
            .set("AWS_SECRET_ACCESS_KEY", secret)
            .set("AWS_SESSION_TOKEN", "token")
    };
    for pair in [("ASIAOVER", "secret"), ("ASIALIVE", "other"), ("ASIAUNKNOWN", "secret")] {
        let home = keys(Home::new(&sts), pair);
        let run = home.rolenv(&["status", "--verify"]);
        assert_eq!((run.status, run.stderr.as_str()), (Some(1), ""), "{run:?}");
        golden::record(&run);
        golden::record(&run);

        // What is kept on disk may be the very session that is refused.
        let home = keys(assumed(Home::new(&sts), "marketingadmin"), pair);
        let (told, status) = report(&home, &["--verify"]);
        assert_eq!((status, &told["ok"]), (Some(1), &json!(false)), "{told}");
        assert_eq!((&told["verified"], &told["identity"]), (&json!(true), &Value::Null));
        let line = told["renew_command"].as_str().expect("a line");
        assert!(line.contains("rolenv assume marketingadmin --refresh"), "{line}");
    }
}

#[test]
fn an_sts_that_does_not_answer_is_told_beside_what_is_known() {
    let sts = world().start();
    let home = person(&sts);
    let (told, status) = report(&home, &["--verify"]);
    assert_eq!((status, &told["verified"]), (Some(0), &json!(true)), "{told}");
    let (told, _) = report(&home, &[]);
    assert_eq!(told["verified"], Value::Null, "it was not asked");
    sts.always(Fault::Drop);
    let run = home.rolenv(&["status", "--verify"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    golden::record(&run);
    golden::record(&run);
    let (told, status) = report(&home, &["--verify"]);
    assert_eq!((status, &told["ok"]), (Some(1), &json!(true)), "{told}");
    assert_eq!(
        (&told["verified"], &told["renew_command"]),
        (&json!(false), &Value::Null)
    );
}

#[test]
fn nobody_cannot_be_verified() {
    let sts = world().start();
    let run = Home::new(&sts).rolenv(&["status", "--verify"]);
    assert_eq!((run.status, run.stderr.as_str()), (Some(3), ""), "{run:?}");
    golden::record(&run);
    let told = Home::new(&sts).rolenv(&["status", "--verify", "--json"]).stdout;
    assert!(told.contains("\"verified\": false"), "{told}");
    assert!(sts.requests().is_empty());
}

#[test]
fn a_clock_that_is_off_is_noted() {
    let sts = world().start();
    let home = person(&sts);
    sts.shift_clock(420);
    let run = home.rolenv(&["status", "--verify"]);
    golden::record(&run);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert_eq!(home.rolenv(&["status", "--verify", "-q"]).stderr, "");
}

#[test]
fn a_failure_prints_nothing_for_a_shell() {
    let home = Home::empty().set("SHELL", "/bin/bash");
    let run = home.rolenv(&["status", "--bogus"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(2), ""), "{run:?}");
}
