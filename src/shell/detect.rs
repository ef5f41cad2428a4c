//! Which shell evaluates the output: the nearest ancestor process that is a shell.

use std::path::PathBuf;

use super::Shell;
use crate::env::{Environment, variables};

/// More ancestors than any process has, in case the system reports a cycle.
const MAX_ANCESTORS: usize = 64;

/// The shell to print for, if none is given.
///
/// In order: the nearest ancestor process that is a known shell; `ROLENV_SHELL`; the base name of `SHELL`; `sh`
/// (PowerShell on Windows). Reads the process table, starts nothing.
pub fn shell(environment: &Environment) -> Shell {
    let named = |name: &str| Shell::named(environment.get(name)?.to_str().map(program)?.as_str());
    nearest(&system::System)
        .or_else(|| named(variables::ROLENV_SHELL))
        .or_else(|| named(variables::SHELL))
        .unwrap_or(if cfg!(windows) { Shell::PowerShell } else { Shell::Sh })
}

/// The process table. Read in this order and only as far as needed, because it is read in every run.
trait Processes {
    /// The parent process.
    fn own_parent(&self) -> Option<u32>;

    /// The executable, which a script's name cannot hide. Unknown for another user's process (sudo, su).
    fn executable(&self, pid: u32) -> Option<PathBuf>;

    /// The parent, and the short name of the process.
    fn parent_and_name(&self, pid: u32) -> Option<(u32, String)>;

    /// The command line as arguments.
    fn command_line(&self, pid: u32) -> Vec<String>;
}

fn nearest(processes: &impl Processes) -> Option<Shell> {
    let mut next = processes.own_parent();
    for _ in 0..MAX_ANCESTORS {
        let pid = next?;
        let executable = processes.executable(pid).map(|path| program(&path.to_string_lossy()));
        if let Some(shell) = executable.as_deref().and_then(Shell::named) {
            return Some(shell);
        }
        let (parent, name) = processes.parent_and_name(pid)?;
        if let Some(shell) = run_by(executable.as_deref(), &name, || processes.command_line(pid)) {
            return Some(shell);
        }
        next = Some(parent);
    }
    None
}

/// The shell that another program runs: xonsh is a Python script, and busybox is a shell if it was called as one.
fn run_by(executable: Option<&str>, name: &str, command_line: impl Fn() -> Vec<String>) -> Option<Shell> {
    match executable {
        // `sh`, or `busybox sh`.
        Some("busybox") => command_line()
            .iter()
            .take(2)
            .find_map(|word| Shell::named(&program(word))),
        // `python3 -m xonsh`, `python3 /usr/bin/xonsh`: the first argument that is not an option. The short name is the
        // script's.
        Some("python") => {
            let word = command_line().into_iter().skip(1).find(|word| !word.starts_with('-'));
            let names = [Some(name.to_owned()), word].into_iter().flatten();
            names
                .map(|name| program(&name))
                .find_map(|name| Shell::named(&name).filter(|shell| *shell == Shell::Xonsh))
        }
        // An emulated shell has its own short name.
        Some(emulator) if emulator.starts_with("qemu-") || emulator == "rosetta" => Shell::named(&program(name)),
        Some(_) => None,
        None => Shell::named(&program(name)),
    }
}

/// The bare name of a program, from forms like `-zsh`, `/usr/bin/zsh-5.9`, `ksh93`, `/bin/bash (deleted)` and
/// `pwsh.exe`.
fn program(path: &str) -> String {
    let path = path.to_ascii_lowercase();
    let path = path.strip_suffix(" (deleted)").unwrap_or(&path);
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    // Nix wraps programs, and hides the real one as `.NAME-wrapped`.
    let name = name
        .trim_start_matches(['-', '.'])
        .trim_end_matches("-wrapped")
        .trim_end_matches("-static");
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let version = |character: char| character.is_ascii_digit() || matches!(character, '.' | '-');
    name.trim_end_matches(version).to_owned()
}

#[cfg(target_os = "linux")]
mod system {
    //! `proc(5)`.

    use std::fs::File;
    use std::io::Read as _;
    use std::path::PathBuf;

    use super::Processes;

    pub(super) struct System;

    impl Processes for System {
        fn own_parent(&self) -> Option<u32> {
            Some(std::os::unix::process::parent_id())
        }

        fn executable(&self, pid: u32) -> Option<PathBuf> {
            std::fs::read_link(format!("/proc/{pid}/exe")).ok()
        }

        /// `PID (COMM) STATE PARENT ...`, where COMM may contain spaces and parentheses.
        fn parent_and_name(&self, pid: u32) -> Option<(u32, String)> {
            let line = read(pid, "stat")?;
            let (before, after) = line.rsplit_once(')')?;
            let (_, name) = before.split_once('(')?;
            let parent = after.split_ascii_whitespace().nth(1)?.parse().ok()?;
            Some((parent, name.to_owned()))
        }

        fn command_line(&self, pid: u32) -> Vec<String> {
            let words = read(pid, "cmdline").unwrap_or_default();
            words.split('\0').map(str::to_owned).collect()
        }
    }

    /// The start of the file, in one read.
    fn read(pid: u32, file: &str) -> Option<String> {
        let mut buffer = [0; 1024];
        let length = File::open(format!("/proc/{pid}/{file}")).ok()?.read(&mut buffer).ok()?;
        Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
    }
}

/// Systems without `/proc`. Compiled in the tests on Linux too, and compared with the other one there.
#[cfg(any(test, not(target_os = "linux")))]
mod elsewhere {
    use std::path::PathBuf;

    use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessesToUpdate, UpdateKind};

    use super::Processes;

    pub(super) struct System;

    impl Processes for System {
        fn own_parent(&self) -> Option<u32> {
            self.parent_and_name(std::process::id()).map(|(parent, _)| parent)
        }

        fn executable(&self, pid: u32) -> Option<PathBuf> {
            ask(pid, |process| process.exe().map(PathBuf::from))
        }

        fn parent_and_name(&self, pid: u32) -> Option<(u32, String)> {
            ask(pid, |process| {
                let name = process.name().to_string_lossy().into_owned();
                Some((process.parent()?.as_u32(), name))
            })
        }

        fn command_line(&self, pid: u32) -> Vec<String> {
            let words = |process: &Process| {
                let words = process.cmd().iter();
                Some(words.map(|word| word.to_string_lossy().into_owned()).collect())
            };
            ask(pid, words).unwrap_or_default()
        }
    }

    fn ask<Answer>(pid: u32, question: impl Fn(&Process) -> Option<Answer>) -> Option<Answer> {
        let pid = Pid::from_u32(pid);
        let wanted = ProcessRefreshKind::nothing()
            .with_exe(UpdateKind::Always)
            .with_cmd(UpdateKind::Always)
            .without_tasks();
        let mut system = sysinfo::System::new();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, wanted);
        question(system.process(pid)?)
    }
}

#[cfg(not(target_os = "linux"))]
use elsewhere as system;

#[cfg(test)]
mod tests {
    use super::*;

    /// PID, parent, executable, short name, command line.
    type Row = (u32, u32, &'static str, &'static str, &'static [&'static str]);

    struct Table(Vec<Row>);

    impl Table {
        fn row(&self, pid: u32) -> Option<&Row> {
            self.0.iter().find(|row| row.0 == pid)
        }
    }

    impl Processes for Table {
        fn own_parent(&self) -> Option<u32> {
            self.0.first().map(|row| row.0)
        }

        fn executable(&self, pid: u32) -> Option<PathBuf> {
            self.row(pid).filter(|row| !row.2.is_empty()).map(|row| row.2.into())
        }

        fn parent_and_name(&self, pid: u32) -> Option<(u32, String)> {
            self.row(pid).map(|row| (row.1, row.3.to_owned()))
        }

        fn command_line(&self, pid: u32) -> Vec<String> {
            self.row(pid)
                .map(|row| row.4.iter().map(ToString::to_string).collect())
                .unwrap_or_default()
        }
    }

    #[test]
    fn the_nearest_known_shell_wins() {
        let make = (8, 7, "/usr/bin/make", "make", &[][..]);
        let zsh = (7, 6, "/usr/bin/zsh-5.9", "zsh", &[][..]);
        let bash = (6, 1, "/bin/bash", "bash", &[][..]);
        assert_eq!(nearest(&Table(vec![make, zsh, bash])), Some(Shell::Zsh));
    }

    #[test]
    fn no_shell_and_circles_end() {
        assert_eq!(nearest(&Table(vec![(9, 0, "x", "x", &[])])), None);
        assert_eq!(
            nearest(&Table(vec![(9, 8, "x", "x", &[]), (8, 9, "y", "y", &[])])),
            None
        );
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
            ("/nix/store/x/bin/.xonsh-wrapped", Shell::Xonsh),
        ] {
            assert_eq!(Shell::named(&program(path)), Some(shell), "{path}");
        }
        assert_eq!(Shell::named(&program("/usr/bin/python3.11")), None);
    }

    #[test]
    fn a_script_is_its_interpreter_and_xonsh_is_not_python() {
        const PYTHON: &str = "/usr/bin/python3.11";
        for (executable, name, words, shell) in [
            ("/usr/bin/dash", "fish", &["/bin/sh", "./fish"][..], Some(Shell::Sh)),
            (PYTHON, "xonsh", &["python3", "/usr/bin/xonsh"], Some(Shell::Xonsh)),
            (PYTHON, "python3", &["python3", "-m", "xonsh"], Some(Shell::Xonsh)),
            (PYTHON, "python3", &["python3", "x.py", "zsh"], None),
            ("/bin/busybox", "deploy", &["/bin/sh", "./deploy"], Some(Shell::Sh)),
            (
                "/bin/busybox",
                "busybox",
                &["busybox", "sh", "-c", "x"],
                Some(Shell::Sh),
            ),
            ("/bin/busybox", "busybox", &["busybox", "vi", "sh"], None),
            // A shell of another architecture, run by an emulator.
            ("/usr/bin/qemu-aarch64", "bash", &["bash"], Some(Shell::Bash)),
            // Another user's process: its executable is hidden.
            ("", "bash", &["-bash"], Some(Shell::Bash)),
            ("/usr/bin/make", "make", &["make", "zsh"], None),
            (PYTHON, "nu", &["python3", "./nu"], None),
        ] {
            let row: Row = (1, 0, executable, name, words);
            assert_eq!(nearest(&Table(vec![row])), shell, "{executable} {name}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn both_readers_tell_the_same() {
        let (one, other) = (system::System, elsewhere::System);
        let mut pid = std::process::id();
        let mut seen = 0;
        while let Some((parent, name)) = one.parent_and_name(pid) {
            let program = |path: Option<PathBuf>| path.map(|path| program(&path.to_string_lossy()));
            // The other one hides kernel threads and processes without a parent.
            if let Some(same) = other.parent_and_name(pid) {
                assert_eq!(same, (parent, name));
                assert_eq!(program(one.executable(pid)), program(other.executable(pid)));
                seen += 1;
            }
            pid = parent;
        }
        assert!(seen > 0);
    }
}
