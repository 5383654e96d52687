//! Signatures of calls that are explained: verified as the gateway verifies them, and made with the credentials of a user or a role.
use crate::explain::NotExplained;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use std::sync::Arc;
use vpclab_api::identity::{Identities, Signer};
use vpclab_api::judge::SignatureRefusal;
use vpclab_cloud::{Cloud, Timestamp};
use vpclab_explain::{Call, Credentials, Verifier};
use vpclab_gateway::signature::{Sent, verify};
use vpclab_services::sts;
use vpclab_wire::sigv4::{AccessKeySecrets, SigningContext, SigningKeys};

/// How long the credentials of a call that is made once are good.
const SESSION_MS: i64 = 900_000;
/// The name of the session of a role that `explain --probe` signs by.
const SESSION_NAME: &str = "vpclab-explain";

/// Verifies with a lab's secrets.
#[derive(Debug)]
pub struct LabVerifier(pub Arc<AccessKeySecrets>);

impl Verifier for LabVerifier {
    fn verify(
        &self,
        call: &Call,
        headers: &[(String, String)],
        region: &str,
        identities: &Identities,
    ) -> Result<Option<Signer>, SignatureRefusal> {
        let unreadable = || SignatureRefusal::Incomplete("The request cannot be read".to_owned());
        let (method, uri) = (method(&call.method).ok_or_else(unreadable)?, uri(&call.url.text).ok_or_else(unreadable)?);
        let headers = header_map(headers).ok_or_else(unreadable)?;
        let sent = Sent { method: &method, uri: &uri, headers: &headers };
        // A call that is explained has no body.
        verify(sent, b"", region, u64::try_from(call.now.0).unwrap_or(0), identities, &self.0)
    }
}

/// Signs a call in the name of whom it is said to be signed by, for the region that its host names.
///
/// # Errors
/// Names why there are no credentials to sign with.
pub fn sign(cloud: &Cloud, secrets: &AccessKeySecrets, call: &mut Call, who: &Credentials) -> Result<(), NotExplained> {
    let refuse = |message: String, hint: Option<&str>| NotExplained { status: 409, message, hint: hint.map(str::to_owned) };
    let keys = keys(cloud, secrets, who, call.now)?;
    let host = call.host().unwrap_or_default().to_owned();
    let region = region(&host).or_else(|| region(&call.url.host)).ok_or_else(|| {
        let text = format!("neither `{host}` nor the URL says for which region the call is to be signed");
        refuse(text, Some("call the API by one of its own names"))
    })?;
    let wrong = |what: &str| refuse(format!("the call cannot be signed: {what}"), None);
    let method = method(&call.method).ok_or_else(|| wrong("its method cannot be read"))?;
    let uri = uri(&call.url.text).ok_or_else(|| wrong("its URL cannot be read"))?;
    let mut headers = HeaderMap::new();
    headers.insert(http::header::HOST, HeaderValue::from_str(&host).map_err(|why| wrong(&why.to_string()))?);
    let time = vpclab_wire::Timestamp::from_millis(call.now.0).basic();
    let at = SigningContext { region, service: "execute-api", time: &time };
    keys.sign(&method, &uri, &mut headers, b"", &at).map_err(|why| wrong(&why.to_string()))?;
    let signed = headers.iter().filter(|(name, _)| *name != http::header::HOST);
    call.headers.extend(signed.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())));
    Ok(())
}

/// The active key of a user, or new credentials of a session.
fn keys(cloud: &Cloud, secrets: &AccessKeySecrets, who: &Credentials, now: Timestamp) -> Result<SigningKeys, NotExplained> {
    let refuse = |status, message: String, hint: &str| NotExplained { status, message, hint: Some(hint.to_owned()) };
    let expires = Timestamp(now.0.saturating_add(SESSION_MS));
    if let Some(role) = &who.role {
        let (name, session) = match who.arn.strip_prefix("arn:aws:sts::").and_then(|rest| rest.split_once('/')) {
            Some((_, rest)) => rest.split_once('/').unwrap_or((rest, SESSION_NAME)),
            None => (role.rsplit('/').next().unwrap_or_default(), SESSION_NAME),
        };
        let found = cloud.role(&who.account, name).map_err(|why| refuse(404, why.to_string(), "name a role of the lab"))?;
        return Ok(sts::Credentials::of_role(found, session, expires, secrets).signing_keys());
    }
    if who.arn.ends_with(":root") {
        return Ok(sts::Credentials::of_root(&who.account, expires, secrets).signing_keys());
    }
    let name = who.arn.rsplit('/').next().unwrap_or_default();
    let user = cloud.user(&who.account, name).map_err(|why| refuse(404, why.to_string(), "name a user of the lab"))?;
    let Some(key) = user.access_keys.iter().find(|key| key.active) else {
        let text = format!("the user {name} has no active access key to sign with");
        return Err(refuse(409, text, &format!("aws iam create-access-key --user-name {name}")));
    };
    Ok(SigningKeys { access_key: key.id.clone(), secret_key: secrets.secret(&key.id, None), session_token: None })
}

/// The region in a name of execute-api.
fn region(host: &str) -> Option<&str> {
    let mut labels = host.split(['.', ':']).skip_while(|label| *label != "execute-api");
    labels.nth(1)
}

fn method(text: &str) -> Option<Method> {
    Method::from_bytes(text.as_bytes()).ok()
}

fn uri(text: &str) -> Option<Uri> {
    text.split('#').next().unwrap_or_default().parse().ok()
}

fn header_map(headers: &[(String, String)]) -> Option<HeaderMap> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?);
    }
    Some(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_stands_in_the_name() {
        for host in ["a.execute-api.us-west-2.amazonaws.com", "vpce-1-x.execute-api.us-west-2.vpce.amazonaws.com:443"] {
            assert_eq!(region(host), Some("us-west-2"));
        }
        assert_eq!((region("10.0.0.1"), region("example.com")), (None, None));
    }
}
