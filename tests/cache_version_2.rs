//! Sessions that version 2 of the AWS CLI got: written by hand, as it writes them.

mod support;

#[path = "support/kept.rs"]
mod kept;

#[path = "support/shared.rs"]
mod shared;

use fake_sts::FakeProxy;
use serde_json::{Value, json};

use kept::{ROLES, assume, assumed, entries, in_seconds, key, newest};
use shared::{home, sts, without_server};

/// An entry as version 2 of the AWS CLI writes it.
fn of_version_2(role: &str, session: &str, expiration: &str) -> Value {
    json!({
        "Credentials": {
            "AccessKeyId": "ASIAVERSIONTWOEXAMPL",
            "SecretAccessKey": "secret/of+two",
            "SessionToken": "token/of+two==",
            "Expiration": expiration,
            "AccountId": "222222222222",
        },
        "AssumedRoleUser": {
            "AssumedRoleId": format!("AROAEXAMPLEEXAMPLE123:{session}"),
            "Arn": format!("arn:aws:sts::222222222222:assumed-role/{role}/{session}"),
        },
        "PackedPolicySize": 6,
        "ResponseMetadata": {
            "RequestId": "2f6b6bcc-9bbd-4a3d-8a8c-1d0b6a5a8d1e",
            "HTTPStatusCode": 200,
            "HTTPHeaders": { "content-type": "text/xml", "content-length": "1505" },
            "RetryAttempts": 0,
        },
    })
}

#[test]
fn what_version_2_writes_is_used() {
    let (sts, proxy) = (sts(), FakeProxy::refusing(503).start());
    let names = home(&sts);
    for (profile, role, session) in [
        ("plain", "plain", "botocore-session-1795359845"),
        ("external", "external", "botocore-session-1795359845"),
        ("timed", "timed", "botocore-session-1795359845"),
        ("named", "named", "ana@example"),
        ("all", "all", "ana"),
        ("secured", "secured", "botocore-session-1795359845"),
        ("chained", "chained", "last"),
        ("web", "web", "botocore-session-1795359845"),
    ] {
        assumed(&names, &[profile, "--mfa-code", "123456"]);
        let (name, _) = entries(&names, ROLES)
            .into_iter()
            .find(|(_, entry)| entry["Credentials"]["AccessKeyId"] == newest(&sts))
            .expect("the name of the entry");
        let name = match profile {
            // Version 2 does not make the token a part of it.
            "web" => {
                let role = r#"{"RoleArn": "arn:aws:iam::222222222222:role/web"}"#;
                format!("{}.json", rolenv::digest::sha1_hex(role))
            }
            _ => name,
        };
        let end = in_seconds(3000);
        let end = end.trim_end_matches('Z');
        for zone in ["+00:00", ".096555+00:00", "Z", "UTC"] {
            let home = without_server(&proxy);
            let entry = of_version_2(role, session, &format!("{end}{zone}"));
            home.write(&format!("{ROLES}/{name}"), entry.to_string());
            let run = assume(&home, &[profile]);
            assert_eq!(key(&run), "ASIAVERSIONTWOEXAMPL", "{profile} {zone}");
            assert_eq!(run.variable("AWS_SESSION_TOKEN").as_deref(), Some("token/of+two=="));
            assert_eq!(run.variable("AWS_CREDENTIAL_EXPIRATION"), Some(format!("{end}Z")));
            assert!(proxy.requests().is_empty(), "{profile} {zone}");
        }
        // Another time zone is the same moment.
        let home = without_server(&proxy);
        let east = in_seconds(3000 + 7200);
        let entry = of_version_2(role, session, &format!("{}+02:00", east.trim_end_matches('Z')));
        home.write(&format!("{ROLES}/{name}"), entry.to_string());
        assert_eq!(assumed(&home, &[profile]), "ASIAVERSIONTWOEXAMPL", "{profile}");
    }
    // What is not fresh is asked for.
    let home = without_server(&proxy);
    for (name, _) in entries(&names, ROLES) {
        let entry = of_version_2("plain", "x", &in_seconds(800));
        home.write(&format!("{ROLES}/{name}"), entry.to_string());
    }
    assert_eq!(assume(&home, &["plain"]).status, Some(1));
    assert_eq!(proxy.requests().len(), 1);
}
