//! As much of HTTP/1.1 as clients of AWS use: heads, bodies of a known length, keep-alive.

use std::{
    borrow::Cow,
    io::{self, Read, Write},
};

use httparse::Status;
use serde_json::Value;
use time::{OffsetDateTime, macros::format_description};

const MAX_HEAD: usize = 64 * 1024;
const MAX_BODY: usize = 1024 * 1024;
const MAX_HEADERS: usize = 100;

/// A request as it arrived, and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method: `GET`, `CONNECT`, ...
    pub method: String,
    /// What the request line asks for: a path with its query; of a proxy, a whole URL or HOST:PORT.
    pub target: String,
    /// Header names, in lower case, and values, in the order of arrival.
    pub headers: Vec<(String, String)>,
    /// The body as it was sent.
    pub body: Vec<u8>,
    /// The HTTP status answered; `None` when a fault left no HTTP reply, and when the reply came
    /// from behind a proxy.
    pub status: Option<u16>,
    pub(crate) keep_alive: bool,
}

impl HttpRequest {
    /// The first value of a header; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The target without its query.
    pub fn path(&self) -> &str {
        self.split_target().0
    }

    /// The query, still encoded; empty when there is none.
    pub fn query(&self) -> &str {
        self.split_target().1
    }

    /// The first value of a parameter of the query, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.query().as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The body as text.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    fn split_target(&self) -> (&str, &str) {
        self.target.split_once('?').unwrap_or((&self.target, ""))
    }
}

/// The first value of a header; `name` in lower case.
pub(crate) fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// What came of waiting for a request.
pub(crate) enum Received {
    Request(HttpRequest),
    /// Something this server does not take, and the status that says so.
    Unfit(u16),
    /// The client has gone, perhaps in the middle.
    End,
}

/// Requests from one connection. Bytes of the next request may arrive with the last one's.
pub(crate) struct Requests {
    buffer: Vec<u8>,
}

impl Requests {
    pub(crate) fn new() -> Self {
        Self { buffer: Vec::new() }
    }

    pub(crate) fn next(&mut self, stream: &mut (impl Read + Write)) -> io::Result<Received> {
        let (mut request, head_len) = loop {
            match parse_head(&self.buffer) {
                Ok(Status::Complete(head)) => break head,
                Ok(Status::Partial) if self.buffer.len() > MAX_HEAD => {
                    return Ok(Received::Unfit(431));
                }
                Ok(Status::Partial) => {
                    if !self.fill(stream)? {
                        return Ok(Received::End);
                    }
                }
                Err(_) => return Ok(Received::Unfit(400)),
            }
        };
        let body_len = match body_len(&request) {
            Ok(length) => length,
            Err(status) => return Ok(Received::Unfit(status)),
        };
        let end = head_len + body_len;
        if self.buffer.len() < end && request.header("expect").is_some() {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
            stream.flush()?;
        }
        while self.buffer.len() < end {
            if !self.fill(stream)? {
                return Ok(Received::End);
            }
        }
        request.body = self.buffer[head_len..end].to_vec();
        self.buffer.drain(..end);
        Ok(Received::Request(request))
    }

    /// What was received beyond the last request.
    pub(crate) fn into_rest(self) -> Vec<u8> {
        self.buffer
    }

    fn fill(&mut self, stream: &mut impl Read) -> io::Result<bool> {
        let mut chunk = [0; 8192];
        let count = stream.read(&mut chunk)?;
        self.buffer.extend_from_slice(&chunk[..count]);
        Ok(count > 0)
    }
}

fn parse_head(bytes: &[u8]) -> Result<Status<(HttpRequest, usize)>, httparse::Error> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let Status::Complete(length) = head.parse(bytes)? else {
        return Ok(Status::Partial);
    };
    let headers: Vec<_> = head
        .headers
        .iter()
        .map(|header| {
            let value = String::from_utf8_lossy(header.value).into_owned();
            (header.name.to_ascii_lowercase(), value)
        })
        .collect();
    let connection = header(&headers, "connection").unwrap_or_default();
    let request = HttpRequest {
        method: head.method.unwrap_or_default().to_owned(),
        target: head.path.unwrap_or_default().to_owned(),
        keep_alive: head.version == Some(1) && !connection.eq_ignore_ascii_case("close"),
        headers,
        body: Vec::new(),
        status: None,
    };
    Ok(Status::Complete((request, length)))
}

/// Without any word of a body there is none (RFC 9112, 6.3).
fn body_len(request: &HttpRequest) -> Result<usize, u16> {
    match request.header("content-length").map(str::parse) {
        Some(Ok(length)) if length <= MAX_BODY => Ok(length),
        Some(Ok(_)) => Err(413),
        Some(Err(_)) => Err(400),
        None if request.header("transfer-encoding").is_some() => Err(411),
        None => Ok(0),
    }
}

/// A reply, whole.
#[derive(Debug)]
pub struct Reply {
    pub(crate) status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("Content-Type", content_type.to_owned())],
            body: body.into(),
        }
    }

    pub(crate) fn text(status: u16, text: &str) -> Self {
        Self::new(status, "text/plain", text)
    }

    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::new(status, "application/json", value.to_string())
    }

    /// The same with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// As it is sent at `now`.
    pub(crate) fn to_bytes(&self, keep_alive: bool, now: OffsetDateTime) -> Vec<u8> {
        let headers: String = self
            .headers
            .iter()
            .map(|(name, value)| [name, ": ", value, "\r\n"].concat())
            .collect();
        let head = format!(
            "HTTP/1.1 {} {}\r\n\
             {headers}\
             Content-Length: {}\r\n\
             Date: {}\r\n\
             {}\r\n",
            self.status,
            reason(self.status),
            self.body.len(),
            http_date(now),
            if keep_alive { "" } else { "Connection: close\r\n" },
        );
        [head.as_bytes(), &self.body].concat()
    }
}

/// The form of RFC 9110, 5.6.7.
fn http_date(now: OffsetDateTime) -> String {
    now.format(format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    ))
    .expect("a date has all these parts")
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        411 => "Length Required",
        413 => "Content Too Large",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        // A reason may be empty (RFC 9112, 4), and this server's user chose the status.
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn dates_are_those_of_http() {
        let date = datetime!(2026-03-01 09:05:07 UTC);
        assert_eq!(http_date(date), "Sun, 01 Mar 2026 09:05:07 GMT");
    }

    #[test]
    fn two_requests_may_share_a_packet() {
        let bytes = b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nabGET /?x=1 HTTP/1.0\r\n\r\n";
        let mut stream = io::Cursor::new(bytes.to_vec());
        let mut requests = Requests::new();
        let Ok(Received::Request(first)) = requests.next(&mut stream) else {
            panic!("first")
        };
        let Ok(Received::Request(second)) = requests.next(&mut stream) else {
            panic!("second")
        };
        assert_eq!((first.body.as_slice(), first.keep_alive), (&b"ab"[..], true));
        assert_eq!((second.query(), second.keep_alive), ("x=1", false));
        assert!(matches!(requests.next(&mut stream), Ok(Received::End)));
    }
}
