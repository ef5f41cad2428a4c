//! The way to STS: how often it is asked, how long it is waited for, and through which proxy.

use crate::support;
use crate::support::golden;

use crate::support::outcome;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use fake_sts::{FakeProxy, FakeSts, Fault};
use outcome::{assert_fails, assume};
use support::{Home, Run, world};

const ROLE: &str = "arn:aws:iam::222222222222:role/marketingadmin";

fn error(status: u16, code: &str) -> Fault {
    Fault::Error {
        status,
        code: code.to_owned(),
        message: "words".to_owned(),
    }
}

type Variables = &'static [(&'static str, &'static str)];

/// A run with these variables set against an STS that always fails, and how often it is asked.
fn attempts(variables: Variables, fault: Fault) -> (Run, usize) {
    let sts = world().start();
    sts.always(fault);
    let mut home = Home::new(&sts);
    for (name, value) in variables {
        home = home.set(name, *value);
    }
    let run = assume(&home, &["marketingadmin", "--quiet"]);
    (run, sts.requests().len())
}

/// Fails unless each STS is asked as often as expected, all at once.
fn assert_attempts<const N: usize>(cases: [(Variables, Fault, usize); N]) {
    let threads = cases.map(|(variables, fault, expected)| {
        let thread = std::thread::spawn({
            let fault = fault.clone();
            move || attempts(variables, fault)
        });
        (thread, expected, format!("{variables:?} {fault:?}"))
    });
    for (thread, expected, what) in threads {
        let (run, found) = thread.join().expect("a run");
        assert_fails(&run, 1);
        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn what_fails_is_tried_again_and_what_is_refused_is_not() {
    assert_attempts(
        [
            (503, "ServiceUnavailable", 3),
            (500, "InternalFailure", 3),
            (400, "Throttling", 3),
            (400, "RequestLimitExceeded", 3),
            (403, "AccessDenied", 1),
            (403, "RegionDisabledException", 1),
        ]
        .map(|(status, code, expected)| (&[][..], error(status, code), expected)),
    );
}

#[test]
fn the_environment_says_how_often() {
    const MODE: &str = "AWS_RETRY_MODE";
    const MOST: &str = "AWS_MAX_ATTEMPTS";
    assert_attempts(
        [
            (&[(MODE, "standard")][..], 3),
            (&[(MODE, "adaptive")], 3),
            (&[(MODE, "legacy")], 5),
            (&[(MODE, "")], 3),
            (&[(MOST, "")], 3),
            (&[(MOST, "1")], 1),
            (&[(MOST, " +2 ")], 2),
            (&[(MODE, "legacy"), (MOST, "2")], 2),
            (&[(MODE, "standard"), (MOST, "4")], 4),
        ]
        .map(|(variables, expected)| (variables, error(503, "ServiceUnavailable"), expected)),
    );
}

#[test]
fn the_profile_says_how_often() {
    let sts = world().start();
    sts.always(error(503, "ServiceUnavailable"));
    for (keys, variable, expected) in [
        ("retry_mode = legacy\nmax_attempts = 1", None, 1),
        ("max_attempts = 3", Some("2"), 2),
        ("max_attempts =", Some("1"), 1),
    ] {
        sts.clear_requests();
        let home = variable.map_or_else(|| Home::new(&sts), |most| Home::new(&sts).set("AWS_MAX_ATTEMPTS", most));
        let config = support::CONFIG.replace("[profile marketingadmin]", &format!("[profile marketingadmin]\n{keys}"));
        home.write(".aws/config", config);
        assert_fails(&assume(&home, &["marketingadmin"]), 1);
        assert_eq!(sts.requests().len(), expected, "{keys}");
    }
    // That of a source profile does not count.
    sts.clear_requests();
    let home = Home::new(&sts).set("AWS_MAX_ATTEMPTS", "1");
    home.write(
        ".aws/config",
        support::CONFIG.replace("[profile base]", "[profile base]\nmax_attempts = 0\nretry_mode = x"),
    );
    assert_fails(&assume(&home, &["marketingadmin"]), 1);
    assert_eq!(sts.requests().len(), 1);
}

#[test]
fn numbers_and_modes_that_are_none_are_refused_by_name() {
    let sts = world().start();
    for (variable, key, value) in [
        ("AWS_MAX_ATTEMPTS", "max_attempts", "0"),
        ("AWS_MAX_ATTEMPTS", "max_attempts", "-1"),
        ("AWS_MAX_ATTEMPTS", "max_attempts", "x"),
        ("AWS_MAX_ATTEMPTS", "max_attempts", "2.5"),
        ("AWS_RETRY_MODE", "retry_mode", "Legacy"),
        ("AWS_RETRY_MODE", "retry_mode", "x"),
    ] {
        let run = assume(&Home::new(&sts).set(variable, value), &["marketingadmin"]);
        assert_fails(&run, 1);
        let home = Home::new(&sts);
        let config = format!("[profile p]\nrole_arn = {ROLE}\nsource_profile = base\n{key} = {value}\n");
        home.write(".aws/config", config);
        assert_fails(&assume(&home, &["p"]), 1);
    }
    assert!(sts.requests().is_empty());
}

#[test]
fn huge_numbers_of_attempts_are_fine() {
    for most in ["4294967296", "99999999999999999999"] {
        let sts = world().start();
        sts.next(error(503, "ServiceUnavailable"));
        sts.next(error(500, "InternalFailure"));
        let run = assume(&Home::new(&sts).set("AWS_MAX_ATTEMPTS", most), &["marketingadmin"]);
        assert_eq!(run.status, Some(0), "{run:?}");
        assert_eq!(sts.requests().len(), 3);
    }
}

#[test]
fn a_request_with_a_code_is_never_repeated() {
    let mut faults = vec![Fault::Drop, Fault::Cut, Fault::Raw(b"\x00".to_vec())];
    faults.extend([
        error(503, "ServiceUnavailable"),
        error(500, "InternalFailure"),
        error(400, "Throttling"),
    ]);
    for fault in faults {
        let sts = world().start();
        sts.always(fault.clone());
        for arguments in [
            &["secured", "--mfa-code", "123456"][..],
            &["base", "--mfa-serial", support::MFA, "--mfa-code", "123456"],
        ] {
            let home = Home::new(&sts)
                .set("AWS_MAX_ATTEMPTS", "5")
                .set("AWS_RETRY_MODE", "legacy");
            sts.clear_requests();
            let run = assume(&home, arguments);
            assert_fails(&run, 1);
            assert_eq!(sts.requests().len(), 1, "{fault:?}: {run:?}");
        }
    }
}

/// The only test that takes long: that long it takes.
#[test]
#[ignore = "waits for a timeout of 14 s"]
fn a_silent_sts_is_not_waited_for_for_ever() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", silent.local_addr().expect("an address"));
    let home = Home::with(support::CONFIG, support::CREDENTIALS).set("AWS_ENDPOINT_URL_STS", &url);
    let start = Instant::now();
    let run = assume(&home.set("AWS_MAX_ATTEMPTS", "9"), &["marketingadmin", "--quiet"]);
    let time = start.elapsed();
    assert_fails(&run, 1);
    assert!(time < Duration::from_secs(16), "{time:?}");
}

/// A home whose requests go to the host `sts.example`, which is nowhere, by these schemes.
fn home_nowhere(scheme: &str) -> Home {
    let home = Home::with(support::CONFIG, support::CREDENTIALS);
    home.set("AWS_ENDPOINT_URL_STS", format!("{scheme}://localhost:9"))
}

fn with_tls() -> (FakeSts, Home) {
    let sts = world().start_tls();
    let home = home_nowhere("https");
    let bundle = home.write("ca.pem", sts.ca_pem());
    let home = home.set("AWS_CA_BUNDLE", bundle);
    (sts, home)
}

#[test]
fn a_proxy_tunnels_what_is_secure() {
    let (sts, mut home) = with_tls();
    let proxy = FakeProxy::to(sts.port()).start();
    let plain = format!("127.0.0.1:{}", proxy.port());
    for (name, value) in [
        ("HTTPS_PROXY", proxy.url()),
        ("https_proxy", format!("{}/", proxy.url())),
        ("https_proxy", plain),
    ] {
        proxy.clear_requests();
        home = home.set(name, value);
        let run = assume(&home, &["marketingadmin", "--no-cache"]);
        assert_eq!(run.status, Some(0), "{name}: {run:?}");
        let requests = proxy.requests();
        assert_eq!(
            (requests[0].method.as_str(), requests[0].target.as_str()),
            ("CONNECT", "localhost:9")
        );
        assert_eq!((requests.len(), requests[0].header("proxy-authorization")), (1, None));
        home = home.unset(name);
    }
    assert!(sts.requests().iter().all(|request| request.verified));
}

#[test]
fn a_proxy_is_asked_for_what_is_plain() {
    let sts = world().start();
    let proxy = FakeProxy::to(sts.port()).start();
    for name in ["HTTP_PROXY", "http_proxy"] {
        proxy.clear_requests();
        let run = assume(&home_nowhere("http").set(name, proxy.url()), &["marketingadmin"]);
        assert_eq!(run.status, Some(0), "{name}: {run:?}");
        assert_eq!(proxy.requests()[0].target, "http://localhost:9/");
    }
    assert!(sts.requests().iter().all(|request| request.verified));
    // Each scheme has its own.
    let run = assume(
        &Home::new(&sts)
            .set("HTTPS_PROXY", "http://127.0.0.1:1")
            .set("ALL_PROXY", "http://127.0.0.1:1"),
        &["marketingadmin"],
    );
    assert_eq!(run.status, Some(0), "{run:?}");
}

#[test]
fn a_proxy_is_shown_who_asks() {
    let (sts, home) = with_tls();
    // `ana:s@cret`
    let proxy = FakeProxy::to(sts.port())
        .authorization("Basic YW5hOnNAY3JldA==")
        .start();
    let address = format!("ana:s%40cret@127.0.0.1:{}", proxy.port());
    for url in [format!("http://{address}"), address.clone()] {
        let home = with_tls_again(&sts, &home).set("HTTPS_PROXY", url);
        let run = assume(&home, &["marketingadmin"]);
        assert_eq!(run.status, Some(0), "{run:?}");
    }
    let wrong = home.set("HTTPS_PROXY", format!("http://ana:wrong@127.0.0.1:{}", proxy.port()));
    let run = assume(&wrong, &["marketingadmin"]);
    assert_fails(&run, 1);
    assert!(!run.stderr.contains("wrong"), "{run:?}");

    let sts = world().start();
    let proxy = FakeProxy::to(sts.port())
        .authorization("Basic YW5hOnNAY3JldA==")
        .start();
    let home = home_nowhere("http").set("HTTP_PROXY", format!("http://ana:s%40cret@127.0.0.1:{}", proxy.port()));
    let run = assume(&home, &["marketingadmin"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert_eq!(sts.requests()[0].header("proxy-authorization"), None);
}

fn with_tls_again(sts: &FakeSts, home: &Home) -> Home {
    home_nowhere("https").set("AWS_CA_BUNDLE", home.write("ca.pem", sts.ca_pem()))
}

#[test]
fn no_proxy_names_the_hosts_that_none_is_asked_for() {
    let sts = world().start();
    let proxy = FakeProxy::refusing(502).start();
    let port = format!("127.0.0.1:{}", sts.port());
    for (name, hosts) in [
        ("NO_PROXY", "example.com, 127.0.0.1"),
        ("no_proxy", port.as_str()),
        ("NO_PROXY", "*"),
    ] {
        let home = Home::new(&sts).set("HTTP_PROXY", proxy.url()).set(name, hosts);
        let run = assume(&home, &["marketingadmin"]);
        assert_eq!(run.status, Some(0), "{hosts}: {run:?}");
    }
    assert_eq!((sts.requests().len(), proxy.requests().len()), (3, 0));
    let home = Home::new(&sts)
        .set("HTTP_PROXY", proxy.url())
        .set("NO_PROXY", "127.0.0.0/8");
    assert_eq!(
        assume(&home, &["marketingadmin"]).status,
        Some(1),
        "as to Python, that is no host"
    );
}

#[test]
fn a_proxy_that_refuses_is_named() {
    for status in [407, 502, 403, 504] {
        let proxy = FakeProxy::refusing(status).start();
        let (_sts, home) = with_tls();
        let run = assume(&home.set("https_proxy", proxy.url()), &["marketingadmin"]);
        assert_fails(&run, 1);
    }
    for status in [407, 502, 403] {
        let proxy = FakeProxy::refusing(status).start();
        let run = assume(
            &home_nowhere("http").set("HTTP_PROXY", proxy.url()),
            &["marketingadmin"],
        );
        assert_fails(&run, 1);
        golden::record(&run);
    }
    for fault in [Fault::Drop, Fault::Raw(b"nonsense".to_vec())] {
        let proxy = FakeProxy::refusing(502).start();
        proxy.always(fault);
        let (_sts, home) = with_tls();
        assert_fails(&assume(&home.set("HTTPS_PROXY", proxy.url()), &["marketingadmin"]), 1);
    }
}

#[test]
fn a_proxy_that_is_not_there_is_named() {
    let nowhere = "http://127.0.0.1:1";
    let (_sts, home) = with_tls();
    let home = home.set("HTTPS_PROXY", nowhere).set("NO_PROXY", "example.com");
    let run = assume(&home, &["marketingadmin"]);
    assert_fails(&run, 1);
    let run = assume(&home_nowhere("http").set("HTTP_PROXY", nowhere), &["marketingadmin"]);
    assert_fails(&run, 1);
}

#[test]
fn what_is_no_proxy_is_refused_by_name_and_not_repeated() {
    let sts = world().start();
    for (name, value) in [
        ("HTTP_PROXY", "socks5://ana:s3cret@127.0.0.1:1080"),
        ("http_proxy", "http://ana:s3cret@127.0.0.1:port"),
        ("http_proxy", "http://ana:s3cret#1@127.0.0.1:3128"),
        ("http_proxy", "http://ana:s3cret 1@127.0.0.1:3128"),
        ("HTTP_PROXY", "http://ana:s3cret@1@127.0.0.1:3128"),
        ("HTTP_PROXY", "http://ana:s3cret"),
    ] {
        let run = assume(&Home::new(&sts).set(name, value), &["marketingadmin"]);
        assert_fails(&run, 1);
        assert!(!run.stderr.contains("s3cret") && !run.stderr.contains("ana"), "{run:?}");
    }
    assert!(sts.requests().is_empty());
    for (name, value) in [("HTTPS_PROXY", "not one"), ("HTTP_PROXY", "")] {
        let run = assume(&Home::new(&sts).set(name, value), &["marketingadmin"]);
        assert_eq!(run.status, Some(0), "it does not concern a plain endpoint: {run:?}");
    }
}
