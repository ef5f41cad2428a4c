//! The status as text.

use std::fmt::Write as _;

use super::report::{ClearPreview, SetBy, Status, Verification};
use crate::env::Var;
use crate::terminal::Terminal;
use crate::timestamp;

/// The status, with a line break at the end. Problems come first, with `renew`, the command that renews the session, if
/// that is due.
pub(super) fn to_text(status: &Status, renew: Option<&str>) -> String {
    let mut text = String::new();
    for problem in &status.problems {
        let _ = writeln!(text, "{}", Terminal::line(problem));
    }
    if let Some(line) = renew {
        let what = if status.is_ok() {
            "the session expires soon; to renew it:"
        } else {
            "to renew the session:"
        };
        let _ = writeln!(text, "{what}\n\n    {line}");
    }
    if !text.is_empty() {
        text.push('\n');
    }
    for (label, value) in lines(status) {
        let _ = writeln!(text, "{label:<15}{}", Terminal::line(&value));
    }
    for note in &status.notes {
        let _ = writeln!(text, "\nNote: {}.", Terminal::line(note));
    }
    text
}

fn lines(status: &Status) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    let known = [
        ("target", &status.target),
        ("role", &status.role),
        ("access key", &status.access_key),
    ];
    for (label, value) in known {
        lines.extend(value.as_ref().map(|value| (label, value.clone())));
    }
    lines.push((
        "set by",
        match status.set_by {
            SetBy::None => "none: no credentials in this environment",
            SetBy::User => "you or another program",
            SetBy::Rolenv => "rolenv",
        }
        .to_owned(),
    ));
    lines.extend(session(status).map(|session| ("session", session)));
    let of = |(var, value): &(Var, String)| format!("{value} (`{}`)", var.name());
    lines.extend(
        status
            .profile
            .iter()
            .map(|profile| ("profile", profile_text(status, profile))),
    );
    lines.extend(status.region.iter().map(|region| ("region", of(region))));
    if let Verification::Accepted(identity) = &status.verification {
        lines.push(("verified", identity.arn.clone()));
        lines.push(("", format!("account {}", identity.account)));
        lines.push(("", format!("user ID {}", identity.user_id)));
    }
    lines.extend(clear(&status.clear));
    lines
}

/// The profile that programs use. Without keys it is only named, not assumed.
fn profile_text(status: &Status, (var, value): &(Var, String)) -> String {
    match status.access_key {
        Some(_) => format!("{value} (`{}`)", var.name()),
        None => format!("{}={value}, not assumed", var.name()),
    }
}

fn session(status: &Status) -> Option<String> {
    status.access_key.as_ref()?;
    Some(match &status.end {
        Some(end) => {
            let at = timestamp::format(end.at).unwrap_or_default();
            if end.left.is_positive() {
                format!("expires in {}, at {at}", timestamp::roughly(end.left))
            } else {
                format!("expired {} ago, at {at}", timestamp::roughly(-end.left))
            }
        }
        None if status.is_session => "expiration unknown".to_owned(),
        None if status.lacks_token => "none: the session token is missing".to_owned(),
        None => "none: long-term access key".to_owned(),
    })
}

fn clear(clear: &ClearPreview) -> Vec<(&'static str, String)> {
    let mut changes = Vec::new();
    for (var, value) in &clear.restores {
        changes.push(match value {
            Some(value) => format!("sets {} to `{value}`", var.name()),
            None => format!("sets {}", var.name()),
        });
    }
    changes.extend(clear.unsets.iter().map(|var| format!("unsets {}", var.name())));
    if changes.is_empty() {
        changes.push("changes nothing".to_owned());
    }
    let labels = std::iter::once("clear").chain(std::iter::repeat(""));
    labels.zip(changes).collect()
}
