//! The proxy, as a client meets it: a tunnel, a forwarder, a closed door.

mod client;

use std::{
    io::{Read, Write},
    time::{Duration, Instant},
};

use client::{ANA, IDENTITY, Keys, connect_to, exchange, get, plain, request, server, tls};
use fake_sts::{FakeImds, FakeProxy, Fault};

const CONNECT: &str = "CONNECT sts.example:443 HTTP/1.1\r\nHost: sts.example:443\r\n\r\n";

#[test]
fn a_tunnel_leads_to_the_same_port_whatever_the_host() {
    let sts = server().start_tls();
    let proxy = FakeProxy::to(sts.port()).start();
    let mut stream = connect_to(proxy.port());
    assert_eq!(exchange(&mut stream, CONNECT).status, 200);
    let mut stream = tls(stream, sts.ca_pem());
    for _ in 0..2 {
        assert_eq!(exchange(&mut stream, &request(&Keys::ana(), IDENTITY)).text("Arn"), ANA);
    }
    let [request] = proxy.requests().try_into().expect("one request");
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        ("CONNECT", "sts.example:443")
    );
    assert_eq!(request.header("host"), Some("sts.example:443"));
}

#[test]
fn what_is_said_early_is_not_lost() {
    let sts = server().start();
    let proxy = FakeProxy::to(sts.port()).start();
    let mut stream = connect_to(proxy.port());
    let both = CONNECT.to_owned() + &request(&Keys::ana(), IDENTITY);
    assert_eq!(exchange(&mut stream, &both).status, 200);
    assert_eq!(exchange(&mut stream, "").text("Arn"), ANA);
}

#[test]
fn a_whole_url_is_forwarded() {
    let sts = server().start();
    let proxy = FakeProxy::to(sts.port()).start();
    let request = request(&Keys::ana(), IDENTITY)
        .replacen("POST /", "POST http://sts.example/", 1)
        .replacen("\r\n", "\r\nProxy-Connection: keep-alive\r\n", 1);
    let mut stream = connect_to(proxy.port());
    let reply = exchange(&mut stream, &request);
    assert_eq!(
        (reply.text("Arn").as_str(), reply.header("Connection")),
        (ANA, Some("close"))
    );
    assert_eq!(stream.read(&mut [0]).expect("an end"), 0);
    let [seen] = proxy.requests().try_into().expect("one request");
    assert_eq!((seen.target.as_str(), seen.status), ("http://sts.example/", None));
    assert_eq!(sts.requests()[0].header("proxy-connection"), None);
    assert_eq!(get(proxy.port(), "/", &[]).status, 400);
}

#[test]
fn some_must_say_who_they_are() {
    let imds = FakeImds::builder()
        .v1_only()
        .role("app", fake_sts::Keys::new("a", "b", "c"))
        .start();
    let proxy = FakeProxy::to(imds.port()).authorization("Basic YW5hOnB3").start();
    let url = "http://169.254.169.254/latest/meta-data/iam/security-credentials/";
    let refused = get(proxy.port(), url, &[]);
    let question = refused.header("Proxy-Authenticate");
    assert_eq!((refused.status, question), (407, Some("Basic realm=\"fake\"")));
    let reply = get(proxy.port(), url, &[("Proxy-Authorization", "Basic YW5hOnB3")]);
    assert_eq!(reply.body, "app");
    assert_eq!(imds.requests()[0].header("proxy-authorization"), None);
}

#[test]
fn a_door_may_be_closed() {
    let proxy = FakeProxy::refusing(403).start();
    assert_eq!(exchange(&mut connect_to(proxy.port()), CONNECT).status, 403);
    assert_eq!(get(proxy.port(), "http://a/", &[]).status, 403);
    assert_eq!(proxy.requests()[1].status, Some(403));
    let sts = server().start();
    let port = sts.port();
    drop(sts);
    let proxy = FakeProxy::to(port).start();
    assert_eq!(exchange(&mut connect_to(proxy.port()), CONNECT).status, 502);
}

#[test]
fn faults_strike_before_it_connects() {
    let sts = server().start();
    let proxy = FakeProxy::to(sts.port()).start();
    proxy.next(Fault::Cut);
    proxy.next(Fault::Slow(Duration::from_millis(100)));
    let mut stream = connect_to(proxy.port());
    stream.write_all(CONNECT.as_bytes()).expect("a request sent");
    assert_eq!(stream.read(&mut [0]).expect("an end"), 0);
    let start = Instant::now();
    let body = plain("POST", "http://sts.example/", &[], "");
    assert_eq!(exchange(&mut connect_to(proxy.port()), &body).status, 400);
    assert!(start.elapsed() >= Duration::from_millis(100));
    assert_eq!(sts.requests().len(), 1);
}

#[test]
fn stopping_ends_a_tunnel() {
    let sts = server().start();
    let proxy = FakeProxy::to(sts.port()).start();
    let mut stream = connect_to(proxy.port());
    assert_eq!(exchange(&mut stream, CONNECT).status, 200);
    let start = Instant::now();
    drop(proxy);
    assert!(start.elapsed() < Duration::from_secs(2));
    assert_eq!(stream.read(&mut [0]).expect("an end"), 0);
}
