//! The program: the command line in, the exit status out.

use std::process::ExitCode;

fn main() -> ExitCode {
    let command_line: Vec<_> = std::env::args_os().collect();
    rolenv::run(&command_line).into()
}
