//! The credentials endpoint of ECS and EKS: where it is looked for, what it is shown, how long it is waited for.

use crate::support;
use crate::support::golden;

use crate::support::kept;

use crate::support::outcome;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use fake_sts::{FakeContainer, FakeProxy, Fault};
use outcome::{
    SESSION, TARGET, assert_assumed_with_session, assert_fails, assert_session, assume, keys, knowing_session,
};
use support::Home;

const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

/// A home whose profile `r` is assumed with the container's role, and whose profile `bare` has nothing of its own.
fn home() -> Home {
    let config = format!(
        "[profile r]\nrole_arn = {TARGET}\ncredential_source = EcsContainer\n\n[profile bare]\nregion = eu-west-1\n"
    );
    Home::with(&config, "")
}

fn url(container: &FakeContainer) -> String {
    format!("{}/creds", container.url())
}

/// Behind one address there may be another role by now: what is shown says whose session is kept.
#[test]
fn a_session_by_another_container_is_not_used() {
    let (container, sts) = (FakeContainer::builder(keys()).start(), knowing_session().start());
    let home = home().set(FULL, url(&container)).set("AWS_ENDPOINT_URL_STS", sts.url());
    let file = home.write("token", "of ana");
    let mut home = home.set(TOKEN_FILE, &file);
    let expect = |home: &Home, requests: usize| {
        for _ in 0..2 {
            assert_assumed_with_session(&assume(home, &["r"]), &sts);
        }
        assert_eq!(sts.requests().len(), requests);
    };
    expect(&home, 1);
    home.write("token", "of bob");
    expect(&home, 2);
    home = home.unset(TOKEN_FILE).set(TOKEN, "of eve");
    expect(&home, 3);
    home = home.unset(TOKEN);
    expect(&home, 4);
    // A token that cannot be read is not the same as none.
    assert_fails(&assume(&home.set(TOKEN_FILE, "/nonexistent/token"), &["r"]), 1);
    assert_eq!(sts.requests().len(), 4);
}

/// What a pipe holds is there once.
#[cfg(unix)]
#[test]
fn a_token_is_read_once() {
    let container = FakeContainer::builder(keys()).authorization("of ana").start();
    let sts = knowing_session().start();
    let home = home().set(FULL, url(&container)).set("AWS_ENDPOINT_URL_STS", sts.url());
    let pipe = home.path("token");
    let home = home.set(TOKEN_FILE, &pipe);
    assert!(home.command("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let writer = std::thread::spawn(move || std::fs::write(pipe, "of ana"));
    let mut command = home.command(support::rolenv());
    let run = kept::within(30, command.args(["assume", "r", "--format", "json"]));
    assert_assumed_with_session(&run, &sts);
    writer.join().expect("a writer").expect("what was written");
}

#[test]
fn it_is_asked_without_a_proxy() {
    let container = FakeContainer::builder(keys()).start();
    let proxy = FakeProxy::refusing(502).start();
    let home = home()
        .set(FULL, url(&container))
        .set("HTTP_PROXY", proxy.url())
        .set("ALL_PROXY", proxy.url());
    assert_session(&assume(&home, &["bare"]));
    assert!(proxy.requests().is_empty());
}

#[test]
fn refusals_are_told_and_failures_are_tried_again() {
    let error = |status| Fault::Error {
        status,
        code: "Code".to_owned(),
        message: "words".to_owned(),
    };
    for (fault, requests) in [
        (error(400), 1),
        (error(403), 1),
        (error(404), 1),
        (error(429), 1),
        (error(500), 3),
        (error(503), 3),
        (Fault::Drop, 3),
        (Fault::Cut, 3),
        (Fault::Raw(b"\x00\xff".to_vec()), 3),
        (Fault::Expiration("2020-01-01T00:00:00Z".to_owned()), 1),
        (Fault::Expiration("soon".to_owned()), 1),
    ] {
        let container = FakeContainer::builder(keys()).start();
        container.always(fault.clone());
        let run = assume(&home().set(FULL, url(&container)), &["bare"]);
        assert_fails(&run, 1);
        golden::record(&run);
        assert_eq!(container.requests().len(), requests, "{fault:?}: {run:?}");
    }
    // Once is not always.
    let container = FakeContainer::builder(keys()).start();
    container.next(error(500));
    container.next(Fault::Drop);
    assert_session(&assume(&home().set(FULL, url(&container)), &["bare"]));
}

#[test]
fn junk_is_told() {
    for body in [
        "<html>",
        "",
        "[]",
        r#"{"AccessKeyId": "A\u0000", "SecretAccessKey": "s"}"#,
        r#"{"AccessKeyId": "A"}"#,
    ] {
        let container = FakeContainer::builder(keys()).start();
        container.always(Fault::Body {
            status: 200,
            content_type: "application/json".to_owned(),
            body: body.into(),
        });
        assert_fails(&assume(&home().set(FULL, url(&container)), &["bare"]), 1);
    }
    let container = FakeContainer::builder(keys()).start();
    let endless = vec![b' '; 2 << 20];
    container.always(Fault::Body {
        status: 200,
        content_type: "application/json".to_owned(),
        body: endless,
    });
    assert_fails(&assume(&home().set(FULL, url(&container)), &["bare"]), 1);
}

/// One that is silent, one that stops in the middle, and one that is not there.
#[test]
fn it_is_not_waited_for_for_ever() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let halting = TcpListener::bind("127.0.0.1:0").expect("a port");
    let (silent_port, halting_port) = (port(&silent), port(&halting));
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for mut stream in halting.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{");
            kept.push(stream);
        }
    });
    let runs = [silent_port, halting_port, 1].map(|port| {
        std::thread::spawn(move || {
            let start = Instant::now();
            let run = assume(&home().set(FULL, format!("http://127.0.0.1:{port}/x")), &["bare"]);
            (run, start.elapsed())
        })
    });
    for run in runs {
        let (run, time) = run.join().expect("a run");
        assert_fails(&run, 1);
        assert!(time < Duration::from_mins(1), "{time:?}");
    }
    drop(silent);
}

fn port(listener: &TcpListener) -> u16 {
    listener.local_addr().expect("an address").port()
}

/// What ECS gives is a path on a fixed address. A network of our own has that address.
#[test]
#[cfg(target_os = "linux")]
fn a_path_is_one_of_ecs() {
    const SERVER: &str = r#"
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        open("asked", "a").write(self.path + " " + str(self.headers["authorization"]) + " " + self.headers["host"] + "\n")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(open("document", "rb").read())
    def log_message(self, *words): pass
server = http.server.HTTPServer(("169.254.170.2", 80), Handler)
open("ready", "w").close()
server.serve_forever()
"#;
    const SCRIPT: &str = "ip addr add 169.254.170.2/32 dev lo && ip link set lo up || exit 77
python3 server.py & server=$!
tries=0; until test -e ready; do tries=$((tries + 1)); test $tries -lt 300 || exit 77; sleep 0.05; done
\"$@\"; status=$?; kill $server; exit $status";
    let home = home()
        .set(RELATIVE, "/v2/credentials/7?x=y")
        .set(FULL, "http://127.0.0.1:1/")
        .set(TOKEN, "ecs token");
    home.write("server.py", SERVER);
    let document = format!(
        r#"{{"AccessKeyId": "{}", "SecretAccessKey": "{}", "Token": "{}", "Expiration": "2999-01-01T00:00:00Z"}}"#,
        SESSION.0, SESSION.1, SESSION.2
    );
    home.write("document", document);
    let mut command = home.command("unshare");
    command
        .args(["-rn", "sh", "-c", SCRIPT, "sh"])
        .arg(support::rolenv())
        .args(["assume", "bare", "--format", "json"]);
    match command.output().map(support::Run::from) {
        Ok(run) if home.path("ready").exists() => {
            assert_session(&run);
            let asked = std::fs::read_to_string(home.path("asked")).expect("a request");
            assert_eq!(asked, "/v2/credentials/7?x=y ecs token 169.254.170.2\n");
        }
        other => eprintln!("SKIPPED: no network of its own for 169.254.170.2: {other:?}"),
    }
}
