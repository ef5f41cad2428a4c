//! The only module that talks to AWS: credential sources and STS. Exposes no type of an AWS crate.

mod ca_bundle;
mod client;
mod clock;
mod credentials;
mod error;
mod identity;
mod limited_body;
mod sts;
mod sts_error;
mod transport;

pub use client::Aws;
pub use credentials::{Readiness, readiness, source_token};
pub use error::{AwsError, RefusalKind};
pub use identity::CallerIdentity;
