//! Fakes of what the AWS credentials of a command line come from, on the loopback interface, for
//! tests. Each remembers every request, and fails on command.
//!
//! | | stands for |
//! | --- | --- |
//! | [`FakeSts`] | STS: checks who signed, and applies the rules of the real service |
//! | [`FakeImds`] | the metadata service of an EC2 instance |
//! | [`FakeContainer`] | the credentials endpoint of ECS and EKS |
//! | [`FakePortal`] | IAM Identity Center: the portal and its OIDC service |
//! | [`FakeProxy`] | an HTTP proxy on the way to any of them |
//!
//! ```
//! use fake_sts::{FakeImds, FakeSts, Keys, Role};
//!
//! let ana = "arn:aws:iam::111111111111:user/ana";
//! let sts = FakeSts::builder()
//!     .user("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ana)
//!     .role(Role::new("arn:aws:iam::222222222222:role/marketingadmin").trusts(ana))
//!     .start();
//! assert!(sts.url().starts_with("http://127.0.0.1:"));
//! assert!(sts.requests().is_empty());
//!
//! let imds = FakeImds::builder().role("app", Keys::new("ASIAIOSFODNN7EXAMPLE", "secret", "token")).start();
//! assert_ne!(imds.port(), sts.port());
//! ```

mod container;
mod delivery;
mod fake;
mod fault;
mod http;
mod imds;
mod keys;
mod names;
mod portal;
mod proxy;
mod refusal;
mod relay;
mod server;
mod service;
mod sts;
mod tls;

pub use container::{Container, FakeContainer};
pub use fake::Fake;
pub use fault::Fault;
pub use http::HttpRequest;
pub use imds::{FakeImds, Imds};
pub use keys::Keys;
pub use portal::{FakePortal, Portal};
pub use proxy::{FakeProxy, Proxy};
pub use sts::{Builder, FakeSts, HandedOut, Request, Role, Signer, Sts};
