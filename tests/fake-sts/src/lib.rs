//! A fake AWS STS server on the loopback interface: it checks who signed, applies the rules of the
//! real service, remembers every request, and fails on command.
//!
//! ```
//! use fake_sts::{FakeSts, Role};
//!
//! let ana = "arn:aws:iam::111111111111:user/ana";
//! let sts = FakeSts::builder()
//!     .user("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ana)
//!     .role(Role::new("arn:aws:iam::222222222222:role/marketingadmin").trusts(ana))
//!     .start();
//! assert!(sts.url().starts_with("http://127.0.0.1:"));
//! assert!(sts.requests().is_empty());
//! ```

mod actions;
mod builder;
mod fault;
mod http;
mod names;
mod refusal;
mod reply;
mod request;
mod role;
mod server;
mod sigv4;
mod state;
mod tls;
mod validate;
mod world;

pub use builder::Builder;
pub use fault::Fault;
pub use request::{Request, Signer};
pub use role::Role;

use server::Server;

/// A running fake STS; it stops, and its threads end, when this is dropped.
#[derive(Debug)]
pub struct FakeSts {
    server: Server,
    ca_pem: Option<String>,
}

impl FakeSts {
    /// An STS that knows nobody yet.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where it listens: `http://127.0.0.1:PORT`, or `https://` after [`Builder::start_tls`].
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.ca_pem.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.port())
    }

    /// The port it listens on, of 127.0.0.1 only.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// The certificate, in PEM, of the authority that signed the server's own.
    ///
    /// # Panics
    ///
    /// If the server was started without TLS.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        self.ca_pem.as_deref().expect("a server started with `start_tls`")
    }

    /// Every request so far, oldest first. A request is in here before its reply is sent.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.server.state().log.clone()
    }

    /// Forget the requests so far; sessions and used MFA codes stay.
    pub fn clear_requests(&self) {
        self.server.state().log.clear();
    }

    /// Let the next request without a fault of its own meet `fault`. May be called several times:
    /// the faults are met in that order, one a request, before that of [`always`](Self::always).
    pub fn next(&self, fault: Fault) {
        self.server.state().faults.queue.push_back(fault);
    }

    /// Let every request from now on meet `fault`; `None` ends it.
    pub fn always(&self, fault: impl Into<Option<Fault>>) {
        self.server.state().faults.always = fault.into();
    }
}
