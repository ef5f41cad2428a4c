//! The only room that talks to AWS: the first credentials, then STS. No type of an AWS crate leaves it.

mod bounded;
mod bundle;
mod client;
mod container;
mod credentials;
mod denial;
mod failure;
mod fetch;
mod instance;
mod json;
mod process;
mod readiness;
mod sso;
mod sts;
mod token;
mod transport;

pub use client::Aws;
pub use failure::AwsError;
pub use readiness::readiness;
