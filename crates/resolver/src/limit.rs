//! The cap on packets of one client.
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Packets a second that one network interface may send to the resolver.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html#vpc-dns-limits>
const PACKETS_PER_SECOND: u32 = 1024;
/// As many clients are remembered at a time. The fabric drops packets with a false source address, so a VPC cannot have more than it has
/// interfaces.
const CLIENTS: usize = 8192;

/// One token bucket a client address.
#[derive(Debug, Default)]
pub(crate) struct Limiter(Mutex<HashMap<IpAddr, Bucket>>);

#[derive(Debug)]
struct Bucket {
    tokens: u32,
    filled: Instant,
}

impl Limiter {
    /// Whether a packet of this client is taken now; the others are dropped.
    pub(crate) fn allows(&self, client: IpAddr, now: Instant) -> bool {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if clients.len() >= CLIENTS && !clients.contains_key(&client) {
            // A bucket that had a second to fill says nothing more than a new one.
            clients.retain(|_, bucket| now.duration_since(bucket.filled) < Duration::from_secs(1));
            if clients.len() >= CLIENTS {
                return false;
            }
        }
        let bucket = clients.entry(client).or_insert(Bucket { tokens: PACKETS_PER_SECOND, filled: now });
        bucket.fill(now);
        match bucket.tokens.checked_sub(1) {
            Some(left) => {
                bucket.tokens = left;
                true
            }
            None => false,
        }
    }
}

impl Bucket {
    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.filled);
        let new = passed.as_nanos() * u128::from(PACKETS_PER_SECOND) / 1_000_000_000;
        if new == 0 {
            return;
        }
        self.tokens = u128::from(self.tokens).saturating_add(new).min(u128::from(PACKETS_PER_SECOND)) as u32;
        self.filled = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn client(n: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from(n))
    }

    #[test]
    fn a_client_gets_1024_packets_a_second() {
        let limiter = Limiter::default();
        let start = Instant::now();
        let taken = |n: u32, at: Instant| (0..n).filter(|_| limiter.allows(client(1), at)).count();
        assert_eq!(taken(3000, start), 1024);
        assert!(limiter.allows(client(2), start), "another client has its own");
        assert_eq!(taken(3000, start + Duration::from_millis(500)), 512);
        assert_eq!(taken(3000, start + Duration::from_secs(60)), 1024);
    }

    #[test]
    fn slow_clients_are_never_capped() {
        let limiter = Limiter::default();
        let start = Instant::now();
        for n in 0..5000u64 {
            assert!(limiter.allows(client(1), start + Duration::from_micros(n * 1000)));
        }
    }

    #[test]
    fn memory_is_bounded() {
        let limiter = Limiter::default();
        let start = Instant::now();
        for n in 0..20_000 {
            let _ = limiter.allows(client(n), start);
        }
        assert!(limiter.0.lock().unwrap().len() <= CLIENTS);
        assert!(!limiter.allows(client(30_000), start));
        assert!(limiter.allows(client(30_000), start + Duration::from_secs(2)));
        assert_eq!(limiter.0.lock().unwrap().len(), 1);
    }
}
