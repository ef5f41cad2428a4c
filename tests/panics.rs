//! A panic fails the shell that reads us, like any other failure, and says nothing of what was in memory.
//!
//! A program of its own rather than a test of the usual harness: called with `panic` it is a rolenv with a mistake in
//! it, whose output a real shell evaluates.

#[cfg(unix)]
#[path = "it/support/mod.rs"]
#[allow(dead_code, unused_macros, reason = "this program needs a part of it")]
mod support;

#[cfg(unix)]
use support::shells;

fn main() {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if arguments.first().is_some_and(|word| word == "panic") {
        rolenv::fail_on_panic(rolenv::cli::Reader::of(&arguments));
        panic!("a secret: {}", "hunter2");
    }
    #[cfg(unix)]
    every_shell();
}

#[cfg(unix)]
fn every_shell() {
    use shells::{BASH, DASH, ELVISH, FISH, KSH93, MKSH, NUSHELL, TCSH, XONSH, ZSH};

    for shell in [DASH, BASH, ZSH, KSH93, MKSH, FISH, TCSH, ELVISH, XONSH, NUSHELL] {
        if shell.is_there() {
            nothing_is_deployed(&shell);
            println!("test a_panic_fails in {} ... ok", shell.name);
        }
    }
}

#[cfg(unix)]
fn nothing_is_deployed(shell: &shells::Shell) {
    let home = support::Home::empty();
    let program = std::env::current_exe().expect("this program");
    std::os::unix::fs::symlink(program, home.path("broken")).expect("a link to this program");
    for lines in [
        shell.and_then("./broken panic", "touch deployed"),
        shell.or_stop("./broken panic", "touch deployed"),
    ] {
        let run = shell.run(&home, &[lines]);
        assert!(!shells::exists(&home, "deployed"), "{}: {run:?}", shell.name);
        assert!(run.stderr.contains("internal error at"), "{}: {run:?}", shell.name);
        assert!(!format!("{run:?}").contains("hunter2"), "{}: {run:?}", shell.name);
    }
}
