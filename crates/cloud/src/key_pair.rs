//! Key pairs: names for public keys. A lab runs no SSH daemon, so they open nothing.
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-key-pairs.html>
use crate::{Cloud, Context, KeyPairId, Refusal, Scope, Tags, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// The most key pairs of an account in a region.
pub const MAX_KEY_PAIRS: usize = 5000;

/// A key pair; the private key is known to the caller alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPair {
    /// Its id.
    pub id: KeyPairId,
    /// Its account and region.
    pub scope: Scope,
    /// Its name.
    pub name: String,
    /// `rsa` or `ed25519`.
    pub kind: KeyKind,
    /// Its fingerprint as EC2 shows it.
    pub fingerprint: String,
    /// The public key in OpenSSH's format, without a comment.
    pub public_key: String,
    /// When it was made or imported.
    pub created: Timestamp,
    /// Its tags.
    pub tags: Tags,
}

/// What keys there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyKind {
    /// `rsa`
    Rsa,
    /// `ed25519`
    Ed25519,
}

impl KeyKind {
    /// As EC2 words it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }
}

/// A key that was made or imported, for [`Cloud::add_key_pair`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKeyPair {
    /// The name.
    pub name: String,
    /// Its kind.
    pub kind: KeyKind,
    /// Its fingerprint.
    pub fingerprint: String,
    /// The public key in OpenSSH's format, without a comment.
    pub public_key: String,
    /// The tags.
    pub tags: Tags,
}

impl Cloud {
    /// The key pair of that name.
    ///
    /// # Errors
    /// When there is none.
    pub fn key_pair(&self, scope: &Scope, name: &str) -> Result<&Arc<KeyPair>, Refusal> {
        let found = self.key_pairs.values().find(|found| &found.scope == scope && found.name == name);
        found.ok_or_else(|| Refusal::KeyPairNotFound(name.to_owned()))
    }

    /// `CreateKeyPair` and `ImportKeyPair`.
    ///
    /// # Errors
    /// A name that is taken or not permitted; too many key pairs.
    pub fn add_key_pair(&mut self, cx: &mut Context, new: NewKeyPair) -> Result<KeyPairId, Refusal> {
        let NewKeyPair { name, kind, fingerprint, public_key, tags } = new;
        if name.is_empty() || name.len() > 255 || !name.bytes().all(|byte| (b' '..=b'~').contains(&byte)) || name.trim() != name {
            return Err(Refusal::InvalidParameterValue(format!("Value ({name}) for parameter KeyName is invalid.")));
        }
        if self.key_pair(&cx.scope, &name).is_ok() {
            return Err(Refusal::KeyPairDuplicate(name));
        }
        if self.key_pairs.values().filter(|found| found.scope == cx.scope).count() >= MAX_KEY_PAIRS {
            return Err(Refusal::KeyPairLimit);
        }
        let id = KeyPairId::fresh(&mut cx.ids);
        let pair = KeyPair { id: id.clone(), scope: cx.scope.clone(), name, kind, fingerprint, public_key, created: cx.now, tags };
        self.key_pairs.insert(id.clone(), Arc::new(pair));
        Ok(id)
    }

    /// `DeleteKeyPair` by name; one that is not there is no error. Answers its id.
    pub fn delete_key_pair(&mut self, cx: &mut Context, name: &str) -> Option<KeyPairId> {
        let id = self.key_pair(&cx.scope, name).ok()?.id.clone();
        self.key_pairs.remove(&id);
        Some(id)
    }
}
