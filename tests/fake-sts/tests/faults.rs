//! Every fault, as a client meets it.

mod client;

use std::{
    io::{ErrorKind, Read, Write},
    time::{Duration, Instant},
};

use client::{IDENTITY, Keys, ROLE, SERIAL, assume, call, connect, exchange, request, send_raw, server};
use fake_sts::{FakeSts, Fault, Role};

fn sts() -> FakeSts {
    server().role(Role::new(ROLE)).start()
}

fn identity() -> String {
    request(&Keys::ana(), IDENTITY)
}

#[test]
fn an_error_on_command_is_met_once() {
    let sts = sts();
    sts.next(Fault::Error {
        status: 503,
        code: "ServiceUnavailable".to_owned(),
        message: "a < b".to_owned(),
    });
    let error = (503, "ServiceUnavailable".to_owned(), "a < b".to_owned());
    assert_eq!(call(&sts, &Keys::ana(), IDENTITY).error(), error);
    assert_eq!(call(&sts, &Keys::ana(), IDENTITY).status, 200);
    let statuses: Vec<_> = sts.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [Some(503), Some(200)]);
    assert!(sts.requests()[0].verified);
}

#[test]
fn faults_queue_up_before_the_lasting_one() {
    let sts = sts();
    let body = |status| Fault::Body {
        status,
        content_type: "text/html".to_owned(),
        body: b"<html>".to_vec(),
    };
    sts.always(body(502));
    sts.next(body(503));
    sts.next(body(504));
    let ask = || call(&sts, &Keys::ana(), IDENTITY);
    assert_eq!(
        [ask().status, ask().status, ask().status, ask().status],
        [503, 504, 502, 502]
    );
    let reply = ask();
    assert_eq!(reply.body, "<html>");
    assert!(reply.head.contains("Content-Type: text/html\r\n"));
    sts.always(None);
    assert_eq!(ask().status, 200);
}

#[test]
fn a_fault_may_have_a_place() {
    let sts = sts();
    sts.always_at("/nowhere", Fault::Drop);
    assert_eq!(call(&sts, &Keys::ana(), IDENTITY).status, 200);
    sts.always_at("/", Fault::Drop);
    assert_eq!(send_raw(&sts, &identity()), b"");
    assert_eq!(send_raw(&sts, &identity().replacen("/", "/?x=/", 1)), b"");
}

#[test]
fn silence_then_the_end() {
    let sts = sts();
    sts.next(Fault::Stall(Duration::from_millis(200)));
    let start = Instant::now();
    assert_eq!(send_raw(&sts, &identity()), b"");
    assert!(start.elapsed() >= Duration::from_millis(200));
    sts.next(Fault::Drop);
    assert_eq!(send_raw(&sts, &identity()), b"");
    assert_eq!(sts.requests()[0].status, None);
    assert_eq!(sts.requests()[1].status, None);
}

#[test]
fn half_a_reply() {
    let sts = server().role(Role::new(ROLE)).mfa_code(SERIAL, "123456").start();
    let form = assume(&[("SerialNumber", SERIAL), ("TokenCode", "123456")]);
    sts.next(Fault::Cut);
    let text = String::from_utf8(send_raw(&sts, &request(&Keys::ana(), &form))).expect("text");
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    let (head, body) = text.split_once("\r\n\r\n").expect("a whole head");
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    assert!(body.len() < length.expect("a length").parse().expect("a number"));
    // The reply was lost, the code is spent all the same.
    assert_eq!(call(&sts, &Keys::ana(), &form).error().1, "AccessDenied");
}

#[test]
fn bytes_that_are_not_http() {
    let sts = sts();
    sts.next(Fault::Raw(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()));
    assert_eq!(send_raw(&sts, &identity()), b"SSH-2.0-OpenSSH_9.9\r\n");
}

#[test]
fn a_slow_answer_is_a_proper_one() {
    let sts = sts();
    sts.next(Fault::Slow(Duration::from_millis(200)));
    let start = Instant::now();
    assert_eq!(call(&sts, &Keys::ana(), IDENTITY).status, 200);
    assert!(start.elapsed() >= Duration::from_millis(200));
}

#[test]
fn an_expiration_of_any_text() {
    let sts = sts();
    sts.next(Fault::Expiration("yesterday & <tomorrow>".to_owned()));
    let reply = call(&sts, &Keys::ana(), &assume(&[]));
    assert_eq!(reply.text("Expiration"), "yesterday & <tomorrow>");
    assert_eq!(call(&sts, &reply.keys(), IDENTITY).status, 200);
    let reply = call(&sts, &Keys::ana(), &assume(&[]));
    let expiration = reply.text("Expiration");
    assert_eq!(
        (expiration.len(), expiration.ends_with('Z')),
        (20, true),
        "{expiration}"
    );
}

#[test]
fn credentials_of_any_text_sign_from_then_on() {
    let sts = sts();
    sts.next(Fault::Credentials {
        access_key_id: "ASIA'; $(id) \"`/".to_owned(),
        secret: "a'b\nc".to_owned(),
        token: "<token>\r%".to_owned(),
    });
    let keys = call(&sts, &Keys::ana(), &assume(&[])).keys();
    assert_eq!(keys.id, "ASIA'; $(id) \"`/");
    assert_eq!(keys.secret, "a'b\nc");
    assert_eq!(keys.token.as_deref(), Some("<token>\r%"));
    let keys = Keys {
        token: Some("<token>".to_owned()),
        ..keys
    };
    sts.next(Fault::Credentials {
        access_key_id: keys.id.clone(),
        secret: keys.secret.clone(),
        token: "<token>".to_owned(),
    });
    assert_eq!(call(&sts, &Keys::ana(), &assume(&[])).status, 200);
    assert_eq!(call(&sts, &keys, IDENTITY).status, 200);
}

#[test]
fn a_connection_is_kept() {
    let sts = sts();
    let mut stream = connect(&sts);
    for _ in 0..3 {
        assert_eq!(exchange(&mut stream, &identity()).status, 200);
    }
    let closing = identity().replacen("\r\n", "\r\nConnection: close\r\n", 1);
    assert!(exchange(&mut stream, &closing).head.contains("Connection: close\r\n"));
    assert_eq!(stream.read(&mut [0]).expect("an end"), 0);
}

#[test]
fn what_is_not_fit_is_told_so() {
    let sts = sts();
    let status = |request: &str| exchange(&mut connect(&sts), request).status;
    assert_eq!(status("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), 411);
    assert_eq!(status("POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n"), 413);
    assert_eq!(status("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"), 400);
    assert_eq!(status("\u{1}\u{2}\u{3}\r\n\r\n"), 400);
    assert!(sts.requests().is_empty());
}

#[test]
fn stopping_ends_whatever_is_under_way() {
    let sts = sts();
    let mut idle = connect(&sts);
    assert_eq!(exchange(&mut idle, &identity()).status, 200);
    let mut half = connect(&sts);
    half.write_all(b"POST / HTTP/1.1\r\n").expect("half a head sent");
    let mut stalled = connect(&sts);
    sts.next(Fault::Stall(Duration::from_hours(1)));
    stalled.write_all(identity().as_bytes()).expect("a request sent");
    while sts.requests().len() < 2 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let port = sts.port();
    let start = Instant::now();
    drop(sts);
    assert!(start.elapsed() < Duration::from_secs(2));
    for stream in [&mut idle, &mut half, &mut stalled] {
        let end = stream.read(&mut [0]);
        let closed = matches!(&end, Ok(0)) || matches!(&end, Err(error) if error.kind() == ErrorKind::ConnectionReset);
        assert!(closed, "{end:?}");
    }
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
}
