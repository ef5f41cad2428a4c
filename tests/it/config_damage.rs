//! Damage to a config file: every byte flipped to others, every place cut. Nothing panics, and no profile but the
//! damaged one, and those that lead to it, comes to mean something else.

use std::collections::BTreeMap;

use rolenv::cli::RoleArgs;
use rolenv::config::{Files, Profiles};
use rolenv::env::Environment;
use rolenv::plan::{Plan, SessionOptions, SourceKind, Step};

/// Files such as people have. Sections are named by what leads to them.
const CONFIG: &str = "\
# work
[default]
region = eu-west-1
output = json

[profile base]
region=eu-central-1

[profile admin]
role_arn = arn:aws:iam::222222222222:role/admin
source_profile = base
external_id : ext-42
duration_seconds = 3600

[profile \"with blank\"]
role_arn = arn:aws:iam::333333333333:role/team/x
source_profile = base
s3 =
  max_concurrent_requests = 20
  signature_version = s3v4
role_session_name = \u{61}na

[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1

[profile dev]
sso_session = corp
sso_account_id = 444444444444
sso_role_name = Admin

[profile far]
role_arn = arn:aws-cn:iam::555555555555:role/far
source_profile = dev
region = cn-north-1
services = local

[services local]
sts =
  endpoint_url = http://127.0.0.1:4566

[profile process]
credential_process = /usr/local/bin/helper \"--a b\"
";

const CREDENTIALS: &str = "\
[base]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY

[default]
aws_access_key_id = AKIAI44QH8DHBEXAMPLE
aws_secret_access_key = je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY
";

/// Each profile, and the sections it is made of, its own included.
const LEADS_TO: [(&str, &[&str]); 7] = [
    ("default", &["default"]),
    ("base", &["base"]),
    ("admin", &["admin", "base"]),
    ("with blank", &["with blank", "base"]),
    ("dev", &["dev", "corp"]),
    ("far", &["far", "dev", "corp", "local"]),
    ("process", &["process"]),
];

/// What a byte turns into: other letters, both sides of the syntax, what is no text.
const REPLACEMENTS: [u8; 14] = [
    0, b'\n', b'\r', b' ', b'\t', b'[', b']', b'=', b':', b'#', b'"', b'x', 0x80, 0xff,
];

/// What a profile means: everything that would be sent and exported. `None` when rolenv refuses it.
fn meaning(config: &[u8], credentials: &[u8], profile: &str) -> Option<String> {
    let files = Files::in_memory(config, credentials);
    let profiles = Profiles::parse(&files);
    let request = RoleArgs {
        target: Some(profile.to_owned()),
        ..RoleArgs::default()
    };
    let environment: Environment = [
        ("USER", "ana"),
        ("HOME", "/home/ana"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ]
    .into_iter()
    .collect();
    let plan = Plan::new(&request, &SessionOptions::default(), &files, &profiles, &environment).ok()?;
    let source = match &plan.source.kind {
        SourceKind::Keys { keys, .. } => format!("{} {}", keys.access_key_id, keys.secret_access_key.expose()),
        SourceKind::Process { command } => format!("{command:?}"),
        SourceKind::Sso(sso) => format!(
            "{} {} {} {}",
            sso.start_url.value,
            sso.account_id.value,
            sso.role_name.value,
            sso.token_file.display()
        ),
        _ => "something else".to_owned(),
    };
    let value = |found: &Option<rolenv::config::Located<String>>| found.as_ref().map(|found| found.value.clone());
    let steps: Vec<String> = plan
        .steps
        .iter()
        .map(|step| match step {
            Step::AssumeRole(step) => format!(
                "{} {} {:?} {:?} {:?}",
                step.role.value,
                step.session_name.value,
                value(&step.external_id),
                value(&step.mfa.as_ref().map(|device| device.serial.clone())),
                step.duration.as_ref().map(|found| found.value),
            ),
            other => format!("{:?}", other.role().map(|role| &role.value)),
        })
        .collect();
    Some(format!(
        "{source} {steps:?} {:?} {:?} {:?}",
        value(&plan.region),
        value(&plan.endpoint_config.region),
        value(&plan.endpoint_config.endpoint)
    ))
}

/// For each byte of a file, the sections that it is a part of: its own; in a header, or in the line break before one,
/// both that meet there.
fn sections(text: &str) -> Vec<Vec<String>> {
    let name = |header: &str| {
        let header = header.trim_matches(['[', ']']);
        let name = header.split_once(' ').map_or(header, |(_, name)| name);
        name.trim_matches('"').to_owned()
    };
    let mut of_bytes: Vec<Vec<String>> = Vec::new();
    let mut current = String::new();
    for line in text.split_inclusive('\n') {
        let mut parts = vec![current.clone()];
        if line.starts_with('[') {
            current = name(line.trim_end());
            parts.push(current.clone());
            if let Some(line_break) = of_bytes.last_mut() {
                line_break.push(current.clone());
            }
        }
        of_bytes.extend(std::iter::repeat_n(parts, line.len()));
    }
    of_bytes
}

fn unharmed() -> BTreeMap<&'static str, String> {
    let meaning = |profile| meaning(CONFIG.as_bytes(), CREDENTIALS.as_bytes(), profile);
    let all = LEADS_TO.iter();
    all.map(|(profile, _)| {
        (
            *profile,
            meaning(profile).unwrap_or_else(|| panic!("{profile} means nothing")),
        )
    })
    .collect()
}

/// Holds the rule for one damaged pair of files; `touched`: the sections that the damage may be a part of.
fn hold(config: &[u8], credentials: &[u8], touched: &[String], unharmed: &BTreeMap<&str, String>, what: &str) {
    for (profile, parts) in LEADS_TO {
        let is_touched = parts.iter().any(|part| touched.iter().any(|touched| touched == part));
        // Called in any case: it must not panic.
        let now = meaning(config, credentials, profile);
        if !is_touched && let Some(now) = now {
            assert_eq!(now, unharmed[profile], "`{profile}` after {what}");
        }
    }
}

#[test]
fn a_flipped_byte_hurts_no_other_profile() {
    let unharmed = unharmed();
    for (text, is_config) in [(CONFIG, true), (CREDENTIALS, false)] {
        for (index, touched) in sections(text).iter().enumerate() {
            for replacement in REPLACEMENTS {
                let mut damaged = text.as_bytes().to_vec();
                damaged[index] = replacement;
                let (config, credentials) = if is_config {
                    (&damaged[..], CREDENTIALS.as_bytes())
                } else {
                    (CONFIG.as_bytes(), &damaged[..])
                };
                let what = format!(
                    "byte {index} became {replacement:#x} in {:?}",
                    String::from_utf8_lossy(&damaged)
                );
                hold(config, credentials, touched, &unharmed, &what);
            }
        }
    }
}

#[test]
fn a_cut_hurts_only_what_is_at_its_edges() {
    let unharmed = unharmed();
    let bytes = CONFIG.as_bytes();
    let sections = sections(CONFIG);
    for start in 0..bytes.len() {
        for length in [1, 2, 7, 40] {
            let end = (start + length).min(bytes.len());
            let damaged = [&bytes[..start], &bytes[end..]].concat();
            let mut touched: Vec<String> = sections[start..end].concat();
            // What follows the cut goes on where it began.
            touched.extend(sections[end.min(bytes.len() - 1)].clone());
            let what = format!("bytes {start}..{end} were cut: {:?}", String::from_utf8_lossy(&damaged));
            hold(&damaged, CREDENTIALS.as_bytes(), &touched, &unharmed, &what);
        }
        // The rest of the file is gone.
        let touched = sections[start..].concat();
        hold(
            &bytes[..start],
            CREDENTIALS.as_bytes(),
            &touched,
            &unharmed,
            &format!("the end at {start}"),
        );
    }
}
