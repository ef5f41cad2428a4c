//! AssumeRole parameters that only the command line sets: session policies, session tags, source identity. Each is
//! checked against the limits of the STS API.

use std::path::Path;

use super::error::PlanError;
use super::limits;
use super::role::{PARTITIONS, is_account};
use crate::cli::RoleArgs;
use crate::fs;
use crate::system_error::describe;

/// The parameters for the last role of a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionOptions {
    /// The JSON text of a session policy.
    pub policy: Option<String>,
    /// The ARNs of managed policies.
    pub policy_arns: Vec<String>,
    /// Session tags, as keys and values.
    pub tags: Vec<(String, String)>,
    /// The keys of tags that later sessions inherit.
    pub transitive_tags: Vec<String>,
    pub source_identity: Option<String>,
}

/// The limits of the STS API reference: session policies in plain text, managed policies, tags.
const MAX_POLICY_LEN: usize = 2048;
const MAX_POLICY_ARNS: usize = 10;
const MAX_TAGS: usize = 50;

/// A longer file is not a policy.
const MAX_FILE_SIZE: u64 = 1 << 20;

impl SessionOptions {
    /// The options and their values.
    pub fn given(&self) -> Vec<(&'static str, String)> {
        let mut given: Vec<(&'static str, String)> = Vec::new();
        given.extend(self.policy.iter().map(|policy| ("--policy", policy.clone())));
        given.extend(self.policy_arns.iter().map(|arn| ("--policy-arn", arn.clone())));
        given.extend(self.tags.iter().map(|(key, value)| ("--tag", format!("{key}={value}"))));
        given.extend(self.transitive_tags.iter().map(|key| ("--transitive-tag", key.clone())));
        given.extend(
            self.source_identity
                .iter()
                .map(|text| ("--source-identity", text.clone())),
        );
        given
    }

    /// Checks everything in the command line that needs no config file, and parses the options: `policy` is JSON or the path
    /// of a file with it, a tag is `KEY=VALUE`.
    pub fn read(request: &RoleArgs) -> Result<Self, PlanError> {
        let options = Self {
            policy: request.policy.as_deref().map(read_policy).transpose()?,
            policy_arns: request.policy_arn.clone(),
            tags: request
                .tag
                .iter()
                .map(|text| read_tag(text))
                .collect::<Result<_, _>>()?,
            transitive_tags: request.transitive_tag.clone(),
            source_identity: request.source_identity.clone(),
        };
        options.check()?;
        check_arguments(request)?;
        Ok(options)
    }

    fn check(&self) -> Result<(), PlanError> {
        if let Some(arn) = self.policy_arns.iter().find(|arn| !is_policy_arn(arn)) {
            return Err(PlanError::usage(format_args!(
                "invalid policy ARN `{arn}`: must be `arn:aws:iam::ACCOUNT:policy/NAME`, or `aws` for ACCOUNT, 20 to 2048 \
                 characters"
            )));
        }
        if self.policy_arns.len() > MAX_POLICY_ARNS {
            let number = self.policy_arns.len();
            return Err(too_many("policy ARNs", number, MAX_POLICY_ARNS));
        }
        for (what, number) in [
            ("tags", self.tags.len()),
            ("transitive tags", self.transitive_tags.len()),
        ] {
            if number > MAX_TAGS {
                return Err(too_many(what, number, MAX_TAGS));
            }
        }
        for (index, (key, _)) in self.tags.iter().enumerate() {
            if self.tags[..index].iter().any(|(other, _)| same_key(other, key)) {
                return Err(duplicate(key));
            }
        }
        let among_tags = |key: &&String| self.tags.iter().any(|(tag, _)| same_key(tag, key));
        if let Some(key) = self.transitive_tags.iter().find(|key| !among_tags(key)) {
            return Err(PlanError::usage(format_args!(
                "transitive tag `{key}` has no value: add `--tag {key}=VALUE`"
            )));
        }
        for (index, key) in self.transitive_tags.iter().enumerate() {
            if self.transitive_tags[..index].iter().any(|other| same_key(other, key)) {
                return Err(duplicate(key));
            }
        }
        if let Some(identity) = &self.source_identity {
            if identity.to_ascii_lowercase().starts_with("aws:") {
                return Err(PlanError::usage(format_args!(
                    "invalid source identity `{identity}`: must not start with `aws:`"
                )));
            }
            limits::SOURCE_IDENTITY.check(identity)?;
        }
        Ok(())
    }
}

/// Checks everything in the command line that needs no file.
fn check_arguments(request: &RoleArgs) -> Result<(), PlanError> {
    if request.chain && request.source_profile.is_some() {
        return Err(PlanError::usage("`--chain` cannot be used with `--source-profile`"));
    }
    if let Some(seconds) = request.duration.filter(|seconds| !limits::DURATION.contains(seconds)) {
        return Err(PlanError::usage(format_args!(
            "invalid duration of {seconds} seconds: must be between 15m and 12h"
        )));
    }
    for (value, limit) in [
        (&request.session_name, &limits::SESSION_NAME),
        (&request.external_id, &limits::EXTERNAL_ID),
        (&request.mfa_serial, &limits::MFA_SERIAL),
        (&request.region, &limits::REGION),
    ] {
        if let Some(value) = value {
            limit.check(value)?;
        }
    }
    Ok(())
}

fn too_many(what: &str, number: usize, most: usize) -> PlanError {
    PlanError::usage(format_args!("too many {what}: {number}; STS accepts at most {most}"))
}

fn duplicate(key: &str) -> PlanError {
    PlanError::usage(format_args!("duplicate tag key `{key}` (STS ignores case)"))
}

fn same_key(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn read_tag(text: &str) -> Result<(String, String), PlanError> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| PlanError::usage(format_args!("`--tag {text}` must be KEY=VALUE")))?;
    let allowed =
        |character: char| character.is_alphanumeric() || is_separator(character) || "_.:/=+-@".contains(character);
    let fits = |text: &str, longest| text.chars().count() <= longest && text.chars().all(allowed);
    if key.is_empty() || !fits(key, 128) || key.to_ascii_lowercase().starts_with("aws:") {
        return Err(PlanError::usage(format_args!(
            "invalid tag key `{key}`: must be 1-128 letters, digits, spaces or _ . : / = + - @, and must not start with \
             `aws:`"
        )));
    }
    if !fits(value, 256) {
        return Err(PlanError::usage(format_args!(
            "invalid value of tag `{key}`: must be 0-256 letters, digits, spaces or _ . : / = + - @"
        )));
    }
    Ok((key.to_owned(), value.to_owned()))
}

/// The class `\p{Z}` of the API's pattern: spaces, but no control characters.
fn is_separator(character: char) -> bool {
    character.is_whitespace() && !character.is_control()
}

fn is_policy_arn(text: &str) -> bool {
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = fields[..] else {
        return false;
    };
    let is_account = account == "aws" || is_account(account);
    let is_policy = resource.strip_prefix("policy/").is_some_and(|name| !name.is_empty());
    (20..=2048).contains(&text.len())
        && PARTITIONS.contains(&partition)
        && is_account
        && is_policy
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// JSON starts with a brace, a path does not. The AWS CLI's form `file://PATH` is accepted, too.
fn read_policy(argument: &str) -> Result<String, PlanError> {
    if argument.trim().is_empty() || argument.trim_start().starts_with(['{', '[', '"']) {
        return checked_policy(argument, "the value of `--policy`");
    }
    let path = argument.strip_prefix("file://").unwrap_or(argument);
    let unreadable = |reason: &str| PlanError::usage(format_args!("cannot read the policy `{path}`: {reason}"));
    match fs::read(Path::new(path), MAX_FILE_SIZE).map(String::from_utf8) {
        Ok(Ok(text)) => checked_policy(&text, &format!("`{path}`")),
        Ok(Err(_)) => Err(unreadable("not valid UTF-8")),
        Err(error) => Err(unreadable(&describe(&error))),
    }
}

/// The text, without whitespace outside of strings if it is too long otherwise.
fn checked_policy(text: &str, what: &str) -> Result<String, PlanError> {
    let not_json = |reason: &str| PlanError::usage(format_args!("{what} is not a valid policy: {reason}"));
    let parsed: serde_json::Value =
        serde_json::from_str(text).map_err(|error| not_json(&format!("not valid JSON ({error})")))?;
    if !parsed.is_object() {
        return Err(not_json("not a JSON object"));
    }
    let fits = |text: &str| text.chars().count() <= MAX_POLICY_LEN;
    let text = text.trim();
    let text = if fits(text) { text.to_owned() } else { minified(text) };
    if !fits(&text) {
        return Err(PlanError::usage(format_args!(
            "the policy has {} characters; STS accepts at most {MAX_POLICY_LEN}",
            text.chars().count()
        )));
    }
    let is_allowed = |character| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    if text.chars().all(is_allowed) {
        Ok(text)
    } else {
        Err(PlanError::usage(
            "the policy contains a character that STS does not accept (allowed: printable up to U+00FF, tab, line break)",
        ))
    }
}

/// JSON without whitespace outside of strings.
fn minified(json: &str) -> String {
    let mut inside = false;
    let mut escaped = false;
    json.chars()
        .filter(|&character| {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = inside,
                '"' => inside = !inside,
                _ => {}
            }
            inside || !character.is_ascii_whitespace()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(tags: &[&str], transitive: &[&str]) -> Result<SessionOptions, String> {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let request = RoleArgs {
            tag: own(tags),
            transitive_tag: own(transitive),
            ..RoleArgs::default()
        };
        SessionOptions::read(&request).map_err(|error| error.to_string())
    }

    fn policy(text: &str) -> Result<Option<String>, String> {
        let options = SessionOptions::read(&RoleArgs {
            policy: Some(text.to_owned()),
            ..RoleArgs::default()
        });
        options.map(|options| options.policy).map_err(|error| error.to_string())
    }

    #[test]
    fn tags_at_the_edges_of_their_limits() {
        let key = "k".repeat(128);
        let value = "\u{fc} v".repeat(85);
        assert!(tags(&[&format!("{key}={value}")], &[&key]).is_ok());
        assert!(tags(&["a=", "b==x"], &["A"]).is_ok());
        let long = format!("{key}k=v");
        for bad in [
            &["nokey"][..],
            &["=v"],
            &[&long],
            &["AWS:x=v"],
            &["a=*"],
            &["a=1\t2"],
            &["a=1", "A=2"],
        ] {
            assert!(tags(bad, &[]).is_err(), "{bad:?}");
        }
        assert!(tags(&[], &["a"]).is_err());
        let many: Vec<String> = (0..51).map(|index| format!("k{index}=v")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(tags(&many[..50], &[]).is_ok());
        assert!(tags(&many, &[]).is_err());
    }

    #[test]
    fn policies_are_json_and_short_enough() {
        let plain = r#"{ "Version": "2012-10-17" }"#;
        assert_eq!(policy(plain), Ok(Some(plain.to_owned())));
        let padded = format!("{{{}\"a \\\" b\": 1}}", " ".repeat(3000));
        assert_eq!(policy(&padded), Ok(Some(r#"{"a \" b":1}"#.to_owned())));
        for bad in ["{", "{} x", "/nonexistent/policy.json", "{\"a\": \"\u{2018}\"}"] {
            assert!(policy(bad).is_err(), "{bad}");
        }
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(2048));
        assert_eq!(
            policy(&long).err().as_deref(),
            Some("the policy has 2056 characters; STS accepts at most 2048")
        );
    }

    #[test]
    fn policy_arns_and_source_identities() {
        let read = |arn: &str, identity: &str| {
            let request = RoleArgs {
                policy_arn: vec![arn.to_owned()],
                source_identity: Some(identity.to_owned()),
                ..RoleArgs::default()
            };
            SessionOptions::read(&request).is_ok()
        };
        assert!(read("arn:aws:iam::aws:policy/ReadOnlyAccess", "ana@example.com"));
        assert!(read("arn:aws-cn:iam::123456789012:policy/team/x", "ana"));
        assert!(!read("arn:aws:iam::123456789012:role/x", "ana"));
        assert!(!read("arn:aws:iam::aws:policy/ReadOnlyAccess", "aws:x"));
        assert!(!read("arn:aws:iam::aws:policy/ReadOnlyAccess", "a"));
    }
}
