//! The demo tells the story that the README promises.

use crate::support;
use crate::support::golden;

use support::{Home, Run};

#[test]
fn the_demo_plays_the_whole_story() {
    let home = Home::empty();
    let mut command = home.command(env!("CARGO"));
    command
        .args(["run", "--quiet", "--example", "demo"])
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    // Cargo needs the toolchain that this very test was built with.
    for name in [
        "CARGO_HOME",
        "CARGO_TARGET_DIR",
        "RUSTUP_HOME",
        "RUSTUP_TOOLCHAIN",
        "HOME",
    ] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    let run = Run::of(&mut command);
    assert_eq!(run.status, Some(0), "{run:?}");
    let told: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with("arn:")).collect();
    let me = "arn:aws:iam::111111111111:user/ana";
    let role = "arn:aws:sts::222222222222:assumed-role/marketingadmin/rolenv-ana";
    assert_eq!(told, [me, role, role, me]);
    // Shown once, as a line of the script, and never as what that line prints.
    let deployed = run.stdout.lines().filter(|line| line.contains("DEPLOYED"));
    assert_eq!(
        deployed.collect::<Vec<_>>(),
        ["echo DEPLOYED. This line must never be seen."],
        "{run:?}"
    );
    golden::record(&run);
    golden::record(&run);
    golden::record(&run);
    assert!(!run.stdout.contains('\x1b'), "no colour in a pipe: {run:?}");
}
