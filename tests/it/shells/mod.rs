//! The statements in the real shells.

mod cmd;
mod detection;
mod failures;
mod powershell;
mod round_trip;
mod signals;
mod terminal;
mod values;
