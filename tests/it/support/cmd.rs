//! cmd.exe, as wine has it.

// A module of a test program.

use crate::support::shells::{Variables, variables};
use crate::support::{Home, tool};

/// cmd.exe: runs the lines of a batch file with these variables and returns what it exports then. `None`, said
/// loudly, when there is no wine.
pub fn run(home: &Home, environment: &Variables, lines: &[&str]) -> Option<Variables> {
    let program = tool("wine-cmd")?;
    // wine starts a Linux program if its name ends as one of Windows. It does not wait for it, so it comes last.
    let env = home.path("nenv.exe");
    if !env.exists() {
        std::os::unix::fs::symlink(tool("env")?, env).expect("a link to `env`");
    }
    home.write(
        "script.bat",
        format!("@echo off\r\n{}\r\nnenv.exe -0\r\n", lines.join("\r\n")),
    );
    let mut command = home.command(program);
    let output = command.envs(environment).args(["/c", "script.bat"]).output();
    Some(variables(&output.expect("wine runs").stdout))
}
