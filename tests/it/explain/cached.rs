//! What `explain` says about the cache, and what it leaves out because a session is cached.

use super::{
    CONFIG, CREDENTIALS, Duration, Home, MFA, OffsetDateTime, PathBuf, ROLE, Value, assume, explain, golden, json,
    obstacles, report, world,
};

/// Whether a session of each hop is kept, and whether the MFA session of each is.
fn cached(told: &Value) -> Vec<(bool, Option<bool>)> {
    let is_there = |cached: &Value| match cached["seconds_left"].as_i64() {
        Some(left) => left > 0 && cached["expires_at"].as_str().is_some_and(|until| until.ends_with('Z')),
        None => false,
    };
    let hops = told["steps"].as_array().expect("hops").iter();
    hops.map(|hop| {
        let device = &hop["mfa_session"];
        (
            is_there(&hop["cached"]),
            device.is_object().then(|| is_there(&device["cached"])),
        )
    })
    .collect()
}

/// Every file of the cache with its content.
fn kept_files(home: &Home) -> Vec<(PathBuf, Vec<u8>)> {
    let mut directories = vec![home.path(".aws")];
    let mut files = Vec::new();
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
            } else {
                let content = std::fs::read(&path).expect("a file");
                files.push((path, content));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn what_is_kept_is_told_and_nothing_is_changed() {
    let sts = world().start();
    let home = Home::new(&sts);
    let nothing = kept_files(&home);
    assert_eq!(cached(&report(&home, &["chained"])), [(false, None), (false, None)]);
    let run = explain(&home, &["chained"]);
    golden::record(&run);
    assert_eq!(kept_files(&home), nothing);
    assume(&home, &["marketingadmin"]);
    assert_eq!(cached(&report(&home, &["chained"])), [(true, None), (false, None)]);
    assume(&home, &["chained"]);
    assert_eq!(cached(&report(&home, &["chained"])), [(true, None), (true, None)]);
    let (kept, requests) = (kept_files(&home), sts.requests().len());
    let run = explain(&home, &["chained"]);
    let line = run.stdout.lines().find(|line| line.starts_with("   cache "));
    let line = line.unwrap_or_default();
    assert!(
        line.contains("cached until 20") && line.ends_with("Z (1h left)"),
        "{run:?}"
    );
    for option in ["--refresh", "--no-cache"] {
        let told = report(&home, &["chained", option]);
        assert_eq!(cached(&told), [(false, None), (false, None)], "{option}");
    }
    // Another session is asked for: another one is kept.
    let told = report(&home, &["chained", "--session-name", "other"]);
    assert_eq!(cached(&told), [(true, None), (false, None)]);
    assert_eq!((kept_files(&home), sts.requests().len()), (kept, requests));

    let first = home.path(".aws/cli/cache");
    for entry in std::fs::read_dir(first).expect("a directory") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("an entry");
        if text.contains(ROLE) && !text.contains("inner") {
            std::fs::remove_file(path).expect("a file");
        }
    }
    assert_eq!(cached(&report(&home, &["chained"])), [(false, None), (true, None)]);
    let run = explain(&home, &["chained"]);
    golden::record(&run);
}

#[test]
fn a_code_that_is_not_needed_is_not_in_the_way() {
    let config = format!(
        "{CONFIG}[profile behind]\nrole_arn = arn:aws:iam::333333333333:role/deep/inner\nsource_profile = secured\n\
         [profile other]\nrole_arn = {ROLE}\nsource_profile = base\nmfa_serial = {MFA}\n\
         [profile alone]\nrole_arn = {ROLE}\nsource_profile = base\nmfa_serial = {MFA}\nmfa_session_duration = off\n"
    );
    let sts = world().start();
    let home = Home::with(&config, CREDENTIALS).set("AWS_ENDPOINT_URL_STS", sts.url());
    let needed = format!("[\"an MFA code from `{MFA}` is needed\"]");
    for profile in ["secured", "behind", "other"] {
        assert_eq!(obstacles(&home, &[profile]), needed);
    }
    assert_eq!(cached(&report(&home, &["secured"])), [(false, Some(false))]);
    assume(&home, &["secured", "--mfa-code", "123456"]);
    assert_eq!(cached(&report(&home, &["secured"])), [(true, Some(true))]);
    assert_eq!(cached(&report(&home, &["other"])), [(false, Some(true))]);
    for arguments in [
        &["secured"][..],
        &["behind"],
        &["other"],
        &["secured", "--refresh"],
        &["other", "--duration", "1h"],
    ] {
        assert_eq!(obstacles(&home, arguments), "[]", "{arguments:?}");
    }
    for arguments in [
        &["secured", "--no-cache"][..],
        &["other", "--no-cache"],
        &["other", "--duration", "2h"],
        &["secured", "--mfa-serial", "GAHT12345678"],
    ] {
        assert!(obstacles(&home, arguments).contains("is needed"), "{arguments:?}");
    }
    let told = report(&home, &["other", "--duration", "2h"]);
    assert_eq!(
        cached(&told),
        [(false, None)],
        "a longer session takes a code of its own"
    );
    let run = explain(&home, &["other"]);
    golden::record(&run);
    golden::record(&run);
}

#[test]
fn the_session_of_a_device_that_is_exported_is_told() {
    let credentials = format!("{CREDENTIALS}mfa_serial = {MFA}\n");
    let sts = world().start();
    let home = Home::with(CONFIG, &credentials).set("AWS_ENDPOINT_URL_STS", sts.url());
    assert!(obstacles(&home, &["base"]).contains("is needed"));
    assert_eq!(cached(&report(&home, &["base"])), [(false, None)]);
    assume(&home, &["base", "--mfa-code", "123456"]);
    assert_eq!(cached(&report(&home, &["base"])), [(true, None)]);
    assert_eq!(obstacles(&home, &["base"]), "[]");
    assert!(obstacles(&home, &["base", "--refresh"]).contains("is needed"));
}

/// Keeps a session of [`ROLE`], as the AWS CLI does.
fn keep_as_the_aws_cli(home: &Home) {
    keep_under(home, &format!("{{\"RoleArn\": \"{ROLE}\"}}"));
}

/// Keeps a session of [`ROLE`] under the name that these parameters of the request make.
fn keep_under(home: &Home, parameters: &str) {
    let end = rolenv::timestamp::format(OffsetDateTime::now_utc() + Duration::hours(1)).expect("a moment");
    let kept = json!({
        "Credentials": {
            "AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "s", "SessionToken": "t",
            "Expiration": end.replace('Z', "+00:00"),
        },
        "AssumedRoleUser": {
            "AssumedRoleId": "AROA:x", "Arn": "arn:aws:sts::222222222222:assumed-role/marketingadmin/x",
        },
    });
    std::fs::create_dir_all(home.path(".aws/cli/cache")).expect("a directory");
    let name = rolenv::digest::sha1_hex(parameters);
    home.write(&format!(".aws/cli/cache/{name}.json"), kept.to_string());
}

#[test]
fn what_is_not_needed_is_not_in_the_way() {
    let config = format!(
        "{CONFIG}[profile sso]\nsso_start_url = https://a.awsapps.com/start\nsso_region = eu-west-1\n\
         sso_account_id = 444444444444\nsso_role_name = Admin\n\
         [profile by-sso]\nrole_arn = {ROLE}\nsource_profile = sso\n\
         [profile bundled]\nrole_arn = {ROLE}\nsource_profile = sso\nca_bundle = /nonexistent/ca.pem\n\
         [profile beyond]\nrole_arn = arn:aws:iam::333333333333:role/x\nsource_profile = by-sso\n\
         ca_bundle = /nonexistent/ca.pem\n"
    );
    let home = Home::with(&config, CREDENTIALS).unset("AWS_ENDPOINT_URL_STS");
    for profile in ["by-sso", "bundled", "beyond"] {
        assert!(obstacles(&home, &[profile]).contains("no SSO token"), "{profile}");
    }
    keep_as_the_aws_cli(&home);
    assert_eq!(obstacles(&home, &["by-sso"]), "[]");
    assert_eq!(obstacles(&home, &["bundled"]), "[]", "nobody is asked");
    let told = obstacles(&home, &["beyond"]);
    assert!(
        told.contains("cannot use the certificates") && !told.contains("SSO"),
        "{told}"
    );
    assert!(obstacles(&home, &["by-sso", "--refresh"]).contains("no SSO token"));
}

/// Who has keys asks nobody.
#[test]
fn what_asks_nobody_needs_no_certificates() {
    let config = format!("{CONFIG}ca_bundle = /nonexistent/ca.pem\n");
    let config = config.replace("[profile base]", "[profile base]\nca_bundle = /nonexistent/ca.pem");
    let home = Home::with(&config, CREDENTIALS);
    assert_eq!(obstacles(&home, &["base"]), "[]");
    assert_eq!(home.rolenv(&["assume", "base", "--format", "json"]).status, Some(0));
    assert!(obstacles(&home, &["base", "--mfa-serial", MFA, "--mfa-code", "123456"]).contains("certificates"));
}

#[test]
fn a_web_identity_s_session_is_told() {
    let config = format!("[profile web]\nrole_arn = {ROLE}\nweb_identity_token_file = token\n");
    let home = Home::with(&config, "").unset("AWS_ENDPOINT_URL_STS");
    home.write("token", "e30.e30.c2ln");
    assert_eq!(cached(&report(&home, &["web"])), [(false, None)]);
    keep_under(
        &home,
        &format!("{{\"RoleArn\": \"{ROLE}\", \"WebIdentityToken\": \"e30.e30.c2ln\"}}"),
    );
    assert_eq!(cached(&report(&home, &["web"])), [(true, None)]);
    assert_eq!(cached(&report(&home, &["web", "--refresh"])), [(false, None)]);
}
