//! The difference between this machine's clock and AWS's, from the date of each response.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use time::{Duration, OffsetDateTime};

use crate::timestamp;

/// A smaller difference is ignored: dates have whole seconds, responses take time, and sessions are renewed earlier.
const NOTICEABLE: Duration = Duration::minutes(1);

/// No request takes longer. If one seems to, the clock was set or the machine was suspended meanwhile.
const MAX_REQUEST_TIME: Duration = Duration::seconds(30);

/// The largest difference so far, in seconds; positive if AWS's clock is ahead.
#[derive(Clone, Debug, Default)]
pub(super) struct ClockSkew(Arc<AtomicI64>);

impl ClockSkew {
    /// Compares the date of a response with the middle of its request, which began at `start`. An invalid date is
    /// ignored.
    pub(super) fn compare(&self, start: OffsetDateTime, response: &HttpResponse) {
        let took = OffsetDateTime::now_utc() - start;
        let date = response.headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        let date = date.and_then(|date| OffsetDateTime::from_unix_timestamp(date.secs()).ok());
        if let Some(date) = date.filter(|_| (Duration::ZERO..MAX_REQUEST_TIME).contains(&took)) {
            let ahead: Duration = date - (start + took / 2);
            self.record(ahead.whole_seconds());
        }
    }

    fn record(&self, ahead: i64) {
        // Only one thread writes it.
        if ahead.unsigned_abs() > self.0.load(Ordering::Relaxed).unsigned_abs() {
            self.0.store(ahead, Ordering::Relaxed);
        }
    }

    /// AWS's time minus this machine's, if it is a minute or more.
    pub(super) fn skew(&self) -> Option<Duration> {
        let ahead = Duration::seconds(self.0.load(Ordering::Relaxed));
        (ahead.abs() >= NOTICEABLE).then_some(ahead)
    }

    /// The time for the next signature.
    pub(super) fn corrected(&self) -> CorrectedTime {
        CorrectedTime(self.skew().unwrap_or_default())
    }

    /// The expiration of a session by this machine's clock, for AWS's expiration `end`.
    ///
    /// If this machine's clock is behind, tools would consider the session valid after its expiration, so it is moved
    /// to an earlier time. If the clock is corrected later, the session is only renewed early. A clock that is ahead
    /// needs no correction.
    pub(super) fn end(&self, end: OffsetDateTime) -> OffsetDateTime {
        let behind = self.skew().unwrap_or_default().max(Duration::ZERO);
        end.checked_sub(behind).unwrap_or(end)
    }

    /// The state of this machine's clock, for messages.
    pub(super) fn description(&self) -> String {
        match self.skew() {
            None => "this machine's clock is wrong".to_owned(),
            Some(skew) => describe(skew),
        }
    }
}

/// "this machine's clock is 7m behind AWS's clock".
fn describe(skew: Duration) -> String {
    let which = if skew.is_positive() { "behind" } else { "ahead of" };
    format!(
        "this machine's clock is {} {which} AWS's clock",
        timestamp::roughly(skew.abs())
    )
}

/// The same, with the consequences.
pub(super) fn consequences(skew: Duration) -> String {
    let sessions = if skew.is_positive() {
        "expire earlier than shown"
    } else {
        "expire later than shown"
    };
    format!(
        "{}: MFA codes that an `mfa_process` computes may be refused, sessions {sessions}, and beyond 15m AWS refuses \
         most tools",
        describe(skew)
    )
}

/// AWS's time as known before a request. The difference is fixed for all attempts, because the SDK corrects it from one
/// attempt to the next.
#[derive(Debug)]
pub(super) struct CorrectedTime(Duration);

impl TimeSource for CorrectedTime {
    fn now(&self) -> SystemTime {
        let now = SystemTime::now();
        let corrected = if self.0.is_positive() {
            now.checked_add(self.0.unsigned_abs())
        } else {
            now.checked_sub(self.0.unsigned_abs())
        };
        corrected.unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(ahead: i64) -> ClockSkew {
        let clock = ClockSkew::default();
        clock.record(ahead);
        clock
    }

    #[test]
    fn the_largest_difference_counts_from_a_minute_on() {
        let clock = clock(59);
        assert_eq!(clock.skew(), None);
        assert_eq!(clock.description(), "this machine's clock is wrong");
        clock.record(-420);
        clock.record(100);
        assert_eq!(clock.skew(), Some(Duration::minutes(-7)));
        assert_eq!(clock.description(), "this machine's clock is 7m ahead of AWS's clock");
        clock.record(i64::MIN);
        assert!(clock.skew().is_some());
    }

    #[test]
    fn no_session_looks_longer_than_it_is() {
        let end = OffsetDateTime::UNIX_EPOCH + Duration::hours(1);
        assert_eq!(clock(30).end(end), end);
        assert_eq!(clock(-420).end(end), end);
        assert_eq!(clock(420).end(end), end - Duration::minutes(7));
    }

    #[test]
    fn what_is_no_date_says_nothing() -> Result<(), Box<dyn std::error::Error>> {
        let clock = ClockSkew::default();
        let now = OffsetDateTime::now_utc();
        for date in ["", "x", "0", "Sun, 99 Nov 2026 09:05:07 GMT", "2020-01-01T00:00:00Z"] {
            let mut response = HttpResponse::new(200_u16.try_into()?, "".into());
            response.headers_mut().insert("date", date.to_owned());
            clock.compare(now, &response);
            assert_eq!(clock.skew(), None, "{date}");
        }
        let mut response = HttpResponse::new(200_u16.try_into()?, "".into());
        response.headers_mut().insert("date", "Wed, 01 Jan 2020 00:00:00 GMT");
        clock.compare(now - Duration::hours(1), &response);
        assert_eq!(clock.skew(), None, "the machine slept");
        clock.compare(now, &response);
        assert!(clock.skew().is_some_and(Duration::is_negative));
        Ok(())
    }
}
