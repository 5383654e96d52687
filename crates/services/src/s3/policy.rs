//! Bucket policies and the block of public access.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
use super::errors::{Fault, denied};
use super::serve::{S3Call, bucket_name};
use super::setting::{not_set, set, settings};
use vpclab_cloud::bucket::{PublicAccessBlock, Setting};
use vpclab_policy::{Policy, PolicyError, validate_bucket_policy};
use vpclab_wire::s3 as wire;

/// `GetBucketPolicy`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html>
pub async fn get_bucket_policy(call: &S3Call, input: wire::GetBucketPolicyRequest) -> Result<wire::GetBucketPolicyOutput, Fault> {
    let policy = settings(call, &input.bucket)?.policy.ok_or_else(|| not_set(Setting::Policy))?;
    Ok(wire::GetBucketPolicyOutput { policy: Some(policy) })
}

/// `PutBucketPolicy`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html>
pub async fn put_bucket_policy(call: &S3Call, input: wire::PutBucketPolicyRequest) -> Result<(), Fault> {
    let cloud = call.snapshot();
    let bucket = cloud.bucket(&bucket_name(&input.bucket)?)?;
    let policy = validate_bucket_policy(&input.policy, &bucket.arn()).map_err(|why| malformed_policy(&why))?;
    if policy.is_public() && bucket.settings.public_access_block.is_some_and(|block| block.block_public_policy) {
        let mut fault = denied();
        format!(
            "User: arn:aws:iam::{}:root is not authorized to perform: s3:PutBucketPolicy on resource: \"{}\" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
            call.cx.scope.account,
            bucket.arn()
        )
        .clone_into(&mut fault.error.message);
        return Err(fault);
    }
    set(call, &input.bucket, |settings| {
        settings.policy = Some(input.policy);
        Ok(())
    })
    .await
}

fn malformed_policy(why: &PolicyError) -> Fault {
    let text = match why {
        PolicyError::Json(_) | PolicyError::NotAnObject => "Policies must be valid JSON and the first byte must be '{'".to_owned(),
        PolicyError::TooLong { .. } => "Policy exceeds the maximum allowed document size.".to_owned(),
        PolicyError::Resource(_) => "Policy has invalid resource".to_owned(),
        PolicyError::Action(_) => "Policy has invalid action".to_owned(),
        PolicyError::Principal(_) => "Invalid principal in policy".to_owned(),
        PolicyError::Missing { element, .. } => format!("Missing required field {element}"),
        other => format!("Policy is not valid: {other}"),
    };
    Fault::new(400, "MalformedPolicy", text).with("Detail", why.to_string())
}

/// `DeleteBucketPolicy`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html>
pub async fn delete_bucket_policy(call: &S3Call, input: wire::DeleteBucketPolicyRequest) -> Result<(), Fault> {
    set(call, &input.bucket, |settings| {
        settings.policy = None;
        Ok(())
    })
    .await
}

/// `GetBucketPolicyStatus`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicyStatus.html>
pub async fn get_bucket_policy_status(
    call: &S3Call,
    input: wire::GetBucketPolicyStatusRequest,
) -> Result<wire::GetBucketPolicyStatusOutput, Fault> {
    let policy = settings(call, &input.bucket)?.policy.ok_or_else(|| not_set(Setting::Policy))?;
    let is_public = Policy::parse(&policy).is_ok_and(|policy| policy.is_public());
    Ok(wire::GetBucketPolicyStatusOutput { policy_status: Some(wire::PolicyStatus { is_public: Some(is_public) }) })
}

/// `GetPublicAccessBlock`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetPublicAccessBlock.html>
pub async fn get_public_access_block(
    call: &S3Call,
    input: wire::GetPublicAccessBlockRequest,
) -> Result<wire::GetPublicAccessBlockOutput, Fault> {
    let missing = || not_set(Setting::PublicAccessBlock).with("BucketName", &input.bucket);
    let block = settings(call, &input.bucket)?.public_access_block.ok_or_else(missing)?;
    let shown = wire::PublicAccessBlockConfiguration {
        block_public_acls: Some(block.block_public_acls),
        ignore_public_acls: Some(block.ignore_public_acls),
        block_public_policy: Some(block.block_public_policy),
        restrict_public_buckets: Some(block.restrict_public_buckets),
    };
    Ok(wire::GetPublicAccessBlockOutput { public_access_block_configuration: Some(shown) })
}

/// `PutPublicAccessBlock`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html>
pub async fn put_public_access_block(call: &S3Call, input: wire::PutPublicAccessBlockRequest) -> Result<(), Fault> {
    let sent = input.public_access_block_configuration;
    let block = PublicAccessBlock {
        block_public_acls: sent.block_public_acls.unwrap_or(false),
        ignore_public_acls: sent.ignore_public_acls.unwrap_or(false),
        block_public_policy: sent.block_public_policy.unwrap_or(false),
        restrict_public_buckets: sent.restrict_public_buckets.unwrap_or(false),
    };
    set(call, &input.bucket, |settings| {
        settings.public_access_block = Some(block);
        Ok(())
    })
    .await
}

/// `DeletePublicAccessBlock`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeletePublicAccessBlock.html>
pub async fn delete_public_access_block(call: &S3Call, input: wire::DeletePublicAccessBlockRequest) -> Result<(), Fault> {
    set(call, &input.bucket, |settings| {
        settings.public_access_block = None;
        Ok(())
    })
    .await
}
