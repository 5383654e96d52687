//! Calls as text: a method, a URL and a list of headers, as who explains a call and who makes one hold it.
use super::claim::CHOOSING;
use super::{Sent, verify};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use vpclab_api::identity::{Identities, Signer};
use vpclab_api::judge::SignatureRefusal;
use vpclab_cloud::Timestamp;
use vpclab_wire::sigv4::{AccessKeySecrets, SigningContext, SigningKeys};

/// A call without a body.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'c> {
    /// `GET`
    pub method: &'c str,
    /// The whole URL; what stands behind `#` is not sent.
    pub url: &'c str,
    /// The headers, `Host` among them.
    pub headers: &'c [(String, String)],
}

/// Text that is no call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the call's method, URL or headers cannot be read")]
pub struct NoCall;

impl Listed<'_> {
    fn read(&self) -> Option<(Method, Uri, HeaderMap)> {
        let method = Method::from_bytes(self.method.as_bytes()).ok()?;
        let uri = self.url.split('#').next().unwrap_or_default().parse().ok()?;
        let mut headers = HeaderMap::new();
        for (name, value) in self.headers {
            headers.append(HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?);
        }
        Some((method, uri, headers))
    }

    /// Who signed it, as [`verify`] says it.
    ///
    /// # Errors
    /// A signature that is refused.
    pub fn verify(
        &self,
        region: &str,
        now: Timestamp,
        identities: &Identities,
        secrets: &AccessKeySecrets,
    ) -> Result<Option<Signer>, SignatureRefusal> {
        let unreadable = || SignatureRefusal::Incomplete(NoCall.to_string());
        let (method, uri, headers) = self.read().ok_or_else(unreadable)?;
        let sent = Sent { method: &method, uri: &uri, headers: &headers };
        verify(sent, b"", region, u64::try_from(now.0).unwrap_or(0), identities, secrets)
    }

    /// The headers that sign it, by its `Host` and the headers that choose what is called.
    ///
    /// # Errors
    /// A call that cannot be read.
    pub fn sign(&self, keys: &SigningKeys, region: &str, now: Timestamp) -> Result<Vec<(String, String)>, NoCall> {
        let (method, uri, sent) = self.read().ok_or(NoCall)?;
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, sent.get(header::HOST).ok_or(NoCall)?.clone());
        for name in CHOOSING {
            if let Some(value) = sent.get(name) {
                headers.insert(name, value.clone());
            }
        }
        let time = vpclab_wire::Timestamp::from_millis(now.0).basic();
        let at = SigningContext { region, service: "execute-api", time: &time };
        keys.sign(&method, &uri, &mut headers, b"", &at).map_err(|_| NoCall)?;
        headers.remove(header::HOST);
        for name in CHOOSING {
            headers.remove(name);
        }
        Ok(headers.iter().map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect())
    }
}

/// The region in a name of execute-api.
#[must_use]
pub fn region_of(host: &str) -> Option<&str> {
    host.split(['.', ':']).skip_while(|label| !label.eq_ignore_ascii_case("execute-api")).nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_stands_in_the_name() {
        for host in ["a.execute-api.us-west-2.amazonaws.com", "vpce-1-x.Execute-API.us-west-2.vpce.amazonaws.com:443"] {
            assert_eq!(region_of(host), Some("us-west-2"));
        }
        assert_eq!((region_of("10.0.0.1"), region_of("example.com")), (None, None));
    }
}
