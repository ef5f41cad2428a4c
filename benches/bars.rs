//! The bars: each time as a ratio to a program that does as little, or the same, side by side in one run.
//!
//!     cargo bench
//!
//! Needs hyperfine and curl. Absolute times say more about the machine than about us, so they only stand beside.

#[path = "../tests/it/support/mod.rs"]
#[allow(dead_code, unused_macros, reason = "the bench needs a part of it")]
mod support;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use fake_sts::{FakeSts, Fault};
use serde_json::Value;
use support::{Home, KEY, ROLE, rolenv, world};

/// One row of the table.
struct Bar {
    what: &'static str,
    measured: String,
    limit: String,
    held: bool,
}

fn main() -> ExitCode {
    build_binary();
    let sts = world().start();
    let home = Home::new(&sts);
    // A copy, as `cargo install` leaves one: the linker's own file lies in the page cache in smaller pieces, which costs
    // a tenth of what `clear` takes.
    let binary = home.path("rolenv");
    std::fs::copy(rolenv(), &binary).expect("a copy of the binary");
    let mut bars = vec![clear(&home, &binary), assume(&home, &binary, &sts), binary_size()];
    bars.extend(cached(&home, &binary, &sts));
    bars.extend(many_profiles(&home, &binary));
    bars.extend(peak_memory(&home, &sts));
    println!("\n{:<52} {:>28} {:>14}", "what", "measured", "bar");
    for bar in &bars {
        let missed = if bar.held { "" } else { "  MISSED" };
        println!("{:<52} {:>28} {:>14}{missed}", bar.what, bar.measured, bar.limit);
    }
    if bars.iter().all(|bar| bar.held) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// What `cargo bench` builds has features in it that only the tests ask for. This is what people install.
fn build_binary() {
    let mut build = Command::new(env!("CARGO"));
    build
        .args(["build", "--quiet", "--release", "--bin", "rolenv"])
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    assert!(
        build.status().expect("cargo").success(),
        "cargo could not build the binary"
    );
}

fn clear(home: &Home, binary: &Path) -> Bar {
    let restore = home
        .rolenv(&["assume", "base", "--format", "json"])
        .variable("ROLENV_RESTORE");
    let home = Home::empty()
        .set("ROLENV_RESTORE", restore.unwrap_or_default())
        .set("ROLENV_PROFILE", "base");
    let clear = format!("{} clear", binary.display());
    ratio("clear, to /bin/true", &home, "/bin/true", &clear, 2000, 1.8)
}

/// The same AssumeRole request, answered by the same server.
fn assume(home: &Home, binary: &Path, sts: &FakeSts) -> Bar {
    let curl = format!(
        "curl --silent --fail --output /dev/null --aws-sigv4 aws:amz:us-west-2:sts --user {}:{} \
         --data Action=AssumeRole&Version=2011-06-15&RoleArn={ROLE}&RoleSessionName=rolenv-ana {}",
        KEY.0,
        KEY.1,
        sts.url()
    );
    let assume = format!("{} assume marketingadmin --no-cache", binary.display());
    ratio(
        "assume, to curl --aws-sigv4 of the same request",
        home,
        &curl,
        &assume,
        300,
        0.4,
    )
}

/// The session that is kept on disk, handed out again. Nothing is asked, however often.
fn cached(home: &Home, binary: &Path, sts: &FakeSts) -> [Bar; 3] {
    const MOST: f64 = 2.2;
    const LONGEST: f64 = 0.003;
    let assume = format!("{} assume marketingadmin", binary.display());
    assert_eq!(home.rolenv(&["assume", "marketingadmin"]).status, Some(0));
    sts.clear_requests();
    let [reference, ours] = medians(home, "/bin/true", &assume, 2000);
    let requests = sts.requests().len();
    [
        Bar {
            what: "assume from the cache, to /bin/true",
            measured: format!(
                "{:.2}x ({:.2} / {:.2} ms)",
                ours / reference,
                ours * 1e3,
                reference * 1e3
            ),
            limit: format!("{MOST}x"),
            held: ours / reference <= MOST,
        },
        Bar {
            what: "assume from the cache",
            measured: format!("{:.2} ms", ours * 1e3),
            limit: "3 ms".to_owned(),
            held: ours <= LONGEST,
        },
        Bar {
            what: "requests for 2,000 times from the cache",
            measured: requests.to_string(),
            limit: "0".to_owned(),
            held: requests == 0,
        },
    ]
}

/// The same `assume` beside ten thousand other profiles, and beside fifty thousand: it takes five times as long.
fn many_profiles(home: &Home, binary: &Path) -> [Bar; 2] {
    const MOST: f64 = 0.030;
    const MOST_TO_FEWER: f64 = 5.5;
    let assume = |number: u32| {
        let config = home.path(&format!("config-{number}"));
        let others = (0..number).map(|index| {
            format!(
                "[profile team-{index}]\nrole_arn = arn:aws:iam::{index:012}:role/OrganizationAccountAccessRole\n\
                 source_profile = base\nregion = eu-west-1\nmfa_serial = arn:aws:iam::111111111111:mfa/ana\n\n"
            )
        });
        let text: String = std::iter::once(support::CONFIG.to_owned()).chain(others).collect();
        std::fs::write(&config, text).expect("a config file");
        format!(
            "env AWS_CONFIG_FILE={} {} assume marketingadmin --no-cache",
            config.display(),
            binary.display()
        )
    };
    let [few, many] = medians(home, &assume(10_000), &assume(50_000), 50);
    let measured = many / few;
    [
        Bar {
            what: "assume, 10,000 profiles",
            measured: format!("{:.1} ms", few * 1e3),
            limit: "30 ms".to_owned(),
            held: few <= MOST,
        },
        Bar {
            what: "assume, 50,000 profiles, to 10,000",
            measured: format!("{measured:.2}x ({:.1} / {:.1} ms)", many * 1e3, few * 1e3),
            limit: format!("{MOST_TO_FEWER}x"),
            held: measured <= MOST_TO_FEWER,
        },
    ]
}

/// Compares the medians of two commands.
fn ratio(what: &'static str, home: &Home, reference: &str, ours: &str, runs: u32, most: f64) -> Bar {
    let [reference, ours] = medians(home, reference, ours, runs);
    let measured = ours / reference;
    Bar {
        what,
        measured: format!("{measured:.2}x ({:.2} / {:.2} ms)", ours * 1e3, reference * 1e3),
        limit: format!("{most}x"),
        held: measured <= most,
    }
}

/// Runs both commands in turns: how long each takes, in seconds.
fn medians(home: &Home, reference: &str, ours: &str, runs: u32) -> [f64; 2] {
    let results = home.path("results.json");
    // Several short rounds: a burst of other work on the machine meets both.
    let rounds = 5;
    let mut medians = [Vec::new(), Vec::new()];
    for _ in 0..rounds {
        // From a shell, as people do it: which one it is has to be found out.
        let mut hyperfine = home.command("sh");
        hyperfine.args(["-c", "hyperfine \"$@\"; exit $?", "sh"]);
        hyperfine
            .args(["--shell=none", "--style=none", "--warmup=10", "--runs"])
            .arg((runs / rounds).to_string());
        hyperfine
            .arg("--export-json")
            .arg(&results)
            .args([reference, ours])
            .stderr(Stdio::inherit());
        let status = hyperfine.status().expect("hyperfine is installed");
        assert!(status.success(), "hyperfine failed");
        let text = std::fs::read_to_string(&results).expect("the results of hyperfine");
        let value: Value = serde_json::from_str(&text).expect("JSON of hyperfine");
        for (index, found) in medians.iter_mut().enumerate() {
            found.push(value["results"][index]["median"].as_f64().expect("a median"));
        }
    }
    medians.map(|mut found| {
        found.sort_by(f64::total_cmp);
        found[found.len() / 2]
    })
}

fn binary_size() -> Bar {
    const MOST: u64 = 8_000_000;
    let size = std::fs::metadata(rolenv()).expect("the binary").len();
    Bar {
        what: "binary, stripped",
        measured: format!("{:.1} MB", f64::from(u32::try_from(size).unwrap_or(u32::MAX)) / 1e6),
        limit: "8 MB".to_owned(),
        held: size <= MOST,
    }
}

/// The high-water mark that Linux keeps, read while the process still waits for STS, then until it ends.
fn peak_memory(home: &Home, sts: &FakeSts) -> Option<Bar> {
    const MOST: u64 = 16 * 1024;
    sts.next(Fault::Slow(Duration::from_millis(300)));
    let mut command: Command = home.command(rolenv());
    command
        .args(["assume", "marketingadmin", "--no-cache"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut process = command.spawn().expect("rolenv starts");
    let status = format!("/proc/{}/status", process.id());
    let mut peak = None;
    while let Ok(None) = process.try_wait() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        peak = peak.max(kilobytes);
    }
    let peak = peak?;
    Some(Bar {
        what: "peak memory of assume",
        measured: format!("{:.1} MiB", f64::from(u32::try_from(peak).unwrap_or(u32::MAX)) / 1024.0),
        limit: "16 MiB".to_owned(),
        held: peak <= MOST,
    })
}
