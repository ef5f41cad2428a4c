//! One request from arrival to reply, whatever the service: met by its fault, answered, remembered.

use std::fmt;

use time::OffsetDateTime;

use crate::{
    Fault,
    delivery::Delivery,
    fault::Faults,
    http::{HttpRequest, Reply},
    refusal::Refusal,
    relay::Relay,
};

/// What a server does about requests; one implementation for each kind of server.
pub trait Service: fmt::Debug + Send + 'static {
    /// A request as tests read it.
    type Request: Record;

    /// What a request is, before anything is done about it.
    fn receive(&mut self, request: HttpRequest) -> Self::Request;

    /// Carry it out. `lie` is a fault that may change what the reply says.
    fn answer(&mut self, request: &Self::Request, lie: Option<&Fault>) -> Result<Answer, Refusal>;

    /// A refusal as this service words it.
    fn refuse(&self, request: &Self::Request, refusal: &Refusal) -> Reply;

    /// The time by the server's clock, which dates its replies.
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }
}

/// What is remembered of a request.
pub trait Record: Clone + fmt::Debug + Send + 'static {
    /// The status of the reply, now that it is known; `None` if this server sends no reply.
    fn set_status(&mut self, status: Option<u16>);
}

impl Record for HttpRequest {
    fn set_status(&mut self, status: Option<u16>) {
        self.status = status;
    }
}

/// How a request is answered.
#[derive(Debug)]
pub enum Answer {
    Reply(Reply),
    /// By another server.
    Relay(Relay),
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self::Reply(reply)
    }
}

/// A service, what it will meet, and what it has met.
#[derive(Debug)]
pub(crate) struct State<S: Service> {
    pub(crate) service: S,
    pub(crate) faults: Faults,
    pub(crate) log: Vec<S::Request>,
}

impl<S: Service> State<S> {
    pub(crate) fn new(service: S) -> Self {
        Self {
            service,
            faults: Faults::default(),
            log: Vec::new(),
        }
    }

    pub(crate) fn answer(&mut self, request: HttpRequest) -> Delivery {
        let keep_alive = request.keep_alive;
        let fault = self.faults.take(request.path());
        let mut request = self.service.receive(request);
        let answer = match &fault {
            Some(Fault::Stall(_) | Fault::Drop | Fault::Raw(_)) => None,
            Some(Fault::Error { status, code, message }) => Some(Err(Refusal::new(*status, code, message))),
            Some(Fault::Body {
                status,
                content_type,
                body,
            }) => Some(Ok(Reply::new(*status, content_type, body.clone()).into())),
            lie => Some(self.service.answer(&request, lie.as_ref())),
        };
        let answer = answer.map(|answer| {
            let refused = |refusal| self.service.refuse(&request, &refusal).into();
            answer.unwrap_or_else(refused)
        });
        request.set_status(match &answer {
            Some(Answer::Reply(reply)) => Some(reply.status),
            Some(Answer::Relay(_)) | None => None,
        });
        self.log.push(request);
        Delivery::new(answer, keep_alive, fault, self.service.now())
    }
}
