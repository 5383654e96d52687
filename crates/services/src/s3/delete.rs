//! Deleting objects, one or up to 1,000.
use super::errors::{Fault, malformed};
use super::object::precondition;
use super::serve::{S3Call, bucket_name, of_version};
use vpclab_cloud::bucket::object::Deleted;
use vpclab_wire::s3 as wire;

/// The most objects of one request.
const MAX_OBJECTS: usize = 1000;

/// `DeleteObject`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html>
pub async fn delete_object(call: &S3Call, input: wire::DeleteObjectRequest) -> Result<wire::DeleteObjectOutput, Fault> {
    let name = bucket_name(&input.bucket)?;
    let precondition = precondition(input.if_match.as_deref(), None)?;
    let Deleted { version, marker } =
        call.change(|cloud, cx| cloud.delete_object(cx, &name, &input.key, input.version_id.as_deref(), &precondition)).await?;
    Ok(wire::DeleteObjectOutput { delete_marker: marker.then_some(true), version_id: version })
}

/// `DeleteObjects`: each for itself; one that is refused leaves the others alone.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>
pub async fn delete_objects(call: &S3Call, input: wire::DeleteObjectsRequest) -> Result<wire::DeleteObjectsOutput, Fault> {
    let name = bucket_name(&input.bucket)?;
    if input.delete.objects.is_empty() || input.delete.objects.len() > MAX_OBJECTS {
        return Err(malformed());
    }
    let cloud = call.snapshot();
    let mut output = wire::DeleteObjectsOutput::default();
    let mut asked = Vec::new();
    for object in input.delete.objects {
        let action = "s3:DeleteObject";
        let action = if object.version_id.is_some() { of_version(action) } else { action.to_owned() };
        match call.allowed(&cloud, &input.bucket, &action, Some(&object.key)) {
            Ok(_) => asked.push((precondition(object.e_tag.as_deref(), None)?, object)),
            Err(fault) => output.errors.push(error(object.key, object.version_id, fault)),
        }
    }
    // One change for all: each is tried on a clone, so that a refusal takes back its own only.
    let outcomes = call
        .change(|cloud, cx| {
            let mut outcomes = Vec::with_capacity(asked.len());
            for (precondition, object) in asked {
                let mut tried = cloud.clone();
                let done = tried.delete_object(cx, &name, &object.key, object.version_id.as_deref(), &precondition);
                if done.is_ok() {
                    *cloud = tried;
                }
                outcomes.push((object, done));
            }
            Ok(outcomes)
        })
        .await?;
    let quiet = input.delete.quiet == Some(true);
    for (object, done) in outcomes {
        match done {
            Err(refusal) => output.errors.push(error(object.key, object.version_id, refusal.into())),
            Ok(_) if quiet => {}
            Ok(Deleted { version, marker }) => output.deleted.push(wire::DeletedObject {
                key: Some(object.key),
                delete_marker: marker.then_some(true),
                delete_marker_version_id: version.filter(|_| marker),
                version_id: object.version_id,
            }),
        }
    }
    Ok(output)
}

fn error(key: String, version_id: Option<String>, fault: Fault) -> wire::Error {
    wire::Error { key: Some(key), version_id, code: Some(fault.error.code.into_owned()), message: Some(fault.error.message) }
}
