//! The tests that run the program as a user would, in one binary. A new test goes into the file of its subject; what
//! several files need is in `support`. A fact about config files or the AWS CLI is a case in `tests/cases` instead, and the
//! wording of messages is in `tests/golden`.

#[macro_use]
mod support;

mod assume;
mod cache;
mod clock;
mod concurrency;
mod config_damage;
mod demo;
mod docs;
mod endpoint;
mod environment_values;
mod explain;
mod failures;
mod foreign_programs;
mod messages;
mod mfa;
mod session_options;
mod shells;
mod source_rules;
mod sources;
mod status;
mod syscalls;
mod wait_notes;
mod write_profile;
