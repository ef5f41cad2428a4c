//! The only room that knows the AWS SDK; no type of it leaves.

mod client;
mod failure;
mod sts;

pub use failure::StsError;
pub use sts::Sts;
