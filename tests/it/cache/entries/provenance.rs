//! A cached session is used only for the same caller, endpoint and parameters.

use super::{
    FakeSts, Home, KEY, MARK, ROLES, Role, USER, Value, assume, assumed, change, entries, json, kept, newest,
    only_entry, read, support, world,
};

/// The long-term key of somebody else who may assume the same role.
const OTHER: (&str, &str) = ("AKIAI44QH8DHBEXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY");

const TARGET: &str = "arn:aws:iam::222222222222:role/shared";

/// Two profiles with keys of their own for one role, and two with a process for it.
const SHARED: &str = "\
[profile one]
role_arn = arn:aws:iam::222222222222:role/shared
source_profile = base

[profile two]
role_arn = arn:aws:iam::222222222222:role/shared
source_profile = other

[profile other]
aws_access_key_id = AKIAI44QH8DHBEXAMPLE
aws_secret_access_key = je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY

[profile three]
role_arn = arn:aws:iam::222222222222:role/shared
source_profile = process

[profile process]
credential_process = cat keys.json

[profile four]
role_arn = arn:aws:iam::222222222222:role/shared
source_profile = same

[profile same]
credential_process = cat ./keys.json
";

fn shared() -> (FakeSts, Home) {
    let sts = FakeSts::builder()
        .user(KEY.0, KEY.1, USER)
        .user(OTHER.0, OTHER.1, "arn:aws:iam::111111111111:user/eva")
        .role(Role::new(TARGET))
        .start();
    let home = Home::with(SHARED, support::CREDENTIALS).set("AWS_ENDPOINT_URL_STS", sts.url());
    let keys = json!({ "Version": 1, "AccessKeyId": KEY.0, "SecretAccessKey": KEY.1 });
    home.write("keys.json", keys.to_string());
    (sts, home)
}

/// Four profiles for one role, by another key or another process each, have one entry between them.
#[test]
fn a_session_of_another_source_is_replaced() {
    let (sts, home) = shared();
    for (turn, profile) in ["one", "two", "three", "four", "one"].into_iter().enumerate() {
        for again in [false, true] {
            assert_eq!(assumed(&home, &[profile]), newest(&sts), "{profile} {again}");
            assert_eq!(sts.requests().len(), turn + 1, "{profile} {again}");
        }
        assert_eq!(
            read(&only_entry(&home, ROLES))["Credentials"]["AccessKeyId"],
            newest(&sts)
        );
    }
}

/// The name of the profile is no part of it: what counts is whose key it has.
#[test]
fn a_profile_whose_key_was_changed_gets_a_session_of_the_new_one() {
    let (sts, home) = shared();
    assumed(&home, &["one"]);
    let new = support::CREDENTIALS.replace(KEY.0, OTHER.0).replace(KEY.1, OTHER.1);
    home.write(".aws/credentials", new);
    assert_eq!(assumed(&home, &["one"]), newest(&sts));
    let signers: Vec<_> = sts
        .requests()
        .into_iter()
        .filter_map(|request| request.signer)
        .collect();
    let keys: Vec<_> = signers.iter().map(|signer| signer.access_key_id.as_str()).collect();
    assert_eq!(keys, [KEY.0, OTHER.0]);
    // And `two`, which has that key, too, takes it.
    assert_eq!(assumed(&home, &["two"]), newest(&sts));
    assert_eq!(sts.requests().len(), 2);
}

#[test]
fn a_session_of_another_server_is_replaced() {
    let (one, two) = (world().start(), world().start());
    let mut home = Home::new(&one);
    for (sts, times) in [(&one, 1), (&two, 1), (&one, 2)] {
        home = home.set("AWS_ENDPOINT_URL_STS", sts.url());
        for _ in 0..2 {
            assert_eq!(assumed(&home, &["marketingadmin"]), newest(sts));
            assert_eq!(sts.requests().len(), times);
        }
        only_entry(&home, ROLES);
    }
}

/// The marks of entries, and what stands beside them, changed one by one.
#[test]
fn only_the_very_mark_counts() {
    let sts = world().start();
    let home = Home::new(&sts);
    let changes: [fn(&mut Value); 15] = [
        |entry| entry[MARK]["Source"]["AccessKeyId"] = "AKIAI44QH8DHBEXAMPLE".into(),
        |entry| entry[MARK]["Source"]["Kind"] = "process".into(),
        |entry| entry[MARK]["Source"] = Value::Null,
        |entry| entry[MARK]["Endpoint"] = "http://127.0.0.1:1".into(),
        |entry| entry[MARK]["Endpoint"] = Value::Null,
        |entry| entry[MARK]["Via"] = json!(["0123456789012345678901234567890123456789"]),
        |entry| entry[MARK]["Later"] = "a member of a later version".into(),
        |entry| entry[MARK]["RoleArn"] = "arn:aws:iam::222222222222:role/other".into(),
        |entry| entry[MARK] = Value::Null,
        |entry| entry[MARK] = json!([]),
        |entry| entry[MARK] = json!({}),
        |entry| entry[MARK] = "x".into(),
        // As from the AWS CLI, which does not say which server it asked.
        |entry| drop(entry.as_object_mut().map(|entry| entry.remove(MARK))),
        // Somebody put an entry under another's name.
        |entry| entry["AssumedRoleUser"]["Arn"] = "arn:aws:sts::222222222222:assumed-role/other/x".into(),
        |entry| entry["AssumedRoleUser"]["Arn"] = "arn:aws:sts::999999999999:assumed-role/marketingadmin/x".into(),
    ];
    assumed(&home, &["marketingadmin"]);
    let path = only_entry(&home, ROLES);
    for (index, made) in changes.into_iter().enumerate() {
        let before = sts.requests().len();
        change(&path, made);
        assert_eq!(assumed(&home, &["marketingadmin"]), newest(&sts), "change {index}");
        assert_eq!(sts.requests().len(), before + 1, "change {index}");
        assert_eq!(assumed(&home, &["marketingadmin"]), newest(&sts), "change {index}");
        assert_eq!(sts.requests().len(), before + 1, "change {index}");
    }
}

/// The same role by AssumeRole and by a web identity: two callers, so two sessions, whichever of them comes first.
#[test]
fn a_web_identity_shares_no_session_with_assume_role() {
    let role = "arn:aws:iam::222222222222:role/one";
    let sts = FakeSts::builder()
        .user(KEY.0, KEY.1, USER)
        .role(Role::new(role))
        .start();
    let config = format!(
        "[profile web]\nrole_arn = {role}\nweb_identity_token_file = token\n\
         [profile keys]\nrole_arn = {role}\nsource_profile = base\n"
    );
    let credentials = format!(
        "[base]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        KEY.0, KEY.1
    );
    for order in [["web", "keys"], ["keys", "web"]] {
        let home = Home::with(&config, &credentials).set("AWS_ENDPOINT_URL_STS", sts.url());
        home.write("token", "token of ana");
        let sessions = order.map(|profile| assumed(&home, &[profile]));
        assert_ne!(sessions[0], sessions[1], "{order:?}");
        assert_eq!(entries(&home, ROLES).len(), 2, "{order:?}");
        // Nor when nothing in an entry says who wrote it, as in those of the AWS CLI.
        for name in entries(&home, ROLES).into_keys() {
            kept::remove(&home.path(ROLES).join(name), MARK);
        }
        let home = home
            .unset("AWS_ENDPOINT_URL_STS")
            .set("HTTPS_PROXY", "http://127.0.0.1:1");
        assert_eq!(order.map(|profile| assumed(&home, &[profile])), sessions, "{order:?}");
    }
}

/// Whose web identity it is, and by which role, tells the sessions apart that are got with it.
#[test]
fn a_session_by_another_web_identity_is_not_used() {
    let behind = "arn:aws:iam::222222222222:role/behind";
    let names = ["one", "two"].map(|name| format!("arn:aws:iam::222222222222:role/{name}"));
    let sts = FakeSts::builder();
    let sts = names.iter().fold(sts, |sts, arn| sts.role(Role::new(arn)));
    let sts = sts.role(Role::new(behind)).start();
    let config = ["one", "two"].map(|name| {
        format!(
            "[profile {name}]\nrole_arn = arn:aws:iam::222222222222:role/{name}\nweb_identity_token_file = token\n\
             [profile by-{name}]\nrole_arn = {behind}\nsource_profile = {name}\n"
        )
    });
    let home = Home::with(&config.concat(), "").set("AWS_ENDPOINT_URL_STS", sts.url());
    home.write("token", "token of ana");
    let ana = [assumed(&home, &["one"]), assumed(&home, &["by-one"])];
    assert_ne!(assumed(&home, &["by-two"]), ana[1]);
    assert_eq!(assumed(&home, &["one"]), ana[0]);
    home.write("token", "token of bob");
    assert_ne!(assumed(&home, &["one"]), ana[0]);
    let bob = assumed(&home, &["by-one"]);
    assert_ne!(bob, ana[1]);
    assert_eq!(assumed(&home, &["by-one"]), bob);
}

/// Who narrows a role does not get what was got without: not by a copied file, nor from the AWS CLI.
#[test]
fn a_session_without_the_policy_is_not_used_with_it() {
    let sts = world().start();
    let home = Home::new(&sts);
    let policy = r#"{"Version": "2012-10-17", "Statement": []}"#;
    let wide = assumed(&home, &["marketingadmin"]);
    let wide_entry = only_entry(&home, ROLES);
    let narrow = |home: &Home| assumed(home, &["marketingadmin", "--policy", policy]);
    assert_ne!(narrow(&home), wide);
    let mut others = entries(&home, ROLES)
        .into_keys()
        .map(|name| home.path(ROLES).join(name));
    let narrow_entry = others.find(|path| *path != wide_entry).expect("another entry");
    std::fs::copy(&wide_entry, &narrow_entry).expect("a copy");
    assert_ne!(narrow(&home), wide);
    std::fs::copy(&wide_entry, &narrow_entry).expect("a copy");
    kept::remove(&narrow_entry, MARK);
    let home = home
        .unset("AWS_ENDPOINT_URL_STS")
        .set("HTTPS_PROXY", "http://127.0.0.1:1");
    assert_eq!(assume(&home, &["marketingadmin", "--policy", policy]).status, Some(1));
}
