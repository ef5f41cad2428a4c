//! MFA codes that were sent recently, so that no process sends one again: AWS accepts each code once.

use std::path::PathBuf;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::{Cache, MAX_FILE_SIZE, Unwritable, put};
use crate::digest::sha1_hex;
use crate::fs;
use crate::secret::Secret;
use crate::timestamp;

/// A code is displayed for 30 seconds, and accepted a little longer.
const TTL: Duration = Duration::minutes(2);

/// The members of a record.
const AT: &str = "At";
const DIGEST: &str = "Digest";

impl Cache {
    /// Whether any process has sent this code of the device `serial` recently.
    pub fn is_spent(&self, serial: &str, code: &Secret) -> bool {
        let digest = digest(serial, code);
        self.spent(serial).iter().any(|spent| spent[DIGEST] == digest)
    }

    /// Records that this code is about to be sent.
    pub fn spend(&self, serial: &str, code: &Secret) -> Result<(), Unwritable> {
        let mut spent = self.spent(serial);
        let now = timestamp::format(OffsetDateTime::now_utc());
        spent.push(json!({ AT: now, DIGEST: digest(serial, code) }));
        put(&self.spent_path(serial), &Value::Array(spent).to_string())
    }

    /// The recently sent codes of a device.
    fn spent(&self, serial: &str) -> Vec<Value> {
        let recent = fs::read_own(&self.spent_path(serial), MAX_FILE_SIZE).unwrap_or_default();
        let mut recent: Vec<Value> = serde_json::from_slice(&recent).unwrap_or_default();
        let now = OffsetDateTime::now_utc();
        recent.retain(|spent| {
            let at = spent[AT].as_str().and_then(timestamp::parse);
            at.is_some_and(|at| (now - at).abs() < TTL)
        });
        recent
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
