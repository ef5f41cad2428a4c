//! As much of HTTP/1.1 as STS clients use: heads, bodies of a known length, keep-alive.

use std::io::{self, Read, Write};

use httparse::Status;
use time::{OffsetDateTime, macros::format_description};

const MAX_HEAD: usize = 64 * 1024;
const MAX_BODY: usize = 1024 * 1024;
const MAX_HEADERS: usize = 100;

/// A request, whole.
#[derive(Debug, Default)]
pub(crate) struct Message {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    /// Names in lower case, in the order of arrival.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) keep_alive: bool,
}

impl Message {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
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
    Message(Message),
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
        let (mut message, head_len) = loop {
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
        let body_len = match body_len(&message) {
            Ok(length) => length,
            Err(status) => return Ok(Received::Unfit(status)),
        };
        let end = head_len + body_len;
        if self.buffer.len() < end && message.header("expect").is_some() {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
            stream.flush()?;
        }
        while self.buffer.len() < end {
            if !self.fill(stream)? {
                return Ok(Received::End);
            }
        }
        message.body = self.buffer[head_len..end].to_vec();
        self.buffer.drain(..end);
        Ok(Received::Message(message))
    }

    fn fill(&mut self, stream: &mut impl Read) -> io::Result<bool> {
        let mut chunk = [0; 8192];
        let count = stream.read(&mut chunk)?;
        self.buffer.extend_from_slice(&chunk[..count]);
        Ok(count > 0)
    }
}

fn parse_head(bytes: &[u8]) -> Result<Status<(Message, usize)>, httparse::Error> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let Status::Complete(length) = head.parse(bytes)? else {
        return Ok(Status::Partial);
    };
    let target = head.path.unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: Vec<_> = head
        .headers
        .iter()
        .map(|header| {
            let value = String::from_utf8_lossy(header.value).into_owned();
            (header.name.to_ascii_lowercase(), value)
        })
        .collect();
    let connection = header(&headers, "connection").unwrap_or_default();
    let message = Message {
        method: head.method.unwrap_or_default().to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        keep_alive: head.version == Some(1) && !connection.eq_ignore_ascii_case("close"),
        headers,
        body: Vec::new(),
    };
    Ok(Status::Complete((message, length)))
}

fn body_len(message: &Message) -> Result<usize, u16> {
    let Some(length) = message.header("content-length") else {
        let no_body =
            matches!(message.method.as_str(), "GET" | "HEAD") && message.header("transfer-encoding").is_none();
        return if no_body { Ok(0) } else { Err(411) };
    };
    match length.parse() {
        Ok(length) if length <= MAX_BODY => Ok(length),
        Ok(_) => Err(413),
        Err(_) => Err(400),
    }
}

/// A reply, whole.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) request_id: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn to_bytes(&self, keep_alive: bool) -> Vec<u8> {
        let mut bytes = format!(
            "HTTP/1.1 {} {}\r\n\
             x-amzn-RequestId: {}\r\n\
             Content-Type: {}\r\n\
             Content-Length: {}\r\n\
             Date: {}\r\n\
             {}\r\n",
            self.status,
            reason(self.status),
            self.request_id,
            self.content_type,
            self.body.len(),
            http_date(OffsetDateTime::now_utc()),
            if keep_alive { "" } else { "Connection: close\r\n" },
        )
        .into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
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
        403 => "Forbidden",
        404 => "Not Found",
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
        let Ok(Received::Message(first)) = requests.next(&mut stream) else {
            panic!("first")
        };
        let Ok(Received::Message(second)) = requests.next(&mut stream) else {
            panic!("second")
        };
        assert_eq!((first.body.as_slice(), first.keep_alive), (&b"ab"[..], true));
        assert_eq!((second.query.as_str(), second.keep_alive), ("x=1", false));
        assert!(matches!(requests.next(&mut stream), Ok(Received::End)));
    }
}
