//! MFA codes and sessions.

mod duration;
mod fallback;
mod jobs;
mod process;
mod prompt;
mod session;
