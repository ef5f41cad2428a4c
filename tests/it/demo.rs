//! The demo tells the story that the README promises.

use crate::support;
use crate::support::{golden, svg};

use support::{Home, Run};

/// The demo's output, with both streams in one.
fn play() -> Run {
    let home = Home::empty();
    let mut command = home.command("sh");
    command
        .args(["-c", "exec \"$0\" run --quiet --example demo 2>&1", env!("CARGO")])
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
    Run::of(&mut command)
}

#[test]
fn the_demo_plays_the_whole_story() {
    let run = play();
    assert_eq!(run.status, Some(0), "{run:?}");
    golden::record_text(&run.stdout);
    golden::check_file("docs/demo.svg", &picture(&run.stdout));
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
    assert!(!run.stdout.contains('\x1b'), "no colour in a pipe: {run:?}");
}

/// The README's picture: the demo without the part about scripts, which is in the README as text.
fn picture(output: &str) -> String {
    let output = golden::stable(output);
    let output = output.replace("LEFT", "1h").replace("TIME", "2026-11-22T15:04:05Z");
    let sections: Vec<&str> = output.trim().split("\n\n# ").collect();
    let shown = sections
        .iter()
        .filter(|section| !section.starts_with("the same in a script"));
    let text = shown.copied().collect::<Vec<_>>().join("\n\n# ");
    // The last line counts requests.
    let lines: Vec<&str> = text.lines().collect();
    svg::picture(lines[..lines.len() - 2].iter().copied())
}
