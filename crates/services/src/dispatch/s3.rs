//! S3: operation -> what the caller has to be allowed, and handler.
//!
//! Bodies of objects stream, so a handler gets an [`S3Call`] and answers with a body of its own.

use std::pin::Pin;

use http::Response;
use vpclab_wire::rest;
use vpclab_wire::s3::Operation;

use crate::http::{AnswerBody, full};
use crate::s3::{self, Fault, S3Call};

/// What a caller has to be allowed for an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Every account may ask.
    Anybody,
    /// An action on the bucket.
    Bucket(&'static str),
    /// An action on the object.
    Object(&'static str),
    /// The handler asks for each of several objects.
    Each,
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<AnswerBody>, Fault>> + Send>>;
/// Decodes, handles and encodes one operation.
pub(crate) type Handler = fn(S3Call, rest::Request) -> Answer;

macro_rules! table {
    ({ $($operation:ident, $access:expr => $handler:path,)* } answers { $($own:ident, $needed:expr => $answers:path,)* }) => {
        /// The operations served.
        pub(crate) const TABLE: &[(Operation, (Access, Handler))] = &[
            $((Operation::$operation, ($access, |call, input| Box::pin(async move {
                type Input = vpclab_wire::s3::call::$operation;
                let decoded = <Input as vpclab_wire::Call>::decode(&input)?;
                let output = $handler(&call, decoded.request).await?;
                Ok(<Input as vpclab_wire::Call>::encode(&output, &call.cx.request_id).map(full))
            }))),)*
            $((Operation::$own, ($needed, |call, input| Box::pin(async move {
                type Input = vpclab_wire::s3::call::$own;
                let decoded = <Input as vpclab_wire::Call>::decode(&input)?;
                $answers(&call, decoded.request).await
            }))),)*
        ];
    };
}

use Access::{Anybody, Bucket, Each, Object};

table!({
    ListBuckets, Anybody => s3::bucket::list_buckets,
    CreateBucket, Anybody => s3::bucket::create_bucket,
    HeadBucket, Bucket("s3:ListBucket") => s3::bucket::head_bucket,
    DeleteBucket, Bucket("s3:DeleteBucket") => s3::bucket::delete_bucket,
    GetBucketLocation, Bucket("s3:GetBucketLocation") => s3::bucket::get_bucket_location,
    GetBucketAcl, Bucket("s3:GetBucketAcl") => s3::bucket::get_bucket_acl,
    GetBucketVersioning, Bucket("s3:GetBucketVersioning") => s3::setting::get_bucket_versioning,
    PutBucketVersioning, Bucket("s3:PutBucketVersioning") => s3::setting::put_bucket_versioning,
    GetBucketTagging, Bucket("s3:GetBucketTagging") => s3::tagging::get_bucket_tagging,
    PutBucketTagging, Bucket("s3:PutBucketTagging") => s3::tagging::put_bucket_tagging,
    DeleteBucketTagging, Bucket("s3:PutBucketTagging") => s3::tagging::delete_bucket_tagging,
    GetBucketEncryption, Bucket("s3:GetEncryptionConfiguration") => s3::setting::get_bucket_encryption,
    PutBucketEncryption, Bucket("s3:PutEncryptionConfiguration") => s3::setting::put_bucket_encryption,
    DeleteBucketEncryption, Bucket("s3:PutEncryptionConfiguration") => s3::setting::delete_bucket_encryption,
    GetBucketPolicy, Bucket("s3:GetBucketPolicy") => s3::policy::get_bucket_policy,
    PutBucketPolicy, Bucket("s3:PutBucketPolicy") => s3::policy::put_bucket_policy,
    DeleteBucketPolicy, Bucket("s3:DeleteBucketPolicy") => s3::policy::delete_bucket_policy,
    GetBucketPolicyStatus, Bucket("s3:GetBucketPolicyStatus") => s3::policy::get_bucket_policy_status,
    GetPublicAccessBlock, Bucket("s3:GetBucketPublicAccessBlock") => s3::policy::get_public_access_block,
    PutPublicAccessBlock, Bucket("s3:PutBucketPublicAccessBlock") => s3::policy::put_public_access_block,
    DeletePublicAccessBlock, Bucket("s3:PutBucketPublicAccessBlock") => s3::policy::delete_public_access_block,
    GetBucketOwnershipControls, Bucket("s3:GetBucketOwnershipControls") => s3::setting::get_bucket_ownership_controls,
    PutBucketOwnershipControls, Bucket("s3:PutBucketOwnershipControls") => s3::setting::put_bucket_ownership_controls,
    DeleteBucketOwnershipControls, Bucket("s3:PutBucketOwnershipControls") => s3::setting::delete_bucket_ownership_controls,
    GetBucketCors, Bucket("s3:GetBucketCORS") => s3::setting::get_bucket_cors,
    PutBucketCors, Bucket("s3:PutBucketCORS") => s3::setting::put_bucket_cors,
    DeleteBucketCors, Bucket("s3:PutBucketCORS") => s3::setting::delete_bucket_cors,
    GetBucketLifecycleConfiguration, Bucket("s3:GetLifecycleConfiguration") => s3::lifecycle::get_bucket_lifecycle_configuration,
    PutBucketLifecycleConfiguration, Bucket("s3:PutLifecycleConfiguration") => s3::lifecycle::put_bucket_lifecycle_configuration,
    DeleteBucketLifecycle, Bucket("s3:PutLifecycleConfiguration") => s3::lifecycle::delete_bucket_lifecycle,
    GetBucketNotificationConfiguration, Bucket("s3:GetBucketNotification") => s3::setting::get_bucket_notification_configuration,
    PutBucketNotificationConfiguration, Bucket("s3:PutBucketNotification") => s3::setting::put_bucket_notification_configuration,
    ListObjects, Bucket("s3:ListBucket") => s3::list::list_objects,
    ListObjectsV2, Bucket("s3:ListBucket") => s3::list::list_objects_v2,
    ListObjectVersions, Bucket("s3:ListBucketVersions") => s3::list::list_object_versions,
    ListMultipartUploads, Bucket("s3:ListBucketMultipartUploads") => s3::list::list_multipart_uploads,
    PutObject, Object("s3:PutObject") => s3::object::put_object,
    CopyObject, Object("s3:PutObject") => s3::copy::copy_object,
    DeleteObject, Object("s3:DeleteObject") => s3::delete::delete_object,
    DeleteObjects, Each => s3::delete::delete_objects,
    GetObjectAcl, Object("s3:GetObjectAcl") => s3::object::get_object_acl,
    GetObjectAttributes, Object("s3:GetObject") => s3::attributes::get_object_attributes,
    GetObjectTagging, Object("s3:GetObjectTagging") => s3::tagging::get_object_tagging,
    PutObjectTagging, Object("s3:PutObjectTagging") => s3::tagging::put_object_tagging,
    DeleteObjectTagging, Object("s3:DeleteObjectTagging") => s3::tagging::delete_object_tagging,
    CreateMultipartUpload, Object("s3:PutObject") => s3::multipart::create_multipart_upload,
    UploadPart, Object("s3:PutObject") => s3::multipart::upload_part,
    UploadPartCopy, Object("s3:PutObject") => s3::copy::upload_part_copy,
    CompleteMultipartUpload, Object("s3:PutObject") => s3::multipart::complete_multipart_upload,
    AbortMultipartUpload, Object("s3:AbortMultipartUpload") => s3::multipart::abort_multipart_upload,
    ListParts, Object("s3:ListMultipartUploadParts") => s3::multipart::list_parts,
} answers {
    GetObject, Object("s3:GetObject") => s3::get::get_object,
    HeadObject, Object("s3:GetObject") => s3::get::head_object,
});
