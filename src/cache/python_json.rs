//! Serializes JSON byte for byte like Python's `json.dumps(value, sort_keys=True)`: the AWS CLI names its cache files
//! by the digest of such a text.

use std::fmt::Write as _;

use serde_json::Value;

/// A space after `,` and `:`, sorted keys, ASCII only.
pub(super) fn dumps(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value);
    text
}

fn write(text: &mut String, value: &Value) {
    match value {
        Value::String(string) => write_string(text, string),
        Value::Array(values) => {
            text.push('[');
            for (index, value) in values.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                write(text, value);
            }
            text.push(']');
        }
        Value::Object(object) => {
            let mut entries: Vec<_> = object.iter().collect();
            // Python sorts by code points, which is the order of UTF-8.
            entries.sort_by_key(|(key, _)| key.as_str());
            text.push('{');
            for (index, (key, value)) in entries.into_iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                write_string(text, key);
                text.push_str(": ");
                write(text, value);
            }
            text.push('}');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            let _ = write!(text, "{value}");
        }
    }
}

fn write_string(text: &mut String, string: &str) {
    text.push('"');
    for letter in string.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            ' '..='~' => text.push(letter),
            _ => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn as_python_writes_it() {
        let value = json!({"b": [1, true, null, "x"], "a": {"z": "/<>&", "\u{e9}": "\u{1f600}\u{7f}\n\u{1}\"\\"}});
        let expected = r#"{"a": {"z": "/<>&", "\u00e9": "\ud83d\ude00\u007f\n\u0001\"\\"}, "b": [1, true, null, "x"]}"#;
        assert_eq!(dumps(&value), expected);
        assert_eq!(dumps(&json!({})), "{}");
    }
}
