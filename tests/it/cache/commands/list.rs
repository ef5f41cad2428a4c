//! `rolenv cache list`.

use super::{
    CONFIG, CREDENTIALS, Home, MFA, OWN, OffsetDateTime, ROLES, Rfc3339, Value, all, assert_no_secret, assume, cache,
    entry, files, fs, golden, home, json, json_of, put, world,
};

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
