//! Reading objects from inside the lab: templates, functions' code, definitions of APIs.
use super::errors::Fault;
use super::object::quoted;
use super::pieces;
use super::serve::{S3Call, bucket_name, hide_absence, of_version};
use crate::request::RequestContext;
use std::io::Read as _;
use vpclab_store::Blob;
use vpclab_wire::WireError;

/// An object that was read.
#[derive(Clone, Debug)]
pub struct ReadObject {
    /// Its bytes, which are there as long as this value.
    pub blob: Blob,
    /// The ETag with its quotation marks.
    pub etag: String,
    /// The version, in a bucket that keeps them.
    pub version_id: Option<String>,
}

/// Reads an object, or a version of it, for the account of `cx`, as far as it may read it.
///
/// # Errors
/// S3's own: `NoSuchBucket`, `NoSuchKey`, `AccessDenied` and the like.
pub async fn read(cx: &RequestContext, bucket: &str, key: &str, version: Option<&str>) -> Result<ReadObject, WireError> {
    read_for(&S3Call::inside(cx.clone()), bucket, key, version).await.map_err(|fault| fault.error)
}

async fn read_for(call: &S3Call, bucket: &str, key: &str, version: Option<&str>) -> Result<ReadObject, Fault> {
    let name = bucket_name(bucket)?;
    let cloud = call.snapshot();
    let action = if version.is_some() { of_version("s3:GetObject") } else { "s3:GetObject".to_owned() };
    call.allowed(&cloud, bucket, &action, Some(key))?;
    let found = cloud.object(&name, key, version);
    let (found, object) = found.map_err(|refusal| hide_absence(call, &cloud, &name, &refusal))?;
    let blobs = call.cx.engine.blobs();
    let one = match object.pieces.as_slice() {
        [piece] => blobs.hold(&piece.sha256),
        _ => None,
    };
    let blob = match one {
        Some(blob) => blob,
        // In one file, for readers that want a path.
        None => pieces::copy(blobs, pieces::spans(blobs, &object.pieces, 0, object.size)?, Vec::new()).await?,
    };
    Ok(ReadObject { blob, etag: quoted(&object.etag), version_id: found.id.clone() })
}

/// Reads an object whole, when it has at most `limit` bytes.
///
/// # Errors
/// As [`read`], and `EntityTooLarge`.
pub async fn read_bytes(cx: &RequestContext, bucket: &str, key: &str, version: Option<&str>, limit: u64) -> Result<Vec<u8>, WireError> {
    let object = read(cx, bucket, key, version).await?;
    if object.blob.size > limit {
        let text = format!("The object s3://{bucket}/{key} is larger than {limit} bytes");
        return Err(WireError::new(400, "EntityTooLarge", text));
    }
    let blobs = cx.engine.blobs().clone();
    let bytes = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        blobs.open_blob(&object.blob.sha256)?.take(limit).read_to_end(&mut bytes).map(|_| bytes)
    });
    match bytes.await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(why)) => Err(super::errors::internal(&why).error),
        Err(why) => Err(super::errors::internal(&why).error),
    }
}
