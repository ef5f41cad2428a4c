//! `rolenv cache list` and `rolenv cache clear`: every session on disk is told, without a secret in it, and only
//! sessions go.

mod clear;
mod list;

use crate::support;
use crate::support::golden;

use crate::support::plain_user;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use support::{CONFIG, CREDENTIALS, Home, KEY, MFA, ROLE, Run, world};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

const ROLES: &str = ".aws/cli/cache";

const OWN: &str = ".aws/rolenv";

const SECURED: &str = "arn:aws:iam::222222222222:role/secured";

fn home() -> Home {
    let home = Home::with(CONFIG, CREDENTIALS);
    fs::create_dir_all(home.path(ROLES)).expect("a directory");
    fs::create_dir_all(home.path(&format!("{OWN}/locks"))).expect("a directory");
    home
}

fn cache(home: &Home, arguments: &[&str]) -> Run {
    home.rolenv(&[&["cache"], arguments].concat())
}

fn assume(home: &Home, arguments: &[&str]) {
    let run = home.rolenv(&[&["assume", "--format", "json"], arguments].concat());
    assert_eq!(run.status, Some(0), "{run:?}");
}

fn json_of(home: &Home, arguments: &[&str]) -> Value {
    let run = cache(home, &[arguments, &["--json"]].concat());
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

/// One member of each object of a list.
fn all<'value>(list: &'value Value, member: &str) -> Vec<&'value Value> {
    let objects = list.as_array().expect("a list");
    objects.iter().map(|object| &object[member]).collect()
}

fn moment(minutes: i64) -> String {
    let moment = OffsetDateTime::now_utc() + Duration::minutes(minutes);
    let moment = moment.replace_nanosecond(0).expect("a second");
    moment.format(&Rfc3339).expect("RFC 3339")
}

/// An entry as the AWS CLI writes it.
fn entry(role: &str, minutes: i64) -> Value {
    json!({
        "Credentials": {
            "AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "entrysecret/+9", "SessionToken": "entrytoken/+=",
            "Expiration": moment(minutes),
        },
        "AssumedRoleUser": {
            "AssumedRoleId": "AROA:x", "Arn": format!("arn:aws:sts::222222222222:assumed-role/{role}/x"),
        },
    })
}

/// Writes an entry under a name of forty equal digits.
fn put(home: &Home, directory: &str, digit: char, content: &impl ToString) -> PathBuf {
    let name = digit.to_string().repeat(40);
    home.write(&format!("{directory}/{name}.json"), content.to_string())
}

/// Every file below a directory, by its path in there.
fn files(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(directory) else {
        return found;
    };
    for entry in entries {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() && !path.is_symlink() {
            found.extend(files(&path).into_iter().map(|file| format!("{name}/{file}")));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}

fn assert_no_secret(run: &Run) {
    for secret in ["entrysecret", "entrytoken", "ASIAIOSFODNN7EXAMPLE", KEY.0, KEY.1] {
        assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{run:?}");
    }
}
