//! Access keys that a lab gives out. Their account can be read from the key itself, in AWS's own places for it, so that a session needs
//! no record; other keys name an account by being its twelve digits.
use crate::{AccountId, IdSource};

/// How keys of users begin.
pub const USER: &str = "AKIA";
/// How keys of sessions begin.
pub const SESSION: &str = "ASIA";

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A new key of an account.
///
/// The sixteen letters after the prefix are 80 bits in base 32: one that is set, the account in 40, chance in 23, and a checksum of 16 by
/// which a lab knows its own keys.
#[must_use]
pub fn issue(prefix: &str, account: &AccountId, ids: &mut IdSource) -> String {
    let number: u128 = account.as_str().parse().unwrap_or(0);
    let body = (1 << 63) | (number << 23) | u128::from(ids.next_u64() & 0x7f_ffff);
    let bits = (body << 16) | u128::from(checksum(body));
    let letters = (0..16).rev().filter_map(|at| ALPHABET.get(((bits >> (at * 5)) & 31) as usize));
    letters.fold(prefix.to_owned(), |mut key, letter| {
        key.push(char::from(*letter));
        key
    })
}

/// The account of a key that a lab gave out; `None` for any other.
#[must_use]
pub fn account_of(key: &str) -> Option<AccountId> {
    let letters = key.strip_prefix(USER).or_else(|| key.strip_prefix(SESSION)).filter(|letters| letters.len() == 16)?;
    let mut bits: u128 = 0;
    for letter in letters.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        bits = (bits << 5) | u128::try_from(value).ok()?;
    }
    let body = bits >> 16;
    if body >> 63 != 1 || bits & 0xffff != u128::from(checksum(body)) {
        return None;
    }
    format!("{:012}", (body >> 23) & 0xff_ffff_ffff).parse().ok()
}

/// FNV-1a, folded.
fn checksum(body: u128) -> u16 {
    let hash = body.to_be_bytes().iter().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    u16::try_from((hash >> 16) ^ (hash & 0xffff)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_its_account_and_others_tell_none() {
        let mut ids = IdSource::new(1);
        for account in ["000000000000", "111122223333", "999999999999"] {
            let account: AccountId = account.parse().unwrap();
            let key = issue(SESSION, &account, &mut ids);
            assert_eq!((key.len(), &key[..4]), (20, "ASIA"));
            assert_eq!(account_of(&key), Some(account));
            let last = if key.ends_with('A') { "B" } else { "A" };
            assert_eq!(account_of(&format!("{}{last}", &key[..19])), None);
        }
        for other in ["AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "test", "ASIA", ""] {
            assert_eq!(account_of(other), None);
        }
    }
}
