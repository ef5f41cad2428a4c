//! `credential_process`: runs a command, without a shell, and reads the credentials that it prints.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::json::{self, Dated};
use crate::aws::denial::conceal_all_but_the_end;
use crate::disk::reason;
use crate::environment::Environment;
use crate::plan::program as told_program;

/// A command that takes longer may be waiting for a person: from then on, what it says is passed on.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long a command is listened to after its end. Its last words wait in the pipes by then; but what it left running
/// in the background may hold those open for ever.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// How often is looked whether it has ended, while it says nothing.
const BLINK: Duration = Duration::from_millis(20);

/// The longest output, in bytes: credentials are short, and what never ends must not fill the memory.
const LONGEST: usize = 1 << 20;

/// What is kept of all that it says, in bytes. The end of it is what tells why.
const MEMORY: usize = 1 << 16;

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
    let child = spawned.map_err(|error| {
        let program = told_program(command);
        format!("cannot run `{program}` of `credential_process`: {}", reason(&error))
    })?;
    let report = attend(child, overheard)?;
    if !report.status.success() {
        let said = conceal_all_but_the_end(&String::from_utf8_lossy(&report.said));
        let how = match report.status.code() {
            Some(code) => format!("`credential_process` ended with status {code}"),
            None => format!("`credential_process` was killed{}", by_what(report.status)),
        };
        return Err(if said.is_empty() { how } else { format!("{how}: {said}") });
    }
    read(&report.output)
}

/// What a process printed and said, and how it ended.
struct Report {
    output: Vec<u8>,
    said: Vec<u8>,
    status: ExitStatus,
}

/// A piece of what a process prints or says.
enum Heard {
    Output(Vec<u8>),
    Said(Vec<u8>),
}

/// Listens to a process until it has ended, or closed both of its pipes and then ended.
fn attend(mut child: Child, overheard: &mut dyn FnMut(&[u8])) -> Result<Report, String> {
    // A short queue: who says more than can be listened to has to wait.
    let (sender, receiver) = mpsc::sync_channel(16);
    forward(child.stdout.take(), sender.clone(), Heard::Output);
    forward(child.stderr.take(), sender, Heard::Said);
    let lost = |error: std::io::Error| format!("lost `credential_process`: {}", reason(&error));
    let patience = Instant::now() + PATIENCE;
    let (mut output, mut said) = (Vec::new(), Vec::new());
    let (mut passed_on, mut ended) = (false, None);
    loop {
        match receiver.recv_timeout(BLINK) {
            Ok(Heard::Output(chunk)) => output.extend(chunk),
            Ok(Heard::Said(chunk)) => {
                if passed_on {
                    overheard(&chunk);
                }
                said.extend(chunk);
                said.drain(..said.len().saturating_sub(MEMORY));
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if output.len() > LONGEST {
            child.kill().and_then(|()| child.wait()).map_err(lost)?;
            return Err("`credential_process` was stopped: it prints more than credentials can be".to_owned());
        }
        let now = Instant::now();
        if ended.is_none() && child.try_wait().map_err(lost)?.is_some() {
            ended = Some(now + LAST_WORDS);
        }
        if ended.is_some_and(|end| end < now) {
            break;
        }
        if !passed_on && ended.is_none() && patience < now {
            passed_on = true;
            overheard(&said);
        }
    }
    let status = child.wait().map_err(lost)?;
    Ok(Report { output, said, status })
}

/// Sends on what comes out of a pipe, until it is closed or nobody listens.
fn forward(pipe: Option<impl Read + Send + 'static>, to: SyncSender<Heard>, as_heard: fn(Vec<u8>) -> Heard) {
    let Some(mut pipe) = pipe else {
        return;
    };
    thread::spawn(move || {
        let mut chunk = [0; 4096];
        while let Ok(length @ 1..) = pipe.read(&mut chunk) {
            if to.send(as_heard(chunk[..length].to_vec())).is_err() {
                break;
            }
        }
    });
}

#[cfg(unix)]
fn by_what(status: ExitStatus) -> String {
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    signal.map_or_else(String::new, |signal| format!(" by signal {signal}"))
}

#[cfg(not(unix))]
fn by_what(_status: ExitStatus) -> String {
    String::new()
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
