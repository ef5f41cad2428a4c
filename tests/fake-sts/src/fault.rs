//! What can go wrong on command, and which request meets it.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

/// A way for one request to go wrong; see [`Fake::next`](crate::Fake::next).
///
/// A request is read, checked and recorded before its fault strikes. `Slow`, `Cut`, `Expiration`
/// and `Credentials` carry it out first, so it does spend an MFA code. The others do not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Refuse with an error of this code and text, in the service's own format, whatever was asked
    /// and by whomever.
    Error {
        /// The HTTP status.
        status: u16,
        /// The name of the error.
        code: String,
        /// The text for people.
        message: String,
    },
    /// Say nothing for this long, then close the connection.
    Stall(Duration),
    /// Close the connection without a reply.
    Drop,
    /// Send the first half of the proper reply, then close the connection.
    Cut,
    /// Answer with this instead: a proxy's login page, a captive portal, nonsense.
    Body {
        /// The HTTP status.
        status: u16,
        /// The value of `Content-Type`.
        content_type: String,
        /// The body as it is sent.
        body: Vec<u8>,
    },
    /// Send these bytes, which need not be HTTP, then close the connection.
    Raw(Vec<u8>),
    /// Answer properly, this much later.
    Slow(Duration),
    /// Answer properly, but with this text as the expiration of the credentials. They live as long
    /// as they otherwise would.
    Expiration(String),
    /// Answer properly, but with these credentials, which an STS will know from then on.
    Credentials {
        /// The access key id.
        access_key_id: String,
        /// The secret access key.
        secret: String,
        /// The session token.
        token: String,
    },
}

/// The faults that wait for a request.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) queue: VecDeque<Fault>,
    /// By path.
    pub(crate) places: HashMap<String, Fault>,
    pub(crate) always: Option<Fault>,
}

impl Faults {
    /// The fault that a request for this path meets.
    pub(crate) fn take(&mut self, path: &str) -> Option<Fault> {
        let lasting = || self.places.get(path).or(self.always.as_ref()).cloned();
        self.queue.pop_front().or_else(lasting)
    }
}
