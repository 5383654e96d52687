//! Settings of a bucket. Those of a new one are S3's own since April 2023: public access blocked, ACLs disabled, SSE-S3.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html>
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is set on a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketSettings {
    /// Whether versions of objects are kept.
    pub versioning: Versioning,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// The policy document as it was sent.
    pub policy: Option<String>,
    /// What of public access is blocked.
    pub public_access_block: Option<PublicAccessBlock>,
    /// How new objects are said to be encrypted.
    pub encryption: BucketEncryption,
    /// Who owns objects that others put.
    pub ownership: Option<Ownership>,
    /// Rules for browsers of other origins.
    pub cors: Vec<CorsRule>,
    /// Rules by which objects expire.
    pub lifecycle: Vec<LifecycleRule>,
}

impl Default for BucketSettings {
    fn default() -> Self {
        Self {
            versioning: Versioning::Never,
            tags: BTreeMap::new(),
            policy: None,
            public_access_block: Some(PublicAccessBlock::ALL),
            encryption: BucketEncryption::default(),
            ownership: Some(Ownership::BucketOwnerEnforced),
            cors: Vec::new(),
            lifecycle: Vec::new(),
        }
    }
}

/// Whether versions are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Versioning {
    /// They never were: each object has the one version `null`.
    Never,
    /// Every put makes a version.
    Enabled,
    /// Versions there are stay; new puts replace the version `null`.
    Suspended,
}

/// What of public access is blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicAccessBlock {
    /// Requests that would set a public ACL are refused.
    pub block_public_acls: bool,
    /// Public ACLs are not heeded.
    pub ignore_public_acls: bool,
    /// A public policy is refused.
    pub block_public_policy: bool,
    /// A bucket with a public policy is its account's only.
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// Everything is blocked.
    pub const ALL: Self =
        Self { block_public_acls: true, ignore_public_acls: true, block_public_policy: true, restrict_public_buckets: true };
}

/// The default encryption of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketEncryption {
    /// What objects get whose request says nothing.
    pub default: Encryption,
    /// Whether one key is used for the bucket.
    pub bucket_key: bool,
}

/// How an object is said to be encrypted at rest. A lab keeps it in the clear.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encryption {
    /// SSE-S3, `AES256`.
    #[default]
    Aes256,
    /// SSE-KMS, `aws:kms`, with the key that was named, if one was.
    Kms(Option<String>),
}

/// Who owns the objects of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ownership {
    /// The bucket's owner; ACLs are disabled.
    BucketOwnerEnforced,
    /// The bucket's owner, when the request says so.
    BucketOwnerPreferred,
    /// Who put them.
    ObjectWriter,
}

/// A rule for browsers of other origins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorsRule {
    /// Its name.
    pub id: Option<String>,
    /// Headers that may be sent.
    pub allowed_headers: Vec<String>,
    /// Methods that may be used.
    pub allowed_methods: Vec<String>,
    /// Origins that may ask.
    pub allowed_origins: Vec<String>,
    /// Headers that may be read.
    pub expose_headers: Vec<String>,
    /// For how long browsers may remember, in seconds.
    pub max_age: Option<i32>,
}

/// A rule by which objects expire. It is kept and shown; a lab does not run it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifecycleRule {
    /// Its name.
    pub id: String,
    /// Whether it is `Enabled`.
    pub enabled: bool,
    /// The prefix beside the filter, in rules of the older form.
    pub prefix: Option<String>,
    /// The filter: prefix, tags, sizes; `None` in rules of the older form.
    pub filter: Option<LifecycleFilter>,
    /// When current versions expire.
    pub expiration: Option<Expiration>,
    /// After how many days noncurrent versions expire, and how many of them stay.
    pub noncurrent_expiration: Option<(Option<i32>, Option<i32>)>,
    /// After how many days unfinished uploads are given up.
    pub abort_uploads_after: Option<i32>,
}

/// What a lifecycle rule applies to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifecycleFilter {
    /// Whether its conditions stand in an `And`.
    pub and: bool,
    /// A prefix of keys.
    pub prefix: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Larger objects only.
    pub larger: Option<i64>,
    /// Smaller objects only.
    pub smaller: Option<i64>,
}

/// When current versions expire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expiration {
    /// So many days after they were made.
    Days(i32),
    /// On a date, in milliseconds since the epoch.
    Date(i64),
    /// Delete markers without other versions go.
    DeleteMarkers(bool),
}
