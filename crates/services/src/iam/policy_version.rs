//! Versions of managed policies.
use super::managed_policy::AWS_CREATED;
use super::page::page;
use super::{constraint, document, encoded, found, time, word};
use crate::request::RequestContext;
use vpclab_cloud::iam::{AnyPolicy, AwsPolicy, ManagedPolicy};
use vpclab_cloud::{IamRefusal, Timestamp};
use vpclab_wire::{WireError, iam as wire};

/// `CreatePolicyVersion`
pub async fn create_policy_version(
    cx: &RequestContext,
    req: wire::CreatePolicyVersionRequest,
) -> Result<wire::CreatePolicyVersionResponse, WireError> {
    let document = found(document::identity_policy(&req.policy_document))?;
    let default = req.set_as_default.unwrap_or(false);
    let (number, now) = cx
        .change(word, |cloud, c| {
            let number = cloud.create_policy_version(c, &req.policy_arn, document, default)?;
            Ok((number, c.now))
        })
        .await?;
    Ok(wire::CreatePolicyVersionResponse { policy_version: Some(show(number, default, now)) })
}

/// `GetPolicyVersion`
pub async fn get_policy_version(
    cx: &RequestContext,
    req: wire::GetPolicyVersionRequest,
) -> Result<wire::GetPolicyVersionResponse, WireError> {
    let cloud = cx.snapshot();
    let number = number(&req.version_id)?;
    let missing = || {
        let text = format!("Policy {} version {} does not exist or is not attachable.", req.policy_arn, req.version_id);
        word(&IamRefusal::NotFound(text).into())
    };
    let shown = match found(cloud.any_policy(&cx.scope.account, &req.policy_arn))? {
        AnyPolicy::Own(policy) => {
            let version = policy.versions.get(&number).ok_or_else(missing)?;
            let shown = show(number, number == policy.default_version, version.created);
            wire::PolicyVersion { document: encoded(version.document.text()), ..shown }
        }
        AnyPolicy::Aws(policy) if number == 1 => wire::PolicyVersion { document: encoded(text(policy)?), ..show(1, true, AWS_CREATED) },
        AnyPolicy::Aws(_) => return Err(missing()),
    };
    Ok(wire::GetPolicyVersionResponse { policy_version: Some(shown) })
}

/// `ListPolicyVersions`: the newest first.
pub async fn list_policy_versions(
    cx: &RequestContext,
    req: wire::ListPolicyVersionsRequest,
) -> Result<wire::ListPolicyVersionsResponse, WireError> {
    let cloud = cx.snapshot();
    let versions = match found(cloud.any_policy(&cx.scope.account, &req.policy_arn))? {
        AnyPolicy::Own(policy) => versions(policy),
        AnyPolicy::Aws(_) => vec![(1, show(1, true, AWS_CREATED))],
    };
    let key = |(number, _): &(u32, wire::PolicyVersion)| format!("{:010}", u32::MAX - number);
    let page = page(versions, key, req.marker.as_deref(), req.max_items)?.show(|(_, version)| version);
    Ok(wire::ListPolicyVersionsResponse { versions: page.items, is_truncated: page.is_truncated, marker: page.marker })
}

/// `SetDefaultPolicyVersion`
pub async fn set_default_policy_version(cx: &RequestContext, req: wire::SetDefaultPolicyVersionRequest) -> Result<(), WireError> {
    let number = number(&req.version_id)?;
    cx.change(word, |cloud, c| cloud.set_default_policy_version(c, &req.policy_arn, number)).await
}

/// `DeletePolicyVersion`
pub async fn delete_policy_version(cx: &RequestContext, req: wire::DeletePolicyVersionRequest) -> Result<(), WireError> {
    let number = number(&req.version_id)?;
    cx.change(word, |cloud, c| cloud.delete_policy_version(c, &req.policy_arn, number)).await
}

fn versions(policy: &ManagedPolicy) -> Vec<(u32, wire::PolicyVersion)> {
    let newest_first = policy.versions.iter().rev();
    newest_first.map(|(number, version)| (*number, show(*number, *number == policy.default_version, version.created))).collect()
}

/// What a policy of AWS says; of the long ones a lab holds no text.
fn text(policy: &AwsPolicy) -> Result<&'static str, WireError> {
    policy.document.ok_or_else(|| {
        let text = format!("vpclab does not hold the text of AWS's managed policy {} yet", policy.arn());
        WireError::new(400, "UnsupportedOperation", text)
    })
}

/// A version without its document.
fn show(number: u32, default: bool, created: Timestamp) -> wire::PolicyVersion {
    wire::PolicyVersion {
        document: None,
        version_id: Some(format!("v{number}")),
        is_default_version: Some(default),
        create_date: time(created),
    }
}

fn number(id: &str) -> Result<u32, WireError> {
    let number = id.strip_prefix('v').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    number.and_then(|digits| digits.parse().ok()).ok_or_else(|| {
        constraint(format!(
            "1 validation error detected: Value '{id}' at 'versionId' failed to satisfy constraint: Member must satisfy regular expression \
             pattern: v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?"
        ))
    })
}
