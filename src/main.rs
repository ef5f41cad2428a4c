//! The program: the command line in, the exit status out.

#![cfg_attr(all(target_os = "linux", target_env = "gnu", not(test)), no_main)]

#[cfg(all(target_os = "linux", target_env = "gnu", not(test)))]
mod start;

#[cfg(not(all(target_os = "linux", target_env = "gnu", not(test))))]
fn main() -> std::process::ExitCode {
    run().into()
}

fn run() -> u8 {
    let command_line: Vec<_> = std::env::args_os().collect();
    rolenv::run(&command_line)
}
