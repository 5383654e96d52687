//! Objects and their versions.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html>
use super::{BucketName, BucketRefusal, Encryption, Versioning};
use crate::{Cloud, Context, Refusal, Sha256, Timestamp};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// Where a version stands: versions of one key are in order of age, the newest first.
pub type ObjectKey = (BucketName, String, VersionOrder);

/// A version's place among those of its key; the newest is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VersionOrder(u64);

impl VersionOrder {
    /// Before the newest version that there can be.
    pub const NEWEST: Self = Self(0);
    /// The first version that a key gets, and so the oldest.
    pub const OLDEST: Self = Self(u64::MAX);
}

/// One version of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectVersion {
    /// Its id; `None` is the version `null` of buckets that keep no versions.
    pub id: Option<String>,
    /// When it was made.
    pub modified: Timestamp,
    /// What it holds; `None` is a delete marker.
    pub object: Option<Object>,
}

impl ObjectVersion {
    /// The id as S3 writes it.
    #[must_use]
    pub fn shown_id(&self) -> &str {
        self.id.as_deref().unwrap_or("null")
    }
}

/// What a version holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// How many bytes.
    pub size: u64,
    /// The ETag without quotation marks.
    pub etag: String,
    /// The bytes, piece by piece.
    pub pieces: Vec<Piece>,
    /// Whether it was uploaded in parts, one piece each.
    pub in_parts: bool,
    /// Its checksum.
    pub checksum: Option<Checksum>,
    /// The headers that are kept for it.
    pub headers: ObjectHeaders,
    /// The caller's own metadata.
    pub metadata: BTreeMap<String, String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Its storage class when it is not `STANDARD`.
    pub storage_class: Option<String>,
    /// How it is said to be encrypted.
    pub encryption: Encryption,
    /// Whether it is said to be encrypted by the bucket's key.
    pub bucket_key: bool,
}

/// Bytes that are one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// The file.
    pub sha256: Sha256,
    /// How many bytes it has.
    pub size: u64,
    /// For a part: its checksum in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
}

/// A checksum that S3 keeps with an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksum {
    /// How it was made.
    pub algorithm: ChecksumAlgorithm,
    /// In base64; a checksum of checksums ends in `-` and the number of parts.
    pub value: String,
    /// Whether it is made of the parts' checksums.
    pub composite: bool,
}

/// How a checksum is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ChecksumAlgorithm {
    Crc32,
    Crc32c,
    Crc64nvme,
    Sha1,
    Sha256,
}

/// Headers that are kept with an object and given back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "HTTP's own names")]
pub struct ObjectHeaders {
    pub content_type: Option<String>,
    pub cache_control: Option<String>,
    pub content_disposition: Option<String>,
    pub content_encoding: Option<String>,
    pub content_language: Option<String>,
    pub expires: Option<String>,
}

/// What has to hold for a write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Precondition {
    /// `If-Match`: the newest version has this ETag.
    pub etag: Option<String>,
    /// `If-None-Match: *`: there is no object.
    pub absent: bool,
}

/// What a delete did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// The id of the version that was removed, or of the delete marker that was made; shown in versioned buckets only.
    pub version: Option<String>,
    /// Whether a delete marker was made or removed.
    pub marker: bool,
}

impl Cloud {
    /// The versions of a bucket from a key on, the newest of each key first.
    pub fn versions_in<'a>(
        &'a self,
        bucket: &BucketName,
        key: &str,
    ) -> impl Iterator<Item = (&'a ObjectKey, &'a Arc<ObjectVersion>)> + use<'a> {
        let bucket = bucket.clone();
        self.objects.range((bucket.clone(), key.to_owned(), VersionOrder::NEWEST)..).take_while(move |((of, _, _), _)| *of == bucket)
    }

    /// The versions of a key, the newest first.
    pub fn versions_of_key<'a>(
        &'a self,
        bucket: &BucketName,
        key: &str,
    ) -> impl Iterator<Item = (&'a ObjectKey, &'a Arc<ObjectVersion>)> + use<'a> {
        let wanted = key.to_owned();
        self.versions_in(bucket, key).take_while(move |((_, of, _), _)| *of == wanted)
    }

    /// The newest version of an object, or the one of an id.
    ///
    /// # Errors
    /// When it is not there or is a delete marker.
    pub fn object(&self, bucket: &BucketName, key: &str, version: Option<&str>) -> Result<(&Arc<ObjectVersion>, &Object), Refusal> {
        let found = self.version(bucket, key, version)?;
        match (&found.object, version) {
            (Some(object), _) => Ok((found, object)),
            (None, Some(_)) => Err(BucketRefusal::DeleteMarker { key: key.to_owned(), version: found.shown_id().to_owned() }.into()),
            (None, None) => Err(BucketRefusal::NoSuchKey { key: key.to_owned(), marker: Some(found.shown_id().to_owned()) }.into()),
        }
    }

    fn version(&self, bucket: &BucketName, key: &str, version: Option<&str>) -> Result<&Arc<ObjectVersion>, Refusal> {
        self.bucket(bucket)?;
        let found = self.versions_of_key(bucket, key).map(|(_, found)| found).find(|found| version.is_none_or(|id| id == found.shown_id()));
        found.ok_or_else(|| match version {
            Some(version) => BucketRefusal::NoSuchVersion { key: key.to_owned(), version: version.to_owned() }.into(),
            None => BucketRefusal::NoSuchKey { key: key.to_owned(), marker: None }.into(),
        })
    }

    /// Puts an object: a new version in a bucket that keeps them, else in the place of the version `null`.
    ///
    /// # Errors
    /// When there is no such bucket or the precondition does not hold.
    pub fn put_object(
        &mut self,
        cx: &mut Context,
        bucket: &BucketName,
        key: &str,
        object: Object,
        precondition: &Precondition,
    ) -> Result<Arc<ObjectVersion>, Refusal> {
        self.check_precondition(bucket, key, precondition)?;
        self.push_version(cx, bucket, key, Some(object))
    }

    /// Whether a write may happen.
    ///
    /// # Errors
    /// When it may not.
    pub fn check_precondition(&self, bucket: &BucketName, key: &str, precondition: &Precondition) -> Result<(), Refusal> {
        let newest = self.object(bucket, key, None);
        if precondition.absent && newest.is_ok() {
            return Err(BucketRefusal::PreconditionFailed("If-None-Match").into());
        }
        match &precondition.etag {
            Some(etag) if etag != "*" && newest?.1.etag != *etag => Err(BucketRefusal::PreconditionFailed("If-Match").into()),
            Some(_) => self.object(bucket, key, None).map(|_| ()),
            None => self.bucket(bucket).map(|_| ()),
        }
    }

    fn push_version(
        &mut self,
        cx: &mut Context,
        bucket: &BucketName,
        key: &str,
        object: Option<Object>,
    ) -> Result<Arc<ObjectVersion>, Refusal> {
        let id = match self.bucket(bucket)?.settings.versioning {
            Versioning::Enabled => Some(cx.ids.alphanumeric(32)),
            Versioning::Never | Versioning::Suspended => {
                self.remove_version(bucket, key, "null");
                None
            }
        };
        let newest = self.versions_of_key(bucket, key).next().map(|((_, _, order), _)| order.0);
        let order = VersionOrder(newest.map_or(u64::MAX, |newest| newest.saturating_sub(1)));
        let version = Arc::new(ObjectVersion { id, modified: cx.now, object });
        self.objects.insert((bucket.clone(), key.to_owned(), order), Arc::clone(&version));
        Ok(version)
    }

    fn remove_version(&mut self, bucket: &BucketName, key: &str, id: &str) -> Option<Arc<ObjectVersion>> {
        let place = self.versions_of_key(bucket, key).find(|(_, found)| found.shown_id() == id).map(|(place, _)| place.clone())?;
        self.objects.remove(&place)
    }

    /// Deletes a version for good, or without one the object: in a bucket that keeps versions by a delete marker.
    ///
    /// # Errors
    /// When there is no such bucket or the newest version has another ETag. What is not there is deleted without an error.
    pub fn delete_object(
        &mut self,
        cx: &mut Context,
        bucket: &BucketName,
        key: &str,
        version: Option<&str>,
        precondition: &Precondition,
    ) -> Result<Deleted, Refusal> {
        self.check_precondition(bucket, key, precondition)?;
        match (version, self.bucket(bucket)?.settings.versioning) {
            (Some(id), _) => {
                let removed = self.remove_version(bucket, key, id);
                Ok(Deleted { version: Some(id.to_owned()), marker: removed.is_some_and(|version| version.object.is_none()) })
            }
            (None, Versioning::Never) => {
                self.remove_version(bucket, key, "null");
                Ok(Deleted::default())
            }
            (None, Versioning::Enabled | Versioning::Suspended) => {
                let marker = self.push_version(cx, bucket, key, None)?;
                Ok(Deleted { version: Some(marker.shown_id().to_owned()), marker: true })
            }
        }
    }

    /// Replaces the tags of an object's version; answers its id in a bucket that keeps versions.
    ///
    /// # Errors
    /// As [`Cloud::object`].
    pub fn tag_object(
        &mut self,
        bucket: &BucketName,
        key: &str,
        version: Option<&str>,
        tags: BTreeMap<String, String>,
    ) -> Result<Option<String>, Refusal> {
        let (found, object) = self.object(bucket, key, version)?;
        let object = Object { tags, ..object.clone() };
        let changed = ObjectVersion { object: Some(object), ..ObjectVersion::clone(found) };
        let id = changed.shown_id().to_owned();
        let place = self.versions_of_key(bucket, key).find(|(_, other)| other.shown_id() == id).map(|(place, _)| place.clone());
        if let Some(place) = place {
            self.objects.insert(place, Arc::new(changed));
        }
        Ok((self.bucket(bucket)?.settings.versioning != Versioning::Never).then_some(id))
    }

    /// The files that objects and parts of uploads are in.
    pub(crate) fn bucket_blobs(&self) -> impl Iterator<Item = Sha256> + '_ {
        let objects = self.objects.values().filter_map(|version| version.object.as_ref()).flat_map(|object| &object.pieces);
        objects.map(|piece| piece.sha256).chain(self.upload_parts.values().map(|part| part.piece.sha256))
    }
}
