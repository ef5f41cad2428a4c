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
    let assumed = start.with(&start.assumed(session(&ROLE)));
    assert_eq!(assumed.get("AWS_PROFILE"), None);
    assert_eq!(assumed.get("AWS_ACCESS_KEY_ID"), Some(OsStr::new("ASIA1")));
    let back = assumed.with(&assumed.cleared().changes);
    assert_eq!(sorted(&back), sorted(&start));
}

#[test]
fn a_second_assume_keeps_the_first_restore_and_extends_it() {
    let start = environment(&[("AWS_ACCESS_KEY_ID", "AKIA1"), ("AWS_SECRET_ACCESS_KEY", "mine")]);
    let first = start.with(&start.assumed(session(&ROLE)));
    let same = first.with(&first.assumed(session(&ROLE)));
    assert_eq!(first.get("ROLENV_RESTORE"), same.get("ROLENV_RESTORE"));

    let mut with_region = session(&ROLE);
    with_region.push((Var::Region, "eu-west-1".into()));
    let second = first.with(&first.assumed(with_region));
    assert_eq!(second.get("AWS_REGION"), Some(OsStr::new("eu-west-1")));
    assert_eq!(sorted(&second.original()), sorted(&start));
}

#[test]
fn what_was_exported_since_is_not_lost() {
    let start = environment(&[]);
    let mut role = start.with(&start.assumed(session(&ROLE)));
    role.variables.push(("AWS_PROFILE".into(), "later".into()));
    let second = role.with(&role.assumed(session(&ROLE)));
    let back = second.original();
    assert_eq!(back.get("AWS_PROFILE"), Some(OsStr::new("later")));
    assert_eq!(back.get("AWS_ACCESS_KEY_ID"), None);
}

#[test]
fn without_restore_the_credentials_go_and_the_rest_stays() {
    let start = environment(&[
        ("AWS_ACCESS_KEY_ID", "AKIA1"),
        ("AWS_REGION", "eu-west-1"),
        ("ROLENV_PROFILE", "x"),
    ]);
    let cleared = start.cleared();
    assert_eq!(cleared.basis, Basis::Missing);
    let back = start.with(&cleared.changes);
    assert_eq!(back.variables, environment(&[("AWS_REGION", "eu-west-1")]).variables);
}

#[test]
fn a_damaged_restore_is_the_plain_unset() {
    let good = {
        let start = environment(&[("AWS_PROFILE", "me")]);
        let assumed = start.with(&start.assumed(session(&ROLE)));
        assumed
            .get("ROLENV_RESTORE")
            .and_then(OsStr::to_str)
            .unwrap_or_default()
            .to_owned()
    };
    let encode = |json: &str| URL_SAFE_NO_PAD.encode_to_string(json);
    let cut = &good[..good.len() - 3];
    for damaged in [
        "",
        "%%%",
        cut,
        "bnVsbA",
        &encode("[]"),
        // A restore of ours has every credential in it.
        &encode("{}"),
        &encode(r#"{"AWS_PROFILE":"me"}"#),
        &encode(r#"{"AWS_PROFILE":7}"#),
        &encode(r#"{"AWS_PROFILE":[300]}"#),
        &encode(r#"{"AWS_PROFILE":[0]}"#),
        &encode(r#"{"AWS_PROFILE":"\u0000"}"#),
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
    let forged = URL_SAFE_NO_PAD.encode_to_string(serde_json::Value::Object(forged).to_string());
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
    let assumed = start.with(&start.assumed(session(&ROLE)));
    assert_eq!(sorted(&assumed.original()), sorted(&start));
}

#[test]
fn unsets_come_first_and_in_order() {
    let changes = environment(&[]).assumed(session(&ROLE));
    let first_set = changes.iter().position(|change| matches!(change, Change::Set(..)));
    let (unset, set) = changes.split_at(first_set.unwrap_or_default());
    assert!(unset.iter().all(|change| matches!(change, Change::Unset(_))));
    assert!(unset.is_sorted_by_key(Change::var) && set.is_sorted_by_key(Change::var));
    assert_eq!(changes.len(), Var::ALL.len());
}
