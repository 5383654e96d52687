//! What an operation gets from outside: who asks, what time it is, and a source of ids.
use crate::Scope;
use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

/// The circumstances of one operation.
#[derive(Debug)]
pub struct Context {
    /// The caller's account and the region asked.
    pub scope: Scope,
    /// Now.
    pub now: Timestamp,
    /// Where new ids come from.
    pub ids: IdSource,
}

/// A seeded source of ids (SplitMix64): the same seed gives the same ids.
#[derive(Clone, Debug)]
pub struct IdSource(u64);

impl IdSource {
    /// A source from a seed; outside tests the seed is random.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// `len` lower-case hex digits.
    pub fn hex(&mut self, len: usize) -> String {
        self.pick(b"0123456789abcdef", len)
    }

    /// `len` lower-case letters and digits.
    pub fn alphanumeric(&mut self, len: usize) -> String {
        self.pick(b"abcdefghijklmnopqrstuvwxyz0123456789", len)
    }

    fn pick(&mut self, alphabet: &[u8], len: usize) -> String {
        (0..len)
            .filter_map(|_| {
                let at = (self.next_u64() >> 33) as usize % alphabet.len().max(1);
                alphabet.get(at).map(|b| char::from(*b))
            })
            .collect()
    }
}
