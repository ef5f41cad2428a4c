//! Many processes that want the same session at the same moment: one asks for it, all have it.
#![cfg(unix)]

use crate::support;

use crate::support::devices;

use crate::support::kept;

use crate::support::outcome;

use std::process::{Child, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use fake_sts::{FakeSts, Fault};

use devices::{CODES, COLOURS, assert_once, assert_told, devices, with_process};
use kept::{OWN, ROLES, asked, assert_no_secret, assume, assumed, entries, key, left_behind, newest, only_entry, set};
use outcome::assert_fails;
use support::{Home, KEY, Run, world};

const ASSUME: &str = "AssumeRole";
const OPEN: &str = "GetSessionToken";

const MANY: usize = 40;

/// So long that all processes are there before the first reply.
const SLOW: Fault = Fault::Slow(Duration::from_secs(3));

fn start(home: &Home, arguments: &[&str]) -> Child {
    let mut command = home.command(support::rolenv());
    let command = command.args(["assume", "--format", "json"]).args(arguments);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("rolenv starts")
}

fn finish(children: Vec<Child>) -> Vec<Run> {
    let finish = |child: Child| Run::from(child.wait_with_output().expect("rolenv ends"));
    children.into_iter().map(finish).collect()
}

/// Runs rolenv many times at once, each time with the next of these arguments.
fn at_once(home: &Home, arguments: &[&[&str]]) -> Vec<Run> {
    // One such crowd at a time: on a small machine the last one of two would start when the first is done.
    static CROWD: Mutex<()> = Mutex::new(());
    let _crowd = CROWD.lock().unwrap_or_else(PoisonError::into_inner);
    let arguments = arguments.iter().cycle().take(MANY);
    let runs = finish(arguments.map(|arguments| start(home, arguments)).collect());
    let debris = left_behind(home);
    assert!(debris.is_empty(), "{debris:?}");
    for run in &runs {
        assert!(!run.stderr.contains("session cache"), "{run:?}");
    }
    runs
}

/// Fails unless all runs have this session, and none told a secret.
fn assert_all(runs: &[Run], session: &str, sts: &FakeSts) {
    assert_eq!(runs.len(), MANY);
    for run in runs {
        assert_eq!(key(run), session, "{run:?}");
        assert_eq!(run.stdout, runs[0].stdout);
        assert_no_secret(sts, &[&run.stderr]);
    }
}

#[test]
fn one_request_for_a_role() {
    let sts = world().start();
    sts.always(SLOW);
    let home = Home::new(&sts);
    let runs = at_once(&home, &[&["marketingadmin"]]);
    assert_told(&sts, &[(ASSUME, None)]);
    assert_all(&runs, &newest(&sts), &sts);
    // A person who waits for longer than a moment is told for what.
    let told = runs
        .iter()
        .filter(|run| run.stderr.contains("another rolenv process"))
        .count();
    assert!(told > 0 && told < MANY, "{told} were told");

    // The same for a renewal: what was there before they started is no answer.
    sts.always(Fault::Slow(Duration::from_secs(6)));
    let runs = at_once(&home, &[&["marketingadmin", "--refresh"]]);
    assert_told(&sts, &[(ASSUME, None)]);
    assert_all(&runs, &newest(&sts), &sts);
}

#[test]
fn one_request_for_each_role_of_a_chain() {
    let sts = world().start();
    sts.always(SLOW);
    let home = Home::new(&sts);
    // Some want the hop on the way only.
    let runs = at_once(&home, &[&["chained"], &["chained"], &["marketingadmin"]]);
    assert_told(&sts, &[(ASSUME, None), (ASSUME, None)]);
    let sessions = sts.handed_out();
    for (index, run) in runs.iter().enumerate() {
        let session = &sessions[usize::from(index % 3 != 2)];
        assert_eq!(key(run), session.access_key_id, "{run:?}");
    }
    assert_eq!(entries(&home, ROLES).len(), 2);
}

/// One code, wherever it comes from, for one request, whoever of them sends it.
#[test]
fn one_code_for_a_role() {
    for source in ["flag", "variable", "process"] {
        let sts = devices().start();
        sts.always(Fault::Slow(Duration::from_millis(1500)));
        let mut home = devices::home(&sts);
        let mut arguments = vec!["red"];
        match source {
            "flag" => arguments.extend(["--mfa-code", CODES[0]]),
            "variable" => home = home.set("ROLENV_MFA_CODE", CODES[0]),
            _ => home = with_process(home),
        }
        let runs = at_once(&home, &[&arguments]);
        assert_told(&sts, &[(OPEN, Some(CODES[0])), (ASSUME, None)]);
        assert_all(&runs, &newest(&sts), &sts);
        if source == "process" {
            assert_eq!(std::fs::read_to_string(home.path("asked")).expect("a count"), "x\n");
        }
    }
}

#[test]
fn one_code_for_all_roles_of_a_device() {
    let sts = devices().start();
    sts.always(Fault::Slow(Duration::from_millis(1500)));
    let home = devices::home(&sts).set("ROLENV_MFA_CODE", CODES[0]);
    let arguments = COLOURS.map(|name| [name]);
    let arguments: Vec<&[&str]> = arguments.iter().map(|name| &name[..]).collect();
    let runs = at_once(&home, &arguments);
    assert_eq!((asked(&sts, OPEN), asked(&sts, ASSUME)), (1, COLOURS.len()));
    assert_once(&sts);
    for (index, run) in runs.iter().enumerate() {
        assert_eq!(key(run), key(&runs[index % COLOURS.len()]));
        let role = devices::role(COLOURS[index % COLOURS.len()]);
        assert_eq!(run.variable("ROLENV_ROLE_ARN").as_deref(), Some(role.as_str()));
    }
    assert_eq!(
        (entries(&home, OWN).len(), entries(&home, ROLES).len()),
        (1, COLOURS.len())
    );
}

/// Whoever needs a code of one device waits for those who need another, and for the device to show the next one.
#[test]
fn one_code_at_a_time_whatever_it_is_for() {
    let sts = devices().start();
    sts.always(Fault::Slow(Duration::from_millis(300)));
    let home = devices::with_setting(devices::home(&sts), "mfa_process = cat shown");
    home.write("shown", CODES[0]);
    let children = [
        &["own", "--duration", "2h"][..],
        &["red"],
        &["blue", "--duration", "3h"],
    ];
    let children: Vec<Child> = children.iter().map(|words| start(&home, words)).collect();
    for (index, code) in CODES[1..3].iter().enumerate() {
        kept::wait_until("the shown code is sent", || sts.codes().len() > index);
        home.write("shown", code);
    }
    for run in finish(children) {
        assert_eq!(run.status, Some(0), "{run:?}");
    }
    assert_eq!(sts.codes().len(), 3);
    assert_once(&sts);
}

/// A session that was revoked is thrown away once: the new one, which another process opened, is not.
#[test]
fn one_code_for_all_roles_of_a_device_whose_session_was_revoked() {
    let sts = devices().start();
    let home = devices::home(&sts);
    assumed(&home, &["own", "--mfa-code", CODES[0]]);
    let gone = "ASIAGONEGONEGONEGONE";
    set(&only_entry(&home, OWN), &["Credentials", "AccessKeyId"], gone);
    // Those who learn it last do so when the new one is there.
    for delay in [100, 100, 100, 100, 100, 100, 2000, 2000] {
        sts.next(Fault::Slow(Duration::from_millis(delay)));
    }
    let home = home.set("ROLENV_MFA_CODE", CODES[1]);
    let runs = finish(COLOURS.iter().map(|name| start(&home, &[name])).collect());
    for run in &runs {
        assert_eq!(run.status, Some(0), "{run:?}");
    }
    assert_eq!(asked(&sts, OPEN), 2);
    assert_once(&sts);
}

/// Each role gets a code of its own, one after the other, where MFA sessions are off.
#[test]
fn a_code_for_each_role_where_mfa_sessions_are_off() {
    let sts = devices().forbid_session_token(support::USER).start();
    let home = with_process(devices::home(&sts)).set("ROLENV_MFA_SESSION", "off");
    let runs = finish(COLOURS[..4].iter().map(|name| start(&home, &[name])).collect());
    for run in &runs {
        assert_eq!(run.status, Some(0), "{run:?}");
    }
    assert_eq!((asked(&sts, OPEN), asked(&sts, ASSUME)), (0, 4));
    assert_once(&sts);
}

#[test]
fn a_credential_process_runs_once() {
    let sts = world().start();
    sts.always(SLOW);
    let home = Home::new(&sts);
    let keys = format!(
        r#"{{"Version": 1, "AccessKeyId": "{}", "SecretAccessKey": "{}"}}"#,
        KEY.0, KEY.1
    );
    home.write("keys", format!("echo x >>ran\necho '{keys}'\n"));
    let base = "[profile base]\ncredential_process = sh keys";
    home.write(".aws/config", support::CONFIG.replace("[profile base]", base));
    home.write(".aws/credentials", "");
    let runs = at_once(&home, &[&["marketingadmin"]]);
    assert_told(&sts, &[(ASSUME, None)]);
    assert_all(&runs, &newest(&sts), &sts);
    assert_eq!(std::fs::read_to_string(home.path("ran")).expect("a count"), "x\n");
}

/// Its lock goes with it, and the next one asks.
#[test]
fn who_is_killed_holds_nobody_up() {
    let sts = world().start();
    let home = Home::new(&sts);
    sts.next(Fault::Stall(Duration::from_mins(2)));
    let mut holder = start(&home, &["marketingadmin"]);
    kept::wait_until("a request", || !sts.requests().is_empty());
    let others: Vec<_> = (0..5).map(|_| start(&home, &["marketingadmin"])).collect();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(sts.requests().len(), 1, "the others wait");
    let killed = Instant::now();
    holder.kill().expect("a process that runs");
    holder.wait().expect("its end");
    for run in finish(others) {
        assert_eq!(key(&run), newest(&sts), "{run:?}");
    }
    assert!(killed.elapsed() < Duration::from_secs(10), "{:?}", killed.elapsed());
    assert_eq!(sts.requests().len(), 2);
    assert!(left_behind(&home).is_empty());
}

/// One that fails is no reason for the others to fail: each learns for itself.
#[test]
fn who_fails_lets_the_next_one_try() {
    let sts = devices().start();
    let home = devices::home(&sts);
    sts.next(Fault::Slow(Duration::from_secs(1)));
    let wrong = start(&home, &["red", "--mfa-code", "999999"]);
    kept::wait_until("a request", || !sts.requests().is_empty());
    let right = start(&home, &["red", "--mfa-code", CODES[0]]);
    let runs = finish(vec![wrong, right]);
    assert_eq!(runs[0].status, Some(1), "{:?}", runs[0]);
    assert_eq!(key(&runs[1]), newest(&sts));
    assert_told(&sts, &[(OPEN, Some("999999")), (OPEN, Some(CODES[0])), (ASSUME, None)]);
    assert!(left_behind(&home).is_empty());
}

/// Somebody pressed Ctrl-Z: half a minute later the others go on alone.
#[test]
#[ignore = "waits for half a minute"]
fn who_is_stopped_holds_nobody_up_for_ever() {
    let sts = world().start();
    let home = Home::new(&sts);
    sts.next(Fault::Stall(Duration::from_mins(5)));
    let mut holder = start(&home, &["marketingadmin"]);
    kept::wait_until("a request", || !sts.requests().is_empty());
    let signal = |signal| rustix::process::kill_process(rustix::process::Pid::from_child(&holder), signal);
    signal(rustix::process::Signal::STOP).expect("a process that runs");
    let begun = Instant::now();
    let others = [&["marketingadmin"][..], &["chained"]].map(|arguments| start(&home, arguments));
    let runs = finish(others.into_iter().collect());
    let waited = begun.elapsed();
    assert!(
        waited > Duration::from_secs(25) && waited < Duration::from_secs(50),
        "{waited:?}"
    );
    for run in &runs {
        assert_eq!(run.status, Some(0), "{run:?}");
    }
    // What they got is kept, so that who comes now has not to wait.
    let begun = Instant::now();
    assert_eq!(assume(&home, &["chained"]).stdout, runs[1].stdout);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    holder.kill().expect("a process that is there");
    holder.wait().expect("its end");
    assert_fails(&assume(&home, &["forbidden"]), 1);
}
