//! A client that knows no more than TCP, and signs with the AWS SDK's own signer.

#![allow(dead_code, reason = "each test program uses its part")]

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use fake_sts::{Builder, FakeSts};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use serde_json::Value;

pub const ANA: &str = "arn:aws:iam::111111111111:user/ana";
pub const ROLE: &str = "arn:aws:iam::222222222222:role/marketingadmin";
pub const SERIAL: &str = "arn:aws:iam::111111111111:mfa/ana";

/// Access key id, secret, token.
#[derive(Clone, Debug)]
pub struct Keys {
    pub id: String,
    pub secret: String,
    pub token: Option<String>,
}

impl Keys {
    pub fn new(id: &str, secret: &str, token: Option<&str>) -> Self {
        Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
            token: token.map(ToOwned::to_owned),
        }
    }

    /// The long-term key of [`ANA`].
    pub fn ana() -> Self {
        Self::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None)
    }
}

/// A server that knows [`ANA`].
pub fn server() -> Builder {
    let ana = Keys::ana();
    FakeSts::builder().user(&ana.id, &ana.secret, ANA)
}

/// An HTTP reply, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    /// The text of the first element of this name, with the references XML needs resolved.
    pub fn text(&self, element: &str) -> String {
        let (_, rest) = self.body.split_once(&format!("<{element}>")).unwrap_or_else(|| {
            panic!("no <{element}> in {}", self.body);
        });
        let (text, _) = rest.split_once(&format!("</{element}>")).expect("an end");
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&#13;", "\r")
            .replace("&amp;", "&")
    }

    /// The value of a header, spelled as it was sent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    pub fn error(&self) -> (u16, String, String) {
        (self.status, self.text("Code"), self.text("Message"))
    }

    pub fn keys(&self) -> Keys {
        Keys {
            id: self.text("AccessKeyId"),
            secret: self.text("SecretAccessKey"),
            token: Some(self.text("SessionToken")),
        }
    }
}

/// A signed request, ready to send.
pub fn request(keys: &Keys, form: &[(&str, &str)]) -> String {
    request_at(keys, form, SystemTime::now())
}

pub fn request_at(keys: &Keys, form: &[(&str, &str)], time: SystemTime) -> String {
    let body = encode(form);
    let fixed = [
        ("host", "127.0.0.1"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let identity = Credentials::new(&keys.id, &keys.secret, keys.token.clone(), None, "test").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("eu-central-1")
        .name("sts")
        .time(time)
        .settings(SigningSettings::default())
        .build()
        .expect("signing parameters")
        .into();
    let signable = SignableRequest::new(
        "POST",
        "http://127.0.0.1/",
        fixed.into_iter(),
        SignableBody::Bytes(body.as_bytes()),
    );
    let signed = sign(signable.expect("a signable request"), &params).expect("a signature");
    let (instructions, _) = signed.into_parts();
    let headers: Vec<String> = fixed
        .into_iter()
        .chain(instructions.headers())
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    format!(
        "POST / HTTP/1.1\r\n{}content-length: {}\r\n\r\n{body}",
        headers.concat(),
        body.len()
    )
}

pub fn encode(form: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("Version", "2011-06-15")
        .extend_pairs(form)
        .finish()
}

pub fn connect(sts: &FakeSts) -> TcpStream {
    connect_to(sts.port())
}

pub fn connect_to(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("a listening server");
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .expect("a timeout");
    stream
}

/// A handshake that trusts this authority alone comes before the first byte.
pub fn tls(stream: TcpStream, ca_pem: &str) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_slice(ca_pem.as_bytes()).expect("a certificate");
    roots.add(certificate).expect("an authority");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").expect("a name");
    let session = ClientConnection::new(Arc::new(config), name).expect("a session");
    StreamOwned::new(session, stream)
}

/// A request that nobody signs, ready to send.
pub fn plain(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> String {
    let headers: String = headers
        .iter()
        .map(|(name, value)| [name, ": ", value, "\r\n"].concat())
        .collect();
    let length = body.len();
    format!("{method} {target} HTTP/1.1\r\n{headers}content-length: {length}\r\n\r\n{body}")
}

pub fn get(port: u16, target: &str, headers: &[(&str, &str)]) -> Reply {
    exchange(&mut connect_to(port), &plain("GET", target, headers, ""))
}

/// Sign, send on a connection of its own, read the reply.
pub fn call(sts: &FakeSts, keys: &Keys, form: &[(&str, &str)]) -> Reply {
    send(sts, &request(keys, form))
}

pub fn send(sts: &FakeSts, request: &str) -> Reply {
    exchange(&mut connect(sts), request)
}

pub fn exchange(stream: &mut (impl Read + Write), request: &str) -> Reply {
    stream.write_all(request.as_bytes()).expect("a request sent");
    stream.flush().expect("a request sent");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("a head");
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).expect("a head in UTF-8");
    let mut reply = Reply {
        status: head[9..12].parse().expect("a status"),
        head,
        body: String::new(),
    };
    let length = reply
        .header("Content-Length")
        .map(|text| text.parse().expect("a number"));
    let mut body = vec![0; length.unwrap_or_default()];
    stream.read_exact(&mut body).expect("a body");
    reply.body = String::from_utf8(body).expect("a body in UTF-8");
    reply
}

/// Everything up to the end of the connection.
pub fn send_raw(sts: &FakeSts, request: &str) -> Vec<u8> {
    let mut stream = connect(sts);
    stream.write_all(request.as_bytes()).expect("a request sent");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an end");
    bytes
}

pub const IDENTITY: &[(&str, &str)] = &[("Action", "GetCallerIdentity")];

/// The form of an `AssumeRole` of [`ROLE`] as `ana`, with more parameters.
pub fn assume<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let fixed = [("Action", "AssumeRole"), ("RoleArn", ROLE), ("RoleSessionName", "ana")];
    let overridden = |name: &str| more.iter().any(|(key, _)| *key == name);
    fixed
        .into_iter()
        .filter(|(key, _)| !overridden(key))
        .chain(more.iter().copied())
        .collect()
}
