//! The memory that AWS gives no session to an MFA device, so that no code is spent on asking again and again.

use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

use super::entry::MARK;
use crate::timestamp;

/// How long it is remembered.
const REMEMBERED: Duration = Duration::days(7);

/// The key under which it is.
const REFUSED: &str = "Refused";

/// AWS refused a session.
pub(super) struct Refusal {
    pub(super) at: OffsetDateTime,
    /// Who asked whom for what.
    pub(super) mark: Value,
}

impl Refusal {
    /// `None` for what is none.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut kept: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
        let at = kept.get(REFUSED).and_then(Value::as_str).and_then(timestamp::parse)?;
        let mark = kept.remove(MARK)?;
        Some(Self { at, mark })
    }

    /// What is written, on one line.
    pub(super) fn text(&self) -> String {
        json!({ REFUSED: timestamp::format(self.at), MARK: self.mark }).to_string()
    }

    /// Whether it still counts.
    pub(super) fn counts(&self, now: OffsetDateTime) -> bool {
        (now - self.at).abs() < REMEMBERED
    }

    /// When AWS will be asked again.
    pub(super) fn until(&self) -> OffsetDateTime {
        self.at.saturating_add(REMEMBERED)
    }
}
