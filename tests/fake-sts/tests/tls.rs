//! The same over TLS: trusted with the server's own authority, and not without.

mod client;

use std::{io::Read, io::Write};

use client::{ANA, IDENTITY, Keys, connect, exchange, request, server, tls};
use fake_sts::Fault;

#[test]
fn its_own_authority_vouches_for_it() {
    let sts = server().start_tls();
    assert_eq!(sts.url(), format!("https://127.0.0.1:{}", sts.port()));
    let mut stream = tls(connect(&sts), sts.ca_pem());
    for _ in 0..2 {
        let reply = exchange(&mut stream, &request(&Keys::ana(), IDENTITY));
        assert_eq!(reply.text("Arn"), ANA);
    }
}

#[test]
fn another_authority_does_not() {
    let (sts, other) = (server().start_tls(), server().start_tls());
    let error = tls(connect(&sts), other.ca_pem())
        .write_all(b"POST")
        .expect_err("no trust");
    assert!(error.to_string().contains("invalid peer certificate"), "{error}");
}

#[test]
fn faults_work_here_too_and_so_does_stopping() {
    let sts = server().start_tls();
    sts.next(Fault::Drop);
    let mut stream = tls(connect(&sts), sts.ca_pem());
    stream
        .write_all(request(&Keys::ana(), IDENTITY).as_bytes())
        .expect("a request sent");
    stream.flush().expect("a request sent");
    assert!(stream.read(&mut [0; 64]).is_err());
    let mut open = tls(connect(&sts), sts.ca_pem());
    assert_eq!(exchange(&mut open, &request(&Keys::ana(), IDENTITY)).status, 200);
    // Never gets as far as a handshake.
    let _mute = connect(&sts);
    drop(sts);
}
