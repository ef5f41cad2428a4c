//! Where the first credentials come from.

mod container;
mod instance;
mod process;
mod sso;
mod web_identity;
