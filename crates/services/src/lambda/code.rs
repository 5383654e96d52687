//! Code on its way into the lab: a zip file in the request, or an object.
use super::errors::{bad_archive, invalid};
use crate::engine::Engine;
use crate::request::RequestContext;
use std::sync::Arc;
use vpclab_cloud::function::FunctionCode;
use vpclab_store::{Blob, PutError};
use vpclab_wire::WireError;

/// The largest zip file that a request may hold.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const ZIP_MAX: u64 = 52_428_800;

/// Where code comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeSource {
    /// The zip file itself.
    pub zip: Option<bytes::Bytes>,
    /// The bucket and the key of an object.
    pub object: Option<(String, String)>,
    /// The object's version.
    pub version: Option<String>,
}

/// Code that is kept as long as this is held; after that, as long as a record names it.
pub struct Stored {
    /// What the record says.
    pub code: FunctionCode,
    _held: Blob,
}

impl CodeSource {
    /// From the members that requests have for it.
    ///
    /// # Errors
    /// None, or both.
    pub fn new(
        zip: Option<vpclab_wire::Blob>,
        bucket: Option<String>,
        key: Option<String>,
        version: Option<String>,
    ) -> Result<Self, WireError> {
        let object = match (bucket, key) {
            (Some(bucket), Some(key)) => Some((bucket, key)),
            (None, None) => None,
            _ => return Err(invalid("Both S3Bucket and S3Key must be given.")),
        };
        let zip = zip.map(|zip| zip.0).filter(|zip| !zip.is_empty());
        if zip.is_some() == object.is_some() {
            return Err(invalid(if zip.is_some() {
                "Please do not provide other FunctionCode parameters when providing a ZipFile."
            } else {
                "Please provide a source for function code."
            }));
        }
        Ok(Self { zip, object, version })
    }
}

/// Keeps code and checks that it can be unpacked.
///
/// # Errors
/// Code that is no zip file or too large, or an object that is not there.
pub async fn store(cx: &RequestContext, source: CodeSource) -> Result<Stored, WireError> {
    let engine = &cx.engine;
    let held = match (source.zip, source.object) {
        (Some(zip), _) => put(engine, zip).await?,
        (None, Some((bucket, key))) => object(cx, &bucket, &key, source.version.as_deref()).await?,
        (None, None) => return Err(invalid("Please provide a source for function code.")),
    };
    let path = engine.blobs().path(&held.sha256);
    let checked = tokio::task::spawn_blocking(move || vpclab_functions::check_archive(&path)).await;
    checked.map_err(|why| internal(&why))?.map_err(|why| bad_archive(&why))?;
    Ok(Stored { code: FunctionCode { sha256: held.sha256, size: held.size }, _held: held })
}

async fn put(engine: &Arc<Engine>, zip: bytes::Bytes) -> Result<Blob, WireError> {
    let engine = Arc::clone(engine);
    let kept = tokio::task::spawn_blocking(move || engine.blobs().put(zip.as_ref(), ZIP_MAX)).await;
    kept.map_err(|why| internal(&why))?.map_err(|why| match why {
        PutError::TooLarge(_) => {
            WireError::new(413, "RequestEntityTooLargeException", format!("Zipped size must be smaller than {ZIP_MAX} bytes"))
        }
        PutError::Io(why) => internal(&why),
    })
}

/// An object of a bucket of the same region, as far as the caller's account may read it.
async fn object(cx: &RequestContext, bucket: &str, key: &str, version: Option<&str>) -> Result<Blob, WireError> {
    let found = crate::s3::read(cx, bucket, key, version).await.map_err(|why| {
        invalid(format!("Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}", why.code, why.message))
    })?;
    let place = bucket.parse().ok().and_then(|name| cx.snapshot().bucket(&name).ok().map(|bucket| bucket.scope.region.clone()));
    if let Some(region) = place.filter(|region| *region != cx.scope.region) {
        return Err(invalid(format!(
            "Error occurred while GetObject. S3 Error Code: PermanentRedirect. S3 Error Message: The bucket is in this region: {region}. \
             Please use this region to retry the request"
        )));
    }
    if found.blob.size > ZIP_MAX {
        return Err(WireError::new(413, "RequestEntityTooLargeException", format!("Zipped size must be smaller than {ZIP_MAX} bytes")));
    }
    Ok(found.blob)
}

fn internal(why: &dyn std::fmt::Display) -> WireError {
    WireError::new(500, "ServiceException", why.to_string())
}
