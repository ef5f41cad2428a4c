//! Cached sessions as a table.

use std::fmt::Write as _;

use time::OffsetDateTime;

use super::text;
use crate::cache::{CacheFile, CachedSession, Contents};
use crate::terminal::Terminal;

const TITLES: [&str; 4] = ["TYPE", "TARGET", "SOURCE", "EXPIRES"];

/// A header, a line for each session, and a line for each corrupt file.
pub(super) fn table(files: &[CacheFile], now: OffsetDateTime) -> String {
    if files.is_empty() {
        return "no cached sessions\n".to_owned();
    }
    let (mut rows, mut corrupt) = (Vec::new(), Vec::new());
    for CacheFile { path, contents } in files {
        match contents {
            Contents::Session(session) => rows.push(row(session, now)),
            Contents::Corrupt { reason, .. } => {
                corrupt.push(Terminal::line(&format!("corrupt: `{}`: {reason}", path.display())));
            }
        }
    }
    if !rows.is_empty() {
        rows.insert(0, TITLES.map(str::to_owned));
    }
    let mut text = aligned(&rows);
    for line in corrupt {
        let _ = writeln!(text, "{line}");
    }
    text
}

fn row(session: &CachedSession, now: OffsetDateTime) -> [String; 4] {
    let at = session.endpoint.as_ref().map(|endpoint| format!(", at {endpoint}"));
    let end = text::expiration(session, now) + &at.unwrap_or_default();
    [text::kind(session), text::target(session), &text::caller(session), &end].map(Terminal::line)
}

fn aligned(rows: &[[String; 4]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let [first, second, third] = [width(0), width(1), width(2)];
    let mut text = String::new();
    for [kind, target, source, end] in rows {
        let _ = writeln!(text, "{kind:<first$}  {target:<second$}  {source:<third$}  {end}");
    }
    text
}
