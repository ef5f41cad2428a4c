//! Assume and clear on environments that are plain data: what is remembered, what comes back, what a forger can do.

use base64_simd::URL_SAFE_NO_PAD;

use super::*;

fn environment(variables: &[(&str, &str)]) -> Environment {
    variables.iter().copied().collect()
}

fn session(values: &[(Var, &str)]) -> Vec<(Var, OsString)> {
    values.iter().map(|&(var, value)| (var, value.into())).collect()
}

/// An environment's variables, whatever their order.
fn sorted(environment: &Environment) -> Vec<&(OsString, OsString)> {
    let mut variables: Vec<_> = environment.variables.iter().collect();
    variables.sort();
    variables
}

const ROLE: [(Var, &str); 4] = [
    (Var::AccessKeyId, "ASIA1"),
    (Var::SecretAccessKey, "s"),
    (Var::SessionToken, "t"),
    (Var::RolenvProfile, "demo"),
];

#[test]
fn names_are_unique_and_found_again() {
    for var in Var::ALL {
        assert_eq!(Var::named(var.name()), Some(var));
    }
}

#[test]
fn all_is_in_the_order_of_the_enum() {
    assert!(Var::ALL.is_sorted());
}

#[test]
fn assume_then_clear_is_where_it_started() {
    let start = environment(&[("AWS_PROFILE", "me"), ("AWS_REGION", ""), ("PATH", "/bin")]);
    let assumed = start.with(&start.assumed(session(&ROLE), Vec::new()));
    assert_eq!(assumed.get("AWS_PROFILE"), None);
    assert_eq!(assumed.get("AWS_ACCESS_KEY_ID"), Some(OsStr::new("ASIA1")));
    let back = assumed.with(&assumed.cleared().changes);
    assert_eq!(sorted(&back), sorted(&start));
}

#[test]
fn a_second_assume_keeps_the_first_restore_and_extends_it() {
    let start = environment(&[("AWS_ACCESS_KEY_ID", "AKIA1"), ("AWS_SECRET_ACCESS_KEY", "mine")]);
    let first = start.with(&start.assumed(session(&ROLE), Vec::new()));
    let same = first.with(&first.assumed(session(&ROLE), Vec::new()));
    assert_eq!(first.get("ROLENV_RESTORE"), same.get("ROLENV_RESTORE"));

    let mut with_region = session(&ROLE);
    with_region.push((Var::Region, "eu-west-1".into()));
    let second = first.with(&first.assumed(with_region, Vec::new()));
    assert_eq!(second.get("AWS_REGION"), Some(OsStr::new("eu-west-1")));
    assert_eq!(sorted(&second.original()), sorted(&start));
}

#[test]
fn what_was_exported_since_is_not_lost() {
    let start = environment(&[]);
    let mut role = start.with(&start.assumed(session(&ROLE), Vec::new()));
    role.variables.push(("AWS_PROFILE".into(), "later".into()));
    let second = role.with(&role.assumed(session(&ROLE), Vec::new()));
    let back = second.original();
    assert_eq!(back.get("AWS_PROFILE"), Some(OsStr::new("later")));
    assert_eq!(back.get("AWS_ACCESS_KEY_ID"), None);
}

#[test]
fn without_restore_temporary_credentials_go_and_the_rest_stays() {
    let start = environment(&[
        ("AWS_ACCESS_KEY_ID", "ASIA1"),
        ("AWS_SESSION_TOKEN", "t"),
        ("AWS_REGION", "eu-west-1"),
        ("ROLENV_PROFILE", "x"),
    ]);
    let cleared = start.cleared();
    assert_eq!(cleared.basis, Basis::Missing);
    let back = start.with(&cleared.changes);
    assert_eq!(back.variables, environment(&[("AWS_REGION", "eu-west-1")]).variables);
}

/// Long-term keys are the user's.
#[test]
fn without_restore_and_token_keys_stay() {
    let own = [("AWS_ACCESS_KEY_ID", "AKIA1"), ("AWS_SECRET_ACCESS_KEY", "s")];
    for (mark, token) in [
        (None, None),
        (Some(("ROLENV_PROFILE", "x")), Some(("AWS_SESSION_TOKEN", ""))),
    ] {
        let start: Vec<_> = own.into_iter().chain(mark).chain(token).collect();
        let start = environment(&start);
        let back = start.with(&start.cleared().changes);
        assert_eq!(back.get("AWS_ACCESS_KEY_ID"), Some(OsStr::new("AKIA1")));
        assert_eq!(start.original().get("AWS_SECRET_ACCESS_KEY"), Some(OsStr::new("s")));
        assert_eq!(back.get("ROLENV_PROFILE"), None);
    }
}

/// What the user sets inside a role counts for the next assume; `clear` returns to before the first.
#[test]
fn variables_that_were_set_inside_are_the_users() {
    let start = environment(&[("AWS_PROFILE", "me"), ("AWS_REGION", "eu-west-1")]);
    let role = start.with(&start.assumed(session(&ROLE), vec!["demo".to_owned()]));
    assert_eq!(role.changed_inside(), []);
    let with = |changes: &[(&str, &str)]| {
        let names: Vec<&str> = changes.iter().map(|(name, _)| *name).collect();
        let kept = role
            .iter()
            .filter(|(name, _)| !names.iter().any(|changed| name == changed));
        let kept = kept.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let set = changes
            .iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)));
        kept.chain(set).collect::<Environment>()
    };
    let inside = with(&[("AWS_PROFILE", "other"), ("AWS_REGION", "us-west-2")]);
    assert_eq!(inside.changed_inside(), [Var::Region, Var::Profile]);
    assert_eq!(inside.original().get("AWS_PROFILE"), Some(OsStr::new("other")));
    assert_eq!(inside.original().get("AWS_REGION"), Some(OsStr::new("us-west-2")));
    assert_eq!(inside.original().get("AWS_ACCESS_KEY_ID"), None);
    let cleared = inside.cleared();
    assert_eq!(cleared.overridden, [Var::Region, Var::Profile]);
    assert_eq!(sorted(&inside.with(&cleared.changes)), sorted(&start));

    // The token of the role does not belong to the user's new keys.
    let keys = with(&[("AWS_ACCESS_KEY_ID", "AKIA2"), ("AWS_SECRET_ACCESS_KEY", "own")]);
    let original = keys.original();
    assert_eq!(original.get("AWS_ACCESS_KEY_ID"), Some(OsStr::new("AKIA2")));
    assert_eq!(original.get("AWS_SESSION_TOKEN"), None);
    assert_eq!(sorted(&keys.with(&keys.cleared().changes)), sorted(&start));
}

#[test]
fn the_last_two_requests_are_recorded() {
    let request = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let mut now = environment(&[]);
    for (words, expected) in [
        (&["one"][..], [&["one"][..], &[]]),
        (&["one"], [&["one"], &[]]),
        (&["two", "--duration", "1h"], [&["two", "--duration", "1h"], &["one"]]),
        (&["one"], [&["one"], &["two", "--duration", "1h"]]),
    ] {
        now = now.with(&now.assumed(session(&ROLE), request(words)));
        assert_eq!(now.requests().map(<[String]>::to_vec), expected.map(request));
    }
}

#[test]
fn a_damaged_restore_is_the_plain_unset() {
    let good = {
        let start = environment(&[("AWS_PROFILE", "me")]);
        let assumed = start.with(&start.assumed(session(&ROLE), Vec::new()));
        assumed
            .get("ROLENV_RESTORE")
            .and_then(OsStr::to_str)
            .unwrap_or_default()
            .to_owned()
    };
    let encode = |json: &str| URL_SAFE_NO_PAD.encode_to_string(json);
    let cut = &good[..good.len() - 3];
    let decoded = URL_SAFE_NO_PAD.decode_to_vec(&good).unwrap_or_default();
    let decoded: serde_json::Value = serde_json::from_slice(&decoded).unwrap_or_default();
    let with = |member: &str, content: &str| {
        let mut changed = decoded.clone();
        match serde_json::from_str(content) {
            Ok(serde_json::Value::Object(more)) => {
                for (name, value) in more {
                    changed[member][name] = value;
                }
            }
            other => changed[member] = other.unwrap_or_default(),
        }
        encode(&changed.to_string())
    };
    for damaged in [
        "",
        "%%%",
        cut,
        "bnVsbA",
        &encode("[]"),
        // A restore of ours has every credential in it.
        &encode("{}"),
        &encode(r#"{"before":{"AWS_PROFILE":"me"},"set":{},"request":[],"previous":[]}"#),
        &with("before", r#"{"AWS_PROFILE":7}"#),
        &with("before", r#"{"AWS_PROFILE":[300]}"#),
        &with("before", r#"{"AWS_PROFILE":[0]}"#),
        &with("before", r#"{"AWS_PROFILE":"\u0000"}"#),
        &with("set", r#"{"AWS_PROFILE":1}"#),
        &with("request", "[1]"),
        &with("previous", "null"),
    ] {
        let now = environment(&[("ROLENV_RESTORE", damaged), ("AWS_ACCESS_KEY_ID", "ASIA1")]);
        let cleared = now.cleared();
        assert_eq!(cleared.basis, Basis::Corrupt, "{damaged} was taken for a restore");
        assert!(now.with(&cleared.changes).variables.is_empty());
    }
}

#[test]
fn a_forged_restore_cannot_name_other_variables() {
    let credentials = Var::ALL.into_iter().filter(|var| var.is_credential());
    let mut forged: serde_json::Map<_, _> = credentials
        .map(|var| (var.name().to_owned(), serde_json::Value::Null))
        .collect();
    for (name, value) in [
        ("PATH", "/evil"),
        ("LD_PRELOAD", "x"),
        ("ROLENV_RESTORE", "x"),
        ("AWS_PROFILE", "me"),
    ] {
        forged.insert(name.to_owned(), value.into());
    }
    let forged = serde_json::json!({ "before": forged, "set": {}, "request": [], "previous": [] });
    let forged = URL_SAFE_NO_PAD.encode_to_string(forged.to_string());
    let now = environment(&[("ROLENV_RESTORE", &forged)]);
    let set: Vec<_> = now
        .cleared()
        .changes
        .into_iter()
        .filter(|change| matches!(change, Change::Set(..)))
        .collect();
    assert!(set == [Change::Set(Var::Profile, "me".into())]);
}

#[cfg(unix)]
#[test]
fn bytes_that_are_not_text_come_back() {
    use std::os::unix::ffi::OsStringExt as _;
    let odd = OsString::from_vec(vec![0xff, b'a', 0xfe]);
    let start: Environment = [(OsString::from("AWS_PROFILE"), odd)].into_iter().collect();
    assert!(start.text("AWS_PROFILE").is_err());
    let assumed = start.with(&start.assumed(session(&ROLE), Vec::new()));
    assert_eq!(sorted(&assumed.original()), sorted(&start));
}

#[test]
fn unsets_come_first_and_in_order() {
    let changes = environment(&[]).assumed(session(&ROLE), Vec::new());
    let first_set = changes.iter().position(|change| matches!(change, Change::Set(..)));
    let (unset, set) = changes.split_at(first_set.unwrap_or_default());
    assert!(unset.iter().all(|change| matches!(change, Change::Unset(_))));
    assert!(unset.is_sorted_by_key(Change::var) && set.is_sorted_by_key(Change::var));
    assert_eq!(changes.len(), Var::ALL.len());
}
