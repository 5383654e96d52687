//! S3 buckets: names, who owns them, and their settings. Objects are in [`object`], uploads in parts in [`upload`].
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingBucket.html>
mod listing;
mod name;
pub mod object;
mod refusal;
mod setting;
pub mod upload;

pub use listing::{Entry, ListAsked, Page, VersionEntry};
pub use name::{BucketName, InvalidBucketName};
pub use object::{Checksum, ChecksumAlgorithm, Object, ObjectHeaders, ObjectKey, ObjectVersion, Piece, Precondition, VersionOrder};
pub use refusal::{BucketRefusal, Setting};
pub use setting::{
    BucketEncryption, BucketSettings, CorsRule, Encryption, Expiration, LifecycleFilter, LifecycleRule, Ownership, PublicAccessBlock,
    Versioning,
};
pub use upload::{CompletedPart, MultipartUpload, UploadPart};

use crate::{AccountId, Change, Cloud, Context, Record, RecordKey, Refusal, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The buckets an account may have.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/BucketRestrictions.html>
pub const MAX_BUCKETS: usize = 10_000;

/// A bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its name, unique over all accounts and regions.
    pub name: BucketName,
    /// The owner's account and the region it is in.
    pub scope: Scope,
    /// When it was made.
    pub created: Timestamp,
    /// What was set on it.
    pub settings: BucketSettings,
}

impl Bucket {
    /// `arn:aws:s3:::name`
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:s3:::{}", self.name)
    }
}

impl Cloud {
    /// Makes a bucket of the context's account and region. With `again`, as in us-east-1, the owner's own bucket is answered as it is.
    ///
    /// # Errors
    /// When the name is taken or the account has too many.
    pub fn create_bucket(&mut self, cx: &Context, name: BucketName, settings: BucketSettings, again: bool) -> Result<Arc<Bucket>, Refusal> {
        if let Some(found) = self.buckets.get(&name) {
            return match found.scope.account == cx.scope.account {
                true if again && found.scope == cx.scope => Ok(Arc::clone(found)),
                true => Err(BucketRefusal::AlreadyOwnedByYou(name).into()),
                false => Err(BucketRefusal::AlreadyExists(name).into()),
            };
        }
        if self.buckets_of(&cx.scope.account).count() >= MAX_BUCKETS {
            return Err(BucketRefusal::TooManyBuckets.into());
        }
        let bucket = Arc::new(Bucket { name: name.clone(), scope: cx.scope.clone(), created: cx.now, settings });
        self.buckets.insert(name, Arc::clone(&bucket));
        Ok(bucket)
    }

    /// The buckets of an account, in order of name.
    pub fn buckets_of<'a>(&'a self, account: &'a AccountId) -> impl Iterator<Item = &'a Arc<Bucket>> {
        self.buckets.values().filter(move |bucket| &bucket.scope.account == account)
    }

    /// A bucket by name, whoever owns it. Who may do what with it is the caller's to ask.
    ///
    /// # Errors
    /// When there is none.
    pub fn bucket(&self, name: &BucketName) -> Result<&Arc<Bucket>, Refusal> {
        self.buckets.get(name).ok_or_else(|| BucketRefusal::NoSuchBucket(name.clone()).into())
    }

    /// Changes a bucket's settings.
    ///
    /// # Errors
    /// When there is no such bucket, or the change refuses.
    pub fn set_bucket(
        &mut self,
        name: &BucketName,
        change: impl FnOnce(&mut BucketSettings) -> Result<(), BucketRefusal>,
    ) -> Result<(), Refusal> {
        let mut bucket = Bucket::clone(self.bucket(name)?);
        change(&mut bucket.settings)?;
        self.buckets.insert(name.clone(), Arc::new(bucket));
        Ok(())
    }

    /// Removes an empty bucket and what was begun to be uploaded to it.
    ///
    /// # Errors
    /// When there is no such bucket, or an object, a version or a delete marker is in it.
    pub fn delete_bucket(&mut self, name: &BucketName) -> Result<(), Refusal> {
        self.bucket(name)?;
        if self.versions_in(name, "").next().is_some() {
            return Err(BucketRefusal::NotEmpty(name.clone()).into());
        }
        self.forget_uploads(name);
        self.buckets.remove(name);
        Ok(())
    }
}

impl Change {
    /// Whether it is about objects of buckets and waiting events alone, which no network, name or request to an API depends on.
    #[must_use]
    pub fn is_of_objects(&self) -> bool {
        let of_objects = |key: &RecordKey| {
            matches!(key, RecordKey::Object(_) | RecordKey::Upload(_) | RecordKey::UploadPart(_) | RecordKey::AcceptedEvent(_))
        };
        self.written.iter().map(Record::key).all(|key| of_objects(&key)) && self.removed.iter().all(of_objects)
    }
}

#[cfg(test)]
mod tests;
