//! The main job against a fake STS: who signs which request, what is exported, what is undone.

use crate::support;
use crate::support::golden;

use std::collections::BTreeMap;

use support::{Home, KEY, ROLE, Run, USER, world};

const JSON: [&str; 2] = ["--format", "json"];

fn assume(home: &Home, arguments: &[&str]) -> Run {
    home.rolenv(&[&["assume"], arguments, &JSON].concat())
}

/// The home after the output of `run` has taken effect.
fn after(mut home: Home, run: &Run) -> Home {
    for (name, value) in run.variables() {
        home = match value {
            Some(value) => home.set(&name, value),
            None => home.unset(&name),
        };
    }
    home
}

fn signers(sts: &fake_sts::FakeSts) -> Vec<String> {
    let requests = sts.requests();
    assert!(requests.iter().all(|request| request.verified), "{requests:?}");
    requests
        .into_iter()
        .filter_map(|request| request.signer)
        .map(|signer| signer.arn)
        .collect()
}

#[test]
fn a_profile_is_assumed_by_its_source_profile() {
    let sts = world().start();
    let variables = assume(&Home::new(&sts), &["marketingadmin"]).variables();
    let requests = sts.requests();
    assert_eq!(signers(&sts), [USER]);
    assert_eq!(requests[0].action, "AssumeRole");
    assert_eq!(requests[0].region.as_deref(), Some("us-west-2"));
    let sent: BTreeMap<&str, &str> = requests[0]
        .form
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    let expected = BTreeMap::from([
        ("Action", "AssumeRole"),
        ("Version", "2011-06-15"),
        ("RoleArn", ROLE),
        ("RoleSessionName", "rolenv-ana"),
    ]);
    assert_eq!(sent, expected);

    let get = |name: &str| variables[name].as_deref().unwrap_or_default();
    assert!(get("AWS_ACCESS_KEY_ID").starts_with("ASIA"));
    assert!(get("AWS_SECRET_ACCESS_KEY") != KEY.1 && !get("AWS_SESSION_TOKEN").is_empty());
    let expiration = get("AWS_CREDENTIAL_EXPIRATION");
    assert!(
        expiration.ends_with('Z') && expiration.len() == "2026-11-22T15:04:05Z".len(),
        "{expiration}"
    );
    assert_eq!(
        (get("AWS_REGION"), get("AWS_DEFAULT_REGION")),
        ("us-west-2", "us-west-2")
    );
    assert_eq!(
        (get("ROLENV_PROFILE"), get("ROLENV_ROLE_ARN")),
        ("marketingadmin", ROLE)
    );
    for unset in [
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_SECURITY_TOKEN",
        "AWS_SESSION_EXPIRATION",
        "AWS_ACCOUNT_ID",
    ] {
        assert_eq!(variables[unset], None, "{unset}");
    }
}

#[test]
fn credential_source_environment_is_the_person_s_own_keys() {
    let sts = world().start();
    let config = format!("[profile r]\nrole_arn = {ROLE}\ncredential_source = Environment\n");
    let home = Home::with(&config, "").set("AWS_ENDPOINT_URL_STS", sts.url());
    let home = home.set("AWS_ACCESS_KEY_ID", KEY.0).set("AWS_SECRET_ACCESS_KEY", KEY.1);
    let first = assume(&home, &["r"]);
    let inside = after(home, &first);
    assert_eq!(assume(&inside, &["r", "--refresh"]).status, Some(0));
    assert_eq!(
        signers(&sts),
        [USER, USER],
        "not the role that the first assume put there"
    );
}

#[test]
fn the_next_assume_starts_from_the_person_not_from_the_role() {
    let sts = world().start();
    let home = Home::new(&sts).set("AWS_PROFILE", "base");
    let first = assume(&home, &["marketingadmin"]);
    let inside = after(home, &first);
    let second = assume(&inside, &[ROLE, "--refresh"]);
    assert_eq!(second.status, Some(0), "{second:?}");
    assert_eq!(
        signers(&sts),
        [USER, USER],
        "AWS_PROFILE from before the first assume signs the second"
    );
    assert_eq!(first.variable("ROLENV_RESTORE"), second.variable("ROLENV_RESTORE"));
}

#[test]
fn chain_starts_from_the_role_in_the_shell() {
    let sts = world().start();
    let home = Home::new(&sts);
    let first = assume(&home, &["marketingadmin"]);
    let inside = after(home, &first);
    let run = assume(
        &inside,
        &[
            "333333333333:deep/inner",
            "--chain",
            "--external-id",
            "ext-42",
            "-d",
            "4h",
        ],
    );
    assert_eq!(run.status, Some(0), "{run:?}");
    let role_session = "arn:aws:sts::222222222222:assumed-role/marketingadmin/rolenv-ana";
    assert_eq!(signers(&sts), [USER, role_session]);
    assert_eq!(sts.requests()[1].form["DurationSeconds"], "3600");

    let nothing = assume(&Home::new(&sts), &[ROLE, "--chain"]);
    assert_eq!(nothing.status, Some(1));
    golden::record(&nothing);
}

#[test]
fn chain_keeps_to_the_region_of_the_role_in_the_shell() {
    let sts = world().start();
    let home = Home::new(&sts).set("AWS_REGION", "eu-west-1");
    let first = assume(&home, &["marketingadmin"]);
    let inside = after(home, &first);
    let run = assume(
        &inside,
        &["333333333333:deep/inner", "--chain", "--external-id", "ext-42"],
    );
    let regions: Vec<_> = sts
        .requests()
        .into_iter()
        .filter_map(|request| request.region)
        .collect();
    assert_eq!(regions, ["eu-west-1", "us-west-2"], "the person's own, then the role's");
    golden::record(&run);
}

#[test]
fn clear_returns_to_what_was_there_before_nested_or_not() {
    let sts = world().start();
    let before = [
        ("AWS_PROFILE", "base"),
        ("AWS_REGION", ""),
        ("AWS_SECRET_ACCESS_KEY", "mine"),
        ("AWS_SECURITY_TOKEN", "t"),
    ];
    let mut home = Home::new(&sts);
    for (name, value) in before {
        home = home.set(name, value);
    }
    let first = assume(&home, &["marketingadmin"]);
    home = after(home, &first);
    let second = assume(&home, &["chained"]);
    home = after(home, &second);
    let cleared = home.rolenv(&["clear", "--format", "json"]);
    let variables = cleared.variables();
    for (name, value) in before {
        assert_eq!(variables[name].as_deref(), Some(value), "{name}");
    }
    let still_set = variables.values().flatten().count();
    assert_eq!(still_set, before.len(), "{variables:?}");
    assert!(variables.contains_key("AWS_ACCESS_KEY_ID") && variables.contains_key("ROLENV_RESTORE"));
}

#[test]
fn clear_touches_no_file_and_no_network() {
    let sts = world().start();
    let home = Home::new(&sts)
        .set("AWS_CONFIG_FILE", "/dev/zero")
        .set("AWS_ACCESS_KEY_ID", "AKIA")
        .set("ROLENV_PROFILE", "x");
    let run = home.unset("HOME").rolenv(&["clear", "--shell", "sh"]);
    assert_eq!(run.status, Some(0));
    golden::record(&run);
    golden::record(&run);
    assert!(sts.requests().is_empty());
}

#[test]
fn clear_with_a_damaged_restore_unsets_and_says_so() {
    let home = Home::empty().set("ROLENV_RESTORE", "eyJ").set("AWS_PROFILE", "me");
    let run = home.rolenv(&["clear", "--shell", "sh"]);
    assert_eq!(run.status, Some(0));
    golden::record(&run);
    golden::record(&run);
    assert!(!run.stdout.contains("AWS_PROFILE"), "{run:?}");
}

#[test]
fn what_a_shell_cannot_carry_is_refused_or_unset_by_name() {
    let sts = world().start();
    let odd = "it's a \"b\" \u{fc}";
    let run = Home::new(&sts).rolenv(&["assume", odd, "--shell", "cmd"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(1), "cmd /c exit 1\n"));
    golden::record(&run);
    assert!(sts.requests().is_empty(), "told before anything was asked");

    let home = Home::new(&sts).set("AWS_PROFILE", "two\nlines");
    let inside = after(
        home,
        &assume(&Home::new(&sts).set("AWS_PROFILE", "two\nlines"), &["marketingadmin"]),
    );
    let cleared = inside.rolenv(&["clear", "--shell", "tcsh"]);
    assert_eq!(cleared.status, Some(0));
    golden::record(&cleared);
    golden::record(&cleared);
}

#[test]
fn dotenv_has_the_credentials_and_not_the_person_s_own_keys() {
    let sts = world().start();
    let home = Home::new(&sts)
        .set("AWS_ACCESS_KEY_ID", "AKIAMINE")
        .set("AWS_SECRET_ACCESS_KEY", "mine");
    let run = home.rolenv(&["assume", "marketingadmin", "--format", "dotenv"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    let names: Vec<&str> = run
        .stdout
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name)
        .collect();
    let expected = [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "ROLENV_PROFILE",
        "ROLENV_ROLE_ARN",
    ];
    assert_eq!(names, expected);
    let failed = home.rolenv(&["assume", "typo", "--format", "dotenv"]);
    assert_eq!((failed.status, failed.stdout.as_str()), (Some(1), ""));
}

#[test]
fn notes_are_for_the_person_and_quiet_takes_them_away() {
    let sts = world().start();
    let home = Home::new(&sts).set("AWS_REGION", "eu-west-9");
    let run = assume(&home, &["noregion"]);
    golden::record(&run);
    golden::record(&run);
    assert_eq!(assume(&home, &["noregion", "--quiet"]).stderr, "");
}

/// What is put into the environment inside a role is not what `clear` returns to; a person who means it is told so.
#[test]
fn a_profile_that_is_exported_inside_a_role_is_told_not_to_count() {
    let sts = world().start();
    let home = Home::new(&sts).set("AWS_PROFILE", "base");
    let first = assume(&home, &["marketingadmin"]);
    assert!(!first.stderr.contains("ignoring `AWS_PROFILE`"), "{first:?}");
    let inside = after(home, &first).set("AWS_PROFILE", "other");
    let told = "ignoring `AWS_PROFILE`";
    assert!(assume(&inside, &[ROLE]).stderr.contains(told));
    assert!(assume(&inside, &[]).stderr.contains(told));
    assert!(!assume(&inside, &["marketingadmin"]).stderr.contains(told));
}
