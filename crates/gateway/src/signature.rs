//! The signature of a request, AWS Signature Version 4: read from its headers or its query, and verified.
//!
//! What is signed must have been made for `execute-api` in the API's region, and lately. The request is judged as it was sent: its method
//! and not the one that `X-HTTP-Method-Override` puts in its place, its `Host` whatever that is.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
mod claim;
mod listed;
mod time;

pub(crate) use claim::Claim;
pub use listed::{Listed, NoCall, region_of};

use http::{HeaderMap, Method, Uri};
use vpclab_api::identity::{Identities, Signer};
use vpclab_api::judge::SignatureRefusal;
use vpclab_cloud::access_key;
use vpclab_wire::sigv4::{AccessKeySecrets, Signature};

/// What of a request is signed.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'r> {
    /// The method as sent.
    pub method: &'r Method,
    /// The path and the query.
    pub uri: &'r Uri,
    /// The headers, `Host` among them.
    pub headers: &'r HeaderMap,
}

/// Who signed a request, when it is signed and the signature is right; `None` when it is not signed.
///
/// # Errors
/// A signature that is refused.
pub fn verify(
    sent: Sent<'_>,
    body: &[u8],
    region: &str,
    now: u64,
    identities: &Identities,
    secrets: &AccessKeySecrets,
) -> Result<Option<Signer>, SignatureRefusal> {
    let Some(claim) = Claim::read(sent, region, now)? else { return Ok(None) };
    let signer = claim.signer(identities, now)?;
    claim.verify(body, secrets)?;
    Ok(Some(signer))
}

/// Whether a request is signed for a service other than execute-api, by a key that the lab gave out; `false` when it is not signed.
/// Whether the key is still in use is asked by the service. Of S3 the body is not asked: it is signed by the hash that its header says.
///
/// # Errors
/// A signature that is refused.
pub fn verify_for(
    sent: Sent<'_>,
    body: &[u8],
    (service, region): (&str, &str),
    now: u64,
    secrets: &AccessKeySecrets,
) -> Result<bool, SignatureRefusal> {
    let Some(claim) = Claim::read_for(sent, service, region, now)? else { return Ok(false) };
    let (access_key, token) = claim.credentials();
    // Whoever reads the request again must find the same key in it.
    let again = Signature::of(sent.headers, sent.uri).ok();
    if again.is_none_or(|again| (again.access_key.as_str(), again.token.as_deref()) != (access_key, token)) {
        return Err(SignatureRefusal::Incomplete("The request's signature is not a complete Signature Version 4".to_owned()));
    }
    if access_key::account_of(access_key).is_none() {
        return Err(SignatureRefusal::UnknownKey);
    }
    claim.verify(body, secrets)?;
    Ok(true)
}

#[cfg(test)]
mod tests;
