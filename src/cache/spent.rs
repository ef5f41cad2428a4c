//! The memory of the last code of each MFA device, so that no process sends it a second time: AWS takes each once.

use std::path::PathBuf;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::{Cache, LONGEST, Unwritable, put};
use crate::digest::sha1_hex;
use crate::disk;
use crate::keys::Secret;
use crate::moment;

/// How long a code may be taken for a new one: it is shown for half a minute, and accepted a little longer.
const REMEMBERED: Duration = Duration::minutes(2);

impl Cache {
    /// Whether this code of the device `serial` was sent a moment ago, by whichever process.
    #[must_use]
    pub fn is_spent(&self, serial: &str, code: &Secret) -> bool {
        let kept = disk::read_own(&self.spent_path(serial), LONGEST).ok();
        let kept: Option<Value> = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        kept.is_some_and(|kept| {
            let at = kept["At"].as_str().and_then(moment::parse);
            let is_recent = at.is_some_and(|at| (OffsetDateTime::now_utc() - at).abs() < REMEMBERED);
            is_recent && kept["Digest"] == digest(serial, code)
        })
    }

    /// Remembers that this code is about to be sent.
    ///
    /// # Errors
    /// [`Unwritable`].
    pub fn spend(&self, serial: &str, code: &Secret) -> Result<(), Unwritable> {
        let now = moment::format(OffsetDateTime::now_utc());
        let text = json!({ "At": now, "Digest": digest(serial, code) }).to_string();
        put(&self.spent_path(serial), &text)
    }

    fn spent_path(&self, serial: &str) -> PathBuf {
        self.codes().join(format!("{}.json", sha1_hex(serial)))
    }

    pub(super) fn codes(&self) -> PathBuf {
        self.own.join("codes")
    }
}

fn digest(serial: &str, code: &Secret) -> String {
    sha1_hex(&format!("{serial}\n{}", code.expose()))
}
