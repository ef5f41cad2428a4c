//! Certificates to trust: which file is read, when it is not, and what is said of one that is none.

use crate::support;
use crate::support::golden;

use crate::support::outcome;

use std::path::PathBuf;

use fake_sts::FakeSts;
use outcome::{assert_fails, assume};
use support::{Home, world};

/// A home whose requests go to `sts`, where the system trusts nobody who signed for it.
fn home(sts: &FakeSts) -> Home {
    let home = Home::new(sts);
    let strangers = home.write("system.pem", world().start_tls().ca_pem());
    home.set("SSL_CERT_FILE", strangers)
}

#[test]
fn the_certificates_that_are_named_are_trusted() {
    let sts = world().start_tls();
    let home = home(&sts);
    assert_fails(&assume(&home, &["marketingadmin", "--no-cache"]), 1);
    let bundle = home.write("ca.pem", sts.ca_pem());
    for variable in ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"] {
        let home = self::home(&sts).set(variable, &bundle);
        let run = assume(&home, &["marketingadmin", "--no-cache"]);
        assert_eq!(run.status, Some(0), "{variable}: {run:?}");
    }
    let key = |home: &Home, path: &PathBuf| {
        let section = format!("[profile marketingadmin]\nca_bundle = {}", path.display());
        home.write(
            ".aws/config",
            support::CONFIG.replace("[profile marketingadmin]", &section),
        );
    };
    key(&home, &bundle);
    assert_eq!(assume(&home, &["marketingadmin", "--no-cache"]).status, Some(0));
    // The variable of AWS, the profile's key, the variable of Python.
    let strangers = home.path("system.pem");
    let home = home.set("REQUESTS_CA_BUNDLE", &strangers);
    assert_eq!(assume(&home, &["marketingadmin", "--no-cache"]).status, Some(0));
    key(&home, &strangers);
    assert_fails(&assume(&home, &["marketingadmin", "--no-cache"]), 1);
    let home = home.set("AWS_CA_BUNDLE", &bundle);
    assert_eq!(assume(&home, &["marketingadmin", "--no-cache"]).status, Some(0));
    let home = home.set("AWS_CA_BUNDLE", "").set("REQUESTS_CA_BUNDLE", &bundle);
    assert_fails(&assume(&home, &["marketingadmin", "--no-cache"]), 1);
}

#[test]
fn bundles_as_people_have_them() {
    let sts = world().start_tls();
    let own = sts.ca_pem();
    let other = world().start_tls();
    let several = format!("{}\n{own}{}", other.ca_pem(), other.ca_pem());
    for bundle in [
        own.replace('\n', "\r\n"),
        format!("Certificate:\n    Data: \u{fc}\n{own}\n# the end"),
        several,
        own.trim_end().to_owned(),
    ] {
        let home = home(&sts);
        let path = home.write("ca.pem", &bundle);
        let run = assume(&home.set("AWS_CA_BUNDLE", path), &["marketingadmin", "--no-cache"]);
        assert_eq!(run.status, Some(0), "{bundle}: {run:?}");
    }
}

#[test]
fn what_is_no_bundle_is_told() {
    let sts = world().start_tls();
    let pem = sts.ca_pem();
    let begin = "-----BEGIN CERTIFICATE-----";
    let end = "-----END CERTIFICATE-----";
    let cut = pem.replace(end, "");
    let no_base64 = format!("{begin}\n!!!!\n{end}\n");
    let no_der = format!("{begin}\nSGVsbG8gd29ybGQ=\n{end}\n");
    let second = format!("{pem}{no_der}");
    let key = "-----BEGIN PRIVATE KEY-----\nSGVsbG8gd29ybGQ=\n-----END PRIVATE KEY-----\n";
    for content in [
        None,
        Some(""),
        Some("certificates are elsewhere\n"),
        Some(key),
        Some("\0\u{1}\u{2}"),
        Some(&cut),
        Some(&no_base64),
        Some(&no_der),
        Some(&format!("{begin}\n{end}\n")),
        Some(&second),
    ] {
        let home = home(&sts);
        let path = home.path("ca.pem");
        if let Some(content) = content {
            home.write("ca.pem", content);
        }
        let run = assume(&home.set("AWS_CA_BUNDLE", &path), &["marketingadmin", "--no-cache"]);
        assert_fails(&run, 1);
    }
    let home = home(&sts);
    let directory = home.path(".aws");
    let run = assume(
        &home.set("REQUESTS_CA_BUNDLE", directory),
        &["marketingadmin", "--no-cache"],
    );
    assert_fails(&run, 1);
    golden::record(&run);
    assert!(sts.requests().is_empty());
}

/// A file that never ends must not fill the memory.
#[test]
#[cfg(unix)]
fn a_bundle_without_an_end_is_told() {
    let sts = world().start_tls();
    let run = assume(
        &home(&sts).set("AWS_CA_BUNDLE", "/dev/zero"),
        &["marketingadmin", "--no-cache"],
    );
    assert_fails(&run, 1);
}

#[test]
fn it_is_not_read_where_there_is_no_tls() {
    let sts = world().start();
    let home = Home::new(&sts).set("AWS_CA_BUNDLE", "/nonexistent");
    assert_eq!(assume(&home, &["marketingadmin", "--no-cache"]).status, Some(0));
    // Nor where nobody is asked.
    assert_eq!(assume(&home, &["base"]).status, Some(0));
    let home = home.set("AWS_ENDPOINT_URL_STS", "https://127.0.0.1:1");
    assert_eq!(assume(&home, &["base"]).status, Some(0));
    assert_fails(&assume(&home, &["marketingadmin", "--no-cache"]), 1);
}
