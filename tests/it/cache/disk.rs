//! Disks that do not take a session, and files that are not this person's: that costs a note, not the credentials.
#![cfg(unix)]

use crate::support;
use crate::support::golden;

use crate::support::plain_user;

use crate::support::devices;

use crate::support::kept;

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use fake_sts::FakeSts;

use kept::{OWN, ROLES, assert_no_secret, assume, assumed, entries, key, newest, only_entry, read};
use plain_user::{NOBODY, give, is_root};
use support::{Home, Run, world};

const NOTE: &str = "rolenv: could not update the session cache: ";

/// Runs `assume` as somebody whom permissions hold back.
fn as_plain_user(home: &Home, arguments: &[&str]) -> Run {
    plain_user::run(home, &[&["assume", "--format", "json"], arguments].concat())
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("other permissions");
}

/// Fails unless the run printed a new session and one note, which names `place`.
fn assert_noted(run: &Run, sts: &FakeSts, place: &Path) {
    assert_eq!(key(run), newest(sts), "{run:?}");
    let notes: Vec<_> = run.stderr.lines().filter(|line| line.starts_with(NOTE)).collect();
    assert_eq!(notes.len(), 1, "{run:?}");
    // The name alone: the home is written as `~`.
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    assert!(notes[0].contains(&*name), "{run:?}");
    assert!(!notes[0].contains("os error"), "{run:?}");
    assert_no_secret(sts, &[&run.stderr]);
}

#[test]
fn a_file_that_may_not_be_read_is_replaced() {
    let sts = world().start();
    let home = Home::new(&sts);
    give(&home);
    assert_eq!(as_plain_user(&home, &["marketingadmin"]).status, Some(0));
    let entry = only_entry(&home, ROLES);
    set_mode(&entry, 0o000);
    for _ in 0..2 {
        let run = as_plain_user(&home, &["marketingadmin"]);
        assert_eq!(key(&run), newest(&sts), "{run:?}");
        assert!(!run.stderr.contains("session cache"), "{run:?}");
    }
    assert_eq!(sts.requests().len(), 2);
    kept::assert_private(&home, ROLES);
}

#[test]
fn directories_that_may_not_be_written_cost_a_note() {
    for (made, closed) in [
        (".aws", ".aws"),
        (".aws/cli", ".aws/cli"),
        (ROLES, ROLES),
        (ROLES, ".aws/cli"),
    ] {
        let sts = world().start();
        let home = Home::new(&sts);
        fs::create_dir_all(home.path(made)).expect("a directory");
        give(&home);
        // With 0000 the person cannot even look into it.
        for mode in [0o500, 0o000] {
            if closed == ".aws" && mode == 0 {
                continue;
            }
            set_mode(&home.path(closed), mode);
            let run = as_plain_user(&home, &["chained"]);
            if (made, closed, mode) == (ROLES, ".aws/cli", 0o500) {
                assert_eq!(run.stderr.lines().count(), 1, "what is there may be written: {run:?}");
            } else {
                assert_noted(&run, &sts, &home.path(ROLES));
            }
            set_mode(&home.path(closed), 0o700);
        }
    }
}

#[test]
fn files_in_the_place_of_directories_cost_a_note() {
    let sts = world().start();
    for place in [".aws/cli", ROLES] {
        let home = Home::new(&sts);
        fs::create_dir_all(home.path(place).parent().expect("a directory")).expect("a directory");
        home.write(place, "theirs");
        assert_noted(&assume(&home, &["marketingadmin"]), &sts, &home.path(ROLES));
        assert_noted(&assume(&home, &["chained"]), &sts, &home.path(ROLES));
        assert_eq!(fs::read(home.path(place)).expect("a file"), b"theirs");
    }
    // Nor is there a place for locks and MFA sessions.
    let home = Home::new(&sts);
    home.write(OWN, "theirs");
    let run = assume(&home, &["marketingadmin"]);
    assert_eq!(run.stderr, "", "{run:?}");
    assert_eq!(assumed(&home, &["marketingadmin"]), key(&run));
    let run = assume(&home, &["secured", "--mfa-code", "123456"]);
    assert_noted(&run, &sts, &home.path(OWN));
}

#[test]
fn a_file_of_another_user_is_replaced() {
    if !is_root() {
        eprintln!("SKIPPED: only root can give a file away");
        return;
    }
    let sts = world().start();
    let home = Home::new(&sts);
    let first = assumed(&home, &["marketingadmin"]);
    let entry = only_entry(&home, ROLES);
    chown(&entry, Some(NOBODY), None).expect("a file to give");
    let second = assumed(&home, &["marketingadmin"]);
    assert_ne!(first, second);
    assert_eq!(fs::metadata(&entry).expect("an entry").uid(), 0);
    assert_eq!(assumed(&home, &["marketingadmin"]), second);
}

/// Whoever owns the directory can put other files into it.
#[test]
fn nothing_is_put_into_a_directory_of_another_user() {
    let sts = world().start();
    let home = Home::new(&sts);
    fs::create_dir_all(home.path(ROLES)).expect("a directory");
    give(&home);
    if !is_root() {
        eprintln!("SKIPPED: only root can give a directory away");
        return;
    }
    chown(home.path(ROLES), Some(1), None).expect("a directory of another user");
    set_mode(&home.path(ROLES), 0o777);
    let run = as_plain_user(&home, &["marketingadmin"]);
    assert_noted(&run, &sts, &home.path(ROLES));
    golden::record(&run);
    assert!(entries(&home, ROLES).is_empty());
}

/// Root with the home of a person, as `sudo -E` has it: directories of root would be closed to that person's AWS CLI.
#[test]
fn root_makes_nothing_in_the_home_of_a_person() {
    if !is_root() {
        eprintln!("SKIPPED: only root can give a home away");
        return;
    }
    let sts = world().start();
    let home = Home::new(&sts);
    give(&home);
    let before = kept::everything(&home);
    let run = assume(&home, &["marketingadmin"]);
    assert_noted(&run, &sts, &home.path(ROLES));
    golden::record(&run);
    assert_noted(
        &assume(&home, &["secured", "--mfa-code", "123456"]),
        &sts,
        &home.path(OWN),
    );
    assert_eq!(kept::everything(&home), before);
}

/// A home that root made and others may use, as a container has it.
#[test]
fn a_home_of_root_is_nobody_s() {
    let sts = world().start();
    let home = Home::new(&sts);
    fs::remove_dir_all(home.path(".aws")).expect("no files");
    if !is_root() {
        eprintln!("SKIPPED: only root has a directory of root");
        return;
    }
    set_mode(&home.path(""), 0o1777);
    let home = home
        .set("AWS_ACCESS_KEY_ID", support::KEY.0)
        .set("AWS_SECRET_ACCESS_KEY", support::KEY.1);
    let run = as_plain_user(&home, &[support::ROLE]);
    assert!(!run.stderr.contains("session cache"), "{run:?}");
    assert_eq!(fs::metadata(only_entry(&home, ROLES)).expect("an entry").uid(), NOBODY);
}

/// The system ends programs that write to a file past their limit, unless they see to it.
#[test]
fn a_limit_on_files_costs_a_note() {
    let sts = world().start();
    let home = Home::new(&sts);
    let mut command = home.command("sh");
    command
        .arg("-c")
        .arg("ulimit -f 0 && exec \"$0\" assume marketingadmin --format json");
    let run = Run::of(command.arg(support::rolenv()));
    assert_noted(&run, &sts, &home.path(ROLES));
    assert!(entries(&home, ROLES).is_empty());
    assert_eq!(kept::left_behind(&home), Vec::<PathBuf>::new());
}

#[test]
fn a_full_disk_costs_a_note_and_an_old_entry_stays() {
    let sts = world().start();
    let home = Home::new(&sts);
    fs::create_dir_all(home.path(ROLES)).expect("a directory");
    let Some(disk) = Disk::mount(&home.path(ROLES), "size=16k,mode=0700") else {
        return;
    };
    let first = assumed(&home, &["marketingadmin"]);
    let entry = only_entry(&home, ROLES);
    let filler = home.path(ROLES).join("filler");
    let _ = fs::write(&filler, vec![0; 1 << 16]);
    let run = assume(&home, &["marketingadmin", "--refresh"]);
    assert_noted(&run, &sts, &entry);
    assert_eq!(read(&entry)["Credentials"]["AccessKeyId"], first.as_str());
    assert_eq!(kept::left_behind(&home), Vec::<PathBuf>::new());
    assert_eq!(assumed(&home, &["marketingadmin"]), first);
    fs::remove_file(filler).expect("a file less");
    let run = assume(&home, &["marketingadmin", "--refresh"]);
    assert_eq!(run.stderr, "", "{run:?}");
    assert_eq!(read(&entry)["Credentials"]["AccessKeyId"], newest(&sts));
    drop(disk);
}

#[test]
fn a_disk_that_is_read_only_costs_a_note() {
    let sts = world().start();
    let home = Home::new(&sts);
    fs::create_dir_all(home.path(".aws/cli")).expect("a directory");
    let Some(_disk) = Disk::mount(&home.path(".aws/cli"), "ro") else {
        return;
    };
    let run = assume(&home, &["chained"]);
    assert_noted(&run, &sts, &home.path(ROLES));
    golden::record(&run);
}

/// A disk in memory, gone with the value.
struct Disk(PathBuf);

impl Disk {
    /// `None`, said loudly, where nobody may mount one.
    fn mount(place: &Path, options: &str) -> Option<Self> {
        let mut command = Command::new("mount");
        let command = command.args(["-t", "tmpfs", "-o", options, "none"]).arg(place);
        let mounted = cfg!(target_os = "linux") && command.output().is_ok_and(|output| output.status.success());
        if !mounted {
            eprintln!("SKIPPED: no disk can be mounted here");
        }
        mounted.then(|| Self(place.to_owned()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// What cannot be thrown away is no reason to ask with it for ever.
#[test]
fn an_mfa_session_that_was_revoked_and_cannot_be_removed_is_used_once() {
    let sts = devices::devices().start();
    let home = devices::home(&sts);
    assumed(&home, &["red", "--mfa-code", devices::CODES[0]]);
    kept::set(
        &only_entry(&home, OWN),
        &["Credentials", "AccessKeyId"],
        "ASIAGONEGONEGONEGONE",
    );
    give(&home);
    let mode = |mode| fs::set_permissions(home.path(OWN), fs::Permissions::from_mode(mode)).expect("a mode");
    mode(0o500);
    sts.clear_requests();
    let run = as_plain_user(&home, &["blue", "--mfa-code", devices::CODES[1]]);
    mode(0o700);
    assert_eq!(run.status, Some(0), "{run:?}");
    let again = Some(devices::CODES[1]);
    let expected = [("AssumeRole", None), ("GetSessionToken", again), ("AssumeRole", None)];
    devices::assert_told(&sts, &expected);
}
