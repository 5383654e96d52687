//! The keys themselves: made, read and fingerprinted.
//!
//! Fingerprints: of a key that EC2 makes, SHA-1 of the private key (PKCS #8); of an RSA key that is imported, MD5 of the public
//! key (DER); of an ED25519 key, SHA-256 of the public key.
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html>
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use aws_lc_rs::{digest, rand, rsa};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use md5::{Digest as _, Md5};
use vpclab_cloud::KeyKind;

const RSA: &str = "ssh-rsa";
const ED25519: &str = "ssh-ed25519";
/// The first bytes of an ED25519 private key in PKCS #8; the 32 bytes of the key follow.
const ED25519_PREFIX: usize = 16;
/// RSA keys that EC2 imports.
const RSA_BITS: std::ops::RangeInclusive<usize> = 1024..=4096;

/// A public key and what identifies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Material {
    /// In OpenSSH's format, without a comment.
    pub public_key: String,
    /// As EC2 shows it.
    pub fingerprint: String,
}

impl Material {
    /// A new key, and the private half as PEM: PKCS #1 for RSA (2048 bits), OpenSSH's own format for ED25519.
    #[must_use]
    pub fn generate(kind: KeyKind) -> Option<(Self, String)> {
        match kind {
            KeyKind::Rsa => {
                let key = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).ok()?;
                let pkcs8 = AsDer::<Pkcs8V1Der<'_>>::as_der(&key).ok()?;
                let (modulus, exponent) = rsa_numbers(key.public_key().as_ref())?;
                let blob = [string(RSA.as_bytes()), string(&exponent), string(&modulus)].concat();
                let sha1 = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, pkcs8.as_ref());
                let material = Self { public_key: line(RSA, &blob), fingerprint: colons(sha1.as_ref()) };
                // A PKCS #8 key is a sequence: version, algorithm, and the PKCS #1 key as an octet string.
                let mut fields = der(pkcs8.as_ref())?.1;
                fields = der(fields)?.2;
                fields = der(fields)?.2;
                Some((material, pem("RSA PRIVATE KEY", der(fields)?.1, 64)))
            }
            KeyKind::Ed25519 => {
                let pkcs8 = Ed25519KeyPair::generate_pkcs8v1(&rand::SystemRandom::new()).ok()?;
                let key = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).ok()?;
                let seed = pkcs8.as_ref().get(ED25519_PREFIX..ED25519_PREFIX + 32)?;
                let public = key.public_key().as_ref();
                let blob = [string(ED25519.as_bytes()), string(public)].concat();
                Some((Self::of_ed25519(&blob), openssh_private_key(&blob, seed, public)?))
            }
        }
    }

    /// Reads a public key: `ssh-rsa AAAA… comment` or `ssh-ed25519 AAAA… comment`.
    #[must_use]
    pub fn import(text: &str) -> Option<(KeyKind, Self)> {
        let mut words = text.split_ascii_whitespace();
        let (name, blob) = (words.next()?, STANDARD.decode(words.next()?).ok()?);
        let (inner, rest) = take(&blob)?;
        if inner != name.as_bytes() {
            return None;
        }
        let (first, rest) = take(rest)?;
        match name {
            ED25519 if first.len() == 32 && rest.is_empty() => Some((KeyKind::Ed25519, Self::of_ed25519(&blob))),
            RSA => {
                let (modulus, rest) = take(rest)?;
                let bits = modulus.iter().skip_while(|byte| **byte == 0).count() * 8;
                if !rest.is_empty() || !RSA_BITS.contains(&bits) {
                    return None;
                }
                let md5 = Md5::digest(rsa_public_info(modulus, first));
                Some((KeyKind::Rsa, Self { public_key: line(RSA, &blob), fingerprint: colons(&md5) }))
            }
            _ => None,
        }
    }

    fn of_ed25519(blob: &[u8]) -> Self {
        Self { public_key: line(ED25519, blob), fingerprint: STANDARD.encode(digest::digest(&digest::SHA256, blob).as_ref()) }
    }
}

fn line(name: &str, blob: &[u8]) -> String {
    format!("{name} {}", STANDARD.encode(blob))
}

fn colons(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

fn pem(name: &str, bytes: &[u8], width: usize) -> String {
    let text = STANDARD.encode(bytes);
    let lines: Vec<_> = text.as_bytes().chunks(width).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {name}-----\n{}\n-----END {name}-----", lines.join("\n"))
}

/// A string of the SSH protocol: its length in four bytes, then its bytes.
fn string(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], bytes].concat()
}

/// The first string of the SSH protocol, and what follows.
fn take(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// Source: <https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL.key>
fn openssh_private_key(blob: &[u8], seed: &[u8], public: &[u8]) -> Option<String> {
    let mut check = [0; 4];
    rand::fill(&mut check).ok()?;
    let private = string(&[seed, public].concat());
    let mut secret = [&check[..], &check, &string(ED25519.as_bytes()), &string(public), &private, &string(b"")].concat();
    let padding = (1..=7).take((8 - secret.len() % 8) % 8);
    secret.extend(padding);
    let head = [b"openssh-key-v1\0".to_vec(), string(b"none"), string(b"none"), string(b""), vec![0, 0, 0, 1]].concat();
    Some(pem("OPENSSH PRIVATE KEY", &[head, string(blob), string(&secret)].concat(), 70))
}

/// The first element of DER: its tag, its content, and what follows.
fn der(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        _ => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().try_fold(0_usize, |sum, digit| sum.checked_mul(256)?.checked_add(usize::from(*digit)))?, rest)
        }
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

fn to_der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    if let Ok(short @ 0..=0x7f) = u8::try_from(length) {
        out.push(short);
    } else {
        let digits: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|digit| *digit == 0).collect();
        out.push(0x80 | u8::try_from(digits.len()).unwrap_or(0));
        out.extend(digits);
    }
    out.extend(content);
    out
}

/// Modulus and exponent of an RSA public key (PKCS #1), as the SSH protocol writes integers, which DER does alike.
fn rsa_numbers(pkcs1: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (_, modulus, rest) = der(der(pkcs1)?.1)?;
    Some((modulus.to_vec(), der(rest)?.1.to_vec()))
}

/// An RSA public key as `SubjectPublicKeyInfo`.
fn rsa_public_info(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    const RSA_ENCRYPTION: [u8; 15] = [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
    let key = to_der(0x30, &[to_der(2, modulus), to_der(2, exponent)].concat());
    to_der(0x30, &[RSA_ENCRYPTION.to_vec(), to_der(3, &[vec![0], key].concat())].concat())
}

#[cfg(test)]
mod tests;
