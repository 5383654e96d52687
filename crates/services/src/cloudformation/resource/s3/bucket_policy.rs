//! `AWS::S3::BucketPolicy`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucketpolicy.html>
use super::{by_s3, name};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted};
use vpclab_cloud::bucket::BucketName;
use vpclab_cloud::{Cloud, Context};
use vpclab_policy::validate_bucket_policy;

/// The type. Its physical id is the bucket's name.
pub struct BucketPolicy;

fn set(cloud: &mut Cloud, bucket: &BucketName, properties: &Properties<'_>) -> Result<(), Failure> {
    let missing = || Failure::invalid("Property PolicyDocument cannot be empty.");
    let document = properties.document("PolicyDocument")?.ok_or_else(missing)?;
    let found = cloud.bucket(bucket).map_err(by_s3)?;
    let policy = validate_bucket_policy(&document, &found.arn()).map_err(|why| Failure::invalid(format!("Policy is not valid: {why}")))?;
    if policy.is_public() && found.settings.public_access_block.is_some_and(|block| block.block_public_policy) {
        let text = "public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.";
        return Err(Failure::new("AccessDenied", format!("s3:PutBucketPolicy on {}: {text}", found.arn())));
    }
    put(cloud, bucket, Some(document))
}

fn put(cloud: &mut Cloud, bucket: &BucketName, document: Option<String>) -> Result<(), Failure> {
    let change = |settings: &mut vpclab_cloud::bucket::BucketSettings| {
        settings.policy = document;
        Ok(())
    };
    cloud.set_bucket(bucket, change).map_err(by_s3)
}

impl ResourceType for BucketPolicy {
    fn served(&self) -> &'static [&'static str] {
        &["Bucket", "PolicyDocument"]
    }

    fn create(&self, cloud: &mut Cloud, _c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let bucket = name(&want.properties.required("Bucket")?)?;
        if cloud.bucket(&bucket).map_err(by_s3)?.settings.policy.is_some() {
            return Err(Failure::new("AlreadyExists", format!("The bucket policy already exists on bucket {bucket}.")));
        }
        set(cloud, &bucket, &want.properties)?;
        Ok(Made::new(bucket))
    }

    fn update(&self, cloud: &mut Cloud, _c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        set(cloud, &name(is.physical)?, &want.properties)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, _c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        put(cloud, &name(is.physical)?, None)
    }
}
