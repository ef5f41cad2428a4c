//! Runs of a user whom permissions bind: root, who runs tests in containers, is not.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::lchown;
use std::os::unix::process::CommandExt as _;
use std::path::Path;

use crate::support::{Home, Run, rolenv};

/// Nobody in particular.
pub const NOBODY: u32 = 65_534;

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Gives everything in the home to that user, if root has it.
pub fn give(home: &Home) {
    if is_root() {
        give_all(&home.path(""));
    }
}

fn give_all(path: &Path) {
    lchown(path, Some(NOBODY), Some(NOBODY)).expect("a new owner");
    if path.is_dir() && !path.is_symlink() {
        for entry in fs::read_dir(path).expect("a directory") {
            give_all(&entry.expect("an entry").path());
        }
    }
}

/// Runs rolenv as that user, who may have to be given the home before.
pub fn run(home: &Home, arguments: &[&str]) -> Run {
    // The one that was built may lie where others cannot go.
    let binary = home.path("rolenv");
    if !binary.exists() {
        fs::copy(rolenv(), &binary).expect("a copy that others can reach");
    }
    let mut command = home.command(&binary);
    command.args(arguments);
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    loop {
        match command.output() {
            // A program that starts in another thread has the copy open, for a moment.
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {}
            output => return Run::from(output.expect("a run")),
        }
    }
}
