//! When a signature was made, and whether that is lately enough.
use jiff::{civil::DateTime, fmt::rfc2822, tz::TimeZone};
use vpclab_api::judge::SignatureRefusal;
use vpclab_wire::Timestamp;

/// How far the client's clock may be off, in minutes.
const SKEW: i64 = 5;
const BASIC: &str = "%Y%m%dT%H%M%SZ";

/// `20150830T123600Z`, of `X-Amz-Date` in that form or of a `Date` in HTTP's; and the seconds since 1970.
pub(super) fn basic(text: &str) -> Option<(String, i64)> {
    let text = text.trim();
    let at = match DateTime::strptime(BASIC, text) {
        Ok(at) => TimeZone::UTC.to_timestamp(at).ok()?,
        Err(_) => rfc2822::parse(text).ok()?.timestamp(),
    };
    Some((shown(at.as_second()), at.as_second()))
}

/// Whether a signature of a time may be used now; `lasting` is for how many seconds a presigned one may be used.
pub(super) fn check(text: &str, made: i64, now: u64, lasting: Option<i64>) -> Result<(), SignatureRefusal> {
    let now = i64::try_from(now / 1000).unwrap_or(i64::MAX);
    let latest = now.saturating_add(SKEW * 60);
    if made > latest {
        let (latest, now) = (shown(latest), shown(now));
        return Err(SignatureRefusal::Time(format!(
            "Signature not yet current: {text} is still later than {latest} ({now} + {SKEW} min.)"
        )));
    }
    let seconds = lasting.unwrap_or(SKEW * 60);
    let earliest = now.saturating_sub(seconds);
    if made < earliest {
        let span = if seconds % 60 == 0 { format!("{} min.", seconds / 60) } else { format!("{seconds} sec.") };
        let (earliest, now) = (shown(earliest), shown(now));
        return Err(SignatureRefusal::Time(format!("Signature expired: {text} is now earlier than {earliest} ({now} - {span})")));
    }
    Ok(())
}

fn shown(seconds: i64) -> String {
    Timestamp::from_millis(seconds.saturating_mul(1000)).basic()
}
