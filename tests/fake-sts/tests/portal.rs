//! The portal of IAM Identity Center, as a client meets it: roles for tokens, and tokens renewed.

mod client;

use std::time::{Duration, SystemTime};

use client::{Reply, connect_to, exchange, get, plain};
use fake_sts::{FakePortal, Fault, Keys};
use serde_json::{Value, json};

const ADMIN: &str = "/federation/credentials?role_name=Admin&account_id=111111111111";

fn portal() -> FakePortal {
    FakePortal::builder()
        .access_token("access")
        .refresh_token("refresh")
        .role(
            "111111111111",
            "Admin",
            Keys::new("ASIASSO", "secret", "token").expires_in(Duration::from_hours(1)),
        )
        .start()
}

fn ask(portal: &FakePortal, target: &str, token: &str) -> Reply {
    get(portal.port(), target, &[("x-amz-sso_bearer_token", token)])
}

fn renew(portal: &FakePortal, body: &Value) -> Reply {
    let request = plain(
        "POST",
        "/token",
        &[("content-type", "application/json")],
        &body.to_string(),
    );
    exchange(&mut connect_to(portal.port()), &request)
}

fn with_refresh_token(token: &str) -> Value {
    json!({ "clientId": "id", "clientSecret": "s", "grantType": "refresh_token", "refreshToken": token })
}

/// The status, the exception, and the body.
fn error(reply: &Reply) -> (u16, &str, Value) {
    (
        reply.status,
        reply.header("x-amzn-ErrorType").expect("an exception"),
        reply.json(),
    )
}

#[test]
fn who_has_signed_in_is_given_a_role() {
    let portal = portal();
    let reply = ask(&portal, ADMIN, "access");
    let credentials = &reply.json()["roleCredentials"];
    assert_eq!(credentials["accessKeyId"], "ASIASSO");
    assert_eq!(credentials["secretAccessKey"], "secret");
    assert_eq!(credentials["sessionToken"], "token");
    let expiration = Duration::from_millis(credentials["expiration"].as_u64().expect("a number"));
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("a time after 1970");
    let left = expiration.checked_sub(now).expect("a time to come");
    assert!(
        left > Duration::from_mins(59) && left <= Duration::from_hours(1),
        "{left:?}"
    );
    let [request] = portal.requests().try_into().expect("one request");
    assert_eq!(request.path(), "/federation/credentials");
    assert_eq!(request.query(), "role_name=Admin&account_id=111111111111");
    assert_eq!(request.parameter("role_name").as_deref(), Some("Admin"));
}

#[test]
fn others_are_told_why_not() {
    let portal = portal();
    let unknown = json!({ "message": "Session token not found or invalid" });
    assert_eq!(
        error(&ask(&portal, ADMIN, "other")),
        (401, "UnauthorizedException", unknown)
    );
    let closed = (403, "ForbiddenException", json!({ "message": "No access" }));
    assert_eq!(error(&ask(&portal, &ADMIN.replace("Admin", "admin"), "access")), closed);
    assert_eq!(error(&ask(&portal, &ADMIN.replace('1', "2"), "access")), closed);
    let half = ask(&portal, "/federation/credentials?role_name=Admin", "access");
    assert_eq!(error(&half).1, "InvalidRequestException");
    assert_eq!(ask(&portal, "/assignment/accounts", "access").status, 404);
}

#[test]
fn a_sign_in_is_renewed() {
    let portal = portal();
    let tokens = renew(&portal, &with_refresh_token("refresh")).json();
    assert_eq!(
        (&tokens["tokenType"], &tokens["expiresIn"]),
        (&json!("Bearer"), &json!(28800))
    );
    let text = |name: &str| tokens[name].as_str().expect("a token").to_owned();
    assert_eq!(ask(&portal, ADMIN, &text("accessToken")).status, 200);
    let again = renew(&portal, &with_refresh_token(&text("refreshToken")));
    assert_ne!(again.json()["accessToken"], tokens["accessToken"]);
    let sent: Value = serde_json::from_str(&portal.requests()[0].text()).expect("JSON");
    assert_eq!(sent, with_refresh_token("refresh"));
}

#[test]
fn or_not() {
    let portal = portal();
    let description = "Invalid refresh token provided";
    let invalid = json!({ "error": "invalid_grant", "error_description": description });
    assert_eq!(
        error(&renew(&portal, &with_refresh_token("other"))),
        (400, "InvalidGrantException", invalid)
    );
    let mut other = with_refresh_token("refresh");
    other["grantType"] = "password".into();
    assert_eq!(renew(&portal, &other).json()["error"], "unsupported_grant_type");
    for name in ["clientId", "clientSecret", "grantType", "refreshToken"] {
        let mut body = with_refresh_token("refresh");
        body.as_object_mut().expect("an object").remove(name);
        assert_eq!(
            renew(&portal, &body).json()["error_description"],
            format!("{name} is missing")
        );
    }
    assert_eq!(renew(&portal, &json!("text")).json()["error"], "invalid_request");
}

#[test]
fn an_expiration_of_any_kind() {
    let portal = portal();
    for (text, value) in [("-1", json!(-1)), ("null", json!(null)), ("soon", json!("soon"))] {
        portal.next(Fault::Expiration(text.to_owned()));
        let reply = ask(&portal, ADMIN, "access").json();
        assert_eq!(reply["roleCredentials"]["expiration"], value);
    }
}

#[test]
fn errors_on_command_have_the_form_of_their_place() {
    let portal = portal();
    portal.always(Fault::Error {
        status: 429,
        code: "TooManyRequestsException".to_owned(),
        message: "slower".to_owned(),
    });
    let plain = json!({ "message": "slower" });
    assert_eq!(
        error(&ask(&portal, ADMIN, "access")),
        (429, "TooManyRequestsException", plain)
    );
    let oauth = json!({ "error": "too_many_requests", "error_description": "slower" });
    assert_eq!(renew(&portal, &with_refresh_token("refresh")).json(), oauth);
}
