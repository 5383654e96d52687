//! HTTP answers: content types and the request id.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use crate::json::ToJson;
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

/// The answer with the header that SDKs show as the request's id.
pub(crate) fn with_request_id(mut answer: Response<Bytes>, request_id: &str) -> Response<Bytes> {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        answer.headers_mut().insert("x-amzn-requestid", value);
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
    with_request_id(self::xml(xml.finish()), request_id)
}

/// The answer of an operation of a query service.
pub(crate) fn query<T: ToXml>(element: &str, namespace: &str, wrapper: &str, output: &T, request_id: &str) -> Response<Bytes> {
    let mut xml = XmlWriter::document();
    xml.element_in(element, namespace, |xml| {
        if !wrapper.is_empty() {
            xml.element(wrapper, |xml| output.to_xml(xml));
        }
        xml.element("ResponseMetadata", |xml| xml.text("RequestId", request_id));
    });
    with_request_id(self::xml(xml.finish()), request_id)
}

/// The answer of an operation of a REST-JSON service.
pub(crate) fn rest_json<T: RestResult>(status: u16, output: &T, request_id: &str) -> Response<Bytes> {
    let mut answer = match output.body() {
        Some(body) => json(body),
        None => Response::new(Bytes::new()),
    };
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    with_request_id(answer, request_id)
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

/// A result of a REST-JSON operation: a structure, or `()` for an empty body.
pub(crate) trait RestResult {
    fn body(&self) -> Option<serde_json::Value>;
}

impl RestResult for () {
    fn body(&self) -> Option<serde_json::Value> {
        None
    }
}

impl<T: ToJson> RestResult for T {
    fn body(&self) -> Option<serde_json::Value> {
        Some(self.to_json())
    }
}
