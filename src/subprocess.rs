//! Runs the commands of a config file, without a shell. They inherit stderr, so that they can talk to the user.

use std::io::Read as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::env::Environment;
use crate::signals;
use crate::system_error::describe;

/// When a note about waiting is printed.
const NOTICE_AFTER: Duration = Duration::from_secs(3);

/// How long stdout is read after the command has ended. Its background processes may keep it open.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(500);

/// The poll interval for its end.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The longest output, in bytes.
const MAX_OUTPUT_SIZE: usize = 1 << 20;

/// A command of a config file.
#[derive(Clone, Copy)]
pub struct Program<'run> {
    /// The key that contains it: `credential_process`.
    pub key: &'static str,
    pub words: &'run [String],
}

/// The program of a `credential_process`, for messages. Text like `PASSWORD=...` or with a query is not repeated.
pub fn program_name(command: &[String]) -> &str {
    let first = command.first().map_or("", String::as_str);
    if first.contains(['=', '?']) {
        "its first argument"
    } else {
        first
    }
}

impl Program<'_> {
    /// Runs the command in `environment` and returns its stdout. `waits` is called once if it takes long. The error is a
    /// message that names the key, and contains nothing of the output.
    pub fn output(&self, environment: &Environment, waits: impl FnOnce()) -> Result<Zeroizing<Vec<u8>>, String> {
        let key = self.key;
        let Some((program, arguments)) = self.words.split_first() else {
            return Err(format!("`{key}` is empty"));
        };
        signals::watch();
        let spawned = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(environment.iter())
            .stdout(Stdio::piped())
            .spawn();
        let child = spawned.map_err(|error| {
            let program = program_name(self.words);
            format!("cannot run `{program}` (`{key}`): {}", describe(&error))
        })?;
        let (output, status) = self.attend(child, waits)?;
        match status.code() {
            _ if status.success() => Ok(output),
            Some(code) => Err(format!("`{key}` exited with status {code}")),
            None => Err(format!("`{key}` was killed{}", by_signal(status))),
        }
    }

    /// Reads stdout until the process has ended.
    fn attend(&self, mut child: Child, waits: impl FnOnce()) -> Result<(Zeroizing<Vec<u8>>, ExitStatus), String> {
        // A short queue, so that a fast writer is blocked.
        let (sender, receiver) = mpsc::sync_channel(16);
        if let Some(mut stdout) = child.stdout.take() {
            thread::spawn(move || {
                let mut chunk = Zeroizing::new([0; 4096]);
                while let Ok(length @ 1..) = stdout.read(&mut chunk[..]) {
                    if sender.send(Zeroizing::new(chunk[..length].to_vec())).is_err() {
                        break;
                    }
                }
            });
        }
        let lost = |error: std::io::Error| format!("cannot wait for `{}`: {}", self.key, describe(&error));
        let start = Instant::now();
        let mut output = Zeroizing::new(Vec::with_capacity(4096));
        let (mut waits, mut drained) = (Some(waits), None);
        loop {
            match receiver.recv_timeout(POLL_INTERVAL) {
                Ok(chunk) => output.extend_from_slice(&chunk),
                Err(RecvTimeoutError::Disconnected) if drained.is_some() => break,
                Err(RecvTimeoutError::Disconnected) => thread::sleep(POLL_INTERVAL),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if output.len() > MAX_OUTPUT_SIZE {
                child.kill().and_then(|()| child.wait()).map_err(lost)?;
                return Err(format!("`{}` was stopped: its output is too long", self.key));
            }
            let now = Instant::now();
            if drained.is_none() && child.try_wait().map_err(lost)?.is_some() {
                drained = Some(now + DRAIN_TIMEOUT);
            }
            if drained.is_some_and(|end| end < now) {
                break;
            }
            if drained.is_none()
                && now > start + NOTICE_AFTER
                && let Some(waits) = waits.take()
            {
                waits();
            }
        }
        let status = child.wait().map_err(lost)?;
        Ok((output, status))
    }
}

#[cfg(unix)]
fn by_signal(status: ExitStatus) -> String {
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    signal.map_or_else(String::new, |signal| format!(" by signal {signal}"))
}

#[cfg(not(unix))]
fn by_signal(_status: ExitStatus) -> String {
    String::new()
}
