//! A refusal on its way to the client, and the envelope of each protocol.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};

use crate::protocol::Protocol;
use crate::response;
use crate::xml::XmlWriter;

/// What the client is told: AWS's error code, the HTTP status and the message.
///
/// ```
/// use vpclab_wire::WireError;
/// let error = WireError::new(400, "InvalidVpcID.NotFound", "The vpc ID 'vpc-1' does not exist");
/// assert_eq!(error.status(), 400);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireError {
    /// AWS's code, for instance `InvalidVpcID.NotFound` or `BadRequestException`.
    pub code: Cow<'static, str>,
    /// The HTTP status.
    pub status: u16,
    /// The text for the caller.
    pub message: String,
}

impl WireError {
    /// An error of this status, code and message.
    pub fn new(status: u16, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { code: code.into(), status, message: message.into() }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The HTTP answer in the envelope that clients of `protocol` read.
    #[must_use]
    pub fn into_response(self, protocol: Protocol, request_id: &str) -> Response<Bytes> {
        let mut answer = match protocol {
            Protocol::Ec2 => response::xml(self.ec2_body(request_id)),
            Protocol::Query { namespace } => response::xml(self.query_body(namespace, request_id)),
            Protocol::RestXml { namespace, .. } => response::xml(self.query_body(namespace, request_id)),
            Protocol::S3 => response::xml(self.s3_body(request_id)),
            Protocol::RestJson { .. } => response::json(self.json_body()),
            Protocol::Json { version, .. } => {
                let mut answer = response::json(self.json_body());
                response::json_version(&mut answer, version);
                answer
            }
        };
        if matches!(protocol, Protocol::RestJson { .. } | Protocol::Json { .. })
            && let Ok(value) = HeaderValue::from_str(&self.code)
        {
            answer.headers_mut().insert("x-amzn-errortype", value);
        }
        *answer.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response::with_request_id(answer, protocol, request_id)
    }

    fn s3_body(&self, request_id: &str) -> String {
        let mut xml = XmlWriter::document();
        xml.element("Error", |xml| {
            xml.text("Code", &self.code);
            xml.text("Message", &self.message);
            xml.text("RequestId", request_id);
        });
        xml.finish()
    }

    fn ec2_body(&self, request_id: &str) -> String {
        let mut xml = XmlWriter::document();
        xml.element("Response", |xml| {
            xml.element("Errors", |xml| {
                xml.element("Error", |xml| {
                    xml.text("Code", &self.code);
                    xml.text("Message", &self.message);
                });
            });
            xml.text("RequestID", request_id);
        });
        xml.finish()
    }

    fn query_body(&self, namespace: &str, request_id: &str) -> String {
        let blame = if self.status >= 500 { "Receiver" } else { "Sender" };
        let mut xml = XmlWriter::document();
        xml.element_in("ErrorResponse", namespace, |xml| {
            xml.element("Error", |xml| {
                xml.text("Type", blame);
                xml.text("Code", &self.code);
                xml.text("Message", &self.message);
            });
            xml.text("RequestId", request_id);
        });
        xml.finish()
    }

    /// `__type` serves JSON 1.x clients; REST-JSON ones read the header and skip it.
    fn json_body(&self) -> serde_json::Value {
        serde_json::json!({ "message": self.message, "__type": self.code })
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.code, self.status, self.message)
    }
}

impl std::error::Error for WireError {}
