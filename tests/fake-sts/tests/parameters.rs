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
