//! AWS Security Token Service.
//! Source: <https://docs.aws.amazon.com/STS/latest/APIReference/>
mod assume_role;

pub use assume_role::assume_role;

use crate::caller;
use crate::engine::{clock, id_source};
use crate::request::RequestContext;
use std::ops::RangeInclusive;
use vpclab_cloud::{AccountId, IdSource, Session, Tags, Timestamp, access_key, iam::Role};
use vpclab_wire::sigv4::{AccessKeySecrets, SigningKeys};
use vpclab_wire::{WireError, sts};

/// How many seconds a session of a user may last, and how many one lasts that does not say.
const SESSION: RangeInclusive<i32> = 900..=129_600;
const SESSION_DEFAULT: i32 = 43_200;

/// Temporary credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `ASIA…`
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
    /// What says whose they are.
    pub session_token: String,
    /// When they end.
    pub expires: Timestamp,
}

impl Credentials {
    fn of(session: &Session, account: &AccountId, ids: &mut IdSource, secrets: &AccessKeySecrets) -> Self {
        let (access_key_id, session_token) = (access_key::issue(access_key::SESSION, account, ids), session.token());
        let secret_access_key = secrets.secret(&access_key_id, Some(&session_token));
        Self { access_key_id, secret_access_key, session_token, expires: session.expires }
    }

    /// Credentials of a session of a role, as a service that acts in its name gets them: the trust policy is the service's to ask.
    #[must_use]
    pub fn of_role(role: &Role, session_name: &str, expires: Timestamp, secrets: &AccessKeySecrets) -> Self {
        Self::of(&role_session(role, session_name, expires), &role.identity.account, &mut id_source(), secrets)
    }

    /// Credentials of an account's root, as somebody who may ask the lab for any gets them.
    #[must_use]
    pub fn of_root(account: &AccountId, expires: Timestamp, secrets: &AccessKeySecrets) -> Self {
        let session = session(format!("arn:aws:iam::{account}:root"), account.to_string(), None, expires);
        Self::of(&session, account, &mut id_source(), secrets)
    }

    /// The keys that sign with them.
    #[must_use]
    pub fn signing_keys(self) -> SigningKeys {
        SigningKeys { access_key: self.access_key_id, secret_key: self.secret_access_key, session_token: Some(self.session_token) }
    }

    fn show(self) -> sts::Credentials {
        sts::Credentials {
            access_key_id: Some(self.access_key_id),
            secret_access_key: Some(self.secret_access_key),
            session_token: Some(self.session_token),
            expiration: Some(vpclab_wire::Timestamp::from_millis(self.expires.0).whole_seconds()),
        }
    }
}

fn role_session(role: &Role, session_name: &str, expires: Timestamp) -> Session {
    let identity = &role.identity;
    let arn = format!("arn:aws:sts::{}:assumed-role/{}/{session_name}", identity.account, identity.name);
    session(arn, format!("{}:{session_name}", identity.id), Some(role.arn()), expires)
}

fn session(arn: String, user_id: String, role: Option<String>, expires: Timestamp) -> Session {
    Session {
        arn,
        user_id,
        role,
        issued: clock(),
        expires,
        policy: None,
        policy_arns: Vec::new(),
        tags: Tags::new(),
        source_identity: None,
    }
}

/// `GetCallerIdentity`: a user, a session, or for any other credentials the account's root.
pub async fn get_caller_identity(
    cx: &RequestContext,
    _: sts::GetCallerIdentityRequest,
) -> Result<sts::GetCallerIdentityResponse, WireError> {
    let identity = cx.caller.identity(&cx.scope.account, &cx.snapshot());
    let account = Some(cx.scope.account.to_string());
    Ok(sts::GetCallerIdentityResponse { user_id: Some(identity.user_id), account, arn: Some(identity.arn) })
}

/// `GetSessionToken`
pub async fn get_session_token(cx: &RequestContext, req: sts::GetSessionTokenRequest) -> Result<sts::GetSessionTokenResponse, WireError> {
    if cx.caller.has_session() {
        return Err(WireError::new(403, "AccessDenied", "Cannot call GetSessionToken with session credentials"));
    }
    let seconds = req.duration_seconds.unwrap_or(SESSION_DEFAULT);
    check_duration(seconds, &SESSION)?;
    let identity = cx.caller.identity(&cx.scope.account, &cx.snapshot());
    let expires = Timestamp(clock().0 + i64::from(seconds) * 1000);
    let session = session(identity.arn, identity.user_id, None, expires);
    let credentials = Credentials::of(&session, &cx.scope.account, &mut id_source(), cx.engine.secrets()).show();
    Ok(sts::GetSessionTokenResponse { credentials: Some(credentials), ..Default::default() })
}

/// `GetAccessKeyInfo`: the account that requests with the key belong to.
pub async fn get_access_key_info(
    _: &RequestContext,
    req: sts::GetAccessKeyInfoRequest,
) -> Result<sts::GetAccessKeyInfoResponse, WireError> {
    Ok(sts::GetAccessKeyInfoResponse { account: Some(caller::account_of_key(&req.access_key_id).to_string()) })
}

fn constraint(text: impl Into<String>) -> WireError {
    WireError::new(400, "ValidationError", text)
}

fn check_duration(seconds: i32, legal: &RangeInclusive<i32>) -> Result<(), WireError> {
    if legal.contains(&seconds) {
        return Ok(());
    }
    let (bound, limit) = if seconds < *legal.start() { ("greater", legal.start()) } else { ("less", legal.end()) };
    Err(constraint(format!(
        "1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value {bound} \
         than or equal to {limit}"
    )))
}
