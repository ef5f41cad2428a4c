//! A report as text, for a person.

use std::fmt::Write as _;

use super::{Report, Step};
use crate::config::{Located, Origin};
use crate::session::CacheState;
use crate::timestamp::{self, minutes};

/// The report, line by line, with a line break at its end.
pub fn to_text(report: &Report) -> String {
    let mut text = String::new();
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(text, "{label:<15}{value}");
    };
    line("target", &report.target);
    line("credentials", &format!("{} ({})", report.source, report.source_origin));
    if let Some(endpoint) = &report.source_endpoint {
        line("", &format!("given by {}", told(endpoint)));
    }
    match &report.region {
        Some(region) => line("exports", &format!("region {}", told(region))),
        None => line("exports", "no region: the target names none"),
    }
    if !report.steps.is_empty() {
        line("asks", &told(&report.sts.url));
        line("signs for", &told(&report.sts.region));
        for detail in &report.sts.details {
            line("", detail);
        }
    }
    for (index, step) in report.steps.iter().enumerate() {
        text.push('\n');
        write_step(&mut text, index + 1, step);
    }
    if report.steps.is_empty() {
        text.push_str("\nSTS is not asked: the credentials are exported as they are.\n");
    }
    for note in &report.notes {
        let _ = writeln!(text, "\nNote: {note}.");
    }
    text.push_str(match report.in_the_way[..] {
        [] => "\nNothing is known to be in the way.\n",
        _ => "\nIn the way:\n",
    });
    for obstacle in &report.in_the_way {
        let _ = writeln!(text, "  - {obstacle}");
    }
    text
}

fn write_step(text: &mut String, number: usize, step: &Step) {
    let role = step.role.as_ref().map(|role| format!(" {}", told(role)));
    let _ = writeln!(text, "{number}. {}{}", step.action, role.unwrap_or_default());
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(text, "   {label:<25}{value}");
    };
    line("as", &step.signer);
    for (name, found) in &step.parameters {
        line(name, &told(found));
    }
    line("on disk", &kept(step.stored));
    if let Some(stored) = step.mfa_session {
        line("MFA session on disk", &kept(stored));
    }
    for (title, policy) in [
        (
            "the caller must be allowed (permission policy):",
            &step.permission_policy,
        ),
        ("the role must trust the caller (trust policy):", &step.trust_policy),
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

/// What is kept, and until when.
fn kept(stored: CacheState) -> String {
    match stored {
        CacheState::Until { end, left } => {
            let end = timestamp::format(end).unwrap_or_default();
            format!("kept until {end} ({} left)", minutes(left))
        }
        CacheState::Nothing => "not kept".to_owned(),
        CacheState::NotNeeded => "not kept, and not needed".to_owned(),
        CacheState::Unknown => "not known before there are credentials".to_owned(),
        CacheState::Unused => "not used: `--refresh` or `--no-cache` says so".to_owned(),
    }
}

/// A value and where it comes from.
fn told(found: &Located<String>) -> String {
    match found.origin {
        Origin::Default => format!("{} (default)", found.value),
        _ => format!("{} ({})", found.value, found.origin),
    }
}
