//! rolenv puts an AWS IAM role into the current shell and removes it again.
//!
//! Data flows one way: the command line and the AWS CLI's files become a [`plan::Plan`], [`session`] turns it into a
//! [`credentials::Session`], [`env`] into changes, and [`shell`] into statements. This is a library for the tests and
//! benches; the program is `main.rs`.

// Nothing may panic on a user; `run` only makes a panic harmless. Only `run` writes to stdout, only `terminal` to
// stderr.
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::todo,
        clippy::print_stdout,
        clippy::print_stderr
    )
)]

pub mod aws;
pub mod cache;
pub mod cli;
pub mod commands;
pub mod config;
pub mod credentials;
pub mod credentials_file;
pub mod digest;
pub mod env;
pub mod error;
pub mod fs;
pub mod mfa;
pub mod output;
pub mod plan;
mod run;
pub mod secret;
pub mod session;
pub mod shell;
mod signals;
pub mod subprocess;
pub mod system_error;
pub mod terminal;
pub mod timestamp;

pub use run::{fail_on_panic, run};
