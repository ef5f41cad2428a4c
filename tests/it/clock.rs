//! A machine whose clock is not that of AWS: it is told once, by how much, and no session looks longer than it is.

use crate::support;
use crate::support::golden;

use fake_sts::{FakeSts, Fault};
use rolenv::timestamp;
use support::{Home, Run, world};
use time::{Duration, OffsetDateTime};

fn assume(sts: &FakeSts, arguments: &[&str]) -> Run {
    Home::new(sts).rolenv(&[&["assume", "--format", "json"], arguments].concat())
}

/// How long the exported session seems to last, by this machine's clock, to the nearest minute.
fn seems_to_last(run: &Run) -> i64 {
    let end = run.variable("AWS_CREDENTIAL_EXPIRATION").expect("an end");
    let left = timestamp::parse(&end).expect("a time") - OffsetDateTime::now_utc();
    (left + Duration::seconds(30)).whole_minutes()
}

fn notes(run: &Run) -> usize {
    run.stderr.matches("this machine's clock").count()
}

#[test]
fn a_clock_that_is_off_is_told_once() {
    let sts = world().start();
    for (ahead, target, lasts) in [(420, "marketingadmin", 60), (-600, "chained", 50)] {
        sts.shift_clock(ahead);
        let run = assume(&sts, &[target]);
        golden::record(&run);
        assert_eq!((notes(&run), seems_to_last(&run)), (1, lasts), "{run:?}");
        assert_eq!(assume(&sts, &[target, "--quiet"]).stderr, "");
    }
}

#[test]
fn a_clock_that_is_nearly_right_is_not_mentioned() {
    let sts = world().start();
    for ahead in [0, 45, -45] {
        sts.shift_clock(ahead);
        let run = assume(&sts, &["marketingadmin"]);
        assert_eq!((run.status, notes(&run)), (Some(0), 0), "{run:?}");
    }
}

#[test]
fn a_refusal_for_the_clock_is_corrected_when_it_can_be() {
    let sts = world().start();
    sts.shift_clock(1500);
    let run = assume(&sts, &["chained"]);
    assert_eq!(
        (run.status, notes(&run), seems_to_last(&run)),
        (Some(0), 1, 60),
        "{run:?}"
    );
}

#[test]
fn a_refusal_for_the_clock_says_by_how_much() {
    let sts = world().start();
    for ahead in [1500, -7200, 864_000] {
        sts.shift_clock(ahead);
        for run in [
            Home::new(&sts)
                .set("AWS_MAX_ATTEMPTS", "1")
                .rolenv(&["assume", "--format", "json", "marketingadmin"]),
            // A code is not sent twice, even if this refusal did not spend it.
            assume(&sts, &["secured", "--mfa-code", "123456"]),
        ] {
            assert_eq!(
                (run.status, run.stdout.as_str(), notes(&run)),
                (Some(1), "", 1),
                "{run:?}"
            );
            golden::record(&run);
            golden::record(&run);
        }
    }
    assert_eq!(sts.codes().into_values().collect::<Vec<_>>(), [3]);
}

/// What the first answer told is known when a code is sent, which cannot be signed twice.
#[test]
fn a_code_is_signed_by_the_time_that_is_known() {
    let sts = world().start();
    sts.shift_clock(3600);
    let home = Home::new(&sts);
    let config = format!(
        "{}\n[profile behind]\nrole_arn = arn:aws:iam::222222222222:role/secured\nsource_profile = marketingadmin\n\
         mfa_serial = {}\n",
        support::CONFIG,
        support::MFA
    );
    home.write(".aws/config", config);
    let run = home.rolenv(&["assume", "behind", "--format", "json", "--mfa-code", "123456"]);
    let requests = sts.requests();
    let answers: Vec<_> = requests.iter().map(|request| request.verified).collect();
    // A role's session cannot show a device to AWS, so the role does not let it in; but that is not for the clock.
    assert_eq!(answers, [false, true, true], "{run:?}");
}

#[test]
fn another_refusal_comes_after_the_note() {
    let sts = world().start();
    sts.shift_clock(420);
    let run = assume(&sts, &["secured", "--mfa-code", "000000"]);
    assert_eq!((run.status, notes(&run)), (Some(1), 1), "{run:?}");
    let (note, error) = run.stderr.split_once('\n').expect("two messages");
    assert!(note.contains("7m behind"), "{run:?}");
    assert!(error.starts_with("rolenv: cannot get a session"), "{run:?}");
}

#[test]
fn nonsense_for_a_date_is_no_news() {
    for date in ["", "yesterday", "Sun, 99 Nov 1999 99:99:99 GMT", "\u{1b}[2J"] {
        let sts = world().start();
        let body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let reply = format!(
            "HTTP/1.1 403 Forbidden\r\nDate: {date}\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        sts.next(Fault::Raw(reply.into_bytes()));
        let run = assume(&sts, &["marketingadmin"]);
        assert_eq!((run.status, notes(&run)), (Some(1), 0), "{run:?}");
    }
}
