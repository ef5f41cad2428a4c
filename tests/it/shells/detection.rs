//! Without `--shell` the statements are for the shell that reads them, whatever SHELL and names of files say.
#![cfg(unix)]

use crate::support;

use crate::support::shells;

use std::os::unix::fs::PermissionsExt;
#[cfg(target_os = "linux")]
use std::process::Stdio;

use shells::with_rolenv;
use support::{Home, Run, tool};

/// What `clear` prints first in each grammar; it is the same for the shells of one grammar.
const POSIX: &str = "unset ROLENV_PROFILE;";
const FISH: &str = "set -eg ROLENV_PROFILE;";
const TCSH: &str = "unsetenv ROLENV_PROFILE;";
const ELVISH: &str = "unset-env ROLENV_PROFILE";
const XONSH: &str = "${...}.pop('ROLENV_PROFILE', None)";
const NUSHELL: &str = "{\"ROLENV_PROFILE\": null";

/// What `clear` prints when it is run by this command line.
fn printed(home: &Home, line: &[&str]) -> Option<String> {
    let program = tool(line[0])?;
    let run = Run::of(home.command(program).args(&line[1..]));
    assert_eq!(run.status, Some(0), "{line:?}: {run:?}");
    Some(run.stdout)
}

/// A home where SHELL is another shell than any of the tests expects.
fn home() -> Home {
    with_rolenv(Home::empty()).set("SHELL", "/usr/bin/powershell")
}

fn expect(home: &Home, line: &[&str], start: &str) {
    if let Some(printed) = printed(home, line) {
        assert!(printed.starts_with(start), "{line:?}: {printed}");
    }
}

/// In a pipe, so that no shell saves itself the process and becomes rolenv.
const CLEAR: &str = "rolenv clear | cat";

#[test]
fn the_shell_that_runs_us_is_found() {
    let home = home();
    for (line, start) in [
        (&["bash", "--norc", "-c", CLEAR][..], POSIX),
        (&["zsh", "-f", "-c", CLEAR], POSIX),
        (&["dash", "-c", CLEAR], POSIX),
        (&["sh", "-c", CLEAR], POSIX),
        (&["ksh93", "-c", CLEAR], POSIX),
        (&["mksh", "-c", CLEAR], POSIX),
        (&["busybox", "sh", "-c", CLEAR], POSIX),
        (&["fish", "--no-config", "-c", CLEAR], FISH),
        (&["tcsh", "-f", "-c", CLEAR], TCSH),
        (&["elvish", "-norc", "-c", CLEAR], ELVISH),
        (&["xonsh", "--no-rc", "-c", CLEAR], XONSH),
        (&["nu", "-n", "--no-std-lib", "-c", CLEAR], NUSHELL),
    ] {
        // busybox is no shell that the tests need; it is here or not.
        if line[0] != "busybox" || std::path::Path::new("/bin/busybox").exists() {
            expect(&home, line, start);
        }
    }
}

#[test]
fn the_nearest_shell_counts() {
    let home = home();
    expect(
        &home,
        &["bash", "-c", "fish --no-config -c 'rolenv clear | cat' | cat"],
        FISH,
    );
    expect(
        &home,
        &["fish", "--no-config", "-c", "zsh -f -c 'rolenv clear | cat' | cat"],
        POSIX,
    );
    expect(
        &home,
        &["zsh", "-f", "-c", "tcsh -f -c 'rolenv clear | cat' | cat"],
        TCSH,
    );
    expect(&home, &["tcsh", "-f", "-c", "sh -c 'rolenv clear | cat' | cat"], POSIX);
    // Programs in between are not shells.
    expect(
        &home,
        &["fish", "--no-config", "-c", "env nice rolenv clear | cat"],
        FISH,
    );
}

#[test]
fn a_failing_statement_is_in_the_language_of_the_reader_too() {
    let home = home();
    expect(
        &home,
        &["elvish", "-norc", "-c", "try { rolenv asume } catch e { nop }"],
        "fail 'rolenv",
    );
    expect(
        &home,
        &["xonsh", "--no-rc", "-c", "rolenv asume | cat"],
        "raise RuntimeError('rolenv",
    );
    expect(&home, &["tcsh", "-f", "-c", "rolenv asume; true"], "false;");
}

#[test]
fn a_script_is_read_by_its_interpreter_whatever_shell_the_person_has() {
    let home = home().set("SHELL", "/usr/bin/fish");
    script(&home, "deploy", "#!/bin/sh\nrolenv clear | cat\n");
    expect(&home, &["env", "./deploy"], POSIX);
    // From fish, which is an ancestor then.
    expect(&home, &["fish", "--no-config", "-c", "./deploy | cat"], POSIX);
    // Whatever the script is called.
    for name in ["fish", "tcsh", "nu"] {
        script(&home, name, "#!/bin/sh\nrolenv clear | cat\n");
        expect(&home, &["env", &format!("./{name}")], POSIX);
    }
    let Some(fish) = tool("fish") else { return };
    script(
        &home,
        "bash",
        format!("#!{} --no-config\nrolenv clear | cat\n", fish.display()),
    );
    expect(&home, &["env", "./bash"], FISH);
    // `env` finds the interpreter.
    script(&home, "by-env", "#!/usr/bin/env fish\nrolenv clear | cat\n");
    expect(&home, &["env", "./by-env"], FISH);
}

fn script(home: &Home, name: &str, text: impl AsRef<[u8]>) {
    let path = home.write(name, text);
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).expect("a program");
}

#[test]
fn login_shells_have_a_dash_in_front() {
    let home = home();
    expect(
        &home,
        &["bash", "-c", "exec -a -bash bash --noprofile -c 'rolenv clear | cat'"],
        POSIX,
    );
    expect(
        &home,
        &["bash", "-c", "exec -a -tcsh tcsh -f -c 'rolenv clear | cat'"],
        TCSH,
    );
    expect(
        &home,
        &["bash", "-c", "exec -a -zsh zsh -f -c 'rolenv clear | cat'"],
        POSIX,
    );
}

/// busybox is every program that it is called as.
#[test]
fn a_busybox_called_sh_is_sh() {
    let busybox = std::path::Path::new("/bin/busybox");
    if !busybox.exists() {
        return;
    }
    let home = home();
    std::os::unix::fs::symlink(busybox, home.path("bin/sh")).expect("a link");
    script(
        &home,
        "deploy",
        format!("#!{}\nrolenv clear | cat\n", home.path("bin/sh").display()),
    );
    expect(&home, &["fish", "--no-config", "-c", "./deploy | cat"], POSIX);
}

#[test]
fn the_option_beats_everything() {
    let home = home().set("ROLENV_SHELL", "tcsh");
    expect(&home, &["zsh", "-f", "-c", "rolenv clear --shell fish | cat"], FISH);
    expect(
        &home,
        &["fish", "--no-config", "-c", "rolenv clear --shell=bash | cat"],
        POSIX,
    );
    expect(
        &home,
        &["fish", "--no-config", "-c", "rolenv clear --format json | cat"],
        NUSHELL,
    );
}

/// The variable is for processes that descend from no shell; where one is found it says nothing.
#[test]
fn a_shell_that_is_found_beats_the_variable() {
    expect(
        &home().set("ROLENV_SHELL", "tcsh"),
        &["fish", "--no-config", "-c", CLEAR],
        FISH,
    );
}

/// A process whose parents are gone belongs to the first one of the system, which in a container may be a shell.
#[test]
#[cfg(target_os = "linux")]
fn without_a_shell_among_the_ancestors_the_variables_decide() {
    let first = std::fs::read_to_string("/proc/1/comm").unwrap_or_default();
    if rolenv::shell::Shell::named(first.trim()).is_some() {
        eprintln!("SKIPPED: the first process of this system is a shell");
        return;
    }
    for (variable, value, start) in [
        ("ROLENV_SHELL", "fish", FISH),
        ("SHELL", "/usr/local/bin/elvish", ELVISH),
        ("SHELL", "/bin/false", POSIX),
    ] {
        let home = home().set("SHELL", "/usr/bin/tcsh").set(variable, value);
        let printed = orphaned(&home);
        assert!(printed.starts_with(start), "{variable}={value}: {printed}");
    }
}

/// What `rolenv clear` prints when every shell that led to it is gone.
#[cfg(target_os = "linux")]
fn orphaned(home: &Home) -> String {
    let lock = std::fs::File::create(home.path("lock")).expect("a file");
    lock.lock().expect("a lock");
    // `setsid` leaves `flock` behind, which waits for the lock: by then it has no parent.
    let mut command = home.command("setsid");
    command
        .args(["--fork", "flock", "lock", "rolenv", "clear"])
        .stdout(Stdio::piped());
    let mut child = command.spawn().expect("setsid");
    assert!(child.wait().expect("setsid").success());
    drop(lock);
    std::io::read_to_string(child.stdout.take().expect("a pipe")).expect("an output")
}
