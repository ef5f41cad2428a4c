//! The AWS CLI in the place of rolenv: who it becomes by the same files, and what it asks on the way.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::format::Case;
use super::outcome::{self, Outcome};
use super::stage::Stage;

/// Lets `aws` ask who it is, as the profile of the case; its standard error comes along.
pub fn run(case: &Case, stage: &Stage, aws: &Path) -> (Outcome, String) {
    let mut command = program(stage, aws, case.mfa_code.is_some());
    command.args(["sts", "get-caller-identity"]);
    for profile in &case.args {
        command.args(["--profile", &stage.filled(profile)]);
    }
    // A connection that fails is not worth four more tries.
    command.env("AWS_MAX_ATTEMPTS", "1");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", aws.display()));
    if let (Some(code), Some(mut input)) = (&case.mfa_code, child.stdin.take()) {
        // It may have given up without reading.
        let _ = writeln!(input, "{code}");
    }
    let output = child.wait_with_output().expect("the AWS CLI ends");
    let requests = stage.sts.requests();
    let answered = requests
        .iter()
        .find(|request| request.action == "GetCallerIdentity" && request.verified);
    let signer = answered
        .filter(|_| output.status.success())
        .and_then(|request| request.signer.as_ref());
    let identity = signer.map(|signer| outcome::holder(stage, &signer.access_key_id));
    (
        Outcome::seen(stage, identity),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// Without a terminal it reads a code from standard input.
fn program(stage: &Stage, aws: &Path, asks_for_a_code: bool) -> Command {
    if !asks_for_a_code {
        return stage.home.command(aws);
    }
    let mut command = stage.home.command("setsid");
    command.arg("--wait").arg(aws);
    command
}
