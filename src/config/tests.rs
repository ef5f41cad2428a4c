//! How two files become profiles: names, precedence, and whom damage hurts.

use super::*;

#[test]
fn headers_name_profiles_as_the_cli_reads_them() {
    for (header, name) in [
        ("default", Some("default")),
        ("profile default", Some("default")),
        ("profile a", Some("a")),
        ("profile \"a b\"", Some("a b")),
        ("profile\ta", Some("a")),
        ("profilefoo r", Some("r")),
        ("profile 'x'", Some("x")),
        ("profile \u{fc}", Some("\u{fc}")),
        ("profile a b", None),
        ("profile", None),
        ("x", None),
        (" profile r ", None),
        ("sso-session s", None),
    ] {
        assert_eq!(name_in_config(header).as_deref(), name, "{header}");
    }
}

#[test]
fn the_credentials_file_wins_key_by_key() {
    let files = Files::in_memory("[profile a]\nregion=r1\nrole_arn=x\n", "[a]\nregion=r2\n");
    let profiles = Profiles::parse(&files);
    let profile = profiles.profile("a").ok().flatten();
    let get = |key| profile.and_then(|profile| profile.get(key));
    assert_eq!(
        get("region").map(|found| (found.value, found.origin.to_string())),
        Some(("r2", "`credentials` line 2".to_owned()))
    );
    assert_eq!(get("role_arn").map(|found| found.value), Some("x"));
}

#[test]
fn a_later_spelling_of_a_name_replaces_the_earlier() {
    let files = Files::in_memory("[default]\nregion=a\noutput=json\n[profile default]\nregion=b\n", "");
    let profiles = Profiles::parse(&files);
    let profile = profiles.profile("default").ok().flatten();
    let get = |key| profile.and_then(|profile| profile.get(key)).map(|found| found.value);
    assert_eq!((get("region"), get("output")), (Some("b"), None));
}

#[test]
fn upper_case_default_lends_its_entries() {
    let files = Files::in_memory("[DEFAULT]\nregion=d\n[profile a]\n[profile b]\nregion=b\n", "[c]\n");
    let profiles = Profiles::parse(&files);
    let region = |name| {
        let profile = profiles.profile(name).ok().flatten();
        profile
            .and_then(|profile| profile.get("region"))
            .map(|found| found.value)
    };
    assert_eq!((region("a"), region("b"), region("c")), (Some("d"), Some("b"), None));
    assert_eq!(profiles.names().into_iter().collect::<Vec<_>>(), ["a", "b", "c"]);
}

#[test]
fn damage_hurts_only_the_profile_it_stands_in() {
    let files = Files::in_memory("[profile a]\nnonsense\n[profile b]\nregion=b\n", "");
    let profiles = Profiles::parse(&files);
    let message = profiles.profile("a").err().map(|error| error.to_string());
    assert_eq!(
        message.as_deref(),
        Some("`config` line 2: not of the form `key = value`")
    );
    assert!(profiles.profile("b").is_ok_and(|profile| profile.is_some()));
    assert_eq!(profiles.problems().len(), 1);
}
