//! Processes that are killed at any moment: no entry is ever damaged, nobody waits for them, and what they leave behind
//! goes with the next session that is kept.
#![cfg(unix)]

use crate::support;

use crate::support::devices;

use crate::support::kept;

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use devices::{CODES, devices};
use kept::{OWN, ROLES, assumed, entries, left_behind, newest};
use support::{Home, world};

const KILLS: u32 = 200;

fn start(home: &Home, arguments: &[&str]) -> Child {
    let mut command = home.command(support::rolenv());
    let command = command.args(["assume", "--format", "json"]).args(arguments);
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("rolenv starts")
}

/// Whether it had to be killed.
fn kill_after(mut child: Child, delay: Duration) -> bool {
    std::thread::sleep(delay);
    let runs = child.try_wait().expect("a process").is_none();
    if runs {
        child.kill().expect("a process that runs");
    }
    child.wait().expect("its end");
    runs
}

/// How long such a run takes on this machine now.
fn usual_time(home: &Home, arguments: &[&str]) -> Duration {
    let times = (0..3).map(|_| {
        let begun = Instant::now();
        start(home, arguments).wait().expect("its end");
        begun.elapsed()
    });
    times.max().expect("three times")
}

#[test]
fn no_moment_is_a_bad_one() {
    let sts = world().start();
    let home = Home::new(&sts);
    let usual = usual_time(&home, &["chained", "--refresh"]);
    let (mut killed, mut most) = (0, 0);
    for turn in 0..KILLS {
        // All over the run, in no order.
        let delay = usual.mul_f64(f64::from(turn * 83 % KILLS) / f64::from(KILLS));
        let arguments: &[&str] = if turn % 2 == 0 {
            &["chained", "--refresh"]
        } else {
            for name in entries(&home, ROLES).into_keys() {
                std::fs::remove_file(home.path(ROLES).join(name)).expect("an entry less");
            }
            &["chained"]
        };
        killed += u32::from(kill_after(start(&home, arguments), delay));
        // Reading them fails unless they are whole.
        let whole = entries(&home, ROLES);
        let is_full = |entry: &serde_json::Value| entry["Credentials"]["SessionToken"].is_string();
        assert!(whole.len() <= 2 && whole.values().all(is_full), "{whole:?}");
        most = most.max(left_behind(&home).len());
    }
    assert!(
        killed > KILLS / 4,
        "{killed} of {KILLS} were killed while they ran, within {usual:?}"
    );
    assert!(sts.handed_out().len() > 20, "some came as far as that");
    assert!(most <= 1, "{most} files were left behind at a time");
    assert_at_once(&home, &["chained", "--refresh"]);
    assert_eq!(assumed(&home, &["chained"]), newest(&sts));
    assert!(left_behind(&home).is_empty(), "{:?}", left_behind(&home));
}

#[test]
fn nor_is_it_for_the_session_of_a_device() {
    let mut sts = devices();
    for code in 0..80 {
        sts = sts.mfa_code(support::MFA, &format!("5{code:05}"));
    }
    let sts = sts.start();
    let home = devices::home(&sts);
    let usual = usual_time(&home, &["red", "--mfa-code", CODES[0], "--refresh"]);
    for turn in 0..80 {
        for directory in [OWN, ROLES] {
            for name in entries(&home, directory).into_keys() {
                std::fs::remove_file(home.path(directory).join(name)).expect("an entry less");
            }
        }
        let code = format!("5{turn:05}");
        let delay = usual.mul_f64(f64::from(turn * 33 % 80) / 60.0);
        kill_after(start(&home, &["red", "--mfa-code", &code]), delay);
        assert!(entries(&home, OWN).len() <= 1 && entries(&home, ROLES).len() <= 1);
        // One in each of three directories: roles, devices, codes.
        assert!(left_behind(&home).len() <= 3, "{:?}", left_behind(&home));
    }
    for name in entries(&home, OWN).into_keys() {
        std::fs::remove_file(home.path(OWN).join(name)).expect("an entry less");
    }
    assert_at_once(&home, &["red", "--refresh", "--mfa-code", CODES[1]]);
    assert!(left_behind(&home).is_empty(), "{:?}", left_behind(&home));
    devices::assert_once(&sts);
}

fn assert_at_once(home: &Home, arguments: &[&str]) {
    let begun = Instant::now();
    assumed(home, arguments);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}
