//! Seeded chance: the same seed gives the same topologies and calls.
use vpclab_cloud::IdSource;

/// A seeded source of decisions.
#[derive(Clone, Debug)]
pub struct Dice(IdSource);

impl Dice {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(IdSource::new(seed))
    }

    /// A number below `limit`; 0 for a limit of 0.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX).max(1);
        usize::try_from((self.0.next_u64() >> 11) % limit).unwrap_or(0)
    }

    /// A number in a range, both ends included.
    pub fn between(&mut self, from: usize, to: usize) -> usize {
        from + self.below(to.saturating_sub(from) + 1)
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, of_hundred: usize) -> bool {
        self.below(100) < of_hundred
    }

    /// One of several; `None` of none.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// One of several words; the empty one of none.
    pub fn word(&mut self, of: &[&str]) -> String {
        self.pick(of).map_or_else(String::new, |word| (*word).to_owned())
    }

    /// A seed for something of its own.
    pub fn seed(&mut self) -> u64 {
        self.0.next_u64()
    }
}
