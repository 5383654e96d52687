//! Client tokens: a call repeated with the same token and arguments is answered with what the first one made.
//! Source: <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html>
use crate::Refusal;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// The token a resource was made with, and a digest of the call's other arguments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ClientToken {
    /// The token, at most 64 ASCII characters.
    pub token: String,
    /// Equal for equal arguments.
    pub arguments: u64,
}

impl ClientToken {
    /// The token of a call with these arguments.
    ///
    /// # Errors
    /// A token that is too long or not ASCII.
    pub fn new(token: &str, arguments: &impl Debug) -> Result<Self, Refusal> {
        if token.len() > 64 || !token.is_ascii() {
            return Err(Refusal::InvalidParameterValue(format!(
                "Value ({token}) for parameter clientToken is invalid. A client token has at most 64 ASCII characters."
            )));
        }
        Ok(Self { token: token.to_owned(), arguments: digest(&format!("{arguments:?}")) })
    }

    /// Looks for the resource that an earlier call with this token made.
    ///
    /// # Errors
    /// When that call had other arguments.
    pub(crate) fn find<'a, T>(asked: Option<&Self>, mut made: impl Iterator<Item = (Option<&'a Self>, T)>) -> Result<Option<T>, Refusal> {
        let Some(asked) = asked else { return Ok(None) };
        match made.find(|(token, _)| token.is_some_and(|token| token.token == asked.token)) {
            Some((Some(token), _)) if token.arguments != asked.arguments => Err(Refusal::IdempotentParameterMismatch),
            found => Ok(found.map(|(_, resource)| resource)),
        }
    }
}

/// FNV-1a: the digest is kept in records, so it has to stay the same from release to release.
pub(crate) fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_finds_what_it_made_and_nothing_else() {
        let first = ClientToken::new("t", &("a", 1)).unwrap();
        let again = ClientToken::new("t", &("a", 1)).unwrap();
        let other = ClientToken::new("t", &("a", 2)).unwrap();
        let fresh = ClientToken::new("u", &("a", 1)).unwrap();
        let made = || [(None, 0), (Some(&first), 7)].into_iter();
        assert_eq!(ClientToken::find(Some(&again), made()), Ok(Some(7)));
        assert_eq!(ClientToken::find(Some(&other), made()), Err(Refusal::IdempotentParameterMismatch));
        assert_eq!(ClientToken::find(Some(&fresh), made()), Ok(None));
        assert_eq!(ClientToken::find(None, made()), Ok(None));
        assert!(ClientToken::new(&"x".repeat(65), &()).is_err());
    }

    #[test]
    fn the_digest_is_fnv_1a() {
        assert_eq!(digest(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(digest("a"), 0xaf63_dc4c_8601_ec8c);
    }
}
