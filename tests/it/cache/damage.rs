//! What may stand where a session is kept: whatever it is, the role is assumed, and the entry is whole afterwards.

use crate::support;

use crate::support::kept;

use std::fs::{self, File};
use std::path::PathBuf;

use fake_sts::FakeSts;
use serde_json::{Value, json};

use kept::{ROLES, asked, assert_no_secret, assume, key, left_behind, newest, only_entry, read, remove, set};
use support::{Home, Run, world};

/// A home with one entry, and where that is.
struct Damaged {
    sts: FakeSts,
    home: Home,
    entry: PathBuf,
}

impl Damaged {
    fn new() -> Self {
        let sts = world().start();
        let home = Home::new(&sts);
        assume(&home, &["marketingadmin"]);
        let entry = only_entry(&home, ROLES);
        Self { sts, home, entry }
    }

    /// Fails unless the damage is mended by one more request.
    fn assert_mended(&self, what: &str) {
        let before = asked(&self.sts, "AssumeRole");
        let run = assume(&self.home, &["marketingadmin"]);
        self.assert_good(&run, what);
        assert_eq!(asked(&self.sts, "AssumeRole"), before + 1, "{what}");
        assert!(!run.stderr.contains("session cache"), "{what}: {run:?}");
        self.assert_whole(what);
        assert_eq!(
            key(&assume(&self.home, &["marketingadmin"])),
            newest(&self.sts),
            "{what}"
        );
        assert_eq!(asked(&self.sts, "AssumeRole"), before + 1, "{what}");
    }

    /// Fails unless the run printed the session that was handed out last, and next to nothing else.
    fn assert_good(&self, run: &Run, what: &str) {
        assert_eq!((run.status, key(run)), (Some(0), newest(&self.sts)), "{what}: {run:?}");
        let notes = run.stderr.lines().filter(|line| line.contains("session cache")).count();
        assert!(notes <= 1 && run.stderr.lines().count() <= notes + 1, "{what}: {run:?}");
        assert_no_secret(&self.sts, &[&run.stderr]);
    }

    fn assert_whole(&self, what: &str) {
        let entry = read(&self.entry);
        assert_eq!(entry["Credentials"]["AccessKeyId"], newest(&self.sts), "{what}");
        let found = fs::symlink_metadata(&self.entry).expect("an entry");
        assert!(found.is_file(), "{what}");
        #[cfg(unix)]
        kept::assert_private(&self.home, ROLES);
        assert_eq!(left_behind(&self.home), Vec::<PathBuf>::new(), "{what}");
    }
}

#[test]
fn an_entry_cut_anywhere_is_mended() {
    let damaged = Damaged::new();
    let whole = fs::read(&damaged.entry).expect("an entry");
    for cut in (0..whole.len()).step_by(29).chain([whole.len() - 1]) {
        fs::write(&damaged.entry, &whole[..cut]).expect("a cut entry");
        damaged.assert_mended(&format!("cut after {cut} bytes"));
    }
}

#[test]
fn an_entry_of_other_bytes_is_mended() {
    let damaged = Damaged::new();
    let text = fs::read_to_string(&damaged.entry).expect("an entry");
    let utf16 = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    for (what, bytes) in [
        ("an array", b"[]".to_vec()),
        ("an array of it", format!("[{text}]").into_bytes()),
        ("a number", b"1".to_vec()),
        ("a string", b"\"x\"".to_vec()),
        ("nothing", b"null".to_vec()),
        ("an empty object", b"{}".to_vec()),
        ("blanks", b" \n".to_vec()),
        ("zeros, as after a crash", vec![0; 4096]),
        ("nested without end", vec![b'['; 100_000]),
        ("two of them", format!("{text}{text}").into_bytes()),
        ("words behind it", format!("{text} x").into_bytes()),
        ("single quotes", text.replace('"', "'").into_bytes()),
        ("UTF-16, little end first", utf16(u16::to_le_bytes)),
        ("UTF-16, big end first", utf16(u16::to_be_bytes)),
        ("a mark of UTF-8", format!("\u{feff}{text}").into_bytes()),
        (
            "no UTF-8",
            text.replace("ASIA", "\u{1}")
                .into_bytes()
                .iter()
                .map(|byte| byte | 0x80)
                .collect(),
        ),
        ("half of a surrogate", text.replace("ASIA", "\\ud800").into_bytes()),
        ("another page", b"<html>".to_vec()),
    ] {
        fs::write(&damaged.entry, bytes).expect("another entry");
        damaged.assert_mended(what);
    }
}

#[test]
fn an_entry_of_other_values_is_mended() {
    let damaged = Damaged::new();
    let end = || {
        read(&damaged.entry)["Credentials"]["Expiration"]
            .as_str()
            .expect("an end")
            .to_owned()
    };
    for (key, value) in [
        ("AccessKeyId", Value::Null),
        ("AccessKeyId", json!("")),
        ("SecretAccessKey", Value::Null),
        ("SecretAccessKey", json!(1)),
        ("SessionToken", Value::Null),
        ("SessionToken", json!(["x"])),
        ("SessionToken", json!("a\nb")),
        ("Expiration", Value::Null),
        ("Expiration", json!(1_895_359_845)),
        ("Expiration", json!("1895359845")),
        // Without a zone, with one that only some know, with a date alone.
        ("Expiration", json!(end().trim_end_matches('Z'))),
        ("Expiration", json!(end().replace('Z', "CET"))),
        ("Expiration", json!(end()[..10])),
        ("Expiration", json!("9999-12-31T23:59:59Z")),
        ("Expiration", json!("2027-02-30T00:00:00Z")),
    ] {
        set(&damaged.entry, &["Credentials", key], value.clone());
        damaged.assert_mended(&format!("{key}: {value}"));
    }
    let credentials = read(&damaged.entry)["Credentials"].clone();
    for (key, value) in [
        ("Credentials", json!("x")),
        ("Credentials", json!({})),
        ("Credentials", json!([credentials])),
        // What version 2 of the AWS CLI keeps of SSO.
        ("ProviderType", json!("sso")),
    ] {
        set(&damaged.entry, &[key], value.clone());
        damaged.assert_mended(&format!("{key}: {value}"));
    }
    remove(&damaged.entry, "Credentials");
    damaged.assert_mended("no credentials");
}

#[test]
fn a_file_that_is_too_long_is_mended() {
    let damaged = Damaged::new();
    let long = File::options().write(true).open(&damaged.entry).expect("an entry");
    // Sparse, and blanks would be no damage.
    long.set_len(1 << 40)
        .or_else(|_| long.set_len(1 << 30))
        .expect("a long file");
    damaged.assert_mended("a terabyte of zeros");
    let mut text = fs::read_to_string(&damaged.entry).expect("an entry");
    text.push_str(&" ".repeat(1 << 20));
    fs::write(&damaged.entry, text).expect("a long file");
    damaged.assert_mended("a whole entry, and a megabyte of blanks");
}

/// The cache cannot be written then, which costs a note and not the credentials.
#[test]
fn a_directory_in_its_place_stays() {
    let damaged = Damaged::new();
    fs::remove_file(&damaged.entry).expect("an entry less");
    fs::create_dir(&damaged.entry).expect("a directory");
    fs::write(damaged.entry.join("theirs"), "theirs").expect("a file in it");
    let run = assume(&damaged.home, &["marketingadmin"]);
    damaged.assert_good(&run, "a directory");
    assert_eq!(run.stderr.lines().count(), 1, "a note: {run:?}");
    assert_eq!(fs::read(damaged.entry.join("theirs")).expect("their file"), b"theirs");
    assert_eq!(left_behind(&damaged.home), Vec::<PathBuf>::new());
}

/// Links and pipes: nothing is read through them, nothing is written to where they lead, and nobody waits.
#[cfg(unix)]
#[test]
fn what_is_no_plain_file_is_replaced() {
    use std::os::unix::fs::symlink;
    let damaged = Damaged::new();
    let elsewhere = damaged.home.path("elsewhere");
    let replace = |make: &dyn Fn(&std::path::Path)| {
        fs::remove_file(&damaged.entry).expect("an entry less");
        make(&damaged.entry);
    };
    let whole = fs::read(&damaged.entry).expect("an entry");
    fs::write(&elsewhere, &whole).expect("a file");
    replace(&|entry| symlink(&elsewhere, entry).expect("a link"));
    damaged.assert_mended("a link to an entry");
    assert_eq!(fs::read(&elsewhere).expect("a file"), whole);
    for target in ["nowhere", "/dev/zero", "/dev/stdin", "/", "."] {
        replace(&|entry| symlink(target, entry).expect("a link"));
        damaged.assert_mended(&format!("a link to {target}"));
    }
    assert!(!damaged.home.path(ROLES).join("nowhere").exists());
    replace(&|entry| symlink(entry, entry).expect("a link"));
    damaged.assert_mended("a link to itself");
    replace(&pipe);
    damaged.assert_mended("a pipe");
    // A second name of the file: what that one holds stays.
    fs::remove_file(&elsewhere).expect("a file less");
    fs::hard_link(&damaged.entry, &elsewhere).expect("a second name");
    fs::write(&damaged.entry, "{").expect("a damaged entry");
    damaged.assert_mended("a file of two names");
    assert_eq!(fs::read(&elsewhere).expect("a file"), b"{");
}

/// What rolenv itself would leave in these places is plain files.
#[cfg(unix)]
#[test]
fn nobody_waits_at_an_unfinished_file_that_is_none() {
    let damaged = Damaged::new();
    pipe(&damaged.entry.with_file_name(".rolenv-a.tmp"));
    std::os::unix::fs::symlink("/dev/zero", damaged.entry.with_file_name(".rolenv-b.tmp")).expect("a link");
    damaged.assert_assumed("a pipe in the cache");
}

#[cfg(unix)]
#[test]
fn nobody_waits_for_a_lock_that_is_none() {
    use std::os::unix::fs::symlink;
    let damaged = Damaged::new();
    let lock = damaged.name_of_lock();
    fs::write(damaged.home.path("elsewhere"), "theirs").expect("a file");
    let elsewhere = damaged.home.path("elsewhere");
    let places: [(&str, &dyn Fn()); 4] = [
        ("a pipe", &|| pipe(&lock)),
        ("a directory", &|| fs::create_dir(&lock).expect("a directory")),
        ("a link to a file", &|| symlink(&elsewhere, &lock).expect("a link")),
        ("a link to nowhere", &|| symlink("nowhere", &lock).expect("a link")),
    ];
    for (what, make) in places {
        make();
        damaged.assert_assumed(what);
        fs::remove_dir(&lock)
            .or_else(|_| fs::remove_file(&lock))
            .expect("what was there");
    }
    assert_eq!(fs::read(&elsewhere).expect("a file"), b"theirs");
}

#[cfg(unix)]
impl Damaged {
    /// Fails unless a session is got at once, and kept.
    fn assert_assumed(&self, what: &str) {
        fs::remove_file(&self.entry).expect("an entry less");
        let mut command = self.home.command(support::rolenv());
        let run = kept::within(20, command.args(["assume", "marketingadmin", "--format", "json"]));
        self.assert_good(&run, what);
        assert!(!run.stderr.contains("session cache"), "{what}: {run:?}");
        assert_eq!(
            read(&self.entry)["Credentials"]["AccessKeyId"],
            newest(&self.sts),
            "{what}"
        );
    }

    /// The path of the role's lock file, which is removed.
    fn name_of_lock(&self) -> PathBuf {
        let mut found = fs::read_dir(self.home.path(".aws/rolenv/locks")).expect("a directory");
        let lock = found.next().expect("a lock file").expect("an entry").path();
        fs::remove_file(&lock).expect("a lock file");
        lock
    }
}

#[cfg(unix)]
fn pipe(path: &std::path::Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.expect("mkfifo").success());
}
