//! `rolenv cache list` and `rolenv cache clear`: every session on disk is told, without a secret in it, and only
//! sessions go.

use crate::support;
use crate::support::golden;

use crate::support::plain_user;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use support::{CONFIG, CREDENTIALS, Home, KEY, MFA, ROLE, Run, world};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

const ROLES: &str = ".aws/cli/cache";
const OWN: &str = ".aws/rolenv";
const SECURED: &str = "arn:aws:iam::222222222222:role/secured";

fn home() -> Home {
    let home = Home::with(CONFIG, CREDENTIALS);
    fs::create_dir_all(home.path(ROLES)).expect("a directory");
    fs::create_dir_all(home.path(&format!("{OWN}/locks"))).expect("a directory");
    home
}

fn cache(home: &Home, arguments: &[&str]) -> Run {
    home.rolenv(&[&["cache"], arguments].concat())
}

fn assume(home: &Home, arguments: &[&str]) {
    let run = home.rolenv(&[&["assume", "--format", "json"], arguments].concat());
    assert_eq!(run.status, Some(0), "{run:?}");
}

fn json_of(home: &Home, arguments: &[&str]) -> Value {
    let run = cache(home, &[arguments, &["--json"]].concat());
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

/// One member of each object of a list.
fn all<'value>(list: &'value Value, member: &str) -> Vec<&'value Value> {
    let objects = list.as_array().expect("a list");
    objects.iter().map(|object| &object[member]).collect()
}

fn moment(minutes: i64) -> String {
    let moment = OffsetDateTime::now_utc() + Duration::minutes(minutes);
    let moment = moment.replace_nanosecond(0).expect("a second");
    moment.format(&Rfc3339).expect("RFC 3339")
}

/// An entry as the AWS CLI writes it.
fn entry(role: &str, minutes: i64) -> Value {
    json!({
        "Credentials": {
            "AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "entrysecret/+9", "SessionToken": "entrytoken/+=",
            "Expiration": moment(minutes),
        },
        "AssumedRoleUser": {
            "AssumedRoleId": "AROA:x", "Arn": format!("arn:aws:sts::222222222222:assumed-role/{role}/x"),
        },
    })
}

/// Writes an entry under a name of forty equal digits.
fn put(home: &Home, directory: &str, digit: char, content: &impl ToString) -> PathBuf {
    let name = digit.to_string().repeat(40);
    home.write(&format!("{directory}/{name}.json"), content.to_string())
}

/// Every file below a directory, by its path in there.
fn files(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(directory) else {
        return found;
    };
    for entry in entries {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() && !path.is_symlink() {
            found.extend(files(&path).into_iter().map(|file| format!("{name}/{file}")));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}

fn assert_no_secret(run: &Run) {
    for secret in ["entrysecret", "entrytoken", "ASIAIOSFODNN7EXAMPLE", KEY.0, KEY.1] {
        assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{run:?}");
    }
}

#[test]
fn where_nothing_is_kept_that_is_said() {
    let home = Home::with(CONFIG, CREDENTIALS);
    let run = cache(&home, &["list"]);
    golden::record(&run);
    for arguments in [&["clear"][..], &["clear", "marketingadmin"]] {
        let run = cache(&home, arguments);
        assert_eq!(run.status, Some(0), "{run:?}");
        golden::record(&run);
    }
    assert_eq!(json_of(&home, &["list"]), json!({ "sessions": [] }));
    assert_eq!(
        json_of(&home, &["clear"]),
        json!({ "removed": [], "skipped": [], "temporary_files": 0 })
    );
    assert_eq!(files(&home.path(".aws")), ["config", "credentials"], "nothing is made");
}

#[test]
fn what_assume_keeps_is_told() {
    let sts = world().start();
    let home = Home::new(&sts);
    assume(&home, &["chained"]);
    assume(&home, &["secured", "--mfa-code", "123456"]);
    let run = cache(&home, &["list"]);
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    assert_no_secret(&run);
    golden::record(&run);
    let inner = "arn:aws:iam::333333333333:role/deep/inner";
    let kept = json_of(&home, &["list"])["sessions"].take();
    assert_eq!(all(&kept, "kind"), ["role", "role", "role", "mfa"]);
    assert_eq!(
        all(&kept, "mfa_serial"),
        [&Value::Null, &Value::Null, &Value::Null, &json!(MFA)]
    );
    let first = &kept[2];
    assert_eq!(first["role_arn"], inner);
    assert_eq!(
        first["session_arn"],
        "arn:aws:sts::333333333333:assumed-role/inner/rolenv-ana"
    );
    let caller = json!({ "kind": "keys", "name": "AKIA...MPLE", "chain_length": 1 });
    assert_eq!((&first["source"], &first["written_by"]), (&caller, &json!("rolenv")));
    assert_eq!(first["endpoint"], sts.url());
    let left = first["seconds_left"].as_i64().unwrap_or_default();
    assert!((3500..=3600).contains(&left), "{left}");
    let until = first["expires_at"]
        .as_str()
        .and_then(|until| OffsetDateTime::parse(until, &Rfc3339).ok());
    assert!(until.is_some(), "{first}");
    assert!(
        first["access_key_id"].as_str().is_some_and(|id| id.contains("...")),
        "{first}"
    );
}

#[test]
fn what_the_aws_cli_keeps_is_told_but_for_its_own_affairs() {
    let home = home();
    let fresh = entry("x", 43);
    let until = fresh["Credentials"]["Expiration"].as_str().expect("an end");
    let until = until.replace("+00:00", "Z");
    put(&home, ROLES, 'a', &fresh);
    put(&home, ROLES, 'b', &entry("x", -120));
    put(&home, ROLES, 'c', &entry("w", -60 * 24 * 20));
    let mut sso = entry("sso", 43);
    sso["ProviderType"] = json!("sso");
    put(&home, ROLES, 'd', &sso);
    home.write(".aws/cli/cache/session.db", "x");
    home.write(".aws/cli/cache/other.json", entry("other", 43).to_string());
    let run = cache(&home, &["list"]);
    assert_no_secret(&run);
    let lines: Vec<&str> = run.stdout.lines().skip(1).collect();
    let arn = "arn:aws:sts::222222222222:assumed-role";
    for (line, expected) in lines.iter().zip([
        format!("role session  {arn}/w/x  the AWS CLI  expired 20 days ago"),
        format!("role session  {arn}/x/x  the AWS CLI  expired 2h ago"),
        format!("role session  {arn}/x/x  the AWS CLI  in 43m, {until}"),
    ]) {
        assert!(line.starts_with(&expected), "{expected} in {run:?}");
    }
    assert_eq!(lines.len(), 3, "{run:?}");
    let kept = json_of(&home, &["list"])["sessions"].take();
    assert_eq!(kept[0]["written_by"], "aws-cli");
    assert_eq!(kept[0]["source"], Value::Null);
    let run = cache(&home, &["clear"]);
    golden::record(&run);
    let left = [
        format!("{}.json", "d".repeat(40)),
        "other.json".to_owned(),
        "session.db".to_owned(),
    ];
    assert_eq!(files(&home.path(ROLES)), left);
}

#[test]
fn a_damaged_file_is_told_and_goes() {
    let home = home();
    let mut endless = entry("x", 43);
    endless["Credentials"]["Expiration"] = json!("2026-11-22T15:04:05");
    let mut tokenless = entry("x", 43);
    tokenless["Credentials"]["SessionToken"] = Value::Null;
    for (digit, content) in [
        ('0', String::new()),
        ('1', "{\"Credentials\": {\"SecretAccessKey\": \"entrysecret".to_owned()),
        ('2', "[\"entrysecret\"]".to_owned()),
        ('3', "{}".to_owned()),
        ('4', endless.to_string()),
        ('5', tokenless.to_string()),
    ] {
        put(&home, ROLES, digit, &content);
        let run = cache(&home, &["list"]);
        assert_eq!(run.status, Some(0), "{run:?}");
        assert_no_secret(&run);
        golden::record(&run);
    }
    let path = put(&home, OWN, '6', &entry("x", 43));
    let kept = json_of(&home, &["list"])["sessions"].take();
    assert_eq!(kept[6]["file"], path.to_str().unwrap_or_default());
    let run = cache(&home, &["clear"]);
    golden::record(&run);
    // JSON of something else may be of use to somebody.
    let other = format!("cli/cache/{}.json", "3".repeat(40));
    assert_eq!(files(&home.path(".aws")), [other.as_str(), "config", "credentials"]);
}

#[cfg(unix)]
#[test]
fn what_is_no_plain_file_is_not_followed() {
    let home = home();
    let elsewhere = home.write("elsewhere.json", entry("x", 43).to_string());
    let link = home.path(&format!("{ROLES}/{}.json", "1".repeat(40)));
    std::os::unix::fs::symlink(&elsewhere, &link).expect("a link");
    let directory = format!("{ROLES}/{}.json", "2".repeat(40));
    fs::create_dir(home.path(&directory)).expect("a directory");
    home.write(&format!("{directory}/kept"), "k");
    let kept = json_of(&home, &["list"])["sessions"].take();
    assert_eq!(all(&kept, "kind"), ["corrupt", "corrupt"]);
    golden::record(&cache(&home, &["list"]));
    let run = cache(&home, &["clear"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert!(elsewhere.exists() && !link.is_symlink());
    assert!(home.path(&format!("{directory}/kept")).exists());
}

#[test]
fn nothing_that_is_kept_draws_on_the_screen() {
    let home = home();
    let mut odd = entry("x\n\x1b[2J\u{202e}", 43);
    let source = json!({ "Kind": "sso", "AccountId": "1", "RoleName": "\x1b]0;x", "StartUrl": "y" });
    odd["Rolenv"] = json!({ "Source": source, "Endpoint": "http://\n\x1b", "Key": "k" });
    put(&home, ROLES, '1', &odd);
    for arguments in [&["list"][..], &["list", "--json"], &["clear", "--json"]] {
        let run = cache(&home, arguments);
        assert_eq!(run.status, Some(0), "{run:?}");
        assert!(!run.stdout.contains(['\x1b', '\u{202e}']), "{run:?}");
        assert!(arguments.len() > 1 || run.stdout.lines().count() == 2, "{run:?}");
    }
    put(&home, ROLES, '1', &odd);
    let run = cache(&home, &["clear"]);
    assert!(!run.stdout.contains(['\x1b', '\u{202e}']), "{run:?}");
    assert_eq!(run.stdout.lines().count(), 2, "{run:?}");
}

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
