//! What goes over the wire in return, and when.

use std::time::Duration;

use time::OffsetDateTime;

use crate::{Fault, relay::Relay, service::Answer};

#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) delay: Duration,
    pub(crate) bytes: Vec<u8>,
    pub(crate) then: Then,
}

/// What becomes of the connection afterwards.
#[derive(Debug)]
pub(crate) enum Then {
    /// Wait for the next request.
    Listen,
    /// End it, as was agreed.
    Close,
    /// End it, whatever the client expects.
    HangUp,
    /// Hand it on.
    Relay(Relay),
}

impl Delivery {
    pub(crate) fn new(answer: Option<Answer>, keep_alive: bool, fault: Option<Fault>, now: OffsetDateTime) -> Self {
        let (bytes, then) = match answer {
            Some(Answer::Reply(reply)) if keep_alive => (reply.to_bytes(true, now), Then::Listen),
            Some(Answer::Reply(reply)) => (reply.to_bytes(false, now), Then::Close),
            Some(Answer::Relay(relay)) => (Vec::new(), Then::Relay(relay)),
            None => (Vec::new(), Then::HangUp),
        };
        let mut delivery = Self {
            delay: Duration::ZERO,
            bytes,
            then,
        };
        match fault {
            Some(Fault::Slow(time) | Fault::Stall(time)) => delivery.delay = time,
            Some(Fault::Raw(raw)) => delivery.bytes = raw,
            Some(Fault::Cut) => {
                delivery.bytes.truncate(delivery.bytes.len() / 2);
                delivery.then = Then::HangUp;
            }
            _ => {}
        }
        delivery
    }
}
