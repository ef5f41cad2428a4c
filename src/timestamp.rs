//! Timestamps and durations as AWS tools write them, in UTC.

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, UtcOffset};

/// Parses an ISO 8601 timestamp in the forms that AWS services and tools use: `2026-11-22T15:04:05Z`, `+00:00`, `UTC`,
/// fractions of a second, a space for the `T`. `None` for anything else, including a missing time zone, on which the
/// AWS CLI fails.
pub fn parse(text: &str) -> Option<OffsetDateTime> {
    let mut text = text.trim().to_owned();
    if let Some(start) = text.strip_suffix("UTC") {
        text = format!("{}Z", start.trim_end());
    }
    if text.as_bytes().get(10) == Some(&b' ') {
        text.replace_range(10..11, "T");
    }
    let timestamp = OffsetDateTime::parse(&text, &Rfc3339).ok()?;
    // In the first and last year, UTC may have no year for a time zone.
    let timestamp = timestamp.checked_to_offset(UtcOffset::UTC)?;
    (0..=9999).contains(&timestamp.year()).then_some(timestamp)
}

/// `2026-11-22T15:04:05Z`: RFC 3339 with whole seconds, which every SDK reads.
pub fn format(timestamp: OffsetDateTime) -> Option<String> {
    let utc = timestamp.checked_to_offset(UtcOffset::UTC)?;
    utc.replace_nanosecond(0).ok()?.format(&Rfc3339).ok()
}

/// A duration in seconds, from seconds or from numbers with `h`, `m`, `s`: `900`, `15m`, `1h30m`.
pub fn seconds(text: &str) -> Option<u32> {
    if let Ok(seconds) = text.parse() {
        return text.bytes().all(|byte| byte.is_ascii_digit()).then_some(seconds);
    }
    let mut total: u32 = 0;
    let mut rest = text;
    for (unit, length) in [('h', 3600), ('m', 60), ('s', 1)] {
        if let Some((number, after)) = rest.split_once(unit) {
            let number = number
                .bytes()
                .all(|byte| byte.is_ascii_digit())
                .then(|| number.parse::<u32>().ok())??;
            total = total.checked_add(number.checked_mul(length)?)?;
            rest = after;
        }
    }
    (rest.is_empty() && !text.is_empty()).then_some(total)
}

/// `1h`, `59m`, `1h30m`; to the nearest minute.
pub fn minutes(duration: Duration) -> String {
    let minutes = (duration.whole_seconds() + 30) / 60;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h{minutes}m"),
    }
}

/// `40s`, `12m`, `1h30m`, `3 days`: rounded for display.
pub fn roughly(duration: Duration) -> String {
    const DAY: i64 = 24 * 60 * 60;
    match duration.whole_seconds() {
        seconds @ ..60 => format!("{seconds}s"),
        seconds if seconds < 2 * DAY - 30 => minutes(duration),
        seconds => format!("{} days", seconds.saturating_add(DAY / 2) / DAY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_the_same_moment() {
        for text in [
            "2026-11-22T15:04:05Z",
            "2026-11-22T15:04:05+00:00",
            "2026-11-22T17:04:05+02:00",
            "2026-11-22T15:04:05UTC",
            "2026-11-22 15:04:05 UTC",
            "2026-11-22T15:04:05.123456789Z",
            " 2026-11-22t15:04:05z\n",
        ] {
            let normal = parse(text).and_then(format);
            assert_eq!(normal.as_deref(), Some("2026-11-22T15:04:05Z"), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment() {
        for text in [
            "",
            "x",
            "2026-11-22T15:04:05",
            "1795358645",
            "2026-13-22T15:04:05Z",
            "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9} UTC",
            "9999-12-31T23:59:59-23:59",
            "0000-01-01T00:00:00+23:59",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn durations_are_told_in_minutes() {
        for (seconds, text) in [(3600, "1h"), (3569, "59m"), (5400, "1h30m"), (0, "0m")] {
            assert_eq!(minutes(Duration::seconds(seconds)), text);
        }
        for (seconds, text) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (172_769, "47h59m"),
            (172_770, "2 days"),
            (863_999, "10 days"),
            (i64::MAX, "106751991167300 days"),
        ] {
            assert_eq!(roughly(Duration::seconds(seconds)), text);
        }
    }

    #[test]
    fn durations_as_they_are_typed() {
        for (text, expected) in [
            ("900", 900),
            ("15m", 900),
            ("59m", 3540),
            ("1h", 3600),
            ("1h30m", 5400),
            ("12h", 43_200),
            ("3600s", 3600),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "12 parsecs",
            "h",
            "m15",
            "1m1h",
            "-900",
            "+900",
            "1.5h",
            "99999999999h",
            "1h ",
            "\u{661}h",
        ] {
            assert!(seconds(text).is_none(), "{text}");
        }
    }
}
