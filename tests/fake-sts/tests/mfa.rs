//! MFA codes: how often each came, how young it must be, and what it is worth when the session is denied.

mod client;

use std::collections::BTreeMap;

use client::{ANA, IDENTITY, Keys, ROLE, Reply, SERIAL, assume, call, request, send_raw, server};
use fake_sts::{Builder, FakeSts, Fault, Role};

const DENIED: &str = "User: arn:aws:iam::111111111111:user/ana is not authorized to perform: sts:GetSessionToken with an \
                      explicit deny";

fn get_session(sts: &FakeSts, code: &str) -> Reply {
    let form = [
        ("Action", "GetSessionToken"),
        ("SerialNumber", SERIAL),
        ("TokenCode", code),
    ];
    call(sts, &Keys::ana(), &form)
}

fn with_codes() -> Builder {
    server().mfa_code(SERIAL, "123456").mfa_code(SERIAL, "654321")
}

#[test]
fn a_session_can_be_denied_to_a_user_or_an_account() {
    for forbidden in [ANA, "arn:aws:iam::111111111111:root"] {
        let sts = with_codes()
            .role(Role::new(ROLE))
            .forbid_session_token(forbidden)
            .start();
        let denied = (403, "AccessDenied".to_owned(), DENIED.to_owned());
        assert_eq!(get_session(&sts, "123456").error(), denied);
        let again = get_session(&sts, "123456").error().2;
        assert!(again.contains("invalid MFA one time pass code"), "{again}");
        assert_eq!(call(&sts, &Keys::ana(), &assume(&[])).status, 200);
    }
    let sts = with_codes()
        .forbid_session_token("arn:aws:iam::111111111111:user/bob")
        .start();
    assert_eq!(get_session(&sts, "123456").status, 200);
}

#[test]
fn a_code_ages_in_its_session() {
    let sts = with_codes().role(Role::new(ROLE).mfa_age(600)).start();
    let assume_with = |keys: &Keys, more: &[(&str, &str)]| call(&sts, keys, &assume(more)).status;
    assert_eq!(assume_with(&Keys::ana(), &[]), 403, "no code is no young code");
    let session = get_session(&sts, "123456").keys();
    sts.shift_clock(550);
    assert_eq!(assume_with(&session, &[]), 200);
    sts.shift_clock(601);
    assert_eq!(assume_with(&session, &[]), 403);
    assert_eq!(
        call(&sts, &session, IDENTITY).status,
        200,
        "the session itself lives on"
    );
    sts.shift_clock(0);
    let code = [("SerialNumber", SERIAL), ("TokenCode", "654321")];
    assert_eq!(assume_with(&Keys::ana(), &code), 200);
}

#[test]
fn every_code_is_counted_whatever_becomes_of_it() {
    let sts = with_codes().start();
    assert!(sts.codes().is_empty());
    get_session(&sts, "123456");
    get_session(&sts, "123456");
    get_session(&sts, "000000");
    sts.next(Fault::Drop);
    let form = [
        ("Action", "GetSessionToken"),
        ("SerialNumber", SERIAL),
        ("TokenCode", "654321"),
    ];
    assert!(send_raw(&sts, &request(&Keys::ana(), &form)).is_empty());
    call(&sts, &Keys::ana(), &[("Action", "GetSessionToken"), ("TokenCode", "1")]);
    sts.clear_requests();
    let count = |serial: &str, code: &str, times| ((serial.to_owned(), code.to_owned()), times);
    let expected = BTreeMap::from([
        count("", "1", 1),
        count(SERIAL, "000000", 1),
        count(SERIAL, "123456", 2),
        count(SERIAL, "654321", 1),
    ]);
    assert_eq!(sts.codes(), expected);
}
