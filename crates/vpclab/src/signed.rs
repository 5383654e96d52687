//! Signatures of calls that are explained: verified as the gateway verifies them, and made with the credentials of a user or a role.
use crate::explain::NotExplained;
use std::sync::Arc;
use vpclab_api::identity::{Identities, Signer};
use vpclab_api::judge::SignatureRefusal;
use vpclab_cloud::{Cloud, Timestamp};
use vpclab_explain::{Call, Credentials, Verifier};
use vpclab_gateway::signature::{Listed, region_of};
use vpclab_services::sts;
use vpclab_wire::sigv4::{AccessKeySecrets, SigningKeys};

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
        Listed { method: &call.method, url: &call.url.text, headers }.verify(region, call.now, identities, &self.0)
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
    let region = region_of(&host).or_else(|| region_of(&call.url.host)).ok_or_else(|| {
        let text = format!("neither `{host}` nor the URL says for which region the call is to be signed");
        refuse(text, Some("call the API by one of its own names"))
    })?;
    if !call.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        // What is signed is what is sent, whatever else a client would make of the URL.
        call.headers.push(("Host".to_owned(), host.clone()));
    }
    let listed = Listed { method: &call.method, url: &call.url.text, headers: &call.headers };
    let signed = listed.sign(&keys, region, call.now).map_err(|why| refuse(why.to_string(), None))?;
    call.headers.extend(signed);
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
