//! The memory of the codes that were just sent, so that no process sends one a second time: AWS takes each once.

use std::path::PathBuf;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::{Cache, MAX_FILE_SIZE, Unwritable, put};
use crate::digest::sha1_hex;
use crate::fs;
use crate::secret::Secret;
use crate::timestamp;

/// How long a code may be taken for a new one: it is shown for half a minute, and accepted a little longer.
const TTL: Duration = Duration::minutes(2);

/// The keys of what is remembered of each.
const AT: &str = "At";
const DIGEST: &str = "Digest";

impl Cache {
    /// Whether this code of the device `serial` was sent a moment ago, by whichever process.
    pub fn is_spent(&self, serial: &str, code: &Secret) -> bool {
        let digest = digest(serial, code);
        self.spent(serial).iter().any(|spent| spent[DIGEST] == digest)
    }

    /// Remembers that this code is about to be sent.
    pub fn spend(&self, serial: &str, code: &Secret) -> Result<(), Unwritable> {
        let mut spent = self.spent(serial);
        let now = timestamp::format(OffsetDateTime::now_utc());
        spent.push(json!({ AT: now, DIGEST: digest(serial, code) }));
        put(&self.spent_path(serial), &Value::Array(spent).to_string())
    }

    /// The codes of a device that were sent a moment ago.
    fn spent(&self, serial: &str) -> Vec<Value> {
        let kept = fs::read_own(&self.spent_path(serial), MAX_FILE_SIZE).unwrap_or_default();
        let mut kept: Vec<Value> = serde_json::from_slice(&kept).unwrap_or_default();
        let now = OffsetDateTime::now_utc();
        kept.retain(|spent| {
            let at = spent[AT].as_str().and_then(timestamp::parse);
            at.is_some_and(|at| (now - at).abs() < TTL)
        });
        kept
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
