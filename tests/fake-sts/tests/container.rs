//! The endpoint for containers, as a client meets it.

mod client;

use client::get;
use fake_sts::{FakeContainer, Fault, Keys};

fn keys() -> Keys {
    Keys::new("ASIAECS", "secret", "token")
}

#[test]
fn everybody_is_given_the_credentials() {
    let container = FakeContainer::builder(keys()).start();
    let reply = get(container.port(), "/creds", &[("Accept", "application/json")]);
    let document = reply.json();
    assert_eq!(
        (reply.status, reply.header("Content-Type")),
        (200, Some("application/json"))
    );
    assert_eq!(document["AccessKeyId"], "ASIAECS");
    assert_eq!(document["SecretAccessKey"], "secret");
    assert_eq!(document["Token"], "token");
    assert_eq!(document["Expiration"].as_str().map(str::len), Some(20));
    assert!(document.get("RoleArn").is_none() && document.get("AccountId").is_none());
    assert_eq!(container.requests()[0].header("accept"), Some("application/json"));
    assert_eq!(get(container.port(), "/", &[]).status, 404);
}

#[test]
fn or_those_who_know_the_path_and_the_token() {
    let container = FakeContainer::builder(keys())
        .path("/v2/credentials?id=7")
        .authorization("Bearer a b")
        .role_arn("arn:aws:iam::111111111111:role/task")
        .account_id("111111111111")
        .start();
    let ask = |path, token| get(container.port(), path, &[("Authorization", token)]);
    let document = ask("/v2/credentials?id=7", "Bearer a b").json();
    assert_eq!(document["RoleArn"], "arn:aws:iam::111111111111:role/task");
    assert_eq!(document["AccountId"], "111111111111");
    assert_eq!(ask("/v2/credentials", "Bearer a b").status, 404);
    assert_eq!(get(container.port(), "/v2/credentials?id=7", &[]).status, 401);
    let refused = ask("/v2/credentials?id=7", "bearer a b");
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json()["code"], "Unauthorized");
}

#[test]
fn errors_are_those_of_the_agent() {
    let container = FakeContainer::builder(keys()).start();
    container.next(Fault::Error {
        status: 400,
        code: "InvalidIdInRequest".to_owned(),
        message: "CredentialsV2Request: ID not found".to_owned(),
    });
    let reply = get(container.port(), "/creds", &[]);
    let expected = serde_json::json!({
        "code": "InvalidIdInRequest",
        "message": "CredentialsV2Request: ID not found",
        "HTTPErrorCode": 400,
    });
    assert_eq!((reply.status, reply.json()), (400, expected));
}
