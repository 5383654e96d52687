//! Buckets.
use super::errors::{Fault, denied, invalid_argument};
use super::serve::{S3Call, bucket_name};
use vpclab_cloud::AccountId;
use vpclab_cloud::bucket::BucketSettings;
use vpclab_store::ChecksumKind;
use vpclab_wire::{Timestamp, s3 as wire};

/// The region whose buckets have no location constraint.
const FIRST_REGION: &str = "us-east-1";
const MAX_BUCKETS_PAGE: usize = 10_000;

/// An account as S3 names owners, by a canonical id of 64 hexadecimal digits.
pub(super) fn owner(account: &AccountId) -> wire::Owner {
    wire::Owner { id: Some(canonical_id(account)), display_name: None }
}

pub(super) fn canonical_id(account: &AccountId) -> String {
    super::object::hex(&ChecksumKind::Sha256.of(account.as_str().as_bytes()))
}

pub(super) fn full_control(account: &AccountId) -> Vec<wire::Grant> {
    let grantee = wire::Grantee { id: Some(canonical_id(account)), type_: Some("CanonicalUser".to_owned()), ..Default::default() };
    vec![wire::Grant { grantee: Some(grantee), permission: Some("FULL_CONTROL".to_owned()) }]
}

/// `ListBuckets`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>
pub async fn list_buckets(call: &S3Call, input: wire::ListBucketsRequest) -> Result<wire::ListBucketsOutput, Fault> {
    let max = match input.max_buckets {
        None => MAX_BUCKETS_PAGE,
        Some(max @ 1..=10_000) => usize::try_from(max).unwrap_or(MAX_BUCKETS_PAGE),
        Some(_) => return Err(invalid_argument("Argument max-buckets must be an integer between 1 and 10000")),
    };
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let after = input.continuation_token.as_deref().unwrap_or_default();
    let cloud = call.snapshot();
    let account = &call.cx.scope.account;
    let mut found = cloud.buckets_of(account).filter(|bucket| {
        let name = bucket.name.as_str();
        name.starts_with(prefix)
            && name > after
            && input.bucket_region.as_deref().is_none_or(|region| region == bucket.scope.region.as_str())
    });
    let paged = input.max_buckets.is_some();
    let mut page: Vec<_> = found.by_ref().take(max).collect();
    let more = found.next().is_some();
    Ok(wire::ListBucketsOutput {
        continuation_token: page.last().filter(|_| paged && more).map(|bucket| bucket.name.to_string()),
        buckets: page
            .drain(..)
            .map(|bucket| wire::Bucket {
                name: Some(bucket.name.to_string()),
                creation_date: Some(Timestamp(bucket.created.0)),
                bucket_region: (paged || input.prefix.is_some() || input.bucket_region.is_some()).then(|| bucket.scope.region.to_string()),
                bucket_arn: Some(bucket.arn()),
            })
            .collect(),
        owner: Some(owner(account)),
        prefix: input.prefix.clone(),
    })
}

/// `CreateBucket`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>
pub async fn create_bucket(call: &S3Call, input: wire::CreateBucketRequest) -> Result<wire::CreateBucketOutput, Fault> {
    let name = bucket_name(&input.bucket)?;
    let asked_at = call.cx.scope.region.as_str();
    let configuration = input.create_bucket_configuration.unwrap_or_default();
    let constraint =
        configuration.location_constraint.as_deref().map(|constraint| if constraint == "EU" { "eu-west-1" } else { constraint });
    let illegal = |text: String| Fault::new(400, "IllegalLocationConstraintException", text);
    let wanted = match constraint {
        None if asked_at == FIRST_REGION => FIRST_REGION,
        None => {
            return Err(illegal(
                "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.".to_owned(),
            ));
        }
        Some(constraint) if constraint == asked_at && asked_at == FIRST_REGION => {
            return Err(Fault::new(400, "InvalidLocationConstraint", "The specified location-constraint is not valid")
                .with("LocationConstraint", constraint));
        }
        Some(constraint) if constraint == asked_at || asked_at == FIRST_REGION => constraint,
        Some(constraint) => {
            return Err(illegal(format!(
                "The {constraint} location constraint is incompatible for the region specific endpoint this request was sent to."
            )));
        }
    };
    let region = wanted.parse().map_err(|_| {
        Fault::new(400, "InvalidLocationConstraint", "The specified location-constraint is not valid").with("LocationConstraint", wanted)
    })?;
    let ownership = match input.object_ownership.as_deref() {
        None => BucketSettings::default().ownership,
        Some(text) => Some(super::setting::ownership(text)?),
    };
    let tags = super::tagging::tags(configuration.tags, super::tagging::MAX_BUCKET_TAGS)?;
    let settings = BucketSettings { ownership, tags, ..BucketSettings::default() };
    let again = asked_at == FIRST_REGION;
    let bucket = call
        .change(|cloud, cx| {
            cx.scope.region = region;
            cloud.create_bucket(cx, name, settings, again)
        })
        .await?;
    Ok(wire::CreateBucketOutput { location: Some(format!("/{}", bucket.name)), bucket_arn: Some(bucket.arn()) })
}

/// `HeadBucket`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>
pub async fn head_bucket(call: &S3Call, input: wire::HeadBucketRequest) -> Result<wire::HeadBucketOutput, Fault> {
    let cloud = call.snapshot();
    let bucket = cloud.bucket(&bucket_name(&input.bucket)?)?;
    Ok(wire::HeadBucketOutput { bucket_arn: Some(bucket.arn()), bucket_region: Some(bucket.scope.region.to_string()) })
}

/// `DeleteBucket`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html>
pub async fn delete_bucket(call: &S3Call, input: wire::DeleteBucketRequest) -> Result<(), Fault> {
    let name = bucket_name(&input.bucket)?;
    call.change(|cloud, _| cloud.delete_bucket(&name)).await
}

/// `GetBucketLocation`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>
pub async fn get_bucket_location(call: &S3Call, input: wire::GetBucketLocationRequest) -> Result<wire::GetBucketLocationOutput, Fault> {
    let cloud = call.snapshot();
    let region = cloud.bucket(&bucket_name(&input.bucket)?)?.scope.region.as_str();
    Ok(wire::GetBucketLocationOutput { location_constraint: (region != FIRST_REGION).then(|| region.to_owned()) })
}

/// `GetBucketAcl`: with ACLs disabled, the owner's full control.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAcl.html>
pub async fn get_bucket_acl(call: &S3Call, input: wire::GetBucketAclRequest) -> Result<wire::GetBucketAclOutput, Fault> {
    let cloud = call.snapshot();
    let account = &cloud.bucket(&bucket_name(&input.bucket)?)?.scope.account;
    if call.cx.scope.account != *account {
        return Err(denied());
    }
    Ok(wire::GetBucketAclOutput { owner: Some(owner(account)), grants: full_control(account) })
}
