//! `AssumeRole`: the role's trust policy decides. Policies of the caller's own are not asked.
//! Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
use super::{Credentials, check_duration, constraint, role_session};
use crate::caller::Identity;
use crate::engine::{clock, id_source};
use crate::iam;
use crate::request::RequestContext;
use std::borrow::Cow;
use std::collections::BTreeMap;
use vpclab_cloud::{AccountId, Cloud, Session, Timestamp};
use vpclab_policy::{CallerPrincipal, ContextKeys, DecisionEffect, Found, Policy, Request};
use vpclab_wire::{WireError, sts};

/// The longest session of a role, and of a role that another role's session assumes.
const LONGEST: i32 = 43_200;
const CHAINED: i32 = 3600;
/// The most characters of a session's policies, and of the token that holds them and its tags: it has to fit into a request's headers.
const POLICIES_MOST: usize = 2048;
const TOKEN_MOST: usize = 6000;

/// `AssumeRole`
pub async fn assume_role(cx: &RequestContext, req: sts::AssumeRoleRequest) -> Result<sts::AssumeRoleResponse, WireError> {
    check(&req)?;
    let cloud = cx.snapshot();
    let caller = cx.caller.identity(&cx.scope.account, &cloud);
    let denied = |action: &str, why: &str| {
        let text = format!("User: {} is not authorized to perform: sts:{action} on resource: {}{why}", caller.arn, req.role_arn);
        WireError::new(403, "AccessDenied", text)
    };
    let role = cloud.role_of_arn(&req.role_arn).ok_or_else(|| denied("AssumeRole", ""))?;
    let trust = Policy::parse(role.trust.text()).map_err(|why| WireError::new(500, "InternalFailure", why.to_string()))?;
    let keys = Keys::new(cx, &req, &caller);
    let asked = [("AssumeRole", true), ("TagSession", !req.tags.is_empty()), ("SetSourceIdentity", req.source_identity.is_some())];
    for (action, _) in asked.into_iter().filter(|(_, asked)| *asked) {
        let principal = CallerPrincipal::Aws { account: cx.scope.account.as_str(), arn: &caller.arn, role: caller.role.as_deref() };
        let resource = role.arn();
        let decision = trust.evaluate(&Request { principal, action: &format!("sts:{action}"), resource: &resource, keys: &keys });
        match decision.effect {
            DecisionEffect::Allow => {}
            DecisionEffect::ExplicitDeny => return Err(denied(action, " with an explicit deny in a resource-based policy")),
            DecisionEffect::ImplicitDeny => return Err(denied(action, "")),
            DecisionEffect::Undetermined => {
                let why = format!(" (vpclab does not know these condition keys of the trust policy: {})", decision.missing.join(", "));
                return Err(denied(action, &why));
            }
        }
    }
    let seconds = req.duration_seconds.unwrap_or(CHAINED);
    if i64::from(seconds) > i64::from(role.max_session) {
        return Err(constraint("The requested DurationSeconds exceeds the MaxSessionDuration set for this role."));
    }
    if caller.role.is_some() && seconds > CHAINED {
        return Err(constraint("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"));
    }
    let expires = Timestamp(clock().0 + i64::from(seconds) * 1000);
    let session = Session {
        policy: req.policy,
        policy_arns: req.policy_arns.into_iter().filter_map(|policy| policy.arn).collect(),
        tags: req.tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
        source_identity: req.source_identity.clone(),
        ..role_session(role, &req.role_session_name, expires)
    };
    check_packed(&session, &role.identity.account, &cloud)?;
    let credentials = Credentials::of(&session, &role.identity.account, &mut id_source(), cx.engine.secrets()).show();
    Ok(sts::AssumeRoleResponse {
        credentials: Some(credentials),
        assumed_role_user: Some(sts::AssumedRoleUser { assumed_role_id: Some(session.user_id), arn: Some(session.arn) }),
        packed_policy_size: None,
        source_identity: req.source_identity,
    })
}

fn check(req: &sts::AssumeRoleRequest) -> Result<(), WireError> {
    if !req.role_arn.starts_with("arn:aws:iam::") {
        return Err(constraint(format!("{} is invalid", req.role_arn)));
    }
    let name = &req.role_session_name;
    let legal = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte));
    if !(2..=64).contains(&name.len()) || !legal {
        return Err(constraint(format!(
            "1 validation error detected: Value '{name}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular \
             expression pattern: [\\w+=,.@-]*, with a length of 2 to 64"
        )));
    }
    if let Some(policy) = &req.policy {
        iam::identity_policy(policy).map_err(|refusal| iam::word(&refusal))?;
    }
    check_duration(req.duration_seconds.unwrap_or(CHAINED), &(900..=LONGEST))
}

/// Session policies have to be there, and all that a token says has to fit into it.
fn check_packed(session: &Session, account: &AccountId, cloud: &Cloud) -> Result<(), WireError> {
    for arn in &session.policy_arns {
        let found = cloud.any_policy(account, arn);
        found.map_err(|refusal| WireError::new(400, "MalformedPolicyDocument", refusal.to_string()))?;
    }
    let policies = session.policy.as_ref().map_or(0, String::len) + session.policy_arns.iter().map(String::len).sum::<usize>();
    if policies > POLICIES_MOST || session.token().len() > TOKEN_MOST {
        let text = format!("Packed size of session policies and tags exceeds the allotted {POLICIES_MOST} characters");
        return Err(WireError::new(400, "PackedPolicyTooLarge", text));
    }
    Ok(())
}

/// The condition keys of an `AssumeRole`, in lower case.
struct Keys {
    known: BTreeMap<String, Vec<String>>,
}

impl Keys {
    fn new(cx: &RequestContext, req: &sts::AssumeRoleRequest, caller: &Identity) -> Self {
        let mut known = BTreeMap::new();
        let mut one = |key: &str, value: Option<&str>| known.insert(key.to_lowercase(), value.map(str::to_owned).into_iter().collect());
        one("sts:RoleSessionName", Some(&req.role_session_name));
        one("sts:ExternalId", req.external_id.as_deref());
        one("sts:SourceIdentity", req.source_identity.as_deref());
        one("aws:PrincipalArn", Some(caller.role.as_ref().unwrap_or(&caller.arn)));
        one("aws:PrincipalAccount", Some(cx.scope.account.as_str()));
        one("aws:PrincipalIsAWSService", Some("false"));
        one("aws:RequestedRegion", Some(cx.scope.region.as_str()));
        one("aws:userid", Some(&caller.user_id));
        one(
            "aws:PrincipalType",
            Some(match () {
                () if caller.role.is_some() => "AssumedRole",
                () if caller.arn.contains(":user/") => "User",
                () => "Account",
            }),
        );
        for absent in ["aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "aws:SourceArn", "aws:SourceAccount", "aws:SourceVpce"] {
            one(absent, None);
        }
        for tag in &req.tags {
            one(&format!("aws:RequestTag/{}", tag.key), Some(&tag.value));
        }
        known.insert("aws:tagkeys".to_owned(), req.tags.iter().map(|tag| tag.key.clone()).collect());
        known.insert("sts:transitivetagkeys".to_owned(), req.transitive_tag_keys.clone());
        Self { known }
    }
}

impl ContextKeys for Keys {
    fn find(&self, key: &str) -> Found<'_> {
        match self.known.get(key).map(Vec::as_slice) {
            None if key.starts_with("aws:requesttag/") => Found::Absent,
            None => Found::Unknown,
            Some([]) => Found::Absent,
            Some([one]) if !key.ends_with("tagkeys") => Found::One(Cow::Borrowed(one)),
            Some(many) => Found::Many(Cow::Borrowed(many)),
        }
    }
}
