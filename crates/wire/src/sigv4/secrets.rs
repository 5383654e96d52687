//! The secrets of the access keys that a lab gives out.
//!
//! None of them is kept: each is made of the access key's id, of the session token and of the lab's one key. So no record, snapshot or
//! list of keys can show a secret, and a token that somebody changed has another secret than the one its session was given.
use aws_lc_rs::{error::Unspecified, hmac, rand};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::fmt;

/// How many letters a secret has, as on AWS.
const LENGTH: usize = 40;

/// Makes the secret of any access key of a lab.
pub struct AccessKeySecrets(hmac::Key);

impl AccessKeySecrets {
    /// Those of a lab's key.
    #[must_use]
    pub fn of_lab(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// Those of a lab that keeps nothing.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub fn fresh() -> Result<Self, Unspecified> {
        let mut key = [0; 32];
        rand::fill(&mut key)?;
        Ok(Self::of_lab(&key))
    }

    /// The secret of an access key; of temporary credentials with their token.
    #[must_use]
    pub fn secret(&self, access_key: &str, token: Option<&str>) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        // Neither holds a line break, so that no two pairs are one text.
        for part in ["vpclab access key 1", access_key, token.unwrap_or_default()] {
            context.update(part.as_bytes());
            context.update(b"\n");
        }
        let mut text = STANDARD.encode(context.sign());
        text.truncate(LENGTH);
        text
    }
}

impl fmt::Debug for AccessKeySecrets {
    /// The key is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessKeySecrets")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_and_token_has_its_own_secret_in_each_lab() {
        let (lab, other) = (AccessKeySecrets::of_lab(&[1; 32]), AccessKeySecrets::of_lab(&[2; 32]));
        let secret = lab.secret("ASIAX", Some("token"));
        assert_eq!((secret.len(), &secret), (40, &AccessKeySecrets::of_lab(&[1; 32]).secret("ASIAX", Some("token"))));
        for different in [
            lab.secret("ASIAX", Some("tokem")),
            lab.secret("ASIAY", Some("token")),
            lab.secret("ASIAX", None),
            other.secret("ASIAX", Some("token")),
        ] {
            assert_ne!(secret, different);
        }
        assert_eq!(format!("{lab:?}"), "AccessKeySecrets");
    }
}
