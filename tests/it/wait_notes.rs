//! Whoever waits for more than a moment is told for what.

use crate::support;

use crate::support::outcome;

use std::time::Duration;

use fake_sts::Fault;
use outcome::assume;
use support::{CONFIG, Home, KEY, MFA, world};

/// A home where the device's code, and the keys of `base`, are printed by this script.
fn with_script(script: &str) -> Home {
    let serial = format!("mfa_serial = {MFA}\n");
    let config = CONFIG
        .replace(&serial, &format!("{serial}mfa_process = sh script\n"))
        .replace("[profile base]\n", "[profile base]\ncredential_process = sh script\n");
    let home = Home::with(&config, "");
    home.write("script", script);
    home
}

#[test]
fn an_answer_of_aws() {
    let sts = world().start();
    let home = Home::new(&sts);
    for (seconds, told) in [(4, 1), (0, 0)] {
        sts.next(Fault::Slow(Duration::from_secs(seconds)));
        let run = assume(&home, &["marketingadmin", "--refresh"]);
        assert_eq!(run.status, Some(0), "{run:?}");
        let note = "rolenv: waiting for a response from AWS\n";
        assert_eq!(run.stderr.matches(note).count(), told, "{run:?}");
    }
    sts.next(Fault::Slow(Duration::from_secs(4)));
    let run = assume(&home, &["marketingadmin", "--refresh", "--quiet"]);
    assert_eq!(run.stderr, "");
}

#[test]
fn a_process_that_says_nothing() {
    let keys = format!(
        "{{\"Version\": 1, \"AccessKeyId\": \"{}\", \"SecretAccessKey\": \"{}\"}}",
        KEY.0, KEY.1
    );
    let sts = world().start();
    let home = with_script(&format!("sleep 4; echo '{keys}'")).set("AWS_ENDPOINT_URL_STS", sts.url());
    let run = assume(&home, &["marketingadmin"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    let note = "rolenv: waiting for `credential_process`\n";
    assert_eq!(run.stderr.matches(note).count(), 1, "{run:?}");
}

/// It inherits standard error, so its own message is there at once, and once.
#[test]
fn a_process_that_says_what_it_waits_for() {
    let sts = world().start();
    let home = Home::new(&sts);
    let serial = format!("mfa_serial = {MFA}\n");
    let with_process = format!("{serial}mfa_process = sh script\n");
    home.write(".aws/config", CONFIG.replace(&serial, &with_process));
    home.write("script", "echo touch the key >&2; sleep 4; echo 123456");
    let run = assume(&home, &["secured"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert!(
        run.stderr
            .starts_with("touch the key\nrolenv: waiting for `mfa_process`\n"),
        "{run:?}"
    );

    home.write("script", "echo no key >&2; exit 3");
    let run = assume(&home, &["secured", "--no-cache"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    assert!(run.stderr.starts_with("no key\nrolenv: "), "{run:?}");
}
