//! The program: the command line in, the exit status out.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod pow;

fn main() -> std::process::ExitCode {
    let command_line: Vec<_> = std::env::args_os().collect();
    rolenv::run(&command_line).into()
}
