//! Cached sessions as a table.

use std::fmt::Write as _;

use time::OffsetDateTime;

use super::told;
use crate::cache::{CacheFile, CachedSession, Contents, EntryKind};
use crate::terminal::Terminal;

const TITLES: [&str; 4] = ["TYPE", "TARGET", "SOURCE", "EXPIRES"];

/// A header, a line for each session, and a line for each corrupt file.
pub(super) fn table(held: &[CacheFile], now: OffsetDateTime) -> String {
    if held.is_empty() {
        return "no cached sessions\n".to_owned();
    }
    let (mut rows, mut damaged) = (Vec::new(), Vec::new());
    for CacheFile { path, what } in held {
        match what {
            Contents::Session(kept) => rows.push(row(kept, now)),
            Contents::Damaged { reason, .. } => {
                damaged.push(Terminal::line(&format!("corrupt: `{}`: {reason}", path.display())));
            }
        }
    }
    if !rows.is_empty() {
        rows.insert(0, TITLES.map(str::to_owned));
    }
    let mut text = aligned(&rows);
    for line in damaged {
        let _ = writeln!(text, "{line}");
    }
    text
}

fn row(kept: &CachedSession, now: OffsetDateTime) -> [String; 4] {
    let what = match kept.kind {
        EntryKind::Role => "role session",
        EntryKind::Mfa => "MFA session",
    };
    let at = kept.endpoint.as_ref().map(|endpoint| format!(", at {endpoint}"));
    let end = told::end(kept, now) + &at.unwrap_or_default();
    [what, told::target(kept), &told::caller(kept), &end].map(Terminal::line)
}

fn aligned(rows: &[[String; 4]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let [first, second, third] = [width(0), width(1), width(2)];
    let mut text = String::new();
    for [what, of, by, end] in rows {
        let _ = writeln!(text, "{what:<first$}  {of:<second$}  {by:<third$}  {end}");
    }
    text
}
