//! `ROLENV_RESTORE`: the previous value of each changed variable, a fingerprint of each value that was set, and the request,
//! in characters that need no quoting.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use base64_simd::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::Var;
use crate::digest::sha1_hex;

/// The record of the assumes in this environment.
#[derive(Clone, Default)]
pub(super) struct Restore {
    /// The value of each changed variable before the first assume; `None`: not set.
    before: BTreeMap<Var, Option<OsString>>,
    /// The fingerprint of each value that the last assume set. It unset the other variables.
    set: BTreeMap<Var, String>,
    /// The arguments of the last assume that describe its session.
    pub(super) request: Vec<String>,
    /// Those of the assume before it, if they are others.
    pub(super) previous: Vec<String>,
}

/// The members of the JSON object.
const BEFORE: &str = "before";
const SET: &str = "set";
const REQUEST: &str = "request";
const PREVIOUS: &str = "previous";

/// A value that rolenv did not write.
struct Damage;

impl Restore {
    /// Unknown names are ignored: a forged `ROLENV_RESTORE` can choose values, but not variables.
    pub(super) fn decode(written: &OsStr) -> Option<Self> {
        let json = URL_SAFE_NO_PAD.decode_to_vec(written.to_str()?).ok()?;
        let mut object: Map<String, Value> = serde_json::from_slice(&json).ok()?;
        let mut restore = Self {
            request: texts(object.remove(REQUEST))?,
            previous: texts(object.remove(PREVIOUS))?,
            ..Self::default()
        };
        for (var, value) in variables(object.remove(BEFORE))? {
            restore.before.insert(var, decode_value(value).ok()?);
        }
        for (var, value) in variables(object.remove(SET))? {
            restore.set.insert(var, value.as_str()?.to_owned());
        }
        let is_complete = Var::ALL
            .iter()
            .all(|var| !var.is_credential() || restore.before.contains_key(var));
        is_complete.then_some(restore)
    }

    /// Whether a variable has another value than the last assume gave it.
    pub(super) fn is_changed(&self, var: Var, now: Option<&OsStr>) -> bool {
        now.map(fingerprint) != self.set.get(&var).cloned()
    }

    /// Records an assume that sets these values.
    pub(super) fn record<'set>(&mut self, set: impl Iterator<Item = (Var, &'set OsStr)>, request: Vec<String>) {
        self.set = set.map(|(var, value)| (var, fingerprint(value))).collect();
        if self.request != request {
            self.previous = std::mem::replace(&mut self.request, request);
        }
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
        let before: Map<String, Value> = self
            .before
            .iter()
            .map(|(var, value)| (var.name().to_owned(), encode(value.as_deref())))
            .collect();
        let set: Map<String, Value> = self
            .set
            .iter()
            .map(|(var, fingerprint)| (var.name().to_owned(), fingerprint.as_str().into()))
            .collect();
        let object = json!({ BEFORE: before, SET: set, REQUEST: self.request, PREVIOUS: self.previous });
        URL_SAFE_NO_PAD.encode_to_string(object.to_string())
    }
}

/// The members of an object that are names of variables. rolenv's own variables are not restored.
fn variables(object: Option<Value>) -> Option<Vec<(Var, Value)>> {
    let Some(Value::Object(object)) = object else {
        return None;
    };
    let known = object
        .into_iter()
        .filter_map(|(name, value)| Some((Var::named(&name)?, value)));
    Some(known.filter(|(var, _)| !var.is_own()).collect())
}

fn texts(list: Option<Value>) -> Option<Vec<String>> {
    let Some(Value::Array(list)) = list else {
        return None;
    };
    list.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}

/// Enough of a digest to notice a change. It is only next to the value itself.
fn fingerprint(value: &OsStr) -> String {
    let mut digest = sha1_hex(&encode(Some(value)).to_string());
    digest.truncate(12);
    digest
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
