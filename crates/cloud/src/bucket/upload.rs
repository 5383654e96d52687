//! Uploads in parts.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html>
use super::{BucketName, BucketRefusal, ChecksumAlgorithm, Object, ObjectVersion, Piece, Precondition};
use crate::{Cloud, Context, Refusal, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The smallest part that is not the last.
pub const MIN_PART: u64 = 5 * 1024 * 1024;
/// The number of the last part there can be.
pub const MAX_PART: u16 = 10_000;

/// An upload that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MultipartUpload {
    /// When it was begun.
    pub initiated: Timestamp,
    /// What the object will have beside its bytes.
    pub object: Object,
    /// The checksum of parts and object.
    pub algorithm: ChecksumAlgorithm,
    /// Whether the caller named the algorithm, so that it is shown.
    pub named: bool,
    /// Whether the object's checksum is made of the parts'.
    pub composite: bool,
}

/// A part that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadPart {
    /// Its bytes; the checksum is that of the upload's algorithm.
    pub piece: Piece,
    /// Its MD5 in hexadecimal.
    pub etag: String,
    /// When it was uploaded.
    pub modified: Timestamp,
}

/// A part as the request that completes an upload names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletedPart {
    /// Its number.
    pub number: u16,
    /// The ETag that the upload of the part answered, without quotation marks.
    pub etag: String,
    /// Its checksum in base64, when it is named.
    pub checksum: Option<String>,
}

impl Cloud {
    /// Begins an upload and answers its id.
    ///
    /// # Errors
    /// When there is no such bucket.
    pub fn begin_upload(&mut self, cx: &mut Context, bucket: &BucketName, key: &str, upload: MultipartUpload) -> Result<String, Refusal> {
        self.bucket(bucket)?;
        let id = cx.ids.alphanumeric(64);
        let upload = MultipartUpload { initiated: cx.now, ..upload };
        self.uploads.insert((bucket.clone(), key.to_owned(), id.clone()), Arc::new(upload));
        Ok(id)
    }

    /// An upload of a key.
    ///
    /// # Errors
    /// When there is none.
    pub fn upload(&self, bucket: &BucketName, key: &str, id: &str) -> Result<&Arc<MultipartUpload>, Refusal> {
        self.bucket(bucket)?;
        let place = (bucket.clone(), key.to_owned(), id.to_owned());
        self.uploads.get(&place).ok_or_else(|| BucketRefusal::NoSuchUpload(id.to_owned()).into())
    }

    /// The uploads of a bucket from a key on.
    pub fn uploads_from(
        &self,
        bucket: &BucketName,
        key: &str,
    ) -> impl Iterator<Item = (&(BucketName, String, String), &Arc<MultipartUpload>)> {
        let bucket = bucket.clone();
        self.uploads.range((bucket.clone(), key.to_owned(), String::new())..).take_while(move |((of, _, _), _)| *of == bucket)
    }

    /// The parts of an upload after a number, in order.
    pub fn parts_after(&self, id: &str, after: u16) -> impl Iterator<Item = (u16, &Arc<UploadPart>)> {
        let id = id.to_owned();
        let range = (std::ops::Bound::Excluded((id.clone(), after)), std::ops::Bound::Included((id, u16::MAX)));
        self.upload_parts.range(range).map(|((_, number), part)| (*number, part))
    }

    /// Puts a part in its place, whatever was there.
    ///
    /// # Errors
    /// When there is no such upload.
    pub fn put_part(
        &mut self,
        cx: &Context,
        (bucket, key, id): (&BucketName, &str, &str),
        number: u16,
        part: UploadPart,
    ) -> Result<(), Refusal> {
        self.upload(bucket, key, id)?;
        self.upload_parts.insert((id.to_owned(), number), Arc::new(UploadPart { modified: cx.now, ..part }));
        Ok(())
    }

    /// The parts that an upload is completed with.
    ///
    /// # Errors
    /// When one was not uploaded or is another than named, is too small, or the order is wrong.
    pub fn chosen_parts(&self, id: &str, named: &[CompletedPart]) -> Result<Vec<Arc<UploadPart>>, Refusal> {
        if !named.is_sorted_by(|one, next| one.number < next.number) {
            return Err(BucketRefusal::InvalidPartOrder.into());
        }
        let mut chosen = Vec::with_capacity(named.len());
        for (index, asked) in named.iter().enumerate() {
            let found = self.upload_parts.get(&(id.to_owned(), asked.number));
            let same =
                |part: &&Arc<UploadPart>| part.etag == asked.etag && (asked.checksum.is_none() || asked.checksum == part.piece.checksum);
            let part = found.filter(same).ok_or(BucketRefusal::InvalidPart(asked.number))?;
            if part.piece.size < MIN_PART && index + 1 < named.len() {
                return Err(BucketRefusal::PartTooSmall(asked.number).into());
            }
            chosen.push(Arc::clone(part));
        }
        Ok(chosen)
    }

    /// Makes the object of an upload, and forgets the upload.
    ///
    /// # Errors
    /// When there is no such upload or the precondition does not hold.
    pub fn complete_upload(
        &mut self,
        cx: &mut Context,
        (bucket, key, id): (&BucketName, &str, &str),
        object: Object,
        precondition: &Precondition,
    ) -> Result<Arc<ObjectVersion>, Refusal> {
        self.upload(bucket, key, id)?;
        let version = self.put_object(cx, bucket, key, object, precondition)?;
        self.forget_upload(bucket, key, id);
        Ok(version)
    }

    /// Gives an upload up.
    ///
    /// # Errors
    /// When there is none.
    pub fn abort_upload(&mut self, bucket: &BucketName, key: &str, id: &str) -> Result<(), Refusal> {
        self.upload(bucket, key, id)?;
        self.forget_upload(bucket, key, id);
        Ok(())
    }

    fn forget_upload(&mut self, bucket: &BucketName, key: &str, id: &str) {
        self.uploads.remove(&(bucket.clone(), key.to_owned(), id.to_owned()));
        let numbers: Vec<u16> = self.parts_after(id, 0).map(|(number, _)| number).collect();
        for number in numbers {
            self.upload_parts.remove(&(id.to_owned(), number));
        }
    }

    pub(super) fn forget_uploads(&mut self, bucket: &BucketName) {
        let all: Vec<_> = self.uploads_from(bucket, "").map(|(place, _)| place.clone()).collect();
        for (bucket, key, id) in all {
            self.forget_upload(&bucket, &key, &id);
        }
    }
}
