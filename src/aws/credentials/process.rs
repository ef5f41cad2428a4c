//! `credential_process`: the credentials that a command prints.

use serde_json::Value;

use super::json::{self, Dated};
use crate::config::keys;
use crate::env::Environment;
use crate::subprocess::Program;

/// Runs `command` in `environment`. `waits` is called once if it takes long.
pub(super) fn credentials(
    command: &[String],
    environment: &Environment,
    waits: impl FnOnce(),
) -> Result<Dated, String> {
    let program = Program {
        key: keys::CREDENTIAL_PROCESS,
        words: command,
    };
    read(&program.output(environment, waits)?)
}

/// Parses the output, whose form the AWS CLI documents.
fn read(output: &[u8]) -> Result<Dated, String> {
    let document: Value =
        serde_json::from_slice(output).map_err(|_| "`credential_process` did not print JSON".to_owned())?;
    match document.get("Version") {
        Some(version) if version.as_f64() == Some(1.0) => {}
        Some(version) if version.is_number() => {
            return Err(format!(
                "`credential_process` printed `\"Version\": {version}`; only 1 is supported"
            ));
        }
        _ => return Err("`credential_process` did not print `\"Version\": 1`".to_owned()),
    }
    json::credentials(&document, "SessionToken")
        .map_err(|reason| format!("invalid `credential_process` output: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_version_1_will_do() {
        let message = |output: &str| read(output.as_bytes()).err().unwrap_or_default();
        assert_eq!(
            message(r#"{"Version": 2}"#),
            "`credential_process` printed `\"Version\": 2`; only 1 is supported"
        );
        assert_eq!(
            message(r#"{"Version": "1"}"#),
            "`credential_process` did not print `\"Version\": 1`"
        );
        assert_eq!(message("AKIA secret"), "`credential_process` did not print JSON");
        assert_eq!(message(""), "`credential_process` did not print JSON");
        assert_eq!(
            message(r#"{"Version": 1}"#),
            "invalid `credential_process` output: `AccessKeyId` is missing"
        );
        assert!(read(br#"{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "s"}"#).is_ok());
    }
}
