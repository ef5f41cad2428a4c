//! The real shells: how a script of each evaluates what a command prints, exactly as people do it there, and how it
//! shows its exported environment.

mod table;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;
use std::process::Command;

use rolenv::shell::{Dialect, Shell as Language};

use crate::support::{Home, Run, rolenv, tool};

#[allow(
    unused_imports,
    reason = "programs that need a part of the tests' helpers name no shell"
)]
pub use table::*;

/// An environment as a child process of a shell sees it.
pub type Variables = BTreeMap<OsString, OsString>;

/// One way to start a shell without any file of the person or the system that would configure it.
#[derive(Debug)]
pub struct Shell {
    /// What messages call it.
    pub name: &'static str,
    pub language: Language,
    program: &'static str,
    options: &'static [&'static str],
    /// The first line of every script.
    setup: &'static str,
    /// The line that evaluates what the command `{}` prints.
    evaluate: &'static str,
    /// The same, with `{then}` where a person puts what needs the new environment.
    and_then: &'static str,
    /// Lines that end the script, before `{then}`, if the command `{}` prints a failing statement.
    or_stop: &'static str,
}

impl Shell {
    pub fn dialect(&self) -> Dialect {
        Dialect::Shell(self.language)
    }

    /// Whether it is here; said loudly when not.
    pub fn is_there(&self) -> bool {
        tool(self.program).is_some_and(|program| self.language != Language::Xonsh || is_sound_xonsh(&program))
    }

    /// The line that evaluates what `command` prints.
    pub fn evaluate(&self, command: &str) -> String {
        self.evaluate.replace("{}", command)
    }

    /// The same, doing `then` only if what was evaluated succeeds.
    pub fn and_then(&self, command: &str, then: &str) -> String {
        self.and_then.replace("{}", command).replace("{then}", then)
    }

    /// Lines that never come to `then` if what `command` prints fails.
    pub fn or_stop(&self, command: &str, then: &str) -> String {
        self.or_stop.replace("{}", command).replace("{then}", then)
    }

    /// The line that writes the exported environment to a file.
    pub fn show(&self, file: &str) -> String {
        let into = if self.language == Language::Nushell {
            "out>"
        } else {
            ">"
        };
        format!("env -0 {into} {file}")
    }

    /// The line with which a script that is there as the file `script` is run.
    pub fn line(&self) -> String {
        let program = tool(self.program).expect("a shell that is there");
        format!("exec {} {} script", program.display(), self.options.join(" "))
    }

    /// Runs a script in `home`.
    pub fn run(&self, home: &Home, lines: &[String]) -> Run {
        Run::of(&mut self.command(home, lines))
    }

    /// Writes the file `script`.
    pub fn write(&self, home: &Home, lines: &[String]) {
        home.write("script", format!("{}\n{}\n", self.setup, lines.join("\n")));
    }

    /// The command that runs a script in `home`.
    pub fn command(&self, home: &Home, lines: &[String]) -> Command {
        self.write(home, lines);
        let program = tool(self.program).expect("a shell that is there");
        let mut command = home.command(program);
        command.args(self.options).arg("script");
        command
    }
}

/// Runs `$check` in each of these shells, as one test each, named after the first word.
macro_rules! in_every_shell {
    // One entry a shell.
    ($sentence:ident: $check:path) => {
        in_every_shell!($sentence: $check =>
            in_bash BASH,
            in_zsh ZSH,
            in_dash DASH,
            in_ksh93 KSH93,
            in_mksh MKSH,
            in_fish FISH,
            in_tcsh TCSH,
            in_elvish ELVISH,
            in_xonsh XONSH,
            in_nushell NUSHELL,
        );
    };
    // These shells, or these forms of them.
    ($sentence:ident: $check:path => $($name:ident $shell:ident),+ $(,)?) => {
        mod $sentence {
            $(
                #[test]
                fn $name() {
                    let shell = $crate::support::shells::$shell;
                    if shell.is_there() {
                        $check(&shell);
                    }
                }
            )+
        }
    };
}

/// xonsh 0.13, which Debian 12 has, loses the output of `$(...)` now and then, of any program: nothing can be told
/// from what it evaluates.
fn is_sound_xonsh(program: &Path) -> bool {
    let output = Command::new(program).arg("--version").output().expect("a version");
    let is_sound = !String::from_utf8_lossy(&output.stdout).starts_with("xonsh/0.13");
    if !is_sound {
        let wanted = std::env::var_os("ROLENV_TEST_SHELLS").is_some_and(|wanted| wanted == "all");
        assert!(!wanted, "this xonsh loses output; `tests/run` installs another");
        eprintln!("SKIPPED: this xonsh loses output; `tests/run` installs another");
    }
    is_sound
}

/// `home` with the binary under test on PATH, so that scripts read as people's do.
pub fn with_rolenv(home: Home) -> Home {
    let directory = home.path("bin");
    std::fs::create_dir(&directory).expect("a directory for the program");
    std::os::unix::fs::symlink(rolenv(), directory.join("rolenv")).expect("a link to the program");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([directory].into_iter().chain(std::env::split_paths(&path)));
    home.set("PATH", path.expect("a PATH"))
}

/// The environment that a shell wrote to a file with [`Shell::show`].
pub fn shown(home: &Home, file: &str) -> Variables {
    let bytes = std::fs::read(home.path(file)).unwrap_or_else(|error| panic!("`{file}` was not written: {error}"));
    variables(&bytes)
}

/// What `env -0` printed.
pub fn variables(bytes: &[u8]) -> Variables {
    let variable = |line: &[u8]| {
        let end = line.iter().position(|&byte| byte == b'=')?;
        let text = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        Some((text(&line[..end]), text(&line[end + 1..])))
    };
    bytes.split(|&byte| byte == 0).filter_map(variable).collect()
}

/// A command that runs `line` on a terminal of its own. `None`, said loudly, when there is no `script`.
pub fn on_terminal(home: &Home, line: &str) -> Option<Command> {
    let mut command = home.command(tool("script")?);
    if cfg!(target_os = "linux") {
        command.args(["-q", "-e", "-c", line, "/dev/null"]);
    } else {
        command.args(["-q", "/dev/null", "sh", "-c", line]);
    }
    Some(command)
}

/// Whether a script left this file in its home.
pub fn exists(home: &Home, file: &str) -> bool {
    Path::exists(&home.path(file))
}

/// The variables that AWS tools and rolenv look at.
pub fn aws(variables: Variables) -> Variables {
    let ours = |name: &OsStr| {
        let name = name.to_str().unwrap_or_default();
        name.starts_with("AWS_") || name.starts_with("ROLENV_")
    };
    variables.into_iter().filter(|(name, _)| ours(name)).collect()
}

/// Asserts what the AWS variables are once a role was assumed.
pub fn in_the_role(variables: &Variables, profile: &str, role: &str) {
    let get = |name: &str| {
        let value = variables.get(OsStr::new(name));
        value.and_then(|value| value.to_str()).unwrap_or_default()
    };
    assert!(get("AWS_ACCESS_KEY_ID").starts_with("ASIA"));
    assert_eq!(get("AWS_SECRET_ACCESS_KEY").len(), 40);
    assert!(get("AWS_SESSION_TOKEN").len() > 100);
    assert!(get("AWS_CREDENTIAL_EXPIRATION").ends_with('Z'));
    assert_eq!(get("ROLENV_PROFILE"), profile);
    assert_eq!(get("ROLENV_ROLE_ARN"), role);
    assert_eq!(Some(get("AWS_ACCOUNT_ID")), role.split(':').nth(4));
    // They would lead another tool to another identity.
    for name in [
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_SECURITY_TOKEN",
        "AWS_SESSION_EXPIRATION",
    ] {
        assert_eq!(variables.get(OsStr::new(name)), None, "{name}");
    }
}
