//! The handle a test holds on a running server.

use crate::{
    Fault,
    server::Server,
    service::{Service, State},
    tls,
};

/// A running server: one of [`FakeSts`](crate::FakeSts), [`FakeImds`](crate::FakeImds),
/// [`FakeContainer`](crate::FakeContainer), [`FakePortal`](crate::FakePortal) and
/// [`FakeProxy`](crate::FakeProxy). It stops, and its threads end, when this is dropped.
#[derive(Debug)]
pub struct Fake<S: Service> {
    pub(crate) server: Server<S>,
    pub(crate) ca_pem: Option<String>,
}

impl<S: Service> Fake<S> {
    pub(crate) fn start(service: S) -> Self {
        Self {
            server: Server::start(State::new(service), None),
            ca_pem: None,
        }
    }

    pub(crate) fn start_tls(service: S) -> Self {
        let identity = tls::Identity::new();
        Self {
            server: Server::start(State::new(service), Some(identity.config)),
            ca_pem: Some(identity.ca_pem),
        }
    }

    /// Where it listens: `http://127.0.0.1:PORT`, or `https://` with TLS.
    pub fn url(&self) -> String {
        let scheme = if self.ca_pem.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.port())
    }

    /// The port it listens on, of 127.0.0.1 only.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Every request so far, oldest first. A request is in here before its reply is sent.
    pub fn requests(&self) -> Vec<S::Request> {
        self.server.state().log.clone()
    }

    /// Forget the requests so far; sessions, tokens and used MFA codes stay.
    pub fn clear_requests(&self) {
        self.server.state().log.clear();
    }

    /// Let the next request without a fault of its own meet `fault`. May be called several times:
    /// the faults are met in that order, one a request, before those of
    /// [`always_at`](Self::always_at) and [`always`](Self::always).
    pub fn next(&self, fault: Fault) {
        self.server.state().faults.queue.push_back(fault);
    }

    /// Let every request for this path, whatever its query, meet `fault` from now on.
    pub fn always_at(&self, path: &str, fault: Fault) {
        self.server.state().faults.places.insert(path.to_owned(), fault);
    }

    /// Let every request from now on meet `fault`; `None` ends it.
    pub fn always(&self, fault: impl Into<Option<Fault>>) {
        self.server.state().faults.always = fault.into();
    }
}
