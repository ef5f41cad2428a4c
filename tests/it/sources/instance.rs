//! The metadata service of an EC2 instance: its protocols and settings, and how little it is waited for.

use crate::support;
use crate::support::golden;

use crate::support::outcome;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use fake_sts::{FakeImds, FakeProxy, Fault};
use outcome::{TARGET, assert_fails, assert_session, assume, keys};
use support::Home;

const ENDPOINT: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";

const TOKEN: &str = "PUT /latest/api/token";
const ROLES: &str = "GET /latest/meta-data/iam/security-credentials/";
const ROLE: &str = "GET /latest/meta-data/iam/security-credentials/app";

const CONFIG: &str = "\
[profile r]
role_arn = arn:aws:iam::333333333333:role/target
credential_source = Ec2InstanceMetadata

[profile bare]
region = eu-west-1

[profile source]
role_arn = arn:aws:iam::333333333333:role/target
source_profile = bare
";

/// A home on a machine whose metadata service is at `endpoint`.
fn home(endpoint: &str) -> Home {
    let home = Home::with(CONFIG, "").unset("AWS_EC2_METADATA_DISABLED");
    // Never the real one of the machine that runs the tests.
    home.set(ENDPOINT, endpoint)
}

fn imds() -> FakeImds {
    FakeImds::builder().role("app", keys()).start()
}

fn asked(imds: &FakeImds) -> Vec<String> {
    let requests = imds.requests();
    requests
        .iter()
        .map(|request| format!("{} {}", request.method, request.target))
        .collect()
}

#[test]
fn without_a_region_the_instance_s_own_is_asked() {
    let imds = imds();
    let proxy = FakeProxy::refusing(403).start();
    let home = home(&imds.url())
        .unset("AWS_ENDPOINT_URL_STS")
        .set("HTTPS_PROXY", proxy.url())
        .set("AWS_MAX_ATTEMPTS", "1");
    let hosts = |region: Option<&str>, arguments: &[&str]| {
        if let Some(region) = region {
            let told = Fault::Body {
                status: 200,
                content_type: "text/plain".to_owned(),
                body: region.into(),
            };
            imds.always_at("/latest/meta-data/placement/region", told);
        }
        proxy.clear_requests();
        assume(&home, arguments);
        let requests = proxy.requests();
        requests.into_iter().map(|request| request.target).collect::<Vec<_>>()
    };
    assert_eq!(hosts(None, &["r"]), ["sts.amazonaws.com:443"]);
    assert_eq!(hosts(Some("eu-west-3"), &["r"]), ["sts.eu-west-3.amazonaws.com:443"]);
    assert_eq!(
        hosts(Some("eu-west-3"), &["r", "--region", "us-east-2"]),
        ["sts.us-east-2.amazonaws.com:443"]
    );
}

#[test]
fn a_region_that_is_none_does_not_get_into_a_host_s_name() {
    let imds = imds();
    let told = Fault::Body {
        status: 200,
        content_type: "text/plain".to_owned(),
        body: "evil.example/".into(),
    };
    imds.always_at("/latest/meta-data/placement/region", told);
    let proxy = FakeProxy::refusing(403).start();
    let home = home(&imds.url())
        .unset("AWS_ENDPOINT_URL_STS")
        .set("HTTPS_PROXY", proxy.url())
        .set("AWS_MAX_ATTEMPTS", "1");
    assume(&home, &["r"]);
    let targets: Vec<String> = proxy.requests().into_iter().map(|request| request.target).collect();
    assert_eq!(targets, ["sts.amazonaws.com:443"]);
}

#[test]
fn without_tokens_it_is_asked_as_before_them_unless_that_is_disabled() {
    for status in [403, 404, 405] {
        let imds = FakeImds::builder().role("app", keys()).v1_only_with(status).start();
        assert_session(&assume(&home(&imds.url()), &["bare"]));
        assert_eq!(asked(&imds), [TOKEN, ROLES, ROLE]);
        assert!(
            imds.requests()
                .iter()
                .all(|request| request.header("x-aws-ec2-metadata-token").is_none())
        );

        imds.clear_requests();
        let run = assume(
            &home(&imds.url()).set("AWS_EC2_METADATA_V1_DISABLED", "TRUE"),
            &["bare"],
        );
        assert_fails(&run, 1);
        let config = CONFIG.replace("[profile bare]", "[profile bare]\nec2_metadata_v1_disabled = true");
        let by_key = home(&imds.url());
        by_key.write(".aws/config", config);
        assert_fails(&assume(&by_key, &["bare"]), 1);
        assert_eq!(asked(&imds), [TOKEN, TOKEN]);
    }
    let imds = FakeImds::builder().role("app", keys()).v1_only_with(400).start();
    assert_fails(&assume(&home(&imds.url()), &["bare"]), 1);
    assert_eq!(asked(&imds), [TOKEN]);
}

#[test]
fn instances_without_credentials() {
    let none = FakeImds::builder().start();
    let run = assume(&home(&none.url()), &["r"]);
    assert_fails(&run, 1);
    golden::record(&run);

    let broken = FakeImds::builder()
        .broken_role("app", "AssumeRoleUnauthorizedAccess", "EC2 cannot assume the role app.")
        .start();
    let run = assume(&home(&broken.url()), &["r"]);
    assert_fails(&run, 1);

    // Whom nobody asked for it is told first what is missing.
    let run = assume(&home(&none.url()), &["bare"]);
    assert_fails(&run, 1);
    golden::record(&run);
    let run = assume(&home(&none.url()), &[TARGET]);
    assert_fails(&run, 1);
}

#[test]
fn what_it_gets_wrong_is_told() {
    let body = |text: &str| Fault::Body {
        status: 200,
        content_type: "text/plain".to_owned(),
        body: text.into(),
    };
    let roles = ROLES.trim_start_matches("GET ");
    let role = ROLE.trim_start_matches("GET ");
    for (place, fault) in [
        (roles, body("")),
        (roles, body("\n")),
        (roles, body("<html>\u{fc}")),
        (role, body("<html>")),
        (role, body("{}")),
        (role, body(r#"{"Code": "Success", "AccessKeyId": "A"}"#)),
        (role, Fault::Expiration("2020-01-01T00:00:00Z".to_owned())),
        (role, Fault::Expiration("soon".to_owned())),
        (role, Fault::Drop),
        (role, Fault::Cut),
        ("/latest/api/token", body("a\r\nx: y")),
        ("/latest/api/token", Fault::Raw(b"\x00".to_vec())),
    ] {
        let imds = imds();
        imds.always_at(place, fault);
        assert_fails(&assume(&home(&imds.url()), &["r"]), 1);
    }
}

#[test]
fn where_it_is_asked() {
    let imds = imds();
    // A slash at the end is no part of it.
    assert_session(&assume(&home(&format!("{}/", imds.url())), &["bare"]));
    assert_eq!(asked(&imds), [TOKEN, ROLES, ROLE]);
    let key = format!("[profile bare]\nec2_metadata_service_endpoint = {}", imds.url());
    let config = CONFIG.replace("[profile bare]", &key);
    let by_key = home("");
    by_key.write(".aws/config", &config);
    assert_session(&assume(&by_key, &["bare"]));
    let both = home("http://127.0.0.1:1");
    both.write(".aws/config", &config);
    assert_fails(&assume(&both, &["bare"]), 1);
    // An endpoint wins over a mode.
    let mode = home(&imds.url()).set("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv5");
    assert_session(&assume(&mode, &["bare"]));

    imds.clear_requests();
    let mode = home("").set("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv5");
    assert_fails(&assume(&mode, &["bare"]), 1);
    for url in ["127.0.0.1", "ftp://127.0.0.1", "http://ana:secret@127.0.0.1/"] {
        let run = assume(&home(url), &["bare"]);
        assert_fails(&run, 1);
        assert!(!run.stderr.contains("secret"), "{run:?}");
    }
    for (name, value) in [
        ("AWS_METADATA_SERVICE_TIMEOUT", "0"),
        ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "x"),
    ] {
        let run = assume(&home(&imds.url()).set(name, value), &["bare"]);
        assert_fails(&run, 1);
    }
    assert!(imds.requests().is_empty());
}

#[test]
fn it_is_asked_without_a_proxy() {
    let (imds, proxy) = (imds(), FakeProxy::refusing(502).start());
    let home = home(&imds.url())
        .set("HTTP_PROXY", proxy.url())
        .set("ALL_PROXY", proxy.url());
    assert_session(&assume(&home, &["bare"]));
    assert!(proxy.requests().is_empty());
}

#[test]
fn it_is_asked_as_often_as_is_wanted() {
    let imds = imds();
    imds.always_at("/latest/api/token", Fault::Drop);
    let home = home(&imds.url());
    assert_fails(&assume(&home, &["bare"]), 1);
    assert_eq!(asked(&imds), [TOKEN]);
    imds.clear_requests();
    let home = home.set("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "3");
    assert_fails(&assume(&home, &["bare"]), 1);
    assert_eq!(asked(&imds), [TOKEN; 3]);
}

/// Two requests with a timeout of one second each, on a machine that may be busy.
const PATIENCE: Duration = Duration::from_secs(20);

fn assert_soon(endpoint: &str, target: &str) {
    let start = Instant::now();
    let run = assume(&home(endpoint), &[target]);
    let time = start.elapsed();
    assert_fails(&run, 1);
    assert!(time < PATIENCE, "{target}: {time:?}: {run:?}");
}

#[test]
fn a_silent_one_is_not_waited_for() {
    // The system accepts for it.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address");
    for target in ["r", "bare", TARGET] {
        assert_soon(&format!("http://{address}"), target);
        assert_soon("http://127.0.0.1:1", target);
    }
}

#[test]
fn one_that_stops_in_the_middle_is_not_waited_for() {
    let halting = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = halting.local_addr().expect("an address");
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for mut stream in halting.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nAQ");
            kept.push(stream);
        }
    });
    assert_soon(&format!("http://{address}"), "r");
}
