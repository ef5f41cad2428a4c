//! The limits of STS parameters, checked before a request is sent.

/// The rule of a parameter, from the STS API reference.
pub(super) struct Limit {
    what: &'static str,
    length: std::ops::RangeInclusive<usize>,
    extra_chars: &'static [u8],
    rule: &'static str,
    /// Further values that are invalid.
    is_invalid: fn(&str) -> bool,
    /// Whether an invalid value may be repeated in the message: an MFA code may be in the place of a serial by mistake.
    echo_value: bool,
}

/// A value that violates its [`Limit`].
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid {what}{}: must be {rule}", .value.as_ref().map(|value| format!(" `{value}`")).unwrap_or_default())]
pub struct InvalidValue {
    what: &'static str,
    value: Option<String>,
    rule: &'static str,
}

pub(super) const SESSION_NAME: Limit = Limit {
    what: "session name",
    length: 2..=64,
    extra_chars: b"_+=,.@-",
    rule: "2-64 characters from A-Z a-z 0-9 _ + = , . @ -",
    is_invalid: |_| false,
    echo_value: true,
};

pub(super) const SOURCE_IDENTITY: Limit = Limit {
    what: "source identity",
    ..SESSION_NAME
};

pub(super) const EXTERNAL_ID: Limit = Limit {
    what: "external ID",
    length: 2..=1224,
    extra_chars: b"_+=,.@:/-",
    is_invalid: |_| false,
    rule: "2-1224 characters from A-Z a-z 0-9 _ + = , . @ : / -",
    echo_value: true,
};

pub(super) const MFA_SERIAL: Limit = Limit {
    what: "MFA serial",
    length: 9..=256,
    extra_chars: b"_+=/:,.@-",
    is_invalid: |_| false,
    rule: "9-256 characters from A-Z a-z 0-9 _ + = / : , . @ -, like `arn:aws:iam::ACCOUNT:mfa/NAME`",
    echo_value: false,
};

/// A DNS label, like in botocore: a region becomes a part of a host name.
pub(super) const REGION: Limit = Limit {
    what: "region",
    length: 1..=63,
    extra_chars: b"-",
    rule: "1-63 characters from A-Z a-z 0-9 -, like `eu-west-1`",
    is_invalid: |text| text.starts_with('-') || text.ends_with('-') || text.bytes().all(|byte| byte.is_ascii_digit()),
    echo_value: true,
};

impl Limit {
    /// Checks a value.
    pub(super) fn check(&self, value: &str) -> Result<(), InvalidValue> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || self.extra_chars.contains(&byte);
        if self.length.contains(&value.len()) && value.bytes().all(allowed) && !(self.is_invalid)(value) {
            return Ok(());
        }
        Err(InvalidValue {
            what: self.what,
            value: self.echo_value.then(|| value.to_owned()),
            rule: self.rule,
        })
    }
}

/// Whether a text is a valid region name.
pub fn is_region(text: &str) -> bool {
    REGION.check(text).is_ok()
}

/// Parses a whole number like Python's `int`: with a sign, surrounding whitespace, single underscores between digits.
pub(super) fn whole_number(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let grouped = digits.split('_');
    let is_digits = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    if !grouped.clone().all(is_digits) {
        return None;
    }
    // A number that does not fit is larger than any limit.
    let number = grouped.collect::<String>().parse().unwrap_or(i64::MAX);
    Some(if text.starts_with('-') { -number } else { number })
}

/// The duration of a session in seconds. The maximum of any role is 12 hours.
pub(super) const DURATION: std::ops::RangeInclusive<u32> = 900..=43_200;

/// The longest session for role chaining, in seconds.
pub(super) const MAX_CHAINED_DURATION: u32 = 3_600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_as_python_has_them() {
        for (text, number) in [
            ("900", Some(900)),
            (" +900\t", Some(900)),
            ("-1", Some(-1)),
            ("3_600", Some(3600)),
            ("99999999999999999999", Some(i64::MAX)),
            ("", None),
            ("_1", None),
            ("1__0", None),
            ("900.5", None),
            ("+-1", None),
            ("abc", None),
        ] {
            assert_eq!(whole_number(text), number, "{text}");
        }
    }

    #[test]
    fn limits_hold_at_their_edges() {
        assert!(SESSION_NAME.check("ab").is_ok());
        assert!(SESSION_NAME.check("a").is_err());
        assert!(SESSION_NAME.check(&"a".repeat(64)).is_ok());
        assert!(SESSION_NAME.check(&"a".repeat(65)).is_err());
        assert!(SESSION_NAME.check("a b").is_err());
        assert!(EXTERNAL_ID.check("a:/b").is_ok());
        assert!(MFA_SERIAL.check("GAHT12345678").is_ok());
        assert!(MFA_SERIAL.check("short").is_err());
        for bad in [
            "",
            "-eu",
            "eu-",
            "123",
            "us east 1",
            "us-east-1.evil.example/",
            "\u{e9}u-west-1",
        ] {
            assert!(REGION.check(bad).is_err(), "{bad}");
        }
    }
}
