//! Request ids: unique, not secret, and without a system call for each.

use std::cell::Cell;
use std::fmt::Write as _;
use std::hash::{BuildHasher, RandomState};

/// The id of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestId(u128);

thread_local! {
    static SOURCE: (RandomState, Cell<u64>) = (RandomState::new(), const { Cell::new(0) });
}

fn random_u64() -> u64 {
    SOURCE.with(|(state, counter)| {
        counter.set(counter.get().wrapping_add(1));
        state.hash_one(counter.get())
    })
}

impl RequestId {
    /// A new id.
    pub fn fresh() -> Self {
        let random = (u128::from(random_u64()) << 64) | u128::from(random_u64());
        // Version 4, variant 1.
        let versioned = (random & !(0xf << 76)) | (0x4 << 76);
        Self((versioned & !(0x3 << 62)) | (0x2 << 62))
    }

    /// As `x-amzn-RequestId` shows it: a UUID.
    pub fn uuid(self) -> String {
        let mut text = String::with_capacity(36);
        for (index, byte) in self.0.to_be_bytes().into_iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            text.push(hex(byte >> 4));
            text.push(hex(byte & 0xf));
        }
        text
    }

    /// As `x-amz-apigw-id` shows it: fifteen letters and an equals sign.
    pub fn gateway_id(self) -> String {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut text = String::with_capacity(16);
        let mut bits = self.0 ^ (self.0 >> 71);
        for _ in 0..15 {
            text.push(ALPHABET.get((bits & 63) as usize).map_or('A', |b| char::from(*b)));
            bits >>= 6;
        }
        let _ = text.write_char('=');
        text
    }
}

fn hex(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let id = RequestId::fresh();
        let uuid = id.uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&uuid.as_bytes()[19]));
        assert_eq!(id.gateway_id().len(), 16);
        assert_ne!(RequestId::fresh(), id);
    }
}
