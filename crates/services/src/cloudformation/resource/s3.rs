//! `AWS::S3::…`
use super::Failure;
use vpclab_cloud::Refusal;
use vpclab_cloud::bucket::BucketName;

pub mod bucket;
pub mod bucket_policy;
mod lifecycle;

/// S3's refusal.
fn by_s3(refusal: Refusal) -> Failure {
    Failure::of("S3", crate::s3::word(&refusal))
}

fn name(text: &str) -> Result<BucketName, Failure> {
    text.parse().map_err(|_| Failure::invalid(format!("Bucket name {text} is not valid")))
}
