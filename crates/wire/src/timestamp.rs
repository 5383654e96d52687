//! Points in time as the protocols write them.

use std::fmt;

/// Milliseconds since 1970, UTC.
///
/// `Display` writes ISO 8601 as EC2 does: `2026-11-23T10:00:00.000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// From milliseconds since 1970.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The same without the fraction of a second.
    #[must_use]
    pub const fn whole_seconds(self) -> Self {
        Self(self.epoch_seconds().saturating_mul(1000))
    }

    /// `Sat, 31 Jan 2026 12:00:00 GMT`
    #[must_use]
    pub fn http_date(self) -> String {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
            Err(_) => self.epoch_seconds().to_string(),
        }
    }

    /// `20260131T120000Z`, as signatures write it.
    #[must_use]
    pub fn basic(self) -> String {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => time.strftime("%Y%m%dT%H%M%SZ").to_string(),
            Err(_) => self.epoch_seconds().to_string(),
        }
    }

    /// Whole seconds since 1970, as API Gateway writes them.
    #[must_use]
    pub const fn epoch_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Reads ISO 8601, seconds since 1970 (with a fraction), or the date of a header.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(seconds) = text.parse::<i64>() {
            return seconds.checked_mul(1000).map(Self);
        }
        let seconds = text.parse::<f64>().ok().filter(|seconds| seconds.abs() < 1e12);
        #[expect(clippy::cast_possible_truncation, reason = "bounded on the line above")]
        if let Some(seconds) = seconds {
            return Some(Self((seconds * 1000.0).round() as i64));
        }
        let time = text.parse::<jiff::Timestamp>().ok();
        let time = time.or_else(|| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok())?;
        Some(Self(time.as_millisecond()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => write!(f, "{time:.3}"),
            // Outside the years that ISO 8601 can write.
            Err(_) => write!(f, "{}", self.epoch_seconds()),
        }
    }
}
