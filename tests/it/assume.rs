//! The main job against a fake STS: who signs which request, what is exported, what is undone.

use crate::support;
use crate::support::golden;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::Stdio;

use support::{Home, KEY, MFA, ROLE, Run, USER, world};

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
fn a_chain_is_gone_through_hop_by_hop() {
    let sts = world().start();
    let run = assume(&Home::new(&sts), &["chained"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    let requests = sts.requests();
    assert_eq!(
        signers(&sts),
        [USER, "arn:aws:sts::222222222222:assumed-role/marketingadmin/rolenv-ana"]
    );
    assert_eq!(requests[1].form["ExternalId"], "ext-42");
    assert_eq!(requests[1].form["RoleArn"], "arn:aws:iam::333333333333:role/deep/inner");
}

#[test]
fn a_chained_role_is_asked_for_one_hour_at_most_and_says_so() {
    let sts = world().start();
    let run = assume(&Home::new(&sts), &["chained", "--duration", "2h"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    golden::record(&run);
    let durations: Vec<_> = sts
        .requests()
        .iter()
        .map(|request| request.form.get("DurationSeconds").cloned())
        .collect();
    assert_eq!(durations, [None, Some("3600".to_owned())]);
}

#[test]
fn roles_are_assumed_by_arn_and_by_short_hand() {
    let sts = world().start();
    let home = Home::new(&sts);
    for target in [ROLE, "222222222222:marketingadmin", "aws:222222222222:marketingadmin"] {
        let run = assume(&home, &[target, "--source-profile", "base", "--no-cache"]);
        assert_eq!(run.variable("ROLENV_PROFILE").as_deref(), Some(ROLE), "{target}");
        assert_eq!(run.variable("AWS_REGION"), None, "an ARN names no region");
    }
    assert_eq!(signers(&sts), [USER, USER, USER]);
    // The source profile's region is where the request goes.
    assert!(
        sts.requests()
            .iter()
            .all(|request| request.region.as_deref() == Some("eu-central-1"))
    );
}

#[test]
fn an_arn_is_assumed_by_aws_profile_else_default_else_the_environment() {
    let sts = world().start();
    let keys = |home: Home| home.set("AWS_ACCESS_KEY_ID", KEY.0).set("AWS_SECRET_ACCESS_KEY", KEY.1);

    let by_profile = assume(&Home::new(&sts).set("AWS_PROFILE", "base"), &[ROLE]);
    assert_eq!(by_profile.status, Some(0), "{by_profile:?}");
    let by_old_name = assume(&Home::new(&sts).set("AWS_DEFAULT_PROFILE", "base"), &[ROLE]);
    assert_eq!(by_old_name.status, Some(0), "{by_old_name:?}");
    // `[default]` holds a region only, so it cannot sign.
    let by_environment = assume(&keys(Home::new(&sts)), &[ROLE]);
    assert_eq!(by_environment.status, Some(0), "{by_environment:?}");
    let nothing = assume(&Home::new(&sts), &[ROLE]);
    assert_eq!(nothing.status, Some(1));
    golden::record(&nothing);

    let default_keys = format!(
        "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        KEY.0, KEY.1
    );
    let home = Home::with("", &default_keys).set("AWS_ENDPOINT_URL_STS", sts.url());
    let by_default = assume(
        &home
            .set("AWS_ACCESS_KEY_ID", "AKIAWRONG")
            .set("AWS_SECRET_ACCESS_KEY", "x"),
        &[ROLE],
    );
    assert_eq!(by_default.status, Some(0), "{by_default:?}");
    assert_eq!(signers(&sts), [USER; 4]);
}

#[test]
fn a_named_profile_beats_the_keys_in_the_environment() {
    let sts = world().start();
    let home = Home::new(&sts)
        .set("AWS_ACCESS_KEY_ID", "AKIAWRONG")
        .set("AWS_SECRET_ACCESS_KEY", "x");
    assert_eq!(assume(&home, &["marketingadmin"]).status, Some(0));
    assert_eq!(signers(&sts), [USER]);
}

#[test]
fn a_profile_can_be_its_own_source_and_keys_end_a_chain() {
    let sts = world().start();
    let role = "role_arn = arn:aws:iam::222222222222:role/marketingadmin";
    let keys = format!("aws_access_key_id = {}\naws_secret_access_key = {}", KEY.0, KEY.1);
    // The keys stand in the config file; `end` has a role as well, which is not assumed on the way.
    let config = format!(
        "[profile self]\n{role}\nsource_profile = self\n{keys}\n\n[profile start]\n{role}\nsource_profile = end\n\n\
         [profile end]\n{role}\nsource_profile = start\n{keys}\n\n\
         [profile odd]\n{role}\nsource_profile = broken\n\n[profile broken]\nrole_arn = nonsense\n{keys}\n"
    );
    let home = Home::with(&config, "").set("AWS_ENDPOINT_URL_STS", sts.url());
    for profile in ["self", "start", "odd"] {
        assert_eq!(assume(&home, &[profile, "--no-cache"]).status, Some(0), "{profile}");
    }
    assert_eq!(signers(&sts), [USER; 3]);
    // Coming back to a profile is a circle even if it has keys.
    let circle = assume(&home, &["end", "--source-profile", "start"]);
    golden::record(&circle);
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
fn session_keys_in_a_profile_are_sent_with_their_token() {
    let arn = "arn:aws:sts::111111111111:assumed-role/x/y";
    let hour = std::time::Duration::from_hours(1);
    let sts = world().session_user("ASIASOURCE", "s", "tok/en+=", arn, hour).start();
    for key in ["aws_session_token", "aws_security_token"] {
        let credentials =
            format!("[base]\naws_access_key_id = ASIASOURCE\naws_secret_access_key = s\n{key} = tok/en+=\n");
        let home = Home::with(support::CONFIG, &credentials).set("AWS_ENDPOINT_URL_STS", sts.url());
        let run = assume(&home, &["base"]);
        assert_eq!(run.variable("AWS_SESSION_TOKEN").as_deref(), Some("tok/en+="));
        golden::record(&run);
        // This identity is not trusted, but its signature counts.
        assume(&home, &["marketingadmin"]);
    }
    assert_eq!(signers(&sts), [arn, arn]);
}

#[test]
fn without_a_target_the_environment_names_the_profile() {
    let sts = world().start();
    let home = Home::new(&sts)
        .set("AWS_PROFILE", "marketingadmin")
        .set("AWS_DEFAULT_PROFILE", "typo");
    assert_eq!(
        assume(&home, &[]).variable("ROLENV_PROFILE").as_deref(),
        Some("marketingadmin")
    );
    let home = Home::new(&sts)
        .set("AWS_PROFILE", "")
        .set("AWS_DEFAULT_PROFILE", "noregion");
    assert_eq!(
        assume(&home, &[]).variable("ROLENV_PROFILE").as_deref(),
        Some("noregion")
    );
    let neither = assume(&Home::new(&sts), &[]);
    assert_eq!(neither.status, Some(2));
    golden::record(&neither);
}

#[test]
fn a_profile_with_its_own_keys_is_exported_without_asking_anyone() {
    let sts = world().start();
    let run = assume(&Home::new(&sts), &["base"]);
    let variables = run.variables();
    assert_eq!(variables["AWS_ACCESS_KEY_ID"].as_deref(), Some(KEY.0));
    assert_eq!(variables["AWS_SECRET_ACCESS_KEY"].as_deref(), Some(KEY.1));
    assert_eq!(variables["AWS_REGION"].as_deref(), Some("eu-central-1"));
    for unset in ["AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION", "ROLENV_ROLE_ARN"] {
        assert_eq!(variables[unset], None, "{unset}");
    }
    assert!(sts.requests().is_empty());
}

#[test]
fn own_keys_with_an_mfa_serial_become_a_session_first() {
    let sts = world().start();
    let config = format!("[profile base]\nmfa_serial = {MFA}\n");
    let home = Home::with(&config, support::CREDENTIALS).set("AWS_ENDPOINT_URL_STS", sts.url());
    let run = assume(&home, &["base", "--mfa-code", "123456", "--duration", "12h"]);
    assert!(
        run.variable("AWS_ACCESS_KEY_ID")
            .is_some_and(|key| key.starts_with("ASIA"))
    );
    let requests = sts.requests();
    assert_eq!(requests[0].action, "GetSessionToken");
    assert_eq!(
        (
            requests[0].form["SerialNumber"].as_str(),
            requests[0].form["TokenCode"].as_str()
        ),
        (MFA, "123456")
    );
    assert_eq!(requests[0].form["DurationSeconds"], "43200");
}

#[test]
fn the_command_line_wins_over_the_profile() {
    let sts = world().mfa_code(MFA, "654321").start();
    let config = "[profile r]\nrole_arn = arn:aws:iam::222222222222:role/marketingadmin\nsource_profile = nowhere\n\
                  role_session_name = theirs\nexternal_id = theirs\nduration_seconds = 900\nregion = eu-west-3\n\
                  mfa_serial = arn:aws:iam::111111111111:mfa/theirs\n";
    let home = Home::with(config, support::CREDENTIALS).set("AWS_ENDPOINT_URL_STS", sts.url());
    let run = assume(
        &home,
        &[
            "r",
            "--source-profile",
            "base",
            "--session-name",
            "mine",
            "--external-id",
            "my-id",
            "-d",
            "90m",
            "--region",
            "eu-north-1",
            "--mfa-serial",
            MFA,
            "--mfa-code",
            "654321",
        ],
    );
    assert_eq!(run.variable("AWS_REGION").as_deref(), Some("eu-north-1"), "{run:?}");
    let form = &sts.requests()[0].form;
    let sent = [
        "RoleSessionName",
        "ExternalId",
        "DurationSeconds",
        "SerialNumber",
        "TokenCode",
    ]
    .map(|key| form[key].as_str());
    assert_eq!(sent, ["mine", "my-id", "5400", MFA, "654321"]);
    assert_eq!(sts.requests()[0].region.as_deref(), Some("eu-north-1"));
}

#[test]
fn the_profile_s_own_words_are_sent() {
    let sts = world().start();
    let config = "[profile r]\nrole_arn = arn:aws:iam::222222222222:role/marketingadmin\nsource_profile = base\n\
                  role_session_name = theirs\nexternal_id = their-id\nduration_seconds = 1800\n";
    let home = Home::with(config, support::CREDENTIALS)
        .set("AWS_ENDPOINT_URL", sts.url())
        .unset("AWS_ENDPOINT_URL_STS");
    assert_eq!(assume(&home, &["r"]).status, Some(0));
    let form = &sts.requests()[0].form;
    let sent = ["RoleSessionName", "ExternalId", "DurationSeconds"].map(|key| form[key].as_str());
    assert_eq!(sent, ["theirs", "their-id", "1800"]);
    // No region anywhere: signed as for the global endpoint.
    assert_eq!(sts.requests()[0].region.as_deref(), Some("us-east-1"));
}

#[test]
fn an_mfa_code_comes_from_the_flag_or_the_environment() {
    for by_flag in [true, false] {
        let sts = world().start();
        let home = Home::new(&sts);
        let run = if by_flag {
            assume(
                &home.set("ROLENV_MFA_CODE", "000000"),
                &["secured", "--mfa-code", "123 456"],
            )
        } else {
            assume(&home.set("ROLENV_MFA_CODE", "123456"), &["secured"])
        };
        assert_eq!(run.status, Some(0), "{run:?}");
        assert_eq!(sts.requests()[0].form["TokenCode"], "123456");
    }
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
fn endpoints_come_from_the_profile_s_services_section_and_can_be_ignored() {
    let sts = world().start();
    let config = format!(
        "{}endpoint_url = http://127.0.0.1:1\nservices = local\n\n[services local]\ns3 =\n  endpoint_url = http://127.0.0.1:2\n\
         sts =\n  # ours\n  endpoint_url = {}\n",
        support::CONFIG.split("[profile noregion]").next().unwrap_or_default(),
        sts.url()
    );
    let home = Home::with(&config, support::CREDENTIALS).unset("AWS_ENDPOINT_URL_STS");
    assert_eq!(assume(&home, &["marketingadmin"]).status, Some(0));
    let other = world().start();
    let home = home.set("AWS_ENDPOINT_URL", other.url());
    assert_eq!(assume(&home, &["marketingadmin"]).status, Some(0));
    assert_eq!(
        (sts.requests().len(), other.requests().len()),
        (1, 1),
        "the environment wins"
    );
    let proxy = [
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
        ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1"),
    ];
    assert_eq!(
        host_asked_for(&proxy, &["noregion"]),
        "CONNECT sts.amazonaws.com:443 HTTP/1.1"
    );
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
fn odd_profile_names_are_found() {
    let sts = world().start();
    let odd = "it's a \"b\" \u{fc}";
    assert_eq!(
        assume(&Home::new(&sts), &[odd]).variable("ROLENV_PROFILE").as_deref(),
        Some(odd)
    );
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

/// The host that a request would go to, as a proxy is told it.
fn host_asked_for(variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let proxy = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = proxy.local_addr().expect("its address");
    let mut home = Home::with(support::CONFIG, support::CREDENTIALS)
        .unset("AWS_ENDPOINT_URL_STS")
        .set("HTTPS_PROXY", format!("http://{address}"));
    for (name, value) in variables {
        home = home.set(name, *value);
    }
    let mut rolenv = home.command(support::rolenv());
    let mut process = rolenv
        .arg("assume")
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("rolenv");
    let (connection, _) = proxy.accept().expect("a connection");
    let mut line = String::new();
    BufReader::new(connection).read_line(&mut line).expect("a request");
    process.kill().expect("rolenv waits for the proxy");
    process.wait().expect("rolenv ends");
    line.trim_end().to_owned()
}

#[test]
fn requests_go_to_the_region_s_endpoint_and_without_a_region_to_the_global_one() {
    let host = |host: &str| format!("CONNECT {host}:443 HTTP/1.1");
    assert_eq!(
        host_asked_for(&[], &["marketingadmin"]),
        host("sts.us-west-2.amazonaws.com")
    );
    assert_eq!(host_asked_for(&[], &["noregion"]), host("sts.amazonaws.com"));
    let china = [
        "aws-cn:222222222222:x",
        "--source-profile",
        "base",
        "--region",
        "cn-north-1",
    ];
    assert_eq!(host_asked_for(&[], &china), host("sts.cn-north-1.amazonaws.com.cn"));
    let fips = [("AWS_USE_FIPS_ENDPOINT", "True")];
    assert_eq!(
        host_asked_for(&fips, &["marketingadmin"]),
        host("sts-fips.us-west-2.amazonaws.com")
    );
    let dual_stack = [("AWS_USE_DUALSTACK_ENDPOINT", "true"), ("AWS_USE_FIPS_ENDPOINT", "1")];
    assert_eq!(
        host_asked_for(&dual_stack, &["marketingadmin"]),
        host("sts.us-west-2.api.aws")
    );
    let ireland = [("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "eu-west-3")];
    assert_eq!(
        host_asked_for(&ireland, &["marketingadmin"]),
        host("sts.eu-west-1.amazonaws.com")
    );
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
