//! `ROLENV_RESTORE`: the previous value of each changed variable, in characters that need no quoting.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use base64_simd::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::Var;

/// The value of each changed variable before the first assume; `None`: not set.
#[derive(Clone, Default)]
pub(super) struct Restore {
    before: BTreeMap<Var, Option<OsString>>,
}

/// A value that rolenv did not write.
struct Damage;

impl Restore {
    /// Unknown names are ignored: a forged `ROLENV_RESTORE` can choose values, but not variables.
    pub(super) fn decode(written: &OsStr) -> Option<Self> {
        let json = URL_SAFE_NO_PAD.decode_to_vec(written.to_str()?).ok()?;
        let object: Map<String, Value> = serde_json::from_slice(&json).ok()?;
        let mut before = BTreeMap::new();
        for (name, value) in object {
            if let Some(var) = Var::named(&name).filter(|var| !var.is_own()) {
                before.insert(var, decode_value(value).ok()?);
            }
        }
        let is_complete = Var::ALL
            .iter()
            .all(|var| !var.is_credential() || before.contains_key(var));
        is_complete.then_some(Self { before })
    }

    /// Records `before` unless the variable is recorded already: `clear` returns to before the first assume.
    pub(super) fn remember(&mut self, var: Var, before: Option<&OsStr>) {
        self.before.entry(var).or_insert_with(|| before.map(OsStr::to_owned));
    }

    pub(super) const fn values(&self) -> &BTreeMap<Var, Option<OsString>> {
        &self.before
    }

    /// Base64url without padding, of a JSON object from variable name to value.
    pub(super) fn write(&self) -> String {
        let object: Map<String, Value> = self
            .before
            .iter()
            .map(|(var, value)| (var.name().to_owned(), encode(value.as_deref())))
            .collect();
        URL_SAFE_NO_PAD.encode_to_string(Value::Object(object).to_string())
    }
}

/// Text is a JSON string; anything else an array of its bytes, or UTF-16 units on Windows.
fn encode(value: Option<&OsStr>) -> Value {
    match value {
        None => Value::Null,
        Some(value) => match value.to_str() {
            Some(text) => text.into(),
            None => units::of(value).into(),
        },
    }
}

fn decode_value(value: Value) -> Result<Option<OsString>, Damage> {
    match value {
        Value::Null => Ok(None),
        // No variable can contain a NUL, so rolenv did not write such a text.
        Value::String(text) if !text.contains('\0') => Ok(Some(text.into())),
        Value::Array(units) => {
            let units: Option<Vec<u64>> = units.iter().map(Value::as_u64).collect();
            units.and_then(|units| units::join(&units)).map(Some).ok_or(Damage)
        }
        _ => Err(Damage),
    }
}

#[cfg(unix)]
mod units {
    use std::ffi::{OsStr, OsString};
    use std::os::unix::ffi::{OsStrExt, OsStringExt};

    pub(super) fn of(value: &OsStr) -> Vec<u64> {
        value.as_bytes().iter().copied().map(u64::from).collect()
    }

    pub(super) fn join(units: &[u64]) -> Option<OsString> {
        let byte = |&unit: &u64| u8::try_from(unit).ok().filter(|&byte| byte != 0);
        let bytes: Option<Vec<u8>> = units.iter().map(byte).collect();
        bytes.map(OsString::from_vec)
    }
}

#[cfg(windows)]
mod units {
    use std::ffi::{OsStr, OsString};
    use std::os::windows::ffi::{OsStrExt, OsStringExt};

    pub(super) fn of(value: &OsStr) -> Vec<u64> {
        value.encode_wide().map(u64::from).collect()
    }

    pub(super) fn join(units: &[u64]) -> Option<OsString> {
        let wide = |&unit: &u64| u16::try_from(unit).ok().filter(|&wide| wide != 0);
        let wide: Option<Vec<u16>> = units.iter().map(wide).collect();
        wide.map(|wide| OsString::from_wide(&wide))
    }
}
