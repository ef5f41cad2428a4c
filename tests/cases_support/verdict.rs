//! Whether what rolenv did is what a case says.

use super::cast;
use super::format::Case;
use super::outcome::{self, Outcome};
use super::stage::{Performance, Stage};

/// Everything that is not as it should be, one finding a line.
pub fn judge(case: &Case, stage: &Stage, seen: &Performance) -> Result<(), String> {
    let expected = Outcome::expected(case, stage)?;
    let key = seen.variables.get("AWS_ACCESS_KEY_ID").cloned().flatten();
    let outcome = Outcome::seen(stage, key.map(|key| outcome::holder(stage, &key)));
    let mut findings = Vec::new();
    if outcome != expected {
        findings.push(format!("expected:{expected}\ngot:{outcome}"));
    }
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

fn failure(case: &Case, stage: &Stage, seen: &Performance) -> Vec<String> {
    let mut findings = Vec::new();
    let status = case.status.unwrap_or(1);
    if seen.run.status != Some(status) {
        findings.push(format!("expected status {status}"));
    }
    if seen.run.stdout != "false;\n" {
        findings.push(format!("expected the failing statement, got {:?}", seen.run.stdout));
    }
    let wanted = case.error.iter().flatten().chain(&case.notes);
    for text in wanted.map(|text| shown(text, stage)) {
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
    let member = case.exports.keys.as_deref().and_then(cast::member);
    let expected = match (member, stage.sts.handed_out().pop()) {
        (Some(member), _) => (Some(member.access_key_id), Some(member.secret), member.token),
        (None, Some(last)) => (Some(last.access_key_id), Some(last.secret), Some(last.token)),
        (None, None) => (None, None, None),
    };
    if keys != expected {
        findings.push(format!("expected other keys than those of {:?}", keys.0));
    }
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        // Without a region of the target, the user's own stays.
        let own = stage.home.variable(name).map(str::to_owned);
        let expected = case.exports.region.clone().or(own);
        if get(name) != expected {
            findings.push(format!("expected {name} = {expected:?}, got {:?}", get(name)));
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

/// A text of a case as messages show it: paths below the home start with `~`.
fn shown(text: &str, stage: &Stage) -> String {
    let home = stage.home.path("").display().to_string();
    stage.filled(text).replace(home.trim_end_matches('/'), "~")
}

/// Each expected note is there. That there is no other is what the golden files say.
fn notes(case: &Case, stage: &Stage, seen: &Performance) -> Vec<String> {
    let wanted = case.notes.iter().map(|note| shown(note, stage));
    wanted
        .filter(|note| !seen.run.stderr.contains(note))
        .map(|note| format!("expected the note: {note}"))
        .collect()
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
