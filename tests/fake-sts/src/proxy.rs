//! An HTTP proxy: whichever host a client asks for, it reaches one port of this machine, or nothing.

use crate::{
    Fault,
    fake::Fake,
    http::{HttpRequest, Reply},
    refusal::Refusal,
    relay::Relay,
    service::{Answer, Service},
};

/// A running proxy. A [`Fault`] strikes before it connects to anywhere.
pub type FakeProxy = Fake<Proxy>;

impl FakeProxy {
    /// A proxy that leads to this port of 127.0.0.1, whatever the host: through a tunnel after
    /// `CONNECT`, and by forwarding a request for a whole URL.
    pub fn to(port: u16) -> Proxy {
        Proxy::new(Course::Forward(port))
    }

    /// A proxy that leads nowhere: this status, for every request.
    pub fn refusing(status: u16) -> Proxy {
        Proxy::new(Course::Refuse(status))
    }
}

/// Where a proxy leads, and for whom.
#[derive(Debug)]
pub struct Proxy {
    course: Course,
    authorization: Option<String>,
}

#[derive(Debug)]
enum Course {
    Forward(u16),
    Refuse(u16),
}

impl Proxy {
    fn new(course: Course) -> Self {
        Self {
            course,
            authorization: None,
        }
    }

    /// Demand exactly this value of the header `Proxy-Authorization`: 407 without.
    pub fn authorization(mut self, value: &str) -> Self {
        self.authorization = Some(value.to_owned());
        self
    }

    /// Start answering.
    ///
    /// # Panics
    ///
    /// If no port of 127.0.0.1 can be listened on.
    pub fn start(self) -> FakeProxy {
        Fake::start(self)
    }
}

impl Service for Proxy {
    type Request = HttpRequest;

    fn receive(&mut self, request: HttpRequest) -> HttpRequest {
        request
    }

    fn answer(&mut self, request: &HttpRequest, _: Option<&Fault>) -> Result<Answer, Refusal> {
        if self.authorization.is_some() && self.authorization.as_deref() != request.header("proxy-authorization") {
            return Err(Refusal::new(407, "ProxyAuthenticationRequired", "who are you?"));
        }
        let port = match self.course {
            Course::Forward(port) => port,
            Course::Refuse(status) => return Err(Refusal::new(status, "Refused", "not through here")),
        };
        let (opening, greeting) = if request.method == "CONNECT" {
            (Vec::new(), b"HTTP/1.1 200 Connection established\r\n\r\n".to_vec())
        } else {
            (forwarded(request)?, Vec::new())
        };
        Ok(Answer::Relay(Relay {
            port,
            opening,
            greeting,
        }))
    }

    fn refuse(&self, _: &HttpRequest, refusal: &Refusal) -> Reply {
        let reply = Reply::text(refusal.status, &refusal.message);
        match refusal.status {
            407 => reply.with("Proxy-Authenticate", "Basic realm=\"fake\""),
            _ => reply,
        }
    }
}

/// The request as the host itself is to see it. It is the last one on the way there, so that the
/// end of the connection is the end of the reply.
fn forwarded(request: &HttpRequest) -> Result<Vec<u8>, Refusal> {
    let Some(rest) = request.target.strip_prefix("http://") else {
        return Err(Refusal::new(400, "BadRequest", "a proxy is asked for whole URLs"));
    };
    let target = rest.find('/').map_or("/", |slash| &rest[slash..]);
    let headers: String = request
        .headers
        .iter()
        .filter(|(name, _)| name != "connection" && !name.starts_with("proxy-"))
        .map(|(name, value)| [name, ": ", value, "\r\n"].concat())
        .collect();
    let head = format!(
        "{} {target} HTTP/1.1\r\n{headers}connection: close\r\n\r\n",
        request.method
    );
    Ok([head.as_bytes(), &request.body].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(target: &str) -> Result<String, u16> {
        let request = HttpRequest {
            method: "GET".to_owned(),
            target: target.to_owned(),
            ..HttpRequest::default()
        };
        let bytes = forwarded(&request).map_err(|refusal| refusal.status)?;
        let head = String::from_utf8(bytes).expect("text");
        Ok(head.split(' ').nth(1).expect("a target").to_owned())
    }

    #[test]
    fn a_host_is_asked_for_a_path() {
        assert_eq!(target("http://host/a?b=/"), Ok("/a?b=/".to_owned()));
        assert_eq!(target("http://host:80"), Ok("/".to_owned()));
        assert_eq!(target("/a"), Err(400));
    }
}
