//! Where this crate reads the clock and takes random numbers.
use crate::version::FunctionVersion;
use std::time::SystemTime;
use vpclab_cloud::Timestamp;

/// Now.
#[expect(clippy::disallowed_methods, reason = "logs and deadlines are told by the clock")]
pub(crate) fn now() -> Timestamp {
    let millis = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis());
    Timestamp(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// `2026-11-23T13:25:09.123Z`
pub(crate) fn iso(time: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(time.0).map_or_else(|_| String::new(), |time| format!("{time:.3}"))
}

/// `2026/11/23/[$LATEST]` and 32 hex digits: the stream of a new environment. In a log group that is not the function's own its name stands
/// before the version.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html>
pub(crate) fn stream(function: &FunctionVersion) -> String {
    let day = iso(now());
    let mut bytes = [0_u8; 16];
    // The name only has to differ: zeros from a kernel without randomness would be the only ones.
    let _ = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty());
    let own = function.log_group == format!("/aws/lambda/{}", function.name);
    let name = if own { "" } else { &function.name };
    format!("{}/{name}[{}]{:032x}", day.get(..10).unwrap_or_default().replace('-', "/"), function.version, u128::from_be_bytes(bytes))
}
