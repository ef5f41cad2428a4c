//! Instance metadata, as a client meets it: with tokens and without, with a role and without.

mod client;

use std::time::Duration;

use client::{Reply, connect_to, exchange, get, plain};
use fake_sts::{FakeImds, Fault, Keys};

const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
const APP: &str = "/latest/meta-data/iam/security-credentials/app";
const TTL: &str = "x-aws-ec2-metadata-token-ttl-seconds";

fn keys() -> Keys {
    Keys::new("ASIAIMDS", "secret/+", "token==")
}

fn ask_token(imds: &FakeImds, headers: &[(&str, &str)]) -> Reply {
    let request = plain("PUT", "/latest/api/token", headers, "");
    exchange(&mut connect_to(imds.port()), &request)
}

/// Whatever stands there for who has a token.
fn read(imds: &FakeImds, path: &str) -> Reply {
    let token = ask_token(imds, &[(TTL, "60")]).body;
    get(imds.port(), path, &[("x-aws-ec2-metadata-token", &token)])
}

#[test]
fn a_token_opens_the_way_to_the_credentials() {
    let imds = FakeImds::builder().role("app", keys()).start();
    let token = ask_token(&imds, &[(TTL, "21600")]);
    assert_eq!((token.status, token.header(TTL)), (200, Some("21600")));
    assert!(token.body.starts_with("AQAEA"), "{}", token.body);
    let header = [("x-aws-ec2-metadata-token", token.body.as_str())];
    assert_eq!(get(imds.port(), ROLES, &header).body, "app");
    let document = get(imds.port(), APP, &header).json();
    assert_eq!(document["Code"], "Success");
    assert_eq!(document["Type"], "AWS-HMAC");
    assert_eq!(document["AccessKeyId"], "ASIAIMDS");
    assert_eq!(document["SecretAccessKey"], "secret/+");
    assert_eq!(document["Token"], "token==");
    assert!(
        document["Expiration"].as_str() > document["LastUpdated"].as_str(),
        "{document}"
    );

    let requests = imds.requests();
    let lines: Vec<_> = requests
        .iter()
        .map(|request| (request.method.as_str(), request.target.as_str(), request.status))
        .collect();
    assert_eq!(
        lines,
        [
            ("PUT", "/latest/api/token", Some(200)),
            ("GET", ROLES, Some(200)),
            ("GET", APP, Some(200))
        ]
    );
    assert_eq!(requests[0].header(TTL), Some("21600"));
}

#[test]
fn without_a_token_there_is_nothing() {
    let imds = FakeImds::builder().role("app", keys()).start();
    for headers in [&[][..], &[("x-aws-ec2-metadata-token", "AQAEAguess")]] {
        assert_eq!(get(imds.port(), APP, headers).status, 401);
    }
    for headers in [&[][..], &[(TTL, "0")], &[(TTL, "21601")], &[(TTL, "soon")]] {
        assert_eq!(ask_token(&imds, headers).status, 400, "{headers:?}");
    }
    assert_eq!(
        exchange(&mut connect_to(imds.port()), &plain("POST", APP, &[], "")).status,
        405
    );
}

#[test]
fn the_first_version_knows_no_tokens() {
    let imds = FakeImds::builder().role("app", keys()).v1_only().start();
    assert_eq!(ask_token(&imds, &[(TTL, "60")]).status, 404);
    assert_eq!(get(imds.port(), APP, &[]).json()["AccessKeyId"], "ASIAIMDS");
    let imds = FakeImds::builder().role("app", keys()).v1_only_with(403).start();
    assert_eq!(ask_token(&imds, &[(TTL, "60")]).status, 403);
    assert_eq!(get(imds.port(), ROLES, &[]).body, "app");
}

#[test]
fn an_instance_may_have_no_role_or_a_broken_one() {
    let imds = FakeImds::builder().start();
    assert_eq!(read(&imds, ROLES).status, 404);
    assert_eq!(read(&imds, APP).status, 404);
    let imds = FakeImds::builder()
        .broken_role("app", "AssumeRoleUnauthorizedAccess", "EC2 cannot assume the role app.")
        .start();
    assert_eq!(read(&imds, ROLES).body, "app");
    let reply = read(&imds, APP);
    let document = reply.json();
    assert_eq!(
        (reply.status, &document["AccessKeyId"]),
        (200, &serde_json::Value::Null)
    );
    assert_eq!(document["Code"], "AssumeRoleUnauthorizedAccess");
    assert_eq!(document["Message"], "EC2 cannot assume the role app.");
}

#[test]
fn faults_strike_where_they_are_meant_to() {
    let imds = FakeImds::builder()
        .role("app", keys().expires_in(Duration::ZERO))
        .start();
    let junk = |status| Fault::Body {
        status,
        content_type: "text/html".to_owned(),
        body: b"<html>".to_vec(),
    };
    imds.always_at(APP, junk(200));
    assert_eq!(read(&imds, ROLES).body, "app");
    assert_eq!(read(&imds, APP).body, "<html>");
    imds.always_at(APP, Fault::Expiration("never".to_owned()));
    assert_eq!(read(&imds, APP).json()["Expiration"], "never");
    imds.next(Fault::Error {
        status: 503,
        code: "ServiceUnavailable".to_owned(),
        message: "later".to_owned(),
    });
    let reply = ask_token(&imds, &[(TTL, "60")]);
    assert_eq!(
        (reply.status, reply.body.as_str()),
        (503, "503 - ServiceUnavailable: later")
    );
}
