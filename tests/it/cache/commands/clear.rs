//! `rolenv cache clear`.

use super::{
    CONFIG, CREDENTIALS, Home, MFA, OWN, ROLE, ROLES, SECURED, Value, all, assume, cache, entry, files, fs, golden,
    home, json, json_of, plain_user, put, world,
};

#[test]
fn a_role_s_sessions_go_however_they_were_asked_for() {
    let sts = world().start();
    let home = Home::new(&sts);
    for options in [
        &["marketingadmin"][..],
        &["marketingadmin", "--duration", "2h"],
        &["marketingadmin", "--session-name", "other"],
        &["chained"],
        &["secured", "--mfa-code", "123456"],
    ] {
        assume(&home, options);
    }
    put(&home, ROLES, 'a', &entry("marketingadmin", 43));
    put(&home, ROLES, 'b', &entry("marketing", 43));
    let mut other_path = entry("marketingadmin", 43);
    let source = json!({ "Kind": "keys", "AccessKeyId": "x" });
    let role = "arn:aws:iam::222222222222:role/path/marketingadmin";
    other_path["Rolenv"] = json!({ "Source": source, "Key": "k", "RoleArn": role });
    put(&home, ROLES, 'c', &other_path);
    home.write(".aws/rolenv/locks/x", "");
    let run = cache(&home, &["clear", "noregion"]);
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    golden::record(&run);
    let kept = json_of(&home, &["list"])["sessions"].take();
    assert_eq!(all(&kept, "kind"), ["role", "role", "role", "role", "mfa"], "{kept}");

    // A chain's last role goes, not those on the way, nor the MFA session that opened a role.
    assume(&home, &["marketingadmin"]);
    let removed = json_of(&home, &["clear", "chained"])["removed"].take();
    assert_eq!(all(&removed, "role_arn"), ["arn:aws:iam::333333333333:role/deep/inner"]);
    let removed = json_of(&home, &["clear", "222222222222:secured"])["removed"].take();
    assert_eq!(all(&removed, "role_arn"), [SECURED]);
    sts.clear_requests();
    assume(&home, &["secured"]);
    assert_eq!(sts.requests().len(), 1, "no code was needed");
    assume(&home, &["marketingadmin"]);
    assert_eq!(sts.requests().len(), 1, "the role on the way is still kept");
}

/// A session that another version wrote is one of its role, too.
#[test]
fn a_session_of_another_version_goes_with_its_role() {
    let home = home();
    let mut other = entry("marketingadmin", 43);
    other["Rolenv"] = json!({ "Source": "of another version" });
    put(&home, ROLES, 'a', &other);
    other["AssumedRoleUser"]["Arn"] = "arn:aws:sts::222222222222:assumed-role/other/x".into();
    put(&home, ROLES, 'b', &other);
    let removed = json_of(&home, &["clear", "222222222222:marketingadmin"])["removed"].take();
    assert_eq!(removed.as_array().map(Vec::len), Some(1), "{removed}");
    let left = json_of(&home, &["list"])["sessions"].take();
    assert_eq!(all(&left, "kind"), ["corrupt"]);
}

#[test]
fn a_damaged_file_goes_with_the_role_whose_place_it_takes() {
    let sts = world().start();
    let home = Home::new(&sts);
    assume(&home, &["marketingadmin"]);
    let name = files(&home.path(ROLES)).pop().expect("a file");
    home.write(&format!("{ROLES}/{name}"), "");
    put(&home, ROLES, 'a', &"");
    let removed = json_of(&home, &["clear", "marketingadmin"])["removed"].take();
    assert_eq!(all(&removed, "kind"), ["corrupt"]);
    assert_eq!(files(&home.path(ROLES)), [format!("{}.json", "a".repeat(40))]);
}

#[test]
fn a_device_s_sessions_go_with_a_profile_without_a_role() {
    let credentials =
        format!("{CREDENTIALS}mfa_serial = {MFA}\n[plain]\naws_access_key_id = A\naws_secret_access_key = s\n");
    let sts = world().mfa_code(MFA, "234567").start();
    let home = Home::with(CONFIG, &credentials).set("AWS_ENDPOINT_URL_STS", sts.url());
    assume(&home, &["base", "--mfa-code", "123456"]);
    assume(&home, &["base", "--duration", "1h", "--mfa-code", "234567"]);
    assume(&home, &["marketingadmin"]);
    assert_eq!(json_of(&home, &["clear", "plain"])["removed"], json!([]));
    let removed = json_of(&home, &["clear", "base"])["removed"].take();
    assert_eq!(all(&removed, "mfa_serial"), [MFA, MFA]);
    assert_eq!(all(&json_of(&home, &["list"])["sessions"], "role_arn"), [ROLE]);
}

/// A damaged file says nothing of itself: it is known by where it stands.
#[test]
fn a_damaged_file_of_a_web_identity_goes_with_its_profile() {
    let home = home();
    home.write(
        ".aws/config",
        format!("[profile web]\nrole_arn = {ROLE}\nweb_identity_token_file = token\n"),
    );
    home.write("token", "token of ana");
    let name = rolenv::digest::sha1_hex(&format!(
        "{{\"RoleArn\": \"{ROLE}\", \"WebIdentityToken\": \"token of ana\"}}"
    ));
    let path = home.write(&format!("{ROLES}/{name}.json"), "");
    let other = put(&home, ROLES, 'b', &"");
    let told = json_of(&home, &["clear", "web"]);
    assert_eq!(all(&told["removed"], "kind"), ["corrupt"]);
    assert!(!path.exists() && other.exists());
}

/// What is JSON, and no session, may be of use to somebody.
#[test]
fn what_is_something_else_is_left_and_told() {
    let home = home();
    let path = put(&home, ROLES, 'a', &json!({ "accessToken": "x" }));
    let own = put(&home, OWN, 'b', &json!({ "accessToken": "x" }));
    let run = cache(&home, &["clear"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    golden::record(&run);
    assert!(path.exists() && !own.exists());
    assert_eq!(
        all(&json_of(&home, &["clear"])["skipped"], "file"),
        [path.to_str().expect("a path")]
    );
}

#[test]
fn what_killed_processes_left_behind_goes() {
    let home = home();
    let key = "a".repeat(40);
    home.write(&format!("{OWN}/locks/.rolenv-{key}.lock"), "");
    home.write(".aws/.rolenv-credentials.lock", "");
    home.write(&format!("{OWN}/.rolenv-abc.tmp"), "x");
    home.write(&format!("{ROLES}/.rolenv-abc.tmp"), "x");
    home.write(&format!("{ROLES}/tmpabc.tmp"), "x");
    let in_use = ".rolenv-def.tmp";
    let held = home.write(&format!("{OWN}/{in_use}"), "");
    let held = fs::File::open(held).expect("a file");
    held.lock().expect("a lock");
    assert_eq!(json_of(&home, &["clear", "marketingadmin"])["temporary_files"], 0);
    let run = cache(&home, &["clear"]);
    golden::record(&run);
    // Lock files stay: a removed one would not lock its successor.
    assert_eq!(files(&home.path(OWN)), [in_use, &format!("locks/.rolenv-{key}.lock")]);
    assert!(home.path(".aws/.rolenv-credentials.lock").exists());
    assert_eq!(files(&home.path(ROLES)), ["tmpabc.tmp"]);
}

#[test]
fn an_unknown_target_or_a_bad_option_removes_nothing() {
    let home = home();
    let path = put(&home, ROLES, 'a', &entry("x", 43));
    for (arguments, status) in [
        (&["clear", "nope"][..], 1),
        (&["clear", "--bogus"], 2),
        (&["clear", "a", "b"], 2),
        (&["list", "x"], 2),
        (&["bogus"], 2),
        (&[], 2),
    ] {
        let run = cache(&home, arguments);
        assert_eq!((run.status, run.stdout.as_str()), (Some(status), ""), "{run:?}");
        golden::record(&run);
    }
    assert!(path.exists());
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_named_and_the_rest_goes() {
    let home = home();
    fs::remove_dir(home.path(ROLES)).expect("it was empty");
    home.write(ROLES, "not a directory");
    put(&home, OWN, 'b', &"");
    let list = |arguments: &[&str]| {
        let run = cache(&home, &[&["list"], arguments].concat());
        assert_eq!(run.status, Some(1), "{run:?}");
        golden::record(&run);
        run.stdout
    };
    assert!(!list(&[]).is_empty(), "the rest is listed");
    let told: Value = serde_json::from_str(&list(&["--json"])).expect("JSON");
    assert_eq!(all(&told["sessions"], "kind"), ["corrupt"]);
    let run = cache(&home, &["clear"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    golden::record(&run);
    assert!(
        !home.path(OWN).join(format!("{}.json", "b".repeat(40))).exists(),
        "the rest went"
    );
    assert_eq!(list(&[]), "", "it is not known that nothing is cached");
}

#[cfg(unix)]
#[test]
fn what_cannot_be_removed_is_named_and_the_rest_goes() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = home();
    put(&home, ROLES, 'a', &entry("x", 43));
    put(&home, ROLES, 'c', &"");
    put(&home, OWN, 'b', &"");
    let seal = |mode| fs::set_permissions(home.path(ROLES), fs::Permissions::from_mode(mode)).expect("permissions");
    seal(0o500);
    plain_user::give(&home);
    let run = plain_user::run(&home, &["cache", "clear", "--quiet", "--json"]);
    seal(0o700);
    let told: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(
        (run.status, all(&told["removed"], "kind")),
        (Some(1), vec![&json!("corrupt")]),
        "{run:?}"
    );
    let path = |digit: char| home.path(ROLES).join(format!("{}.json", digit.to_string().repeat(40)));
    for digit in ['a', 'c'] {
        golden::record(&run);
        assert!(path(digit).exists());
    }
    assert!(files(&home.path(OWN)).is_empty(), "the rest went");
}

#[test]
fn a_clear_during_an_assume_does_not_break_it() {
    let sts = world().start();
    let home = Home::new(&sts);
    std::thread::scope(|scope| {
        for profile in ["marketingadmin", "chained"] {
            let home = &home;
            scope.spawn(move || {
                for _ in 0..15 {
                    let run = home.rolenv(&["assume", profile, "--format", "json"]);
                    assert_eq!(
                        (run.status, run.stderr.contains("session cache")),
                        (Some(0), false),
                        "{run:?}"
                    );
                }
            });
        }
        scope.spawn(|| {
            for _ in 0..40 {
                let run = cache(&home, &["clear"]);
                assert_eq!(run.status, Some(0), "{run:?}");
            }
        });
    });
}
