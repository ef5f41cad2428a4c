//! Links for a quick start: half of what this program does takes less time than the dynamic loader.

use std::path::Path;
use std::process::Command;

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |name| std::env::var(name).unwrap_or_default();
    if target("CARGO_CFG_TARGET_OS") == "linux" && target("CARGO_CFG_TARGET_ENV") == "gnu" {
        link_unwinder_statically(Path::new(&target("OUT_DIR")))?;
        // Some six thousand addresses to correct at every start, for a place in memory that nobody can guess: of
        // little worth to a program without unsafe code that lives for milliseconds.
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
    Ok(())
}

/// Rust's standard library asks for `-lgcc_s`. A linker script of that name hands it the static half of the same
/// library, so that one shared object less is loaded at every start. Without gcc's library all stays as it was.
fn link_unwinder_statically(directory: &Path) -> std::io::Result<()> {
    let linker = std::env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let asked = Command::new(linker).arg("-print-file-name=libgcc_eh.a").output();
    let library = asked.map(|answer| String::from_utf8_lossy(&answer.stdout).trim().to_owned());
    if library.is_ok_and(|library| Path::new(&library).is_absolute()) {
        std::fs::write(directory.join("libgcc_s.so"), "INPUT(-lgcc_eh)\n")?;
        println!("cargo::rustc-link-search=native={}", directory.display());
    }
    Ok(())
}
