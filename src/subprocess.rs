//! Runs the commands of a config file without a shell. Knows nothing about their output.

use std::fmt;
use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::env::Environment;
use crate::plan::program as told_program;
use crate::signals;
use crate::system_error::describe;

/// A command that takes longer may be waiting for the user: from then on, its stderr is shown.
const RELAY_AFTER: Duration = Duration::from_secs(1);

/// When a note about waiting is printed, if the command has printed nothing.
const REPORT_AFTER: Duration = Duration::from_secs(3);

/// How long the pipes are read after the command has ended. Its background processes may keep them open.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(500);

/// The poll interval for its end.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The longest output, in bytes.
const MAX_OUTPUT_SIZE: usize = 1 << 20;

/// How much of its stderr is kept for the error, in bytes: the end.
const STDERR_TAIL: usize = 1 << 16;

/// The longest message, in characters.
const MAX_MESSAGE_LEN: usize = 600;

/// A command of a config file.
#[derive(Clone, Copy)]
pub struct Program<'run> {
    /// The key that contains it: `credential_process`.
    pub key: &'static str,
    pub words: &'run [String],
}

/// Progress of a command that takes long.
pub enum News<'run> {
    /// Its stderr.
    Said(&'run [u8]),
    /// It has printed nothing so far.
    Silence,
}

/// Why a command failed.
#[derive(Debug)]
pub struct SubprocessError {
    /// The reason, which names the key.
    pub how: String,
    /// The end of its stderr.
    pub said: String,
}

impl fmt::Display for SubprocessError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.said.as_str() {
            "" => formatter.write_str(&self.how),
            said => write!(formatter, "{}: {said}", self.how),
        }
    }
}

impl From<String> for SubprocessError {
    fn from(how: String) -> Self {
        let said = String::new();
        Self { how, said }
    }
}

impl Program<'_> {
    /// Runs the command in `environment` and returns its stdout. If it runs for long, its stderr is passed to `tell`,
    /// else it is part of the error. The error contains nothing of its stdout.
    pub fn output(
        &self,
        environment: &Environment,
        tell: &mut dyn FnMut(News<'_>),
    ) -> Result<Zeroizing<Vec<u8>>, SubprocessError> {
        let key = self.key;
        let Some((program, arguments)) = self.words.split_first() else {
            return Err(format!("`{key}` is empty").into());
        };
        signals::watch();
        let spawned = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(environment.iter())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let child = spawned.map_err(|error| {
            let program = told_program(self.words);
            format!("cannot run `{program}` (`{key}`): {}", describe(&error))
        })?;
        let report = self.attend(child, tell)?;
        if report.status.success() {
            return Ok(report.output);
        }
        Err(SubprocessError {
            how: match report.status.code() {
                Some(code) => format!("`{key}` exited with status {code}"),
                None => format!("`{key}` was killed{}", by_what(report.status)),
            },
            said: last_words(&String::from_utf8_lossy(&report.said)),
        })
    }

    /// Reads the pipes until the process has ended.
    fn attend(&self, mut child: Child, tell: &mut dyn FnMut(News<'_>)) -> Result<Report, String> {
        // A short queue, so that a fast writer is blocked.
        let (sender, receiver) = mpsc::sync_channel(16);
        forward(child.stdout.take(), sender.clone(), |chunk| {
            Heard::Output(Zeroizing::new(chunk.to_vec()))
        });
        forward(child.stderr.take(), sender, |chunk| Heard::Said(chunk.to_vec()));
        let lost = |error: std::io::Error| format!("cannot wait for `{}`: {}", self.key, describe(&error));
        let start = Instant::now();
        let (mut output, mut said) = (Zeroizing::new(Vec::with_capacity(4096)), Vec::new());
        let (mut passed_on, mut is_told, mut ended) = (false, false, None);
        loop {
            match receiver.recv_timeout(POLL_INTERVAL) {
                Ok(Heard::Output(chunk)) => output.extend_from_slice(&chunk),
                Ok(Heard::Said(chunk)) => {
                    if passed_on {
                        is_told = true;
                        tell(News::Said(&chunk));
                    } else {
                        said.extend(chunk);
                        said.drain(..said.len().saturating_sub(STDERR_TAIL));
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if output.len() > MAX_OUTPUT_SIZE {
                child.kill().and_then(|()| child.wait()).map_err(lost)?;
                return Err(format!("`{}` was stopped: its output is too long", self.key));
            }
            let now = Instant::now();
            if ended.is_none() && child.try_wait().map_err(lost)?.is_some() {
                ended = Some(now + DRAIN_TIMEOUT);
            }
            if ended.is_some_and(|end| end < now) {
                break;
            }
            if !passed_on && ended.is_none() && now > start + RELAY_AFTER {
                passed_on = true;
                is_told = !said.is_empty();
                tell(News::Said(&std::mem::take(&mut said)));
            }
            if !is_told && ended.is_none() && now > start + REPORT_AFTER {
                is_told = true;
                tell(News::Silence);
            }
        }
        let status = child.wait().map_err(lost)?;
        Ok(Report { output, said, status })
    }
}

/// The result of a process.
struct Report {
    output: Zeroizing<Vec<u8>>,
    /// Without the parts that were passed on.
    said: Vec<u8>,
    status: ExitStatus,
}

/// A chunk of stdout or stderr.
enum Heard {
    Output(Zeroizing<Vec<u8>>),
    Said(Vec<u8>),
}

/// Forwards the content of a pipe until it is closed or the receiver is gone.
fn forward(pipe: Option<impl Read + Send + 'static>, to: SyncSender<Heard>, as_heard: fn(&[u8]) -> Heard) {
    let Some(mut pipe) = pipe else {
        return;
    };
    thread::spawn(move || {
        let mut chunk = Zeroizing::new([0; 4096]);
        while let Ok(length @ 1..) = pipe.read(&mut chunk[..]) {
            if to.send(as_heard(&chunk[..length])).is_err() {
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

/// The end of a command's stderr, where the reason usually is.
fn last_words(said: &str) -> String {
    let said = said.trim();
    match said.char_indices().rev().nth(MAX_MESSAGE_LEN - 1) {
        Some((start, _)) if start > 0 => format!("...{}", &said[start..]),
        _ => said.to_owned(),
    }
}
