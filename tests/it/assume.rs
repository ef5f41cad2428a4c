//! The main job against a fake STS: who signs which request, what is exported, what is undone.

use crate::support;
use crate::support::golden;

use std::collections::BTreeMap;

use support::{Home, KEY, ROLE, Run, USER, world};

const JSON: [&str; 2] = ["--format", "json"];

fn assume(home: &Home, arguments: &[&str]) -> Run {
    home.rolenv(&[&["assume"], arguments, &JSON].concat())
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
    assert_eq!(get("AWS_ACCOUNT_ID"), "222222222222");
    for unset in [
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_SECURITY_TOKEN",
        "AWS_SESSION_EXPIRATION",
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
    let inside = home.after(&first);
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
    let inside = home.after(&first);
    let second = assume(&inside, &[ROLE, "--refresh"]);
    assert_eq!(second.status, Some(0), "{second:?}");
    assert_eq!(
        signers(&sts),
        [USER, USER],
        "AWS_PROFILE from before the first assume signs the second"
    );
    let back = |run: &Run| {
        let inside = Home::new(&sts).after(run);
        inside.rolenv(&["clear", "--format", "json"]).variable("AWS_PROFILE")
    };
    assert_eq!(
        [back(&first), back(&second)],
        [Some("base".to_owned()), Some("base".to_owned())]
    );
}

#[test]
fn chain_starts_from_the_role_in_the_shell() {
    let sts = world().start();
    let home = Home::new(&sts);
    let first = assume(&home, &["marketingadmin"]);
    let inside = home.after(&first);
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
    let inside = home.after(&first);
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
    home = home.after(&first);
    let second = assume(&home, &["chained"]);
    home = home.after(&second);
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
    let run = assume(&home, &["marketingadmin"]);
    let inside = home.after(&run);
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
        "AWS_ACCOUNT_ID",
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

/// Inside a role the user's own new values count; `clear` returns to before the first assume all the same.
#[test]
fn what_is_set_inside_a_role_counts() {
    let other = "arn:aws:iam::333333333333:user/other";
    let sts = world().user("AKIAOTHER", "other", other).start();
    let inside = |profile: &str| {
        let home = Home::new(&sts)
            .set("AWS_PROFILE", "base")
            .set("AWS_REGION", "eu-north-1");
        let run = assume(&home, &["marketingadmin"]);
        home.after(&run).set("AWS_PROFILE", profile)
    };
    let run = assume(&inside("secured"), &["--mfa-code", "123456"]);
    assert_eq!(run.variable("ROLENV_PROFILE").as_deref(), Some("secured"), "{run:?}");
    let home = inside("secured");
    let cleared = home.rolenv(&["clear", "--format", "json"]);
    assert_eq!(cleared.variable("AWS_PROFILE").as_deref(), Some("base"));
    assert_eq!(cleared.variable("AWS_REGION").as_deref(), Some("eu-north-1"));
    golden::record(&cleared);
    // Keys that were set inside sign the next request, without the role's token.
    let home = inside("")
        .set("AWS_ACCESS_KEY_ID", "AKIAOTHER")
        .set("AWS_SECRET_ACCESS_KEY", "other");
    let config = format!("[profile r]\nrole_arn = {ROLE}\ncredential_source = Environment\n");
    home.write(".aws/config", config);
    assume(&home, &["r", "--no-cache"]);
    assert_eq!(signers(&sts).last().map(String::as_str), Some(other));
}

/// Without a region of the target the user's own stays; a different one of the target is named.
#[test]
fn the_region_is_the_targets_else_the_users() {
    let sts = world().start();
    let home = Home::new(&sts).set("AWS_REGION", "eu-north-1");
    let run = assume(&home, &["noregion"]);
    assert_eq!(run.variable("AWS_REGION").as_deref(), Some("eu-north-1"));
    assert_eq!(run.variable("AWS_DEFAULT_REGION"), None);
    let first = assume(&home, &["marketingadmin"]);
    assert_eq!(first.variable("AWS_REGION").as_deref(), Some("us-west-2"));
    golden::record(&first);
    // Not that of the role before.
    let run = assume(&home.after(&first), &["noregion"]);
    assert_eq!(run.variable("AWS_REGION").as_deref(), Some("eu-north-1"));
    assert_eq!(run.variable("AWS_DEFAULT_REGION"), None);
}

#[test]
fn a_dash_is_the_role_before_with_its_options() {
    let sts = world().start();
    let home = Home::new(&sts);
    let none = assume(&home, &["-"]);
    assert_eq!(none.status, Some(2));
    golden::record(&none);
    let request = [
        ROLE,
        "--source-profile",
        "base",
        "--duration",
        "15m",
        "--session-name",
        "ticket-1",
    ];
    let first = assume(&home, &request);
    let home = home.after(&first);
    let second = assume(&home, &["marketingadmin"]);
    let home = home.after(&second);
    sts.clear_requests();
    let third = assume(&home, &["-", "--no-cache"]);
    assert_eq!(third.variable("ROLENV_PROFILE").as_deref(), Some(ROLE), "{third:?}");
    let requests = sts.requests();
    assert_eq!(requests[0].form["DurationSeconds"], "900");
    assert_eq!(requests[0].form["RoleSessionName"], "ticket-1");
    let back = assume(&home.after(&third), &["-"]);
    assert_eq!(back.variable("ROLENV_PROFILE").as_deref(), Some("marketingadmin"));
    let other = Home::new(&sts).rolenv(&["assume", "-", "--duration", "1h"]);
    assert_eq!(other.status, Some(2));
    golden::record(&other);
}

/// A repeated request is never wider than the first: a policy that is too long to be recorded fails, a file is the same
/// in any directory, and a role that is gone assumes nothing.
#[test]
fn a_repeated_request_is_never_wider() {
    let sts = world().start();
    let long = format!("{{{}\"Version\": \"2012-10-17\"}}", " ".repeat(2100));
    for (options, status) in [
        (["--policy", &*long], 2),
        (["--policy", "p.json"], 0),
        (["--chain", "-q"], 2),
    ] {
        let home = Home::new(&sts);
        home.write("p.json", "{\"Version\": \"2012-10-17\"}");
        let first = assume(&home, &["marketingadmin"]);
        let home = home.after(&first);
        // The role does not trust itself: only the record counts.
        let chained = options[0] == "--chain";
        let target = if chained {
            "333333333333:deep/inner"
        } else {
            "marketingadmin"
        };
        let more = if chained { &["--external-id", "ext-42"][..] } else { &[] };
        let second = assume(&home, &[&[target], &options[..], more].concat());
        let home = home.after(&second);
        let third = assume(&home, &["noregion"]);
        let home = home.after(&third);
        sts.clear_requests();
        let mut command = home.command(support::rolenv());
        command
            .args(["assume", "--format", "json", "-", "--no-cache"])
            .current_dir("/");
        let run = Run::of(&mut command);
        assert_eq!(run.status, Some(status), "{run:?}");
        let requests = sts.requests();
        assert_eq!(requests.len(), usize::from(status == 0), "{run:?}");
        assert!(
            requests.iter().all(|request| request.form.contains_key("Policy")),
            "{run:?}"
        );
    }
}

/// The account of a profile is also that of its MFA session, new or cached.
#[test]
fn an_exported_mfa_session_has_the_account_of_its_profile() {
    let sts = world().start();
    let home = Home::new(&sts);
    let config = format!("[profile own]\nregion = us-west-2\nmfa_serial = {}\n", support::MFA);
    home.write(".aws/config", config);
    let keys = support::CREDENTIALS.replace("[base]", "[own]\naws_account_id = 111111111111");
    home.write(".aws/credentials", keys);
    for options in [&["own", "--mfa-code", "123456"][..], &["own"]] {
        let run = assume(&home, options);
        assert_eq!(
            run.variable("AWS_ACCOUNT_ID").as_deref(),
            Some("111111111111"),
            "{run:?}"
        );
    }
    assert_eq!(sts.requests().len(), 1);
}

/// An option that cannot take effect is refused.
#[test]
fn a_code_without_a_device_is_refused() {
    let sts = world().start();
    let run = assume(&Home::new(&sts), &["base", "--mfa-code", "123456"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(2), ""), "{run:?}");
    let home = Home::new(&sts).set("ROLENV_MFA_CODE", "123456");
    assert_eq!(
        assume(&home, &["base"]).status,
        Some(0),
        "the variable may be for another target"
    );
}

/// Long-term keys without a record are the user's.
#[test]
fn clear_leaves_the_users_own_keys() {
    let home = Home::empty()
        .set("AWS_ACCESS_KEY_ID", KEY.0)
        .set("AWS_SECRET_ACCESS_KEY", KEY.1);
    let run = home.rolenv(&["clear", "--format", "json"]);
    assert!(!run.variables().contains_key("AWS_ACCESS_KEY_ID"), "{run:?}");
    golden::record(&run);
    let run = home
        .set("AWS_SESSION_TOKEN", "t")
        .rolenv(&["clear", "--format", "json"]);
    assert_eq!(run.variables().get("AWS_ACCESS_KEY_ID"), Some(&None), "{run:?}");
    golden::record(&run);
}
