//! A server whose clock is not the machine's: what it signs off, when its sessions end, and what `Date` says.

mod client;

use std::time::{Duration, SystemTime};

use client::{ANA, IDENTITY, Keys, ROLE, assume, call, request_at, send, server};
use fake_sts::{FakeSts, Fault, Role};
use time::{OffsetDateTime, PrimitiveDateTime, format_description::well_known::Rfc3339, macros::format_description};

/// How many seconds the `Date` of a reply is ahead of this machine, give or take.
fn ahead(sts: &FakeSts) -> i64 {
    let reply = call(sts, &Keys::ana(), IDENTITY);
    let format =
        format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
    let date = reply.header("Date").expect("a date");
    let date = PrimitiveDateTime::parse(date, format).expect("a date of HTTP");
    (date.assume_utc() - OffsetDateTime::now_utc()).whole_seconds()
}

fn about(seconds: i64, expected: i64) {
    assert!((expected - 30..=expected + 30).contains(&seconds), "{seconds}");
}

#[test]
fn replies_are_dated_by_the_servers_clock() {
    let sts = server().start();
    for seconds in [0, 420, -420, 3600, -3600] {
        sts.shift_clock(seconds);
        about(ahead(&sts), seconds);
    }
    sts.next(Fault::Error {
        status: 503,
        code: "ServiceUnavailable".to_owned(),
        message: String::new(),
    });
    about(ahead(&sts), -3600);
}

#[test]
fn signatures_are_checked_by_the_servers_clock() {
    let sts = server().start();
    for (seconds, start) in [(960, "Signature expired: "), (-960, "Signature not yet current: ")] {
        sts.shift_clock(seconds);
        let (status, code, message) = call(&sts, &Keys::ana(), IDENTITY).error();
        assert_eq!((status, code.as_str()), (403, "SignatureDoesNotMatch"));
        assert!(message.starts_with(start), "{message}");
        let shift = Duration::from_secs(seconds.unsigned_abs());
        let now = SystemTime::now();
        let right = if seconds > 0 { now + shift } else { now - shift };
        assert_eq!(send(&sts, &request_at(&Keys::ana(), IDENTITY, right)).status, 200);
    }
}

#[test]
fn sessions_end_by_the_servers_clock() {
    let hour = Duration::from_hours(1);
    let sts = server()
        .role(Role::new(ROLE))
        .session_user("ASIALIVE", "secret", "token", ANA, hour)
        .start();
    sts.shift_clock(-600);
    let reply = call(&sts, &Keys::ana(), &assume(&[]));
    let end = OffsetDateTime::parse(&reply.text("Expiration"), &Rfc3339).expect("a time");
    about((end - OffsetDateTime::now_utc()).whole_seconds(), 3000);
    sts.shift_clock(3000 + 30);
    let live = Keys::new("ASIALIVE", "secret", Some("token"));
    let then = SystemTime::now() + Duration::from_secs(3030);
    assert_eq!(send(&sts, &request_at(&live, IDENTITY, then)).status, 200);
    assert_eq!(
        send(&sts, &request_at(&reply.keys(), IDENTITY, then)).error().1,
        "ExpiredToken"
    );
}
