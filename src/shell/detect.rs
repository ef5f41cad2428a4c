//! Which shell will read our output: the nearest ancestor process that is one, as the system tells it.

use std::path::Path;

use super::Shell;
use crate::environment::Environment;

/// More ancestors than any real process has; a system that answers in circles must not hang us.
const MOST_ANCESTORS: usize = 64;

/// The shell for which to print when the person does not say.
///
/// In order: the nearest ancestor process that is a known shell; `ROLENV_SHELL`; the base name of `SHELL`; `sh`
/// (PowerShell on Windows). Reads the process table, starts nothing.
#[must_use]
pub fn shell(environment: &Environment) -> Shell {
    let named = |name: &str| Shell::named(environment.get(name)?.to_str().map(program)?.as_str());
    nearest(std::process::id(), system::process)
        .or_else(|| named("ROLENV_SHELL"))
        .or_else(|| named("SHELL"))
        .unwrap_or(if cfg!(windows) { Shell::PowerShell } else { Shell::Sh })
}

/// What the system tells of a process. The names are in the order in which they are believed.
struct Process {
    parent: u32,
    names: Vec<String>,
}

fn nearest(start: u32, process: impl Fn(u32) -> Option<Process>) -> Option<Shell> {
    let mut current = process(start)?;
    for _ in 0..MOST_ANCESTORS {
        current = process(current.parent)?;
        let shell = current.names.iter().find_map(|name| Shell::named(&program(name)));
        if shell.is_some() {
            return shell;
        }
    }
    None
}

/// The bare name of a program: `-zsh`, `/usr/bin/zsh-5.9`, `ksh93`, `/bin/bash (deleted)` and `pwsh.exe` are what
/// systems call shells.
fn program(path: &str) -> String {
    let path = path.to_ascii_lowercase();
    let path = path.strip_suffix(" (deleted)").unwrap_or(&path);
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = name.trim_start_matches('-');
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let version = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | '-');
    name.trim_end_matches(version).to_owned()
}

/// The names of a process in the order in which they are believed: the executable (a script's `comm` is the
/// script's own name), then that `comm` (which names a shell that an interpreter runs, like xonsh), then what it was
/// called as (`sh` for busybox) and, for an interpreter, the program it was given.
fn names(executable: Option<&Path>, short: &str, arguments: &[String]) -> Vec<String> {
    let executable = executable.map(|path| path.to_string_lossy().into_owned());
    let interpreted = if executable.as_deref().is_some_and(|path| program(path) == "python") {
        arguments.iter().skip(1).find(|argument| !argument.starts_with('-'))
    } else {
        None
    };
    let called = arguments.first();
    executable
        .into_iter()
        .chain([short.to_owned()])
        .chain(called.cloned())
        .chain(interpreted.cloned())
        .collect()
}

#[cfg(target_os = "linux")]
mod system {
    //! `proc(5)`.

    use super::{Process, names};

    pub(super) fn process(pid: u32) -> Option<Process> {
        let line = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
        let line = String::from_utf8_lossy(&line);
        // `PID (COMM) STATE PARENT ...`, where COMM may itself have blanks and parentheses.
        let (before, rest) = line.rsplit_once(')')?;
        let (_, short_name) = before.split_once('(')?;
        let parent = rest.split_ascii_whitespace().nth(1)?.parse().ok()?;
        // Another user's process (sudo, su) does not show its executable.
        let executable = std::fs::read_link(format!("/proc/{pid}/exe")).ok();
        let arguments: Vec<String> = std::fs::read(format!("/proc/{pid}/cmdline"))
            .unwrap_or_default()
            .split(|&byte| byte == 0)
            .take(4)
            .map(|argument| String::from_utf8_lossy(argument).into_owned())
            .collect();
        Some(Process {
            parent,
            names: names(executable.as_deref(), short_name, &arguments),
        })
    }
}

/// Systems without `/proc`. Compiled and compared with the other reader in the tests on Linux.
#[cfg(any(test, not(target_os = "linux")))]
mod elsewhere {
    use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

    use super::{Process, names};

    pub(super) fn process(pid: u32) -> Option<Process> {
        let pid = Pid::from_u32(pid);
        let wanted = ProcessRefreshKind::nothing()
            .with_exe(UpdateKind::Always)
            .with_cmd(UpdateKind::Always)
            .without_tasks();
        let mut system = System::new().ok()?;
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, wanted);
        let process = system.process(pid)?;
        let text = |text: &std::ffi::OsStr| text.to_string_lossy().into_owned();
        let arguments: Vec<String> = process.cmd().iter().map(|word| text(word)).collect();
        Some(Process {
            parent: process.parent()?.as_u32(),
            names: names(process.exe(), &text(process.name()), &arguments),
        })
    }
}

#[cfg(not(target_os = "linux"))]
use elsewhere as system;

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn table(processes: &[(u32, u32, &[&str])]) -> impl Fn(u32) -> Option<Process> {
        let table: HashMap<u32, (u32, Vec<String>)> = processes
            .iter()
            .map(|(pid, parent, names)| (*pid, (*parent, names.iter().map(ToString::to_string).collect())))
            .collect();
        move |pid| {
            table.get(&pid).map(|(parent, names)| Process {
                parent: *parent,
                names: names.clone(),
            })
        }
    }

    #[test]
    fn the_nearest_known_shell_wins() {
        let processes = table(&[
            (9, 8, &["/opt/rolenv"]),
            (8, 7, &["/usr/bin/make"]),
            (7, 6, &["/usr/bin/zsh-5.9"]),
            (6, 1, &["/bin/bash"]),
        ]);
        assert_eq!(nearest(9, processes), Some(Shell::Zsh));
    }

    #[test]
    fn our_own_name_does_not_count() {
        let processes = table(&[(9, 6, &["/tmp/fish"]), (6, 1, &["/bin/bash"])]);
        assert_eq!(nearest(9, processes), Some(Shell::Bash));
    }

    #[test]
    fn no_shell_and_circles_end() {
        assert_eq!(nearest(9, table(&[(9, 0, &["x"])])), None);
        assert_eq!(nearest(9, table(&[(9, 8, &["x"]), (8, 9, &["y"])])), None);
    }

    #[test]
    fn programs_are_known_by_many_names() {
        for (path, shell) in [
            ("-zsh", Shell::Zsh),
            ("/usr/bin/zsh-5.9", Shell::Zsh),
            ("/usr/bin/ksh93", Shell::Ksh),
            ("/usr/bin/bash (deleted)", Shell::Bash),
            (r"C:\Program Files\PowerShell\7\pwsh.exe", Shell::PowerShell),
            ("CMD.EXE", Shell::Cmd),
            ("/usr/bin/dash", Shell::Sh),
            ("nu", Shell::Nushell),
        ] {
            assert_eq!(Shell::named(&program(path)), Some(shell), "{path}");
        }
        assert_eq!(Shell::named(&program("/usr/bin/python3.11")), None);
    }

    #[test]
    fn a_script_is_its_interpreter_and_xonsh_is_not_python() {
        let find = |exe: &str, comm: &str, arguments: &[&str]| {
            let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            let names = names(Some(Path::new(exe)), comm, &arguments);
            names.iter().find_map(|name| Shell::named(&program(name)))
        };
        assert_eq!(find("/usr/bin/dash", "fish", &["/bin/sh", "./fish"]), Some(Shell::Sh));
        assert_eq!(
            find("/usr/bin/python3.11", "xonsh", &["python3", "/usr/bin/xonsh"]),
            Some(Shell::Xonsh)
        );
        assert_eq!(
            find("/usr/bin/python3.11", "python3", &["python3", "-m", "xonsh"]),
            Some(Shell::Xonsh)
        );
        assert_eq!(
            find("/bin/busybox", "deploy", &["/bin/sh", "./deploy"]),
            Some(Shell::Sh)
        );
        assert_eq!(find("/usr/bin/python3.11", "python3", &["python3", "x.py"]), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn both_readers_tell_the_same() {
        let mut pid = std::process::id();
        let mut seen = 0;
        while let Some(one) = system::process(pid) {
            if let Some(other) = elsewhere::process(pid) {
                assert_eq!(one.parent, other.parent);
                assert_eq!(program(&one.names[0]), program(&other.names[0]));
                seen += 1;
            }
            pid = one.parent;
        }
        assert!(seen > 0);
    }
}
