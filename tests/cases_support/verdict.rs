//! Whether what rolenv did is what a case says.

use std::collections::BTreeSet;

use super::cast;
use super::format::{Asked, Case};
use super::stage::{Performance, Stage, identity};

/// Everything that is not as it should be, one finding a line.
pub fn judge(case: &Case, stage: &Stage, seen: &Performance) -> Result<(), String> {
    let mut findings = requests(case, stage, seen)?;
    let ending = if case.fails() {
        failure(case, stage, seen)
    } else {
        success(case, stage, seen)
    };
    findings.extend(ending);
    findings.extend(leaks(stage, seen));
    if findings.is_empty() {
        return Ok(());
    }
    let stderr = seen.run.stderr.trim().replace('\n', "\n    ");
    Err(format!(
        "{}\nstatus {:?}, standard error:\n    {stderr}",
        findings.join("\n"),
        seen.run.status
    ))
}

fn requests(case: &Case, stage: &Stage, seen: &Performance) -> Result<Vec<String>, String> {
    let expected = case.requests(|text| stage.texts.fill_text(text))?;
    let list = |asked: &[Asked]| match asked {
        [] => "no request".to_owned(),
        _ => asked.iter().map(Asked::to_string).collect::<Vec<_>>().join("\n    "),
    };
    let mut findings = Vec::new();
    if expected != seen.asked {
        findings.push(format!(
            "expected requests:\n    {}\ngot:\n    {}",
            list(&expected),
            list(&seen.asked)
        ));
    }
    if case.connects != seen.connects {
        findings.push(format!(
            "expected connections {:?}, got {:?}",
            case.connects, seen.connects
        ));
    }
    Ok(findings)
}

fn failure(case: &Case, stage: &Stage, seen: &Performance) -> Vec<String> {
    let mut findings = Vec::new();
    let status = case.status.unwrap_or(1);
    if seen.run.status != Some(status) {
        findings.push(format!("expected status {status}"));
    }
    if seen.run.stdout != "false;\n" {
        findings.push(format!("expected the failing statement, got {:?}", seen.run.stdout));
    }
    let plain = ["cannot reach".to_owned()];
    let wanted = case.error.as_deref().unwrap_or(&plain).iter().chain(&case.notes);
    for text in wanted.map(|text| stage.filled(text)) {
        if !seen.run.stderr.contains(&text) {
            findings.push(format!("expected on standard error: {text}"));
        }
    }
    findings
}

fn success(case: &Case, stage: &Stage, seen: &Performance) -> Vec<String> {
    if seen.run.status != Some(0) {
        return vec!["expected success".to_owned()];
    }
    let mut findings = Vec::new();
    let get = |name: &str| seen.variables.get(name).cloned().flatten();
    let keys = (
        get("AWS_ACCESS_KEY_ID"),
        get("AWS_SECRET_ACCESS_KEY"),
        get("AWS_SESSION_TOKEN"),
    );
    let (expected, whose) = match &case.exports.keys {
        Some(name) => match cast::member(name) {
            Some(member) => (
                (Some(member.access_key_id), Some(member.secret), member.token),
                name.clone(),
            ),
            None => return vec![format!("nobody is called `{name}`")],
        },
        None => match stage.sts.handed_out().pop() {
            Some(issued) => (
                (Some(issued.access_key_id), Some(issued.secret), Some(issued.token)),
                identity(&issued.arn),
            ),
            None => return vec!["STS issued nothing".to_owned()],
        },
    };
    if keys != expected {
        findings.push(format!("the exported keys are not those of {whose}: {:?}", keys.0));
    }
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        if get(name) != case.exports.region {
            findings.push(format!(
                "expected {name} = {:?}, got {:?}",
                case.exports.region,
                get(name)
            ));
        }
    }
    let unsigned = |request: &fake_sts::Request| request.action == "AssumeRoleWithWebIdentity";
    if !stage
        .sts
        .requests()
        .iter()
        .all(|request| request.verified || unsigned(request))
    {
        findings.push("a signature is wrong".to_owned());
    }
    findings.extend(notes(case, stage, seen));
    findings
}

/// Each expected note is there, and there is no other.
fn notes(case: &Case, stage: &Stage, seen: &Performance) -> Vec<String> {
    let mut findings = Vec::new();
    let wanted: Vec<String> = case.notes.iter().map(|note| stage.filled(note)).collect();
    for note in &wanted {
        if !seen.run.stderr.contains(note) {
            findings.push(format!("expected the note: {note}"));
        }
    }
    let is_plain = |line: &str| {
        // Who the shell is now; and that the region which every case starts with is gone.
        [
            " for 1h, until ",
            ", until ",
            " with its own keys",
            " with the session that",
            "` is unset: the target names no region",
        ]
        .iter()
        .any(|text| line.contains(text))
    };
    let mut met = BTreeSet::new();
    for line in seen.run.stderr.lines() {
        let note = wanted.iter().find(|note| line.contains(*note));
        let first_time = note.is_some_and(|note| met.insert(note));
        if !first_time && !is_plain(line) {
            findings.push(format!("unexpected note: {line}"));
        }
    }
    findings
}

/// Secrets that got onto the screen.
fn leaks(stage: &Stage, seen: &Performance) -> Vec<String> {
    let issued = stage.sts.handed_out();
    let issued = issued.into_iter().flat_map(|issued| [issued.secret, issued.token]);
    let secrets = cast::secrets().into_iter().chain(issued);
    secrets
        .filter(|secret| seen.run.stderr.contains(secret))
        .map(|secret| format!("a secret is on standard error: {secret}"))
        .collect()
}
