//! HTTP answers: content types and the request id.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response};

use crate::json::ToJson;
use crate::protocol::Protocol;
use crate::rest::{Answer, Output};
use crate::xml::{ToXml, XmlWriter};

/// A 200 with an XML body.
pub(crate) fn xml(body: String) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(body));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/xml;charset=UTF-8"));
    answer
}

/// A 200 with a JSON body.
pub(crate) fn json(body: serde_json::Value) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(body.to_string()));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// Tells the client which JSON 1.x it reads.
pub(crate) fn json_version(answer: &mut Response<Bytes>, version: &str) {
    if let Ok(value) = HeaderValue::from_str(&format!("application/x-amz-json-{version}")) {
        answer.headers_mut().insert(CONTENT_TYPE, value);
    }
}

/// The answer with the header that SDKs show as the request's id.
pub(crate) fn with_request_id(mut answer: Response<Bytes>, protocol: Protocol, request_id: &str) -> Response<Bytes> {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        let headers = answer.headers_mut();
        if protocol == Protocol::S3 {
            headers.insert("x-amz-id-2", value.clone());
            headers.insert("x-amz-request-id", value);
        } else {
            headers.insert("x-amzn-requestid", value);
        }
    }
    answer
}

/// The answer of an operation of EC2.
pub(crate) fn ec2<T: Ec2Result>(element: &str, namespace: &str, output: &T, request_id: &str) -> Response<Bytes> {
    let mut xml = XmlWriter::document();
    xml.element_in(element, namespace, |xml| {
        xml.text("requestId", request_id);
        output.write(xml);
    });
    with_request_id(self::xml(xml.finish()), Protocol::Ec2, request_id)
}

/// The answer of an operation of a query service.
pub(crate) fn query<T: ToXml>(element: &str, namespace: &'static str, wrapper: &str, output: &T, request_id: &str) -> Response<Bytes> {
    let mut xml = XmlWriter::document();
    xml.element_in(element, namespace, |xml| {
        xml.element(wrapper, |xml| output.to_xml(xml));
        xml.element("ResponseMetadata", |xml| xml.text("RequestId", request_id));
    });
    with_request_id(self::xml(xml.finish()), Protocol::Query { namespace }, request_id)
}

/// The answer of an operation of a query service that has no result.
pub(crate) fn query_empty(element: &str, namespace: &'static str, request_id: &str) -> Response<Bytes> {
    let mut xml = XmlWriter::document();
    xml.element_in(element, namespace, |xml| {
        xml.element("ResponseMetadata", |xml| xml.text("RequestId", request_id));
    });
    with_request_id(self::xml(xml.finish()), Protocol::Query { namespace }, request_id)
}

/// The answer of an operation of a JSON 1.x service.
pub(crate) fn json_rpc<T: JsonResult>(version: &'static str, output: &T, request_id: &str) -> Response<Bytes> {
    let mut answer = output.body().map_or_else(|| Response::new(Bytes::new()), json);
    json_version(&mut answer, version);
    with_request_id(answer, Protocol::Json { version, invalid: "" }, request_id)
}

/// The answer of an operation of a REST service.
pub(crate) fn rest<T: Output>(protocol: Protocol, status: u16, output: &T, request_id: &str) -> Response<Bytes> {
    let mut answer = Answer::new(status);
    output.write(&mut answer);
    with_request_id(answer.finish(), protocol, request_id)
}

/// A result of EC2: a structure, or `()` where AWS answers `<return>true</return>`.
pub(crate) trait Ec2Result {
    fn write(&self, xml: &mut XmlWriter);
}

impl Ec2Result for () {
    fn write(&self, xml: &mut XmlWriter) {
        xml.text("return", "true");
    }
}

impl<T: ToXml> Ec2Result for T {
    fn write(&self, xml: &mut XmlWriter) {
        self.to_xml(xml);
    }
}

/// A result of a JSON 1.x operation: a structure, or `()` for an empty body.
pub(crate) trait JsonResult {
    fn body(&self) -> Option<serde_json::Value>;
}

impl JsonResult for () {
    fn body(&self) -> Option<serde_json::Value> {
        None
    }
}

impl<T: ToJson> JsonResult for T {
    fn body(&self) -> Option<serde_json::Value> {
        Some(self.to_json())
    }
}
