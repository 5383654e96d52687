//! Tags of buckets and objects.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>
use super::errors::Fault;
use super::object::shown_version;
use super::serve::{S3Call, bucket_name};
use std::collections::BTreeMap;
use vpclab_cloud::bucket::{BucketRefusal, Setting};
use vpclab_wire::{form, s3 as wire};

/// The most tags of a bucket.
pub(super) const MAX_BUCKET_TAGS: usize = 50;
/// The most tags of an object.
const MAX_OBJECT_TAGS: usize = 10;

/// Tags as they were sent, judged.
pub(super) fn tags(sent: Vec<wire::Tag>, most: usize) -> Result<BTreeMap<String, String>, Fault> {
    let pairs = sent.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
    judge(pairs.collect(), most)
}

/// Tags of the header `x-amz-tagging`.
pub(super) fn header_tags(text: Option<&str>) -> Result<BTreeMap<String, String>, Fault> {
    judge(form::pairs(text.unwrap_or_default().as_bytes()).collect(), MAX_OBJECT_TAGS)
}

fn judge(pairs: Vec<(String, String)>, most: usize) -> Result<BTreeMap<String, String>, Fault> {
    let invalid = |text: &str, key: &str| Fault::new(400, "InvalidTag", text).with("TagKey", key);
    if pairs.len() > most {
        let text =
            if most == MAX_OBJECT_TAGS { "Object tags cannot be greater than 10" } else { "Bucket tag count cannot be greater than 50" };
        return Err(Fault::new(400, "BadRequest", text));
    }
    let mut tags = BTreeMap::new();
    for (key, value) in pairs {
        if key.is_empty() || key.chars().count() > 128 {
            return Err(invalid("The TagKey you have provided is invalid", &key));
        }
        if value.chars().count() > 256 {
            return Err(invalid("The TagValue you have provided is invalid", &key));
        }
        if key.to_lowercase().starts_with("aws:") {
            return Err(invalid("System tags cannot be added/updated by requester", &key));
        }
        if tags.contains_key(&key) {
            return Err(invalid("Cannot provide multiple Tags with the same key", &key));
        }
        tags.insert(key, value);
    }
    Ok(tags)
}

pub(super) fn shown(tags: &BTreeMap<String, String>) -> Vec<wire::Tag> {
    tags.iter().map(|(key, value)| wire::Tag { key: Some(key.clone()), value: Some(value.clone()) }).collect()
}

/// `GetBucketTagging`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketTagging.html>
pub async fn get_bucket_tagging(call: &S3Call, input: wire::GetBucketTaggingRequest) -> Result<wire::GetBucketTaggingOutput, Fault> {
    let cloud = call.snapshot();
    let tags = &cloud.bucket(&bucket_name(&input.bucket)?)?.settings.tags;
    if tags.is_empty() {
        return Err(vpclab_cloud::Refusal::from(BucketRefusal::NotSet(Setting::Tags)).into());
    }
    Ok(wire::GetBucketTaggingOutput { tag_set: shown(tags) })
}

/// `PutBucketTagging`: all tags at once; those of AWS's own stay.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html>
pub async fn put_bucket_tagging(call: &S3Call, input: wire::PutBucketTaggingRequest) -> Result<(), Fault> {
    let tags = tags(input.tagging.tag_set, MAX_BUCKET_TAGS)?;
    set_bucket_tags(call, &input.bucket, tags).await
}

/// `DeleteBucketTagging`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketTagging.html>
pub async fn delete_bucket_tagging(call: &S3Call, input: wire::DeleteBucketTaggingRequest) -> Result<(), Fault> {
    set_bucket_tags(call, &input.bucket, BTreeMap::new()).await
}

async fn set_bucket_tags(call: &S3Call, bucket: &str, tags: BTreeMap<String, String>) -> Result<(), Fault> {
    let name = bucket_name(bucket)?;
    call.change(|cloud, _| {
        cloud.set_bucket(&name, |settings| {
            settings.tags.retain(|key, _| key.starts_with("aws:"));
            settings.tags.extend(tags);
            Ok(())
        })
    })
    .await
}

/// `GetObjectTagging`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html>
pub async fn get_object_tagging(call: &S3Call, input: wire::GetObjectTaggingRequest) -> Result<wire::GetObjectTaggingOutput, Fault> {
    let name = bucket_name(&input.bucket)?;
    let cloud = call.snapshot();
    let (version, object) = cloud.object(&name, &input.key, input.version_id.as_deref())?;
    Ok(wire::GetObjectTaggingOutput { version_id: shown_version(cloud.bucket(&name)?, version), tag_set: shown(&object.tags) })
}

/// `PutObjectTagging`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html>
pub async fn put_object_tagging(call: &S3Call, input: wire::PutObjectTaggingRequest) -> Result<wire::PutObjectTaggingOutput, Fault> {
    let (name, tags) = (bucket_name(&input.bucket)?, tags(input.tagging.tag_set, MAX_OBJECT_TAGS)?);
    let version_id = call.change(|cloud, _| cloud.tag_object(&name, &input.key, input.version_id.as_deref(), tags)).await?;
    Ok(wire::PutObjectTaggingOutput { version_id })
}

/// `DeleteObjectTagging`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectTagging.html>
pub async fn delete_object_tagging(
    call: &S3Call,
    input: wire::DeleteObjectTaggingRequest,
) -> Result<wire::DeleteObjectTaggingOutput, Fault> {
    let name = bucket_name(&input.bucket)?;
    let version_id = call.change(|cloud, _| cloud.tag_object(&name, &input.key, input.version_id.as_deref(), BTreeMap::new())).await?;
    Ok(wire::DeleteObjectTaggingOutput { version_id })
}
