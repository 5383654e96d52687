//! Why an operation on buckets and objects was refused.
use super::BucketName;
use crate::Refusal;

/// A refused operation of S3, as data; AWS's codes and texts are in the service's table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BucketRefusal {
    /// No bucket of that name.
    #[error("the bucket `{0}` does not exist")]
    NoSuchBucket(BucketName),
    /// Another account has the name.
    #[error("the bucket name `{0}` is taken")]
    AlreadyExists(BucketName),
    /// The caller has the bucket already.
    #[error("the bucket `{0}` is yours already")]
    AlreadyOwnedByYou(BucketName),
    /// Something is in the bucket.
    #[error("the bucket `{0}` is not empty")]
    NotEmpty(BucketName),
    /// The account has too many buckets.
    #[error("the maximum number of buckets has been reached")]
    TooManyBuckets,
    /// No such object, or its newest version is a delete marker.
    #[error("there is no object `{key}`")]
    NoSuchKey {
        /// The key.
        key: String,
        /// Whether a delete marker stands there, and its version.
        marker: Option<String>,
    },
    /// No version of that id.
    #[error("the object `{key}` has no version `{version}`")]
    NoSuchVersion {
        /// The key.
        key: String,
        /// The version's id.
        version: String,
    },
    /// The version is a delete marker, which has no content.
    #[error("the version `{version}` of `{key}` is a delete marker")]
    DeleteMarker {
        /// The key.
        key: String,
        /// The version's id.
        version: String,
    },
    /// A precondition of the request does not hold; the header's name.
    #[error("the precondition `{0}` does not hold")]
    PreconditionFailed(&'static str),
    /// No upload of that id for that key.
    #[error("there is no upload `{0}`")]
    NoSuchUpload(String),
    /// A part that was not uploaded, or whose ETag is another.
    #[error("the part {0} is not there, or its ETag is another")]
    InvalidPart(u16),
    /// The parts are not in ascending order.
    #[error("the parts are not in ascending order")]
    InvalidPartOrder,
    /// A part that is not the last is smaller than 5 MiB.
    #[error("the part {0} is too small")]
    PartTooSmall(u16),
    /// A setting that was never made; the code that S3 has for each.
    #[error("the bucket has no such configuration")]
    NotSet(Setting),
    /// `InvalidRequest` with this text.
    #[error("{0}")]
    InvalidRequest(String),
    /// `InvalidBucketState` with this text.
    #[error("{0}")]
    InvalidState(String),
}

/// A setting of a bucket that may be absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The bucket policy.
    Policy,
    /// Tags.
    Tags,
    /// CORS rules.
    Cors,
    /// Lifecycle rules.
    Lifecycle,
    /// The block of public access.
    PublicAccessBlock,
    /// Who owns objects.
    Ownership,
}

impl From<BucketRefusal> for Refusal {
    fn from(refusal: BucketRefusal) -> Self {
        Self::Bucket(refusal)
    }
}
