//! Who makes a request, as its access key and its session token say. Any credentials work; those that the lab gave out name a user or
//! a session, all others are the root of their account.
use vpclab_cloud::{AccountId, Cloud, Session, Timestamp, access_key};
use vpclab_wire::{Protocol, WireError, sigv4::Signature};

/// Who makes a request.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    access_key: String,
    session: Option<Session>,
}

/// Who a caller is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its ARN.
    pub arn: String,
    /// Its unique id, as `GetCallerIdentity` says it.
    pub user_id: String,
    /// For a session of a role, the role's ARN.
    pub role: Option<String>,
}

/// The account of an access key: one that the lab gave out tells it, and so do twelve digits; any other is account zero.
#[must_use]
pub fn account_of_key(key: &str) -> AccountId {
    access_key::account_of(key).or_else(|| key.parse().ok()).unwrap_or_else(AccountId::unnamed)
}

impl Caller {
    /// The caller of a signed request.
    ///
    /// # Errors
    /// Credentials that the lab gave out and that are not valid any more, in the words of the service's protocol.
    pub fn of(signature: &Signature, cloud: &Cloud, now: Timestamp, protocol: Protocol) -> Result<Self, WireError> {
        let key = &signature.access_key;
        let mut caller = Self { access_key: key.clone(), session: None };
        if access_key::account_of(key).is_none() {
            return Ok(caller);
        }
        if key.starts_with(access_key::SESSION) {
            let session = signature.token.as_deref().and_then(Session::read).ok_or_else(|| invalid(protocol))?;
            if session.expires <= now {
                return Err(expired(protocol));
            }
            caller.session = Some(session);
            return Ok(caller);
        }
        match cloud.user_of_key(key) {
            Some((_, key)) if key.active => Ok(caller),
            _ => Err(invalid(protocol)),
        }
    }

    /// Who it is, in its account.
    #[must_use]
    pub fn identity(&self, account: &AccountId, cloud: &Cloud) -> Identity {
        if let Some(session) = &self.session {
            return Identity { arn: session.arn.clone(), user_id: session.user_id.clone(), role: session.role.clone() };
        }
        match cloud.user_of_key(&self.access_key) {
            Some((user, _)) => Identity { arn: user.arn(), user_id: user.identity.id.clone(), role: None },
            None => Identity { arn: format!("arn:aws:iam::{account}:root"), user_id: account.to_string(), role: None },
        }
    }

    /// Whether it calls by a session token.
    #[must_use]
    pub fn has_session(&self) -> bool {
        self.session.is_some()
    }

    /// Whether it is its account's root.
    #[must_use]
    pub fn is_root(&self, account: &AccountId, cloud: &Cloud) -> bool {
        self.identity(account, cloud).arn.ends_with(":root")
    }

    /// The name of the user who calls.
    #[must_use]
    pub fn user(&self, account: &AccountId, cloud: &Cloud) -> Option<String> {
        let arn = self.identity(account, cloud).arn;
        arn.contains(":user/").then(|| arn.rsplit('/').next().unwrap_or_default().to_owned())
    }
}

fn invalid(protocol: Protocol) -> WireError {
    let text = "The security token included in the request is invalid.";
    match protocol {
        Protocol::Ec2 => WireError::new(401, "AuthFailure", "AWS was not able to validate the provided access credentials"),
        Protocol::S3 => WireError::new(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."),
        Protocol::Query { .. } | Protocol::RestXml { .. } => WireError::new(403, "InvalidClientTokenId", text),
        Protocol::Json { .. } | Protocol::RestJson { .. } => WireError::new(400, "UnrecognizedClientException", text),
    }
}

fn expired(protocol: Protocol) -> WireError {
    let text = "The security token included in the request is expired";
    match protocol {
        Protocol::Ec2 => WireError::new(400, "RequestExpired", "Request has expired."),
        Protocol::S3 => WireError::new(400, "ExpiredToken", "The provided token has expired."),
        Protocol::Query { .. } | Protocol::RestXml { .. } => WireError::new(403, "ExpiredToken", text),
        Protocol::Json { .. } | Protocol::RestJson { .. } => WireError::new(400, "ExpiredTokenException", text),
    }
}
