//! S3's error codes: the only place where a [`Refusal`] meets them, and the envelope of its errors.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
use crate::http::{AnswerBody, full};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use std::borrow::Cow;
use vpclab_cloud::Refusal;
use vpclab_cloud::bucket::{BucketRefusal, Setting};
use vpclab_wire::WireError;
use vpclab_wire::xml::XmlWriter;

/// A refusal with what S3 says beside its code and message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Code, status and message.
    pub error: WireError,
    /// Further elements of the envelope, such as `BucketName`.
    pub elements: Vec<(&'static str, String)>,
    /// Headers of the answer.
    pub headers: Vec<(&'static str, String)>,
}

impl Fault {
    /// An error of this status, code and message.
    pub fn new(status: u16, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        WireError::new(status, code, message).into()
    }
    /// The same with another element in the envelope.
    #[must_use]
    pub fn with(mut self, element: &'static str, text: impl Into<String>) -> Self {
        self.elements.push((element, text.into()));
        self
    }
    /// The same with a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The answer; those to `HEAD` and of status 304 have no body.
    pub(super) fn into_response(self, head: bool, request_id: &str) -> Response<AnswerBody> {
        let bare = head || self.error.status == 304;
        let mut xml = XmlWriter::document();
        xml.element("Error", |xml| {
            xml.text("Code", &self.error.code);
            xml.text("Message", &self.error.message);
            self.elements.iter().for_each(|(name, text)| xml.text(name, text));
            xml.text("RequestId", request_id);
            xml.text("HostId", request_id);
        });
        let mut answer = Response::new(full(if bare { Bytes::new() } else { Bytes::from(xml.finish()) }));
        *answer.status_mut() = StatusCode::from_u16(self.error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = answer.headers_mut();
        if !bare {
            headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        }
        let common = [("x-amz-request-id", request_id.to_owned()), ("x-amz-id-2", request_id.to_owned())];
        for (name, value) in common.into_iter().chain(self.headers) {
            if let Ok(value) = HeaderValue::from_maybe_shared(Bytes::from(value)) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        answer
    }
}

impl From<WireError> for Fault {
    fn from(error: WireError) -> Self {
        Self { error, elements: Vec::new(), headers: Vec::new() }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::from(&refusal)
    }
}

impl From<&Refusal> for Fault {
    fn from(refusal: &Refusal) -> Self {
        let error = word(refusal);
        let Refusal::Bucket(refusal) = refusal else { return error.into() };
        let fault = Self::from(error);
        match refusal {
            BucketRefusal::NoSuchBucket(name)
            | BucketRefusal::AlreadyExists(name)
            | BucketRefusal::AlreadyOwnedByYou(name)
            | BucketRefusal::NotEmpty(name) => fault.with("BucketName", name.to_string()),
            BucketRefusal::NoSuchKey { key, marker: None } => fault.with("Key", key),
            BucketRefusal::NoSuchKey { key, marker: Some(version) } => {
                fault.with("Key", key).header("x-amz-delete-marker", "true").header("x-amz-version-id", version)
            }
            BucketRefusal::NoSuchVersion { key, version } => fault.with("Key", key).with("VersionId", version),
            BucketRefusal::DeleteMarker { version, .. } => fault
                .with("Method", "GET")
                .with("ResourceType", "DeleteMarker")
                .header("allow", "DELETE")
                .header("x-amz-delete-marker", "true")
                .header("x-amz-version-id", version),
            BucketRefusal::PreconditionFailed(condition) => fault.with("Condition", *condition),
            BucketRefusal::NoSuchUpload(id) => fault.with("UploadId", id),
            BucketRefusal::InvalidPart(number) => fault.with("PartNumber", number.to_string()),
            BucketRefusal::PartTooSmall(number) => {
                fault.with("MinSizeAllowed", vpclab_cloud::bucket::upload::MIN_PART.to_string()).with("PartNumber", number.to_string())
            }
            BucketRefusal::TooManyBuckets
            | BucketRefusal::InvalidPartOrder
            | BucketRefusal::NotSet(_)
            | BucketRefusal::InvalidRequest(_)
            | BucketRefusal::InvalidState(_) => fault,
        }
    }
}

/// The code, the status and the text of a refusal.
#[must_use]
pub fn word(refusal: &Refusal) -> WireError {
    let Refusal::Bucket(refusal) = refusal else { return WireError::new(400, "InvalidRequest", refusal.to_string()) };
    let (status, code, message): (u16, &str, &str) = match refusal {
        BucketRefusal::NoSuchBucket(_) => (404, "NoSuchBucket", "The specified bucket does not exist"),
        BucketRefusal::AlreadyExists(_) => (
            409,
            "BucketAlreadyExists",
            "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
        ),
        BucketRefusal::AlreadyOwnedByYou(_) => {
            (409, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.")
        }
        BucketRefusal::NotEmpty(_) => (409, "BucketNotEmpty", "The bucket you tried to delete is not empty"),
        BucketRefusal::TooManyBuckets => (400, "TooManyBuckets", "You have attempted to create more buckets than allowed"),
        BucketRefusal::NoSuchKey { .. } => (404, "NoSuchKey", "The specified key does not exist."),
        BucketRefusal::NoSuchVersion { .. } => (404, "NoSuchVersion", "The specified version does not exist."),
        BucketRefusal::DeleteMarker { .. } => (405, "MethodNotAllowed", "The specified method is not allowed against this resource."),
        BucketRefusal::PreconditionFailed(_) => {
            (412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        }
        BucketRefusal::NoSuchUpload(_) => (
            404,
            "NoSuchUpload",
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
        ),
        BucketRefusal::InvalidPart(_) => (
            400,
            "InvalidPart",
            "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        ),
        BucketRefusal::InvalidPartOrder => (
            400,
            "InvalidPartOrder",
            "The list of parts was not in ascending order. The parts list must be specified in order by part number.",
        ),
        BucketRefusal::PartTooSmall(_) => (400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size"),
        BucketRefusal::NotSet(setting) => not_set(*setting),
        BucketRefusal::InvalidRequest(text) => (400, "InvalidRequest", text),
        BucketRefusal::InvalidState(text) => (409, "InvalidBucketState", text),
    };
    WireError::new(status, code.to_owned(), message)
}

fn not_set(setting: Setting) -> (u16, &'static str, &'static str) {
    match setting {
        Setting::Policy => (404, "NoSuchBucketPolicy", "The bucket policy does not exist"),
        Setting::Tags => (404, "NoSuchTagSet", "The TagSet does not exist"),
        Setting::Cors => (404, "NoSuchCORSConfiguration", "The CORS configuration does not exist"),
        Setting::Lifecycle => (404, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
        Setting::PublicAccessBlock => (404, "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"),
        Setting::Ownership => (404, "OwnershipControlsNotFoundError", "The bucket ownership controls were not found"),
    }
}

/// `AccessDenied`
pub(super) fn denied() -> Fault {
    Fault::new(403, "AccessDenied", "Access Denied")
}

/// `InvalidArgument`
pub(super) fn invalid_argument(text: impl Into<String>) -> Fault {
    Fault::new(400, "InvalidArgument", text)
}

/// `InvalidRequest`
pub(super) fn invalid_request(text: impl Into<String>) -> Fault {
    Fault::new(400, "InvalidRequest", text)
}

/// `NotImplemented`, naming what is not served.
pub(super) fn not_served(what: &str) -> Fault {
    Fault::new(501, "NotImplemented", format!("vpclab does not serve {what} yet"))
}

/// `MalformedXML`
pub(super) fn malformed() -> Fault {
    Fault::new(400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
}

/// Something of the lab itself failed; the log has the reason.
pub(super) fn internal(why: &dyn std::fmt::Display) -> Fault {
    tracing::error!(%why, "S3 failed");
    Fault::new(500, "InternalError", "We encountered an internal error. Please try again.")
}
