//! Who signed, and how it is told from who did not.

mod client;

use std::time::{Duration, SystemTime};

use client::{ANA, IDENTITY, Keys, call, request, request_at, send, server};
use fake_sts::{FakeSts, Signer};

const INVALID: &str = "The security token included in the request is invalid.";

fn refused(sts: &FakeSts, request: &str) -> (u16, String, String) {
    let refusal = send(sts, request).error();
    let last = sts.requests().pop().expect("a record");
    assert!(!last.verified);
    assert_eq!(last.status, Some(refusal.0));
    refusal
}

#[test]
fn what_the_sdk_signs_is_verified_and_recorded() {
    let sts = server().start();
    let reply = call(&sts, &Keys::ana(), IDENTITY);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.text("Arn"), ANA);
    assert_eq!(reply.text("Account"), "111111111111");
    assert!(reply.text("UserId").starts_with("AIDA"));
    assert!(
        reply
            .body
            .starts_with("<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">")
    );
    let id = reply.text("RequestId");
    assert!(
        reply.head.contains(&format!("x-amzn-RequestId: {id}\r\n")),
        "{}",
        reply.head
    );

    let [request] = sts.requests().try_into().expect("one request");
    assert_eq!(request.action, "GetCallerIdentity");
    assert_eq!(request.form["Version"], "2011-06-15");
    let signer = Signer {
        access_key_id: Keys::ana().id,
        arn: ANA.to_owned(),
    };
    assert_eq!(request.signer, Some(signer));
    assert_eq!(request.region.as_deref(), Some("eu-central-1"));
    assert_eq!(request.session_token, None);
    assert_eq!(request.header("host"), Some("127.0.0.1"));
    assert!(request.verified);
    assert_eq!(request.status, Some(200));
    sts.clear_requests();
    assert!(sts.requests().is_empty());
}

#[test]
fn one_flipped_byte_is_refused() {
    let sts = server().start();
    let good = request(&Keys::ana(), &[("Action", "GetCallerIdentity"), ("Other", "a")]);
    let changes = [
        ("Other=a", "Other=b"),
        ("Signature=", "Signature=0"),
        ("urlencoded", "urlencodee"),
        ("POST / ", "POST /a "),
    ];
    for (from, to) in changes {
        let (status, code, message) = refused(&sts, &good.replacen(from, to, 1));
        assert_eq!((status, code.as_str()), (403, "SignatureDoesNotMatch"), "{to}");
        assert!(message.starts_with("The request signature we calculated does not match"));
    }
    assert_eq!(send(&sts, &good).status, 200);
}

#[test]
fn a_wrong_secret_an_unknown_key_and_no_signature_are_told_apart() {
    let sts = server().start();
    let wrong = Keys {
        secret: "x".repeat(40),
        ..Keys::ana()
    };
    assert_eq!(refused(&sts, &request(&wrong, IDENTITY)).1, "SignatureDoesNotMatch");
    let unknown = Keys {
        id: "AKIAUNKNOWN".to_owned(),
        ..Keys::ana()
    };
    let invalid = (403, "InvalidClientTokenId".to_owned(), INVALID.to_owned());
    assert_eq!(refused(&sts, &request(&unknown, IDENTITY)), invalid);
    assert_eq!(sts.requests().last().expect("a record").signer, None);
    let good = request(&Keys::ana(), IDENTITY);
    let unsigned = good.replace("authorization:", "x-other:");
    assert_eq!(refused(&sts, &unsigned).1, "MissingAuthenticationToken");
    let garbled = good.replace("Credential=", "Cred=");
    assert_eq!(refused(&sts, &garbled).1, "IncompleteSignature");
}

#[test]
fn a_clock_may_be_15_minutes_off() {
    let sts = server().start();
    let now = SystemTime::now();
    let (near, far) = (Duration::from_mins(14), Duration::from_mins(16));
    for time in [now - near, now + near] {
        assert_eq!(send(&sts, &request_at(&Keys::ana(), IDENTITY, time)).status, 200);
    }
    for (time, start) in [
        (now - far, "Signature expired: "),
        (now + far, "Signature not yet current: "),
    ] {
        let (status, code, message) = refused(&sts, &request_at(&Keys::ana(), IDENTITY, time));
        assert_eq!((status, code.as_str()), (403, "SignatureDoesNotMatch"));
        assert!(message.starts_with(start), "{message}");
    }
}

#[test]
fn a_session_needs_its_own_token_and_time() {
    let hour = Duration::from_hours(1);
    let sts = server()
        .session_user("ASIALIVE", "secret", "token", ANA, hour)
        .session_user("ASIADEAD", "secret", "token", ANA, Duration::ZERO)
        .start();
    let live = Keys::new("ASIALIVE", "secret", Some("token"));
    assert_eq!(call(&sts, &live, IDENTITY).text("Arn"), ANA);
    assert_eq!(sts.requests()[0].session_token.as_deref(), Some("token"));
    for token in [None, Some("other")] {
        let keys = Keys::new("ASIALIVE", "secret", token);
        assert_eq!(call(&sts, &keys, IDENTITY).error().2, INVALID);
    }
    let dead = Keys::new("ASIADEAD", "secret", Some("token"));
    let expired = "The security token included in the request is expired".to_owned();
    assert_eq!(
        call(&sts, &dead, IDENTITY).error(),
        (403, "ExpiredToken".to_owned(), expired)
    );
    let odd = Keys {
        token: Some("token".to_owned()),
        ..Keys::ana()
    };
    assert_eq!(call(&sts, &odd, IDENTITY).error().1, "InvalidClientTokenId");
}
