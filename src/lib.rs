//! rolenv puts an AWS IAM role into the shell a person is in, and takes it out again.
//!
//! Data flows one way: the command line and the AWS CLI's files become a [`plan::Plan`], [`aws`] turns it into a
//! [`session::Session`], [`environment`] turns that into changes, and [`shell`] spells them for whoever reads the
//! output. This is a library so that tests, benches and fuzzers can reach the rooms; the program is `main.rs`.

// A panic would be a failure that nobody planned; `run` only sees to it that it stays harmless. And standard output is
// written once, standard error in one place: `run` and `terminal`.
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
pub mod explain;
pub mod fs;
pub mod mfa;
pub mod output;
pub mod plan;
mod run;
pub mod secret;
pub mod session;
pub mod shell;
mod signals;
pub mod status;
pub mod subprocess;
pub mod system_error;
pub mod terminal;
pub mod timestamp;

pub use run::{fail_on_panic, run};
