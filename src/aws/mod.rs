//! The only room that talks to AWS: the first credentials, then STS. No type of an AWS crate leaves it.

mod bounded;
mod bundle;
mod client;
mod clock;
mod credentials;
mod denial;
mod failure;
mod identity;
mod sts;
mod transport;

pub use client::Aws;
pub use credentials::{Readiness, readiness, token_to_show};
pub use failure::{About, AwsError};
pub use identity::CallerIdentity;
