//! How many requests of a method a stage lets pass: a token bucket for each method that has limits.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use vpclab_cloud::stage::MethodSettings;

/// Buckets kept; beyond that the full ones, which say nothing, go.
const BUCKETS_MAX: usize = 10_000;
/// What a method without a rate of its own has: the account's limits.
const ACCOUNT_RATE_MILLI: u64 = 10_000_000;
const ACCOUNT_BURST: u32 = 5_000;

/// The buckets of all methods.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    /// Milliseconds since 1970.
    at: u64,
    burst: u32,
    rate_milli: u64,
}

impl Bucket {
    fn refill(&mut self, now: u64) {
        let passed = now.saturating_sub(self.at) as f64 / 1000.0;
        self.tokens = (self.tokens + passed * self.rate_milli as f64 / 1000.0).min(f64::from(self.burst));
        self.at = self.at.max(now);
    }
}

impl Throttle {
    /// Whether one more request of a method may pass now. Without limits of its own it may.
    pub(crate) fn admits(&self, settings: &MethodSettings, key: impl FnOnce() -> String, now: u64) -> bool {
        if settings.burst_limit.is_none() && settings.rate_limit_milli.is_none() {
            return true;
        }
        let burst = settings.burst_limit.unwrap_or(ACCOUNT_BURST);
        let rate_milli = settings.rate_limit_milli.unwrap_or(ACCOUNT_RATE_MILLI);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS_MAX {
            buckets.retain(|_, bucket| {
                bucket.refill(now);
                bucket.tokens < f64::from(bucket.burst)
            });
        }
        let key = key();
        if buckets.len() >= BUCKETS_MAX && !buckets.contains_key(&key) {
            return true;
        }
        let bucket = buckets.entry(key).or_insert(Bucket { tokens: f64::from(burst), at: now, burst, rate_milli });
        if (bucket.burst, bucket.rate_milli) != (burst, rate_milli) {
            *bucket = Bucket { tokens: f64::from(burst), at: now, burst, rate_milli };
        }
        bucket.refill(now);
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills() {
        let throttle = Throttle::default();
        let settings = |burst, rate_milli| MethodSettings { burst_limit: burst, rate_limit_milli: rate_milli, ..MethodSettings::default() };
        let ask = |settings: &MethodSettings, now| throttle.admits(settings, || "m".into(), now);
        let two = settings(Some(2), Some(1_000));
        assert!(ask(&two, 0) && ask(&two, 0) && !ask(&two, 0));
        assert!(!ask(&two, 900) && ask(&two, 1_000) && !ask(&two, 1_000));
        // New limits act at once.
        assert!(ask(&settings(Some(1), Some(1_000)), 1_000));
        assert!(!ask(&settings(Some(0), Some(0)), 9_000));
        assert!(ask(&settings(None, None), 9_000));
    }
}
