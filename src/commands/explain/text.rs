//! The report as text.

use std::fmt::Write as _;

use super::report::{Report, StepReport};
use crate::config::{Located, Origin};
use crate::session::CacheState;
use crate::timestamp::{self, minutes};

/// The report, with a line break at the end.
pub(super) fn to_text(report: &Report) -> String {
    let mut text = String::new();
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(text, "{label:<15}{value}");
    };
    line("target", &report.target);
    line("credentials", &format!("{} ({})", report.source, report.source_origin));
    if let Some(endpoint) = &report.source_endpoint {
        line("", &format!("from {}", located(endpoint)));
    }
    match &report.region {
        Some(region) => line("exports", &format!("region {}", located(region))),
        None => line("exports", "no region: the target does not specify one"),
    }
    if !report.steps.is_empty() {
        line("endpoint", &located(&report.sts.url));
        line("signing region", &located(&report.sts.region));
        for detail in &report.sts.details {
            line("", detail);
        }
    }
    for (index, step) in report.steps.iter().enumerate() {
        text.push('\n');
        write_step(&mut text, index + 1, step);
    }
    if report.steps.is_empty() {
        text.push_str("\nNo request to STS: the credentials are exported unchanged.\n");
    }
    for note in &report.notes {
        let _ = writeln!(text, "\nNote: {note}.");
    }
    text.push_str(match report.problems[..] {
        [] => "\nNo known problems.\n",
        _ => "\nProblems:\n",
    });
    for problem in &report.problems {
        let _ = writeln!(text, "  - {problem}");
    }
    text
}

fn write_step(text: &mut String, number: usize, step: &StepReport) {
    let role = step.role.as_ref().map(|role| format!(" {}", located(role)));
    let _ = writeln!(text, "{number}. {}{}", step.action, role.unwrap_or_default());
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(text, "   {label:<25}{value}");
    };
    line("signed by", &step.signer);
    for (name, found) in &step.parameters {
        line(name, &located(found));
    }
    line("cache", &cache_state(step.cached));
    if let Some(state) = step.mfa_session {
        line("cached MFA session", &cache_state(state));
    }
    for (title, policy) in [
        ("permission policy (caller):", &step.permission_policy),
        ("trust policy (role):", &step.trust_policy),
    ] {
        if let Some(policy) = policy {
            let _ = writeln!(text, "\n   {title}\n");
            for line in policy.lines() {
                let _ = writeln!(text, "{line}");
            }
        }
    }
    if let Some((word, what)) = step.placeholder {
        let _ = writeln!(text, "\n   {word} stands for {what}.");
    }
}

/// The state of a cache entry.
fn cache_state(state: CacheState) -> String {
    match state {
        CacheState::Cached { expiration, left } => {
            let end = timestamp::format(expiration).unwrap_or_default();
            format!("cached until {end} ({} left)", minutes(left))
        }
        CacheState::Missing => "not cached".to_owned(),
        CacheState::NotNeeded => "not cached, not needed".to_owned(),
        CacheState::Unknown => "unknown until the credentials are available".to_owned(),
        CacheState::Unused => "not used (`--refresh` or `--no-cache`)".to_owned(),
    }
}

/// A value and its origin.
fn located(found: &Located<String>) -> String {
    match found.origin {
        Origin::Default => format!("{} (default)", found.value),
        _ => format!("{} ({})", found.value, found.origin),
    }
}
