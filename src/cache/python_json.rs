//! Serializes JSON byte for byte like Python's `json.dumps(value, sort_keys=True)`: the AWS CLI names its cache files
//! by the digest of such a text.

use std::io::{Result, Write};

use serde::Serialize as _;
use serde_json::ser::{Formatter, Serializer};
use serde_json::{Map, Value};

/// A space after `,` and `:`, sorted keys (by code points, which is the order of the map), ASCII only.
pub(super) fn dumps(object: &Map<String, Value>) -> String {
    let mut text = Vec::new();
    let written = object.serialize(&mut Serializer::with_formatter(&mut text, Python));
    debug_assert!(written.is_ok());
    String::from_utf8(text).unwrap_or_default()
}

struct Python;

impl Formatter for Python {
    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        writer.write_all(b": ")
    }

    /// Text without the characters that every JSON writer escapes.
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> Result<()> {
        for character in fragment.chars() {
            match character {
                ' '..='~' => write!(writer, "{character}")?,
                _ => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        write!(writer, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn as_python_writes_it() {
        let value = json!({"b": [1, true, null, "x"], "a": {"z": "/<>&", "\u{e9}": "\u{1f600}\u{7f}\n\u{1}\"\\"}});
        let expected = r#"{"a": {"z": "/<>&", "\u00e9": "\ud83d\ude00\u007f\n\u0001\"\\"}, "b": [1, true, null, "x"]}"#;
        assert_eq!(value.as_object().map(dumps).as_deref(), Some(expected));
        assert_eq!(dumps(&Map::new()), "{}");
    }
}
