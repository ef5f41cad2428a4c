//! What may be said about a session: tags, policies, a source identity; recorded, and within limits.

mod client;

use client::{Keys, ROLE, Reply, assume, call, server};
use fake_sts::{FakeSts, Role};

fn sts() -> FakeSts {
    server().role(Role::new(ROLE)).start()
}

fn error(sts: &FakeSts, more: &[(&str, &str)]) -> (String, String) {
    let (status, code, message) = ask(sts, more).error();
    assert_eq!(status, 400);
    (code, message)
}

fn ask(sts: &FakeSts, more: &[(&str, &str)]) -> Reply {
    call(sts, &Keys::ana(), &assume(more))
}

/// The form of this many members of a list, each with these parts.
fn members(count: usize, list: &str, parts: &[(&str, &str)]) -> Vec<(String, String)> {
    let member = |number| {
        let part = move |(name, value): &(&str, &str)| {
            let value = value.replace("{}", &format!("{number:02}"));
            (format!("{list}.member.{number}{name}"), value)
        };
        parts.iter().map(part)
    };
    (1..=count).flat_map(member).collect()
}

fn borrowed(form: &[(String, String)]) -> Vec<(&str, &str)> {
    form.iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

#[test]
fn they_are_recorded() {
    let sts = sts();
    let form = [
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "données"),
        ("Tags.member.2.Key", "empty"),
        ("Tags.member.2.Value", ""),
        ("TransitiveTagKeys.member.1", "team"),
        ("PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("SourceIdentity", "ana"),
    ];
    assert_eq!(ask(&sts, &form).status, 200);
    assert_eq!(ask(&sts, &[]).status, 200);
    let [request, bare] = sts.requests().try_into().expect("two requests");
    assert_eq!(request.tags(), [("Team", "données"), ("empty", "")]);
    assert_eq!(request.transitive_tag_keys(), ["team"]);
    assert_eq!(request.policy_arns(), ["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
    assert_eq!(request.source_identity(), Some("ana"));
    assert!(bare.tags().is_empty() && bare.transitive_tag_keys().is_empty() && bare.policy_arns().is_empty());
    assert_eq!(bare.source_identity(), None);
}

#[test]
fn lists_have_limits() {
    let sts = sts();
    let parts = [(".Key", "k{}"), (".Value", "v")];
    assert_eq!(ask(&sts, &borrowed(&members(50, "Tags", &parts))).status, 200);
    let too_long = |list, most| {
        let message = format!(
            "1 validation error detected: Value at '{list}' failed to satisfy constraint: Member must have length \
             less than or equal to {most}"
        );
        ("ValidationError".to_owned(), message)
    };
    assert_eq!(
        error(&sts, &borrowed(&members(51, "Tags", &parts))),
        too_long("tags", 50)
    );
    let arn = [(".arn", "arn:aws:iam::aws:policy/p{}")];
    assert_eq!(ask(&sts, &borrowed(&members(10, "PolicyArns", &arn))).status, 200);
    assert_eq!(
        error(&sts, &borrowed(&members(11, "PolicyArns", &arn))),
        too_long("policyArns", 10)
    );
}

#[test]
fn members_have_limits() {
    let sts = sts();
    let invalid = |more: &[(&str, &str)], end: &str| {
        let (code, message) = error(&sts, more);
        assert_eq!(code, "ValidationError");
        assert_eq!(message, format!("1 validation error detected: {end}"));
    };
    let (key, value) = ("Tags.member.1.Key", "Tags.member.1.Value");
    assert_eq!(
        ask(&sts, &[(key, &"k".repeat(128)), (value, &"v".repeat(256))]).status,
        200
    );
    let long = "k".repeat(129);
    invalid(
        &[(key, &long), (value, "v")],
        &format!(
            "Value '{long}' at 'tags.1.member.key' failed to satisfy constraint: Member must have length less than \
             or equal to 128"
        ),
    );
    invalid(
        &[(key, ""), (value, "v")],
        "Value '' at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal \
         to 1",
    );
    let long = "v".repeat(257);
    invalid(
        &[(key, "k"), (value, &long)],
        &format!(
            "Value '{long}' at 'tags.1.member.value' failed to satisfy constraint: Member must have length less than \
             or equal to 256"
        ),
    );
    invalid(
        &[(key, "k"), (value, "a\tb")],
        "Value 'a\tb' at 'tags.1.member.value' failed to satisfy constraint: Member must satisfy regular expression \
         pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+",
    );
    invalid(
        &[(key, "k")],
        "Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null",
    );
    invalid(
        &[("PolicyArns.member.1.arn", "ReadOnlyAccess")],
        "Value 'ReadOnlyAccess' at 'policyArns.1.member.arn' failed to satisfy constraint: Member must have length \
         greater than or equal to 20",
    );
    invalid(
        &[("TransitiveTagKeys.member.1", "a*b")],
        "Value 'a*b' at 'transitiveTagKeys.1.member' failed to satisfy constraint: Member must satisfy regular \
         expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+",
    );
    invalid(
        &[("SourceIdentity", "aws:ana")],
        "Value 'aws:ana' at 'sourceIdentity' failed to satisfy constraint: Member must satisfy regular expression \
         pattern: [\\w+=,.@-]*",
    );
}

#[test]
fn tags_must_agree_with_each_other() {
    let sts = sts();
    let refused = |more: &[(&str, &str)], text: &str| {
        let expected = ("InvalidParameterValue".to_owned(), text.to_owned());
        assert_eq!(error(&sts, more), expected);
    };
    let team = [("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "red")];
    let again = [("Tags.member.2.Key", "TEAM"), ("Tags.member.2.Value", "blue")];
    refused(
        &[team, again].concat(),
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    );
    refused(
        &[&team[..], &[("TransitiveTagKeys.member.1", "project")]].concat(),
        "The specified transitive tag key must be included in the requested tags.",
    );
}

#[test]
fn a_policy_is_a_json_object_and_small() {
    let sts = sts();
    let policy = r#"{"Version": "2012-10-17", "Statement": []}"#;
    assert_eq!(ask(&sts, &[("Policy", policy)]).text("PackedPolicySize"), "3");
    for text in ["", "{", "[]", "policy.json"] {
        let expected = (
            "MalformedPolicyDocument".to_owned(),
            "This policy contains invalid Json".to_owned(),
        );
        assert_eq!(error(&sts, &[("Policy", text)]), expected, "{text}");
    }
    let large = format!("{{\"Sid\": \"{}\"}}", "x".repeat(3000));
    assert_eq!(error(&sts, &[("Policy", &large)]).0, "PackedPolicyTooLarge");
}
