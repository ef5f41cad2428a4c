//! IAM Identity Center: the token of `aws sso login` is found, renewed and spent as the AWS CLI does it.

use crate::support;

use crate::support::outcome;

use fake_sts::{FakePortal, Fault};
use outcome::{assert_assumed_with_session, assert_fails, assert_session, assume, keys, knowing_session};
use rolenv::timestamp;
use serde_json::{Value, json};
use support::Home;
use time::{Duration, OffsetDateTime};

const TOKEN: &str = "aoaAAAAAG/access+token=";
const REFRESH: &str = "aorAAAAAG/refresh+token=";

const CONFIG: &str = "\
[sso-session corp]
sso_region = eu-central-1
sso_start_url = https://corp.awsapps.com/start
sso_registration_scopes = sso:account:access

[profile dev]
sso_session = corp
sso_account_id = 222222222222
sso_role_name = Dev

[profile it's old]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-central-1
sso_account_id = 222222222222
sso_role_name = Dev

[profile other]
sso_session = corp
sso_account_id = 222222222222
sso_role_name = Admin

[profile r]
role_arn = arn:aws:iam::333333333333:role/target
source_profile = dev
";

/// As `printf corp | sha1sum` has it, and the start URL.
const SESSION_FILE: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
fn portal() -> FakePortal {
    FakePortal::builder()
        .access_token(TOKEN)
        .refresh_token(REFRESH)
        .role("222222222222", "Dev", keys())
        .start()
}

/// A home that is not logged in.
fn home(portal: &FakePortal) -> Home {
    let home = Home::with(&CONFIG.replace("it's old", "\"it's old\""), "");
    std::fs::create_dir_all(home.path(".aws/sso/cache")).expect("a directory for tokens");
    home.set("AWS_ENDPOINT_URL_SSO", portal.url())
        .set("AWS_ENDPOINT_URL_SSO_OIDC", portal.url())
}

fn after(time: Duration) -> String {
    timestamp::format(OffsetDateTime::now_utc() + time).expect("a moment")
}

/// What `aws sso login` writes, for a token that lasts for `time`.
fn entry(time: Duration) -> Value {
    json!({
        "startUrl": "https://corp.awsapps.com/start",
        "region": "eu-central-1",
        "accessToken": TOKEN,
        "expiresAt": after(time),
        "clientId": "client",
        "clientSecret": "client secret",
        "registrationExpiresAt": after(Duration::days(30)),
        "refreshToken": REFRESH,
    })
}

fn without(mut entry: Value, key: &str) -> Value {
    entry.as_object_mut().and_then(|entry| entry.remove(key));
    entry
}

fn with(mut entry: Value, key: &str, value: &str) -> Value {
    entry[key] = value.into();
    entry
}

fn log_in(home: &Home, entry: &Value) {
    home.write(SESSION_FILE, entry.to_string());
}

fn targets(portal: &FakePortal) -> Vec<String> {
    let requests = portal.requests();
    requests
        .iter()
        .map(|request| format!("{} {}", request.method, request.path()))
        .collect()
}

#[test]
fn a_role_s_expiration_is_in_milliseconds() {
    let portal = portal();
    let home = home(&portal);
    log_in(&home, &entry(Duration::hours(8)));
    portal.next(Fault::Expiration("32472144000999".to_owned()));
    let run = assume(&home, &["dev"]);
    assert_eq!(
        run.variable("AWS_CREDENTIAL_EXPIRATION").as_deref(),
        Some("2999-01-01T00:00:00Z")
    );
    portal.next(Fault::Expiration("1577836800000".to_owned()));
    assert_fails(&assume(&home, &["dev"]), 1);
}

#[test]
fn a_token_that_is_about_to_end_is_renewed() {
    for time in [Duration::minutes(14), Duration::hours(-1)] {
        let (portal, sts) = (portal(), knowing_session().start());
        let home = home(&portal).set("AWS_ENDPOINT_URL_STS", sts.url());
        let before = with(entry(time), "somebody's", "own");
        log_in(&home, &before);
        assert_assumed_with_session(&assume(&home, &["r"]), &sts);
        assert_eq!(targets(&portal), ["POST /token", "GET /federation/credentials"]);
        let requests = portal.requests();
        let sent: Value = serde_json::from_slice(&requests[0].body).expect("JSON");
        assert_eq!(
            sent,
            json!({"clientId": "client", "clientSecret": "client secret", "grantType": "refresh_token", "refreshToken": REFRESH})
        );

        let text = std::fs::read_to_string(home.path(SESSION_FILE)).expect("a token");
        let renewed: Value = serde_json::from_str(&text).expect("JSON");
        let new = |key: &str| renewed[key].as_str().expect("text").to_owned();
        assert_eq!(
            requests[1].header("x-amz-sso_bearer_token"),
            Some(new("accessToken").as_str())
        );
        let mut expected = before;
        for key in ["accessToken", "refreshToken", "expiresAt"] {
            assert_ne!(expected[key], renewed[key], "{key}");
            expected[key] = renewed[key].clone();
        }
        assert_eq!(renewed, expected);
        let left = timestamp::parse(&new("expiresAt")).expect("a moment") - OffsetDateTime::now_utc();
        assert!((Duration::minutes(479)..=Duration::hours(8)).contains(&left), "{left}");

        let directory = std::fs::read_dir(home.path(".aws/sso/cache")).expect("a directory");
        assert_eq!(directory.count(), 1, "no other file is left");
        #[cfg(unix)]
        {
            let metadata = std::fs::metadata(home.path(SESSION_FILE)).expect("a file");
            assert_eq!(
                std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777,
                0o600
            );
        }
        // The renewed one is used as it is.
        portal.clear_requests();
        assert_assumed_with_session(&assume(&home, &["r", "--refresh"]), &sts);
        assert_eq!(targets(&portal), ["GET /federation/credentials"]);
    }
}

#[test]
fn a_token_is_renewed_only_when_it_has_to_be_and_can_be() {
    for entry in [
        entry(Duration::minutes(16)),
        without(entry(Duration::minutes(14)), "refreshToken"),
        without(entry(Duration::minutes(14)), "clientId"),
        without(entry(Duration::minutes(14)), "clientSecret"),
        without(entry(Duration::minutes(14)), "registrationExpiresAt"),
        with(
            entry(Duration::minutes(14)),
            "registrationExpiresAt",
            &after(Duration::minutes(-1)),
        ),
    ] {
        let portal = portal();
        let home = home(&portal);
        log_in(&home, &entry);
        assert_session(&assume(&home, &["dev"]));
        assert_eq!(targets(&portal), ["GET /federation/credentials"], "{entry}");
    }
}

#[test]
fn a_token_that_could_not_be_renewed_is_used_while_it_lasts() {
    let nonsense = Fault::Body {
        status: 200,
        content_type: "text/html".to_owned(),
        body: b"<html>log in".to_vec(),
    };
    let refused = Fault::Error {
        status: 400,
        code: "InvalidGrantException".to_owned(),
        message: "Invalid refresh token".to_owned(),
    };
    for fault in [refused, nonsense, Fault::Drop] {
        let portal = portal();
        portal.always_at("/token", fault.clone());
        let home = home(&portal);
        let before = entry(Duration::minutes(2));
        log_in(&home, &before);
        assert_session(&assume(&home, &["dev"]));
        assert_eq!(
            targets(&portal),
            ["POST /token", "GET /federation/credentials"],
            "{fault:?}"
        );
        let text = std::fs::read_to_string(home.path(SESSION_FILE)).expect("a token");
        assert_eq!(text, before.to_string(), "the file is as it was");

        portal.clear_requests();
        log_in(&home, &entry(Duration::minutes(-2)));
        let run = assume(&home, &["dev"]);
        assert_fails(&run, 1);
        assert_eq!(targets(&portal), ["POST /token"]);
    }
}

/// Root, which many a container runs as, can keep it even here.
#[test]
#[cfg(unix)]
fn a_renewed_token_that_cannot_be_kept_is_good_all_the_same() {
    let portal = portal();
    let home = home(&portal);
    log_in(&home, &entry(Duration::minutes(2)));
    let mode = |mode| {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(home.path(".aws/sso/cache"), permissions).expect("permissions");
    };
    mode(0o555);
    let run = assume(&home, &["dev"]);
    mode(0o755);
    assert_session(&run);
    assert_eq!(targets(&portal), ["POST /token", "GET /federation/credentials"]);
}

#[test]
fn refusals_of_the_portal_are_told() {
    let lasts = Duration::hours(1);
    let refusal = |status, code: &str| Fault::Error {
        status,
        code: code.to_owned(),
        message: format!("no, {TOKEN}"),
    };
    for (fault, requests) in [
        (refusal(401, "UnauthorizedException"), 1),
        (refusal(403, "ForbiddenException"), 1),
        (refusal(404, "ResourceNotFoundException"), 1),
        (refusal(400, "InvalidRequestException"), 1),
        (refusal(429, "TooManyRequestsException"), 3),
        (Fault::Expiration("\"soon\"".to_owned()), 1),
        (
            Fault::Body {
                status: 200,
                content_type: "application/json".to_owned(),
                body: b"{}".to_vec(),
            },
            1,
        ),
        (
            Fault::Body {
                status: 200,
                content_type: "text/html".to_owned(),
                body: b"<html>".to_vec(),
            },
            1,
        ),
        (
            Fault::Body {
                status: 502,
                content_type: "text/html".to_owned(),
                body: b"<html>".to_vec(),
            },
            3,
        ),
    ] {
        let portal = portal();
        let home = home(&portal);
        log_in(&home, &entry(lasts));
        portal.always(fault.clone());
        let run = assume(&home, &["dev"]);
        assert_fails(&run, 1);
        assert!(!run.stderr.contains(TOKEN), "{run:?}");
        assert_eq!(portal.requests().len(), requests, "{fault:?}: {run:?}");
    }
    let portal = portal();
    let home = home(&portal);
    log_in(&home, &entry(lasts));
    assert_fails(&assume(&home, &["other"]), 1);
}

#[test]
fn the_portal_s_endpoint_is_configured_as_every_other() {
    let portal = portal();
    let nowhere = "http://127.0.0.1:1";
    let services = format!(
        "[services here]\nsso =\n  endpoint_url = {}\nsso_oidc =\n  endpoint_url = {}\n",
        portal.url(),
        portal.url()
    );
    let config = CONFIG.replace("[profile it's old]", "[profile old]") + &services;
    let bare = |home: Home| home.unset("AWS_ENDPOINT_URL_SSO").unset("AWS_ENDPOINT_URL_SSO_OIDC");
    let by_services = config.replace("[profile dev]\n", "[profile dev]\nservices = here\n");
    let by_key = config.replace(
        "[profile dev]\n",
        &format!("[profile dev]\nendpoint_url = {}\n", portal.url()),
    );
    for (home, config) in [
        (bare(home(&portal)).set("AWS_ENDPOINT_URL", portal.url()), &config),
        (home(&portal).set("AWS_ENDPOINT_URL", nowhere), &config),
        (bare(home(&portal)), &by_services),
        (bare(home(&portal)), &by_key),
    ] {
        portal.clear_requests();
        home.write(".aws/config", config);
        log_in(&home, &entry(Duration::minutes(5)));
        assert_session(&assume(&home, &["dev"]));
        assert_eq!(targets(&portal), ["POST /token", "GET /federation/credentials"]);
    }
}

#[test]
fn a_portal_that_is_not_there() {
    let portal = portal();
    let home = home(&portal).set("AWS_ENDPOINT_URL_SSO", "http://127.0.0.1:1");
    log_in(&home, &entry(Duration::hours(1)));
    assert_fails(&assume(&home, &["dev"]), 1);
}
