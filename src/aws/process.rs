//! `credential_process`: runs a command, without a shell, and reads the credentials that it prints.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::denial::conceal;
use super::json::{self, Dated};
use crate::environment::Environment;
use crate::profile::reason;

/// A command that takes longer may be waiting for a person: from then on, what it says is passed on.
const PATIENCE: Duration = Duration::from_secs(1);

/// The longest output, in bytes: credentials are short, and what never ends must not fill the memory.
const LONGEST: u64 = 1 << 20;

/// Runs `command` in `environment`. Its standard error is given to `overheard` when it runs for long, and is in the
/// reason why it failed.
pub(super) fn credentials(
    command: &[String],
    environment: &Environment,
    overheard: &mut dyn FnMut(&[u8]),
) -> Result<Dated, String> {
    let Some((program, arguments)) = command.split_first() else {
        return Err("`credential_process` is empty".to_owned());
    };
    let spawned = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(environment.iter())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child =
        spawned.map_err(|error| format!("cannot run `{program}` of `credential_process`: {}", reason(&error)))?;

    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let output = thread::spawn(move || {
        let mut output = Vec::new();
        let read = stdout.map(|stdout| stdout.take(LONGEST).read_to_end(&mut output));
        read.and_then(Result::ok);
        output
    });
    let said = listen(stderr, overheard);
    let status = child
        .wait()
        .map_err(|error| format!("lost `{program}`: {}", reason(&error)))?;
    let output = output.join().unwrap_or_default();
    if !status.success() {
        let said = conceal(&String::from_utf8_lossy(&said), &[]);
        let how = match status.code() {
            Some(code) => format!("`credential_process` ended with status {code}"),
            None => "`credential_process` was killed".to_owned(),
        };
        return Err(if said.is_empty() { how } else { format!("{how}: {said}") });
    }
    read(&output)
}

/// Collects what a process says until it says no more.
fn listen(stream: Option<impl Read + Send + 'static>, overheard: &mut dyn FnMut(&[u8])) -> Vec<u8> {
    let Some(mut stream) = stream else {
        return Vec::new();
    };
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut chunk = [0; 4096];
        while let Ok(length @ 1..) = stream.read(&mut chunk) {
            if sender.send(chunk[..length].to_vec()).is_err() {
                break;
            }
        }
    });
    let end = Instant::now() + PATIENCE;
    let mut said = Vec::new();
    loop {
        match receiver.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(chunk) => said.extend(chunk),
            Err(RecvTimeoutError::Disconnected) => return said,
            Err(RecvTimeoutError::Timeout) => break,
        }
    }
    overheard(&said);
    for chunk in receiver {
        overheard(&chunk);
        said.extend(chunk);
        // The end of it is what tells why.
        let surplus = said
            .len()
            .saturating_sub(usize::try_from(LONGEST).unwrap_or(usize::MAX));
        said.drain(..surplus);
    }
    said
}

/// The output, in the form that the AWS CLI's documentation lays down.
fn read(output: &[u8]) -> Result<Dated, String> {
    let document: Value =
        serde_json::from_slice(output).map_err(|_| "`credential_process` did not print JSON".to_owned())?;
    match document.get("Version") {
        Some(version) if version.as_f64() == Some(1.0) => {}
        Some(version) if version.is_number() => {
            return Err(format!(
                "`credential_process` printed version {version}, only 1 is known"
            ));
        }
        _ => return Err("`credential_process` did not print `\"Version\": 1`".to_owned()),
    }
    json::credentials(&document, "SessionToken")
        .map_err(|reason| format!("in what `credential_process` printed, {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_version_1_will_do() {
        let told = |output: &str| read(output.as_bytes()).err().unwrap_or_default();
        assert_eq!(
            told(r#"{"Version": 2}"#),
            "`credential_process` printed version 2, only 1 is known"
        );
        assert_eq!(
            told(r#"{"Version": "1"}"#),
            "`credential_process` did not print `\"Version\": 1`"
        );
        assert_eq!(told("AKIA secret"), "`credential_process` did not print JSON");
        assert_eq!(told(""), "`credential_process` did not print JSON");
        assert_eq!(
            told(r#"{"Version": 1}"#),
            "in what `credential_process` printed, `AccessKeyId` is missing"
        );
        assert!(read(br#"{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "s"}"#).is_ok());
    }
}
