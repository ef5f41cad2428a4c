//! The sessions that a home keeps on disk, as the tests look at them and change them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use fake_sts::FakeSts;
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use crate::support::{Home, Run};

/// Where the AWS CLI keeps the sessions of roles.
pub const ROLES: &str = ".aws/cli/cache";

/// Where rolenv keeps those of MFA devices.
pub const OWN: &str = ".aws/rolenv";

/// The key of what rolenv adds to an entry.
pub const MARK: &str = "Rolenv";

/// Runs `rolenv assume`, to be read as JSON.
pub fn assume(home: &Home, arguments: &[&str]) -> Run {
    home.rolenv(&[&["assume", "--format", "json"], arguments].concat())
}

/// The access key id of the session that a run exported.
pub fn key(run: &Run) -> String {
    run.variable("AWS_ACCESS_KEY_ID").expect("an access key")
}

/// The access key id of the session that a role is assumed with.
pub fn assumed(home: &Home, arguments: &[&str]) -> String {
    key(&assume(home, arguments))
}

/// How often the server was asked for this so far.
pub fn asked(sts: &FakeSts, action: &str) -> usize {
    let requests = sts.requests();
    requests.iter().filter(|request| request.action == action).count()
}

/// The access key id of what the server handed out last.
pub fn newest(sts: &FakeSts) -> String {
    sts.handed_out().pop().expect("a session").access_key_id
}

/// The entries in a directory of the home, by the names of their files. Each has to be whole.
pub fn entries(home: &Home, directory: &str) -> BTreeMap<String, Value> {
    let Ok(found) = std::fs::read_dir(home.path(directory)) else {
        return BTreeMap::new();
    };
    let paths = found.map(|entry| entry.expect("an entry").path());
    let paths = paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let read = |path: PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let entry = serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (name, entry)
    };
    paths.map(read).collect()
}

/// The path of the only entry in a directory of the home.
pub fn only_entry(home: &Home, directory: &str) -> PathBuf {
    let entries = entries(home, directory);
    assert_eq!(entries.len(), 1, "{:?}", entries.keys());
    let (name, _) = entries.into_iter().next().expect("an entry");
    home.path(directory).join(name)
}

pub fn read(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Writes an entry as `change` leaves it.
pub fn change(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut entry = read(path);
    change(&mut entry);
    std::fs::write(path, entry.to_string()).expect("a changed entry");
}

/// Writes an entry with another value under these keys, one within the other.
pub fn set(path: &Path, keys: &[&str], value: impl Into<Value>) {
    change(path, |entry| {
        *keys.iter().fold(entry, |place, key| &mut place[*key]) = value.into();
    });
}

/// Writes an entry without this key.
pub fn remove(path: &Path, key: &str) {
    change(path, |entry| {
        entry.as_object_mut().expect("an object").remove(key);
    });
}

/// Lets an entry say that its session has this many seconds left.
pub fn leave(path: &Path, seconds: i64) {
    set(path, &["Credentials", "Expiration"], in_seconds(seconds));
}

/// The moment that many seconds from now, in RFC 3339.
pub fn in_seconds(seconds: i64) -> String {
    let moment = OffsetDateTime::now_utc() + Duration::seconds(seconds);
    rolenv::timestamp::format(moment).expect("a moment")
}

/// Everything below `.aws`, with what it holds and when it was written.
pub fn everything(home: &Home) -> BTreeMap<PathBuf, OsString> {
    let mut found = BTreeMap::new();
    let mut places = vec![home.path(".aws")];
    while let Some(place) = places.pop() {
        for entry in std::fs::read_dir(&place).expect("a directory") {
            let path = entry.expect("an entry").path();
            let metadata = std::fs::symlink_metadata(&path).expect("an entry");
            let content = if metadata.is_dir() {
                places.push(path.clone());
                Vec::new()
            } else {
                std::fs::read(&path).expect("a file")
            };
            let written = metadata.modified().expect("a time");
            let told = format!("{written:?} {}", String::from_utf8_lossy(&content));
            found.insert(path, told.into());
        }
    }
    found
}

/// What runs leave behind that is no entry: unfinished files, and locks.
pub fn left_behind(home: &Home) -> Vec<PathBuf> {
    let is_debris = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(".rolenv-") && name.ends_with(".tmp")
    };
    everything(home).into_keys().filter(|path| is_debris(path)).collect()
}

/// Fails unless the files in a directory of the home are for their owner alone.
#[cfg(unix)]
pub fn assert_private(home: &Home, directory: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| std::fs::metadata(path).expect("a file").permissions().mode() & 0o7777;
    for name in entries(home, directory).into_keys() {
        let path = home.path(directory).join(name);
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

/// What a command did, which has to end by itself within so many seconds.
pub fn within(seconds: u64, command: &mut Command) -> Run {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let start = Instant::now();
    while child.try_wait().expect("a process").is_none() {
        if start.elapsed().as_secs() >= seconds {
            child.kill().expect("a process that runs");
            let run = Run::from(child.wait_with_output().expect("its end"));
            panic!("{command:?} did not end within {seconds} s: {run:?}");
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    Run::from(child.wait_with_output().expect("its end"))
}

/// Waits until something is the case that is bound to be.
pub fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed().as_secs() < 60, "it never came to this: {what}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// Fails if one of these texts has a secret in it that the server handed out, or the long-term one.
pub fn assert_no_secret(sts: &FakeSts, texts: &[&str]) {
    let sessions = sts.handed_out();
    assert!(!sessions.is_empty(), "nothing was handed out");
    let secrets = sessions.iter().flat_map(|session| [&*session.secret, &*session.token]);
    for secret in secrets.chain([crate::support::KEY.1]) {
        for text in texts {
            assert!(!text.contains(secret), "a secret is shown: {text}");
        }
    }
}
