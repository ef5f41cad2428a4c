//! Command lines for messages, without what must not be repeated.

use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{Args as _, CommandFactory as _};

use super::{Cli, RoleArgs};

/// The longest value of an option that is repeated, in bytes.
const MAX_VALUE_LEN: usize = 2000;

/// The arguments as the user would type them again, with `CODE` in the place of each MFA code.
pub fn arguments(arguments: &[OsString]) -> Vec<String> {
    let mut shown = Vec::new();
    let mut is_code = false;
    for argument in arguments {
        let argument = argument.to_string_lossy();
        shown.push(if is_code || is_code_like(&argument) {
            "CODE".to_owned()
        } else if argument.starts_with("--mfa-code=") {
            "--mfa-code=CODE".to_owned()
        } else {
            argument.clone().into_owned()
        });
        is_code = argument == "--mfa-code";
    }
    shown
}

/// The options that describe the role, so that they can be repeated in any directory: without the target and an MFA code. A
/// value that is too long, which some session policies are, is empty: repeating it fails instead of asking for more than
/// was asked for.
pub fn role_options(arguments: &[OsString]) -> Vec<String> {
    let program = [OsString::from("rolenv")];
    let matches = Cli::command().try_get_matches_from(program.iter().chain(arguments));
    let Ok(Some((_, matches))) = matches.as_ref().map(clap::ArgMatches::subcommand) else {
        return Vec::new();
    };
    let mut shown = Vec::new();
    for definition in RoleArgs::augment_args(clap::Command::new("role")).get_arguments() {
        let id = definition.get_id().as_str();
        let is_given = matches.value_source(id) == Some(ValueSource::CommandLine);
        let Some(name) = definition.get_long().filter(|_| is_given) else {
            continue;
        };
        if id == "mfa_code" {
            continue;
        }
        let option = format!("--{name}");
        if definition.get_action().takes_values() {
            let values = matches.get_raw(id).into_iter().flatten();
            let values = values.map(|value| value.to_string_lossy().into_owned());
            for value in values {
                let value = match id {
                    _ if value.len() > MAX_VALUE_LEN => String::new(),
                    "policy" => absolute(value),
                    _ => value,
                };
                if value.starts_with('-') {
                    shown.push(format!("{option}={value}"));
                } else {
                    shown.extend([option.clone(), value]);
                }
            }
        } else {
            shown.push(option);
        }
    }
    shown
}

/// The path of a policy file for any directory; JSON stays.
fn absolute(policy: String) -> String {
    if policy.is_empty() || policy.trim_start().starts_with(['{', '[', '"']) {
        return policy;
    }
    let path = policy.strip_prefix("file://").unwrap_or(&policy);
    std::path::absolute(path).map_or(policy.clone(), |path| path.to_string_lossy().into_owned())
}

/// A code whose option is missing.
fn is_code_like(argument: &str) -> bool {
    argument.len() == 6 && argument.bytes().all(|byte| byte.is_ascii_digit())
}

/// Text that may contain an MFA code or a part of one: each number of three or more digits becomes `***`.
pub fn numbers(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let length = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
        shown.push_str(before);
        shown.push_str(if length < 3 { &from[..length] } else { "***" });
        rest = &from[length..];
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_not_repeated() {
        let line = ["assume", "x y", "--mfa-code", "123456", "--mfa-code=123456", "123456"].map(OsString::from);
        assert_eq!(
            arguments(&line),
            ["assume", "x y", "--mfa-code", "CODE", "--mfa-code=CODE", "CODE"]
        );
        assert_eq!(
            role_options(
                &[
                    "assume",
                    "x",
                    "-d1h",
                    "--mfa-code",
                    "123456",
                    "--tag=a=b",
                    "--tag",
                    "c=d",
                    "--chain",
                    "-q"
                ]
                .map(OsString::from)
            ),
            ["--duration", "1h", "--chain", "--tag", "a=b", "--tag", "c=d"]
        );
        assert_eq!(numbers("unexpected `12 3456`, `v2`"), "unexpected `12 ***`, `v2`");
    }
}
